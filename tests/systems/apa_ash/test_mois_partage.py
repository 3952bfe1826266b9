"""A month that several rights share is shared right by right: run, death, excess, arrears agree."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from uuid import UUID

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from egide.rules.apa.effectivite import Prevu, Releve
from egide.rules.apa.repartition import split_montant
from egide.rules.apa.service_fait import Reglement, Reglements
from egide.rules.apa.versement import Interruption, Nature, Periode, next_month
from egide.rules.money import CENTIME, round_to_cent
from egide.systems.apa_ash.calculs.droit_du_mois import next_payment, tell_month
from egide.systems.apa_ash.calculs.echeancier import Situation, compose_lines
from egide.systems.apa_ash.calculs.effectivite import Faits, compare
from egide.systems.apa_ash.calculs.parts_du_mois import TO_THE_PERSON, Droit, ServiceFait

CASES = yaml.safe_load(Path(__file__).with_name("mois_partage.yaml").read_text("utf-8"))["mois"]
NOVEMBRE, DECEMBRE = date(2026, 11, 1), date(2026, 12, 1)
UN, DEUX = UUID(int=1), UUID(int=2)
PAYEES = {"personne": None, "service": UN, "autre": DEUX}
KEY = UUID(int=9)


def by_payee(told):
    return {PAYEES[name]: Decimal(value) for name, value in told.items()}


def prevus(told):
    return {
        PAYEES[name]: Prevu(**{k: Decimal(v) for k, v in asked.items()})
        for name, asked in told.items()
    }


def on_hours(*services):
    return Reglements({who: [(date(2020, 1, 1), Reglement.SERVICE_FAIT)] for who in services})


def facts(case, verses=(), **known):
    """Give what a case tells, as the control reads it."""
    droits = [
        Droit(
            UUID(int=rank),
            Periode(told["debut"], told.get("fin")),
            Decimal(told["apa"]),
            prevus(told.get("plan", {})),
            Decimal(told.get("taux", 0)),
        )
        for rank, told in enumerate(case["droits"])
    ]
    releves = {
        (NOVEMBRE, who): Releve(heures) for who, heures in by_payee(case.get("heures", {})).items()
    }
    fait = ServiceFait(on_hours(*(PAYEES[n] for n in case.get("service_fait", ()))), releves)
    return paid(Faits(droits, releves=releves, service_fait=fait, **known), dict(verses))


def paid(faits, verses):
    keys = {(NOVEMBRE, who): amount for who, amount in verses.items()}
    return replace(faits, verses=keys, derniers_versements=dict.fromkeys(keys, NOVEMBRE))


def run(faits, *, mois=DECEMBRE, told=()):
    """Give what a run pays of November: a run reads a lump sum as the person's."""
    situation = Situation(
        KEY,
        [replace(d, prevus=d.prevus if d.planned else TO_THE_PERSON) for d in faits.droits],
        faits.interruptions,
        faits.deces_on,
        deja_payes={NOVEMBRE: {w: x for (_, w), x in faits.verses.items()}} if faits.verses else {},
        constates={NOVEMBRE: sum(faits.indus.values(), Decimal(0))},
        ecartes={NOVEMBRE: set(told)},
        service_fait=faits.service_fait,
        mois_en_cours=DECEMBRE,
    )
    lines = [line for line in compose_lines(situation, mois=mois) if line.mois_du == NOVEMBRE]
    return {line.prestataire_id: line.montant_brut for line in lines if line.montant_brut}


def owed(faits):
    return {p.beneficiaire: p.ecart for p in compare(faits, mois=NOVEMBRE).parts if p.ecart}


@pytest.mark.clause("APA-06")
@pytest.mark.parametrize("case", CASES, ids=lambda case: case["cas"])
def test_each_right_pays_its_own_days_to_whom_its_own_plan_names(case):
    faits = facts(case)
    expected = by_payee(case["run"])
    assert run(faits) == expected
    done = paid(faits, expected)
    assert owed(done) == {}
    assert run(done, told=set(faits.service_fait.reglements.choix) - expected.keys()) == {}
    month = compare(done, mois=NOVEMBRE)
    assert month.justifie == month.verse == sum(expected.values())


@pytest.mark.parametrize("case", [c for c in CASES if "mort" in c], ids=lambda case: case["cas"])
def test_after_a_death_each_owes_what_its_own_days_do_not_give(case):
    dead = facts(case, by_payee(case["run"]), deces_on=case["mort"]["le"])
    month = compare(dead, mois=NOVEMBRE)
    found = {p.beneficiaire: p.apres_deces for p in month.parts if p.apres_deces}
    assert found == owed(dead) == by_payee(case["mort"]["doit"])
    assert run(dead) == {}


@pytest.mark.parametrize(
    "case", [c for c in CASES if "autrement" in c], ids=lambda case: case["cas"]
)
def test_what_another_sharing_paid_is_owed_by_whom_it_was_not_due_to(case):
    other = case["autrement"]
    faits = facts(case, by_payee(other["verse"]))
    assert owed(faits) == by_payee(other["doit"])
    # Nothing is paid twice; what is recorded in excess is paid to whom it was due to, and once.
    assert run(faits) == {}
    recorded = {(NOVEMBRE, who): amount for who, amount in owed(faits).items()}
    missing = {
        who: amount - by_payee(other["verse"]).get(who, Decimal(0))
        for who, amount in by_payee(case["run"]).items()
        if who not in owed(faits)
    }
    done = replace(faits, indus=recorded)
    assert run(done) == missing
    after = by_payee(other["verse"])
    for who, amount in missing.items():
        after[who] += amount
    assert run(replace(paid(faits, after), indus=recorded)) == {}
    if "mort" in other:
        dead = replace(faits, deces_on=case["mort"]["le"])
        assert owed(dead) == by_payee(other["mort"])


@pytest.mark.parametrize(("who", "most"), [(UN, "585.88"), (None, "836.67"), (DEUX, None)], ids=str)
def test_what_is_paid_next_follows_each_right_of_the_month(who, most):
    """While November is not paid: the person is paid more of it than of the months to come."""
    faits = facts(next(c for c in CASES if "service payé au plan" in c["cas"]))
    found = next_payment(faits, who, on=date(2026, 11, 24))
    assert found == (Decimal(most) if most else None)


@pytest.mark.parametrize(
    ("who", "parts"),
    [(None, ["277.38", "73.88"]), (UN, ["0", "156.23"]), (DEUX, ["0", "0"])],
    ids=str,
)
def test_a_month_is_told_right_by_right(who, parts):
    month = tell_month(facts(CASES[0]), who, mois=NOVEMBRE)
    assert [due.part for due in month.periodes] == [Decimal(part) for part in parts]
    assert [due.montant for due in month.periodes] == [Decimal("277.38"), Decimal("230.11")]
    assert month.nomme is (who != DEUX)


# Whatever the rights, the plans, the hours and the stops.

AMOUNTS = st.integers(1, 200_000).map(lambda cents: Decimal(cents).scaleb(-2))
RATES = st.integers(0, 90_000_000).map(lambda n: Decimal(n).scaleb(-8))
HOURS = st.integers(1, 240).map(lambda n: Decimal(n) / 4)
DAYS = st.dates(NOVEMBRE - timedelta(days=40), NOVEMBRE + timedelta(days=29))
PLANS = st.dictionaries(
    st.sampled_from(list(PAYEES.values())),
    st.builds(Prevu, HOURS, AMOUNTS, st.just(Decimal(0)) | AMOUNTS)
    | st.builds(Prevu, montant_autres=AMOUNTS),
    max_size=3,
)
REPORTS = st.builds(Releve, st.none() | HOURS, st.none() | AMOUNTS)


@st.composite
def months(draw, *, rights=3, whole=False):
    """Draw a month of some rights that follow one another, each with its plan or without any."""
    cuts = sorted(draw(st.sets(DAYS, min_size=1, max_size=rights)))
    ends = [*cuts[1:], None]
    droits = []
    for rank, (start, end) in enumerate(zip(cuts, ends, strict=True)):
        plan, taux = draw(PLANS), draw(RATES)
        planned = Fraction(sum(p.montant for p in plan.values())) * (1 - Fraction(taux))
        apa = round_to_cent(planned) if whole and plan else draw(AMOUNTS)
        droits.append(Droit(UUID(int=rank), Periode(start, end), apa, plan, taux))
    stops = [] if whole else [Interruption(draw(st.sampled_from(Nature)), Periode(draw(DAYS)))]
    reports = draw(st.dictionaries(st.sampled_from([UN, DEUX]), REPORTS))
    releves = {(NOVEMBRE, who): releve for who, releve in reports.items()}
    fait = ServiceFait(on_hours(*draw(st.sets(st.sampled_from([UN, DEUX])))), releves)
    dead = None if whole else draw(st.none() | DAYS)
    return Faits(droits, stops, dead, releves, service_fait=fait)


@given(months())
def test_the_payees_add_up_to_the_due_of_the_month_and_each_to_its_own_parts(faits):
    shared = faits.parts_of(NOVEMBRE)
    parts = shared.parts()
    assert sum(parts.values()) == shared.montant == faits.dus.of_month(NOVEMBRE).montant
    for who, part in parts.items():
        assert abs(Fraction(part) - sum(shared.exact_of(who))) < Fraction(CENTIME)
        told = tell_month(faits, who, mois=NOVEMBRE).periodes
        assert sum(due.part for due in told) == part
    for who, share in shared.shares().items():
        assert 0 <= share <= parts[who]


@given(months(rights=1))
def test_a_month_of_one_right_gives_what_its_plan_alone_gives(faits):
    (droit,) = faits.droits
    montant = faits.dus.of_month(NOVEMBRE).montant
    asked = droit.prevus if droit.planned else TO_THE_PERSON
    ordered = sorted(asked, key=lambda who: (who is None, str(who)))
    alone = split_montant(montant, parts={who: asked[who].montant for who in ordered})
    assert faits.parts_of(NOVEMBRE).parts() == alone


@given(months(), st.randoms(use_true_random=False))
def test_neither_the_order_of_the_payees_nor_that_of_the_rights_moves_a_cent(faits, rng):
    mixed = [
        replace(d, prevus=dict(rng.sample(list(d.prevus.items()), len(d.prevus))))
        for d in rng.sample(faits.droits, len(faits.droits))
    ]
    again = replace(faits, droits=mixed)
    assert list(again.parts_of(NOVEMBRE).shares().items()) == list(
        faits.parts_of(NOVEMBRE).shares().items()
    )
    assert run(again) == run(faits)


@given(months())
def test_what_was_just_paid_is_neither_an_excess_nor_an_arrear(faits):
    lines = run(faits)
    # What a service paid on the plan did not deliver is an excess that control finds: left out.
    paid_on_hours = faits.service_fait.reglements.choix
    delivered = {key: r for key, r in faits.releves.items() if key[1] in paid_on_hours}
    done = replace(paid(faits, lines), releves=delivered)
    assert owed(done) == {}
    assert run(done, told={UN, DEUX} - lines.keys()) == {}


@given(months(rights=1, whole=True), st.integers(2, 29))
def test_a_right_cut_in_two_alike_measures_hours_as_one(faits, day):
    """A revaluation that changes nothing: whatever the hours, nobody is paid more nor less."""
    (droit,) = faits.droits
    cut = NOVEMBRE.replace(day=day)
    if not (droit.periode.debut < cut):
        return
    halves = [
        replace(droit, periode=Periode(droit.periode.debut, cut)),
        replace(droit, id=KEY, periode=Periode(cut)),
    ]
    assert replace(faits, droits=halves).parts_of(NOVEMBRE).shares() == (
        faits.parts_of(NOVEMBRE).shares()
    )


@given(months(whole=True), HOURS, HOURS)
def test_more_hours_are_never_paid_less_and_all_that_the_plans_cover_is_paid(faits, few, more):
    def pay(heures):
        releves = {(NOVEMBRE, UN): Releve(heures)}
        fait = ServiceFait(on_hours(UN), releves)
        shared = replace(faits, releves=releves, service_fait=fait).parts_of(NOVEMBRE)
        return shared.shares().get(UN, Decimal(0)), shared.parts().get(UN, Decimal(0))

    assert pay(few)[0] <= pay(few + more)[0]
    given_, part = pay(Decimal(1000))
    assert given_ == part


def test_a_right_that_pays_no_day_awaits_no_hour():
    """A stay took the days of the second right: its service is not told as missing its hours."""
    case = CASES[-1]
    stop = Interruption(Nature.SUSPENSION, Periode(date(2026, 11, 21), next_month(NOVEMBRE)))
    faits = facts(case, interruptions=[stop])
    situation = Situation(
        KEY,
        faits.droits,
        faits.interruptions,
        service_fait=faits.service_fait,
        mois_en_cours=DECEMBRE,
    )
    lines = compose_lines(situation, mois=NOVEMBRE)
    assert [(line.prestataire_id, line.droit_id) for line in lines] == [(None, UUID(int=0))]
    awaiting = compose_lines(replace(situation, interruptions=()), mois=NOVEMBRE)
    assert [(line.prestataire_id, line.droit_id, line.anomalie) for line in awaiting] == [
        (None, UUID(int=0), ""),
        (UN, UUID(int=1), "heures_non_recues"),
    ]
