"""The resources of a household, line by line as a tax notice gives them."""

import uuid
from datetime import date

from egide.rules.apa.ressources import annee_reference, compute_ressources
from egide.systems.apa_ash import models as m
from egide.systems.apa_ash.demo.chance import Chance, euros
from egide.systems.apa_ash.demo.names import NOMS, PRENOMS_F, PRENOMS_M
from egide.systems.apa_ash.demo.rows import Rows
from egide.systems.apa_ash.models.personne import LienConjoint
from egide.systems.apa_ash.models.ressources import SourceRessources

# The yearly pension of one person in euros: half have less, the poorest have the ASPA.
MEDIANE, MINIMUM, MAXIMUM = 16_900, 12_400, 74_000


def add_ressources(
    rows: Rows, chance: Chance, *, dossier: m.Dossier, recueillies_on: date
) -> m.Ressources:
    """Draw the incomes of a person, and of a spouse for one in four."""
    couple = chance.one_in(4)
    incomes = [("pensions_retraites", False, _pension(chance))]
    if couple:
        incomes.append(("pensions_retraites", True, _pension(chance)))
    if chance.one_in(6):
        incomes.append(("revenus_fonciers", False, chance.whole(1_200, 9_000) * 100))
    if chance.one_in(5):
        incomes.append(("revenus_capitaux_mobiliers", False, chance.whole(5_000, 180_000)))
    totals: dict[str, int] = {}
    for nature, _, cents in incomes:
        totals[nature] = totals.get(nature, 0) + cents
    counted = compute_ressources(
        {nature: euros(cents) for nature, cents in totals.items()}, on=recueillies_on
    )
    keys = {"service_id": dossier.service_id, "dossier_id": dossier.pk}
    row = m.Ressources(
        id=chance.uuid(),
        **keys,
        annee_reference=annee_reference(recueillies_on),
        couple=couple,
        source=chance.weighted(tuple(SourceRessources), weights=(60, 32, 8)),
        recueillies_on=recueillies_on,
        ressources_mensuelles=counted.mensuelles,
    )
    rows.add(row)
    if couple:
        rows.add(_conjoint(dossier))
    rows.extend(
        m.LigneRessource(
            id=chance.uuid(),
            **keys,
            ressources_id=row.pk,
            nature=nature,
            conjoint=conjoint,
            montant_annuel=euros(cents),
            montant_retenu=euros(cents),
        )
        for nature, conjoint, cents in incomes
    )
    return row


def _pension(chance: Chance) -> int:
    return chance.around(MEDIANE, low=MINIMUM, high=MAXIMUM) * 100 + chance.whole(0, 99)


def _conjoint(dossier: m.Dossier) -> m.Conjoint:
    """Name the spouse after the file itself: no draw, so that nothing else of the demo moves."""
    number = dossier.pk.int
    prenoms = PRENOMS_F if number % 2 else PRENOMS_M
    return m.Conjoint(
        id=uuid.uuid5(dossier.pk, "conjoint"),
        service_id=dossier.service_id,
        dossier_id=dossier.pk,
        lien=tuple(LienConjoint)[number % len(LienConjoint)],
        nom_naissance=NOMS[number % len(NOMS)],
        prenoms=prenoms[number % len(prenoms)],
        naissance_on=date(1936 + number % 15, 1 + number % 12, 1 + number % 28),
    )
