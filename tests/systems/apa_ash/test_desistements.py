"""A request that its person gives up, one that nobody completes, and rights with nowhere to end."""

import uuid
from datetime import date, timedelta

import pytest
from django.urls import reverse

from egide.kernel.access.passage import Refused
from egide.rules.apa.delais import echeance
from egide.systems.apa_ash import models as m
from egide.systems.apa_ash.models.demande import CodePiece
from egide.systems.apa_ash.models.dossier import Echeance, Etat
from egide.systems.apa_ash.models.plan import EtatPlan
from egide.systems.apa_ash.queries.journee import list_travail
from egide.systems.apa_ash.services import (
    arrets,
    demandes,
    desistements,
    maintiens,
    motifs_fin,
    projets,
    rejets,
)
from egide.systems.apa_ash.services.decisions import RienADecider
from egide.systems.apa_ash.services.revisions import JourFutur
from egide.systems.apa_ash.services.silence import SilenceNonConstate
from tests import factories
from tests.systems.apa_ash import signature, situations
from tests.systems.apa_ash.situations import bound, droits
from tests.systems.apa_ash.test_decision_screens import DAY as SHOWN
from tests.systems.apa_ash.test_decision_screens import acte, as_agent, fixed_day  # noqa: F401
from tests.systems.apa_ash.test_decisions import tacite
from tests.systems.apa_ash.test_letters import squeeze, text_of
from tests.systems.apa_ash.test_nouvelles_demandes import acts, renew
from tests.systems.apa_ash.test_silence import COMPLETE, MORROW, SILENCE, complete
from tests.systems.apa_ash.test_suites_decision import DAY, SINCE, reopen

ONE_DAY = timedelta(days=1)
ASKED = date(2026, 9, 1)


@pytest.fixture
def studied(team):
    """A request complete since 4 September 2026, a plan proposed: silence grants in November."""
    found = situations.ready(team.nord, on=date(2026, 10, 4), by=team.chloe)
    complete(found, on=COMPLETE)
    m.Dossier.objects.filter(pk=found.pk).update(etat=Etat.PROPOSE)
    m.PlanAide.objects.filter(dossier=found).update(etat=EtatPlan.PROPOSE, reponse_on=None)
    return found


def give_up(passage, dossier, on, canal="courrier"):
    return desistements.record_desistement(
        passage, dossier_id=dossier.pk, desiste_on=on, canal=canal
    )


def letter_of(dossier, nature):
    return text_of(bytes(m.Courrier.objects.get(dossier=dossier, nature=nature).pdf))


def test_a_request_is_given_up_and_a_letter_acknowledges_it(team, studied, on_day):
    asked = m.ProjetDecision.objects.create(
        **bound(studied),
        nature="rejet",
        code="cumul",
        motif="x",
        etat="propose",
        propose_on=SILENCE - 3 * ONE_DAY,
        propose_par=team.alice,
    )
    with on_day(team.alice, SILENCE - ONE_DAY) as passage:
        assert "desistement" in acts(passage, studied)
        demande = give_up(passage, studied, SILENCE - 2 * ONE_DAY, "guichet")
        assert acts(passage, studied) == {"nouvelle-demande", "deces"}
        with pytest.raises(RienADecider):
            give_up(passage, studied, SILENCE - ONE_DAY)
    studied.refresh_from_db()
    asked.refresh_from_db()
    assert (studied.etat, studied.echeance) == (Etat.RETIREE, "")
    assert studied.motif_fin == desistements.MOTIF
    assert studied.fin_constatee_on == SILENCE - ONE_DAY
    assert (demande.desistee_on, demande.desistee_par) == (SILENCE - 2 * ONE_DAY, "guichet")
    assert asked.etat == "retire"
    assert m.PlanAide.objects.get(dossier=studied).etat == EtatPlan.SANS_SUITE
    said = letter_of(studied, "desistement")
    assert squeeze("au guichet, que vous retirez votre demande") in said
    assert squeeze("ne court plus") in said


def test_once_given_up_the_two_months_grant_nothing(team, studied, on_day):
    with on_day(team.alice, SILENCE - ONE_DAY) as passage:
        give_up(passage, studied, SILENCE - ONE_DAY)
    with on_day(team.alice, MORROW) as passage:
        assert list_travail(passage, miens=False).rows == []
        with pytest.raises(RienADecider):
            tacite(passage, studied)
    assert droits(studied) == []


@pytest.mark.parametrize(("said_on", "due"), [(SILENCE, False), (MORROW, True)])
def test_what_silence_granted_before_is_recorded_first(team, studied, on_day, said_on, due):
    with on_day(team.alice, MORROW) as passage:
        if due:
            with pytest.raises(SilenceNonConstate):
                give_up(passage, studied, said_on)
        else:
            assert give_up(passage, studied, said_on).desistee_on == said_on


def test_a_lump_sum_that_runs_is_renounced_by_two_hands(team, studied, on_day):
    with on_day(team.alice, MORROW) as passage:
        tacite(passage, studied)
        assert "desistement" not in acts(passage, studied)
        with pytest.raises(desistements.ForfaitEnCours, match="fin du droit"):
            give_up(passage, studied, MORROW)
        signature.fin(passage, studied.pk, "renonciation", MORROW)
    assert droits(studied)[0][:2] == (SILENCE, MORROW + ONE_DAY)


def test_a_day_before_the_request_or_to_come_gives_nothing_up(team, studied, on_day):
    received = m.Demande.objects.get(dossier=studied).recue_on
    with on_day(team.alice, SILENCE - ONE_DAY) as passage:
        with pytest.raises(JourFutur):
            give_up(passage, studied, SILENCE)
        with pytest.raises(desistements.DesistementAvantDemande):
            give_up(passage, studied, received - ONE_DAY)
        assert give_up(passage, studied, received)


@pytest.mark.parametrize("name", ["bruno", "chloe", "paul", "carole", "denis", "edith", "nora"])
def test_who_does_not_instruct_the_file_gives_nothing_up(team, studied, on_day, name):
    with on_day(team.agents[name], SILENCE - ONE_DAY) as passage, pytest.raises(Refused):
        give_up(passage, studied, SILENCE - ONE_DAY)
    assert m.Demande.objects.get(dossier=studied).desistee_on is None


def test_a_revision_that_is_given_up_leaves_the_right_as_it_was(team, on_day):
    dossier = situations.opened(team.nord, since=SINCE, by=team.chloe)
    known = droits(dossier)
    with on_day(team.alice, DAY) as passage:
        reopen(passage, dossier)
        give_up(passage, dossier, DAY)
    dossier.refresh_from_db()
    assert (dossier.etat, dossier.etat_droit) == (Etat.OUVERT, "")
    assert (dossier.echeance, droits(dossier)) == (Echeance.REVISION, known)
    assert squeeze("Votre droit en cours continue") in letter_of(dossier, "desistement")


def test_whoever_gave_up_asks_again_in_the_same_file(team, studied, on_day):
    gone, again = SILENCE - 9 * ONE_DAY, SILENCE - 5 * ONE_DAY
    with on_day(team.alice, gone) as passage:
        give_up(passage, studied, gone)
    with on_day(team.alice, SILENCE) as passage:
        renew(passage, studied, again)
        # The two months of the former request are over: the new one has its own.
        assert "forfait" not in acts(passage, studied)
    assert m.Dossier.objects.get(pk=studied.pk).etat == Etat.RECU


# --- A request that nobody completes


@pytest.fixture
def incomplete(team):
    dossier = factories.dossier(team.nord, etat=Etat.RECU, ouvert_on=ASKED)
    demande = m.Demande.objects.get(dossier=dossier)
    for code in CodePiece:
        m.Piece.objects.create(**bound(dossier), demande=demande, code=code)
    return dossier


def claimed(team, dossier, on_day, on, *, posted=True):
    with on_day(team.alice, on) as passage:
        demandes.request_pieces(passage, dossier_id=dossier.pk)
    if posted:
        situations.posted(dossier, on=on, by=team.alice)


def close(passage, dossier):
    return signature.rejet(passage, dossier.pk, rejets.INCOMPLET)


def test_a_request_never_completed_is_rejected_after_a_reminder_left_two_months(
    team, incomplete, on_day
):
    reminded = date(2026, 9, 20)
    until = echeance("reponse_relance", reminded)
    claimed(team, incomplete, on_day, date(2026, 9, 5))
    with on_day(team.alice, until) as passage, pytest.raises(rejets.RelanceAbsente):
        close(passage, incomplete)
    claimed(team, incomplete, on_day, reminded, posted=False)
    with on_day(team.alice, until) as passage, pytest.raises(rejets.RelanceNonPostee):
        close(passage, incomplete)
    situations.posted(incomplete, on=reminded, by=team.alice)
    with on_day(team.alice, until) as passage, pytest.raises(rejets.RelanceEnCours):
        close(passage, incomplete)
    with on_day(team.alice, until + ONE_DAY) as passage:
        decision = close(passage, incomplete)
        assert list_travail(passage, miens=False).rows == []
    incomplete.refresh_from_db()
    assert (incomplete.etat, decision.nature) == (Etat.REJETE, "rejet")
    said = letter_of(incomplete, "decision_rejet")
    assert squeeze("n’a pas pu être étudiée") in said
    assert squeeze("Aucun texte ne fixe de délai pour envoyer les pièces") in said


def test_a_signature_finds_the_reminder_unanswered_still(team, incomplete, on_day):
    """A piece that comes between the two hands completes the request, or leaves it to study."""
    for day in (date(2026, 9, 5), date(2026, 9, 20)):
        claimed(team, incomplete, on_day, day)
    said = {"jeton": uuid.uuid4(), "dossier_id": incomplete.pk, "code": rejets.INCOMPLET}
    with on_day(team.alice, DAY + 10 * ONE_DAY) as passage:
        projet = projets.propose_rejet(passage, **said)
        demandes.receive_pieces(
            passage, dossier_id=incomplete.pk, codes=list(CodePiece), on=passage.on
        )
        demandes.acknowledge_demande(passage, dossier_id=incomplete.pk)
        with pytest.raises(rejets.MotifContredit):
            signature.signed(passage, projet)


def test_whoever_enters_an_establishment_before_the_visit_is_told_where_to_ask(
    team, studied, on_day
):
    with on_day(team.alice, SILENCE - ONE_DAY) as passage:
        signature.rejet(passage, studied.pk, rejets.ETABLISSEMENT)
    assert m.Dossier.objects.get(pk=studied.pk).etat == Etat.REJETE
    assert squeeze("Demandez l’APA en établissement") in letter_of(studied, "decision_rejet")


def test_a_right_that_goes_on_ends_and_is_not_rejected(team, opened, on_day):
    with on_day(team.alice, DAY) as passage:
        reopen(passage, opened)
        with pytest.raises(rejets.MotifContredit):
            signature.rejet(passage, opened.pk, rejets.ETABLISSEMENT)


def test_a_complete_request_is_not_said_incomplete(team, studied, on_day):
    with on_day(team.alice, SILENCE - ONE_DAY) as passage, pytest.raises(rejets.MotifContredit):
        close(passage, studied)


# --- The grounds of an end


@pytest.fixture
def opened(team):
    return situations.opened(team.nord, since=SINCE, by=team.chloe)


@pytest.mark.parametrize(
    ("code", "precisions", "told", "kept"),
    [
        ("etablissement", "", "Demandez l’APA en établissement", "vous rentrez chez vous"),
        ("cumul", "La PCH, depuis mai.", "L. 232-23", "Vous ne recevez pas la prestation"),
        ("residence", "Départ définitif.", "R. 232-2", "de façon stable et régulière"),
    ],
)
def test_each_ground_is_told_with_its_fact_and_given_up_by_its_contrary(
    team, opened, on_day, code, precisions, told, kept
):
    last = DAY + 10 * ONE_DAY
    with on_day(team.alice, DAY) as passage:
        signature.fin(passage, opened.pk, code, last, precisions=precisions)
    assert maintiens.code_of_end(m.Dossier.objects.get(pk=opened.pk)) == code
    with on_day(team.alice, DAY) as passage:
        asked = {"jeton": uuid.uuid4(), "dossier_id": opened.pk}
        signature.signed(passage, arrets.propose_maintien(passage, **asked))
    assert droits(opened)[0][:2] == (SINCE, None)
    said = letter_of(opened, "fin_droit")
    assert squeeze(told) in said
    assert squeeze(precisions) in said
    assert (squeeze("tarif dépendance") in said) is (code == "etablissement")
    assert squeeze(kept) in letter_of(opened, "maintien")


@pytest.mark.parametrize("code", ["cumul", "residence"])
def test_a_ground_without_its_fact_ends_nothing(team, opened, on_day, code):
    with on_day(team.alice, DAY) as passage, pytest.raises(motifs_fin.FaitNonDit):
        signature.fin(passage, opened.pk, code, DAY, precisions="  ")
    assert droits(opened)[0][:2] == (SINCE, None)


# --- As the screens show it


def test_a_withdrawal_is_entered_and_shown(as_agent, team):  # noqa: F811
    dossier = situations.ready(team.nord, on=SHOWN, by=team.chloe)
    client, page = as_agent("alice"), acte(dossier, "desistement")
    assert page in client.get(reverse("apa_ash:decision", args=[dossier.pk])).content.decode()
    assert client.get(page).status_code == 200
    late = {"desiste_on": f"{SHOWN + ONE_DAY:%d/%m/%Y}", "canal": "courrier"}
    assert client.post(page, late).status_code == 422
    sent = client.post(page, late | {"desiste_on": f"{SHOWN:%d/%m/%Y}"})
    assert sent.status_code == 302
    head = client.get(reverse("apa_ash:dossier", args=[dossier.pk])).content.decode()
    assert "Demande retirée" in head
    shown = client.get(reverse("apa_ash:demande", args=[dossier.pk])).content.decode()
    assert "Retirée par la personne le" in shown
    assert "Accuser réception avant le" not in shown


def test_the_form_of_an_end_asks_for_the_fact(as_agent, team):  # noqa: F811
    dossier = situations.opened(team.nord, since=SINCE, by=team.chloe)
    client, page = as_agent("alice"), acte(dossier, "fin")
    typed = {"jeton": str(uuid.uuid4()), "code": "cumul", "fin_on": "30/11/2026"}
    refused = client.post(page, typed)
    assert (refused.status_code, "Dites le fait" in refused.content.decode()) == (422, True)
    assert client.post(page, typed | {"precisions": "La PCH."}).status_code == 302
    assert m.ProjetDecision.objects.get(dossier=dossier).motif.endswith("La PCH.")
