"""The volets of what is paid upon invoices: répit, one-off aids, the relay of a carer."""

from egide.kernel.catalogue.declarations import Category, Line, Volet, lines
from egide.systems.apa_ash.catalogue.personne import KEYS
from egide.systems.apa_ash.purposes import CONTROLE, EVALUATION, INSTRUCTION, PAIEMENT

PONCTUEL = (
    Volet(
        "apa_ash.AidePonctuelle",
        {
            **KEYS,
            "plan_id": Line(Category.TECHNIQUE, "CASF R. 232-7"),
            **lines(
                Category.DROIT,
                "CASF R. 232-8 ; D. 232-9-1 ; D. 232-33 ; D. 232-39",
                "nature objet prestataire_id montant",
            ),
        },
        reads=(INSTRUCTION, EVALUATION, CONTROLE),
        writes=(EVALUATION,),
        deletes=(EVALUATION,),
    ),
    Volet(
        "apa_ash.Relais",
        {
            **KEYS,
            # Who the carer is stays with those who know the carers.
            "aidant_id": Line(
                Category.VIE_PERSONNELLE,
                "CASF L. 232-3-3 ; R. 232-41, 1° h",
                reads=(INSTRUCTION, EVALUATION),
                writes=(),
            ),
            # The days of a stay, and that a proof was seen: never what the carer suffers from.
            "entree_on": Line(Category.VIE_PERSONNELLE, "CASF D. 232-9-2", writes=()),
            "sortie_on": Line(Category.VIE_PERSONNELLE, "CASF D. 232-9-2", optional=True),
            **{
                name: Line(Category.DEMANDE, "CASF D. 232-9-2", optional=True, reads=(INSTRUCTION,))
                for name in ("justificatif", "justifie_on")
            },
            **{
                name: Line(Category.DROIT, "CASF D. 232-9-2", writes=())
                for name in ("objet", "prestataire_id", "cout")
            },
            **lines(Category.DROIT, "CASF L. 232-3-3 ; D. 232-9-2", "etat plafond retenu"),
            "decision_id": Line(Category.DROIT, "CASF D. 232-9-2", reads=(INSTRUCTION,)),
        },
        reads=(INSTRUCTION, EVALUATION, CONTROLE),
        writes=(INSTRUCTION,),
    ),
    Volet(
        "apa_ash.DemandeJustificatif",
        {
            **KEYS,
            **{
                name: Line(Category.DEMANDE, "CASF R. 232-15 ; L. 232-7", writes=())
                for name in (
                    "prestataire_id",
                    "depuis",
                    "jusqu_on",
                    "precisions",
                    "demandee_on",
                    "attendue_on",
                )
            },
            "demandee_par_id": Line(
                Category.PROFESSIONNEL, "CASF R. 232-15", writes=(), author=True
            ),
            "recue_on": Line(Category.DEMANDE, "CASF R. 232-15", optional=True),
        },
        reads=(INSTRUCTION, CONTROLE),
        writes=(CONTROLE,),
    ),
    Volet(
        "apa_ash.Facture",
        {
            **KEYS,
            **{
                name: Line(Category.TECHNIQUE, "CASF R. 232-15 ; D. 232-33", writes=())
                for name in ("aide_id", "relais_id", "droit_id")
            },
            **{
                name: Line(Category.PAIEMENT, "CASF R. 232-15 ; D. 232-39", writes=())
                for name in ("prestataire_id", "depense_on", "retenu", "a_verser")
            },
            **{
                name: Line(
                    Category.PAIEMENT,
                    "CASF R. 232-15 ; D. 232-39",
                    reads=(CONTROLE, PAIEMENT, INSTRUCTION),
                    writes=(),
                )
                for name in ("reference", "montant", "taux_participation")
            },
            "saisie_on": Line(
                Category.PAIEMENT, "CASF R. 232-15", reads=(CONTROLE, PAIEMENT), writes=()
            ),
            "saisie_par_id": Line(
                Category.PROFESSIONNEL,
                "CASF R. 232-15",
                reads=(CONTROLE, PAIEMENT),
                writes=(),
                author=True,
            ),
            "retiree_on": Line(Category.PAIEMENT, "CASF R. 232-15"),
            "retrait": Line(Category.PAIEMENT, "CASF R. 232-15", reads=(CONTROLE,)),
        },
        reads=(INSTRUCTION, EVALUATION, PAIEMENT, CONTROLE),
        writes=(CONTROLE,),
    ),
)
