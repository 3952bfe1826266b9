"""Small tables made for the tests, with what an attacker sees of them once they are protected."""

from itertools import product

from hypothesis import strategies as st

from egide.rules.secret_statistique.hierarchies import read_hierarchie
from egide.rules.secret_statistique.masque import protect
from egide.rules.secret_statistique.primaire import Protection, find_sensibles, frequency
from egide.rules.secret_statistique.tableau import build_tableau
from tests.rules.secret_statistique.attaquant import Attaquant, equations_of

TREES = {
    "a": ["a1", "a2"],
    "b": ["b1", "b2", "b3"],
    "c": {"C1": ["c1", "c2"], "C2": ["c3", "c4"]},
    "d": ["d1", "d2"],
    "f": ["f1", "f2"],
    "g": ["g1", "g2"],
    "e": {"E1": {"E11": ["e1", "e2"]}, "E2": ["e3"]},
}


def table(noms, values):
    """Make a table of the named dimensions from inner values in the order of the codes."""
    hierarchies = [read_hierarchie(nom, tree=TREES[nom]) for nom in noms]
    inner = product(*(hierarchie.feuilles for hierarchie in hierarchies))
    return build_tableau(hierarchies, inner=dict(zip(inner, values, strict=True)))


def size_of(noms):
    """Count the inner cells of a table of the named dimensions."""
    size = 1
    for nom in noms:
        size *= len(read_hierarchie(nom, tree=TREES[nom]).feuilles)
    return size


def frequency_sensibles(systeme, *, seuil=5, low=1, high=2):
    """Judge cells by their count alone."""
    return find_sensibles(systeme, regles=[frequency(seuil, protection=Protection(low, high))])


def protected(tableau, *, audit=False, **rule):
    """Protect a table by the frequency rule."""
    systeme = tableau.systeme()
    return protect(systeme, sensibles=frequency_sensibles(systeme, **rule), audit=audit)


def attack(tableau, masque):
    """Give what an outsider sees to an attacker who works by other means."""
    codes = list(tableau.codes)
    published = {
        cell: masque.valeur(rank) for rank, cell in enumerate(codes) if not masque.secretes[rank]
    }
    shape = [hierarchie.codes for hierarchie in tableau.hierarchies]
    groups = [hierarchie.groupes for hierarchie in tableau.hierarchies]
    return Attaquant(published, equations_of(shape, groups))


@st.composite
def tables(draw, noms=("b", "c", "e", "ab", "ac")):
    """Draw a table, with more small cells than a real one would have."""
    chosen = draw(st.sampled_from(noms))
    values = st.one_of(st.integers(0, 4), st.integers(0, 30))
    size = size_of(chosen)
    return table(chosen, draw(st.lists(values, min_size=size, max_size=size)))
