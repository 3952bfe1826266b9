"""What may be amiss with a line of a monthly run, and what one reason may answer."""

from enum import StrEnum
from itertools import combinations


class Anomalie(StrEnum):
    """What makes a line worth looking at before it is paid."""

    COMPTE_ABSENT = "compte_absent"
    SERVICE_SANS_COMPTE = "service_sans_compte"
    SERVICE_COMPTE_MODIFIE = "service_compte_modifie"
    COMPTE_MODIFIE = "compte_modifie"
    COMPTE_PARTAGE = "compte_partage"
    DECES = "deces"
    DROIT_FINI = "droit_fini"
    HAUSSE = "hausse"
    RAPPEL = "rappel"
    SANS_HEURES = "sans_heures"
    HEURES_NON_RECUES = "heures_non_recues"
    HEURES_AU_DELA = "heures_au_dela"
    DOUBLE_DOSSIER = "double_dossier"
    AU_DESSUS_DU_PLAFOND = "au_dessus_du_plafond"


LIBELLES = {
    Anomalie.COMPTE_ABSENT: "Pas de compte bancaire",
    Anomalie.SERVICE_SANS_COMPTE: "Service sans compte bancaire",
    Anomalie.SERVICE_COMPTE_MODIFIE: "Compte du service saisi depuis le dernier paiement",
    Anomalie.COMPTE_MODIFIE: "Compte saisi depuis le dernier paiement",
    Anomalie.COMPTE_PARTAGE: "Même compte que d’autres dossiers",
    Anomalie.DECES: "Décès connu",
    Anomalie.DROIT_FINI: "Droit terminé",
    Anomalie.HAUSSE: "Montant bien plus haut que le mois précédent",
    Anomalie.RAPPEL: "Rappel de plus de mois que d’usage",
    Anomalie.SANS_HEURES: "Aucune heure réalisée depuis plusieurs mois",
    Anomalie.HEURES_NON_RECUES: "Heures non reçues (service fait)",
    Anomalie.HEURES_AU_DELA: "Heures très au-delà du plan",
    Anomalie.DOUBLE_DOSSIER: "Deux dossiers au même nom et à la même naissance",
    Anomalie.AU_DESSUS_DU_PLAFOND: "Montant au-dessus du plafond",
}
# No reason can pay a line that has nowhere to go, or hours that nobody reported: it is mended or
# set aside.
SANS_COMPTE = frozenset({Anomalie.COMPTE_ABSENT, Anomalie.SERVICE_SANS_COMPTE})
BLOQUANTES = SANS_COMPTE | {Anomalie.HEURES_NON_RECUES}
# More than the law allows is looked at one file after another, never kept with others.
UNE_A_UNE = frozenset({Anomalie.AU_DESSUS_DU_PLAFOND})
# What a death or an arrear brings by itself: it calls for no other reason.
SUITES = {
    Anomalie.DECES: frozenset({Anomalie.DROIT_FINI, Anomalie.RAPPEL}),
    Anomalie.DROIT_FINI: frozenset({Anomalie.RAPPEL}),
    Anomalie.RAPPEL: frozenset({Anomalie.HAUSSE}),
}


def covered_by(anomalie: Anomalie) -> list[str]:
    """Give what a line may carry and still be kept with the others of this anomaly."""
    suites = sorted(SUITES.get(anomalie, ()))
    return [
        " ".join(sorted({anomalie, *chosen}))
        for count in range(len(suites) + 1)
        for chosen in combinations(suites, count)
    ]
