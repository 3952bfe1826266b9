"""Who follows which files: what the head of a service needs to give them to someone else."""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count, Q

from egide.kernel.access.colleagues import colleagues
from egide.kernel.access.passage import Passage
from egide.kernel.access.people import names_of
from egide.kernel.access.policy import Action
from egide.kernel.access.rows import Traced
from egide.systems.apa_ash.models import Dossier
from egide.systems.apa_ash.models.dossier import FINIS
from egide.systems.apa_ash.policy import DOSSIERS, IDENTITES
from egide.systems.apa_ash.purposes import Role
from egide.systems.apa_ash.queries.dossier import over

PAGE = 50
SANS_INSTRUCTEUR = "sans"


@dataclass(frozen=True, slots=True, kw_only=True)
class Choix:
    """Which files are looked for: those of an agent, those of nobody, or a single one."""

    instructeur: str = ""
    dossier: UUID | None = None
    after: UUID | None = None


def supervised(passage: Passage, *, action: Action = Action.READ) -> Traced[Dossier]:
    """Give the files of the services that the agent heads: instructing there is not enough."""
    headed = passage.services((Role.RESPONSABLE,))
    return DOSSIERS.rows(passage, action=action, identite=IDENTITES).filter(service_id__in=headed)


def list_suivis(passage: Passage, *, choix: Choix) -> tuple[list[Dossier], UUID | None]:
    """List files still followed, by number, from the one after `after`; and the next key."""
    rows = supervised(passage).exclude(over(passage.on) | Q(etat__in=sorted(FINIS)))
    if choix.dossier:
        rows = rows.filter(pk=choix.dossier)
    elif choix.instructeur == SANS_INSTRUCTEUR:
        rows = rows.filter(instructeur__isnull=True)
    elif choix.instructeur:
        rows = rows.filter(instructeur=UUID(choix.instructeur))
    if choix.after is not None:
        last = DOSSIERS.get(passage, pk=choix.after)
        rows = rows.filter(numero__gt=last.numero)
    found = list(rows.order_by("numero", "pk")[: PAGE + 1])
    return found[:PAGE], found[PAGE - 1].pk if len(found) > PAGE else None


def count_suivis(passage: Passage) -> list[tuple[str, str, int]]:
    """Count the files that each agent follows: key, name, number; nobody's come first."""
    rows = supervised(passage).exclude(over(passage.on) | Q(etat__in=sorted(FINIS))).order_by()
    counted = dict(rows.values_list("instructeur").annotate(files=Count("pk")))
    names = names_of(counted)
    nobody = [(SANS_INSTRUCTEUR, "Sans instructeur", counted.pop(None, 0))]
    named = sorted((names.get(pk, "Agent parti"), str(pk), n) for pk, n in counted.items())
    return [row for row in nobody if row[2]] + [(pk, nom, n) for nom, pk, n in named]


def instructeurs(passage: Passage, *, service_ids: Collection[UUID]) -> dict[UUID, str]:
    """Give those who may follow files of every one of these services, today."""
    wanted = set(service_ids)
    covered: dict[UUID, set[UUID]] = {}
    names: dict[UUID, str] = {}
    for role in (Role.INSTRUCTEUR, Role.RESPONSABLE):
        for colleague in colleagues(passage, role=role):
            if colleague.en_poste:
                covered.setdefault(colleague.agent_id, set()).add(colleague.service_id)
                names[colleague.agent_id] = colleague.nom
    return {pk: names[pk] for pk, opened in covered.items() if wanted <= opened}
