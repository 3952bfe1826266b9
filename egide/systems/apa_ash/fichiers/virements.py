"""The file of payments: a table with published columns, and SEPA credit transfers.

The PES V2 flow of the public accountant is not written here: its schema is not public enough for
its fields to be filled without the accountant's own guide.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID
from xml.etree.ElementTree import Element, SubElement, tostring

from egide.systems.apa_ash.fichiers.tableur import write_table
from egide.systems.apa_ash.normalisation import normalise_name

COLONNES = (
    "lot",
    "mois_du",
    "dossier",
    "type_beneficiaire",
    "beneficiaire",
    "siret",
    "iban",
    "montant_brut",
    "retenue",
    "montant",
)
PAIN = "urn:iso:std:iso:20022:tech:xsd:pain.001.001.03"
# The longest name that a transfer carries (EPC115-06).
NOM_MAX = 70


@dataclass(frozen=True, slots=True)
class Virement:
    """One amount to one account, for one file and one month."""

    mois_du: date
    dossier: str
    beneficiaire: str
    siret: str
    iban: str
    montant_brut: Decimal
    retenue: Decimal
    sur_facture: bool = False

    @property
    def montant(self) -> Decimal:
        """Give what is really transferred."""
        return self.montant_brut - self.retenue


@dataclass(frozen=True, slots=True)
class Debiteur:
    """Who pays, from which account, on which day, and the day that it was written."""

    nom: str
    iban: str
    execution_on: date
    emis_on: date


def write_csv(virements: Iterable[Virement], *, lot_id: UUID) -> bytes:
    """Write one row per payment, for a spreadsheet."""
    return write_table(
        COLONNES,
        (
            [
                str(lot_id),
                f"{v.mois_du:%Y-%m}",
                v.dossier,
                "service" if v.siret else "personne",
                v.beneficiaire,
                v.siret,
                v.iban,
                v.montant_brut,
                v.retenue,
                v.montant,
            ]
            for v in virements
        ),
    )


def write_sepa(virements: Sequence[Virement], *, lot_id: UUID, debiteur: Debiteur) -> bytes:
    """Write a pain.001.001.03 message: one transfer per account, all its lines added.

    A line that withholding brings to zero is no transfer. The message is dated by the day of its
    issue, at midnight: written again, the same run gives the same bytes.
    """
    lines: dict[tuple[str, str], list[Virement]] = {}
    for v in virements:
        if v.montant:
            lines.setdefault((v.beneficiaire, v.iban), []).append(v)
    grouped = {key: sum((v.montant for v in of), Decimal(0)) for key, of in lines.items()}
    root = Element("Document", xmlns=PAIN)
    message = SubElement(root, "CstmrCdtTrfInitn")
    total = f"{sum(grouped.values(), Decimal(0)):.2f}"
    header = SubElement(message, "GrpHdr")
    _fill(header, MsgId=lot_id.hex, CreDtTm=f"{debiteur.emis_on}T00:00:00")
    _fill(header, NbOfTxs=str(len(grouped)), CtrlSum=total)
    _fill(SubElement(header, "InitgPty"), Nm=_sepa(debiteur.nom))
    payment = SubElement(message, "PmtInf")
    _fill(payment, PmtInfId=lot_id.hex, PmtMtd="TRF", BtchBookg="true")
    _fill(payment, NbOfTxs=str(len(grouped)), CtrlSum=total)
    _fill(SubElement(SubElement(payment, "PmtTpInf"), "SvcLvl"), Cd="SEPA")
    _fill(payment, ReqdExctnDt=str(debiteur.execution_on))
    _fill(SubElement(payment, "Dbtr"), Nm=_sepa(debiteur.nom))
    _account(payment, "DbtrAcct", debiteur.iban)
    agent = SubElement(SubElement(payment, "DbtrAgt"), "FinInstnId")
    _fill(SubElement(agent, "Othr"), Id="NOTPROVIDED")
    _fill(payment, ChrgBr="SLEV")
    for (nom, iban), montant in sorted(grouped.items()):
        transfer = _transfer(payment, lot_id=lot_id, nom=nom, iban=iban, montant=montant)
        _fill(SubElement(transfer, "RmtInf"), Ustrd=libelle(lines[nom, iban], lot_id=lot_id))
    body: bytes = tostring(root, encoding="utf-8")
    return b'<?xml version="1.0" encoding="UTF-8"?>\n' + body


def _transfer(payment: Element, *, lot_id: UUID, nom: str, iban: str, montant: Decimal) -> Element:
    transfer = SubElement(payment, "CdtTrfTxInf")
    _fill(SubElement(transfer, "PmtId"), EndToEndId=reference(lot_id, nom=nom, iban=iban))
    amount = SubElement(SubElement(transfer, "Amt"), "InstdAmt", Ccy="EUR")
    amount.text = f"{montant:.2f}"
    _fill(SubElement(transfer, "Cdtr"), Nm=_sepa(nom))
    _account(transfer, "CdtrAcct", iban)
    return transfer


def reference(lot_id: UUID, *, nom: str, iban: str) -> str:
    """Give the end-to-end reference of a payee in a run: the same whatever the other lines are.

    It names nobody, and two runs share none.
    """
    digest = hashlib.sha256(f"{lot_id}|{nom}|{iban}".encode()).hexdigest()
    return f"APA-{lot_id.hex[:8]}-{digest[:16]}".upper()


def libelle(lines: Sequence[Virement], *, lot_id: UUID) -> str:
    """Say on the payee's account what is paid: months and kind, and the slip for a service.

    Neither a person nor a file is named there: a bank and its customers' staff would read it. The
    slip tells a service for whom (CASF R. 232-45).
    """
    months = sorted({v.mois_du for v in lines})
    first, last = (f"{mois:%m/%Y}" for mois in (months[0], months[-1]))
    period = first if first == last else f"{first}-{last}"
    kinds = {"FACTURES" if v.sur_facture else "MENSUEL" for v in lines}
    kind = " ET ".join(sorted(kinds, reverse=True))
    slip = f" BORDEREAU {lot_id.hex[:8].upper()}" if any(v.siret for v in lines) else ""
    return f"APA {period} {kind}{slip}"


def _account(parent: Element, name: str, iban: str) -> None:
    _fill(SubElement(SubElement(parent, name), "Id"), IBAN=iban)


def _fill(parent: Element, **values: str) -> None:
    for name, value in values.items():
        SubElement(parent, name).text = value


def _sepa(text: str) -> str:
    # Upper-case ASCII words are within what every SEPA bank accepts (EPC217-08).
    return normalise_name(text)[:NOM_MAX]
