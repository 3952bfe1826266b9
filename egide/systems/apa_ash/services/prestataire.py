"""Keep the list of the services that help at home, known to the whole organisme."""

from dataclasses import asdict, dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from egide.kernel.access.passage import Passage
from egide.kernel.access.policy import Action
from egide.kernel.access.views import act
from egide.kernel.refus import ActeRefuse
from egide.systems.apa_ash.models import Prestataire
from egide.systems.apa_ash.models.plan import ModeReglement
from egide.systems.apa_ash.policy import PRESTATAIRES, REGLEMENTS


class SiretTaken(ActeRefuse):
    """Another service of the organisme has this SIRET."""

    message = "Un prestataire a déjà ce SIRET : modifiez-le plutôt que d’en créer un second."


@dataclass(frozen=True, slots=True, kw_only=True)
class Fiche:
    """What is known of a service that helps at home."""

    nom: str
    siret: str
    finess: str
    adresse: str
    tarif_horaire: Decimal
    iban: str
    actif: bool


class MonthBegan(ActeRefuse):
    """The month may be paid already."""

    message = (
        "Ce mois a commencé et peut être payé : choisissez au plus tôt le mois prochain, "
        "le mois en cours garde son mode de règlement."
    )


class SameReglement(ActeRefuse):
    """Nothing would change."""

    message = "Ce prestataire est déjà réglé ainsi à partir de ce mois."


@act("choisir le mode de règlement d’un prestataire")
def choose_reglement(
    passage: Passage, *, prestataire_id: UUID, mode: ModeReglement, depuis: date
) -> Prestataire:
    """Say how a service is paid from a month to come; the months before keep their own way."""
    # Held: two choices at once for one month come one after the other.
    prestataire = PRESTATAIRES.get(passage, pk=prestataire_id, action=Action.WRITE, lock=True)
    if depuis <= passage.on:
        raise MonthBegan
    rows = REGLEMENTS.rows(passage, action=Action.WRITE).filter(prestataire_id=prestataire.pk)
    before = rows.filter(depuis__lte=depuis).order_by("-depuis").first()
    if (before.mode if before else ModeReglement.PLAN) == mode:
        raise SameReglement
    if before is not None and before.depuis == depuis:
        REGLEMENTS.update(passage, before, mode=mode)
    else:
        REGLEMENTS.create(
            passage,
            organisme_id=prestataire.organisme_id,
            prestataire_id=prestataire.pk,
            mode=mode,
            depuis=depuis,
        )
    return prestataire


@act("enregistrer un prestataire")
def save_prestataire(passage: Passage, *, prestataire_id: UUID, fiche: Fiche) -> Prestataire:
    """Create or change a service; the id comes with the form, so that a replay creates once."""
    values: dict[str, Any] = asdict(fiche)
    others = PRESTATAIRES.rows(passage).filter(siret=fiche.siret).exclude(pk=prestataire_id)
    if others.exists():
        raise SiretTaken
    known = PRESTATAIRES.rows(passage, action=Action.WRITE).filter(pk=prestataire_id).first()
    # Day and hand warn the next run, as they do for the account of a person.
    if fiche.iban != ("" if known is None else known.iban):
        values |= {"iban_saisi_on": passage.on, "iban_saisi_par_id": passage.agent.pk}
    if known is None:
        organisme_id = passage.agent.organisme_id
        return PRESTATAIRES.create(passage, id=prestataire_id, organisme_id=organisme_id, **values)
    PRESTATAIRES.update(passage, known, **values)
    return known
