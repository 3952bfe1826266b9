"""The dispute over the domicile de secours: each step, its day, its deadline, its refusals."""

import uuid
from datetime import date, timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.urls import reverse

from egide.kernel.access.passage import Refused
from egide.rules.apa.delais import echeance
from egide.systems.apa_ash.models import Dossier, LitigeSecours
from egide.systems.apa_ash.models.dossier import Echeance, Etat
from egide.systems.apa_ash.services import secours as services
from egide.systems.apa_ash.services.fins import DepartementInconnu
from egide.systems.apa_ash.services.revisions import JourFutur
from tests import factories

RECEIVED = date(2026, 10, 12)
TOLD = date(2026, 10, 20)
SENT = date(2026, 10, 27)
ANSWERED = date(2026, 11, 10)


@pytest.fixture
def dossier(team):
    return factories.dossier(
        team.nord,
        ouvert_on=RECEIVED,
        dernier_contact_on=RECEIVED,
        echeance=Echeance.ACCUSE,
        echeance_on=date(2026, 10, 22),
    )


def contest(passage, dossier, **changes):
    values = {"jeton": uuid.uuid4(), "departement": "38", "motif": "Vit à Grenoble depuis mars"}
    return services.contest_secours(passage, dossier_id=dossier.pk, **values | changes)


def read(dossier):
    return Dossier.objects.get(pk=dossier.pk)


@pytest.fixture
def transmitted(team, dossier, on_day):
    with on_day(team.alice, TOLD) as passage:
        contest(passage, dossier)
    with on_day(team.alice, SENT) as passage:
        services.transmit_dossier(passage, dossier_id=dossier.pk, transmis_on=SENT)
    return dossier


def test_a_contested_request_is_to_be_passed_on_within_the_month_of_its_receipt(
    team, dossier, on_day
):
    jeton, other = uuid.uuid4(), factories.dossier(team.nord, nom="Morel")
    with on_day(team.alice, TOLD) as passage:
        for _ in range(2):  # a replay contests once
            contest(passage, dossier, jeton=jeton)
        with pytest.raises(Refused):
            contest(passage, other, jeton=jeton)
    found = read(dossier)
    assert LitigeSecours.objects.count() == 1
    assert (found.echeance, found.echeance_on) == ("transmission_secours", date(2026, 11, 12))


def test_the_other_departement_has_a_month_to_answer(transmitted):
    found = read(transmitted)
    assert found.echeance == "competence_secours"
    assert found.echeance_on == echeance("domicile_secours", SENT)
    assert found.dernier_contact_on == RECEIVED  # two départements writing is no contact


def test_its_agreement_closes_the_request_and_moves_the_domicile(team, transmitted, on_day):
    with on_day(team.alice, ANSWERED) as passage:
        services.record_reponse_secours(
            passage, dossier_id=transmitted.pk, repondu_on=ANSWERED, accepte=True
        )
    found = read(transmitted)
    assert (found.etat, found.echeance, found.departement_secours) == (Etat.CLOS, "", "38")
    assert "38" in found.motif_fin
    assert found.fin_droit_on == ANSWERED
    assert LitigeSecours.objects.get().etat == "accepte"


@pytest.mark.parametrize(
    ("etat", "avant"), [(Etat.RECU, date(2026, 11, 12)), (Etat.OUVERT, date(2026, 11, 20))]
)
def test_under_a_right_the_month_runs_from_the_day_of_the_doubt(team, dossier, on_day, etat, avant):
    Dossier.objects.filter(pk=dossier.pk).update(etat=etat)
    with on_day(team.alice, TOLD) as passage:
        contest(passage, dossier)
    assert read(dossier).echeance_on == avant


def test_a_right_that_runs_goes_on_until_its_own_decision(team, transmitted, on_day):
    Dossier.objects.filter(pk=transmitted.pk).update(etat=Etat.OUVERT)
    with on_day(team.alice, ANSWERED) as passage:
        services.record_reponse_secours(
            passage, dossier_id=transmitted.pk, repondu_on=ANSWERED, accepte=True
        )
    found = read(transmitted)
    assert (found.etat, found.departement_secours) == (Etat.OUVERT, "38")


@pytest.mark.parametrize("end", ["refuse", "abandonne"])
def test_a_refusal_or_a_second_thought_gives_the_former_deadline_back(
    team, transmitted, on_day, end
):
    with on_day(team.alice, ANSWERED) as passage:
        if end == "refuse":
            services.record_reponse_secours(
                passage, dossier_id=transmitted.pk, repondu_on=ANSWERED, accepte=False
            )
        else:
            services.abandon_litige(passage, dossier_id=transmitted.pk, motif="Bail retrouvé")
    found = read(transmitted)
    assert LitigeSecours.objects.get().etat == end
    assert (found.echeance, found.echeance_on) == (Echeance.ACCUSE, date(2026, 10, 22))
    assert found.departement_secours == "01"


def test_a_revision_asked_during_a_dispute_does_not_take_the_end_of_its_right_for_its_own(
    team, dossier, on_day
):
    revised, ended = date(2027, 3, 1), date(2027, 1, 31)
    files = Dossier.objects.filter(pk=dossier.pk)
    waits = {"echeance": Echeance.REVISION, "echeance_on": revised, "revision_on": revised}
    files.update(etat=Etat.OUVERT, **waits)
    with on_day(team.alice, TOLD) as passage:
        contest(passage, dossier)
    files.update(etat=Etat.COMPLET, etat_droit=Etat.OUVERT, fin_droit_on=ended)
    with on_day(team.alice, SENT) as passage:
        services.transmit_dossier(passage, dossier_id=dossier.pk, transmis_on=SENT)
        services.abandon_litige(passage, dossier_id=dossier.pk, motif="Bail retrouvé")
    assert (read(dossier).echeance, read(dossier).echeance_on) == (Echeance.REVISION, revised)


def test_a_deadline_that_another_act_has_set_meanwhile_is_not_undone(team, transmitted, on_day):
    Dossier.objects.filter(pk=transmitted.pk).update(echeance=Echeance.DECISION)
    with on_day(team.alice, ANSWERED) as passage:
        services.abandon_litige(passage, dossier_id=transmitted.pk, motif="Bail retrouvé")
    assert read(transmitted).echeance == Echeance.DECISION


@pytest.mark.parametrize("over", [
    {"etat": Etat.REJETE},
    {"etat": Etat.CLOS, "fin_droit_on": TOLD},
    {"etat": Etat.OUVERT, "fin_droit_on": TOLD},
])  # fmt: skip
@pytest.mark.parametrize("accepte", [True, False])
def test_a_file_that_ended_during_its_dispute_is_not_moved_by_what_follows(
    team, dossier, on_day, over, accepte
):
    """The answer is recorded all the same; the end that was decided stands."""
    with on_day(team.alice, TOLD) as passage:
        contest(passage, dossier)
    Dossier.objects.filter(pk=dossier.pk).update(**{"echeance": "", "echeance_on": None} | over)
    stood = Dossier.objects.values("etat", "echeance", "fin_droit_on").get(pk=dossier.pk)
    with on_day(team.alice, SENT) as passage:
        services.transmit_dossier(passage, dossier_id=dossier.pk, transmis_on=SENT)
    with on_day(team.alice, ANSWERED) as passage:
        services.record_reponse_secours(
            passage, dossier_id=dossier.pk, repondu_on=ANSWERED, accepte=accepte
        )
    assert LitigeSecours.objects.get().etat == ("accepte" if accepte else "refuse")
    assert Dossier.objects.values(*stood).get(pk=dossier.pk) == stood


def test_what_the_state_of_the_file_forbids_is_refused(team, dossier, on_day):
    with on_day(team.alice, TOLD) as passage:
        with pytest.raises(services.AucunLitige):
            services.transmit_dossier(passage, dossier_id=dossier.pk, transmis_on=TOLD)
        with pytest.raises(DepartementInconnu):
            contest(passage, dossier, departement=team.departement.departement)
        contest(passage, dossier)
        with pytest.raises(services.LitigeEnCours):
            contest(passage, dossier, departement="73")
        with pytest.raises(JourFutur):
            services.transmit_dossier(
                passage, dossier_id=dossier.pk, transmis_on=TOLD + timedelta(days=1)
            )
        with pytest.raises(services.JourAvantLEtape):
            services.transmit_dossier(
                passage, dossier_id=dossier.pk, transmis_on=TOLD - timedelta(days=1)
            )
        with pytest.raises(services.AucunLitige):
            services.record_reponse_secours(
                passage, dossier_id=dossier.pk, repondu_on=TOLD, accepte=True
            )


def test_a_file_that_is_over_is_not_contested(team, dossier, on_day):
    Dossier.objects.filter(pk=dossier.pk).update(etat=Etat.CLOS)
    with on_day(team.alice, TOLD) as passage, pytest.raises(services.DossierTermine):
        contest(passage, dossier)


def test_postgresql_keeps_one_dispute_at_a_time_and_the_order_of_its_days(team, transmitted):
    row = LitigeSecours.objects.get()
    for changes in ({"repondu_on": SENT - timedelta(days=1), "etat": "refuse"}, {"motif": ""}):
        with pytest.raises(IntegrityError), transaction.atomic():
            LitigeSecours.objects.filter(pk=row.pk).update(**changes)
    with pytest.raises(IntegrityError), transaction.atomic():
        LitigeSecours.objects.create(
            service=team.nord,
            dossier=transmitted,
            departement="73",
            etat="conteste",
            motif="Double",
            conteste_on=TOLD,
        )


@pytest.mark.parametrize("name", ["bruno", "chloe", "paul", "carole", "denis", "victor"])
def test_nobody_else_reaches_the_page_or_the_act(team, dossier, client, on_day, name):
    client.force_login(team.agents[name])
    url = reverse("apa_ash:secours", args=[dossier.pk])
    assert (
        client.get(url).status_code == client.post(url, {"etape": "contester"}).status_code == 404
    )
    with on_day(team.agents[name], TOLD) as passage, pytest.raises(Refused):
        contest(passage, dossier)


def test_the_screen_leads_from_one_step_to_the_next(team, dossier, client):
    client.force_login(team.alice)
    url = reverse("apa_ash:secours", args=[dossier.pk])
    assert url in client.get(reverse("apa_ash:dossier", args=[dossier.pk])).content.decode()
    asked = {"etape": "contester", "jeton": uuid.uuid4(), "departement": "20", "motif": "Parti"}
    wrong = client.post(url, asked)
    assert wrong.status_code == 422
    assert list(wrong.context["asked"].errors) == ["departement"]
    assert client.post(url, asked | {"departement": "2A"}).status_code == 302
    assert url in client.get(reverse("apa_ash:journee"), {"qui": "service"}).content.decode()
    today = LitigeSecours.objects.get().conteste_on
    assert client.post(url, {"etape": "transmettre", "transmis_on": today}).status_code == 302
    answer = {"etape": "repondre", "accepte": "non", "repondu_on": today}
    assert client.post(url, answer).status_code == 302
    assert "au juge de trancher" in client.get(url).content.decode()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM audit.trail WHERE subjects @> ARRAY[%s]::uuid[]"
            " AND verb LIKE '%%domicile de secours' AND verb NOT LIKE 'suivre%%'",
            [dossier.pk],
        )
        assert cursor.fetchone() == (2,)


@pytest.mark.parametrize(
    ("days", "refusal"),
    [(1, JourFutur), (0, None), (-14, None), (-15, services.JourAvantLEtape)],
)
def test_an_answer_comes_between_the_sending_and_today(team, transmitted, on_day, days, refusal):
    answer = {"repondu_on": ANSWERED + timedelta(days=days), "accepte": False}
    with on_day(team.alice, ANSWERED) as passage:
        if refusal:
            with pytest.raises(refusal):
                services.record_reponse_secours(passage, dossier_id=transmitted.pk, **answer)
        else:
            services.record_reponse_secours(passage, dossier_id=transmitted.pk, **answer)
    assert (LitigeSecours.objects.get().repondu_on is None) is bool(refusal)
