"""The volets of what follows a right: payment, control, recovery, revaluation."""

from egide.kernel.catalogue.declarations import Category, Line, Volet, lines
from egide.systems.apa_ash.catalogue.personne import KEYS
from egide.systems.apa_ash.purposes import CONTROLE, INSTRUCTION, PAIEMENT, REVALORISATION

SUITES = (
    Volet(
        "apa_ash.LotPaiement",
        {
            **lines(Category.TECHNIQUE, "CASF R. 232-30", "id service_id"),
            "mois": Line(Category.PAIEMENT, "CASF R. 232-30", writes=()),
            "etat": Line(Category.PAIEMENT, "CASF R. 232-30"),
            "prepare_par_id": Line(
                Category.PROFESSIONNEL, "CASF R. 232-30", writes=(), author=True
            ),
            "prepare_on": Line(Category.PAIEMENT, "CASF R. 232-30", writes=()),
            "valide_par_id": Line(Category.PROFESSIONNEL, "CASF R. 232-30"),
            **lines(Category.PAIEMENT, "CASF R. 232-30", "valide_on emis_on"),
        },
        reads=(PAIEMENT,),
        writes=(PAIEMENT,),
        subject=None,
    ),
    Volet(
        "apa_ash.Paiement",
        {
            **KEYS,
            "lot_id": Line(Category.TECHNIQUE, "CASF R. 232-30"),
            "droit_id": Line(Category.TECHNIQUE, "CASF R. 232-30"),
            **{
                name: Line(Category.PAIEMENT, "CASF R. 232-30 ; D. 232-31", writes=())
                for name in (
                    "prestataire_id",
                    "facture_id",
                    "mois_du",
                    "montant_brut",
                    "retenue",
                    "montant",
                )
            },
            # The account paid, frozen at preparation: never changed, and read by payment alone.
            **{
                name: Line(Category.BANCAIRE, "CASF R. 232-30", reads=(PAIEMENT,), writes=())
                for name in ("titulaire", "iban")
            },
            # Who had entered it by then: whoever enters it again later hides nobody.
            "saisi_par_id": Line(
                Category.PROFESSIONNEL, "CASF R. 232-30", reads=(PAIEMENT,), writes=()
            ),
            "relu_on": Line(Category.PAIEMENT, "CASF R. 232-30", reads=(PAIEMENT,)),
            "anomalie": Line(Category.PAIEMENT, "CASF R. 232-30", writes=()),
            "ecarte": Line(Category.PAIEMENT, "CASF R. 232-30"),
            "examen": Line(Category.PAIEMENT, "CASF R. 232-30", reads=(PAIEMENT,)),
            "examine_par_id": Line(Category.PROFESSIONNEL, "CASF R. 232-30", reads=(PAIEMENT,)),
            "verse_on": Line(Category.PAIEMENT, "CASF R. 232-30 ; L. 232-25"),
        },
        reads=(PAIEMENT, CONTROLE, INSTRUCTION),
        writes=(PAIEMENT,),
        generated=("montant",),
    ),
    Volet(
        "apa_ash.FichierPaiement",
        {
            **lines(Category.TECHNIQUE, "CASF R. 232-30", "id service_id lot_id forme nom"),
            "empreinte": Line(Category.TECHNIQUE, "CASF R. 232-30"),
            "contenu": Line(Category.BANCAIRE, "CASF R. 232-30"),
        },
        reads=(PAIEMENT,),
        writes=(),
        inserts=(PAIEMENT,),
        subject=None,
    ),
    Volet(
        "apa_ash.Succession",
        {
            **KEYS,
            # A third person: what a letter needs, and no more. Kinship, telephone and share of the
            # estate are nobody's business here (CNIL 2017-142, données pertinentes).
            **lines(
                Category.VIE_PERSONNELLE,
                "CASF L. 232-25 ; R. 232-40 (recouvrement d’un indu)",
                "qualite nom adresse code_postal commune depuis_on source",
            ),
        },
        reads=(INSTRUCTION, CONTROLE),
        writes=(INSTRUCTION,),
        deletes=(INSTRUCTION,),
    ),
    Volet(
        "apa_ash.Import",
        {
            **lines(Category.TECHNIQUE, "CASF R. 232-17", "id service_id"),
            **lines(
                Category.TECHNIQUE,
                "CASF R. 232-17",
                "nature empreinte lignes importe_on",
            ),
            "importe_par_id": Line(Category.PROFESSIONNEL, "CASF R. 232-17", author=True),
        },
        reads=(INSTRUCTION, CONTROLE),
        writes=(),
        inserts=(INSTRUCTION, CONTROLE),
        subject=None,
    ),
    Volet(
        "apa_ash.Prestation",
        {
            **KEYS,
            **{
                name: Line(Category.EFFECTIVITE, "CASF R. 232-17", writes=())
                for name in ("prestataire_id", "mois")
            },
            **lines(Category.EFFECTIVITE, "CASF R. 232-17", "heures_realisees montant_facture"),
            "recu_dans_id": Line(Category.TECHNIQUE, "CASF R. 232-17", writes=(CONTROLE,)),
        },
        reads=(CONTROLE, PAIEMENT, INSTRUCTION),
        writes=(CONTROLE,),
    ),
    Volet(
        "apa_ash.Indu",
        {
            **KEYS,
            **{
                name: Line(Category.PAIEMENT, "CASF D. 232-31 ; L. 232-25", writes=())
                for name in (
                    "prestataire_id",
                    "mois",
                    "motif",
                    "montant",
                    "constate_on",
                    "prescrit_on",
                )
            },
            "recouvre": Line(Category.PAIEMENT, "CASF D. 232-31", writes=(CONTROLE, PAIEMENT)),
            "constate_par_id": Line(
                Category.PROFESSIONNEL,
                "CASF D. 232-31",
                reads=(CONTROLE, INSTRUCTION),
                writes=(),
                author=True,
            ),
            "propose_on": Line(Category.PAIEMENT, "CGCT L. 3221-3", writes=(CONTROLE,)),
            "propose_par_id": Line(
                Category.PROFESSIONNEL,
                "CGCT L. 3221-3 ; CRPA L. 212-1",
                reads=(CONTROLE, INSTRUCTION),
                writes=(CONTROLE,),
            ),
            "notification_id": Line(
                Category.TECHNIQUE,
                "CRPA L. 221-8",
                reads=(CONTROLE, INSTRUCTION),
                writes=(INSTRUCTION,),
            ),
            "suite": Line(Category.PAIEMENT, "CASF L. 232-25", writes=(CONTROLE, INSTRUCTION)),
            "remis": Line(Category.PAIEMENT, "CASF D. 232-31", writes=(INSTRUCTION,)),
            "retire": Line(Category.PAIEMENT, "CASF L. 134-2", writes=(INSTRUCTION,)),
            # The notification is signed, a death undone withdraws the debts it opened, a remission
            # closes one, what was not owed is withdrawn: the head of the service does all four.
            "etat": Line(
                Category.PAIEMENT, "CASF D. 232-31", writes=(CONTROLE, PAIEMENT, INSTRUCTION)
            ),
        },
        reads=(CONTROLE, PAIEMENT, INSTRUCTION),
        writes=(CONTROLE,),
    ),
    Volet(
        "apa_ash.Remise",
        {
            **KEYS,
            "indu_id": Line(Category.TECHNIQUE, "CASF L. 232-25", writes=()),
            # What was asked is what is decided: it never changes.
            **{
                name: Line(Category.PAIEMENT, "CASF L. 232-25", writes=())
                for name in ("nature", "fondement", "origine", "demandee_on", "motif")
            },
            "demandee_par_id": Line(
                Category.PROFESSIONNEL, "CASF L. 232-25", writes=(), author=True
            ),
            **lines(Category.PAIEMENT, "CASF L. 232-25", "etat montant decidee_on motif_decision"),
            "decidee_par_id": Line(Category.PROFESSIONNEL, "CGCT L. 3221-3 ; CRPA L. 212-1"),
        },
        reads=(CONTROLE, INSTRUCTION),
        writes=(INSTRUCTION,),
        inserts=(CONTROLE,),
    ),
    Volet(
        "apa_ash.Remboursement",
        {
            **KEYS,
            "indu_id": Line(Category.TECHNIQUE, "CASF D. 232-31 ; L. 232-25"),
            **lines(Category.PAIEMENT, "CASF D. 232-31 ; L. 232-25", "montant recu_on"),
            "saisi_par_id": Line(Category.PROFESSIONNEL, "CASF D. 232-31", author=True),
        },
        # A run that is given up gives back what it withheld, never what was repaid.
        reads=(CONTROLE, PAIEMENT),
        writes=(),
        inserts=(CONTROLE,),
    ),
    Volet(
        "apa_ash.Campagne",
        {
            **lines(Category.TECHNIQUE, "CASF L. 232-4", "id service_id"),
            "effet_on": Line(Category.DROIT, "CASF L. 232-4", writes=()),
            "provisoire": Line(Category.DROIT, "CASF L. 232-4", writes=()),
            "hypothese_s": Line(Category.DROIT, "CASF L. 232-4", writes=()),
            "lancee_par_id": Line(Category.PROFESSIONNEL, "CASF L. 232-4", writes=(), author=True),
            "lancee_on": Line(Category.DROIT, "CASF L. 232-4", writes=()),
            **lines(Category.DROIT, "CASF L. 232-4", "etat total traites notifies"),
        },
        reads=(REVALORISATION,),
        writes=(REVALORISATION,),
        subject=None,
    ),
    Volet(
        "apa_ash.LigneCampagne",
        {
            **KEYS,
            "campagne_id": Line(Category.TECHNIQUE, "CASF L. 232-4"),
            "droit_id": Line(Category.TECHNIQUE, "CASF L. 232-4"),
            **{
                name: Line(Category.DROIT, "CASF L. 232-4", writes=())
                for name in (
                    "apa_avant",
                    "plan_apres",
                    "taux_apres",
                    "participation_apres",
                    "apa_apres",
                )
            },
            "applique": Line(Category.TECHNIQUE, "CASF L. 232-4", writes=(REVALORISATION,)),
            "notifie": Line(
                Category.TECHNIQUE, "CASF L. 232-4 ; R. 232-27", writes=(REVALORISATION,)
            ),
        },
        reads=(REVALORISATION,),
        writes=(REVALORISATION,),
        deletes=(REVALORISATION,),
    ),
)
