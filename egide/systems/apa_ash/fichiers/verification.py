"""Tell whether a file of payments is the one that the frozen lines of its run give."""

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from uuid import UUID

from egide.systems.apa_ash.fichiers.virements import Debiteur, Virement, write_csv, write_sepa

# Who pays, from which account, on which days: said at the issue, and kept by the message alone.
PAYER = re.compile(
    r"<CreDtTm>([0-9]{4}-[0-9]{2}-[0-9]{2})T00:00:00</CreDtTm>.*"
    r"<InitgPty><Nm>([A-Z0-9 ]*)</Nm>.*"
    r"<ReqdExctnDt>([0-9]{4}-[0-9]{2}-[0-9]{2})</ReqdExctnDt>.*"
    r"<DbtrAcct><Id><IBAN>([A-Z0-9]+)</IBAN>",
    re.DOTALL,
)


def same_csv(contenu: bytes, *, virements: Sequence[Virement], lot_id: UUID) -> bool:
    """Write the table again; a service may have corrected its SIRET since, and nothing else."""
    try:
        text = io.StringIO(contenu.decode("utf-8-sig"), newline="")
        rows = list(csv.DictReader(text, delimiter=";", strict=True))
    except (UnicodeDecodeError, csv.Error):
        return False
    if len(rows) != len(virements):
        return False
    issued = [
        replace(v, siret=row.get("siret") or "") if v.siret else v
        for v, row in zip(virements, rows, strict=True)
    ]
    return write_csv(issued, lot_id=lot_id) == contenu


def same_sepa(contenu: bytes, *, virements: Sequence[Virement], lot_id: UUID) -> bool:
    """Write the message again, with the payer and the day that it names."""
    found = PAYER.search(contenu.decode("utf-8", errors="replace"))
    if found is None:
        return False
    emis_on, nom, execution_on, iban = found.groups()
    try:
        days = (date.fromisoformat(execution_on), date.fromisoformat(emis_on))
        debiteur = Debiteur(nom, iban, *days)
    except ValueError:
        return False
    return write_sepa(virements, lot_id=lot_id, debiteur=debiteur) == contenu
