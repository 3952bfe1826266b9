"""How long the APA keeps each model: six years after the right, then nothing (CASF R. 232-46)."""

from datetime import date

from egide.kernel.retention.declarations import (
    SCHEDULES,
    Among,
    Event,
    FallsWith,
    Fate,
    Held,
    Keep,
    Lasting,
    Schedule,
    Standing,
)
from egide.rules.apa.delais import delai
from egide.systems.apa_ash.models import Dossier
from egide.systems.apa_ash.purposes import PURGE, SYSTEM

OF_A_FILE = (
    "Aidant",
    "CompteBancaire",
    "Conjoint",
    "Coordonnees",
    "Courrier",
    "Decision",
    "Demande",
    "Droit",
    "Evaluation",
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
    "Protection",
    "Ressources",
    "Visite",
)

DOSSIER = Keep(
    "apa_ash.Dossier",
    for_=delai("conservation_dossier"),
    after=Event.FIN_DROIT,
    unless=(
        Among("un droit court encore", "etat", ("ouvert", "suspendu")),
        Among("un droit court encore, en révision", "etat_droit", ("ouvert", "suspendu")),
        Standing("un indu reste à recouvrer", "apa_ash.Indu", "etat", ("constate", "notifie")),
        Standing(
            "le domicile de secours est contesté",
            "apa_ash.LitigeSecours",
            "etat",
            ("conteste", "transmis"),
        ),
        Held("le dossier est gelé", "apa_ash.Gel", "jusqu_on"),
    ),
    then=Fate.DELETE,
    source="CASF R. 232-46",
)

SCHEDULE = Schedule(
    system=SYSTEM,
    subject="apa_ash.Dossier",
    purpose=PURGE,
    trail=delai("journal"),
    connections=delai("donnees_connexion"),
    # Without a right that ended, the last contact of the person is the last that is known of them.
    days={Event.FIN_DROIT: ("fin_droit_on", "dernier_contact_on")},
    rules=(
        DOSSIER,
        *(FallsWith(f"apa_ash.{model}", "apa_ash.Dossier", by="dossier_id") for model in OF_A_FILE),
        # It names everybody whom a run paid: it goes with the first of them, and the run stays.
        FallsWith("apa_ash.FichierPaiement", "apa_ash.Paiement", by="lot_id", of="lot_id"),
        Lasting("apa_ash.CompteurDossier", "numérotation, sans personne", "CASF R. 232-23"),
        Lasting("apa_ash.Prestataire", "service d’aide, personne morale", "CASF L. 232-15"),
        Lasting("apa_ash.ReglementPrestataire", "règlement d’un service", "CASF L. 232-15"),
        Lasting("apa_ash.LotPaiement", "lot d’un mois, sans bénéficiaire", "CASF R. 232-30"),
        Lasting("apa_ash.Import", "empreinte d’un fichier, sans son contenu", "CASF R. 232-17"),
        Lasting("apa_ash.Campagne", "campagne d’un service, sans bénéficiaire", "CASF L. 232-4"),
    ),
)
SCHEDULES.register(SCHEDULE)


def destroyed_after(dossier: Dossier) -> date | None:
    """Give the last day on which a file is kept, what holds it apart."""
    return DOSSIER.until(SCHEDULE.days_of(dossier))
