"""What the household lives on, line by line, with the source of each (CASF R. 232-5)."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from egide.kernel.access.rows import ServiceBound
from egide.systems.apa_ash.models.dossier import Dossier


class SourceRessources(models.TextChoices):
    """Who told the amounts (CNIL 2017-142, sources de collecte)."""

    AVIS = "avis", "Avis d’imposition fourni par la personne"
    DGFIP = "dgfip", "DGFiP (LPF L. 153 A)"
    DECLARATION = "declaration", "Déclaration sur l’honneur"


class Ressources(ServiceBound):
    """The resources of one reference year, as counted for the participation."""

    dossier = models.ForeignKey(Dossier, models.CASCADE, related_name="ressources")
    annee_reference = models.PositiveSmallIntegerField("année de référence")
    couple = models.BooleanField("vit en couple", default=False)
    source = models.CharField("source", max_length=12, choices=SourceRessources.choices)
    recueillies_on = models.DateField("recueillies le")
    ressources_mensuelles = models.DecimalField(
        "ressources mensuelles retenues", max_digits=11, decimal_places=2
    )
    neutralisation = models.CharField("neutralisation", max_length=200, blank=True)
    # An event of life counts from the month after it: until then, `avant` still does (R. 232-6).
    effet_on = models.DateField("à effet du", null=True, blank=True)
    avant = models.ForeignKey(
        "self", models.SET_NULL, related_name="+", null=True, blank=True, verbose_name="jusque-là"
    )
    en_vigueur = models.BooleanField("en vigueur", default=True)

    class Meta(ServiceBound.Meta):
        constraints: ClassVar = [
            models.CheckConstraint(
                name="ressources_not_negative", condition=Q(ressources_mensuelles__gte=0)
            ),
            models.UniqueConstraint(
                fields=["dossier"], name="ressources_one_in_force", condition=Q(en_vigueur=True)
            ),
        ]


class LigneRessource(ServiceBound):
    """One amount of a year, as declared and as counted."""

    dossier = models.ForeignKey(Dossier, models.CASCADE, related_name="+")
    ressources = models.ForeignKey(Ressources, models.CASCADE, related_name="lignes")
    nature = models.CharField("nature", max_length=40)
    conjoint = models.BooleanField("ressource du conjoint", default=False)
    montant_annuel = models.DecimalField("montant annuel", max_digits=12, decimal_places=2)
    montant_retenu = models.DecimalField("montant retenu", max_digits=12, decimal_places=2)

    class Meta(ServiceBound.Meta):
        constraints: ClassVar = [
            models.CheckConstraint(
                name="ligne_ressource_not_negative",
                condition=Q(montant_annuel__gte=0, montant_retenu__gte=0),
            ),
        ]
