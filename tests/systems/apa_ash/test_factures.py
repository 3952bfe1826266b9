"""Invoices of répit, one-off aids and relays: entered, bounded, shared, paid once, withdrawn."""

import uuid
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.urls import reverse

from egide.kernel.access.passage import Refused
from egide.rules.apa.versement import next_month
from egide.systems.apa_ash import models as m
from egide.systems.apa_ash.calculs.anomalies_du_lot import Anomalie
from egide.systems.apa_ash.models.ponctuel import NaturePonctuelle
from egide.systems.apa_ash.purposes import CONTROLE, INSTRUCTION, PAIEMENT
from egide.systems.apa_ash.queries.decision import load_situation
from egide.systems.apa_ash.services import emission, factures, fins, lot
from tests.personas import today
from tests.systems.apa_ash import situations as s
from tests.systems.apa_ash.paiement_rows import droit, payable, prestataire

REPIT, LIT = NaturePonctuelle.REPIT, NaturePonctuelle.AIDE_TECHNIQUE
START = today().replace(month=1, day=1)


@pytest.fixture
def dossier(team):
    """A file paid 876,13 € a month at 12,387 % since 1 January."""
    return payable(team.nord, start=START)


def granted(dossier, *, nature=REPIT, montant="400.00", service=None):
    plan = m.PlanAide.objects.get(dossier=dossier)
    return m.AidePonctuelle.objects.create(
        **s.bound(dossier),
        plan=plan,
        nature=nature,
        objet="Accueil temporaire",
        prestataire=service,
        montant=Decimal(montant),
    )


def depense(montant="100.00", *, on=None, **fields):
    values = {"reference": uuid.uuid4().hex[:12], "a_la_personne": False} | fields
    return factures.Depense(depense_on=on or today(), montant=Decimal(montant), **values)


def record(passage, aide, montant="100.00", jeton=None, dossier_id=None, **fields):
    return factures.record_facture(
        passage,
        dossier_id=dossier_id or aide.dossier_id,
        jeton=jeton or uuid.uuid4(),
        cible_id=aide.pk,
        depense=depense(montant, **fields),
    )


def test_an_invoice_is_shared_at_the_rate_of_the_plan_within_what_is_left(team, dossier, entering):
    aide = granted(dossier)
    with entering(team.carole, CONTROLE) as passage:
        first = record(passage, aide, "300.00")
        second = record(passage, aide, "250.00")
        with pytest.raises(factures.PlusRien):
            record(passage, aide, "0.01")
    assert (first.retenu, first.a_verser) == (Decimal("300.00"), Decimal("262.84"))
    assert (second.retenu, second.a_verser) == (Decimal("100.00"), Decimal("87.61"))


def test_an_invoice_takes_its_own_sum_at_the_rate_of_its_file_and_day(team, entering):
    """Neither the agreement nor the rate of somebody else counts; their sum is as if unknown."""
    first, change = START + timedelta(days=1), START.replace(month=2)
    dossier = payable(team.nord, start=START, end=change, taux="0.10000")
    droit(dossier, start=change, taux="0.30000", lines=())
    theirs = granted(payable(team.nord, start=first, taux="0.50000", nom="Autre"))
    lit, repit = granted(dossier, nature=LIT), granted(dossier)
    with entering(team.carole, CONTROLE) as passage:
        for aide, on, owed in ((lit, first, 90), (repit, first, 90), (lit, change, 70)):
            entered = record(passage, aide, on=on)
            assert (entered.aide_id, entered.a_verser) == (aide.pk, owed)
        with pytest.raises(Refused):
            record(passage, theirs, dossier_id=dossier.pk)


def test_the_respite_is_used_unevenly_and_comes_back_with_the_year(team, dossier, on_day):
    """One invoice takes the whole year in December; January opens the sum again."""
    aide = granted(dossier)
    december, january = START.replace(month=12, day=20), START.replace(year=START.year + 1)
    with on_day(team.carole, january + timedelta(days=20), purpose=CONTROLE) as passage:
        assert record(passage, aide, "400.00", on=december).retenu == Decimal("400.00")
        with pytest.raises(factures.PlusRien):
            record(passage, aide, "1.00", on=december)
        assert record(passage, aide, "400.00", on=january).retenu == Decimal("400.00")


LAST_DAY, NEW_YEAR = START.replace(month=12, day=31), START.replace(year=START.year + 1)


@pytest.mark.parametrize(
    ("first", "second", "left"),
    [
        (LAST_DAY, LAST_DAY, False),
        (LAST_DAY, NEW_YEAR, True),
        (NEW_YEAR, LAST_DAY, True),
        (NEW_YEAR, NEW_YEAR, False),
        (START, LAST_DAY, False),
        (START - timedelta(days=1), START, True),
    ],
)
def test_the_year_of_the_respite_is_that_of_the_expense_to_the_day(
    team, on_day, first, second, left
):
    """A plan of 2 000 €: what the law leaves of the year, 31 December and 1 January apart."""
    aide = granted(payable(team.nord, start=START - timedelta(days=40)), montant="2000.00")
    with on_day(team.carole, NEW_YEAR + timedelta(days=20), purpose=CONTROLE) as passage:
        record(passage, aide, "2000.00", on=first)
        if left:
            assert record(passage, aide, "1.00", on=second).retenu == Decimal("1.00")
        else:
            with pytest.raises(factures.PlusRien):
                record(passage, aide, "1.00", on=second)


@pytest.mark.parametrize(("step", "served"), [(-1, True), (0, False)])
def test_a_plan_serves_until_the_eve_of_the_next_one(team, dossier, entering, step, served):
    aide = granted(dossier)
    day = today() - timedelta(days=5)
    m.Droit.objects.filter(dossier=dossier).update(periode=DateRange(START, None))
    following = m.PlanAide.objects.create(**s.bound(dossier), etat="accepte", gir=3, effet_on=day)
    m.Decision.objects.create(
        **s.bound(dossier), plan=following, nature="accord", prise_on=day, effet_on=day
    )
    with entering(team.carole, CONTROLE) as passage:
        if served:
            assert record(passage, aide, on=day + timedelta(days=step)).pk
        else:
            with pytest.raises(factures.DepenseHorsPeriode):
                record(passage, aide, on=day + timedelta(days=step))


def test_what_is_withdrawn_gives_its_sum_back(team, dossier, entering):
    aide = granted(dossier)
    with entering(team.carole, CONTROLE) as passage:
        first = record(passage, aide, "400.00")
        with pytest.raises(factures.PlusRien):
            record(passage, aide, "400.00")
        factures.withdraw_facture(passage, facture_id=first.pk, motif="Doublon")
        assert record(passage, aide, "400.00").retenu == Decimal("400.00")


def test_what_is_paid_once_does_not_come_back(team, dossier, on_day):
    aide = granted(dossier, nature=LIT)
    january = START.replace(year=START.year + 1)
    with on_day(team.carole, january + timedelta(days=20), purpose=CONTROLE) as passage:
        record(passage, aide, "400.00", on=START)
        with pytest.raises(factures.PlusRien):
            record(passage, aide, "1.00", on=january)


def test_the_law_bounds_the_year_whatever_the_plan_says(team, dossier, entering):
    """A plan of 2 000 € written by the owner: 583,52 € of 2026 is all that may be retained."""
    aide = granted(dossier, montant="2000.00")
    with entering(team.carole, CONTROLE) as passage:
        assert record(passage, aide, "700.00").retenu == Decimal("583.52")


def test_a_service_not_approved_raises_what_the_person_pays(team, dossier, entering):
    aide = granted(dossier)
    with entering(team.carole, CONTROLE) as passage:
        found = record(passage, aide, majore=True)
    assert found.taux_participation == Decimal("0.13625700")
    assert found.a_verser == Decimal("86.37")


@pytest.mark.parametrize(
    ("on", "refusal"),
    [
        (today() + timedelta(days=1), factures.DepenseFuture),
        (START - timedelta(days=1), factures.DepenseHorsPeriode),
        (START, None),
    ],
)
def test_an_expense_lies_within_what_was_granted(team, dossier, entering, on, refusal):
    aide = granted(dossier)
    with entering(team.carole, CONTROLE) as passage:
        if refusal is None:
            assert record(passage, aide, on=on).depense_on == on
        else:
            with pytest.raises(refusal):
                record(passage, aide, on=on)


@pytest.mark.parametrize("late", [0, 1])
def test_what_is_spent_after_a_death_is_not_due(team, dossier, entering, late):
    aide = granted(dossier)
    deces_on = today() - timedelta(days=3)
    m.Identite.objects.filter(dossier=dossier).update(deces_on=deces_on)
    with entering(team.carole, CONTROLE) as passage:
        if late:
            with pytest.raises(factures.DepenseApresDeces):
                record(passage, aide, on=deces_on + timedelta(days=1))
        else:
            assert record(passage, aide, on=deces_on).pk


@pytest.mark.parametrize("droit", [{"apa": 0}, {"forfait": True, "participation": 0}])
def test_an_allowance_that_is_not_paid_or_is_a_lump_sum_gives_no_rate(
    team, dossier, entering, droit
):
    aide = granted(dossier)
    m.Droit.objects.filter(dossier=dossier).update(**droit)
    with entering(team.carole, CONTROLE) as passage, pytest.raises(factures.AucunDroitCeJour):
        record(passage, aide)


def test_the_same_invoice_is_entered_once(team, dossier, entering):
    aide, jeton = granted(dossier), uuid.uuid4()
    other = granted(payable(team.nord, start=START, nom="Morel"))
    with entering(team.carole, CONTROLE) as passage:
        first = record(passage, aide, reference="F-1", jeton=jeton)
        assert record(passage, aide, reference="F-1", jeton=jeton).pk == first.pk
        with pytest.raises(Refused):
            record(passage, other, reference="F-2", jeton=jeton)
        with pytest.raises(factures.FactureDejaSaisie):
            record(passage, aide, reference="F-1")
        factures.withdraw_facture(passage, facture_id=first.pk, motif="Doublon")
        assert record(passage, aide, reference="F-1").pk != first.pk


@pytest.mark.parametrize("case", ["draft", "another file", "granted"])
def test_only_what_was_granted_to_the_file_is_invoiced(team, dossier, entering, case):
    other = payable(team.nord, nom="Morel", start=START)
    aide = granted(other if case == "another file" else dossier)
    if case == "draft":
        m.Decision.objects.filter(dossier=dossier).update(plan=None)
    with entering(team.carole, CONTROLE) as passage:
        entered = {
            "dossier_id": dossier.pk,
            "jeton": uuid.uuid4(),
            "cible_id": aide.pk,
            "depense": depense(),
        }
        if case == "granted":
            assert factures.record_facture(passage, **entered).pk
        else:
            with pytest.raises(Refused):
                factures.record_facture(passage, **entered)


@pytest.mark.parametrize(("who", "purpose"), [("alice", INSTRUCTION), ("paul", PAIEMENT)])
def test_only_the_control_enters_an_invoice(team, dossier, entering, who, purpose):
    aide = granted(dossier)
    with entering(team.agents[who], purpose) as passage, pytest.raises(Refused):
        record(passage, aide)
    assert not m.Facture.objects.exists()


ATTACKS = {
    "more than granted": (
        "granted",
        {"retenu": "400.01", "montant": "400.01"},
    ),
    "in another name": ("signed", {"saisie_par": "paul"}),
    "at a rate below that of the right": (
        "rate",
        {"taux_participation": "0", "a_verser": "400.00"},
    ),
    "of tomorrow": ("day", {"depense_on": today() + timedelta(days=1)}),
    "written down earlier": ("signed", {"saisie_on": today() - timedelta(days=2)}),
    "already withdrawn": ("signed", {"retiree_on": today(), "retrait": "x"}),
}


@pytest.mark.parametrize("attack", [*ATTACKS, ""])
def test_sql_itself_keeps_an_invoice_within_what_was_granted(team, dossier, entering, attack):
    aide = granted(dossier)
    row = {
        "id": uuid.uuid4(),
        "service_id": team.nord.pk,
        "dossier_id": dossier.pk,
        "aide_id": aide.pk,
        "droit_id": m.Droit.objects.get(dossier=dossier).pk,
        "reference": "F-1",
        "depense_on": today(),
        "montant": "400.00",
        "retenu": "400.00",
        "taux_participation": "1",
        "a_verser": "0.00",
        "saisie_on": today(),
        "saisie_par_id": team.carole.pk,
        "retrait": "",
    }
    if attack:
        row |= ATTACKS[attack][1]
        if "saisie_par" in row:
            row["saisie_par_id"] = team.agents[row.pop("saisie_par")].pk
    names = ", ".join(row)
    marks = ", ".join(["%s"] * len(row))
    statement = f"INSERT INTO apa_ash_facture ({names}) VALUES ({marks})"
    with entering(team.carole, CONTROLE), connection.cursor() as cursor:
        if not attack:
            cursor.execute(statement, list(row.values()))
            return
        with pytest.raises(IntegrityError, match="apa_ash:"), transaction.atomic():
            cursor.execute(statement, list(row.values()))


# --- the run


@pytest.fixture
def run(team, entering):
    def prepare(month=None):
        with entering(team.paul, PAIEMENT) as passage:
            return lot.prepare_lot(
                passage,
                lot_id=uuid.uuid4(),
                service_id=team.nord.pk,
                mois=month or today().replace(day=1),
            )

    return prepare


def paid_by(lot_):
    return m.Paiement.objects.filter(lot=lot_, facture__isnull=False)


def issue(team, entering, lot_):
    m.Paiement.objects.filter(lot=lot_).exclude(anomalie="").update(
        examen="Vu", examine_par=team.paul
    )
    with entering(team.remi, PAIEMENT) as passage:
        lot.validate_lot(passage, lot_id=lot_.pk)
        emission.issue_lot(passage, lot_id=lot_.pk, iban_debiteur="", execution_on=None)


def test_a_run_pays_the_invoice_beside_the_months_and_once(team, dossier, entering, run):
    service = prestataire(team.departement)
    aide = granted(dossier, service=service)
    with entering(team.carole, CONTROLE) as passage:
        to_service = record(passage, aide)
        to_person = record(passage, aide, a_la_personne=True)
    first = run()
    months = m.Paiement.objects.filter(lot=first, facture__isnull=True)
    assert {p.montant_brut for p in months} == {Decimal("876.13")}
    found = {p.facture_id: (p.prestataire, p.montant_brut, p.iban) for p in paid_by(first)}
    account = m.CompteBancaire.objects.get(dossier=dossier).iban
    assert found == {
        to_service.pk: (service, Decimal("87.61"), service.iban),
        to_person.pk: (None, Decimal("87.61"), account),
    }
    issue(team, entering, first)
    assert not paid_by(run(next_month(today()))).exists()


def test_an_invoice_set_aside_or_given_up_waits_for_the_next_run(team, dossier, entering, run):
    aide = granted(dossier)
    with entering(team.carole, CONTROLE) as passage:
        record(passage, aide)
    first = run()
    (line,) = paid_by(first)
    with entering(team.paul, PAIEMENT) as passage:
        lot.examine_paiement(passage, paiement_id=line.pk, ecarter=True, motif="À vérifier")
    assert paid_by(run(next_month(today()))).count() == 1


def test_a_withdrawn_invoice_stops_the_run_that_holds_it(team, dossier, entering, run):
    aide = granted(dossier)
    with entering(team.carole, CONTROLE) as passage:
        entered = record(passage, aide)
    first = run()
    with entering(team.carole, CONTROLE) as passage:
        factures.withdraw_facture(passage, facture_id=entered.pk, motif="Double envoi")
        with pytest.raises(factures.FactureDejaRetiree):
            factures.withdraw_facture(passage, facture_id=entered.pk, motif="Encore")
    m.Paiement.objects.exclude(anomalie="").update(examen="Vu", examine_par=team.paul)
    with entering(team.remi, PAIEMENT) as passage:
        with pytest.raises(lot.FacturesWithdrawn):
            lot.validate_lot(passage, lot_id=first.pk)
        new = lot.recompute_lot(passage, lot_id=first.pk, nouveau_id=uuid.uuid4())
    assert not paid_by(new).exists()


def test_what_was_paid_is_not_withdrawn(team, dossier, entering, run):
    aide = granted(dossier)
    with entering(team.carole, CONTROLE) as passage:
        entered = record(passage, aide)
    issue(team, entering, run())
    with entering(team.carole, CONTROLE) as passage:
        with pytest.raises(factures.FactureDejaPayee):
            factures.withdraw_facture(passage, facture_id=entered.pk, motif="Trop tard")
        statement = "UPDATE apa_ash_facture SET retiree_on = access.today(), retrait = 'x'"
        with (
            pytest.raises(IntegrityError, match="only withdrawn, and before it is paid"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement)


@pytest.mark.parametrize("attack", ["twice", "more", "as a month", ""])
def test_sql_pays_an_invoice_for_what_it_says(team, dossier, entering, run, attack):
    aide = granted(dossier)
    if attack != "twice":
        first = run(next_month(today()))
    with entering(team.carole, CONTROLE) as passage:
        entered = record(passage, aide)
    if attack == "twice":
        first = run()
        m.LotPaiement.objects.filter(pk=first.pk).update(
            etat="valide", valide_par=team.remi, valide_on=today()
        )
        m.Paiement.objects.filter(facture__isnull=True).delete()
        first = run(next_month(today()))
    account = m.CompteBancaire.objects.get(dossier=dossier)
    row = {
        "id": uuid.uuid4(),
        "service_id": team.nord.pk,
        "lot_id": first.pk,
        "dossier_id": dossier.pk,
        "droit_id": entered.droit_id,
        "facture_id": None if attack == "as a month" else entered.pk,
        "titulaire": account.titulaire,
        "iban": account.iban,
        "mois_du": START,
        "montant_brut": Decimal("87.62") if attack == "more" else Decimal("87.61"),
        "retenue": 0,
        "anomalie": "",
        "ecarte": False,
        "examen": "",
    }
    statement = (
        f"INSERT INTO apa_ash_paiement ({', '.join(row)}) VALUES ({', '.join(['%s'] * len(row))})"
    )
    with entering(team.paul, PAIEMENT), connection.cursor() as cursor:
        if not attack:
            cursor.execute(statement, list(row.values()))
            return
        with pytest.raises(IntegrityError) as refused, transaction.atomic():
            cursor.execute(statement, list(row.values()))
    name = refused.value.__cause__.diag.constraint_name
    assert name == ("paiement_once" if attack == "as a month" else "paiement_of_its_invoice")


def test_a_missing_account_is_told_on_the_line_of_the_invoice(team, dossier, entering, run):
    m.CompteBancaire.objects.filter(dossier=dossier).delete()
    aide = granted(dossier)
    with entering(team.carole, CONTROLE) as passage:
        record(passage, aide)
    (line,) = paid_by(run())
    assert line.anomalie == Anomalie.COMPTE_ABSENT


def test_a_death_looks_at_the_months_and_not_at_the_invoices(team, dossier, entering, run):
    aide = granted(dossier)
    with entering(team.carole, CONTROLE) as passage:
        record(passage, aide)
    issue(team, entering, run())
    with entering(team.remi, INSTRUCTION) as passage:
        situation = load_situation(passage, pk=dossier.pk)
        month_end = next_month(today()) - timedelta(days=1)
        assert fins.trop_verse(passage, situation=situation, deces_on=month_end) == 0


# --- the screen


def test_the_screen_enters_withdraws_and_tells_what_is_left(client, team, dossier):
    client.force_login(team.carole, backend="egide.kernel.access.backends.AgentBackend")
    aide = granted(dossier)
    page = reverse("apa_ash:factures", args=[dossier.pk])
    posted = {
        "jeton": uuid.uuid4(),
        "cible": aide.pk,
        "reference": "F-2026-7",
        "depense_on": today().isoformat(),
        "montant": "150,00",
    }
    for wrong in (
        {"montant": "0"},
        {"depense_on": "2026-02-30"},
        {"cible": uuid.uuid4()},
        {"reference": ""},
    ):
        assert client.post(page, posted | wrong).status_code == 422
    assert client.post(page, posted).status_code == 302
    text = client.get(page).content.decode().replace("\u202f", " ").replace("\u00a0", " ")
    for told in ("F-2026-7", "400,00 € par an", "250,00 €", "131,42 €"):
        assert told in text, told
    (entered,) = m.Facture.objects.all()
    gone = reverse("apa_ash:facture_retirer", args=[dossier.pk, entered.pk])
    for typed in ("", "x" * 201):
        refused = client.post(gone, {"retrait-motif": typed})
        assert refused.status_code == 422
        text = refused.content.decode()
        assert f'id="id_retrait-motif_{entered.pk}_error"' in text
        assert ("x" * 201 in text) is bool(typed)
        assert f'action="{page}"' in text  # where an invoice is entered, from here too
    entered.refresh_from_db()
    assert entered.retiree_on is None
    assert client.post(gone, {"retrait-motif": "Saisie deux fois"}).status_code == 302
    assert "Saisie deux fois" in client.get(page).content.decode()
    refused = client.post(gone, {"retrait-motif": "Encore"})
    assert refused.status_code == 422
    assert "déjà retirée" in refused.content.decode()
    unknown = reverse("apa_ash:facture_retirer", args=[dossier.pk, uuid.uuid4()])
    assert client.post(unknown, {"retrait-motif": "x"}).status_code == 404


@pytest.mark.parametrize("who", ["alice", "paul", "denis", "edith"])
def test_the_screen_is_the_control_s_alone(client, team, dossier, who):
    client.force_login(team.agents[who], backend="egide.kernel.access.backends.AgentBackend")
    assert client.get(reverse("apa_ash:factures", args=[dossier.pk])).status_code == 404
