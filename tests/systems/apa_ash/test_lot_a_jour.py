"""A run is never born out of date: over every combination of what may be amiss with its lines."""

import uuid
from datetime import date
from decimal import Decimal
from itertools import chain, combinations, product

import pytest
from django.db.backends.postgresql.psycopg_any import DateRange
from django.urls import reverse

from egide.rules.apa.arrieres import previous_month
from egide.systems.apa_ash import models as m
from egide.systems.apa_ash.calculs.anomalies_du_lot import Anomalie
from egide.systems.apa_ash.calculs.echeancier import Situation, anomalies_of
from egide.systems.apa_ash.models.plan import ModeAide, ModeReglement
from egide.systems.apa_ash.purposes import PAIEMENT
from egide.systems.apa_ash.queries.lot_perime import find_changed_dues, read_perime
from egide.systems.apa_ash.queries.lot_reprise import touched_dossiers
from egide.systems.apa_ash.services import lot as acts
from egide.systems.apa_ash.services.lot_examens import set_aside_without_hours
from egide.systems.apa_ash.services.lot_refus import NothingLeft
from tests import factories
from tests.personas import today
from tests.systems.apa_ash.paiement_rows import compte, droit, prestataire

SHARED = "FR7630006000011234567890189"


@pytest.fixture
def mois():
    return today().replace(day=1)


def every_subset():
    codes = sorted(Anomalie)
    return chain.from_iterable(combinations(codes, n) for n in range(len(codes) + 1))


def test_every_line_tells_the_death_whatever_else_is_amiss():
    situation = Situation(dossier_id=uuid.uuid4(), droits=[])
    for found in map(frozenset, every_subset()):
        for who, awaited in product((None, uuid.uuid4()), (True, False)):
            told = anomalies_of(situation, who, found, awaited=awaited)
            assert (Anomalie.DECES in told) == (Anomalie.DECES in found), (found, who, awaited)


@pytest.fixture
def services(team, mois):
    """One service on the plan, one on its hours, and one on its hours that has no account."""
    on_plan = prestataire(team.departement)
    on_hours = prestataire(team.departement, nom="Aux heures")
    nowhere = prestataire(team.departement, nom="Sans compte", iban="")
    for aide in (on_hours, nowhere):
        m.ReglementPrestataire.objects.create(
            organisme=team.departement,
            prestataire=aide,
            mode=ModeReglement.SERVICE_FAIT,
            depuis=date(2020, 1, 1),
        )
    m.Prestataire.objects.filter(pk=on_plan.pk).update(iban_saisi_on=mois)
    return {"plan": on_plan, "hours": on_hours, "nowhere": nowhere, "person": None}


def file(team, mois, aide, *, account, both, **events):
    """One file whose right began three months ago, with what is amiss."""
    dossier = factories.dossier(team.nord, etat="ouvert")
    lines = [(ModeAide.PRESTATAIRE, aide, 40, 25)] if aide else []
    if both or not aide:
        lines.append((ModeAide.GRE_A_GRE, None, 10, 25))
    droit(dossier, start=previous_month(mois, back=3), lines=lines)
    if account:
        compte(dossier, iban=SHARED if account == "shared" else f"FR76{uuid.uuid4().int % 10**23}")
    happen(dossier, mois, aide, **events)
    return dossier


def happen(dossier, mois, aide, *, death="", stopped=False, hours=""):
    """Let the person die, go to hospital, be helped: what is known since their right began."""
    start, last = previous_month(mois, back=3), previous_month(mois)
    end = {"ended": last.replace(day=10), "on_the_first": last}.get(death)
    if end:
        m.Droit.objects.filter(dossier=dossier).update(periode=DateRange(start, end))
    if death:
        day = (end or last.replace(day=10)).replace(day=9 if death != "on_the_first" else 1)
        m.Identite.objects.filter(dossier=dossier).update(deces_on=day)
    if stopped:
        m.Interruption.objects.create(
            service=dossier.service,
            dossier=dossier,
            nature="hospitalisation",
            periode=DateRange(start.replace(day=3), None),
        )
    if hours and aide:
        m.Prestation.objects.create(
            service=dossier.service,
            dossier=dossier,
            prestataire=aide,
            mois=last,
            heures_realisees=Decimal(hours),
        )


CASES = [
    {"payee": p, "account": a, "death": d, "stopped": s, "hours": h, "both": b}
    for p, a, d, s, h, b in product(
        ("plan", "hours", "nowhere", "person"),
        ("", "shared"),
        ("", "ended", "on_the_first", "running"),
        (False, True),
        ("", "4", "20"),
        (False, True),
    )
    # What would change nothing is left out: hours of a service paid on the plan, a second payee of
    # the person, an account of the person that no line uses.
    if not (h and p in {"plan", "person"}) and not (b and p == "person")
    if (p == "person" or b) or not a
]


EVENTS = ("death", "stopped", "hours")


def test_a_run_after_another_is_up_to_date_whatever_came_between(team, mois, entering, services):
    """A month was paid but for the hours awaited; the person has died since, or the hours came."""
    files = []
    for case in CASES:
        aide = services[case["payee"]]
        born = file(team, mois, aide, account=case["account"], both=case["both"])
        files.append((born, aide, {name: case[name] for name in EVENTS}))
    before = previous_month(mois)
    with entering(team.paul, PAIEMENT) as passage:
        paid = acts.prepare_lot(passage, lot_id=uuid.uuid4(), service_id=team.nord.pk, mois=before)
    awaited = paid.paiements.filter(anomalie__contains=Anomalie.HEURES_NON_RECUES)
    assert awaited.update(ecarte=True, examen="Attendues", examine_par=team.paul)
    m.LotPaiement.objects.update(etat="valide", valide_par=team.remi, valide_on=today())
    for dossier, aide, events in files:
        happen(dossier, mois, aide, **events)
    with entering(team.paul, PAIEMENT) as passage:
        lot = acts.prepare_lot(passage, lot_id=uuid.uuid4(), service_id=team.nord.pk, mois=mois)
        assert read_perime(passage, lot).dues == []
        assert find_changed_dues(passage, lot, every=True) == []
        assert touched_dossiers(passage, lot) == set()
    # Hours that came after a death are paid, whatever the person was paid too much.
    late = lot.paiements.filter(mois_du=before, prestataire=services["hours"], montant_brut__gt=0)
    assert late.filter(anomalie__contains=Anomalie.DECES).exists()


def test_a_fresh_run_is_up_to_date_whatever_its_lines_carry(team, mois, entering, services):
    for case in CASES:
        file(team, mois, services[case["payee"]], **{k: case[k] for k in case if k != "payee"})
    with entering(team.paul, PAIEMENT) as passage:
        lot = acts.prepare_lot(passage, lot_id=uuid.uuid4(), service_id=team.nord.pk, mois=mois)
        stale = read_perime(passage, lot)
        assert (stale.comptes.total, stale.deces.total, stale.dues) == (0, 0, [])
        assert touched_dossiers(passage, lot) == set()
        assert find_changed_dues(passage, lot, every=True) == []
        again = acts.recompute_lot(passage, lot_id=lot.pk, nouveau_id=uuid.uuid4())
        assert not read_perime(passage, again).any
    seen = set(lot.paiements.values_list("anomalie", flat=True))
    assert {"deces heures_non_recues", "heures_non_recues"} <= seen
    assert {code for line in seen for code in line.split()} >= {
        Anomalie.COMPTE_ABSENT,
        Anomalie.COMPTE_PARTAGE,
        Anomalie.DROIT_FINI,
        Anomalie.SERVICE_SANS_COMPTE,
        Anomalie.SERVICE_COMPTE_MODIFIE,
    }


@pytest.fixture
def mourned(team, mois, services):
    """A file whose person died last month, and whose service has not sent its hours."""
    return file(
        team, mois, services["hours"], account="own", death="ended", stopped=False, hours="",
        both=False,
    )  # fmt: skip


def test_hours_awaited_after_a_death_are_set_aside_with_the_others(team, mois, entering, mourned):
    def do(act, **values):
        with entering(team.paul, PAIEMENT) as passage:
            return act(passage, **values)

    lot = do(acts.prepare_lot, lot_id=uuid.uuid4(), service_id=team.nord.pk, mois=mois)
    lines = lot.paiements.order_by("mois_du")
    assert set(lines.values_list("anomalie", flat=True)) == {"deces heures_non_recues"}
    with pytest.raises(acts.HoursAwaited):
        do(acts.examine_paiement, paiement_id=lines[0].pk, ecarter=False, motif="Vu")
    do(acts.keep_anomalies, lot_id=lot.pk, anomalie=Anomalie.DECES, motif="Vu")
    assert not lines.exclude(examen="").exists()
    do(set_aside_without_hours, lot_id=lot.pk, motif="Relance")
    assert not lines.filter(ecarte=False).exists()
    with pytest.raises(NothingLeft):
        do(set_aside_without_hours, lot_id=lot.pk, motif="Relance")


def test_the_banner_names_the_files_and_leads_to_them(team, mois, client, entering):
    """Near miss: nothing is named before something changed."""
    late = file(
        team, mois, None, account="own", death="", stopped=False, hours="", both=False
    )  # fmt: skip
    moved = file(
        team, mois, None, account="own", death="", stopped=False, hours="", both=False
    )  # fmt: skip
    with entering(team.paul, PAIEMENT) as passage:
        lot = acts.prepare_lot(passage, lot_id=uuid.uuid4(), service_id=team.nord.pk, mois=mois)
    client.force_login(team.remi)
    address = reverse("apa_ash:lot", args=[lot.pk])
    assert client.get(address).context["touched"] == []
    m.Identite.objects.filter(dossier=late).update(deces_on=today())
    m.CompteBancaire.objects.filter(dossier=moved).update(iban=SHARED)
    page = client.get(address)
    accounts, deaths = page.context["touched"]
    for kind, dossier in ((accounts, moved), (deaths, late)):
        lines = lot.paiements.filter(dossier=dossier)
        assert kind["total"] == lines.count() == len(kind["lines"])
        for line in lines:
            link = reverse("apa_ash:paiement_ligne", args=[line.pk])
            assert f'<a href="{link}">' in page.content.decode()
        assert all(dossier.numero in line["text"] for line in kind["lines"])
    assert (accounts["more"], deaths["more"]) == (0, 0)


def test_a_run_given_up_shows_no_amount_to_be_paid(team, mois, client, entering):
    """Near miss: while it stands, the same run says what it is to pay."""
    file(team, mois, None, account="own", death="", stopped=False, hours="", both=False)
    with entering(team.paul, PAIEMENT) as passage:
        lot = acts.prepare_lot(passage, lot_id=uuid.uuid4(), service_id=team.nord.pk, mois=mois)
    client.force_login(team.remi)
    one, every = reverse("apa_ash:lot", args=[lot.pk]), reverse("apa_ash:lots")
    total = "3\u202f504,52\u00a0€"
    assert "Total à verser" in client.get(one).content.decode()
    assert total in client.get(every).content.decode()
    with entering(team.paul, PAIEMENT) as passage:
        acts.abandon_lot(passage, lot_id=lot.pk, motif="essai")
    text = client.get(one).content.decode()
    assert "Total préparé, jamais versé" in text
    assert "Total à verser" not in text
    assert total not in client.get(every).content.decode()
