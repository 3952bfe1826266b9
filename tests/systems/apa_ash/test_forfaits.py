"""The thresholds of lump sums and of closing a right, on each side of their day; no row is needed.

What the acts make of them is tested with decisions; here a file is what a rule reads of it.
"""

import uuid
from datetime import date
from types import SimpleNamespace

import pytest
from django.db.backends.postgresql.psycopg_any import DateRange

from egide.kernel.refus import BaremeProvisoire
from egide.systems.apa_ash.models.demande import NatureDemande
from egide.systems.apa_ash.models.droit import NatureDecision
from egide.systems.apa_ash.services import droits, effet, forfaits, silence
from tests.systems.apa_ash.test_decisions import tacite, waiting

RECUE, COMPLETE = date(2026, 9, 1), date(2026, 9, 19)
DUE = date(2026, 11, 20)  # the morrow of the two months
EMPTY = DateRange(empty=True)


def right(lower, upper=None, **more):
    return SimpleNamespace(periode=DateRange(lower, upper), **more)


def file(*rights, en_instruction=True, **demande):
    """What silence and urgency read of a file: its request, its rights, whether it is decided."""
    asked = {
        "nature": NatureDemande.PREMIERE,
        "recue_on": RECUE,
        "complete_on": COMPLETE,
        "accuse_on": RECUE,
        "urgence_attestee_par": "",
    }
    return SimpleNamespace(
        demande=SimpleNamespace(**asked | demande), droits=rights, en_instruction=en_instruction
    )


@pytest.mark.parametrize(
    ("change", "since"),
    [
        ({}, DUE),
        ({"nature": NatureDemande.URGENCE}, DUE),
        ({"nature": NatureDemande.REVISION}, None),
        ({"complete_on": None}, None),
        ({"en_instruction": False}, None),
    ],
    ids=str,
)
def test_silence_runs_on_a_complete_request_that_nobody_decided(change, since):
    assert silence.tacite_effet(file(**change)) == since


def test_silence_runs_on_no_file_without_a_request():
    assert silence.tacite_effet(SimpleNamespace(demande=None, droits=[], en_instruction=True)) is (
        None
    )


COVERED = [
    ((RECUE, None), True),
    ((RECUE, date(2026, 11, 21)), True),
    ((RECUE, DUE), False),  # it ends on the eve
    ((date(2026, 12, 1), None), True),
]


@pytest.mark.parametrize(("days", "covered"), COVERED)
def test_a_right_that_runs_on_its_first_day_or_after_leaves_silence_nothing(days, covered):
    waits = file(right(*days))
    assert silence.silence_covered(waits, effet_on=DUE) is covered
    if covered:
        with pytest.raises(forfaits.ForfaitDejaOuvert):
            forfaits.check_tacite(waits, on=DUE)
    else:
        assert forfaits.check_tacite(waits, on=DUE) == DUE


def test_a_right_that_was_emptied_covers_no_silence():
    cancelled = SimpleNamespace(periode=EMPTY)
    assert forfaits.check_tacite(file(cancelled), on=DUE) == DUE
    with pytest.raises(silence.SilenceNonConstate):
        silence.check_silence(file(cancelled), effet_on=date(2026, 11, 21), on=DUE)


@pytest.mark.parametrize(
    ("effet_on", "on", "refused"),
    [
        (date(2026, 11, 21), DUE, True),
        (DUE, DUE, False),  # the decision takes no day of it
        (date(2026, 11, 21), date(2026, 11, 19), False),
    ],
)
def test_a_decision_waits_for_the_silence_that_it_would_destroy(effet_on, on, refused):
    if refused:
        with pytest.raises(silence.SilenceNonConstate):
            silence.check_silence(file(), effet_on=effet_on, on=on)
    else:
        silence.check_silence(file(), effet_on=effet_on, on=on)


URGENT = {"nature": NatureDemande.URGENCE, "urgence_attestee_par": "Dr Roux"}


@pytest.mark.parametrize(
    ("change", "until"),
    [
        ({}, DUE),
        ({"complete_on": None}, date(2026, 11, 2)),  # the two months run from the request
        ({"nature": NatureDemande.PREMIERE}, None),
        ({"urgence_attestee_par": ""}, None),
        ({"en_instruction": False}, None),
    ],
    ids=str,
)
def test_an_urgency_lasts_from_the_request_to_the_end_of_the_two_months(change, until):
    waits = file(**URGENT | change)
    if until is None:
        with pytest.raises(forfaits.UrgenceNonAttestee):
            forfaits.check_urgence(waits)
    else:
        assert forfaits.check_urgence(waits) == DateRange(RECUE, until)


@pytest.mark.parametrize(
    ("days", "refused"),
    [
        ((date(2026, 1, 1), RECUE), False),
        ((date(2026, 1, 1), date(2026, 9, 2)), True),
        ((date(2026, 1, 1), None), True),
        ((date(2026, 11, 19), None), True),
        ((DUE, None), False),
        ((DUE, date(2026, 12, 1)), False),
    ],
)
def test_an_urgency_shares_no_day_with_a_right(days, refused):
    cancelled = SimpleNamespace(periode=EMPTY)
    waits = file(cancelled, right(*days), **URGENT)
    if refused:
        with pytest.raises(forfaits.ForfaitDejaOuvert):
            forfaits.check_urgence(waits)
    else:
        assert forfaits.check_urgence(waits).lower == RECUE


def test_an_urgency_is_not_granted_on_figures_that_nobody_verified():
    with pytest.raises(BaremeProvisoire):
        forfaits.check_urgence(file(**URGENT | {"recue_on": date(2027, 1, 4)}))


def test_a_form_sent_twice_grants_one_lump_sum(team, on_day):
    dossier = waiting(team, complete_on=COMPLETE)
    said = {"jeton": uuid.uuid4(), "dossier_id": dossier.pk}
    with on_day(team.alice, DUE) as passage:
        first = forfaits.grant_forfait_tacite(passage, **said)
        assert forfaits.grant_forfait_tacite(passage, **said) == first
        with pytest.raises(forfaits.ForfaitDejaOuvert):
            tacite(passage, dossier)


# Closing.


@pytest.mark.parametrize(
    ("days", "left"),
    [
        ((date(2026, 1, 1), None), (date(2026, 1, 1), DUE)),
        ((date(2026, 1, 1), date(2026, 11, 21)), (date(2026, 1, 1), DUE)),
        ((date(2026, 1, 1), DUE), "as it is"),
        ((date(2026, 11, 19), None), (date(2026, 11, 19), DUE)),
        ((DUE, None), "refused"),
        ((date(2026, 12, 1), None), "refused"),
    ],
)
def test_a_right_ends_on_the_eve_and_one_to_come_is_an_obstacle(monkeypatch, days, left):
    closed = {}
    keep = SimpleNamespace(update=lambda _, row, periode: closed.update({id(row): periode}))
    monkeypatch.setattr(droits, "DROITS", keep)
    row, cancelled = right(*days), SimpleNamespace(periode=EMPTY)
    situation = SimpleNamespace(droits=[cancelled, row])
    if left == "refused":
        with pytest.raises(droits.DroitDejaOuvert):
            droits.check_closable(situation, on=DUE)
        with pytest.raises(droits.DroitDejaOuvert):
            droits.close_droits(None, situation=situation, on=DUE)
        assert not closed
        droits.close_droits(None, situation=situation, on=DUE, annul_later=True)
        assert closed == {id(row): EMPTY}
    else:
        droits.check_closable(situation, on=DUE)
        droits.close_droits(None, situation=situation, on=DUE)
        assert closed == ({} if left == "as it is" else {id(row): DateRange(*left)})


def test_only_the_lump_sums_of_this_procedure_are_set_off(monkeypatch):
    """Those since the last express decision, its very day included; a suspension is none."""
    counted = []

    def dus_of(_, *, droits):
        counted.extend(droits)
        return SimpleNamespace(between=lambda since, end: (since, end))

    monkeypatch.setattr(droits, "dus_of", dus_of)
    before, same = (right(date(2026, 5, day), forfait=True) for day in (9, 10))
    rights = [before, same, right(DUE, forfait=False), SimpleNamespace(periode=EMPTY, forfait=True)]
    taken = [
        SimpleNamespace(nature=NatureDecision.SUSPENSION, effet_on=date(2026, 8, 1)),
        SimpleNamespace(nature=NatureDecision.REJET, effet_on=date(2026, 5, 10)),
        SimpleNamespace(nature=NatureDecision.ACCORD, effet_on=date(2026, 1, 1)),
    ]
    situation = SimpleNamespace(droits=rights, decisions=taken, premiere_on=date(2026, 4, 1))
    assert droits.avance_versee(situation, until=DUE) == (date(2026, 5, 10), DUE)
    assert counted == [same]
    # Nor those of a request that another one followed without any decision.
    counted.clear()
    situation.premiere_on = date(2026, 5, 11)
    assert droits.avance_versee(situation, until=DUE) == (date(2026, 5, 11), DUE)
    assert counted == []


# The day of effect.


@pytest.mark.parametrize(
    ("proposed", "signed"),
    [
        (None, (DUE, "")),
        (date(2026, 11, 19), (DUE, "")),  # the day of the proposal
        (DUE, (DUE, "")),
        (date(2026, 11, 21), (date(2026, 11, 21), "Retour")),
        (date(2026, 11, 18), (date(2026, 11, 18), "")),  # told as past: checked again
    ],
)
def test_a_right_opens_on_its_signature_unless_another_day_was_proposed(proposed, signed):
    projet = SimpleNamespace(effet_on=proposed, propose_on=date(2026, 11, 19), motif="Retour")
    nothing = SimpleNamespace(demande=None, droit_en_cours=lambda _on: None, etablies=[])
    assert effet.effet_signe(nothing, projet=projet, on=DUE) == signed
