"""The letters of a campaign: written by batches, resumed, bound for the printer, never twice."""

import io
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pypdf import PdfReader

from egide.kernel.access.passage import Refused
from egide.kernel.refus import ActeRefuse
from egide.systems.apa_ash import models as m
from egide.systems.apa_ash.letters.liasse import PdfIllisible, bind
from egide.systems.apa_ash.queries import campagne_courriers as queries
from egide.systems.apa_ash.services import campagne_courriers as acts
from tests.personas import today
from tests.systems.apa_ash.campagne.rows import EFFET, beneficiaire, launched, population

HTMX = {"HX-Request": "true"}


@pytest.fixture
def applied(simulate, passing, finish):
    """A campaign applied to the end."""

    def run():
        campagne = launched(simulate, passing)
        finish(campagne)
        return campagne

    return run


@pytest.fixture
def write(passing):
    def run(campagne, *, size=acts.BATCH, **options):
        return passing(acts.write_batch, campagne_id=campagne.pk, size=size, **options)

    return run


def words(pdf):
    pages = PdfReader(io.BytesIO(bytes(pdf))).pages
    return " ".join("".join(page.extract_text() + " " for page in pages).split())


def url(name, *arguments):
    return reverse(f"apa_ash:{name}", args=arguments)


def test_each_right_gets_one_letter_that_bears_its_decision(team, applied, write):
    rights = population(team.nord, count=3)
    campagne = applied()
    assert write(campagne).notifies == 3
    letters = {c.dossier_id: c for c in m.Courrier.objects.all()}
    assert set(letters) == {right.dossier_id for right in rights}
    for letter in letters.values():
        assert letter.nature == "revalorisation"
        assert (letter.decision.nature, letter.decision.effet_on) == ("revalorisation", EFFET)
        assert letter.pk == letter.decision_id


def test_the_letter_gives_both_amounts_the_reason_and_the_remedies(team, applied, write):
    beneficiaire(team.nord, ressources="1500", plan_mensuel="1000.00")
    campagne = applied()
    write(campagne)
    ligne, letter = m.LigneCampagne.objects.get(), m.Courrier.objects.get()
    text = words(letter.pdf).replace("\u202f", " ").replace("\u00a0", " ")
    for amount in (ligne.apa_avant, ligne.apa_apres):
        assert f"{amount:.2f} €".replace(".", ",") in text
    assert "1er janvier 2026" in text
    for said in ("232-3-1", "232-4", "recours préalable", "CNIL", "R. 232-46"):
        assert said in text, said
    assert "ne vous est plus versée" not in text


def test_an_allowance_that_falls_under_the_least_paid_says_why(team, applied, write):
    right = beneficiaire(team.nord, ressources="4000", plan_mensuel="360.00")
    m.Droit.objects.filter(pk=right.pk).update(apa=Decimal("36.00"), participation=Decimal(324))
    write(applied())
    assert m.LigneCampagne.objects.get().apa_apres == 0
    assert "ne vous est plus versée" in words(m.Courrier.objects.get().pdf)


def test_a_represented_person_is_written_to_through_her_representative(team, applied, write):
    right = beneficiaire(team.nord)
    m.Protection.objects.create(
        service=team.nord, dossier=right.dossier, mesure="tutelle", nom="Paule Guide"
    )
    write(applied())
    assert "Paule Guide" in words(m.Courrier.objects.get().pdf)


def test_an_interrupted_writing_goes_on_where_it_stopped(team, applied, write, passing):
    population(team.nord, count=5)
    campagne = applied()
    assert write(campagne, size=2).notifies == 2
    first = set(m.Courrier.objects.values_list("pk", flat=True))
    assert write(campagne, size=2).notifies == 4
    assert write(campagne, size=2).notifies == 5
    assert write(campagne, size=2).notifies == 5
    assert first < set(m.Courrier.objects.values_list("pk", flat=True))
    etat = passing(lambda passage: queries.read_etat(passage, campagne=campagne))
    assert (etat.ecrits, etat.a_ecrire, etat.a_part) == (5, 0, 0)


def test_a_failing_letter_leaves_none_of_its_batch(team, applied, write, monkeypatch):
    population(team.nord, count=3)
    campagne = applied()
    written = []

    def fail_third(letter, *, dossier):
        written.append(dossier)
        if len(written) == 3:
            raise RuntimeError("power cut")
        return real(letter, dossier=dossier)

    real = acts.print_letter
    monkeypatch.setattr(acts, "print_letter", fail_third)
    with pytest.raises(RuntimeError):
        write(campagne)
    assert not m.Courrier.objects.exists()
    assert not m.LigneCampagne.objects.filter(notifie=True).exists()


def test_nobody_writes_to_the_dead(team, applied, write, passing):
    alive, dead = population(team.nord, count=2)
    campagne = applied()
    m.Identite.objects.filter(dossier=dead.dossier).update(deces_on=date(2026, 2, 1))
    assert write(campagne).notifies == 1
    assert m.Courrier.objects.get().dossier_id == alive.dossier_id
    etat = passing(lambda passage: queries.read_etat(passage, campagne=campagne))
    assert (etat.a_ecrire, etat.a_part) == (0, 1)


def test_no_letter_leaves_before_the_campaign_is_applied(team, simulate, passing, write):
    population(team.nord, count=1)
    for campagne in (simulate(), None):
        with pytest.raises(ActeRefuse):
            write(campagne or launched_one(passing))
    assert not m.Courrier.objects.exists()


def launched_one(passing):
    from egide.systems.apa_ash.services import campagnes

    pk = m.Campagne.objects.get().pk
    return passing(campagnes.launch_campagne, campagne_id=pk)


@pytest.mark.parametrize("name", ["alice", "bruno", "chloe", "paul", "carole", "denis", "nora"])
def test_only_the_head_of_the_service_writes_its_letters(team, applied, write, name):
    population(team.nord, count=1)
    campagne = applied()
    with pytest.raises(Refused):
        write(campagne, agent=team.agents[name])
    assert not m.Courrier.objects.exists()


@pytest.mark.parametrize("size", [2, 6])
def test_a_batch_of_letters_costs_the_same_statements_whatever_its_size(
    team, applied, entering, size
):
    """Lock, read, flag, addresses, representatives, decisions, letters, count, trace."""
    from egide.systems.apa_ash.purposes import REVALORISATION

    population(team.nord, count=size)
    campagne = applied()
    with (
        entering(team.remi, REVALORISATION) as passage,
        CaptureQueriesContext(connection) as seen,
    ):
        acts.write_batch(passage, campagne_id=campagne.pk, size=size)
    statements = [q["sql"] for q in seen if "SAVEPOINT" not in q["sql"]]
    assert len(statements) == 9, statements


def test_from_the_button_to_the_printer(client, team, applied, monkeypatch):
    monkeypatch.setitem(acts.write_batch.__wrapped__.__kwdefaults__, "size", 2)
    population(team.nord, count=3)
    campagne = applied()
    client.force_login(team.remi)
    page = client.get(url("campagne", campagne.pk)).content.decode()
    assert "Écrire les courriers" in page
    assert "0\u00a0courrier écrit sur 3" in page
    first = client.post(url("campagne_courriers", campagne.pk), headers=HTMX).content.decode()
    assert "2\u00a0courriers écrits sur 3" in first
    assert 'hx-trigger="load, submit"' in first
    again = client.get(url("campagne", campagne.pk)).content.decode()
    assert "Poursuivre les courriers" in again
    last = client.post(url("campagne_courriers", campagne.pk), headers=HTMX)
    assert last.headers["HX-Redirect"] == url("campagne", campagne.pk)
    assert "Imprimer les courriers" in client.get(url("campagne", campagne.pk)).content.decode()

    bound = client.get(url("campagne_liasse", campagne.pk))
    assert (bound.status_code, bound.headers["Cache-Control"]) == (200, "no-store")
    alone = [len(PdfReader(io.BytesIO(bytes(c.pdf))).pages) for c in m.Courrier.objects.all()]
    # Each letter begins on the front of a sheet: those before the last one have an even number.
    assert alone == [alone[0]] * 3
    assert len(PdfReader(io.BytesIO(bound.content)).pages) == 3 * alone[0] + 2 * (alone[0] % 2)
    beyond = client.get(url("campagne_liasse", campagne.pk), {"partie": "2"})
    assert beyond.status_code == 404


def test_the_letters_of_another_service_are_absent(client, team, applied, write):
    population(team.nord, count=1)
    campagne = applied()
    write(campagne)
    client.force_login(team.bruno)
    assert client.post(url("campagne_courriers", campagne.pk)).status_code == 404
    assert client.get(url("campagne_liasse", campagne.pk)).status_code == 404


def test_the_parts_to_print_hold_every_letter_once(team, applied, write, passing, monkeypatch):
    monkeypatch.setattr(queries, "LIASSE", 2)
    population(team.nord, count=3)
    campagne = applied()
    write(campagne)
    etat = passing(lambda passage: queries.read_etat(passage, campagne=campagne))
    parts = [
        pdf
        for part in etat.parts
        for pdf in passing(
            lambda passage, part=part: queries.read_part(passage, campagne=campagne, part=part)
        )
    ]
    assert sorted(parts) == sorted(bytes(c.pdf) for c in m.Courrier.objects.all())


def test_the_letters_of_a_part_are_posted_once_by_the_head_of_the_service(
    client, team, applied, write, passing, monkeypatch
):
    monkeypatch.setattr(queries, "LIASSE", 2)
    population(team.nord, count=3)
    campagne = applied()
    write(campagne)
    page, depot = url("campagne", campagne.pk), url("campagne_depot", campagne.pk)
    client.force_login(team.bruno)
    assert client.post(depot, {"partie": "1", "poste_on": today()}).status_code == 404
    client.force_login(team.remi)
    assert "3 courriers à poster" in client.get(page).content.decode()

    def post(part, day):
        client.post(depot, {"partie": part, "poste_on": day})
        return m.Courrier.objects.filter(poste_on__isnull=False).count()

    eve, morrow = today() - timedelta(days=1), today() + timedelta(days=1)
    assert [post("1", day) for day in (eve, morrow, "", "x")] == [0, 0, 0, 0]
    first = m.Courrier.objects.order_by("dossier__numero", "pk")[0]
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('egide.maintenance', 'on', true)")
    m.Courrier.objects.filter(pk=first.pk).update(
        poste_on=today(), poste_constate_on=today(), poste_par=team.alice
    )
    assert [post(part, today()) for part in "131"] == [2, 2, 2]
    assert "1 courrier à poster" in client.get(page).content.decode()
    assert post("2", today()) == 3
    first.refresh_from_db()
    assert first.poste_par_id == team.alice.pk
    assert "Tous ces courriers sont notés postés" in client.get(page).content.decode()
    with pytest.raises(acts.PartieDejaPostee):
        passing(acts.record_posted_part, campagne_id=campagne.pk, part=2, poste_on=today())


def test_what_was_not_rendered_here_is_not_bound():
    with pytest.raises(PdfIllisible):
        bind([b"%PDF-1.7 something else"])
