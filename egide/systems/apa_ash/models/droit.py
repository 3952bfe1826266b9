"""Decisions, the rights that they open, what interrupts them, and the letters that tell them."""

from typing import ClassVar

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q, Value
from django.db.models.functions import Now

from egide.kernel.access.models import Agent
from egide.kernel.access.rows import ServiceBound
from egide.systems.apa_ash.models.dossier import Dossier
from egide.systems.apa_ash.models.plan import PlanAide


class NatureDecision(models.TextChoices):
    """What is decided (CASF L. 232-14, R. 232-27 to R. 232-29)."""

    ACCORD = "accord", "Accord"
    REJET = "rejet", "Rejet"
    FORFAIT_TACITE = "forfait_tacite", "Forfait tacite"
    URGENCE = "urgence", "Attribution en urgence"
    SUSPENSION = "suspension", "Suspension"
    REPRISE = "reprise", "Reprise du versement"
    REVALORISATION = "revalorisation", "Revalorisation"
    FIN = "fin", "Fin du droit"
    MAINTIEN = "maintien", "Maintien du droit"
    ANNULATION = "annulation", "Annulation d’un décès"
    RELAIS = "relais", "Relais de l’aidant hospitalisé"
    REFUS_RELAIS = "refus_relais", "Refus du relais de l’aidant"


class Decision(ServiceBound):
    """A dated act of the président du conseil départemental, with the sheet that explains it."""

    dossier = models.ForeignKey(Dossier, models.CASCADE, related_name="decisions")
    plan = models.ForeignKey(PlanAide, models.PROTECT, null=True, related_name="decisions")
    nature = models.CharField("nature", max_length=16, choices=NatureDecision.choices)
    prise_on = models.DateField("prise le")
    notifiee_on = models.DateField("notifiée le", null=True)
    effet_on = models.DateField("à effet du")
    revision_on = models.DateField("à réviser au plus tard le", null=True)
    motif = models.CharField("motif", max_length=300, blank=True)
    feuille = models.JSONField("feuille de calcul", null=True)
    deja_verse = models.DecimalField(
        "déjà versé au titre de l’avance, ou au-delà du droit",
        max_digits=10,
        decimal_places=2,
        default=0,
    )
    prise_par = models.ForeignKey(Agent, models.PROTECT, null=True, related_name="+")
    # A decision is never written again: the one that undoes another names it.
    annule = models.OneToOneField("self", models.PROTECT, null=True, related_name="annulee_par")
    # Of two decisions of one day, which came after: PostgreSQL writes it, whatever an agent says.
    ecrite_a = models.DateTimeField("écrite à", db_default=Now())
    # Of a death alone: PostgreSQL writes what the file and its rights were, whatever an agent says.
    avant = models.JSONField("ce qu’un décès a fermé", null=True)

    class Meta(ServiceBound.Meta):
        constraints: ClassVar = [
            models.CheckConstraint(
                name="decision_notified_after_taken",
                condition=Q(notifiee_on__isnull=True) | Q(notifiee_on__gte=F("prise_on")),
            ),
            models.CheckConstraint(
                name="decision_against_has_a_motif",
                condition=~Q(
                    nature__in=[
                        *("rejet", "suspension", "fin", "maintien", "annulation"),
                        "refus_relais",
                    ]
                )
                | ~Q(motif=""),
            ),
            models.CheckConstraint(
                name="decision_deja_verse_not_negative", condition=Q(deja_verse__gte=0)
            ),
            # The months that follow are paid as it says: an agreement alone has a plan.
            models.CheckConstraint(
                name="decision_plan_of_an_agreement",
                condition=Q(plan__isnull=True) | Q(nature=NatureDecision.ACCORD),
            ),
        ]


class Droit(ServiceBound):
    """What is due over a period. Periods of one file never overlap."""

    dossier = models.ForeignKey(Dossier, models.CASCADE, related_name="droits")
    decision = models.ForeignKey(Decision, models.PROTECT, related_name="droits", db_index=False)
    periode = DateRangeField("période")
    gir = models.PositiveSmallIntegerField("GIR")
    couple = models.BooleanField("couple")
    ressources_mensuelles = models.DecimalField(
        "ressources mensuelles", max_digits=11, decimal_places=2
    )
    plan_mensuel = models.DecimalField("plan mensuel", max_digits=10, decimal_places=2)
    taux_participation = models.DecimalField(
        "taux de participation", max_digits=9, decimal_places=8
    )
    participation = models.DecimalField("participation", max_digits=10, decimal_places=2)
    apa = models.DecimalField("APA mensuelle", max_digits=10, decimal_places=2)
    forfait = models.BooleanField("forfait provisoire", default=False)

    class Meta(ServiceBound.Meta):
        constraints: ClassVar = [
            ExclusionConstraint(
                name="droit_one_at_a_time",
                expressions=[
                    ("dossier", RangeOperators.EQUAL),
                    ("periode", RangeOperators.OVERLAPS),
                ],
                violation_error_message="Un droit est déjà ouvert sur une part de la période.",
            ),
            # Shortened, then opened again by the same decision, it would end for nobody.
            models.UniqueConstraint(fields=["decision"], name="droit_one_a_decision"),
            models.CheckConstraint(
                name="droit_taux_in_0_1", condition=Q(taux_participation__range=(0, 1))
            ),
            models.CheckConstraint(
                name="droit_amounts",
                condition=Q(plan_mensuel__gte=0, participation__gte=0, apa__gte=0)
                & Q(apa__lte=F("plan_mensuel")),
            ),
        ]


class NatureInterruption(models.TextChoices):
    """What stops the payment for a time (CASF R. 232-16, R. 232-32)."""

    HOSPITALISATION = "hospitalisation", "Hospitalisation"
    HOSPITALISATION_DOMICILE = "had", "Hospitalisation à domicile"
    SUSPENSION = "suspension", "Suspension"


class Interruption(ServiceBound):
    """A hospital stay or a suspension; an open period has no end yet."""

    dossier = models.ForeignKey(Dossier, models.CASCADE, related_name="interruptions")
    nature = models.CharField("nature", max_length=16, choices=NatureInterruption.choices)
    periode = DateRangeField("période")
    motif = models.CharField("motif", max_length=300, blank=True)
    mise_en_demeure_on = models.DateField("mise en demeure le", null=True)

    class Meta(ServiceBound.Meta):
        constraints: ClassVar = [
            ExclusionConstraint(
                name="interruption_one_of_a_kind",
                expressions=[
                    ("dossier", RangeOperators.EQUAL),
                    ("nature", RangeOperators.EQUAL),
                    ("periode", RangeOperators.OVERLAPS),
                ],
                violation_error_message="Cette période en recouvre une autre de même nature.",
            ),
        ]


class Courrier(ServiceBound):
    """A letter as it was sent: the PDF, its kind, its day."""

    dossier = models.ForeignKey(Dossier, models.CASCADE, related_name="courriers")
    # Looked up in the index of what tells it once.
    decision = models.ForeignKey(
        Decision, models.PROTECT, null=True, related_name="courriers", db_index=False
    )
    nature = models.CharField("nature", max_length=30)
    # The service that it goes to, by its name; none: the person, or whoever answers for her.
    destinataire = models.CharField("service destinataire", max_length=200, blank=True)
    # Whom the letter names, as it left: a guardian may change, and the person die.
    nom_destinataire = models.CharField("destinataire écrit", max_length=600, blank=True)
    succession = models.BooleanField("adressé à la succession", default=False)
    # The ground that a formal notice gives: a suspension has the same (R. 232-16).
    motif = models.CharField("motif de la mise en demeure", max_length=16, blank=True)
    cree_on = models.DateField("créé le")
    # What a formal notice reproached was put right, before any suspension; who said so, and when.
    regularisee_on = models.DateField("situation régularisée le", null=True)
    constatee_on = models.DateField("régularisation constatée le", null=True)
    constatee_par = models.ForeignKey(Agent, models.PROTECT, null=True, related_name="+")
    # What runs against whoever receives it begins the day it was posted, not the day it was signed.
    poste_on = models.DateField("posté le", null=True)
    # Said late, it puts off what runs: nobody dates it.
    poste_constate_on = models.DateField("dépôt noté le", null=True)
    poste_par = models.ForeignKey(Agent, models.PROTECT, null=True, related_name="+")
    empreinte = models.CharField("empreinte SHA-256", max_length=64)
    pdf = models.BinaryField("PDF")

    class Meta(ServiceBound.Meta):
        constraints: ClassVar = [
            models.CheckConstraint(
                name="courrier_regularise_after_a_notice",
                condition=Q(
                    regularisee_on__isnull=True,
                    constatee_on__isnull=True,
                    constatee_par__isnull=True,
                )
                | Q(
                    nature="mise_en_demeure",
                    regularisee_on__isnull=False,
                    regularisee_on__gte=F("cree_on"),
                    constatee_on__isnull=False,
                    constatee_on__gte=F("regularisee_on"),
                    constatee_par__isnull=False,
                ),
            ),
            models.CheckConstraint(
                name="courrier_posted_once_written",
                condition=Q(
                    poste_on__isnull=True,
                    poste_par__isnull=True,
                    poste_constate_on__isnull=True,
                )
                | Q(
                    poste_on__gte=F("cree_on"),
                    poste_par__isnull=False,
                    poste_constate_on__isnull=False,
                ),
            ),
            # Told twice, a decision would run its delays from the second letter.
            models.UniqueConstraint(
                fields=["decision", "nature", "destinataire"], name="courrier_tells_once"
            ),
            models.CheckConstraint(
                name="courrier_sealed",
                condition=Q(
                    empreinte=Func(
                        Func(F("pdf"), function="sha256"),
                        Value("hex"),
                        function="encode",
                        output_field=models.CharField(),
                    )
                ),
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["dossier", "cree_on"], name="courrier_dossier"),
            # What waits to be posted is few among the letters of years.
            models.Index(
                fields=["service", "cree_on", "id"],
                name="courrier_a_poster",
                condition=Q(poste_on__isnull=True),
            ),
        ]
