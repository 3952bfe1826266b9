"""What was published before stays known: linked tables, later tables and their differences."""

import pytest

from egide.rules.secret_statistique.hierarchies import flat
from egide.rules.secret_statistique.primaire import Protection, frequency
from egide.rules.secret_statistique.registre import Emboitement, Registre
from egide.rules.secret_statistique.secondaire import ProtectionImpossible
from egide.rules.secret_statistique.systeme import ValeursIncompatibles, link
from egide.rules.secret_statistique.tableau import build_tableau
from tests.rules.secret_statistique.attaquant import Attaquant
from tests.rules.secret_statistique.tables import frequency_sensibles, protected

REGLES = [frequency(11, protection=Protection(1, 2))]


def make(dimensions, inner, **contexte):
    """Make a system of flat dimensions, in a context."""
    noms = list(dimensions)
    hierarchies = [
        flat(nom, codes=dict.fromkeys(codes[place] for codes in inner))
        for place, nom in enumerate(noms)
    ]
    return build_tableau(hierarchies, inner=inner).systeme(contexte=contexte)


def release(registre, nom, systeme):
    """Prepare a table against the ledger, and add it."""
    sensibles = frequency_sensibles(systeme, seuil=11)
    found = registre.prepare(nom, systeme=systeme, sensibles=sensibles, regles=REGLES)
    return registre.add(found), found


def knowledge(registre, *, relations=()):
    """Give the attacker who kept every release."""
    published, equations = {}, list(relations)
    for publication in registre.publications:
        systeme = publication.systeme
        published |= {
            cle: int(systeme.valeurs[systeme.place[cle]]) for cle in publication.published()
        }
        equations += [
            (systeme.cles[total], [systeme.cles[part] for part in parts])
            for total, parts in systeme.equations
        ]
    return Attaquant(published, equations)


GIR_CANTON = {("1", "x"): 3, ("1", "y"): 40, ("2", "x"): 50, ("2", "y"): 60}
GIR_AGE = {("1", "60"): 20, ("1", "75"): 23, ("2", "60"): 55, ("2", "75"): 55}


def test_tables_that_share_a_margin_are_one_system():
    first, second = make(("gir", "canton"), GIR_CANTON), make(("gir", "age"), GIR_AGE)
    united = link([first, second])
    # 9 + 9 cells, of which the total and the two GIR are the same.
    assert united.size == 9 + 9 - 3
    assert united.valeurs[united.place[("gir", "1"),]] == 43


def test_the_order_of_dimensions_does_not_make_another_cell():
    turned = {(age, gir): valeur for (gir, age), valeur in GIR_AGE.items()}
    assert link([make(("gir", "age"), GIR_AGE), make(("age", "gir"), turned)]).size == 9


def test_a_margin_with_two_values_is_refused():
    other = {**GIR_AGE, ("1", "60"): 21}
    with pytest.raises(ValeursIncompatibles, match=r"et 4[34]|et 15[34]"):
        link([make(("gir", "canton"), GIR_CANTON), make(("gir", "age"), other)])


def test_a_cell_hidden_in_one_table_is_not_computed_from_the_next():
    registre, first = release(Registre(), "janvier", make(("gir", "canton"), GIR_CANTON))
    registre, second = release(registre, "par âge", make(("gir", "age"), GIR_AGE))
    cle = (("canton", "x"), ("gir", "1"))
    least, most = knowledge(registre).interval(cle)
    assert least <= 2 and most >= 5
    assert not first.secretes.all() and not second.secretes.all()


def test_alone_each_table_would_have_been_careless():
    # The near miss: a second table that details the same people lets the first one be computed.
    small = {("1",): 3, ("2",): 90}
    alone = protected(build_tableau([flat("gir", codes=["1", "2"])], inner=small), seuil=11)
    assert alone.secondaires == 1


NESTED = Emboitement(("population", "60 et plus"), ("population", "61 et plus"))


def nested(part, *, emboitements):
    """Publish a population, then another that it holds, twelve people or so apart."""
    registre = Registre(emboitements=emboitements)
    whole = make(("gir",), {("1",): 40, ("2",): 60}, population="60 et plus")
    registre, _ = release(registre, "60 et plus", whole)
    return release(registre, "61 et plus", make(("gir",), part, population="61 et plus"))


def test_a_difference_of_ten_is_not_published():
    registre, second = nested({("1",): 30, ("2",): 40}, emboitements=(NESTED,))
    assert second.secretes[second.systeme.place[("gir", "1"), ("population", "61 et plus")]]
    between = (("gir", "1"), ("population", NESTED.difference[1]))
    cells = [
        (("gir", gir), ("population", age))
        for gir in "12"
        for age in ("60 et plus", "61 et plus", NESTED.difference[1])
    ]
    relations = [(cells[n], [cells[n + 1], cells[n + 2]]) for n in (0, 3)]
    least, most = knowledge(registre, relations=relations).interval(between)
    assert least <= 9 and most >= 12


def test_a_difference_of_eleven_is_published():
    _, second = nested({("1",): 29, ("2",): 40}, emboitements=(NESTED,))
    assert not second.secretes.any()


def test_a_difference_that_is_not_declared_is_not_guessed():
    _, second = nested({("1",): 30, ("2",): 40}, emboitements=())
    assert not second.secretes.any()


def test_a_part_larger_than_its_whole_is_refused():
    with pytest.raises(ValeursIncompatibles, match="dépasse"):
        nested({("1",): 41, ("2",): 40}, emboitements=(NESTED,))


def test_what_is_out_cannot_be_hidden_any_more():
    systeme = make(("gir",), {("1",): 40, ("2",): 8})
    careless = frequency_sensibles(systeme, seuil=5)
    registre = Registre()
    registre = registre.add(
        registre.prepare("trop tôt", systeme=systeme, sensibles=careless, regles=[])
    )
    with pytest.raises(ProtectionImpossible, match="gir=2 est à protéger et déjà publiée"):
        release(registre, "trop tard", systeme)
