"""Who the person is and who stands beside them: one volet a table (CASF R. 232-41, 1°, a to h)."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Left

from egide.kernel.access.models import Agent
from egide.kernel.access.rows import ServiceBound
from egide.systems.apa_ash.models.dossier import Dossier


class Sexe(models.TextChoices):
    """Sex as civil status records it."""

    FEMININ = "F", "féminin"
    MASCULIN = "M", "masculin"


class Identite(ServiceBound):
    """Civil status (R. 232-41, 1° b); `nom_normalise` orders and finds names everywhere alike."""

    dossier = models.OneToOneField(Dossier, models.CASCADE, related_name="identite")
    nom_naissance = models.CharField("nom de naissance", max_length=100)
    nom_usage = models.CharField("nom d’usage", max_length=100, blank=True)
    prenoms = models.CharField("prénoms", max_length=150)
    sexe = models.CharField("sexe", max_length=1, choices=Sexe.choices)
    naissance_on = models.DateField("né(e) le")
    naissance_lieu = models.CharField("lieu de naissance", max_length=120, blank=True)
    deces_on = models.DateField("décédé(e) le", null=True)
    nom_normalise = models.CharField("nom pour la recherche", max_length=260, db_collation="C")
    # What a number, a tax notice and another administration know.
    naissance_normalisee = models.CharField(
        "nom de naissance pour la recherche", max_length=260, db_collation="C"
    )

    class Meta(ServiceBound.Meta):
        constraints: ClassVar = [
            models.CheckConstraint(
                name="identite_death_after_birth",
                condition=Q(deces_on__isnull=True) | Q(deces_on__gte=F("naissance_on")),
            ),
        ]
        indexes: ClassVar = [
            # One service is read in the order of its names; several, in the order of all names.
            models.Index(fields=["service", "nom_normalise", "id"], name="identite_noms"),
            models.Index(fields=["nom_normalise", "id"], name="identite_noms_tous"),
            models.Index(fields=["naissance_normalisee"], name="identite_noms_naissance"),
        ]

    @property
    def nom(self) -> str:
        """Give the name that the person uses."""
        return self.nom_usage or self.nom_naissance

    @property
    def nom_complet(self) -> str:
        """Give title, first name and name, as the screens and letters show them."""
        civilite = "Mme" if self.sexe == Sexe.FEMININ else "M."
        return f"{civilite} {self.prenoms.split()[0]} {self.nom}"


class StatutNir(models.TextChoices):
    """How sure the number is (R. 232-42): nothing is exchanged before it is certified."""

    ABSENT = "absent", "non fourni"
    DECLARE = "declare", "déclaré, à vérifier"
    COHERENT = "coherent", "déclaré, clé exacte"
    CERTIFIE = "certifie", "certifié"
    ATTENTE = "attente", "numéro d’attente (NIA)"
    REJETE = "rejete", "rejeté par le contrôle"


class SourceNir(models.TextChoices):
    """Where the number was verified, as the CNIL lists it (2017-142)."""

    AUCUNE = "", "—"
    SNGI = "sngi", "SNGI"
    RNCPS = "rncps", "RNCPS"
    VITALE = "vitale", "carte Vitale"


class Nir(ServiceBound):
    """The NIR or the NIA, and the former ones (R. 232-41, 1° a; R. 232-42)."""

    dossier = models.OneToOneField(Dossier, models.CASCADE, related_name="nir")
    nir = models.CharField("NIR", max_length=15, blank=True)
    statut = models.CharField("statut", max_length=10, choices=StatutNir.choices)
    verifie_on = models.DateField("vérifié le", null=True)
    verifie_aupres = models.CharField(
        "vérifié auprès de", max_length=8, choices=SourceNir.choices, blank=True
    )
    anciens = ArrayField(models.CharField(max_length=15), verbose_name="anciens", default=list)

    class Meta(ServiceBound.Meta):
        constraints: ClassVar = [
            models.CheckConstraint(
                name="nir_certified_somewhere",
                condition=~Q(statut=StatutNir.CERTIFIE)
                | (Q(verifie_on__isnull=False) & ~Q(verifie_aupres="")),
            ),
            models.CheckConstraint(
                name="nir_absent_or_present",
                condition=Q(statut=StatutNir.ABSENT, nir="")
                | (~Q(statut=StatutNir.ABSENT) & ~Q(nir="")),
            ),
        ]
        indexes: ClassVar = [
            # A number is one person's with its key or without: what is found is compared so.
            models.Index(Left("nir", 13), name="nir_numeros", condition=~Q(nir="")),
        ]


class Coordonnees(ServiceBound):
    """Where the person lives and can be reached (R. 232-41, 1° c)."""

    dossier = models.OneToOneField(Dossier, models.CASCADE, related_name="coordonnees")
    adresse = models.CharField("adresse", max_length=200)
    code_postal = models.CharField("code postal", max_length=5)
    commune = models.CharField("commune", max_length=100)
    telephone = models.CharField("téléphone", max_length=20, blank=True)
    courriel = models.EmailField("courriel", blank=True)

    class Meta(ServiceBound.Meta):
        constraints: ClassVar = [
            models.CheckConstraint(
                name="coordonnees_code_postal", condition=Q(code_postal__regex=r"^[0-9]{5}$")
            ),
        ]


class Aidant(ServiceBound):
    """A relative who helps (R. 232-41, 1° h)."""

    dossier = models.ForeignKey(Dossier, models.CASCADE, related_name="aidants")
    nom = models.CharField("nom et prénom", max_length=150)
    lien = models.CharField("lien", max_length=60)
    telephone = models.CharField("téléphone", max_length=20, blank=True)
    adresse = models.CharField("adresse", max_length=200, blank=True)
    # What opens the répit and the relay (L. 232-3-2, L. 232-3-3): nobody can stand in for them.
    indispensable = models.BooleanField("présence indispensable", default=False)


class LienConjoint(models.TextChoices):
    """What makes a couple: its resources are counted together (CASF L. 232-4, R. 232-5)."""

    MARIAGE = "mariage", "Mariage"
    PACS = "pacs", "PACS"
    CONCUBINAGE = "concubinage", "Concubinage"


class Conjoint(ServiceBound):
    """The other half of the couple (R. 232-41, 1° e): who they are, never what they suffer from."""

    dossier = models.OneToOneField(Dossier, models.CASCADE, related_name="conjoint")
    lien = models.CharField("lien", max_length=12, choices=LienConjoint.choices)
    nom_naissance = models.CharField("nom de naissance", max_length=100)
    nom_usage = models.CharField("nom d’usage", max_length=100, blank=True)
    prenoms = models.CharField("prénoms", max_length=150)
    naissance_on = models.DateField("né(e) le")


class Mesure(models.TextChoices):
    """A legal protection with representation or assistance."""

    TUTELLE = "tutelle", "Tutelle"
    CURATELLE = "curatelle", "Curatelle"
    SAUVEGARDE = "sauvegarde", "Sauvegarde de justice"
    HABILITATION_FAMILIALE = "habilitation_familiale", "Habilitation familiale"
    MANDAT = "mandat", "Mandat de protection future"


class Protection(ServiceBound):
    """The legal protection and who exercises it (R. 232-41, 1° g)."""

    dossier = models.OneToOneField(Dossier, models.CASCADE, related_name="protection")
    mesure = models.CharField("mesure", max_length=24, choices=Mesure.choices)
    nom = models.CharField("exercée par", max_length=150)
    adresse = models.CharField("adresse", max_length=200, blank=True)
    telephone = models.CharField("téléphone", max_length=20, blank=True)


class CompteBancaire(ServiceBound):
    """Where the APA is paid: the payment volet alone holds it, no exchange takes it."""

    dossier = models.OneToOneField(Dossier, models.CASCADE, related_name="compte")
    titulaire = models.CharField("titulaire", max_length=150)
    iban = models.CharField("IBAN", max_length=34)
    saisi_on = models.DateField("saisi le", null=True)
    saisi_par = models.ForeignKey(Agent, models.PROTECT, null=True, related_name="+")


class QualiteSuccession(models.TextChoices):
    """Who answers for an estate."""

    NOTAIRE = "notaire", "Notaire chargé de la succession"
    HERITIER = "heritier", "Héritier"


class SourceSuccession(models.TextChoices):
    """Who told to whom the letters of the estate go."""

    FAMILLE = "famille", "La famille"
    NOTAIRE = "notaire", "Le notaire"
    MAIRIE = "mairie", "La mairie ou l’état civil"
    BANQUE = "banque", "La banque"


class Succession(ServiceBound):
    """To whom the letters of an estate go, after a death: a name and an address, no kinship."""

    dossier = models.OneToOneField(Dossier, models.CASCADE, related_name="succession")
    qualite = models.CharField("qualité", max_length=8, choices=QualiteSuccession.choices)
    nom = models.CharField("nom", max_length=150)
    adresse = models.CharField("adresse", max_length=200)
    code_postal = models.CharField("code postal", max_length=5)
    commune = models.CharField("commune", max_length=100)
    depuis_on = models.DateField("connu depuis le")
    source = models.CharField("connu par", max_length=8, choices=SourceSuccession.choices)

    class Meta(ServiceBound.Meta):
        constraints: ClassVar = [
            models.CheckConstraint(
                name="succession_code_postal", condition=Q(code_postal__regex=r"^[0-9]{5}$")
            ),
        ]
