"""What is paid upon invoices beside the monthly plan: répit, one-off aids, the carer's relay."""

from decimal import Decimal
from typing import ClassVar

from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Round

from egide.kernel.access.models import Agent
from egide.kernel.access.rows import ServiceBound
from egide.systems.apa_ash.models.dossier import Dossier
from egide.systems.apa_ash.models.droit import Decision, Droit
from egide.systems.apa_ash.models.personne import Aidant
from egide.systems.apa_ash.models.plan import PlanAide, Prestataire


class NaturePonctuelle(models.TextChoices):
    """What a plan may hold beside its monthly aids (CASF R. 232-8, D. 232-9-1, D. 232-33)."""

    REPIT = "repit", "Répit de l’aidant"
    HEBERGEMENT = "hebergement", "Hébergement temporaire"
    AIDE_TECHNIQUE = "aide_technique", "Aide technique"
    AMENAGEMENT = "amenagement", "Adaptation du logement"


class AidePonctuelle(ServiceBound):
    """A sum of a plan spent upon invoices: the year's répit, or an aid that is paid once."""

    dossier = models.ForeignKey(Dossier, models.CASCADE, related_name="+")
    plan = models.ForeignKey(PlanAide, models.CASCADE, related_name="ponctuelles")
    nature = models.CharField("aide", max_length=16, choices=NaturePonctuelle.choices)
    objet = models.CharField("objet", max_length=150)
    prestataire = models.ForeignKey(Prestataire, models.PROTECT, null=True, related_name="+")
    montant = models.DecimalField("montant prévu", max_digits=9, decimal_places=2)

    class Meta(ServiceBound.Meta):
        constraints: ClassVar = [
            models.CheckConstraint(name="aide_ponctuelle_positive", condition=Q(montant__gt=0)),
            models.UniqueConstraint(
                fields=["plan"], name="aide_ponctuelle_one_repit", condition=Q(nature="repit")
            ),
        ]


class EtatRelais(models.TextChoices):
    """Where the relay of a carer in hospital stands."""

    DEMANDE = "demande", "À décider"
    ACCORDE = "accorde", "Accordé"
    REFUSE = "refuse", "Refusé"
    CLOS = "clos", "Terminé"


class JustificatifRelais(models.TextChoices):
    """What proves the stay, and never why the carer is in hospital (CASF D. 232-9-2)."""

    BULLETIN = "bulletin", "Bulletin de situation de l’établissement"
    CONVOCATION = "convocation", "Convocation pour une hospitalisation programmée"
    ATTESTATION = "attestation", "Autre attestation de l’établissement"


class Relais(ServiceBound):
    """A stay of the carer in hospital, and what the plan is increased by meanwhile."""

    dossier = models.ForeignKey(Dossier, models.CASCADE, related_name="+")
    # PostgreSQL keeps these two relations: Django would read the rows of another purpose first.
    aidant = models.ForeignKey(Aidant, models.DO_NOTHING, related_name="+")
    entree_on = models.DateField("hospitalisation à partir du")
    sortie_on = models.DateField("sortie le", null=True)
    justificatif = models.CharField(
        "justificatif", max_length=12, choices=JustificatifRelais.choices, blank=True
    )
    justifie_on = models.DateField("justificatif reçu le", null=True)
    objet = models.CharField("relais prévu", max_length=150)
    prestataire = models.ForeignKey(Prestataire, models.PROTECT, null=True, related_name="+")
    cout = models.DecimalField("coût prévu", max_digits=9, decimal_places=2)
    etat = models.CharField("état", max_length=8, choices=EtatRelais.choices)
    decision = models.OneToOneField(Decision, models.PROTECT, null=True, related_name="+")
    plafond = models.DecimalField("plafond", max_digits=9, decimal_places=2, null=True)
    retenu = models.DecimalField("montant retenu", max_digits=9, decimal_places=2, null=True)

    class Meta(ServiceBound.Meta):
        constraints: ClassVar = [
            models.CheckConstraint(
                name="relais_ends_after_it_begins",
                condition=Q(sortie_on__isnull=True) | Q(sortie_on__gte=F("entree_on")),
            ),
            models.CheckConstraint(name="relais_cout_positive", condition=Q(cout__gt=0)),
            models.CheckConstraint(
                name="relais_proof_has_its_day",
                condition=Q(justificatif="", justifie_on__isnull=True)
                | (~Q(justificatif="") & Q(justifie_on__isnull=False)),
            ),
            models.CheckConstraint(
                name="relais_decided_by_a_decision",
                condition=Q(etat="demande", decision__isnull=True)
                | (~Q(etat="demande") & Q(decision__isnull=False)),
            ),
            models.CheckConstraint(
                name="relais_granted_on_proof_within_the_ceiling",
                condition=Q(etat__in=["demande", "refuse"], plafond__isnull=True)
                | Q(
                    etat__in=["accorde", "clos"],
                    justifie_on__isnull=False,
                    plafond__isnull=False,
                    retenu__isnull=False,
                    retenu__lte=F("plafond"),
                ),
            ),
            models.UniqueConstraint(fields=["aidant", "entree_on"], name="relais_once_a_stay"),
        ]
        indexes: ClassVar = [models.Index(fields=["dossier", "entree_on"], name="relais_dossier")]


class Facture(ServiceBound):
    """An invoice of an aid that is not monthly: what is retained of it, and what is to be paid."""

    dossier = models.ForeignKey(Dossier, models.CASCADE, related_name="+")
    aide = models.ForeignKey(AidePonctuelle, models.DO_NOTHING, null=True, related_name="+")
    relais = models.ForeignKey(Relais, models.DO_NOTHING, null=True, related_name="+")
    # The right whose rate the person takes part at.
    droit = models.ForeignKey(Droit, models.PROTECT, related_name="+")
    # Who is paid: the service, or the person who shows a receipted invoice.
    prestataire = models.ForeignKey(Prestataire, models.PROTECT, null=True, related_name="+")
    reference = models.CharField("numéro de la facture", max_length=60)
    depense_on = models.DateField("date de la dépense")
    montant = models.DecimalField("montant de la facture", max_digits=9, decimal_places=2)
    retenu = models.DecimalField("montant retenu", max_digits=9, decimal_places=2)
    taux_participation = models.DecimalField(
        "taux de participation", max_digits=9, decimal_places=8
    )
    a_verser = models.DecimalField("à verser", max_digits=9, decimal_places=2)
    saisie_on = models.DateField("saisie le")
    saisie_par = models.ForeignKey(Agent, models.PROTECT, related_name="+")
    # Never deleted: one entered by mistake is withdrawn, with the reason.
    retiree_on = models.DateField("retirée le", null=True)
    retrait = models.CharField("motif du retrait", max_length=200, blank=True)

    class Meta(ServiceBound.Meta):
        constraints: ClassVar = [
            models.CheckConstraint(
                name="facture_of_one_thing",
                condition=Q(aide__isnull=True, relais__isnull=False)
                | Q(aide__isnull=False, relais__isnull=True),
            ),
            models.CheckConstraint(
                name="facture_retained_within_its_amount",
                condition=Q(retenu__gt=0, retenu__lte=F("montant")),
            ),
            models.CheckConstraint(
                name="facture_shared_at_its_rate",
                condition=Q(
                    a_verser=Round(F("retenu") * (Value(Decimal(1)) - F("taux_participation")), 2),
                    taux_participation__range=(0, 1),
                ),
            ),
            models.CheckConstraint(
                name="facture_withdrawn_for_a_reason",
                condition=Q(retiree_on__isnull=True, retrait="")
                | (Q(retiree_on__isnull=False) & ~Q(retrait="")),
            ),
            models.UniqueConstraint(
                fields=["dossier", "prestataire", "reference"],
                name="facture_once",
                nulls_distinct=False,
                condition=Q(retiree_on__isnull=True),
                violation_error_message="Cette facture est déjà enregistrée.",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["dossier", "depense_on"], name="facture_dossier")]
