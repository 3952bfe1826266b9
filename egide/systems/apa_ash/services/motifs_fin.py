"""The grounds that end a right, with the words of the letter and their articles."""

from collections.abc import Mapping
from dataclasses import dataclass

from egide.kernel.refus import ActeRefuse


@dataclass(frozen=True, slots=True)
class MotifFin:
    """A ground that ends a right: its words and its article."""

    libelle: str
    texte: str
    source: str


DECES = "Décès du bénéficiaire (CASF R. 232-32)."
RENONCIATION, GIR, DEPART = "renonciation", "gir", "depart"
ETABLISSEMENT, CUMUL, RESIDENCE = "etablissement", "cumul", "residence"
# Grounds that say nothing without the fact: the person could not answer them otherwise.
A_PRECISER = frozenset({CUMUL, RESIDENCE})

MOTIFS: Mapping[str, MotifFin] = {
    RENONCIATION: MotifFin("Renonciation", "Vous avez renoncé à l’APA.", "CASF R. 232-27"),
    GIR: MotifFin(
        "GIR 5 ou 6 après révision",
        "L’évaluation vous classe hors des groupes iso-ressources 1 à 4.",
        "CASF R. 232-4",
    ),
    DEPART: MotifFin(
        "Changement de domicile de secours",
        "Vous résidez dans un autre département, où vous acquérez un domicile de secours.",
        "CASF L. 122-2 et L. 122-3",
    ),
    ETABLISSEMENT: MotifFin(
        "Entrée en établissement",
        "Vous vivez dans un établissement : l’APA à domicile, qui paie l’aide chez vous, n’est "
        "plus due.",
        "CASF L. 232-3, L. 232-5 et L. 232-8",
    ),
    CUMUL: MotifFin(
        "Autre prestation non cumulable",
        "Vous recevez une prestation qui ne se cumule pas avec l’APA.",
        "CASF L. 232-23",
    ),
    RESIDENCE: MotifFin(
        "Résidence stable et régulière perdue",
        "Vous ne résidez plus en France de façon stable et régulière.",
        "CASF L. 232-1 et R. 232-2",
    ),
}


class FaitNonDit(ActeRefuse):
    """An end for another benefit, or for the residence, names the fact."""

    message = (
        "Dites le fait\u00a0: la prestation que la personne reçoit, ou ce qui établit qu’elle ne "
        "réside plus en France de façon stable et régulière. Le courrier doit le dire."
    )


def write_motif(code: str, *, precisions: str = "") -> str:
    """Write the ground of an end with the fact that it rests on, where it needs one."""
    told = precisions.strip()
    if code in A_PRECISER and not told:
        raise FaitNonDit
    return f"{MOTIFS[code].texte} {told}".strip()
