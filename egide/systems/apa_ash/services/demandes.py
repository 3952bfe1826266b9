"""Register a request and lead it to completeness (CASF R. 232-23)."""

from collections.abc import Collection, Sequence
from datetime import date
from uuid import UUID

from egide.kernel.access.passage import Passage
from egide.kernel.access.policy import Action
from egide.kernel.access.views import act
from egide.kernel.refus import ActeRefuse
from egide.rules.apa import delais
from egide.systems.apa_ash.letters import content
from egide.systems.apa_ash.models import Courrier, Demande, Dossier, Piece
from egide.systems.apa_ash.models.demande import CodePiece
from egide.systems.apa_ash.models.dossier import Echeance, Etat
from egide.systems.apa_ash.policy import DEMANDES, DOSSIERS, PIECES
from egide.systems.apa_ash.queries.demandes import current_demande, list_homonymes, list_pieces
from egide.systems.apa_ash.queries.dossier import open_dossier
from egide.systems.apa_ash.queries.doublons import Ailleurs
from egide.systems.apa_ash.saisie import Saisie
from egide.systems.apa_ash.services.courriers import send_letter
from egide.systems.apa_ash.services.numeros import allot_numeros
from egide.systems.apa_ash.services.ouvertures import Ouverture, open_dossiers
from egide.systems.apa_ash.services.silence import ONE_DAY

RAISONS = {
    CodePiece.IDENTITE: "Elle établit votre identité, votre âge et votre droit au séjour.",
    CodePiece.IMPOSITION: "Il établit les ressources dont dépend votre participation.",
    CodePiece.TAXE_FONCIERE: "Elle établit la valeur des biens que vous n’occupez pas.",
    CodePiece.RIB: "Il permet de vous payer.",
}

A_COMPLETER = frozenset({Etat.RECU, Etat.INCOMPLET})


class HomonymeConnu(ActeRefuse):
    """A file already bears this name and this day of birth, or this number."""

    def __init__(self, dossiers: list[Dossier], *, ailleurs: Sequence[Ailleurs] = ()) -> None:
        """Keep the files, so that the form can lead to them; those of others are named alone."""
        super().__init__(
            "Un dossier existe déjà pour une personne de même nom et de même date de naissance, "
            "ou de même NIR."
        )
        self.dossiers = dossiers
        self.ailleurs = list(ailleurs)


class DejaComplete(ActeRefuse):
    """The file is complete already: its day does not move."""


class PiecesAttendues(ActeRefuse):
    """Pieces are still missing: the file cannot be declared complete."""


class RienAReclamer(ActeRefuse):
    """Every expected piece was received."""


class PieceAvantDemande(ActeRefuse):
    """A piece cannot have come before the request it goes with."""


class TaxeNonAttendue(ActeRefuse):
    """The notice of the property tax is not awaited: it came, or nobody asks for it."""

    message = "La taxe foncière n’est pas attendue pour cette demande\u00a0: rien n’est à noter."


@act("enregistrer une demande")
def register_demande(
    passage: Passage, *, jeton: UUID, service_id: UUID, saisie: Saisie, homonyme: bool = False
) -> Dossier:
    """Open the file of a person with a first request.

    A replayed `jeton` gives back the file that it made. `homonyme` says that a namesake was seen.
    """
    known = DOSSIERS.rows(passage).filter(pk=jeton).order_by("pk").first()
    if known is not None:
        return known
    if not homonyme and (namesakes := list_homonymes(passage, etat_civil=saisie.etat_civil)):
        raise HomonymeConnu(namesakes)
    (numero,) = allot_numeros(passage)
    ouverture = Ouverture(pk=jeton, numero=numero, service_id=service_id, saisie=saisie)
    (dossier,) = open_dossiers(passage, ouvertures=[ouverture])
    return dossier


@act("noter les pièces reçues")
def receive_pieces(
    passage: Passage, *, dossier_id: UUID, codes: Collection[str], on: date
) -> list[Piece]:
    """Note pieces received on a day; those already there keep theirs."""
    dossier, demande = _open(passage, dossier_id)
    if on < demande.recue_on:
        raise PieceAvantDemande("Une pièce ne peut pas être reçue avant la demande.")
    missing = _missing(passage, demande)
    received = [piece for piece in missing if piece.code in codes]
    for piece in received:
        PIECES.update(passage, piece, recue_on=on)
    if received and on > dossier.dernier_contact_on:
        DOSSIERS.update(passage, dossier, dernier_contact_on=on)
    return received


@act("noter qu’aucun bien foncier n’est à justifier")
def waive_taxe_fonciere(passage: Passage, *, dossier_id: UUID, on: date) -> Piece:
    """Stop asking for the notice of the property tax: the person said on a day that she has none.

    A word from her, and so a contact; it is written once, and not after the notice came.
    """
    dossier, demande = _open(passage, dossier_id)
    if on < demande.recue_on:
        raise PieceAvantDemande("Cette déclaration ne peut pas être antérieure à la demande.")
    for piece in _missing(passage, demande):
        if piece.code == CodePiece.TAXE_FONCIERE:
            PIECES.update(passage, piece, dispensee_on=on)
            if on > dossier.dernier_contact_on:
                DOSSIERS.update(passage, dossier, dernier_contact_on=on)
            return piece
    raise TaxeNonAttendue


@act("accuser réception de la demande")
def acknowledge_demande(passage: Passage, *, dossier_id: UUID) -> Courrier:
    """Declare the file complete on the day of its last piece, and tell the person."""
    dossier, demande = _open(passage, dossier_id)
    pieces = list_pieces(passage, demande=demande)
    if any(piece.reglee_on is None for piece in pieces):
        raise PiecesAttendues("Des pièces manquent encore : réclamez-les ou notez leur arrivée.")
    complete_on = max([demande.recue_on, *(p.reglee_on for p in pieces if p.reglee_on)])
    DEMANDES.update(passage, demande, complete_on=complete_on, accuse_on=passage.on)
    DOSSIERS.update(
        passage,
        dossier,
        etat=Etat.COMPLET,
        echeance=Echeance.VISITE,
        echeance_on=delais.proposition_avant(complete_on),
    )
    contenu = write_accuse(recue_on=demande.recue_on, complete_on=complete_on, on=passage.on)
    return send_letter(passage, dossier=dossier, contenu=contenu)


def write_accuse(*, recue_on: date, complete_on: date, on: date) -> content.AccuseReception:
    """Tell the days that are still ahead; once the two months have passed, what silence gave."""
    proposition = delais.proposition_avant(complete_on)
    decision = delais.decision_avant(complete_on)
    return content.AccuseReception(
        recue_on=recue_on,
        complet_on=complete_on,
        decision_avant_on=decision,
        proposition_avant_on=proposition if proposition >= on else None,
        forfait_depuis_on=decision + ONE_DAY if decision < on else None,
    )


@act("réclamer des pièces")
def request_pieces(passage: Passage, *, dossier_id: UUID) -> Courrier:
    """Ask the person for what is missing."""
    dossier, demande = _open(passage, dossier_id)
    missing = _missing(passage, demande)
    if not missing:
        raise RienAReclamer("Toutes les pièces sont là : accusez réception de la demande.")
    for piece in missing:
        PIECES.update(passage, piece, reclamee_on=passage.on)
    DOSSIERS.update(
        passage,
        dossier,
        etat=Etat.INCOMPLET,
        echeance=Echeance.PIECES,
        echeance_on=delais.relance_pieces(passage.on),
    )
    return send_letter(
        passage,
        dossier=dossier,
        contenu=content.PiecesManquantes(
            recue_on=demande.recue_on,
            pieces=tuple(
                content.Piece(CodePiece(p.code).label, RAISONS[CodePiece(p.code)]) for p in missing
            ),
        ),
    )


def _missing(passage: Passage, demande: Demande) -> list[Piece]:
    return [p for p in list_pieces(passage, demande=demande) if p.reglee_on is None]


def _open(passage: Passage, dossier_id: UUID) -> tuple[Dossier, Demande]:
    """Hold a file whose request is still to complete."""
    dossier = open_dossier(passage, dossier_id, action=Action.WRITE, lock=True)
    demande = current_demande(passage, dossier=dossier)
    if dossier.etat not in A_COMPLETER or demande.complete_on is not None:
        raise DejaComplete("Le dossier est déjà complet : sa date ne change plus.")
    return dossier, demande
