"""A line above what the law allows is looked at, one by one, before anything is paid."""

import uuid
from datetime import date
from decimal import Decimal

import pytest

from egide.rules.apa.montants import plafond_le_plus_haut, plafond_mensuel
from egide.rules.apa.ponctuel import facture_la_plus_haute, plafond_ponctuel
from egide.rules.apa.versement import Periode
from egide.systems.apa_ash.calculs.anomalies_du_lot import Anomalie
from egide.systems.apa_ash.calculs.echeancier import Situation, compose_lines
from egide.systems.apa_ash.calculs.echeancier_factures import FactureDue, compose_factures
from egide.systems.apa_ash.calculs.parts_du_mois import TO_THE_PERSON, Droit
from egide.systems.apa_ash.purposes import PAIEMENT
from egide.systems.apa_ash.services import lot as acts
from egide.systems.apa_ash.services import lot_refus
from tests.personas import today
from tests.systems.apa_ash.paiement_rows import payable

MARS, AVRIL = date(2026, 3, 1), date(2026, 4, 1)
CENT = Decimal("0.01")
AU_DESSUS = Anomalie.AU_DESSUS_DU_PLAFOND


@pytest.fixture
def mois():
    return today().replace(day=1)


def flagged(apa, *, mois=MARS, start=MARS, paid=None):
    situation = Situation(
        dossier_id=uuid.uuid4(),
        droits=[Droit(uuid.uuid4(), Periode(start), apa, TO_THE_PERSON)],
        deja_payes=paid or {},
    )
    return {
        line.mois_du: AU_DESSUS in line.anomalie.split()
        for line in compose_lines(situation, mois=mois)
    }


@pytest.mark.parametrize("mois", [date(2015, 6, 1), date(2023, 5, 1), MARS])
def test_the_threshold_is_the_highest_ceiling_of_the_month(mois):
    plafond = plafond_le_plus_haut(mois)
    assert plafond == plafond_mensuel(mois, gir=1)
    assert flagged(plafond, mois=mois, start=mois) == {mois: False}
    assert flagged(plafond + CENT, mois=mois, start=mois) == {mois: True}


def test_an_arrear_is_looked_at_under_the_ceiling_of_its_own_month():
    """Near miss: two months at the ceiling are two lines, and neither passes it."""
    before, after = date(2025, 12, 1), date(2026, 1, 1)
    old, new = plafond_le_plus_haut(before), plafond_le_plus_haut(after)
    assert old < new
    assert flagged(old, mois=after, start=before) == {before: False, after: False}
    assert flagged(new, mois=after, start=before) == {before: True, after: False}


def test_an_invoice_is_looked_at_under_its_own_ceiling():
    ceiling = facture_la_plus_haute(MARS)
    assert ceiling >= plafond_ponctuel(MARS, gir=1, plan_mensuel=Decimal(0))
    situation = Situation(dossier_id=uuid.uuid4(), droits=[])
    for amount, above in ((ceiling, False), (ceiling + CENT, True)):
        facture = FactureDue(uuid.uuid4(), uuid.uuid4(), None, amount, MARS)
        (line,) = compose_factures(situation, factures=[facture], mois=AVRIL)
        assert (AU_DESSUS in line.anomalie.split()) == above


@pytest.mark.clause("APA-05")
def test_such_a_line_is_never_kept_without_being_looked_at(team, mois, client, entering):
    odd = payable(team.nord, start=mois, apa="99000.00", plan_mensuel="99000.00")
    payable(team.nord, start=mois, nom="Autre")
    with entering(team.paul, PAIEMENT) as passage:
        lot = acts.prepare_lot(passage, lot_id=uuid.uuid4(), service_id=team.nord.pk, mois=mois)
        with pytest.raises(lot_refus.OneByOne):
            acts.keep_anomalies(passage, lot_id=lot.pk, anomalie=AU_DESSUS, motif="Vu")
    line = lot.paiements.exclude(anomalie="").get()
    assert (line.dossier, line.anomalie, line.examen) == (odd, AU_DESSUS, "")
    with (
        entering(team.remi, PAIEMENT) as passage,
        pytest.raises(lot_refus.AnomaliesLeft),
    ):
        acts.validate_lot(passage, lot_id=lot.pk)
    client.force_login(team.paul)
    page = client.get(f"/apa-ash/paiement/lots/{lot.pk}").content.decode()
    assert "Montant au-dessus du plafond" in page
    assert "Maintenir 1" not in page
    with entering(team.paul, PAIEMENT) as passage:
        acts.examine_paiement(passage, paiement_id=line.pk, ecarter=True, motif="Erreur")
    with entering(team.remi, PAIEMENT) as passage:
        acts.validate_lot(passage, lot_id=lot.pk)
    lot.refresh_from_db()
    assert lot.etat == "valide"
