"""No decision destroys in silence what two months of silence gave (CASF L. 232-14)."""

import uuid
from datetime import date, timedelta

import pytest
from django.db.backends.postgresql.psycopg_any import DateRange
from django.urls import reverse

from egide.systems.apa_ash import models as m
from egide.systems.apa_ash.models.signature import Ordre
from egide.systems.apa_ash.presentation.decision import list_actes
from egide.systems.apa_ash.purposes import INSTRUCTION
from egide.systems.apa_ash.queries.decision import load_situation
from egide.systems.apa_ash.services import projets, silence
from egide.systems.apa_ash.services.silence import SilenceNonConstate
from tests.personas import today
from tests.systems.apa_ash import signature, situations
from tests.systems.apa_ash.situations import droits
from tests.systems.apa_ash.test_decisions import no_stable_home, tacite
from tests.systems.apa_ash.test_projets import proposed

COMPLETE = date(2026, 9, 4)
SILENCE = date(2026, 11, 5)  # the morrow of the two months
ONE_DAY = timedelta(days=1)
EVE, MORROW = SILENCE - ONE_DAY, SILENCE + ONE_DAY
TOLD = "Un forfait tacite est dû depuis le"


@pytest.fixture
def dossier(team):
    found = situations.ready(team.nord, on=date(2026, 10, 4), by=team.chloe)
    complete(found, on=COMPLETE)
    return found


def complete(dossier, *, on):
    m.Demande.objects.filter(dossier=dossier).update(recue_on=on, accuse_on=on, complete_on=on)


def reject(passage, dossier):
    return projets.propose_rejet(
        passage, jeton=uuid.uuid4(), dossier_id=dossier.pk, code="residence"
    )


PROPOSE = {"accord": proposed, "rejet": reject}


@pytest.fixture(params=PROPOSE)
def waiting(request, team, dossier, on_day):
    """A decision that waits for its signature since before the silence."""
    if request.param == "rejet":
        no_stable_home(dossier)
    with on_day(team.alice, date(2026, 10, 20)) as passage:
        return PROPOSE[request.param](passage, dossier)


@pytest.mark.parametrize(
    ("on", "refused"), [(EVE, False), (SILENCE, False), (MORROW, True), (date(2026, 12, 2), True)]
)
def test_a_signature_takes_no_day_that_silence_gave(team, dossier, waiting, on_day, on, refused):
    with on_day(team.remi, on) as passage:
        if not refused:
            assert projets.sign_projet(passage, projet_id=waiting.pk).prise_on == on
            return
        with pytest.raises(SilenceNonConstate, match=r"5.novembre.2026, 1.040,16.€ par mois"):
            projets.sign_projet(passage, projet_id=waiting.pk)
    assert droits(dossier) == []
    waiting.refresh_from_db()
    assert waiting.etat == "propose"


def test_once_recorded_the_lump_sum_ends_on_the_eve_of_what_waited(team, dossier, waiting, on_day):
    with on_day(team.alice, MORROW) as passage:
        tacite(passage, dossier)
    with on_day(team.remi, date(2026, 11, 20)) as passage:
        projets.sign_projet(passage, projet_id=waiting.pk)
    lump, *others = droits(dossier)
    assert lump[:2] == (SILENCE, date(2026, 11, 20))
    assert [low for low, _, _ in others] == (
        [date(2026, 11, 20)] if waiting.nature == "accord" else []
    )


@pytest.mark.parametrize("kind", PROPOSE)
@pytest.mark.parametrize(("on", "refused"), [(SILENCE, False), (MORROW, True)])
def test_nothing_is_proposed_over_a_silence_either(team, dossier, on_day, kind, on, refused):
    no_stable_home(dossier) if kind == "rejet" else None
    with on_day(team.alice, on) as passage:
        if refused:
            with pytest.raises(SilenceNonConstate, match="constatez-le d’abord"):
                PROPOSE[kind](passage, dossier)
        else:
            assert PROPOSE[kind](passage, dossier).etat == "propose"


@pytest.mark.parametrize(("on", "refused"), [(EVE, False), (SILENCE, True)])
def test_an_effect_still_to_come_would_take_days_of_the_lump_sum(
    team, dossier, on_day, on, refused
):
    with on_day(team.alice, date(2026, 10, 20)) as passage:
        projet = proposed(passage, dossier, effet_on=date(2026, 11, 30), motif="Retour.")
    with on_day(team.remi, on) as passage:
        if refused:
            with pytest.raises(SilenceNonConstate):
                projets.sign_projet(passage, projet_id=projet.pk)
        else:
            assert projets.sign_projet(passage, projet_id=projet.pk).effet_on.month == 11


def test_a_revision_has_no_silence_to_record(team, dossier, on_day):
    m.Demande.objects.filter(dossier=dossier).update(nature="revision")
    with on_day(team.alice, date(2026, 12, 2)) as passage:
        projet = proposed(passage, dossier)
    with on_day(team.remi, date(2026, 12, 3)) as passage:
        assert projets.sign_projet(passage, projet_id=projet.pk).nature == "accord"


def test_a_file_that_is_not_complete_has_no_silence(team, dossier, on_day):
    no_stable_home(dossier)
    m.Demande.objects.filter(dossier=dossier).update(complete_on=None)
    with on_day(team.alice, date(2026, 12, 2)) as passage:
        assert reject(passage, dossier).etat == "propose"


def test_a_silence_told_late_is_signed_beside_what_waits_and_before_it(
    team, dossier, waiting, on_day
):
    """A month later the lump sum itself is proposed: two signatures, the older silence first."""
    late = date(2026, 12, 2)
    with on_day(team.remi, late) as passage, pytest.raises(SilenceNonConstate, match="proposez-le"):
        projets.sign_projet(passage, projet_id=waiting.pk)
    with on_day(team.alice, late) as passage:
        said = {"dossier_id": dossier.pk}
        lump = projets.propose_forfait_tacite(passage, jeton=uuid.uuid4(), **said)
        with pytest.raises(projets.DejaPropose):
            projets.propose_forfait_tacite(passage, jeton=uuid.uuid4(), **said)
    with on_day(team.remi, late) as passage:
        with pytest.raises(SilenceNonConstate):
            projets.sign_projet(passage, projet_id=waiting.pk)
        projets.sign_projet(passage, projet_id=lump.pk)
        projets.sign_projet(passage, projet_id=waiting.pk)
    assert droits(dossier)[0][:2] == (SILENCE, late)


def test_an_urgency_ends_on_the_eve_of_what_silence_gives(team, dossier, on_day):
    """Its two months are those of the silence: it covers no day of it."""
    m.Demande.objects.filter(dossier=dossier).update(
        nature="urgence", urgence_attestee_par="Dr Roux"
    )
    with on_day(team.alice, date(2026, 10, 20)) as passage:
        signature.urgence(passage, dossier.pk)
    with on_day(team.alice, MORROW) as passage:
        with pytest.raises(SilenceNonConstate):
            proposed(passage, dossier)
        tacite(passage, dossier)
    assert [(low, up) for low, up, _ in droits(dossier)] == [(COMPLETE, SILENCE), (SILENCE, None)]


@pytest.mark.parametrize(
    ("periode", "covers"),
    [
        (DateRange(COMPLETE, SILENCE), False),
        (DateRange(COMPLETE, MORROW), True),
        (DateRange(MORROW, None), True),
        (DateRange(empty=True), False),  # a death had emptied it
    ],
)
def test_a_right_that_covers_no_day_of_the_silence_does_not_stand_for_it(
    team, dossier, on_day, periode, covers
):
    decided = {"service": dossier.service, "dossier": dossier}
    m.Droit.objects.create(
        **decided,
        decision=m.Decision.objects.create(
            **decided, nature="urgence", prise_on=COMPLETE, effet_on=COMPLETE
        ),
        periode=periode,
        gir=1,
        couple=False,
        ressources_mensuelles=0,
        plan_mensuel=1000,
        taux_participation=0,
        participation=0,
        apa=1000,
        forfait=True,
    )
    with on_day(team.alice, MORROW) as passage:
        situation = load_situation(passage, pk=dossier.pk)
    due = silence.silence_due(situation, effet_on=MORROW, on=MORROW)
    assert due == (None if covers else SILENCE)


# The screens.


@pytest.fixture
def sign_in(client, team):
    def enter(name):
        client.force_login(team.agents[name], "egide.kernel.access.backends.AgentBackend")
        return client

    return enter


def overdue(dossier):
    """Let the two months have ended in a month that is over."""
    complete(dossier, on=today() - timedelta(days=100))


def pending(team, entering):
    """A decision that waits while the two months are not over."""
    made = situations.ready(team.nord, on=today(), by=team.chloe)
    with entering(team.alice, INSTRUCTION) as passage:
        return proposed(passage, made, revision_on=today() + timedelta(days=700))


@pytest.mark.parametrize(
    ("on", "proposed_too", "offered"),
    [
        (EVE, False, None),
        (MORROW, False, "forfait"),
        (date(2026, 12, 2), False, "forfait-tardif"),
        (date(2026, 12, 2), True, None),
    ],
)
def test_while_a_decision_waits_the_silence_is_offered(
    team, dossier, waiting, on_day, on, proposed_too, offered
):
    with on_day(team.alice, on) as passage:
        situation = load_situation(passage, pk=dossier.pk)
    proposed = [Ordre.DEMANDE, Ordre.SILENCE] if proposed_too else [Ordre.DEMANDE]
    acts = dict(list_actes(situation, on=on, proposed=proposed))
    assert [code for code in acts if code.startswith("forfait")] == ([offered] if offered else [])
    assert "accord" not in acts


def test_the_screens_say_what_to_do_and_offer_it(team, entering, sign_in):
    projet = pending(team, entering)
    dossier = projet.dossier
    overdue(dossier)
    offered, code = "Proposer le forfait tacite", "forfait-tardif"
    tab = reverse("apa_ash:decision", args=[dossier.pk])
    client = sign_in("alice")
    assert offered in client.get(tab).content.decode()
    for act in ("accord", "rejet"):
        page = client.get(reverse("apa_ash:acte_decision", args=[dossier.pk, act]))
        assert TOLD in page.content.decode(), act
    client = sign_in("remi")
    alone = reverse("apa_ash:projet", args=[projet.pk])
    assert TOLD in client.get(alone).content.decode()
    refused = client.post(alone)
    assert (refused.status_code, TOLD in refused.content.decode()) == (422, True)
    together = reverse("apa_ash:a_signer")
    sent = client.post(together, {"projets": [str(projet.pk)]}, follow=True).content.decode()
    assert TOLD in sent
    assert droits(dossier) == []
    act = reverse("apa_ash:acte_decision", args=[dossier.pk, code])
    assert sign_in("alice").post(act, {"jeton": str(uuid.uuid4())}).status_code == 302
    assert offered not in client.get(tab).content.decode()


def test_signed_together_the_lump_sum_comes_first(team, entering, sign_in):
    projet = pending(team, entering)
    overdue(projet.dossier)
    with entering(team.alice, INSTRUCTION) as passage:
        lump = projets.propose_forfait_tacite(
            passage, jeton=uuid.uuid4(), dossier_id=projet.dossier_id
        )
    client = sign_in("alice")
    tab = client.get(reverse("apa_ash:decision", args=[projet.dossier_id])).content.decode()
    assert tab.count("Retirer la proposition") == 2
    sent = {"projets": [str(projet.pk), str(lump.pk)]}
    html = sign_in("remi").post(reverse("apa_ash:a_signer"), sent, follow=True).content.decode()
    assert "2 décisions signées" in html
    assert [up for _, up, _ in droits(projet.dossier)] == [today(), None]


def test_what_was_sent_back_is_not_hidden_by_the_lump_sum_proposed_since(team, entering, sign_in):
    projet = pending(team, entering)
    overdue(projet.dossier)
    with entering(team.remi, INSTRUCTION) as passage:
        projets.return_projet(passage, projet_id=projet.pk, motif="Revoir la révision.")
    with entering(team.alice, INSTRUCTION) as passage:
        projets.propose_forfait_tacite(passage, jeton=uuid.uuid4(), dossier_id=projet.dossier_id)
    client = sign_in("alice")
    for address in (
        reverse("apa_ash:journee"),
        reverse("apa_ash:decision", args=[projet.dossier_id]),
    ):
        assert "Revoir la révision." in client.get(address).content.decode(), address
