"""The domicile de secours when two départements dispute it (CASF L. 122-2 to L. 122-4)."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from egide.kernel.access.rows import ServiceBound
from egide.systems.apa_ash.models.dossier import Dossier


class EtatLitige(models.TextChoices):
    """Where the dispute stands, from the doubt to its end."""

    CONTESTE = "conteste", "Compétence contestée, dossier à transmettre"
    TRANSMIS = "transmis", "Dossier transmis, réponse attendue"
    ACCEPTE = "accepte", "L’autre département se reconnaît compétent"
    REFUSE = "refuse", "L’autre département refuse : au juge de trancher"
    ABANDONNE = "abandonne", "Contestation abandonnée"


class LitigeSecours(ServiceBound):
    """A competence that is contested: with whom, why, and the day of each step."""

    dossier = models.ForeignKey(Dossier, models.CASCADE, related_name="litiges_secours")
    departement = models.CharField("département estimé compétent", max_length=3)
    etat = models.CharField("état", max_length=10, choices=EtatLitige.choices)
    motif = models.CharField("motif", max_length=300)
    conteste_on = models.DateField("contestée le")
    transmis_on = models.DateField("transmis le", null=True)
    repondu_on = models.DateField("réponse reçue le", null=True)
    echeance_avant = models.CharField("échéance mise en attente", max_length=24, blank=True)
    echeance_avant_on = models.DateField("échéance mise en attente le", null=True)

    class Meta(ServiceBound.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["dossier"],
                name="litige_secours_one_at_a_time",
                condition=Q(etat__in=["conteste", "transmis"]),
            ),
            models.CheckConstraint(
                name="litige_secours_has_a_motif", condition=~Q(motif="") & ~Q(departement="")
            ),
            models.CheckConstraint(
                name="litige_secours_days_in_order",
                condition=(Q(transmis_on__isnull=True) | Q(transmis_on__gte=F("conteste_on")))
                # Without the second term an answer to nothing compares to NULL, and passes.
                & (
                    Q(repondu_on__isnull=True)
                    | Q(transmis_on__isnull=False, repondu_on__gte=F("transmis_on"))
                ),
            ),
            models.CheckConstraint(
                name="litige_secours_days_of_its_state",
                condition=Q(etat="conteste", transmis_on__isnull=True, repondu_on__isnull=True)
                | Q(etat="transmis", transmis_on__isnull=False, repondu_on__isnull=True)
                | Q(etat__in=["accepte", "refuse"], repondu_on__isnull=False)
                | Q(etat="abandonne"),
            ),
        ]
