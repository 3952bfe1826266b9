"""The monthly payment run: prepared by one agent, validated by another (CASF R. 232-30)."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from egide.kernel.access.models import Agent
from egide.kernel.access.rows import ServiceBound
from egide.systems.apa_ash.models.dossier import Dossier
from egide.systems.apa_ash.models.droit import Droit
from egide.systems.apa_ash.models.plan import Prestataire
from egide.systems.apa_ash.models.ponctuel import Facture


class EtatLot(models.TextChoices):
    """Where a run stands."""

    PREPARE = "prepare", "Préparé"
    VALIDE = "valide", "Validé"
    EMIS = "emis", "Fichier émis"
    ABANDONNE = "abandonne", "Abandonné"


class LotPaiement(ServiceBound):
    """The payments of one month in one service."""

    mois = models.DateField("mois")
    etat = models.CharField("état", max_length=10, choices=EtatLot.choices)
    prepare_par = models.ForeignKey(Agent, models.PROTECT, related_name="+")
    prepare_on = models.DateField("préparé le")
    valide_par = models.ForeignKey(Agent, models.PROTECT, null=True, related_name="+")
    valide_on = models.DateField("validé le", null=True)
    emis_on = models.DateField("émis le", null=True)

    class Meta(ServiceBound.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["service", "mois"],
                name="lot_paiement_one_a_month",
                condition=~Q(etat="abandonne"),
                violation_error_message="Le paiement de ce mois est déjà préparé.",
            ),
            models.CheckConstraint(
                name="lot_paiement_second_agent", condition=~Q(valide_par=F("prepare_par"))
            ),
            models.CheckConstraint(
                name="lot_paiement_validated_by_someone",
                condition=Q(etat__in=["prepare", "abandonne"])
                | Q(valide_par__isnull=False, valide_on__isnull=False),
            ),
            models.CheckConstraint(name="lot_paiement_first_day", condition=Q(mois__day=1)),
        ]


class Paiement(ServiceBound):
    """One line of a run: what is paid for a file, to whom, less what is withheld."""

    lot = models.ForeignKey(LotPaiement, models.CASCADE, related_name="paiements")
    dossier = models.ForeignKey(Dossier, models.CASCADE, related_name="paiements")
    droit = models.ForeignKey(Droit, models.PROTECT, related_name="+")
    prestataire = models.ForeignKey(Prestataire, models.PROTECT, null=True, related_name="+")
    # What an invoice brings stands beside the month, and never counts in it.
    facture = models.ForeignKey(Facture, models.PROTECT, null=True, related_name="+")
    # The account as it was when the line was prepared: the second agent validates what is paid.
    titulaire = models.CharField("titulaire du compte", max_length=150, blank=True)
    iban = models.CharField("IBAN", max_length=34, blank=True)
    saisi_par = models.ForeignKey(Agent, models.PROTECT, null=True, related_name="+")
    mois_du = models.DateField("mois dû")
    montant_brut = models.DecimalField("montant dû", max_digits=10, decimal_places=2)
    retenue = models.DecimalField("retenue", max_digits=10, decimal_places=2, default=0)
    montant = models.GeneratedField(
        expression=F("montant_brut") - F("retenue"),
        output_field=models.DecimalField("montant versé", max_digits=10, decimal_places=2),
        db_persist=True,
    )
    # The day on which the account missing at preparation was read at last.
    relu_on = models.DateField("compte relu le", null=True)
    anomalie = models.CharField("anomalie", max_length=200, blank=True)
    ecarte = models.BooleanField("écarté du lot", default=False)
    examen = models.CharField("motif de la suite donnée", max_length=200, blank=True)
    examine_par = models.ForeignKey(Agent, models.PROTECT, null=True, related_name="+")
    verse_on = models.DateField("versé le", null=True)

    class Meta(ServiceBound.Meta):
        constraints: ClassVar = [
            models.CheckConstraint(
                name="paiement_amounts",
                condition=Q(montant_brut__gte=0, retenue__gte=0)
                & Q(retenue__lte=F("montant_brut")),
            ),
            models.CheckConstraint(
                name="paiement_examined_by_someone",
                condition=Q(examen="", examine_par__isnull=True)
                | (~Q(examen="") & Q(examine_par__isnull=False)),
            ),
            models.CheckConstraint(
                name="paiement_set_aside_for_a_reason", condition=Q(ecarte=False) | ~Q(examen="")
            ),
            models.CheckConstraint(
                name="paiement_paid_or_set_aside",
                condition=Q(verse_on__isnull=True) | Q(ecarte=False),
            ),
            models.UniqueConstraint(
                fields=["lot", "dossier", "prestataire", "mois_du", "facture"],
                name="paiement_once",
                nulls_distinct=False,
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["dossier", "mois_du"], name="paiement_dossier")]


class FormatFichier(models.TextChoices):
    """The two forms of a file of payments."""

    CSV = "csv", "Tableau (CSV)"
    SEPA = "sepa", "Virements SEPA (pain.001.001.03)"


class FichierPaiement(ServiceBound):
    """The file of a run as it was issued: its bytes never change, each download is traced."""

    lot = models.ForeignKey(LotPaiement, models.CASCADE, related_name="fichiers")
    forme = models.CharField("format", max_length=4, choices=FormatFichier.choices)
    nom = models.CharField("nom du fichier", max_length=80)
    empreinte = models.CharField("empreinte SHA-256", max_length=64)
    contenu = models.BinaryField("contenu")

    class Meta(ServiceBound.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["lot", "forme"], name="fichier_paiement_once"),
        ]
