"""What was paid of the months of one file, invoices left aside."""

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import CharField, OuterRef, Sum
from django.db.models.functions import Cast, JSONObject

from egide.kernel.access.passage import Passage
from egide.systems.apa_ash.models import Dossier
from egide.systems.apa_ash.policy import PAIEMENTS


def paid_since(passage: Passage, *, dossier: Dossier, since: date) -> dict[date, Decimal]:
    """Add by month what was paid for the month of a day and after, in one statement."""
    return dict(_paid(passage, since=since, dossier=dossier).values_list("mois_du", "total"))


def paid_beside(passage: Passage, *, dossier: str, since: date) -> ArraySubquery:
    """Select the same beside a row that names its file, to be read by `read_paid`."""
    rows = _paid(passage, since=since, dossier=OuterRef(dossier))
    told = rows.annotate(told=JSONObject(mois="mois_du", total=Cast("total", CharField())))
    return ArraySubquery(told.values("told"))


def read_paid(told: Iterable[Mapping[str, str]]) -> dict[date, Decimal]:
    """Read months that came beside a row."""
    return {date.fromisoformat(row["mois"]): Decimal(row["total"]) for row in told}


def _paid(passage: Passage, *, since: date, **of_file: Any) -> Any:  # noqa: ANN401 -- rows summed
    passage.note((), ["Paiement.montant_brut"])
    rows = PAIEMENTS.rows(passage).filter(
        facture__isnull=True,
        mois_du__gte=since.replace(day=1),
        verse_on__isnull=False,
        **of_file,
    )
    return rows.order_by("mois_du").values("mois_du").annotate(total=Sum("montant_brut"))
