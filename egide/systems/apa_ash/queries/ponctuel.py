"""What a plan holds beside its monthly aids, and what is used and left of each sum granted."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import OuterRef, Subquery, Sum
from django.db.models.functions import Coalesce

from egide.kernel.access.passage import Passage
from egide.rules.apa.montants import majoration_repit_annuelle
from egide.rules.apa.ponctuel import annee, plafond_ponctuel
from egide.systems.apa_ash.models import (
    AidePonctuelle,
    Dossier,
    Facture,
    PlanAide,
    Relais,
)
from egide.systems.apa_ash.models.plan import EtatPlan
from egide.systems.apa_ash.models.ponctuel import EtatRelais, NaturePonctuelle
from egide.systems.apa_ash.policy import (
    AIDANTS,
    AIDES_PONCTUELLES,
    FACTURES,
    PLANS,
    PRESTATAIRES,
    RELAIS,
)
from egide.systems.apa_ash.queries.factures import (
    standing_factures,
    used,
    used_in,
)
from egide.systems.apa_ash.queries.plan_du_droit import agreements
from egide.systems.apa_ash.queries.projets import last_of_relais

ZERO = Decimal("0.00")


@dataclass(frozen=True, slots=True)
class Enveloppe:
    """A sum that may be used: its yearly or single ceiling, what the plan takes, what is used.

    `utilise` counts every plan of the file: another plan does not open the year again.
    """

    plafond: Decimal
    prevu: Decimal
    utilise: Decimal

    @property
    def disponible(self) -> Decimal:
        """Give what the law still leaves for the year."""
        return max(self.plafond - self.utilise, ZERO)

    @property
    def excessive(self) -> bool:
        """Tell whether the plan foresees more than what is left."""
        return self.prevu > self.disponible


@dataclass(frozen=True, slots=True)
class Ponctuel:
    """The aids paid upon invoices of one plan, with the two ceilings that bound them."""

    annee: int  # the year whose use is measured
    aides: tuple[AidePonctuelle, ...]
    repit: Enveloppe
    ponctuelles: Enveloppe

    def retenable(self, aide: AidePonctuelle) -> Decimal:
        """Give what may be retained of one aid, the others of its ceiling served first."""
        repit = aide.nature == NaturePonctuelle.REPIT
        enveloppe = self.repit if repit else self.ponctuelles
        others = enveloppe.prevu - aide.montant
        return min(max(enveloppe.disponible - others, ZERO), aide.montant)

    @property
    def a_du_repit(self) -> bool:
        """Tell whether the plan relieves a carer."""
        return bool(self.repit.prevu)

    @property
    def a_des_ponctuelles(self) -> bool:
        """Tell whether the plan pays anything once."""
        return bool(self.ponctuelles.prevu)

    @property
    def repit_a_dire(self) -> bool:
        """Tell whether the year of a carer's relief has anything to say."""
        return self.a_du_repit or bool(self.repit.utilise)

    @property
    def ponctuelles_a_dire(self) -> bool:
        """Tell whether the year of what is paid once has anything to say."""
        return self.a_des_ponctuelles or bool(self.ponctuelles.utilise)


def aides_of_plan(passage: Passage, *, plan: PlanAide) -> tuple[AidePonctuelle, ...]:
    """List the aids paid upon invoices of a plan, in a stable order."""
    rows = AIDES_PONCTUELLES.rows(passage, prestataire=PRESTATAIRES).filter(plan=plan)
    return tuple(rows.order_by("nature", "pk"))


def read_ponctuel(
    passage: Passage, *, dossier: Dossier, plan: PlanAide, total_mensuel: Decimal
) -> Ponctuel:
    """Measure the aids of a plan against the ceilings of a year.

    A plan that is being written is measured in the year of its effect; one that serves, in the
    year that is running.
    """
    serving = plan.etat == EtatPlan.ACCEPTE
    on = max(plan.effet_on, passage.on) if serving else plan.effet_on
    every = _spent_aides(passage, dossier=dossier, on=on)
    aides = tuple(aide for aide in every if aide.plan_id == plan.pk)
    return Ponctuel(
        annee=on.year,
        aides=aides,
        repit=Enveloppe(
            plafond=majoration_repit_annuelle(on),
            prevu=_foreseen(aides, repit=True),
            utilise=_spent(every, repit=True),
        ),
        ponctuelles=Enveloppe(
            plafond=plafond_ponctuel(on, gir=plan.gir, plan_mensuel=total_mensuel),
            prevu=_foreseen(aides, repit=False),
            utilise=_spent(every, repit=False),
        ),
    )


def _spent_aides(passage: Passage, *, dossier: Dossier, on: date) -> list[Any]:
    """List the aids of all plans of a file with what invoices took of each in the year of a day."""
    year = annee(on)
    spent = FACTURES.rows(passage).filter(
        aide_id=OuterRef("pk"),
        retiree_on__isnull=True,
        depense_on__gte=year.debut,
        depense_on__lt=year.fin,
    )
    total = spent.order_by().values("aide_id").annotate(total=Sum("retenu")).values("total")
    rows = AIDES_PONCTUELLES.rows(passage, prestataire=PRESTATAIRES).filter(dossier=dossier)
    return list(rows.annotate(utilise=Coalesce(Subquery(total), ZERO)).order_by("nature", "pk"))


def _spent(aides: Iterable[Any], *, repit: bool) -> Decimal:
    return sum((a.utilise for a in aides if (a.nature == NaturePonctuelle.REPIT) is repit), ZERO)


def _foreseen(aides: Iterable[AidePonctuelle], *, repit: bool) -> Decimal:
    return sum((a.montant for a in aides if (a.nature == NaturePonctuelle.REPIT) is repit), ZERO)


@dataclass(frozen=True, slots=True)
class Ouverte:
    """A sum granted to a file, upon which invoices may come: an aid of a plan, or a relay."""

    id: UUID
    relais: bool
    libelle: str
    objet: str
    prestataire_id: UUID | None
    debut: date
    fin: date | None  # excluded; None while it goes on
    annuelle: bool
    accorde: Decimal
    utilise: Decimal

    @property
    def reste(self) -> Decimal:
        """Give what is left to use: in the year, for what is granted by the year."""
        return max(self.accorde - self.utilise, ZERO)


def list_ouvertes(
    passage: Passage,
    *,
    dossier: Dossier,
    on: date,
    factures: Sequence[Facture] | None = None,
) -> list[Ouverte]:
    """List what was granted to a file and may be invoiced, with its use seen on a day.

    Each plan serves from its agreement to the next one. Two statements for the plans, one for the
    relays, one for the invoices, less what the caller has read.
    """
    known = standing_factures(passage, dossier=dossier) if factures is None else factures
    found = [
        _ouverte(aide, debut=debut, fin=fin, factures=known, on=on)
        for aide, debut, fin in _granted_aides(passage, dossier=dossier)
    ]
    granted = RELAIS.rows(passage).filter(
        dossier=dossier, etat__in=[EtatRelais.ACCORDE, EtatRelais.CLOS]
    )
    return found + [
        Ouverte(
            id=relais.pk,
            relais=True,
            libelle="Relais de l’aidant hospitalisé",
            objet=relais.objet,
            prestataire_id=relais.prestataire_id,
            debut=relais.entree_on,
            fin=date.fromordinal(relais.sortie_on.toordinal() + 1) if relais.sortie_on else None,
            annuelle=False,
            accorde=relais.retenu or ZERO,
            utilise=used(known, pk=relais.pk),
        )
        for relais in granted.order_by("entree_on", "pk")
    ]


def _granted_aides(
    passage: Passage, *, dossier: Dossier
) -> list[tuple[AidePonctuelle, date, date | None]]:
    accords = agreements(passage).filter(dossier=dossier)
    days = [(d.plan_id, d.effet_on) for d in accords.order_by("effet_on", "prise_on", "pk")]
    ends = [day for _, day in days[1:]] + [None] if days else []
    periods = {plan: (day, fin) for (plan, day), fin in zip(days, ends, strict=True)}
    rows = AIDES_PONCTUELLES.rows(passage, plan=PLANS).filter(
        dossier=dossier, plan__etat=EtatPlan.ACCEPTE, plan_id__in=list(periods)
    )
    return [
        (aide, *periods[aide.plan_id]) for aide in rows.order_by("plan__effet_on", "nature", "pk")
    ]


def _ouverte(
    aide: AidePonctuelle,
    *,
    debut: date,
    fin: date | None,
    factures: Sequence[Facture],
    on: date,
) -> Ouverte:
    annuelle = aide.nature == NaturePonctuelle.REPIT
    utilise = used_in(factures, on=on, ids=[aide.pk]) if annuelle else used(factures, pk=aide.pk)
    return Ouverte(
        id=aide.pk,
        relais=False,
        libelle=aide.get_nature_display(),
        objet=aide.objet,
        prestataire_id=aide.prestataire_id,
        debut=debut,
        fin=fin,
        annuelle=annuelle,
        accorde=aide.montant,
        utilise=utilise,
    )


def list_relais(passage: Passage, *, dossier: Dossier) -> list[Any]:
    """List the stays of the carers, the last one first.

    Each with who they are, what was used of it, and what is proposed to be signed.
    """
    spent = FACTURES.rows(passage).filter(relais_id=OuterRef("pk"), retiree_on__isnull=True)
    total = spent.order_by().values("relais_id").annotate(total=Sum("retenu")).values("total")
    rows = RELAIS.rows(passage, aidant=AIDANTS, prestataire=PRESTATAIRES).filter(dossier=dossier)
    summed = rows.annotate(utilise=Coalesce(Subquery(total), ZERO), propose=last_of_relais(passage))
    return list(summed.order_by("-entree_on", "pk"))


def standing_relais(passage: Passage, *, dossier: Dossier) -> Relais | None:
    """Give the relay that increases the plan for now, if any."""
    rows = RELAIS.rows(passage).filter(dossier=dossier, etat=EtatRelais.ACCORDE)
    return rows.order_by("-entree_on", "pk").first()
