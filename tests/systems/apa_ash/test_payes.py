"""Whoever was paid in excess owes it: withheld from that payee alone, told to that payee alone."""

import calendar
import uuid
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import product

import pytest
from django.db import connection
from django.db.backends.postgresql.psycopg_any import DateRange
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from egide.kernel import notation
from egide.kernel.access.passage import Refused
from egide.rules.apa.arrieres import previous_month
from egide.rules.apa.versement import Periode, next_month
from egide.rules.money import CENTIME, round_to_cent
from egide.systems.apa_ash import models as m
from egide.systems.apa_ash.calculs.effectivite import compare
from egide.systems.apa_ash.letters import render
from egide.systems.apa_ash.models.controle import EtatIndu
from egide.systems.apa_ash.models.plan import ModeAide
from egide.systems.apa_ash.purposes import CONTROLE, PAIEMENT
from egide.systems.apa_ash.queries import hors_plan
from egide.systems.apa_ash.queries.apres_deces import find_after_death
from egide.systems.apa_ash.queries.controle import list_indus, read_months
from egide.systems.apa_ash.queries.dossier import open_dossier
from egide.systems.apa_ash.queries.faits import read_all
from egide.systems.apa_ash.services import indu as acts
from egide.systems.apa_ash.services import lot
from egide.systems.apa_ash.services.indu_deces import claim_after_death
from tests import factories
from tests.personas import today
from tests.systems.apa_ash import signature
from tests.systems.apa_ash import situations as s
from tests.systems.apa_ash.paiement_rows import compte, droit, payable, plan, prestataire


@pytest.fixture
def mois():
    return previous_month(today())


@pytest.fixture
def shared(team, mois):
    """A file of 1,000 €, half through a service, half for the person; T = 0.10; paid last month."""

    def make(service=None, *, nom="Lefèvre", months=1):
        where = service or team.nord
        aide = prestataire(team.departement, adresse="2 rue du Port, 01000 Bourg")
        dossier = factories.dossier(where, nom=nom, etat="ouvert")
        right = droit(
            dossier,
            start=previous_month(mois, back=4),
            apa="900.00",
            taux="0.10",
            lines=[(ModeAide.PRESTATAIRE, aide, 20, 25), (ModeAide.GRE_A_GRE, None, 20, 25)],
        )
        compte(dossier)
        for back in range(months):
            pay(team, right, aide, previous_month(mois, back=back))
        return dossier, aide

    return make


def pay(team, right, aide, mois):
    run, _ = m.LotPaiement.objects.get_or_create(
        service=right.service,
        mois=mois,
        defaults={
            "etat": "emis",
            "prepare_par": team.paul,
            "prepare_on": mois,
            "valide_par": team.remi,
            "valide_on": mois,
        },
    )
    for who in (aide, None):
        m.Paiement.objects.create(
            service=right.service,
            lot=run,
            dossier=right.dossier,
            droit=right,
            prestataire=who,
            mois_du=mois,
            montant_brut=Decimal("450.00"),
            verse_on=mois,
        )


def delivered(dossier, aide, mois, heures="10"):
    m.Prestation.objects.create(
        service=dossier.service,
        dossier=dossier,
        prestataire=aide,
        mois=mois,
        heures_realisees=Decimal(heures),
    )


def debt(dossier, aide, montant, mois):
    return m.Indu.objects.create(
        service=dossier.service,
        dossier=dossier,
        prestataire=aide,
        mois=mois,
        motif="Heures",
        montant=Decimal(montant),
        constate_on=mois,
        constate_par=factories.finder(),
        prescrit_on=date(2099, 1, 1),
        etat=EtatIndu.NOTIFIE,
    )


def die(dossier, deces_on):
    m.Identite.objects.filter(dossier=dossier).update(deces_on=deces_on)
    m.Droit.objects.filter(dossier=dossier).update(
        periode=DateRange(date(2025, 1, 1), deces_on + timedelta(days=1))
    )


@pytest.fixture
def sent(monkeypatch):
    """Keep what each letter says beside its PDF."""
    letters, original = [], render.render

    def keep(letter):
        letters.append(letter)
        return original(letter)

    monkeypatch.setattr(render, "render", keep)
    return letters


@pytest.fixture
def record(team, entering, mois):
    def find(dossier, payee, agent=None):
        with entering(agent or team.carole, CONTROLE) as passage:
            (indu,) = acts.record_indus(
                passage,
                jeton=uuid.uuid4(),
                dossier_id=dossier.pk,
                dus=[acts.TropPercu(mois, payee)],
                motif="Heures non réalisées",
                fraude=False,
            )
            return indu

    return find


# --- who owes


@pytest.mark.clause("APA-06")
def test_hours_not_delivered_are_owed_by_the_service_that_was_paid(shared, record, mois):
    dossier, aide = shared()
    delivered(dossier, aide, mois)
    with pytest.raises(acts.NothingUndue):
        record(dossier, None)
    indu = record(dossier, aide.pk)
    assert (indu.prestataire, indu.montant) == (aide, Decimal("225.00"))
    with pytest.raises(acts.NothingUndue):
        record(dossier, aide.pk)


def test_a_lump_sum_has_no_plan_to_be_measured_against(team, shared, record):
    dossier, aide = shared()
    m.Droit.objects.filter(dossier=dossier).update(forfait=True)
    for payee in (aide.pk, None):
        with pytest.raises(acts.NothingUndue):
            record(dossier, payee)


@pytest.mark.parametrize("by_service", [False, True])
def test_a_debt_is_withheld_from_its_payee_alone(team, entering, shared, mois, by_service):
    dossier, aide = shared()
    owed = debt(dossier, aide if by_service else None, "500.00", mois)
    with entering(team.paul, PAIEMENT) as passage:
        run = lot.prepare_lot(
            passage,
            lot_id=uuid.uuid4(),
            service_id=team.nord.pk,
            mois=previous_month(mois, back=-1),
        )
    withheld = {(line.prestataire_id, line.mois_du): line.retenue for line in run.paiements.all()}
    payee = aide.pk if by_service else None
    assert {who for (who, _), amount in withheld.items() if amount} == {payee}
    assert all(amount <= Decimal("90.00") for amount in withheld.values())
    m.Paiement.objects.filter(lot=run).update(examen="vu", examine_par=team.paul)
    with entering(team.remi, PAIEMENT) as passage:
        lot.validate_lot(passage, lot_id=run.pk)
    owed.refresh_from_db()
    assert owed.recouvre == sum(withheld.values())


def test_the_letter_goes_to_the_payee(team, entering, shared, record, mois, sent):
    dossier, aide = shared()
    delivered(dossier, aide, mois)
    record(dossier, aide.pk)
    with entering(team.carole, CONTROLE) as passage:
        with pytest.raises(acts.NothingToNotify):
            acts.propose_indus(passage, dossier_id=dossier.pk, prestataire_id=None)
        signature.indus(passage, dossier.pk, aide.pk)
    (letter,) = sent
    assert letter.destinataire.nom == aide.nom
    assert letter.destinataire.adresse[0] == "2 rue du Port, 01000 Bourg"
    assert letter.concerne == "Mme Jeanne Lefèvre"
    assert letter.contenu.debiteur == "service"
    # A fifth of what this service is paid, not of the whole allowance.
    assert letter.contenu.retenue_mensuelle == Decimal("90.00")


def test_the_screen_says_who_owes(team, client, shared, mois):
    dossier, aide = shared()
    delivered(dossier, aide, mois)
    client.force_login(team.carole)
    address = reverse("apa_ash:controle_dossier", args=[dossier.pk])
    assert f"versé à {aide.nom}" in client.get(address).content.decode()
    data = {"jeton": uuid.uuid4(), "quoi": f"{mois:%Y-%m}/{aide.pk}", "motif": "Heures"}
    assert client.post(reverse("apa_ash:indu_constat", args=[dossier.pk]), data).status_code == 302
    page = client.get(address)
    assert page.context["to_notify"] == [
        {
            "prestataire": str(aide.pk),
            "nom": aide.nom,
            "total": "225,00\u00a0€",
            "recouvrable": True,
        }
    ]
    assert "Dû par" in page.content.decode()
    client.post(reverse("apa_ash:indu_notification", args=[dossier.pk]), {"prestataire": aide.pk})
    assert m.Indu.objects.get().etat == EtatIndu.PROPOSE
    bad = {"prestataire": "x"}
    answer = client.post(reverse("apa_ash:indu_notification", args=[dossier.pk]), bad)
    assert answer.status_code == 404


# --- what was paid after a death


@pytest.fixture
def dead(team, shared, mois):
    """Someone who died the day before the last month paid: three months paid, one of them due."""

    def make(service=None, nom="Lefèvre"):
        dossier, aide = shared(service, nom=nom, months=3)
        die(dossier, previous_month(mois) - timedelta(days=1))
        return dossier, aide

    return make


@pytest.mark.clause("APA-06")
def test_one_act_claims_from_the_estate_and_from_the_service(team, entering, dead, sent, mois):
    dossier, aide = dead()
    with entering(team.carole, CONTROLE) as passage:
        claim_after_death(passage, dossier_id=dossier.pk)
        signature.sign_proposed(passage, dossier.pk)
        with pytest.raises(acts.NothingUndue):
            claim_after_death(passage, dossier_id=dossier.pk)
    owed = m.Indu.objects.values_list("prestataire", "mois", "montant", "etat")
    assert set(owed) == {
        (who, month, Decimal("450.00"), EtatIndu.NOTIFIE)
        for who in (aide.pk, None)
        for month in (mois, previous_month(mois))
    }
    assert {letter.destinataire.nom for letter in sent} == {
        aide.nom,
        "Succession de Mme Jeanne Lefèvre",
    }
    assert all(letter.contenu.retenue_mensuelle is None for letter in sent)
    kept = m.Courrier.objects.filter(dossier=dossier, nature="indu")
    assert set(kept.values_list("nom_destinataire", "destinataire", "succession")) == {
        (aide.nom, aide.nom, False),
        ("Succession de Mme Jeanne Lefèvre", "", True),
    }
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT subjects FROM audit.trail WHERE verb LIKE 'réclamer%' AND outcome = 'fait'"
        )
        assert cursor.fetchall() == [([dossier.pk],)]


def test_the_month_of_the_death_is_due_up_to_its_day(team, entering, shared, mois):
    dossier, _ = shared()
    die(dossier, mois.replace(day=10))
    days = (previous_month(mois, back=-1) - mois).days
    with entering(team.carole, CONTROLE) as passage:
        lines = find_after_death(passage)
    due = (Decimal(9000) / days).quantize(Decimal("0.01"))
    assert sum(line.du for line in lines) == due
    assert sum(line.reste for line in lines) == 900 - due


def compared(entering, team, dossier, mois):
    """Give what the queue and the page of the file ask of each payee for a month."""
    with entering(team.carole, CONTROLE) as passage:
        queue = {
            line.prestataire_id: line.reste
            for line in find_after_death(passage)
            if line.mois == mois and line.reste
        }
        opened = open_dossier(passage, dossier.pk)
        indus = list_indus(passage, dossier=opened)
        (month,) = (
            m
            for m in read_months(passage, dossier=opened, indus=indus, until=today()).months
            if m.mois == mois
        )
    return queue, month


def apres(month):
    return {p.beneficiaire: p.apres_deces for p in month.parts if p.apres_deces}


@pytest.mark.parametrize("heures", [None, "20", "18", "1"])
def test_the_queue_and_the_page_share_a_death_the_same_way(team, entering, shared, mois, heures):
    dossier, aide = shared()
    die(dossier, mois.replace(day=17))
    if heures:
        delivered(dossier, aide, mois, heures=heures)
    queue, month = compared(entering, team, dossier, mois)
    assert set(queue) == {None, aide.pk}
    assert queue == apres(month)
    # Hours not delivered before the death are one more debt, and of the service alone.
    unused = {p.beneficiaire: p.ecart - p.apres_deces for p in month.parts}
    assert unused[None] == 0
    assert (unused[aide.pk] > 0) is (heures == "1")


def test_one_paid_whole_owes_its_own_excess_while_another_waits(team, entering, shared, mois):
    """Whatever the other was paid, each is held to its own part, on the list and on the page."""
    own = round_to_cent(Fraction(450 * 17, calendar.monthrange(mois.year, mois.month)[1]))
    amounts = {"own": own, "little": Decimal("0.02"), "whole": Decimal(450)}
    owed = {}
    for told in product(
        [None, "little", "own", "whole"], ["little", "own", "whole"], [False, True]
    ):
        dossier, aide = shared()
        die(dossier, mois.replace(day=17))
        if told[2]:
            delivered(dossier, aide, mois, heures="20")
        for who, amount in ((aide, told[0]), (None, told[1])):
            paid = m.Paiement.objects.filter(dossier=dossier, prestataire=who)
            # A service whose hours are awaited is not paid yet.
            paid.update(montant_brut=amounts[amount]) if amount else paid.update(verse_on=None)
        owed[dossier.pk] = {who for who, x in ((aide.pk, told[0]), (None, told[1])) if x == "whole"}
    with entering(team.carole, CONTROLE) as passage:
        lines = find_after_death(passage)
        read = read_all(
            passage,
            deaths=dict.fromkeys(owed, mois.replace(day=17)),
            indus=(),
            window=Periode(mois, next_month(mois)),
        )
    cent = {Decimal("0.00"), CENTIME, -CENTIME}  # whose it is follows the order of the plan
    for pk, payees in owed.items():
        listed = {x.prestataire_id: x.reste for x in lines if x.dossier.pk == pk and x.reste}
        month = compare(read.faits[pk], mois=mois)
        assert listed == apres(month)
        assert listed == {p.beneficiaire: p.ecart for p in month.parts if p.ecart}
        assert {who for who, reste in listed.items() if reste not in cent} == payees
        assert all(listed[who] - (450 - own) in cent for who in payees)


@pytest.fixture
def three(team, shared, mois):
    """Three months paid, of which the service delivered half of two, and the whole of the last."""
    dossier, aide = shared(months=3)
    for back, heures in enumerate(("20", "10", "10")):
        delivered(dossier, aide, previous_month(mois, back=back), heures=heures)
    return dossier, aide


def choose(aide, *months):
    return {
        "jeton": uuid.uuid4(),
        "quoi": [f"{month:%Y-%m}/{aide.pk}" for month in months],
        "motif": "Heures",
    }


def test_several_months_are_recorded_in_one_act(team, client, three, mois):
    dossier, aide = three
    before, first = previous_month(mois), previous_month(mois, back=2)
    client.force_login(team.carole)
    address = reverse("apa_ash:indu_constat", args=[dossier.pk])
    data = choose(aide, first, before, before)
    assert client.post(address, data).status_code == 302
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM audit.trail WHERE verb = 'constater des indus' "
            "AND outcome = 'fait' AND subjects @> ARRAY[%s]",
            [dossier.pk],
        )
        assert cursor.fetchone() == (1,)
    assert client.post(address, data).status_code == 302  # sent twice
    owed = m.Indu.objects.order_by("mois").values_list("mois", "prestataire", "montant")
    assert list(owed) == [(month, aide.pk, Decimal("225.00")) for month in (first, before)]


def test_one_month_that_owes_nothing_records_no_other(team, client, three, mois):
    dossier, aide = three
    client.force_login(team.carole)
    address = reverse("apa_ash:indu_constat", args=[dossier.pk])
    answer = client.post(address, choose(aide, previous_month(mois), mois), follow=True)
    assert f"pour {notation.MOIS[mois.month - 1]} {mois.year}" in answer.content.decode()
    for wrong in ([], ["2026-13"], [f"{mois:%Y-%m}/x"]):
        sent = choose(aide, mois) | {"quoi": wrong}
        assert client.post(address, sent).status_code == 422
    assert not m.Indu.objects.exists()


@pytest.mark.parametrize("by_queue", [True, False])
def test_what_one_screen_claims_the_other_subtracts(
    team, client, entering, shared, record, mois, by_queue
):
    dossier, aide = shared()
    die(dossier, mois.replace(day=17))
    before, _ = compared(entering, team, dossier, mois)
    record(dossier, aide.pk)
    queue, month = compared(entering, team, dossier, mois)
    assert queue == apres(month) == {None: before[None]}
    client.force_login(team.carole)
    if by_queue:
        page = client.get(reverse("apa_ash:apres_deces")).content.decode()
    else:
        address = reverse("apa_ash:controle_dossier", args=[dossier.pk])
        page = client.get(address).content.decode()
    assert f"déjà constaté\u00a0: {notation.euros(before[aide.pk])}" in page
    with entering(team.carole, CONTROLE) as passage:
        claim_after_death(passage, dossier_id=dossier.pk)
    assert compared(entering, team, dossier, mois)[0] == {}
    assert not compared(entering, team, dossier, mois)[1].ecart
    assert m.Indu.objects.filter(mois=mois).count() == 2


def test_a_debt_withdrawn_is_subtracted_on_neither_screen(team, entering, shared, mois):
    dossier, aide = shared()
    die(dossier, mois.replace(day=17))
    before = compared(entering, team, dossier, mois)[0]
    m.Indu.objects.filter(pk=debt(dossier, aide, "100.00", mois).pk).update(etat=EtatIndu.RETIRE)
    queue, month = compared(entering, team, dossier, mois)
    assert queue == before == apres(month)
    m.Indu.objects.update(etat=EtatIndu.NOTIFIE)
    queue, month = compared(entering, team, dossier, mois)
    assert queue == apres(month) == before | {aide.pk: before[aide.pk] - 100}


def test_below_the_threshold_nothing_is_claimed(team, entering, shared, mois, sent):
    dossier, _ = shared()
    die(dossier, previous_month(mois, back=-1) - timedelta(days=2))
    with entering(team.carole, CONTROLE) as passage:
        claim_after_death(passage, dossier_id=dossier.pk)
    assert set(m.Indu.objects.values_list("etat", flat=True)) == {EtatIndu.NON_RECOUVRE}
    assert not sent


def test_what_is_barred_by_time_is_left_out(team, entering, dead):
    dead()
    m.Paiement.objects.update(verse_on=date(2020, 1, 1))
    with entering(team.carole, CONTROLE) as passage:
        assert not find_after_death(passage)


def test_a_living_person_and_a_month_before_the_death_owe_nothing(team, entering, shared, mois):
    shared()
    dossier, _ = shared(nom="Autre")
    die(dossier, today())
    with entering(team.carole, CONTROLE) as passage:
        assert not find_after_death(passage)


@pytest.mark.parametrize("name", ["alice", "paul", "remi", "denis", "nora"])
def test_only_the_control_of_the_service_claims(team, entering, dead, name):
    dossier, _ = dead()
    with entering(team.agents[name], CONTROLE) as passage, pytest.raises(Refused):
        claim_after_death(passage, dossier_id=dossier.pk)
    assert not m.Indu.objects.exists()


def test_the_queue_shows_one_s_own_services_and_claims(team, client, dead):
    dossier, aide = dead()
    dead(team.sud, nom="Lefebvre")
    client.force_login(team.carole)
    page = client.get(reverse("apa_ash:apres_deces")).content.decode()
    assert "Lefèvre" in page
    assert "Lefebvre" not in page
    assert aide.nom in page
    assert "La succession" in page
    client.post(reverse("apa_ash:apres_deces_reclamation", args=[dossier.pk]))
    assert "Rien à réclamer" in client.get(reverse("apa_ash:apres_deces")).content.decode()


# --- what services report, and what they do not


def test_hours_of_a_service_outside_the_plan_are_an_anomaly(team, client, shared, mois):
    dossier, aide = shared()
    delivered(dossier, aide, mois)
    stranger = prestataire(team.departement, nom="Inconnue du plan")
    client.force_login(team.carole)
    address = reverse("apa_ash:hors_plan")
    assert "Rien à regarder" in client.get(address).content.decode()
    delivered(dossier, stranger, mois)
    page = client.get(address).content.decode()
    assert "Inconnue du plan" in page
    assert aide.nom not in page


def stay(dossier, start, end, nature="hospitalisation"):
    m.Interruption.objects.create(
        service=dossier.service, dossier=dossier, nature=nature, periode=DateRange(start, end)
    )


WHOLE, TRANSFER = [(-3, 0)], [(-3, 9), (9, 0)]
OUT_ON_THE_LAST_DAY, A_NIGHT_AT_HOME = [(-3, -1)], [(-3, 9), (10, 0)]


@pytest.mark.parametrize(
    ("stays", "nature", "heures", "shown"),
    [
        (WHOLE, "hospitalisation", "5", True),
        (TRANSFER, "hospitalisation", "5", True),
        (WHOLE, "hospitalisation", "0", False),
        (WHOLE, "had", "5", False),
        (WHOLE, "suspension", "5", False),
        (OUT_ON_THE_LAST_DAY, "hospitalisation", "5", False),
        (A_NIGHT_AT_HOME, "hospitalisation", "5", False),
    ],
)
def test_help_reported_for_a_month_in_hospital_is_a_contradiction(
    team, client, shared, mois, stays, nature, heures, shown
):
    dossier, aide = shared()
    fin = previous_month(mois, back=-1)
    for start, end in stays:
        first = mois + timedelta(days=start)
        stay(
            dossier, first, mois + timedelta(days=end) if end > 0 else fin + timedelta(end), nature
        )
    delivered(dossier, aide, mois, heures=heures)
    delivered(dossier, aide, fin, heures="20")
    client.force_login(team.carole)
    rows = client.get(reverse("apa_ash:hospitalisations")).context["rows"]
    page = client.get(reverse("apa_ash:controle_dossier", args=[dossier.pk]))
    assert [row[0]["url"] for row in rows] == ([page.request["PATH_INFO"]] if shown else [])
    label = f"{notation.MOIS_COURTS[mois.month - 1]}\u00a0{mois.year}"
    told = [f"{label}\u00a0: 5\u00a0h réalisées, — facturés"] if shown else []
    assert page.context["contradictions"] == told
    assert ("se contredisent" in page.content.decode()) is shown


def test_an_invoice_alone_contradicts_a_stay_and_another_service_sees_nothing(
    team, client, shared, mois
):
    dossier, aide = shared()
    elsewhere, other = shared(team.sud, nom="Lefebvre")
    for file, service in ((dossier, aide), (elsewhere, other)):
        stay(file, mois, None)
        delivered(file, service, mois)
    m.Prestation.objects.update(heures_realisees=None, montant_facture=Decimal("80.00"))
    client.force_login(team.carole)
    (row,) = client.get(reverse("apa_ash:hospitalisations")).context["rows"]
    assert row[1]["text"] == dossier.numero
    days = calendar.monthrange(mois.year, mois.month)[1]
    assert row[4:] == ["—", "80,00\u00a0€", str(days), str(max(days - 30, 0))]
    # The stay began a month earlier: thirty days were due then, none of this month is.
    m.Interruption.objects.filter(dossier=dossier).update(
        periode=DateRange(previous_month(mois), None)
    )
    (row,) = client.get(reverse("apa_ash:hospitalisations")).context["rows"]
    before = previous_month(mois)
    due = max(30 - calendar.monthrange(before.year, before.month)[1], 0)
    assert row[-2:] == [str(days), str(days - due)]


@pytest.mark.parametrize(
    ("listed", "said"),
    [
        (hors_plan.list_unplanned, {}),
        (hors_plan.list_excessive, {"facteur": Decimal(3)}),
        (hors_plan.list_in_hospital, {}),
    ],
)
def test_a_list_goes_back_twelve_months_page_by_page(team, entering, monkeypatch, listed, said):
    monkeypatch.setattr(hors_plan, "PAGE", 1)
    aide, stranger = (prestataire(team.departement) for _ in range(2))
    before, last = previous_month(today(), back=14), previous_month(today())
    through = {"start": before, "lines": [(ModeAide.PRESTATAIRE, aide, 20, 25)]}
    dossier, other = (payable(team.nord, **through) for _ in range(2))
    stay(dossier, before, None)
    m.Interruption.objects.create(
        **s.bound(other), nature="hospitalisation", periode=DateRange(empty=True)
    )
    who = stranger if listed is hors_plan.list_unplanned else aide
    for back in (1, 12, 13):
        delivered(dossier, who, previous_month(today(), back=back), heures="90")
    delivered(other, aide, last, heures="20")
    found, page, more = [], 1, True
    with entering(team.carole, CONTROLE) as passage:
        while more and page < 4:
            rows, more = listed(passage, since=today(), page=page, **said)
            found, page = [*found, *rows], page + 1
    seen = [row[0] if isinstance(row, tuple) else row for row in found]
    assert [(row.dossier_id, row.mois) for row in seen] == [
        (dossier.pk, last),
        (dossier.pk, previous_month(today(), back=12)),
    ]


@pytest.mark.parametrize(
    ("heures", "shown"), [(("15", "15", "15"), True), (("15", "16", "15"), False)]
)
def test_three_months_below_the_plan_are_an_anomaly(team, client, shared, mois, heures, shown):
    dossier, aide = shared()
    for back, value in enumerate(heures):
        delivered(dossier, aide, previous_month(mois, back=back), heures=value)
    client.force_login(team.carole)
    page = client.get(reverse("apa_ash:sous_consommes"))
    rows = page.context["rows"]
    assert bool(rows) is shown
    if shown:
        (row,) = rows
        assert row[0]["url"] == reverse("apa_ash:controle_dossier", args=[dossier.pk])
        assert row[2:5] == ["60\u00a0h", "45\u00a0h", "15\u00a0h (25\u00a0%)"]


def test_the_hours_of_the_rights_that_ran_through_all_the_months_are_judged(
    team, client, shared, mois
):
    """Neither a lump sum nor a right that began meanwhile is; the largest gap comes first."""
    less, least, lump, began = (shared(nom=nom) for nom in ("Un", "Deux", "Trois", "Quatre"))
    for (dossier, aide), heures in ((less, "15"), (least, "10"), (lump, "15"), (began, "15")):
        for back in range(3):
            delivered(dossier, aide, previous_month(mois, back=back), heures=heures)
    m.Droit.objects.filter(dossier=lump[0]).update(forfait=True)
    m.Droit.objects.filter(dossier=began[0]).update(
        periode=DateRange(previous_month(mois, back=1), None)
    )
    # Meals are no hours, and a plan of the month after is not that of the last one.
    dossier, aide = less
    after = previous_month(mois, back=-1)
    m.LignePlan.objects.create(
        **s.bound(dossier), plan=m.PlanAide.objects.get(dossier=dossier), nature="repas",
        mode="prestataire", prestataire=aide, volume_mensuel=9, unite="repas", tarif=5,
    )  # fmt: skip
    m.Decision.objects.create(
        **s.bound(dossier), nature="accord", prise_on=mois, effet_on=after,
        plan=plan(dossier, [(ModeAide.PRESTATAIRE, aide, 99, 25)], effet_on=after),
    )  # fmt: skip
    client.force_login(team.carole)
    rows = client.get(reverse("apa_ash:sous_consommes")).context["rows"]
    assert [(row[0]["url"].split("/")[-1], row[2]) for row in rows] == [
        (str(least[0].pk), "60\u00a0h"),
        (str(dossier.pk), "60\u00a0h"),
    ]


def test_a_month_without_report_is_not_judged(team, client, shared, mois):
    dossier, aide = shared()
    for back in (0, 2):
        delivered(dossier, aide, previous_month(mois, back=back), heures="1")
    client.force_login(team.carole)
    assert not client.get(reverse("apa_ash:sous_consommes")).context["rows"]


PAGES = (
    "apres_deces",
    "hors_droit",
    "hors_plan",
    "releves_excessifs",
    "hospitalisations",
    "sous_consommes",
)


@pytest.mark.parametrize("name", ["alice", "paul", "remi", "denis", "nora"])
def test_the_pages_of_anomalies_look_absent_to_others(client, team, name):
    client.force_login(team.agents[name])
    for page in PAGES:
        assert client.get(reverse(f"apa_ash:{page}")).status_code == 404


def test_the_pages_of_anomalies_cost_the_same_whatever_they_hold(team, client, shared, mois):
    client.force_login(team.carole)
    counts = []
    for size in (1, 3):
        for n in range(size):
            dossier, aide = shared(nom=f"Nom {size} {n}")
            for back in range(3):
                delivered(dossier, aide, previous_month(mois, back=back), heures="5")
            stranger = prestataire(team.departement)
            delivered(dossier, stranger, mois)
            stay(dossier, mois, None)
            cut, _ = shared(nom=f"Fini {size} {n}")
            m.Droit.objects.filter(dossier=cut).update(periode=DateRange(date(2025, 1, 1), mois))
            gone, _ = shared(nom=f"Mort {size} {n}", months=3)
            die(gone, previous_month(mois) - timedelta(days=1))
        for page in PAGES:
            client.get(reverse(f"apa_ash:{page}"))
            with CaptureQueriesContext(connection) as captured:
                assert client.get(reverse(f"apa_ash:{page}")).status_code == 200
            counts.append(len(captured))
    assert counts[: len(PAGES)] == counts[len(PAGES) :]
