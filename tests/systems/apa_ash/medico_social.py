"""Files at the steps where the équipe médico-sociale works, and its grids."""

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import uuid4

from egide.kernel.access.models import Agent, Service
from egide.rules.aggir import ENTREES
from egide.systems.apa_ash import models as m
from egide.systems.apa_ash.models.dossier import Echeance, Etat
from egide.systems.apa_ash.models.plan import EtatPlan, ModeAide, NatureAide, Unite
from egide.systems.apa_ash.models.ressources import SourceRessources
from egide.systems.apa_ash.queries.plan import Aide
from tests import factories

COMPLETE_ON = date(2026, 10, 19)
EFFET_ON = date(2026, 12, 1)


def complete(service: Service, **fields: Any) -> m.Dossier:
    """A file that is complete and waits for its visit, with its resources."""
    values = {
        "etat": Etat.COMPLET,
        "echeance": Echeance.VISITE,
        "echeance_on": date(2026, 11, 18),
    } | fields
    dossier = factories.dossier(service, **values)
    m.Demande.objects.filter(dossier=dossier).update(complete_on=COMPLETE_ON)
    m.Ressources.objects.create(
        service=service,
        dossier=dossier,
        annee_reference=2024,
        source=SourceRessources.AVIS,
        recueillies_on=COMPLETE_ON,
        ressources_mensuelles=Decimal("1500.00"),
        neutralisation="veuvage",
    )
    return dossier


def evaluated(service: Service, auteur: Agent, *, gir: int = 3, **fields: Any) -> m.Dossier:
    """A file that was evaluated and waits for its plan."""
    values = {
        "etat": Etat.EVALUE,
        "echeance": Echeance.PROPOSITION,
        "echeance_on": date(2026, 11, 18),
    } | fields
    dossier = complete(service, **values)
    m.Evaluation.objects.create(
        service=service, dossier=dossier, faite_on=date(2026, 11, 6), gir=gir, auteur=auteur
    )
    return dossier


def draft(dossier: m.Dossier, **fields: Any) -> m.PlanAide:
    """A plan in the making."""
    values = {"etat": EtatPlan.BROUILLON, "gir": 3, "effet_on": EFFET_ON} | fields
    return m.PlanAide.objects.create(service=dossier.service, dossier=dossier, **values)


def saad(dossier: m.Dossier, **fields: Any) -> m.Prestataire:
    """A service that helps at home."""
    values = {
        "nom": "SAAD Les Tilleuls",
        "siret": f"{uuid4().int % 10**14:014d}",
        "adresse": "4 rue du Moulin, 01000 Bourg-en-Bresse",
        "tarif_horaire": Decimal("24.58"),
    } | fields
    return m.Prestataire.objects.create(organisme=dossier.service.organisme, **values)


def aide(service: m.Prestataire | None = None, **fields: Any) -> Aide:
    """The first line of the model plan: 22 hours at 24,58 €."""
    values = {
        "nature": NatureAide.TOILETTE,
        "mode": ModeAide.PRESTATAIRE if service else ModeAide.AUTRE,
        "prestataire_id": service.pk if service else None,
        "volume_mensuel": Decimal("22.00"),
        "unite": Unite.HEURE,
        "tarif": Decimal("24.58"),
    } | fields
    return Aide(**values)


def ligne(plan: m.PlanAide, *, service: m.Prestataire | None = None, **fields: Any) -> m.LignePlan:
    """A line of a plan."""
    from dataclasses import asdict

    return m.LignePlan.objects.create(
        service=plan.service, dossier=plan.dossier, plan=plan, **asdict(aide(service, **fields))
    )


def grid(default: str = "1111", **answers: str) -> dict[str, str]:
    """A full grid; `alimentation__manger="0000"` stands for `alimentation.manger`."""
    named = {name.replace("__", "."): digits for name, digits in answers.items()}
    return dict.fromkeys(ENTREES, default) | named


def posted(adverbes: dict[str, str]) -> dict[str, list[str]]:
    """A grid as a browser sends it."""
    return {
        name: [letter for letter, digit in zip("STHC", digits, strict=True) if digit == "1"]
        or ["N"]
        for name, digits in adverbes.items()
    }
