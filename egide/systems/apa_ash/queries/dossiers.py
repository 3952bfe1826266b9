"""The list of files: by name from an index range, by number, by state, one key after another."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import Q

from egide.kernel.access.passage import Passage
from egide.systems.apa_ash.models import Identite
from egide.systems.apa_ash.models.dossier import Etat
from egide.systems.apa_ash.normalisation import normalise_name
from egide.systems.apa_ash.policy import DOSSIERS, IDENTITES
from egide.systems.apa_ash.queries.dossier import as_of, over

PAGE = 50
REVISION = "revision"


@dataclass(frozen=True, slots=True)
class Page:
    """One page of files; `after` is the key of its last row, when others follow."""

    rows: list[Identite]
    after: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Filtre:
    """What the agent looks for; empty means everything."""

    texte: str = ""
    etat: str = ""
    miens: bool = False


def list_dossiers(
    passage: Passage, *, filtre: Filtre, after: UUID | None = None, size: int = PAGE
) -> Page:
    """List persons in the order of their names, from the one after `after`.

    The key in an address is the id of a row: a name would stay in histories and logs.
    """
    rows = IDENTITES.rows(passage, dossier=DOSSIERS).filter(_wanted(passage, filtre))
    if after is not None:
        rows = rows.filter(_beyond(passage, after))
    found = list(rows.order_by("nom_normalise", "pk")[: size + 1])
    for row in found:
        as_of(row.dossier, on=passage.on)
    return Page(found[:size], found[size - 1].pk if len(found) > size else None)


def prefix_range(column: str, prefix: str) -> Q:
    """Give what starts with a prefix as two bounds, which an index serves under row policies.

    `LIKE` would not be evaluated before the policy: its operator is not leakproof.
    """
    return Q(**{f"{column}__gte": prefix, f"{column}__lt": prefix[:-1] + chr(ord(prefix[-1]) + 1)})


def named(name: str, *, of: str = "") -> Q:
    """Give whoever uses a name that starts so, or was born with it."""
    used, born = f"{of}nom_normalise", f"{of}naissance_normalisee"
    return prefix_range(used, name) | prefix_range(born, name)


def called(names: Iterable[str], *, of: str = "") -> Q:
    """Give whoever uses one of these names, first names included, or was born with it."""
    known = sorted(names)
    return Q(**{f"{of}nom_normalise__in": known}) | Q(**{f"{of}naissance_normalisee__in": known})


def _wanted(passage: Passage, filtre: Filtre) -> Q:
    wanted = Q()
    if filtre.texte[:1].isdecimal():
        wanted &= prefix_range("dossier__numero", filtre.texte[:12])
    elif name := normalise_name(filtre.texte):
        wanted &= named(name)
    if filtre.etat:
        wanted &= _in_state(filtre.etat, on=passage.on)
    if filtre.miens:
        wanted &= Q(dossier__instructeur=passage.agent.pk)
    return wanted


def _in_state(etat: str, *, on: date) -> Q:
    """Look for a state as the list tells it: a right under revision is first of all a right."""
    ended = over(on, of="dossier__")
    if etat == Etat.CLOS:
        return Q(dossier__etat=Etat.CLOS) | ended
    told = Q(dossier__etat=etat, dossier__etat_droit="") | Q(dossier__etat_droit=etat)
    if etat == REVISION:
        told = Q(dossier__etat_droit__gt="")
    return told & ~ended


def _beyond(passage: Passage, after: UUID) -> Q:
    last = IDENTITES.get(passage, pk=after)
    return Q(nom_normalise__gte=last.nom_normalise) & (
        Q(nom_normalise__gt=last.nom_normalise) | Q(pk__gt=last.pk)
    )
