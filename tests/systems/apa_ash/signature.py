"""Decisions proposed by one agent and signed by another, in one line of a test."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import connection

from egide.kernel.access import passage as passages
from egide.kernel.access.models import Agent
from egide.kernel.access.names import purpose_role
from egide.kernel.access.passage import Passage, enter, openings_of, sign
from egide.kernel.catalogue.declarations import Purpose
from egide.systems.apa_ash import models as m
from egide.systems.apa_ash.policy import INDUS
from egide.systems.apa_ash.purposes import INSTRUCTION
from egide.systems.apa_ash.services import arrets, indu, indus_a_signer, projets
from tests.personas import today


@contextmanager
def hand_over(
    passage: Passage, identifiant: str, purpose: Purpose | None = None
) -> Iterator[Passage]:
    """Let another agent act for a while, in the same purpose or another, on the same day."""
    role = purpose_role(str(connection.settings_dict["NAME"]), passage.purpose)
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('role', 'none', true)")
    agent = Agent.objects.select_related("organisme").get(identifiant=identifiant)
    openings = openings_of(agent, on=today())
    try:
        with enter(
            agent,
            purpose=purpose or passage.purpose,
            openings=openings,
            session="test",
            on=passage.on,
        ) as theirs:
            yield theirs
    finally:
        if not connection.needs_rollback:
            passages._take(sign(passage.agent.pk, session="test", role=role), role=role)


def signed(passage: Passage, projet: m.ProjetDecision) -> m.Decision:
    """Have the head of the service sign a proposal."""
    with hand_over(passage, "remi") as head:
        return projets.sign_projet(head, projet_id=projet.pk)


def accord(passage: Passage, dossier_id: uuid.UUID, **values: Any) -> m.Decision:
    return signed(
        passage,
        projets.propose_accord(
            passage, **{"jeton": uuid.uuid4(), "dossier_id": dossier_id} | values
        ),
    )


def rejet(passage: Passage, dossier_id: uuid.UUID, code: str, **values: Any) -> m.Decision:
    said = {"jeton": uuid.uuid4(), "dossier_id": dossier_id, "code": code} | values
    return signed(passage, projets.propose_rejet(passage, **said))


def urgence(passage: Passage, dossier_id: uuid.UUID) -> m.Decision:
    asked = projets.propose_urgence(passage, jeton=uuid.uuid4(), dossier_id=dossier_id)
    return signed(passage, asked)


def forfait_tacite(passage: Passage, dossier_id: uuid.UUID) -> m.Decision:
    said = {"jeton": uuid.uuid4(), "dossier_id": dossier_id}
    return signed(passage, projets.propose_forfait_tacite(passage, **said))


def relais(passage: Passage, row: m.Relais) -> m.Decision:
    asked = projets.propose_relais(
        passage, jeton=uuid.uuid4(), dossier_id=row.dossier_id, relais_id=row.pk
    )
    return signed(passage, asked)


def indus(passage: Passage, dossier_id: uuid.UUID, prestataire_id: uuid.UUID | None) -> None:
    """Have control propose to notify what it found to a payee, and the head sign."""
    indu.propose_indus(passage, dossier_id=dossier_id, prestataire_id=prestataire_id)
    sign_proposed(passage, dossier_id)


def sign_proposed(passage: Passage, dossier_id: uuid.UUID) -> None:
    """Have the head of the service sign every notification of a file that waits."""
    with hand_over(passage, "remi", INSTRUCTION) as head:
        waiting = INDUS.rows(head).filter(dossier_id=dossier_id, etat="propose").order_by("pk")
        payees: dict[uuid.UUID | None, list[m.Indu]] = {}
        for row in waiting:
            payees.setdefault(row.prestataire_id, []).append(row)
        for rows in payees.values():
            lu = sum((row.reste for row in rows), Decimal(0))
            indus_a_signer.sign_indus(head, indu_id=rows[0].pk, lu=lu)


def suspension(
    passage: Passage, dossier_id: uuid.UUID, recue_on: date, code: str, **said: str
) -> m.Decision:
    asked = arrets.propose_suspension(
        passage, jeton=uuid.uuid4(), dossier_id=dossier_id, recue_on=recue_on, code=code, **said
    )
    return signed(passage, asked)


def fin(
    passage: Passage, dossier_id: uuid.UUID, code: str, fin_on: date, **said: str
) -> m.Decision:
    asked = arrets.propose_fin(
        passage, jeton=uuid.uuid4(), dossier_id=dossier_id, code=code, fin_on=fin_on, **said
    )
    return signed(passage, asked)
