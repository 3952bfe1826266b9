"""Attacks on decisions: written in another name, or opening a right that nothing allows."""

import json
import uuid
from datetime import date, timedelta

import pytest
from django.apps import apps
from django.db import connection
from psycopg import errors

from egide.kernel.access.models import Agent
from egide.kernel.catalogue.declarations import REGISTRY
from egide.systems.apa_ash.purposes import EVALUATION, INSTRUCTION, REVALORISATION
from tests.kernel.attacks.trigger_attempts import SILENCE
from tests.personas import today

pytestmark = pytest.mark.django_db

# Columns that name an agent without saying who writes the row, or that other rules hold.
OTHERS = {
    "access.Habilitation": {"agent_id", "granted_by_id"},  # the row policies `never_own`
    # apa_ash.keep_regularisation, apa_ash.keep_poste
    "apa_ash.Courrier": {"constatee_par_id", "poste_par_id"},
    "apa_ash.Dossier": {"instructeur_id"},  # who follows the file, not who says so
    "apa_ash.Indu": {"propose_par_id"},  # apa_ash.keep_indu
    "apa_ash.LotPaiement": {"valide_par_id"},  # apa_ash.keep_run
    "apa_ash.Paiement": {"examine_par_id", "saisi_par_id"},  # keep_hands_apart, keep_lines_added
    "apa_ash.PlanAide": {"refus_prestataire_par_id"},  # apa_ash.keep_sent_plan
    "apa_ash.ProjetDecision": {"traite_par_id"},  # apa_ash.keep_projet
    "apa_ash.Remise": {"decidee_par_id"},  # apa_ash.keep_remise
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
    " VALUES (%s, %s, %s, %s, access.today() - %s, access.today(), 'x', 0, %s, %s, %s)"
)
KEPT = '{"montant": "100.00", "plafond": "200.00"}'
EVALUER = (
    "INSERT INTO apa_ash_evaluation (id, service_id, dossier_id, faite_on, gir, auteur_id)"
    " VALUES (gen_random_uuid(), %s, %s, access.today(), 2, %s)"
)
IMPORT = (
    "INSERT INTO apa_ash_import (id, service_id, nature, empreinte, lignes,"
    " importe_on, importe_par_id) SELECT gen_random_uuid(), %s, 'demandes', repeat('0', 64),"
    " 1, access.today(), %s"
)
CAMPAGNE = (
    "INSERT INTO apa_ash_campagne (id, service_id, effet_on, provisoire, lancee_par_id, lancee_on,"
    " etat, total, traites, notifies) SELECT gen_random_uuid(), %s, access.today(), true, %s,"
    " access.today(), 'simulee', 0, 0, 0"
)
PROJET = (
    "INSERT INTO apa_ash_projetdecision (id, service_id, dossier_id, nature, code, motif,"
    " departement, propose_on, propose_par_id, etat, renvoi, plan_id, apa, participation, effet_on,"
    " fait_on) VALUES (%s, %s, %s, %s, '', 'x', '', access.today(), %s, 'propose', '', %s, 100, 0,"
    " {effet}, {fact})"
)
URGENT = (
    "INSERT INTO apa_ash_demande (id, service_id, dossier_id, nature, canal, recue_on,"
    " residence_stable, urgence_attestee_par, reference_externe) VALUES"
    " (gen_random_uuid(), %s, %s, 'urgence', 'courrier', access.today(), true, 'Dr Roy', '')"
)
SIGNED = {"accord", "rejet", "urgence", "forfait_tacite", "suspension", "fin"}
MONTH_AFTER = "(date_trunc('month', access.today()) + interval '1 month')::date"
DROIT = (
    "INSERT INTO apa_ash_droit (id, service_id, dossier_id, decision_id, periode, gir, couple,"
    " ressources_mensuelles, plan_mensuel, taux_participation, participation, apa, forfait)"
    " VALUES (gen_random_uuid(), %s, %s, %s, daterange(access.today() + %s, %s), %s,"
    " false, 0, %s, 0, %s, %s, %s)"
)


@pytest.mark.parametrize("attack", ["decision", "evaluation", "import", "campagne"])
def test_nobody_signs_in_another_name(house, attack):
    nord, dossier = house.team.nord.pk, house.nord
    agent, purpose, write = {
        "decision": (
            "alice",
            INSTRUCTION,
            lambda by: (DECISION, [uuid.uuid4(), nord, dossier, "reprise", 0, by, None, None]),
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
    """One session: what alice proposes and remi signs, and the rights that he would open."""

    def __init__(self, house, opened):
        self.house, self.opened = house, opened

    def decide(self, nature, plan=None, *, back=0, later=0, feuille=None):
        decision, team = uuid.uuid4(), self.house.team
        if nature in SIGNED:
            self.propose(decision, nature, plan=plan)
        values = [decision, team.nord.pk, self.house.nord, nature, back, team.remi.pk, plan]
        query = DECISION.replace("%s, access.today(), 'x'", f"%s, access.today() + {later}, 'x'")
        if nature == "forfait_tacite":
            query = DECISION.replace("%s, access.today(), 'x'", f"%s, '{SILENCE}', 'x'")
        if nature == "rejet":
            query = DECISION.replace("%s, access.today(), 'x'", f"%s, access.today() - {back}, 'x'")
        if nature == "suspension":
            query = DECISION.replace("%s, access.today(), 'x'", f"%s, {MONTH_AFTER}, 'x'")
        self.opened.execute(query, [*values, feuille])
        return decision

    def decide_refused(self, *args, **kwargs):
        with pytest.raises(errors.CheckViolation, match="apa_ash"), self.opened.transaction():
            self.decide(*args, **kwargs)

    def propose(self, decision, nature, *, plan):
        """Let alice propose what remi signs next; a former proposal of hers is taken back."""
        self.house.take(self.opened, "alice", INSTRUCTION)
        self.opened.execute(
            "UPDATE apa_ash_projetdecision SET etat = 'retire', traite_on = access.today(),"
            " traite_par_id = %s WHERE etat = 'propose'",
            [self.house.team.alice.pk],
        )
        values = [decision, self.house.team.nord.pk, self.house.nord, nature]
        query = PROJET.format(
            effet="access.today()" if nature == "fin" else "NULL",
            fact="access.today()" if nature == "suspension" else "NULL",
        )
        self.opened.execute(query, [*values, self.house.team.alice.pk, plan])
        self.house.take(self.opened, "remi", INSTRUCTION)

    def open(self, decision, *, gir=2, plan="100.00", part="0", forfait=False, end=None):
        after = (SILENCE - today()).days if forfait and end is None else 0
        values = [self.house.team.nord.pk, self.house.nord, decision, after, end, gir, plan]
        self.opened.execute(DROIT, [*values, part, plan, forfait])

    def die(self):
        """Write the decision of a death today: it keeps the rights that it closes as they are."""
        query = DECISION.replace("feuille)", "avant)")
        team = self.house.team
        values = [team.nord.pk, self.house.nord, "fin", 0, team.remi.pk, None, "{}"]
        self.opened.execute(query, [uuid.uuid4(), *values])

    def refused(self, *args, **kwargs):
        with pytest.raises(errors.CheckViolation, match="apa_ash"), self.opened.transaction():
            self.open(*args, **kwargs)


@pytest.fixture
def decider(house):
    with house.inside("remi", INSTRUCTION) as opened:
        yield Decider(house, opened)


@pytest.fixture
def accepted(house, decider):
    """A plan of 100 euros that chloe draws and sends, and that alice says accepted."""
    team, plan = house.team, uuid.uuid4()
    decider.opened.execute("SAVEPOINT plan")
    house.take(decider.opened, "chloe", EVALUATION)
    run = decider.opened.execute
    run("UPDATE apa_ash_planaide SET etat = 'sans_suite' WHERE id = %s", [house.brouillon])
    run(
        "INSERT INTO apa_ash_planaide (id, service_id, dossier_id, etat, gir, effet_on, definitif,"
        " observations) VALUES (%s, %s, %s, 'brouillon', 2, access.today(), false, '')",
        [plan, team.nord.pk, house.nord],
    )
    run(
        "INSERT INTO apa_ash_ligneplan (id, service_id, dossier_id, plan_id, nature, mode,"
        " volume_mensuel, unite, tarif)"
        " VALUES (gen_random_uuid(), %s, %s, %s, 'nuit', 'autre', 1, 'forfait', 100)",
        [team.nord.pk, house.nord, plan],
    )
    run(
        "UPDATE apa_ash_planaide SET etat = 'propose', envoye_on = access.today() WHERE id = %s",
        [plan],
    )
    house.take(decider.opened, "remi", INSTRUCTION)
    return plan


ACCEPT = "UPDATE apa_ash_planaide SET etat = 'accepte', reponse_on = access.today() WHERE id = %s"


def test_a_right_rests_on_the_plan_that_was_accepted(decider, accepted):
    decider.refused(decider.decide("accord", None))
    decider.decide_refused("accord", accepted)  # sent, and not answered yet
    decider.opened.execute(ACCEPT, [accepted])
    decision = decider.decide("accord", accepted)
    for wrong in ({"plan": "100.01"}, {"gir": 1}, {"forfait": True}):
        decider.refused(decision, **wrong)
    for nature in ("rejet", "suspension", "reprise", "fin"):
        with pytest.raises(errors.CheckViolation) as told, decider.opened.transaction():
            decider.decide(nature, accepted)
        assert told.value.diag.constraint_name == "decision_plan_of_an_agreement"
        decider.refused(decider.decide(nature))
    decider.open(decision)


FOLLOW = "UPDATE apa_ash_dossier SET instructeur_id = %s WHERE id = %s"
VISIT = (
    "INSERT INTO apa_ash_visite (id, service_id, dossier_id, evaluateur_id, prevue_on, creneau)"
    " VALUES (gen_random_uuid(), %s, %s, %s, access.today(), '')"
)
OPEN_FILE = (
    "INSERT INTO apa_ash_dossier (id, service_id, numero, etat, instructeur_id, ouvert_on,"
    " dernier_contact_on, echeance, etat_droit, departement_secours, motif_fin)"
    " VALUES (gen_random_uuid(), %s, %s, 'recu', %s, access.today(), access.today(), '', '', '01',"
    " '')"
)


@pytest.mark.parametrize("agent", ["alice", "remi", "bruno", "chloe", "edith", "victor", "nora"])
def test_who_follows_a_file_instructs_in_its_service(house, agent):
    """Near misses: another service, another role, a term that passed, another département, none."""
    team, pk = house.team, house.team.agents[agent].pk
    with house.inside("alice", INSTRUCTION) as opened:
        for query, values in (
            (FOLLOW, [pk, house.nord]),
            (OPEN_FILE, [team.nord.pk, f"X{agent}", pk]),
        ):
            try:
                with opened.transaction():
                    opened.execute(query, values)
                assert agent in {"alice", "remi"}
            except errors.CheckViolation as refused:
                assert refused.diag.constraint_name == "agent_of_the_service"
                assert agent not in {"alice", "remi"}


def test_an_evaluation_does_not_say_who_follows_a_file(house):
    with (
        house.inside("chloe", EVALUATION) as opened,
        pytest.raises(errors.InsufficientPrivilege),
    ):
        opened.execute(FOLLOW, [house.team.alice.pk, house.nord])


@pytest.mark.parametrize("agent", ["chloe", "alice", "remi", "bruno", "nora"])
def test_who_visits_evaluates_in_the_service_of_the_file(house, agent):
    team, pk = house.team, house.team.agents[agent].pk
    for who, purpose in (("chloe", EVALUATION), ("alice", INSTRUCTION)):
        with house.inside(who, purpose) as opened:
            values = [team.nord.pk, house.nord, pk]
            if agent == "chloe":
                opened.execute(VISIT, values)
                continue
            with pytest.raises(errors.CheckViolation) as refused:
                opened.execute(VISIT, values)
            assert refused.value.diag.constraint_name == "agent_of_the_service"


def test_a_lump_sum_is_not_a_right_under_another_name(decider):
    for nature in ("forfait_tacite", "urgence"):
        decision = decider.decide(nature, feuille=KEPT)
        for wrong in ({"forfait": False}, {"forfait": True, "gir": 2}):
            decider.refused(decision, **{"gir": 1} | wrong)
    decider.refused(decider.decide("urgence", feuille=KEPT), forfait=True, gir=1)  # without an end
    decider.open(decider.decide("forfait_tacite", feuille=KEPT), forfait=True, gir=1)


@pytest.mark.parametrize("feuille", [None, "{}", '{"montant": "100.00"}'])
def test_a_lump_sum_without_its_calculation_is_no_right(decider, feuille):
    decider.refused(decider.decide("forfait_tacite", feuille=feuille), forfait=True, gir=1)


@pytest.mark.parametrize(
    ("montant", "plafond"), [("99.99", "200.00"), ("1000.00", "99.99"), ("99.99", "99.99")]
)
def test_a_lump_sum_is_not_above_the_calculation_nor_its_ceiling(decider, montant, plafond):
    feuille = json.dumps({"montant": montant, "plafond": plafond})
    decision = decider.decide("forfait_tacite", feuille=feuille)
    decider.refused(decision, forfait=True, gir=1, plan="100.00")
    decider.opened.execute(URGENT, [decider.house.team.nord.pk, decider.house.nord])
    decision, end = decider.decide("urgence", feuille=feuille), today() + timedelta(days=40)
    decider.refused(decision, forfait=True, gir=1, plan="100.00", end=end)
    decider.refused(decision, forfait=True, gir=1, plan="99.99", end=date(2099, 1, 1))
    decider.open(decision, forfait=True, gir=1, plan="99.99", end=end)


@pytest.mark.parametrize("back", [2, 400, -1])
def test_a_decision_is_not_dated_back_nor_ahead(decider, back):
    with pytest.raises(errors.CheckViolation, match="apa_ash"), decider.opened.transaction():
        decider.decide("rejet", back=back)
    decider.decide("rejet", back=1)  # midnight may overtake the act
    decider.decide("rejet")


def test_the_days_of_a_right_only_shorten(decider, accepted):
    decider.opened.execute(ACCEPT, [accepted])
    accord = decider.decide("accord", accepted)
    decider.open(accord)
    shorten = (
        "UPDATE apa_ash_droit SET periode = daterange(access.today() {}, {}) WHERE decision_id = %s"
    )
    for start, end in (("- 30", "NULL"), ("+ 1", "NULL")):
        with pytest.raises(errors.CheckViolation), decider.opened.transaction():
            decider.opened.execute(shorten.format(start, end), [accord])
    # A right ends by a decision that ends one, on its day.
    decider.decide("reprise", later=29)
    with pytest.raises(errors.CheckViolation) as told, decider.opened.transaction():
        decider.opened.execute(shorten.format("", "access.today() + 29"), [accord])
    assert told.value.diag.constraint_name == "droit_ended_by_a_decision"
    decider.decide("fin")
    decider.opened.execute(shorten.format("", "access.today() + 1"), [accord])
    for end in ("access.today() + 2", "NULL"):
        with pytest.raises(errors.CheckViolation), decider.opened.transaction():
            decider.opened.execute(shorten.format("", end), [accord])
    # The instruction reads no campaign: it revalues nothing.
    with pytest.raises(errors.InsufficientPrivilege), decider.opened.transaction():
        decider.decide("revalorisation")
    emptied = "UPDATE apa_ash_droit SET periode = 'empty' WHERE decision_id = %s"
    with pytest.raises(errors.CheckViolation), decider.opened.transaction():
        decider.opened.execute(emptied, [accord])
    decider.die()
    decider.opened.execute(emptied, [accord])
    with pytest.raises(errors.CheckViolation):
        decider.opened.execute(shorten.format("", "NULL"), [accord])
