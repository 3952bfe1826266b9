"""All that the first screen of a file tells, in a fixed number of statements."""

from dataclasses import dataclass
from uuid import UUID

from django.db.models import Q

from egide.kernel.access.passage import Passage
from egide.kernel.access.people import names_of
from egide.systems.apa_ash.models import (
    Aidant,
    Coordonnees,
    Courrier,
    Dossier,
    Droit,
    Interruption,
    LignePlan,
    Nir,
    PlanAide,
    Protection,
)
from egide.systems.apa_ash.models.plan import EtatPlan
from egide.systems.apa_ash.policy import (
    AIDANTS,
    COORDONNEES,
    DOSSIERS,
    DROITS,
    IDENTITES,
    LIGNES_PLAN,
    NIRS,
    PLANS,
    PRESTATAIRES,
    PROTECTIONS,
)
from egide.systems.apa_ash.queries.courriers import list_courriers
from egide.systems.apa_ash.queries.demandes import followed
from egide.systems.apa_ash.queries.dossier import as_of
from egide.systems.apa_ash.queries.interruptions import list_interruptions
from egide.systems.apa_ash.queries.parcours import Parcours, read_parcours

LAST_LETTERS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """The state of a file on a day."""

    dossier: Dossier
    coordonnees: Coordonnees
    nir: Nir
    protection: Protection | None
    aidants: list[Aidant]
    droit: Droit | None
    plan: PlanAide | None
    lignes: list[LignePlan]
    courriers: list[Courrier]
    parcours: Parcours
    instructeur: str
    interruptions: list[Interruption]


def read_situation(passage: Passage, *, pk: UUID) -> Situation:
    """Read a file and its volets: nine statements, whatever the file holds."""
    dossier = DOSSIERS.get(
        passage,
        pk=pk,
        identite=IDENTITES,
        coordonnees=COORDONNEES,
        nir=NIRS,
        protection=PROTECTIONS,
    )
    lignes = _lignes(passage, dossier)
    return Situation(
        dossier=as_of(dossier, on=passage.on),
        coordonnees=dossier.coordonnees,
        nir=dossier.nir,
        protection=getattr(dossier, "protection", None),
        aidants=list(AIDANTS.rows(passage).filter(dossier=dossier).order_by("nom", "pk")),
        droit=_droit(passage, dossier),
        plan=lignes[0].plan if lignes else None,
        lignes=lignes,
        courriers=list_courriers(passage, dossier=dossier, limit=LAST_LETTERS),
        parcours=read_parcours(passage, dossier=dossier).of_the_last_request(),
        instructeur="".join(names_of([dossier.instructeur_id]).values()),
        interruptions=list_interruptions(passage, dossier=dossier),
    )


def _droit(passage: Passage, dossier: Dossier) -> Droit | None:
    """Give the right in force today, or else the one that comes."""
    # `exclude` would drop the rights that have no end: NULL <= today is neither true nor false.
    not_over = Q(periode__upper_inf=True) | Q(periode__endswith__gt=passage.on)
    return DROITS.rows(passage).filter(not_over, dossier=dossier).order_by("periode").first()


def _lignes(passage: Passage, dossier: Dossier) -> list[LignePlan]:
    """Give the lines of the plan that counts: the one in the making, or else the last accepted."""
    rows = (
        LIGNES_PLAN.rows(passage, plan=PLANS, prestataire=PRESTATAIRES)
        .filter(
            dossier=dossier,
            plan__etat__in=[EtatPlan.BROUILLON, EtatPlan.PROPOSE, EtatPlan.ACCEPTE],
        )
        .exclude(followed(passage, day="plan__envoye_on"))
    )
    found = list(rows.order_by("-plan__effet_on", "-plan_id", "pk"))
    return [ligne for ligne in found if ligne.plan_id == found[0].plan_id]
