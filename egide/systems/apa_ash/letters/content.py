"""What a letter says, kind by kind: frozen values, without Django, database or clock."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import ClassVar, TypeAlias

from egide.systems.apa_ash.letters.accord import DecisionAccord, EtatDroit, Revision
from egide.systems.apa_ash.letters.arret import (
    FinDroit,
    Maintien,
    MiseEnDemeure,
    Reprise,
    Suspension,
)
from egide.systems.apa_ash.letters.elements import (
    Destinataire,
    LigneCalcul,
    LignePlan,
    Montants,
    Motif,
    Organisme,
    Piece,
    Plan,
    Signataire,
    Versement,
)
from egide.systems.apa_ash.letters.indu import (
    DecisionRemise,
    DroitIndu,
    Indu,
    MoisIndu,
    PeriodeIndu,
    RetraitIndu,
)
from egide.systems.apa_ash.letters.justificatifs import DemandeJustificatifs
from egide.systems.apa_ash.letters.relais import DecisionRelais, RefusRelais

__all__ = [
    "AccuseReception",
    "CompteRendu",
    "Contenu",
    "DecisionAccord",
    "DecisionRejet",
    "Desistement",
    "Destinataire",
    "DroitIndu",
    "EtatDroit",
    "FinDroit",
    "ForfaitArrete",
    "ForfaitTacite",
    "ForfaitUrgence",
    "Indu",
    "Letter",
    "LigneCalcul",
    "LignePlan",
    "Maintien",
    "MiseEnDemeure",
    "MoisIndu",
    "Montants",
    "Motif",
    "Organisme",
    "PeriodeIndu",
    "Piece",
    "PiecesManquantes",
    "Plan",
    "PropositionPlan",
    "RefusRepute",
    "Reprise",
    "Revalorisation",
    "Revision",
    "Signataire",
    "Suspension",
    "Versement",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class AccuseReception:
    """The file is complete and registered (CASF R. 232-23)."""

    gabarit: ClassVar[str] = "accuse_reception"
    titre: ClassVar[str] = "Accusé de réception de votre demande d’APA"
    recours: ClassVar[str] = "attente"

    recue_on: date
    complet_on: date
    decision_avant_on: date
    # Acknowledged late, a request has had days that nobody promises any more.
    proposition_avant_on: date | None = None
    forfait_depuis_on: date | None = None  # the two months have passed without a decision


@dataclass(frozen=True, slots=True, kw_only=True)
class PiecesManquantes:
    """Documents are missing for the file to be complete (CASF R. 232-23)."""

    gabarit: ClassVar[str] = "pieces_manquantes"
    titre: ClassVar[str] = "Pièces à fournir pour compléter votre demande d’APA"
    recours: ClassVar[str] = "preparatoire"

    recue_on: date
    pieces: tuple[Piece, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PropositionPlan:
    """The plan proposed to the person, first or definitive (CASF R. 232-7)."""

    gabarit: ClassVar[str] = "proposition_plan"
    titre: ClassVar[str] = "Proposition de plan d’aide"
    recours: ClassVar[str] = "proposition"

    gir: int
    evalue_on: date
    effet_on: date
    plan: Plan
    definitive: bool = False
    refus_prestataire_on: date | None = None  # what direct employment rests on (CASF R. 232-13)


@dataclass(frozen=True, slots=True, kw_only=True)
class ForfaitArrete:
    """A lump sum that a refusal ends: how much a month, and its last day."""

    montant: Decimal
    fin_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionRejet:
    """The allowance is refused, on grounds told to the person."""

    gabarit: ClassVar[str] = "decision_rejet"
    titre: ClassVar[str] = "Décision : votre demande d’APA est rejetée"
    recours: ClassVar[str] = "decision"

    decidee_on: date
    recue_on: date
    motifs: tuple[Motif, ...]
    feuille: tuple[LigneCalcul, ...] = ()
    gir: int | None = None  # the group found, when it is the ground
    forfait: ForfaitArrete | None = None
    incomplete: bool = False  # nothing was studied: the pieces asked twice never came
    etablissement: bool = False  # the allowance may be asked for there


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusRepute:
    """The person refused the proposal, or let ten days pass: the request is deemed refused."""

    gabarit: ClassVar[str] = "refus_repute"
    recours: ClassVar[str] = "decision"

    proposee_on: date
    jour_on: date  # of the refusal, or of the reception from which the ten days ran
    silence: bool
    droit_en_cours: bool
    forfait: ForfaitArrete | None = None  # what silence had granted, until this refusal

    @property
    def titre(self) -> str:
        """Name what is refused: whoever keeps a right has only asked to change it."""
        asked = "de révision de votre APA" if self.droit_en_cours else "d’APA"
        return f"Votre demande {asked} est réputée refusée"


@dataclass(frozen=True, slots=True, kw_only=True)
class Desistement:
    """The person gave her request up: it is acknowledged, and nothing is decided."""

    gabarit: ClassVar[str] = "desistement"
    # It ends the request: whoever said no such thing contests it as a decision.
    recours: ClassVar[str] = "decision"

    recue_on: date
    desiste_on: date
    canal: str  # how she said so
    droit_en_cours: bool

    @property
    def titre(self) -> str:
        """Name what is given up: whoever keeps a right has only asked to change it."""
        asked = "de révision de votre APA" if self.droit_en_cours else "d’APA"
        return f"Vous avez retiré votre demande {asked}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ForfaitTacite:
    """The two months have passed: a lump sum is due until the decision (CASF L. 232-14)."""

    gabarit: ClassVar[str] = "forfait_tacite"
    titre: ClassVar[str] = "L’APA vous est versée à titre forfaitaire"
    recours: ClassVar[str] = "decision"

    complet_on: date
    effet_on: date
    premier_paiement_on: date
    montant: Decimal
    feuille: tuple[LigneCalcul, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Revalorisation:
    """The amounts of the year that begins (CASF L. 232-3-1, L. 232-4)."""

    gabarit: ClassVar[str] = "revalorisation"
    titre: ClassVar[str] = "Revalorisation de votre APA"
    recours: ClassVar[str] = "decision"

    decidee_on: date
    effet_on: date
    avant: Montants
    apres: Montants
    feuille: tuple[LigneCalcul, ...]
    non_versee: bool = False  # the allowance falls under the least amount that is paid


@dataclass(frozen=True, slots=True, kw_only=True)
class ForfaitUrgence:
    """An attested urgency: a lump sum is advanced at once (CASF L. 232-12)."""

    gabarit: ClassVar[str] = "forfait_urgence"
    titre: ClassVar[str] = "Décision : l’APA vous est avancée en urgence"
    recours: ClassVar[str] = "decision"

    decidee_on: date
    effet_on: date
    fin_on: date
    premier_paiement_on: date
    montant: Decimal
    feuille: tuple[LigneCalcul, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CompteRendu:
    """No plan follows the visit: its report advises the person (CASF R. 232-7, II)."""

    gabarit: ClassVar[str] = "compte_rendu"
    titre: ClassVar[str] = "Compte rendu de la visite à votre domicile"
    recours: ClassVar[str] = "preparatoire"

    faite_on: date
    gir: int
    conseils: tuple[str, ...]


Contenu: TypeAlias = (
    AccuseReception
    | PiecesManquantes
    | CompteRendu
    | PropositionPlan
    | DecisionAccord
    | Desistement
    | DecisionRejet
    | RefusRepute
    | ForfaitTacite
    | ForfaitUrgence
    | Revalorisation
    | MiseEnDemeure
    | Suspension
    | Reprise
    | FinDroit
    | Maintien
    | DecisionRelais
    | RefusRelais
    | DemandeJustificatifs
    | Indu
    | DecisionRemise
    | RetraitIndu
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A letter ready to be rendered; `concerne` is the person when another receives it for her."""

    organisme: Organisme
    destinataire: Destinataire
    signataire: Signataire
    dossier: str
    lieu: str
    envoyee_on: date
    contenu: Contenu
    concerne: str = ""
    instructeur: str = ""
