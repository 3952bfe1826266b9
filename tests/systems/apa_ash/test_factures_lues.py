"""Which invoices count: for a year, an aid, a run, a discharge, and for the page of one file."""

import uuid
from datetime import date, timedelta
from decimal import Decimal
from types import SimpleNamespace

import pytest

from egide.rules.apa.arrieres import previous_month
from egide.rules.apa.dus import Dus
from egide.systems.apa_ash import models as m
from egide.systems.apa_ash.purposes import CONTROLE, INSTRUCTION, PAIEMENT, Role
from egide.systems.apa_ash.queries import factures as queries
from egide.systems.apa_ash.services import fins
from tests.personas import grant, today
from tests.systems.apa_ash import situations as s
from tests.systems.apa_ash.paiement_rows import payable

MOIS = today().replace(day=1)
MINE, OTHER = uuid.uuid4(), uuid.uuid4()


def said(depense_on=MOIS, *, aide=None, relais=None, retenu=10):
    return SimpleNamespace(
        depense_on=depense_on, aide_id=aide, relais_id=relais, retenu=Decimal(retenu)
    )


@pytest.mark.parametrize(
    ("day", "aide", "counts"),
    [
        (date(2025, 12, 31), MINE, False),
        (date(2026, 1, 1), MINE, True),
        (date(2026, 12, 31), MINE, True),
        (date(2027, 1, 1), MINE, False),
        (date(2026, 6, 1), OTHER, False),
        (date(2026, 6, 1), None, False),
    ],
)
def test_a_year_counts_its_own_invoices_of_its_own_aids(day, aide, counts):
    found = queries.used_in([said(day, aide=aide)], on=date(2026, 3, 1), ids=[MINE])
    assert found == (10 if counts else 0)


def test_an_aid_and_a_relay_count_what_was_retained_upon_them():
    factures = [said(aide=MINE), said(relais=MINE, retenu=5), said(aide=OTHER), said(relais=OTHER)]
    assert queries.used(factures, pk=MINE) == 15


@pytest.fixture
def invoice(team):
    """Enter an invoice of a file upon an aid of its plan, or upon its relay, as the owner does."""

    def enter(dossier, **fields):
        droit = m.Droit.objects.get(dossier=dossier)
        values = {
            "droit": droit,
            "reference": f"F{uuid.uuid4()}",
            "depense_on": today(),
            "montant": 50,
            "retenu": 50,
            "taux_participation": 0,
            "a_verser": 50,
            "saisie_on": today(),
            "saisie_par": team.carole,
        }
        if "relais" not in fields:
            aides = m.AidePonctuelle.objects
            values["aide"], _ = aides.get_or_create(
                **s.bound(dossier), plan=droit.decision.plan, nature="repit", objet="x", montant=500
            )
        return m.Facture.objects.create(**s.bound(dossier), **values | fields)

    return enter


@pytest.fixture
def line(team):
    """Put an invoice in a run of a month, in a state."""

    def add(facture, back, etat, **fields):
        signed = {"valide_par": team.remi, "valide_on": today()} if etat == "emis" else {}
        lot, _ = m.LotPaiement.objects.get_or_create(
            service=facture.service,
            mois=previous_month(MOIS, back=back),
            etat=etat,
            defaults=signed
            | {"prepare_par": team.paul, "prepare_on": today()}
            | ({"emis_on": today()} if etat == "emis" else {}),
        )
        account = m.CompteBancaire.objects.get(dossier=facture.dossier)
        return m.Paiement.objects.create(
            **s.bound(facture.dossier),
            lot=lot,
            droit=facture.droit,
            facture=facture,
            titulaire=account.titulaire,
            iban=account.iban,
            mois_du=lot.mois,
            montant_brut=50,
            **fields,
        )

    return add


WITHDRAWN = {"retiree_on": today(), "retrait": "Erreur"}
ASIDE = {"ecarte": True, "examen": "Doute"}


def test_a_run_takes_the_invoices_that_no_standing_run_pays(team, entering, invoice, line):
    dossier, ailleurs = payable(team.nord, start=MOIS), payable(team.sud, start=MOIS)
    waiting, aside, given_up, paid, prepared = (invoice(dossier) for _ in range(5))
    invoice(dossier, **WITHDRAWN)
    invoice(ailleurs)
    line(aside, 1, "emis", **ASIDE, examine_par=team.paul)
    line(given_up, 2, "abandonne")
    line(paid, 3, "emis", verse_on=today())
    lot = line(prepared, 0, "prepare").lot
    # Who pays both services prepares one of them.
    grant(team.nora, Role.AGENT_PAIEMENT, team.nord, team.sud, by=team.admin)
    with entering(team.nora, PAIEMENT) as passage:
        due = queries.read_factures_dues(passage, service_id=team.nord.pk)
        again = queries.read_factures_dues(passage, service_id=team.nord.pk, sauf=lot.pk)
    first = {waiting.pk, aside.pk, given_up.pk}
    assert {pk: {f.id for f in found} for pk, found in due.items()} == {dossier.pk: first}
    assert {f.id for f in again[dossier.pk]} == first | {prepared.pk}


def test_a_run_tells_the_invoices_withdrawn_of_the_lines_that_it_pays(
    team, entering, invoice, line
):
    dossier = payable(team.nord, start=MOIS)
    lot = line(invoice(dossier), 0, "prepare").lot
    line(invoice(dossier, **WITHDRAWN), 1, "emis", verse_on=today())
    line(invoice(dossier, **WITHDRAWN), 0, "prepare", **ASIDE, examine_par=team.paul)
    with entering(team.paul, PAIEMENT) as passage:
        assert queries.count_withdrawn(passage, lot) == 0
    line(invoice(dossier, **WITHDRAWN), 0, "prepare")
    with entering(team.paul, PAIEMENT) as passage:
        assert queries.count_withdrawn(passage, lot) == 1


def test_a_discharge_counts_the_later_invoices_of_its_relay_that_wait(
    team, entering, invoice, line
):
    dossier = payable(team.nord, start=MOIS)
    relais, other = (
        m.Relais.objects.create(
            **s.bound(dossier),
            aidant=m.Aidant.objects.create(**s.bound(dossier), nom="Roy", lien="fille"),
            entree_on=today() - timedelta(days=9),
            objet="Accueil",
            cout=900,
            etat="demande",
        )
        for _ in range(2)
    )
    invoice(dossier, relais=relais, depense_on=today() - timedelta(days=1))
    invoice(dossier, relais=relais, **WITHDRAWN)
    invoice(dossier, relais=other)
    line(invoice(dossier, relais=relais), 1, "emis", verse_on=today())
    line(invoice(dossier, relais=relais), 0, "prepare")
    with entering(team.alice, INSTRUCTION) as passage:
        out = today() - timedelta(days=1)
        assert queries.count_after(passage, relais=relais, sortie_on=out) == 1


def test_the_page_of_a_file_tells_its_own_invoices_and_their_payment(team, entering, invoice, line):
    dossier, other = (payable(team.nord, start=MOIS, nom=n) for n in ("Roy", "Morel"))
    waiting, paid = invoice(dossier), invoice(dossier)
    line(waiting, 0, "prepare")
    line(paid, 1, "emis", verse_on=today())
    line(invoice(other), 1, "emis", verse_on=today())
    with entering(team.carole, CONTROLE) as passage:
        found = queries.list_factures(passage, dossier=dossier)
    assert {row.pk: row.payee_on for row in found} == {waiting.pk: None, paid.pk: today()}


def test_a_month_paid_less_than_its_due_makes_no_other_less_undue(monkeypatch):
    paid = {date(2026, 10, 1): Decimal(100), date(2026, 11, 1): Decimal(80)}
    due = {date(2026, 10, 1): Decimal(150), date(2026, 11, 1): Decimal(30)}
    monkeypatch.setattr(Dus, "of_month", lambda _, mois: SimpleNamespace(montant=due[mois]))
    monkeypatch.setattr(fins, "paid_since", lambda *_, **__: paid)
    monkeypatch.setattr(fins, "dus_of", lambda *_, **__: Dus([]))
    said = fins.trop_verse(
        None, situation=SimpleNamespace(dossier=None), deces_on=date(2026, 10, 9)
    )
    assert said == 50
