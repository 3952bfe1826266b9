"""What was paid beyond what a month gives, death apart, payee by payee (CASF R. 232-30)."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.contrib.postgres.fields import DateRangeField
from django.db.models import (
    DateField,
    DecimalField,
    Exists,
    F,
    Func,
    IntegerField,
    OuterRef,
    Q,
    Subquery,
    Sum,
    Value,
)
from django.db.models.expressions import Combinable, CombinedExpression
from django.db.models.functions import Coalesce, TruncMonth

from egide.kernel.access.passage import Passage
from egide.rules.apa.indu import prescription
from egide.rules.apa.montants import DOMICILE
from egide.rules.apa.versement import Nature, Periode, next_month
from egide.rules.money import CENTIME
from egide.rules.parameters import Bareme
from egide.systems.apa_ash.calculs.effectivite import Faits, compare
from egide.systems.apa_ash.calculs.hors_droit import Cause, Raison, find_causes
from egide.systems.apa_ash.models import Dossier
from egide.systems.apa_ash.models.droit import NatureInterruption
from egide.systems.apa_ash.models.plan import ModeAide
from egide.systems.apa_ash.policy import (
    DOSSIERS,
    DROITS,
    IDENTITES,
    INDUS,
    INTERRUPTIONS,
    LIGNES_PLAN,
    PAIEMENTS,
)
from egide.systems.apa_ash.queries.controle import compared_months
from egide.systems.apa_ash.queries.faits import Lecture, read_all
from egide.systems.apa_ash.queries.trop_verse import Trop

PREPARE_AVANT = 31
"""Days between the preparation of a run and its payment, at most: no amount follows from it."""


@dataclass(frozen=True, slots=True)
class HorsDroit(Trop):
    """What one payee was paid for a month beyond what the rights of the file give it, and why."""

    causes: Sequence[Cause]

    @property
    def reste(self) -> Decimal:
        """Give what is left to claim."""
        return self.part.hors_droit


def find_beyond_right(passage: Passage, *, dossier_id: UUID | None = None) -> list[HorsDroit]:
    """Give all that is left to claim, the oldest payment first, in nine statements.

    The month of a death and those after it have their own list, and so have the hours that were not
    delivered: none is read here. Each month is compared as the page of its file does; what time
    bars is left out (CASF L. 232-25).
    """
    months = _candidates(passage, dossier_id)
    rows = DOSSIERS.rows(passage, identite=IDENTITES).filter(pk__in=list(months))
    dossiers: dict[UUID, Dossier] = {row.pk: row for row in rows}
    window = compared_months(passage.on.replace(day=1))
    read = read_all(
        passage,
        deaths=dict.fromkeys(dossiers),
        indus=INDUS.rows(passage).filter(dossier_id__in=list(dossiers)),
        window=Periode(window[0], next_month(window[-1])),
        reported=False,
    )
    found = [
        line
        for pk, dossier in dossiers.items()
        for mois in months[pk]
        for line in _lines(dossier, read, mois=mois, on=passage.on)
        if passage.on < prescription(line.verse_on)
    ]
    return sorted(found, key=lambda line: (line.verse_on, line.dossier.numero, line.mois))


def _lines(dossier: Dossier, read: Lecture, *, mois: date, on: date) -> list[HorsDroit]:
    faits: Faits = read.faits[dossier.pk]
    beyond = [part for part in compare(faits, mois=mois).parts if part.hors_droit]
    causes = find_causes(faits, mois=mois) if beyond else []
    if _may_leave(faits, causes, mois=mois, on=on):
        return []
    person = "La succession" if dossier.identite.deces_on else "La personne"
    return [
        HorsDroit(
            dossier,
            part.beneficiaire,
            read.services[part.beneficiaire] if part.beneficiaire else person,
            mois,
            part,
            causes,
        )
        for part in beyond
    ]


def _may_leave(faits: Faits, causes: Sequence[Cause], *, mois: date, on: date) -> bool:
    """Tell whether a discharge by the end of a month would make it due whole (CASF R. 232-32)."""
    goes_on = any(
        stay.nature == Nature.HOSPITALISATION and stay.periode.fin is None
        for stay in faits.interruptions
    )
    stopped = any(cause.raison == Raison.SEJOUR for cause in causes)
    return stopped and goes_on and on < next_month(mois)


def _candidates(passage: Passage, dossier_id: UUID | None) -> Mapping[UUID, list[date]]:
    """Find the paid months that their rights, or a stop, may not cover; the others are not loaded.

    In two statements. Of the files whose right was ended or lowered, a month is kept when it was
    paid more than the days of its rights give; of all, when a stop takes some of its days, or when
    a plan decided since pays others for its last days. No amount is decided here: every month kept
    is compared.
    """
    first = compared_months(passage.on.replace(day=1))[0]
    rows = PAIEMENTS.rows(passage).filter(
        Q(dossier__identite__deces_on__isnull=True)
        | Q(mois_du__lt=TruncMonth("dossier__identite__deces_on")),
        facture__isnull=True,
        mois_du__range=(first, passage.on),
        montant_brut__gt=0,
        verse_on__isnull=False,
    )
    if dossier_id:
        rows = rows.filter(dossier_id=dossier_id)
    of_cut = rows.filter(dossier_id__in=_cut(passage).values("dossier_id"))
    summed = of_cut.values("dossier_id", "mois_du").alias(
        verse=Sum("montant_brut"),
        droits=Coalesce(given_by_rights(passage), Decimal(0)),
        jours=days_of("mois_du"),
    )
    # Rounded half up, a month gives at most half a cent more than its days.
    beyond = summed.filter(droits__lte=(F("verse") - Value(CENTIME / 2)) * F("jours"))
    moved = rows.filter(Q(Exists(_stops(passage))) | _paid_before_others(passage))
    stopped = moved.values("dossier_id", "mois_du").distinct()
    found: dict[UUID, set[date]] = defaultdict(set)
    for row in (*beyond.order_by("dossier_id", "mois_du"), *stopped.order_by("dossier_id")):
        found[row["dossier_id"]].add(row["mois_du"])
    return {pk: sorted(months) for pk, months in found.items()}


def _cut(passage: Passage) -> Any:  # noqa: ANN401 -- rows of rights
    """Select the rights that ended without one at least as high on the next day, or never ran."""
    following = DROITS.rows(passage).filter(
        dossier_id=OuterRef("dossier_id"),
        periode__startswith=OuterRef("periode__endswith"),
        apa__gte=OuterRef("apa"),
    )
    return DROITS.rows(passage).filter(periode__upper_inf=False).exclude(Exists(following))


def given_by_rights(passage: Passage, *, mois: str = "mois_du") -> Subquery:
    """Add, over the rights of a month, the monthly allowance times the days in the month."""
    month: Func = Func(
        OuterRef(mois),
        _end_of(OuterRef(mois)),
        function="daterange",
        output_field=DateRangeField(),
    )
    inside = CombinedExpression(F("periode"), "*", month, output_field=DateRangeField())
    days = CombinedExpression(
        Func(inside, function="upper", output_field=IntegerField()),
        "-",
        Func(inside, function="lower", output_field=IntegerField()),
        output_field=IntegerField(),
    )
    of_month = DROITS.rows(passage).filter(
        dossier_id=OuterRef("dossier_id"), periode__overlap=month
    )
    given = Sum(F("apa") * days, output_field=DecimalField())
    return Subquery(of_month.order_by().values("dossier_id").annotate(x=given).values("x"))


def _stops(passage: Passage) -> Any:  # noqa: ANN401 -- rows of stops
    """Select, for a paid month, its suspensions and the stays of over thirty days that go past it.

    A stay that ends within the month takes nothing from it (CASF R. 232-32); one that follows
    another may have had its thirty days before.
    """
    fin = _end_of(OuterRef("mois_du"))
    kept = int(Bareme(passage.on, DOMICILE)["jours_hospitalisation"])
    earlier = INTERRUPTIONS.rows(passage).filter(
        dossier_id=OuterRef("dossier_id"),
        nature=NatureInterruption.HOSPITALISATION,
        periode__startswith__lt=OuterRef("periode__startswith"),
    )
    counted = CombinedExpression(fin, "-", Value(kept), DateField())
    stays = Q(
        Q(periode__upper_inf=True) | Q(periode__endswith__gte=fin),
        Q(periode__startswith__lt=counted) | Q(Exists(earlier)),
        nature=NatureInterruption.HOSPITALISATION,
    )
    suspended = Q(
        Q(periode__upper_inf=True) | Q(periode__endswith__gt=OuterRef("mois_du")),
        nature=NatureInterruption.SUSPENSION,
    )
    return INTERRUPTIONS.rows(passage).filter(
        stays | suspended, dossier_id=OuterRef("dossier_id"), periode__startswith__lt=fin
    )


def _paid_before_others(passage: Passage) -> Q:
    """Select the payments of a month whose last days a plan decided since the run gives others too.

    The payee of a line of plan is its service, or the person whatever service she employs. Control
    does not read runs: one is taken to be paid within a month of its preparation.
    """
    lines = LIGNES_PLAN.rows(passage).filter(plan_id=OuterRef("decision__plan_id"))
    paid = OuterRef(OuterRef("prestataire_id"))
    services = lines.filter(mode=ModeAide.PRESTATAIRE)
    others = lines.exclude(mode=ModeAide.PRESTATAIRE, prestataire_id=paid)
    decided = DROITS.rows(passage).filter(
        dossier_id=OuterRef("dossier_id"),
        periode__startswith__gt=OuterRef("mois_du"),
        periode__startswith__lt=_end_of(OuterRef("mois_du")),
        decision__prise_on__gte=CombinedExpression(
            OuterRef("verse_on"), "-", Value(PREPARE_AVANT), DateField()
        ),
    )
    return Q(Exists(decided.filter(Exists(services))), prestataire__isnull=True) | Q(
        Exists(decided.filter(Exists(others))), prestataire__isnull=False
    )


def _end_of(mois: Combinable, *, as_number: bool = False) -> Func:
    """Give the first day of the month after; as a number, the days between two are counted."""
    return Func(
        mois,
        template="(%(expressions)s + interval '1 month')::date",
        output_field=IntegerField() if as_number else DateField(),
    )


def days_of(mois: str) -> CombinedExpression:
    """Count the days of the month that a column names."""
    first: Func = Func(F(mois), template="%(expressions)s", output_field=IntegerField())
    end = _end_of(F(mois), as_number=True)
    return CombinedExpression(end, "-", first, output_field=IntegerField())
