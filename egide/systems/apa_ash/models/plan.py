"""The plan d'aide, line by line, and the services that deliver it (CASF L. 232-3, R. 232-7)."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Round

from egide.kernel.access.models import Agent, Organisme
from egide.kernel.access.rows import PurposeBound, ServiceBound
from egide.systems.apa_ash.models.dossier import Dossier


class Prestataire(PurposeBound):
    """A service that helps at home; known to the whole organisme."""

    organisme = models.ForeignKey(Organisme, models.PROTECT, related_name="+")
    nom = models.CharField("nom", max_length=150)
    siret = models.CharField("SIRET", max_length=14)
    finess = models.CharField("FINESS", max_length=9, blank=True)
    adresse = models.CharField("adresse", max_length=200, blank=True)
    tarif_horaire = models.DecimalField("tarif horaire", max_digits=6, decimal_places=2)
    iban = models.CharField("IBAN", max_length=34, blank=True)
    iban_saisi_on = models.DateField("IBAN saisi le", null=True)
    iban_saisi_par = models.ForeignKey(Agent, models.PROTECT, null=True, related_name="+")
    actif = models.BooleanField("actif", default=True)

    class Meta(PurposeBound.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organisme", "siret"], name="prestataire_once"),
            models.CheckConstraint(
                name="prestataire_tarif_positive", condition=Q(tarif_horaire__gt=0)
            ),
        ]


class ModeReglement(models.TextChoices):
    """How a service is paid (CASF L. 232-15, R. 232-17)."""

    PLAN = "plan", "Au plan : sa part du mois, contrôlée après"
    SERVICE_FAIT = "service_fait", "Au service fait : les heures reçues, à terme échu"


class ReglementPrestataire(PurposeBound):
    """From which month a service is paid in which way; a month that began keeps its own."""

    organisme = models.ForeignKey(Organisme, models.PROTECT, related_name="+")
    prestataire = models.ForeignKey(Prestataire, models.CASCADE, related_name="reglements")
    mode = models.CharField("mode de règlement", max_length=12, choices=ModeReglement.choices)
    depuis = models.DateField("à partir du mois de")

    class Meta(PurposeBound.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["prestataire", "depuis"], name="reglement_prestataire_once_a_month"
            ),
            models.CheckConstraint(
                name="reglement_prestataire_first_day", condition=Q(depuis__day=1)
            ),
            models.CheckConstraint(
                name="reglement_prestataire_known_mode",
                condition=Q(mode__in=["plan", "service_fait"]),
            ),
        ]


class EtatPlan(models.TextChoices):
    """Where a plan stands between the team and the person."""

    BROUILLON = "brouillon", "Brouillon"
    PROPOSE = "propose", "Proposé"
    ACCEPTE = "accepte", "Accepté"
    REFUSE = "refuse", "Refusé"
    SANS_SUITE = "sans_suite", "Remplacé"


class PlanAide(ServiceBound):
    """The help proposed to a person; one plan at a time is in the making."""

    dossier = models.ForeignKey(Dossier, models.CASCADE, related_name="plans")
    etat = models.CharField("état", max_length=10, choices=EtatPlan.choices)
    gir = models.PositiveSmallIntegerField("GIR")
    effet_on = models.DateField("à compter du")
    envoye_on = models.DateField("envoyé le", null=True)
    definitif = models.BooleanField("proposition définitive", default=False)
    reponse_on = models.DateField("répondu le", null=True)
    observations = models.TextField("observations de la personne", blank=True)
    refus_prestataire_on = models.DateField("service prestataire refusé par écrit le", null=True)
    refus_prestataire_par = models.ForeignKey(
        Agent, models.PROTECT, null=True, related_name="+", verbose_name="refus enregistré par"
    )

    class Meta(ServiceBound.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["dossier"],
                name="plan_aide_one_in_the_making",
                condition=Q(etat__in=["brouillon", "propose"]),
                violation_error_message="Un plan est déjà en préparation pour ce dossier.",
            ),
            models.CheckConstraint(name="plan_aide_gir_1_to_4", condition=Q(gir__range=(1, 4))),
            models.CheckConstraint(
                name="plan_aide_answered_once_sent",
                condition=Q(reponse_on__isnull=True)
                # Without the second term a plan never sent compares to NULL, and passes.
                | Q(envoye_on__isnull=False, reponse_on__gte=F("envoye_on")),
            ),
            models.CheckConstraint(
                name="plan_aide_refus_has_its_hand",
                condition=Q(refus_prestataire_on__isnull=True, refus_prestataire_par__isnull=True)
                | Q(refus_prestataire_on__isnull=False, refus_prestataire_par__isnull=False),
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["dossier", "effet_on"], name="plan_dossier")]


class NatureAide(models.TextChoices):
    """What a line of the plan pays for each month; the rest is an `AidePonctuelle`."""

    TOILETTE = "toilette", "Aide à la toilette et au lever"
    REPAS = "repas", "Aide aux repas"
    MENAGE = "menage", "Entretien du logement"
    COURSES = "courses", "Courses et accompagnement"
    NUIT = "nuit", "Garde de nuit"
    PORTAGE = "portage", "Portage de repas"
    TELEASSISTANCE = "teleassistance", "Téléassistance"
    ACCUEIL_JOUR = "accueil_jour", "Accueil de jour"
    PROTECTIONS = "protections", "Protections à usage unique"


class Unite(models.TextChoices):
    """In what a line is counted."""

    HEURE = "heure", "heure"
    REPAS = "repas", "repas"
    JOUR = "jour", "jour"
    FORFAIT = "forfait", "forfait"


class ModeAide(models.TextChoices):
    """Through whom the help comes (CASF R. 232-12, R. 232-13)."""

    PRESTATAIRE = "prestataire", "Service prestataire"
    MANDATAIRE = "mandataire", "Service mandataire"
    GRE_A_GRE = "gre_a_gre", "Emploi direct"
    AUTRE = "autre", "Autre"


class LignePlan(ServiceBound):
    """One help: nature, service, monthly volume, tariff; its amount is PostgreSQL's own product."""

    dossier = models.ForeignKey(Dossier, models.CASCADE, related_name="+")
    plan = models.ForeignKey(PlanAide, models.CASCADE, related_name="lignes")
    nature = models.CharField("aide", max_length=16, choices=NatureAide.choices)
    mode = models.CharField("mode", max_length=12, choices=ModeAide.choices)
    prestataire = models.ForeignKey(Prestataire, models.PROTECT, null=True, related_name="+")
    volume_mensuel = models.DecimalField("volume mensuel", max_digits=7, decimal_places=2)
    unite = models.CharField("unité", max_length=8, choices=Unite.choices)
    tarif = models.DecimalField("tarif", max_digits=8, decimal_places=2)
    montant_mensuel = models.GeneratedField(
        expression=Round(F("volume_mensuel") * F("tarif"), 2),
        output_field=models.DecimalField("montant mensuel", max_digits=10, decimal_places=2),
        db_persist=True,
    )

    class Meta(ServiceBound.Meta):
        constraints: ClassVar = [
            models.CheckConstraint(
                name="ligne_plan_positive", condition=Q(volume_mensuel__gt=0, tarif__gt=0)
            ),
            models.CheckConstraint(
                name="ligne_plan_hours_of_a_month",
                condition=~Q(unite="heure") | Q(volume_mensuel__lte=744),
            ),
        ]
