"""A defect of an incoming file, told by its place; bounds that hold whatever the format."""

from dataclasses import dataclass

from egide.kernel.refus import ActeRefuse

TAILLE_MAX = 20 * 1024 * 1024
TROP_GRAND = "Fichier de plus de 20 Mo : découpez-le."
LIGNES_MAX = 100_000
DEFAUTS_MAX = 200
ENCODAGE = (
    "un fichier en UTF-8 : dans le tableur, « Enregistrer sous », puis le type « CSV UTF-8 » ; "
    "s’il n’y est pas, « CSV » et le jeu de caractères « Unicode (UTF-8) »"
)


@dataclass(frozen=True, slots=True)
class Defaut:
    """What is to be mended at a line and a column, and what was found there.

    No column when it is the whole line, no line (0) when it is the whole file; nothing found
    where the message says enough, or where it must not be repeated.
    """

    ligne: int
    colonne: str
    message: str
    trouve: str = ""


class FichierRefuse(ActeRefuse):
    """The file has defects: nothing of it is taken."""

    message = "Le fichier a des défauts : rien n’est importé."

    def __init__(self, *defauts: Defaut) -> None:
        """Keep the first defects, in the order of the file, and how many there are."""
        super().__init__()
        self.defauts = tuple(sorted(defauts, key=lambda d: d.ligne)[:DEFAUTS_MAX])
        self.total = len(defauts)


def decode(contenu: bytes) -> str:
    """Read UTF-8 text, with or without its mark; tell where it is not."""
    if len(contenu) > TAILLE_MAX:
        raise FichierRefuse(Defaut(0, "", TROP_GRAND))
    if not contenu.strip():
        raise FichierRefuse(Defaut(0, "", "Fichier vide."))
    try:
        text = contenu.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = contenu.count(b"\n", 0, error.start) + 1
        found = "un caractère qui n’est pas en UTF-8"
        raise FichierRefuse(Defaut(line, "", ENCODAGE, found)) from None
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise FichierRefuse(Defaut(line, "", "Ce n’est pas un fichier texte en UTF-8."))
    return text
