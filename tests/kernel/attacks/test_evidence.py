"""Attacks on what a decision rests on: written again, taken away, or dated at will."""

import hashlib
import uuid

import psycopg
import pytest
from django.apps import apps
from psycopg import errors

from egide.systems.apa_ash.purposes import INSTRUCTION
from tests.kernel.attacks.conftest import EVERY_PURPOSE

pytestmark = pytest.mark.django_db

# What some purpose still writes in a row that is there: a trigger holds it to once, or to one way.
LATER: dict[str, set[str]] = {
    "Evaluation": set(),
    "GrilleAggir": set(),
    "LigneRessource": set(),
    "Ressources": {"en_vigueur"},
    "Courrier": {
        *("regularisee_on", "constatee_on", "constatee_par_id"),
        *("poste_on", "poste_constate_on", "poste_par_id"),
    },
    "Decision": set(),
    "Demande": {"complete_on", "accuse_on", "desistee_on", "desistee_par"},
    "Piece": {"recue_on", "reclamee_on", "dispensee_on"},
}
CELLS = [pytest.param(p, name, id=f"{p.code}-{name}") for p in EVERY_PURPOSE for name in LATER]


@pytest.mark.clause("APA-42")
@pytest.mark.parametrize(("purpose", "name"), CELLS)
def test_no_purpose_writes_the_evidence_again_nor_deletes_it(house, purpose, name):
    table = apps.get_model("apa_ash", name)._meta.db_table
    columns = [f.column for f in apps.get_model("apa_ash", name)._meta.concrete_fields]
    agent = {"evaluation": "chloe", "paiement": "paul", "controle": "carole"}.get(
        purpose.code, "remi"
    )
    agent = "admin" if purpose.system == "access" else agent
    with house.inside(agent, purpose) as opened:
        attacks = {f"UPDATE {table} SET {c} = NULL": c in LATER[name] for c in columns}
        for attack, written_later in ({f"DELETE FROM {table}": False} | attacks).items():
            try:
                with opened.transaction():
                    opened.execute(attack)
                assert written_later, attack
            except psycopg.Error as refused:
                denied = isinstance(refused, errors.InsufficientPrivilege)
                assert denied or written_later, (attack, refused)


@pytest.fixture
def alice(house):
    with house.inside("alice", INSTRUCTION) as opened:
        yield opened


def refused(opened, constraint, query, *values):
    with pytest.raises(errors.CheckViolation) as told, opened.transaction():
        opened.execute(query, values)
    assert told.value.diag.constraint_name == constraint


LETTER = (
    "INSERT INTO apa_ash_courrier"
    " (id, service_id, dossier_id, motif, destinataire, nom_destinataire, succession, nature,"
    " cree_on, empreinte, pdf)"
    " VALUES (gen_random_uuid(), %s, %s, '', '', '', false, 'accuse_reception',"
    " access.today() - %s, %s, %s)"
)


def test_the_imprint_of_a_letter_is_that_of_its_bytes(house, alice):
    nord, pdf = house.team.nord.pk, b"%PDF-1.7"
    sealed = hashlib.sha256(pdf).hexdigest()
    for forged in ("0" * 64, sealed.upper(), hashlib.sha256(pdf + b" ").hexdigest(), ""):
        refused(alice, "courrier_sealed", LETTER, nord, house.nord, 0, forged, pdf)
    refused(alice, "courrier_sealed", LETTER, nord, house.nord, 0, sealed, b"%PDF-1.8")
    alice.execute(LETTER, [nord, house.nord, 0, sealed, pdf])


@pytest.mark.parametrize("back", [2, 400, -1])
def test_a_letter_is_not_dated_back_nor_ahead(house, alice, back):
    nord, sealed = house.team.nord.pk, hashlib.sha256(b"x").hexdigest()
    refused(alice, "courrier_of_its_day", LETTER, nord, house.nord, back, sealed, b"x")
    for eve in (1, 0):  # midnight may overtake the act
        alice.execute(LETTER, [nord, house.nord, eve, sealed, b"x"])


TOLD = LETTER.replace("pdf)", "pdf, decision_id)").replace("%s, %s, %s)", "%s, %s, %s, %s)")
DECIDE = (
    "INSERT INTO apa_ash_decision (id, service_id, dossier_id, nature, prise_on, effet_on, motif,"
    " deja_verse, prise_par_id) VALUES (%s, %s, %s, %s, access.today(), access.today(), 'x', 0, %s)"
)


@pytest.mark.parametrize(
    ("letter", "decided"),
    [
        ("reprise", "reprise"),
        ("decision_accord", "reprise"),  # another decision of the file
        ("accuse_reception", "reprise"),  # a letter that tells none
        ("reprise", None),
    ],
)
def test_a_letter_tells_the_decision_that_it_names(house, alice, letter, decided):
    pk, team, seal = uuid.uuid4(), house.team, hashlib.sha256(b"x").hexdigest()
    if decided:
        alice.execute(DECIDE, [pk, team.nord.pk, house.nord, decided, team.alice.pk])
    query = TOLD.replace("accuse_reception", letter)
    values = [team.nord.pk, house.nord, 0, seal, b"x", pk if decided else None]
    if letter == decided:
        alice.execute(query, values)
    else:
        refused(alice, "courrier_tells_its_decision", query, *values)


ASK = (
    "INSERT INTO apa_ash_demande (id, service_id, dossier_id, nature, canal, recue_on, complete_on,"
    " accuse_on, residence_stable, urgence_attestee_par, reference_externe) VALUES (%s, %s, %s, %s,"
    " 'courrier', access.today() - %s, access.today() - %s::int, NULL, true, '', '')"
)
ADD = (
    "INSERT INTO apa_ash_piece (id, service_id, dossier_id, demande_id, code, recue_on)"
    " VALUES (gen_random_uuid(), %s, %s, %s, %s, access.today() - %s::int)"
)
WAIVE = (
    "UPDATE apa_ash_piece SET dispensee_on = access.today() - %s::int"
    " WHERE demande_id = %s AND code = 'taxe_fonciere'"
)
SET = "UPDATE apa_ash_demande SET {} = access.today() - {}::int WHERE id = %s"


def asked(house, alice, *pieces):
    """Enter a request of fifty days ago, with the days of its pieces."""
    demande, nord = uuid.uuid4(), house.team.nord.pk
    alice.execute(ASK, [demande, nord, house.nord, "premiere", 50, None])
    for code, back in zip(("rib", "taxe_fonciere", "imposition"), pieces, strict=False):
        alice.execute(ADD, [nord, house.nord, demande, code, back])
    return demande


def test_a_request_does_not_begin_complete_nor_ahead(house, alice):
    nord = house.team.nord.pk
    for nature, received, complete in (
        ("premiere", 50, 50), ("premiere", -1, None), ("urgence", 50, 40), ("revision", 50, 49),
    ):  # fmt: skip
        values = (uuid.uuid4(), nord, house.nord, nature, received, complete)
        with pytest.raises(errors.CheckViolation, match="apa_ash"), alice.transaction():
            alice.execute(ASK, values)
    alice.execute(ASK, [uuid.uuid4(), nord, house.nord, "revision", 50, 50])
    alice.execute(ASK, [uuid.uuid4(), nord, house.nord, "premiere", 0, None])


def test_a_request_is_complete_on_the_day_of_its_last_piece(house, alice):
    broken = "demande_complete_with_its_pieces"
    missing = asked(house, alice, 30, None)
    refused(alice, broken, SET.format("complete_on", 30), missing)
    demande = asked(house, alice, 30, 20)
    for day in (50, 30, 21, 19, 0):
        refused(alice, broken, SET.format("complete_on", day), demande)
    alice.execute(SET.format("complete_on", 20), [demande])
    waived = asked(house, alice, 30, None, 25)
    alice.execute(WAIVE, [20, waived])
    refused(alice, "piece_received_once", WAIVE, 40, waived)
    refused(alice, "piece_received_once", WAIVE.replace("%s::int", "NULL::int + %s"), 0, waived)
    for day in (30, 25, 19):
        refused(alice, broken, SET.format("complete_on", day), waived)
    alice.execute(SET.format("complete_on", 20), [waived])
    refused(alice, "piece_kept_once_complete", WAIVE, 20, waived)
    early = asked(house, alice, 60)  # a piece that was held before the request
    refused(alice, broken, SET.format("complete_on", 49), early)
    alice.execute(SET.format("complete_on", 50), [early])


def test_the_days_of_a_request_are_written_once(house, alice):
    demande = asked(house, alice)
    alice.execute(SET.format("complete_on", 50), [demande])
    alice.execute(SET.format("accuse_on", 0), [demande])
    for column, day in (("complete_on", "60"), ("complete_on", "NULL"), ("accuse_on", "1")):
        refused(alice, "demande_days_written_once", SET.format(column, day), demande)
    refused(
        alice, "piece_kept_once_complete", ADD, house.team.nord.pk, house.nord, demande, "rib", 0
    )


def test_a_request_is_not_acknowledged_on_another_day(house, alice):
    demande = asked(house, alice, 0)
    alice.execute(SET.format("complete_on", 0), [demande])
    for day in (2, 49, -1):
        refused(alice, "demande_acknowledged_today", SET.format("accuse_on", day), demande)
    alice.execute(SET.format("accuse_on", 1), [demande])
