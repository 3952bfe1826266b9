"""What happened to files over months: rights, stops, reports, payments, debts recorded."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import Max, Sum

from egide.kernel.access.passage import Passage
from egide.rules.apa.effectivite import Prevu, Releve
from egide.rules.apa.versement import Interruption, Nature, Periode
from egide.systems.apa_ash.calculs.effectivite import Faits
from egide.systems.apa_ash.calculs.parts_du_mois import Beneficiaire, Droit, ServiceFait
from egide.systems.apa_ash.models import Dossier, Indu
from egide.systems.apa_ash.models.controle import EtatIndu
from egide.systems.apa_ash.policy import (
    DROITS,
    INTERRUPTIONS,
    LIGNES_PLAN,
    PAIEMENTS,
    PRESTATAIRES,
    PRESTATIONS,
)
from egide.systems.apa_ash.queries.plan_du_droit import (
    LINE,
    PlanDecide,
    agreements,
    gather_prevus,
    plan_behind,
)
from egide.systems.apa_ash.queries.service_fait import read_reglements

Key = tuple[date, Beneficiaire]


class Lecture(NamedTuple):
    """What happened to each file, and the names of the services that were, or may be, paid."""

    faits: dict[UUID, Faits]
    services: dict[UUID, str]


def read_faits(
    passage: Passage, *, dossier: Dossier, indus: Iterable[Indu], debut: date, fin: date
) -> Faits:
    """Read what happened to one file between two days, in seven statements."""
    deaths = {dossier.pk: dossier.identite.deces_on}
    read = read_all(passage, deaths=deaths, indus=indus, window=Periode(debut, fin))
    return read.faits[dossier.pk]


def read_all(
    passage: Passage,
    *,
    deaths: Mapping[UUID, date | None],
    indus: Iterable[Indu],
    window: Periode,
    reported: bool = True,
) -> Lecture:
    """Read what happened to files over a period, in seven statements whatever their number.

    `deaths` names the files; a debt withdrawn counts no more. Every stay is read: a transfer within
    the period goes on with a stay that began before it. Without what was `reported`, two statements
    less: the plans stand as if they had been delivered.
    """
    files = list(deaths)
    days = DateRange(window.debut, window.fin)
    plans = _Plans(passage, files)
    paid = _Paid(passage, files, days)
    rights: dict[UUID, list[Droit]] = defaultdict(list)
    for row in DROITS.rows(passage).filter(dossier_id__in=files, periode__overlap=days):
        rights[row.dossier_id].append(
            Droit(
                row.pk,
                Periode(row.periode.lower, row.periode.upper),
                row.apa,
                {} if row.forfait else plans.behind(row),
                row.taux_participation,
            )
        )
    stops: dict[UUID, list[Interruption]] = defaultdict(list)
    for stop in INTERRUPTIONS.rows(passage).filter(dossier_id__in=files, periode__isempty=False):
        when = Periode(stop.periode.lower, stop.periode.upper)
        stops[stop.dossier_id].append(Interruption(Nature(stop.nature), when))
    recorded = _recorded(indus)
    done = _Reported(passage, files, days) if reported else None
    return Lecture(
        {
            pk: Faits(
                droits=rights[pk],
                interruptions=stops[pk],
                deces_on=deces_on,
                releves=done.releves[pk] if done else {},
                verses=paid.totals[pk],
                derniers_versements=paid.last[pk],
                indus=recorded[pk],
                service_fait=done.of(pk) if done else ServiceFait(),
            )
            for pk, deces_on in deaths.items()
        },
        plans.services | paid.services,
    )


def _recorded(indus: Iterable[Indu]) -> dict[UUID, dict[Key, Decimal]]:
    found: dict[UUID, dict[Key, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    for indu in indus:
        if indu.etat != EtatIndu.RETIRE:
            found[indu.dossier_id][indu.mois, indu.prestataire_id] += indu.du
    return found


class _Reported:
    """What services reported of files, and which of them are paid on it."""

    def __init__(self, passage: Passage, files: list[UUID], days: DateRange) -> None:
        """Read it in two statements."""
        self.releves: dict[UUID, dict[Key, Releve]] = defaultdict(dict)
        for row in PRESTATIONS.rows(passage).filter(
            dossier_id__in=files, mois__range=(days.lower, days.upper)
        ):
            releve = Releve(row.heures_realisees, row.montant_facture)
            self.releves[row.dossier_id][row.mois, row.prestataire_id] = releve
        self._reglements = read_reglements(passage)

    def of(self, dossier_id: UUID) -> ServiceFait:
        """Give what the services paid on their hours did for one file."""
        return ServiceFait(self._reglements, self.releves[dossier_id])


class _Paid:
    """What was paid of each month, invoices aside: how much to whom, and until when."""

    def __init__(self, passage: Passage, files: list[UUID], days: DateRange) -> None:
        """Add it by file, month and payee, in one statement."""
        self.totals: dict[UUID, dict[Key, Decimal]] = defaultdict(dict)
        self.last: dict[UUID, dict[Key, date]] = defaultdict(dict)
        self.services: dict[UUID, str] = {}
        rows = PAIEMENTS.rows(passage, prestataire=PRESTATAIRES).filter(
            dossier_id__in=files,
            facture__isnull=True,
            verse_on__isnull=False,
            mois_du__range=(days.lower, days.upper),
        )
        named = rows.values("dossier_id", "mois_du", "prestataire_id", "prestataire__nom")
        for row in named.annotate(total=Sum("montant_brut"), dernier=Max("verse_on")).order_by():
            key = row["mois_du"], row["prestataire_id"]
            self.totals[row["dossier_id"]][key] = row["total"]
            self.last[row["dossier_id"]][key] = row["dernier"]
            self.services[row["prestataire_id"]] = row["prestataire__nom"]


class _Plans:
    """What each plan of files asks of each service; the person's own aids are under None."""

    def __init__(self, passage: Passage, files: list[UUID]) -> None:
        """Read the decisions that have a plan, and the lines of all plans of the files."""
        self._decides: dict[UUID, list[PlanDecide]] = defaultdict(list)
        for row in agreements(passage).filter(dossier_id__in=files).order_by("effet_on", "pk"):
            decide = PlanDecide(row.pk, row.effet_on, row.plan_id)
            self._decides[row.dossier_id].append(decide)
        lines = list(
            LIGNES_PLAN.rows(passage, prestataire=PRESTATAIRES)
            .filter(dossier_id__in=files)
            .order_by("pk")
            .values(*LINE, "prestataire__nom")
        )
        self._prevus = gather_prevus(lines)
        self.services: dict[UUID, str] = {
            line["prestataire_id"]: line["prestataire__nom"]
            for line in lines
            if line["prestataire_id"]
        }

    def behind(self, droit: Any) -> dict[Beneficiaire, Prevu]:  # noqa: ANN401 -- a row
        """Give the plan of a right, or the last one before it: a revaluation decides none."""
        plan_id = plan_behind(
            self._decides[droit.dossier_id],
            decision_id=droit.decision_id,
            on=droit.periode.lower,
        )
        return self._prevus.get(plan_id, {}) if plan_id else {}
