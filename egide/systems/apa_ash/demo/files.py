"""One file from its request to where the procedure stands, with the days that the law gives."""

from dataclasses import dataclass, field
from datetime import date, timedelta

from egide.kernel.access.models import Service
from egide.rules.apa import delais
from egide.rules.apa.delais import echeance
from egide.systems.apa_ash import models as m
from egide.systems.apa_ash.demo.cases import Case, Stage, Story
from egide.systems.apa_ash.demo.chance import Chance
from egide.systems.apa_ash.demo.disputes import add_dispute
from egide.systems.apa_ash.demo.grids import Grid
from egide.systems.apa_ash.demo.means import add_ressources
from egide.systems.apa_ash.demo.people import add_person
from egide.systems.apa_ash.demo.plans import DrawnPlan, draw_plan
from egide.systems.apa_ash.demo.rows import Rows
from egide.systems.apa_ash.demo.team import Team
from egide.systems.apa_ash.models.demande import Canal, CodePiece, NatureDemande
from egide.systems.apa_ash.models.dossier import Echeance, Etat
from egide.systems.apa_ash.models.plan import EtatPlan
from egide.systems.apa_ash.purposes import Role
from egide.systems.apa_ash.queries.plan import requires_refus

GIRS, GIR_WEIGHTS = (1, 2, 3, 4), (2, 18, 22, 58)
CRENEAUX = ("9 h 00", "10 h 30", "14 h 00", "15 h 30")
ONE_IN_SO_MANY_DISPUTED = 3
# Days between one step and the next, at the least and at the most: under two months in all.
STEPS = {
    Stage.RECLAME: (3, 8),
    Stage.COMPLET: (0, 9),
    Stage.VISITE: (1, 4),
    Stage.EVALUE: (5, 12),
    Stage.PROPOSE: (1, 5),
    Stage.REPONDU: (2, 9),
    Stage.DECIDE: (1, 8),
}


@dataclass(slots=True)
class World:
    """What all files share: the day, the team, the grids, and the rows being prepared."""

    on: date
    chance: Chance
    team: Team
    grids: dict[int, list[Grid]]
    rows: Rows = field(default_factory=Rows)
    incomplete: int = 0
    passed_on: int = 0
    contested: int = 0
    numbers: dict[int, int] = field(default_factory=dict)

    def allot(self, day: date) -> str:
        """Give the next number of a year."""
        self.numbers[day.year] = self.numbers.get(day.year, 0) + 1
        return f"{day.year}-{self.numbers[day.year]:05d}"


@dataclass(slots=True)
class File:
    """A file in the making."""

    world: World
    case: Case
    service: Service
    days: dict[Stage, date]
    dossier: m.Dossier
    identite: m.Identite
    demande: m.Demande
    ressources: m.Ressources | None = None
    evaluation: m.Evaluation | None = None
    plan: DrawnPlan | None = None

    @property
    def keys(self) -> dict[str, object]:
        """Give the columns that tie a row to this file."""
        return {"service_id": self.service.pk, "dossier_id": self.dossier.pk}

    def reached(self, stage: Stage) -> bool:
        """Tell whether the procedure went as far as a stage."""
        return self.case.stage >= stage

    def due(self, what: Echeance, on: date) -> None:
        """Set the next thing expected."""
        self.dossier.echeance, self.dossier.echeance_on = what, on


def open_file(world: World, *, case: Case, service: Service, anchor: date) -> File:
    """Draw a person and their request, then lead it to the stage of the case."""
    days = _timeline(world.chance, case, anchor=anchor)
    chance, received = world.chance, days[Stage.RECU]
    dossier = m.Dossier(
        id=chance.uuid(),
        service_id=service.pk,
        numero=world.allot(received),
        etat=case.etat,
        instructeur_id=world.team.of(service, role=Role.INSTRUCTEUR).pk,
        ouvert_on=received,
        dernier_contact_on=days[case.stage],
        departement_secours=world.team.organisme.departement,
    )
    world.rows.add(dossier)
    young = case.story == Story.TROP_JEUNE
    age = chance.whole(52, 59) if young else min(chance.around(85, low=62, high=101), 101)
    file = File(
        world=world,
        case=case,
        service=service,
        days=days,
        dossier=dossier,
        identite=add_person(world.rows, chance, dossier=dossier, age=age),
        demande=_demande(world, dossier, case=case, days=days),
    )
    _pieces(file)
    _expect(file)
    if file.reached(Stage.COMPLET):
        file.ressources = add_ressources(
            world.rows, chance, dossier=dossier, recueillies_on=days[Stage.COMPLET]
        )
    if file.reached(Stage.VISITE) and case.story != Story.TROP_JEUNE:
        _visit(file)
    if not file.reached(Stage.COMPLET):
        world.incomplete += 1
        if world.incomplete % ONE_IN_SO_MANY_DISPUTED == 0:
            _dispute(file)
    return file


def _dispute(file: File) -> None:
    """Contest a request, by turns just contested and passed on."""
    world, received = file.world, file.days[Stage.RECU]
    sent = received + timedelta(days=2)
    passed_on = sent <= world.on and world.passed_on < world.contested
    world.passed_on += passed_on
    world.contested += not passed_on
    add_dispute(
        world.rows, dossier=file.dossier, received=received, sent=sent if passed_on else None
    )


def _timeline(chance: Chance, case: Case, *, anchor: date) -> dict[Stage, date]:
    """Draw the day of each step, so that the last one made lies as long ago as the case says."""
    offsets, total = {Stage.RECU: 0}, 0
    for stage, (low, high) in STEPS.items():
        step = chance.whole(low, high)
        if stage == Stage.RECLAME:  # beside the usual course, not one of its steps
            offsets[stage] = step
            continue
        total += step
        offsets[stage] = total
    start = anchor - timedelta(days=chance.whole(*case.since) + offsets[case.stage])
    return {stage: start + timedelta(days=days) for stage, days in offsets.items()}


def _demande(world: World, dossier: m.Dossier, *, case: Case, days: dict[Stage, date]) -> m.Demande:
    urgent, complete = case.story == Story.URGENCE, case.stage >= Stage.COMPLET
    row = m.Demande(
        id=world.chance.uuid(),
        service_id=dossier.service_id,
        dossier_id=dossier.pk,
        nature=NatureDemande.URGENCE if urgent else NatureDemande.PREMIERE,
        canal=world.chance.weighted(tuple(Canal), weights=(52, 18, 12, 6, 6, 6)),
        recue_on=days[Stage.RECU],
        complete_on=days[Stage.COMPLET] if complete else None,
        accuse_on=days[Stage.COMPLET] if complete else None,
        urgence_attestee_par="Dr Églantine Fauvel, médecin traitant" if urgent else "",
    )
    world.rows.add(row)
    return row


def _pieces(file: File) -> None:
    chance, stage = file.world.chance, file.case.stage
    codes = [CodePiece.IDENTITE, CodePiece.IMPOSITION, CodePiece.RIB]
    codes += [CodePiece.TAXE_FONCIERE] if chance.one_in(2) else []
    missing = set()
    if stage < Stage.COMPLET:
        missing = {chance.pick(codes), CodePiece.IMPOSITION}
    claimed = file.days[Stage.RECLAME] if stage == Stage.RECLAME else None
    last = file.days[Stage.COMPLET if stage >= Stage.COMPLET else Stage.RECU]
    file.world.rows.extend(
        m.Piece(
            id=chance.uuid(),
            **file.keys,
            demande_id=file.demande.pk,
            code=code,
            recue_on=None if code in missing else last,
            reclamee_on=claimed if code in missing else None,
        )
        for code in codes
    )


def _expect(file: File) -> None:
    """Set the deadline that runs from the last step, as the acts of the procedure do."""
    days, stage = file.days, file.case.stage
    complete = days[Stage.COMPLET]
    deadlines = {
        Stage.RECU: (Echeance.ACCUSE, delais.accuse_avant(days[Stage.RECU])),
        Stage.RECLAME: (Echeance.PIECES, delais.relance_pieces(days[Stage.RECLAME])),
        Stage.COMPLET: (Echeance.VISITE, delais.proposition_avant(complete)),
        Stage.VISITE: (Echeance.VISITE, delais.proposition_avant(complete)),
        Stage.EVALUE: (Echeance.PROPOSITION, delais.proposition_avant(complete)),
        Stage.PROPOSE: (Echeance.REPONSE, echeance("observations", days[Stage.PROPOSE])),
        Stage.REPONDU: (Echeance.DECISION, delais.decision_avant(complete)),
    }
    if stage in deadlines:
        file.due(*deadlines[stage])
    if stage == Stage.EVALUE and file.case.story == Story.SANS_DROIT:
        file.due(Echeance.DECISION, delais.decision_avant(complete))
    if file.case.story == Story.OBSERVATIONS:
        answered = days[Stage.REPONDU]
        file.due(Echeance.PROPOSITION_DEFINITIVE, echeance("proposition_definitive", answered))


def _visit(file: File) -> None:
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
    world.rows.add(file.evaluation, _grille(file, file.evaluation, grid))
    if file.case.story != Story.SANS_DROIT:
        _plan(file, gir=gir)


def _grille(file: File, evaluation: m.Evaluation, grid: Grid) -> m.GrilleAggir:
    return m.GrilleAggir(
        id=file.world.chance.uuid(),
        **file.keys,
        evaluation_id=evaluation.pk,
        adverbes=grid.adverbes,
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


def is_granted(case: Case) -> bool:
    """Tell whether the case ends in a right, running or closed."""
    return case.etat in {Etat.OUVERT, Etat.SUSPENDU, Etat.CLOS}
