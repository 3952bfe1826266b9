"""Write to whoever was paid in excess: the person, her estate, or the service paid for her."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from egide.kernel import notation
from egide.kernel.access.passage import Passage
from egide.kernel.refus import ActeRefuse
from egide.rules.apa.indu import retenue_mensuelle
from egide.rules.apa.versement import next_month
from egide.systems.apa_ash.letters import content
from egide.systems.apa_ash.models import Dossier, Indu, Prestataire
from egide.systems.apa_ash.models.controle import MOTIF_DECES, EtatIndu
from egide.systems.apa_ash.models.personne import QualiteSuccession
from egide.systems.apa_ash.policy import COORDONNEES, DROITS, INDUS, PRESTATAIRES, SUCCESSIONS
from egide.systems.apa_ash.queries.controle import read_faits
from egide.systems.apa_ash.services.courriers import send_letter

SOURCE = "CASF L. 232-4, R. 232-17 et D. 232-31"
SOURCE_DECES = "CASF R. 232-32 et L. 232-25"


class AdresseManquante(ActeRefuse):
    """A service whose address nobody entered receives no letter, and so no delay runs."""


def send_indus(passage: Passage, *, dossier: Dossier, found: Sequence[Indu]) -> None:
    """Send one letter for debts of one payee, and mark them as notified."""
    prestataire = find_payee(passage, found[0])
    send_letter(
        passage,
        dossier=dossier,
        contenu=_letter(passage, dossier, found),
        prepare_par=found[0].propose_par_id,
        destinataire=address_of_payee(passage, dossier, prestataire),
    )
    for indu in found:
        INDUS.update(passage, indu, etat=EtatIndu.NOTIFIE)


def find_payee(passage: Passage, indu: Indu) -> Prestataire | None:
    """Give the service that owes a debt; none is the person, or her estate."""
    if indu.prestataire_id is None:
        return None
    return PRESTATAIRES.get(passage, pk=indu.prestataire_id)


def address_of_payee(
    passage: Passage, dossier: Dossier, prestataire: Prestataire | None
) -> content.Destinataire | None:
    """Give the payee when it is not the living person: whoever represents her is found later."""
    if prestataire is not None:
        if not prestataire.adresse.strip():
            raise AdresseManquante(
                f"Le courrier ne peut pas partir\u00a0: l’adresse de {prestataire.nom} n’est pas "
                "connue. Saisissez-la dans Contrôle, Prestataires, puis recommencez."
            )
        address = (prestataire.adresse, f"SIRET {prestataire.siret}")
        return content.Destinataire(nom=prestataire.nom, adresse=address)
    if dossier.identite.deces_on is None:
        return None
    # A measure of protection ends with the person: her heirs or their notary answer for her.
    known = SUCCESSIONS.rows(passage).filter(dossier=dossier).order_by("pk").first()
    if known is not None:
        return content.Destinataire(
            nom=known.nom,
            adresse=(
                f"Succession de {dossier.identite.nom_complet}",
                known.adresse,
                f"{known.code_postal} {known.commune}",
            ),
            appel="Maître" if known.qualite == QualiteSuccession.NOTAIRE else "Madame, Monsieur",
        )
    home = COORDONNEES.get(passage, dossier=dossier)
    return content.Destinataire(
        nom=f"Succession de {dossier.identite.nom_complet}",
        adresse=(
            "À l’attention des héritiers ou du notaire",
            home.adresse,
            f"{home.code_postal} {home.commune}",
        ),
    )


def _letter(passage: Passage, dossier: Dossier, indus: Sequence[Indu]) -> content.Indu:
    who = indus[0].prestataire_id
    fin = next_month(max(indu.mois for indu in indus))
    debut = min(indu.mois for indu in indus)
    faits = read_faits(passage, dossier=dossier, indus=indus, debut=debut, fin=fin)
    recorded: dict[date, Decimal] = {}
    for indu in indus:
        recorded[indu.mois] = recorded.get(indu.mois, Decimal(0)) + indu.montant
    total = sum((indu.reste for indu in indus), Decimal(0))
    paid = {mois: amount for (mois, payee), amount in faits.verses.items() if payee == who}
    deces_on = dossier.identite.deces_on
    debiteur = "service" if who else "succession" if deces_on else "personne"
    goes_on = DROITS.rows(passage).filter(dossier=dossier, periode__contains=passage.on).exists()
    return content.Indu(
        decidee_on=passage.on,
        debiteur=debiteur,
        deces_on=deces_on,
        motifs=tuple(
            content.Motif(motif, SOURCE_DECES if motif == MOTIF_DECES else SOURCE)
            for motif in dict.fromkeys(i.motif for i in indus)
        ),
        mois=tuple(
            content.MoisIndu(
                mois=f"{notation.MOIS[mois.month - 1].capitalize()} {mois.year}",
                verse=paid.get(mois, Decimal(0)),
                du=paid.get(mois, Decimal(0)) - montant,
                ecart=montant,
            )
            for mois, montant in sorted(recorded.items())
        ),
        montant=total,
        # What is withheld follows each payment made to this payee: the last one tells how much.
        retenue_mensuelle=(
            retenue_mensuelle(paid[max(paid)], reste_du=total, on=passage.on)
            if goes_on and deces_on is None and paid
            else None
        ),
    )
