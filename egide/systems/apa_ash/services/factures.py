"""Enter the invoices of what is not monthly, and withdraw one entered by mistake (R. 232-15)."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from egide.kernel.access.passage import Passage, Refused
from egide.kernel.access.policy import Action
from egide.kernel.access.views import act
from egide.kernel.refus import ActeRefuse, refusing
from egide.rules.apa.montants import majoration_repit_annuelle
from egide.rules.apa.ponctuel import partager_facture, taux_de_la_facture
from egide.systems.apa_ash.models import Dossier, Droit, Facture
from egide.systems.apa_ash.policy import DROITS, FACTURES, PAIEMENTS
from egide.systems.apa_ash.queries.dossier import open_dossier
from egide.systems.apa_ash.queries.factures import (
    hold_emission,
    hold_factures,
    list_aides,
    split_aides,
    standing_factures,
    used_in,
)
from egide.systems.apa_ash.queries.ponctuel import Ouverte, list_ouvertes

ZERO = Decimal("0.00")


class DepenseHorsPeriode(ActeRefuse):
    """The expense lies outside the days for which the aid was granted."""

    message = (
        "La dépense n’est pas dans la période pour laquelle l’aide a été accordée\u00a0: "
        "vérifiez la date de la facture."
    )


class DepenseFuture(ActeRefuse):
    """The expense is dated after today."""

    message = "La dépense est datée de l’avenir\u00a0: vérifiez l’année."


class DepenseApresDeces(ActeRefuse):
    """The person was dead by then."""

    message = "La dépense est postérieure au décès de la personne\u00a0: elle n’est pas due."


class AucunDroitCeJour(ActeRefuse):
    """No right that is paid covers the day: there is no rate to share at."""

    message = (
        "Aucun droit versé ne couvre le jour de la dépense\u00a0: il n’y a pas de taux de "
        "participation à lui appliquer."
    )


class PlusRien(ActeRefuse):
    """The sum granted is used up."""

    message = (
        "La somme accordée est entièrement utilisée\u00a0: cette facture reste à la charge de la "
        "personne."
    )


class FactureDejaSaisie(ActeRefuse):
    """The same number of the same payee is there already."""

    message = "Cette facture est déjà enregistrée sous ce numéro."


class FactureDejaPayee(ActeRefuse):
    """What was paid is not withdrawn."""

    message = "Cette facture est déjà payée\u00a0: constatez un indu si elle l’a été à tort."


class FactureDejaRetiree(ActeRefuse):
    """It was withdrawn already."""

    message = "Cette facture est déjà retirée."


@dataclass(frozen=True, slots=True)
class Depense:
    """What an invoice says, once checked by its form; `a_la_personne` says that she paid it."""

    reference: str
    depense_on: date
    montant: Decimal
    a_la_personne: bool
    majore: bool = False


@act("enregistrer une facture")
def record_facture(
    passage: Passage, *, dossier_id: UUID, jeton: UUID, cible_id: UUID, depense: Depense
) -> Facture:
    """Enter an invoice of a sum granted: what is left bounds what is retained of it.

    The person takes part at the rate of the right of that day, raised for a service not approved
    (CASF R. 232-14). `jeton` becomes its id.
    """
    dossier = open_dossier(passage, dossier_id)
    known = FACTURES.rows(passage).filter(pk=jeton, dossier=dossier).order_by("pk").first()
    if known is not None:
        return known  # the same form, sent twice
    _check_day(dossier, depense, on=passage.on)
    hold_factures(dossier.pk)
    factures = standing_factures(passage, dossier=dossier)
    ouvertes = list_ouvertes(passage, dossier=dossier, on=depense.depense_on, factures=factures)
    cible = next((ouverte for ouverte in ouvertes if ouverte.id == cible_id), None)
    if cible is None:
        raise Refused("enregistrer une facture", targets=[str(cible_id)])
    _check_periode(cible, on=depense.depense_on)
    droit = _droit(passage, dossier, on=depense.depense_on)
    reste = cible.reste
    if cible.annuelle:
        reste = min(reste, _left_of_the_year(passage, dossier, factures, on=depense.depense_on))
    if not reste:
        raise PlusRien
    taux = taux_de_la_facture(
        droit.taux_participation, majore=depense.majore, on=depense.depense_on
    )
    shared = partager_facture(depense.montant, reste=reste, taux=taux)
    with refusing("facture_once", FactureDejaSaisie()):
        return FACTURES.create(
            passage,
            id=jeton,
            service_id=dossier.service_id,
            dossier_id=dossier.pk,
            **{"relais_id" if cible.relais else "aide_id": cible.id},
            droit_id=droit.pk,
            prestataire_id=None if depense.a_la_personne else cible.prestataire_id,
            reference=depense.reference,
            depense_on=depense.depense_on,
            montant=depense.montant,
            retenu=shared.retenu,
            taux_participation=taux,
            a_verser=shared.apa,
            saisie_on=passage.on,
            saisie_par_id=passage.agent.pk,
        )


def _check_day(dossier: Dossier, depense: Depense, *, on: date) -> None:
    if depense.depense_on > on:
        raise DepenseFuture
    deces_on = dossier.identite.deces_on
    if deces_on is not None and depense.depense_on > deces_on:
        raise DepenseApresDeces


def _check_periode(cible: Ouverte, *, on: date) -> None:
    if on < cible.debut or (cible.fin is not None and on >= cible.fin):
        raise DepenseHorsPeriode


def _droit(passage: Passage, dossier: Dossier, *, on: date) -> Droit:
    rows = DROITS.rows(passage).filter(dossier=dossier, periode__contains=on, forfait=False)
    droit = rows.order_by("pk").first()
    if droit is None or not droit.apa:
        raise AucunDroitCeJour
    return droit


def _left_of_the_year(
    passage: Passage, dossier: Dossier, factures: list[Facture], *, on: date
) -> Decimal:
    """Give what the law leaves of the year's répit, whatever plan used it (D. 232-9-1)."""
    repits, _ = split_aides(list_aides(passage, dossier=dossier))
    left = majoration_repit_annuelle(on) - used_in(factures, on=on, ids=repits)
    return max(left, ZERO)


@act("retirer une facture")
def withdraw_facture(passage: Passage, *, facture_id: UUID, motif: str) -> Facture:
    """Withdraw an invoice entered by mistake, before it is paid; it stays with its reason."""
    known = FACTURES.get(passage, pk=facture_id)
    hold_emission(known.service_id)
    facture = FACTURES.get(passage, pk=known.pk, action=Action.WRITE, lock=True)
    if facture.retiree_on is not None:
        raise FactureDejaRetiree
    paid = PAIEMENTS.rows(passage).filter(facture_id=facture.pk, verse_on__isnull=False)
    if paid.exists():
        raise FactureDejaPayee
    FACTURES.update(passage, facture, retiree_on=passage.on, retrait=motif)
    return facture
