"""The rows of the system, one file per aggregate; each table holds one volet."""

from egide.systems.apa_ash.models.campagne import Campagne, LigneCampagne
from egide.systems.apa_ash.models.controle import (
    DemandeJustificatif,
    Import,
    Indu,
    Prestation,
    Remboursement,
)
from egide.systems.apa_ash.models.demande import Demande, Piece
from egide.systems.apa_ash.models.dossier import CompteurDossier, Dossier
from egide.systems.apa_ash.models.droit import Courrier, Decision, Droit, Interruption
from egide.systems.apa_ash.models.evaluation import (
    Evaluation,
    EvaluationBesoins,
    GrilleAggir,
    Visite,
)
from egide.systems.apa_ash.models.gel import Gel
from egide.systems.apa_ash.models.paiement import FichierPaiement, LotPaiement, Paiement
from egide.systems.apa_ash.models.personne import (
    Aidant,
    CompteBancaire,
    Conjoint,
    Coordonnees,
    Identite,
    Nir,
    Protection,
    Succession,
)
from egide.systems.apa_ash.models.plan import LignePlan, PlanAide, Prestataire, ReglementPrestataire
from egide.systems.apa_ash.models.ponctuel import AidePonctuelle, Facture, Relais
from egide.systems.apa_ash.models.remise import Remise
from egide.systems.apa_ash.models.ressources import LigneRessource, Ressources
from egide.systems.apa_ash.models.secours import LitigeSecours
from egide.systems.apa_ash.models.signature import ProjetDecision

__all__ = [
    "Aidant",
    "AidePonctuelle",
    "Campagne",
    "CompteBancaire",
    "CompteurDossier",
    "Conjoint",
    "Coordonnees",
    "Courrier",
    "Decision",
    "Demande",
    "DemandeJustificatif",
    "Dossier",
    "Droit",
    "Evaluation",
    "EvaluationBesoins",
    "Facture",
    "FichierPaiement",
    "Gel",
    "GrilleAggir",
    "Identite",
    "Import",
    "Indu",
    "Interruption",
    "LigneCampagne",
    "LignePlan",
    "LigneRessource",
    "LitigeSecours",
    "LotPaiement",
    "Nir",
    "Paiement",
    "Piece",
    "PlanAide",
    "Prestataire",
    "Prestation",
    "ProjetDecision",
    "Protection",
    "ReglementPrestataire",
    "Relais",
    "Remboursement",
    "Remise",
    "Ressources",
    "Succession",
    "Visite",
]
