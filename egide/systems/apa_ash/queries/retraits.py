"""What a debt still is: its month compared again, as control did to find it."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

from egide.kernel.access.passage import Passage, Refused
from egide.rules.apa.versement import next_month
from egide.systems.apa_ash.calculs.effectivite import compare
from egide.systems.apa_ash.models import Dossier, Indu
from egide.systems.apa_ash.policy import DOSSIERS, IDENTITES, INDUS, PRESTATAIRES
from egide.systems.apa_ash.queries.controle import list_indus, read_faits

ZERO = Decimal(0)


class Calcul(NamedTuple):
    """What the payee of a debt was paid for its month, and what of the debt is owed."""

    verse: Decimal
    du: Decimal


def compute_du(
    passage: Passage, *, dossier: Dossier, indu: Indu, indus: Sequence[Indu] | None = None
) -> Calcul:
    """Compute what is owed now of a debt, never more than what it claims.

    The other debts of the month stand: of two that claim too much, the one asked about gives way.
    """
    known = list_indus(passage, dossier=dossier) if indus is None else indus
    others = [other for other in known if other.pk != indu.pk]
    fin = next_month(indu.mois)
    faits = read_faits(passage, dossier=dossier, indus=others, debut=indu.mois, fin=fin)
    parts = {part.beneficiaire: part for part in compare(faits, mois=indu.mois).parts}
    found = parts.get(indu.prestataire_id)
    return Calcul(found.verse, min(found.ecart, indu.du)) if found else Calcul(ZERO, ZERO)


def owed_again(
    passage: Passage, *, dossier: Dossier, claims: Sequence[Indu]
) -> dict[date, Decimal]:
    """Compare again the months that debts of one payee claim: give what each of them still gives.

    In one reading of the file, whatever the number of months.
    """
    asked = {claim.pk for claim in claims}
    others = [o for o in list_indus(passage, dossier=dossier) if o.pk not in asked]
    months = {claim.mois for claim in claims}
    fin = next_month(max(months))
    faits = read_faits(passage, dossier=dossier, indus=others, debut=min(months), fin=fin)
    payee = claims[0].prestataire_id
    found = dict.fromkeys(months, ZERO)
    for mois in months:
        for part in compare(faits, mois=mois).parts:
            if part.beneficiaire == payee:
                found[mois] = part.ecart
    return found


def open_claim(passage: Passage, *, dossier_id: UUID, pk: UUID) -> tuple[Indu, list[Indu]]:
    """Give one debt with its file, and all those of the file; refused as absent otherwise."""
    rows = INDUS.rows(
        passage, dossier=DOSSIERS, dossier__identite=IDENTITES, prestataire=PRESTATAIRES
    )
    indus = list(rows.filter(dossier_id=dossier_id).order_by("mois", "pk"))
    for indu in indus:
        if indu.pk == pk:
            return indu, indus
    raise Refused("lire un indu", targets=[str(pk)])
