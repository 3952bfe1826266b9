"""To whom the letters of an estate go, once the person is dead (CASF L. 232-25, R. 232-40)."""

from dataclasses import asdict, dataclass
from datetime import date
from uuid import UUID

from egide.kernel.access.passage import Passage
from egide.kernel.access.policy import Action
from egide.kernel.access.views import act
from egide.kernel.refus import ActeRefuse
from egide.systems.apa_ash.models import Dossier, Succession
from egide.systems.apa_ash.policy import SUCCESSIONS
from egide.systems.apa_ash.queries.dossier import open_dossier


class PersonneVivante(ActeRefuse):
    """Nothing is held on the heirs of a living person."""

    message = "Aucun décès n’est enregistré\u00a0: rien n’est noté sur les héritiers."


class ConnuAvantDeces(ActeRefuse):
    """Nobody answers for an estate before the death, nor from tomorrow."""

    message = "La date se situe entre le décès et aujourd’hui."


class AucuneSuccession(ActeRefuse):
    """There is nobody to take away."""

    message = "Aucun héritier ni notaire n’est enregistré."


@dataclass(frozen=True, slots=True)
class Correspondant:
    """Who answers for an estate, and who told it."""

    qualite: str
    nom: str
    adresse: str
    code_postal: str
    commune: str
    depuis_on: date
    source: str


@act("enregistrer le correspondant d’une succession")
def set_succession(
    passage: Passage, *, dossier_id: UUID, correspondant: Correspondant
) -> Succession:
    """Record, or replace, to whom the letters of the estate go from now on."""
    dossier = _dead(passage, dossier_id)
    deces_on = dossier.identite.deces_on or date.max
    if not deces_on <= correspondant.depuis_on <= passage.on:
        raise ConnuAvantDeces
    row = find_held(passage, dossier)
    if row is not None:
        SUCCESSIONS.update(passage, row, **asdict(correspondant))
        return row
    return SUCCESSIONS.create(
        passage,
        service_id=dossier.service_id,
        dossier_id=dossier.pk,
        **asdict(correspondant),
    )


@act("retirer le correspondant d’une succession")
def remove_succession(passage: Passage, *, dossier_id: UUID) -> Dossier:
    """Take away who was recorded by mistake: the letters go to the last address again."""
    dossier = _dead(passage, dossier_id)
    row = find_held(passage, dossier)
    if row is None:
        raise AucuneSuccession
    SUCCESSIONS.delete(passage, row)
    return dossier


def find_held(passage: Passage, dossier: Dossier) -> Succession | None:
    """Give who answers for the estate, held to be written."""
    rows = SUCCESSIONS.rows(passage, action=Action.WRITE).filter(dossier=dossier)
    return rows.order_by("pk").first()


def _dead(passage: Passage, dossier_id: UUID) -> Dossier:
    dossier = open_dossier(passage, dossier_id, action=Action.WRITE, lock=True)
    if dossier.identite.deces_on is None:
        raise PersonneVivante
    return dossier
