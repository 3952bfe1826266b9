"""Find, notify, remit or give up an excess payment (CASF L. 232-25, D. 232-31)."""

from datetime import date
from decimal import Decimal
from uuid import UUID

from egide.kernel import notation
from egide.kernel.access.passage import Passage
from egide.kernel.access.policy import Action
from egide.kernel.access.views import act
from egide.kernel.refus import ActeRefuse
from egide.rules.apa.indu import is_recouvrable, prescription, retenue_mensuelle
from egide.rules.apa.versement import next_month
from egide.systems.apa_ash.letters import content
from egide.systems.apa_ash.models import Dossier, Indu
from egide.systems.apa_ash.models.controle import EtatIndu
from egide.systems.apa_ash.policy import DROITS, INDUS
from egide.systems.apa_ash.queries.controle import hold_indus, list_indus, read_faits, rest_of
from egide.systems.apa_ash.queries.dossier import open_dossier
from egide.systems.apa_ash.services.courriers import send_letter
from egide.systems.apa_ash.services.effectivite import compare

SOURCE = "CASF L. 232-4, R. 232-17 et D. 232-31"


class NothingUndue(ActeRefuse):
    """Nothing was paid in excess for the month, or it is already recorded."""

    message = "Aucun trop-perçu ne reste à constater pour ce mois."


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

    message = (
        "Le total dépasse trois SMIC horaires : il se notifie ou se remet, il ne se classe pas."
    )


class AlreadySettled(ActeRefuse):
    """The debt is already repaid, remitted or given up."""

    message = "Cet indu est déjà soldé."


@act("constater un indu")
def record_indu(
    passage: Passage, *, indu_id: UUID, dossier_id: UUID, mois: date, motif: str, fraude: bool
) -> Indu:
    """Record what was paid beyond the used part; the amount is computed here, never typed."""
    known = INDUS.rows(passage).filter(pk=indu_id).first()
    if known is not None:
        return known
    dossier = open_dossier(passage, dossier_id)
    hold_indus(dossier)
    indus = list_indus(passage, dossier=dossier)
    fin = next_month(mois)
    faits = read_faits(passage, dossier=dossier, indus=indus, debut=mois, fin=fin)
    month = compare(faits, mois=mois)
    if not month.ecart or month.verse_on is None:
        raise NothingUndue
    # Two years from the payment; with fraud, five from its discovery, which is today.
    prescrit_on = prescription(passage.on if fraude else month.verse_on, fraude=fraude)
    if prescrit_on <= passage.on:
        raise Prescribed
    return INDUS.create(
        passage,
        id=indu_id,
        service_id=dossier.service_id,
        dossier_id=dossier.pk,
        mois=mois,
        motif=motif,
        montant=month.ecart,
        constate_on=passage.on,
        prescrit_on=prescrit_on,
        etat=EtatIndu.CONSTATE,
    )


@act("notifier un indu")
def notify_indus(passage: Passage, *, dossier_id: UUID) -> Dossier:
    """Send one letter for all that was found in a file; from then on it can be withheld."""
    dossier = open_dossier(passage, dossier_id)
    found, total = _found(passage, dossier)
    if not is_recouvrable(total, on=passage.on):
        raise BelowThreshold
    send_letter(passage, dossier=dossier, contenu=_letter(passage, dossier, found, total))
    for indu in found:
        INDUS.update(passage, indu, etat=EtatIndu.NOTIFIE)
    return dossier


@act("classer un indu sous le seuil")
def give_up_indus(passage: Passage, *, dossier_id: UUID) -> Dossier:
    """Close what is not above the threshold of recovery."""
    dossier = open_dossier(passage, dossier_id)
    found, total = _found(passage, dossier)
    if is_recouvrable(total, on=passage.on):
        raise AboveThreshold
    for indu in found:
        INDUS.update(passage, indu, etat=EtatIndu.NON_RECOUVRE)
    return dossier


@act("accorder la remise d’un indu")
def remit_indu(passage: Passage, *, indu_id: UUID, motif: str) -> Indu:
    """Remit what is left of a debt, for a reason that the trail keeps."""
    assert motif  # noqa: S101 -- the form requires it; it is read by @act
    indu = INDUS.get(passage, pk=indu_id, action=Action.WRITE, lock=True)
    if indu.etat not in {EtatIndu.CONSTATE, EtatIndu.NOTIFIE}:
        raise AlreadySettled
    INDUS.update(passage, indu, etat=EtatIndu.REMIS)
    return indu


def _found(passage: Passage, dossier: Dossier) -> tuple[list[Indu], Decimal]:
    indus = list(
        INDUS.rows(passage, action=Action.WRITE)
        .filter(dossier=dossier, etat=EtatIndu.CONSTATE)
        .select_for_update(of=("self",))
        .order_by("mois", "pk")
    )
    if not indus:
        raise NothingToNotify
    return indus, rest_of(indus, etat=EtatIndu.CONSTATE)


def _letter(passage: Passage, dossier: Dossier, indus: list[Indu], total: Decimal) -> content.Indu:
    fin = next_month(indus[-1].mois)
    faits = read_faits(passage, dossier=dossier, indus=indus, debut=indus[0].mois, fin=fin)
    recorded: dict[date, Decimal] = {}
    for indu in indus:
        recorded[indu.mois] = recorded.get(indu.mois, Decimal(0)) + indu.montant
    droit = DROITS.rows(passage).filter(dossier=dossier, periode__contains=passage.on).first()
    return content.Indu(
        decidee_on=passage.on,
        motifs=tuple(
            content.Motif(motif, SOURCE) for motif in dict.fromkeys(i.motif for i in indus)
        ),
        mois=tuple(
            content.MoisIndu(
                mois=f"{notation.MOIS[mois.month - 1].capitalize()} {mois.year}",
                verse=faits.verses.get(mois, Decimal(0)),
                du=faits.verses.get(mois, Decimal(0)) - montant,
                ecart=montant,
            )
            for mois, montant in recorded.items()
        ),
        montant=total,
        retenue_mensuelle=(
            retenue_mensuelle(droit.apa, reste_du=total, on=passage.on) if droit else None
        ),
    )
