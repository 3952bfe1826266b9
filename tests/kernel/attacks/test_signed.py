"""Attacks on decisions: written in another name, or opening a right that nothing allows."""

import json
import uuid
from datetime import date

import pytest
from django.apps import apps
from django.db import connection
from psycopg import errors

from egide.kernel.access.models import Agent
from egide.kernel.catalogue.declarations import REGISTRY
from egide.systems.apa_ash.purposes import EVALUATION, INSTRUCTION, REVALORISATION

pytestmark = pytest.mark.django_db

# Columns that name an agent without saying who writes the row, or that other rules hold.
OTHERS = {
    "access.Habilitation": {"agent_id", "granted_by_id"},  # the row policies `never_own`
    "apa_ash.Dossier": {"instructeur_id"},  # who follows the file, not who says so
    "apa_ash.Indu": {"remis_par_id"},  # apa_ash.keep_indu
    "apa_ash.LotPaiement": {"valide_par_id"},  # apa_ash.keep_run
    "apa_ash.Paiement": {"examine_par_id", "saisi_par_id"},  # keep_hands_apart, keep_lines_added
    "apa_ash.PlanAide": {"refus_prestataire_par_id"},  # apa_ash.keep_sent_plan
    "apa_ash.Visite": {"evaluateur_id"},  # who will visit, not who says so
}


def test_every_column_that_names_an_agent_is_signed_or_is_explained(db):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.relname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid"
            " WHERE t.tgname = 'signed_by_oneself'"
        )
        signed = {name for (name,) in cursor.fetchall()}
    for volet in (v for catalogue in REGISTRY for v in catalogue.volets):
        model = apps.get_model(volet.model)
        named = {f.attname for f in model._meta.concrete_fields if f.related_model is Agent}
        assert named - set(volet.authors) == OTHERS.get(volet.model, set()), volet.model
        assert (model._meta.db_table in signed) == bool(volet.authors), volet.model


DECISION = (
    "INSERT INTO apa_ash_decision (id, service_id, dossier_id, nature, prise_on, effet_on, motif,"
    " deja_verse, prise_par_id, plan_id, feuille)"
    " VALUES (%s, %s, %s, %s, current_date - %s, current_date, 'x', 0, %s, %s, %s)"
)
KEPT = '{"montant": "100.00", "plafond": "200.00"}'
EVALUER = (
    "INSERT INTO apa_ash_evaluation (id, service_id, dossier_id, faite_on, gir, auteur_id)"
    " VALUES (gen_random_uuid(), %s, %s, current_date, 2, %s)"
)
IMPORT = (
    "INSERT INTO apa_ash_import (id, service_id, nature, empreinte, lignes,"
    " importe_on, importe_par_id) SELECT gen_random_uuid(), %s, 'demandes', repeat('0', 64),"
    " 1, current_date, %s"
)
CAMPAGNE = (
    "INSERT INTO apa_ash_campagne (id, service_id, effet_on, provisoire, lancee_par_id, lancee_on,"
    " etat, total, traites, notifies) SELECT gen_random_uuid(), %s, current_date, true, %s,"
    " current_date, 'simulee', 0, 0, 0"
)
DROIT = (
    "INSERT INTO apa_ash_droit (id, service_id, dossier_id, decision_id, periode, gir, couple,"
    " ressources_mensuelles, plan_mensuel, taux_participation, participation, apa, forfait)"
    " VALUES (gen_random_uuid(), %s, %s, %s, daterange(current_date + %s, %s), %s,"
    " false, 0, %s, 0, %s, %s, %s)"
)


@pytest.mark.parametrize("attack", ["decision", "evaluation", "import", "campagne"])
def test_nobody_signs_in_another_name(house, attack):
    nord, dossier = house.team.nord.pk, house.nord
    agent, purpose, write = {
        "decision": (
            "alice",
            INSTRUCTION,
            lambda by: (DECISION, [uuid.uuid4(), nord, dossier, "rejet", 0, by, None, None]),
        ),
        "evaluation": ("chloe", EVALUATION, lambda by: (EVALUER, [nord, dossier, by])),
        "import": ("alice", INSTRUCTION, lambda by: (IMPORT, [nord, by])),
        "campagne": ("remi", REVALORISATION, lambda by: (CAMPAGNE, [nord, by])),
    }[attack]
    with house.inside(agent, purpose) as opened:
        for other in (house.team.carole.pk, None):
            with (
                pytest.raises((errors.CheckViolation, errors.NotNullViolation)),
                opened.transaction(),
            ):
                opened.execute(*write(other))
        opened.execute(*write(house.team.agents[agent].pk))


def test_an_evaluation_keeps_its_author(house):
    with house.inside("chloe", EVALUATION) as opened:
        mine = [house.team.nord.pk, house.nord, house.team.chloe.pk]
        opened.execute(EVALUER, mine)
        with pytest.raises(errors.InsufficientPrivilege):
            opened.execute("UPDATE apa_ash_evaluation SET auteur_id = %s", [house.team.carole.pk])


class Decider:
    """Alice over one session: decisions of her own, and the rights that she would open."""

    def __init__(self, house, opened):
        self.house, self.opened = house, opened

    def decide(self, nature, plan=None, *, back=0, feuille=None):
        decision, team = uuid.uuid4(), self.house.team
        values = [decision, team.nord.pk, self.house.nord, nature, back, team.alice.pk, plan]
        self.opened.execute(DECISION, [*values, feuille])
        return decision

    def open(self, decision, *, gir=2, plan="100.00", part="0", forfait=False, after=0, end=None):
        values = [self.house.team.nord.pk, self.house.nord, decision, after, end, gir, plan]
        self.opened.execute(DROIT, [*values, part, plan, forfait])

    def refused(self, *args, **kwargs):
        with pytest.raises(errors.CheckViolation, match="apa_ash"), self.opened.transaction():
            self.open(*args, **kwargs)


@pytest.fixture
def alice(house):
    with house.inside("alice", INSTRUCTION) as opened:
        yield Decider(house, opened)


@pytest.fixture
def accepted(house, alice):
    """A plan of 100 euros that chloe draws and sends, and that alice says accepted."""
    team, plan = house.team, uuid.uuid4()
    alice.opened.execute("SAVEPOINT plan")
    house.take(alice.opened, "chloe", EVALUATION)
    run = alice.opened.execute
    run("UPDATE apa_ash_planaide SET etat = 'sans_suite' WHERE id = %s", [house.brouillon])
    run(
        "INSERT INTO apa_ash_planaide (id, service_id, dossier_id, etat, gir, effet_on, definitif,"
        " observations) VALUES (%s, %s, %s, 'brouillon', 2, current_date, false, '')",
        [plan, team.nord.pk, house.nord],
    )
    run(
        "INSERT INTO apa_ash_ligneplan (id, service_id, dossier_id, plan_id, nature, mode,"
        " volume_mensuel, unite, tarif)"
        " VALUES (gen_random_uuid(), %s, %s, %s, 'nuit', 'autre', 1, 'forfait', 100)",
        [team.nord.pk, house.nord, plan],
    )
    run(
        "UPDATE apa_ash_planaide SET etat = 'propose', envoye_on = current_date WHERE id = %s",
        [plan],
    )
    house.take(alice.opened, "alice", INSTRUCTION)
    return plan


ACCEPT = "UPDATE apa_ash_planaide SET etat = 'accepte', reponse_on = current_date WHERE id = %s"


def test_a_right_rests_on_the_plan_that_was_accepted(alice, accepted):
    for plan in (None, accepted):
        alice.refused(alice.decide("accord", plan))
    alice.opened.execute(ACCEPT, [accepted])
    decision = alice.decide("accord", accepted)
    for wrong in ({"plan": "100.01"}, {"gir": 1}, {"forfait": True}):
        alice.refused(decision, **wrong)
    for nature in ("rejet", "suspension", "reprise", "fin", "revalorisation"):
        alice.refused(alice.decide(nature, accepted))
    alice.open(decision)


def test_a_lump_sum_is_not_a_right_under_another_name(alice):
    for nature in ("forfait_tacite", "urgence"):
        decision = alice.decide(nature, feuille=KEPT)
        for wrong in ({"forfait": False}, {"forfait": True, "gir": 2}):
            alice.refused(decision, **{"gir": 1} | wrong)
    alice.refused(alice.decide("urgence", feuille=KEPT), forfait=True, gir=1)  # without an end
    alice.open(alice.decide("forfait_tacite", feuille=KEPT), forfait=True, gir=1)


@pytest.mark.parametrize("feuille", [None, "{}", '{"montant": "100.00"}'])
def test_a_lump_sum_without_its_calculation_is_no_right(alice, feuille):
    alice.refused(alice.decide("forfait_tacite", feuille=feuille), forfait=True, gir=1)


@pytest.mark.parametrize(
    ("montant", "plafond"), [("99.99", "200.00"), ("1000.00", "99.99"), ("99.99", "99.99")]
)
def test_a_lump_sum_is_not_above_the_calculation_nor_its_ceiling(alice, montant, plafond):
    feuille = json.dumps({"montant": montant, "plafond": plafond})
    for nature, end in (("forfait_tacite", None), ("urgence", date(2099, 1, 1))):
        decision = alice.decide(nature, feuille=feuille)
        alice.refused(decision, forfait=True, gir=1, plan="100.00", end=end)
    alice.open(decision, forfait=True, gir=1, plan="99.99", end=date(2099, 1, 1))


@pytest.mark.parametrize("back", [2, 400, -1])
def test_a_decision_is_not_dated_back_nor_ahead(alice, back):
    with pytest.raises(errors.CheckViolation, match="apa_ash"), alice.opened.transaction():
        alice.decide("rejet", back=back)
    alice.decide("rejet", back=1)  # midnight may overtake the act
    alice.decide("rejet")


def test_the_days_of_a_right_only_shorten(alice, accepted):
    alice.opened.execute(ACCEPT, [accepted])
    accord = alice.decide("accord", accepted)
    alice.open(accord)
    shorten = (
        "UPDATE apa_ash_droit SET periode = daterange(current_date {}, {}) WHERE decision_id = %s"
    )
    for start, end in (("- 30", "NULL"), ("+ 1", "NULL")):
        with pytest.raises(errors.CheckViolation), alice.opened.transaction():
            alice.opened.execute(shorten.format(start, end), [accord])
    alice.opened.execute(shorten.format("", "current_date + 30"), [accord])
    for end in ("current_date + 31", "NULL"):
        with pytest.raises(errors.CheckViolation), alice.opened.transaction():
            alice.opened.execute(shorten.format("", end), [accord])
    revalued = alice.decide("revalorisation")
    alice.refused(revalued, after=31)
    # The instruction reads no campaign: it opens no right in the name of one.
    with pytest.raises(errors.InsufficientPrivilege), alice.opened.transaction():
        alice.open(revalued, after=30)
    alice.opened.execute(
        "UPDATE apa_ash_droit SET periode = 'empty' WHERE decision_id = %s", [accord]
    )
    with pytest.raises(errors.CheckViolation):
        alice.opened.execute(shorten.format("", "NULL"), [accord])
