"""Debts withheld by the monthly run: within a fifth, from what was notified and is not barred."""

import uuid
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from egide.rules.apa.arrieres import previous_month
from egide.systems.apa_ash import models as m
from egide.systems.apa_ash.models.controle import EtatIndu
from egide.systems.apa_ash.purposes import PAIEMENT
from egide.systems.apa_ash.services import lot as acts
from tests import factories
from tests.personas import today
from tests.systems.apa_ash.paiement_rows import IBAN, payable


@pytest.fixture
def mois():
    return today().replace(day=1)


@pytest.fixture
def run(team, entering, mois):
    """Prepare the run of the month as Paul, or as another agent."""

    def prepare(agent=None, service=None, month=None, lot_id=None):
        with entering(agent or team.paul, PAIEMENT) as passage:
            return acts.prepare_lot(
                passage,
                lot_id=lot_id or uuid.uuid4(),
                service_id=(service or team.nord).pk,
                mois=month or mois,
            )

    return prepare


def lines(lot):
    return list(m.Paiement.objects.filter(lot=lot).order_by("mois_du", "prestataire"))


def indu(
    dossier, montant, mois, *, etat=EtatIndu.NOTIFIE, prescrit_on=None, motif="Hospitalisation"
):
    return m.Indu.objects.create(
        service=dossier.service,
        dossier=dossier,
        mois=mois,
        motif=motif,
        montant=Decimal(montant),
        constate_on=mois,
        constate_par=factories.finder(),
        prescrit_on=prescrit_on or date(2099, 1, 1),
        etat=etat,
    )


@pytest.mark.clause("APA-05")
def test_a_debt_is_withheld_up_to_a_fifth_then_closed(team, run, entering, mois):
    before = previous_month(mois)
    dossier = payable(team.nord, start=before, apa="500.00")
    debt = indu(dossier, "150.00", before)
    for month, withheld, etat in ((before, "100.00", "notifie"), (mois, "50.00", "recouvre")):
        lot = run(month=month)
        (line,) = lines(lot)
        assert line.retenue == Decimal(withheld)
        assert line.montant == line.montant_brut - line.retenue
        with entering(team.remi, PAIEMENT) as passage:
            acts.validate_lot(passage, lot_id=lot.pk)
        debt.refresh_from_db()
        assert debt.etat == etat
    assert debt.recouvre == debt.montant


def test_a_debt_not_notified_is_not_withheld(team, run, mois):
    dossier = payable(team.nord, start=mois)
    indu(dossier, "50.00", mois, etat=EtatIndu.CONSTATE)
    assert lines(run())[0].retenue == 0


@pytest.mark.parametrize(("left", "withheld"), [(-1, "0.00"), (0, "0.00"), (1, "60.00")])
def test_a_debt_is_withheld_until_the_eve_of_the_day_that_bars_it(team, run, mois, left, withheld):
    dossier = payable(team.nord, start=mois)
    indu(dossier, "60.00", mois, prescrit_on=today() + timedelta(days=left))
    assert lines(run())[0].retenue == Decimal(withheld)


def test_a_debt_remitted_meanwhile_stops_the_validation(team, run, entering, mois):
    dossier = payable(team.nord, start=mois)
    debt = indu(dossier, "50.00", mois)
    lot = run()
    m.Indu.objects.filter(pk=debt.pk).update(etat=EtatIndu.REMIS, remis=50)
    with entering(team.remi, PAIEMENT) as passage, pytest.raises(acts.InduChanged):
        acts.validate_lot(passage, lot_id=lot.pk)
    lot.refresh_from_db()
    assert lot.etat == "prepare"


@pytest.mark.clause("APA-05")
def test_the_debt_that_is_barred_first_is_withheld_first(team, run, entering, mois):
    dossier = payable(team.nord, start=mois, apa="500.00")
    late = indu(dossier, "80.00", mois, motif="b", prescrit_on=date(2099, 1, 2))
    soon = indu(dossier, "60.00", mois, motif="a")
    last = indu(dossier, "70.00", mois, motif="c", prescrit_on=date(2099, 1, 3))
    lot = run()
    with entering(team.remi, PAIEMENT) as passage:
        acts.validate_lot(passage, lot_id=lot.pk)
    assert read(soon, late, last) == [
        ("60.00", "recouvre"),
        ("40.00", "notifie"),
        ("0.00", "notifie"),
    ]


def read(*debts):
    for debt in debts:
        debt.refresh_from_db()
    return [(str(debt.recouvre), debt.etat) for debt in debts]


def withheld_before(team, dossier, mois, *, retenue):
    """A run of a month before, issued, which withheld what debts count already."""
    lot = m.LotPaiement.objects.create(
        service=team.nord,
        mois=mois,
        etat="emis",
        prepare_par=team.paul,
        prepare_on=mois,
        valide_par=team.remi,
        valide_on=mois,
        emis_on=mois,
    )
    compte = m.CompteBancaire.objects.get(dossier=dossier)
    m.Paiement.objects.create(
        service=team.nord,
        dossier=dossier,
        lot=lot,
        droit=m.Droit.objects.get(dossier=dossier),
        titulaire=compte.titulaire,
        iban=compte.iban,
        mois_du=mois,
        montant_brut=500,
        retenue=retenue,
        verse_on=mois,
    )


@pytest.fixture
def given_up(team, run, entering, mois):
    """Withhold 40 € of a debt of 80 € beside one that was paid before, then give the run up."""

    def play(etat, *, repaid=0, **since):
        dossier = payable(team.nord, start=mois, apa="500.00")
        paid = indu(dossier, "60.00", mois, motif="a", etat=EtatIndu.RECOUVRE)
        owed = indu(dossier, "80.00", mois, motif="b", prescrit_on=date(2099, 1, 2))
        for debt, before in ((paid, 60), (owed, 40)):
            m.Indu.objects.filter(pk=debt.pk).update(recouvre=before)
        if repaid:
            m.Remboursement.objects.create(
                service=team.nord,
                dossier=dossier,
                indu=owed,
                montant=repaid,
                recu_on=mois,
                saisi_par=team.carole,
            )
        withheld_before(team, dossier, previous_month(mois), retenue=100 - repaid)
        lot = run()
        with entering(team.remi, PAIEMENT) as passage:
            acts.validate_lot(passage, lot_id=lot.pk)
        assert read(paid, owed) == [("60.00", "recouvre"), ("80.00", "recouvre")]
        m.Indu.objects.filter(pk=owed.pk).update(etat=etat, **since)
        m.CompteBancaire.objects.filter(dossier=dossier).update(iban=IBAN)
        with entering(team.remi, PAIEMENT) as passage, CaptureQueriesContext(connection) as seen:
            acts.abandon_lot(passage, lot_id=lot.pk, motif="Compte changé")
        # A remission or a repayment under way is waited for, and not written over.
        held = [q["sql"] for q in seen if " FOR UPDATE" in q["sql"]]
        assert any('FROM "apa_ash_indu"' in query for query in held)
        return read(paid, owed)

    return play


def test_what_was_withheld_last_is_given_back_first(given_up):
    assert given_up(EtatIndu.RECOUVRE) == [("60.00", "recouvre"), ("40.00", "notifie")]


@pytest.mark.parametrize(
    ("retire", "etat"), [("0.00", "notifie"), ("39.99", "notifie"), ("40.00", "remis")]
)
def test_a_debt_remitted_since_is_owed_again_unless_nothing_is_left(given_up, retire, etat):
    """40 € are left withheld of a debt of 90 €, 10 € were remitted: `retire` was never owed."""
    found = given_up(EtatIndu.REMIS, montant=90, remis=10, retire=Decimal(retire))
    assert found == [("60.00", "recouvre"), ("40.00", etat)]


def test_a_debt_withdrawn_since_stays_withdrawn_when_the_run_is_given_up(given_up):
    found = given_up(EtatIndu.RETIRE, retire=80)
    assert found == [("60.00", "recouvre"), ("40.00", "retire")]


@pytest.mark.parametrize(
    ("repaid", "left"),
    [(40, ("60.00", "40.00")), (41, ("59.00", "41.00")), (0, ("60.00", "40.00"))],
)
def test_what_was_repaid_is_not_given_back_as_if_withheld(given_up, repaid, left):
    found = given_up(EtatIndu.RECOUVRE, repaid=repaid)
    assert tuple(amount for amount, _ in found) == left
