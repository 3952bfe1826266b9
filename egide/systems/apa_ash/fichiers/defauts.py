"""A defect of an incoming file, told by its place; bounds that hold whatever the format."""

from dataclasses import dataclass

from egide.kernel.refus import ActeRefuse

TAILLE_MAX = 10 * 1024 * 1024
LIGNES_MAX = 100_000
DEFAUTS_MAX = 100


@dataclass(frozen=True, slots=True)
class Defaut:
    """What was found at a line and a column, and what was expected."""

    ligne: int
    colonne: str
    message: str


class FichierRefuse(ActeRefuse):
    """The file has defects: nothing of it is taken."""

    def __init__(self, *defauts: Defaut) -> None:
        """Keep the defects, in the order of the file."""
        super().__init__(f"{len(defauts)} défauts")
        self.defauts = defauts[:DEFAUTS_MAX]
        self.total = len(defauts)


def decode(contenu: bytes) -> str:
    """Read UTF-8 text, with or without its mark; tell where it is not."""
    if len(contenu) > TAILLE_MAX:
        raise FichierRefuse(Defaut(0, "", "Fichier de plus de 10 Mo : découpez-le par mois."))
    if not contenu.strip():
        raise FichierRefuse(Defaut(0, "", "Fichier vide."))
    try:
        text = contenu.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = contenu.count(b"\n", 0, error.start) + 1
        message = "Caractère illisible : enregistrez le fichier en « CSV UTF-8 »."
        raise FichierRefuse(Defaut(line, "", message)) from None
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise FichierRefuse(Defaut(line, "", "Ce n’est pas un fichier texte en UTF-8."))
    return text
