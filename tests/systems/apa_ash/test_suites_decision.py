"""What follows a decision: revision, hospital, suspension, end; each with its dates."""

import hashlib
import uuid
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db.backends.postgresql.psycopg_any import DateRange
from django.urls import reverse

from egide.kernel.access.passage import Refused
from egide.systems.apa_ash import models as m
from egide.systems.apa_ash.models.controle import MOTIF_DECES
from egide.systems.apa_ash.models.demande import Canal, NatureDemande
from egide.systems.apa_ash.models.dossier import Echeance, Etat
from egide.systems.apa_ash.models.droit import NatureDecision
from egide.systems.apa_ash.models.paiement import EtatLot
from egide.systems.apa_ash.policy import DOSSIERS, DROITS
from egide.systems.apa_ash.purposes import INSTRUCTION
from egide.systems.apa_ash.queries.decision import dus_of, load_situation
from egide.systems.apa_ash.services import (
    annulation,
    arrets,
    fins,
    interruptions,
    mises_en_demeure,
    revisions,
    suspensions,
)
from egide.systems.apa_ash.services.droits import take_decision
from egide.systems.apa_ash.services.rejets import MotifContredit
from egide.systems.apa_ash.services.revisions import request_revision
from tests import factories
from tests.personas import today
from tests.systems.apa_ash import signature, situations
from tests.systems.apa_ash.situations import droits
from tests.systems.apa_ash.test_decisions import kept_letters

SINCE = date(2026, 1, 1)
DAY = date(2026, 11, 20)
APA = Decimal("848.20")


@pytest.fixture
def dossier(team):
    return situations.opened(team.nord, since=SINCE, by=team.chloe)


def etat(dossier):
    dossier.refresh_from_db()
    return (dossier.etat, dossier.echeance, dossier.echeance_on)


def reopen(passage, dossier, **changes):
    values = {
        "jeton": uuid.uuid4(),
        "recue_on": date(2026, 11, 2),
        "canal": Canal.COURRIER,
        "motif": "Retour d’hospitalisation",
    } | changes
    return request_revision(passage, dossier_id=dossier.pk, **values)


ACTS = {
    "reopen": reopen,
    "hospital": lambda p, d: interruptions.enter_hospital(
        p, jeton=uuid.uuid4(), dossier_id=d.pk, nature="hospitalisation", entree_on=DAY
    ),
    "notice": lambda p, d: mises_en_demeure.send_notice(p, dossier_id=d.pk, code="declaration"),
    "death": lambda p, d: fins.record_deces(p, jeton=uuid.uuid4(), dossier_id=d.pk, deces_on=DAY),
    "end": lambda p, d: arrets.propose_fin(
        p, jeton=uuid.uuid4(), dossier_id=d.pk, code="renonciation", fin_on=DAY
    ),
}


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize("name", ["alice", "remi"])
def test_those_who_instruct_may(team, dossier, on_day, act, name):
    with on_day(team.agents[name], DAY) as passage:
        assert ACTS[act](passage, dossier).dossier_id == dossier.pk


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize("name", ["bruno", "chloe", "paul", "carole", "denis", "edith", "victor"])
def test_nobody_else_may(team, dossier, on_day, act, name):
    with on_day(team.agents[name], DAY) as passage, pytest.raises(Refused):
        ACTS[act](passage, dossier)
    assert droits(dossier) == [(SINCE, None, APA)]


# Revision.


@pytest.mark.clause("APA-05")
def test_a_revision_reopens_while_the_right_goes_on_then_replaces_it(team, dossier, on_day):
    with on_day(team.alice, DAY) as passage:
        demande = reopen(passage, dossier)
    assert droits(dossier) == [(SINCE, None, APA)]
    assert etat(dossier) == (Etat.COMPLET, Echeance.VISITE, date(2026, 12, 2))
    assert (demande.nature, demande.complete_on) == (NatureDemande.REVISION, date(2026, 11, 2))
    assert demande.accuse_on is None  # no letter has acknowledged it
    m.Ressources.objects.filter(dossier=dossier).update(ressources_mensuelles=900)
    with on_day(team.alice, DAY) as passage:
        signature.accord(
            passage,
            dossier.pk,
            effet_on=date(2026, 12, 1),
            revision_on=date(2029, 12, 1),
            motif="Les ressources changent le 1er décembre.",
        )
    # 900 € is under 0.725 S: no participation any more, from 1 December.
    assert droits(dossier) == [
        (SINCE, date(2026, 12, 1), APA),
        (date(2026, 12, 1), None, Decimal("1000.00")),
    ]
    assert etat(dossier) == (Etat.OUVERT, Echeance.REVISION, date(2029, 12, 1))
    assert (dossier.etat_droit, dossier.revision_on) == ("", date(2029, 12, 1))


@pytest.mark.parametrize("suspended", [False, True])
def test_a_rejected_revision_gives_the_right_back_as_it_is(team, warned, on_day, suspended):
    """Suspended or restored during the revision, the right has that state when it ends."""
    with on_day(team.alice, date(2026, 8, 4)) as passage:
        if not suspended:
            suspend(passage, warned, RECEIVED)
        reopen(passage, warned, recue_on=date(2026, 8, 4))
    assert etat(warned)[:2] == (Etat.COMPLET, Echeance.VISITE)
    with on_day(team.alice, date(2026, 8, 5)) as passage:
        if suspended:
            suspend(passage, warned, RECEIVED)
        else:
            resume(passage, warned, date(2026, 8, 5))
    assert etat(warned)[:2] == (Etat.COMPLET, Echeance.VISITE)
    m.Evaluation.objects.filter(dossier=warned).update(gir=5)
    with on_day(team.alice, DAY) as passage:
        signature.rejet(passage, warned.pk, "gir")
    expected = Etat.SUSPENDU if suspended else Etat.OUVERT
    assert etat(warned) == (expected, Echeance.REVISION, warned.revision_on)
    assert warned.etat_droit == ""
    assert warned.revision_on == SINCE + timedelta(days=900)


def test_only_one_revision_at_a_time_and_only_of_a_right(team, dossier, on_day):
    other = situations.opened(team.nord, since=SINCE, by=team.chloe, nom="Morel")
    with on_day(team.alice, DAY) as passage:
        with pytest.raises(revisions.JourFutur):
            reopen(passage, dossier, recue_on=date(2026, 11, 21))
        with pytest.raises(revisions.FaitsNonDits):
            reopen(passage, dossier, motif="  ")
        jeton = uuid.uuid4()
        assert reopen(passage, dossier, jeton=jeton) == reopen(passage, dossier, jeton=jeton)
        with pytest.raises(Refused):
            reopen(passage, other, jeton=jeton)
        with pytest.raises(revisions.RevisionEnCours):
            reopen(passage, dossier)


def test_a_lump_sum_is_not_revised(team, on_day):
    dossier = situations.opened(team.nord, since=SINCE, by=team.chloe, forfait=True)
    with on_day(team.alice, DAY) as passage, pytest.raises(revisions.AucunDroitARevoir):
        reopen(passage, dossier)


def test_a_closed_file_is_not_revised(team, dossier, on_day):
    with on_day(team.alice, DAY) as passage:
        end(passage, dossier, "renonciation", DAY)
    with (
        on_day(team.alice, DAY + timedelta(days=1)) as passage,
        pytest.raises(revisions.AucunDroitARevoir),
    ):
        reopen(passage, dossier)


# Hospital.


def due(passage, dossier, mois):
    return dus_of(load_situation(passage, pk=dossier.pk)).of_month(mois)


def enter(passage, dossier, day, *, nature="hospitalisation"):
    return interruptions.enter_hospital(
        passage, jeton=uuid.uuid4(), dossier_id=dossier.pk, nature=nature, entree_on=day
    )


def leave(passage, dossier, stay, day):
    return interruptions.leave_hospital(
        passage, dossier_id=dossier.pk, interruption_id=stay.pk, sortie_on=day
    )


@pytest.mark.clause("APA-05")
def test_a_long_stay_stops_after_thirty_days_and_resumes_the_month_of_discharge(
    team, dossier, on_day
):
    with on_day(team.alice, DAY) as passage:
        stay = enter(passage, dossier, date(2026, 8, 16))
        assert due(passage, dossier, date(2026, 8, 1)).montant == APA
        assert due(passage, dossier, date(2026, 9, 1)).jours == 14
        assert due(passage, dossier, date(2026, 10, 1)).montant == 0
        leave(passage, dossier, stay, date(2026, 10, 28))
        assert due(passage, dossier, date(2026, 9, 1)).jours == 14
        assert due(passage, dossier, date(2026, 10, 1)).montant == APA
    assert etat(dossier)[0] == Etat.OUVERT


def test_a_stay_at_home_changes_nothing(team, dossier, on_day):
    with on_day(team.alice, DAY) as passage:
        enter(passage, dossier, date(2026, 1, 2), nature="had")
        assert due(passage, dossier, date(2026, 10, 1)).montant == APA


def test_a_stay_that_cannot_be_is_refused(team, dossier, on_day):
    with on_day(team.alice, DAY) as passage:
        with pytest.raises(revisions.JourFutur):
            enter(passage, dossier, date(2026, 11, 21))
        stay = enter(passage, dossier, date(2026, 11, 10))
        with pytest.raises(interruptions.SejourDejaConnu):
            enter(passage, dossier, date(2026, 11, 15))
        with pytest.raises(interruptions.SortieAvantEntree):
            leave(passage, dossier, stay, date(2026, 11, 10))
        with pytest.raises(revisions.JourFutur):
            leave(passage, dossier, stay, date(2026, 11, 21))
        leave(passage, dossier, stay, date(2026, 11, 11))
        with pytest.raises(interruptions.SejourTermine):
            leave(passage, dossier, stay, date(2026, 11, 12))


def test_a_stay_of_another_file_is_not_found(team, dossier, on_day):
    other = situations.opened(team.nord, since=SINCE, by=team.chloe, nom="Morel")
    with on_day(team.alice, DAY) as passage:
        stay = enter(passage, other, date(2026, 11, 10))
        with pytest.raises(Refused):
            leave(passage, dossier, stay, date(2026, 11, 15))


def test_no_stay_is_followed_without_a_right(team, on_day):
    waiting = situations.ready(team.nord, on=DAY, by=team.chloe)
    with (
        on_day(team.alice, DAY) as passage,
        pytest.raises(interruptions.AucunDroitAInterrompre),
    ):
        enter(passage, waiting, date(2026, 11, 10))


# Suspension.


def suspend(passage, dossier, recue_on, code="justificatifs"):
    return signature.suspension(passage, dossier.pk, recue_on, code)


RECEIVED = date(2026, 7, 3)


@pytest.fixture
def warned(team, dossier, on_day):
    """A formal notice sent on 1 July, received on the 3rd, upon proofs that did not come."""
    situations.unanswered(dossier, by=team.carole, on=date(2026, 7, 1))
    with on_day(team.alice, date(2026, 7, 1)) as passage:
        mises_en_demeure.send_notice(passage, dossier_id=dossier.pk, code="justificatifs")
    situations.posted(dossier, on=date(2026, 7, 1), by=team.alice)
    return dossier


def test_a_formal_notice_sets_its_deadline_and_is_not_doubled(team, warned, on_day):
    assert etat(warned) == (Etat.OUVERT, Echeance.JUSTIFICATION, date(2026, 8, 1))
    with (
        on_day(team.alice, date(2026, 7, 2)) as passage,
        pytest.raises(mises_en_demeure.MiseEnDemeureEnCours),
    ):
        mises_en_demeure.send_notice(passage, dossier_id=warned.pk, code="justificatifs")


@pytest.mark.parametrize("code", ["declaration", "participation", "qualite"])
def test_a_formal_notice_on_another_ground_awaits_no_proofs(team, dossier, on_day, code):
    with on_day(team.alice, date(2026, 7, 1)) as passage:
        mises_en_demeure.send_notice(passage, dossier_id=dossier.pk, code=code)
    assert etat(dossier) == (Etat.OUVERT, Echeance.MISE_EN_DEMEURE, date(2026, 8, 1))


def test_no_suspension_without_a_notice(team, dossier, on_day):
    with on_day(team.alice, DAY) as passage, pytest.raises(mises_en_demeure.MiseEnDemeureAbsente):
        suspend(passage, dossier, DAY, "qualite")


@pytest.mark.parametrize(
    ("received", "refusal"),
    [
        (date(2026, 6, 30), suspensions.ReceptionAvantEnvoi),
        (RECEIVED, suspensions.MoisNonEcoule),
    ],
)
def test_no_suspension_before_the_end_of_the_month(team, warned, on_day, received, refusal):
    with on_day(team.alice, date(2026, 8, 3)) as passage, pytest.raises(refusal):
        suspend(passage, warned, received)


@pytest.mark.clause("APA-05")
def test_suspended_from_the_next_month_restored_from_the_month_put_right(team, warned, on_day):
    with on_day(team.alice, date(2026, 8, 4)) as passage:
        assert suspend(passage, warned, RECEIVED).effet_on == date(2026, 9, 1)
        with pytest.raises(mises_en_demeure.DejaSuspendu):
            suspend(passage, warned, RECEIVED)
        amounts = [due(passage, warned, date(2026, month, 1)).montant for month in (8, 9, 10)]
        assert amounts == [APA, 0, 0]
    assert etat(warned)[:2] == (Etat.SUSPENDU, Echeance.REVISION)
    with on_day(team.alice, DAY) as passage:
        resume(passage, warned, date(2026, 10, 30))
        amounts = [due(passage, warned, date(2026, month, 1)).montant for month in (8, 9, 10)]
        assert amounts == [APA, 0, APA]
        with pytest.raises(suspensions.NonSuspendu):
            resume(passage, warned, DAY)
    assert etat(warned)[0] == Etat.OUVERT
    assert warned.dernier_contact_on == date(2026, 10, 30)  # the person's, not the agent's day
    kinds = m.Courrier.objects.filter(dossier=warned).order_by("cree_on")
    told = ["demande_justificatifs", "mise_en_demeure", "suspension", "reprise"]
    assert [row.nature for row in kinds] == told


def resume(passage, dossier, regularisee_on):
    return suspensions.resume_droit(
        passage, jeton=uuid.uuid4(), dossier_id=dossier.pk, regularisee_on=regularisee_on
    )


def test_a_payment_suspended_again_is_restored_again(team, warned, on_day):
    """The second restoration does not stumble on the day of the first one."""
    with on_day(team.alice, date(2026, 8, 4)) as passage:
        suspend(passage, warned, RECEIVED)
    with on_day(team.alice, date(2026, 9, 3)) as passage:
        resume(passage, warned, date(2026, 9, 2))
    with on_day(team.alice, date(2026, 9, 4)) as passage:
        mises_en_demeure.send_notice(passage, dossier_id=warned.pk, code="qualite")
    situations.posted(warned, on=date(2026, 9, 4), by=team.alice)
    with on_day(team.alice, date(2026, 10, 20)) as passage:
        suspend(passage, warned, date(2026, 9, 5), "qualite")
    with on_day(team.alice, date(2026, 12, 10)) as passage:
        resume(passage, warned, date(2026, 12, 9))
        amounts = [due(passage, warned, date(2026, month, 1)).montant for month in (9, 10, 11, 12)]
    assert amounts == [APA, APA, 0, APA]


def test_put_right_before_it_starts_a_suspension_takes_no_day(team, dossier, on_day):
    with on_day(team.alice, date(2026, 7, 1)) as passage:
        mises_en_demeure.send_notice(passage, dossier_id=dossier.pk, code="qualite")
    situations.posted(dossier, on=date(2026, 7, 1), by=team.alice)
    with on_day(team.alice, date(2026, 8, 4)) as passage:
        suspend(passage, dossier, date(2026, 7, 3), "qualite")
        suspensions.resume_droit(
            passage,
            jeton=uuid.uuid4(),
            dossier_id=dossier.pk,
            regularisee_on=date(2026, 8, 4),
        )
        for month in (8, 9, 10):
            assert due(passage, dossier, date(2026, month, 1)).montant == APA


# End.


def paid(team, dossier, mois, amount, *, issued=True):
    lot = m.LotPaiement.objects.create(
        service=dossier.service,
        mois=mois,
        etat=EtatLot.PREPARE,
        prepare_par=team.paul,
        prepare_on=mois,
    )
    m.Paiement.objects.create(
        service=dossier.service,
        lot=lot,
        dossier=dossier,
        droit=m.Droit.objects.get(dossier=dossier),
        mois_du=mois,
        montant_brut=amount,
        verse_on=mois if issued else None,
    )


@pytest.mark.clause("APA-05")
def test_a_death_ends_the_right_and_tells_what_was_paid_beyond(team, dossier, on_day):
    paid(team, dossier, date(2026, 10, 1), APA)
    paid(team, dossier, date(2026, 11, 1), APA)
    paid(team, dossier, date(2026, 12, 1), APA, issued=False)  # prepared: nobody was paid
    with on_day(team.alice, DAY) as passage:
        decision = fins.record_deces(
            passage, jeton=uuid.uuid4(), dossier_id=dossier.pk, deces_on=date(2026, 10, 10)
        )
    # Ten days of October are due: 848.20 × 10 ÷ 31 = 273.61; the rest and November are not.
    assert decision.deja_verse == APA - Decimal("273.61") + APA
    assert droits(dossier) == [(SINCE, date(2026, 10, 11), APA)]
    assert m.Identite.objects.get(dossier=dossier).deces_on == date(2026, 10, 10)
    assert etat(dossier) == (Etat.CLOS, "", None)
    assert dossier.fin_droit_on == date(2026, 10, 10)


@pytest.mark.parametrize("name", ["notice", "death"])
def test_what_the_departement_does_alone_is_no_contact(team, dossier, on_day, name):
    before = dossier.dernier_contact_on
    with on_day(team.alice, DAY) as passage:
        ACTS[name](passage, dossier)
    dossier.refresh_from_db()
    assert dossier.dernier_contact_on == before < DAY


def test_a_death_empties_a_right_that_had_not_started(team, dossier, on_day):
    m.Droit.objects.filter(dossier=dossier).update(periode=DateRange(date(2026, 12, 1), None))
    with on_day(team.alice, DAY) as passage:
        ACTS["death"](passage, dossier)
    assert m.Droit.objects.get(dossier=dossier).periode.isempty


@pytest.mark.parametrize(
    ("deces_on", "refusal"),
    [
        (date(2026, 11, 21), revisions.JourFutur),
        (date(1939, 3, 13), fins.DecesAvantNaissance),
    ],
)
def test_an_impossible_death_is_refused(team, dossier, on_day, deces_on, refusal):
    with on_day(team.alice, DAY) as passage, pytest.raises(refusal):
        fins.record_deces(passage, jeton=uuid.uuid4(), dossier_id=dossier.pk, deces_on=deces_on)


def test_a_death_is_recorded_once(team, dossier, on_day):
    with on_day(team.alice, DAY) as passage:
        ACTS["death"](passage, dossier)
        with pytest.raises(fins.DecesDejaConnu):
            ACTS["death"](passage, dossier)


def dead(team, dossier, on_day):
    with on_day(team.alice, DAY) as passage:
        return fins.record_deces(
            passage, jeton=uuid.uuid4(), dossier_id=dossier.pk, deces_on=date(2026, 10, 10)
        )


def undo(passage, dossier, motif="Homonyme : la personne est vivante."):
    return annulation.cancel_deces(passage, jeton=uuid.uuid4(), dossier_id=dossier.pk, motif=motif)


def debt(dossier, **more):
    values = {
        "service": dossier.service,
        "dossier": dossier,
        "mois": date(2026, 10, 1),
        "motif": MOTIF_DECES,
        "montant": Decimal(100),
        "constate_on": DAY,
        "constate_par": factories.finder(),
        "prescrit_on": date(2028, 10, 1),
        "etat": "notifie",
    }
    return m.Indu.objects.create(**values | more)


# The day of a contact advances, and that of an end is the database's: they are not given back.
ADVANCED = {"dernier_contact_on", "fin_constatee_on"}


def whole(dossier):
    (row,) = m.Dossier.objects.filter(pk=dossier.pk).values()
    return {name: value for name, value in row.items() if name not in ADVANCED}


@pytest.mark.parametrize("under", [False, True])
def test_a_death_undone_leaves_the_file_as_it_was(team, dossier, on_day, under):
    if under:
        with on_day(team.alice, DAY) as passage:
            reopen(passage, dossier)
    before = whole(dossier), droits(dossier)
    assert bool(before[0]["etat_droit"]) is under
    assert before[0]["revision_on"]
    death = dead(team, dossier, on_day)
    withdrawn = debt(dossier)
    kept = [
        debt(dossier, mois=date(2026, 11, 1), recouvre=Decimal(40)),
        debt(dossier, motif="Heures non faites"),
    ]
    with on_day(team.remi, DAY) as passage:
        decision = undo(passage, dossier)
    assert (decision.nature, decision.annule_id) == (NatureDecision.ANNULATION, death.pk)
    assert (whole(dossier), droits(dossier)) == before
    assert m.Identite.objects.get(dossier=dossier).deces_on is None
    withdrawn.refresh_from_db()
    assert withdrawn.etat == "retire"
    assert set(m.Indu.objects.exclude(pk=withdrawn.pk).values_list("pk", "etat")) == {
        (row.pk, "notifie") for row in kept
    }
    dead(team, dossier, on_day)  # and she may die, for good
    debt(dossier)
    with on_day(team.remi, DAY) as passage:
        undo(passage, dossier)
    assert (whole(dossier), droits(dossier)) == before


@pytest.mark.parametrize("name", ["alice", "bruno", "chloe", "paul", "denis", "victor"])
def test_only_the_head_of_the_service_undoes_a_death(team, dossier, on_day, name):
    dead(team, dossier, on_day)
    with on_day(team.agents[name], DAY) as passage, pytest.raises(Refused):
        undo(passage, dossier)
    assert m.Identite.objects.get(dossier=dossier).deces_on is not None


def test_a_death_that_was_not_written_by_its_act_is_undone_as_the_others(
    team, dossier, client, entering
):
    """One hand closes a right for good by a death that says nothing of it."""
    before, rights = whole(dossier), droits(dossier)
    died = today() - timedelta(days=30)
    with entering(team.alice, INSTRUCTION) as passage:
        taken = take_decision(
            passage, jeton=uuid.uuid4(), dossier=dossier, nature=NatureDecision.FIN,
            effet_on=died, motif="Décès", avant={"droits": {}},
        )  # fmt: skip
        (right,) = DROITS.rows(passage).filter(dossier=dossier)
        DROITS.update(passage, right, periode=DateRange(SINCE, died + timedelta(days=1)))
        ended = {"etat": Etat.CLOS, "echeance": "", "echeance_on": None, "fin_droit_on": died}
        DOSSIERS.update(passage, dossier, **ended)
    taken.refresh_from_db()
    assert taken.avant["droits"] == {str(right.pk): [SINCE.isoformat(), None]}
    client.force_login(team.remi)
    reason = {"jeton": str(uuid.uuid4()), "motif": "Homonyme."}
    url = reverse("apa_ash:annuler_deces", args=[dossier.pk])
    assert client.post(url, reason).status_code == 302
    assert (whole(dossier), droits(dossier)) == (before, rights)


def test_what_cannot_be_undone_is_refused(team, dossier, on_day):
    with on_day(team.remi, DAY) as passage:
        with pytest.raises(annulation.AucunDeces):
            undo(passage, dossier)
        with pytest.raises(annulation.AnnulationSansMotif):
            undo(passage, dossier, motif=" ")
    assert not m.Decision.objects.filter(nature=NatureDecision.ANNULATION).exists()


def test_the_letters_that_claimed_after_it_are_said_void(team, dossier, client, entering):
    letter = m.Courrier.objects.create(
        service=dossier.service, dossier=dossier, nature="indu", cree_on=today(), pdf=b"%PDF",
        empreinte=hashlib.sha256(b"%PDF").hexdigest(),
    )  # fmt: skip
    url = reverse("apa_ash:courriers", args=[dossier.pk])
    with entering(team.remi, INSTRUCTION) as passage:
        fins.record_deces(
            passage, jeton=uuid.uuid4(), dossier_id=dossier.pk, deces_on=date(2026, 10, 10)
        )
    client.force_login(team.remi)
    assert "Sans objet" not in client.get(url).content.decode()
    with entering(team.remi, INSTRUCTION) as passage:
        undo(passage, dossier)
    assert "Sans objet" in client.get(url).content.decode()
    m.Courrier.objects.filter(pk=letter.pk).update(nature="pieces_manquantes")
    assert "Sans objet" not in client.get(url).content.decode()


def test_a_death_is_confirmed_on_a_page_that_names_the_person(team, dossier, client):
    url = reverse("apa_ash:deces", args=[dossier.pk])
    client.force_login(team.remi)
    sent = {"jeton": str(uuid.uuid4()), "deces_on": "2026-10-10"}
    page = client.post(url, sent).content.decode()
    for said in ("Jeanne", "Lefèvre", "14 mars 1939", dossier.numero, "10 octobre 2026"):
        assert said.replace(" ", "\u00a0") in page or said in page
    assert m.Identite.objects.get(dossier=dossier).deces_on is None
    assert client.post(url, sent | {"deces_on": "1939-03-13"}).status_code == 422
    assert client.post(url, sent | {"confirme": "on"}).status_code == 302
    assert m.Identite.objects.get(dossier=dossier).deces_on == date(2026, 10, 10)
    undo_url = reverse("apa_ash:annuler_deces", args=[dossier.pk])
    decision = reverse("apa_ash:decision", args=[dossier.pk])
    assert undo_url in client.get(decision).content.decode()
    client.force_login(team.alice)
    assert undo_url not in client.get(decision).content.decode()
    assert client.get(undo_url).status_code == 404
    client.force_login(team.remi)
    assert client.post(undo_url, {"jeton": str(uuid.uuid4())}).status_code == 422
    reason = {"jeton": str(uuid.uuid4()), "motif": "Homonyme."}
    assert client.post(undo_url, reason).status_code == 302
    assert m.Identite.objects.get(dossier=dossier).deces_on is None


def end(passage, dossier, code, fin_on, **more):
    return signature.fin(passage, dossier.pk, code, fin_on, **more)


@pytest.mark.clause("APA-05")
def test_a_move_is_paid_here_until_three_months_of_residence_there(
    team, dossier, on_day, monkeypatch
):
    letters = kept_letters(monkeypatch)
    with on_day(team.alice, DAY) as passage:
        with pytest.raises(fins.DepartementInconnu):
            end(passage, dossier, "depart", date(2026, 10, 15), departement="01")
        decision = end(passage, dossier, "depart", date(2026, 10, 15), departement="02")
    # Arrived on 15 October: the new domicile de secours is acquired on 15 January.
    assert decision.effet_on == date(2027, 1, 14)
    assert droits(dossier) == [(SINCE, date(2027, 1, 15), APA)]
    dossier.refresh_from_db()
    assert (dossier.etat, dossier.departement_secours) == (Etat.OUVERT, "02")
    assert (dossier.echeance, dossier.echeance_on) == ("fin_droit", date(2027, 1, 14))
    assert m.Courrier.objects.get(dossier=dossier).nature == "fin_droit"
    assert fins.contestation_avant(DAY) == date(2026, 12, 20)
    told = letters[-1]
    assert (told.fin_on, told.secours_on) == (date(2027, 1, 14), date(2027, 1, 15))
    assert (told.departement, told.gir) == ("02", None)


def test_a_right_is_not_taken_away_in_the_past_nor_for_a_gir_that_opens_it(team, dossier, on_day):
    with on_day(team.alice, DAY) as passage:
        with pytest.raises(fins.FinPassee):
            end(passage, dossier, "renonciation", date(2026, 11, 19))
        with pytest.raises(MotifContredit):
            end(passage, dossier, "gir", DAY)
    m.Evaluation.objects.filter(dossier=dossier).update(gir=5)
    with on_day(team.alice, DAY) as passage:
        decision = end(passage, dossier, "gir", DAY)
        assert decision.nature == NatureDecision.FIN
        with pytest.raises(fins.FinDejaSignee):
            end(passage, dossier, "gir", DAY)
    with (
        on_day(team.alice, DAY + timedelta(days=1)) as passage,
        pytest.raises(fins.AucunDroitAFermer),
    ):
        end(passage, dossier, "gir", DAY + timedelta(days=1))
    assert droits(dossier) == [(SINCE, date(2026, 11, 21), APA)]


def test_what_was_set_aside_was_not_paid_and_is_not_claimed_after_a_death(team, dossier, on_day):
    for month, aside in ((10, True), (11, False)):
        mois = date(2026, month, 1)
        paid(team, dossier, mois, APA)
        if aside:
            m.Paiement.objects.filter(mois_du=mois).update(
                ecarte=True, examen="Compte douteux", examine_par=team.paul, verse_on=None
            )
    with on_day(team.alice, DAY) as passage:
        decision = fins.record_deces(
            passage, jeton=uuid.uuid4(), dossier_id=dossier.pk, deces_on=date(2026, 10, 10)
        )
    assert decision.deja_verse == APA


@pytest.mark.parametrize(("days", "used"), [(0, True), (-1, False)])
def test_a_notice_is_used_by_what_follows_it_the_same_day(team, warned, on_day, days, used):
    sent = date(2026, 7, 1)
    m.Decision.objects.create(
        service=team.nord,
        dossier=warned,
        nature=NatureDecision.REPRISE,
        prise_on=sent + timedelta(days=days),
        effet_on=sent,
    )
    with on_day(team.alice, date(2026, 8, 4)) as passage:
        notice = mises_en_demeure.pending_notice(
            passage, situation=load_situation(passage, pk=warned.pk)
        )
    assert (notice is None) is used


def test_put_right_before_it_starts_the_payment_resumes_no_earlier(team, warned, on_day):
    with on_day(team.alice, date(2026, 8, 4)) as passage:
        suspend(passage, warned, RECEIVED)
        # Restored from the month put right, August; nothing was stopped before 1 September.
        assert resume(passage, warned, date(2026, 8, 4)).effet_on == date(2026, 9, 1)


def test_a_revision_received_today_is_registered_and_tomorrow_s_is_not(team, dossier, on_day):
    with on_day(team.alice, DAY) as passage:
        with pytest.raises(revisions.JourFutur):
            reopen(passage, dossier, recue_on=DAY + timedelta(days=1))
        assert reopen(passage, dossier, recue_on=DAY).recue_on == DAY


def test_nothing_is_put_right_tomorrow(team, warned, on_day):
    with on_day(team.alice, date(2026, 8, 4)) as passage:
        suspend(passage, warned, RECEIVED)
        with pytest.raises(revisions.JourFutur):
            resume(passage, warned, date(2026, 8, 5))
        assert resume(passage, warned, date(2026, 8, 4)).nature == NatureDecision.REPRISE


@pytest.mark.parametrize(
    ("days", "change", "etat"),
    [
        (0, {}, "retire"),
        (0, {"etat": "constate"}, "retire"),
        (0, {"recouvre": Decimal("0.01")}, "notifie"),
        (-1, {}, "notifie"),
    ],
    ids=str,
)
def test_a_death_undone_withdraws_what_was_found_since_it(
    team, dossier, on_day, days, change, etat
):
    dead(team, dossier, on_day)
    found = debt(dossier, constate_on=DAY + timedelta(days=days), **change)
    with on_day(team.remi, DAY) as passage:
        undo(passage, dossier)
    found.refresh_from_db()
    assert found.etat == etat
