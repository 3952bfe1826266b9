"""The way around: what each purpose opens, in the order of a working day."""

from egide.kernel.access.navigation import Entry
from egide.systems.apa_ash.purposes import (
    CONTROLE,
    EVALUATION,
    INSTRUCTION,
    PAIEMENT,
    REVALORISATION,
)

NAVIGATION = (
    Entry(INSTRUCTION, "Ma journée", "apa_ash:journee"),
    Entry(INSTRUCTION, "Dossiers", "apa_ash:dossiers"),
    Entry(EVALUATION, "Évaluations", "apa_ash:agenda"),
    Entry(PAIEMENT, "Paiements", "apa_ash:lots"),
    Entry(CONTROLE, "Contrôle", "apa_ash:controle"),
    Entry(REVALORISATION, "Revalorisation", "apa_ash:campagnes"),
)
