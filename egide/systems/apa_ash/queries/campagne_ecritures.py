"""The set-based writes of a campaign: one statement moves a batch, under the purpose's own role."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from django.db import connection

from egide.systems.apa_ash.models import Campagne
from egide.systems.apa_ash.revalorisation import Revalorise

LIGNES_PER_STATEMENT = 5_000

INSERT_LIGNES = """
    INSERT INTO apa_ash_lignecampagne
        (id, service_id, campagne_id, droit_id, dossier_id, apa_avant, plan_apres, taux_apres,
         participation_apres, apa_apres, applique)
    SELECT gen_random_uuid(), %s, %s, ligne.*, false
    FROM unnest(%s::uuid[], %s::uuid[], %s::numeric[], %s::numeric[], %s::numeric[],
                %s::numeric[], %s::numeric[]) ligne
    ON CONFLICT (campagne_id, dossier_id) DO NOTHING
"""

DELETE_PENDING = """
    DELETE FROM apa_ash_lignecampagne WHERE campagne_id = %s AND service_id = %s AND NOT applique
"""

# The flag falls first: a line is taken once, and only while its right still runs on the day.
TAKE_BATCH = """
    UPDATE apa_ash_lignecampagne taken SET applique = true
    FROM (
        SELECT ligne.id
        FROM apa_ash_lignecampagne ligne
        JOIN apa_ash_droit droit ON droit.id = ligne.droit_id
            AND droit.service_id = ligne.service_id
            AND droit.periode @> %(effet_on)s AND lower(droit.periode) < %(effet_on)s
        JOIN apa_ash_identite identite ON identite.dossier_id = ligne.dossier_id
            AND (identite.deces_on IS NULL OR identite.deces_on > %(effet_on)s)
        WHERE ligne.campagne_id = %(campagne_id)s AND ligne.service_id = %(service_id)s
            AND NOT ligne.applique
        ORDER BY ligne.id LIMIT %(size)s FOR UPDATE OF droit
    ) todo
    WHERE taken.id = todo.id
    RETURNING taken.id, taken.dossier_id
"""

# The decision and the right take the id of their line: a line applied twice breaks a primary key.
# The new right comes from the row that the closing returns, so it never meets the old one.
CLOSE_AND_OPEN = """
    WITH closed AS (
        UPDATE apa_ash_droit droit
        SET periode = daterange(lower(droit.periode), %(effet_on)s)
        FROM (
            SELECT old.id, upper(old.periode) AS fin_on, ligne.id AS ligne_id,
                   ligne.taux_apres, ligne.participation_apres, ligne.apa_apres
            FROM apa_ash_lignecampagne ligne
            JOIN apa_ash_droit old ON old.id = ligne.droit_id
            WHERE ligne.id = ANY(%(lignes)s)
        ) before
        WHERE droit.id = before.id AND droit.service_id = %(service_id)s
        RETURNING droit.service_id, droit.dossier_id, droit.gir, droit.couple,
            droit.ressources_mensuelles, droit.plan_mensuel, droit.forfait, before.*
    )
    INSERT INTO apa_ash_droit
        (id, service_id, dossier_id, decision_id, periode, gir, couple, ressources_mensuelles,
         plan_mensuel, taux_participation, participation, apa, forfait)
    SELECT ligne_id, service_id, dossier_id, ligne_id, daterange(%(effet_on)s, fin_on), gir, couple,
           ressources_mensuelles, plan_mensuel, taux_apres, participation_apres, apa_apres, forfait
    FROM closed
"""


def replace_pending(campagne: Campagne, *, lignes: Sequence[Revalorise]) -> None:
    """Put these lines in the place of those that were not applied."""
    with connection.cursor() as cursor:
        cursor.execute(DELETE_PENDING, [campagne.pk, campagne.service_id])
        for start in range(0, len(lignes), LIGNES_PER_STATEMENT):
            columns = zip(*lignes[start : start + LIGNES_PER_STATEMENT], strict=True)
            cursor.execute(INSERT_LIGNES, [campagne.service_id, campagne.pk, *map(list, columns)])


def take_batch(campagne: Campagne, *, size: int) -> dict[UUID, UUID]:
    """Flag the next lines as applied and hold their rights; give line → file."""
    with connection.cursor() as cursor:
        cursor.execute(
            TAKE_BATCH,
            {
                "effet_on": campagne.effet_on,
                "campagne_id": campagne.pk,
                "service_id": campagne.service_id,
                "size": size,
            },
        )
        return dict(cursor.fetchall())


def close_and_open(*, lignes: Sequence[UUID], service_id: UUID, effet_on: date) -> None:
    """Close the rights of these lines on the eve and open the new ones."""
    with connection.cursor() as cursor:
        cursor.execute(
            CLOSE_AND_OPEN,
            {"effet_on": effet_on, "lignes": list(lignes), "service_id": service_id},
        )
