"""Control of effectivity: what is compared, what becomes an indu, and who may do it."""

import uuid
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import OperationalError, connection, transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from egide.kernel.access.passage import Refused
from egide.rules.apa.arrieres import previous_month
from egide.rules.apa.delais import echeance
from egide.rules.apa.versement import next_month
from egide.systems.apa_ash import models as m
from egide.systems.apa_ash.models.plan import ModeAide
from egide.systems.apa_ash.purposes import CONTROLE, PAIEMENT
from egide.systems.apa_ash.queries.controle import Search, rank_gaps, read_months
from egide.systems.apa_ash.queries.dossier import open_dossier
from egide.systems.apa_ash.queries.echeancier_lots import Scope, read_debts
from egide.systems.apa_ash.services import indu as acts
from egide.systems.apa_ash.services.indu_deces import claim_after_death
from egide.systems.apa_ash.services.prestataire import Fiche, SiretTaken, save_prestataire
from tests import factories
from tests.personas import today
from tests.systems.apa_ash import signature
from tests.systems.apa_ash.paiement_rows import droit, plan, prestataire

SIRET = "73282932000074"


@pytest.fixture
def mois():
    return previous_month(today())


@pytest.fixture
def helped(team, mois):
    """A file with 40 h × 25 € through a service, T = 0.10, paid 900 € last month."""

    def make(service=None, *, heures="20", facture=None, nom="Lefèvre", verse="900.00"):
        where = service or team.nord
        aide = prestataire(team.departement)
        dossier = factories.dossier(where, nom=nom, etat="ouvert")
        right = droit(
            dossier,
            start=previous_month(mois),
            apa="900.00",
            taux="0.10",
            lines=[(ModeAide.PRESTATAIRE, aide, 40, 25)],
        )
        lot, _ = m.LotPaiement.objects.get_or_create(
            service=where,
            mois=mois,
            defaults={
                "etat": "emis",
                "prepare_par": team.paul,
                "prepare_on": mois,
                "valide_par": team.remi,
                "valide_on": mois,
            },
        )
        m.Paiement.objects.create(
            service=where,
            lot=lot,
            dossier=dossier,
            droit=right,
            prestataire=aide,
            mois_du=mois,
            montant_brut=Decimal(verse),
            verse_on=mois,
        )
        if heures is not None:
            m.Prestation.objects.create(
                service=where,
                dossier=dossier,
                prestataire=aide,
                mois=mois,
                heures_realisees=Decimal(heures),
                montant_facture=facture,
            )
        return dossier

    return make


def paid_to(dossier):
    return m.Paiement.objects.filter(dossier=dossier).latest("montant_brut").prestataire_id


@pytest.fixture
def record(team, entering, mois):
    def find(dossier, agent=None, *, month=None, payee="any", indu_id=None, **said):
        where = payee if payee != "any" else paid_to(dossier)
        with entering(agent or team.carole, CONTROLE) as passage:
            (indu,) = acts.record_indus(
                passage,
                jeton=indu_id or uuid.uuid4(),
                dossier_id=dossier.pk,
                dus=[acts.TropPercu(month or mois, where)],
                **{"motif": "Heures non réalisées", "fraude": False} | said,
            )
            return indu

    return find


@pytest.mark.clause("APA-06")
def test_half_of_the_hours_leave_half_of_the_payment_undue(record, helped, mois):
    indu = record(helped())
    assert (indu.montant, indu.etat, indu.mois) == (Decimal("450.00"), "constate", mois)
    assert indu.prescrit_on == mois.replace(year=mois.year + 2)


def test_a_fraud_is_barred_five_years_after_its_discovery(record, helped):
    dossier = helped()
    m.Paiement.objects.filter(dossier=dossier).update(verse_on=today() - timedelta(days=300))
    assert record(dossier, fraude=True).prescrit_on == echeance("prescription_fraude", today())


@pytest.mark.parametrize(
    ("heures", "verse"), [("40", "900.00"), ("60", "900.00"), (None, "900.00"), ("20", "450.00")]
)
def test_nothing_is_undue_when_all_was_used_or_nothing_was_reported(record, helped, heures, verse):
    with pytest.raises(acts.NothingUndue):
        record(helped(heures=heures, verse=verse))
    assert not m.Indu.objects.exists()


def test_the_lower_of_hours_and_invoice_binds(record, helped):
    assert record(helped(heures="30", facture=Decimal("500.00"))).montant == Decimal("450.00")


def test_what_is_recorded_is_not_recorded_twice(record, helped):
    dossier, token = helped(), uuid.uuid4()
    first = record(dossier, indu_id=token)
    assert record(dossier, indu_id=token) == first
    with pytest.raises(acts.NothingUndue):
        record(dossier)
    assert m.Indu.objects.count() == 1


def test_a_second_debt_of_the_same_reason_is_told_and_another_reason_records_it(record, helped):
    dossier = helped()
    record(dossier)
    m.Prestation.objects.filter(dossier=dossier).update(heures_realisees=10)
    with pytest.raises(acts.SameMotif, match="même motif est déjà constaté"):
        record(dossier)
    other = record(dossier, motif="Heures retirées par le service")
    assert other.montant == Decimal("225.00")


def test_a_second_claim_after_a_death_is_told(team, entering, helped, mois):
    dossier = helped(heures=None)
    m.Identite.objects.filter(dossier=dossier).update(deces_on=mois.replace(day=10))
    with entering(team.carole, CONTROLE) as passage:
        claim_after_death(passage, dossier_id=dossier.pk)
    m.Identite.objects.filter(dossier=dossier).update(deces_on=mois.replace(day=2))
    with (
        entering(team.carole, CONTROLE) as passage,
        pytest.raises(acts.SameMotif, match="même motif"),
    ):
        claim_after_death(passage, dossier_id=dossier.pk)


def test_two_reasons_at_once_for_one_file_wait_for_each_other(team, entering, record, helped):
    dossier, other = helped(nom="A"), helped(nom="B")
    elsewhere = connection.copy()
    try:
        with elsewhere.cursor() as cursor:
            cursor.execute("BEGIN")
            cursor.execute(
                "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))",
                [f"apa_ash.indu {dossier.pk}"],
            )
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL lock_timeout = '50ms'")
        assert record(other).montant == Decimal("450.00")
        with pytest.raises(OperationalError, match="lock timeout"), transaction.atomic():
            record(dossier)
    finally:
        elsewhere.close()
    assert record(dossier).montant == Decimal("450.00")


def test_days_after_a_death_are_undue(team, record, helped, mois):
    dossier = helped(heures="40")
    m.Identite.objects.filter(dossier=dossier).update(deces_on=previous_month(mois))
    assert record(dossier).montant == Decimal("900.00")


@pytest.mark.parametrize("name", ["alice", "paul", "remi", "denis", "edith", "nora"])
def test_only_the_control_of_the_service_records(team, record, helped, name):
    with pytest.raises(Refused):
        record(helped(), team.agents[name])
    assert not m.Indu.objects.exists()


def test_another_service_looks_absent(team, record, helped):
    with pytest.raises(Refused):
        record(helped(team.sud))


@pytest.mark.clause("APA-06")
def test_an_indu_is_notified_by_a_letter_and_only_then_withheld(team, entering, record, helped):
    dossier = helped()
    indu = record(dossier)
    who = indu.prestataire_id

    def to_withhold():
        with entering(team.paul, PAIEMENT) as passage:
            return read_debts(Scope(passage, team.nord.pk, next_month(indu.mois)))

    assert to_withhold() == {}
    with entering(team.carole, CONTROLE) as passage:
        signature.indus(passage, dossier.pk, who)
        with pytest.raises(acts.NothingToNotify):
            acts.propose_indus(passage, dossier_id=dossier.pk, prestataire_id=who)
    indu.refresh_from_db()
    letter = m.Courrier.objects.get(dossier=dossier)
    assert (indu.etat, letter.nature) == ("notifie", "indu")
    assert to_withhold() == {dossier.pk: {who: indu.montant}}
    assert bytes(letter.pdf).startswith(b"%PDF")


def test_a_total_below_three_hours_of_smic_is_closed_not_notified(team, entering, record, helped):
    dossier = helped(heures="39")
    indu = record(dossier)
    assert indu.montant == Decimal("22.50")
    who = indu.prestataire_id
    with entering(team.carole, CONTROLE) as passage:
        with pytest.raises(acts.BelowThreshold):
            acts.propose_indus(passage, dossier_id=dossier.pk, prestataire_id=who)
        acts.give_up_indus(passage, dossier_id=dossier.pk, prestataire_id=who)
    indu.refresh_from_db()
    assert indu.etat == "non_recouvre"
    assert not m.Courrier.objects.exists()


def test_a_large_indu_cannot_be_closed_silently(team, entering, record, helped):
    dossier = helped()
    who = record(dossier).prestataire_id
    with entering(team.carole, CONTROLE) as passage, pytest.raises(acts.AboveThreshold):
        acts.give_up_indus(passage, dossier_id=dossier.pk, prestataire_id=who)


def test_the_largest_gap_comes_first_and_silence_last(team, entering, helped, mois):
    half, nearly = helped(nom="A"), helped(nom="B", heures="39")
    silent = [helped(nom=nom, heures=None) for nom in "FEDC"][::-1]
    helped(team.sud, nom="D")
    with entering(team.carole, CONTROLE) as passage:
        rows, more, totals = rank_gaps(passage, Search(mois))
    assert [r.pk for r in rows] == [half.pk, nearly.pk, *(r.pk for r in silent)]
    assert [r.ecart for r in rows] == [Decimal(500), Decimal(25), *[None] * 4]
    assert (more, totals["total_ecart"]) == (False, Decimal(525))


@pytest.fixture
def around(team, helped, mois):
    """A file of 20 h done out of 40 h, and all that its month leaves aside."""
    dossier = helped(nom="Lefèvre")
    aide, after = m.Prestataire.objects.get(pk=paid_to(dossier)), next_month(mois)
    other = prestataire(team.departement)
    bound = {"service": team.nord, "dossier": dossier}
    in_force = m.PlanAide.objects.get(dossier=dossier)
    for mode, who, unite, volume, tarif in (
        ("prestataire", aide, "repas", 10, 5),
        ("prestataire", other, "heure", 10, 30),
        ("gre_a_gre", None, "heure", 20, 10),
    ):
        m.LignePlan.objects.create(
            **bound, plan=in_force, nature="toilette", mode=mode, prestataire=who,
            volume_mensuel=volume, unite=unite, tarif=tarif,
        )  # fmt: skip
    for who, month, heures in ((other, mois, 5), (aide, after, 7), (aide, previous_month(mois), 9)):
        m.Prestation.objects.create(**bound, prestataire=who, mois=month, heures_realisees=heures)
    later = plan(dossier, [(ModeAide.PRESTATAIRE, aide, 99, 25)], effet_on=after)
    m.Decision.objects.create(**bound, plan=later, nature="accord", prise_on=mois, effet_on=after)
    (paid,) = m.Paiement.objects.filter(dossier=dossier)
    prepared = m.LotPaiement.objects.create(
        service=team.nord, mois=after, etat="prepare", prepare_par=team.paul, prepare_on=today()
    )
    repit = m.AidePonctuelle.objects.create(
        **bound, plan=in_force, nature="repit", objet="Accueil", montant=100
    )
    facture = m.Facture.objects.create(
        **bound, aide=repit, droit=paid.droit, reference="F", depense_on=mois, montant=50,
        retenu=50, taux_participation=0, a_verser=50, saisie_on=today(), saisie_par=team.carole,
    )  # fmt: skip
    # An arrear that no run has paid yet, another month that was paid, and an invoice.
    for lot, month, verse_on, of in (
        (prepared, mois, None, None),
        (paid.lot, previous_month(mois), mois, None),
        (paid.lot, mois, mois, facture),
    ):
        m.Paiement.objects.create(
            **bound, lot=lot, droit=paid.droit, prestataire=aide, mois_du=month,
            montant_brut=30, verse_on=verse_on, facture=of,
        )  # fmt: skip
    to_come = factories.dossier(team.nord, nom="Zola", etat="ouvert")
    droit(to_come, start=after, lines=[(ModeAide.PRESTATAIRE, aide, 40, 25)])
    return dossier, aide


COMPARED = ("prevu", "heures_prevues", "heures_realisees", "facture", "verse", "ecart")


@pytest.mark.parametrize(
    ("of_one", "found"),
    [(False, (1350, 50, 25, None, 900, 675)), (True, (1050, 40, 20, None, 900, 525))],
)
def test_a_month_is_compared_with_what_is_of_it_alone(
    team, entering, helped, around, mois, of_one, found
):
    dossier, aide = around
    elsewhere = helped(nom="Petit")
    with entering(team.carole, CONTROLE) as passage:
        rows, _, _ = rank_gaps(passage, Search(mois, prestataire_id=aide.pk if of_one else None))
        inside = [
            row
            for text in ("fevre", dossier.numero[-5:])
            for row in rank_gaps(passage, Search(mois, text=text))[0]
        ]
    assert [row.pk for row in rows] == [dossier.pk, elsewhere.pk][: 1 if of_one else 2]
    assert tuple(getattr(rows[0], name) for name in COMPARED) == found
    assert not inside


@pytest.mark.parametrize(
    ("heures", "facture", "ecart"), [("60", None, 0), (None, "400", 600), ("60", "1200", 0)]
)
def test_the_gap_is_never_below_nothing_and_an_invoice_alone_shows_it(
    team, entering, helped, mois, heures, facture, ecart
):
    dossier = helped(heures=None)
    m.Prestation.objects.create(
        service=team.nord,
        dossier=dossier,
        prestataire_id=paid_to(dossier),
        mois=mois,
        heures_realisees=heures,
        montant_facture=facture,
    )
    with entering(team.carole, CONTROLE) as passage:
        (row,), _, _ = rank_gaps(passage, Search(mois))
    assert row.ecart == ecart


def test_a_suspended_month_is_not_due(team, entering, helped, mois):
    dossier = helped(heures="40")
    m.Interruption.objects.create(
        service=team.nord, dossier=dossier, nature="suspension", periode=DateRange(mois, None)
    )
    with entering(team.carole, CONTROLE) as passage:
        opened = open_dossier(passage, dossier.pk)
        months = read_months(passage, dossier=opened, indus=[], until=mois).months
    assert (months[-1].justifie, months[-1].ecart) == (0, Decimal("900.00"))


def get(client, name, *args, **query):
    return client.get(reverse(f"apa_ash:{name}", args=args), query)


@pytest.mark.parametrize("name", ["alice", "chloe", "paul", "remi", "denis", "victor", "nora"])
def test_the_screens_of_the_control_look_absent_to_others(client, team, helped, name):
    dossier = helped()
    client.force_login(team.agents[name])
    assert get(client, "controle").status_code == 404
    assert get(client, "controle_dossier", dossier.pk).status_code == 404
    assert get(client, "releves").status_code == 404


def test_the_list_and_the_file_cost_the_same_whatever_they_hold(client, team, helped):
    client.force_login(team.carole)
    counts = []
    for size in (1, 20):
        for n in range(size):
            dossier = helped(nom=f"Nom {size} {n}")
        for address in (("controle",), ("controle_dossier", dossier.pk)):
            get(client, *address)
            with CaptureQueriesContext(connection) as captured:
                assert get(client, *address).status_code == 200
            counts.append(len(captured))
    # Five are the nested transactions of the test. The list adds to those of every page: services,
    # totals, page, and whether a claim is to be compared again. The file: itself, rights, decisions
    # and lines of plan, reports, payments, debts, interruptions, and the services that may owe.
    assert [n - 5 for n in counts] == [11, 15, 11, 15]


def test_the_file_shows_the_gap_and_takes_the_indu(client, team, helped, mois):
    dossier = helped()
    client.force_login(team.carole)
    page = get(client, "controle_dossier", dossier.pk).content.decode()
    assert "450,00\u00a0€" in page
    assert "<svg" in page
    data = {"jeton": uuid.uuid4(), "quoi": f"{mois:%Y-%m}/{paid_to(dossier)}", "motif": ""}
    address = reverse("apa_ash:indu_constat", args=[dossier.pk])
    assert client.post(address, data).status_code == 422
    assert client.post(address, data | {"motif": "Absences"}).status_code == 302
    assert m.Indu.objects.get().motif == "Absences"


def test_a_service_is_entered_with_its_keys_checked(client, team):
    client.force_login(team.carole)
    address = reverse("apa_ash:prestataire_nouveau")
    data = {
        "jeton": uuid.uuid4(),
        "nom": "Aide 01",
        "siret": "73282932000075",
        "finess": "123",
        "adresse": "4 rue du Moulin, 01000 Bourg-en-Bresse",
        "tarif_horaire": "24,58",
        "actif": "on",
    }
    refused = client.post(address, data)
    assert refused.status_code == 422
    text = refused.content.decode()
    assert "SIRET inexact" in text
    assert "FINESS inexact" in text
    good = data | {"siret": SIRET, "finess": ""}
    assert client.post(address, good).status_code == 302
    assert client.post(address, good).status_code == 302
    row = m.Prestataire.objects.get()
    assert (row.tarif_horaire, row.organisme) == (Decimal("24.58"), team.departement)
    again = client.post(address, good | {"jeton": uuid.uuid4()})
    assert "déjà ce SIRET" in again.content.decode()


def test_the_search_never_shows_another_service(client, team, helped, mois):
    helped(nom="Lefèvre")
    helped(team.sud, nom="Lefebvre")
    client.force_login(team.carole)
    here, sent = reverse("apa_ash:controle"), {"mois": f"{mois:%Y-%m}", "q": "lef"}
    page = client.post(here, sent).content.decode()
    assert "Lefèvre" in page
    assert "Lefebvre" not in page


def test_a_name_that_is_looked_for_is_in_no_address(client, team, helped, mois, monkeypatch):
    monkeypatch.setattr("egide.systems.apa_ash.queries.controle.PAGE", 1)
    for nom in ("Lefèvre", "Lefort"):
        helped(nom=nom)
    client.force_login(team.carole)
    here, month = reverse("apa_ash:controle"), f"{mois:%Y-%m}"
    page = client.post(here, {"mois": month, "q": "lef", "prestataire": ""})
    assert page.context["next_form"] == {"mois": month, "q": "lef", "page": "2"}
    assert "q=" not in page.content.decode()
    following = client.post(here, page.context["next_form"])
    assert {r[0]["text"] for p in (page, following) for r in p.context["rows"]} == {
        "Mme Jeanne Lefèvre",
        "Mme Jeanne Lefort",
    }
    assert not following.context["next_form"]
    plain = client.post(here, {"mois": month, "q": "", "prestataire": ""})
    assert (plain.status_code, plain.url) == (302, f"{here}?mois={month}")
    assert f"mois={month}&page=2" in client.get(plain.url).context["next_url"]


@pytest.mark.parametrize("page", ["²", "9" * 4_500, "-1", "0", "", "٣x", "1e3", "99999"])
def test_a_wrong_page_is_the_first(client, team, helped, page):
    helped(nom="Lefèvre")
    client.force_login(team.carole)
    answer = client.get(reverse("apa_ash:controle"), {"page": page})
    assert answer.status_code == 200
    assert len(answer.context["rows"]) == 1


@pytest.mark.parametrize(("days", "barred"), [(-1, False), (0, True)])
def test_the_action_is_barred_two_years_after_the_payment(team, helped, on_day, mois, days, barred):
    """CASF L. 232-25: the last day to act is the eve of the second anniversary."""
    dossier = helped()
    day = mois.replace(year=mois.year + 2) + timedelta(days=days)
    due = acts.TropPercu(mois, paid_to(dossier))
    with on_day(team.carole, day, purpose=CONTROLE) as passage:
        act = {"jeton": uuid.uuid4(), "dossier_id": dossier.pk, "dus": [due], "motif": "Heures"}
        if barred:
            with pytest.raises(acts.Prescribed):
                acts.record_indus(passage, **act, fraude=False)
        (indu,) = acts.record_indus(passage, **act, fraude=barred)
        assert indu.montant == Decimal("450.00")


def test_a_siret_names_one_service_of_an_organisme(team, entering):
    taken = prestataire(team.departement)
    elsewhere = prestataire(team.voisin)

    def save(siret, pk=None):
        with entering(team.carole, CONTROLE) as passage:
            return save_prestataire(
                passage,
                prestataire_id=pk or uuid.uuid4(),
                fiche=Fiche(
                    nom="Aide",
                    siret=siret,
                    finess="",
                    adresse="",
                    tarif_horaire=Decimal(20),
                    iban="",
                    actif=True,
                ),
            )

    with pytest.raises(SiretTaken):
        save(taken.siret)
    assert save(taken.siret, taken.pk).pk == taken.pk  # itself, written again
    assert save(elsewhere.siret).siret == elsewhere.siret  # unknown to this organisme
