"""What happens to a right that runs: its revision to come, stays in hospital, suspensions."""

from datetime import date, timedelta

from django.db.backends.postgresql.psycopg_any import DateRange

from egide.rules.apa.decision import revision_au_plus_tard
from egide.rules.apa.delais import echeance, first_of_next_month
from egide.rules.apa.versement import Interruption, Nature, Periode
from egide.systems.apa_ash import models as m
from egide.systems.apa_ash.demo.cases import Stage, Story
from egide.systems.apa_ash.demo.decisions import Rights, take_decision
from egide.systems.apa_ash.demo.history import MISE_EN_DEMEURE, draw_stay, draw_suspension
from egide.systems.apa_ash.models.demande import Canal, NatureDemande
from egide.systems.apa_ash.models.dossier import Echeance, Etat
from egide.systems.apa_ash.models.droit import NatureDecision, NatureInterruption

MOTIF_SUSPENSION = "Participation non acquittée après mise en demeure (CASF R. 232-16)"
MOTIF_REPRISE = "Situation régularisée (CASF R. 232-16)"
# One right in so many is being revised on new facts.
REVISION = 30


def go_on(rights: Rights) -> None:
    """Set the periodic revision, and let happen what the story tells."""
    file, chance, on = rights.file, rights.file.world.chance, rights.file.world.on
    limit = revision_au_plus_tard(file.days[Stage.DECIDE])
    late, soon = chance.one_in(40), chance.one_in(12)
    away = chance.whole(-25, -1) if late else chance.whole(1, 45 if soon else 900)
    revision_on = min(on + timedelta(days=away), limit)
    file.due(Echeance.REVISION, revision_on)
    file.dossier.revision_on = revision_on
    accord = [d for d in rights.decisions if d.nature == NatureDecision.ACCORD][-1]
    accord.revision_on = revision_on
    span = min((on - file.days[Stage.DECIDE]).days, 600)
    file.dossier.dernier_contact_on = on - timedelta(days=chance.whole(0, span))
    _happen(rights, file.case.story)


def _happen(rights: Rights, story: Story) -> None:
    chance, on = rights.file.world.chance, rights.file.world.on
    if story == Story.HOSPITALISE:
        _interrupt(rights, NatureInterruption.HOSPITALISATION, chance.before(on, low=8, high=70))
    elif story == Story.HAD:
        _interrupt(
            rights, NatureInterruption.HOSPITALISATION_DOMICILE, chance.before(on, low=5, high=40)
        )
    elif story == Story.SORTI:
        entry = chance.before(on, low=80, high=140)
        leave = entry + timedelta(days=chance.whole(6, 60))
        _interrupt(rights, NatureInterruption.HOSPITALISATION, entry, end=leave)
    elif story == Story.SUSPENDU:
        notified = chance.before(on, low=35, high=100)
        take_decision(
            rights,
            NatureDecision.SUSPENSION,
            on=notified,
            effet_on=first_of_next_month(notified),
            motif=MOTIF_SUSPENSION,
        )
        _interrupt(rights, NatureInterruption.SUSPENSION, first_of_next_month(notified))
    elif story in {Story.NONE, Story.INDU}:
        _remember(rights)
        _revise(rights)


def _remember(rights: Rights) -> None:
    """Let a right that runs have met a stay in hospital, or a suspension lifted since."""
    world, since = rights.file.world, rights.droits[0].periode.lower
    if stay := draw_stay(world.past, since=since, on=world.on):
        _interrupt(rights, NatureInterruption.HOSPITALISATION, stay[0], end=stay[1])
    elif met := draw_suspension(world.past, since=since, on=world.on):
        take_decision(
            rights,
            NatureDecision.SUSPENSION,
            on=met.decided_on,
            effet_on=met.start,
            motif=MOTIF_SUSPENSION,
        )
        _interrupt(rights, NatureInterruption.SUSPENSION, met.start, end=met.end)
        take_decision(
            rights,
            NatureDecision.REPRISE,
            on=met.lifted_on,
            effet_on=met.end,
            motif=MOTIF_REPRISE,
        )
        rights.known_on[met.end] = met.lifted_on


def _revise(rights: Rights) -> None:
    """Let new facts reopen the procedure of a right that goes on, once in a while."""
    file, past, on = rights.file, rights.file.world.past, rights.file.world.on
    asked = on - timedelta(days=past.whole(3, 40))
    if not past.one_in(REVISION) or asked <= file.days[Stage.DECIDE]:
        return
    file.world.rows.add(
        m.Demande(
            id=past.uuid(),
            **file.keys,
            nature=NatureDemande.REVISION,
            canal=past.pick(tuple(Canal)[:3]),
            recue_on=asked,
            complete_on=asked,
        )
    )
    file.dossier.etat, file.dossier.etat_droit = Etat.COMPLET, file.dossier.etat
    file.dossier.dernier_contact_on = max(file.dossier.dernier_contact_on, asked)
    file.due(Echeance.VISITE, echeance("proposition_plan", asked))


def _interrupt(
    rights: Rights, nature: NatureInterruption, start: date, *, end: date | None = None
) -> None:
    file, suspended = rights.file, nature == NatureInterruption.SUSPENSION
    file.world.rows.add(
        m.Interruption(
            id=file.world.chance.uuid(),
            **file.keys,
            nature=nature,
            periode=DateRange(start, end),
            motif=MOTIF_SUSPENSION if suspended else "",
            mise_en_demeure_on=start - MISE_EN_DEMEURE if suspended else None,
        )
    )
    rights.interruptions.append(Interruption(Nature(nature.value), Periode(start, end)))
