"""Claims of what exceeded a right that gives more since: an end given up, a discharge told late."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import BooleanField, Case, F, OuterRef, Q, Subquery, Sum, Value, When
from django.db.models.functions import Coalesce

from egide.kernel.access.passage import Passage
from egide.rules.apa.versement import Periode, next_month
from egide.rules.money import CENTIME
from egide.systems.apa_ash.calculs.effectivite import Faits, compare
from egide.systems.apa_ash.models import Dossier, Indu
from egide.systems.apa_ash.models.controle import MOTIF_HORS_DROIT, EtatIndu
from egide.systems.apa_ash.policy import (
    DOSSIERS,
    IDENTITES,
    INDUS,
    PAIEMENTS,
    PRESTATAIRES,
)
from egide.systems.apa_ash.queries.faits import read_all
from egide.systems.apa_ash.queries.hors_droit import days_of, given_by_rights

ZERO = Decimal(0)
# What a letter tells, or is about to tell.
RECLAMES = Q(etat__in=(EtatIndu.PROPOSE, EtatIndu.NOTIFIE), motif__startswith=MOTIF_HORS_DROIT)


@dataclass(frozen=True, slots=True)
class RedevenuDu:
    """A claim whose month, compared again, gives it no more, or not whole."""

    indu: Indu
    reste_du: Decimal


def find_due_again(passage: Passage) -> list[RedevenuDu]:
    """Give the claims that their months no longer give whole, the oldest first: eight statements.

    Each is compared as the page of its withdrawal does, the other debts of its file standing.
    """
    debts = _debts(passage)
    asked = [indu for indu in debts if indu.candidat]
    if not asked:
        return []
    files = {indu.dossier_id for indu in asked}
    months = [indu.mois for indu in asked]
    read = read_all(
        passage,
        deaths={i.dossier_id: i.dossier.identite.deces_on for i in debts if i.dossier_id in files},
        indus=debts,
        window=Periode(min(months), next_month(max(months))),
    )
    found = [RedevenuDu(indu, _owed(read.faits[indu.dossier_id], indu)) for indu in asked]
    return [line for line in found if line.reste_du < line.indu.du]


def may_be_due_again(passage: Passage) -> bool:
    """Tell, in one statement, whether a claim is to be compared again: the list says which."""
    return bool(_asked(passage).exists())


def _owed(faits: Faits, indu: Indu) -> Decimal:
    """Give what a month still gives of a debt, once the others are counted."""
    key = indu.mois, indu.prestataire_id
    others: Mapping[Any, Decimal] = {**faits.indus, key: faits.indus[key] - indu.du}
    parts = compare(replace(faits, indus=others), mois=indu.mois).parts
    owed = (part.ecart for part in parts if part.beneficiaire == indu.prestataire_id)
    return min(next(owed, ZERO), indu.du)


def _asked(passage: Passage) -> Any:  # noqa: ANN401 -- rows of debts
    """Select the claims that may be due again.

    A claim stands while the month was paid, less all that was claimed of it, at least what the days
    of its rights give: stops only take from these. No amount is decided here.
    """
    same = {"dossier_id": OuterRef("dossier_id")}
    paid = PAIEMENTS.rows(passage).filter(
        **same, mois_du=OuterRef("mois"), facture__isnull=True, verse_on__isnull=False
    )
    recorded = INDUS.rows(passage).filter(**same, mois=OuterRef("mois"))
    return (
        INDUS.rows(passage)
        .filter(RECLAMES, prescrit_on__gt=passage.on)
        .alias(
            verse=_sum(paid, Sum("montant_brut")),
            reclame=_sum(recorded.exclude(etat=EtatIndu.RETIRE), Sum(F("montant") - F("retire"))),
            droits=Coalesce(given_by_rights(passage, mois="mois"), ZERO),
            jours=days_of("mois"),
        )
        .filter(droits__gt=(F("verse") - F("reclame") + Value(CENTIME / 2)) * F("jours"))
    )


def _debts(passage: Passage) -> list[Any]:
    """Read the debts of the files where a claim may be due again, and tell which claims."""
    claims = RECLAMES & Q(prescrit_on__gt=passage.on)
    rows = INDUS.rows(
        passage, dossier=DOSSIERS, dossier__identite=IDENTITES, prestataire=PRESTATAIRES
    ).filter(dossier_id__in=_asked(passage).order_by().values("dossier_id"))
    marked = rows.annotate(
        candidat=Case(
            When(claims, then=Value(value=True)),
            default=Value(value=False),
            output_field=BooleanField(),
        )
    )
    return [*marked.order_by("mois", "dossier__numero", "pk")]


def _sum(rows: Any, total: Sum) -> Coalesce:  # noqa: ANN401 -- rows of any table of a file
    grouped = rows.order_by().values("dossier_id").annotate(total=total).values("total")
    return Coalesce(Subquery(grouped), ZERO)


def claims_since(passage: Passage, *, dossier: Dossier | UUID, since: date) -> list[Indu]:
    """List what is claimed beyond the right of the months that a right is given back for."""
    rows = INDUS.rows(passage).filter(
        RECLAMES, dossier=dossier, mois__gte=since.replace(day=1), prescrit_on__gt=passage.on
    )
    return list(rows.order_by("mois", "pk"))
