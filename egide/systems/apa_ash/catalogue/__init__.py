"""All that the APA may hold about a person, column by column, with purposes and sources.

CASF R. 232-41 lists the data; R. 232-44 keeps medical information for the équipe médico-sociale.
"""

from egide.kernel.catalogue.declarations import REGISTRY, Catalogue, Forbidden
from egide.systems.apa_ash.catalogue.personne import PERSONNE
from egide.systems.apa_ash.catalogue.procedure import PROCEDURE
from egide.systems.apa_ash.catalogue.suites import SUITES
from egide.systems.apa_ash.purposes import PURPOSES, ROLE_LABELS, SYSTEM

FORBIDDEN = (
    Forbidden(
        ("diagnostic", "pathologie", "cim10", "maladie", "ordonnance"),
        "aucune donnée médicale hors l’évaluation de la perte d’autonomie",
        "CASF R. 232-41",
    ),
    Forbidden(
        ("religion", "ethnie", "race", "opinion", "syndicat", "orientationsexuelle"),
        "donnée sensible étrangère à la finalité",
        "Loi 78-17, art. 6",
    ),
    Forbidden(("rfr",), "le revenu fiscal de référence n’est pas dans la liste", "LPF R.*153 A-2"),
    Forbidden(
        ("productivite", "rendement", "performance"),
        "le suivi du rendement des agents n’est pas une finalité",
        "CASF R. 232-40",
    ),
)

CATALOGUE = Catalogue(
    system=SYSTEM,
    label="APA et aide sociale à l’hébergement",
    purposes=PURPOSES,
    subject="apa_ash.Dossier",
    volets=(*PERSONNE, *PROCEDURE, *SUITES),
    roles=ROLE_LABELS,
    forbidden=FORBIDDEN,
)
REGISTRY.register(CATALOGUE)
