"""Decisions with their feuille de calcul, the rights they open, what interrupts or ends them."""

from datetime import date, timedelta

from django.db.backends.postgresql.psycopg_any import DateRange

from egide.kernel import notation
from egide.rules.apa import delais
from egide.rules.apa.forfait import compute_forfait
from egide.systems.apa_ash import models as m
from egide.systems.apa_ash.demo.cases import Stage, Story
from egide.systems.apa_ash.demo.decisions import Rights, take_decision
from egide.systems.apa_ash.demo.endings import end_ahead
from egide.systems.apa_ash.demo.files import is_granted
from egide.systems.apa_ash.demo.ongoing import go_on
from egide.systems.apa_ash.demo.people import add_compte
from egide.systems.apa_ash.demo.plans import DrawnPlan
from egide.systems.apa_ash.demo.world import File
from egide.systems.apa_ash.models.dossier import Echeance
from egide.systems.apa_ash.models.droit import NatureDecision
from egide.systems.apa_ash.purposes import Role
from egide.systems.apa_ash.services import motifs_fin

REFUSALS = {
    Story.SANS_DROIT: "Groupe iso-ressources 5 ou 6 (CASF R. 232-4)",
    Story.TROP_JEUNE: "Âge inférieur à 60 ans (CASF R. 232-1)",
    Story.REFUS: "Plan d’aide refusé par la personne (CASF R. 232-7)",
}
ENDS = {
    Story.DECES: motifs_fin.DECES,
    Story.DEPART: motifs_fin.MOTIFS[motifs_fin.DEPART].texte,
    Story.RENONCIATION: motifs_fin.MOTIFS[motifs_fin.RENONCIATION].texte,
}
# A death is told some days later; another end is signed some days ahead, at the most.
TOLD_AFTER, SIGNED_BEFORE = timedelta(days=3), 30
ONE_DAY = timedelta(days=1)
CAMPAGNE = timedelta(days=4)  # the campaign of January is decided a few days after the 1st
# One new right in so many still has no account.
SANS_COMPTE, RECENT = 6, timedelta(days=100)


def decide(file: File) -> Rights:
    """Take the decisions of a file, from its first right to today."""
    rights, story = Rights(file), file.case.story
    if story in {Story.TACITE, Story.URGENCE}:
        _lump_sum(rights)
    elif file.case.stage == Stage.DECIDE and story in REFUSALS:
        take_decision(
            rights, NatureDecision.REJET, on=file.days[Stage.DECIDE], motif=REFUSALS[story]
        )
    elif is_granted(file.case):
        ended_on = _draw_end(file) if story in ENDS else None
        _grant(rights, ended_on=ended_on)
        if ended_on:
            _end(rights, day=ended_on)
        else:
            go_on(rights)
            end_ahead(rights)
    return rights


def _grant(rights: Rights, *, ended_on: date | None) -> None:
    file = rights.file
    assert file.plan is not None  # noqa: S101 -- whoever is granted a right has a plan
    day = file.days[Stage.DECIDE]
    if file.before:
        _open(rights, plan=file.before.plan, since=file.before.days[Stage.DECIDE], until=day)
    _open(rights, plan=file.plan, since=day, until=ended_on + ONE_DAY if ended_on else None)
    new = file.before is None and file.world.on - day < RECENT
    if not (new and file.world.chance.one_in(SANS_COMPTE)):
        add_compte(file.world.rows, file.world.chance, identite=file.identite)


def _open(rights: Rights, *, plan: DrawnPlan, since: date, until: date | None) -> None:
    """Open the right of a plan, then revalue it on each 1 January (CASF L. 232-4)."""
    file, world = rights.file, rights.file.world
    starts = [since, *_januaries(since, until or world.anchor + ONE_DAY)]
    for start, end in zip(starts, [*starts[1:], until], strict=True):
        feuille = file.compute(plan=plan, on=start)
        first = start == since
        decision = take_decision(
            rights,
            NatureDecision.ACCORD if first else NatureDecision.REVALORISATION,
            on=start if first else min(start + CAMPAGNE, world.on),
            effet_on=start,
            motif="" if first else f"Revalorisation au {notation.jour_long(start)} (CASF L. 232-4)",
            feuille=feuille,
            plan=plan if first else None,
        )
        droit = m.Droit(
            # A campaign gives the right the id of its decision.
            id=world.chance.uuid() if first else decision.pk,
            **file.keys,
            decision_id=decision.pk,
            periode=DateRange(start, end),
            gir=feuille.gir,
            couple=feuille.couple,
            ressources_mensuelles=feuille.ressources_mensuelles,
            plan_mensuel=feuille.plan_retenu,
            taux_participation=feuille.taux_participation,
            participation=feuille.participation,
            apa=feuille.apa,
        )
        world.rows.add(droit)
        rights.droits.append(droit)
        rights.plans[droit.pk] = plan
    rights.known_on.setdefault(since.replace(day=1), since)


def _januaries(since: date, until: date) -> list[date]:
    """Give each 1 January after a day and before another."""
    days = (date(year, 1, 1) for year in range(since.year + 1, until.year + 1))
    return [day for day in days if day < until]


def _lump_sum(rights: Rights) -> None:
    file = rights.file
    start = file.days[Stage.RECU]
    end: date | None = delais.decision_avant(start) + ONE_DAY
    nature = NatureDecision.URGENCE
    if file.case.story == Story.TACITE:
        start, end = delais.decision_avant(file.days[Stage.COMPLET]) + ONE_DAY, None
        nature = NatureDecision.FORFAIT_TACITE
        file.due(Echeance.DECISION, start - ONE_DAY)
    feuille = compute_forfait(start)
    decision = take_decision(rights, nature, on=start, motif=nature.label, feuille=feuille)
    droit = m.Droit(
        id=file.world.chance.uuid(),
        **file.keys,
        decision_id=decision.pk,
        periode=DateRange(start, end),
        gir=1,
        couple=False,
        ressources_mensuelles=0,
        plan_mensuel=feuille.montant,
        taux_participation=0,
        participation=0,
        apa=feuille.montant,
        forfait=True,
    )
    file.world.rows.add(droit)
    rights.droits.append(droit)
    rights.known_on[start.replace(day=1)] = start
    add_compte(file.world.rows, file.world.chance, identite=file.identite)


def _draw_end(file: File) -> date:
    first = file.days[Stage.DECIDE] + timedelta(days=20)
    last = max(file.world.on - timedelta(days=4), first)
    drawn = first + timedelta(days=file.world.chance.whole(0, (last - first).days))
    return min(drawn, file.world.on)


def _ground(file: File) -> str:
    """Give why a right ends: of those who give it up, one in two enters an establishment."""
    if file.case.story == Story.RENONCIATION and file.dossier.pk.int % 2:
        return motifs_fin.MOTIFS[motifs_fin.ETABLISSEMENT].texte
    return ENDS[file.case.story]


def _end(rights: Rights, *, day: date) -> None:
    """End a right after a day: a death is told since, another end was signed before."""
    file, dossier, dead = rights.file, rights.file.dossier, rights.file.case.story == Story.DECES
    ahead = timedelta(days=dossier.pk.int % SIGNED_BEFORE)
    told = day + TOLD_AFTER if dead else max(day - ahead, file.days[Stage.DECIDE])
    dossier.fin_droit_on, dossier.motif_fin = day, _ground(file)
    dossier.dernier_contact_on = dossier.fin_constatee_on = min(told, file.world.on)
    if dead:
        rights.deces_on = file.identite.deces_on = day
    take_decision(
        rights,
        NatureDecision.FIN,
        on=dossier.dernier_contact_on,
        effet_on=day,
        motif=dossier.motif_fin,
        role=Role.INSTRUCTEUR if dead else None,
    )
