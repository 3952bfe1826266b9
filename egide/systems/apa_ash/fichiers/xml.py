"""Read XML with its lines: no entity, document type, external file or processing instruction."""

import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Optional
from xml.sax import SAXParseException
from xml.sax.handler import ContentHandler
from xml.sax.xmlreader import AttributesImpl, Locator

from defusedxml import DefusedXmlException
from defusedxml.sax import make_parser

from egide.systems.apa_ash.fichiers.defauts import TAILLE_MAX, TROP_GRAND, Defaut, FichierRefuse

PROFONDEUR_MAX = 64
ELEMENTS_MAX = 200_000


@dataclass(slots=True)
class Noeud:
    """An element with its local name, its line, its text and its place in the tree."""

    nom: str
    ligne: int
    parent: Optional["Noeud"] = None
    texte: str = ""
    enfants: list["Noeud"] = field(default_factory=list)

    def walk(self) -> Iterator["Noeud"]:
        """Yield the element, then all that it holds, in the order of the file."""
        pending = [self]
        while pending:
            node = pending.pop()
            yield node
            pending.extend(reversed(node.enfants))


class _Builder(ContentHandler):
    def __init__(self) -> None:
        super().__init__()
        self.racine: Noeud | None = None
        self._open: list[Noeud] = []
        # Text comes in as many parts as the file wants: joined once, at the end of its element.
        self._parts: list[list[str]] = []
        self._count = 0
        self._locator: Locator | None = None

    def setDocumentLocator(self, locator: Locator) -> None:  # noqa: N802 -- the name of SAX
        self._locator = locator

    def startElement(self, name: str, attrs: AttributesImpl) -> None:  # noqa: N802, ARG002 -- SAX
        line = self._line()
        self._count += 1
        if len(self._open) >= PROFONDEUR_MAX:
            raise FichierRefuse(Defaut(line, "", "Structure XML démesurée : fichier refusé."))
        if self._count > ELEMENTS_MAX:
            message = "Plus de 200 000 éléments : découpez le fichier par mois."
            raise FichierRefuse(Defaut(line, "", message))
        parent = self._open[-1] if self._open else None
        node = Noeud(name.rpartition(":")[2], line, parent)
        if parent is None:
            self.racine = node
        else:
            parent.enfants.append(node)
        self._open.append(node)
        self._parts.append([])

    def characters(self, content: str) -> None:
        if self._parts:
            self._parts[-1].append(content)

    def endElement(self, name: str) -> None:  # noqa: N802, ARG002 -- SAX
        node = self._open.pop()
        node.texte = "".join(self._parts.pop()).strip()

    def processingInstruction(self, target: str, data: str) -> None:  # noqa: N802, ARG002 -- SAX
        message = "Une instruction de traitement (« <?…?> ») n’est pas admise : fichier refusé."
        raise FichierRefuse(Defaut(self._line(), "", message))

    def _line(self) -> int:
        return (self._locator.getLineNumber() if self._locator else 0) or 0


def read_xml(contenu: bytes) -> Noeud:
    """Give the root of an XML file, or refuse it with the line of its defect."""
    if len(contenu) > TAILLE_MAX:
        raise FichierRefuse(Defaut(0, "", TROP_GRAND))
    builder = _Builder()
    parser = make_parser()
    parser.forbid_dtd = True
    parser.setContentHandler(builder)
    try:
        parser.parse(io.BytesIO(contenu))
    except DefusedXmlException:
        message = "Une déclaration DOCTYPE ou une entité n’est pas admise : fichier refusé."
        raise FichierRefuse(Defaut(0, "", message)) from None
    except SAXParseException as error:
        line, column = error.getLineNumber() or 0, error.getColumnNumber() or 0
        message = "XML mal formé, ou encodage différent de celui qui est déclaré."
        raise FichierRefuse(Defaut(line, str(column + 1), message)) from None
    except (LookupError, ValueError):
        raise FichierRefuse(Defaut(1, "", "Encodage inconnu : enregistrez en UTF-8.")) from None
    if builder.racine is None:
        raise FichierRefuse(Defaut(0, "", "Fichier vide."))
    return builder.racine
