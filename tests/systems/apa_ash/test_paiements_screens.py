"""The screens of payment, from the month to the file, with the statements they cost."""

import csv
import hashlib
import io
import re
import uuid
from decimal import Decimal
from xml.etree import ElementTree as ET

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from egide.rules.apa.arrieres import previous_month
from egide.systems.apa_ash import models as m
from egide.systems.apa_ash.fichiers.jours_bancaires import prochain_jour_bancaire
from egide.systems.apa_ash.fichiers.verification import same_csv, same_sepa
from egide.systems.apa_ash.fichiers.virements import Virement
from egide.systems.apa_ash.models.plan import ModeAide
from egide.systems.apa_ash.presentation import paiement as presentation
from egide.systems.apa_ash.purposes import PAIEMENT
from egide.systems.apa_ash.queries import lot as queries
from egide.systems.apa_ash.services import emission
from egide.systems.apa_ash.services import lot as acts
from tests import factories
from tests.personas import today
from tests.systems.apa_ash.paiement_rows import IBAN, droit, payable, prestataire

PAYER = "FR7630001007941234567890185"
OUVERT = prochain_jour_bancaire(today())
VIREMENT = Virement(today(), "1", "Jeanne", "", IBAN, Decimal(1), Decimal(0))
FORGED_DAY = (
    b"<InitgPty><Nm>A</Nm><ReqdExctnDt>2026-13-01</ReqdExctnDt><DbtrAcct><Id><IBAN>FR00</IBAN>"
)
NS = "{urn:iso:std:iso:20022:tech:xsd:pain.001.001.03}"


@pytest.fixture
def mois():
    return today().replace(day=1)


@pytest.fixture
def signed(client):
    def sign_in(agent):
        client.force_login(agent)
        return client

    return sign_in


def url(name, *args):
    return reverse(f"apa_ash:{name}", args=args)


def prepare(client, team, mois, jeton=None):
    data = {"jeton": jeton or uuid.uuid4(), "mois": f"{mois:%m/%Y}", "service": team.nord.pk}
    return client.post(url("lots"), data)


@pytest.mark.clause("APA-05")
def test_from_the_month_to_the_file(team, signed, mois):
    aide = prestataire(team.departement)
    payable(
        team.nord,
        start=mois,
        iban=IBAN,
        apa="100.01",
        lines=[(ModeAide.PRESTATAIRE, aide, 20, 25), (ModeAide.GRE_A_GRE, None, 10, 25)],
    )
    paul = signed(team.paul)
    assert prepare(paul, team, mois).status_code == 302
    lot = m.LotPaiement.objects.get()
    assert "un autre agent de paiement ou le responsable" in paul.get(
        url("lot", lot.pk)
    ).content.decode().replace("\n", " ")
    paul.post(url("lot_validation", lot.pk))
    lot.refresh_from_db()
    assert lot.etat == "prepare"

    remi = signed(team.remi)
    remi.post(url("lot_validation", lot.pk))
    remi.post(
        url("lot_emission", lot.pk),
        {"iban_debiteur": PAYER, "execution_on": str(OUVERT)},
    )
    lot.refresh_from_db()
    assert (lot.etat, lot.emis_on) == ("emis", today())
    assert set(m.Paiement.objects.values_list("verse_on", flat=True)) == {today()}

    tableau, sepa = m.FichierPaiement.objects.order_by("forme")
    rows = list(
        csv.DictReader(io.StringIO(bytes(tableau.contenu).decode("utf-8-sig")), delimiter=";")
    )
    assert {(r["type_beneficiaire"], r["montant"]) for r in rows} == {
        ("service", "66.67"),
        ("personne", "33.34"),
    }
    tree = ET.fromstring(bytes(sepa.contenu))
    assert {e.text for e in tree.iter(f"{NS}CtrlSum")} == {"100.01"}
    assert sorted(e.text for e in tree.iter(f"{NS}InstdAmt")) == ["33.34", "66.67"]


def test_each_download_is_an_act_that_names_the_persons(team, signed, entering, mois):
    payable(team.nord, start=mois)
    with entering(team.paul, PAIEMENT) as passage:
        lot = acts.prepare_lot(passage, lot_id=uuid.uuid4(), service_id=team.nord.pk, mois=mois)
    with entering(team.remi, PAIEMENT) as passage:
        acts.validate_lot(passage, lot_id=lot.pk)
        emission.issue_lot(passage, lot_id=lot.pk, iban_debiteur="", execution_on=mois)
    tableau = m.FichierPaiement.objects.get()
    remi = signed(team.remi)
    assert remi.get(url("paiement_fichier", tableau.pk)).status_code == 405
    answer = remi.post(url("paiement_fichier", tableau.pk))
    assert answer.content == bytes(tableau.contenu)
    assert answer["Cache-Control"] == "no-store"
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT cardinality(subjects) FROM audit.trail WHERE verb = %s",
            ["télécharger le fichier de paiement"],
        )
        assert cursor.fetchall()[0] == (1,)


@pytest.mark.parametrize("forme", ["csv", "sepa"])
@pytest.mark.parametrize("sealed", [True, False])
def test_a_file_that_its_lines_do_not_give_is_withheld_and_told(
    team, signed, entering, mois, forme, sealed
):
    """Whatever wrote the bytes, they go to no bank when the frozen lines say something else."""
    dossier = payable(team.nord, start=mois)
    with entering(team.paul, PAIEMENT) as passage:
        lot = acts.prepare_lot(passage, lot_id=uuid.uuid4(), service_id=team.nord.pk, mois=mois)
    with entering(team.remi, PAIEMENT) as passage:
        acts.validate_lot(passage, lot_id=lot.pk)
        emission.issue_lot(passage, lot_id=lot.pk, iban_debiteur=PAYER, execution_on=OUVERT)
    fichier = m.FichierPaiement.objects.get(forme=forme)
    remi = signed(team.remi)
    assert remi.post(url("paiement_fichier", fichier.pk)).content == bytes(fichier.contenu)
    iban = m.CompteBancaire.objects.get(dossier=dossier).iban
    forged = bytes(fichier.contenu).replace(iban.encode(), IBAN.encode())
    seal = hashlib.sha256(forged).hexdigest() if sealed else fichier.empreinte
    m.FichierPaiement.objects.filter(pk=fichier.pk).update(contenu=forged, empreinte=seal)
    answer = remi.post(url("paiement_fichier", fichier.pk), follow=True)
    assert IBAN.encode() not in answer.content
    assert "n’est pas celui des lignes validées" in answer.content.decode()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM audit.trail WHERE verb = %s AND cardinality(subjects) = 1",
            ["refuser un fichier de paiement altéré"],
        )
        assert cursor.fetchall() == [(1,)]


def test_bytes_that_are_no_file_at_all_are_not_those_of_the_lines():
    for contenu in (b"", b"\xff", b'"', FORGED_DAY):
        for same in (same_csv, same_sepa):
            assert not same(contenu, virements=[VIREMENT], lot_id=uuid.uuid4())


def test_a_service_that_corrects_its_siret_leaves_the_files_as_they_were(
    team, signed, entering, mois
):
    aide = prestataire(team.departement)
    payable(team.nord, start=mois, lines=[(ModeAide.PRESTATAIRE, aide, 40, 25)])
    with entering(team.paul, PAIEMENT) as passage:
        lot = acts.prepare_lot(passage, lot_id=uuid.uuid4(), service_id=team.nord.pk, mois=mois)
    with entering(team.remi, PAIEMENT) as passage:
        acts.validate_lot(passage, lot_id=lot.pk)
        emission.issue_lot(passage, lot_id=lot.pk, iban_debiteur="", execution_on=mois)
    m.Prestataire.objects.update(siret="00000000000001")
    fichier = m.FichierPaiement.objects.get()
    answer = signed(team.remi).post(url("paiement_fichier", fichier.pk))
    assert answer.content == bytes(fichier.contenu)


def test_who_prepared_the_run_is_told_that_another_issues_it(team, signed, entering, mois):
    payable(team.nord, start=mois)
    with entering(team.paul, PAIEMENT) as passage:
        lot = acts.prepare_lot(passage, lot_id=uuid.uuid4(), service_id=team.nord.pk, mois=mois)
    with entering(team.remi, PAIEMENT) as passage:
        acts.validate_lot(passage, lot_id=lot.pk)
    paul = signed(team.paul)
    assert "le responsable émet son fichier" in paul.get(url("lot", lot.pk)).content.decode()
    data = {"iban_debiteur": "", "execution_on": str(OUVERT)}
    told = paul.post(url("lot_emission", lot.pk), data, follow=True).content.decode()
    assert "le responsable émet son fichier" in told
    assert not m.FichierPaiement.objects.exists()


def test_a_run_that_waits_comes_before_the_others_and_all_are_reached(
    team, signed, mois, monkeypatch
):
    monkeypatch.setattr(queries, "LOTS_PAGE", 2)
    made = {"service": team.nord, "prepare_par": team.paul, "prepare_on": mois}
    done = {"etat": "emis", "valide_par": team.remi, "valide_on": mois}
    for back in (0, 1, 2):
        m.LotPaiement.objects.create(mois=previous_month(mois, back=back), **made, **done)
    old = m.LotPaiement.objects.create(mois=previous_month(mois, back=13), etat="prepare", **made)
    paul, address, seen = signed(team.paul), url("lots"), []
    while address:
        page = paul.get(address)
        seen += [row for row, _ in page.context["lots"]]
        address = page.context["next_url"]
    assert seen[0] == old
    assert [row.mois for row in seen[1:]] == [previous_month(mois, back=n) for n in (0, 1, 2)]


@pytest.mark.parametrize("provisional", [True, False])
def test_amounts_upon_figures_that_nobody_checked_are_said_to_be_so(
    team, signed, mois, monkeypatch, provisional
):
    payable(team.nord, start=mois)
    paul = signed(team.paul)
    prepare(paul, team, mois)
    monkeypatch.setattr(presentation, "is_provisional", lambda _: provisional)
    page = paul.get(url("lot", m.LotPaiement.objects.get().pk)).content.decode()
    assert ("Montants provisoires" in page) == provisional


@pytest.mark.parametrize("agent", ["paul", "remi"])
def test_who_may_still_validate_is_told_that_to_examine_prevents_it(team, signed, mois, agent):
    for _ in range(2):  # the same person twice
        payable(team.nord, start=mois, nom="Double")
    prepare(signed(team.paul), team, mois)
    lot = m.LotPaiement.objects.get()
    looks = signed(team.agents[agent])
    for page in (url("lot", lot.pk), url("paiement_ligne", lot.paiements.earliest("pk").pk)):
        told = "Qui maintient ou écarte une ligne ne valide pas" in looks.get(page).content.decode()
        assert told == (agent == "remi")
    looks.post(url("lot_maintien", lot.pk, "double_dossier"), {"motif": "Vérifié"})
    assert "Qui maintient ou écarte" not in looks.get(url("lot", lot.pk)).content.decode()


def field(page, pk):
    """The control of one reason as the page shows it, and whether an error stands beside it."""
    text = page.content.decode()
    (control,) = re.findall(rf'<input[^>]*id="{pk}"[^>]*>', text)
    return control, f'id="{pk}_error"' in text


@pytest.mark.parametrize(
    ("name", "what", "never"),
    [
        ("lot_maintien", "double_dossier", "compte_absent"),
        ("lot_ecart", "sans-compte", "sans-compte"),
    ],
)
def test_a_reason_that_is_refused_comes_back_as_typed(team, signed, mois, name, what, never):
    for _ in range(2):  # the same person twice
        payable(team.nord, start=mois, nom="Double")
    droit(factories.dossier(team.nord, etat="ouvert"), start=mois)
    paul = signed(team.paul)
    prepare(paul, team, mois)
    lot = m.LotPaiement.objects.get()
    address, long = url(name, lot.pk, what), "x" * 201
    for typed in ("", "  ", long):
        page = paul.post(address, {"motif": typed})
        assert page.status_code == 422
        control, wrong = field(page, f"motif-{what}")
        assert wrong
        assert (f'value="{long}"' in control) is (typed == long)
    assert not m.Paiement.objects.exclude(examen="").exists()
    # The links of a page that came back lead to the run, which the act does not show.
    assert f'href="{url("lot", lot.pk)}?anomalie=' in page.content.decode()
    assert paul.post(address, {"motif": "Vérifié"}).status_code == 302
    assert set(m.Paiement.objects.exclude(examen="").values_list("examen", flat=True)) == {
        "Vérifié"
    }
    # Nothing of the kind is left, or it is never kept.
    refused = paul.post(url(name, lot.pk, never), {"motif": "Encore"})
    assert refused.status_code == 422
    assert "Rien n’est enregistré" in refused.content.decode()
    for forged in (url(name, lot.pk, "rien"), url(name, uuid.uuid4(), what)):
        for typed in ("", "Vérifié"):
            assert paul.post(forged, {"motif": typed}).status_code == 404


def test_what_was_typed_beside_a_refused_act_comes_back(team, signed, entering, mois):
    """The account of the payer and the reason of a run given up, refused for what the run is."""
    payable(team.nord, start=mois)
    with entering(team.paul, PAIEMENT) as passage:
        lot = acts.prepare_lot(passage, lot_id=uuid.uuid4(), service_id=team.nord.pk, mois=mois)
    with entering(team.remi, PAIEMENT) as passage:
        acts.validate_lot(passage, lot_id=lot.pk)
    typed = {"iban_debiteur": "FR76 0000", "execution_on": str(OUVERT)}
    remi = signed(team.remi)
    page = remi.post(url("lot_emission", lot.pk), typed)
    assert page.status_code == 422
    assert 'value="FR76 0000"' in page.content.decode()
    page = remi.post(url("lot_abandon", lot.pk), {"abandon-motif": "Sans raison"})
    assert page.status_code == 422  # nothing changed since: it is issued
    assert page.context["abandon"]["motif"].value() == "Sans raison"
    assert "Ce lot a changé d’état" in page.content.decode()


def test_a_file_is_issued_once(team, entering, mois):
    payable(team.nord, start=mois)
    with entering(team.paul, PAIEMENT) as passage:
        lot = acts.prepare_lot(passage, lot_id=uuid.uuid4(), service_id=team.nord.pk, mois=mois)
    issue = {"lot_id": lot.pk, "iban_debiteur": "", "execution_on": mois}
    with entering(team.remi, PAIEMENT) as passage:
        with pytest.raises(acts.WrongState):
            emission.issue_lot(passage, **issue)
        acts.validate_lot(passage, lot_id=lot.pk)
        emission.issue_lot(passage, **issue)
        with pytest.raises(acts.WrongState):
            emission.issue_lot(passage, **issue)
    assert m.FichierPaiement.objects.count() == 1


def test_a_name_never_becomes_a_formula_nor_a_tag(team, entering, mois):
    dossier = payable(team.nord, start=mois)
    m.CompteBancaire.objects.filter(dossier=dossier).update(titulaire="=HYPERLINK(1)</Nm>é")
    with entering(team.paul, PAIEMENT) as passage:
        lot = acts.prepare_lot(passage, lot_id=uuid.uuid4(), service_id=team.nord.pk, mois=mois)
    with entering(team.remi, PAIEMENT) as passage:
        acts.validate_lot(passage, lot_id=lot.pk)
        emission.issue_lot(
            passage,
            lot_id=lot.pk,
            iban_debiteur=PAYER,
            execution_on=OUVERT,
        )
    tableau, sepa = m.FichierPaiement.objects.order_by("forme")
    assert b";'=HYPERLINK(1)</Nm>" in bytes(tableau.contenu)
    names = [e.text for e in ET.fromstring(bytes(sepa.contenu)).iter(f"{NS}Nm")]
    assert "HYPERLINK 1 NM E" in names


@pytest.mark.parametrize("name", ["alice", "chloe", "carole", "denis", "edith", "victor", "nora"])
def test_the_screens_of_payment_look_absent_to_others(team, signed, mois, name):
    payable(team.nord, start=mois)
    prepare(signed(team.paul), team, mois)
    lot = m.LotPaiement.objects.get()
    client = signed(team.agents[name])
    for address in (url("lots"), url("lot", lot.pk), url("comptes")):
        assert client.get(address).status_code == 404
    assert client.post(url("lot_validation", lot.pk)).status_code == 404


def test_a_bad_month_and_a_foreign_service_are_refused_at_the_field(team, signed, mois):
    payable(team.nord, start=mois)
    paul = signed(team.paul)
    answer = paul.post(
        url("lots"), {"jeton": uuid.uuid4(), "mois": "13/2026", "service": team.sud.pk}
    )
    assert answer.status_code == 422
    text = answer.content.decode()
    assert "par exemple 11/2026" in text
    assert "Choisissez un de vos services" in text
    assert not m.LotPaiement.objects.exists()


def test_a_form_sent_twice_answers_kindly(team, signed, mois):
    payable(team.nord, start=mois)
    paul, jeton = signed(team.paul), uuid.uuid4()
    assert prepare(paul, team, mois, jeton).status_code == 302
    assert prepare(paul, team, mois, jeton).status_code == 302
    assert m.LotPaiement.objects.count() == 1


def test_the_account_of_a_file_is_checked_and_kept(team, signed):
    dossier = factories.dossier(team.nord)
    paul = signed(team.paul)
    bad = paul.post(url("compte", dossier.pk), {"titulaire": "J. L.", "iban": IBAN[:-1] + "7"})
    assert bad.status_code == 422
    assert "IBAN est inexact" in bad.content.decode()
    assert not m.CompteBancaire.objects.exists()
    spaced = " ".join(IBAN[i : i + 4] for i in range(0, len(IBAN), 4)).lower()
    paul.post(url("compte", dossier.pk), {"titulaire": "J. L.", "iban": spaced})
    known = m.CompteBancaire.objects.get()
    assert (known.iban, known.saisi_on, known.service) == (IBAN, today(), team.nord)


def test_the_account_of_another_service_looks_absent_and_leaves_a_trail(team, signed):
    dossier = factories.dossier(team.sud)
    paul = signed(team.paul)
    answer = paul.post(url("compte", dossier.pk), {"titulaire": "J. L.", "iban": IBAN})
    assert answer.status_code == 404
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM audit.trail WHERE outcome = 'refus' AND %s = ANY (targets)",
            [str(dossier.pk)],
        )
        assert cursor.fetchone() == (1,)


def test_searching_an_account_finds_one_s_own_services_only(team, signed):
    factories.dossier(team.nord, nom="Lefèvre")
    factories.dossier(team.sud, nom="Lefebvre")
    paul = signed(team.paul)
    text = paul.post(url("comptes"), {"q": "lef"}).content.decode()
    assert 'method="get"' not in text
    assert "Lefèvre" not in paul.get(url("comptes"), {"q": "lef"}).content.decode()
    assert "Lefèvre" in text
    assert "Lefebvre" not in text


def test_a_run_costs_the_same_for_one_file_and_for_sixty(team, signed, mois):
    counts = []
    for size in (1, 59):
        for n in range(size):
            payable(team.nord, start=mois, nom=f"Nom {size} {n}")
        paul = signed(team.paul)
        prepare(paul, team, mois)
        lot = m.LotPaiement.objects.exclude(etat="abandonne").get()
        for address in (url("lots"), url("lot", lot.pk)):
            paul.get(address)
            with CaptureQueriesContext(connection) as captured:
                assert paul.get(address).status_code == 200
            counts.append(len(captured))
        m.LotPaiement.objects.filter(pk=lot.pk).update(etat="abandonne")
    # Of these, five are the nested transactions of the test (savepoints, role put back).
    # A list costs one more than signing in and entering; a run adds its totals, those of the month
    # before, its anomalies, its lines, its files, and what changed since: accounts, deaths, amounts
    # (lines, stops, rights, excesses recorded), accounts to read again, accounts of one's own.
    assert counts == [12, 27, 12, 27]


def test_what_is_paid_is_the_sum_of_what_each_receives(team, signed, mois):
    aide = prestataire(team.departement)
    for n in range(7):
        payable(
            team.nord,
            start=mois,
            nom=f"Nom {n}",
            apa=f"{100 + n}.0{n}",
            lines=[(ModeAide.PRESTATAIRE, aide, 7, 11), (ModeAide.AUTRE, None, 3, 13)],
        )
    prepare(signed(team.paul), team, mois)
    total = sum(m.Paiement.objects.values_list("montant", flat=True))
    assert total == sum(Decimal(f"{100 + n}.0{n}") for n in range(7))


def test_a_death_is_looked_at_line_by_line(team, signed, mois):
    dossier = payable(team.nord, start=mois)
    m.Identite.objects.filter(dossier=dossier).update(deces_on=mois)
    paul = signed(team.paul)
    prepare(paul, team, mois)
    line = m.Paiement.objects.get()
    page = paul.get(url("paiement_ligne", line.pk)).content.decode()
    assert "Décès connu" in page
    answer = paul.post(url("paiement_ligne", line.pk), {"suite": "ecarter", "motif": ""})
    assert "Indiquez un motif" in answer.content.decode()
    paul.post(url("paiement_ligne", line.pk), {"suite": "ecarter", "motif": "Succession"})
    line.refresh_from_db()
    assert (line.ecarte, line.examen, line.examine_par) == (True, "Succession", team.paul)


@pytest.mark.parametrize("page", ["²", "9" * 4_500, "-1", "0", "", "1e3"])
def test_a_wrong_page_is_the_first(team, signed, mois, page):
    payable(team.nord, start=mois)
    paul = signed(team.paul)
    prepare(paul, team, mois)
    answer = paul.get(url("lot", m.LotPaiement.objects.get().pk), {"page": page})
    assert (answer.status_code, answer.context["page"]) == (200, 1)
