"""One letter of each kind, as a département would send it, for the tests of the letters."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

from egide.rules.apa.domicile import compute_apa_domicile
from egide.systems.apa_ash.letters import content as k
from egide.systems.apa_ash.letters.indu import DecisionRemise, RetraitIndu
from egide.systems.apa_ash.letters.justificatifs import DemandeJustificatifs
from egide.systems.apa_ash.letters.relais import DecisionRelais, RefusRelais
from egide.systems.apa_ash.services.lettres_decision import write_feuille

ORGANISME = k.Organisme(
    nom="Département de démonstration",
    adresse=("Hôtel du Département", "1 place de la République", "99000 Démonstration"),
    service="Service autonomie Nord",
    telephone="01 99 00 00 00",
    courriel="autonomie@demonstration.example",
    dpo="Délégué à la protection des données, même adresse, dpo@demonstration.example",
    tribunal="tribunal administratif de Démonstration, 2 rue du Palais, 99000 Démonstration",
)
DESTINATAIRE = k.Destinataire(
    nom="Mme Jeanne Lefèvre",
    adresse=("12 rue des Tilleuls", "99120 Saint-Œuf-lès-Bains"),
    appel="Madame",
)
SIGNATAIRE = k.Signataire(
    nom="Claire Dubreuil",
    qualite="Pour le président du conseil départemental, la directrice de l’autonomie",
)
FEUILLE = write_feuille(
    compute_apa_domicile(
        on=date(2026, 12, 1),
        age=84,
        gir=3,
        couple=False,
        ressources_mensuelles=Decimal("1500.00"),
        plan_mensuel=Decimal("1013.36"),
    ).lines()
)
PLAN = k.Plan(
    lignes=(
        k.LignePlan(
            aide="Aide à la toilette et au lever",
            intervenant="SAAD Les Tilleuls",
            volume=Decimal(22),
            unite="h",
            tarif=Decimal("24.58"),
            montant=Decimal("540.76"),
        ),
        k.LignePlan(
            aide="Aide aux repas",
            intervenant="SAAD Les Tilleuls",
            volume=Decimal(15),
            unite="h",
            tarif=Decimal("24.58"),
            montant=Decimal("368.70"),
        ),
        k.LignePlan(
            aide="Portage de repas",
            intervenant="CCAS",
            volume=Decimal(20),
            unite="repas",
            tarif=Decimal("4.20"),
            montant=Decimal("84.00"),
        ),
        k.LignePlan(
            aide="Téléassistance",
            intervenant="—",
            volume=Decimal(1),
            unite="forfait",
            tarif=Decimal("19.90"),
            montant=Decimal("19.90"),
        ),
    ),
    total=Decimal("1013.36"),
    plafond=Decimal("1215.99"),
    ressources=Decimal("1500.00"),
    retenu=Decimal("1013.36"),
    taux=Decimal("0.135421"),
    participation=Decimal("137.23"),
    depassement=Decimal("0.00"),
    reste=Decimal("137.23"),
    apa=Decimal("876.13"),
    plafonne=False,
    feuille=FEUILLE,
)
MOTIF = k.Motif(
    "Vous n’avez pas déclaré le service qui vous aide dans le mois qui a suivi la décision.",
    "CASF L. 232-7",
)

CONTENUS: dict[str, k.Contenu] = {
    "accuse_reception": k.AccuseReception(
        recue_on=date(2026, 10, 12),
        complet_on=date(2026, 10, 19),
        decision_avant_on=date(2026, 12, 19),
        proposition_avant_on=date(2026, 11, 18),
    ),
    "pieces_manquantes": k.PiecesManquantes(
        recue_on=date(2026, 10, 12),
        pieces=(
            k.Piece("Dernier avis d’imposition", "Il établit vos ressources."),
            k.Piece("Relevé d’identité bancaire", "Il permet de vous payer."),
        ),
    ),
    "proposition_plan": k.PropositionPlan(
        gir=3, evalue_on=date(2026, 11, 6), effet_on=date(2026, 12, 1), plan=PLAN
    ),
    "proposition_definitive": k.PropositionPlan(
        gir=3, evalue_on=date(2026, 11, 6), effet_on=date(2026, 12, 1), plan=PLAN, definitive=True
    ),
    "decision_accord": k.DecisionAccord(
        decidee_on=date(2026, 12, 1),
        gir=3,
        effet_on=date(2026, 12, 1),
        premier_paiement_on=date(2027, 1, 10),
        revision_on=date(2029, 12, 1),
        verse_a="vous-même et, pour leur part, à vos services d’aide à domicile",
        versements=(
            k.Versement(
                beneficiaire="SAAD Les Tilleuls", apa=Decimal("786.30"), reste=Decimal("123.16")
            ),
            k.Versement(beneficiaire="CCAS", apa=Decimal("72.62"), reste=Decimal("11.38")),
            k.Versement(beneficiaire="Vous-même", apa=Decimal("17.21"), reste=Decimal("2.69")),
        ),
        plan=PLAN,
    ),
    "decision_rejet": k.DecisionRejet(
        decidee_on=date(2026, 12, 1),
        recue_on=date(2026, 10, 12),
        motifs=(
            k.Motif(
                "L’évaluation vous classe dans le groupe iso-ressources 5 ; l’APA est réservée "
                "aux groupes 1 à 4.",
                "CASF R. 232-4",
            ),
        ),
    ),
    "refus_repute": k.RefusRepute(
        proposee_on=date(2026, 11, 2),
        jour_on=date(2026, 11, 5),
        silence=True,
        droit_en_cours=False,
    ),
    "refus_repute_forfait": k.RefusRepute(
        proposee_on=date(2026, 11, 2),
        jour_on=date(2026, 11, 5),
        silence=False,
        droit_en_cours=False,
        forfait=k.ForfaitArrete(montant=Decimal("1040.16"), fin_on=date(2026, 11, 19)),
    ),
    "refus_repute_revision": k.RefusRepute(
        proposee_on=date(2026, 11, 2),
        jour_on=date(2026, 11, 5),
        silence=False,
        droit_en_cours=True,
    ),
    "desistement": k.Desistement(
        recue_on=date(2026, 10, 12),
        desiste_on=date(2026, 11, 5),
        canal="par courrier",
        droit_en_cours=False,
    ),
    "desistement_revision": k.Desistement(
        recue_on=date(2026, 10, 12),
        desiste_on=date(2026, 11, 5),
        canal="au guichet",
        droit_en_cours=True,
    ),
    "forfait_tacite": k.ForfaitTacite(
        complet_on=date(2026, 10, 19),
        effet_on=date(2026, 12, 19),
        premier_paiement_on=date(2027, 1, 10),
        montant=Decimal("1040.17"),
        feuille=(
            k.LigneCalcul(
                "Forfait", "50 % du plafond du GIR 1 (2 080,33 €)", "1 040,17 €", "CASF R. 232-29"
            ),
        ),
    ),
    "revalorisation": k.Revalorisation(
        decidee_on=date(2027, 1, 4),
        effet_on=date(2027, 1, 1),
        avant=k.Montants(
            plan=Decimal("1013.36"),
            plafond=Decimal("1215.99"),
            taux=Decimal("0.135421"),
            participation=Decimal("137.23"),
            apa=Decimal("876.13"),
        ),
        apres=k.Montants(
            plan=Decimal("1013.36"),
            plafond=Decimal("1230.00"),
            taux=Decimal("0.1301"),
            participation=Decimal("131.84"),
            apa=Decimal("881.52"),
        ),
        feuille=FEUILLE,
    ),
    "mise_en_demeure": k.MiseEnDemeure(
        motifs=(MOTIF,), attendu="Renvoyez-nous la déclaration jointe, remplie et signée."
    ),
    "suspension": k.Suspension(
        decidee_on=date(2027, 3, 15),
        mise_en_demeure_on=date(2027, 2, 2),
        effet_on=date(2027, 4, 1),
        motifs=(MOTIF,),
        attendu="Renvoyez-nous la déclaration jointe, remplie et signée.",
        deja_verse=True,
    ),
    "reprise": k.Reprise(
        decidee_on=date(2026, 12, 1),
        regularisee_on=date(2026, 11, 20),
        effet_on=date(2026, 11, 1),
    ),
    "fin_droit": k.FinDroit(
        decidee_on=date(2026, 12, 1),
        fin_on=date(2026, 12, 31),
        motifs=(k.Motif("Vous avez renoncé à l’APA.", "CASF R. 232-27"),),
        deja_verse=True,
    ),
    "maintien": k.Maintien(
        decidee_on=date(2026, 12, 1),
        fin_on=date(2026, 12, 31),
        motifs=(k.Motif("Vous nous avez dit ne plus renoncer à l’APA.", "CRPA L. 243-1"),),
    ),
    "forfait_urgence": k.ForfaitUrgence(
        decidee_on=date(2026, 12, 1),
        effet_on=date(2026, 11, 24),
        fin_on=date(2027, 1, 24),
        premier_paiement_on=date(2027, 1, 10),
        montant=Decimal("1040.16"),
        feuille=FEUILLE,
    ),
    "indu": k.Indu(
        decidee_on=date(2027, 3, 15),
        motifs=(k.Motif("Vous étiez hospitalisée depuis plus de trente jours.", "CASF R. 232-32"),),
        mois=(
            k.MoisIndu(
                mois="Janvier 2027",
                verse=Decimal("876.13"),
                prevu="",
                realise="",
                utilise=None,
                taux=None,
                du=Decimal(0),
                ecart=Decimal("876.13"),
                precisions=("aucun plan d’aide en vigueur ne prévoyait ce versement.",),
            ),
            k.MoisIndu(
                mois="Février 2027",
                verse=Decimal("876.13"),
                prevu="41 h 13 à 24,58 €",
                realise="20 h 37, facturé 506,68 €",
                utilise=Decimal("506.68"),
                taux=Decimal("0.135421"),
                du=Decimal("438.07"),
                ecart=Decimal("438.06"),
            ),
        ),
        montant=Decimal("1314.19"),
        retenue_mensuelle=Decimal("175.22"),
    ),
    "decision_relais": DecisionRelais(
        decidee_on=date(2026, 11, 18),
        entree_on=date(2026, 11, 2),
        sortie_on=None,
        objet="Hébergement temporaire",
        intervenant="Les Glycines",
        cout=Decimal("1500.00"),
        plafond=Decimal("1159.32"),
        retenu=Decimal("1159.32"),
        taux=Decimal("0.135421"),
        participation=Decimal("157.00"),
        a_charge=Decimal("497.68"),
        verse=Decimal("1002.32"),
    ),
    "refus_relais": RefusRelais(
        decidee_on=date(2026, 11, 18), entree_on=date(2026, 11, 2), motifs=(MOTIF,)
    ),
    "decision_remise": DecisionRemise(
        decidee_on=date(2027, 5, 4),
        decision="partielle",
        demandee_on=date(2027, 4, 12),
        debiteur="personne",
        mois="janvier 2027",
        motifs=(k.Motif("Vos ressources ne couvrent pas vos charges.", "CASF L. 232-25"),),
        dette=Decimal("876.13"),
        rendu=Decimal("175.22"),
        remis_avant=Decimal(0),
        remise=Decimal("300.91"),
        reste=Decimal("400.00"),
        retenue_mensuelle=Decimal("175.22"),
    ),
    "retrait_indu": RetraitIndu(
        decidee_on=date(2027, 6, 8),
        decision="partiel",
        recours_on=date(2027, 4, 12),
        debiteur="personne",
        mois="janvier 2027",
        motifs=(k.Motif("Quatre factures prouvent l’aide.", "CASF L. 134-2 et L. 232-25"),),
        dette=Decimal("876.13"),
        retrait=Decimal("400.00"),
        du=Decimal("476.13"),
        rendu=Decimal("175.22"),
        remis=Decimal(0),
        a_rendre=None,
        reste=Decimal("300.91"),
        retenue_mensuelle=Decimal("175.22"),
    ),
    "compte_rendu": k.CompteRendu(
        faite_on=date(2026, 11, 6),
        gir=5,
        conseils=("Le portage de repas peut être demandé à votre caisse de retraite.",),
    ),
    "demande_justificatifs": DemandeJustificatifs(
        depuis=date(2026, 9, 1), jusqu_on=date(2026, 10, 31), attendue_on=date(2026, 12, 18)
    ),
}
AT_DEATH = k.Motif("Le droit s’arrête au décès.", "CASF R. 232-32")
BEYOND = k.Motif(
    "Somme versée au-delà du droit : APA passée de 1 022,64 € à 342,98 €.",
    "CASF R. 232-30 et L. 232-25",
)
BAISSE = k.MoisIndu(
    mois="Avril 2027",
    verse=Decimal("1022.64"),
    prevu="",
    realise="",
    utilise=None,
    taux=None,
    du=Decimal("569.53"),
    ecart=Decimal("453.11"),
    droit=k.DroitIndu(
        periodes=(
            k.PeriodeIndu(
                jours="du 1er avr. 2027 au 10 avr. 2027",
                dus="10 sur 30 jours",
                apa=Decimal("1022.64"),
                du=Decimal("340.88"),
            ),
            k.PeriodeIndu(
                jours="du 11 avr. 2027 au 30 avr. 2027",
                dus="20 sur 30 jours",
                apa=Decimal("342.98"),
                du=Decimal("228.65"),
            ),
        ),
        total=Decimal("569.53"),
    ),
    precisions=("APA passée de 1 022,64 € à 342,98 € le 11 avr. 2027.",),
)
NOT_DONE = k.Motif("Heures payées et non réalisées.", "CASF R. 232-17")


def not_withheld(debiteur: str, *, motif: k.Motif, **changes) -> k.Contenu:
    """Claim the debt of one who receives no payment from which to withhold."""
    claimed = CONTENUS["indu"]
    return replace(claimed, debiteur=debiteur, motifs=(motif,), retenue_mensuelle=None, **changes)


# What one kind says to another debtor, or of another outcome.
CONTENUS |= {
    "indu_succession": not_withheld("succession", motif=AT_DEATH, deces_on=date(2026, 12, 28)),
    "indu_notaire": not_withheld(
        "succession",
        motif=AT_DEATH,
        deces_on=date(2026, 12, 28),
        notaire=True,
        apres_deces=True,
    ),
    "indu_service": not_withheld("service", motif=NOT_DONE),
    "indu_service_deces": not_withheld("service", motif=NOT_DONE, deces_on=date(2027, 2, 28)),
    "indu_service_apres_deces": not_withheld(
        "service", motif=AT_DEATH, deces_on=date(2026, 12, 28), apres_deces=True
    ),
    "indu_service_hors_droit": replace(
        CONTENUS["indu"],
        debiteur="service",
        motifs=(BEYOND,),
        mois=(BAISSE,),
        montant=Decimal("453.11"),
        hors_droit="tout",
        decision_du_droit=True,
        retenue_mensuelle=Decimal("68.59"),
    ),
    "indu_service_en_partie": replace(
        CONTENUS["indu"],
        debiteur="service",
        motifs=(NOT_DONE, BEYOND),
        mois=(CONTENUS["indu"].mois[1], BAISSE),
        montant=Decimal("891.17"),
        hors_droit="partie",
        retenue_mensuelle=None,
    ),
    "remise_totale": replace(
        CONTENUS["decision_remise"],
        decision="totale",
        demandee_on=None,
        remise=Decimal("700.91"),
        reste=Decimal(0),
        retenue_mensuelle=None,
    ),
    "remise_refusee": replace(
        CONTENUS["decision_remise"],
        decision="refus",
        debiteur="service",
        motifs=(k.Motif("Le service ne justifie d’aucune difficulté.", "CASF L. 232-25"),),
        remise=Decimal(0),
        reste=Decimal("700.91"),
    ),
    "retrait_total": replace(
        CONTENUS["retrait_indu"],
        decision="total",
        recours_on=None,
        debiteur="service",
        retrait=Decimal("876.13"),
        du=Decimal(0),
        a_rendre=Decimal("175.22"),
        reste=None,
        retenue_mensuelle=None,
    ),
    "retrait_refuse": replace(
        CONTENUS["retrait_indu"],
        decision="refus",
        debiteur="succession",
        retrait=Decimal(0),
        du=Decimal("876.13"),
        reste=Decimal("700.91"),
        retenue_mensuelle=None,
    ),
    "remise_succession": replace(
        CONTENUS["decision_remise"], debiteur="succession", retenue_mensuelle=None
    ),
    "demande_justificatifs_service": replace(CONTENUS["demande_justificatifs"], au_service=True),
    "fin_depart": replace(
        CONTENUS["fin_droit"],
        motifs=(k.Motif("Vous résidez dans un autre département.", "CASF L. 122-2"),),
        secours_on=date(2027, 1, 1),
        departement="02",
    ),
    "rejet_du_forfait": replace(
        CONTENUS["decision_rejet"],
        gir=5,
        forfait=k.ForfaitArrete(montant=Decimal("1040.16"), fin_on=date(2026, 11, 30)),
    ),
    "decision_rejet_incomplet": replace(
        CONTENUS["decision_rejet"],
        motifs=(k.Motif("Votre demande est restée incomplète.", "CASF R. 232-23"),),
        incomplete=True,
    ),
    "decision_rejet_etablissement": replace(CONTENUS["decision_rejet"], etablissement=True),
    "fin_droit_etablissement": replace(CONTENUS["fin_droit"], etablissement=True),
    "decision_revision": replace(
        CONTENUS["decision_accord"],
        revision=k.Revision(
            avant=k.EtatDroit(
                gir=2,
                ressources=Decimal("900.00"),
                plan=Decimal("1200.00"),
                plafond=Decimal("1682.30"),
                retenu=Decimal("1200.00"),
                taux=Decimal("0.000000"),
                participation=Decimal("0.00"),
                apa=Decimal("1200.00"),
            ),
            apres=k.EtatDroit(
                gir=3,
                ressources=Decimal("1500.00"),
                plan=Decimal("1013.36"),
                plafond=Decimal("1215.99"),
                retenu=Decimal("1013.36"),
                taux=Decimal("0.135421"),
                participation=Decimal("137.23"),
                apa=Decimal("876.13"),
            ),
            changements=("Votre groupe iso-ressources passe du GIR 2 au GIR 3.",),
            en_baisse=True,
        ),
        suspendu_on=date(2026, 11, 1),
        deja_verse=True,
    ),
    "revalorisation_non_versee": replace(CONTENUS["revalorisation"], non_versee=True),
    "proposition_emploi_direct": replace(
        CONTENUS["proposition_plan"], refus_prestataire_on=date(2026, 11, 6)
    ),
}
SERVICE = k.Destinataire(
    nom="SAAD Les Tilleuls", adresse=("3 rue des Forges", "99100 Démonstration-Ville")
)
SUCCESSION = k.Destinataire(
    nom="Succession de Mme Jeanne Lefèvre",
    adresse=("À l’attention des héritiers ou du notaire", *DESTINATAIRE.adresse),
)
# Who receives a letter that goes to another than the person.
DESTINATAIRES = {
    "indu_succession": SUCCESSION,
    "indu_notaire": k.Destinataire(
        nom="Maître Odile Fabre",
        adresse=("Succession de Mme Jeanne Lefèvre", "4 place du Marché", "69003 Lyon"),
        appel="Maître",
    ),
    "indu_service": SERVICE,
    "indu_service_deces": SERVICE,
    "indu_service_apres_deces": SERVICE,
    "indu_service_hors_droit": SERVICE,
    "indu_service_en_partie": SERVICE,
    "remise_refusee": SERVICE,
    "retrait_total": SERVICE,
    "remise_succession": SUCCESSION,
    "demande_justificatifs_service": SERVICE,
}


def courrier(kind: str, **changes) -> k.Letter:
    """Build the letter of a kind, with any field changed."""
    letter = k.Letter(
        organisme=ORGANISME,
        destinataire=DESTINATAIRES.get(kind, DESTINATAIRE),
        concerne=DESTINATAIRE.nom if kind in DESTINATAIRES else "",
        signataire=SIGNATAIRE,
        dossier="2026-00417",
        lieu="Démonstration",
        envoyee_on=date(2026, 11, 18),
        instructeur="A. Martin",
        contenu=CONTENUS[kind],
    )
    return replace(letter, **changes)
