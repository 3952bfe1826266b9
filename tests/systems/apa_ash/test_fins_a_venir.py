"""A right whose end is signed ahead: it runs until its last day, which closes it, or goes on."""

import uuid
from datetime import date, timedelta

import pytest
from django.db import connection
from django.urls import reverse

from egide.kernel.access.passage import Refused
from egide.systems.apa_ash import models as m
from egide.systems.apa_ash.models.dossier import Echeance, Etat
from egide.systems.apa_ash.presentation import dossier_context
from egide.systems.apa_ash.presentation.decision import list_actes
from egide.systems.apa_ash.presentation.signature_arret import tell_stop
from egide.systems.apa_ash.purposes import EVALUATION, INSTRUCTION, Role
from egide.systems.apa_ash.queries import projets as queries
from egide.systems.apa_ash.queries.agenda import agenda_of
from egide.systems.apa_ash.queries.conservation import read_conservation
from egide.systems.apa_ash.queries.decision import load_situation
from egide.systems.apa_ash.queries.dossier import open_dossier
from egide.systems.apa_ash.queries.dossiers import REVISION, Filtre, list_dossiers
from egide.systems.apa_ash.queries.journee import count_echeances, count_etats, list_travail
from egide.systems.apa_ash.queries.reaffectation import Choix, count_suivis, list_suivis
from egide.systems.apa_ash.queries.ressources import find_droit_ouvert
from egide.systems.apa_ash.retention import in_use_until
from egide.systems.apa_ash.services import (
    annulation,
    arrets,
    decisions,
    fins,
    interruptions,
    maintiens,
    mises_en_demeure,
    motifs_fin,
    projets,
    revisions,
    secours,
    suspensions,
)
from egide.systems.apa_ash.services.rejets import MotifContredit
from tests.personas import grant, today
from tests.systems.apa_ash import signature, situations
from tests.systems.apa_ash.situations import droits
from tests.systems.apa_ash.test_letters import squeeze, text_of
from tests.systems.apa_ash.test_suites_decision import APA, DAY, SINCE, due, etat, reopen

# Arrived on 15 October 2026, the person acquires a domicile de secours there on 15 January 2027.
ARRIVAL, LAST = date(2026, 10, 15), date(2027, 1, 14)
ONE_DAY = timedelta(days=1)
MORROW = LAST + ONE_DAY
REVIEWED = date(2028, 6, 1)


@pytest.fixture
def dossier(team):
    return situations.opened(team.nord, since=SINCE, by=team.chloe)


@pytest.fixture
def leaving(team, dossier, on_day):
    with on_day(team.alice, DAY) as passage:
        signature.fin(passage, dossier.pk, "depart", ARRIVAL, departement="02")
    dossier.refresh_from_db()
    return dossier


def enter(passage, dossier, day, **more):
    values = {"jeton": uuid.uuid4(), "nature": "hospitalisation", "entree_on": day} | more
    return interruptions.enter_hospital(passage, dossier_id=dossier.pk, **values)


def maintien(passage, dossier, **more):
    values = {"jeton": uuid.uuid4()} | more
    return arrets.propose_maintien(passage, dossier_id=dossier.pk, **values)


def acts(passage, dossier):
    situation = load_situation(passage, pk=dossier.pk)
    return {code for code, _ in list_actes(situation, on=passage.on)}


RUNNING = {"revision", "hospitalisation", "mise-en-demeure", "suspension", "fin", "maintien"}


# The last day, its eve, its morrow; nobody and nothing writes the file in between.
AROUND = pytest.mark.parametrize(("step", "open_"), [(-1, True), (0, True), (1, False)])
REVISED = pytest.mark.parametrize("revised", [False, True])


@pytest.fixture
def told(request, team, leaving, on_day):
    """Open a revision or not under the right that ends."""
    if request.getfixturevalue("revised"):
        with on_day(team.alice, DAY) as passage:
            reopen(passage, leaving)
    return leaving


@REVISED
@AROUND
def test_a_file_is_open_until_the_last_day_and_closed_the_day_after(
    team, told, on_day, step, open_, revised
):
    with on_day(team.alice, LAST + timedelta(days=step)) as passage:
        read = open_dossier(passage, told.pk)
        assert (read.etat == Etat.CLOS, bool(read.echeance)) == (not open_, open_)
        assert bool(read.etat_droit) == (open_ and revised)
        head = dossier_context(passage, read, tab="situation")["person"]
        assert ("se termine le 14" in head["state_label"]) is open_
        assert bool(head["kept"]) is not open_
        assert bool(acts(passage, told) & RUNNING) is open_
        assert (find_droit_ouvert(passage, dossier=read) is not None) is open_
        assert bool(read_conservation(passage, pk=told.pk).reasons) is open_
        # Two years from the end of the right, whatever day it was signed on.
        assert in_use_until(read) == date(2029, 1, 14)


@REVISED
@AROUND
def test_every_list_says_the_same_of_a_right_that_ends(team, told, on_day, step, open_, revised):
    known = [told.identite.nom_normalise], told.identite.naissance_on
    on, etat_told = LAST + timedelta(days=step), "ouvert" if open_ else "clos"
    wanted = {etat_told, REVISION} if revised and open_ else {etat_told}
    with on_day(team.alice, on) as passage:
        for asked in ("ouvert", "clos", "suspendu", REVISION):
            found = list_dossiers(passage, filtre=Filtre(etat=asked)).rows
            assert bool(found) == (asked in wanted), asked
        (row,) = list_dossiers(passage, filtre=Filtre()).rows
        assert (row.dossier.etat == Etat.CLOS) is not open_
        assert count_etats(passage, miens=False) == {etat_told: 1}
        assert len(list_travail(passage, miens=False).rows) == open_
        assert sum(count_echeances(passage, miens=False).values()) == open_
        with connection.cursor() as cursor:
            query = "SELECT count(*) FROM access.files_of_same_person(%s, '', %s, %s)"
            cursor.execute(query, [uuid.uuid4(), *known])
            assert cursor.fetchone() == (open_,)
    with on_day(team.remi, on) as passage:
        assert len(list_suivis(passage, choix=Choix())[0]) == open_
        assert bool(count_suivis(passage)) is open_
    with on_day(team.chloe, on, purpose=EVALUATION) as passage:
        assert len(agenda_of(passage).to_visit) == (open_ and revised)


def test_the_worklist_tells_the_day_on_which_a_right_ends(team, leaving, client):
    m.Dossier.objects.update(fin_droit_on=today(), echeance_on=today())
    assert (leaving.echeance, leaving.revision_on) == (Echeance.FIN, SINCE + timedelta(days=900))
    client.force_login(team.alice)
    html = client.get(reverse("apa_ash:journee") + "?qui=service").content.decode()
    assert "Le droit se termine" in html
    assert "Voir la fin du droit" in html
    html = client.get(reverse("apa_ash:dossiers")).content.decode()
    assert "Droit ouvert, se termine le" in html


def test_who_signs_a_maintien_reads_what_was_claimed_of_the_months_given_back(
    team, leaving, on_day
):
    situations.beyond_right(leaving, date(2026, 12, 1))
    situations.beyond_right(leaving, date(2027, 1, 1), etat="retire")
    with on_day(team.alice, DAY) as passage:
        asked = maintien(passage, leaving)
    said = "Indus réclamés sur ces mois :"
    for claimed in (False, True):
        with on_day(team.remi, DAY) as passage:
            told = tell_stop(passage, load_situation(passage, pk=leaving.pk), asked)["lines"]
        assert any(said in line for line in told) is claimed
        if not claimed:
            situations.beyond_right(leaving, date(2027, 1, 1))
    assert told[-1] == f"{said} janv. 2027 (100,00 €), à retirer par le contrôle."


def test_what_a_right_allows_goes_on_until_its_last_day(team, leaving, on_day):
    with on_day(team.alice, DAY) as passage:
        stay = enter(passage, leaving, DAY)
        mises_en_demeure.send_notice(passage, dossier_id=leaving.pk, code="qualite")
    situations.posted(leaving, on=DAY, by=team.alice)
    with on_day(team.alice, date(2026, 12, 28)) as passage:
        # Thirty days of hospital are due; the rest of the month waits for the discharge.
        assert due(passage, leaving, date(2026, 12, 1)).montant < APA
        interruptions.leave_hospital(
            passage, dossier_id=leaving.pk, interruption_id=stay.pk, sortie_on=date(2026, 12, 27)
        )
        asked = arrets.propose_suspension(
            passage,
            jeton=uuid.uuid4(),
            dossier_id=leaving.pk,
            recue_on=DAY + ONE_DAY,
            code="qualite",
        )
    with on_day(team.remi, date(2026, 12, 29)) as passage:
        assert projets.sign_projet(passage, projet_id=asked.pk).effet_on == date(2027, 1, 1)
    assert etat(leaving) == (Etat.SUSPENDU, Echeance.FIN, LAST)
    with on_day(team.alice, LAST) as passage:
        suspensions.resume_droit(
            passage, jeton=uuid.uuid4(), dossier_id=leaving.pk, regularisee_on=LAST
        )
        enter(passage, leaving, LAST)
        assert due(passage, leaving, date(2027, 1, 1)).jours == 14
    assert etat(leaving) == (Etat.OUVERT, Echeance.FIN, LAST)
    with on_day(team.alice, MORROW) as passage:
        with pytest.raises(interruptions.AucunDroitAInterrompre):
            enter(passage, leaving, MORROW)
        with pytest.raises(revisions.AucunDroitARevoir):
            reopen(passage, leaving)
        with pytest.raises(interruptions.AucunDroitAInterrompre):
            mises_en_demeure.send_notice(passage, dossier_id=leaving.pk, code="qualite")


def test_a_suspension_that_would_begin_after_the_end_is_refused(team, leaving, on_day):
    with on_day(team.alice, DAY) as passage:
        mises_en_demeure.send_notice(passage, dossier_id=leaving.pk, code="qualite")
    situations.posted(leaving, on=DAY, by=team.alice)
    said = {"recue_on": DAY + ONE_DAY, "code": "qualite"}
    with (
        on_day(team.alice, date(2027, 1, 5)) as passage,
        pytest.raises(suspensions.SuspensionApresLaFin),
    ):
        signature.suspension(passage, leaving.pk, **said)
    m.Dossier.objects.update(fin_droit_on=date(2027, 2, 1))
    m.Droit.objects.update(periode=(SINCE, date(2027, 2, 2)))
    with on_day(team.alice, date(2027, 1, 5)) as passage:
        assert signature.suspension(passage, leaving.pk, **said).effet_on == date(2027, 2, 1)


def test_a_revision_opens_a_right_until_the_signed_end_and_no_further(team, leaving, on_day):
    on = date(2026, 12, 10)
    said = {"effet_on": on, "revision_on": REVIEWED}
    with on_day(team.alice, on) as passage:
        reopen(passage, leaving)
        with pytest.raises(decisions.AccordApresLaFin):
            signature.accord(
                passage, leaving.pk, revision_on=REVIEWED, effet_on=MORROW, motif="Retour."
            )
        decision = signature.accord(passage, leaving.pk, **said)
    assert sorted(row[:2] for row in droits(leaving)) == [(SINCE, on), (on, MORROW)]
    assert etat(leaving) == (Etat.OUVERT, Echeance.FIN, LAST)
    assert (leaving.fin_droit_on, leaving.motif_fin) == (LAST, motifs_fin.MOTIFS["depart"].texte)
    text = text_of(m.Courrier.objects.get(decision=decision).pdf)
    assert squeeze("le dernier jour dû reste le 14 janvier 2027") in text
    assert squeeze("sera réexaminé au plus tard") not in text


@pytest.mark.parametrize(
    ("code", "kept"), [("depart", Etat.COMPLET), ("renonciation", Etat.OUVERT)]
)
def test_a_revision_goes_on_under_a_move_and_falls_with_a_renunciation(
    team, dossier, on_day, code, kept
):
    with on_day(team.alice, DAY) as passage:
        reopen(passage, dossier)
    before = etat(dossier)
    with on_day(team.alice, DAY) as passage:
        departement = {"departement": "02"} if code == "depart" else {}
        signature.fin(passage, dossier.pk, code, DAY, **departement)
    now = etat(dossier)
    assert (now[0], bool(dossier.etat_droit)) == (kept, kept == Etat.COMPLET)
    assert now == before if kept == Etat.COMPLET else now[1:] == (Echeance.FIN, DAY)


def test_a_renounced_lump_sum_takes_its_request_with_it(team, on_day):
    dossier = situations.opened(
        team.nord, since=SINCE, by=team.chloe, forfait=True, etat=Etat.VISITE
    )
    with on_day(team.alice, DAY) as passage:
        signature.fin(passage, dossier.pk, "renonciation", DAY + ONE_DAY)
    assert etat(dossier) == (Etat.OUVERT, Echeance.FIN, DAY + ONE_DAY)


def test_a_death_comes_before_the_end_and_undone_gives_it_back(team, leaving, on_day):
    died = date(2026, 12, 2)
    with on_day(team.alice, date(2026, 12, 5)) as passage:
        fins.record_deces(passage, jeton=uuid.uuid4(), dossier_id=leaving.pk, deces_on=died)
        with pytest.raises(maintiens.AucuneFinSignee):
            maintien(passage, leaving)
    assert etat(leaving) == (Etat.CLOS, "", None)
    assert leaving.fin_droit_on == died
    with on_day(team.remi, date(2026, 12, 6)) as passage:
        annulation.cancel_deces(
            passage, jeton=uuid.uuid4(), dossier_id=leaving.pk, motif="Homonyme."
        )
    assert etat(leaving) == (Etat.OUVERT, Echeance.FIN, LAST)
    assert (leaving.fin_droit_on, droits(leaving)) == (LAST, [(SINCE, MORROW, APA)])


def test_a_signed_end_is_brought_forward_and_not_put_off(team, leaving, on_day):
    with on_day(team.alice, DAY) as passage:
        for later in (LAST, MORROW):
            with pytest.raises(fins.FinDejaSignee):
                signature.fin(passage, leaving.pk, "renonciation", later)
        signature.fin(passage, leaving.pk, "renonciation", LAST - ONE_DAY)
    assert droits(leaving) == [(SINCE, LAST, APA)]
    assert etat(leaving) == (Etat.OUVERT, Echeance.FIN, LAST - ONE_DAY)


def given_up(team, leaving, on_day):
    with on_day(team.alice, DAY) as passage:
        asked = maintien(passage, leaving)
    with on_day(team.remi, DAY) as passage:
        projets.sign_projet(passage, projet_id=asked.pk)


def test_an_end_given_up_brings_the_file_home_whatever_ended_it_last(team, leaving, on_day):
    """Left for the 02, the person then gave the APA up, and changed her mind."""
    with on_day(team.alice, DAY) as passage:
        signature.fin(passage, leaving.pk, "renonciation", LAST - ONE_DAY)
    given_up(team, leaving, on_day)
    leaving.refresh_from_db()
    assert leaving.departement_secours == team.departement.departement


@pytest.mark.parametrize("first", ["end", "dispute"])
def test_an_end_and_a_dispute_keep_each_their_deadline(team, dossier, on_day, first):
    """CASF L. 122-4: the month to pass a file on is not lost; nor is the day of the right."""

    def contest():
        with on_day(team.alice, DAY) as passage:
            return secours.contest_secours(
                passage, jeton=uuid.uuid4(), dossier_id=dossier.pk, departement="02", motif="Laon"
            )

    def end():
        with on_day(team.alice, DAY) as passage:
            signature.fin(passage, dossier.pk, "depart", ARRIVAL, departement="02")

    revision_on = dossier.revision_on
    for step in (end, contest) if first == "end" else (contest, end):
        step()
    assert etat(dossier)[1] == Echeance.TRANSMISSION
    if first == "end":
        given_up(team, dossier, on_day)
        assert etat(dossier)[1] == Echeance.TRANSMISSION
    with on_day(team.alice, DAY) as passage:
        secours.abandon_litige(passage, dossier_id=dossier.pk, motif="Bail retrouvé")
    kept = (Echeance.REVISION, revision_on) if first == "end" else (Echeance.FIN, LAST)
    assert etat(dossier)[1:] == kept


# An end is given up.


def test_an_end_is_given_up_by_two_hands_and_the_right_goes_on(team, leaving, on_day):
    assert leaving.departement_secours == "02"
    with on_day(team.alice, LAST) as passage:
        asked = maintien(passage, leaving)
        assert maintien(passage, leaving, jeton=asked.pk) == asked  # sent twice
        with pytest.raises(projets.DejaPropose):
            maintien(passage, leaving)
    # Nothing is given up before the signature.
    assert droits(leaving) == [(SINCE, MORROW, APA)]
    with on_day(team.remi, LAST) as passage:
        decision = projets.sign_projet(passage, projet_id=asked.pk)
        assert projets.sign_projet(passage, projet_id=asked.pk) == decision
    assert (decision.nature, decision.effet_on) == ("maintien", MORROW)
    assert decision.motif == maintiens.RAISONS["depart"]
    assert droits(leaving) == [(SINCE, None, APA)]
    assert etat(leaving) == (Etat.OUVERT, Echeance.REVISION, leaving.revision_on)
    assert (leaving.fin_droit_on, leaving.motif_fin) == (None, "")
    assert leaving.departement_secours == team.departement.departement
    letter = m.Courrier.objects.get(decision=decision)
    text = text_of(letter.pdf)
    for told in ("continue", "14 janvier 2027", "Rémi Girard", "CRPA L. 243-1"):
        assert squeeze(told) in text, told
    with on_day(team.alice, MORROW) as passage:
        assert due(passage, leaving, date(2027, 2, 1)).montant == APA
        with pytest.raises(maintiens.AucuneFinSignee):  # twice
            maintien(passage, leaving)
        assert enter(passage, leaving, MORROW).dossier_id == leaving.pk


def test_an_end_is_given_up_no_more_once_its_day_is_past(team, leaving, on_day):
    with on_day(team.alice, LAST) as passage:
        asked = maintien(passage, leaving)
    with on_day(team.remi, MORROW) as passage:
        with pytest.raises(maintiens.AucuneFinSignee):
            projets.sign_projet(passage, projet_id=asked.pk)
        assert queries.count_a_signer(passage) == 0
    with on_day(team.alice, MORROW) as passage:
        assert queries.list_renvoyes(passage) == [asked]
        with pytest.raises(maintiens.AucuneFinSignee):
            maintien(passage, leaving)
        projets.withdraw_projet(passage, dossier_id=leaving.pk, projet_id=asked.pk)
        assert queries.list_renvoyes(passage) == []
    assert droits(leaving) == [(SINCE, MORROW, APA)]


def test_an_end_that_moved_since_is_not_the_one_that_is_given_up(team, leaving, on_day):
    with on_day(team.alice, DAY) as passage:
        asked = maintien(passage, leaving)
    m.Dossier.objects.update(fin_droit_on=LAST - ONE_DAY)
    m.Droit.objects.update(periode=(SINCE, LAST))
    with on_day(team.remi, DAY) as passage, pytest.raises(projets.CalculChange):
        projets.sign_projet(passage, projet_id=asked.pk)


@pytest.mark.parametrize("name", ["bruno", "chloe", "carole", "paul", "edith", "victor", "denis"])
def test_who_does_not_instruct_gives_no_end_up(team, leaving, on_day, name):
    with on_day(team.agents[name], DAY) as passage, pytest.raises(Refused):
        maintien(passage, leaving)
    with on_day(team.alice, DAY) as passage:
        asked = maintien(passage, leaving)
    with on_day(team.agents[name], DAY) as passage, pytest.raises(Refused):
        projets.sign_projet(passage, projet_id=asked.pk)


def test_nobody_signs_the_maintenance_that_they_prepared(team, leaving, on_day):
    grant(team.nora, Role.RESPONSABLE, team.nord, by=team.admin)
    with on_day(team.remi, DAY) as passage:
        asked = maintien(passage, leaving)
        with pytest.raises(projets.SignatureDeSonProjet):
            projets.sign_projet(passage, projet_id=asked.pk)
    with on_day(team.nora, DAY) as passage:
        assert projets.sign_projet(passage, projet_id=asked.pk).prise_par_id == team.nora.pk


def test_a_right_that_a_group_ended_goes_on_once_another_evaluation_opens_it(team, dossier, on_day):
    m.Evaluation.objects.filter(dossier=dossier).update(gir=5)
    with on_day(team.alice, DAY) as passage:
        signature.fin(passage, dossier.pk, "gir", DAY + ONE_DAY)
        with pytest.raises(MotifContredit):
            maintien(passage, dossier)
    m.Evaluation.objects.filter(dossier=dossier).update(gir=3)
    with on_day(team.alice, DAY) as passage:
        assert signature.signed(passage, maintien(passage, dossier)).nature == "maintien"
    assert droits(dossier) == [(SINCE, None, APA)]


def test_a_maintenance_leaves_a_notice_and_a_revision_their_deadline(team, leaving, on_day):
    with on_day(team.alice, DAY) as passage:
        reopen(passage, leaving)
    before = etat(leaving)
    with on_day(team.alice, DAY) as passage:
        signature.signed(passage, maintien(passage, leaving))
    assert etat(leaving) == before
    assert leaving.fin_droit_on is None


# What is to sign, by the last day on which a signature serves.


def test_what_is_to_sign_comes_by_its_last_useful_day(team, on_day):
    def file(**fields):
        return situations.opened(team.nord, since=SINCE, by=team.chloe, **fields)

    def propose(nature, **values):
        dossier = values.pop("of", None) or file()
        keys = {"service": team.nord, "dossier": dossier, "nature": nature}
        who = {"propose_par": team.alice, "propose_on": DAY, "etat": "propose"}
        return m.ProjetDecision.objects.create(**keys | who | values)

    two_months = {"etat": Etat.ACCEPTE, "echeance": Echeance.DECISION}
    moved = file(fin_droit_on=DAY + timedelta(days=5))
    rank = [
        propose("urgence"),
        propose("fin", effet_on=DAY),
        propose("accord", of=file(**two_months, echeance_on=DAY + timedelta(days=3))),
        propose("maintien", of=moved, effet_on=DAY + timedelta(days=6)),
        propose("suspension", fait_on=DAY),  # signed in November, it takes effect in December
        propose("accord", of=file(**two_months, echeance_on=DAY + timedelta(days=11))),
        propose("fin", effet_on=DAY + timedelta(days=12)),
        propose("rejet"),
    ]
    propose("fin", effet_on=DAY - ONE_DAY)  # nobody may sign it any more
    with on_day(team.remi, DAY) as passage:
        found, more = queries.list_a_signer(passage)
        assert ([row.pk for row in found], more) == ([row.pk for row in rank], False)
        days = [row.utile_on and (row.utile_on - DAY).days for row in found]
        assert days == [None, 0, 3, 5, 10, 11, 12, None]
        assert queries.count_a_signer(passage) == len(rank)


def test_the_list_tells_the_last_useful_day_and_marks_the_week(team, client, entering):
    dossiers = [
        situations.opened(team.nord, since=SINCE, by=team.chloe, nom=nom) for nom in ("Un", "Deux")
    ]
    with entering(team.alice, INSTRUCTION) as passage:
        for dossier, left in zip(dossiers, (7, 8), strict=True):
            arrets.propose_fin(
                passage,
                jeton=uuid.uuid4(),
                dossier_id=dossier.pk,
                code="renonciation",
                fin_on=today() + timedelta(days=left),
            )
    client.force_login(team.remi)
    html = client.get(reverse("apa_ash:a_signer")).content.decode()
    assert html.count("<small>dernier jour</small>") == 2
    assert html.count('eg-left wait"') == 1
    assert html.count('eg-left calm"') == 1


def test_a_proposal_whose_day_is_past_comes_back_to_whoever_prepared_it(
    team, dossier, client, entering
):
    with entering(team.alice, INSTRUCTION) as passage:
        asked = arrets.propose_fin(
            passage,
            jeton=uuid.uuid4(),
            dossier_id=dossier.pk,
            code="renonciation",
            fin_on=today(),
        )
    pages = [reverse("apa_ash:journee"), reverse("apa_ash:decision", args=[dossier.pk])]
    client.force_login(team.alice)
    assert not [p for p in pages if "non signée" in client.get(p).content.decode()]
    m.ProjetDecision.objects.update(effet_on=today() - ONE_DAY)
    assert [p for p in pages if "non signée" in client.get(p).content.decode()] == pages
    page = client.get(pages[1]).content.decode()
    assert reverse("apa_ash:acte_decision", args=[dossier.pk, "fin"]) in page
    client.force_login(team.remi)
    assert str(asked.pk) not in client.get(reverse("apa_ash:a_signer")).content.decode()
    read = client.get(reverse("apa_ash:projet", args=[asked.pk])).content.decode()
    assert "ne peut pas être passé à la signature" in read
    # It makes room for the one that replaces it.
    with entering(team.alice, INSTRUCTION) as passage:
        replaced = arrets.propose_fin(
            passage,
            jeton=uuid.uuid4(),
            dossier_id=dossier.pk,
            code="renonciation",
            fin_on=today(),
        )
    asked.refresh_from_db()
    assert (asked.etat, asked.traite_par_id, replaced.etat) == ("retire", team.alice.pk, "propose")


def test_the_screens_offer_and_tell_a_maintenance(team, dossier, client, entering):
    with entering(team.alice, INSTRUCTION) as passage:
        signature.fin(passage, dossier.pk, "renonciation", today() + timedelta(days=3))
    client.force_login(team.alice)
    act = reverse("apa_ash:acte_decision", args=[dossier.pk, "maintien"])
    page = reverse("apa_ash:decision", args=[dossier.pk])
    assert act in client.get(page).content.decode()
    assert client.post(act, {"jeton": str(uuid.uuid4())}).status_code == 302
    html = client.get(page).content.decode()
    assert act not in html
    assert "Maintien du droit" in html
    projet = m.ProjetDecision.objects.get(dossier=dossier, etat="propose")
    client.force_login(team.remi)
    read = client.get(reverse("apa_ash:projet", args=[projet.pk])).content.decode()
    assert "Ce que la signature rétablit" in read
    sent = {"projets": [str(projet.pk)]}
    assert client.post(reverse("apa_ash:a_signer"), sent).status_code == 302
    dossier.refresh_from_db()
    assert dossier.fin_droit_on is None
