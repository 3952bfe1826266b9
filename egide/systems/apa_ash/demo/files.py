"""One file from its request to where the procedure stands, with the days that the law gives."""

from datetime import date, timedelta

from egide.kernel.access.models import Service
from egide.rules.apa import delais
from egide.rules.apa.delais import echeance
from egide.systems.apa_ash import models as m
from egide.systems.apa_ash.demo.assessments import visit
from egide.systems.apa_ash.demo.cases import STEPS, Case, Stage, Story
from egide.systems.apa_ash.demo.chance import Chance
from egide.systems.apa_ash.demo.disputes import add_dispute
from egide.systems.apa_ash.demo.history import add_before, draw_before
from egide.systems.apa_ash.demo.means import add_ressources
from egide.systems.apa_ash.demo.people import add_person
from egide.systems.apa_ash.demo.posting import PROPOSITION, posted_on
from egide.systems.apa_ash.demo.world import Course, File, World
from egide.systems.apa_ash.models.demande import Canal, CodePiece, NatureDemande
from egide.systems.apa_ash.models.dossier import Echeance, Etat
from egide.systems.apa_ash.purposes import Role

ONE_IN_SO_MANY_DISPUTED = 3


def draw_course(world: World, case: Case) -> Course:
    """Draw the days of a case, and those of the procedure that its request revises, if any."""
    days = _timeline(world.chance, case, anchor=world.anchor)
    before = draw_before(world, days) if is_granted(case) else None
    return Course(case, days, before)


def open_file(world: World, *, course: Course, service: Service) -> File:
    """Draw a person and their request, then lead it to the stage of the case."""
    chance, case, days = world.chance, course.case, course.days
    dossier = m.Dossier(
        id=chance.uuid(),
        service_id=service.pk,
        numero=world.allot(course.opened_on),
        etat=case.etat,
        instructeur_id=world.team.of(service, role=Role.INSTRUCTEUR).pk,
        ouvert_on=course.opened_on,
        dernier_contact_on=days[case.stage],
        departement_secours=world.team.organisme.departement,
    )
    world.rows.add(dossier)
    young = case.story == Story.TROP_JEUNE
    age = chance.whole(52, 59) if young else chance.near(84, spread=7, low=61, high=101)
    file = File(
        world=world,
        case=case,
        service=service,
        days=days,
        dossier=dossier,
        person=add_person(world.rows, chance, dossier=dossier, age=age),
        demande=_demande(world, dossier, course=course),
    )
    if course.before is None:  # whoever asks for a revision has sent them before
        _pieces(file)
    _expect(file)
    if file.reached(Stage.COMPLET):
        asked = course.before or days
        file.ressources = add_ressources(
            world.rows, chance, dossier=dossier, recueillies_on=asked[Stage.COMPLET]
        )
    if file.reached(Stage.VISITE) and case.story != Story.TROP_JEUNE:
        visit(file)
    if course.before:
        add_before(file, course.before)
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


def _demande(world: World, dossier: m.Dossier, *, course: Course) -> m.Demande:
    case, days = course.case, course.days
    urgent, complete = case.story == Story.URGENCE, case.stage >= Stage.COMPLET
    row = m.Demande(
        id=world.chance.uuid(),
        service_id=dossier.service_id,
        dossier_id=dossier.pk,
        nature=NatureDemande.URGENCE if urgent else course.nature,
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
        Stage.PROPOSE: _proposed(days[Stage.PROPOSE], on=file.world.on),
        Stage.REPONDU: (Echeance.DECISION, delais.decision_avant(complete)),
    }
    if stage in deadlines:
        file.due(*deadlines[stage])
    if stage == Stage.EVALUE and file.case.story == Story.SANS_DROIT:
        file.due(Echeance.DECISION, delais.decision_avant(complete))
    if file.case.story == Story.OBSERVATIONS:
        answered = days[Stage.REPONDU]
        file.due(Echeance.PROPOSITION_DEFINITIVE, echeance("proposition_definitive", answered))


def _proposed(written_on: date, *, on: date) -> tuple[Echeance, date]:
    left_on = posted_on(written_on, nature=PROPOSITION, on=on)
    if left_on is None:
        return Echeance.ENVOI, written_on
    return Echeance.REPONSE, echeance("observations", left_on)


def is_granted(case: Case) -> bool:
    """Tell whether the case ends in a right, running or closed."""
    return case.etat in {Etat.OUVERT, Etat.SUSPENDU, Etat.CLOS}
