"""What a month is due is one figure: the run, the decision, the control and the claim agree."""

import uuid
from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal
from types import SimpleNamespace

import pytest
from django.db.backends.postgresql.psycopg_any import DateRange
from hypothesis import given
from hypothesis import strategies as st

from egide.rules.apa.versement import Interruption, Nature, Periode, next_month
from egide.systems.apa_ash import models as m
from egide.systems.apa_ash.calculs.echeancier import Situation, compose_lines
from egide.systems.apa_ash.calculs.effectivite import Faits, compare
from egide.systems.apa_ash.calculs.parts_du_mois import TO_THE_PERSON, Droit
from egide.systems.apa_ash.presentation.mois import list_months
from egide.systems.apa_ash.purposes import CONTROLE, PAIEMENT
from egide.systems.apa_ash.queries.apres_deces import find_after_death
from egide.systems.apa_ash.queries.controle import read_months
from egide.systems.apa_ash.queries.decision import Situation as Decide
from egide.systems.apa_ash.queries.decision import dus_of, load_situation
from egide.systems.apa_ash.queries.dossier import open_dossier
from egide.systems.apa_ash.queries.lot_perime import find_changed_dues
from egide.systems.apa_ash.services import lot as runs
from egide.systems.apa_ash.services.fins import record_deces, trop_verse
from tests.systems.apa_ash.paiement_rows import droit, payable

AVRIL, JOUR = date(2026, 4, 1), date(2026, 4, 27)
TOUT, PART = Decimal("166.68"), Decimal("133.35")
AMOUNTS = st.integers(1, 300_000).map(lambda cents: Decimal(cents).scaleb(-2))
DAYS = st.dates(AVRIL - timedelta(days=80), AVRIL + timedelta(days=29))
STOPS = st.lists(
    st.tuples(st.sampled_from(Nature), DAYS, st.integers(1, 90)), max_size=2, unique_by=lambda s: s
)


def as_row(**columns):
    return SimpleNamespace(**columns)


@given(AMOUNTS, AMOUNTS, DAYS, STOPS, st.none() | DAYS)
def test_what_is_shown_is_what_is_paid_with_two_rights_stays_a_suspension_a_death(
    before, after, cut, stops, deces_on
):
    """Months that a cut, a stay, a suspension and a death shorten at once."""
    start = date(2026, 1, 1)
    periods = [(Periode(start, cut), before), (Periode(cut), after)]
    arrets = [
        Interruption(nature, Periode(day, day + timedelta(days=length)))
        for nature, day, length in stops
    ]
    lines = compose_lines(
        Situation(
            dossier_id=uuid.uuid4(),
            droits=[Droit(uuid.uuid4(), days, apa, TO_THE_PERSON) for days, apa in periods],
            interruptions=arrets,
            deces_on=deces_on,
        ),
        mois=AVRIL,
    )
    paid = defaultdict(Decimal)
    for line in lines:
        paid[line.mois_du] += line.montant_brut
    decide = Decide(
        dossier=as_row(identite=as_row(deces_on=deces_on)),
        demandes=[],
        plans=[],
        plan_mensuel=Decimal(0),
        etablies=[],
        evaluation=None,
        decisions=[],
        droits=[as_row(periode=DateRange(days.debut, days.fin), apa=apa) for days, apa in periods],
        interruptions=[
            as_row(nature=item.nature, periode=DateRange(item.periode.debut, item.periode.fin))
            for item in arrets
        ],
    )
    shown = {row.mois: row.montant for row in list_months(decide, on=AVRIL)}
    faits = Faits([Droit(uuid.uuid4(), days, apa, {}) for days, apa in periods], arrets, deces_on)
    for mois, montant in shown.items():
        assert paid[mois] == montant == compare(faits, mois=mois).justifie
    assert sum(paid.values()) == dus_of(decide).between(start, end=next_month(AVRIL))


@pytest.fixture
def shared(team):
    """A file whose month of April two rights share, each for a part that is not a cent."""
    dossier = payable(team.nord, start=date(2026, 1, 1), end=date(2026, 4, 11), apa="100.01")
    droit(dossier, start=date(2026, 4, 11), apa="200.02")
    return dossier


@pytest.fixture
def shown(team, on_day):
    """Give the amount of April in the months of the Décision tab."""

    def read(dossier):
        with on_day(team.alice, JOUR) as passage:
            situation = load_situation(passage, pk=dossier.pk)
            return next(row.montant for row in list_months(situation, on=JOUR) if row.mois == AVRIL)

    return read


@pytest.fixture
def lot(team, shared, on_day):
    """The run of April, paid on the day."""
    with on_day(team.paul, JOUR, purpose=PAIEMENT) as passage:
        lot = runs.prepare_lot(passage, lot_id=uuid.uuid4(), service_id=team.nord.pk, mois=AVRIL)
        assert not find_changed_dues(passage, lot, every=True)
    m.Paiement.objects.filter(lot=lot, mois_du=AVRIL).update(verse_on=JOUR)
    return lot


def test_a_month_of_two_rights_is_shown_as_the_run_pays_it(lot, shared, shown):
    paid = m.Paiement.objects.get(lot=lot, mois_du=AVRIL)
    assert shown(shared) == paid.montant_brut == TOUT


def test_a_death_known_late_is_the_same_amount_for_all(team, lot, shared, shown, on_day):
    deces_on = date(2026, 4, 25)
    with on_day(team.alice, JOUR) as passage:
        situation = load_situation(passage, pk=shared.pk)
        assert trop_verse(passage, situation=situation, deces_on=deces_on) == TOUT - PART
        decided = record_deces(passage, jeton=uuid.uuid4(), dossier_id=shared.pk, deces_on=deces_on)
        assert decided.deja_verse == TOUT - PART
    assert shown(shared) == PART
    with on_day(team.carole, JOUR, purpose=CONTROLE) as passage:
        opened = open_dossier(passage, shared.pk)
        last = read_months(passage, dossier=opened, indus=[], until=AVRIL).months[-1]
        (claimed,) = find_after_death(passage, dossier_id=shared.pk)
        assert (last.justifie, last.ecart) == (claimed.du, claimed.reste) == (PART, TOUT - PART)
    with on_day(team.paul, JOUR, purpose=PAIEMENT) as passage:
        (change,) = find_changed_dues(passage, lot)
        assert (change.mois, change.du) == (AVRIL, PART)
