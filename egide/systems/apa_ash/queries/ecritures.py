"""The set-based writes of a month: one statement each, under the role of their purpose."""

import json
import uuid
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from uuid import UUID

from django.db import connection

from egide.systems.apa_ash.models import Import, LotPaiement
from egide.systems.apa_ash.models.controle import EtatIndu
from egide.systems.apa_ash.models.paiement import EtatLot


def insert_paiements(lot: LotPaiement, lignes: Iterable[Mapping[str, object]]) -> None:
    """Insert every line of a run in one statement."""
    rows = [{"id": uuid.uuid4(), **ligne} for ligne in lignes]
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO apa_ash_paiement (id, service_id, lot_id, dossier_id, droit_id,"
            " prestataire_id, facture_id, titulaire, iban, saisi_par_id, mois_du, montant_brut,"
            " retenue, anomalie, ecarte, examen, examine_par_id) SELECT id, %s, %s, dossier_id,"
            " droit_id, prestataire_id, facture_id, titulaire, iban, saisi_par_id, mois_du,"
            " montant_brut, retenue, anomalie, coalesce(ecarte, false), coalesce(examen, ''),"
            " examine_par_id"
            " FROM jsonb_to_recordset(%s::jsonb) AS ligne(id uuid, dossier_id uuid, droit_id uuid,"
            " prestataire_id uuid, facture_id uuid, titulaire text, iban text, saisi_par_id uuid,"
            " mois_du date, montant_brut numeric, retenue numeric, anomalie text, ecarte boolean,"
            " examen text, examine_par_id uuid)",
            [lot.service_id, lot.pk, json.dumps(rows, default=str)],
        )


def upsert_prestations(
    taken: Import, figures: list[tuple[UUID, UUID, date, Decimal]], *, column: str
) -> None:
    """Write the figures (file, service, month, value) of one imported file in one statement.

    `column` is one of two names of the code, never typed by anyone.
    """
    rows = [
        {"id": uuid.uuid4(), "dossier": d, "prestataire": p, "mois": m, "valeur": v}
        for d, p, m, v in figures
    ]
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO apa_ash_prestation (id, service_id, dossier_id, prestataire_id, mois,"  # noqa: S608 -- see above
            f" {column}, recu_dans_id) SELECT r.id, %s, r.dossier, r.prestataire, r.mois,"
            f" r.valeur, %s FROM jsonb_to_recordset(%s::jsonb) AS r(id uuid, dossier uuid,"
            f" prestataire uuid, mois date, valeur numeric)"
            f" ON CONFLICT (dossier_id, prestataire_id, mois) DO UPDATE"
            f" SET {column} = EXCLUDED.{column}, recu_dans_id = EXCLUDED.recu_dans_id",
            [taken.service_id, taken.pk, json.dumps(rows, default=str)],
        )


COUNTED = (
    "UPDATE apa_ash_indu i SET recouvre = i.recouvre + r.part, etat = CASE"
    " WHEN i.recouvre + r.part + i.remis < i.montant - i.retire"
    " THEN CASE WHEN i.etat IN (%s, %s) THEN %s ELSE i.etat END"
    " WHEN i.etat = %s THEN %s ELSE i.etat END"
    " FROM jsonb_to_recordset(%s::jsonb) AS r(id uuid, part numeric)"
    " WHERE i.id = r.id AND r.part <> 0"
)


def count_on_debts(parts: Iterable[tuple[UUID, Decimal]]) -> None:
    """Add to what was recovered of each debt, in one statement."""
    with connection.cursor() as cursor:
        cursor.execute(COUNTED, _counted(parts))


def abandon_with_debts(lot: LotPaiement, *, parts: Iterable[tuple[UUID, Decimal]]) -> None:
    """Give up a run and add these parts, negative, to its debts: one statement for both.

    Between two, the debts would count what no run withholds, or not what one still does, and
    PostgreSQL refuses either. A debt of which something is left again is owed again, remitted
    meanwhile or not; withdrawn whole, it stays so.
    """
    given_up = "WITH given_up AS (UPDATE apa_ash_lotpaiement SET etat = %s WHERE id = %s) "
    with connection.cursor() as cursor:
        cursor.execute(given_up + COUNTED, [EtatLot.ABANDONNE, lot.pk, *_counted(parts)])
    lot.etat = EtatLot.ABANDONNE


def _counted(parts: Iterable[tuple[UUID, Decimal]]) -> list[str]:
    rows = json.dumps([{"id": pk, "part": part} for pk, part in parts], default=str)
    back = [EtatIndu.RECOUVRE, EtatIndu.REMIS, EtatIndu.NOTIFIE]
    return [*back, EtatIndu.NOTIFIE, EtatIndu.RECOUVRE, rows]
