"""Write to whoever owed a debt what is withdrawn of it, and what is given back."""

from decimal import Decimal

from egide.kernel import notation
from egide.kernel.access.passage import Passage
from egide.systems.apa_ash.letters import content
from egide.systems.apa_ash.letters.indu import RetraitIndu
from egide.systems.apa_ash.models import Dossier, Indu, Remise
from egide.systems.apa_ash.models.remise import FondementRetrait
from egide.systems.apa_ash.policy import PRESTATAIRES
from egide.systems.apa_ash.services.courriers import send_letter
from egide.systems.apa_ash.services.lettres_indu import address_of_payee
from egide.systems.apa_ash.services.lettres_remise import estimate_retenue

SOURCES = {
    FondementRetrait.DU: "CASF L. 232-4, L. 232-25 et R. 232-17",
    FondementRetrait.RECOURS: "CASF L. 134-2 et L. 232-25",
}


def send_retrait(passage: Passage, *, dossier: Dossier, remise: Remise, indu: Indu) -> None:
    """Send the payee what was decided, and what is given back of what was withheld or repaid."""
    payee = PRESTATAIRES.get(passage, pk=indu.prestataire_id) if indu.prestataire_id else None
    send_letter(
        passage,
        dossier=dossier,
        contenu=_letter(passage, dossier, remise=remise, indu=indu),
        destinataire=address_of_payee(passage, dossier, payee),
        prepare_par=remise.demandee_par_id,
    )


def _letter(passage: Passage, dossier: Dossier, *, remise: Remise, indu: Indu) -> RetraitIndu:
    deces_on = dossier.identite.deces_on
    fondement = FondementRetrait(remise.fondement)
    withdrawn = remise.montant or Decimal(0)
    return RetraitIndu(
        decidee_on=passage.on,
        decision=("partiel" if indu.du else "total") if withdrawn else "refus",
        recours_on=remise.demandee_on if fondement == FondementRetrait.RECOURS else None,
        debiteur="service" if indu.prestataire_id else "succession" if deces_on else "personne",
        mois=f"{notation.MOIS[indu.mois.month - 1]} {indu.mois.year}",
        motifs=(content.Motif(remise.motif_decision, SOURCES[fondement]),),
        dette=indu.du + withdrawn,
        retrait=withdrawn,
        du=indu.du,
        rendu=indu.recouvre,
        remis=indu.remis,
        a_rendre=indu.a_rendre or None,
        reste=indu.reste or None,
        retenue_mensuelle=estimate_retenue(passage, dossier=dossier, indu=indu),
    )
