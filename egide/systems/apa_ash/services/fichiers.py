"""Know an incoming file by its fingerprint: taken in once by a service, whatever it reports."""

import hashlib
from datetime import date
from uuid import UUID

from egide.kernel import notation
from egide.kernel.access.passage import Passage
from egide.kernel.refus import ActeRefuse, refusing
from egide.systems.apa_ash.models import Import
from egide.systems.apa_ash.models.controle import NatureImport
from egide.systems.apa_ash.policy import IMPORTS


class DejaImporte(ActeRefuse):
    """These very bytes were taken in before for this service: nothing changes."""

    def __init__(self, importe_on: date) -> None:
        """Say the day of the first import."""
        day = notation.jour_long(importe_on)
        super().__init__(f"Ce fichier est déjà importé (le {day}) : rien n’a changé.")


def check_new(passage: Passage, *, service_id: UUID, contenu: bytes) -> str:
    """Give the fingerprint of a file that its service has not taken in yet."""
    empreinte = hashlib.sha256(contenu).hexdigest()
    rows = IMPORTS.rows(passage).filter(service_id=service_id, empreinte=empreinte)
    known = rows.order_by("pk").first()
    if known is not None:
        raise DejaImporte(known.importe_on)
    return empreinte


def keep_import(
    passage: Passage, *, service_id: UUID, nature: NatureImport, empreinte: str, lignes: int
) -> Import:
    """Write that a file is taken in; another hand may have done so at the same moment."""
    with refusing("import_once", DejaImporte(passage.on)):
        return IMPORTS.create(
            passage,
            service_id=service_id,
            nature=nature,
            empreinte=empreinte,
            lignes=lignes,
            importe_on=passage.on,
            importe_par_id=passage.agent.pk,
        )
