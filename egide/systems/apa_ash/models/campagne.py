"""The revaluation of every right on 1 January, as a campaign that previews, resumes and proves."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from egide.kernel.access.models import Agent
from egide.kernel.access.rows import ServiceBound
from egide.systems.apa_ash.models.dossier import Dossier
from egide.systems.apa_ash.models.droit import Droit


class EtatCampagne(models.TextChoices):
    """Where a campaign stands."""

    SIMULEE = "simulee", "Simulée"
    EN_COURS = "en_cours", "En cours"
    TERMINEE = "terminee", "Terminée"
    ABANDONNEE = "abandonnee", "Abandonnée"


class Campagne(ServiceBound):
    """The revaluation of the rights of one service on one day (CASF L. 232-4)."""

    effet_on = models.DateField("à effet du")
    etat = models.CharField("état", max_length=10, choices=EtatCampagne.choices)
    provisoire = models.BooleanField("sur un barème provisoire", default=False)
    # What is supposed instead of S: such a campaign is read, and never applied.
    hypothese_s = models.DecimalField("S supposée", max_digits=8, decimal_places=2, null=True)
    total = models.PositiveIntegerField("droits concernés", default=0)
    traites = models.PositiveIntegerField("droits traités", default=0)
    notifies = models.PositiveIntegerField("courriers écrits", default=0)
    lancee_par = models.ForeignKey(Agent, models.PROTECT, related_name="+")
    lancee_on = models.DateField("lancée le")

    class Meta(ServiceBound.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["service", "effet_on"],
                name="campagne_once",
                condition=~Q(etat="abandonnee") & Q(hypothese_s__isnull=True),
            ),
            models.CheckConstraint(
                name="campagne_hypothesis_is_provisional",
                condition=Q(hypothese_s__isnull=True) | Q(provisoire=True, hypothese_s__gt=0),
            ),
            models.CheckConstraint(name="campagne_progress", condition=Q(traites__lte=F("total"))),
            models.CheckConstraint(
                name="campagne_letters_follow", condition=Q(notifies__lte=F("traites"))
            ),
            models.CheckConstraint(
                name="campagne_never_applied_on_provisional_figures",
                condition=Q(provisoire=False) | Q(etat__in=["simulee", "abandonnee"]),
            ),
        ]


class LigneCampagne(ServiceBound):
    """One right before and after; its two flags make the campaign resume where it stopped."""

    campagne = models.ForeignKey(Campagne, models.CASCADE, related_name="lignes")
    dossier = models.ForeignKey(Dossier, models.CASCADE, related_name="+")
    droit = models.ForeignKey(Droit, models.CASCADE, related_name="+")
    apa_avant = models.DecimalField("APA avant", max_digits=10, decimal_places=2)
    plan_apres = models.DecimalField("plan retenu après", max_digits=10, decimal_places=2)
    taux_apres = models.DecimalField("taux après", max_digits=9, decimal_places=8)
    participation_apres = models.DecimalField(
        "participation après", max_digits=10, decimal_places=2
    )
    apa_apres = models.DecimalField("APA après", max_digits=10, decimal_places=2)
    applique = models.BooleanField("appliqué", default=False)
    notifie = models.BooleanField("courrier écrit", default=False)

    class Meta(ServiceBound.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["campagne", "dossier"], name="ligne_campagne_once"),
            models.CheckConstraint(
                name="ligne_campagne_told_once_applied",
                condition=Q(notifie=False) | Q(applique=True),
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["campagne", "id"],
                name="ligne_campagne_todo",
                condition=Q(applique=False),
            ),
            models.Index(
                fields=["campagne", "id"],
                name="ligne_campagne_to_tell",
                condition=Q(applique=True, notifie=False),
            ),
        ]
