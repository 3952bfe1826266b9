"""The volet of the letters: what left, when, and what was noted beside."""

from egide.kernel.catalogue.declarations import Category, Line, Only, Volet, lines
from egide.systems.apa_ash.catalogue.personne import KEYS
from egide.systems.apa_ash.purposes import CONTROLE, EVALUATION, INSTRUCTION, REVALORISATION

COURRIERS = (
    Volet(
        "apa_ash.Courrier",
        {
            **KEYS,
            "decision_id": Line(Category.TECHNIQUE, "CASF R. 232-27"),
            **lines(
                Category.COURRIER, "CASF R. 232-23 ; R. 232-27", "nature cree_on empreinte pdf"
            ),
            "destinataire": Line(
                Category.PROFESSIONNEL,
                "CASF D. 232-31 ; L. 232-7",
                optional=True,
                reads=(INSTRUCTION, CONTROLE),
                writes=(),
            ),
            "motif": Line(Category.DROIT, "CASF R. 232-16", optional=True, reads=(INSTRUCTION,)),
            # Whoever posts a letter tells its day: what runs against the person begins no sooner.
            **{
                name: Line(
                    category,
                    "CASF R. 232-16 ; L. 134-2",
                    writes=(INSTRUCTION, CONTROLE, REVALORISATION),
                )
                for name, category in (
                    ("poste_on", Category.COURRIER),
                    ("poste_par_id", Category.TECHNIQUE),
                )
            },
            # A letter stays as it left; that the person answered a notice is noted beside it, once.
            **{
                name: Line(category, "CASF R. 232-16", reads=(INSTRUCTION,), writes=(INSTRUCTION,))
                for name, category in (
                    ("regularisee_on", Category.DROIT),
                    ("constatee_on", Category.DROIT),
                    ("constatee_par_id", Category.TECHNIQUE),
                )
            },
        },
        # The campaign of 1 January prints again the letters that it wrote.
        reads=(INSTRUCTION, REVALORISATION, CONTROLE),
        writes=(),
        # The control notifies what is to be repaid (D. 232-31) and asks for proofs (R. 232-15): it
        # reads those letters again, and writes and reads no other.
        only={CONTROLE: Only("nature", ("indu", "demande_justificatifs"))},
        # The team sends its proposal (R. 232-7, II), and reads no letter again.
        inserts=(INSTRUCTION, EVALUATION, CONTROLE, REVALORISATION),
    ),
)
