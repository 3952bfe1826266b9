"""The house keeps its promises about its own text, and each sweep catches a planted defect."""

import pytest

from egide.kernel.conformity.clauses import ROOT
from tests.sweeps import house

PROMISES = [
    house.long_modules,
    house.grab_bags,
    house.silent_modules,
    house.floats_in_rules,
    house.figures_in_rules,
    house.figures_in_systems,
    house.forbidden_names,
    house.stray_managers,
    house.stray_writes,
    house.stray_sql,
    house.stray_clocks,
    house.days_of_another_calendar,
    house.sides_joined,
    house.lone_refusals,
    house.inline_code,
    house.poor_typography,
]
GUARD = "egide/systems/apa_ash/sql/x.sql"
RULE = "egide/rules/apa/taux.py"
VIEW = "egide/systems/apa_ash/views/demande.py"
SITE = "egide/site/views.py"
ACT = "egide/systems/apa_ash/services/demandes.py"
PAGE = "egide/systems/apa_ash/templates/apa_ash/page.html"
HEAD = '"""One sentence."""\n'

# Finder, file, defect planted in it, and the near miss that must pass.
PLANTED = [
    (house.long_modules, VIEW, HEAD + "x = 1\n" * 300, HEAD + "x = 1\n" * 299),
    (house.silent_modules, VIEW, "x = 1\n", HEAD + "x = 1\n"),
    (house.floats_in_rules, RULE, HEAD + "TAUX = 0.9\n", HEAD + "TAUX = 9\n"),
    (house.floats_in_rules, RULE, HEAD + "x = float('1')\n", HEAD + "x = int('1')\n"),
    (house.figures_in_rules, RULE, HEAD + "AGE = 60\n", HEAD + "MOIS = 12\n"),
    (house.figures_in_rules, RULE, HEAD + "x = Decimal('0.9')\n", HEAD + "x = Decimal('1')\n"),
    (house.figures_in_rules, RULE, HEAD + "x = 2016\n", HEAD + "x = date(2016, 3, 1)\n"),
    (house.figures_in_rules, RULE, HEAD + "x = 64\n", HEAD + "x = 2**64\n"),
    (house.figures_in_systems, ACT, HEAD + "GIR_MAXIMAL = 4\n", HEAD + "PAGE = 4\n"),
    (house.figures_in_systems, ACT, HEAD + "MOIS = Decimal('24')\n", HEAD + "MOIS_PAR_AN = 12\n"),
    (house.figures_in_systems, ACT, HEAD + "SEUIL = Fraction(3, 2)\n", HEAD + "X = Fraction(3)\n"),
    (house.figures_in_systems, VIEW, HEAD + "x = row.gir <= 4\n", HEAD + "x = row.rang <= 4\n"),
    (house.figures_in_systems, ACT, HEAD + "x = d.replace(day=10)\n", HEAD + "d.replace(day=1)\n"),
    (house.figures_in_systems, ACT, HEAD + "f(d, months=3)\n", HEAD + "f(d, months=NB)\n"),
    (house.forbidden_names, "docs/a.md", f"see {house.HOSTS[0]}", "see the registry"),
    (house.forbidden_names, ".ci/run", f"cd {house.MACHINE_PATHS[0]}", "cd ."),
    (house.stray_managers, VIEW, HEAD + "x = Demande.objects\n", HEAD + "x = demande.objet\n"),
    (house.stray_writes, ACT, HEAD + "row.delete()\n", HEAD + "LIGNES.delete(passage, row)\n"),
    (house.stray_writes, ACT, HEAD + "row.save()\n", HEAD + "LIGNES.update(passage, row)\n"),
    (house.stray_sql, VIEW, HEAD + "x = 'SELECT 1'\n", HEAD + "x = 'Select a file'\n"),
    (house.stray_sql, ACT, HEAD + "x = 'UPDATE t i SET a = 1'\n", HEAD + "x = 'UPDATE it, SET'\n"),
    (house.stray_sql, ACT, HEAD + "with db.cursor() as c: c.run(x)\n", HEAD + "c.run(x)\n"),
    (house.stray_sql, SITE, HEAD + "from m import RawSQL\n", HEAD + "from m import Raw\n"),
    (house.stray_sql, SITE, HEAD + "x = rows.extra(where=w)\n", HEAD + "x = rows.filter(w)\n"),
    (house.days_of_another_calendar, ACT, HEAD + "x = 'current_date'\n", HEAD + "x = 'on'\n"),
    (house.days_of_another_calendar, VIEW, HEAD + "date.today()\n", HEAD + "today()\n"),
    (house.stray_clocks, GUARD, "x := CURRENT_DATE;\n", "x := access.today();\n"),
    (house.stray_clocks, GUARD, "x := now();\n", "x := i.known(); -- now()\n"),
    (house.stray_clocks, GUARD, "x := clock_timestamp();\n", "at DEFAULT clock_timestamp()\n"),
    (
        house.sides_joined,
        GUARD,
        "FROM before b LEFT JOIN after a ON a.id = b.id\n",
        "EXECUTE 'SELECT FROM before b JOIN after a ON a.id = b.id'\n",
    ),
    (
        house.lone_refusals,
        ACT,
        HEAD + "class No(Exception): ...\n",
        HEAD + "class No(Refus): ...\n",
    ),
    (house.inline_code, PAGE, "<script>x</script>", '<script src="x.js" defer></script>'),
    (house.inline_code, PAGE, '<p style="color:red">', '<p class="style">'),
    (house.inline_code, PAGE, '<a onclick="x()">', '<a data-once="x">'),
    (house.poor_typography, PAGE, "<p>Motif : x</p>", "<p>Motif\u00a0: x</p>"),
    (house.poor_typography, PAGE, "<p>Continuer?</p>", "<p>Continuer&nbsp;?</p>"),
    (house.poor_typography, PAGE, "<p>CASF R. 232-7</p>", "<p>CASF R.\u00a0232-7</p>"),
    (house.poor_typography, PAGE, "<p>dossier n° 1</p>", "<p>dossier n°\u00a01</p>"),
    (house.poor_typography, PAGE, "<p>« oui »</p>", "<p>«\u00a0oui\u202f»</p>"),
    (house.poor_typography, PAGE, "<p>{{ a }} ; {{ b }}</p>", "<p>{{ a }}\u00a0; {{ b }}</p>"),
]


@pytest.mark.parametrize("find", PROMISES, ids=lambda find: find.__name__)
def test_the_house_keeps_its_promise(find):
    assert find(ROOT) == []


@pytest.mark.parametrize(
    ("find", "name", "defect", "near_miss"),
    PLANTED,
    ids=[f"{find.__name__}-{n}" for n, (find, *_) in enumerate(PLANTED)],
)
def test_a_planted_defect_is_caught_and_its_near_miss_is_not(
    tmp_path, find, name, defect, near_miss
):
    path = tmp_path / name
    path.parent.mkdir(parents=True)
    path.write_text(near_miss, encoding="utf-8")
    assert find(tmp_path) == []
    path.write_text(defect, encoding="utf-8")
    assert any(found.startswith(name) for found in find(tmp_path))


@pytest.mark.parametrize("name", ["egide/kernel/utils.py", "egide/utils/dates.py"])
def test_a_grab_bag_is_caught_by_its_name(tmp_path, name):
    path = tmp_path / name
    path.parent.mkdir(parents=True)
    path.write_text(HEAD, encoding="utf-8")
    assert house.grab_bags(tmp_path) == [name]


@pytest.mark.parametrize("room", ["models", "services", "policy", "queries"])
def test_rows_may_be_fetched_behind_the_doors(tmp_path, room):
    path = tmp_path / f"egide/systems/apa_ash/{room}.py"
    path.parent.mkdir(parents=True)
    path.write_text(HEAD + "x = Demande.objects\n", encoding="utf-8")
    assert house.stray_managers(tmp_path) == []


def test_every_promise_has_its_planted_defect():
    proven = {find for find, *_ in PLANTED} | {house.grab_bags}
    assert set(PROMISES) == proven


def test_every_clock_that_is_allowed_is_still_asked():
    sources = [path.read_text(encoding="utf-8") for path in (ROOT / "egide").rglob("*.sql")]
    assert all(any(known in source for source in sources) for known in house.INSTANTS)
