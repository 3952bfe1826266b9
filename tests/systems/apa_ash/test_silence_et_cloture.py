"""Nothing that closes a request loses what two months of silence gave (CASF L. 232-14)."""

import uuid
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.urls import reverse

from egide.systems.apa_ash import models as m
from egide.systems.apa_ash.models.dossier import Etat
from egide.systems.apa_ash.models.plan import EtatPlan
from egide.systems.apa_ash.purposes import EVALUATION, INSTRUCTION, PAIEMENT
from egide.systems.apa_ash.services import fins, lot, proposition
from egide.systems.apa_ash.services.refus_repute import SilenceALInstruction
from egide.systems.apa_ash.services.silence import SilenceNonConstate
from tests.systems.apa_ash import situations
from tests.systems.apa_ash.paiement_rows import compte
from tests.systems.apa_ash.situations import droits
from tests.systems.apa_ash.test_decision_screens import DAY as SHOWN
from tests.systems.apa_ash.test_decision_screens import as_agent, fixed_day  # noqa: F401
from tests.systems.apa_ash.test_decisions import tacite
from tests.systems.apa_ash.test_letters import squeeze, text_of
from tests.systems.apa_ash.test_silence import COMPLETE, EVE, MORROW, SILENCE, complete
from tests.systems.apa_ash.test_suites_decision import undo

ONE_DAY = timedelta(days=1)
FORFAIT = Decimal("1040.16")
NOVEMBRE = date(2026, 11, 1)
LATE = date(2026, 12, 2)


@pytest.fixture
def dossier(team):
    """A request whose two months end on 4 November 2026; its plan was proposed in September."""
    found = situations.ready(team.nord, on=date(2026, 10, 4), by=team.chloe)
    complete(found, on=COMPLETE)
    m.Dossier.objects.filter(pk=found.pk).update(etat=Etat.PROPOSE)
    m.PlanAide.objects.filter(dossier=found).update(etat=EtatPlan.PROPOSE, reponse_on=None)
    plan = m.PlanAide.objects.get(dossier=found)
    situations.proposal(found, on=plan.envoye_on, by=team.alice)
    return found


@pytest.fixture
def plan(dossier):
    return m.PlanAide.objects.get(dossier=dossier)


def refused(passage, plan, *, on):
    return proposition.refuse_plan_aide(passage, plan_id=plan.pk, reponse_on=on)


def unanswered(passage, plan, *, on):
    """Let ten days have passed since the person received the proposal: `on` is the next one."""
    received = on - timedelta(days=11)
    return proposition.refuse_by_silence(passage, plan_id=plan.pk, recue_on=received)


ANSWERS = pytest.mark.parametrize("answer", [refused, unanswered])


@ANSWERS
@pytest.mark.parametrize(("on", "due"), [(EVE, False), (SILENCE, False), (MORROW, True)])
def test_a_request_refused_after_the_two_months_gave_a_lump_sum(
    team, dossier, plan, on_day, answer, on, due
):
    with on_day(team.alice, on) as passage:
        if not due:
            assert answer(passage, plan, on=on).etat == EtatPlan.REFUSE
            return
        with pytest.raises(SilenceNonConstate, match=r"5.novembre.2026.*constatez-le d’abord"):
            answer(passage, plan, on=on)
    plan.refresh_from_db()
    dossier.refresh_from_db()
    assert (plan.etat, dossier.etat) == (EtatPlan.PROPOSE, Etat.PROPOSE)


@ANSWERS
def test_the_day_of_the_refusal_counts_not_that_of_its_entry(team, plan, on_day, answer):
    """Refused while the two months still ran, and entered afterwards: nothing was granted."""
    with on_day(team.alice, MORROW) as passage:
        assert answer(passage, plan, on=SILENCE).etat == EtatPlan.REFUSE


@ANSWERS
def test_once_recorded_the_lump_sum_ends_with_the_request(team, dossier, plan, on_day, answer):
    with on_day(team.alice, MORROW) as passage:
        tacite(passage, dossier)
    on = date(2026, 11, 20)
    with on_day(team.alice, on) as passage:
        answer(passage, plan, on=on)
    dossier.refresh_from_db()
    assert droits(dossier) == [(SILENCE, on, FORFAIT)]
    assert dossier.etat == Etat.REJETE
    said = text_of(bytes(m.Courrier.objects.get(dossier=dossier, nature="refus_repute").pdf))
    assert squeeze("Le dernier jour dû est le 19 novembre 2026") in said
    assert squeeze("Aucune aide n’est versée") not in said


@ANSWERS
@pytest.mark.parametrize("recorded", [False, True])
@pytest.mark.parametrize(("on", "due"), [(SILENCE, False), (MORROW, True)])
def test_the_team_leaves_an_answer_after_the_two_months_to_the_instruction(
    team, dossier, plan, on_day, answer, recorded, on, due
):
    """It reads no right: it cannot tell whether the lump sum is recorded, nor end it."""
    if recorded:
        with on_day(team.alice, on) as passage:
            tacite(passage, dossier)
    with on_day(team.chloe, on, purpose=EVALUATION) as passage:
        if due:
            with pytest.raises(SilenceALInstruction, match="L’instruction enregistre"):
                answer(passage, plan, on=on)
        else:
            assert answer(passage, plan, on=on).etat == EtatPlan.REFUSE


@pytest.mark.parametrize("purpose", [INSTRUCTION, EVALUATION])
def test_a_revision_that_is_refused_has_no_silence(team, dossier, plan, on_day, purpose):
    m.Dossier.objects.filter(pk=dossier.pk).update(etat_droit=Etat.OUVERT)
    who = team.alice if purpose is INSTRUCTION else team.chloe
    with on_day(who, LATE, purpose=purpose) as passage:
        assert refused(passage, plan, on=LATE).etat == EtatPlan.REFUSE


def died(passage, dossier, *, on):
    return fins.record_deces(passage, jeton=uuid.uuid4(), dossier_id=dossier.pk, deces_on=on)


@pytest.mark.parametrize(
    ("deces_on", "owed"),
    [
        (EVE, []),
        (SILENCE, [(SILENCE, MORROW, FORFAIT)]),
        (date(2026, 11, 14), [(SILENCE, date(2026, 11, 15), FORFAIT)]),
        (date(2026, 11, 20), [(SILENCE, date(2026, 11, 21), FORFAIT)]),
    ],
)
def test_a_death_leaves_to_the_estate_what_silence_gave(team, dossier, on_day, deces_on, owed):
    with on_day(team.alice, date(2026, 11, 20)) as passage:
        died(passage, dossier, on=deces_on)
    dossier.refresh_from_db()
    assert (droits(dossier), dossier.etat) == (owed, Etat.CLOS)
    written = m.Courrier.objects.filter(dossier=dossier).exclude(nature="proposition_plan")
    assert not written.exists()  # nobody reads it any more


def test_what_is_owed_to_the_estate_is_paid(team, dossier, on_day):
    compte(dossier)
    with on_day(team.alice, date(2026, 11, 20)) as passage:
        died(passage, dossier, on=date(2026, 11, 14))
    with on_day(team.paul, LATE, purpose=PAIEMENT) as passage:
        lot.prepare_lot(passage, lot_id=uuid.uuid4(), service_id=team.nord.pk, mois=NOVEMBRE)
    line = m.Paiement.objects.get(dossier=dossier)
    # Ten days of thirty, from the 5th to the 14th; whoever examines is told of the death.
    assert (line.mois_du, line.montant_brut) == (NOVEMBRE, Decimal("346.72"))
    assert "deces" in line.anomalie.split()


def test_recorded_before_the_death_the_lump_sum_ends_with_it_once(team, dossier, on_day):
    with on_day(team.alice, MORROW) as passage:
        tacite(passage, dossier)
    with on_day(team.alice, date(2026, 11, 20)) as passage:
        died(passage, dossier, on=date(2026, 11, 14))
    assert droits(dossier) == [(SILENCE, date(2026, 11, 15), FORFAIT)]
    assert m.Decision.objects.filter(dossier=dossier, nature="forfait_tacite").count() == 1


def test_a_death_undone_leaves_the_lump_sum_to_go_on(team, dossier, on_day):
    with on_day(team.alice, date(2026, 11, 20)) as passage:
        died(passage, dossier, on=date(2026, 11, 14))
    with on_day(team.remi, date(2026, 11, 21)) as passage:
        undo(passage, dossier)
    dossier.refresh_from_db()
    assert (droits(dossier), dossier.etat) == ([(SILENCE, None, FORFAIT)], Etat.PROPOSE)


@pytest.mark.parametrize("deces_on", [EVE, SILENCE])
def test_a_silence_told_late_is_signed_by_another_before_the_death(team, dossier, on_day, deces_on):
    with on_day(team.alice, LATE) as passage:
        if deces_on == EVE:
            died(passage, dossier, on=deces_on)
        else:
            with pytest.raises(SilenceNonConstate, match="quelqu’un d’autre le signe"):
                died(passage, dossier, on=deces_on)
    assert droits(dossier) == []


def test_the_screen_of_a_death_tells_what_is_left_to_the_estate(team, dossier, as_agent):  # noqa: F811
    page = reverse("apa_ash:deces", args=[dossier.pk])
    sent = {"jeton": str(uuid.uuid4()), "deces_on": "2026-11-14"}
    html = as_agent("alice").post(page, sent).content.decode()
    assert "il reste dû à la succession" in html
    assert SHOWN > SILENCE
    for eve in ({"deces_on": "2026-11-04"},):
        html = as_agent("alice").post(page, sent | eve).content.decode()
        assert "il reste dû à la succession" not in html


def test_the_screen_of_an_answer_says_what_to_do_first(team, dossier, plan, as_agent):  # noqa: F811
    page = reverse("apa_ash:plan_reponse", args=[dossier.pk, plan.pk])
    answer = as_agent("alice").post(page, {"reponse": "refus", "reponse_on": str(SHOWN)})
    assert answer.status_code == 422
    assert "constatez-le d’abord" in answer.content.decode()
