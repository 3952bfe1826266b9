"""The set-based writes of a campaign: one statement moves a batch, under the purpose's own role."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

from django.db import connection

from egide.systems.apa_ash.calculs.revalorisation import Revalorise
from egide.systems.apa_ash.models import Campagne
from egide.systems.apa_ash.models.droit import NatureDecision

COMPUTED = """
    unnest(%(droits)s::uuid[], %(dossiers)s::uuid[], %(apa_avant)s::numeric[],
           %(plan_apres)s::numeric[], %(taux_apres)s::numeric[],
           %(participation_apres)s::numeric[], %(apa_apres)s::numeric[])
    AS computed (droit_id, dossier_id, apa_avant, plan_apres, taux_apres, participation_apres,
                 apa_apres)
"""

# A line that still says the same stays as it is: computing again writes the differences only.
DELETE_STALE = f"""
    DELETE FROM apa_ash_lignecampagne ligne
    WHERE ligne.campagne_id = %(campagne_id)s AND ligne.service_id = %(service_id)s
        AND NOT ligne.applique
        AND NOT EXISTS (
            SELECT FROM {COMPUTED}
            WHERE computed.droit_id = ligne.droit_id
                AND (computed.apa_avant, computed.plan_apres, computed.taux_apres,
                     computed.participation_apres, computed.apa_apres)
                  = (ligne.apa_avant, ligne.plan_apres, ligne.taux_apres,
                     ligne.participation_apres, ligne.apa_apres)
        )
"""  # noqa: S608 -- a constant of this module

# `NOT IN` is hashed once, before the first insertion: a join would read the lines as they grow.
INSERT_MISSING = f"""
    INSERT INTO apa_ash_lignecampagne
        (id, service_id, campagne_id, droit_id, dossier_id, apa_avant, plan_apres, taux_apres,
         participation_apres, apa_apres, applique, notifie)
    SELECT gen_random_uuid(), %(service_id)s, %(campagne_id)s, computed.*, false, false
    FROM {COMPUTED}
    WHERE dossier_id NOT IN (
        SELECT dossier_id FROM apa_ash_lignecampagne WHERE campagne_id = %(campagne_id)s
    )
"""  # noqa: S608 -- a constant of this module

# The flag falls first: a line is taken once, and only while its right still runs on the day.
# The next lines come from their own index, then are checked: the cost does not grow with the rest.
TAKE_BATCH = """
    UPDATE apa_ash_lignecampagne taken SET applique = true
    FROM (
        SELECT ligne.id
        FROM (
            SELECT id, droit_id, dossier_id FROM apa_ash_lignecampagne
            WHERE campagne_id = %(campagne_id)s AND NOT applique
            ORDER BY id LIMIT %(size)s
        ) ligne
        JOIN apa_ash_droit droit ON droit.id = ligne.droit_id
            AND droit.service_id = %(service_id)s
            AND droit.periode @> %(effet_on)s AND lower(droit.periode) < %(effet_on)s
        JOIN apa_ash_identite identite ON identite.dossier_id = ligne.dossier_id
            AND (identite.deces_on IS NULL OR identite.deces_on > %(effet_on)s)
        FOR UPDATE OF droit
    ) todo
    WHERE taken.id = todo.id
    RETURNING taken.id, taken.dossier_id, taken.droit_id
"""

# The decision and the right take the id of their line: a line applied twice breaks a primary key.
DECIDE = """
    INSERT INTO apa_ash_decision
        (id, service_id, dossier_id, nature, prise_on, effet_on, motif, deja_verse, prise_par_id)
    SELECT id, service_id, dossier_id, %(nature)s, %(prise_on)s, %(effet_on)s, %(motif)s, 0,
           %(agent)s
    FROM apa_ash_lignecampagne WHERE id = ANY(%(lignes)s)
"""

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
            WHERE ligne.id = ANY(%(lignes)s) AND old.id = ANY(%(droits)s)
        ) before
        WHERE droit.id = before.id AND droit.id = ANY(%(droits)s)
            AND droit.service_id = %(service_id)s
        RETURNING droit.service_id, droit.dossier_id, droit.gir, droit.couple,
            droit.ressources_mensuelles, droit.plan_mensuel, droit.forfait,
            before.*
    )
    INSERT INTO apa_ash_droit
        (id, service_id, dossier_id, decision_id, periode, gir, couple, ressources_mensuelles,
         plan_mensuel, taux_participation, participation, apa, forfait)
    SELECT ligne_id, service_id, dossier_id, ligne_id, daterange(%(effet_on)s, fin_on), gir, couple,
           ressources_mensuelles, plan_mensuel, taux_apres, participation_apres,
           apa_apres, forfait
    FROM closed
"""


def replace_pending(campagne: Campagne, *, lignes: Sequence[Revalorise]) -> None:
    """Make the lines that are not applied yet say what was computed, and nothing else."""
    names = ("droits", "dossiers", *Revalorise._fields[2:])
    columns = zip(*lignes, strict=True) if lignes else ([] for _ in names)
    values: dict[str, UUID | list[UUID] | list[Decimal]] = {
        "campagne_id": campagne.pk,
        "service_id": campagne.service_id,
        **{name: list(column) for name, column in zip(names, columns, strict=True)},
    }
    with connection.cursor() as cursor:
        cursor.execute(DELETE_STALE, values)
        cursor.execute(INSERT_MISSING, values)


class Taken(NamedTuple):
    """A line that this batch applies."""

    ligne_id: UUID
    dossier_id: UUID
    droit_id: UUID


def take_batch(campagne: Campagne, *, size: int) -> list[Taken]:
    """Flag the next lines as applied and hold their rights."""
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
        return [Taken(*row) for row in cursor.fetchall()]


def decide(
    campagne: Campagne, *, taken: Sequence[Taken], motif: str, prise_on: date, agent_id: UUID
) -> None:
    """Write the decision of each line, which takes its id."""
    with connection.cursor() as cursor:
        cursor.execute(
            DECIDE,
            {
                "lignes": [row.ligne_id for row in taken],
                "nature": NatureDecision.REVALORISATION.value,
                "prise_on": prise_on,
                "effet_on": campagne.effet_on,
                "motif": motif,
                "agent": agent_id,
            },
        )


def close_and_open(*, taken: Sequence[Taken], service_id: UUID, effet_on: date) -> None:
    """Close the rights of these lines on the eve and open the new ones."""
    with connection.cursor() as cursor:
        cursor.execute(
            CLOSE_AND_OPEN,
            {
                "effet_on": effet_on,
                "lignes": [row.ligne_id for row in taken],
                "droits": [row.droit_id for row in taken],
                "service_id": service_id,
            },
        )
