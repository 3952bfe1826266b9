"""The visit, the grid and the plan of the last request of a file."""

from datetime import timedelta

from egide.rules.aggir import ILLUSTRATIVES, MODALITES
from egide.systems.apa_ash import models as m
from egide.systems.apa_ash.demo.cases import STEPS, Stage, Story
from egide.systems.apa_ash.demo.chance import Chance
from egide.systems.apa_ash.demo.grids import Grid
from egide.systems.apa_ash.demo.plans import draw_plan
from egide.systems.apa_ash.demo.world import File
from egide.systems.apa_ash.models.plan import EtatPlan
from egide.systems.apa_ash.purposes import Role
from egide.systems.apa_ash.queries.plan import requires_refus

GIRS, GIR_WEIGHTS = (1, 2, 3, 4), (2, 18, 22, 58)
CRENEAUX = ("9 h 00", "10 h 30", "14 h 00", "15 h 30")


def visit(file: File) -> None:
    """Draw the visit, and the evaluation with its grid once it is made; then the plan."""
    world, days = file.world, file.days
    made = file.reached(Stage.EVALUE)
    late = file.case.since[0] > max(STEPS[Stage.EVALUE])
    planned = world.on + timedelta(days=-2 if late else world.chance.whole(0, 18))
    evaluateur = world.team.of(file.service, role=Role.EVALUATEUR)
    visite = m.Visite(
        id=world.chance.uuid(),
        **file.keys,
        evaluateur_id=evaluateur.pk,
        prevue_on=days[Stage.EVALUE] if made else world.chance.working_day(planned),
        creneau=world.chance.pick(CRENEAUX),
        realisee_on=days[Stage.EVALUE] if made else None,
    )
    world.rows.add(visite)
    if not made:
        return
    gir = world.chance.weighted(GIRS, weights=GIR_WEIGHTS)
    if file.case.story == Story.SANS_DROIT:
        gir = world.chance.weighted((5, 6), weights=(60, 40))
    grid = world.chance.pick(world.grids[gir])
    file.evaluation = m.Evaluation(
        id=world.chance.uuid(),
        **file.keys,
        visite_id=visite.pk,
        faite_on=days[Stage.EVALUE],
        gir=gir,
        auteur_id=evaluateur.pk,
    )
    world.rows.add(file.evaluation, draw_grille(world.chance, file.evaluation, grid))
    world.rows.add(draw_besoins(world.past, file.evaluation))
    if file.case.story != Story.SANS_DROIT:
        _plan(file, gir=gir)


LOGEMENT = (
    "Appartement au deuxième étage avec ascenseur ; baignoire sans siège.",
    "Maison de plain-pied, marche à l’entrée ; commerces à deux kilomètres.",
    "Maison à étage, chambre descendue au rez-de-chaussée ; chauffage au bois.",
)
AIDES = (
    "Une aide-ménagère deux heures par semaine.",
    "Portage de repas en semaine ; une voisine passe le soir.",
    "Aucune aide professionnelle.",
)
AIDANTS = (
    "Sa fille vient chaque matin et souhaite souffler un week-end par mois.",
    "Son conjoint aide au lever et se fatigue.",
    "",
)
SOUHAITS = ("Rester chez elle.", "Garder ses sorties au marché.", "Ne pas changer d’intervenante.")
CONSEILS = (
    "La caisse de retraite peut financer quelques heures d’aide au ménage.",
    "Un siège de bain et une barre d’appui éviteraient des chutes.",
    "Les ateliers de prévention du centre social sont ouverts le mardi.",
)


def draw_besoins(chance: Chance, evaluation: m.Evaluation) -> m.EvaluationBesoins:
    """Give what the visit found beside the grid."""
    return m.EvaluationBesoins(
        id=chance.uuid(),
        service_id=evaluation.service_id,
        dossier_id=evaluation.dossier_id,
        evaluation_id=evaluation.pk,
        logement=chance.pick(LOGEMENT),
        aides_en_place=chance.pick(AIDES),
        aidants=chance.pick(AIDANTS),
        souhaits=chance.pick(SOUHAITS),
        conseils=chance.pick(CONSEILS),
    )


def draw_grille(chance: Chance, evaluation: m.Evaluation, grid: Grid) -> m.GrilleAggir:
    """Give the answers that lead to the group of an evaluation."""
    return m.GrilleAggir(
        id=chance.uuid(),
        service_id=evaluation.service_id,
        dossier_id=evaluation.dossier_id,
        evaluation_id=evaluation.pk,
        adverbes=grid.adverbes,
        illustratives={name: chance.pick(MODALITES) for name in ILLUSTRATIVES},
        lettres=grid.resultat.lettres,
        groupe=grid.resultat.groupe,
        sommes=dict(grid.resultat.sommes),
        rang=grid.resultat.rang,
        version=grid.resultat.version,
    )


def _plan(file: File, *, gir: int) -> None:
    world, days, stage = file.world, file.days, file.case.stage
    if stage == Stage.EVALUE and world.chance.one_in(2):
        return
    etat = EtatPlan.ACCEPTE
    if stage <= Stage.PROPOSE:
        etat = EtatPlan.BROUILLON if stage == Stage.EVALUE else EtatPlan.PROPOSE
    elif file.case.story in {Story.REFUS, Story.OBSERVATIONS}:
        etat = EtatPlan.REFUSE if file.case.story == Story.REFUS else EtatPlan.SANS_SUITE
    # At home the right opens on the day of the notification (CASF L. 232-14).
    file.plan = draw_plan(
        world.chance,
        dossier=file.dossier,
        gir=gir,
        etat=etat,
        effet_on=days[Stage.DECIDE],
        prestataires=world.team.prestataires,
    )
    plan = file.plan.plan
    modes = [ligne.mode for ligne in file.plan.lignes]
    if file.evaluation and requires_refus(plan, modes=modes):
        plan.refus_prestataire_on = file.evaluation.faite_on
        plan.refus_prestataire_par_id = file.evaluation.auteur_id
    plan.envoye_on = days[Stage.PROPOSE] if stage >= Stage.PROPOSE else None
    plan.reponse_on = days[Stage.REPONDU] if stage >= Stage.REPONDU else None
    if file.case.story == Story.OBSERVATIONS:
        plan.observations = "Souhaite moins d’heures de ménage et un passage le dimanche."
    world.rows.add(plan, *file.plan.lignes)
