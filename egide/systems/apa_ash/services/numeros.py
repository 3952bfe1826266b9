"""Give files their number, AAAA-NNNNN, one after another within an organisme.

The row of the counter is the lock: two requests cannot take the same number, and a rolled back act
gives its number back. It counts per organisme, so that it tells nothing of another controller, and
an agent sees the counter, never the files of a service that is not theirs.
"""

from django.db.models import Max

from egide.kernel.access.passage import Passage, Refused
from egide.kernel.access.policy import Action
from egide.kernel.refus import ActeRefuse
from egide.systems.apa_ash.models import CompteurDossier
from egide.systems.apa_ash.policy import COMPTEURS, DOSSIERS


class NumerosEpuises(ActeRefuse):
    """The five digits of the year are all used."""


LAST = 99_999


def allot_numeros(passage: Passage, *, count: int = 1) -> list[str]:
    """Give the next numbers of the year, and hold the counter until the act ends."""
    if not COMPTEURS.allowed(passage, Action.WRITE):
        raise Refused("attribuer un numéro de dossier")
    key = {"organisme_id": passage.agent.organisme_id, "annee": passage.on.year}
    # A concurrent first request of the year inserts the same row: one of them does nothing.
    CompteurDossier.objects.bulk_create([CompteurDossier(**key)], ignore_conflicts=True)
    compteur = COMPTEURS.get(passage, action=Action.WRITE, lock=True, **key)
    first = (compteur.dernier or _last_visible(passage)) + 1
    last = first + count - 1
    if last > LAST:
        raise NumerosEpuises("Tous les numéros de dossier de l’année sont attribués.")
    COMPTEURS.update(passage, compteur, dernier=last)
    return [f"{passage.on.year}-{number:05d}" for number in range(first, last + 1)]


def _last_visible(passage: Passage) -> int:
    """Give the last number of files taken over from elsewhere, before any was given here."""
    taken = DOSSIERS.rows(passage).filter(numero__startswith=f"{passage.on.year}-")
    last = taken.order_by().aggregate(last=Max("numero"))["last"]
    return int(last[5:]) if last and last[5:].isdecimal() else 0
