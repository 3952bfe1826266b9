"""The visit, the GIR, and apart from them the health data that only the medical team reads."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from egide.kernel.access.models import Agent
from egide.kernel.access.rows import ServiceBound
from egide.systems.apa_ash.models.dossier import Dossier


class Visite(ServiceBound):
    """A visit at home by the équipe médico-sociale (CASF R. 232-7)."""

    dossier = models.ForeignKey(Dossier, models.CASCADE, related_name="visites")
    evaluateur = models.ForeignKey(Agent, models.PROTECT, related_name="+")
    prevue_on = models.DateField("prévue le")
    creneau = models.CharField("créneau", max_length=20, blank=True)
    realisee_on = models.DateField("réalisée le", null=True)

    class Meta(ServiceBound.Meta):
        indexes: ClassVar = [
            models.Index(fields=["service", "prevue_on", "id"], name="visite_agenda"),
            models.Index(fields=["dossier", "prevue_on"], name="visite_dossier"),
        ]


class Evaluation(ServiceBound):
    """The result that instruction needs: the GIR and its day. The grid is another volet."""

    dossier = models.ForeignKey(Dossier, models.CASCADE, related_name="evaluations")
    visite = models.OneToOneField(Visite, models.PROTECT, null=True, related_name="evaluation")
    faite_on = models.DateField("faite le")
    gir = models.PositiveSmallIntegerField("GIR")
    auteur = models.ForeignKey(Agent, models.PROTECT, related_name="+")

    class Meta(ServiceBound.Meta):
        constraints: ClassVar = [
            models.CheckConstraint(name="evaluation_gir_1_to_6", condition=Q(gir__range=(1, 6))),
        ]
        indexes: ClassVar = [
            models.Index(fields=["dossier", "-faite_on"], name="evaluation_dossier"),
        ]


class GrilleAggir(ServiceBound):
    """The answers by adverb and the evidence of the GIR (CASF R. 232-3, annexes 2-1 and 2-2)."""

    dossier = models.ForeignKey(Dossier, models.CASCADE, related_name="grilles")
    evaluation = models.OneToOneField(Evaluation, models.CASCADE, related_name="grille")
    adverbes = models.JSONField("réponses par adverbe")
    illustratives = models.JSONField("variables illustratives", default=dict)
    lettres = models.CharField("lettres", max_length=10)
    groupe = models.CharField("groupe", max_length=1)
    sommes = models.JSONField("sommes des groupes")
    rang = models.PositiveSmallIntegerField("rang")
    version = models.CharField("version de l’algorithme", max_length=40)
    observations = models.TextField("observations de l’équipe", blank=True)


class EvaluationBesoins(ServiceBound):
    """What the visit found beside the grid: housing, help, carers, wishes, advice (R. 232-7, I)."""

    dossier = models.ForeignKey(Dossier, models.CASCADE, related_name="besoins")
    evaluation = models.OneToOneField(Evaluation, models.CASCADE, related_name="besoins")
    logement = models.TextField("logement et environnement", blank=True)
    aides_en_place = models.TextField("aides déjà en place", blank=True)
    aidants = models.TextField("situation et besoins des aidants", blank=True)
    souhaits = models.TextField("souhaits de la personne", blank=True)
    conseils = models.TextField("conseils donnés", blank=True)
    compte_rendu_on = models.DateField("compte rendu envoyé le", null=True)
