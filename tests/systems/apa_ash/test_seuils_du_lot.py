"""What makes a line unusual, at the very figure: dated, usual up to it, looked at beyond it."""

from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from egide.rules.apa import controle
from egide.rules.apa.arrieres import previous_month
from egide.rules.apa.versement import Periode
from egide.rules.parameters import Valeur
from egide.systems.apa_ash.calculs.anomalies_du_lot import Anomalie
from egide.systems.apa_ash.calculs.echeancier import Compte, Situation, compose_lines
from egide.systems.apa_ash.calculs.parts_du_mois import TO_THE_PERSON, Droit
from egide.systems.apa_ash.models import Dossier
from egide.systems.apa_ash.models.dossier import Echeance
from egide.systems.apa_ash.presentation import revision_due

MOIS = date(2026, 10, 1)
KEY = UUID(int=1)


def situation(*, since=MOIS, apa="600.00", before=None):
    droit = Droit(KEY, Periode(since, None), Decimal(apa), TO_THE_PERSON)
    return Situation(
        KEY,
        [droit],
        compte=Compte("Jeanne", "FR76"),
        du_mois_precedent=None if before is None else Decimal(before),
    )


def anomalies(**said):
    return {
        code
        for ligne in compose_lines(situation(**said), mois=MOIS)
        for code in ligne.anomalie.split()
    }


@pytest.mark.parametrize(("back", "unusual"), [(0, False), (2, False), (3, False), (4, True)])
def test_three_months_called_back_are_usual_and_a_fourth_is_not(back, unusual):
    """The month of the run is none of them."""
    assert (Anomalie.RAPPEL in anomalies(since=previous_month(MOIS, back=back))) is unusual


def test_a_month_that_is_due_nothing_is_not_called_back():
    since = previous_month(MOIS, back=4)
    paid = situation(since=since, apa="0.00")
    assert all(Anomalie.RAPPEL not in x.anomalie.split() for x in compose_lines(paid, mois=MOIS))


@pytest.mark.parametrize(
    ("before", "apa", "unusual"),
    [
        ("400.00", "600.00", False),
        ("400.00", "600.01", True),
        ("400.01", "600.01", False),
        ("0.01", "0.01", False),
        ("0.01", "0.02", True),
        ("0.00", "600.00", False),
        (None, "600.00", False),
    ],
)
def test_half_as_much_again_is_usual_and_a_cent_more_is_not(before, apa, unusual):
    assert (Anomalie.HAUSSE in anomalies(before=before, apa=apa)) is unusual


@given(st.integers(1, 150_000), st.integers(1, 150_000), st.integers(-1, 1))
def test_a_rise_is_told_exactly_above_its_figure(before, apa, step):
    """Aimed at the very threshold as well: `step` cents on either side of it."""
    for cents in (apa, max(1, before * 3 // 2 + step)):
        found = anomalies(before=Decimal(before) / 100, apa=Decimal(cents) / 100)
        assert (Anomalie.HAUSSE in found) == (2 * cents > 3 * before)


@pytest.mark.parametrize(("step", "near"), [(-1, True), (0, True), (1, False)])
def test_a_revision_is_begun_ninety_days_ahead_that_day_included(step, near):
    on = date(2026, 5, 4)
    due = on + timedelta(days=90 + step)
    assert revision_due(Dossier(echeance=Echeance.REVISION, echeance_on=due), on=on) is near
    assert not revision_due(Dossier(echeance=Echeance.DECISION, echeance_on=due), on=on)


FIGURES = {
    "mois_de_rappel_usuels": ("5", lambda on: controle.vigilance(on).mois_de_rappel),
    "mois_sans_heures": ("4", lambda on: controle.vigilance(on).mois_sans_heures),
    "hausse_a_regarder": ("2", lambda on: controle.vigilance(on).hausse),
    "facteur_releves_excessifs": ("3", lambda on: controle.vigilance(on).releves),
    "jours_avant_revision": ("30", controle.jours_avant_revision),
    "jours_pour_accuser": ("40", controle.jours_pour_accuser),
    "jours_pour_noter_un_depot": ("10", controle.jours_pour_noter_un_depot),
    "jours_pour_executer": ("20", controle.jours_pour_executer),
}


@pytest.mark.parametrize("nom", FIGURES)
def test_each_figure_is_dated_and_says_how_sure_it_is(monkeypatch, nom):
    known = controle.PARAMETRES[nom]
    assert known.valeurs[0].confiance == "faible"
    value, read = FIGURES[nom]
    changed = known.with_valeur(
        Valeur(MOIS, Decimal(value), "délibération"), verifie_jusqu_au=known.verifie_jusqu_au
    )
    before, after = MOIS - timedelta(days=1), MOIS
    was = read(before)
    controle.vigilance.cache_clear()
    monkeypatch.setattr(controle, "PARAMETRES", {**controle.PARAMETRES, nom: changed})
    assert (read(before), read(after)) == (was, Decimal(value))
    monkeypatch.undo()
    controle.vigilance.cache_clear()
    assert read(after) == was
