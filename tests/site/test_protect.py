"""`egide protect`: the columns of the contract, defects by their place, nothing half-written."""

import argparse
import csv
import io
import subprocess
import sys

import pytest

from egide.site import cli, protect
from egide.site.protect import lecture

INNER = "gir,canton,effectif\n1,x,3\n1,y,40\n2,x,50\n2,y,60\n"
FULL = INNER + "1,Total,43\n2,Total,110\nTotal,x,53\nTotal,y,100\nTotal,Total,153\n"
HIERARCHY = 'age:\n  Total:\n    jeunes: ["60", "65"]\n    aines: ["80"]\n'
AGES = "age,effectif\n60,3\n65,40\n80,50\n"


@pytest.fixture
def egide(tmp_path, capsys):
    """Run the command on texts; give the status, the rows and what was told."""
    parser = argparse.ArgumentParser()
    protect.add_parser(parser.add_subparsers())

    def run(content, *options, dimensions="gir,canton", hierarchy=None, output=True):
        source, target, tree = (tmp_path / nom for nom in ("t.csv", "sortie.csv", "h.yaml"))
        source.write_bytes(content if isinstance(content, bytes) else content.encode())
        options = ["--dimensions", dimensions, *options]
        if hierarchy is not None:
            tree.write_text(hierarchy, encoding="utf-8")
            options += ["--hierarchy", str(tree)]
        if output:
            options += ["-o", str(target)]
        args = parser.parse_args(["protect", str(source), *options])
        status = args.run(args)
        told = capsys.readouterr()
        assert not [path for path in tmp_path.iterdir() if path.name.startswith(".")]
        text = target.read_text(encoding="utf-8") if target.exists() else told.out
        rows = list(csv.DictReader(io.StringIO(text)))
        return status, rows, told.err.replace(f"{tmp_path}/", "").splitlines()

    return run


def by_codes(rows, *noms):
    """Index rows by their codes."""
    return {tuple(row[nom] for nom in noms): row for row in rows}


def test_every_cell_comes_out_with_its_status(egide):
    status, rows, told = egide(INNER)
    assert status == 0
    assert list(rows[0]) == ["gir", "canton", "statut", "valeur_publiee"]
    cells = by_codes(rows, "gir", "canton")
    assert len(cells) == len(rows) == 9
    assert cells["1", "x"]["statut"] == "secret_primaire"
    assert cells["Total", "Total"] == {
        "gir": "Total", "canton": "Total", "statut": "publie", "valeur_publiee": "153",
    }  # fmt: skip
    for row in rows:
        assert (row["valeur_publiee"] == "") == (row["statut"] != "publie")
    assert [row["statut"] for row in rows].count("secret_secondaire") == 3
    assert "1 au secret primaire, 3 au secret secondaire" in told[-1]
    assert "0 violation" in told[-1]


def test_a_full_table_gives_the_same_as_its_inner_cells(egide):
    assert by_codes(egide(FULL)[1], "gir", "canton") == by_codes(egide(INNER)[1], "gir", "canton")


def test_the_audit_adds_the_bounds_of_the_attacker(egide):
    _, rows, _ = egide(INNER, "--audit")
    cells = by_codes(rows, "gir", "canton")
    assert (cells["1", "x"]["borne_inf"], cells["1", "x"]["borne_sup"]) == ("0", "43")
    assert (cells["2", "y"]["borne_inf"], cells["2", "y"]["borne_sup"]) == ("57", "100")
    total = cells["Total", "Total"]
    assert total["borne_inf"] == total["borne_sup"] == total["valeur_publiee"] == "153"


def test_a_total_that_nothing_bounds_has_no_upper_bound(egide):
    _, rows, _ = egide("gir,effectif\n1,3\n2,0\n", "--audit", dimensions="gir")
    assert [row["borne_sup"] for row in rows] == ["inf", "inf", "0"]


@pytest.mark.parametrize(("count", "hidden"), [(10, True), (11, False)])
def test_the_default_threshold_is_eleven(egide, count, hidden):
    _, rows, _ = egide(f"gir,effectif\n1,{count}\n2,90\n", dimensions="gir")
    assert (by_codes(rows, "gir")["1",]["statut"] == "secret_primaire") is hidden


def test_threshold_protection_and_value_are_options(egide):
    text = "gir,n\n1,4\n2,5\n3,30\n"
    options = ("--value", "n", "--threshold", "5", "--protection", "2,6", "--audit")
    _, rows, _ = egide(text, *options, dimensions="gir")
    cells = by_codes(rows, "gir")
    assert cells["1",]["statut"] == "secret_primaire"
    assert float(cells["1",]["borne_inf"]) <= 2
    assert float(cells["1",]["borne_sup"]) >= 10
    assert cells["2",]["statut"] != "secret_primaire"


def test_groups_of_a_hierarchy_come_out_too(egide):
    _, rows, _ = egide(AGES, dimensions="age", hierarchy=HIERARCHY)
    assert [row["age"] for row in rows] == ["Total", "jeunes", "60", "65", "aines", "80"]
    assert by_codes(rows, "age")["jeunes",]["valeur_publiee"] == "43"


def test_without_target_the_result_goes_to_the_standard_output(egide):
    status, rows, _ = egide(INNER, output=False)
    assert (status, len(rows)) == (0, 9)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("", "t.csv:1:-: trouvé un fichier vide"),
        ("gir,canton,effectif\n", "t.csv:2:-: trouvé aucune ligne"),
        (INNER.replace("canton", "ville"), "t.csv:1:canton: trouvé aucune colonne de ce nom"),
        (INNER.replace("effectif", "n"), "t.csv:1:effectif: trouvé aucune colonne de ce nom"),
        (INNER + "2,y,60\n", "t.csv:6:effectif: trouvé une seconde valeur pour 2, y"),
        (INNER + "3,x,-1\n", "t.csv:6:effectif: trouvé « -1 », attendu un entier"),
        (INNER + "3,x,1.5\n", "t.csv:6:effectif: trouvé « 1.5 », attendu un entier"),
        (INNER + ",x,1\n", "t.csv:6:gir: trouvé rien, attendu un code non vide"),
        (INNER + "3,x\n", "t.csv:6:-: trouvé 2 valeurs, attendu 3"),
        (FULL.replace("1,Total,43", "1,Total,44"), "t.csv:6:effectif: trouvé 44, attendu 43"),
        (INNER.encode("latin-1") + b"\xe9,x,1\n", "t.csv:6:-: trouvé l’octet 0xE9"),
        (INNER.replace("effectif\n", "effectif,statut\n"), "t.csv:1:statut: trouvé cette colonne"),
    ],
)
def test_a_defect_is_told_by_its_place_and_nothing_is_written(egide, content, told):
    status, rows, lines = egide(content)
    assert (status, rows) == (1, [])
    assert lines[0].startswith(told)


@pytest.mark.parametrize(
    ("tree", "told"),
    [
        (HIERARCHY.replace('"65"', '"60"'), "h.yaml:-:age: age : le code « 60 » figure deux fois"),
        (HIERARCHY.replace(', "65"', ""), "t.csv:3:age: trouvé « 65 », attendu un code"),
        ("age: [", "h.yaml:1:"),
        ("- age", "h.yaml:1:-: trouvé autre chose"),
        ("age: 12", "h.yaml:-:age: age : une liste de codes attendue"),
    ],
)
def test_a_bad_hierarchy_is_told(egide, tree, told):
    status, rows, lines = egide(AGES, dimensions="age", hierarchy=tree)
    assert (status, rows) == (1, [])
    assert lines[0].startswith(told)


def test_a_table_by_agent_is_refused(egide):
    status, rows, lines = egide(INNER.replace("canton", "agent"), dimensions="gir,agent")
    assert (status, rows) == (1, [])
    assert "« agent » désigne un agent" in lines[0]


@pytest.mark.parametrize(
    "options",
    [("--threshold", "0"), ("--threshold", "x"), ("--protection", "1"), ("--protection", "-1,2")],
)
def test_a_bad_option_stops_before_anything_is_read(egide, options):
    with pytest.raises(SystemExit) as stopped:
        egide(INNER, *options)
    assert stopped.value.code == 2


def test_an_old_result_stays_when_the_new_one_is_refused(egide, tmp_path):
    egide(INNER)
    before = (tmp_path / "sortie.csv").read_bytes()
    egide(INNER + "2,y,60\n")
    assert (tmp_path / "sortie.csv").read_bytes() == before


def test_a_release_that_is_not_proven_is_refused_and_told(egide, monkeypatch):
    from egide.rules.secret_statistique import programme

    monkeypatch.setattr(programme.Programme, "solve", lambda _self: None)
    status, rows, lines = egide(INNER)
    assert (status, rows) == (1, [])
    assert "ne peut pas être protégée" in lines[0]


def test_a_large_table_says_that_it_takes_the_slow_path(egide, monkeypatch):
    monkeypatch.setattr(protect, "GRAND_TABLEAU", 8)
    status, _, lines = egide(INNER, "--audit")
    assert status == 0
    assert "9 cellules\u00a0: chemin lent" in lines[0]
    assert lines[1] == "secret secondaire\u00a0: 0 sur 1"
    assert any(line.startswith("audit") for line in lines)


def test_the_command_is_one_of_egide_and_needs_no_database(tmp_path):
    source = tmp_path / "t.csv"
    source.write_text(INNER, encoding="utf-8")
    assert (
        cli.main(["protect", str(source), "--dimensions", "gir,canton", "-o", f"{source}.out"]) == 0
    )
    assert "secret_primaire" in (tmp_path / "t.csv.out").read_text(encoding="utf-8")


def test_the_solver_is_loaded_by_a_protection_only():
    code = "import sys, egide.site.protect; print('highspy' in sys.modules)"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout == "False\n"


def test_codes_of_a_hierarchy_are_texts(tmp_path):
    path = tmp_path / "h.yaml"
    path.write_text("canton:\n  Total: [01, 1, no]\n", encoding="utf-8")
    assert lecture._read_trees(path) == {"canton": {"Total": ["01", "1", "no"]}}


def test_rounding_publishes_every_cell_and_tells_its_loss(egide):
    status, rows, told = egide(INNER, "--arrondi", "15")
    assert status == 0
    assert {row["statut"] for row in rows} == {"publie"}
    assert not any(int(row["valeur_publiee"]) % 15 for row in rows)
    assert told[-1].startswith("arrondi à 15\u00a0: ")
    assert told[-1].endswith("0 sommes rompues.")


def test_noise_needs_a_long_key(egide, tmp_path):
    key = tmp_path / "cle"
    key.write_bytes(b"k" * 31)
    for options in ((), ("--cle", str(key)), ("--cle", str(tmp_path / "absente"))):
        assert egide(INNER, "--bruit", "3", *options)[:2] == (1, [])
    key.write_bytes(bytes(range(32)))
    status, rows, told = egide(INNER, "--bruit", "3", "--cle", str(key))
    assert (status, len(rows)) == (0, 9)
    assert told[-1].startswith("bruit de 3 au plus\u00a0: ")


def test_a_base_too_small_is_told(egide):
    status, rows, told = egide(INNER, "--arrondi", "2")
    assert (status, rows) == (1, [])
    assert told == ["t.csv:-:-: canton=x, gir=1 ne garde pas son intervalle : base à augmenter"]
