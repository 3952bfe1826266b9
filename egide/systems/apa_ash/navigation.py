"""The way around: what each purpose opens, in the order of a working day."""

from dataclasses import dataclass

from egide.systems.apa_ash.purposes import (
    CONTROLE,
    EVALUATION,
    INSTRUCTION,
    PAIEMENT,
    REVALORISATION,
)


@dataclass(frozen=True, slots=True)
class Entry:
    """One item of the main navigation, served under one purpose."""

    purpose_key: str
    label: str
    url_name: str


NAVIGATION = (
    Entry(INSTRUCTION.key, "Ma journée", "apa_ash:journee"),
    Entry(INSTRUCTION.key, "Dossiers", "apa_ash:dossiers"),
    Entry(EVALUATION.key, "Évaluations", "apa_ash:agenda"),
    Entry(PAIEMENT.key, "Paiements", "apa_ash:lots"),
    Entry(CONTROLE.key, "Contrôle", "apa_ash:controle"),
    Entry(REVALORISATION.key, "Revalorisation", "apa_ash:campagnes"),
    Entry("access_habilitations", "Habilitations", "habilitations:list"),
)
