"""What an agent proposes and another signs: a decision has no effect before its signature."""

from collections.abc import Mapping
from enum import StrEnum
from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from egide.kernel.access.models import Agent
from egide.kernel.access.rows import ServiceBound
from egide.systems.apa_ash.models.dossier import Dossier
from egide.systems.apa_ash.models.droit import NatureDecision
from egide.systems.apa_ash.models.plan import PlanAide
from egide.systems.apa_ash.models.ponctuel import Relais


class EtatProjet(models.TextChoices):
    """Where a proposal stands."""

    PROPOSE = "propose", "À signer"
    SIGNE = "signe", "Signée"
    RENVOYE = "renvoye", "Renvoyée"
    RETIRE = "retire", "Retirée"


class Ordre(StrEnum):
    """What a decision is about: a file has one proposal of each order waiting at a time."""

    DEMANDE = "demande"
    # What silence granted is signed beside the decision that waits, and before it.
    SILENCE = "silence"
    # What stops a right that runs, or lets it go on: its notice runs beside a revision.
    DROIT = "droit"
    RELAIS = "relais"


NATURES: Mapping[Ordre, tuple[NatureDecision, ...]] = {
    Ordre.DEMANDE: (NatureDecision.ACCORD, NatureDecision.REJET, NatureDecision.URGENCE),
    Ordre.SILENCE: (NatureDecision.FORFAIT_TACITE,),
    Ordre.DROIT: (NatureDecision.SUSPENSION, NatureDecision.FIN, NatureDecision.MAINTIEN),
    Ordre.RELAIS: (NatureDecision.RELAIS, NatureDecision.REFUS_RELAIS),
}
ORDRES: Mapping[NatureDecision, Ordre] = {
    nature: ordre for ordre, natures in NATURES.items() for nature in natures
}


class ProjetDecision(ServiceBound):
    """A decision prepared for signature; the one that is signed bears its id.

    No `effet_on` means a day that the signature gives: its own, which notifies an agreement (CASF
    L. 232-14), or the first of the next month for a suspension (R. 232-16). `plan`, `apa` and
    `participation` are what the preparer read: the signature finds the same, or is refused.
    `fait_on` is the fact that stops a right: a notice received, an arrival elsewhere.
    """

    dossier = models.ForeignKey(Dossier, models.CASCADE, related_name="projets")
    relais = models.ForeignKey(Relais, models.CASCADE, null=True, related_name="projets")
    nature = models.CharField("nature", max_length=16, choices=NatureDecision.choices)
    effet_on = models.DateField("à effet du", null=True)
    revision_on = models.DateField("à réviser au plus tard le", null=True)
    fait_on = models.DateField("mise en demeure reçue, ou arrivée ailleurs, le", null=True)
    departement = models.CharField("nouveau département", max_length=3, blank=True)
    code = models.CharField("motif codé", max_length=16, blank=True)
    motif = models.CharField("motif", max_length=300, blank=True)
    plan = models.ForeignKey(PlanAide, models.CASCADE, null=True, related_name="+")
    apa = models.DecimalField("APA calculée", max_digits=10, decimal_places=2, null=True)
    participation = models.DecimalField(
        "participation calculée", max_digits=10, decimal_places=2, null=True
    )
    propose_on = models.DateField("proposée le")
    propose_par = models.ForeignKey(Agent, models.PROTECT, related_name="+")
    etat = models.CharField("état", max_length=8, choices=EtatProjet.choices)
    renvoi = models.CharField("motif du renvoi", max_length=300, blank=True)
    traite_on = models.DateField("signée, renvoyée ou retirée le", null=True)
    traite_par = models.ForeignKey(Agent, models.PROTECT, null=True, related_name="+")

    class Meta(ServiceBound.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["dossier"],
                name="projet_one_of_a_file",
                condition=Q(etat="propose", nature__in=["accord", "rejet", "urgence"]),
            ),
            models.UniqueConstraint(
                fields=["dossier"],
                name="projet_one_silence_of_a_file",
                condition=Q(etat="propose", nature="forfait_tacite"),
            ),
            models.UniqueConstraint(
                fields=["dossier"],
                name="projet_one_stop_of_a_file",
                condition=Q(etat="propose", nature__in=["suspension", "fin", "maintien"]),
            ),
            models.UniqueConstraint(
                fields=["relais"], name="projet_one_of_a_relais", condition=Q(etat="propose")
            ),
            models.CheckConstraint(
                name="projet_signed_by_another",
                condition=Q(etat__in=["propose", "retire"]) | ~Q(traite_par=F("propose_par")),
            ),
            models.CheckConstraint(
                name="projet_closed_by_somebody",
                condition=Q(etat="propose", traite_par__isnull=True, traite_on__isnull=True)
                | Q(
                    etat__in=["signe", "renvoye", "retire"],
                    traite_par__isnull=False,
                    traite_on__isnull=False,
                    traite_on__gte=F("propose_on"),
                ),
            ),
            models.CheckConstraint(
                name="projet_sent_back_with_a_motif", condition=~Q(etat="renvoye") | ~Q(renvoi="")
            ),
            models.CheckConstraint(
                name="projet_of_a_signed_nature",
                condition=Q(
                    nature__in=[
                        "accord",
                        "rejet",
                        "urgence",
                        "forfait_tacite",
                        "suspension",
                        "fin",
                        "maintien",
                    ],
                    relais__isnull=True,
                )
                | Q(nature__in=["relais", "refus_relais"], relais__isnull=False),
            ),
            models.CheckConstraint(
                name="projet_stops_on_a_day",
                condition=~Q(nature__in=["suspension", "fin", "maintien"])
                | Q(nature="suspension", fait_on__isnull=False, effet_on__isnull=True)
                | Q(nature__in=["fin", "maintien"], effet_on__isnull=False),
            ),
        ]
