"""Write to whoever owes a debt what was decided of its remission."""

from decimal import Decimal

from egide.kernel import notation
from egide.kernel.access.passage import Passage
from egide.rules.apa.indu import retenue_mensuelle
from egide.systems.apa_ash.letters import content
from egide.systems.apa_ash.letters.indu import DecisionRemise
from egide.systems.apa_ash.models import Dossier, Indu, Remise
from egide.systems.apa_ash.models.remise import OrigineRemise
from egide.systems.apa_ash.policy import DROITS, PRESTATAIRES
from egide.systems.apa_ash.queries.dossier import open_dossier
from egide.systems.apa_ash.queries.remises import read_verse
from egide.systems.apa_ash.services.courriers import send_letter
from egide.systems.apa_ash.services.lettres_indu import address_of_payee

SOURCE = "CASF L. 232-25"


def send_remise(passage: Passage, *, remise: Remise, indu: Indu) -> None:
    """Send the payee what was decided: what is left, and how it is recovered."""
    dossier = open_dossier(passage, remise.dossier_id)
    payee = PRESTATAIRES.get(passage, pk=indu.prestataire_id) if indu.prestataire_id else None
    send_letter(
        passage,
        dossier=dossier,
        contenu=_letter(passage, dossier, remise=remise, indu=indu),
        destinataire=address_of_payee(passage, dossier, payee),
        prepare_par=remise.demandee_par_id,
    )


def _letter(passage: Passage, dossier: Dossier, *, remise: Remise, indu: Indu) -> DecisionRemise:
    deces_on = dossier.identite.deces_on
    granted = remise.montant or Decimal(0)
    return DecisionRemise(
        decidee_on=passage.on,
        decision=("totale" if not indu.reste else "partielle") if granted else "refus",
        demandee_on=remise.demandee_on if remise.origine == OrigineRemise.DEBITEUR else None,
        debiteur="service" if indu.prestataire_id else "succession" if deces_on else "personne",
        mois=f"{notation.MOIS[indu.mois.month - 1]} {indu.mois.year}",
        motifs=(content.Motif(remise.motif_decision, SOURCE),),
        dette=indu.montant,
        rendu=indu.recouvre,
        remis_avant=indu.remis - granted,
        remise=granted,
        reste=indu.reste,
        retenue_mensuelle=estimate_retenue(passage, dossier=dossier, indu=indu),
    )


def estimate_retenue(passage: Passage, *, dossier: Dossier, indu: Indu) -> Decimal | None:
    """Give what a month may withhold, after what the payee was paid; nothing once a right ended."""
    goes_on = DROITS.rows(passage).filter(dossier=dossier, periode__contains=passage.on).exists()
    if not goes_on or dossier.identite.deces_on is not None or not indu.reste:
        return None
    verse = read_verse(passage, indu=indu)
    return retenue_mensuelle(verse, reste_du=indu.reste, on=passage.on) if verse else None
