"""What the équipe médico-sociale reads of a file: visits, evaluations, grid, people around."""

from dataclasses import dataclass

from egide.kernel.access.colleagues import colleagues
from egide.kernel.access.passage import Passage
from egide.systems.apa_ash.models import (
    Aidant,
    Coordonnees,
    Demande,
    Dossier,
    Evaluation,
    EvaluationBesoins,
    GrilleAggir,
    Protection,
    Visite,
)
from egide.systems.apa_ash.policy import (
    AIDANTS,
    BESOINS,
    COORDONNEES,
    DEMANDES,
    EVALUATIONS,
    GRILLES,
    PROTECTIONS,
    VISITES,
)
from egide.systems.apa_ash.purposes import Role
from egide.systems.apa_ash.queries.demandes import followed

ANOTHER_AGENT = "Un agent qui n’est plus dans le service"
A_FILE_HAS_FEW = 50


@dataclass(frozen=True, slots=True)
class VueEvaluation:
    """All that the team's own page of a file shows."""

    coordonnees: Coordonnees | None
    aidants: list[Aidant]
    protection: Protection | None
    demande: Demande | None
    visites: list[tuple[Visite, str]]
    evaluations: list[tuple[Evaluation, str]]


@dataclass(frozen=True, slots=True)
class DernierConstat:
    """The last evaluation of a file with its grid, and what the visit found beside it."""

    made: Evaluation | None = None
    grid: GrilleAggir | None = None
    besoins: EvaluationBesoins | None = None


def last_evaluation(passage: Passage, dossier: Dossier) -> Evaluation | None:
    """Give the evaluation in force of a file: that of a former request is over with it."""
    rows = EVALUATIONS.rows(passage).filter(dossier=dossier)
    rows = rows.exclude(followed(passage, day="faite_on"))
    return rows.order_by("-faite_on", "-pk").first()


def grid_of(passage: Passage, evaluation: Evaluation) -> GrilleAggir | None:
    """Give the grid of an evaluation: the team alone reads it (CASF R. 232-44)."""
    return GRILLES.rows(passage).filter(evaluation=evaluation).order_by("pk").first()


def read_constat(passage: Passage, dossier: Dossier) -> DernierConstat:
    """Read what the last visit found, in three statements at the most."""
    made = last_evaluation(passage, dossier)
    if made is None:
        return DernierConstat()
    return DernierConstat(made, grid_of(passage, made), besoins_of(passage, made))


def besoins_of(passage: Passage, evaluation: Evaluation) -> EvaluationBesoins | None:
    """Give what a visit found beside the grid: the team alone reads it (CASF R. 232-44)."""
    return BESOINS.rows(passage).filter(evaluation=evaluation).order_by("pk").first()


def team_choices(passage: Passage, dossier: Dossier) -> list[tuple[str, str]]:
    """List the évaluateurs of the file's service today, for a form."""
    return [
        (str(c.agent_id), f"{c.nom}, {c.fonction}" if c.fonction else c.nom)
        for c in colleagues(passage, role=Role.EVALUATEUR)
        if c.en_poste and c.service_id == dossier.service_id
    ]


def view_of(passage: Passage, dossier: Dossier) -> VueEvaluation:
    """Read the page of a file for the team; never its NIR, never the lines of its resources."""
    names = {c.agent_id: c.nom for c in colleagues(passage, role=Role.EVALUATEUR)}
    visites = VISITES.rows(passage).filter(dossier=dossier).order_by("-prevue_on", "-pk")
    made = EVALUATIONS.rows(passage).filter(dossier=dossier).order_by("-faite_on", "-pk")
    aidants = AIDANTS.rows(passage).filter(dossier=dossier).order_by("nom", "pk")
    return VueEvaluation(
        coordonnees=COORDONNEES.rows(passage).filter(dossier=dossier).order_by("pk").first(),
        aidants=list(aidants[:A_FILE_HAS_FEW]),
        protection=PROTECTIONS.rows(passage).filter(dossier=dossier).order_by("pk").first(),
        demande=DEMANDES.rows(passage).filter(dossier=dossier).order_by("-recue_on", "-pk").first(),
        visites=[(v, names.get(v.evaluateur_id, ANOTHER_AGENT)) for v in visites[:A_FILE_HAS_FEW]],
        evaluations=[(e, names.get(e.auteur_id, ANOTHER_AGENT)) for e in made[:A_FILE_HAS_FEW]],
    )
