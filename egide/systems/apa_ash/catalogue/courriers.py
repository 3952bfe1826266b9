"""The volet of the letters: what left, when, and what was noted beside."""

from egide.kernel.catalogue.declarations import Category, Line, Only, Volet, lines
from egide.systems.apa_ash.catalogue.personne import KEYS
from egide.systems.apa_ash.purposes import CONTROLE, EVALUATION, INSTRUCTION, REVALORISATION

READERS = (INSTRUCTION, REVALORISATION, CONTROLE)

COURRIERS = (
    Volet(
        "apa_ash.Courrier",
        {
            # The team writes its proposal and tells its silence: it reads what was posted when, of
            # its own letters, and no content.
            **{
                name: Line(category, source, reads=(*READERS, EVALUATION))
                for name, category, source in (
                    *((key, Category.TECHNIQUE, "CASF R. 232-40") for key in KEYS),
                    ("nature", Category.COURRIER, "CASF R. 232-23 ; R. 232-27"),
                    ("cree_on", Category.COURRIER, "CASF R. 232-23 ; R. 232-27"),
                )
            },
            "decision_id": Line(Category.TECHNIQUE, "CASF R. 232-27"),
            **lines(Category.COURRIER, "CASF R. 232-23 ; R. 232-27", "empreinte pdf"),
            "destinataire": Line(
                Category.PROFESSIONNEL,
                "CASF D. 232-31 ; L. 232-7",
                optional=True,
                reads=(INSTRUCTION, CONTROLE),
                writes=(),
            ),
            **{
                name: Line(
                    Category.COURRIER,
                    "CASF R. 232-23 ; R. 232-27",
                    reads=(INSTRUCTION, CONTROLE),
                    writes=(),
                )
                for name in ("nom_destinataire", "succession")
            },
            "motif": Line(Category.DROIT, "CASF R. 232-16", optional=True, reads=(INSTRUCTION,)),
            # Whoever posts a letter tells its day, and when they told it: what runs against the
            # person begins no sooner.
            **{
                name: Line(
                    Category.COURRIER,
                    "CASF R. 232-16 ; R. 232-7 ; L. 134-2",
                    reads=(*READERS, EVALUATION),
                    writes=READERS,
                )
                for name in ("poste_on", "poste_constate_on")
            },
            "poste_par_id": Line(Category.TECHNIQUE, "CASF R. 232-16 ; L. 134-2", writes=READERS),
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
        reads=READERS,
        writes=(),
        # The control notifies what is to be repaid (D. 232-31) and asks for proofs (R. 232-15): it
        # reads those letters again, and writes and reads no other; the team likewise (R. 232-7).
        only={
            CONTROLE: Only("nature", ("indu", "demande_justificatifs")),
            EVALUATION: Only("nature", ("proposition_plan", "compte_rendu", "refus_repute")),
        },
        inserts=(INSTRUCTION, EVALUATION, CONTROLE, REVALORISATION),
    ),
)
