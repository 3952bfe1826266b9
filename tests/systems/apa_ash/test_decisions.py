"""Decide: agreement, refusal, lump sums; what each one opens, closes, sends and refuses."""

import uuid
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import ProgrammingError, connection, transaction

from egide.kernel.access.passage import Refused
from egide.kernel.catalogue.declarations import REGISTRY
from egide.kernel.refus import BaremeProvisoire
from egide.rules.apa.feuille import FeuilleDeCalcul
from egide.systems.apa_ash import models as m
from egide.systems.apa_ash.letters import render
from egide.systems.apa_ash.models.demande import NatureDemande
from egide.systems.apa_ash.models.dossier import Echeance, Etat
from egide.systems.apa_ash.models.droit import NatureDecision
from egide.systems.apa_ash.models.plan import EtatPlan
from egide.systems.apa_ash.purposes import EVALUATION, PAIEMENT, PURPOSES
from egide.systems.apa_ash.queries.decision import load_situation, stored_lines
from egide.systems.apa_ash.services import decisions, forfaits
from egide.systems.apa_ash.services.droits import DroitDejaOuvert, find_taken
from egide.systems.apa_ash.services.lettres_decision import premier_paiement
from egide.systems.apa_ash.services.rejets import MOTIFS, MotifContredit, PrestationNonNommee
from tests import factories
from tests.systems.apa_ash import signature, situations
from tests.systems.apa_ash.situations import droits

DAY = date(2026, 11, 20)
REVISION = date(2029, 11, 20)


@pytest.fixture
def dossier(team):
    return situations.ready(team.nord, on=DAY, by=team.chloe)


def accord(passage, dossier, **changes):
    values = {"jeton": uuid.uuid4(), "effet_on": DAY, "revision_on": REVISION} | changes
    return signature.accord(passage, dossier.pk, **values)


def reject(passage, dossier, code, **changes):
    return signature.rejet(passage, dossier.pk, code, **changes)


def verbs():
    with connection.cursor() as cursor:
        cursor.execute("SELECT verb, outcome FROM audit.trail ORDER BY at")
        return cursor.fetchall()


def test_an_accepted_plan_becomes_a_right_with_its_letter_and_its_sheet(team, dossier, on_day):
    with on_day(team.alice, DAY) as passage:
        decision = accord(passage, dossier)
    dossier.refresh_from_db()
    assert (dossier.etat, dossier.echeance, dossier.echeance_on) == (
        Etat.OUVERT,
        Echeance.REVISION,
        REVISION,
    )
    # 1 000 € at 1 500 €, S 1 288.13: computed by the rule, kept with the act as it was.
    feuille = FeuilleDeCalcul.from_json(decision.feuille)
    assert droits(dossier) == [(DAY, None, feuille.apa)]
    assert feuille.age == 87
    assert feuille.apa == Decimal("1000.00") - feuille.participation
    letter = m.Courrier.objects.get(dossier=dossier)
    assert (letter.nature, letter.decision_id) == ("decision_accord", decision.pk)
    assert bytes(letter.pdf).startswith(b"%PDF")
    assert (decision.prise_on, decision.notifiee_on, decision.effet_on) == (DAY, DAY, DAY)
    assert decision.prise_par_id == team.remi.pk  # who signs takes the decision
    assert {("proposer un accord d’APA", "fait"), ("signer une décision", "fait")} <= set(verbs())


@pytest.mark.parametrize("name", ["bruno", "chloe", "paul", "carole", "denis", "edith", "victor"])
def test_nobody_else_decides(team, dossier, on_day, name):
    with on_day(team.agents[name], DAY) as passage, pytest.raises(Refused):
        accord(passage, dossier)
    assert droits(dossier) == []


@pytest.mark.parametrize("purpose", [EVALUATION, PAIEMENT], ids=lambda purpose: purpose.code)
def test_no_other_purpose_decides(team, dossier, on_day, purpose):
    agent = {"evaluation": team.chloe, "paiement": team.paul}[purpose.code]
    with on_day(agent, DAY, purpose=purpose) as passage, pytest.raises(Refused):
        accord(passage, dossier)


def test_a_form_sent_twice_decides_once(team, dossier, on_day):
    jeton = uuid.uuid4()
    with on_day(team.alice, DAY) as passage:
        first = accord(passage, dossier, jeton=jeton)
        again = accord(passage, dossier, jeton=jeton)
    assert first == again
    assert len(droits(dossier)) == m.Courrier.objects.filter(dossier=dossier).count() == 1


def test_a_second_decision_needs_a_second_request(team, dossier, on_day):
    with on_day(team.alice, DAY) as passage:
        accord(passage, dossier)
        with pytest.raises(decisions.RienADecider):
            accord(passage, dossier)


def beyond_the_ceiling(dossier):
    """Make the plan 1 344,00 € in GIR 3, whose ceiling is 1 215,99 € in 2026."""
    m.PlanAide.objects.filter(dossier=dossier).update(gir=3)
    m.Evaluation.objects.filter(dossier=dossier).update(gir=3)
    ligne = m.LignePlan.objects.get(dossier=dossier)
    ligne.volume_mensuel, ligne.tarif = Decimal("1.00"), Decimal("1344.00")
    ligne.save()
    m.Ressources.objects.filter(dossier=dossier).update(ressources_mensuelles=Decimal("2230.38"))


def test_a_plan_beyond_the_ceiling_is_shared_as_its_sheet_says(team, dossier, on_day, monkeypatch):
    beyond_the_ceiling(dossier)
    sent = []
    monkeypatch.setattr(decisions, "send_letter", lambda *_, contenu, **__: sent.append(contenu))
    with on_day(team.alice, DAY) as passage:
        accord(passage, dossier)
    plan = sent[0].plan
    assert (plan.total, plan.plafond, plan.retenu) == (
        Decimal("1344.00"),
        Decimal("1215.99"),
        Decimal("1215.99"),
    )
    assert (plan.participation, plan.apa) == (Decimal("431.60"), Decimal("784.39"))
    assert (plan.depassement, plan.reste) == (Decimal("128.01"), Decimal("559.61"))
    assert m.Droit.objects.get(dossier=dossier).apa == Decimal("784.39")


@pytest.mark.parametrize(
    ("prise_on", "effet_on", "paid_on"),
    [
        (date(2026, 11, 22), date(2026, 11, 22), date(2026, 12, 10)),  # November as arrears
        (date(2026, 11, 22), date(2026, 12, 1), date(2026, 12, 10)),
        (date(2026, 11, 30), date(2026, 11, 30), date(2026, 12, 10)),
        (date(2026, 12, 1), date(2026, 12, 1), date(2027, 1, 10)),
        (date(2026, 11, 22), date(2027, 2, 1), date(2027, 2, 10)),
    ],
)
def test_the_first_payment_is_in_the_month_after_the_decision(prise_on, effet_on, paid_on):
    """R. 232-30 counts from the decision, not from the day of effect."""
    assert premier_paiement(prise_on, effet_on=effet_on) == paid_on


@pytest.mark.parametrize(
    ("days", "refused"), [(-1, True), (0, False), (92, False), (93, True)], ids=str
)
def test_rights_open_from_the_notification_and_not_far_after(team, dossier, on_day, days, refused):
    day = date(2026, 9, 1)
    effet = day + timedelta(days=days)
    with on_day(team.alice, day) as passage:
        if refused or effet.month == 12:
            with pytest.raises(decisions.EffetImpossible, match=r"le 1er.décembre.2026 par usage"):
                accord(passage, dossier, effet_on=effet)
        else:
            granted = accord(passage, dossier, effet_on=effet, motif="Retour au domicile.")
            assert granted.effet_on == effet
            assert granted.motif == ("Retour au domicile." if days else "")


@pytest.mark.parametrize("days", [0, 11])
def test_the_letter_says_why_the_right_opens_later(team, dossier, on_day, monkeypatch, days):
    letters, original = [], render.render

    def keep(letter):
        letters.append(letter)
        return original(letter)

    monkeypatch.setattr(render, "render", keep)
    with on_day(team.alice, DAY) as passage:
        accord(passage, dossier, effet_on=DAY + timedelta(days=days), motif="Retour au domicile.")
    assert letters[-1].contenu.motif_effet == ("Retour au domicile." if days else "")


def test_a_right_that_opens_after_its_notification_needs_a_reason(team, dossier, on_day):
    later = DAY + timedelta(days=11)
    with on_day(team.alice, DAY) as passage, pytest.raises(decisions.EffetTardifSansMotif):
        accord(passage, dossier, effet_on=later, motif="  ")
    assert droits(dossier) == []


@pytest.mark.parametrize("revision_on", [DAY, date(2031, 11, 21)])
def test_the_periodic_revision_is_within_five_years(team, dossier, on_day, revision_on):
    told = r"suit la date d’effet \(CASF R. 232-28\), au plus tard le 20.novembre.2031 par usage"
    with (
        on_day(team.alice, DAY) as passage,
        pytest.raises(decisions.RevisionImpossible, match=told),
    ):
        accord(passage, dossier, revision_on=revision_on)


def test_figures_that_nobody_verified_are_simulated_and_never_notified(team, dossier, on_day):
    effet = date(2027, 1, 1)
    with on_day(team.alice, DAY) as passage:
        situation = load_situation(passage, pk=dossier.pk)
        simulated = decisions.simulate(
            dossier=situation.dossier,
            hypotheses=decisions.read_hypotheses(situation, effet_on=effet),
        )
        assert simulated.provisoire
        assert simulated.apa > 0
        with pytest.raises(BaremeProvisoire, match="jamais notifiés"):
            accord(passage, dossier, effet_on=effet)
    assert droits(dossier) == []


def incomplete(dossier):
    m.Demande.objects.filter(dossier=dossier).update(complete_on=None)


def without_resources(dossier):
    m.Ressources.objects.filter(dossier=dossier).update(en_vigueur=False)


def not_answered(dossier):
    m.Dossier.objects.filter(pk=dossier.pk).update(etat=Etat.PROPOSE)


def another_gir(dossier):
    m.Evaluation.objects.filter(dossier=dossier).update(gir=3)


def no_stable_home(dossier):
    m.Demande.objects.filter(dossier=dossier).update(residence_stable=False)


def too_young(dossier):
    m.Identite.objects.filter(dossier=dossier).update(naissance_on=date(1966, 11, 21))


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        (incomplete, decisions.DossierIncomplet),
        (without_resources, decisions.RessourcesAbsentes),
        (not_answered, decisions.PlanNonAccepte),
        (another_gir, decisions.PlanDepasse),
        (no_stable_home, decisions.ConditionNonRemplie),
        (too_young, decisions.ConditionNonRemplie),
    ],
)
def test_an_agreement_lacking_a_part_is_refused_and_changes_nothing(
    team, dossier, on_day, change, refusal
):
    change(dossier)
    with on_day(team.alice, DAY) as passage, pytest.raises(refusal):
        accord(passage, dossier)
    assert droits(dossier) == []
    assert not m.Courrier.objects.filter(dossier=dossier).exists()


def test_sixty_on_the_day_of_effect_is_old_enough(team, dossier, on_day):
    m.Identite.objects.filter(dossier=dossier).update(naissance_on=date(1966, 11, 20))
    with on_day(team.alice, DAY) as passage:
        assert accord(passage, dossier).nature == NatureDecision.ACCORD


# Refusals: each ground holds only where the file establishes it.


@pytest.mark.parametrize(
    ("code", "change", "article"),
    [
        ("age", too_young, "R. 232-1"),
        ("residence", no_stable_home, "R. 232-2"),
        ("gir", lambda d: m.Evaluation.objects.filter(dossier=d).update(gir=5), "R. 232-4"),
        (
            "refus",
            lambda d: m.PlanAide.objects.filter(dossier=d).update(etat=EtatPlan.REFUSE),
            "R. 232-7",
        ),
    ],
)
def test_a_refusal_needs_its_fact(team, dossier, on_day, code, change, article):
    with on_day(team.alice, DAY) as passage, pytest.raises(MotifContredit):
        reject(passage, dossier, code)
    change(dossier)
    with on_day(team.alice, DAY) as passage:
        decision = reject(passage, dossier, code, precisions="Précision.")
    dossier.refresh_from_db()
    assert (dossier.etat, dossier.echeance_on) == (Etat.REJETE, None)
    assert decision.motif.endswith("Précision.")
    assert MOTIFS[code].source.endswith(article)
    assert m.Courrier.objects.get(dossier=dossier).nature == "decision_rejet"


# Lump sums.


def waiting(team, *, complete_on, nature=NatureDemande.PREMIERE, by=""):
    dossier = factories.dossier(team.nord, etat=Etat.COMPLET)
    demande = situations.complete(dossier, on=complete_on)
    demande.nature, demande.urgence_attestee_par = nature, by
    demande.save()
    return dossier


def tacite(passage, dossier):
    return forfaits.grant_forfait_tacite(passage, jeton=uuid.uuid4(), dossier_id=dossier.pk)


@pytest.mark.parametrize(
    ("complete_on", "first_day"),
    [
        (date(2026, 9, 19), date(2026, 11, 20)),
        (date(2026, 8, 31), date(2026, 11, 1)),
        (date(2025, 12, 31), date(2026, 3, 1)),  # the two months end on 28 February
    ],
)
def test_two_months_of_silence_open_half_the_ceiling_of_gir_1(team, on_day, complete_on, first_day):
    dossier = waiting(team, complete_on=complete_on)
    with (
        on_day(team.alice, first_day - timedelta(days=1)) as passage,
        pytest.raises(forfaits.DelaiNonEcoule),
    ):
        tacite(passage, dossier)
    with on_day(team.alice, first_day) as passage:
        decision = tacite(passage, dossier)
        assert [line.valeur for line in stored_lines(decision)][-1] == "1\u202f040,16\u00a0€"
        with pytest.raises(forfaits.ForfaitDejaOuvert):
            tacite(passage, dossier)
    assert droits(dossier) == [(first_day, None, Decimal("1040.16"))]
    dossier.refresh_from_db()
    assert dossier.etat == Etat.COMPLET  # the request still awaits its express decision
    assert m.Courrier.objects.get(dossier=dossier).nature == "forfait_tacite"


@pytest.mark.parametrize(
    ("accuse", "on", "late"),
    [
        (30, date(2026, 3, 31), False),
        (31, date(2026, 3, 31), True),  # entered, or acknowledged, a day too late
        (None, date(2026, 3, 31), True),
        (30, date(2026, 4, 1), True),  # the month of the silence is over
    ],
)
def test_a_silence_told_late_is_signed_by_another_agent(team, on_day, accuse, on, late):
    dossier = waiting(team, complete_on=date(2025, 12, 31))
    demande = m.Demande.objects.get(dossier=dossier)
    known = demande.recue_on + timedelta(days=accuse) if accuse else None
    m.Demande.objects.filter(pk=demande.pk).update(accuse_on=known)
    with on_day(team.alice, on) as passage:
        if not late:
            tacite(passage, dossier)
            return
        with pytest.raises(forfaits.SilenceConstateTard):
            tacite(passage, dossier)
        decision = signature.forfait_tacite(passage, dossier.pk)
        assert (decision.nature, decision.prise_par_id) == ("forfait_tacite", team.remi.pk)
    assert droits(dossier) == [(date(2026, 3, 1), None, Decimal("1040.16"))]


def test_a_lump_sum_is_not_granted_on_figures_that_nobody_verified(team, on_day):
    """The two months end on 31 December 2026: the ceiling of 2027 is still to be read."""
    dossier = waiting(team, complete_on=date(2026, 10, 31))
    with (
        on_day(team.alice, date(2027, 1, 4)) as passage,
        pytest.raises(BaremeProvisoire),
    ):
        tacite(passage, dossier)
    assert droits(dossier) == []


def test_the_express_decision_ends_the_lump_sum_and_sets_it_off(team, dossier, on_day):
    m.Demande.objects.filter(dossier=dossier).update(
        recue_on=date(2026, 9, 1), accuse_on=date(2026, 9, 1), complete_on=date(2026, 9, 4)
    )
    with on_day(team.alice, date(2026, 11, 5)) as passage:
        tacite(passage, dossier)
    with on_day(team.alice, DAY) as passage:
        decision = accord(passage, dossier)
    assert [(low, up) for low, up, _ in droits(dossier)] == [
        (date(2026, 11, 5), DAY),
        (DAY, None),
    ]
    # Fifteen days of November, from the 5th to the 19th: 1 040.16 × 15 ÷ 30.
    assert decision.deja_verse == Decimal("520.08")


def test_an_urgency_is_paid_from_the_request_until_the_two_months_end(team, on_day):
    complete_on = date(2026, 10, 20)
    dossier = waiting(team, complete_on=complete_on, nature=NatureDemande.URGENCE, by="Dr Roux")
    with on_day(team.alice, DAY) as passage:
        decision = signature.urgence(passage, dossier.pk)
    assert decision.effet_on == date(2026, 10, 12)
    assert m.Courrier.objects.get(dossier=dossier).nature == "forfait_urgence"
    assert droits(dossier) == [(date(2026, 10, 12), date(2026, 12, 21), Decimal("1040.16"))]
    with on_day(team.alice, date(2026, 12, 21)) as passage:
        tacite(passage, dossier)
    assert droits(dossier)[-1][0] == date(2026, 12, 21)


def test_an_urgency_that_nobody_attested_opens_nothing(team, on_day):
    dossier = waiting(team, complete_on=date(2026, 10, 20))
    with on_day(team.alice, DAY) as passage, pytest.raises(forfaits.UrgenceNonAttestee):
        signature.urgence(passage, dossier.pk)


def kept_letters(monkeypatch):
    letters, original = [], render.render

    def keep(letter):
        letters.append(letter.contenu)
        return original(letter)

    monkeypatch.setattr(render, "render", keep)
    return letters


def test_a_refusal_for_another_benefit_names_it(team, dossier, on_day):
    with on_day(team.alice, DAY) as passage, pytest.raises(PrestationNonNommee):
        reject(passage, dossier, "cumul", precisions="  ")
    assert not m.Decision.objects.filter(dossier=dossier).exists()
    with on_day(team.alice, DAY) as passage:
        decision = reject(passage, dossier, "cumul", precisions="La PCH, depuis 2024.")
    assert decision.motif.endswith("avec l’APA. La PCH, depuis 2024.")


@pytest.mark.parametrize("gir", [5, 6])
def test_a_refusal_for_the_group_says_which(team, dossier, on_day, monkeypatch, gir):
    letters = kept_letters(monkeypatch)
    m.Evaluation.objects.filter(dossier=dossier).update(gir=gir)
    with on_day(team.alice, DAY) as passage:
        reject(passage, dossier, "gir")
    assert (letters[-1].gir, letters[-1].forfait) == (gir, None)


def test_a_refusal_ends_the_lump_sum(team, on_day, monkeypatch):
    letters = kept_letters(monkeypatch)
    dossier = waiting(team, complete_on=date(2026, 9, 4))
    with on_day(team.alice, date(2026, 11, 5)) as passage:
        tacite(passage, dossier)
    no_stable_home(dossier)
    with on_day(team.alice, DAY) as passage:
        decision = reject(passage, dossier, "residence")
    assert droits(dossier) == [(date(2026, 11, 5), DAY, Decimal("1040.16"))]
    assert decision.deja_verse == Decimal("520.08")
    told = letters[-1]
    assert (told.forfait.montant, told.forfait.fin_on) == (Decimal("1040.16"), date(2026, 11, 19))
    assert told.gir is None
    dossier.refresh_from_db()
    assert dossier.etat == Etat.REJETE


def test_two_rights_for_one_period_are_impossible(team, on_day):
    dossier = situations.opened(team.nord, since=date(2026, 11, 25), by=team.chloe)
    m.Dossier.objects.filter(pk=dossier.pk).update(etat=Etat.ACCEPTE)
    with on_day(team.alice, DAY) as passage, pytest.raises(DroitDejaOuvert, match="déjà ouvert"):
        accord(passage, dossier)


def test_a_decision_that_was_taken_is_written_again_for_no_purpose(team, entering):
    columns = sorted(REGISTRY.volet("apa_ash.Decision").lines)
    assert {"motif", "notifiee_on", "feuille", "prise_on"} <= set(columns)
    for purpose in PURPOSES:
        with entering(team.alice, purpose):
            for column in columns:
                with (
                    pytest.raises(ProgrammingError, match="permission denied"),
                    transaction.atomic(),
                    connection.cursor() as cursor,
                ):
                    cursor.execute(f"UPDATE apa_ash_decision SET {column} = NULL")


def test_an_urgency_whose_attestation_is_blank_has_no_period(team, on_day):
    """PostgreSQL refuses such a row; the rule does not count on it."""
    dossier = waiting(
        team, complete_on=date(2026, 10, 20), nature=NatureDemande.URGENCE, by="Dr Roux"
    )
    with on_day(team.alice, DAY) as passage:
        situation = load_situation(passage, pk=dossier.pk)
    assert forfaits.urgence_periode(situation).lower == date(2026, 10, 12)
    situation.demande.urgence_attestee_par = ""
    assert forfaits.urgence_periode(situation) is None


@pytest.mark.parametrize(
    ("nature", "opened"), [(NatureDemande.PREMIERE, True), (NatureDemande.REVISION, False)]
)
def test_silence_on_a_revision_opens_no_lump_sum(team, on_day, nature, opened):
    """CASF L. 232-14: silence is opposed on a first request; a right already runs on a revision."""
    dossier = waiting(team, complete_on=date(2026, 9, 4), nature=nature)
    with on_day(team.alice, DAY) as passage:
        if opened:
            tacite(passage, dossier)
        else:
            with pytest.raises(forfaits.DelaiNonEcoule):
                tacite(passage, dossier)
    assert bool(droits(dossier)) is opened


def test_the_form_of_another_file_decides_nothing_here(team, dossier, on_day):
    other = situations.ready(team.nord, on=DAY, by=team.chloe, nom="Morel")
    jeton = uuid.uuid4()
    with on_day(team.alice, DAY) as passage:
        made = accord(passage, other, jeton=jeton)
        assert find_taken(passage, jeton=jeton, dossier=other) == made
        assert find_taken(passage, jeton=jeton, dossier=dossier) is None
    assert droits(dossier) == []


@pytest.mark.parametrize(("former", "set_off"), [(False, "520.08"), (True, "0.00")])
def test_a_lump_sum_that_a_former_decision_set_off_is_not_set_off_again(
    team, dossier, on_day, former, set_off
):
    m.Demande.objects.filter(dossier=dossier).update(
        recue_on=date(2026, 9, 1), accuse_on=date(2026, 9, 1), complete_on=date(2026, 9, 4)
    )
    with on_day(team.alice, date(2026, 11, 5)) as passage:
        tacite(passage, dossier)
    if former:
        m.Decision.objects.create(
            service=team.nord,
            dossier=dossier,
            nature=NatureDecision.REJET,
            motif="Sans suite",
            prise_on=date(2026, 11, 10),
            effet_on=date(2026, 11, 10),
        )
    with on_day(team.alice, DAY) as passage:
        assert accord(passage, dossier).deja_verse == Decimal(set_off)


@pytest.mark.parametrize(
    ("revision_on", "refused"),
    [
        (None, True),
        (date(2026, 11, 20), True),
        (date(2026, 11, 21), False),
        (date(2031, 11, 20), False),
        (date(2031, 11, 21), True),
    ],
    ids=str,
)
def test_a_revision_follows_the_effect_and_comes_by_its_last_day(revision_on, refused):
    if refused:
        with pytest.raises(decisions.RevisionImpossible):
            decisions.check_revision(revision_on, effet_on=DAY)
    else:
        decisions.check_revision(revision_on, effet_on=DAY)


@pytest.mark.parametrize(
    ("nature", "etat", "refused"),
    [
        (NatureDemande.PREMIERE, Etat.ACCEPTE, False),
        (NatureDemande.PREMIERE, Etat.EVALUE, True),
        (NatureDemande.REVISION, Etat.EVALUE, False),
        (NatureDemande.REVISION, Etat.COMPLET, False),
        (NatureDemande.REVISION, Etat.PROPOSE, True),
    ],
)
def test_a_revision_alone_keeps_a_plan_that_was_accepted_before_it(
    team, dossier, on_day, nature, etat, refused
):
    m.Dossier.objects.filter(pk=dossier.pk).update(etat=etat)
    m.Demande.objects.filter(dossier=dossier).update(nature=nature)
    with on_day(team.alice, DAY) as passage:
        situation = load_situation(passage, pk=dossier.pk)
        if refused:
            with pytest.raises(decisions.PlanNonAccepte):
                decisions.check_ready(situation)
        else:
            decisions.check_ready(situation)
