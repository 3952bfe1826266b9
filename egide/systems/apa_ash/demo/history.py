"""The past of a file: the right that was revised, stays in hospital, suspensions lifted since."""

from dataclasses import dataclass
from datetime import date, timedelta

from egide.rules.apa.delais import add_months, first_of_next_month
from egide.systems.apa_ash import models as m
from egide.systems.apa_ash.demo.assessments import CRENEAUX, draw_besoins, draw_grille
from egide.systems.apa_ash.demo.cases import Stage
from egide.systems.apa_ash.demo.chance import Chance
from egide.systems.apa_ash.demo.plans import DrawnPlan, draw_plan
from egide.systems.apa_ash.demo.world import Before, File, World
from egide.systems.apa_ash.models.demande import Canal, CodePiece, NatureDemande
from egide.systems.apa_ash.models.plan import EtatPlan
from egide.systems.apa_ash.purposes import Role
from egide.systems.apa_ash.queries.plan import requires_refus

# One right in so many was revised; one that runs was suspended, one met a stay in hospital.
REVISE, SUSPENDU, HOSPITALISE = 4, 25, 9
# The warning leaves well before the suspension that it announces.
MISE_EN_DEMEURE = timedelta(days=75)
# How long the first right ran before its revision, in days.
RAN = (300, 900)
LIGHTEST = 4
# An event lies well inside the right: so many days after it opened, and before today.
AFTER, UNTIL = 90, 130


@dataclass(frozen=True, slots=True)
class Suspension:
    """A suspension that was lifted: decided, in effect, ended, and the day that decided its end."""

    decided_on: date
    start: date
    end: date
    lifted_on: date


def draw_before(world: World, days: dict[Stage, date]) -> dict[Stage, date] | None:
    """Draw the days of the first procedure of a file, for one that was revised."""
    if not world.past.one_in(REVISE):
        return None
    gap = timedelta(days=world.past.whole(*RAN))
    if days[Stage.DECIDE] - gap < world.debut_on:
        return None
    return {stage: day - gap for stage, day in days.items()}


def add_before(file: File, days: dict[Stage, date]) -> None:
    """Invent the procedure of the first right: request, visit, a plan for a lighter need."""
    _ask(file, days)
    evaluation = _assess(file, days)
    file.before = Before(days, _propose(file, days, evaluation=evaluation))


def _ask(file: File, days: dict[Stage, date]) -> None:
    past = file.world.past
    demande = m.Demande(
        id=past.uuid(),
        **file.keys,
        nature=NatureDemande.PREMIERE,
        canal=past.pick(tuple(Canal)[:3]),
        recue_on=days[Stage.RECU],
        complete_on=days[Stage.COMPLET],
        accuse_on=days[Stage.COMPLET],
    )
    file.world.rows.add(demande)
    file.world.rows.extend(
        m.Piece(
            id=past.uuid(),
            **file.keys,
            demande_id=demande.pk,
            code=code,
            recue_on=days[Stage.COMPLET],
        )
        for code in (CodePiece.IDENTITE, CodePiece.IMPOSITION, CodePiece.RIB)
    )


def _assess(file: File, days: dict[Stage, date]) -> m.Evaluation:
    assert file.evaluation  # noqa: S101 -- whoever is granted a right was visited
    world, past = file.world, file.world.past
    gir = min(file.evaluation.gir + 1, LIGHTEST)
    evaluateur = world.team.of(file.service, role=Role.EVALUATEUR)
    visite = m.Visite(
        id=past.uuid(),
        **file.keys,
        evaluateur_id=evaluateur.pk,
        prevue_on=days[Stage.EVALUE],
        creneau=past.pick(CRENEAUX),
        realisee_on=days[Stage.EVALUE],
    )
    evaluation = m.Evaluation(
        id=past.uuid(),
        **file.keys,
        visite_id=visite.pk,
        faite_on=days[Stage.EVALUE],
        gir=gir,
        auteur_id=evaluateur.pk,
    )
    grille = draw_grille(past, evaluation, past.pick(world.grids[gir]))
    world.rows.add(visite, evaluation, grille, draw_besoins(past, evaluation))
    return evaluation


def _propose(file: File, days: dict[Stage, date], *, evaluation: m.Evaluation) -> DrawnPlan:
    world = file.world
    drawn = draw_plan(
        world.past,
        dossier=file.dossier,
        gir=evaluation.gir,
        etat=EtatPlan.ACCEPTE,
        effet_on=days[Stage.DECIDE],
        prestataires=world.team.prestataires,
    )
    plan = drawn.plan
    plan.envoye_on, plan.reponse_on = days[Stage.PROPOSE], days[Stage.REPONDU]
    if requires_refus(plan, modes=[ligne.mode for ligne in drawn.lignes]):
        plan.refus_prestataire_on = evaluation.faite_on
        plan.refus_prestataire_par_id = evaluation.auteur_id
    world.rows.add(plan, *drawn.lignes)
    return drawn


def draw_stay(past: Chance, *, since: date, on: date) -> tuple[date, date] | None:
    """Draw a stay in hospital well inside a right, or none."""
    entry = _inside(past, since=since, on=on) if past.one_in(HOSPITALISE) else None
    return (entry, entry + timedelta(days=past.whole(5, 45))) if entry else None


def draw_suspension(past: Chance, *, since: date, on: date) -> Suspension | None:
    """Draw a suspension put right a month or two later, or none."""
    decided = _inside(past, since=since, on=on) if past.one_in(SUSPENDU) else None
    if decided is None:
        return None
    start = first_of_next_month(decided)
    end = add_months(start, months=past.whole(1, 2))
    return Suspension(decided, start, end, end + timedelta(days=past.whole(3, 16)))


def _inside(past: Chance, *, since: date, on: date) -> date | None:
    room = (on - since).days - AFTER - UNTIL
    return since + timedelta(days=AFTER + past.whole(0, room)) if room > 0 else None
