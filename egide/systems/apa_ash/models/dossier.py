"""The file of one person: what every volet hangs on, and where the procedure stands."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from egide.kernel.access.models import Agent, Organisme
from egide.kernel.access.rows import PurposeBound, ServiceBound


class Etat(models.TextChoices):
    """Where a file stands, from the request to its end."""

    RECU = "recu", "Demande reçue"
    INCOMPLET = "incomplet", "Pièces manquantes"
    COMPLET = "complet", "Dossier complet"
    VISITE = "visite", "Visite prévue"
    EVALUE = "evalue", "Évaluation faite"
    PROPOSE = "propose", "Proposition envoyée"
    ACCEPTE = "accepte", "Plan accepté"
    OUVERT = "ouvert", "Droit ouvert"
    SUSPENDU = "suspendu", "Versement suspendu"
    REJETE = "rejete", "Demande rejetée"
    RETIREE = "retiree", "Demande retirée"
    CLOS = "clos", "Droit fermé"


# Nothing is studied nor due any more: a new request alone begins again.
FINIS = frozenset({Etat.REJETE, Etat.RETIREE, Etat.CLOS})


class Echeance(models.TextChoices):
    """The next thing that a text or the procedure expects, with its day in `echeance_on`."""

    ACCUSE = "accuse", "Accuser réception"
    PIECES = "pieces", "Pièces attendues"
    VISITE = "visite", "Visite et évaluation"
    PROPOSITION = "proposition", "Envoyer la proposition"
    ENVOI = "proposition_a_poster", "Proposition à poster"
    REPONSE = "reponse", "Réponse de la personne"
    PROPOSITION_DEFINITIVE = "proposition_definitive", "Envoyer la proposition définitive"
    DECISION = "decision", "Notifier la décision"
    JUSTIFICATION = "justification", "Justificatifs demandés"
    MISE_EN_DEMEURE = "mise_en_demeure", "Régularisation attendue"
    REVISION = "revision", "Révision périodique"
    FIN = "fin_droit", "Le droit se termine"
    TRANSMISSION = "transmission_secours", "Transmettre au département compétent"
    COMPETENCE = "competence_secours", "Réponse du département saisi"


class Dossier(ServiceBound):
    """The file of a person who asks for or receives the APA (CASF R. 232-41)."""

    numero = models.CharField("numéro", max_length=12)
    etat = models.CharField("état", max_length=12, choices=Etat.choices, default=Etat.RECU)
    instructeur = models.ForeignKey(Agent, models.PROTECT, null=True, related_name="+")
    ouvert_on = models.DateField("ouvert le")
    dernier_contact_on = models.DateField("dernier contact le")
    echeance = models.CharField("échéance", max_length=24, choices=Echeance.choices, blank=True)
    echeance_on = models.DateField("échéance le", null=True)
    revision_on = models.DateField("révision périodique au plus tard le", null=True)
    # While a revision is studied, the state of the right that goes on: `etat` says the procedure.
    etat_droit = models.CharField(
        "état du droit en cours de révision", max_length=12, choices=Etat.choices, blank=True
    )
    departement_secours = models.CharField("département du domicile de secours", max_length=3)
    fin_droit_on = models.DateField("fin du droit le", null=True)
    # PostgreSQL writes it (sql/dossier.sql): no agent says when an end was recorded.
    fin_constatee_on = models.DateField("fin constatée le", null=True)
    motif_fin = models.CharField("motif de la fin", max_length=200, blank=True)

    class Meta(ServiceBound.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["id", "service"], name="dossier_and_service"),
            models.UniqueConstraint(fields=["service", "numero"], name="dossier_numero_once"),
            models.CheckConstraint(
                name="dossier_echeance_complete",
                condition=Q(echeance="", echeance_on__isnull=True)
                | (~Q(echeance="") & Q(echeance_on__isnull=False)),
            ),
            models.CheckConstraint(
                name="dossier_droit_under_revision",
                condition=Q(etat_droit="")
                | Q(
                    etat_droit__in=["ouvert", "suspendu"],
                    etat__in=["complet", "visite", "evalue", "propose", "accepte"],
                ),
            ),
            models.CheckConstraint(
                name="dossier_end_after_start",
                condition=Q(fin_droit_on__isnull=True) | Q(fin_droit_on__gte=F("ouvert_on")),
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["service", "echeance_on", "id"], name="dossier_echeances"),
            models.Index(fields=["service", "etat", "echeance_on"], name="dossier_etats"),
        ]


class CompteurDossier(PurposeBound):
    """The last number given by an organisme in a year; its row is the lock that allots the next."""

    organisme = models.ForeignKey(Organisme, models.PROTECT, related_name="+")
    annee = models.PositiveSmallIntegerField("année")
    dernier = models.PositiveIntegerField("dernier numéro", default=0)

    class Meta(PurposeBound.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organisme", "annee"], name="compteur_once"),
        ]
