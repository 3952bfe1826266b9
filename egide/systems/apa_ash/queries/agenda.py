"""The day of the équipe médico-sociale: visits of the week, files to visit, plans to propose."""

import re
from dataclasses import dataclass, field
from datetime import date, timedelta

from django.db.models import Q

from egide.kernel.access.colleagues import colleagues
from egide.kernel.access.passage import Passage
from egide.systems.apa_ash.models import Dossier, Visite
from egide.systems.apa_ash.models.dossier import FINIS, Echeance, Etat
from egide.systems.apa_ash.policy import COORDONNEES, DOSSIERS, IDENTITES, VISITES
from egide.systems.apa_ash.purposes import Role
from egide.systems.apa_ash.queries.dossier import over
from egide.systems.apa_ash.queries.evaluation import ANOTHER_AGENT

ON_SCREEN = 100
WEEK = timedelta(weeks=1)
HEURE = re.compile(r"\s*(\d{1,2})\s*(?:h|:)\s*(\d{2})?", re.IGNORECASE)
MOMENTS = {"après": 12 * 60, "midi": 12 * 60, "matin": 0}
UNSEEN = (Etat.RECU, Etat.INCOMPLET, *sorted(FINIS))
TO_VISIT = "visit"
TO_PROPOSE = "propose"
TO_HEAR = "hear"
EXPECTED: dict[str, str] = {
    Echeance.VISITE: TO_VISIT,
    Echeance.PROPOSITION: TO_PROPOSE,
    Echeance.PROPOSITION_DEFINITIVE: TO_PROPOSE,
    Echeance.ENVOI: TO_HEAR,
    Echeance.REPONSE: TO_HEAR,
}


@dataclass(slots=True)
class Agenda:
    """What the team has to do, the most urgent first; `cut` when there is more than the screen."""

    visites: list[tuple[Visite, str]]
    to_visit: list[Dossier] = field(default_factory=list)
    to_propose: list[Dossier] = field(default_factory=list)
    to_hear: list[Dossier] = field(default_factory=list)
    cut: bool = False
    limit: int = ON_SCREEN


def agenda_of(passage: Passage) -> Agenda:
    """Read the week in three statements, whatever the number of files."""
    names = {c.agent_id: c.nom for c in colleagues(passage, role=Role.EVALUATEUR)}
    visites = _visites(passage, since=passage.on)
    agenda = Agenda([(v, names.get(v.evaluateur_id, ANOTHER_AGENT)) for v in visites])
    dossiers = _expected(passage)
    agenda.cut = len(dossiers) > ON_SCREEN
    for dossier in dossiers[:ON_SCREEN]:
        kind = EXPECTED.get(dossier.echeance, TO_VISIT)
        {
            TO_VISIT: agenda.to_visit,
            TO_PROPOSE: agenda.to_propose,
            TO_HEAR: agenda.to_hear,
        }[kind].append(dossier)
    return agenda


def _visites(passage: Passage, *, since: date) -> list[Visite]:
    rows = VISITES.rows(
        passage,
        dossier=DOSSIERS,
        dossier__identite=IDENTITES,
        dossier__coordonnees=COORDONNEES,
    ).filter(prevue_on__gte=since, prevue_on__lt=since + WEEK, realisee_on__isnull=True)
    # Nobody is visited for a request that ended, nor for another one that is not complete yet.
    rows = rows.exclude(over(since, of="dossier__")).exclude(dossier__etat__in=UNSEEN)
    found = rows.order_by("prevue_on", "pk")[:ON_SCREEN]
    return sorted(found, key=lambda visite: (visite.prevue_on, _moment(visite.creneau)))


def _moment(creneau: str) -> tuple[int, str]:
    """Give the minute of the day that words tell: « 9 h 30 », « matin »; the others come last."""
    if told := HEURE.match(creneau):
        return int(told[1]) * 60 + int(told[2] or 0), creneau
    words = creneau.casefold()
    return next((at for word, at in MOMENTS.items() if word in words), 24 * 60), creneau


def _expected(passage: Passage) -> list[Dossier]:
    """List the files that wait for the team; a complete file waits for a visit."""
    rows = DOSSIERS.rows(passage, identite=IDENTITES, coordonnees=COORDONNEES)
    waiting = Q(echeance__in=list(EXPECTED)) | Q(etat__in=[Etat.COMPLET, Etat.VISITE])
    return list(
        rows.filter(~over(passage.on), waiting).order_by("echeance_on", "pk")[: ON_SCREEN + 1]
    )
