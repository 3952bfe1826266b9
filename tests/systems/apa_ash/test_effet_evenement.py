"""An event of life raises the aid from the month after it, before any decision (CASF R. 232-6)."""

import uuid
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.urls import reverse

from egide.kernel import notation
from egide.rules.apa.domicile import compute_apa_domicile
from egide.systems.apa_ash import models as m
from egide.systems.apa_ash.models.demande import Canal
from egide.systems.apa_ash.models.dossier import Etat
from egide.systems.apa_ash.models.plan import EtatPlan
from egide.systems.apa_ash.purposes import PAIEMENT
from egide.systems.apa_ash.queries.decision import load_situation
from egide.systems.apa_ash.services import decisions, effet, lot, projets, ressources, revisions
from tests.systems.apa_ash import signature, situations
from tests.systems.apa_ash.paiement_rows import compte
from tests.systems.apa_ash.situations import droits
from tests.systems.apa_ash.test_decision_screens import as_agent, fixed_day  # noqa: F401
from tests.systems.apa_ash.test_letters import squeeze, text_of
from tests.systems.apa_ash.test_lettre_accord import letters  # noqa: F401
from tests.systems.apa_ash.test_ressources import foyer

SINCE, DAY = date(2026, 1, 1), date(2026, 11, 20)
DIED, EFFET = date(2026, 8, 10), date(2026, 9, 1)
MOIS = [date(2026, 9, 1), date(2026, 10, 1), date(2026, 11, 1)]
DECEMBRE = date(2026, 12, 1)
REVISION = date(2029, 11, 20)
ONE_DAY = timedelta(days=1)
LEFT = Decimal("14400.00")  # 1 200 € a month, once alone
AVANT = Decimal("863.81")  # 2 550 € for two, that is 1 500 € each
APRES = Decimal("940.87")


@pytest.fixture
def dossier(team):
    """A couple whose right was computed with the resources of both, and paid until November."""
    made = situations.opened(team.nord, since=SINCE, by=team.chloe)
    means = {"couple": True, "ressources_mensuelles": Decimal("2550.00")}
    m.Ressources.objects.filter(dossier=made).update(**means)
    m.Droit.objects.filter(dossier=made).update(
        **means, apa=AVANT, participation=Decimal("136.19"), taux_participation=Decimal("0.13619")
    )
    compte(made)
    return made


def widow(passage, dossier, *, on=DIED, left=LEFT):
    """Record the death of the spouse, and what the person has left."""
    return ressources.record_ressources(
        passage,
        jeton=uuid.uuid4(),
        dossier_id=dossier.pk,
        foyer=foyer(
            recueillies_on=passage.on,
            demandeur={"pensions_retraites": left},
            neutralisation=ressources.Neutralisation(evenement="deces", on=on),
        ),
    )


def revise(passage, dossier):
    return revisions.request_revision(
        passage,
        jeton=uuid.uuid4(),
        dossier_id=dossier.pk,
        recue_on=passage.on,
        canal=Canal.COURRIER,
        motif="Décès du conjoint",
    )


@pytest.fixture
def event(team, dossier, on_day):
    """Let an event be recorded and its revision opened, on a day."""

    def happen(on=DAY, **changes):
        with on_day(team.alice, on) as passage:
            widow(passage, dossier, **changes)
            revise(passage, dossier)
        return dossier

    return happen


def propose(passage, dossier, *, effet_on=EFFET, **changes):
    values = {"jeton": uuid.uuid4(), "revision_on": REVISION, "effet_on": effet_on} | changes
    return projets.propose_accord(passage, dossier_id=dossier.pk, **values)


@pytest.fixture
def prepare(team, on_day):
    """Prepare the run of a month; tell its lines."""

    def run(mois, *, on):
        with on_day(team.paul, on, purpose=PAIEMENT) as passage:
            made = lot.prepare_lot(passage, lot_id=uuid.uuid4(), service_id=team.nord.pk, mois=mois)
        rows = m.Paiement.objects.filter(lot=made).order_by("mois_du")
        return [(row.mois_du, row.montant_brut, row.anomalie) for row in rows]

    return run


def test_the_law_gives_the_two_sides_of_the_case():
    for couple, amount, apa in ((True, "2550", AVANT), (False, "1200", APRES)):
        found = compute_apa_domicile(
            on=EFFET,
            age=80,
            gir=2,
            couple=couple,
            ressources_mensuelles=Decimal(amount),
            plan_mensuel=Decimal(1000),
        )
        assert found.apa == apa


def test_from_the_event_to_the_arrears(team, dossier, event, prepare, on_day, letters):  # noqa: F811
    """Three months are paid, the spouse had died before them: the next run pays the difference."""
    paid = [prepare(mois, on=date(2026, 11, 2)) for mois in MOIS]
    assert paid[-1] == [(MOIS[-1], AVANT, "")]
    event()
    with on_day(team.alice, DAY) as passage:
        projet = propose(passage, dossier)
    told = (
        "Décès du conjoint le 10\u00a0août\u00a02026, effet au 1er\u00a0septembre\u00a02026"
        " (CASF R. 232-6)"
    )
    assert (projet.effet_on, projet.motif, projet.apa) == (EFFET, told, APRES)
    assert droits(dossier) == [(SINCE, None, AVANT)]
    with on_day(team.remi, DAY + timedelta(days=3)) as passage:
        decision = projets.sign_projet(passage, projet_id=projet.pk)
    assert (decision.effet_on, decision.prise_on, decision.motif) == (
        EFFET,
        DAY + timedelta(days=3),
        told,
    )
    assert droits(dossier) == [(SINCE, EFFET, AVANT), (EFFET, None, APRES)]
    assert decision.feuille["on"] == str(EFFET)
    written = letters[-1]
    assert (written.effet_on, written.rappel_mensuel) == (EFFET, APRES - AVANT)
    said = text_of(bytes(m.Courrier.objects.get(decision=decision).pdf))
    for words in (
        "révisée à compter du 1er septembre 2026",
        "Décès du conjoint le 10 août 2026",
        "Elle ajoute 77,06 € au plus à chaque mois depuis le 1er septembre 2026",
        "avec le rappel des mois déjà payés depuis le 1er septembre 2026, aura lieu le",
    ):
        assert squeeze(words) in said, words
    assert squeeze("après cette notification") not in said
    found = prepare(DECEMBRE, on=date(2026, 12, 2))
    assert [(mois, brut) for mois, brut, _ in found] == [
        *((mois, APRES - AVANT) for mois in MOIS),
        (DECEMBRE, APRES),
    ]
    december = m.LotPaiement.objects.get(mois=DECEMBRE).pk
    with on_day(team.remi, date(2026, 12, 3), purpose=PAIEMENT) as passage:
        assert lot.validate_lot(passage, lot_id=december).etat == "valide"


def test_the_months_of_before_owe_nothing_more(team, dossier, event, prepare, on_day):
    prepare(date(2026, 8, 1), on=date(2026, 11, 2))
    event()
    with on_day(team.alice, DAY) as passage:
        signature.accord(passage, dossier.pk, effet_on=EFFET, revision_on=REVISION)
    assert min(mois for mois, _, _ in prepare(MOIS[-1], on=DAY)) == EFFET


@pytest.mark.parametrize(
    ("effet_on", "refused"),
    [
        (EFFET - timedelta(days=1), True),
        (EFFET, False),
        (EFFET + timedelta(days=1), True),
        (DAY - timedelta(days=1), True),
        (DAY, False),
    ],
)
def test_the_day_of_the_event_or_the_notification_and_no_other(
    team, dossier, event, on_day, effet_on, refused
):
    event()
    with on_day(team.alice, DAY) as passage:
        if refused:
            with pytest.raises(decisions.EffetImpossible, match=r"ou le 1er.septembre.2026, pour"):
                propose(passage, dossier, effet_on=effet_on)
        else:
            assert signature.accord(
                passage, dossier.pk, effet_on=effet_on, revision_on=REVISION
            ).effet_on == (effet_on)


@pytest.mark.parametrize(
    ("left", "goes_back"),
    [
        (Decimal("17988.00"), True),  # 1 499 € alone: 27 cents more
        (Decimal("17999.88"), False),  # 1 499,99 €: not a cent more
        (Decimal("18000.00"), False),  # 1 500,00 € alone, as each of two: the aid is the same
        (Decimal("18012.00"), False),  # the aid would fall: never back in time
    ],
)
def test_only_what_raises_the_aid_goes_back(team, dossier, event, on_day, left, goes_back):
    event(left=left)
    with on_day(team.alice, DAY) as passage:
        if goes_back:
            assert propose(passage, dossier).effet_on == EFFET
            return
        with pytest.raises(decisions.EffetImpossible):
            propose(passage, dossier)
        decision = signature.accord(passage, dossier.pk, effet_on=DAY, revision_on=REVISION)
    assert decision.effet_on == DAY


@pytest.mark.parametrize(
    ("on", "died", "early"),
    [
        (date(2026, 8, 31), DIED, False),  # the event does not count yet
        (date(2026, 9, 1), DIED, False),  # it counts from the notification itself
        (date(2026, 9, 2), DIED, True),
        (date(2026, 9, 2), date(2026, 9, 1), False),
    ],
)
def test_an_event_counts_from_the_month_after_it(team, dossier, on_day, on, died, early):
    with on_day(team.alice, on) as passage:
        widow(passage, dossier, on=died)
        revise(passage, dossier)
        if early:
            assert propose(passage, dossier).effet_on == EFFET
        elif on == EFFET:
            assert propose(passage, dossier).effet_on is None
        else:
            with pytest.raises((decisions.EffetImpossible, decisions.EffetTardifSansMotif)):
                propose(passage, dossier)


def test_proposed_on_the_day_of_the_event_it_is_signed_from_that_day(team, dossier, on_day):
    with on_day(team.alice, EFFET) as passage:
        widow(passage, dossier)
        revise(passage, dossier)
        projet = propose(passage, dossier)
    with on_day(team.remi, EFFET + timedelta(days=4)) as passage:
        assert projets.sign_projet(passage, projet_id=projet.pk).effet_on == EFFET


def first_request(dossier):
    m.Demande.objects.filter(dossier=dossier, nature="revision").delete()
    m.Dossier.objects.filter(pk=dossier.pk).update(etat=Etat.ACCEPTE)


def lump_sum(dossier):
    m.Droit.objects.filter(dossier=dossier).update(forfait=True)


def since_then(dossier):
    m.Droit.objects.filter(dossier=dossier).update(periode=f"[{EFFET},)")


def counted_already(dossier):
    means = {"couple": False, "ressources_mensuelles": Decimal("1200.00")}
    m.Droit.objects.filter(dossier=dossier).update(**means)


@pytest.mark.parametrize("change", [first_request, lump_sum, since_then, counted_already])
def test_nothing_goes_back_without_a_revision_of_a_right_that_ran(
    team, dossier, event, on_day, change
):
    event()
    change(dossier)
    with on_day(team.alice, DAY) as passage, pytest.raises(decisions.EffetImpossible):
        propose(passage, dossier)


def other_means(dossier):
    m.Ressources.objects.filter(dossier=dossier, en_vigueur=True).update(
        ressources_mensuelles=Decimal("1210.00")
    )


def other_event(dossier):
    m.Ressources.objects.filter(dossier=dossier, en_vigueur=True).update(neutralisation="Divorce")


def later_event(dossier):
    m.Ressources.objects.filter(dossier=dossier, en_vigueur=True).update(effet_on=MOIS[1])


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        (other_means, projets.CalculChange),
        (other_event, projets.CalculChange),
        (later_event, decisions.EffetImpossible),
    ],
)
def test_the_signature_compares_the_event(team, dossier, event, on_day, change, refusal):
    event()
    with on_day(team.alice, DAY) as passage:
        projet = propose(passage, dossier)
    change(dossier)
    with on_day(team.remi, DAY) as passage, pytest.raises(refusal):
        projets.sign_projet(passage, projet_id=projet.pk)
    assert droits(dossier) == [(SINCE, None, AVANT)]


@pytest.mark.parametrize(("revision_on", "refused"), [(DAY, True), (DAY + ONE_DAY, False)])
def test_the_next_revision_follows_the_notification_not_the_event(
    team, dossier, event, on_day, revision_on, refused
):
    event()
    with on_day(team.alice, DAY) as passage:
        if refused:
            with pytest.raises(decisions.RevisionImpossible):
                propose(passage, dossier, revision_on=revision_on)
            return
        projet = propose(passage, dossier, revision_on=revision_on)
    with on_day(team.remi, revision_on) as passage, pytest.raises(decisions.RevisionImpossible):
        projets.sign_projet(passage, projet_id=projet.pk)


def another_plan(team, dossier, *, on=DAY, gir=2):
    """Let the person accept another plan in the same revision: 1 200 € of aid."""
    made = situations.plan(dossier, on=on, gir=gir, by=team.chloe)
    m.LignePlan.objects.filter(plan=made).update(volume_mensuel=48)
    m.Dossier.objects.filter(pk=dossier.pk).update(etat=Etat.ACCEPTE)
    assert made.etat == EtatPlan.ACCEPTE
    return made


def test_the_plan_that_ran_goes_back_and_another_follows_once_notified(
    team, dossier, event, on_day
):
    event()
    new = another_plan(team, dossier)
    old = m.Decision.objects.get(dossier=dossier).plan
    with on_day(team.alice, DAY) as passage:
        back = signature.accord(passage, dossier.pk, effet_on=EFFET, revision_on=REVISION)
    dossier.refresh_from_db()
    assert (back.plan, dossier.etat) == (old, Etat.ACCEPTE)
    with on_day(team.alice, DAY) as passage:
        with pytest.raises(decisions.EffetImpossible):
            propose(passage, dossier)
        then = signature.accord(passage, dossier.pk, effet_on=DAY, revision_on=REVISION)
    dossier.refresh_from_db()
    assert (then.plan, dossier.etat) == (new, Etat.OUVERT)
    assert [(low, up) for low, up, _ in droits(dossier)] == [
        (SINCE, EFFET),
        (EFFET, DAY),
        (DAY, None),
    ]


def test_the_event_counts_upon_the_gir_of_the_right_that_ran(team, dossier, event, on_day):
    """A person who regained autonomy since: the ceiling of GIR 4 is that of the new plan only."""
    event()
    another_plan(team, dossier, gir=4)
    with on_day(team.alice, DAY) as passage:
        projet = propose(passage, dossier)
        assert (projet.effet_on, projet.apa) == (EFFET, APRES)
        back = signature.signed(passage, projet)
    assert m.Droit.objects.get(decision=back).gir == 2


@pytest.mark.parametrize("other", [True, False])
def test_another_plan_proposed_on_the_day_of_the_event_opens_on_its_notification(
    team, dossier, on_day, other
):
    later = EFFET + timedelta(days=4)
    with on_day(team.alice, EFFET) as passage:
        widow(passage, dossier)
        revise(passage, dossier)
    plan = m.PlanAide.objects.get(dossier=dossier)
    if other:
        plan = another_plan(team, dossier, on=EFFET)
    with on_day(team.alice, EFFET) as passage:
        projet = propose(passage, dossier)
    with on_day(team.remi, later) as passage:
        decision = projets.sign_projet(passage, projet_id=projet.pk)
    assert (decision.plan, decision.effet_on) == (plan, later if other else EFFET)


def test_a_revaluation_keeps_the_last_plan_decided_before_it(team, dossier, on_day):
    new = situations.plan(dossier, on=MOIS[0], by=team.chloe)
    decided = {"service": dossier.service, "dossier": dossier}
    m.Decision.objects.create(
        **decided, nature="accord", plan=new, prise_on=MOIS[0], effet_on=MOIS[0]
    )
    revalued = m.Decision.objects.create(
        **decided, nature="revalorisation", prise_on=MOIS[1], effet_on=MOIS[1]
    )
    right = m.Droit.objects.get(dossier=dossier)
    m.Droit.objects.filter(pk=right.pk).update(decision=revalued, periode=f"[{MOIS[1]},)")
    with on_day(team.alice, DAY) as passage:
        situation = load_situation(passage, pk=dossier.pk)
        assert effet.plan_du_droit(situation, droit=situation.droits[0]) == new


def test_the_screens_offer_the_day_and_say_why(team, dossier, event, on_day, as_agent):  # noqa: F811
    event()
    page = reverse("apa_ash:acte_decision", args=[dossier.pk, "accord"])
    html = as_agent("alice").get(page).content.decode()
    assert 'value="2026-09-01"' in html
    assert "effet au 1er\u00a0septembre\u00a02026 (CASF R.\u00a0232-6)" in html
    assert "940,87" in html
    sent = {"jeton": str(uuid.uuid4()), "effet_on": "2026-09-01", "revision_on": str(REVISION)}
    assert as_agent("alice").post(page, sent).status_code == 302
    projet = m.ProjetDecision.objects.get(dossier=dossier)
    html = as_agent("remi").get(reverse("apa_ash:projet", args=[projet.pk])).content.decode()
    for words in (notation.jour(EFFET), "Décès du conjoint", "940,87", "863,81"):
        assert words in html, words
    assert as_agent("remi").post(reverse("apa_ash:projet", args=[projet.pk])).status_code == 302
    assert droits(dossier)[-1] == (EFFET, None, APRES)


@pytest.mark.parametrize(("change", "promised"), [(None, True), (since_then, False)])
def test_the_resources_promise_what_a_decision_can_give(
    team,
    dossier,
    event,
    on_day,
    as_agent,  # noqa: F811
    change,
    promised,
):
    event()
    if change:
        change(dossier)
    html = as_agent("alice").get(reverse("apa_ash:ressources", args=[dossier.pk])).content.decode()
    assert ("la décision compte dès le" in " ".join(html.split())) is promised
