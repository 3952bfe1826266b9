"""What was paid of the months of one file, invoices left aside."""

from datetime import date
from decimal import Decimal

from django.db.models import Sum

from egide.kernel.access.passage import Passage
from egide.systems.apa_ash.models import Dossier
from egide.systems.apa_ash.policy import PAIEMENTS


def paid_since(passage: Passage, *, dossier: Dossier, since: date) -> dict[date, Decimal]:
    """Add by month what was paid for the month of a day and after, in one statement."""
    passage.note((), ["Paiement.montant_brut"])
    rows = PAIEMENTS.rows(passage).filter(
        dossier=dossier,
        facture__isnull=True,
        mois_du__gte=since.replace(day=1),
        verse_on__isnull=False,
    )
    summed = rows.order_by("mois_du").values_list("mois_du").annotate(total=Sum("montant_brut"))
    return dict(summed)
