"""The volets of the procedure: request, plan, decision, right, letters."""

from egide.kernel.catalogue.declarations import Category, Line, Scope, Volet, lines
from egide.systems.apa_ash.catalogue.personne import KEYS
from egide.systems.apa_ash.purposes import (
    CONTROLE,
    EVALUATION,
    INSTRUCTION,
    PAIEMENT,
    REVALORISATION,
)

PROCEDURE = (
    Volet(
        "apa_ash.Demande",
        {
            **KEYS,
            **lines(Category.DEMANDE, "CASF R. 232-23", "nature canal recue_on"),
            **{
                name: Line(Category.DEMANDE, "CASF R. 232-23", writes=(INSTRUCTION,))
                for name in ("complete_on", "accuse_on")
            },
            **{
                name: Line(Category.DEMANDE, "CASF L. 232-14", optional=True, writes=(INSTRUCTION,))
                for name in ("desistee_on", "desistee_par")
            },
            "residence_stable": Line(Category.DEMANDE, "CASF R. 232-2"),
            "urgence_attestee_par": Line(Category.DEMANDE, "CASF L. 232-12", optional=True),
            "reference_externe": Line(Category.TECHNIQUE, "CASF R. 232-23", optional=True),
        },
        reads=(INSTRUCTION, EVALUATION),
        # The day it came is not written again; that it is complete, once.
        writes=(),
        inserts=(INSTRUCTION,),
    ),
    Volet(
        "apa_ash.LitigeSecours",
        {
            **KEYS,
            "departement": Line(Category.COORDONNEES, "CASF L. 122-4 ; R. 232-41, 1° d", writes=()),
            "motif": Line(Category.DEMANDE, "CASF L. 122-4", writes=()),
            "conteste_on": Line(Category.DEMANDE, "CASF L. 122-4", writes=()),
            **lines(Category.DEMANDE, "CASF L. 122-4", "etat transmis_on repondu_on"),
            **{
                name: Line(Category.DEMANDE, "CASF L. 122-4", writes=())
                for name in ("echeance_avant", "echeance_avant_on")
            },
        },
        reads=(INSTRUCTION,),
        writes=(INSTRUCTION,),
    ),
    Volet(
        "apa_ash.Piece",
        {
            **KEYS,
            "demande_id": Line(Category.TECHNIQUE, "CASF R. 232-23"),
            "code": Line(Category.DEMANDE, "CASF annexe 2-3", writes=()),
            "recue_on": Line(Category.DEMANDE, "CASF R. 232-23", optional=True),
            "reclamee_on": Line(Category.DEMANDE, "CASF R. 232-23", optional=True),
            "dispensee_on": Line(Category.DEMANDE, "CASF R. 232-23", optional=True),
        },
        reads=(INSTRUCTION,),
        writes=(INSTRUCTION,),
    ),
    Volet(
        "apa_ash.Prestataire",
        {
            "id": Line(Category.TECHNIQUE, "CASF L. 232-6"),
            "organisme_id": Line(Category.TECHNIQUE, "CASF L. 232-6"),
            **lines(
                Category.PROFESSIONNEL,
                "CASF L. 232-6",
                "nom siret finess adresse tarif_horaire actif",
            ),
            # Entered by the control and paid by the payment: never both in one pair of hands.
            **{
                name: Line(
                    Category.BANCAIRE, "CASF L. 232-15", optional=True, reads=(CONTROLE, PAIEMENT)
                )
                for name in ("iban", "iban_saisi_on")
            },
            "iban_saisi_par_id": Line(
                Category.PROFESSIONNEL, "CASF L. 232-15", reads=(CONTROLE, PAIEMENT), author=True
            ),
        },
        reads=(INSTRUCTION, EVALUATION, PAIEMENT, CONTROLE),
        writes=(CONTROLE,),
        scope=Scope.ORGANISME,
        subject=None,
    ),
    Volet(
        "apa_ash.ReglementPrestataire",
        {
            **{
                name: Line(Category.TECHNIQUE, "CASF L. 232-15", writes=())
                for name in ("id", "organisme_id", "prestataire_id")
            },
            "depuis": Line(Category.PROFESSIONNEL, "CASF L. 232-15 ; R. 232-17", writes=()),
            "mode": Line(Category.PROFESSIONNEL, "CASF L. 232-15 ; R. 232-17"),
        },
        reads=(PAIEMENT, CONTROLE, INSTRUCTION),
        writes=(CONTROLE,),
        scope=Scope.ORGANISME,
        subject=None,
    ),
    Volet(
        "apa_ash.PlanAide",
        {
            **KEYS,
            "etat": Line(Category.DROIT, "CASF R. 232-7", writes=(EVALUATION, INSTRUCTION)),
            "gir": Line(Category.SANTE, "CASF R. 232-3", writes=()),
            "effet_on": Line(Category.DROIT, "CASF R. 232-7"),
            **lines(Category.DROIT, "CASF R. 232-7", "envoye_on definitif"),
            "reponse_on": Line(
                Category.DROIT, "CASF R. 232-7, II", optional=True, writes=(EVALUATION, INSTRUCTION)
            ),
            "observations": Line(
                Category.SANTE,
                "CASF R. 232-7, II",
                optional=True,
                reads=(EVALUATION, INSTRUCTION),
                writes=(EVALUATION, INSTRUCTION),
            ),
            "refus_prestataire_on": Line(
                Category.DROIT,
                "CASF L. 232-6, R. 232-13",
                optional=True,
                reads=(EVALUATION, INSTRUCTION),
            ),
            "refus_prestataire_par_id": Line(
                Category.PROFESSIONNEL,
                "CASF L. 232-6, R. 232-13",
                optional=True,
                reads=(EVALUATION, INSTRUCTION),
            ),
        },
        reads=(INSTRUCTION, EVALUATION, CONTROLE),
        writes=(EVALUATION,),
    ),
    Volet(
        "apa_ash.LignePlan",
        {
            **KEYS,
            "plan_id": Line(Category.TECHNIQUE, "CASF R. 232-7"),
            **lines(
                Category.DROIT,
                "CASF R. 232-7 ; D. 232-39",
                "nature mode prestataire_id volume_mensuel unite tarif",
            ),
            "montant_mensuel": Line(Category.DROIT, "CASF R. 232-7", writes=()),
        },
        reads=(INSTRUCTION, EVALUATION, CONTROLE, PAIEMENT),
        writes=(EVALUATION,),
        deletes=(EVALUATION,),
        generated=("montant_mensuel",),
    ),
    Volet(
        "apa_ash.Decision",
        {
            **KEYS,
            "plan_id": Line(Category.TECHNIQUE, "CASF R. 232-27"),
            **lines(
                Category.DROIT, "CASF R. 232-27", "nature prise_on effet_on motif", optional=False
            ),
            "notifiee_on": Line(Category.DROIT, "CASF R. 232-27"),
            "revision_on": Line(Category.DROIT, "CASF R. 232-28"),
            "feuille": Line(Category.RESSOURCES, "CASF R. 232-27", reads=(INSTRUCTION,)),
            "deja_verse": Line(
                Category.PAIEMENT,
                "CASF R. 232-29 ; L. 232-25",
                reads=(INSTRUCTION, PAIEMENT, CONTROLE),
            ),
            "prise_par_id": Line(Category.PROFESSIONNEL, "CASF R. 232-27", author=True),
            "annule_id": Line(Category.TECHNIQUE, "CASF R. 232-32", reads=(INSTRUCTION,)),
            "ecrite_a": Line(
                Category.TECHNIQUE, "CASF R. 232-27", reads=(INSTRUCTION, REVALORISATION)
            ),
            "avant": Line(Category.DROIT, "CASF R. 232-32", reads=(INSTRUCTION,)),
        },
        reads=(INSTRUCTION, PAIEMENT, CONTROLE, REVALORISATION),
        # A decision that was taken is not written again: another one follows it.
        writes=(),
        inserts=(INSTRUCTION, REVALORISATION),
    ),
    Volet(
        "apa_ash.ProjetDecision",
        {
            **KEYS,
            "relais_id": Line(Category.TECHNIQUE, "CASF D. 232-9-2"),
            # What was proposed is what is signed, or sent back: it never changes.
            **{
                name: Line(Category.DROIT, "CASF R. 232-27 ; R. 232-28", writes=())
                for name in (
                    "nature",
                    "effet_on",
                    "revision_on",
                    "fait_on",
                    "departement",
                    "code",
                    "motif",
                    "plan_id",
                    "apa",
                    "participation",
                    "propose_on",
                )
            },
            "propose_par_id": Line(
                Category.PROFESSIONNEL, "CASF R. 232-27", writes=(), author=True
            ),
            **lines(Category.DROIT, "CASF R. 232-27", "etat renvoi traite_on"),
            "traite_par_id": Line(Category.PROFESSIONNEL, "CGCT L. 3221-3 ; CRPA L. 212-1"),
        },
        reads=(INSTRUCTION,),
        writes=(INSTRUCTION,),
    ),
    Volet(
        "apa_ash.Droit",
        {
            **KEYS,
            "decision_id": Line(Category.TECHNIQUE, "CASF R. 232-27"),
            "periode": Line(Category.DROIT, "CASF R. 232-27", writes=(INSTRUCTION, REVALORISATION)),
            "gir": Line(
                Category.SANTE,
                "CASF R. 232-10",
                reads=(INSTRUCTION, REVALORISATION),
                writes=(),
            ),
            **{
                name: Line(
                    Category.RESSOURCES,
                    "CASF R. 232-11",
                    reads=(INSTRUCTION, REVALORISATION),
                    writes=(),
                )
                for name in ("couple", "ressources_mensuelles")
            },
            **{
                name: Line(Category.DROIT, "CASF R. 232-11 ; R. 232-27", writes=())
                for name in (
                    "plan_mensuel",
                    "taux_participation",
                    "participation",
                    "apa",
                    "forfait",
                )
            },
        },
        reads=(INSTRUCTION, PAIEMENT, CONTROLE, REVALORISATION),
        writes=(INSTRUCTION,),
        inserts=(INSTRUCTION, REVALORISATION),
    ),
    Volet(
        "apa_ash.Interruption",
        {
            **KEYS,
            "nature": Line(Category.DROIT, "CASF R. 232-16 ; R. 232-32", writes=()),
            "periode": Line(Category.DROIT, "CASF R. 232-16 ; R. 232-32"),
            "motif": Line(
                Category.DROIT, "CASF R. 232-16", optional=True, reads=(INSTRUCTION, CONTROLE)
            ),
            "mise_en_demeure_on": Line(Category.DROIT, "CASF R. 232-16", optional=True),
        },
        reads=(INSTRUCTION, PAIEMENT, CONTROLE),
        writes=(INSTRUCTION,),
    ),
)
