"""A plan d'aide with its lines, its ceiling and the participation of the person."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import BooleanField, ExpressionWrapper, Q

from egide.kernel import notation
from egide.kernel.access.passage import Passage
from egide.rules.age import age_on
from egide.systems.apa_ash.calculs.chiffrage import Chiffrage, Situation, chiffrer, montant
from egide.systems.apa_ash.models import Dossier, LignePlan, PlanAide, Prestataire, Relais
from egide.systems.apa_ash.models.plan import EtatPlan, ModeAide, NatureAide, Unite
from egide.systems.apa_ash.policy import AIDANTS, LIGNES_PLAN, PLANS, PRESTATAIRES
from egide.systems.apa_ash.queries.demandes import followed
from egide.systems.apa_ash.queries.ponctuel import Ponctuel, read_ponctuel, standing_relais
from egide.systems.apa_ash.queries.ressources import list_etablies, ressources_on

GIR_MOST_DEPENDENT = (1, 2)
# The person is the employer; a service mandataire only helps them to be one.
PERSON_EMPLOYS = frozenset({ModeAide.GRE_A_GRE, ModeAide.MANDATAIRE})
NO_ONE = "—"
A_PLAN_HAS_FEW = 60
REPIT_SANS_AIDANT = (
    "Le plan prévoit un répit, mais aucun proche aidant dont la présence est indispensable n’est "
    "enregistré au dossier\u00a0: notez-le à la fiche de l’aidant, ou retirez cette aide "
    "(CASF L. 232-3-2)."
)


@dataclass(frozen=True, slots=True)
class Aide:
    """What a line of a plan says, once checked by its form."""

    nature: str
    mode: str
    prestataire_id: UUID | None
    volume_mensuel: Decimal
    unite: str
    tarif: Decimal


@dataclass(frozen=True, slots=True)
class LigneDevis:
    """A line of a plan as a screen, a letter and a computation read it."""

    id: UUID
    nature: str
    aide: str
    mode: str
    prestataire_id: UUID | None
    intervenant: str
    volume_mensuel: Decimal
    unite: str
    tarif: Decimal
    montant_mensuel: Decimal
    alerte: str
    tarif_service: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Devis:
    """A plan, its lines and what they come to."""

    plan: PlanAide
    lignes: tuple[LigneDevis, ...]
    chiffrage: Chiffrage
    ponctuel: Ponctuel | None = None
    relais: Relais | None = None
    repit_sans_aidant: bool = False

    @property
    def brouillon(self) -> bool:
        """Tell whether the plan may still change."""
        return self.plan.etat == EtatPlan.BROUILLON

    @property
    def refus_requis(self) -> bool:
        """Tell whether the person must have refused a service prestataire in writing."""
        return requires_refus(self.plan, modes=(ligne.mode for ligne in self.lignes))

    @property
    def alertes(self) -> tuple[str, ...]:
        """Give what must be looked at before sending, each once."""
        said = [ligne.alerte for ligne in self.lignes if ligne.alerte]
        alike = Counter((x.aide, x.intervenant, x.mode, x.unite, x.tarif) for x in self.lignes)
        said += [
            f"{count} lignes semblables\u00a0: «\u00a0{key[0]}\u00a0», même service et même tarif. "
            "Retirez celle qui est en trop."
            for key, count in alike.items()
            if count > 1
        ]
        if self.repit_sans_aidant:
            said.append(REPIT_SANS_AIDANT)
        return tuple(dict.fromkeys(said))


def plans_of(passage: Passage, dossier: Dossier) -> list[Any]:
    """List the plans of a file, the one in the making or the last one first.

    Each tells whether it is `passe`: it answered a request that another one has followed, or was
    put aside before it was sent.
    """
    unsent = Q(etat=EtatPlan.SANS_SUITE, envoye_on__isnull=True)
    passe = ExpressionWrapper(
        Q(followed(passage, day="envoye_on")) | unsent, output_field=BooleanField()
    )
    rows = PLANS.rows(passage).filter(dossier=dossier).order_by("-effet_on", "-pk")
    plans = list(rows.annotate(passe=passe)[:A_PLAN_HAS_FEW])
    states = (EtatPlan.BROUILLON, EtatPlan.PROPOSE, EtatPlan.ACCEPTE, EtatPlan.REFUSE)
    rank = [str(state) for state in states]
    ranks = {state: place for place, state in enumerate(rank)}
    return sorted(plans, key=lambda p: (p.passe, ranks.get(p.etat, len(rank))))


def split_plans(plans: Sequence[Any]) -> tuple[Any | None, Sequence[Any]]:
    """Give the plan that counts, if the last first request has one, and those before it."""
    return (plans[0], plans[1:]) if plans and not plans[0].passe else (None, plans)


def raw_lines(passage: Passage, plan: PlanAide) -> list[LignePlan]:
    """List the lines of a plan as they are stored, in a stable order."""
    rows = LIGNES_PLAN.rows(passage, prestataire=PRESTATAIRES).filter(plan=plan)
    return list(rows.order_by("nature", "pk")[:A_PLAN_HAS_FEW])


def running_plan(passage: Passage, dossier: Dossier) -> PlanAide | None:
    """Give the plan upon which a right under revision runs: the last one accepted."""
    if not dossier.etat_droit:
        return None
    rows = PLANS.rows(passage).filter(dossier=dossier, etat=EtatPlan.ACCEPTE)
    return rows.order_by("-effet_on", "-pk").first()


def in_order(lignes: Iterable[LignePlan]) -> list[LignePlan]:
    """Order lines as every letter and screen of a plan does: by nature, then as they were."""
    order = [str(nature) for nature in NatureAide]
    return sorted(lignes, key=lambda ligne: order.index(ligne.nature))


def lines_of(passage: Passage, plan: PlanAide) -> tuple[LigneDevis, ...]:
    """List the lines of a plan with their words and their warnings."""
    lines = in_order(raw_lines(passage, plan))
    return tuple(
        LigneDevis(
            id=ligne.pk,
            nature=ligne.nature,
            aide=NatureAide(ligne.nature).label,
            mode=ligne.mode,
            prestataire_id=ligne.prestataire_id,
            intervenant=ligne.prestataire.nom if ligne.prestataire else without_service(ligne.mode),
            volume_mensuel=ligne.volume_mensuel,
            unite=ligne.unite,
            tarif=ligne.tarif,
            montant_mensuel=ligne.montant_mensuel,
            alerte=_alerte(ligne, plan=plan),
            tarif_service=tarif_du_service(ligne),
        )
        for ligne in lines
    )


def without_service(mode: str) -> str:
    """Say who intervenes when no service does."""
    return NO_ONE if mode == ModeAide.AUTRE else ModeAide(mode).label


def requires_refus(plan: PlanAide, *, modes: Iterable[str]) -> bool:
    """Tell whether a plan needs the written refusal of the service prestataire (R. 232-12)."""
    return plan.gir in GIR_MOST_DEPENDENT and any(mode in PERSON_EMPLOYS for mode in modes)


def _alerte(ligne: LignePlan, *, plan: PlanAide) -> str:
    if requires_refus(plan, modes=(ligne.mode,)) and plan.refus_prestataire_on is None:
        return (
            "En GIR 1 ou 2, l’aide est confiée à un service prestataire, sauf refus exprès écrit "
            "de la personne sur le plan (CASF R. 232-12)."
        )
    if ligne.prestataire and not ligne.prestataire.actif:
        return f"{ligne.prestataire.nom} ne travaille plus\u00a0: choisissez un autre service."
    own = tarif_du_service(ligne)
    if ligne.prestataire and own is not None and ligne.tarif != own:
        return (
            f"{ligne.prestataire.nom}\u00a0: le tarif du plan ({notation.euros(ligne.tarif)}) "
            f"n’est pas celui du service ({notation.euros(own)})."
        )
    return ""


def tarif_du_service(ligne: LignePlan) -> Decimal | None:
    """Give the hourly tariff of the service of a line counted in hours."""
    service = ligne.prestataire
    return service.tarif_horaire if service and ligne.unite == Unite.HEURE else None


def situation_of(passage: Passage, dossier: Dossier, *, on: date) -> Situation | None:
    """Give the two figures of the participation on a day, if they are known (R. 232-7, II)."""
    row = ressources_on(list_etablies(passage, dossier=dossier), day=on)
    if row is None:
        return None
    return Situation(couple=row.couple, ressources_mensuelles=row.ressources_mensuelles)


def open_devis(passage: Passage, *, dossier: Dossier, plan: PlanAide) -> Devis:
    """Compute a plan of a file opened with its `identite`."""
    lignes = lines_of(passage, plan)
    devis = _devis(passage, dossier=dossier, plan=plan, lignes=lignes, on=plan.effet_on)
    ponctuel = read_ponctuel(
        passage, dossier=dossier, plan=plan, total_mensuel=devis.chiffrage.total
    )
    return replace(
        devis,
        ponctuel=ponctuel,
        relais=standing_relais(passage, dossier=dossier),
        repit_sans_aidant=ponctuel.a_du_repit and not _indispensable(passage, dossier),
    )


def _indispensable(passage: Passage, dossier: Dossier) -> bool:
    """Tell whether a carer is recorded whom nobody can stand in for."""
    return AIDANTS.rows(passage).filter(dossier=dossier, indispensable=True).exists()


def with_aide(
    passage: Passage, *, dossier: Dossier, devis: Devis, aide: Aide, ligne: UUID
) -> Devis:
    """Compute a plan with one line typed but not kept, in the place of `ligne` if it has it."""
    typed = LigneDevis(
        id=ligne,
        aide=NatureAide(aide.nature).label,
        intervenant="",
        montant_mensuel=montant(aide.volume_mensuel, aide.tarif),
        alerte="",
        **asdict(aide),
    )
    others = tuple(line for line in devis.lignes if line.id != ligne)
    return _devis(
        passage,
        dossier=dossier,
        plan=devis.plan,
        lignes=(*others, typed),
        on=devis.plan.effet_on,
    )


def simulate(
    passage: Passage,
    *,
    dossier: Dossier,
    plan: PlanAide,
    volumes: Mapping[UUID, Decimal],
) -> Devis:
    """Compute the same plan with other volumes, and keep nothing."""
    lignes = tuple(
        replace(
            ligne,
            volume_mensuel=volumes.get(ligne.id, ligne.volume_mensuel),
            montant_mensuel=montant(volumes.get(ligne.id, ligne.volume_mensuel), ligne.tarif),
        )
        for ligne in lines_of(passage, plan)
    )
    return _devis(passage, dossier=dossier, plan=plan, lignes=lignes, on=plan.effet_on)


def _devis(
    passage: Passage,
    *,
    dossier: Dossier,
    plan: PlanAide,
    lignes: tuple[LigneDevis, ...],
    on: date,
) -> Devis:
    chiffrage = chiffrer(
        lignes,
        gir=plan.gir,
        on=on,
        age=age_on(dossier.identite.naissance_on, on=on),
        situation=situation_of(passage, dossier, on=on),
    )
    return Devis(plan=plan, lignes=lignes, chiffrage=chiffrage)


def services_of(passage: Passage) -> list[Prestataire]:
    """List the active services of the organisme, by name."""
    rows = PRESTATAIRES.rows(passage).filter(actif=True).order_by("nom", "pk")
    return list(rows[:500])


def service_of(passage: Passage, *, prestataire_id: UUID) -> Prestataire:
    """Give one service with its hourly tariff."""
    return PRESTATAIRES.get(passage, pk=prestataire_id)
