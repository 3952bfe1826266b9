"""Control of effectivity: what was delivered and invoiced, what was paid in excess (R. 232-17)."""

from decimal import Decimal
from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from egide.kernel.access.models import Agent
from egide.kernel.access.rows import ServiceBound
from egide.systems.apa_ash.models.dossier import Dossier
from egide.systems.apa_ash.models.plan import Prestataire


class NatureImport(models.TextChoices):
    """What an imported file holds."""

    DEMANDES = "demandes", "Demandes"
    HEURES = "heures", "Heures réalisées"
    FACTURES = "factures", "Factures"


class Import(ServiceBound):
    """A file taken in whole, once: its imprint makes a second import change nothing.

    Its name is not kept: a sender may write a person in it, whom neither the trail nor the
    destruction of a file would find here. Its day, its kind and its imprint tell it from others.
    """

    nature = models.CharField("nature", max_length=10, choices=NatureImport.choices)
    empreinte = models.CharField("empreinte SHA-256", max_length=64)
    lignes = models.PositiveIntegerField("lignes")
    importe_on = models.DateField("importé le")
    importe_par = models.ForeignKey(Agent, models.PROTECT, related_name="+")

    class Meta(ServiceBound.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["service", "empreinte"], name="import_once"),
        ]


class Prestation(ServiceBound):
    """What one service did for one file in one month: hours delivered, amount invoiced."""

    dossier = models.ForeignKey(Dossier, models.CASCADE, related_name="prestations")
    prestataire = models.ForeignKey(Prestataire, models.PROTECT, related_name="+")
    mois = models.DateField("mois")
    heures_realisees = models.DecimalField(
        "heures réalisées", max_digits=7, decimal_places=2, null=True
    )
    montant_facture = models.DecimalField(
        "montant facturé", max_digits=10, decimal_places=2, null=True
    )
    recu_dans = models.ForeignKey(Import, models.PROTECT, null=True, related_name="+")

    class Meta(ServiceBound.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["dossier", "prestataire", "mois"], name="prestation_once"
            ),
            models.CheckConstraint(
                name="prestation_not_negative",
                condition=(Q(heures_realisees__isnull=True) | Q(heures_realisees__gte=0))
                & (Q(montant_facture__isnull=True) | Q(montant_facture__gte=0)),
            ),
            models.CheckConstraint(name="prestation_first_day", condition=Q(mois__day=1)),
        ]
        indexes: ClassVar = [
            models.Index(fields=["service", "mois", "dossier"], name="prestation_mois")
        ]


class DemandeJustificatif(ServiceBound):
    """Proofs asked of the person, or of a service, and the day until which they are awaited."""

    dossier = models.ForeignKey(Dossier, models.CASCADE, related_name="+")
    prestataire = models.ForeignKey(Prestataire, models.PROTECT, null=True, related_name="+")
    depuis = models.DateField("dépenses faites depuis le")
    jusqu_on = models.DateField("jusqu’au")
    precisions = models.CharField("précisions", max_length=300, blank=True)
    demandee_on = models.DateField("demandés le")
    demandee_par = models.ForeignKey(Agent, models.PROTECT, related_name="+")
    attendue_on = models.DateField("attendus le")
    recue_on = models.DateField("reçus le", null=True)

    class Meta(ServiceBound.Meta):
        constraints: ClassVar = [
            models.CheckConstraint(
                name="demande_justificatif_days_in_order",
                condition=Q(depuis__lte=F("jusqu_on"), demandee_on__lte=F("attendue_on"))
                & (Q(recue_on__isnull=True) | Q(recue_on__gte=F("demandee_on"))),
            ),
            models.UniqueConstraint(
                fields=["dossier", "prestataire"],
                name="demande_justificatif_one_awaited",
                nulls_distinct=False,
                condition=Q(recue_on__isnull=True),
            ),
        ]


class EtatIndu(models.TextChoices):
    """What becomes of an excess payment."""

    CONSTATE = "constate", "Constaté"
    PROPOSE = "propose", "À signer"
    NOTIFIE = "notifie", "Notifié"
    RECOUVRE = "recouvre", "Recouvré"
    NON_RECOUVRE = "non_recouvre", "Non recouvré (seuil)"
    REMIS = "remis", "Remis"
    RETIRE = "retire", "Retiré"


# What is still to be signed or recovered: it keeps its file.
OUVERTS = (EtatIndu.CONSTATE, EtatIndu.PROPOSE, EtatIndu.NOTIFIE)

MOTIF_DECES = "Somme versée pour une période postérieure au décès"
MOTIF_HORS_DROIT = "Somme versée au-delà du droit"


class Indu(ServiceBound):
    """An excess payment, recovered within the limits of the law (D. 232-31, L. 232-25)."""

    dossier = models.ForeignKey(Dossier, models.CASCADE, related_name="indus")
    # Who was paid, and so who owes it: a service, or the person (her estate once she is dead).
    prestataire = models.ForeignKey(Prestataire, models.PROTECT, null=True, related_name="+")
    mois = models.DateField("mois concerné")
    motif = models.CharField("motif", max_length=200)
    montant = models.DecimalField("montant", max_digits=10, decimal_places=2)
    recouvre = models.DecimalField("recouvré", max_digits=10, decimal_places=2, default=0)
    # What remissions took off, each decided by another agent than who found the debt.
    remis = models.DecimalField("remis", max_digits=10, decimal_places=2, default=0)
    # What withdrawals took off, as never owed: `montant` stays what was found, and notified.
    retire = models.DecimalField("retiré", max_digits=10, decimal_places=2, default=0)
    constate_on = models.DateField("constaté le")
    constate_par = models.ForeignKey(Agent, models.PROTECT, related_name="+")
    prescrit_on = models.DateField("prescrit le")
    propose_on = models.DateField("notification proposée le", null=True)
    propose_par = models.ForeignKey(Agent, models.PROTECT, null=True, related_name="+")
    # The letter by which its payee learns of it; a name, since letters are told of after debts.
    notification = models.ForeignKey(
        "apa_ash.Courrier", models.PROTECT, null=True, related_name="indus"
    )
    # Why a signatory sent the notification back, or control dropped what it had found.
    suite = models.CharField("motif du renvoi ou de l’abandon", max_length=300, blank=True)
    etat = models.CharField("état", max_length=12, choices=EtatIndu.choices)

    class Meta(ServiceBound.Meta):
        constraints: ClassVar = [
            models.CheckConstraint(
                name="indu_remitted_of_something", condition=~Q(etat="remis") | Q(remis__gt=0)
            ),
            models.CheckConstraint(
                name="indu_proposed_by_somebody",
                condition=~Q(etat="propose")
                | Q(propose_par__isnull=False, propose_on__isnull=False),
            ),
            models.CheckConstraint(
                name="indu_amounts",
                condition=Q(montant__gt=0, recouvre__gte=0, remis__gte=0, retire__gte=0)
                & Q(recouvre__lte=F("montant") - F("remis"), retire__lte=F("montant")),
            ),
            models.UniqueConstraint(
                fields=["dossier", "prestataire", "mois", "motif"],
                name="indu_once",
                nulls_distinct=False,
                condition=~Q(etat="retire"),
            ),
        ]

    @property
    def reste(self) -> Decimal:
        """Give what is left to recover."""
        return max(self.du - self.recouvre - self.remis, Decimal("0.00"))

    @property
    def du(self) -> Decimal:
        """Give what was really owed: what was found, less what was withdrawn."""
        return self.montant - self.retire

    @property
    def a_rendre(self) -> Decimal:
        """Give what was repaid beyond what was owed; what was remitted stays remitted."""
        return min(max(self.recouvre + self.remis - self.du, Decimal("0.00")), self.recouvre)


class Remboursement(ServiceBound):
    """What a debtor repaid by itself, one day, of one debt; what a run withholds is a payment."""

    dossier = models.ForeignKey(Dossier, models.CASCADE, related_name="+")
    indu = models.ForeignKey(Indu, models.CASCADE, related_name="remboursements")
    montant = models.DecimalField("montant", max_digits=10, decimal_places=2)
    recu_on = models.DateField("reçu le")
    saisi_par = models.ForeignKey(Agent, models.PROTECT, related_name="+")

    class Meta(ServiceBound.Meta):
        constraints: ClassVar = [
            models.CheckConstraint(name="remboursement_positive", condition=Q(montant__gt=0)),
        ]
