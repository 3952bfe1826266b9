"""Write to whoever owes a debt what was decided of its remission, or of its withdrawal."""

from decimal import Decimal
from typing import Any

from egide.kernel import notation
from egide.kernel.access.passage import Passage
from egide.systems.apa_ash.letters import content
from egide.systems.apa_ash.letters.indu import DecisionRemise, RetraitIndu
from egide.systems.apa_ash.models import Dossier, Indu, Remise
from egide.systems.apa_ash.models.remise import FondementRetrait, NatureRemise, OrigineRemise
from egide.systems.apa_ash.policy import PRESTATAIRES
from egide.systems.apa_ash.queries.retraits import owed_again
from egide.systems.apa_ash.services.courriers import send_letter
from egide.systems.apa_ash.services.lettres_indu import address_of_payee, retenue_of

SOURCES = {
    "": "CASF L. 232-25",
    FondementRetrait.DU: "CASF L. 232-4, L. 232-25 et R. 232-17",
    FondementRetrait.RECOURS: "CASF L. 134-2 et L. 232-25",
}


def send_remise(passage: Passage, *, dossier: Dossier, remise: Remise, indu: Indu) -> None:
    """Send the payee what was decided: what is left or given back, and how it is recovered."""
    payee = PRESTATAIRES.get(passage, pk=indu.prestataire_id) if indu.prestataire_id else None
    write = _write_retrait if remise.nature == NatureRemise.RETRAIT else _write_remise
    succession = dossier.identite.deces_on is not None
    common = {
        "decidee_on": passage.on,
        "debiteur": "service" if payee else "succession" if succession else "personne",
        "mois": f"{notation.MOIS[indu.mois.month - 1]} {indu.mois.year}",
        "motifs": (content.Motif(remise.motif_decision, SOURCES[remise.fondement]),),
        "rendu": indu.recouvre,
        "retenue_mensuelle": estimate_retenue(passage, dossier=dossier, indu=indu),
    }
    send_letter(
        passage,
        dossier=dossier,
        contenu=write(remise, indu, remise.montant or Decimal(0), common),
        destinataire=address_of_payee(passage, dossier, payee),
        service=payee.nom if payee else "",
        prepare_par=remise.demandee_par_id,
    )


def _write_remise(
    remise: Remise, indu: Indu, granted: Decimal, common: dict[str, Any]
) -> DecisionRemise:
    return DecisionRemise(
        decision=("totale" if not indu.reste else "partielle") if granted else "refus",
        demandee_on=remise.demandee_on if remise.origine == OrigineRemise.DEBITEUR else None,
        dette=indu.du,
        remis_avant=indu.remis - granted,
        remise=granted,
        reste=indu.reste,
        **common,
    )


def _write_retrait(
    remise: Remise, indu: Indu, withdrawn: Decimal, common: dict[str, Any]
) -> RetraitIndu:
    appeal = remise.fondement == FondementRetrait.RECOURS
    return RetraitIndu(
        decision=("partiel" if indu.du else "total") if withdrawn else "refus",
        recours_on=remise.demandee_on if appeal else None,
        dette=indu.du + withdrawn,
        retrait=withdrawn,
        du=indu.du,
        remis=indu.remis,
        a_rendre=indu.a_rendre or None,
        reste=indu.reste or None,
        **common,
    )


def estimate_retenue(passage: Passage, *, dossier: Dossier, indu: Indu) -> Decimal | None:
    """Give the most that each payment to come repays of a debt; nothing when none is to come."""
    if not indu.reste:
        return None
    calcul = owed_again(passage, dossier=dossier, claims=[indu])
    return retenue_of([indu], calcul=calcul, on=passage.on)
