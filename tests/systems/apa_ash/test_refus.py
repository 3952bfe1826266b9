"""Refusals that no other test met: each where something lacks, and where nothing does."""

import uuid
from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from egide.kernel.access.catalogue import HABILITER
from egide.kernel.access.habilitations import services as habilitations
from egide.kernel.access.models import Habilitation
from egide.kernel.access.passage import Refused
from egide.systems.apa_ash import models as m
from egide.systems.apa_ash.models.dossier import Etat
from egide.systems.apa_ash.purposes import EVALUATION, INSTRUCTION, PAIEMENT
from egide.systems.apa_ash.services import (
    arrets,
    decisions,
    evaluation,
    forfaits,
    interruptions,
    lot,
    lot_examens,
    mises_en_demeure,
    projets,
    proposition,
    relais,
    revisions,
)
from tests.personas import today
from tests.systems.apa_ash import medico_social as ms
from tests.systems.apa_ash import signature
from tests.systems.apa_ash import situations as s
from tests.systems.apa_ash.paiement_rows import payable

SINCE = today() - timedelta(days=60)


@pytest.fixture
def ouvert(team):
    return s.opened(team.nord, since=SINCE, by=team.chloe)


@pytest.fixture
def alice(team, entering):
    """Drive one act as Alice, who instructs."""

    def act(perform, **said):
        with entering(team.alice, INSTRUCTION) as passage:
            return perform(passage, **said)

    return act


@pytest.mark.parametrize(("etat", "refused"), [(Etat.ACCEPTE, True), (Etat.COMPLET, False)])
def test_a_visit_is_noted_while_one_is_awaited(team, entering, etat, refused):
    dossier = ms.complete(team.nord, etat=etat)
    noted = {
        "dossier_id": dossier.pk,
        "jeton": uuid.uuid4(),
        "faite_on": today(),
        "creneau": "matin",
        "evaluateur_id": team.chloe.pk,
    }
    with entering(team.chloe, EVALUATION) as passage:
        if refused:
            with pytest.raises(evaluation.NotReadyForVisit):
                evaluation.note_visite(passage, **noted)
        else:
            assert evaluation.note_visite(passage, **noted).realisee_on == today()


def test_what_is_decided_is_neither_rejected_nor_granted_by_silence(alice, ouvert):
    """Silence was long enough, and the ground holds: only the request is over."""
    act = {"jeton": uuid.uuid4(), "dossier_id": ouvert.pk}
    m.Demande.objects.filter(dossier=ouvert).update(
        residence_stable=False, complete_on=SINCE - timedelta(days=40)
    )
    with pytest.raises(decisions.RienADecider):
        alice(projets.propose_rejet, code="residence", **act)
    with pytest.raises(decisions.RienADecider):
        alice(forfaits.grant_forfait_tacite, **act)


def test_a_plan_is_not_sent_without_the_evaluation_that_it_rests_on(team, entering):
    dossier = ms.evaluated(team.nord, team.chloe)
    plan = ms.draft(dossier)
    ms.ligne(plan)
    m.Evaluation.objects.filter(dossier=dossier).delete()
    with (
        entering(team.chloe, EVALUATION) as passage,
        pytest.raises(proposition.PlanNotPossible),
    ):
        proposition.propose_plan_aide(passage, plan_id=plan.pk)
    m.Evaluation.objects.create(**s.bound(dossier), faite_on=today(), gir=3, auteur=team.chloe)
    with entering(team.chloe, EVALUATION) as passage:
        assert proposition.propose_plan_aide(passage, plan_id=plan.pk).envoye_on == today()


# --- the run


def prepared(team, entering):
    with entering(team.paul, PAIEMENT) as passage:
        return lot.prepare_lot(
            passage, lot_id=uuid.uuid4(), service_id=team.nord.pk, mois=today().replace(day=1)
        )


def test_a_run_of_which_every_line_is_set_aside_pays_nothing(team, entering):
    paid, _ = (
        payable(team.nord, nom=nom, start=today().replace(day=1)) for nom in ("Roy", "Morel")
    )
    run = prepared(team, entering)
    m.Paiement.objects.filter(lot=run).update(ecarte=True, examen="Doute", examine_par=team.paul)
    with entering(team.remi, PAIEMENT) as passage, pytest.raises(lot.NothingToPay):
        lot.validate_lot(passage, lot_id=run.pk)
    m.Paiement.objects.filter(lot=run, dossier=paid).update(ecarte=False)
    with entering(team.remi, PAIEMENT) as passage:
        assert lot.validate_lot(passage, lot_id=run.pk).etat == "valide"


@pytest.mark.parametrize("own", [True, False])
def test_whoever_entered_an_account_does_not_keep_all_the_lines_of_its_person(team, entering, own):
    dossier = payable(team.nord, start=today().replace(day=1))
    by = team.paul if own else team.remi
    m.CompteBancaire.objects.filter(dossier=dossier).update(saisi_on=today(), saisi_par=by)
    run = prepared(team, entering)
    assert "compte_modifie" in m.Paiement.objects.get(lot=run).anomalie
    said = {"lot_id": run.pk, "dossier_id": dossier.pk, "motif": "Vu"}
    with entering(team.paul, PAIEMENT) as passage:
        if own:
            with pytest.raises(lot.OwnAccount):
                lot_examens.examine_dossier(passage, ecarter=False, **said)
            assert lot_examens.examine_dossier(passage, ecarter=True, **said)
        else:
            assert lot_examens.examine_dossier(passage, ecarter=False, **said)


# --- the carer in hospital


def sejour(dossier, **fields):
    aidant = m.Aidant.objects.create(
        **s.bound(dossier), nom="Léa Roy", lien="fille", indispensable=True
    )
    values = {
        "aidant_id": aidant.pk,
        "entree_on": SINCE + timedelta(days=10),
        "sortie_on": None,
        "justificatif": "bulletin",
        "justifie_on": today(),
        "objet": "Garde",
        "prestataire_id": None,
        "cout": Decimal(500),
    } | fields
    return {
        "dossier_id": dossier.pk,
        "jeton": uuid.uuid4(),
        "sejour": relais.Sejour(**values),
    }


def test_no_relay_is_asked_without_a_right(team, alice):
    with pytest.raises(interruptions.AucunDroitAInterrompre):
        alice(relais.record_relais, **sejour(ms.complete(team.nord)))


def test_a_proof_comes_today_at_the_latest(alice, ouvert):
    with pytest.raises(revisions.JourFutur):
        alice(relais.record_relais, **sejour(ouvert, justifie_on=today() + timedelta(days=1)))
    assert alice(relais.record_relais, **sejour(ouvert, justifie_on=today())).pk


def test_a_relay_is_refused_once_and_ends_today_at_the_latest(alice, ouvert):
    first = alice(relais.record_relais, **sejour(ouvert))
    second = alice(relais.record_relais, **sejour(ouvert))
    of = {"dossier_id": ouvert.pk}
    alice(signature.relais, row=first)
    refuse = {"jeton": uuid.uuid4(), "motif": "Un autre proche le remplace.", **of}
    with pytest.raises(relais.RelaisDecide):
        alice(projets.propose_refus_relais, relais_id=first.pk, **refuse)
    assert alice(projets.propose_refus_relais, relais_id=second.pk, **refuse).etat == "propose"
    with pytest.raises(revisions.JourFutur):
        alice(relais.end_relais, relais_id=first.pk, sortie_on=today() + timedelta(days=1), **of)
    assert alice(relais.end_relais, relais_id=first.pk, sortie_on=today(), **of).pk


# --- the suspension


@pytest.mark.parametrize(
    ("etat", "refusal"),
    [
        (Etat.SUSPENDU, mises_en_demeure.DejaSuspendu),
        (Etat.COMPLET, interruptions.AucunDroitAInterrompre),
        (Etat.CLOS, interruptions.AucunDroitAInterrompre),
        (Etat.OUVERT, None),
    ],
)
def test_a_formal_notice_is_for_a_right_that_is_paid(alice, ouvert, etat, refusal):
    m.Dossier.objects.filter(pk=ouvert.pk).update(etat=etat)
    notice = {"dossier_id": ouvert.pk, "code": "qualite"}
    if refusal is None:
        assert alice(mises_en_demeure.send_notice, **notice).pk
    else:
        with pytest.raises(refusal):
            alice(mises_en_demeure.send_notice, **notice)


def test_no_payment_is_suspended_without_a_right_that_runs(alice, ouvert):
    """Before any word of the notice: there is nothing to suspend."""
    m.Droit.objects.filter(dossier=ouvert).delete()
    with pytest.raises(interruptions.AucunDroitAInterrompre):
        alice(
            arrets.propose_suspension,
            jeton=uuid.uuid4(),
            dossier_id=ouvert.pk,
            recue_on=today(),
            code="qualite",
        )


# --- habilitations


@pytest.mark.parametrize("wrong", ["role", "service", "twice nothing", ""])
def test_a_habilitation_names_a_role_and_services_of_the_organisme(team, entering, wrong):
    services = {"service": [team.nord.pk, team.ailleurs.pk], "twice nothing": []}
    granted = habilitations.Grant(
        agent_id=team.nora.pk,
        system="apa_ash",
        role="administrateur" if wrong == "role" else "instructeur",
        service_ids=services.get(wrong, [team.nord.pk]),
        start=today(),
        end=today() + timedelta(days=100),
        motif="Renfort",
    )
    said = {"grant": granted, "at": timezone.now(), "motif": "Renfort"}
    before = Habilitation.objects.count()
    with entering(team.admin, HABILITER) as passage:
        if wrong:
            with pytest.raises(Refused):
                habilitations.grant_habilitation(passage, **said)
        else:
            assert habilitations.grant_habilitation(passage, **said).pk
    assert Habilitation.objects.count() == before + (not wrong)
