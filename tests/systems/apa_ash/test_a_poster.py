"""What nobody posted yet is listed, printed in one go and noted posted, once, by who may."""

import hashlib
import io
import uuid
from contextlib import nullcontext
from datetime import date, timedelta

import pytest
import typst
from django.db import connection
from django.urls import reverse
from pypdf import PdfReader

from egide.kernel.access.passage import Refused
from egide.systems.apa_ash import models as m
from egide.systems.apa_ash.letters.liasse import bind
from egide.systems.apa_ash.models.dossier import Echeance, Etat
from egide.systems.apa_ash.presentation.a_poster import tell_post
from egide.systems.apa_ash.purposes import CONTROLE, INSTRUCTION
from egide.systems.apa_ash.queries import a_poster as queries
from egide.systems.apa_ash.queries.justificatifs import list_overdue, list_silent
from egide.systems.apa_ash.services import depots, mises_en_demeure, suspensions
from egide.systems.apa_ash.services.a_poster import PlusAPoster, PosteAvantEcriture, record_posted
from egide.systems.apa_ash.services.revisions import JourFutur
from egide.systems.apa_ash.views import a_poster as views
from tests import factories
from tests.personas import grant, today
from tests.systems.apa_ash import situations
from tests.systems.apa_ash.test_dossiers import statements
from tests.systems.apa_ash.test_letters import squeeze, text_of
from tests.systems.apa_ash.test_mise_en_demeure import LATER, SENT, notify, notify_by_post
from tests.systems.apa_ash.test_suites_decision import APA, due, etat, resume, suspend

BACKEND = "egide.kernel.access.backends.AgentBackend"
PROOFS = "demande_justificatifs"
EVE, WEEK = today() - timedelta(days=1), today() - timedelta(days=7)


def blank(pages):
    """A letter of so many empty pages, as the renderer writes it."""
    sheet = f'#set page(paper: "a4")\n{"#pagebreak()".join(["#v(1pt)"] * pages)}'
    return typst.compile(sheet.encode())


ONE, TWO = blank(1), blank(2)


def letter(dossier, nature="decision_accord", *, on=EVE, pdf=b"x", **fields):
    named = fields.get("destinataire") or dossier.identite.nom_complet
    return m.Courrier.objects.create(
        nom_destinataire=fields.pop("nom_destinataire", named),
        service=dossier.service,
        dossier=dossier,
        nature=nature,
        cree_on=on,
        pdf=pdf,
        empreinte=hashlib.sha256(pdf).hexdigest(),
        **fields,
    )


@pytest.fixture
def nord(team):
    return factories.dossier(team.nord, nom="Lefèvre")


@pytest.fixture
def sud(team):
    return factories.dossier(team.sud, nom="Morel")


def listed(passage, **search):
    rows, _ = queries.list_a_poster(passage, **search)
    return [(row.nature, row.cree_on) for row in rows]


def posted(courrier):
    courrier.refresh_from_db()
    return courrier.poste_on, courrier.poste_par_id


# The list.


def test_what_is_to_post_is_told_the_oldest_first_and_by_one_purpose(team, nord, sud, entering):
    """The control posts what it alone signs; a claim leaves with the decisions."""
    for nature, on in (("indu", EVE), ("compte_rendu", WEEK), (PROOFS, WEEK), ("fin_droit", EVE)):
        letter(nord, nature, on=on)
    letter(
        nord, "accuse_reception", poste_on=today(), poste_constate_on=today(), poste_par=team.alice
    )
    letter(sud, "decision_rejet", on=WEEK)
    with entering(team.alice, INSTRUCTION) as passage:
        assert listed(passage)[0] == ("compte_rendu", WEEK)
        assert {nature for nature, _ in listed(passage)} == {"indu", "compte_rendu", "fin_droit"}
        assert listed(passage, nature="indu") == [("indu", EVE)]
        assert listed(passage, page=2) == []
        assert queries.count_a_poster(passage) == {"indu": 1, "compte_rendu": 1, "fin_droit": 1}
    with entering(team.carole, CONTROLE) as passage:
        assert listed(passage) == [(PROOFS, WEEK)]
        assert queries.count_a_poster(passage) == {PROOFS: 1}
    with entering(team.bruno, INSTRUCTION) as passage:
        assert listed(passage) == [("decision_rejet", WEEK)]


def test_a_claim_of_a_death_that_never_was_is_not_to_post(team, nord, sud, entering):
    def decided(dossier, nature, on, **more):
        keys = {"service": dossier.service, "dossier": dossier, "effet_on": on, "prise_on": on}
        return m.Decision.objects.create(**keys, nature=nature, motif="x", **more)

    first, told, undone = (today() - timedelta(days=n) for n in (9, 7, 5))
    fin = decided(nord, "fin", first, avant={"droits": {}})
    decided(nord, "annulation", undone, annule=fin)
    elsewhere = factories.dossier(team.nord, nom="Petit")
    letter(elsewhere, "indu", on=told)
    for on in (first - timedelta(days=1), told, undone + timedelta(days=1)):
        letter(nord, "indu", on=on)
    void = m.Courrier.objects.get(dossier=nord, cree_on=told)
    letter(nord, "fin_droit", on=told)
    with entering(team.alice, INSTRUCTION) as passage:
        claims = [row for row in listed(passage) if row[0] == "indu"]
        assert [on for _, on in claims] == [
            first - timedelta(days=1),
            told,
            undone + timedelta(days=1),
        ]
        assert len(listed(passage)) == 4
        with pytest.raises(PlusAPoster):
            record_posted(passage, courriers=[void.pk], poste_on=today())


@pytest.mark.parametrize("count", [2, 20])
def test_a_page_costs_the_same_whatever_it_holds_and_reads_no_pdf(team, nord, client, count):
    """Session, agent, habilitations, passage (5), count, page, the dead, services, trail."""
    for rank in range(count):
        letter(nord, "indu", destinataire="Aide au logis" if rank % 2 else "")
    client.force_login(team.alice, BACKEND)
    page = reverse("apa_ash:a_poster")
    asked = statements(client, page)
    assert len(asked) == COST, asked
    assert not [sql for sql in asked if '"apa_ash_courrier"."pdf"' in sql]
    shown = client.get(page).content.decode()
    assert shown.count("Aide au logis</td>") == count // 2
    assert shown.count("Lefèvre</td>") == count - count // 2


COST = 9


# The mark: who, when, once.

WHO = {
    "alice": True,
    "remi": True,
    **dict.fromkeys(
        ("bruno", "chloe", "paul", "carole", "denis", "edith", "victor", "nora"), False
    ),
}


@pytest.mark.parametrize("name", WHO)
def test_who_instructs_or_heads_the_service_posts_its_letters(team, nord, entering, name):
    courrier = letter(nord)
    agent = team.agents[name]
    with entering(agent, INSTRUCTION) as passage:
        if WHO[name]:
            assert record_posted(passage, courriers=[courrier.pk], poste_on=EVE) == [courrier]
        else:
            with pytest.raises(Refused):
                record_posted(passage, courriers=[courrier.pk], poste_on=EVE)
    assert posted(courrier) == ((EVE, agent.pk) if WHO[name] else (None, None))


@pytest.mark.parametrize(
    ("name", "purpose", "nature", "refusal"),
    [
        ("carole", CONTROLE, PROOFS, None),
        ("carole", CONTROLE, "indu", PlusAPoster),  # read, and posted with the decisions
        ("carole", CONTROLE, "decision_accord", Refused),
        ("remi", CONTROLE, PROOFS, Refused),
        ("alice", INSTRUCTION, PROOFS, PlusAPoster),
        ("alice", INSTRUCTION, "proposition_plan", None),
    ],
)
def test_each_letter_is_posted_by_one_purpose(team, nord, entering, name, purpose, nature, refusal):
    courrier = letter(nord, nature)
    outcome = pytest.raises(refusal) if refusal else nullcontext()
    with entering(team.agents[name], purpose) as passage, outcome:
        record_posted(passage, courriers=[courrier.pk], poste_on=today())
    assert bool(posted(courrier)[0]) == (refusal is None)


def test_letters_are_posted_all_or_none_and_once(team, nord, sud, entering):
    mine, other, theirs = letter(nord), letter(nord, "reprise", on=today()), letter(sud)
    refused = [
        ([mine.pk, theirs.pk], EVE, Refused),
        ([mine.pk, uuid.uuid4()], EVE, Refused),
        ([], EVE, Refused),
        ([mine.pk], today() + timedelta(days=1), JourFutur),
        ([mine.pk, other.pk], EVE, PosteAvantEcriture),
    ]
    with entering(team.alice, INSTRUCTION) as passage:
        for chosen, day, refusal in refused:
            with pytest.raises(refusal):
                record_posted(passage, courriers=chosen, poste_on=day)
    assert posted(mine) == posted(other) == (None, None)
    with entering(team.alice, INSTRUCTION) as passage:
        record_posted(passage, courriers=[mine.pk, other.pk], poste_on=today())
        with pytest.raises(PlusAPoster):
            record_posted(passage, courriers=[mine.pk], poste_on=EVE)
    assert posted(mine) == posted(other) == (today(), team.alice.pk)
    assert posted(theirs) == (None, None)


# What runs against the person begins at the post (CASF R. 232-16).


@pytest.mark.clause("APA-05")
def test_a_notice_that_stayed_in_the_office_carries_no_suspension(team, on_day):
    """Its month runs from its receipt, which does not come before its posting."""
    dossier = situations.opened(team.nord, since=date(2026, 1, 1), by=team.chloe)
    with on_day(team.alice, SENT) as passage:
        notice = notify(passage, dossier)
    late = SENT + timedelta(days=20)
    with on_day(team.alice, LATER) as passage, pytest.raises(suspensions.MiseEnDemeureNonPostee):
        suspend(passage, dossier, SENT, "qualite")
    with on_day(team.alice, late) as passage:
        record_posted(passage, courriers=[notice.pk], poste_on=late)
    with on_day(team.alice, LATER) as passage:
        with pytest.raises(suspensions.ReceptionAvantEnvoi):
            suspend(passage, dossier, late - timedelta(days=1), "qualite")
        with pytest.raises(suspensions.MoisNonEcoule):
            suspend(passage, dossier, late, "qualite")
    assert etat(dossier)[1:] == (Echeance.MISE_EN_DEMEURE, date(2026, 8, 21))
    with on_day(team.alice, date(2026, 8, 22)) as passage:
        assert suspend(passage, dossier, late, "qualite").nature == "suspension"


def test_two_suspensions_told_late_at_once_each_lose_what_nobody_knew(team, on_day):
    dossier = situations.opened(team.nord, since=date(2026, 1, 1), by=team.chloe)
    cycles = [(SENT, date(2026, 8, 4)), (date(2026, 10, 12), date(2026, 11, 20))]
    for sent, day in cycles:
        with on_day(team.alice, sent) as passage:
            notify(passage, dossier)
        situations.posted(dossier, on=sent, by=team.alice, nature="mise_en_demeure")
        with on_day(team.alice, day) as passage:
            suspend(passage, dossier, sent + timedelta(days=2), "qualite")
        if day < date(2026, 10, 1):
            with on_day(team.alice, date(2026, 10, 10)) as passage:
                resume(passage, dossier, date(2026, 10, 9))
    letters = [row.pk for row in m.Courrier.objects.filter(nature="suspension")]
    told = date(2026, 12, 3)
    with on_day(team.alice, told) as passage:
        record_posted(passage, courriers=letters, poste_on=told)
        paid = [due(passage, dossier, date(2026, month, 1)).montant for month in (9, 12)]
        paid.append(due(passage, dossier, date(2027, 1, 1)).montant)
    assert paid == [APA, APA, 0]


@pytest.mark.clause("APA-05")
@pytest.mark.parametrize(("told", "counted"), [(8, 1), (28, 21)])
def test_a_notice_told_late_gives_its_month_from_then(team, on_day, told, counted):
    """Posted on the first of July: said a week after, nothing changes; later, it runs later."""
    dossier = situations.opened(team.nord, since=date(2026, 1, 1), by=team.chloe)
    with on_day(team.alice, SENT) as passage:
        notice = notify(passage, dossier)
    with on_day(team.alice, date(2026, 7, told)) as passage:
        record_posted(passage, courriers=[notice.pk], poste_on=SENT)
    notice.refresh_from_db()
    assert tell_post(notice, dossier=dossier, void=False).replace("\u00a0", " ") == (
        f"Posté le 1er juill. 2026, noté le {told} juill. 2026"
    )
    over = date(2026, 8, counted)
    assert etat(dossier)[2] == over
    with on_day(team.alice, over) as passage:
        late = depots.DepotNoteTard if counted > 1 else suspensions.MoisNonEcoule
        with pytest.raises(late):
            suspend(passage, dossier, SENT, "qualite")
    with on_day(team.alice, over + timedelta(days=1)) as passage:
        assert suspend(passage, dossier, SENT, "qualite").nature == "suspension"


@pytest.mark.clause("APA-05")
@pytest.mark.parametrize("late", [False, True])
def test_a_suspension_posted_once_its_month_began_counts_from_the_next(team, on_day, late):
    """CASF R. 232-16: the first of the month that follows its notification."""
    dossier = situations.opened(team.nord, since=date(2026, 1, 1), by=team.chloe)
    with on_day(team.alice, SENT) as passage:
        notify_by_post(passage, dossier)
    with on_day(team.alice, LATER) as passage:
        assert suspend(passage, dossier, SENT, "qualite").effet_on == date(2026, 9, 1)
    told = m.Courrier.objects.get(nature="suspension")
    left = date(2026, 9, 1) if late else date(2026, 8, 31)
    with on_day(team.alice, date(2026, 9, 3)) as passage:
        record_posted(passage, courriers=[told.pk], poste_on=left)
        amounts = [due(passage, dossier, date(2026, month, 1)).montant for month in (8, 9, 10)]
    assert amounts == [APA, APA if late else 0, 0]


def test_a_suspension_that_ended_before_it_was_told_covers_no_day(team, on_day):
    dossier = situations.opened(team.nord, since=date(2026, 1, 1), by=team.chloe)
    with on_day(team.alice, SENT) as passage:
        notify_by_post(passage, dossier)
    with on_day(team.alice, LATER) as passage:
        suspend(passage, dossier, SENT, "qualite")
    with on_day(team.alice, date(2026, 10, 2)) as passage:
        resume(passage, dossier, date(2026, 10, 2))
    told = m.Courrier.objects.get(nature="suspension")
    with on_day(team.alice, date(2026, 10, 3)) as passage:
        record_posted(passage, courriers=[told.pk], poste_on=date(2026, 10, 3))
        assert due(passage, dossier, date(2026, 9, 1)).montant == APA
    assert m.Interruption.objects.get().periode.isempty


def test_nobody_is_late_with_proofs_that_a_letter_in_the_office_asks(team, on_day):
    """The month to send them begins once the letter left (CASF L. 232-7)."""
    dossier = situations.opened(team.nord, since=date(2026, 1, 1), by=team.chloe)
    asked = situations.unanswered(dossier, by=team.carole, on=SENT)
    hers = m.Courrier.objects.filter(nature=PROOFS, destinataire="")
    last = date(2026, 5, 31)
    left = {"poste_on": last, "poste_constate_on": last, "poste_par": team.carole}
    letter(dossier, PROOFS, on=asked.demandee_on, destinataire="Aide au logis", **left)
    letter(dossier, PROOFS, on=asked.demandee_on - timedelta(days=1), **left)
    for left, told, late in (
        (None, None, False),
        (last + timedelta(days=1), last + timedelta(days=1), False),
        (last, last, True),
        # Told late: no sooner than a week before it was told.
        (last, last + timedelta(days=7), True),
        (last, last + timedelta(days=8), False),
    ):
        by = team.carole if left else None
        hers.filter(cree_on=asked.demandee_on).update(
            poste_on=left, poste_constate_on=told, poste_par=by
        )
        with on_day(team.alice, SENT) as passage:
            assert bool(list_overdue(passage, dossier=dossier, on=SENT)) == late
            assert bool(list_silent(passage, miens=False, on=SENT)) == late
            if not late:
                with pytest.raises(mises_en_demeure.JustificatifsNonDemandes):
                    notify(passage, dossier, "justificatifs")


def test_posting_moves_no_deadline_but_that_of_the_notice_that_runs(team, on_day):
    dossier = situations.opened(team.nord, since=date(2026, 1, 1), by=team.chloe)
    other = letter(dossier, "reprise", on=SENT)
    with on_day(team.alice, SENT) as passage:
        notice = notify(passage, dossier)
    before = etat(dossier)
    with on_day(team.alice, SENT) as passage:
        record_posted(passage, courriers=[other.pk], poste_on=SENT)
    assert etat(dossier) == before
    m.Dossier.objects.filter(pk=dossier.pk).update(echeance=Echeance.VISITE, echeance_on=LATER)
    with on_day(team.alice, SENT) as passage:
        record_posted(passage, courriers=[notice.pk], poste_on=SENT)
    assert etat(dossier)[1:] == (Echeance.VISITE, LATER)


def test_a_notice_answered_before_it_left_moves_no_deadline(team, on_day):
    dossier = situations.opened(team.nord, since=date(2026, 1, 1), by=team.chloe)
    with on_day(team.alice, SENT) as passage:
        answered = notify(passage, dossier)
    m.Courrier.objects.filter(pk=answered.pk).update(
        regularisee_on=SENT, constatee_on=SENT, constatee_par=team.alice
    )
    with on_day(team.alice, SENT) as passage:
        notify_by_post(passage, dossier)
    before = etat(dossier)
    m.Courrier.objects.filter(pk=answered.pk).update(
        poste_on=None, poste_constate_on=None, poste_par=None
    )
    with on_day(team.alice, LATER) as passage:
        record_posted(passage, courriers=[answered.pk], poste_on=LATER)
    assert etat(dossier) == before


def test_the_month_to_send_proofs_after_a_notice_runs_from_its_post_too(team, on_day):
    dossier = situations.opened(team.nord, since=date(2026, 1, 1), by=team.chloe)
    situations.unanswered(dossier, by=team.carole, on=SENT)
    with on_day(team.alice, SENT) as passage:
        notice = notify(passage, dossier, "justificatifs")
    assert etat(dossier)[1] == Echeance.JUSTIFICATION
    late = SENT + timedelta(days=9)
    with on_day(team.alice, late) as passage:
        record_posted(passage, courriers=[notice.pk], poste_on=late)
    assert etat(dossier)[1:] == (Echeance.JUSTIFICATION, date(2026, 8, 10))


def test_the_file_says_why_a_suspension_is_not_possible_yet(team, client, entering):
    dossier = situations.opened(team.nord, since=date(2026, 1, 1), by=team.chloe)
    with entering(team.alice, INSTRUCTION) as passage:
        notice = notify(passage, dossier)
    client.force_login(team.alice, BACKEND)
    pages = [
        reverse("apa_ash:decision", args=[dossier.pk]),
        reverse("apa_ash:acte_decision", args=[dossier.pk, "suspension"]),
    ]
    for page in pages:
        assert "Pas encore postée" in client.get(page).content.decode()
    with entering(team.alice, INSTRUCTION) as passage:
        record_posted(passage, courriers=[notice.pk], poste_on=today())
    for page in pages:
        shown = client.get(page).content.decode()
        assert "Pas encore postée" not in shown
        assert "Postée le" in shown


# One PDF.


def test_letters_are_bound_each_on_the_front_of_a_sheet():
    def sheets(*letters):
        return len(PdfReader(io.BytesIO(bind(letters))).pages)

    assert [sheets(ONE), sheets(ONE, ONE), sheets(TWO, ONE), sheets(ONE, TWO, ONE)] == [1, 3, 3, 5]


def test_a_page_is_printed_or_what_is_ticked_and_nothing_of_elsewhere(
    team, nord, sud, client, monkeypatch
):
    mine = [letter(nord, pdf=TWO, on=WEEK), letter(nord, "reprise", pdf=ONE)]
    theirs, left = (
        letter(sud, pdf=ONE),
        letter(nord, pdf=ONE, poste_on=EVE, poste_constate_on=EVE, poste_par=team.remi),
    )
    bound = []
    monkeypatch.setattr(views, "bind", lambda pdfs: bound.append(list(pdfs)) or b"%PDF")
    client.force_login(team.alice, BACKEND)
    pdf = reverse("apa_ash:a_poster_pdf")

    def ask(portee, *chosen, field="courriers"):
        return client.post(pdf, {"portee": portee, field: [str(pk) for pk in chosen]})

    whole = ask("page", *(c.pk for c in reversed(mine)), field="page_courriers")
    assert (whole.status_code, whole.headers["Content-Type"]) == (200, "application/pdf")
    assert whole.headers["Cache-Control"] == "no-store"
    assert "Lef" not in whole.headers["Content-Disposition"]
    assert ask("coches", mine[1].pk).status_code == 200
    assert bound == [[TWO, ONE], [ONE]]
    # All of them or none: never a PDF that is short of one.
    elsewhere = [[theirs.pk], [mine[1].pk, theirs.pk], [mine[1].pk, uuid.uuid4()]]
    assert [ask("coches", *chosen).status_code for chosen in elsewhere] == [404] * 3
    nothing = [ask("coches"), ask("coches", mine[1].pk, left.pk), ask("coches", left.pk)]
    nothing += [ask("coches", "x"), ask("coches", *(uuid.uuid4() for _ in range(51)))]
    monkeypatch.setattr(views, "LARGEST", len(ONE) + len(TWO) - 1)
    nothing.append(ask("coches", *(c.pk for c in mine)))
    assert {answer.status_code for answer in nothing} == {302}
    assert len(bound) == 2
    assert "trop lourds" in client.get(reverse("apa_ash:a_poster")).content.decode()


@pytest.mark.parametrize("broken", [b"x", ONE[: len(ONE) // 2]])
def test_a_letter_that_cannot_be_read_is_named_and_nothing_is_printed(team, nord, client, broken):
    damaged = m.Courrier.objects.filter(pk=letter(nord, "reprise", pdf=broken).pk)
    sound = letter(nord, pdf=ONE)
    client.force_login(team.alice, BACKEND)
    pdf, page = reverse("apa_ash:a_poster_pdf"), reverse("apa_ash:a_poster")
    whole = {"portee": "page", "page_courriers": [str(damaged.get().pk), str(sound.pk)]}
    assert client.post(pdf, whole).status_code == 302
    told = client.get(page).content.decode()
    assert f"«\u00a0Reprise du versement\u00a0», dossier {nord.numero}" in told
    answer = client.post(pdf, {"portee": "coches", "courriers": str(sound.pk)})
    assert answer.headers["Content-Type"] == "application/pdf"


# Nobody writes to the dead.


def test_what_was_written_to_the_dead_stays_and_is_named(team, nord, client, entering):
    """Her estate, and a service, receive what goes to them; an undone death turns it round."""
    ward = {"nom_destinataire": "Odile Riva, tutrice de Jeanne Lefèvre"}
    hers = [letter(nord, on=WEEK, pdf=ONE), letter(nord, "indu", **ward)]
    left = [
        letter(nord, "indu", destinataire="Aide au logis"),
        letter(nord, "retrait_indu", nom_destinataire="Maître Pons", succession=True),
        letter(factories.dossier(team.nord, nom="Petit")),
    ]
    asked = letter(nord, PROOFS)
    (identity := m.Identite.objects.filter(dossier=nord)).update(deces_on=EVE)
    client.force_login(team.alice, BACKEND)
    page, day = reverse("apa_ash:a_poster"), reverse("apa_ash:journee")
    shown, _, kept = client.get(page).content.decode().partition("À ne pas poster")
    assert shown.count('name="courriers"') == 3
    assert [kept.count(c.nom_destinataire) for c in (*hers, *left)] == [1, 1, 0, 0, 0]
    # A claim whose debts do not wait any more asks for nothing.
    assert "notifiée à personne" not in kept
    assert "3 courriers à poster" in client.get(day).content.decode()
    of_file = client.get(reverse("apa_ash:courriers", args=[nord.pk])).content.decode()
    assert (of_file.count("Non posté"), of_file.count(">À poster<")) == (3, 2)
    chosen = {"portee": "coches", "courriers": str(hers[0].pk), "poste_on": today()}
    urls = (page, reverse("apa_ash:a_poster_pdf"))
    assert [client.post(url, chosen).status_code for url in urls] == [422, 302]
    with entering(team.carole, CONTROLE) as passage:
        found = [c.pk for c in queries.list_misaddressed(passage)[0]]
        assert (listed(passage), found) == ([], [asked.pk])
    identity.update(deces_on=None)
    again, _, kept = client.get(page).content.decode().partition("À ne pas poster")
    assert again.count('name="courriers"') == 4
    assert [kept.count(c.nom_destinataire) for c in (*hers, left[1])] == [0, 0, 1]


def test_a_letter_keeps_whom_it_names(team, client, on_day):
    dossier = situations.opened(team.nord, since=date(2026, 1, 1), by=team.chloe)
    guardian = m.Protection.objects.create(
        service=team.nord, dossier=dossier, mesure="tutelle", nom="Odile Riva"
    )
    with on_day(team.alice, SENT) as passage:
        notice = notify(passage, dossier)
    guardian.delete()
    assert notice.nom_destinataire.startswith("Odile Riva, tuteur ou tutrice de ")
    # Whoever acts for several persons reads which one.
    named = f"Personne concernée : {dossier.identite.nom_complet}"
    assert squeeze(named) in text_of(notice.pdf)
    client.force_login(team.alice, BACKEND)
    assert (
        f"{notice.nom_destinataire}</td>"
        in client.get(reverse("apa_ash:a_poster")).content.decode()
    )


# The screens.


def test_a_day_that_may_not_be_is_told_beside_it(team, nord, client):
    mine = letter(nord, on=WEEK)
    client.force_login(team.alice, BACKEND)

    def post(day, *chosen):
        values = {"portee": "coches", "poste_on": day, "courriers": [str(c.pk) for c in chosen]}
        return client.post(reverse("apa_ash:a_poster"), values)

    ahead = post(today() + timedelta(days=1), mine)
    assert (ahead.status_code, "dans l’avenir" in ahead.content.decode()) == (422, True)
    assert ahead.content.decode().count("checked") == 1
    refused = [post(WEEK - timedelta(days=1), mine), post(today()), post("", mine)]
    assert {answer.status_code for answer in refused} == {422}
    assert posted(mine) == (None, None)


def test_from_the_day_to_the_post_and_to_the_file(team, nord, client):
    mine = [letter(nord, on=WEEK), letter(nord, "mise_en_demeure", motif="qualite"), letter(nord)]
    client.force_login(team.alice, BACKEND)
    assert "3 courriers à poster" in client.get(reverse("apa_ash:journee")).content.decode()
    page = reverse("apa_ash:a_poster")
    shown = client.get(page).content.decode()
    assert shown.count("en recommandé avec avis de réception</small>") == 1
    some = client.get(f"{page}?quoi=mise_en_demeure").content.decode()
    assert some.count('name="courriers"') == 1
    assert client.get(f"{page}?quoi=x").content.decode().count('name="courriers"') == 3

    def post(portee, day, *chosen, field="courriers"):
        values = {"portee": portee, "poste_on": day, field: [str(c.pk) for c in chosen]}
        return client.post(page, values)

    assert post("coches", WEEK, mine[0]).status_code == 302
    assert post("coches", today(), mine[0]).status_code == 422
    assert post("page", today(), *mine[1:], field="page_courriers").status_code == 302
    done = client.get(page).content.decode()
    assert "2\u00a0courriers notés postés" in done
    assert "Aucun courrier à poster" in done
    assert [posted(c)[0] for c in mine] == [WEEK, today(), today()]
    letter(nord, "reprise")
    of_file = client.get(reverse("apa_ash:courriers", args=[nord.pk])).content.decode()
    assert of_file.count("Posté le") == 3
    assert of_file.count(">À poster<") == 1
    assert "à poster</a>" in client.get(reverse("apa_ash:journee")).content.decode()


def test_a_letter_says_by_when_it_still_warns_of_what_it_stops(team, nord, client):
    effet = today() + timedelta(days=9)
    for nature in ("suspension", "fin", "reprise"):
        taken = m.Decision.objects.create(
            service=team.nord, dossier=nord, nature=nature, motif="x", prise_on=EVE, effet_on=effet
        )
        letter(nord, {"fin": "fin_droit"}.get(nature, nature), decision=taken)
    client.force_login(team.alice, BACKEND)
    shown = client.get(reverse("apa_ash:a_poster")).content.decode()
    days = [effet - timedelta(days=1), effet]
    assert [shown.count(f'datetime="{day.isoformat()}"') for day in days] == [1, 1]


def test_an_end_given_up_since_warns_of_nothing_and_leaves_before_what_gives_it_up(
    team, nord, client, entering
):
    """Letters of a day are told, and printed, in the order of a procedure."""
    effet = today() + timedelta(days=9)

    def decided(dossier, nature, on, effet_on):
        keys = {"service": dossier.service, "dossier": dossier, "motif": "x"}
        return m.Decision.objects.create(**keys, nature=nature, prise_on=on, effet_on=effet_on)

    def told(dossier, *, maintien_on=EVE, since=effet + timedelta(days=1)):
        maintien = decided(dossier, "maintien", maintien_on, since)
        letter(dossier, "maintien", decision=maintien, pdf=TWO)
        letter(dossier, "fin_droit", decision=decided(dossier, "fin", EVE, effet), pdf=ONE)

    letter(nord, "indu")
    told(nord)
    client.force_login(team.alice, BACKEND)
    page = reverse("apa_ash:a_poster")
    shown = client.get(page).content.decode()
    assert shown.count("part avec le maintien") == 1
    assert f'datetime="{effet.isoformat()}"' not in shown
    with entering(team.alice, INSTRUCTION) as passage:
        rows, _ = queries.list_a_poster(passage)
        assert [row.nature for row in rows] == ["fin_droit", "maintien", "indu"]
        assert queries.read_contents(passage, courriers=[r.pk for r in rows])[:2] == [ONE, TWO]
    # What gave up another end, or an end before this one, gave up nothing of it; nor is an end
    # that was signed again, and that the file tells, given up.
    m.Dossier.objects.filter(pk=nord.pk).update(fin_droit_on=effet)
    told(factories.dossier(team.nord, nom="Petit"), since=effet)
    told(factories.dossier(team.nord, nom="Roux"), maintien_on=WEEK)
    shown = client.get(page).content.decode()
    assert ("abrogée" in shown, shown.count(f'datetime="{effet.isoformat()}"')) == (False, 3)


def test_the_ten_days_of_a_proposal_are_awaited_from_its_post(team, nord, entering):
    old, sent = letter(nord, "proposition_plan", on=WEEK), letter(nord, "proposition_plan")
    waits = {"etat": Etat.PROPOSE, "echeance": Echeance.ENVOI, "echeance_on": EVE}
    m.Dossier.objects.filter(pk=nord.pk).update(**waits)
    for courrier, expected in (
        (old, (Echeance.ENVOI, EVE)),
        (sent, (Echeance.REPONSE, today() + timedelta(days=10))),
    ):
        with entering(team.alice, INSTRUCTION) as passage:
            record_posted(passage, courriers=[courrier.pk], poste_on=today())
        assert etat(nord)[1:] == expected
    later = letter(nord, "proposition_plan")
    m.Dossier.objects.filter(pk=nord.pk).update(echeance=Echeance.DECISION, echeance_on=EVE)
    with entering(team.alice, INSTRUCTION) as passage:
        record_posted(passage, courriers=[later.pk], poste_on=today())
    assert etat(nord)[1:] == (Echeance.DECISION, EVE)


def test_the_control_posts_its_own_letters_from_its_pages(team, nord, client):
    asked = letter(nord, PROOFS, destinataire="Aide au logis", pdf=ONE)
    letter(nord, "indu")
    client.force_login(team.carole, BACKEND)
    page, pdf = reverse("apa_ash:controle_a_poster"), reverse("apa_ash:controle_a_poster_pdf")
    assert page in client.get(reverse("apa_ash:controle")).content.decode()
    assert "Aide au logis" in client.get(page).content.decode()
    chosen = {"portee": "coches", "courriers": str(asked.pk), "poste_on": today()}
    assert client.post(pdf, chosen).headers["Content-Type"] == "application/pdf"
    assert client.post(page, chosen).status_code == 302
    assert posted(asked) == (today(), team.carole.pk)
    of_file = client.get(reverse("apa_ash:justificatifs", args=[nord.pk])).content.decode()
    assert of_file.count("Posté le") == 1
    assert of_file.count("Non posté") == 1


def test_the_trail_tells_a_post_in_one_line_with_its_files(team, nord, entering):
    other = factories.dossier(team.nord, nom="Petit")
    chosen = [letter(nord).pk, letter(nord).pk, letter(other).pk]
    with entering(team.alice, INSTRUCTION) as passage:
        record_posted(passage, courriers=chosen, poste_on=today())
    lines = trail("noter des courriers postés")
    assert [set(subjects) for subjects in lines] == [{nord.pk, other.pk}]


def trail(verb):
    with connection.cursor() as cursor:
        cursor.execute("SELECT subjects FROM audit.trail WHERE verb = %s", [verb])
        return [row[0] for row in cursor.fetchall()]


def test_another_purpose_cannot_play_the_pages(team, nord, client):
    grant(team.nora, "evaluateur", team.nord, by=team.remi)
    for agent in (team.nora, team.carole, team.paul):
        client.force_login(agent, BACKEND)
        assert client.get(reverse("apa_ash:a_poster")).status_code == 404
    client.force_login(team.alice, BACKEND)
    assert client.get(reverse("apa_ash:controle_a_poster")).status_code == 404
