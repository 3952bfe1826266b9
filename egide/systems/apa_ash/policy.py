"""Who may do what with which rows: one sentence per model, role and purpose."""

from egide.kernel.access.policy import READ, READ_WRITE, Allow, Policy, same_organisme
from egide.systems.apa_ash import models as m
from egide.systems.apa_ash.catalogue import CATALOGUE
from egide.systems.apa_ash.purposes import (
    CONTROLE,
    EVALUATION,
    INSTRUCTION,
    PAIEMENT,
    REVALORISATION,
    Role,
)

INSTRUIT = Allow(Role.INSTRUCTEUR, READ_WRITE, INSTRUCTION)
SUPERVISE = Allow(Role.RESPONSABLE, READ_WRITE, INSTRUCTION)
EVALUE = Allow(Role.EVALUATEUR, READ_WRITE, EVALUATION)
VOIT_EVALUATION = Allow(Role.EVALUATEUR, READ, EVALUATION)
PAIE = Allow(Role.AGENT_PAIEMENT, READ_WRITE, PAIEMENT)
VALIDE = Allow(Role.RESPONSABLE, READ_WRITE, PAIEMENT)
VOIT_PAIEMENT = (
    Allow(Role.AGENT_PAIEMENT, READ, PAIEMENT),
    Allow(Role.RESPONSABLE, READ, PAIEMENT),
)
CONTROLE_TOUT = Allow(Role.CONTROLEUR, READ_WRITE, CONTROLE)
VOIT_CONTROLE = Allow(Role.CONTROLEUR, READ, CONTROLE)
# Who signs by delegation of the président: the habilitation of this role, its services, its period
# and its motif are the delegation. An instructeur proposes.
SIGNATAIRES = (Role.RESPONSABLE,)
REVALORISE = Allow(Role.RESPONSABLE, READ_WRITE, REVALORISATION)
VOIT_REVALORISATION = Allow(Role.RESPONSABLE, READ, REVALORISATION)

DOSSIERS = Policy(
    m.Dossier,
    CATALOGUE,
    INSTRUIT,
    SUPERVISE,
    EVALUE,
    *VOIT_PAIEMENT,
    VOIT_CONTROLE,
    VOIT_REVALORISATION,
)
GELS = Policy(
    m.Gel,
    CATALOGUE,
    Allow(Role.INSTRUCTEUR, READ, INSTRUCTION),
    SUPERVISE,
)
COMPTEURS = Policy(
    m.CompteurDossier,
    CATALOGUE,
    Allow(Role.INSTRUCTEUR, READ_WRITE, INSTRUCTION, when=same_organisme),
    Allow(Role.RESPONSABLE, READ_WRITE, INSTRUCTION, when=same_organisme),
)
IDENTITES = Policy(
    m.Identite,
    CATALOGUE,
    INSTRUIT,
    SUPERVISE,
    VOIT_EVALUATION,
    *VOIT_PAIEMENT,
    VOIT_CONTROLE,
    VOIT_REVALORISATION,
)
NIRS = Policy(m.Nir, CATALOGUE, INSTRUIT, SUPERVISE)
COORDONNEES = Policy(
    m.Coordonnees,
    CATALOGUE,
    INSTRUIT,
    SUPERVISE,
    VOIT_EVALUATION,
    *VOIT_PAIEMENT,
    VOIT_CONTROLE,
    VOIT_REVALORISATION,
)
AIDANTS = Policy(m.Aidant, CATALOGUE, INSTRUIT, SUPERVISE, EVALUE)
CONJOINTS = Policy(m.Conjoint, CATALOGUE, INSTRUIT, SUPERVISE)
PROTECTIONS = Policy(
    m.Protection,
    CATALOGUE,
    INSTRUIT,
    SUPERVISE,
    VOIT_EVALUATION,
    VOIT_CONTROLE,
    VOIT_REVALORISATION,
)
SUCCESSIONS = Policy(m.Succession, CATALOGUE, INSTRUIT, SUPERVISE, VOIT_CONTROLE)
COMPTES = Policy(m.CompteBancaire, CATALOGUE, PAIE, VALIDE)
RESSOURCES = Policy(
    m.Ressources, CATALOGUE, INSTRUIT, SUPERVISE, VOIT_REVALORISATION, VOIT_EVALUATION
)
LIGNES_RESSOURCE = Policy(m.LigneRessource, CATALOGUE, INSTRUIT, SUPERVISE)
VISITES = Policy(m.Visite, CATALOGUE, INSTRUIT, SUPERVISE, EVALUE)
EVALUATIONS = Policy(
    m.Evaluation,
    CATALOGUE,
    Allow(Role.INSTRUCTEUR, READ, INSTRUCTION),
    Allow(Role.RESPONSABLE, READ, INSTRUCTION),
    EVALUE,
)
GRILLES = Policy(m.GrilleAggir, CATALOGUE, EVALUE)
BESOINS = Policy(m.EvaluationBesoins, CATALOGUE, EVALUE)
DEMANDES = Policy(m.Demande, CATALOGUE, INSTRUIT, SUPERVISE, VOIT_EVALUATION)
LITIGES_SECOURS = Policy(m.LitigeSecours, CATALOGUE, INSTRUIT, SUPERVISE)
PIECES = Policy(m.Piece, CATALOGUE, INSTRUIT, SUPERVISE)
PRESTATAIRES = Policy(
    m.Prestataire,
    CATALOGUE,
    Allow(Role.INSTRUCTEUR, READ, INSTRUCTION, when=same_organisme),
    Allow(Role.RESPONSABLE, READ, INSTRUCTION, when=same_organisme),
    Allow(Role.EVALUATEUR, READ, EVALUATION, when=same_organisme),
    Allow(Role.AGENT_PAIEMENT, READ, PAIEMENT, when=same_organisme),
    Allow(Role.RESPONSABLE, READ, PAIEMENT, when=same_organisme),
    Allow(Role.CONTROLEUR, READ_WRITE, CONTROLE, when=same_organisme),
)
REGLEMENTS = Policy(
    m.ReglementPrestataire,
    CATALOGUE,
    Allow(Role.AGENT_PAIEMENT, READ, PAIEMENT, when=same_organisme),
    Allow(Role.RESPONSABLE, READ, PAIEMENT, when=same_organisme),
    # Whoever decides that a debt is withdrawn computes it again, as control found it.
    Allow(Role.RESPONSABLE, READ, INSTRUCTION, when=same_organisme),
    Allow(Role.CONTROLEUR, READ_WRITE, CONTROLE, when=same_organisme),
)
PLANS = Policy(m.PlanAide, CATALOGUE, INSTRUIT, SUPERVISE, EVALUE, VOIT_CONTROLE)
LIGNES_PLAN = Policy(
    m.LignePlan,
    CATALOGUE,
    Allow(Role.INSTRUCTEUR, READ, INSTRUCTION),
    Allow(Role.RESPONSABLE, READ, INSTRUCTION),
    EVALUE,
    VOIT_CONTROLE,
    *VOIT_PAIEMENT,
)
AIDES_PONCTUELLES = Policy(
    m.AidePonctuelle,
    CATALOGUE,
    Allow(Role.INSTRUCTEUR, READ, INSTRUCTION),
    Allow(Role.RESPONSABLE, READ, INSTRUCTION),
    EVALUE,
    VOIT_CONTROLE,
)
PROJETS = Policy(m.ProjetDecision, CATALOGUE, INSTRUIT, SUPERVISE)
RELAIS = Policy(m.Relais, CATALOGUE, INSTRUIT, SUPERVISE, VOIT_EVALUATION, VOIT_CONTROLE)
FACTURES = Policy(
    m.Facture,
    CATALOGUE,
    Allow(Role.INSTRUCTEUR, READ, INSTRUCTION),
    Allow(Role.RESPONSABLE, READ, INSTRUCTION),
    VOIT_EVALUATION,
    *VOIT_PAIEMENT,
    CONTROLE_TOUT,
)
DECISIONS = Policy(
    m.Decision, CATALOGUE, INSTRUIT, SUPERVISE, *VOIT_PAIEMENT, VOIT_CONTROLE, REVALORISE
)
DROITS = Policy(m.Droit, CATALOGUE, INSTRUIT, SUPERVISE, *VOIT_PAIEMENT, VOIT_CONTROLE, REVALORISE)
INTERRUPTIONS = Policy(
    m.Interruption, CATALOGUE, INSTRUIT, SUPERVISE, *VOIT_PAIEMENT, VOIT_CONTROLE
)
COURRIERS = Policy(m.Courrier, CATALOGUE, INSTRUIT, SUPERVISE, CONTROLE_TOUT, EVALUE, REVALORISE)
LOTS = Policy(m.LotPaiement, CATALOGUE, PAIE, VALIDE)
PAIEMENTS = Policy(
    m.Paiement,
    CATALOGUE,
    PAIE,
    VALIDE,
    VOIT_CONTROLE,
    Allow(Role.INSTRUCTEUR, READ, INSTRUCTION),
    Allow(Role.RESPONSABLE, READ, INSTRUCTION),
)
FICHIERS = Policy(m.FichierPaiement, CATALOGUE, PAIE, VALIDE)
IMPORTS = Policy(m.Import, CATALOGUE, INSTRUIT, SUPERVISE, CONTROLE_TOUT)
PRESTATIONS = Policy(
    m.Prestation,
    CATALOGUE,
    CONTROLE_TOUT,
    *VOIT_PAIEMENT,
    Allow(Role.INSTRUCTEUR, READ, INSTRUCTION),
    Allow(Role.RESPONSABLE, READ, INSTRUCTION),
)
INDUS = Policy(
    m.Indu,
    CATALOGUE,
    CONTROLE_TOUT,
    PAIE,
    VALIDE,
    Allow(Role.INSTRUCTEUR, READ, INSTRUCTION),
    Allow(Role.RESPONSABLE, READ_WRITE, INSTRUCTION),
)
REMBOURSEMENTS = Policy(m.Remboursement, CATALOGUE, CONTROLE_TOUT, *VOIT_PAIEMENT)
# Control asks a remission, or a withdrawal; the head of the service decides, who signs.
REMISES = Policy(m.Remise, CATALOGUE, CONTROLE_TOUT, SUPERVISE)
JUSTIFICATIFS = Policy(
    m.DemandeJustificatif,
    CATALOGUE,
    CONTROLE_TOUT,
    Allow(Role.INSTRUCTEUR, READ, INSTRUCTION),
    Allow(Role.RESPONSABLE, READ, INSTRUCTION),
)
CAMPAGNES = Policy(m.Campagne, CATALOGUE, REVALORISE)
LIGNES_CAMPAGNE = Policy(m.LigneCampagne, CATALOGUE, REVALORISE)
