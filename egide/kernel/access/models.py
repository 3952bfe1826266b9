"""Organismes, their services, their agents, and the habilitations that link them."""

import uuid
from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models import F, Q

from egide.kernel.access.couleur import LISIBLE, REFUS, check_couleur


class Organisme(models.Model):
    """The controller: a département (CASF L. 232-21-3), bound by its engagement de conformité."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    nom = models.CharField("nom", max_length=200)
    siren = models.CharField("SIREN", max_length=9, unique=True)
    departement = models.CharField("département", max_length=3)
    adresse = models.TextField("adresse")
    telephone = models.CharField("téléphone", max_length=20, blank=True)
    courriel = models.EmailField("courriel", blank=True)
    tribunal = models.CharField("tribunal administratif compétent", max_length=250, blank=True)
    delegue_protection_donnees = models.CharField(
        "délégué à la protection des données", max_length=200
    )
    courriel_delegue = models.EmailField("courriel du délégué")
    couleur = models.CharField(
        "couleur", max_length=7, default="#124e57", validators=[check_couleur]
    )
    engagement_conformite_on = models.DateField("engagement de conformité déposé le", null=True)
    engagement_reference = models.CharField("référence de l'engagement", max_length=50, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                name="organisme_engagement_has_reference",
                condition=Q(engagement_conformite_on__isnull=True) | ~Q(engagement_reference=""),
            ),
            models.CheckConstraint(
                name="organisme_couleur_hex",
                condition=Q(couleur__regex=r"^#[0-9a-f]{6}$"),
                violation_error_message="Écrivez la couleur comme #124e57.",
            ),
            models.CheckConstraint(
                name="organisme_couleur_lisible",
                condition=LISIBLE,
                violation_error_message=REFUS,
            ),
        ]


class Service(models.Model):
    """A unit of an organisme; a file belongs to exactly one."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organisme = models.ForeignKey(Organisme, models.PROTECT, related_name="services")
    nom = models.CharField("nom", max_length=200)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organisme", "nom"], name="service_nom_unique"),
        ]


class Agent(AbstractBaseUser):
    """A person who works for an organisme and signs in by name."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organisme = models.ForeignKey(Organisme, models.PROTECT, related_name="agents")
    identifiant = models.CharField("identifiant", max_length=100, unique=True)
    nom = models.CharField("nom", max_length=100)
    prenom = models.CharField("prénom", max_length=100)
    fonction = models.CharField("fonction", max_length=150, blank=True)
    is_active = models.BooleanField("actif", default=True)

    USERNAME_FIELD = "identifiant"
    REQUIRED_FIELDS: ClassVar = ["nom", "prenom"]
    objects = BaseUserManager["Agent"]()

    @property
    def nom_complet(self) -> str:
        """Give the first name and the name, as the screens show them."""
        return f"{self.prenom} {self.nom}"


class Habilitation(models.Model):
    """The right of one agent to play one role in one system, on some services, for a time.

    CNIL 2017-142, sécurité: managed, regularly updated. It ends, and nobody grants their own.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organisme = models.ForeignKey(Organisme, models.PROTECT, related_name="+")
    agent = models.ForeignKey(Agent, models.PROTECT, related_name="habilitations")
    system = models.CharField("système", max_length=30)
    role = models.CharField("rôle", max_length=40)
    periode = DateRangeField("période")
    motif = models.TextField("motif")
    cumul_motif = models.CharField(
        "motif du cumul de rôles à séparer", max_length=500, blank=True, default=""
    )
    granted_by = models.ForeignKey(Agent, models.PROTECT, related_name="+")
    granted_at = models.DateTimeField("accordée le")
    confirmed_on = models.DateField("confirmée le")
    revoked_at = models.DateTimeField("retirée le", null=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                name="habilitation_not_self_granted", condition=~Q(agent=F("granted_by"))
            ),
            models.CheckConstraint(
                name="habilitation_has_an_end",
                condition=Q(periode__startswith__isnull=False) & Q(periode__endswith__isnull=False),
            ),
            models.CheckConstraint(name="habilitation_has_a_motif", condition=~Q(motif="")),
            ExclusionConstraint(
                name="habilitation_one_per_role",
                expressions=[
                    ("agent", RangeOperators.EQUAL),
                    ("system", RangeOperators.EQUAL),
                    ("role", RangeOperators.EQUAL),
                    ("periode", RangeOperators.OVERLAPS),
                ],
                condition=Q(revoked_at__isnull=True),
                violation_error_message=(
                    "Cet agent a déjà cette habilitation sur tout ou partie de la période."
                ),
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["agent", "system"], name="habilitation_agent")]


class HabilitationService(models.Model):
    """One service that a habilitation opens."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organisme = models.ForeignKey(Organisme, models.PROTECT, related_name="+")
    habilitation = models.ForeignKey(Habilitation, models.CASCADE, related_name="ouvertures")
    service = models.ForeignKey(Service, models.PROTECT)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["habilitation", "service"], name="habilitation_service_unique"
            ),
        ]
