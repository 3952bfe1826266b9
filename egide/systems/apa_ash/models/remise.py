"""What is taken off an excess payment, asked and decided: never by one pair of hands."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from egide.kernel.access.models import Agent
from egide.kernel.access.rows import ServiceBound
from egide.systems.apa_ash.models.controle import Indu
from egide.systems.apa_ash.models.dossier import Dossier


class NatureRemise(models.TextChoices):
    """What is asked: to give up what is owed, or to undo what was not."""

    REMISE = "remise", "Remise"
    RETRAIT = "retrait", "Retrait"


class FondementRetrait(models.TextChoices):
    """Why a debt that was notified is withdrawn; a remission has no ground."""

    DU = "du", "La somme était due"
    RECOURS = "recours", "Recours du débiteur"


class EtatRemise(models.TextChoices):
    """Where a request stands."""

    DEMANDEE = "demandee", "Demandée"
    ACCORDEE = "accordee", "Accordée"
    REFUSEE = "refusee", "Refusée"


class OrigineRemise(models.TextChoices):
    """Who asks for a remission."""

    DEBITEUR = "debiteur", "Le débiteur l’a demandée"
    CONTROLE = "controle", "Le contrôle la propose"


class Remise(ServiceBound):
    """A request to remit a debt that was notified, or to withdraw it, and what was decided of it.

    No text makes either suspend the withholding (CASF D. 232-31, L. 134-2): it goes on until a
    decision.
    """

    dossier = models.ForeignKey(Dossier, models.CASCADE, related_name="+")
    indu = models.ForeignKey(Indu, models.CASCADE, related_name="remises")
    nature = models.CharField(
        "nature", max_length=7, choices=NatureRemise.choices, default=NatureRemise.REMISE
    )
    fondement = models.CharField(
        "fondement", max_length=7, choices=FondementRetrait.choices, blank=True
    )
    origine = models.CharField("origine", max_length=8, choices=OrigineRemise.choices)
    demandee_on = models.DateField("demandée le")
    demandee_par = models.ForeignKey(Agent, models.PROTECT, related_name="+")
    motif = models.CharField("motif de la demande", max_length=200)
    etat = models.CharField("état", max_length=8, choices=EtatRemise.choices)
    montant = models.DecimalField(
        "montant remis ou retiré", max_digits=10, decimal_places=2, null=True
    )
    decidee_on = models.DateField("décidée le", null=True)
    decidee_par = models.ForeignKey(Agent, models.PROTECT, null=True, related_name="+")
    motif_decision = models.CharField("motif de la décision", max_length=200, blank=True)

    class Meta(ServiceBound.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["indu", "nature"],
                name="remise_one_awaited",
                condition=Q(etat="demandee"),
            ),
            models.CheckConstraint(
                name="remise_ground_of_a_withdrawal",
                condition=Q(nature="remise", fondement="")
                | Q(nature="retrait", fondement__in=["du", "recours"]),
            ),
            models.CheckConstraint(
                name="remise_of_another_hand",
                condition=Q(etat="demandee") | ~Q(decidee_par=F("demandee_par")),
            ),
            models.CheckConstraint(
                name="remise_decided_by_somebody",
                condition=Q(
                    etat="demandee",
                    decidee_on__isnull=True,
                    decidee_par__isnull=True,
                    motif_decision="",
                )
                | Q(
                    etat__in=["accordee", "refusee"],
                    decidee_par__isnull=False,
                    decidee_on__gte=F("demandee_on"),
                )
                & ~Q(motif_decision=""),
            ),
            models.CheckConstraint(
                name="remise_amount",
                condition=Q(etat="accordee", montant__isnull=False, montant__gt=0)
                | Q(etat__in=["demandee", "refusee"], montant__isnull=True),
            ),
        ]
