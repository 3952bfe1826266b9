"""Why a département processes these data: the purposes of CASF R. 232-40, and none besides."""

from enum import StrEnum

from egide.kernel.catalogue.declarations import Purpose

SYSTEM = "apa_ash"


class Role(StrEnum):
    """What an agent does, as the habilitation says; each is in the glossary."""

    INSTRUCTEUR = "instructeur"
    EVALUATEUR = "evaluateur"
    AGENT_PAIEMENT = "agent_paiement"
    CONTROLEUR = "controleur"
    RESPONSABLE = "responsable"
    DPO = "dpo"


ROLE_LABELS: dict[str, str] = {
    Role.INSTRUCTEUR: "Instructeur ou instructrice",
    Role.EVALUATEUR: "Équipe médico-sociale",
    Role.AGENT_PAIEMENT: "Agent de paiement",
    Role.CONTROLEUR: "Contrôle d’effectivité",
    Role.RESPONSABLE: "Responsable de service",
    Role.DPO: "Délégué à la protection des données",
}

INSTRUCTION = Purpose(SYSTEM, "instruction", "instruction", "CASF L. 232-21-3, R. 232-40")
EVALUATION = Purpose(SYSTEM, "evaluation", "évaluation", "CASF L. 232-6, R. 232-40")
PAIEMENT = Purpose(SYSTEM, "paiement", "paiement", "CASF R. 232-30, R. 232-40")
CONTROLE = Purpose(SYSTEM, "controle", "contrôle d’effectivité", "CASF R. 232-17, R. 232-40")
REVALORISATION = Purpose(SYSTEM, "revalorisation", "revalorisation", "CASF L. 232-4, R. 232-40")
PURGE = Purpose(SYSTEM, "purge", "destruction au terme", "CASF R. 232-46", job=True)

PURPOSES = (INSTRUCTION, EVALUATION, PAIEMENT, CONTROLE, REVALORISATION)
