"""A person whose file is over asks again: the file begins anew, and its past stays where it is."""

import uuid
from datetime import date, timedelta

import pytest
from django.db import connection
from django.db.backends.postgresql.psycopg_any import DateRange
from django.urls import reverse

from egide.kernel.access.passage import Refused
from egide.systems.apa_ash import models as m
from egide.systems.apa_ash.models.demande import CodePiece, NatureDemande
from egide.systems.apa_ash.models.dossier import Echeance, Etat
from egide.systems.apa_ash.models.plan import EtatPlan
from egide.systems.apa_ash.presentation.decision import list_actes
from egide.systems.apa_ash.presentation.instruction import parcours_steps
from egide.systems.apa_ash.purposes import EVALUATION
from egide.systems.apa_ash.queries import plan as plan_queries
from egide.systems.apa_ash.queries.agenda import agenda_of
from egide.systems.apa_ash.queries.conservation import read_conservation
from egide.systems.apa_ash.queries.decision import dus_of, load_situation
from egide.systems.apa_ash.queries.dossier import open_dossier
from egide.systems.apa_ash.queries.dossiers import Filtre, list_dossiers
from egide.systems.apa_ash.queries.evaluation import last_evaluation
from egide.systems.apa_ash.queries.journee import list_travail
from egide.systems.apa_ash.queries.silence import read_silence
from egide.systems.apa_ash.queries.situation import read_situation
from egide.systems.apa_ash.retention import in_use_until
from egide.systems.apa_ash.saisie import DemandeSaisie
from egide.systems.apa_ash.services import demandes, evaluation, revisions
from egide.systems.apa_ash.services import nouvelles_demandes as services
from egide.systems.apa_ash.services.droits import avance_versee
from egide.systems.apa_ash.services.visites import visite_to_come
from tests.systems.apa_ash import signature, situations
from tests.systems.apa_ash.situations import bound, droits
from tests.systems.apa_ash.test_decision_screens import DAY as SHOWN
from tests.systems.apa_ash.test_decision_screens import as_agent, fixed_day  # noqa: F401
from tests.systems.apa_ash.test_evaluation import record

SINCE, ENDED = date(2026, 1, 1), date(2026, 9, 1)
ASKED, NOTED, GRANTED = date(2026, 10, 1), date(2026, 10, 5), date(2026, 11, 20)
ONE_DAY = timedelta(days=1)
RUNS = "un droit court encore"
CONTACT = date(2026, 6, 1)
PAST = (m.Decision, m.Droit, m.Courrier, m.Evaluation, m.PlanAide, m.Indu, m.Ressources)


@pytest.fixture
def rejected(team, on_day):
    dossier = situations.ready(
        team.nord, on=date(2026, 8, 20), by=team.chloe, dernier_contact_on=CONTACT
    )
    with on_day(team.alice, ENDED) as passage:
        signature.rejet(passage, dossier.pk, "cumul", precisions="La PCH.")
    return dossier


@pytest.fixture
def ended(team, on_day):
    dossier = situations.opened(team.nord, since=SINCE, by=team.chloe, dernier_contact_on=CONTACT)
    situations.beyond_right(dossier, date(2026, 3, 1))
    with on_day(team.alice, ENDED) as passage:
        signature.fin(passage, dossier.pk, "renonciation", ENDED)
    return dossier


BOTH = pytest.mark.parametrize("over", ["rejected", "ended"])


def saisie(recue_on=ASKED, **changes):
    pieces = {code.value: recue_on for code in CodePiece}
    values = {"nature": "premiere", "canal": "courrier", "recue_on": recue_on, "pieces": pieces}
    return DemandeSaisie(**values | changes)


def renew(passage, dossier, recue_on=ASKED, *, jeton=None, **changes):
    said = saisie(recue_on, **changes)
    return services.renew_demande(
        passage, jeton=jeton or uuid.uuid4(), dossier_id=dossier.pk, saisie=said
    )


def acts(passage, dossier):
    situation = load_situation(passage, pk=dossier.pk)
    return {code for code, _ in list_actes(situation, on=passage.on)}


@BOTH
def test_a_request_begins_again_in_the_file_that_is_over(team, request, on_day, over):
    dossier = request.getfixturevalue(over)
    before = {model: set(model.objects.values_list("pk", flat=True)) for model in PAST}
    known = droits(dossier)
    with on_day(team.alice, NOTED) as passage:
        assert "nouvelle-demande" in acts(passage, dossier)
        made = renew(passage, dossier)
        situation = load_situation(passage, pk=dossier.pk)
        assert (situation.evaluation, situation.plan, situation.plans) == (None, None, [])
        assert situation.ressources_on(NOTED) is None
        assert acts(passage, dossier) == {"accord", "rejet", "desistement", "deces"}
        steps = parcours_steps(read_situation(passage, pk=dossier.pk), on=NOTED)
        assert [step["state"] for step in steps] == ["done", "now", *["todo"] * 4]
        assert RUNS not in read_conservation(passage, pk=dossier.pk).reasons
    dossier.refresh_from_db()
    assert (dossier.etat, dossier.etat_droit, dossier.motif_fin) == (Etat.RECU, "", "")
    assert (dossier.echeance, dossier.echeance_on) == (Echeance.ACCUSE, ASKED + 10 * ONE_DAY)
    assert (dossier.fin_droit_on, dossier.revision_on) == (None, None)
    assert (dossier.dernier_contact_on, dossier.instructeur_id) == (ASKED, team.alice.pk)
    assert in_use_until(dossier) >= date(2028, 10, 1)
    assert {model: set(model.objects.values_list("pk", flat=True)) for model in PAST} == before
    assert droits(dossier) == known
    assert m.Piece.objects.filter(demande=made).count() == 4


@BOTH
def test_what_is_granted_to_the_new_request_leaves_the_former_rights(team, request, on_day, over):
    dossier = request.getfixturevalue(over)
    known = droits(dossier)
    with on_day(team.alice, NOTED) as passage:
        renew(passage, dossier)
        demandes.acknowledge_demande(passage, dossier_id=dossier.pk)
    dossier.refresh_from_db()
    assert (dossier.etat, dossier.echeance) == (Etat.COMPLET, Echeance.VISITE)
    situations.plan(dossier, on=GRANTED - 10 * ONE_DAY, by=team.chloe)
    situations.ressources(dossier, on=GRANTED - 10 * ONE_DAY)
    m.Dossier.objects.filter(pk=dossier.pk).update(etat=Etat.ACCEPTE)
    with on_day(team.alice, GRANTED) as passage:
        signature.accord(passage, dossier.pk, effet_on=GRANTED, revision_on=GRANTED + 900 * ONE_DAY)
        assert {"revision", "fin"} <= acts(passage, dossier)
        assert RUNS in read_conservation(passage, pk=dossier.pk).reasons
    dossier.refresh_from_db()
    assert (dossier.etat, dossier.fin_droit_on) == (Etat.OUVERT, None)
    *before, (start, end, _) = droits(dossier)
    assert (before, start, end) == (known, GRANTED, None)


@BOTH
def test_every_list_tells_the_request_and_not_what_is_over(team, request, on_day, over):
    dossier = request.getfixturevalue(over)
    with on_day(team.alice, NOTED) as passage:
        assert list_travail(passage, miens=True).rows == []
        renew(passage, dossier)
    # Long after the former request was complete, and before the new one is.
    with on_day(team.alice, date(2026, 12, 30)) as passage:
        (row,) = list_travail(passage, miens=True).rows
        assert (row.echeance, row.visite_a_venir) == (Echeance.ACCUSE, False)
        assert row.complet_on is None
        read = open_dossier(passage, dossier.pk)
        assert not read_silence(passage, dossier=read).is_due(read, on=passage.on)
        (found,) = list_dossiers(passage, filtre=Filtre(etat="recu")).rows
        assert found.dossier.etat == Etat.RECU
        civil = [dossier.identite.nom_normalise], dossier.identite.naissance_on
        with connection.cursor() as cursor:
            query = "SELECT count(*) FROM access.files_of_same_person(%s, '', %s, %s)"
            cursor.execute(query, [uuid.uuid4(), *civil])
            assert cursor.fetchone() == (1,)


def test_a_request_comes_after_the_former_one_and_its_answer(team, rejected, on_day):
    jeton = uuid.uuid4()
    with on_day(team.alice, NOTED) as passage:
        with pytest.raises(services.DemandeAnterieure, match=r"1er.septembre.2026"):
            renew(passage, rejected, ENDED - ONE_DAY)
        with pytest.raises(services.JourFutur):
            renew(passage, rejected, NOTED + ONE_DAY)
        first = renew(passage, rejected, ENDED, jeton=jeton)
        assert renew(passage, rejected, jeton=jeton) == first
        with pytest.raises(services.DossierEnCours):
            renew(passage, rejected)
        # Received on the day of the rejection, it is not decided by it.
        steps = parcours_steps(read_situation(passage, pk=rejected.pk), on=NOTED)
        assert [step["state"] for step in steps][4] == "todo"
    assert m.Demande.objects.filter(dossier=rejected).count() == 2


def test_an_end_signed_ahead_is_answered_on_its_signature(team, on_day):
    """Asked before the last day of the right, for what follows it, and entered once it is past."""
    dossier = situations.opened(team.nord, since=SINCE, by=team.chloe)
    signed, last = date(2026, 9, 10), date(2026, 9, 30)
    with on_day(team.alice, signed) as passage:
        signature.fin(passage, dossier.pk, "renonciation", last)
    with on_day(team.alice, last) as passage, pytest.raises(services.DossierEnCours):
        renew(passage, dossier, signed)
    with on_day(team.alice, last + ONE_DAY) as passage:
        with pytest.raises(services.DemandeAnterieure, match=r"10.septembre.2026"):
            renew(passage, dossier, signed - ONE_DAY)
        renew(passage, dossier, signed)
    assert m.Dossier.objects.get(pk=dossier.pk).etat == Etat.RECU


@pytest.mark.parametrize("name", ["bruno", "chloe", "paul", "carole", "denis", "edith", "nora"])
def test_who_does_not_instruct_the_file_renews_nothing(team, rejected, on_day, name):
    with on_day(team.agents[name], NOTED) as passage, pytest.raises(Refused):
        renew(passage, rejected)
    assert m.Demande.objects.filter(dossier=rejected).count() == 1


def test_the_dead_ask_for_nothing(team, rejected, on_day):
    m.Identite.objects.filter(dossier=rejected).update(deces_on=ENDED)
    with on_day(team.alice, NOTED) as passage:
        assert "nouvelle-demande" not in acts(passage, rejected)
        with pytest.raises(services.PersonneDecedee):
            renew(passage, rejected)


def test_a_suspension_ends_with_the_right_that_it_stopped(team, on_day):
    dossier = situations.opened(team.nord, since=SINCE, by=team.chloe)
    m.Interruption.objects.create(
        **bound(dossier), nature="suspension", periode=DateRange(date(2026, 8, 1), None), motif="x"
    )
    m.Dossier.objects.filter(pk=dossier.pk).update(etat=Etat.SUSPENDU)
    with on_day(team.alice, ENDED) as passage:
        signature.fin(passage, dossier.pk, "renonciation", ENDED)
    with on_day(team.alice, NOTED) as passage:
        due = dus_of(load_situation(passage, pk=dossier.pk)).of_month(date(2026, 8, 1)).montant
        renew(passage, dossier)
        situation = load_situation(passage, pk=dossier.pk)
        assert situation.suspension is None
        assert dus_of(situation).of_month(date(2026, 8, 1)).montant == due == 0
    stopped = m.Interruption.objects.get(dossier=dossier).periode
    assert stopped == DateRange(date(2026, 8, 1), ENDED + ONE_DAY)


def test_what_the_former_procedure_left_open_is_set_aside(team, ended, on_day):
    planned = {"evaluateur": team.chloe, "creneau": ""}
    m.Visite.objects.create(**bound(ended), **planned, prevue_on=ENDED)
    m.Visite.objects.create(**bound(ended), **planned, prevue_on=NOTED + ONE_DAY)
    m.PlanAide.objects.create(
        **bound(ended), etat=EtatPlan.BROUILLON, gir=2, effet_on=date(2026, 12, 1)
    )
    asked = m.ProjetDecision.objects.create(
        **bound(ended),
        nature="suspension",
        fait_on=ENDED,
        etat="propose",
        propose_on=ENDED,
        propose_par=team.alice,
    )
    with on_day(team.alice, NOTED) as passage:
        renew(passage, ended)
    asked.refresh_from_db()
    assert (asked.etat, asked.traite_par_id) == ("retire", team.alice.pk)
    assert not m.PlanAide.objects.filter(dossier=ended, etat=EtatPlan.BROUILLON).exists()
    with on_day(team.chloe, NOTED, purpose=EVALUATION) as passage:
        dossier = open_dossier(passage, ended.pk)
        assert last_evaluation(passage, dossier) is None
        assert agenda_of(passage).visites == []
        current, former = plan_queries.split_plans(plan_queries.plans_of(passage, dossier))
        assert (current, len(former)) == (None, 2)
    m.Visite.objects.filter(dossier=ended, prevue_on__gt=NOTED).delete()
    m.Dossier.objects.filter(pk=ended.pk).update(etat=Etat.COMPLET)
    with on_day(team.chloe, NOTED, purpose=EVALUATION) as passage:
        assert visite_to_come(passage, open_dossier(passage, ended.pk)) is None
        with pytest.raises(evaluation.EvaluationBeforeRequest):
            record(passage, ended, faite_on=ENDED)
        assert record(passage, ended, faite_on=ASKED).gir


def test_a_revision_still_rests_on_what_its_request_found(team, on_day):
    """The near miss: a revision follows the evaluation, the plan and the resources that run."""
    dossier = situations.opened(team.nord, since=SINCE, by=team.chloe)
    with on_day(team.alice, NOTED) as passage:
        revisions.request_revision(
            passage,
            jeton=uuid.uuid4(),
            dossier_id=dossier.pk,
            recue_on=ASKED,
            canal="courrier",
            motif="Chute",
        )
        situation = load_situation(passage, pk=dossier.pk)
        assert situation.plan is not None
        assert situation.evaluation is not None
        assert situation.ressources_on(NOTED) is not None
        with pytest.raises(services.DossierEnCours):
            renew(passage, dossier)


def test_the_lump_sum_of_a_former_request_is_no_advance_of_the_new_one(team, on_day):
    """Ended by an end or a refusal of the person, it was answered by no express decision."""
    dossier = situations.opened(team.nord, since=date(2026, 6, 1), by=team.chloe, forfait=True)
    m.Decision.objects.filter(dossier=dossier).update(nature="forfait_tacite", plan=None)
    with on_day(team.alice, ENDED) as passage:
        signature.fin(passage, dossier.pk, "renonciation", ENDED)
    with on_day(team.alice, NOTED) as passage:
        assert avance_versee(load_situation(passage, pk=dossier.pk), until=NOTED) > 0
        renew(passage, dossier)
        assert avance_versee(load_situation(passage, pk=dossier.pk), until=NOTED) == 0


def test_an_attested_urgency_is_granted_on_a_file_that_had_rights(team, ended, on_day):
    with on_day(team.alice, NOTED) as passage:
        renew(passage, ended, nature="urgence", urgence_attestee_par="Dr Fauvel, médecin")
        assert "urgence" in acts(passage, ended)
        signature.urgence(passage, ended.pk)
        assert "urgence" not in acts(passage, ended)
    assert [start for start, _, _ in droits(ended)] == [SINCE, ASKED]


@pytest.fixture
def shown(team):
    """A file that a decision rejected, as the screens of the day find it."""
    dossier = situations.ready(team.nord, on=date(2026, 8, 20), by=team.chloe)
    m.Dossier.objects.filter(pk=dossier.pk).update(
        etat=Etat.REJETE, echeance="", echeance_on=None, fin_constatee_on=ENDED
    )
    return dossier


def typed(**changes):
    values = {
        "jeton": str(uuid.uuid4()),
        "nature": "premiere",
        "canal": "courrier",
        "recue_on": f"{SHOWN - ONE_DAY:%d/%m/%Y}",
        "residence_stable": "on",
    }
    return values | changes


def test_each_way_in_leads_to_the_file_of_the_person(as_agent, team, shown):  # noqa: F811
    client, page = as_agent("alice"), reverse("apa_ash:demande_renouvelee", args=[shown.pk])
    person = typed(
        service=str(team.nord.pk),
        nom_naissance="Lefèvre",
        prenoms="Jeanne",
        sexe="F",
        naissance_on="14/03/1939",
        adresse="3 rue des Lilas",
        code_postal="01000",
        commune="Bourg-en-Bresse",
    )
    entry = client.post(reverse("apa_ash:demande_nouvelle"), person)
    assert entry.status_code == 422
    for response in (
        entry,
        client.get(reverse("apa_ash:decision", args=[shown.pk])),
        client.get(reverse("apa_ash:demande", args=[shown.pk])),
    ):
        assert page in response.content.decode()
    assert "demande rejetée" in entry.content.decode()
    assert client.get(page).status_code == 200
    late = client.post(page, typed(recue_on="01/12/2026"))
    assert (late.status_code, "dans l’avenir" in late.content.decode()) == (422, True)
    unsaid = client.post(page, typed(nature=NatureDemande.URGENCE.value))
    assert "qui atteste l’urgence" in unsaid.content.decode()
    sent = client.post(page, typed())
    assert sent.url == reverse("apa_ash:demande", args=[shown.pk])
    assert "Ce dossier est en cours" in client.get(page).content.decode()
    again = client.post(reverse("apa_ash:demande_nouvelle"), person)
    assert page not in again.content.decode()
    assert client.get(sent.url).status_code == 200


@pytest.mark.parametrize("name", ["bruno", "chloe", "paul", "carole", "denis"])
def test_another_finds_no_page_to_ask_again(as_agent, shown, name):  # noqa: F811
    client, page = as_agent(name), reverse("apa_ash:demande_renouvelee", args=[shown.pk])
    assert [client.get(page).status_code, client.post(page, typed()).status_code] == [404] * 2
    assert m.Demande.objects.filter(dossier=shown).count() == 1
