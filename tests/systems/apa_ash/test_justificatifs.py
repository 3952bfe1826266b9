"""Proofs of expense: asked by letter, awaited for a month, noted, and what may follow."""

import hashlib
import uuid
from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from egide.kernel.access.passage import Refused
from egide.rules.apa.delais import echeance
from egide.systems.apa_ash import models as m
from egide.systems.apa_ash.models.dossier import Etat
from egide.systems.apa_ash.purposes import CONTROLE, INSTRUCTION, PAIEMENT
from egide.systems.apa_ash.queries import justificatifs as queries
from egide.systems.apa_ash.services import justificatifs as acts
from egide.systems.apa_ash.services.lettres_indu import AdresseManquante
from tests.personas import today
from tests.systems.apa_ash import situations as s
from tests.systems.apa_ash.paiement_rows import prestataire
from tests.systems.apa_ash.test_letters import squeeze, text_of

# What the page reads; the session, the habilitations and the passage come besides.
STATEMENTS = {"controle_dossier": 9, "justificatifs": 5}
SINCE = today() - timedelta(days=90)


@pytest.fixture
def dossier(team):
    return s.opened(team.nord, since=SINCE, by=team.chloe)


def ask(passage, dossier, *, service=None, jeton=None, depuis=None, jusqu_on=None):
    return acts.request_justificatifs(
        passage,
        dossier_id=dossier.pk,
        jeton=jeton or uuid.uuid4(),
        prestataire_id=service and service.pk,
        periode=acts.Periode(depuis or SINCE, jusqu_on or today(), "Bulletins de salaire"),
    )


def helps(dossier, service, *, of=None):
    """Give a service a line in a granted plan of the file, or in `of`."""
    plan = of or m.Decision.objects.get(dossier=dossier).plan
    return m.LignePlan.objects.create(
        **s.bound(dossier),
        plan=plan,
        nature="menage",
        mode="prestataire",
        prestataire=service,
        volume_mensuel=4,
        unite="heure",
        tarif=25,
    )


def test_a_letter_leaves_and_a_month_runs(team, dossier, entering):
    jeton = uuid.uuid4()
    with entering(team.carole, CONTROLE) as passage:
        asked = ask(passage, dossier, jeton=jeton)
        assert ask(passage, dossier, jeton=jeton).pk == asked.pk  # the same form, sent twice
        with pytest.raises(acts.DejaDemandes):
            ask(passage, dossier)
    assert asked.attendue_on == echeance("production_justificatifs", today())
    (letter,) = m.Courrier.objects.filter(dossier=dossier)
    text = text_of(letter.pdf)
    for told in ("R. 232-15", "L. 232-7", "Bulletins de salaire", "mise en demeure"):
        assert squeeze(told) in text, told


def test_what_is_awaited_comes_by_its_deadline_page_by_page(team, dossier, entering, monkeypatch):
    monkeypatch.setattr(queries, "PAGE", 1)
    asked = [
        m.DemandeJustificatif.objects.create(
            **s.bound(dossier),
            prestataire=prestataire(team.departement),
            depuis=SINCE,
            jusqu_on=today(),
            demandee_on=today(),
            demandee_par=team.carole,
            attendue_on=today() + timedelta(days=days),
        )
        for days in (9, 7, 8, 6)
    ]
    found, more, page = [], True, 1
    with entering(team.carole, CONTROLE) as passage:
        while more and page < 6:
            rows, more = queries.list_awaited(passage, page=page)
            found, page = [*found, *rows], page + 1
    assert found == sorted(asked, key=lambda row: row.attendue_on)


def test_a_service_is_asked_apart_at_its_own_address(team, dossier, entering):
    service = prestataire(team.departement, adresse="12 quai du Port")
    helps(dossier, service)
    with entering(team.carole, CONTROLE) as passage:
        ask(passage, dossier)
        ask(passage, dossier, service=service)
    texts = [text_of(row.pdf) for row in m.Courrier.objects.filter(dossier=dossier)]
    assert sorted(squeeze("12 quai du Port") in text for text in texts) == [False, True]


@pytest.mark.parametrize(
    ("days", "refusal"),
    [
        ((-30, -1), acts.AucunDroitAJustifier),
        ((-30, 0), None),  # the last day asked is the first of the right
    ],
)
def test_there_is_something_to_prove(team, dossier, entering, days, refusal):
    depuis, jusqu_on = (SINCE + timedelta(days=day) for day in days)
    s.opened(team.nord, since=SINCE - timedelta(days=60), by=team.chloe, nom="Autre")
    with entering(team.carole, CONTROLE) as passage:
        if refusal is None:
            assert ask(passage, dossier, depuis=depuis, jusqu_on=jusqu_on).pk
        else:
            with pytest.raises(refusal):
                ask(passage, dossier, depuis=depuis, jusqu_on=jusqu_on)


def test_the_dead_are_not_asked_and_their_services_are(team, dossier, entering):
    m.Identite.objects.filter(dossier=dossier).update(deces_on=today())
    service = prestataire(team.departement)
    helps(dossier, service)
    with entering(team.carole, CONTROLE) as passage:
        with pytest.raises(acts.PersonneDecedee):
            ask(passage, dossier)
        assert ask(passage, dossier, service=service).pk


@pytest.mark.parametrize("link", ["a plan", "a payment", "a draft", "another file", "nothing"])
def test_only_the_services_of_a_file_are_offered_and_asked(client, team, dossier, entering, link):
    service = prestataire(team.departement, nom="Les Glycines")
    other = s.opened(team.nord, since=SINCE, by=team.chloe)
    if link == "a plan":
        helps(dossier, service)
    elif link == "another file":
        helps(other, service)
    elif link == "a draft":
        proposed = m.PlanAide.objects.create(
            **s.bound(dossier), etat="brouillon", gir=2, effet_on=today()
        )
        helps(dossier, service, of=proposed)
    elif link == "a payment":
        m.Paiement.objects.create(
            **s.bound(dossier),
            lot=m.LotPaiement.objects.create(
                service=team.nord,
                mois=SINCE.replace(day=1),
                etat="prepare",
                prepare_par=team.paul,
                prepare_on=SINCE,
            ),
            droit=m.Droit.objects.get(dossier=dossier),
            prestataire=service,
            mois_du=SINCE.replace(day=1),
            montant_brut=10,
        )
    known = link in {"a plan", "a payment"}
    with entering(team.carole, CONTROLE) as passage:
        if known:
            assert ask(passage, dossier, service=service).prestataire_id == service.pk
        else:
            with pytest.raises(acts.ServiceEtranger):
                ask(passage, dossier, service=service)
    client.force_login(team.carole, backend="egide.kernel.access.backends.AgentBackend")
    page = client.get(reverse("apa_ash:justificatifs", args=[dossier.pk])).content.decode()
    assert (f'value="{service.pk}"' in page) is known


@pytest.mark.parametrize(("day", "refused"), [(-1, True), (0, False), (1, True)])
def test_an_arrival_is_noted_once_and_in_order(team, dossier, entering, day, refused):
    recue_on = today() + timedelta(days=day)
    with entering(team.carole, CONTROLE) as passage:
        asked = ask(passage, dossier)
        if refused:
            with pytest.raises(acts.ArriveeImpossible):
                acts.receive_justificatifs(passage, demande_id=asked.pk, recue_on=recue_on)
            return
        acts.receive_justificatifs(passage, demande_id=asked.pk, recue_on=recue_on)
        with pytest.raises(acts.DejaRecus):
            acts.receive_justificatifs(passage, demande_id=asked.pk, recue_on=recue_on)
        ask(passage, dossier)  # nothing is awaited any more


@pytest.mark.parametrize(
    ("who", "purpose"), [("alice", INSTRUCTION), ("paul", PAIEMENT), ("bruno", INSTRUCTION)]
)
def test_only_the_control_asks(team, dossier, entering, who, purpose):
    with entering(team.agents[who], purpose) as passage, pytest.raises(Refused):
        ask(passage, dossier)
    assert not m.DemandeJustificatif.objects.exists()


@pytest.mark.django_db
def test_postgresql_counts_the_month_of_the_law():
    """`keep_asked_proofs` says it again: no shorter, whatever the day."""
    days = [date(2027, 12, 1) + timedelta(days=n) for n in range(400)]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT (d + interval '1 month')::date FROM unnest(%s::date[]) WITH ORDINALITY u(d, n)"
            " ORDER BY n",
            [days],
        )
        counted = [day for (day,) in cursor.fetchall()]
    assert counted == [echeance("production_justificatifs", day) for day in days]


@pytest.mark.parametrize("case", ["late", "in time", "received", "a service", "no letter"])
def test_a_silence_is_told_to_the_instruction_and_suspends_nothing(client, team, dossier, case):
    s.unanswered(dossier, by=team.carole, on=today())
    asked = m.DemandeJustificatif.objects.filter(dossier=dossier)
    match case:
        case "in time":
            asked.update(attendue_on=today())
        case "received":
            asked.update(recue_on=today())
        case "a service":
            asked.update(prestataire=prestataire(team.departement))
        case "no letter":
            m.Courrier.objects.all().delete()
    client.force_login(team.alice, backend="egide.kernel.access.backends.AgentBackend")
    page = client.get(reverse("apa_ash:decision", args=[dossier.pk])).content.decode()
    assert ("rien n’est noté reçu" in page) is (case == "late")
    day = client.get(reverse("apa_ash:journee") + "?qui=service").content.decode()
    assert ("Justificatifs non reçus" in day) is (case == "late")
    assert "Justificatifs non reçus" not in client.get(reverse("apa_ash:journee")).content.decode()
    dossier.refresh_from_db()
    assert (dossier.etat, m.Interruption.objects.exists()) == (Etat.OUVERT, False)
    client.force_login(team.carole, backend="egide.kernel.access.backends.AgentBackend")
    listed = client.get(reverse("apa_ash:justificatifs_attendus")).content.decode()
    assert (dossier.numero in listed) is (case != "received")
    assert ("délai passé" in listed) is (case in {"late", "a service", "no letter"})


def test_the_screen_asks_and_notes(client, team, dossier):
    client.force_login(team.carole, backend="egide.kernel.access.backends.AgentBackend")
    page = reverse("apa_ash:justificatifs", args=[dossier.pk])
    posted = {
        "jeton": uuid.uuid4(),
        "prestataire": "personne",
        "depuis": SINCE.isoformat(),
        "jusqu_on": today().isoformat(),
    }
    for wrong in (
        {"jusqu_on": (SINCE - timedelta(days=1)).isoformat()},
        {"jusqu_on": (today() + timedelta(days=1)).isoformat()},
        {"depuis": "2026-02-30"},
        {"prestataire": uuid.uuid4()},
        {"prestataire": ""},
    ):
        assert client.post(page, posted | wrong).status_code == 422
    assert client.post(page, posted).status_code == 302
    (asked,) = m.DemandeJustificatif.objects.all()
    gone = reverse("apa_ash:justificatifs_recus", args=[dossier.pk, asked.pk])
    tomorrow = (today() + timedelta(days=1)).isoformat()
    for typed in ("demain", tomorrow):
        refused = client.post(gone, {"recue_on": typed})
        assert refused.status_code == 422
        text = refused.content.decode()
        assert f'value="{typed}"' in text
        assert "Rien n’est enregistré" in text
        assert (f'id="id_recue_on_{asked.pk}_error"' in text) is (typed == "demain")
        assert f'action="{page}"' in text  # where proofs are asked, from here too
    asked.refresh_from_db()
    assert asked.recue_on is None
    assert client.post(gone, {"recue_on": today().isoformat()}).status_code == 302
    asked.refresh_from_db()
    assert asked.recue_on == today()


@pytest.mark.parametrize("who", ["alice", "paul", "chloe", "denis"])
def test_the_screens_are_the_control_s(client, team, dossier, who):
    client.force_login(team.agents[who], backend="egide.kernel.access.backends.AgentBackend")
    for url in (
        reverse("apa_ash:justificatifs", args=[dossier.pk]),
        reverse("apa_ash:justificatifs_attendus"),
    ):
        assert client.get(url).status_code == 404


def test_the_control_opens_the_letters_that_it_sent_and_no_other(team, client, dossier, entering):
    with entering(team.carole, CONTROLE) as passage:
        ask(passage, dossier)
    sent = m.Courrier.objects.get(nature="demande_justificatifs")
    other = m.Courrier.objects.create(
        service=team.nord, dossier=dossier, nature="decision_accord", cree_on=today(),
        empreinte=hashlib.sha256(b"x").hexdigest(), pdf=b"x",
    )  # fmt: skip
    client.force_login(team.carole, backend="egide.kernel.access.backends.AgentBackend")
    address = reverse("apa_ash:controle_courrier", args=[sent.pk])
    for page in ("controle_dossier", "justificatifs"):
        client.get(reverse(f"apa_ash:{page}", args=[dossier.pk]))
        with CaptureQueriesContext(connection) as captured:
            html = client.get(reverse(f"apa_ash:{page}", args=[dossier.pk])).content.decode()
        assert sum('FROM "apa_ash_' in q["sql"] for q in captured) == STATEMENTS[page]
        assert (address in html) is (page == "justificatifs")
        assert str(other.pk) not in html
    answer = client.get(address)
    assert (answer.status_code, answer.content) == (200, bytes(sent.pdf))
    assert answer["Content-Type"] == "application/pdf"
    assert answer["Cache-Control"] == "no-store"
    assert client.get(reverse("apa_ash:controle_courrier", args=[other.pk])).status_code == 404
    for name in ("paul", "bruno", "chloe", "denis", "alice"):
        client.force_login(team.agents[name], backend="egide.kernel.access.backends.AgentBackend")
        assert client.get(address).status_code == 404


@pytest.mark.parametrize("known", [False, True])
def test_a_service_without_an_address_is_asked_nothing(team, dossier, entering, known):
    service = prestataire(team.departement, adresse="2 rue Neuve, 01000 Bourg" if known else " ")
    helps(dossier, service)
    with entering(team.carole, CONTROLE) as passage:
        if known:
            ask(passage, dossier, service=service)
        else:
            with pytest.raises(AdresseManquante, match="Contrôle, Prestataires"):
                ask(passage, dossier, service=service)
            ask(passage, dossier)  # the person has hers
    asked = m.DemandeJustificatif.objects.filter(prestataire=service)
    assert asked.exists() is known
    assert m.Courrier.objects.count() == 1
