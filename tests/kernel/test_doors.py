"""Door 2 alone: PostgreSQL refuses rows, columns and forgeries whatever the application does."""

from datetime import timedelta

import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.db import ProgrammingError, connection, transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.http import HttpResponse, StreamingHttpResponse
from django.utils import timezone

from egide.kernel.access.models import Habilitation, Organisme
from egide.kernel.access.names import purpose_role
from egide.kernel.access.passage import Refused, openings_of, sign
from egide.kernel.access.views import DECLARED, StreamOutsideTransaction, view
from egide.systems.apa_ash.models import Dossier, Nir
from egide.systems.apa_ash.policy import DOSSIERS, IDENTITES, NIRS
from egide.systems.apa_ash.purposes import EVALUATION, INSTRUCTION, PAIEMENT
from tests import factories
from tests.personas import today


def sql(query, *params):
    with connection.cursor() as cursor:
        cursor.execute(query, params)
        return cursor.fetchall()


@pytest.fixture
def two(team):
    return factories.dossier(team.nord), factories.dossier(team.sud, nom="Morel")


def test_a_passage_reads_its_service_and_no_other(team, two, entering):
    with entering(team.alice, INSTRUCTION):
        assert sql("SELECT id FROM apa_ash_dossier") == [(two[0].pk,)]


@pytest.mark.parametrize("name", ["chloe", "paul", "denis", "edith", "nora"])
def test_an_agent_without_the_habilitation_reads_nothing(team, two, entering, name):
    with entering(team.agents[name], INSTRUCTION):
        assert sql("SELECT id FROM apa_ash_dossier") == []


def test_another_departement_reads_nothing_of_this_one(team, two, entering):
    with entering(team.victor, INSTRUCTION):
        assert sql("SELECT id FROM apa_ash_dossier") == []


@pytest.mark.clause("APA-02")
def test_an_organisme_without_engagement_opens_nothing(team, two, entering):
    with entering(team.alice, INSTRUCTION):
        assert len(sql("SELECT id FROM apa_ash_dossier")) == 1
    team.departement.engagement_conformite_on = None
    team.departement.save()
    assert openings_of(team.alice, on=today()) == ()
    with entering(team.alice, INSTRUCTION):
        assert sql("SELECT id FROM apa_ash_dossier") == []


def test_evaluation_reads_no_nir(team, two, entering):
    with entering(team.alice, INSTRUCTION):
        assert len(sql("SELECT nir FROM apa_ash_nir")) == 1
    with (
        entering(team.chloe, EVALUATION),
        pytest.raises(ProgrammingError, match="permission denied"),
        transaction.atomic(),
    ):
        sql("SELECT nir FROM apa_ash_nir")


@pytest.mark.clause("APA-27")
def test_payment_reads_no_resources_of_a_right(team, two, entering):
    with entering(team.paul, PAIEMENT):
        sql("SELECT apa FROM apa_ash_droit")
        with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
            sql("SELECT ressources_mensuelles FROM apa_ash_droit")


def test_another_purpose_role_makes_the_passage_worthless(team, two, entering):
    with entering(team.alice, INSTRUCTION):
        other = purpose_role(connection.settings_dict["NAME"], PAIEMENT)
        sql("SELECT set_config('role', %s, true)", other)
        assert sql("SELECT id FROM apa_ash_dossier") == []


@pytest.mark.parametrize(
    "forge",
    [
        lambda real, team: "",
        lambda real, team: "x",
        lambda real, team: real.replace(str(team.alice.pk), str(team.bruno.pk)),
        lambda real, team: real[:-1] + ("0" if real[-1] != "0" else "1"),
        lambda real, team: "|".join([*real.split("|")[:4], "9999999999", *real.split("|")[5:]]),
    ],
    ids=["empty", "malformed", "another agent", "wrong signature", "longer life"],
)
def test_a_forged_passage_opens_nothing(team, two, entering, forge):
    with entering(team.alice, INSTRUCTION):
        ((real,),) = sql("SELECT current_setting('egide.passage')")
        sql("SELECT set_config('egide.passage', %s, true)", forge(real, team))
        assert sql("SELECT id FROM apa_ash_dossier") == []


def test_an_expired_passage_opens_nothing(team, two, entering, settings):
    settings.PASSAGE_SECONDS = -1
    with entering(team.alice, INSTRUCTION):
        assert sql("SELECT id FROM apa_ash_dossier") == []


def test_a_purpose_cannot_read_the_signing_key_nor_the_trail(team, entering):
    for table in ("access.signing_key", "audit.trail", "audit.change", "access_agent"):
        with (
            entering(team.alice, INSTRUCTION),
            pytest.raises(ProgrammingError, match="permission denied"),
            transaction.atomic(),
        ):
            sql(f"SELECT * FROM {table}")


def test_a_row_cannot_be_moved_or_written_into_another_service(team, two, entering):
    with entering(team.alice, INSTRUCTION):
        with pytest.raises(ProgrammingError), transaction.atomic():
            sql("UPDATE apa_ash_dossier SET service_id = %s RETURNING id", team.sud.pk)
        with pytest.raises(ProgrammingError, match="row-level security"), transaction.atomic():
            Nir.objects.create(service=team.sud, dossier=two[1], statut="absent")


def test_the_policy_gives_the_same_answer_for_the_list_and_the_row(team, two, entering):
    with entering(team.alice, INSTRUCTION) as passage:
        assert list(DOSSIERS.rows(passage)) == [two[0]]
        assert DOSSIERS.get(passage, pk=two[0].pk) == two[0]
        with pytest.raises(Refused):
            DOSSIERS.get(passage, pk=two[1].pk)


def test_the_policy_alone_keeps_to_the_service_where_no_row_policy_helps(team, two, entering):
    """Door 1 stands by itself: the owner's upkeep opens every row to SQL, and not to a policy."""
    with entering(team.alice, INSTRUCTION) as passage:
        sql("SELECT set_config('role', 'none', true)")
        assert len(sql("SELECT id FROM apa_ash_dossier")) == 2
        assert list(DOSSIERS.rows(passage)) == [two[0]]


def test_a_volet_comes_with_its_file_in_one_statement(
    team, two, entering, django_assert_num_queries
):
    with entering(team.alice, INSTRUCTION) as passage, django_assert_num_queries(1):
        dossier = DOSSIERS.get(passage, pk=two[0].pk, identite=IDENTITES)
        assert dossier.identite.nom == "Lefèvre"
        assert "Identite.nom_naissance" in passage.fields
        assert passage.subjects == {two[0].pk}


def test_rows_loaded_around_their_policy_are_refused(team, two, entering):
    from egide.kernel.access.rows import UnplannedRead

    with entering(team.alice, INSTRUCTION) as passage:
        dossier = DOSSIERS.get(passage, pk=two[0].pk)
        with pytest.raises(UnplannedRead):
            dossier.nir.nir
        with pytest.raises(UnplannedRead):
            list(Dossier.objects.all())


def test_a_column_outside_the_purpose_is_not_in_the_statement(team, two, entering):
    from egide.kernel.access.rows import OutOfPurpose

    with entering(team.paul, PAIEMENT) as passage:
        dossier = DOSSIERS.get(passage, pk=two[0].pk)
        with pytest.raises(OutOfPurpose):
            dossier.instructeur_id


def test_reads_are_written_to_the_trail_before_the_end(team, two, entering):
    with entering(team.alice, INSTRUCTION) as passage:
        NIRS.get(passage, dossier=two[0])
        passage.flush("lecture")
    ((agent, subjects, fields, outcome),) = sql(
        "SELECT agent_id, subjects, f.fields, outcome FROM audit.trail t"
        " JOIN audit.fieldset f ON f.id = t.fieldset_id"
    )
    assert (agent, subjects, outcome) == (team.alice.pk, [two[0].pk], "fait")
    assert "Nir.nir" in fields


def test_without_a_passage_nothing_can_be_written_to_the_trail(db, team):
    role = purpose_role(connection.settings_dict["NAME"], INSTRUCTION)
    with pytest.raises(ProgrammingError, match="no valid passage"), transaction.atomic():
        sql("SELECT set_config('role', %s, true)", role)
        sql("SELECT audit.record('apa_ash', 'x', '{}', '{}', '')")


@pytest.mark.clause("APA-47")
def test_bulk_changes_are_recorded_with_names_and_allowed_values_only(team, two, entering):
    with entering(team.alice, INSTRUCTION):
        Dossier.objects.update(motif_fin="essai")
        sql("UPDATE apa_ash_nir SET nir = '139039912345662' RETURNING id")
    rows = sql(
        "SELECT model, operation, fields, differences::text, agent_id FROM audit.change"
        " WHERE operation = 'UPDATE' ORDER BY at"
    )
    assert [(r[0], r[2]) for r in rows] == [
        ("apa_ash.Dossier", ["motif_fin"]),
        ("apa_ash.Nir", ["nir"]),
    ]
    assert "essai" in rows[0][3]
    assert rows[1][3] == "{}"
    assert {r[4] for r in rows} == {team.alice.pk}


def test_the_trail_cannot_be_rewritten_even_by_the_owner(team, two, entering):
    with entering(team.alice, INSTRUCTION) as passage:
        NIRS.get(passage, dossier=two[0])
        passage.flush("lecture")
        sql("UPDATE apa_ash_dossier SET motif_fin = 'essai' RETURNING id")
    for attack in (
        "UPDATE audit.trail SET verb = ''",
        "DELETE FROM audit.trail",
        "UPDATE audit.change SET model = ''",
        "DELETE FROM audit.change",
    ):
        with pytest.raises(ProgrammingError, match="refused"), transaction.atomic():
            sql(attack + " RETURNING id")


def test_who_consulted_is_told_to_the_service_of_the_file_only(team, two, entering):
    with entering(team.alice, INSTRUCTION) as passage:
        NIRS.get(passage, dossier=two[0])
        passage.flush("lecture")
        assert [r[1] for r in sql("SELECT * FROM audit.readers(%s)", two[0].pk)] == ["Alice Martin"]
        # Raw as it was, that reading left its own line: the second one tells it.
        verbs = [r[4] for r in sql("SELECT * FROM audit.readers(%s)", two[0].pk)]
        assert verbs == ["lire qui a consulté, lecture"]
    with entering(team.bruno, INSTRUCTION):
        assert sql("SELECT * FROM audit.readers(%s)", two[0].pk) == []


def test_a_signature_needs_the_key(team, settings, two, entering):
    settings.PASSAGE_KEY = b"another key"
    with entering(team.alice, INSTRUCTION):
        assert sql("SELECT id FROM apa_ash_dossier") == []
    assert sign(team.alice.pk, session="s", role="r").count("|") == 6


@pytest.mark.parametrize("streamed", [False, True])
def test_an_answer_is_whole_before_its_passage_ends(team, rf, streamed):
    """A stream would read rows after the transaction, and its trail, are closed."""

    def serve(request):
        return StreamingHttpResponse([b"x"]) if streamed else HttpResponse(b"x")

    served = view("GET", purpose=INSTRUCTION, verb="essayer")(serve)
    try:
        request = rf.get("/")
        request.user, request.session = team.alice, SessionStore("s")
        request.on, request.openings = today(), openings_of(team.alice, on=today())
        if streamed:
            with pytest.raises(StreamOutsideTransaction), transaction.atomic():
                served(request)
        else:
            assert served(request).content == b"x"
    finally:
        DECLARED.pop(served)


@pytest.mark.parametrize(
    ("first", "last", "opened"),
    [(-9, 0, True), (0, 0, True), (0, 9, True), (-9, -1, False), (1, 9, False)],
)
def test_a_habilitation_opens_from_its_first_day_to_its_last(team, first, last, opened):
    days = DateRange(today() + timedelta(days=first), today() + timedelta(days=last + 1))
    Habilitation.objects.filter(agent=team.alice).update(periode=days)
    assert bool(openings_of(team.alice, on=today())) is opened


@pytest.mark.parametrize("closed", ["inactive", "revoked", "engaged tomorrow", ""])
def test_nothing_opens_to_an_agent_who_left_nor_before_the_engagement(team, closed):
    alice = team.alice
    if closed == "inactive":
        alice.is_active = False
    elif closed == "revoked":
        Habilitation.objects.filter(agent=alice).update(revoked_at=timezone.now())
    tomorrow = today() + timedelta(days=closed == "engaged tomorrow")
    Organisme.objects.filter(pk=alice.organisme_id).update(engagement_conformite_on=tomorrow)
    assert bool(openings_of(alice, on=today())) is not bool(closed)
