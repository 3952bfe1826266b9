"""Find, propose to notify, or give up an excess payment (CASF L. 232-25, D. 232-31)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID, uuid5

from egide.kernel import notation
from egide.kernel.access.passage import Passage
from egide.kernel.access.policy import Action
from egide.kernel.access.views import act
from egide.kernel.refus import ActeRefuse
from egide.rules.apa.indu import is_recouvrable, prescription
from egide.rules.apa.versement import next_month
from egide.systems.apa_ash.calculs.effectivite import PartMois, compare
from egide.systems.apa_ash.calculs.parts_du_mois import Beneficiaire
from egide.systems.apa_ash.models import Dossier, Indu
from egide.systems.apa_ash.models.controle import EtatIndu
from egide.systems.apa_ash.policy import INDUS
from egide.systems.apa_ash.queries.controle import hold_indus, list_indus
from egide.systems.apa_ash.queries.dossier import open_dossier
from egide.systems.apa_ash.queries.faits import read_faits
from egide.systems.apa_ash.queries.indus_a_signer import owed_by, weigh_indus
from egide.systems.apa_ash.services.lettres_indu import address_of_payee, find_payee


class NothingUndue(ActeRefuse):
    """Nothing was paid in excess for the month, or it is already recorded."""

    message = "Aucun trop-perçu ne reste à constater pour ce mois."


class SameMotif(ActeRefuse):
    """A debt of the payee for the month was recorded already with this reason."""


class Prescribed(ActeRefuse):
    """Recovery is barred by time."""

    message = "L’action en récupération est prescrite pour ce mois (CASF L. 232-25)."


class NothingToNotify(ActeRefuse):
    """No excess payment waits for its letter."""

    message = "Aucun indu constaté n’attend d’être notifié."


class BelowThreshold(ActeRefuse):
    """The total is not above three hourly SMIC."""

    message = (
        "Le total ne dépasse pas trois SMIC horaires : il n’est pas recouvré (CASF D. 232-31). "
        "Classez-le en non-recouvrement."
    )


class AboveThreshold(ActeRefuse):
    """The total is above the threshold under which nothing is recovered."""

    message = "Le total dépasse trois SMIC horaires : il se notifie, il ne se classe pas."


@dataclass(frozen=True, slots=True)
class TropPercu:
    """What an excess payment is about: a month, and the payee (None is the person)."""

    mois: date
    prestataire_id: Beneficiaire


@act("constater des indus")
def record_indus(
    passage: Passage,
    *,
    jeton: UUID,
    dossier_id: UUID,
    dus: Sequence[TropPercu],
    motif: str,
    fraude: bool,
) -> list[Indu]:
    """Record what payees were paid beyond the used part; the amounts are computed, never typed.

    All the months are recorded, or none.
    """
    ids = {due: uuid5(jeton, f"{due.mois} {due.prestataire_id}") for due in dus}
    known = INDUS.rows(passage).filter(pk__in=ids.values()).order_by("mois", "pk")
    if found := list(known):
        return found
    dossier = open_dossier(passage, dossier_id)
    hold_indus(dossier)
    months = sorted({due.mois for due in ids})
    indus = list_indus(passage, dossier=dossier)
    faits = read_faits(
        passage,
        dossier=dossier,
        indus=indus,
        debut=months[0],
        fin=next_month(months[-1]),
    )
    parts = {
        TropPercu(mois, part.beneficiaire): part
        for mois in months
        for part in compare(faits, mois=mois).parts
        if part.ecart
    }
    check_motif(indus, dus=[due for due in ids if due in parts], motif=motif)
    return [
        _record(passage, parts.get(due), du=due, id=pk, dossier=dossier, motif=motif, fraude=fraude)
        for due, pk in ids.items()
    ]


def check_motif(indus: Sequence[Indu], *, dus: Iterable[TropPercu], motif: str) -> None:
    """Refuse a second debt of the same payee, month and reason: two letters would claim one sum."""
    standing = {
        TropPercu(indu.mois, indu.prestataire_id)
        for indu in indus
        if indu.motif == motif and indu.etat != EtatIndu.RETIRE
    }
    for due in sorted(standing.intersection(dus), key=lambda due: due.mois):
        raise SameMotif(
            f"Un indu de même motif est déjà constaté pour {_month(due.mois)} et ce bénéficiaire : "
            "dites en quoi celui-ci s’ajoute au premier."
        )


def _month(mois: date) -> str:
    return f"{notation.MOIS[mois.month - 1]} {mois.year}"


def _record(
    passage: Passage,
    part: PartMois | None,
    *,
    du: TropPercu,
    dossier: Dossier,
    fraude: bool,
    **columns: object,
) -> Indu:
    mois = _month(du.mois)
    if part is None:
        raise NothingUndue(f"Aucun trop-perçu ne reste à constater pour {mois}.")
    # Two years from the payment; with fraud, five from its discovery, which is today.
    prescrit_on = prescription(passage.on if fraude else part.verse_on, fraude=fraude)
    if prescrit_on <= passage.on:
        raise Prescribed(
            f"L’action en récupération est prescrite pour {mois} (CASF L. 232-25) : "
            "rien n’a été constaté."
        )
    return INDUS.create(
        passage,
        service_id=dossier.service_id,
        dossier_id=dossier.pk,
        prestataire_id=du.prestataire_id,
        mois=du.mois,
        montant=part.ecart,
        constate_on=passage.on,
        constate_par_id=passage.agent.pk,
        prescrit_on=prescrit_on,
        etat=EtatIndu.CONSTATE,
        **columns,
    )


@act("proposer la notification d’indus")
def propose_indus(passage: Passage, *, dossier_id: UUID, prestataire_id: Beneficiaire) -> Dossier:
    """Propose to notify the payee all that was found: another hand signs the letter."""
    dossier = open_dossier(passage, dossier_id)
    found, total = _found(passage, dossier, prestataire_id=prestataire_id)
    if not is_recouvrable(total, on=passage.on):
        raise BelowThreshold
    check_not_barred(found, on=passage.on)
    submit_indus(passage, dossier=dossier, found=found)
    return dossier


def check_not_barred(indus: Iterable[Indu], *, on: date) -> None:
    """Refuse to claim what time has barred since it was found: nothing would be withheld of it."""
    for indu in indus:
        if indu.prescrit_on <= on:
            raise Prescribed(
                f"L’action en récupération est prescrite pour {notation.mois_court(indu.mois)} "
                "(CASF L. 232-25) : abandonnez cet indu."
            )


def submit_indus(passage: Passage, *, dossier: Dossier, found: Sequence[Indu]) -> None:
    """Have debts of one payee wait for a signature, once their letter can be addressed."""
    address_of_payee(passage, dossier, find_payee(passage, found[0]))
    for indu in found:
        INDUS.update(
            passage,
            indu,
            etat=EtatIndu.PROPOSE,
            propose_on=passage.on,
            propose_par_id=passage.agent.pk,
        )


@act("classer un indu sous le seuil")
def give_up_indus(passage: Passage, *, dossier_id: UUID, prestataire_id: Beneficiaire) -> Dossier:
    """Close what is not above the threshold of recovery."""
    dossier = open_dossier(passage, dossier_id)
    found, total = _found(passage, dossier, prestataire_id=prestataire_id)
    if is_recouvrable(total, on=passage.on):
        raise AboveThreshold
    for indu in found:
        INDUS.update(passage, indu, etat=EtatIndu.NON_RECOUVRE)
    return dossier


def _found(
    passage: Passage, dossier: Dossier, *, prestataire_id: Beneficiaire
) -> tuple[list[Indu], Decimal]:
    indus = list(
        INDUS.rows(passage, action=Action.WRITE)
        .filter(owed_by(prestataire_id), dossier=dossier, etat=EtatIndu.CONSTATE)
        .select_for_update(of=("self",))
        .order_by("mois", "pk")
    )
    if not indus:
        raise NothingToNotify
    total = weigh_indus(
        list_indus(passage, dossier=dossier),
        prestataire_id=prestataire_id,
        found=[(indu.mois, indu.constate_on) for indu in indus],
    )
    return indus, total
