"""What was paid for the time after a death, payee by payee (CASF R. 232-32, L. 232-25)."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from django.db.models import Max
from django.db.models.functions import TruncMonth

from egide.kernel.access.passage import Passage
from egide.rules.apa.indu import prescription
from egide.rules.apa.versement import Periode, next_month
from egide.systems.apa_ash.calculs.effectivite import compare
from egide.systems.apa_ash.models import Dossier
from egide.systems.apa_ash.policy import DOSSIERS, IDENTITES, INDUS, PAIEMENTS
from egide.systems.apa_ash.queries.faits import Lecture, read_all
from egide.systems.apa_ash.queries.trop_verse import Trop


@dataclass(frozen=True, slots=True)
class ApresDeces(Trop):
    """What one payee received for a month, and what of it follows the death."""

    @property
    def reste(self) -> Decimal:
        """Give what is left to claim."""
        return self.part.apres_deces


def find_after_death(passage: Passage, *, dossier_id: UUID | None = None) -> list[ApresDeces]:
    """Give all that is left to claim, the oldest payment first, in eight statements.

    Each month is compared as the page of its file does, without what was delivered. A payment
    whose recovery is barred by time is left out (CASF L. 232-25). A payment claimed whole is given
    beside others of its file that are not, to say why the sum is smaller.
    """
    months = _paid(passage, dossier_id)
    if not months:
        return []
    rows = DOSSIERS.rows(passage, identite=IDENTITES).filter(pk__in=list(months))
    dossiers: dict[UUID, Dossier] = {row.pk: row for row in rows}
    paid = {mois for of_file in months.values() for mois in of_file}
    read = read_all(
        passage,
        deaths={pk: dossier.identite.deces_on for pk, dossier in dossiers.items()},
        indus=INDUS.rows(passage).filter(dossier_id__in=list(dossiers)),
        window=Periode(min(paid), next_month(max(paid))),
        reported=False,
    )
    found = [
        line
        for pk, dossier in dossiers.items()
        for mois in months[pk]
        for line in _lines(dossier, read, mois=mois)
        if passage.on < prescription(line.verse_on)
    ]
    waiting = {line.dossier.pk for line in found if line.reste}
    shown = [x for x in found if x.dossier.pk in waiting and (x.reste or x.constate)]
    return sorted(shown, key=lambda line: (line.verse_on, line.dossier.numero, line.mois))


def _lines(dossier: Dossier, read: Lecture, *, mois: date) -> Iterator[ApresDeces]:
    for part in compare(read.faits[dossier.pk], mois=mois).parts:
        who = part.beneficiaire
        yield ApresDeces(dossier, who, read.services[who] if who else "La succession", mois, part)


def _paid(passage: Passage, dossier_id: UUID | None) -> Mapping[UUID, list[date]]:
    """Find the months of a death, and those after it, whose payment time has not barred."""
    rows = PAIEMENTS.rows(passage).filter(
        verse_on__isnull=False,
        montant_brut__gt=0,
        facture__isnull=True,
        mois_du__gte=TruncMonth("dossier__identite__deces_on"),
    )
    if dossier_id:
        rows = rows.filter(dossier_id=dossier_id)
    found: dict[UUID, list[date]] = defaultdict(list)
    summed = rows.values("dossier_id", "mois_du").annotate(dernier=Max("verse_on"))
    for row in summed.order_by("dossier_id", "mois_du"):
        if passage.on < prescription(row["dernier"]):
            found[row["dossier_id"]].append(row["mois_du"])
    return found
