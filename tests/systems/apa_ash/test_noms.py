"""A person is found, and not opened twice, whichever of her names and first names is written."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.urls import reverse

from egide.kernel.access.passage import Passage
from egide.systems.apa_ash import models as m
from egide.systems.apa_ash.normalisation import normalise_birth, normalise_name
from egide.systems.apa_ash.purposes import INSTRUCTION
from egide.systems.apa_ash.queries.demandes import list_homonymes
from egide.systems.apa_ash.queries.dossiers import Filtre, list_dossiers
from egide.systems.apa_ash.queries.doublons import files_of_same_person
from egide.systems.apa_ash.queries.imports import known_persons
from egide.systems.apa_ash.saisie import EtatCivil
from tests import factories
from tests.personas import today

BORN = today() - timedelta(days=85 * 366)
BACKEND = "egide.kernel.access.backends.AgentBackend"
MARCHAND = EtatCivil(
    nom_naissance="Le Goff",
    nom_usage="Marchand",
    prenoms="Solenn Marie",
    sexe="F",
    naissance_on=BORN,
)


@pytest.mark.parametrize("sign", "'’‘ʼ´`")
def test_an_apostrophe_is_one_whichever_is_typed(sign):
    assert normalise_name(f"D{sign}Hervé", "Édith") == "D HERVE EDITH"


def test_a_birth_name_goes_with_the_first_of_the_first_names():
    assert normalise_birth("Le Goff", "Solenn Marie") == "LE GOFF SOLENN"
    assert normalise_birth("Le Goff", "") == "LE GOFF"


@pytest.fixture
def known(team):
    """Mme Marchand, born Le Goff, who has a file in Nord."""
    dossier = factories.dossier(team.nord)
    m.Identite.objects.filter(dossier=dossier).update(**MARCHAND.columns())
    return dossier


SAME = [
    MARCHAND,
    replace(MARCHAND, nom_usage=""),
    replace(MARCHAND, nom_usage="", prenoms="Solenn"),
    replace(MARCHAND, nom_usage="Autre"),
    replace(MARCHAND, nom_naissance="Marchand", nom_usage=""),
]
OTHERS = [
    replace(MARCHAND, prenoms="Marie"),
    replace(MARCHAND, nom_naissance="Le Gof", nom_usage=""),
    replace(MARCHAND, naissance_on=BORN + timedelta(days=1)),
]


@pytest.mark.parametrize("civil", [*SAME, *OTHERS])
def test_the_same_person_is_told_before_a_second_file_is_opened(team, entering, known, civil):
    same = civil in SAME
    with entering(team.alice, INSTRUCTION) as passage:
        assert list_homonymes(passage, etat_civil=civil) == ([known] if same else [])
        found = known_persons(passage, persons=[civil])
    assert bool({(name, civil.naissance_on) for name in civil.searched()} & found.keys()) == same
    with entering(team.bruno, INSTRUCTION):
        told = files_of_same_person(
            factories_key(), nir="", noms=civil.searched(), naissance_on=civil.naissance_on
        )
    assert [file.numero for file in told] == ([known.numero] if same else [])


def factories_key():
    return m.Dossier._meta.pk.get_default()


def search(passage: Passage, texte: str) -> list[m.Dossier]:
    return [row.dossier for row in list_dossiers(passage, filtre=Filtre(texte=texte)).rows]


@pytest.mark.parametrize(
    ("texte", "found"),
    [("marchand", True), ("Le Goff", True), ("le goff sol", True), ("goff", False), ("?", True)],
)
def test_a_file_is_found_by_the_name_of_birth_too(team, client, entering, known, texte, found):
    with entering(team.alice, INSTRUCTION) as passage:
        assert bool(search(passage, texte)) == found


def test_the_head_of_the_file_tells_the_name_of_birth(team, client, known):
    client.force_login(team.alice, BACKEND)
    head = client.get(reverse("apa_ash:dossier", args=[known.pk])).content.decode()
    assert "Mme Solenn Marchand" in head
    assert "née Le Goff le" in head
    m.Identite.objects.update(nom_usage="Le Goff")
    assert "née le" in client.get(reverse("apa_ash:dossier", args=[known.pk])).content.decode()
