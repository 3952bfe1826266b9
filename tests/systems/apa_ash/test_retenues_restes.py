"""What is left of a debt is what a run withholds of it, and what it gives back when given up."""

import uuid

import pytest

from egide.rules.apa.arrieres import previous_month
from egide.systems.apa_ash import models as m
from egide.systems.apa_ash.models.controle import EtatIndu
from egide.systems.apa_ash.purposes import PAIEMENT
from egide.systems.apa_ash.services import lot as acts
from tests.personas import today
from tests.systems.apa_ash.paiement_rows import IBAN, payable
from tests.systems.apa_ash.test_retenues import indu, read, withheld_before

MOIS = today().replace(day=1)
LATER = {"motif": "b", "prescrit_on": today().replace(year=2099)}


@pytest.fixture
def dossier(team):
    return payable(team.nord, start=MOIS, apa="500.00")


@pytest.fixture
def run(team, entering):
    """Prepare the run of the month, then have another agent take the next step."""

    def prepare():
        with entering(team.paul, PAIEMENT) as passage:
            return acts.prepare_lot(
                passage, lot_id=uuid.uuid4(), service_id=team.nord.pk, mois=MOIS
            )

    return prepare


@pytest.fixture
def validate(team, entering):
    def take(lot):
        with entering(team.remi, PAIEMENT) as passage:
            return acts.validate_lot(passage, lot_id=lot.pk)

    return take


def repaid(debt, amount, by):
    m.Indu.objects.filter(pk=debt.pk).update(recouvre=amount)
    m.Remboursement.objects.create(
        service=debt.service,
        dossier=debt.dossier,
        indu=debt,
        montant=amount,
        recu_on=MOIS,
        saisi_par=by,
    )


def test_what_was_withdrawn_repaid_or_remitted_of_a_debt_is_not_withheld(
    team, dossier, run, validate
):
    """100 € less 10, 20 and 30: forty are left, and the next debt takes the sixty others."""
    first, second = indu(dossier, "100.00", MOIS), indu(dossier, "100.00", MOIS, **LATER)
    m.Indu.objects.filter(pk=first.pk).update(retire=10, remis=30)
    repaid(first, 20, team.carole)
    validate(run())
    assert read(first, second) == [("60.00", "recouvre"), ("60.00", "notifie")]


@pytest.mark.parametrize("etat", [EtatIndu.NOTIFIE, EtatIndu.CONSTATE, EtatIndu.NON_RECOUVRE])
def test_a_validation_counts_on_debts_that_were_notified(dossier, run, validate, etat):
    """The one that was, when the run was prepared, is no more; another may be there instead."""
    gone = indu(dossier, "50.00", MOIS)
    lot = run()
    m.Indu.objects.filter(pk=gone.pk).update(etat=EtatIndu.RETIRE, retire=50)
    other = indu(dossier, "50.00", MOIS, etat=etat, **LATER)
    if etat == EtatIndu.NOTIFIE:
        validate(lot)
        assert read(other) == [("50.00", "recouvre")]
    else:
        with pytest.raises(acts.InduChanged):
            validate(lot)
        assert read(other) == [("0.00", etat)]


@pytest.mark.parametrize("ecarte", [False, True])
def test_a_line_set_aside_withholds_nothing(team, dossier, run, validate, ecarte):
    debt = indu(dossier, "50.00", MOIS)
    payable(team.nord, nom="Morel", start=MOIS)
    lot = run()
    if ecarte:
        lines = m.Paiement.objects.filter(lot=lot, dossier=dossier)
        lines.update(ecarte=True, examen="Doute", examine_par=team.paul)
    validate(lot)
    assert read(debt) == [("0.00", "notifie") if ecarte else ("50.00", "recouvre")]


def test_what_the_debtor_repaid_of_one_debt_is_taken_off_that_one(
    team, entering, dossier, run, validate
):
    """The last counted is given back first: its 40 €, whatever was repaid of the other."""
    other, owed = indu(dossier, "60.00", MOIS), indu(dossier, "80.00", MOIS, **LATER)
    repaid(other, 60, team.carole)
    m.Indu.objects.filter(pk=other.pk).update(etat=EtatIndu.RECOUVRE)
    m.Indu.objects.filter(pk=owed.pk).update(recouvre=40)
    withheld_before(team, dossier, previous_month(MOIS), retenue=40)
    lot = run()
    validate(lot)
    assert read(other, owed) == [("60.00", "recouvre"), ("80.00", "recouvre")]
    m.CompteBancaire.objects.filter(dossier=dossier).update(iban=IBAN)
    with entering(team.remi, PAIEMENT) as passage:
        acts.abandon_lot(passage, lot_id=lot.pk, motif="Compte changé")
    assert read(other, owed) == [("60.00", "recouvre"), ("40.00", "notifie")]
