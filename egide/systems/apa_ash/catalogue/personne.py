"""The volets of the person: who, where, with whom, on what means, in what health."""

from egide.kernel.catalogue.declarations import Category, Line, Scope, Volet, lines
from egide.systems.apa_ash.purposes import (
    CONTROLE,
    EVALUATION,
    INSTRUCTION,
    PAIEMENT,
    REVALORISATION,
)

KEYS = lines(Category.TECHNIQUE, "CASF R. 232-40", "id service_id dossier_id")
SEES_PARTICIPATION = (INSTRUCTION, EVALUATION, REVALORISATION)
PROPOSITION_KEYS = {
    name: Line(Category.TECHNIQUE, "CASF R. 232-7, II ; R. 232-40", reads=SEES_PARTICIPATION)
    for name in KEYS
}
ALL = (INSTRUCTION, EVALUATION, PAIEMENT, CONTROLE, REVALORISATION)

PERSONNE = (
    Volet(
        "apa_ash.Dossier",
        {
            **lines(Category.TECHNIQUE, "CASF R. 232-40", "id service_id"),
            "numero": Line(Category.DEMANDE, "CASF R. 232-23", writes=()),
            "etat": Line(Category.DEMANDE, "CASF R. 232-41, 1°", writes=(INSTRUCTION, EVALUATION)),
            "instructeur_id": Line(
                Category.PROFESSIONNEL,
                "CASF R. 232-44",
                reads=(INSTRUCTION, EVALUATION),
                writes=(INSTRUCTION,),
            ),
            "ouvert_on": Line(Category.DEMANDE, "CASF R. 232-23", writes=()),
            **lines(
                Category.DEMANDE,
                "CNIL 2017-142, durées de conservation",
                "dernier_contact_on echeance echeance_on motif_fin",
            ),
            "fin_droit_on": Line(
                Category.DEMANDE, "CNIL 2017-142, durées de conservation", writes=(INSTRUCTION,)
            ),
            "fin_constatee_on": Line(Category.DEMANDE, "CASF R. 232-46", writes=()),
            "revision_on": Line(
                Category.DEMANDE,
                "CASF R. 232-28",
                reads=(INSTRUCTION, EVALUATION),
                writes=(INSTRUCTION,),
            ),
            "etat_droit": Line(Category.DEMANDE, "CASF R. 232-28", reads=(INSTRUCTION, EVALUATION)),
            "departement_secours": Line(
                Category.COORDONNEES, "CASF R. 232-41, 1° d", writes=(INSTRUCTION,)
            ),
        },
        reads=ALL,
        writes=(INSTRUCTION, EVALUATION),
        inserts=(INSTRUCTION,),
    ),
    Volet(
        "apa_ash.Gel",
        {
            **KEYS,
            "motif": Line(Category.DEMANDE, "RGPD, art. 17, § 3, e"),
            "jusqu_on": Line(Category.DEMANDE, "RGPD, art. 17, § 3, e"),
            "pose_on": Line(Category.DEMANDE, "RGPD, art. 17, § 3, e"),
            "pose_par_id": Line(
                Category.PROFESSIONNEL, "RGPD, art. 17, § 3, e", writes=(), author=True
            ),
        },
        reads=(INSTRUCTION,),
        writes=(),
        inserts=(INSTRUCTION,),
        deletes=(INSTRUCTION,),
    ),
    Volet(
        "apa_ash.CompteurDossier",
        {
            **lines(Category.TECHNIQUE, "CASF R. 232-23", "id organisme_id annee"),
            "dernier": Line(Category.TECHNIQUE, "CASF R. 232-23", writes=(INSTRUCTION,)),
        },
        reads=(INSTRUCTION,),
        writes=(INSTRUCTION,),
        scope=Scope.ORGANISME,
        subject=None,
    ),
    Volet(
        "apa_ash.Identite",
        {
            **KEYS,
            **lines(
                Category.IDENTITE,
                "CASF R. 232-41, 1° b",
                "nom_naissance nom_usage prenoms sexe naissance_on naissance_lieu deces_on",
            ),
            "nom_normalise": Line(Category.IDENTITE, "CASF R. 232-41, 1° b"),
            "naissance_normalisee": Line(Category.IDENTITE, "CASF R. 232-41, 1° b"),
        },
        reads=ALL,
        writes=(INSTRUCTION,),
    ),
    Volet(
        "apa_ash.Nir",
        {
            **KEYS,
            "nir": Line(Category.NIR, "CASF R. 232-41, 1° a", optional=True),
            "anciens": Line(Category.NIR, "CASF R. 232-41, 1° a", optional=True),
            "statut": Line(Category.NIR, "CASF R. 232-42"),
            "verifie_on": Line(Category.NIR, "CASF R. 232-42", optional=True),
            "verifie_aupres": Line(Category.NIR, "CASF R. 232-42", optional=True),
        },
        reads=(INSTRUCTION,),
        writes=(INSTRUCTION,),
    ),
    Volet(
        "apa_ash.Coordonnees",
        {
            **KEYS,
            **lines(Category.COORDONNEES, "CASF R. 232-41, 1° c", "adresse code_postal commune"),
            **{
                name: Line(
                    Category.COORDONNEES,
                    "CASF R. 232-41, 1° c",
                    optional=True,
                    reads=(INSTRUCTION, EVALUATION, PAIEMENT),
                )
                for name in ("telephone", "courriel")
            },
        },
        # The control notifies what is to be repaid (D. 232-31), the campaign of 1 January the new
        # amounts (R. 232-27): they need the postal address alone.
        reads=ALL,
        writes=(INSTRUCTION,),
    ),
    Volet(
        "apa_ash.Aidant",
        {
            **KEYS,
            **lines(Category.VIE_PERSONNELLE, "CASF R. 232-41, 1° h", "nom lien"),
            **lines(
                Category.VIE_PERSONNELLE, "CASF R. 232-41, 1° h", "telephone adresse", optional=True
            ),
            "indispensable": Line(Category.VIE_PERSONNELLE, "CASF L. 232-3-2 ; L. 232-3-3"),
        },
        reads=(INSTRUCTION, EVALUATION),
        writes=(INSTRUCTION, EVALUATION),
        deletes=(INSTRUCTION, EVALUATION),
    ),
    Volet(
        "apa_ash.Conjoint",
        {
            **KEYS,
            **lines(
                Category.VIE_PERSONNELLE,
                "CASF R. 232-41, 1° e ; R. 232-5",
                "lien nom_naissance prenoms naissance_on",
            ),
            "nom_usage": Line(Category.VIE_PERSONNELLE, "CASF R. 232-41, 1° e", optional=True),
        },
        reads=(INSTRUCTION,),
        writes=(INSTRUCTION,),
        deletes=(INSTRUCTION,),
    ),
    Volet(
        "apa_ash.Protection",
        {
            **KEYS,
            **lines(Category.PROTECTION, "CASF R. 232-41, 1° g", "mesure nom"),
            "adresse": Line(Category.PROTECTION, "CASF R. 232-41, 1° g", optional=True),
            "telephone": Line(
                Category.PROTECTION,
                "CASF R. 232-41, 1° g",
                optional=True,
                reads=(INSTRUCTION, EVALUATION),
            ),
        },
        # A protected person's indu and new amounts are notified to her representative (D. 232-31;
        # C. civ. 467).
        reads=(INSTRUCTION, EVALUATION, CONTROLE, REVALORISATION),
        writes=(INSTRUCTION,),
        deletes=(INSTRUCTION,),
    ),
    Volet(
        "apa_ash.CompteBancaire",
        {
            **KEYS,
            **lines(Category.BANCAIRE, "CASF annexe 2-3 ; R. 232-30", "titulaire iban saisi_on"),
            "saisi_par_id": Line(Category.PROFESSIONNEL, "CASF R. 232-30", author=True),
        },
        reads=(PAIEMENT,),
        writes=(PAIEMENT,),
    ),
    Volet(
        "apa_ash.Ressources",
        {
            **PROPOSITION_KEYS,
            **lines(
                Category.RESSOURCES,
                "CASF R. 232-5 ; R. 232-41, 1° f",
                "annee_reference source recueillies_on",
            ),
            **{
                # The team's proposal states the rate and the amount of the participation: it needs
                # the two figures that give them, and none of the lines they were summed from.
                name: Line(Category.RESSOURCES, source, reads=SEES_PARTICIPATION)
                for name, source in (
                    ("couple", "CASF R. 232-7, II ; R. 232-11"),
                    ("ressources_mensuelles", "CASF R. 232-7, II ; R. 232-11"),
                    ("effet_on", "CASF R. 232-6"),
                    ("avant_id", "CASF R. 232-6"),
                )
            },
            "en_vigueur": Line(
                Category.RESSOURCES,
                "CASF R. 232-7, II",
                reads=SEES_PARTICIPATION,
                writes=(INSTRUCTION,),
            ),
            "neutralisation": Line(Category.RESSOURCES, "CASF R. 232-6", optional=True),
        },
        reads=(INSTRUCTION, REVALORISATION),
        # What a decision counted upon is not written again: other resources replace it.
        writes=(),
        inserts=(INSTRUCTION,),
    ),
    Volet(
        "apa_ash.LigneRessource",
        {
            **KEYS,
            **lines(
                Category.RESSOURCES,
                "CASF R. 232-5 ; R. 232-41, 1° f",
                "ressources_id nature conjoint montant_annuel montant_retenu",
            ),
        },
        reads=(INSTRUCTION,),
        writes=(),
        inserts=(INSTRUCTION,),
    ),
    Volet(
        "apa_ash.Visite",
        {
            **KEYS,
            **lines(Category.DEMANDE, "CASF R. 232-7", "prevue_on realisee_on"),
            "creneau": Line(Category.DEMANDE, "CASF R. 232-7", optional=True),
            "evaluateur_id": Line(Category.PROFESSIONNEL, "CASF R. 232-7"),
        },
        reads=(INSTRUCTION, EVALUATION),
        writes=(INSTRUCTION, EVALUATION),
    ),
    Volet(
        "apa_ash.Evaluation",
        {
            **KEYS,
            "visite_id": Line(Category.DEMANDE, "CASF R. 232-7", optional=True),
            "faite_on": Line(Category.DEMANDE, "CASF R. 232-7"),
            "gir": Line(Category.SANTE, "CASF R. 232-3 ; R. 232-4"),
            "auteur_id": Line(Category.PROFESSIONNEL, "CASF R. 232-7", writes=(), author=True),
        },
        reads=(INSTRUCTION, EVALUATION),
        # A GIR that was found is not changed: another evaluation follows it.
        writes=(),
        inserts=(EVALUATION,),
    ),
    Volet(
        "apa_ash.GrilleAggir",
        {
            **KEYS,
            "evaluation_id": Line(Category.TECHNIQUE, "CASF R. 232-3"),
            **lines(
                Category.SANTE,
                "CASF R. 232-3, annexes 2-1 et 2-2 ; R. 232-44",
                "adverbes lettres groupe sommes rang version",
            ),
            "illustratives": Line(Category.SANTE, "CASF annexe 2-1 ; R. 232-44", optional=True),
            "observations": Line(Category.SANTE, "CASF L. 232-6 ; R. 232-44", optional=True),
        },
        reads=(EVALUATION,),
        writes=(),
        inserts=(EVALUATION,),
    ),
    Volet(
        "apa_ash.EvaluationBesoins",
        {
            **KEYS,
            "evaluation_id": Line(Category.TECHNIQUE, "CASF R. 232-7"),
            **{
                name: Line(Category.SANTE, "CASF R. 232-7 ; R. 232-44", optional=True, writes=())
                for name in ("logement", "aides_en_place", "aidants", "souhaits")
            },
            # What the report of the visit says is settled when it leaves (R. 232-7, II).
            "conseils": Line(Category.SANTE, "CASF R. 232-7, II ; R. 232-44", optional=True),
            "compte_rendu_on": Line(Category.DEMANDE, "CASF R. 232-7, II", optional=True),
        },
        reads=(EVALUATION,),
        writes=(EVALUATION,),
    ),
)
