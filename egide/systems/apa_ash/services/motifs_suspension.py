"""The grounds on which a payment may be suspended, after a formal notice (CASF R. 232-16)."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class MotifSuspension:
    """A ground of suspension: its words, its article, and what would put things right."""

    libelle: str
    texte: str
    source: str
    attendu: str


JUSTIFICATIFS = "justificatifs"
MOTIFS: Mapping[str, MotifSuspension] = {
    "declaration": MotifSuspension(
        "Salarié ou service non déclaré",
        "Vous n’avez pas déclaré le service ou la personne qui vous aide.",
        "CASF L. 232-7",
        "Déclarez-nous le service ou la personne qui vous aide.",
    ),
    JUSTIFICATIFS: MotifSuspension(
        "Justificatifs non produits",
        "Vous n’avez pas produit dans le mois les justificatifs demandés le {demandee}, pour vos "
        "dépenses du {depuis} au {jusque}.",
        "CASF L. 232-7",
        "Envoyez-nous les justificatifs demandés.",
    ),
    "participation": MotifSuspension(
        "Participation non acquittée",
        "Vous n’avez pas acquitté votre participation financière.",
        "CASF R. 232-16",
        "Acquittez votre participation, ou prenez contact avec nous pour un échéancier.",
    ),
    "qualite": MotifSuspension(
        "Aide de mauvaise qualité ou risque",
        "Le service rendu présente un risque pour votre santé, votre sécurité ou votre bien-être.",
        "CASF R. 232-16",
        "Choisissez un autre service ou une autre personne ; nous pouvons vous y aider.",
    ),
}
