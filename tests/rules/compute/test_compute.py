"""`egide compute`: the columns of the contract, defects by their place, nothing half-written."""

import argparse
import csv
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from egide.rules.aggir import ENTREES, VARIABLES, evaluate, from_adverbes
from egide.site import compute
from egide.site.compute import champs
from tests.rules.columns import run_columns

APA = "date,age,gir,couple,ressources_mensuelles,plan_mensuel"
GOOD = "2026-06-15,75,1,1,3400.00,1200"


@pytest.fixture
def egide(tmp_path, capsys):
    """Run the command on a text; give the status, the output rows and what was told."""
    parser = argparse.ArgumentParser()
    compute.add_parser(parser.add_subparsers())

    def run(rule, content, *, output=True):
        source, target = tmp_path / "entree.csv", tmp_path / "sortie.csv"
        source.write_bytes(content if isinstance(content, bytes) else content.encode())
        options = ["-o", str(target)] if output else []
        args = parser.parse_args(["compute", rule, str(source), *options])
        status = args.run(args)
        told = capsys.readouterr()
        text = target.read_text(encoding="utf-8") if target.exists() else told.out
        rows = list(csv.DictReader(io.StringIO(text)))
        assert sorted(path.name for path in tmp_path.iterdir()) == sorted(
            ["entree.csv", *(["sortie.csv"] if target.exists() else [])]
        )
        return status, rows, told.err.replace(f"{source}", "entree.csv").splitlines()

    return run


def test_a_row_gets_its_amounts_and_keeps_its_other_columns(egide):
    status, rows, told = egide("apa-domicile", f'nom,{APA},on\n"D, é",{GOOD},_plan\n')
    assert (status, told) == (0, [])
    assert rows == [
        {
            "nom": "D, é",
            "date": "2026-06-15",
            "age": "75",
            "gir": "1",
            "couple": "1",
            "ressources_mensuelles": "3400.00",
            "plan_mensuel": "1200",
            "on": "_plan",
            "plan_retenu": "1200.00",
            "taux_participation": "0.275404",
            "participation": "330.48",
            "apa": "869.52",
            "motif": "",
            "provisoire": "0",
        }
    ]


def test_without_target_the_result_goes_to_the_standard_output(egide):
    status, rows, _ = egide("apa-domicile", f"{APA}\n{GOOD}\n", output=False)
    assert status == 0
    assert rows[0]["apa"] == "869.52"


@pytest.mark.parametrize(
    "text", [f"\ufeff{APA}\n{GOOD}\n", f"{APA}\r\n{GOOD}\r\n", f"{APA}\n{GOOD}"]
)
def test_marks_of_other_systems_are_accepted(egide, text):
    status, rows, _ = egide("apa-domicile", text)
    assert (status, rows[0]["date"], rows[0]["apa"]) == (0, "2026-06-15", "869.52")


def test_semicolons_are_accepted(egide):
    status, _, _ = egide("apa-domicile", f"{APA}\n{GOOD}\n".replace(",", ";"))
    assert status == 0


def test_a_file_without_rows_gives_a_file_without_rows(egide):
    assert egide("apa-domicile", f"{APA}\n") == (0, [], [])


def test_a_future_day_is_provisional(egide):
    _, rows, _ = egide("apa-domicile", f"{APA}\n{GOOD.replace('2026', '2028')}\n")
    assert rows[0]["provisoire"] == "1"


@pytest.mark.parametrize(
    ("row", "place", "found"),
    [
        ("2026-02-30,75,1,1,3400.00,1200", "date", "2026-02-30"),
        ("15/06/2026,75,1,1,3400.00,1200", "date", "15/06/2026"),
        ("2001-12-31,75,1,1,3400.00,1200", "date", "2001-12-31"),
        ("2026-06-15,-1,1,1,3400.00,1200", "age", "-1"),
        ("2026-06-15,7.5,1,1,3400.00,1200", "age", "7.5"),
        ("2026-06-15,75,7,1,3400.00,1200", "gir", "7"),
        ("2026-06-15,75,1,oui,3400.00,1200", "couple", "oui"),
        ('2026-06-15,75,1,1,"3400,00",1200', "ressources_mensuelles", "3400,00"),
        ("2026-06-15,75,1,1,-3400.00,1200", "ressources_mensuelles", "-3400.00"),
        ("2026-06-15,75,1,1,1e3,1200", "ressources_mensuelles", "1e3"),
        ("2026-06-15,75,1,1,34000000.00,1200", "ressources_mensuelles", "34000000.00"),
        ("2026-06-15,75,1,1,3400.00,12.005", "plan_mensuel", "12.005"),
        ("2026-06-15,75,1,1,3400.00, 12", "plan_mensuel", " 12"),
    ],
)
def test_a_defect_is_told_by_its_line_and_column(egide, row, place, found):
    status, rows, told = egide("apa-domicile", f"{APA}\n{GOOD}\n{row}\n{GOOD}\n")
    assert (status, rows) == (1, [])
    assert len(told) == 1
    assert told[0].startswith(f"entree.csv:3:{place}: trouvé « {found} », attendu ")


def test_all_defects_are_told_at_their_own_line(egide):
    text = f'nom,{APA}\n"deux\nlignes",{GOOD}\nx,2026-06-15,75,9,1,,1200\n'
    status, _, told = egide("apa-domicile", text)
    assert status == 1
    assert told == [
        "entree.csv:4:gir: trouvé « 9 », attendu un entier de 1 à 6",
        f"entree.csv:4:ressources_mensuelles: trouvé rien, attendu {champs.MONTANT.attendu}",
    ]


def test_many_defects_are_counted(egide):
    _, _, told = egide("apa-domicile", f"{APA}\n" + "2026-06-15,75,9,1,1,1\n" * 500)
    assert len(told) == compute.SHOWN + 1
    assert told[-1] == "entree.csv: 500 défauts au total"


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("", "entree.csv:1:-: trouvé un fichier vide"),
        (APA.replace("gir", "GIR") + "\n", "entree.csv:1:gir: trouvé aucune colonne de ce nom"),
        (f"{APA},apa\n{GOOD},1\n", "entree.csv:1:apa: trouvé cette colonne"),
        (f"{APA},age\n{GOOD},1\n", "entree.csv:1:age: trouvé deux colonnes de ce nom"),
        (f"{APA}\n{GOOD},9\n", "entree.csv:2:-: trouvé 7 valeurs, attendu 6"),
        (f"{APA}\n2026-06-15,75\n", "entree.csv:2:-: trouvé 2 valeurs, attendu 6"),
        (f'{APA},n\n{GOOD},"x\n', "entree.csv:2:-: trouvé une ligne illisible"),
        (f"{APA},n\n{GOOD},é\n".encode("latin-1"), "entree.csv:2:-: trouvé l’octet 0xE9"),
    ],
)
def test_a_file_that_is_not_what_is_asked_is_refused(egide, content, told):
    status, rows, lines = egide("apa-domicile", content)
    assert (status, rows) == (1, [])
    assert lines[0].startswith(told)


def test_a_missing_file_and_a_missing_folder_are_told(tmp_path, capsys):
    source = tmp_path / "entree.csv"
    parser = argparse.ArgumentParser()
    compute.add_parser(parser.add_subparsers())
    args = parser.parse_args(["compute", "nir", str(source)])
    assert args.run(args) == 1
    assert "lecture impossible" in capsys.readouterr().err
    source.write_text("nir\n1\n", encoding="utf-8")
    args = parser.parse_args(["compute", "nir", str(source), "-o", str(tmp_path / "a" / "b.csv")])
    assert args.run(args) == 1
    assert "écriture impossible" in capsys.readouterr().err


def test_a_defect_leaves_the_former_result_alone(egide, tmp_path):
    (tmp_path / "sortie.csv").write_text("ancien\n1\n", encoding="utf-8")
    status, rows, _ = egide("apa-domicile", f"{APA}\n{GOOD.replace('75', '200')}\n")
    assert (status, rows) == (1, [{"ancien": "1"}])


@pytest.mark.parametrize("rows", [1, 50_000])
def test_rows_keep_their_order(egide, rows):
    body = "".join(f"{n},2026-06-15,75,{n % 6 + 1},1,3400.00,{n % 99}\n" for n in range(rows))
    _, found, _ = egide("apa-domicile", f"n,{APA}\n{body}")
    assert [row["n"] for row in found] == [str(n) for n in range(rows)]


def test_aggir_is_the_rule_of_one_case(egide):
    cases = ["CCCCCCCCAA", "AAAAAAAAAA", "ACAAABCBAC", "BBBBBBBBBB"]
    _, rows, _ = egide("aggir", "".join(f"{','.join(row)}\n" for row in (VARIABLES, *cases)))
    for letters, row in zip(cases, rows, strict=True):
        expected = evaluate(dict(zip(VARIABLES, letters, strict=True)))
        for nom in ("groupe", "somme", "rang", "gir"):
            assert row[nom] == str(getattr(expected, nom))


def _adverbs(byte):
    """The four digits of a byte; half of the bytes give one of the common answers."""
    return format(byte & 15, "04b") if byte & 16 else ("1111", "0000", "1010")[byte % 3]


# Few tables of many rows: what costs is to build the expression of a table. A table is one draw
# of bytes: as many draws as cells would exhaust what Hypothesis grants to one example.
@given(cells=st.binary(min_size=60 * len(ENTREES), max_size=120 * len(ENTREES)))
@settings(max_examples=3)
def test_adverbs_on_a_column_are_the_rule_of_one_case(cells):
    digits = [_adverbs(byte) for byte in cells]
    rows = list(zip(*[iter(digits)] * len(ENTREES), strict=False))
    rule = compute.RULES["aggir-adverbes"]
    found = run_columns(
        rows,
        schema=dict.fromkeys(ENTREES, "STRING"),
        build=lambda table: rule.apply(table, ()),
    )
    for item, row in zip(found, rows, strict=True):
        expected = evaluate(from_adverbes(dict(zip(ENTREES, row, strict=True))))
        assert (item["lettres"], item["rang"], item["gir"]) == (
            expected.lettres,
            expected.rang,
            expected.gir,
        )


def test_adverbs_keep_the_columns_of_the_file(egide):
    header, row = ",".join(ENTREES), ",".join(["1111"] * len(ENTREES))
    _, rows, _ = egide("aggir-adverbes", f"{header}\n{row}\n")
    assert rows[0]["transferts"] == "1111"
    assert (rows[0]["lettres"], rows[0]["gir"]) == ("AAAAAAAAAA", "6")


def test_a_resident_and_an_optional_departement(egide):
    header = "date,age,gir,couple,ressources_mensuelles,tarif_mensuel_gir,tarif_mensuel_gir_5_6"
    row = "2026-06-15,85,1,0,3400.00,675.00,186.00"
    _, rows, _ = egide("apa-etablissement", f"{header}\n{row}\n")
    assert (rows[0]["participation"], rows[0]["apa"]) == ("327.19", "347.81")
    text = f"{header},departement\n{row},40\n{row},\n{row},75\n"
    _, rows, _ = egide("apa-etablissement", text)
    assert [found["participation"] for found in rows] == ["183.00", "327.19", "327.19"]
    status, _, told = egide("apa-etablissement", f"{header},departement\n{row},Landes\n")
    assert status == 1
    assert "departement: trouvé « Landes »" in told[0]


def test_a_wrong_nir_is_a_result_not_a_defect(egide):
    status, rows, _ = egide("nir", "nir\n2 55 08 14 168 025 38\n12\n\n")
    assert status == 0
    assert [row["valide"] for row in rows[:2]] == ["1", "0"]
    assert rows[0]["departement"] == "14"
    assert "clé attendus" in rows[1]["motif"]


SORTES = (
    champs.JOUR,
    champs.JOUR_ASH,
    champs.AGE,
    champs.GIR,
    champs.OUI_NON,
    champs.MONTANT,
    champs.MODALITE,
    champs.ADVERBES,
    champs.DEPARTEMENT,
    champs.TEXTE,
)


@pytest.mark.parametrize("sorte", SORTES, ids=lambda sorte: sorte.attendu[:12])
@given(texts=st.lists(st.text(st.sampled_from("019725.-ABCMé+e \n٣"), max_size=11), min_size=1))
@settings(max_examples=15)
def test_the_engine_and_the_reader_accept_the_same_values(sorte, texts):
    aimed = [
        "2016-03-31",
        "2016-04-01",
        "2026-02-28",
        "2026-02-29",
        "2028-02-29",
        "2001-12-31",
        "2002-01-01",
        "9999999.99",
    ]
    texts = [*texts, *aimed, "0.5", ".5", "5.", "1\n", "130", "131", "007", "2A", "1111", "-0", ""]
    found = run_columns(
        [(text,) for text in texts],
        schema={"c": "STRING"},
        build=lambda table: table.select(ok=sorte.accepted(table.c)),
    )
    assert [item["ok"] for item in found] == [sorte.matches(text) for text in texts]


ASH = (
    "date,ressources_mensuelles,cout_mensuel_hebergement,ticket_moderateur_mensuel,"
    "contribution_obliges,couple_conjoint_domicile,ressources_conjoint"
)
STAY = "2026-06-15,1400,2100.00,190,0,0,0"


def test_a_stay_gets_its_ash_and_keeps_its_other_columns(egide):
    couple = "2026-06-15,2400.00,2100,190,0,1,500.05"
    status, rows, told = egide("ash", f"nom,{ASH}\nA,{STAY}\nB,{couple}\n")
    assert (status, told) == (0, [])
    outputs = ("nom", "laisse_a_disposition", "contribution", "ash", "motif", "provisoire")
    assert [[row[nom] for nom in outputs] for row in rows] == [
        ["A", "140.00", "1260.00", "1030.00", "", "0"],
        ["B", "185.65", "1670.80", "619.20", "", "0"],
    ]


def test_an_ash_that_is_not_due_tells_why_and_a_future_one_is_provisional(egide):
    rich, future = STAY.replace("1400", "3000"), STAY.replace("2026", "2027")
    _, rows, _ = egide("ash", f"{ASH}\n{rich}\n{future}\n")
    assert [(row["ash"], row["motif"], row["provisoire"]) for row in rows] == [
        ("0.00", "ressources suffisantes", "0"),
        ("1030.00", "", "1"),
    ]


def test_a_file_without_stays_gives_a_file_without_stays(egide):
    assert egide("ash", f"{ASH}\n") == (0, [], [])


@pytest.mark.parametrize(
    ("row", "place", "found"),
    [
        ("2016-03-31,1400,2100.00,190,0,0,0", "date", "2016-03-31"),
        ("2026-06-31,1400,2100.00,190,0,0,0", "date", "2026-06-31"),
        ("2026-06-15,-1,2100.00,190,0,0,0", "ressources_mensuelles", "-1"),
        ("2026-06-15,1400,2100.005,190,0,0,0", "cout_mensuel_hebergement", "2100.005"),
        ("2026-06-15,1400,2100,1 90,0,0,0", "ticket_moderateur_mensuel", "1 90"),
        ("2026-06-15,1400,2100,190,NaN,0,0", "contribution_obliges", "NaN"),
        ("2026-06-15,1400,2100,190,0,2,0", "couple_conjoint_domicile", "2"),
        ("2026-06-15,1400,2100,190,0,0,12345678", "ressources_conjoint", "12345678"),
    ],
)
def test_a_defect_of_a_stay_is_told_by_its_line_and_column(egide, row, place, found):
    status, rows, told = egide("ash", f"{ASH}\n{STAY}\n{row}\n{STAY}\n")
    assert (status, rows) == (1, [])
    assert len(told) == 1
    assert told[0].startswith(f"entree.csv:3:{place}: trouvé « {found} », attendu ")
