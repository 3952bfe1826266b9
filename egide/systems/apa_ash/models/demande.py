"""The request, its pieces and its clock (CASF R. 232-23)."""

from datetime import date
from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from egide.kernel.access.rows import ServiceBound
from egide.systems.apa_ash.models.dossier import Dossier


class NatureDemande(models.TextChoices):
    """What is asked."""

    PREMIERE = "premiere", "Première demande"
    REVISION = "revision", "Demande de révision"
    URGENCE = "urgence", "Demande en urgence"


class Canal(models.TextChoices):
    """How the request came."""

    COURRIER = "courrier", "Courrier"
    GUICHET = "guichet", "Guichet"
    CCAS = "ccas", "CCAS ou CIAS"
    TELESERVICE = "teleservice", "Téléservice"
    ASEPA = "asepa", "Parcours commun ASEPA"
    FICHIER = "fichier", "Fichier reçu"


class Demande(ServiceBound):
    """A dated request; the day the file is complete starts the two months of the decision."""

    dossier = models.ForeignKey(Dossier, models.CASCADE, related_name="demandes")
    nature = models.CharField("nature", max_length=10, choices=NatureDemande.choices)
    canal = models.CharField("reçue par", max_length=12, choices=Canal.choices)
    recue_on = models.DateField("reçue le")
    complete_on = models.DateField("complète le", null=True)
    accuse_on = models.DateField("accusé de réception le", null=True)
    # The person gave her request up on this day, and how she said so.
    desistee_on = models.DateField("désistée le", null=True)
    desistee_par = models.CharField(
        "désistement reçu par", max_length=12, choices=Canal.choices, blank=True, db_default=""
    )
    residence_stable = models.BooleanField("résidence stable et régulière", default=True)
    urgence_attestee_par = models.CharField("urgence attestée par", max_length=150, blank=True)
    reference_externe = models.CharField("référence de l’émetteur", max_length=60, blank=True)

    class Meta(ServiceBound.Meta):
        constraints: ClassVar = [
            models.CheckConstraint(
                name="demande_complete_after_receipt",
                condition=Q(complete_on__isnull=True) | Q(complete_on__gte=F("recue_on")),
            ),
            models.CheckConstraint(
                name="demande_ack_after_receipt",
                condition=Q(accuse_on__isnull=True) | Q(accuse_on__gte=F("recue_on")),
            ),
            models.CheckConstraint(
                name="demande_given_up_after_receipt",
                condition=Q(desistee_on__isnull=True, desistee_par="")
                | Q(desistee_on__gte=F("recue_on")) & ~Q(desistee_par=""),
            ),
            models.CheckConstraint(
                name="demande_urgence_attested",
                condition=~Q(nature=NatureDemande.URGENCE) | ~Q(urgence_attestee_par=""),
            ),
            models.UniqueConstraint(
                fields=["service", "reference_externe"],
                name="demande_reference_once",
                condition=~Q(reference_externe=""),
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["dossier", "recue_on"], name="demande_dossier")]


class CodePiece(models.TextChoices):
    """The pieces that the form asks for (CASF annexe 2-3)."""

    IDENTITE = "identite", "Pièce d’identité ou titre de séjour"
    IMPOSITION = "imposition", "Dernier avis d’imposition"
    TAXE_FONCIERE = "taxe_fonciere", "Dernière taxe foncière"
    RIB = "rib", "Relevé d’identité bancaire"


class Piece(ServiceBound):
    """One piece expected with a request: received, no longer asked for, or missing."""

    dossier = models.ForeignKey(Dossier, models.CASCADE, related_name="pieces")
    demande = models.ForeignKey(Demande, models.CASCADE, related_name="pieces")
    code = models.CharField("pièce", max_length=16, choices=CodePiece.choices)
    recue_on = models.DateField("reçue le", null=True)
    reclamee_on = models.DateField("réclamée le", null=True)
    # The person said on this day that she owns no land nor house: no tax notice exists to be sent.
    dispensee_on = models.DateField("non demandée depuis le", null=True)

    class Meta(ServiceBound.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["demande", "code"], name="piece_once"),
            models.CheckConstraint(
                name="piece_waived_not_received",
                condition=Q(dispensee_on__isnull=True)
                | Q(recue_on__isnull=True, code=CodePiece.TAXE_FONCIERE),
            ),
        ]

    @property
    def reglee_on(self) -> date | None:
        """Give the day from which the piece is not awaited any more, or none."""
        return self.recue_on or self.dispensee_on
