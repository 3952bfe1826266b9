"""What a debt still is: its month compared again, as control did to find it."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

from egide.kernel.access.passage import Passage, Refused
from egide.rules.apa.versement import next_month
from egide.systems.apa_ash.calculs.droit_du_mois import DroitDuMois, next_payment, tell_month
from egide.systems.apa_ash.calculs.effectivite import Faits, PartMois, compare
from egide.systems.apa_ash.calculs.parts_du_mois import Beneficiaire
from egide.systems.apa_ash.models import Dossier, Indu
from egide.systems.apa_ash.policy import DOSSIERS, IDENTITES, INDUS, PRESTATAIRES
from egide.systems.apa_ash.queries.controle import compared_months, list_indus
from egide.systems.apa_ash.queries.faits import read_faits

ZERO = Decimal(0)


class Calcul(NamedTuple):
    """What the payee of a debt was paid for its month, and what of the debt is owed."""

    verse: Decimal
    du: Decimal


class Recalcul(NamedTuple):
    """The months that one letter claims, compared again, and what its payee still receives."""

    parts: Mapping[date, PartMois | None]
    droits: Mapping[date, DroitDuMois]
    # The most that the payee is paid next for a month: what is withheld follows it.
    prochain: Decimal | None
    # Every debt of the file, whoever owes it.
    connus: Sequence[Indu]

    def owed(self, mois: date) -> Decimal:
        """Give what a month still gives beyond the debts that this letter does not tell."""
        part = self.parts[mois]
        return part.ecart if part else ZERO


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
    passage: Passage,
    *,
    dossier: Dossier,
    claims: Sequence[Indu],
    indus: Sequence[Indu] | None = None,
) -> Recalcul:
    """Compare again the months that debts of one payee claim, as control did to find them.

    In one reading of the file, up to the next month, whatever the number of months.
    """
    asked = {claim.pk for claim in claims}
    known = list_indus(passage, dossier=dossier) if indus is None else indus
    others = [other for other in known if other.pk not in asked]
    months = sorted({claim.mois for claim in claims})
    # The right of the next month pays next; that of the months before says what changed.
    fin = next_month(next_month(max(*months, passage.on)))
    debut = min(months[0], compared_months(passage.on.replace(day=1))[0])
    faits = read_faits(passage, dossier=dossier, indus=others, debut=debut, fin=fin)
    payee = claims[0].prestataire_id
    return Recalcul(
        {mois: _part_of(payee, faits=faits, mois=mois) for mois in months},
        {mois: tell_month(faits, payee, mois=mois) for mois in months},
        next_payment(faits, payee, on=passage.on),
        known,
    )


def _part_of(payee: Beneficiaire, *, faits: Faits, mois: date) -> PartMois | None:
    parts = compare(faits, mois=mois).parts
    return next((part for part in parts if part.beneficiaire == payee), None)


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
