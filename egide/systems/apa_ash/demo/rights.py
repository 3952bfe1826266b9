"""Decisions with their feuille de calcul, the rights they open, what interrupts or ends them."""

from dataclasses import dataclass, field
from datetime import date, timedelta

from django.db.backends.postgresql.psycopg_any import DateRange

from egide.rules.age import age_on
from egide.rules.apa import delais
from egide.rules.apa.decision import revision_au_plus_tard
from egide.rules.apa.delais import first_of_next_month
from egide.rules.apa.domicile import compute_apa_domicile
from egide.rules.apa.feuille import FeuilleDeCalcul
from egide.rules.apa.forfait import FeuilleForfait, compute_forfait
from egide.rules.apa.versement import Interruption, Nature, Periode
from egide.systems.apa_ash import models as m
from egide.systems.apa_ash.demo.cases import Stage, Story
from egide.systems.apa_ash.demo.files import File, is_granted
from egide.systems.apa_ash.demo.people import add_compte
from egide.systems.apa_ash.models.dossier import Echeance
from egide.systems.apa_ash.models.droit import NatureDecision, NatureInterruption
from egide.systems.apa_ash.purposes import Role

REFUSALS = {
    Story.SANS_DROIT: "Groupe iso-ressources 5 ou 6 (CASF R. 232-4)",
    Story.TROP_JEUNE: "Âge inférieur à 60 ans (CASF R. 232-1)",
    Story.REFUS: "Plan d’aide refusé par la personne (CASF R. 232-7)",
}
ENDS = {
    Story.DECES: "Décès",
    Story.DEPART: "Départ dans un autre département",
    Story.RENONCIATION: "Renonciation de la personne",
}
MOTIF_SUSPENSION = "Justificatifs d’emploi non produits après mise en demeure (CASF R. 232-16)"
ONE_DAY = timedelta(days=1)
SANS_COMPTE = 60  # one file in so many still has no account


@dataclass(slots=True)
class Rights:
    """The rights of a file and what stops their payment."""

    file: File
    droit: m.Droit | None = None
    feuille: FeuilleDeCalcul | None = None
    decision: m.Decision | None = None
    interruptions: list[Interruption] = field(default_factory=list)
    deces_on: date | None = None


def decide(file: File, *, debut_on: date) -> Rights:
    """Take the decisions of a file; rights older than `debut_on` are taken over on that day."""
    rights, story = Rights(file), file.case.story
    if story in {Story.TACITE, Story.URGENCE}:
        _lump_sum(rights)
    elif file.case.stage == Stage.DECIDE and story in REFUSALS:
        _decide(rights, NatureDecision.REJET, on=file.days[Stage.DECIDE], motif=REFUSALS[story])
    elif is_granted(file.case):
        _grant(rights, debut_on=debut_on)
        if story in ENDS:
            _end(rights, debut_on=debut_on)
        else:
            _go_on(rights)
    return rights


def compute(file: File, *, on: date) -> FeuilleDeCalcul:
    """Compute the allowance of a file on a day, by the rule itself."""
    assert file.plan is not None  # noqa: S101 -- granted files have both
    assert file.ressources is not None  # noqa: S101 -- idem
    return compute_apa_domicile(
        on=on,
        age=age_on(file.identite.naissance_on, on=on),
        gir=file.plan.plan.gir,
        couple=file.ressources.couple,
        ressources_mensuelles=file.ressources.ressources_mensuelles,
        plan_mensuel=file.plan.total,
    )


def _decide(
    rights: Rights,
    nature: NatureDecision,
    *,
    on: date,
    effet_on: date | None = None,
    motif: str = "",
    feuille: FeuilleDeCalcul | FeuilleForfait | None = None,
) -> m.Decision:
    file = rights.file
    with_plan = nature == NatureDecision.ACCORD and file.plan is not None
    rights.decision = m.Decision(
        id=file.world.chance.uuid(),
        **file.keys,
        plan_id=file.plan.plan.pk if with_plan and file.plan else None,
        nature=nature,
        prise_on=on,
        notifiee_on=on,
        effet_on=effet_on or on,
        motif=motif,
        feuille=feuille.as_json() if feuille else None,
        prise_par_id=file.world.team.of(file.service, role=Role.INSTRUCTEUR).pk,
    )
    file.world.rows.add(rights.decision)
    return rights.decision


def _grant(rights: Rights, *, debut_on: date) -> None:
    file = rights.file
    day = file.days[Stage.DECIDE]
    feuille = compute(file, on=day)
    decision = _decide(rights, NatureDecision.ACCORD, on=day, feuille=feuille)
    if day < debut_on:
        day, feuille = debut_on, compute(file, on=debut_on)
        decision = _decide(rights, NatureDecision.REVALORISATION, on=day, feuille=feuille)
    rights.feuille = feuille
    rights.droit = m.Droit(
        id=file.world.chance.uuid(),
        **file.keys,
        decision_id=decision.pk,
        periode=DateRange(day, None),
        gir=feuille.gir,
        couple=feuille.couple,
        ressources_mensuelles=feuille.ressources_mensuelles,
        plan_mensuel=feuille.plan_retenu,
        taux_participation=feuille.taux_participation,
        participation=feuille.participation,
        apa=feuille.apa,
    )
    file.world.rows.add(rights.droit)
    if not file.world.chance.one_in(SANS_COMPTE):
        add_compte(file.world.rows, file.world.chance, identite=file.identite)


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
    decision = _decide(rights, nature, on=start, motif=nature.label, feuille=feuille)
    rights.droit = m.Droit(
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
    file.world.rows.add(rights.droit)
    add_compte(file.world.rows, file.world.chance, identite=file.identite)


def _end(rights: Rights, *, debut_on: date) -> None:
    file, chance = rights.file, rights.file.world.chance
    first = max(file.days[Stage.DECIDE], debut_on) + timedelta(days=20)
    last = max(file.world.on - timedelta(days=4), first)
    day = min(first + timedelta(days=chance.whole(0, (last - first).days)), file.world.on)
    dossier = file.dossier
    dossier.fin_droit_on, dossier.motif_fin = day, ENDS[file.case.story]
    dossier.dernier_contact_on = min(day + timedelta(days=3), file.world.on)
    if file.case.story == Story.DECES:
        rights.deces_on = file.identite.deces_on = day
    if rights.droit:
        rights.droit.periode = DateRange(rights.droit.periode.lower, day + ONE_DAY)
    _decide(
        rights,
        NatureDecision.FIN,
        on=dossier.dernier_contact_on,
        effet_on=day + ONE_DAY,
        motif=dossier.motif_fin,
    )


def _go_on(rights: Rights) -> None:
    file, chance, on = rights.file, rights.file.world.chance, rights.file.world.on
    limit = revision_au_plus_tard(file.days[Stage.DECIDE])
    late, soon = chance.one_in(40), chance.one_in(12)
    away = chance.whole(-25, -1) if late else chance.whole(1, 45 if soon else 900)
    revision_on = min(on + timedelta(days=away), limit)
    file.due(Echeance.REVISION, revision_on)
    file.dossier.revision_on = revision_on
    if rights.decision:
        rights.decision.revision_on = revision_on
    span = min((on - file.days[Stage.DECIDE]).days, 600)
    file.dossier.dernier_contact_on = on - timedelta(days=chance.whole(0, span))
    story = file.case.story
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
        _decide(rights, NatureDecision.SUSPENSION, on=notified, motif=MOTIF_SUSPENSION)
        _interrupt(rights, NatureInterruption.SUSPENSION, first_of_next_month(notified))


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
            mise_en_demeure_on=start - timedelta(days=75) if suspended else None,
        )
    )
    rights.interruptions.append(Interruption(Nature(nature.value), Periode(start, end)))
