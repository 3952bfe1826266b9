"""What the kernel itself holds: the organisme, its agents and their habilitations."""

from enum import StrEnum

from egide.kernel.catalogue.declarations import (
    REGISTRY,
    Catalogue,
    Category,
    Line,
    Purpose,
    Scope,
    Separation,
    Volet,
    lines,
)

SYSTEM = "access"
SOURCE = "CNIL 2017-142, sécurité : gestion des habilitations"

HABILITER = Purpose(SYSTEM, "habilitations", "habilitations", SOURCE)
PROTEGER = Purpose(SYSTEM, "protection", "protection des données", "RGPD, art. 39")


class Role(StrEnum):
    """Who manages the habilitations of the services entrusted to them, and who oversees them."""

    ADMINISTRATEUR = "administrateur"
    DELEGUE = "delegue"


CATALOGUE = Catalogue(
    system=SYSTEM,
    label="Habilitations",
    purposes=(HABILITER, PROTEGER),
    roles={
        Role.ADMINISTRATEUR: "Administration des habilitations",
        Role.DELEGUE: "Délégué à la protection des données, vue d’ensemble",
    },
    separations=(
        Separation(
            frozenset({Role.ADMINISTRATEUR, Role.DELEGUE}),
            "la même personne accorderait les habilitations et les surveillerait",
            "RGPD, art. 38, § 6",
        ),
    ),
    volets=(
        Volet(
            "access.Organisme",
            {
                "id": Line(Category.TECHNIQUE, SOURCE),
                **lines(
                    Category.PROFESSIONNEL,
                    "RGPD, art. 30 ; CNIL 2017-142",
                    "nom siren departement adresse telephone delegue_protection_donnees"
                    " courriel_delegue couleur courriel tribunal",
                ),
                **lines(
                    Category.SECURITE,
                    "CNIL 2017-142, introduction",
                    "engagement_conformite_on engagement_reference",
                ),
            },
            # Read at sign-in, before any purpose: no role asks for it under one.
            reads=(),
            scope=Scope.ORGANISME,
            kernel=True,
        ),
        Volet(
            "access.Service",
            {
                **lines(Category.TECHNIQUE, SOURCE, "id organisme_id"),
                "nom": Line(Category.PROFESSIONNEL, SOURCE),
            },
            reads=(HABILITER, PROTEGER),
            scope=Scope.ORGANISME,
            kernel=True,
        ),
        Volet(
            "access.Agent",
            {
                **lines(Category.TECHNIQUE, SOURCE, "id organisme_id"),
                **lines(Category.PROFESSIONNEL, SOURCE, "identifiant nom prenom fonction"),
                "is_active": Line(Category.SECURITE, SOURCE),
                "password": Line(Category.SECURITE, "CNIL 2022-100", reads=(), writes=()),
                "last_login": Line(Category.SECURITE, "CNIL 2017-142, sécurité", reads=()),
            },
            reads=(HABILITER, PROTEGER),
            scope=Scope.ORGANISME,
            kernel=True,
        ),
        Volet(
            "access.Habilitation",
            {
                **lines(Category.TECHNIQUE, SOURCE, "id organisme_id agent_id granted_by_id"),
                **{
                    name: Line(Category.SECURITE, SOURCE, writes=())
                    for name in ("system", "role", "periode", "motif", "cumul_motif", "granted_at")
                },
                **lines(Category.SECURITE, SOURCE, "confirmed_on revoked_at"),
            },
            reads=(HABILITER, PROTEGER),
            writes=(HABILITER,),
            scope=Scope.ORGANISME,
            kernel=True,
        ),
        Volet(
            "access.HabilitationService",
            lines(Category.TECHNIQUE, SOURCE, "id organisme_id habilitation_id service_id"),
            reads=(HABILITER, PROTEGER),
            writes=(),
            inserts=(HABILITER,),
            scope=Scope.ORGANISME,
            kernel=True,
        ),
    ),
)
REGISTRY.register(CATALOGUE)
