"""What a month really owes, when its plan was used whole and when it was not."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from uuid import UUID, uuid4

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from egide.rules.apa.domicile import compute_apa_domicile
from egide.rules.apa.effectivite import Prevu, Releve, montant_utilise
from egide.rules.apa.versement import Interruption, Nature, Periode
from egide.rules.money import round_to_cent
from egide.systems.apa_ash.calculs.effectivite import Faits, compare
from egide.systems.apa_ash.calculs.parts_du_mois import Droit

MOIS = date(2026, 6, 1)
AMOUNTS = st.integers(100, 300_000).map(lambda cents: Decimal(cents).scaleb(-2))
MEANS = st.integers(0, 600_000).map(lambda cents: Decimal(cents).scaleb(-2))
# One plan in twenty thousand loses a cent to the eight decimals of its rate.
LOST = (Decimal("1397.63"), Decimal("2423.81"))


def month_of_plan(plan, ressources, *, heures):
    decided = compute_apa_domicile(
        on=MOIS,
        age=80,
        gir=1,
        couple=False,
        ressources_mensuelles=ressources,
        plan_mensuel=plan,
    )
    droit = Droit(
        uuid4(),
        Periode(MOIS),
        decided.apa,
        {None: Prevu(heures=Decimal(40), montant_heures=plan)},
        decided.taux_participation,
    )
    faits = Faits([droit], releves={(MOIS, None): Releve(heures=heures)})
    return decided.apa, compare(faits, mois=MOIS).justifie


@given(AMOUNTS, MEANS)
def test_a_plan_used_whole_owes_what_was_decided(plan, ressources):
    decided, justifie = month_of_plan(plan, ressources, heures=Decimal(40))
    assert justifie == decided


def test_the_eight_decimals_of_the_rate_never_take_a_cent():
    decided, justifie = month_of_plan(*LOST, heures=Decimal(40))
    assert justifie == decided


@given(AMOUNTS, MEANS)
def test_an_hour_less_is_never_more(plan, ressources):
    decided, justifie = month_of_plan(plan, ressources, heures=Decimal(39))
    assert justifie <= decided


def test_half_the_hours_owe_half():
    decided, justifie = month_of_plan(Decimal(1200), Decimal(0), heures=Decimal(20))
    assert (decided, justifie) == (Decimal(1200), Decimal(600))


CASES = yaml.safe_load(Path(__file__).with_name("effectivite.yaml").read_text("utf-8"))["mois"]
PAYEES = {"personne": None, "service": UUID(int=1), "autre": UUID(int=2)}


def by_payee(told, read=Decimal):
    return {PAYEES[name]: read(value) for name, value in told.items()}


def decimals(columns):
    return {name: Decimal(value) for name, value in columns.items()}


def stops(nature, periods):
    return [Interruption(nature, Periode(debut, fin or None)) for debut, fin in periods]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["cas"])
def test_each_payee_of_a_month_owes_what_passes_its_own_part(case):
    prevus = by_payee(case["prevus"], lambda told: Prevu(**decimals(told)))
    droits = [
        Droit(
            uuid4(),
            Periode(told["debut"], told.get("fin")),
            Decimal(told["apa"]),
            prevus,
            Decimal(told["taux"]),
        )
        for told in case["droits"]
    ]
    mois, verses = case["mois"], by_payee(case["verse"])
    faits = Faits(
        droits,
        stops(Nature.HOSPITALISATION, case.get("sejours", []))
        + stops(Nature.SUSPENSION, case.get("suspensions", [])),
        case.get("deces"),
        releves={
            (mois, who): told
            for who, told in by_payee(
                case["releves"], lambda told: Releve(**decimals(told))
            ).items()
        },
        verses={(mois, who): amount for who, amount in verses.items()},
        derniers_versements={(mois, who): mois for who in verses},
    )
    found = compare(faits, mois=mois)
    assert {part.beneficiaire: part.ecart for part in found.parts} == by_payee(case["owed"])
    assert found.justifie == sum(by_payee(case["du"]).values())
    assert found.heures_prevues == Decimal(case["heures_prevues"])


HOURS = st.none() | st.integers(0, 60).map(Decimal)
INVOICES = st.none() | AMOUNTS
REPORTS = st.builds(Releve, HOURS, INVOICES)
PLANS = st.builds(Prevu, st.just(Decimal(40)), AMOUNTS, st.just(Decimal(0)) | AMOUNTS)
RATES = st.integers(0, 90_000_000).map(lambda n: Decimal(n).scaleb(-8))


@st.composite
def months(draw, *, whole=False, payees=3):
    """Draw one month of one right, whole or cut, with what each of its payees was paid."""
    whos = list(PAYEES.values())[:payees]
    prevus = {who: draw(PLANS) for who in whos}
    taux = draw(RATES)
    planned = Fraction(sum(p.montant for p in prevus.values()))
    apa = round_to_cent(planned * (1 - Fraction(taux)))
    day = st.dates(MOIS - timedelta(days=40), MOIS + timedelta(days=29))
    return Faits(
        [Droit(uuid4(), Periode(MOIS if whole else draw(day)), apa, prevus, taux)],
        [] if whole else [Interruption(draw(st.sampled_from(Nature)), Periode(draw(day), None))],
        None if whole else draw(st.none() | day),
        releves={(MOIS, who): draw(REPORTS) for who in whos},
        verses={(MOIS, who): draw(AMOUNTS) for who in whos if whole or draw(st.booleans())},
        derniers_versements={(MOIS, who): MOIS for who in whos},
    )


@given(months())
def test_dues_stay_within_the_month_and_debts_within_what_was_paid(faits):
    found = compare(faits, mois=MOIS)
    assert 0 <= found.justifie <= faits.dus.of_month(MOIS).montant
    for part in found.parts:
        assert 0 <= part.apres_deces <= part.ecart <= part.verse
        assert 0 <= part.hors_droit <= part.ecart - part.apres_deces
    assert found.ecart >= found.verse - found.justifie


@given(months())
def test_what_is_beyond_the_right_owes_nothing_to_the_hours(faits):
    living = replace(faits, deces_on=None)
    found = compare(living, mois=MOIS)
    silent = compare(replace(living, releves={}), mois=MOIS)
    assert [p.hors_droit for p in found.parts] == [p.hors_droit for p in silent.parts]
    beyond = found.verse - living.dus.of_month(MOIS).montant
    assert sum(part.hors_droit for part in found.parts) >= beyond
    assert beyond > 0 or not any(part.hors_droit for part in found.parts)


@given(months(), st.dates(MOIS - timedelta(days=1), MOIS + timedelta(days=29)))
def test_what_follows_a_death_owes_nothing_to_the_hours(faits, day):
    dead = replace(faits, deces_on=day)
    found, silent = (compare(told, mois=MOIS) for told in (dead, replace(dead, releves={})))
    assert [p.apres_deces for p in found.parts] == [p.apres_deces for p in silent.parts]
    assert [p.ecart for p in silent.parts] == [p.apres_deces for p in silent.parts]


@given(months(whole=True, payees=1))
def test_a_whole_month_of_one_payee_is_due_on_what_was_used(faits):
    (droit,) = faits.droits
    (prevu,) = droit.prevus.values()
    used = montant_utilise(prevu, releve=faits.releves[MOIS, None])
    expected = droit.apa
    if used != prevu.montant:
        expected = min(expected, round_to_cent(used * (1 - Fraction(droit.taux_participation))))
    assert compare(faits, mois=MOIS).justifie == expected


@given(months(whole=True))
def test_a_whole_month_is_due_within_a_cent_a_payee_of_the_exact_amount(faits):
    (droit,) = faits.droits
    used = sum(montant_utilise(p, releve=faits.releves[MOIS, w]) for w, p in droit.prevus.items())
    exact = used * (1 - Fraction(droit.taux_participation))
    assert abs(Fraction(compare(faits, mois=MOIS).justifie) - exact) <= Fraction(1, 100) * len(
        droit.prevus
    )
