"""All that the APA may hold about a person, column by column, with purposes and sources.

CASF R. 232-41 lists the data; R. 232-44 keeps medical information for the équipe médico-sociale.
"""

from egide.kernel.catalogue.declarations import (
    REGISTRY,
    Answer,
    Catalogue,
    Figure,
    Forbidden,
    Separation,
)
from egide.rules.apa.plafonds import paliers
from egide.systems.apa_ash.catalogue.courriers import COURRIERS
from egide.systems.apa_ash.catalogue.personne import PERSONNE
from egide.systems.apa_ash.catalogue.ponctuel import PONCTUEL
from egide.systems.apa_ash.catalogue.procedure import PROCEDURE
from egide.systems.apa_ash.catalogue.suites import SUITES
from egide.systems.apa_ash.purposes import (
    INSTRUCTION,
    PURGE,
    PURPOSES,
    ROLE_LABELS,
    SYSTEM,
    Role,
)
from egide.systems.apa_ash.retention import SCHEDULE

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

# Who opens a right, who prepares its payment, who validates it and who checks it are four people:
# one pair of hands for two of these could pay someone who is owed nothing.
SEPARATIONS = (
    Separation(
        frozenset({Role.INSTRUCTEUR, Role.AGENT_PAIEMENT}),
        "la même personne ouvrirait un droit et en préparerait le paiement",
        "CASF R. 232-30 ; R. 232-44",
    ),
    Separation(
        frozenset({Role.AGENT_PAIEMENT, Role.RESPONSABLE}),
        "la même personne préparerait un lot de paiement et le validerait",
        "CASF R. 232-30",
    ),
    Separation(
        frozenset({Role.AGENT_PAIEMENT, Role.CONTROLEUR}),
        "la même personne saisirait les comptes des prestataires et les paierait",
        "CASF L. 232-15 ; R. 232-17",
    ),
    Separation(
        frozenset({Role.INSTRUCTEUR, Role.CONTROLEUR}),
        "la même personne accorderait une aide et en contrôlerait l’usage",
        "CASF R. 232-17",
    ),
    *(
        Separation(
            frozenset({Role.DPO, role}),
            "le délégué à la protection des données se contrôlerait lui-même",
            "RGPD, art. 38, § 6",
        )
        for role in Role
        if role is not Role.DPO
    ),
)

CATALOGUE = Catalogue(
    system=SYSTEM,
    label="APA et aide sociale à l’hébergement",
    purposes=(*PURPOSES, PURGE),
    subject="apa_ash.Dossier",
    volets=SCHEDULE.opened((*PERSONNE, *PROCEDURE, *COURRIERS, *PONCTUEL, *SUITES)),
    roles=ROLE_LABELS,
    forbidden=FORBIDDEN,
    separations=SEPARATIONS,
    answers=(
        Answer(
            "access.files_of_same_person(uuid, text, text[], date)",
            (INSTRUCTION,),
            "CASF L. 232-12 ; R. 232-42",
        ),
    ),
    figures=tuple(Figure(p.nom, p.depuis, p.montant) for p in paliers()),
)
REGISTRY.register(CATALOGUE)
