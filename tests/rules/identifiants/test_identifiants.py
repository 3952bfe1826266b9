"""Identifiers: keys, Corsica, provisional numbers, and doubts that are not refusals."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.fr import nir as stdnum_nir

from egide.rules.identifiants import nir
from egide.rules.identifiants.organismes import (
    read_finess,
    read_rpps,
    read_siren,
    read_siret,
)


def keyed(numero):
    return numero + nir.compute_cle(numero)


@pytest.mark.parametrize(
    ("text", "sexe", "annee", "mois", "departement"),
    [
        ("2 55 08 14 168 025 38", "F", "55", "08", "14"),
        ("2.55.08.14.168.025-38", "F", "55", "08", "14"),
        (keyed("1800520004001"), "M", "80", "05", "20"),
        (keyed("180052A004001"), "M", "80", "05", "2A"),
        (keyed("180052B004001").lower(), "M", "80", "05", "2B"),
        (keyed("2330697411003"), "F", "33", "06", "974"),
        (keyed("2330699109003"), "F", "33", "06", "99"),
        (keyed("1422044109003"), "M", "42", "", "44"),
        (keyed("1425544109003"), "M", "42", "", "44"),
        (keyed("1423144109003"), "M", "42", "", "44"),
    ],
)
def test_a_valid_nir_says_what_it_holds(text, sexe, annee, mois, departement):
    found = nir.read_nir(text)
    assert (found.valide, found.motif) == (True, "")
    assert (found.sexe, found.annee, found.mois, found.departement) == (
        sexe,
        annee,
        mois,
        departement,
    )


@pytest.mark.parametrize(
    ("text", "motif"),
    [
        ("", nir.LONGUEUR),
        ("2550814168025", nir.CLE_ABSENTE),
        ("255081416802539", nir.CLE_FAUSSE),
        ("25508141680253", nir.LONGUEUR),
        ("955081416802538", nir.LONGUEUR),
        ("25508141680253A", nir.LONGUEUR),
        ("2550٨1416802538", nir.LONGUEUR),
        (keyed("2550014168025"), nir.MOIS_INCORRECT),
        (keyed("2551314168025"), nir.MOIS_INCORRECT),
        (keyed("2550800168025"), nir.LIEU_INCORRECT),
        (keyed("2550814000025"), nir.LIEU_INCORRECT),
        (keyed("2550897400025"), nir.LIEU_INCORRECT),
        (keyed("2550814168000"), nir.ORDRE_INCORRECT),
    ],
)
def test_a_wrong_nir_tells_why(text, motif):
    found = nir.read_nir(text)
    assert (found.valide, found.motif) == (False, motif)


@pytest.mark.parametrize(
    ("first", "provisoire", "nia", "sexe"),
    [("1", False, False, "M"), ("3", True, False, "M"), ("8", True, True, "F")],
)
def test_provisional_numbers_and_nia_are_told_apart(first, provisoire, nia, sexe):
    found = nir.read_nir(keyed(f"{first}550814168025"))
    assert (found.valide, found.provisoire, found.nia, found.sexe) == (True, provisoire, nia, sexe)


@given(st.integers(0, 10**10 - 1))
def test_the_key_is_that_of_stdnum_and_finds_any_wrong_digit(tail):
    numero = f"255{tail:010d}"
    assert nir.compute_cle(numero) == stdnum_nir.calc_check_digits(numero)
    assert 1 <= int(nir.compute_cle(numero)) <= 97
    assert nir.compute_cle("1" + numero[1:]) != nir.compute_cle(numero)


@pytest.mark.parametrize(
    ("civil", "champs"),
    [
        ({}, []),
        ({"sexe": "F", "naissance": date(1955, 8, 3), "departement": "14"}, []),
        ({"sexe": "M"}, ["sexe"]),
        ({"naissance": date(1955, 9, 3)}, ["mois"]),
        ({"naissance": date(1954, 8, 3)}, ["annee"]),
        ({"naissance": date(1855, 8, 3)}, []),
        ({"departement": "2A"}, ["departement"]),
    ],
)
def test_the_civil_status_raises_doubts(civil, champs):
    found = nir.check_coherence(nir.read_nir("255081416802538"), **civil)
    assert [doubt.champ for doubt in found] == champs
    assert all(doubt.message for doubt in found)


@pytest.mark.parametrize(("lieu", "today"), [("20004", "2B"), ("75116", "93"), ("78646", "91")])
def test_renumbered_departements_raise_no_doubt(lieu, today):
    assert nir.check_coherence(nir.read_nir(keyed(f"14508{lieu}025")), departement=today) == ()


def test_an_unreadable_nir_is_not_compared():
    assert nir.check_coherence(nir.read_nir("?"), sexe="M", departement="14") == ()


@pytest.mark.parametrize(
    ("read", "right", "wrong"),
    [
        (read_siren, "552 100 554", "552100555"),
        (read_siret, "552 100 554 00013", "55210055400014"),
        (read_finess, "750712184", "750712185"),
        (read_finess, "2A0000014", "2C0000014"),
        (read_finess, "2b0000020", "2B000002"),
        (read_rpps, "10003456786", "10003456787"),
        (read_rpps, "00000000000", "1000345678"),
        (read_rpps, "00000000000", "1000345678A"),
    ],
)
def test_other_identifiers_have_their_key(read, right, wrong):
    assert (read(right).valide, read(right).motif) == (True, "")
    assert read(right).normalise == right.replace(" ", "").upper()
    assert not read(wrong).valide
    assert "incorrect" in read(wrong).motif
