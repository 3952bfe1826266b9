"""How long the APA keeps a file: two years in use, six for statistics, then nothing of anybody."""

from dataclasses import replace
from datetime import date

from egide.kernel.retention.archives import Anonymous, Archive, Archived, Fact, Grain
from egide.kernel.retention.clocks import (
    Among,
    Condition,
    Event,
    Fate,
    First,
    Held,
    Keep,
    Latest,
    Running,
    Standing,
)
from egide.kernel.retention.declarations import SCHEDULES, FallsWith, Lasting, Schedule
from egide.rules.apa.delais import delai
from egide.rules.secret_statistique.parametres import bareme
from egide.systems.apa_ash.models import Dossier
from egide.systems.apa_ash.models.controle import OUVERTS
from egide.systems.apa_ash.purposes import PURGE, SYSTEM

OF_A_FILE = (
    "Aidant",
    "AidePonctuelle",
    "CompteBancaire",
    "Conjoint",
    "Coordonnees",
    "Courrier",
    "Decision",
    "Demande",
    "DemandeJustificatif",
    "Droit",
    "Evaluation",
    "EvaluationBesoins",
    "Facture",
    "Gel",
    "GrilleAggir",
    "Identite",
    "Indu",
    "Interruption",
    "LigneCampagne",
    "LignePlan",
    "LigneRessource",
    "LitigeSecours",
    "Nir",
    "Paiement",
    "Piece",
    "PlanAide",
    "Prestation",
    "ProjetDecision",
    "Protection",
    "Relais",
    "Remboursement",
    "Remise",
    "Ressources",
    "Succession",
    "Visite",
)

IN_USE: tuple[Condition, ...] = (
    # The rights themselves: what a file says of its state may be mistaken, and the end of a right
    # closes it without writing there.
    Running("un droit court encore", "apa_ash.Droit", "periode"),
    Among("un droit court encore", "etat", ("ouvert", "suspendu"), until="fin_droit_on"),
    Among(
        "un droit court encore, en révision",
        "etat_droit",
        ("ouvert", "suspendu"),
        until="fin_droit_on",
    ),
    Standing("un indu reste à recouvrer", "apa_ash.Indu", "etat", tuple(map(str, OUVERTS))),
    Standing(
        "le domicile de secours est contesté",
        "apa_ash.LitigeSecours",
        "etat",
        ("conteste", "transmis"),
    ),
    Held("le dossier est gelé", "apa_ash.Gel", "jusqu_on"),
)

ACTIVE = Keep(
    "apa_ash.Dossier",
    for_=delai("base_active"),
    after=Event.DERNIER_CONTACT,
    unless=IN_USE,
    then=Fate.ARCHIVE,
    source="CNIL 2017-142",
)
DOSSIER = Keep(
    "apa_ash.Dossier",
    for_=delai("conservation_dossier"),
    after=Event.FIN_DROIT,
    unless=IN_USE,
    then=Fate.DELETE,
    source="CASF R. 232-46",
)

# What D. 232-39 has the département transmit, without a word on who the person is.
STATISTICS = (
    Archived("apa_ash.Dossier", ("departement_secours", "ouvert_on", "fin_droit_on")),
    Archived("apa_ash.Identite", ("sexe", "naissance_on", "deces_on")),
    Archived("apa_ash.Demande", ("nature", "recue_on", "complete_on")),
    Archived("apa_ash.Evaluation", ("faite_on", "gir")),
    Archived("apa_ash.GrilleAggir", ("lettres", "rang")),
    Archived("apa_ash.Decision", ("nature", "prise_on", "effet_on")),
    Archived(
        "apa_ash.Droit",
        (
            "periode",
            "gir",
            "couple",
            "ressources_mensuelles",
            "plan_mensuel",
            "participation",
            "apa",
        ),
    ),
    Archived("apa_ash.LignePlan", ("nature", "mode", "volume_mensuel", "unite", "montant_mensuel")),
    Archived("apa_ash.AidePonctuelle", ("nature", "montant")),
    Archived("apa_ash.Facture", ("depense_on", "retenu", "a_verser")),
    Archived("apa_ash.Paiement", ("mois_du", "montant")),
)

FIN_MOIS = Fact("fin", "apa_ash.Dossier", "fin_droit_on", Grain.MOIS)
FIN = Fact("fin", "apa_ash.Dossier", "fin_droit_on", Grain.ANNEE)
SEXE = Fact("sexe", "apa_ash.Identite", "sexe")
GIR = Fact("gir", "apa_ash.Droit", "gir")
NAISSANCE = Fact("naissance", "apa_ash.Identite", "naissance_on", Grain.CINQ_ANS)
GENERATION = Fact("naissance", "apa_ash.Identite", "naissance_on", Grain.DIX_ANS)

ARCHIVE = Archive(
    parts=STATISTICS,
    end=replace(DOSSIER, unless=(), then=Fate.ANONYMISE),
    anonymous=Anonymous(
        k=lambda day: int(bareme(day)["seuil_frequence"]),
        levels=(
            (FIN_MOIS, SEXE, NAISSANCE, GIR),
            (FIN, SEXE, NAISSANCE, GIR),
            (FIN, GENERATION, GIR),
            (FIN, GIR),
            (FIN,),
        ),
    ),
)

SCHEDULE = Schedule(
    system=SYSTEM,
    subject="apa_ash.Dossier",
    purpose=PURGE,
    trail=delai("journal"),
    connections=delai("donnees_connexion"),
    days={
        # While a right runs the person is followed: two years start no earlier than its end.
        Event.DERNIER_CONTACT: Latest(("fin_droit_on", "dernier_contact_on", "fin_constatee_on")),
        # Without a right that ended, the last contact is the last that is known of the person. An
        # end may be told years late, after months were paid: it counts from the day that it was
        # recorded, or a mistaken date would have the file destroyed the same night.
        Event.FIN_DROIT: Latest(
            (First(("fin_droit_on", "dernier_contact_on")), "fin_constatee_on")
        ),
    },
    archive=ARCHIVE,
    rules=(
        DOSSIER,
        ACTIVE,
        *(FallsWith(f"apa_ash.{model}", "apa_ash.Dossier", by="dossier_id") for model in OF_A_FILE),
        # It names everybody whom a run paid, and proves it: it goes with the last of them.
        FallsWith(
            "apa_ash.FichierPaiement", "apa_ash.Paiement", by="lot_id", of="lot_id", last=True
        ),
        Lasting("apa_ash.CompteurDossier", "numérotation, sans personne", "CASF R. 232-23"),
        Lasting("apa_ash.Prestataire", "service d’aide, personne morale", "CASF L. 232-15"),
        Lasting("apa_ash.ReglementPrestataire", "règlement d’un service", "CASF L. 232-15"),
        Lasting("apa_ash.LotPaiement", "lot d’un mois, sans bénéficiaire", "CASF R. 232-30"),
        Lasting("apa_ash.Import", "empreinte d’un fichier, sans son contenu", "CASF R. 232-17"),
        Lasting("apa_ash.Campagne", "campagne d’un service, sans bénéficiaire", "CASF L. 232-4"),
    ),
)
SCHEDULES.register(SCHEDULE)


def in_use_until(dossier: Dossier) -> date:
    """Give the last day of a file in the active base, what holds it apart."""
    days = SCHEDULE.days_of(dossier)
    return min(day for clock in SCHEDULE.clocks if (day := clock.until(days)))


def archived_until(dossier: Dossier) -> date | None:
    """Give the last day of what statistics keep of a file; None when its clock has not started."""
    return ARCHIVE.end.until(SCHEDULE.days_of(dossier))
