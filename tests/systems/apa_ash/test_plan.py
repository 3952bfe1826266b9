"""The plan d'aide: its lines, its ceiling, its proposal, the answer, and what is frozen then."""

import io
from dataclasses import asdict
from datetime import date, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from django.db import IntegrityError, ProgrammingError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st
from pypdf import PdfReader

from egide.kernel.access.passage import Refused
from egide.kernel.refus import BaremeProvisoire
from egide.rules.apa.delais import echeance
from egide.systems.apa_ash import models as m
from egide.systems.apa_ash.calculs.chiffrage import Situation, chiffrer, montant
from egide.systems.apa_ash.models.dossier import Echeance, Etat
from egide.systems.apa_ash.models.plan import EtatPlan, ModeAide, NatureAide, Unite
from egide.systems.apa_ash.policy import COURRIERS, LIGNES_PLAN
from egide.systems.apa_ash.purposes import EVALUATION, INSTRUCTION
from egide.systems.apa_ash.queries.decision import list_lignes
from egide.systems.apa_ash.queries.plan import LigneDevis, lines_of
from egide.systems.apa_ash.services import plan as drafts
from egide.systems.apa_ash.services import proposition as services
from egide.systems.apa_ash.services.depots import DepotNoteTard
from egide.systems.apa_ash.services.lettres_decision import unite_ecrite
from tests.personas import today
from tests.systems.apa_ash import medico_social as ms
from tests.systems.apa_ash import situations as s

FROZEN = "do not change|does not change|does not go"


def sql(query, *params):
    with connection.cursor() as cursor:
        cursor.execute(query, params)
        return cursor.fetchall() if cursor.description else []


@pytest.fixture
def dossier(team):
    return ms.evaluated(team.nord, team.chloe)


@pytest.fixture
def plan(dossier):
    return ms.draft(dossier)


@pytest.fixture
def sendable(plan, dossier):
    """The plan of the model screen: 1 013,36 € for a GIR 3 with 1 500 € a month."""
    tilleuls = ms.saad(dossier)
    ms.ligne(plan, service=tilleuls)
    ms.ligne(plan, service=tilleuls, nature=NatureAide.REPAS, volume_mensuel=Decimal(15))
    ms.ligne(
        plan,
        nature=NatureAide.PORTAGE,
        volume_mensuel=Decimal(20),
        unite=Unite.REPAS,
        tarif=Decimal("4.20"),
    )
    ms.ligne(
        plan,
        nature=NatureAide.TELEASSISTANCE,
        volume_mensuel=Decimal(1),
        unite=Unite.FORFAIT,
        tarif=Decimal("19.90"),
    )
    return plan


@pytest.fixture
def sent(team, sendable):
    """A proposal that left twelve days ago."""
    left = today() - timedelta(days=12)
    s.proposal(sendable.dossier, on=left, by=team.alice)
    m.PlanAide.objects.filter(pk=sendable.pk).update(etat=EtatPlan.PROPOSE, envoye_on=left)
    m.Dossier.objects.filter(pk=sendable.dossier_id).update(
        etat=Etat.PROPOSE, echeance=Echeance.REPONSE, echeance_on=today() - timedelta(days=2)
    )
    sendable.refresh_from_db()
    return sendable


@pytest.fixture
def chloe(client, team):
    client.force_login(team.chloe, backend="egide.kernel.access.backends.AgentBackend")
    return client


# --- the draft and its lines


def test_a_plan_takes_the_gir_of_the_evaluation(team, dossier, entering):
    with entering(team.chloe, EVALUATION) as passage:
        made = drafts.open_plan_aide(
            passage, dossier_id=dossier.pk, jeton=uuid4(), effet_on=ms.EFFET_ON
        )
    assert (made.gir, made.etat, made.definitif) == (3, EtatPlan.BROUILLON, False)


def test_a_plan_takes_effect_from_the_day_of_its_request(team, dossier, entering):
    received = m.Demande.objects.get(dossier=dossier).recue_on
    asked = {"dossier_id": dossier.pk, "jeton": uuid4()}
    other = ms.evaluated(team.nord, team.chloe, nom="Morel")
    with entering(team.chloe, EVALUATION) as passage:
        with pytest.raises(drafts.EffetAvantDemande):
            drafts.open_plan_aide(passage, effet_on=received - timedelta(days=1), **asked)
        made = drafts.open_plan_aide(passage, effet_on=received, **asked)
        assert drafts.open_plan_aide(passage, effet_on=received, **asked) == made  # sent twice
        with pytest.raises(Refused):
            drafts.open_plan_aide(passage, effet_on=ms.EFFET_ON, **asked | {"dossier_id": other.pk})


@pytest.mark.parametrize("etat", [Etat.CLOS, Etat.REJETE])
def test_a_file_that_is_over_has_no_plan(team, dossier, entering, etat):
    m.Dossier.objects.filter(pk=dossier.pk).update(etat=etat)
    with entering(team.chloe, EVALUATION) as passage, pytest.raises(drafts.PlanNotPossible):
        drafts.open_plan_aide(passage, dossier_id=dossier.pk, jeton=uuid4(), effet_on=ms.EFFET_ON)


def test_a_plan_takes_effect_neither_before_its_request_nor_before_today(
    team, dossier, plan, entering, chloe
):
    with entering(team.chloe, EVALUATION) as passage, pytest.raises(drafts.EffetAvantDemande):
        drafts.move_plan_aide(passage, plan_id=plan.pk, effet_on=date(2026, 1, 1))
    url = reverse("apa_ash:plan_effet", args=[dossier.pk, plan.pk])
    for day in (today() - timedelta(days=1), today()):
        chloe.post(url, {"jeton": str(uuid4()), "effet_on": day.isoformat()})
        plan.refresh_from_db()
        assert (plan.effet_on == today()) is (day == today())


def test_a_letter_writes_its_units_as_one_does():
    written = [
        unite_ecrite(unite, volume=Decimal(volume))
        for unite, volume in (("heure", "20.5"), ("jour", "1.5"), ("jour", "2"), ("repas", "20"))
    ]
    assert written == ["h", "jour", "jours", "repas"]


@pytest.mark.parametrize("gir", [5, 6])
def test_no_plan_in_gir_5_or_6(team, entering, gir):
    dossier = ms.evaluated(team.nord, team.chloe, gir=gir)
    with entering(team.chloe, EVALUATION) as passage, pytest.raises(drafts.PlanNotPossible):
        drafts.open_plan_aide(passage, dossier_id=dossier.pk, jeton=uuid4(), effet_on=ms.EFFET_ON)


def test_no_second_plan_while_one_is_in_the_making(team, plan, entering):
    with entering(team.chloe, EVALUATION) as passage, pytest.raises(drafts.PlanNotPossible):
        drafts.open_plan_aide(
            passage, dossier_id=plan.dossier_id, jeton=uuid4(), effet_on=ms.EFFET_ON
        )


def test_a_line_is_added_changed_and_removed(team, plan, dossier, entering):
    tilleuls, token = ms.saad(dossier), uuid4()
    with entering(team.chloe, EVALUATION) as passage:
        line = drafts.write_aide(passage, plan_id=plan.pk, jeton=token, aide=ms.aide(tilleuls))
        again = drafts.write_aide(passage, plan_id=plan.pk, jeton=token, aide=ms.aide(tilleuls))
        assert again == line
    assert m.LignePlan.objects.get().montant_mensuel == Decimal("540.76")
    with entering(team.chloe, EVALUATION) as passage:
        drafts.write_aide(
            passage,
            plan_id=plan.pk,
            jeton=uuid4(),
            ligne_id=line.pk,
            aide=ms.aide(tilleuls, volume_mensuel=Decimal("10.50")),
        )
    assert m.LignePlan.objects.get().montant_mensuel == Decimal("258.09")
    with entering(team.chloe, EVALUATION) as passage:
        drafts.remove_aide(passage, plan_id=plan.pk, ligne_id=line.pk)
    assert not m.LignePlan.objects.exists()


@pytest.mark.clause("APA-26")
@pytest.mark.parametrize("name", ["alice", "bruno", "paul", "remi", "denis", "nora", "victor"])
def test_nobody_but_the_team_writes_a_line(team, plan, entering, name):
    for purpose in (EVALUATION, INSTRUCTION):
        with entering(team.agents[name], purpose) as passage, pytest.raises(Refused):
            drafts.write_aide(passage, plan_id=plan.pk, jeton=uuid4(), aide=ms.aide())
    assert not m.LignePlan.objects.exists()


def test_an_id_taken_elsewhere_is_answered_as_if_nothing_were_there(team, chloe, plan, entering):
    elsewhere = ms.ligne(ms.draft(ms.evaluated(team.sud, team.chloe, nom="Morel")))
    with entering(team.chloe, EVALUATION) as passage:
        with pytest.raises(Refused, match="Introuvable") as refused:
            drafts.write_aide(passage, plan_id=plan.pk, jeton=elsewhere.pk, aide=ms.aide())
        assert refused.value.targets == (str(elsewhere.pk),)
        # The same by the policy alone, and the transaction goes on after it.
        bound = {"service_id": plan.service_id, "dossier_id": plan.dossier_id, "plan_id": plan.pk}
        values = bound | asdict(ms.aide())
        for name in ("id", "pk"):
            with pytest.raises(Refused):
                LIGNES_PLAN.create(passage, **values, **{name: elsewhere.pk})
        assert LIGNES_PLAN.rows(passage).count() == 0
        # Any other refusal of PostgreSQL stays what it is.
        with pytest.raises(IntegrityError, match="ligne_plan_positive"):
            LIGNES_PLAN.create(passage, **values | {"tarif": Decimal(-1)}, id=uuid4())
    assert chloe.post(url("plan_ajouter", plan), posted(jeton=str(elsewhere.pk))).status_code == 404
    assert m.LignePlan.objects.get() == elsewhere
    assert sql("SELECT count(*) FROM audit.trail WHERE outcome = 'refus'") == [(1,)]


def test_a_line_of_another_service_is_absent(team, entering):
    elsewhere = ms.draft(ms.evaluated(team.sud, team.chloe, nom="Morel"))
    with entering(team.chloe, EVALUATION) as passage, pytest.raises(Refused):
        drafts.write_aide(passage, plan_id=elsewhere.pk, jeton=uuid4(), aide=ms.aide())


def test_a_service_that_stopped_or_of_another_departement_is_refused(team, plan, entering):
    stopped = ms.saad(plan.dossier, actif=False)
    foreign = ms.saad(ms.evaluated(team.ailleurs, team.chloe))
    for service in (stopped, foreign):
        with (
            entering(team.chloe, EVALUATION) as passage,
            pytest.raises(drafts.UnknownPrestataire),
        ):
            drafts.write_aide(passage, plan_id=plan.pk, jeton=uuid4(), aide=ms.aide(service))


# --- the amounts

AMOUNTS = st.decimals(min_value="0.01", max_value="3000", places=2)


def line(value, nature="toilette"):
    return LigneDevis(
        id=uuid4(),
        nature=nature,
        aide="",
        mode="autre",
        prestataire_id=None,
        intervenant="",
        volume_mensuel=Decimal(1),
        unite="forfait",
        tarif=value,
        montant_mensuel=value,
        alerte="",
    )


@given(
    lines=st.lists(st.builds(line, AMOUNTS, st.sampled_from(["toilette", "menage"])), max_size=8),
    gir=st.integers(1, 4),
    ressources=st.decimals(min_value="0", max_value="9000", places=2),
)
def test_nothing_of_a_plan_is_lost_and_the_ceiling_holds(lines, gir, ressources):
    found = chiffrer(
        lines,
        gir=gir,
        on=ms.EFFET_ON,
        age=87,
        situation=Situation(couple=False, ressources_mensuelles=ressources),
    )
    assert found.feuille.plan_retenu == min(found.total, found.plafond)
    beyond = found.total - found.feuille.plan_retenu
    assert found.depassement == beyond
    assert (found.pour_cent <= 100) == (found.total * 100 < found.plafond * 101)
    assert found.feuille.participation <= found.feuille.plan_retenu


@given(volume=AMOUNTS, tarif=AMOUNTS)
def test_an_amount_is_rounded_once_half_up(volume, tarif):
    exact = volume * tarif
    assert abs(montant(volume, tarif) - exact) <= Decimal("0.005")
    assert montant(volume, tarif) == montant(tarif, volume)


def test_postgresql_and_python_round_a_tie_alike(plan):
    tie = ms.ligne(plan, volume_mensuel=Decimal("0.50"), tarif=Decimal("0.01"), unite=Unite.FORFAIT)
    tie.refresh_from_db()
    assert tie.montant_mensuel == montant(Decimal("0.50"), Decimal("0.01")) == Decimal("0.01")


# --- the proposal


def test_the_proposal_tells_its_rate_and_waits_to_be_posted(team, sendable, entering):
    with entering(team.chloe, EVALUATION) as passage:
        services.propose_plan_aide(passage, plan_id=sendable.pk)
    sendable.refresh_from_db()
    dossier = m.Dossier.objects.get(pk=sendable.dossier_id)
    assert (sendable.etat, sendable.envoye_on) == (EtatPlan.PROPOSE, today())
    assert (dossier.etat, dossier.echeance, dossier.echeance_on) == (
        Etat.PROPOSE,
        Echeance.ENVOI,
        today(),
    )
    letter = m.Courrier.objects.get()
    assert letter.nature == "proposition_plan"
    assert bytes(letter.pdf).startswith(b"%PDF")


@pytest.mark.clause("APA-27")
def test_the_team_sends_a_letter_and_reads_none(team, sendable, entering):
    with entering(team.chloe, EVALUATION) as passage:
        services.propose_plan_aide(passage, plan_id=sendable.pk)
        with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
            sql("SELECT pdf FROM apa_ash_courrier")
    with entering(team.alice, INSTRUCTION) as passage:
        assert COURRIERS.get(passage, dossier=sendable.dossier_id).empreinte


def test_a_plan_is_sent_once(team, sendable, entering):
    with entering(team.chloe, EVALUATION) as passage:
        services.propose_plan_aide(passage, plan_id=sendable.pk)
        with pytest.raises(drafts.PlanAlreadySent):
            services.propose_plan_aide(passage, plan_id=sendable.pk)
    assert m.Courrier.objects.count() == 1


def test_an_empty_plan_is_not_sent(team, plan, entering):
    with entering(team.chloe, EVALUATION) as passage, pytest.raises(services.EmptyPlan):
        services.propose_plan_aide(passage, plan_id=plan.pk)


def test_without_resources_the_participation_is_unknown_and_nothing_is_sent(
    team, sendable, entering
):
    m.Ressources.objects.all().delete()
    with entering(team.chloe, EVALUATION) as passage, pytest.raises(services.ResourcesUnknown):
        services.propose_plan_aide(passage, plan_id=sendable.pk)
    sendable.refresh_from_db()
    assert sendable.etat == EtatPlan.BROUILLON


def test_a_day_whose_figures_are_not_known_is_simulated_and_not_notified(team, sendable, entering):
    m.PlanAide.objects.filter(pk=sendable.pk).update(effet_on=date(2027, 1, 1))
    with entering(team.chloe, EVALUATION) as passage, pytest.raises(BaremeProvisoire):
        services.propose_plan_aide(passage, plan_id=sendable.pk)


def test_instruction_does_not_send_the_plan_of_the_team(team, sendable, entering):
    for name in ("bruno", "denis", "paul"):
        with entering(team.agents[name], EVALUATION) as passage, pytest.raises(Refused):
            services.propose_plan_aide(passage, plan_id=sendable.pk)


# --- the answer


@pytest.mark.parametrize(("name", "purpose"), [("chloe", EVALUATION), ("alice", INSTRUCTION)])
def test_both_purposes_record_an_agreement(team, sent, entering, name, purpose):
    with entering(team.agents[name], purpose) as passage:
        services.accept_plan_aide(passage, plan_id=sent.pk, reponse_on=today())
    sent.refresh_from_db()
    dossier = m.Dossier.objects.get(pk=sent.dossier_id)
    assert (sent.etat, sent.reponse_on) == (EtatPlan.ACCEPTE, today())
    assert (dossier.etat, dossier.echeance) == (Etat.ACCEPTE, Echeance.DECISION)
    assert dossier.echeance_on == echeance("decision", ms.COMPLETE_ON)
    assert dossier.dernier_contact_on == today()


def test_observations_call_for_a_definitive_proposal_that_takes_the_lines_again(
    team, sent, entering
):
    with entering(team.alice, INSTRUCTION) as passage:
        services.record_observations(
            passage, plan_id=sent.pk, reponse_on=today(), observations="Plus de repas"
        )
    dossier = m.Dossier.objects.get(pk=sent.dossier_id)
    assert (dossier.echeance, dossier.echeance_on) == (
        Echeance.PROPOSITION_DEFINITIVE,
        today() + timedelta(days=8),
    )
    with entering(team.chloe, EVALUATION) as passage:
        again = drafts.open_plan_aide(
            passage, dossier_id=dossier.pk, jeton=uuid4(), effet_on=ms.EFFET_ON
        )
    assert again.definitif
    assert again.lignes.count() == 4
    sent.refresh_from_db()
    assert (sent.etat, sent.observations) == (EtatPlan.SANS_SUITE, "Plus de repas")


def test_a_definitive_proposal_is_not_discussed_again(team, sent, entering):
    m.PlanAide.objects.filter(pk=sent.pk).update(definitif=True)
    with entering(team.chloe, EVALUATION) as passage, pytest.raises(services.AlreadyDefinitive):
        services.record_observations(
            passage, plan_id=sent.pk, reponse_on=today(), observations="Encore"
        )


def test_a_refusal_closes_the_request(team, sent, entering):
    with entering(team.chloe, EVALUATION) as passage:
        services.refuse_plan_aide(passage, plan_id=sent.pk, reponse_on=today())
    dossier = m.Dossier.objects.get(pk=sent.dossier_id)
    assert (dossier.etat, dossier.echeance, dossier.motif_fin) == (
        Etat.REJETE,
        "",
        services.MOTIF_REFUS,
    )


@pytest.mark.parametrize(
    ("answered", "known", "kept"), [(8, 9, 8), (8, 8, 8), (8, 3, 3), (None, 3, 3)]
)
def test_a_refusal_entered_late_takes_no_contact_back(team, sent, entering, answered, known, kept):
    """Days ago: of the answer, if there is one, of the last contact before it, and after it."""
    ago = {days: today() - timedelta(days=days) for days in (3, 8, 9, 11)}
    m.Dossier.objects.filter(pk=sent.dossier_id).update(dernier_contact_on=ago[known])
    with entering(team.chloe, EVALUATION) as passage:
        if answered is None:
            services.refuse_by_silence(passage, plan_id=sent.pk, recue_on=ago[11])
        else:
            services.refuse_plan_aide(passage, plan_id=sent.pk, reponse_on=ago[answered])
    assert m.Dossier.objects.get(pk=sent.dossier_id).dernier_contact_on == ago[kept]


def last_letter():
    letter = m.Courrier.objects.get(nature="refus_repute")
    pages = PdfReader(io.BytesIO(bytes(letter.pdf))).pages
    return " ".join(" ".join(page.extract_text() for page in pages).split())


def test_the_refusal_is_told_with_its_remedies(team, sent, entering):
    with entering(team.alice, INSTRUCTION) as passage:
        services.refuse_plan_aide(passage, plan_id=sent.pk, reponse_on=today())
    said = last_letter()
    assert "Vous l’avez refusée" in said
    assert "recours préalable" in said
    assert "droit en cours" not in said


def test_the_silence_is_told_too_and_a_running_delay_sends_nothing(team, sent, entering):
    with entering(team.chloe, EVALUATION) as passage:
        with pytest.raises(services.DelayStillRuns):
            services.refuse_by_silence(
                passage, plan_id=sent.pk, recue_on=today() - timedelta(days=10)
            )
        assert passage.on == today()
    assert not m.Courrier.objects.filter(nature="refus_repute").exists()
    with entering(team.chloe, EVALUATION) as passage:
        services.refuse_by_silence(passage, plan_id=sent.pk, recue_on=today() - timedelta(days=11))
    assert "Vous aviez dix jours" in last_letter()


def test_under_a_right_the_letter_says_that_it_goes_on(team, sent, entering):
    m.Dossier.objects.filter(pk=sent.dossier_id).update(etat=Etat.OUVERT)
    with entering(team.chloe, EVALUATION) as passage:
        services.refuse_plan_aide(passage, plan_id=sent.pk, reponse_on=today())
    assert "Votre droit en cours continue" in last_letter()


@pytest.mark.parametrize("etat_droit", [Etat.OUVERT, Etat.SUSPENDU])
@pytest.mark.parametrize("asked", [True, False])
@pytest.mark.parametrize("silence", [True, False])
def test_a_refused_revision_gives_the_right_back_its_periodic_revision(
    team, sent, entering, etat_droit, asked, silence
):
    """Asked by the person or not, refused or left without answer, the file stays on the list."""
    revision_on = today() + timedelta(days=400)
    m.Dossier.objects.filter(pk=sent.dossier_id).update(
        etat=Etat.PROPOSE if asked else etat_droit,
        etat_droit=etat_droit if asked else "",
        revision_on=revision_on,
    )
    with entering(team.chloe, EVALUATION) as passage:
        if silence:
            received = today() - timedelta(days=11)
            services.refuse_by_silence(passage, plan_id=sent.pk, recue_on=received)
        else:
            services.refuse_plan_aide(passage, plan_id=sent.pk, reponse_on=today())
    found = m.Dossier.objects.get(pk=sent.dossier_id)
    assert (found.etat, found.etat_droit, found.motif_fin) == (etat_droit, "", "")
    assert (found.echeance, found.echeance_on) == (Echeance.REVISION, revision_on)
    assert "Votre droit en cours continue" in last_letter()


@pytest.mark.parametrize("etat", [Etat.RECU, Etat.OUVERT, Etat.REJETE, Etat.CLOS])
def test_the_state_of_the_right_is_kept_apart_only_during_a_revision(sent, etat):
    with pytest.raises(IntegrityError, match="droit_under_revision"), transaction.atomic():
        m.Dossier.objects.filter(pk=sent.dossier_id).update(etat=etat, etat_droit=Etat.OUVERT)


@pytest.mark.parametrize(("received", "deemed"), [(12, True), (11, True), (10, False), (0, False)])
def test_silence_is_opposed_only_after_ten_days_from_reception(
    team, sent, entering, received, deemed
):
    day = today() - timedelta(days=received)
    with entering(team.chloe, EVALUATION) as passage:
        if deemed:
            services.refuse_by_silence(passage, plan_id=sent.pk, recue_on=day)
        else:
            with pytest.raises(services.DelayStillRuns):
                services.refuse_by_silence(passage, plan_id=sent.pk, recue_on=day)
    dossier = m.Dossier.objects.get(pk=sent.dossier_id)
    assert (dossier.etat == Etat.REJETE) is deemed


@pytest.mark.parametrize(
    ("posted", "received", "refusal"),
    [
        (None, 11, services.PropositionNonPostee),
        (11, 11, None),
        (11, 12, services.ReceptionAvantDepot),
    ],
)
def test_silence_runs_from_a_proposal_that_was_posted(
    team, sent, entering, posted, received, refusal
):
    """Days ago: a letter that stayed in the office is received by nobody."""
    day = posted and today() - timedelta(days=posted)
    letters = m.Courrier.objects.filter(dossier=sent.dossier_id)
    by = team.alice if posted else None
    letters.update(poste_on=day, poste_constate_on=day, poste_par=by)
    said = {"plan_id": sent.pk, "recue_on": today() - timedelta(days=received)}
    with entering(team.chloe, EVALUATION) as passage:
        if refusal is None:
            assert services.refuse_by_silence(passage, **said).etat == EtatPlan.REFUSE
        else:
            with pytest.raises(refusal):
                services.refuse_by_silence(passage, **said)


def test_silence_runs_from_none_of_the_letters_until_all_were_posted(team, sent, entering):
    (hers,) = m.Courrier.objects.filter(dossier=sent.dossier_id)
    day = today() - timedelta(days=11)
    left = {"poste_on": day, "poste_constate_on": day, "poste_par_id": team.alice.pk}
    m.Courrier.objects.update(**left)
    copied = {f.attname: getattr(hers, f.attname) for f in hers._meta.concrete_fields}
    m.Courrier.objects.create(**copied | dict.fromkeys(left) | {"id": uuid4()})
    said = {"plan_id": sent.pk, "recue_on": day}
    with entering(team.chloe, EVALUATION) as passage, pytest.raises(services.PropositionNonPostee):
        services.refuse_by_silence(passage, **said)
    m.Courrier.objects.update(**left)
    with entering(team.chloe, EVALUATION) as passage:
        assert services.refuse_by_silence(passage, **said).etat == EtatPlan.REFUSE


@pytest.mark.parametrize(("noted", "refused"), [(3, True), (4, False), (11, False)])
def test_silence_runs_no_sooner_than_a_few_days_before_its_post_was_told(
    team, sent, entering, noted, refused
):
    """Posted eleven days ago, said so later: seven days back from it at most."""
    posted = today() - timedelta(days=11)
    m.Courrier.objects.filter(dossier=sent.dossier_id).update(
        poste_on=posted, poste_constate_on=today() - timedelta(days=noted), poste_par=team.alice
    )
    said = {"plan_id": sent.pk, "recue_on": posted}
    with entering(team.chloe, EVALUATION) as passage:
        if refused:
            with pytest.raises(DepotNoteTard, match="noté posté que le"):
                services.refuse_by_silence(passage, **said)
        else:
            assert services.refuse_by_silence(passage, **said).etat == EtatPlan.REFUSE


def test_an_answer_before_the_proposal_is_refused(team, sendable, sent, entering):
    with entering(team.chloe, EVALUATION) as passage, pytest.raises(services.BadAnswerDay):
        services.accept_plan_aide(
            passage, plan_id=sent.pk, reponse_on=sent.envoye_on - timedelta(days=1)
        )


def test_a_draft_waits_for_no_answer_and_an_answer_comes_once(team, sendable, entering):
    with entering(team.chloe, EVALUATION) as passage:
        with pytest.raises(services.NoAnswerExpected):
            services.accept_plan_aide(passage, plan_id=sendable.pk, reponse_on=today())
        services.propose_plan_aide(passage, plan_id=sendable.pk)
        services.accept_plan_aide(passage, plan_id=sendable.pk, reponse_on=today())
        with pytest.raises(services.NoAnswerExpected):
            services.refuse_plan_aide(passage, plan_id=sendable.pk, reponse_on=today())


OVER = {
    "rejected": {"etat": Etat.REJETE, "echeance": "", "echeance_on": None},
    "closed": {"etat": Etat.CLOS, "echeance": "", "echeance_on": None},
    "past its signed end": {"etat": Etat.OUVERT, "fin_droit_on": today() - timedelta(days=1)},
}


@pytest.mark.parametrize("over", OVER)
def test_the_plan_of_a_file_that_is_over_is_neither_sent_nor_answered(
    team, dossier, sendable, entering, over
):
    """Answered, it would put a request that was refused, or a dead person, back in the queue."""
    m.Dossier.objects.filter(pk=dossier.pk).update(**OVER[over])
    stood = m.Dossier.objects.values().get(pk=dossier.pk)
    plan, answer = {"plan_id": sendable.pk}, {"reponse_on": today()}
    with entering(team.chloe, EVALUATION) as passage:
        with pytest.raises(drafts.FileIsOver):
            services.propose_plan_aide(passage, **plan)
        m.PlanAide.objects.filter(pk=sendable.pk).update(etat=EtatPlan.PROPOSE, envoye_on=today())
        for act in (services.accept_plan_aide, services.refuse_plan_aide):
            with pytest.raises(drafts.FileIsOver):
                act(passage, **plan, **answer)
        with pytest.raises(drafts.FileIsOver):
            services.record_observations(passage, **plan, **answer, observations="Non")
    assert m.Dossier.objects.values().get(pk=dossier.pk) == stood


@pytest.mark.parametrize("name", ["bruno", "victor", "edith", "carole", "denis", "nora"])
def test_the_others_record_no_answer(team, sent, entering, name):
    for purpose in (EVALUATION, INSTRUCTION):
        with entering(team.agents[name], purpose) as passage, pytest.raises(Refused):
            services.accept_plan_aide(passage, plan_id=sent.pk, reponse_on=today())


# --- what PostgreSQL itself keeps, whatever the application does


@pytest.mark.parametrize(
    "attack",
    [
        "UPDATE apa_ash_ligneplan SET tarif = 1 WHERE plan_id = %s",
        "DELETE FROM apa_ash_ligneplan WHERE plan_id = %s",
        "UPDATE apa_ash_planaide SET effet_on = '2026-01-01' WHERE id = %s",
        "UPDATE apa_ash_planaide SET envoye_on = '2026-01-01' WHERE id = %s",
        "UPDATE apa_ash_planaide SET definitif = true WHERE id = %s",
        "UPDATE apa_ash_planaide SET etat = 'brouillon' WHERE id = %s",
        "UPDATE apa_ash_planaide SET refus_prestataire_on = access.today() WHERE id = %s",
    ],
)
def test_what_was_sent_cannot_be_changed_in_sql(team, sent, entering, attack):
    with (
        entering(team.chloe, EVALUATION),
        pytest.raises(IntegrityError, match=FROZEN),
        transaction.atomic(),
    ):
        sql(attack, sent.pk)


def test_no_line_can_be_slipped_into_a_plan_that_was_sent(team, sent, entering):
    values = [uuid4(), sent.service_id, sent.dossier_id, sent.pk]
    insert = (
        "INSERT INTO apa_ash_ligneplan (id, service_id, dossier_id, plan_id, nature, mode,"
        " volume_mensuel, unite, tarif) VALUES (%s, %s, %s, %s, 'nuit', 'autre', 1, 'forfait', 1)"
    )
    with entering(team.chloe, EVALUATION):
        for switch in ("off", "on"):  # the owner's own switch opens nothing to a purpose
            sql("SELECT set_config('egide.maintenance', %s, true)", switch)
            with pytest.raises(IntegrityError, match=FROZEN), transaction.atomic():
                sql(insert, *values)


def test_the_same_writes_pass_on_a_draft(team, sendable, entering):
    with entering(team.chloe, EVALUATION):
        sql("UPDATE apa_ash_ligneplan SET tarif = 1 WHERE plan_id = %s", sendable.pk)
        sql("UPDATE apa_ash_planaide SET effet_on = '2026-12-15' WHERE id = %s", sendable.pk)
        sql("DELETE FROM apa_ash_ligneplan WHERE plan_id = %s", sendable.pk)


@pytest.mark.parametrize("etat", ["accepte", "refuse"])
def test_a_draft_is_not_answered_in_sql(team, sendable, entering, etat):
    with (
        entering(team.chloe, EVALUATION),
        pytest.raises(IntegrityError, match=FROZEN),
        transaction.atomic(),
    ):
        sql("UPDATE apa_ash_planaide SET etat = %s WHERE id = %s", etat, sendable.pk)


def test_instruction_answers_and_never_rewrites(team, sent, entering):
    with entering(team.alice, INSTRUCTION):
        for attack in (
            "UPDATE apa_ash_ligneplan SET tarif = 1",
            "UPDATE apa_ash_planaide SET effet_on = '2026-01-01'",
            "DELETE FROM apa_ash_ligneplan",
        ):
            with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
                sql(attack)


INSERT_PLAN = (
    "INSERT INTO apa_ash_planaide (id, service_id, dossier_id, etat, gir, effet_on, envoye_on,"
    " definitif, reponse_on, observations)"
    " VALUES (gen_random_uuid(), %s, %s, %s, 2, '2026-12-01', %s, false, %s, %s)"
)


@pytest.mark.parametrize(
    "values",
    [
        ["accepte", "2026-11-01", "2026-11-02", ""],
        ["propose", "2026-11-01", None, ""],
        ["refuse", None, None, ""],
        ["sans_suite", None, None, ""],
        ["brouillon", "2026-11-01", None, ""],
        ["brouillon", "2026-11-01", "2026-11-02", ""],
        ["brouillon", None, None, "d’accord"],
    ],
)
def test_no_purpose_inserts_a_plan_that_is_more_than_a_draft(team, dossier, entering, values):
    with entering(team.chloe, EVALUATION):
        for switch in ("off", "on"):
            sql("SELECT set_config('egide.maintenance', %s, true)", switch)
            with (
                pytest.raises(IntegrityError, match="begins as a draft"),
                transaction.atomic(),
            ):
                sql(INSERT_PLAN, dossier.service_id, dossier.pk, *values)
        sql(INSERT_PLAN, dossier.service_id, dossier.pk, "brouillon", None, None, "")


@pytest.mark.parametrize("answer", ["accepte", "refuse", "sans_suite"])
@pytest.mark.parametrize(
    "attack", ["observations = 'j’accepte tout'", "reponse_on = envoye_on + 9", "reponse_on = NULL"]
)
def test_an_answer_is_not_written_again(team, sent, entering, answer, attack):
    record = "UPDATE apa_ash_planaide SET etat = %s, reponse_on = envoye_on WHERE id = %s"
    with entering(team.alice, INSTRUCTION):
        sql(record, answer, sent.pk)
        with pytest.raises(IntegrityError, match="answer"), transaction.atomic():
            sql(f"UPDATE apa_ash_planaide SET {attack} WHERE id = %s", sent.pk)


def test_a_silence_that_was_noted_does_not_become_an_answer(team, sent, entering):
    with entering(team.alice, INSTRUCTION):
        sql("UPDATE apa_ash_planaide SET etat = 'refuse' WHERE id = %s", sent.pk)
        with pytest.raises(IntegrityError, match="answer"), transaction.atomic():
            sql("UPDATE apa_ash_planaide SET reponse_on = envoye_on WHERE id = %s", sent.pk)


# --- the screens


def url(name, plan, *more):
    return reverse(f"apa_ash:{name}", args=[plan.dossier_id, plan.pk, *more])


def posted(service=None, **changes):
    values = {
        "jeton": str(uuid4()),
        "nature": "toilette",
        "mode": "prestataire" if service else "autre",
        "prestataire": str(service.pk) if service else "",
        "volume_mensuel": "22",
        "unite": "heure",
        "tarif": "24,58",
    }
    return values | changes


def test_the_screen_shows_the_model_plan_to_the_cent(chloe, sendable):
    with CaptureQueriesContext(connection) as seen:
        page = chloe.get(reverse("apa_ash:evaluation_plan", args=[sendable.dossier_id]))
    text = page.content.decode().replace("\u202f", " ").replace("\u00a0", " ")
    for figure in ("1 013,36 €", "83 % du plafond du GIR 3 (1 215,99 €)", "13,54 %"):
        assert figure in text
    for figure in ("137,23 €", "876,13 €", "408,33721 €", "233,15153 €", "22 h", "20 repas"):
        assert figure in text
    assert "veuvage" not in text
    ours = ("SAVEPOINT", "RELEASE", "SELECT set_config('role', 'none'")
    done = [q["sql"] for q in seen.captured_queries if not q["sql"].startswith(ours)]
    # Six around any page, then file, plans, lines, resources and evaluation.
    assert len(done) == 13


def test_adding_a_line_answers_with_the_whole_panel(chloe, plan, dossier):
    tilleuls = ms.saad(dossier)
    answer = chloe.post(url("plan_ajouter", plan), posted(tilleuls), headers={"HX-Request": "true"})
    assert answer["HX-Retarget"] == "#plan"
    assert "540,76" in answer.content.decode()
    assert m.LignePlan.objects.get().prestataire_id == tilleuls.pk


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"volume_mensuel": "-3"}, "supérieur à zéro"),
        ({"volume_mensuel": "745"}, "744 heures"),
        ({"volume_mensuel": "beaucoup"}, "par exemple 24,58"),
        ({"tarif": "0"}, "supérieur à zéro"),
        ({"tarif": "99999999"}, "trop grand"),
        ({"tarif": "1,234"}, "Deux décimales"),
        ({"nature": "massage"}, "massage"),
        ({"mode": "prestataire"}, "Choisissez le service"),
        ({"prestataire": str(uuid4())}, "Choisissez un service"),
    ],
)
def test_bad_input_is_refused_at_its_field_and_nothing_is_kept(chloe, plan, changes, words):
    answer = chloe.post(url("plan_ajouter", plan), posted(**changes), headers={"HX-Request": "1"})
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert not m.LignePlan.objects.exists()


def test_what_is_typed_is_computed_and_not_kept(chloe, sendable):
    answer = chloe.post(url("plan_apercu", sendable), posted(volume_mensuel="5", unite="jour"))
    page = answer.content.decode()
    assert "non enregistrée" in page
    assert 'hx-swap-oob="true"' in page
    assert m.LignePlan.objects.count() == 4


def test_a_variant_is_compared_and_not_kept(chloe, sendable):
    first = sendable.lignes.get(nature="toilette")
    answer = chloe.post(
        url("plan_variante", sendable),
        {f"volume_{first.pk}": "10"},
        headers={"HX-Request": "true"},
    )
    text = answer.content.decode().replace("\u202f", " ").replace("\u00a0", " ")
    assert "718,40 €" in text  # 1 013,36 − 12 × 24,58
    assert "1 013,36 €" in text
    first.refresh_from_db()
    assert first.volume_mensuel == 22


def test_the_tariff_comes_from_the_service(chloe, team, dossier):
    tilleuls, asked = ms.saad(dossier), reverse("apa_ash:plan_tarif")
    foreign = ms.saad(ms.complete(team.ailleurs))
    answer = chloe.get(asked, {"prestataire": str(tilleuls.pk)})
    assert 'value="24,58"' in answer.content.decode()
    assert 'data-connu="24,58"' in answer.content.decode()
    assert chloe.get(asked, {"prestataire": str(uuid4())}).status_code == 404
    assert chloe.get(asked, {"prestataire": str(foreign.pk)}).status_code == 404


@pytest.mark.parametrize(
    ("tarif", "unite", "told"),
    [("24.58", Unite.HEURE, False), ("26.00", Unite.HEURE, True), ("26.00", Unite.FORFAIT, False)],
)
def test_a_typed_tariff_is_kept_and_its_difference_told(chloe, plan, tarif, unite, told):
    tilleuls = ms.saad(plan.dossier)
    line = ms.ligne(plan, service=tilleuls, tarif=Decimal(tarif), unite=unite)
    page = chloe.get(reverse("apa_ash:evaluation_plan", args=[plan.dossier_id])).content.decode()
    assert ("n’est pas celui du service" in page) is told
    edit = reverse("apa_ash:plan_modifier", args=[plan.dossier_id, plan.pk, line.pk])
    kept = chloe.get(edit).content.decode()
    assert ('data-connu="24,58"' in kept) is (tarif == "24.58")
    assert f'value="{tarif.replace(".", ",")}"' in kept


def test_in_gir_1_another_mode_than_a_service_is_warned_about(chloe, team):
    plan = ms.draft(ms.evaluated(team.nord, team.chloe, gir=1), gir=1)
    ms.ligne(plan, mode=ModeAide.GRE_A_GRE)
    page = chloe.get(reverse("apa_ash:evaluation_plan", args=[plan.dossier_id]))
    assert "refus exprès écrit" in page.content.decode()


@pytest.mark.parametrize("name", ["plan_ajouter", "plan_variante", "evaluation_reponse"])
def test_the_plan_of_another_service_is_absent(chloe, team, name):
    elsewhere = ms.draft(ms.evaluated(team.sud, team.chloe, nom="Morel"))
    assert chloe.get(url(name, elsewhere)).status_code == 404


def test_a_plan_under_the_address_of_another_file_is_absent(chloe, plan, team):
    other = ms.evaluated(team.nord, team.chloe, nom="Morel")
    forged = reverse("apa_ash:plan_ajouter", args=[other.pk, plan.pk])
    assert chloe.post(forged, posted()).status_code == 404
    assert not m.LignePlan.objects.exists()


def test_the_whole_way_on_screen(chloe, sendable):
    chloe.post(url("plan_envoyer", sendable))
    page = chloe.get(reverse("apa_ash:evaluation_plan", args=[sendable.dossier_id]))
    text = page.content.decode()
    assert "Ce plan ne change plus" in text
    assert "Ajouter une aide" not in text
    answer = chloe.post(
        url("evaluation_reponse", sendable),
        {"reponse": "observations", "reponse_on": today().isoformat()},
    )
    assert answer.status_code == 422
    chloe.post(
        url("evaluation_reponse", sendable),
        {"reponse": "accord", "reponse_on": today().isoformat()},
    )
    sendable.refresh_from_db()
    assert sendable.etat == EtatPlan.ACCEPTE


def test_instruction_reads_the_plan_and_finds_no_way_to_change_it(client, team, sendable):
    client.force_login(team.alice, backend="egide.kernel.access.backends.AgentBackend")
    page = client.get(reverse("apa_ash:plan", args=[sendable.dossier_id])).content.decode()
    assert "137,23" in page
    assert "Ajouter une aide" not in page
    assert client.post(url("plan_ajouter", sendable), posted()).status_code == 404


# --- what a line may not be, and what is said of two alike


@pytest.mark.parametrize(
    ("nature", "unite", "status"),
    [
        (NatureAide.TELEASSISTANCE, Unite.HEURE, 422),
        (NatureAide.PORTAGE, Unite.HEURE, 422),
        (NatureAide.TELEASSISTANCE, Unite.FORFAIT, 302),
        (NatureAide.MENAGE, Unite.HEURE, 302),
    ],
)
def test_what_nobody_spends_an_hour_on_is_not_counted_in_hours(chloe, plan, nature, unite, status):
    data = posted(nature=nature, unite=unite, mode=ModeAide.AUTRE, volume_mensuel="1")
    assert chloe.post(url("plan_ajouter", plan), data).status_code == status
    assert m.LignePlan.objects.exists() is (status == 302)


def test_two_lines_alike_are_said(chloe, plan):
    page = reverse("apa_ash:evaluation_plan", args=[plan.dossier_id])
    ms.ligne(plan)
    ms.ligne(plan, nature=NatureAide.REPAS)
    assert "lignes semblables" not in chloe.get(page).content.decode()
    ms.ligne(plan)
    assert "2 lignes semblables" in chloe.get(page).content.decode()


def test_an_answer_of_tomorrow_is_refused_and_today_s_is_taken(team, sent, entering):
    with entering(team.chloe, EVALUATION) as passage:
        with pytest.raises(services.BadAnswerDay):
            services.accept_plan_aide(
                passage, plan_id=sent.pk, reponse_on=today() + timedelta(days=1)
            )
        taken = services.accept_plan_aide(passage, plan_id=sent.pk, reponse_on=today())
    assert taken.reponse_on == today()


def test_a_proposal_and_its_decision_list_the_lines_in_one_order(team, entering):
    dossier = s.opened(team.nord, since=today(), by=team.chloe)
    plan = m.Decision.objects.get(dossier=dossier).plan
    # By their codes « accueil_jour » would come first; by their names, « Aide aux repas ».
    for nature in (NatureAide.ACCUEIL_JOUR, NatureAide.PORTAGE, NatureAide.REPAS):
        m.LignePlan.objects.create(
            **s.bound(dossier),
            plan=plan,
            nature=nature,
            mode=ModeAide.AUTRE,
            volume_mensuel=1,
            unite=Unite.FORFAIT,
            tarif=10,
        )
    orders = []
    with entering(team.chloe, EVALUATION) as passage:
        orders.append([line.nature for line in lines_of(passage, plan)])
    with entering(team.alice, INSTRUCTION) as passage:
        orders.append([line.nature for line in list_lignes(passage, plan=plan)])
    assert orders == [["toilette", "repas", "portage", "accueil_jour"]] * 2
