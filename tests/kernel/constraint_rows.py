"""One row that each declared constraint refuses, and the nearest one that it lets in."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import Model
from django.utils import timezone

from egide.kernel.access import models as a
from egide.systems.apa_ash import models as m
from tests.personas import Cast

DAY, EVE, MORROW = date(2026, 9, 15), date(2026, 9, 14), date(2026, 9, 16)
FIRST = date(2026, 9, 1)
CENT = Decimal("0.01")
SEALED = hashlib.sha256(b"%PDF").hexdigest()


@dataclass(frozen=True)
class At:
    """A row of the scene, by its name."""

    name: str


@dataclass
class Scene:
    """The rows that others hang on, made when a case first names them."""

    team: Cast

    def __getattr__(self, name: str) -> Any:
        return getattr(self.team, name)

    @cached_property
    def dossier(self) -> Model:
        return self.make(m.Dossier, numero="2026-90001")

    @cached_property
    def other(self) -> Model:
        return self.make(m.Dossier, numero="2026-90002")

    @cached_property
    def elsewhere(self) -> Model:
        return self.make(m.Dossier, numero="2026-90001", service=self.team.sud)

    @cached_property
    def prestataire(self) -> Model:
        return self.make(m.Prestataire, siret="00000000000001")

    @cached_property
    def demande(self) -> Model:
        return self.make(m.Demande)

    @cached_property
    def decision(self) -> Model:
        return self.make(m.Decision)

    @cached_property
    def next_decision(self) -> Model:
        return self.make(m.Decision)

    @cached_property
    def droit(self) -> Model:
        return self.make(m.Droit)

    @cached_property
    def other_droit(self) -> Model:
        decision = self.make(m.Decision, dossier=self.other)
        return self.make(m.Droit, dossier=self.other, decision=decision)

    @cached_property
    def plan(self) -> Model:
        return self.make(m.PlanAide)

    @cached_property
    def lot(self) -> Model:
        return self.make(m.LotPaiement)

    @cached_property
    def aidant(self) -> Model:
        return self.make(m.Aidant)

    @cached_property
    def aide(self) -> Model:
        return self.make(m.AidePonctuelle)

    @cached_property
    def relais(self) -> Model:
        return self.make(m.Relais)

    @cached_property
    def indu(self) -> Model:
        return self.make(m.Indu)

    @cached_property
    def ressources(self) -> Model:
        return self.make(m.Ressources)

    @cached_property
    def evaluation(self) -> Model:
        return self.make(m.Evaluation)

    @cached_property
    def campagne(self) -> Model:
        return self.make(m.Campagne)

    @cached_property
    def habilitation(self) -> Model:
        return self.make(a.Habilitation)

    def make(self, model: type[Model], **fields: Any) -> Model:
        """Save a sound row of a model, but for the fields given."""
        row = self.build(model, **fields)
        row.save()
        return row

    def build(self, model: type[Model], **fields: Any) -> Model:
        """Save what a row hangs on, and not yet the row."""
        names = {f.name for f in model._meta.concrete_fields}
        values = {k: v for k, v in HELD.items() if k in names} | FIELDS[model] | fields
        return model(
            **{k: getattr(self, v.name) if isinstance(v, At) else v for k, v in values.items()}
        )


HELD = {"service": At("nord"), "dossier": At("dossier"), "organisme": At("departement")}
FIELDS: Mapping[Any, dict[str, Any]] = {
    m.Dossier: {
        "numero": "2026-90003",
        "ouvert_on": DAY,
        "dernier_contact_on": DAY,
        "departement_secours": "01",
    },
    m.CompteurDossier: {"annee": 2031},
    m.Identite: {
        "nom_naissance": "Roy",
        "prenoms": "Anne",
        "sexe": "F",
        "naissance_on": DAY,
        "nom_normalise": "roy anne",
        "naissance_normalisee": "roy anne",
    },
    m.Nir: {"nir": "239039912345689", "statut": "declare"},
    m.Coordonnees: {"adresse": "1 rue Haute", "code_postal": "01000", "commune": "Bourg"},
    m.Demande: {"nature": "premiere", "canal": "courrier", "recue_on": DAY},
    m.Piece: {"demande": At("demande"), "code": "rib"},
    m.Evaluation: {"faite_on": DAY, "gir": 2, "auteur": At("chloe")},
    m.Visite: {"evaluateur": At("chloe"), "prevue_on": DAY},
    m.GrilleAggir: {
        "evaluation": At("evaluation"),
        "adverbes": {},
        "lettres": "A",
        "groupe": "A",
        "sommes": {},
        "rang": 1,
        "version": "x",
    },
    m.EvaluationBesoins: {"evaluation": At("evaluation")},
    m.PlanAide: {"etat": "accepte", "gir": 2, "effet_on": DAY},
    m.LignePlan: {
        "plan": At("plan"),
        "nature": "toilette",
        "mode": "gre_a_gre",
        "volume_mensuel": Decimal(10),
        "unite": "heure",
        "tarif": Decimal(20),
    },
    m.Aidant: {"nom": "Roy Léa", "lien": "fille"},
    m.AidePonctuelle: {
        "plan": At("plan"),
        "nature": "aide_technique",
        "objet": "Lit",
        "montant": Decimal(400),
    },
    m.Relais: {
        "aidant": At("aidant"),
        "entree_on": DAY,
        "objet": "Accueil",
        "cout": Decimal(900),
        "etat": "demande",
    },
    m.DemandeJustificatif: {
        "depuis": EVE,
        "jusqu_on": DAY,
        "demandee_on": DAY,
        "demandee_par": At("carole"),
        "attendue_on": MORROW,
    },
    m.Succession: {
        "qualite": "notaire",
        "nom": "Maître Roy",
        "adresse": "1 rue Haute",
        "code_postal": "01000",
        "commune": "Bourg",
        "depuis_on": DAY,
        "source": "famille",
    },
    m.Facture: {
        "aide": At("aide"),
        "droit": At("droit"),
        "reference": "F1",
        "depense_on": DAY,
        "montant": Decimal(100),
        "retenu": Decimal(90),
        "taux_participation": Decimal("0.1"),
        "a_verser": Decimal(81),
        "saisie_on": DAY,
        "saisie_par": At("carole"),
    },
    m.Prestataire: {"nom": "Aide", "siret": "00000000000009", "tarif_horaire": Decimal(20)},
    m.ReglementPrestataire: {
        "prestataire": At("prestataire"),
        "mode": "service_fait",
        "depuis": FIRST,
    },
    m.Ressources: {
        "annee_reference": 2025,
        "source": "avis",
        "recueillies_on": DAY,
        "ressources_mensuelles": Decimal(900),
    },
    m.LigneRessource: {
        "ressources": At("ressources"),
        "nature": "pension",
        "montant_annuel": Decimal(1),
        "montant_retenu": Decimal(1),
    },
    m.Decision: {"nature": "accord", "prise_on": DAY, "effet_on": DAY},
    m.ProjetDecision: {
        "nature": "accord",
        "propose_on": DAY,
        "propose_par": At("carole"),
        "etat": "propose",
    },
    m.Droit: {
        "decision": At("decision"),
        "periode": DateRange(FIRST, None),
        "gir": 2,
        "couple": False,
        "ressources_mensuelles": Decimal(900),
        "plan_mensuel": Decimal(500),
        "taux_participation": Decimal(0),
        "participation": Decimal(0),
        "apa": Decimal(500),
    },
    m.Interruption: {"nature": "hospitalisation", "periode": DateRange(FIRST, DAY)},
    m.LotPaiement: {
        "mois": FIRST,
        "etat": "prepare",
        "prepare_par": At("paul"),
        "prepare_on": DAY,
    },
    m.Paiement: {
        "lot": At("lot"),
        "droit": At("droit"),
        "mois_du": FIRST,
        "montant_brut": Decimal(100),
    },
    m.FichierPaiement: {
        "lot": At("lot"),
        "forme": "sepa",
        "nom": "a.xml",
        "empreinte": "0" * 64,
        "contenu": b"x",
    },
    m.Import: {
        "nature": "heures",
        "empreinte": "0" * 64,
        "lignes": 1,
        "importe_on": DAY,
        "importe_par": At("carole"),
    },
    m.Prestation: {"prestataire": At("prestataire"), "mois": FIRST},
    m.Indu: {
        "mois": FIRST,
        "motif": "Séjour",
        "montant": Decimal(50),
        "constate_on": DAY,
        "constate_par": At("carole"),
        "prescrit_on": DAY,
        "etat": "notifie",
    },
    m.Remise: {
        "indu": At("indu"),
        "origine": "debiteur",
        "demandee_on": DAY,
        "demandee_par": At("carole"),
        "motif": "Ressources modestes",
        "etat": "demandee",
    },
    m.Remboursement: {
        "indu": At("indu"),
        "montant": Decimal(20),
        "recu_on": DAY,
        "saisi_par": At("carole"),
    },
    m.Courrier: {"nature": "indu", "cree_on": DAY, "pdf": b"%PDF", "empreinte": SEALED},
    m.Campagne: {"effet_on": FIRST, "etat": "simulee", "lancee_par": At("remi"), "lancee_on": DAY},
    m.Gel: {"motif": "Recours", "pose_on": DAY, "jusqu_on": MORROW, "pose_par": At("remi")},
    m.LigneCampagne: {
        "campagne": At("campagne"),
        "droit": At("droit"),
        "apa_avant": 1,
        "plan_apres": 1,
        "taux_apres": 0,
        "participation_apres": 0,
        "apa_apres": 1,
    },
    m.LitigeSecours: {
        "departement": "69",
        "etat": "conteste",
        "motif": "Résidence",
        "conteste_on": DAY,
    },
    a.Organisme: {
        "nom": "Troisième",
        "siren": "220000034",
        "departement": "03",
        "adresse": "-",
        "delegue_protection_donnees": "-",
        "courriel_delegue": "dpo@troisieme.example",
    },
    a.Service: {"nom": "Domicile"},
    a.Habilitation: {
        "agent": At("nora"),
        "system": "apa_ash",
        "role": "instructeur",
        "periode": DateRange(FIRST, DAY),
        "motif": "Affectation",
        "granted_by": At("admin"),
        "granted_at": timezone.now(),
        "confirmed_on": FIRST,
    },
    a.HabilitationService: {"habilitation": At("habilitation"), "service": At("nord")},
}


@dataclass(frozen=True)
class Case:
    """What a row has that breaks, and what it has instead when it passes; a row stands beside."""

    model: type[Model]
    breaks: dict[str, Any]
    passes: dict[str, Any]
    beside: dict[str, Any] | None = None
    # What breaks as well, a column that it needs being NULL: a CHECK lets NULL through.
    unknown: dict[str, Any] | None = None


SENT = {"etat": "transmis", "transmis_on": DAY}
CLOSED = {"etat": "signe", "traite_par": At("remi"), "traite_on": DAY}
STOP = {"nature": "fin", "effet_on": DAY}
VALIDATED = {"valide_par": At("remi"), "valide_on": DAY}
PROVEN = {"justificatif": "bulletin", "justifie_on": DAY}
GRANTED = PROVEN | {
    "etat": "accorde",
    "decision": At("decision"),
    "plafond": Decimal(900),
    "retenu": Decimal(900),
}
REFUSED = {"decidee_on": DAY, "decidee_par": At("remi"), "motif_decision": "Ressources"}
EXAMINED = {"examen": "Vu", "examine_par": At("paul")}

PUT_RIGHT = {
    "nature": "mise_en_demeure",
    "regularisee_on": DAY,
    "constatee_on": DAY,
    "constatee_par": At("remi"),
}

CASES: dict[str, Case] = {
    "organisme_engagement_has_reference": Case(
        a.Organisme,
        {"engagement_conformite_on": DAY},
        {"engagement_conformite_on": DAY, "engagement_reference": "RU-1"},
    ),
    "organisme_couleur_hex": Case(a.Organisme, {"couleur": "#124E57"}, {"couleur": "#124e57"}),
    "organisme_couleur_lisible": Case(a.Organisme, {"couleur": "#7a7a7a"}, {"couleur": "#6a6a6a"}),
    "service_nom_unique": Case(a.Service, {}, {"organisme": At("voisin")}, beside={}),
    "habilitation_not_self_granted": Case(
        a.Habilitation, {"granted_by": At("nora")}, {"granted_by": At("admin")}
    ),
    "habilitation_has_an_end": Case(
        a.Habilitation, {"periode": DateRange(FIRST, None)}, {"periode": DateRange(FIRST, DAY)}
    ),
    "habilitation_has_a_motif": Case(a.Habilitation, {"motif": ""}, {"motif": "."}),
    "habilitation_one_per_role": Case(
        a.Habilitation,
        {"periode": DateRange(EVE, MORROW)},
        {"periode": DateRange(DAY, MORROW)},
        beside={},
    ),
    "habilitation_service_unique": Case(
        a.HabilitationService, {}, {"service": At("sud")}, beside={}
    ),
    "dossier_numero_once": Case(m.Dossier, {}, {"service": At("sud")}, beside={}),
    "dossier_droit_under_revision": Case(
        m.Dossier,
        {"etat_droit": "ouvert", "etat": "ouvert"},
        {"etat_droit": "ouvert", "etat": "complet"},
    ),
    "dossier_echeance_complete": Case(
        m.Dossier, {"echeance": "decision"}, {"echeance": "decision", "echeance_on": DAY}
    ),
    "dossier_end_after_start": Case(m.Dossier, {"fin_droit_on": EVE}, {"fin_droit_on": DAY}),
    "compteur_once": Case(m.CompteurDossier, {}, {"annee": 2032}, beside={}),
    "identite_death_after_birth": Case(m.Identite, {"deces_on": EVE}, {"deces_on": DAY}),
    "nir_certified_somewhere": Case(
        m.Nir,
        {"statut": "certifie", "verifie_on": DAY},
        {"statut": "certifie", "verifie_on": DAY, "verifie_aupres": "sngi"},
    ),
    "nir_absent_or_present": Case(m.Nir, {"nir": ""}, {"nir": "", "statut": "absent"}),
    "coordonnees_code_postal": Case(
        m.Coordonnees, {"code_postal": "0100"}, {"code_postal": "01001"}
    ),
    "demande_complete_after_receipt": Case(m.Demande, {"complete_on": EVE}, {"complete_on": DAY}),
    "demande_ack_after_receipt": Case(m.Demande, {"accuse_on": EVE}, {"accuse_on": DAY}),
    "demande_given_up_after_receipt": Case(
        m.Demande,
        {"desistee_on": EVE, "desistee_par": "courrier"},
        {"desistee_on": DAY, "desistee_par": "courrier"},
        unknown={"desistee_on": DAY, "desistee_par": ""},
    ),
    "demande_urgence_attested": Case(
        m.Demande, {"nature": "urgence"}, {"nature": "urgence", "urgence_attestee_par": "CCAS"}
    ),
    "demande_reference_once": Case(
        m.Demande,
        {"reference_externe": "A-1"},
        {"reference_externe": "A-1", "service": At("sud"), "dossier": At("elsewhere")},
        beside={"reference_externe": "A-1"},
    ),
    "courrier_regularise_after_a_notice": Case(
        m.Courrier,
        PUT_RIGHT | {"regularisee_on": EVE},
        PUT_RIGHT,
        unknown=PUT_RIGHT | {"regularisee_on": None},
    ),
    "courrier_posted_once_written": Case(
        m.Courrier,
        {"poste_on": EVE, "poste_constate_on": DAY, "poste_par": At("remi")},
        {"poste_on": DAY, "poste_constate_on": DAY, "poste_par": At("remi")},
        unknown={"poste_on": DAY, "poste_constate_on": None, "poste_par": At("remi")},
    ),
    "courrier_tells_once": Case(
        m.Courrier,
        {"decision": At("decision")},
        {"decision": At("next_decision")},
        beside={"decision": At("decision")},
    ),
    "courrier_sealed": Case(m.Courrier, {"pdf": b"%PDF "}, {"pdf": b"%PDF"}),
    "piece_once": Case(m.Piece, {}, {"code": "identite"}, beside={}),
    "piece_waived_not_received": Case(
        m.Piece,
        {"code": "taxe_fonciere", "dispensee_on": DAY, "recue_on": DAY},
        {"code": "taxe_fonciere", "dispensee_on": DAY, "recue_on": None},
    ),
    "evaluation_gir_1_to_6": Case(m.Evaluation, {"gir": 7}, {"gir": 6}),
    "prestataire_once": Case(m.Prestataire, {}, {"organisme": At("voisin")}, beside={}),
    "prestataire_tarif_positive": Case(
        m.Prestataire, {"tarif_horaire": Decimal(0)}, {"tarif_horaire": CENT}
    ),
    "plan_aide_one_in_the_making": Case(
        m.PlanAide, {"etat": "propose"}, {"etat": "refuse"}, beside={"etat": "brouillon"}
    ),
    "plan_aide_gir_1_to_4": Case(m.PlanAide, {"gir": 5}, {"gir": 4}),
    "reglement_prestataire_once_a_month": Case(
        m.ReglementPrestataire, {"mode": "plan"}, {"depuis": date(2026, 10, 1)}, beside={}
    ),
    "reglement_prestataire_first_day": Case(
        m.ReglementPrestataire, {"depuis": DAY}, {"depuis": FIRST}
    ),
    "reglement_prestataire_known_mode": Case(
        m.ReglementPrestataire, {"mode": "avance"}, {"mode": "plan"}
    ),
    "plan_aide_answered_once_sent": Case(
        m.PlanAide,
        {"envoye_on": DAY, "reponse_on": EVE},
        {"envoye_on": DAY, "reponse_on": DAY},
        unknown={"reponse_on": DAY},
    ),
    "plan_aide_refus_has_its_hand": Case(
        m.PlanAide,
        {"refus_prestataire_on": DAY},
        {"refus_prestataire_on": DAY, "refus_prestataire_par": At("alice")},
    ),
    "ligne_plan_positive": Case(
        m.LignePlan, {"volume_mensuel": Decimal(0)}, {"volume_mensuel": CENT}
    ),
    "ligne_plan_hours_of_a_month": Case(
        m.LignePlan, {"volume_mensuel": 744 + CENT}, {"volume_mensuel": Decimal(744)}
    ),
    "ressources_not_negative": Case(
        m.Ressources, {"ressources_mensuelles": -CENT}, {"ressources_mensuelles": Decimal(0)}
    ),
    "ressources_one_in_force": Case(m.Ressources, {}, {"en_vigueur": False}, beside={}),
    "ligne_ressource_not_negative": Case(
        m.LigneRessource, {"montant_retenu": -CENT}, {"montant_retenu": Decimal(0)}
    ),
    "decision_notified_after_taken": Case(m.Decision, {"notifiee_on": EVE}, {"notifiee_on": DAY}),
    "decision_against_has_a_motif": Case(
        m.Decision, {"nature": "rejet"}, {"nature": "rejet", "motif": "GIR 5"}
    ),
    "decision_deja_verse_not_negative": Case(
        m.Decision, {"deja_verse": -CENT}, {"deja_verse": Decimal(0)}
    ),
    "decision_plan_of_an_agreement": Case(
        m.Decision, {"nature": "reprise", "plan": At("plan")}, {"plan": At("plan")}
    ),
    "projet_one_of_a_file": Case(m.ProjetDecision, {}, CLOSED, beside={}),
    "projet_one_silence_of_a_file": Case(
        m.ProjetDecision,
        {"nature": "forfait_tacite"},
        {"nature": "forfait_tacite"} | CLOSED,
        beside={"nature": "forfait_tacite"},
    ),
    "projet_one_stop_of_a_file": Case(
        m.ProjetDecision,
        {"nature": "suspension", "fait_on": DAY},
        STOP | CLOSED,
        beside=STOP,
    ),
    "projet_stops_on_a_day": Case(
        m.ProjetDecision,
        {"nature": "suspension", "fait_on": DAY, "effet_on": DAY},
        {"nature": "suspension", "fait_on": DAY},
        unknown={"nature": "fin"},
    ),
    "projet_one_of_a_relais": Case(
        m.ProjetDecision,
        {"nature": "relais", "relais": At("relais")},
        {"nature": "relais", "relais": At("relais")} | CLOSED,
        beside={"nature": "refus_relais", "relais": At("relais")},
    ),
    "projet_signed_by_another": Case(
        m.ProjetDecision, CLOSED | {"traite_par": At("carole")}, CLOSED
    ),
    "projet_closed_by_somebody": Case(
        m.ProjetDecision,
        CLOSED | {"traite_on": EVE},
        CLOSED,
        unknown={"etat": "signe", "traite_par": At("remi")},
    ),
    "projet_sent_back_with_a_motif": Case(
        m.ProjetDecision, CLOSED | {"etat": "renvoye"}, CLOSED | {"etat": "renvoye", "renvoi": "x"}
    ),
    "projet_of_a_signed_nature": Case(
        m.ProjetDecision, {"nature": "relais"}, {"nature": "relais", "relais": At("relais")}
    ),
    "droit_one_at_a_time": Case(
        m.Droit,
        {"periode": DateRange(EVE, None)},
        {"periode": DateRange(DAY, None)},
        beside={"periode": DateRange(FIRST, DAY), "decision": At("next_decision")},
    ),
    "droit_one_a_decision": Case(
        m.Droit,
        {"periode": DateRange(DAY, None)},
        {"periode": DateRange(DAY, None), "decision": At("next_decision")},
        beside={"periode": DateRange(FIRST, DAY)},
    ),
    "droit_taux_in_0_1": Case(
        m.Droit, {"taux_participation": 1 + CENT}, {"taux_participation": Decimal(1)}
    ),
    "droit_amounts": Case(m.Droit, {"apa": 500 + CENT}, {"apa": 500 - CENT}),
    "interruption_one_of_a_kind": Case(
        m.Interruption,
        {"periode": DateRange(EVE, None)},
        {"periode": DateRange(DAY, None)},
        beside={},
    ),
    "lot_paiement_one_a_month": Case(m.LotPaiement, {}, {"etat": "abandonne"}, beside={}),
    "lot_paiement_second_agent": Case(
        m.LotPaiement,
        {"etat": "valide", "valide_par": At("paul"), "valide_on": DAY},
        {"etat": "valide"} | VALIDATED,
    ),
    "lot_paiement_validated_by_someone": Case(
        m.LotPaiement, {"etat": "valide", "valide_par": At("remi")}, {"etat": "valide"} | VALIDATED
    ),
    "lot_paiement_first_day": Case(
        m.LotPaiement, {"mois": date(2026, 9, 2)}, {"mois": date(2026, 10, 1)}
    ),
    "paiement_amounts": Case(m.Paiement, {"retenue": 100 + CENT}, {"retenue": Decimal(100)}),
    "paiement_examined_by_someone": Case(m.Paiement, {"examen": "Vu"}, EXAMINED),
    "paiement_set_aside_for_a_reason": Case(
        m.Paiement, {"ecarte": True}, {"ecarte": True} | EXAMINED
    ),
    "paiement_paid_or_set_aside": Case(
        m.Paiement, {"ecarte": True, "verse_on": DAY} | EXAMINED, {"verse_on": DAY} | EXAMINED
    ),
    # Nulls are alike here: a person is paid once, as a service is.
    "paiement_once": Case(m.Paiement, {}, {"prestataire": At("prestataire")}, beside={}),
    "fichier_paiement_once": Case(m.FichierPaiement, {}, {"forme": "csv"}, beside={}),
    "import_once": Case(m.Import, {}, {"service": At("sud")}, beside={}),
    "prestation_once": Case(m.Prestation, {}, {"mois": date(2026, 10, 1)}, beside={}),
    "prestation_not_negative": Case(
        m.Prestation, {"heures_realisees": -CENT}, {"heures_realisees": Decimal(0)}
    ),
    "prestation_first_day": Case(m.Prestation, {"mois": date(2026, 9, 30)}, {"mois": FIRST}),
    "indu_amounts": Case(
        m.Indu,
        {"recouvre": 40 + CENT, "remis": Decimal(10)},
        {"recouvre": Decimal(40), "remis": Decimal(10)},
    ),
    "indu_remitted_of_something": Case(
        m.Indu, {"etat": "remis", "remis": Decimal(0)}, {"etat": "remis", "remis": CENT}
    ),
    "remise_one_awaited": Case(m.Remise, {}, {"nature": "retrait", "fondement": "du"}, beside={}),
    "remise_ground_of_a_withdrawal": Case(
        m.Remise, {"nature": "retrait"}, {"nature": "retrait", "fondement": "recours"}
    ),
    "remise_of_another_hand": Case(
        m.Remise,
        {"etat": "refusee"} | REFUSED | {"decidee_par": At("carole")},
        {"etat": "refusee"} | REFUSED,
    ),
    "remise_decided_by_somebody": Case(
        m.Remise,
        {"etat": "refusee"} | REFUSED | {"motif_decision": ""},
        {"etat": "refusee"} | REFUSED,
    ),
    "remise_amount": Case(
        m.Remise,
        {"etat": "accordee", "montant": Decimal(0)} | REFUSED,
        {"etat": "accordee", "montant": CENT} | REFUSED,
    ),
    "indu_proposed_by_somebody": Case(
        m.Indu,
        {"etat": "propose", "propose_par": At("carole")},
        {"etat": "propose", "propose_par": At("carole"), "propose_on": DAY},
        unknown={"etat": "propose", "propose_on": DAY},
    ),
    "indu_once": Case(m.Indu, {}, {"prestataire": At("prestataire")}, beside={}),
    "remboursement_positive": Case(m.Remboursement, {"montant": Decimal(0)}, {"montant": CENT}),
    "campagne_once": Case(m.Campagne, {}, {"etat": "abandonnee"}, beside={}),
    "campagne_progress": Case(m.Campagne, {"traites": 2, "total": 1}, {"traites": 1, "total": 1}),
    "campagne_letters_follow": Case(
        m.Campagne,
        {"notifies": 2, "traites": 1, "total": 2},
        {"notifies": 1, "traites": 1, "total": 2},
    ),
    "campagne_hypothesis_is_provisional": Case(
        m.Campagne,
        {"hypothese_s": Decimal(1300), "provisoire": False},
        {"hypothese_s": Decimal(1300), "provisoire": True},
    ),
    "campagne_never_applied_on_provisional_figures": Case(
        m.Campagne,
        {"provisoire": True, "etat": "en_cours"},
        {"provisoire": False, "etat": "en_cours"},
    ),
    "ligne_campagne_once": Case(
        m.LigneCampagne, {}, {"dossier": At("other"), "droit": At("other_droit")}, beside={}
    ),
    "ligne_campagne_told_once_applied": Case(
        m.LigneCampagne, {"notifie": True}, {"notifie": True, "applique": True}
    ),
    "gel_has_a_motif": Case(m.Gel, {"motif": ""}, {"motif": "Recours"}),
    "gel_ends_after_it_begins": Case(m.Gel, {"jusqu_on": EVE}, {"jusqu_on": DAY}),
    "aide_ponctuelle_positive": Case(m.AidePonctuelle, {"montant": 0}, {"montant": CENT}),
    "aide_ponctuelle_one_repit": Case(
        m.AidePonctuelle, {"nature": "repit"}, {}, beside={"nature": "repit"}
    ),
    "relais_ends_after_it_begins": Case(m.Relais, {"sortie_on": EVE}, {"sortie_on": DAY}),
    "relais_cout_positive": Case(m.Relais, {"cout": 0}, {"cout": CENT}),
    "relais_proof_has_its_day": Case(m.Relais, {"justificatif": "bulletin"}, PROVEN),
    "relais_decided_by_a_decision": Case(
        m.Relais, {"etat": "refuse"}, {"etat": "refuse", "decision": At("decision")}
    ),
    "relais_granted_on_proof_within_the_ceiling": Case(
        m.Relais, GRANTED | {"retenu": 900 + CENT}, GRANTED
    ),
    "relais_once_a_stay": Case(m.Relais, {}, {"entree_on": MORROW}, beside={}),
    "facture_of_one_thing": Case(
        m.Facture, {"relais": At("relais")}, {"relais": At("relais"), "aide": None}
    ),
    "facture_retained_within_its_amount": Case(
        m.Facture,
        {"retenu": Decimal(110), "a_verser": Decimal(99)},
        {"retenu": Decimal(100), "a_verser": Decimal(90)},
    ),
    "facture_shared_at_its_rate": Case(m.Facture, {"a_verser": 81 + CENT}, {}),
    "facture_withdrawn_for_a_reason": Case(
        m.Facture, {"retiree_on": DAY}, {"retiree_on": DAY, "retrait": "Doublon"}
    ),
    # Nulls are alike here too; a withdrawn invoice leaves its number free.
    "facture_once": Case(m.Facture, {}, {"retiree_on": DAY, "retrait": "Doublon"}, beside={}),
    "demande_justificatif_days_in_order": Case(
        m.DemandeJustificatif, {"recue_on": EVE}, {"recue_on": DAY}
    ),
    # Nulls are alike: the person is asked once, as a service is.
    "demande_justificatif_one_awaited": Case(
        m.DemandeJustificatif, {}, {"prestataire": At("prestataire")}, beside={}
    ),
    "succession_code_postal": Case(m.Succession, {"code_postal": "0100"}, {"code_postal": "01000"}),
    "litige_secours_one_at_a_time": Case(
        m.LitigeSecours, SENT, SENT | {"etat": "refuse", "repondu_on": DAY}, beside={}
    ),
    "litige_secours_has_a_motif": Case(m.LitigeSecours, {"departement": ""}, {"departement": "2A"}),
    "litige_secours_days_in_order": Case(
        m.LitigeSecours,
        SENT | {"transmis_on": EVE},
        SENT | {"transmis_on": DAY},
        unknown={"etat": "accepte", "repondu_on": DAY},
    ),
    "litige_secours_days_of_its_state": Case(
        m.LitigeSecours, {"etat": "accepte", "transmis_on": DAY}, SENT
    ),
}
