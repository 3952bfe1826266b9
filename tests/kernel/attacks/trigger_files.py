"""What each guard refuses of the files of a run, of the letters of campaigns, and of numbers."""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

from egide.systems.apa_ash import models as m
from egide.systems.apa_ash.fichiers.virements import Debiteur, Virement, write_csv, write_sepa
from egide.systems.apa_ash.purposes import CONTROLE, REVALORISATION
from tests.kernel.attacks.trigger_attempts import (
    CAMPAGNE,
    COURRIER,
    LIGNE_CAMPAGNE,
    MOIS,
    VALIDE,
    Step,
)
from tests.kernel.attacks.trigger_legs import ALICE, PAUL, SECOND, Legs, decided
from tests.personas import today

FILED = (
    "INSERT INTO apa_ash_fichierpaiement (id, service_id, lot_id, forme, nom, empreinte, contenu)"
    " SELECT gen_random_uuid(), %s, %s, %s, 'x', encode(sha256(b.told), 'hex'), b.told"
    " FROM (SELECT %s::bytea AS told) b"
)
PAYER = "FR7630001007941234567890185"
COUNTER = (
    "INSERT INTO apa_ash_compteurdossier (id, organisme_id, annee, dernier)"
    " VALUES (gen_random_uuid(), %s, %s, %s)"
)
COUNTED = "UPDATE apa_ash_compteurdossier SET dernier = %s"


class Files(Legs):
    """The scene, with what leaves it for a bank, for a person, or for other services."""

    def kinds(self) -> list[Callable[[], Iterator[list[Step]]]]:
        return [*super().kinds(), self.files, self.campaign_letters, self.counters]

    def files(self) -> Iterator[list[Step]]:
        """A file of the run as it is written, then by a hand that adds, renames, or dates it."""
        lot, valide = self.lot.pk, ("owner", VALIDE, self.team.remi.pk)
        kept = m.CompteBancaire.objects.get(dossier=self.paye)
        line = Virement(MOIS, self.paye.numero, kept.titulaire, "", kept.iban,
                        Decimal("500.00"), Decimal("0.00"))  # fmt: skip
        table = write_csv([line], lot_id=lot)
        smuggled = table + b"x;x;x;x;x;x;FR00;9;0;9\n"
        renamed = table.replace(kept.titulaire.encode(), b"Autre")
        two_lines = r"E'x\r\nx;x;x;personne;x;;FR00;9;0;9'"
        yield [(*PAUL, f"UPDATE apa_ash_comptebancaire SET titulaire = {two_lines}")]
        yield [("carole", CONTROLE, f"UPDATE apa_ash_prestataire SET nom = {two_lines}")]
        for told in (table, smuggled, renamed, table.replace(b";personne;", b";service;")):
            yield [valide, (*SECOND, FILED, self.team.nord.pk, lot, "csv", told)]

        def message(issued: date, executed: date) -> bytes:
            payer = Debiteur("Département de l’Ain", PAYER, execution_on=executed, emis_on=issued)
            return write_sepa([line], lot_id=lot, debiteur=payer)

        eve, next_day = today() - timedelta(days=1), today() + timedelta(days=1)
        honest = message(today(), today())
        hidden = honest.replace(b"<CdtTrfTxInf>", b"<!--<CdtTrfTxInf>").replace(
            b"</CdtTrfTxInf>",
            b"</CdtTrfTxInf>--><CdtTrfTxInf ><IBAN >FR00</IBAN></CdtTrfTxInf >",
        )
        for told in (
            honest,
            hidden,
            honest.replace(b"500.00", b"900.00"),
            message(eve, today()),
            message(eve - timedelta(days=1), today()),
            message(next_day, next_day),
            message(today(), eve),
        ):
            yield [valide, (*SECOND, FILED, self.team.nord.pk, lot, "sepa", told)]

    def campaign_letters(self) -> Iterator[list[Step]]:
        """A revaluation is told by another hand, before it is applied, or of another file."""
        t, nord, paye = self.team, self.team.nord.pk, self.paye.pk
        pk, campagne, other = uuid4(), uuid4(), uuid4()
        query = decided("revalorisation", taken="access.today() - 9")
        took = ("owner", query, pk, nord, paye, t.remi.pk, None)
        told = COURRIER.format("access.today()").replace("accuse_reception", "revalorisation")
        told = told.replace("gen_random_uuid()", "%s").replace("pdf)", "pdf, decision_id)")
        told = told.removesuffix("'x')") + "'x', %s)"
        campaign = ("remi", REVALORISATION)
        over, whole = self.over(campagne, pk)
        beside = ("owner", CAMPAGNE.replace("access.today(), %s", "access.today() + 1, %s"), other,
                  nord, "en_cours", t.remi.pk)  # fmt: skip

        for who in (campaign, ALICE):
            yield [over, whole, took, (*who, told, pk, nord, paye, pk)]
        for change in (
            f"campagne_id = '{other}'",
            f"dossier_id = '{self.nu.pk}'",
            "applique = false",
        ):
            changed = ("owner", f"UPDATE apa_ash_lignecampagne SET {change}")
            yield [over, beside, whole, changed, took, (*campaign, told, pk, nord, paye, pk)]

    def over(self, campagne: Any, pk: Any) -> list[Step]:
        """Give a campaign that is over, and the line of the file that it applied."""
        known = (self.team.nord.pk, campagne, self.paye.pk, self.droit.pk)
        return [
            ("owner", CAMPAGNE, campagne, self.team.nord.pk, "terminee", self.team.remi.pk),
            ("owner", LIGNE_CAMPAGNE, pk, *known),
        ]

    def counters(self) -> Iterator[list[Step]]:
        """The numbers of a year are thrown ahead, brought back, or opened elsewhere."""
        mine, year = self.team.departement.pk, today().year
        for annee, dernier in ((year, 0), (year, 7), (year + 1, 0), (year - 2, 0)):
            yield [(*ALICE, COUNTER, mine, annee, dernier)]
        taken = "UPDATE apa_ash_dossier SET numero = %s WHERE id = %s"
        for known, allotted in ((0, (5, 5_000, 99_999)), (10, (5, 5_010, 5_011))):
            opened = ("owner", COUNTER, mine, year, known)
            for later in allotted:
                yield [opened, (*ALICE, COUNTED, later)]
        # Above all those that tests number.
        over = ("owner", taken, f"{year}-90000", self.nu.pk)
        for later in (95_000, 95_001):
            yield [over, ("owner", COUNTER, mine, year, 0), (*ALICE, COUNTED, later)]
