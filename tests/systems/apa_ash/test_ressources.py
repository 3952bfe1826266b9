"""Resources of a household: counted, recorded with their source, kept in the history."""

import uuid
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.urls import reverse

from egide.kernel.access.passage import Refused
from egide.rules.apa.ressources import Patrimoine
from egide.systems.apa_ash.models import (
    Conjoint,
    Demande,
    LigneRessource,
    Ressources,
)
from egide.systems.apa_ash.purposes import EVALUATION, INSTRUCTION
from egide.systems.apa_ash.queries.decision import load_situation, read_hypotheses
from egide.systems.apa_ash.services import ressources as services
from tests import factories
from tests.personas import today
from tests.systems.apa_ash.situations import opened

JANUARY, OCTOBER = date(2026, 1, 15), date(2026, 10, 12)


def foyer(**changes):
    values = {
        "couple": False,
        "source": "avis",
        "recueillies_on": today(),
        "demandeur": {"pensions_retraites": Decimal(18000)},
        "conjoint": {},
        "patrimoine": Patrimoine(),
    }
    return services.Foyer(**values | changes)


@pytest.fixture
def dossier(team):
    return factories.dossier(team.nord)


def record(passage, dossier, **changes):
    jeton = changes.pop("jeton", None) or uuid.uuid4()
    return services.record_ressources(
        passage, jeton=jeton, dossier_id=dossier.pk, foyer=foyer(**changes)
    )


@pytest.mark.parametrize(("day", "year"), [(JANUARY, 2024), (OCTOBER, 2025)])
def test_the_reference_year_follows_the_month_of_the_request(day, year):
    assert services.compute_foyer(foyer(), demande_on=day).annee == year


def test_every_amount_counts_as_the_text_says():
    found = services.compute_foyer(
        foyer(
            couple=True,
            demandeur={"pensions_retraites": Decimal(18000), "plus_values": Decimal(0)},
            conjoint={"pensions_retraites": Decimal(12000)},
            patrimoine=Patrimoine(
                valeur_locative_bati=Decimal(1000),
                valeur_locative_non_bati=Decimal(100),
                capital_non_place=Decimal(10000),
            ),
        ),
        demande_on=OCTOBER,
    )
    # 18 000 + 12 000 + 50 % of 1 000 + 80 % of 100 + 3 % of 10 000 (CASF R. 132-1)
    assert found.annuelles == Decimal("30880.00")
    assert found.mensuelles == Decimal("2573.33")
    assert sum(line.retenu for line in found.lignes) == found.annuelles
    assert all(line.declare for line in found.lignes)  # nothing is kept of what she has not


NEW_YEAR = date(2026, 1, 1)
FORMER = Ressources()


@pytest.mark.parametrize(
    ("recueillies_on", "event_on", "former", "field"),
    [
        (NEW_YEAR - timedelta(days=1), None, None, "recueillies_on"),
        (NEW_YEAR, None, None, None),
        (date(2026, 5, 1), date(2024, 12, 31), FORMER, "evenement_on"),
        (date(2026, 5, 1), date(2025, 1, 1), FORMER, None),
        (date(2026, 5, 1), date(2026, 5, 2), FORMER, "recueillies_on"),
        (date(2026, 5, 1), date(2026, 5, 1), FORMER, None),
        (date(2026, 4, 30), date(2026, 4, 10), None, "evenement"),
        (date(2026, 5, 1), date(2026, 4, 10), None, None),
    ],
)
def test_the_days_of_the_revenues_of_2025_follow_one_another(
    recueillies_on, event_on, former, field
):
    """The death of a spouse in April takes effect on 1 May (CASF R. 232-6)."""
    event = event_on and services.Neutralisation(evenement="deces", on=event_on)
    said = foyer(recueillies_on=recueillies_on, neutralisation=event)
    wrong = services.find_incoherence(said, annee=2025, former=former)
    assert (wrong and wrong[0]) == field


def test_a_spouse_has_amounts_in_a_couple_only():
    with pytest.raises(services.ConjointSansCouple):
        services.compute_foyer(
            foyer(conjoint={"pensions_retraites": Decimal(1)}), demande_on=OCTOBER
        )


@pytest.mark.clause("APA-18")
def test_resources_are_recorded_with_their_source_and_the_former_stay(team, dossier, entering):
    with entering(team.alice, INSTRUCTION) as passage:
        record(passage, dossier)
        record(passage, dossier, source="declaration", demandeur={"plus_values": Decimal(1200)})
    old, new = Ressources.objects.order_by("en_vigueur")
    assert (old.source, old.ressources_mensuelles, old.en_vigueur) == ("avis", 1500, False)
    assert (new.source, new.ressources_mensuelles, new.en_vigueur) == ("declaration", 100, True)
    assert LigneRessource.objects.count() == 2


@pytest.mark.clause("APA-21")
def test_the_dgfip_is_no_source_that_one_types(team, dossier, entering, client):
    with entering(team.alice, INSTRUCTION) as passage, pytest.raises(services.SourceFermee):
        record(passage, dossier, source="dgfip")
    client.force_login(team.alice)
    answer = client.post(url(dossier), sent(source="dgfip"))
    assert list(answer.context["form"].errors) == ["source"]
    assert not Ressources.objects.exists()


def test_an_event_is_told_with_the_day_it_takes_effect(team, dossier, entering):
    event = services.Neutralisation(evenement="deces", on=date(2026, 9, 3))
    with entering(team.alice, INSTRUCTION) as passage:
        row = record(passage, dossier, neutralisation=event)
    assert row.neutralisation == (
        "Décès du conjoint le 3\u00a0septembre\u00a02026, effet au 1er\u00a0octobre\u00a02026"
    )
    assert row.effet_on == date(2026, 10, 1)


@pytest.mark.parametrize("evenement", ["deces", "divorce", "separation"])
def test_an_event_that_ends_the_couple_ends_the_spouse_and_its_divisor(
    team, dossier, entering, client, evenement
):
    Conjoint.objects.create(
        service=team.nord, dossier=dossier, lien="mariage", naissance_on=date(1937, 5, 2)
    )
    event = services.Neutralisation(evenement=evenement, on=today())
    with entering(team.alice, INSTRUCTION) as passage:
        record(passage, dossier, couple=True)
        with pytest.raises(services.FoyerIncoherent):
            record(passage, dossier, couple=True, neutralisation=event)
    client.force_login(team.alice)
    typed = sent(evenement=evenement, evenement_on=today().isoformat())
    answer = client.post(url(dossier), typed | {"couple": "on"})
    assert list(answer.context["form"].errors) == ["couple"]
    assert Conjoint.objects.exists()
    assert client.post(url(dossier), typed).status_code == 302
    assert not Conjoint.objects.exists()
    assert not Ressources.objects.get(en_vigueur=True).couple


def test_the_loss_of_a_job_leaves_the_couple(team, dossier, entering):
    event = services.Neutralisation(evenement="chomage", on=today())
    with entering(team.alice, INSTRUCTION) as passage:
        record(passage, dossier, couple=True)
        assert record(passage, dossier, couple=True, neutralisation=event).couple


def test_an_event_changes_no_simulation_before_its_effect(team, dossier, entering):
    event = services.Neutralisation(evenement="chomage", on=today())
    with entering(team.alice, INSTRUCTION) as passage:
        record(passage, dossier)
        for amount in (1200, 2400):  # typed twice: the first effect is still to come
            row = record(
                passage,
                dossier,
                demandeur={"plus_values": Decimal(amount)},
                neutralisation=event,
            )
        situation = load_situation(passage, pk=dossier.pk)
        counted = [
            read_hypotheses(situation, effet_on=day).ressources_mensuelles
            for day in (today(), row.effet_on - timedelta(days=1), row.effet_on)
        ]
    assert counted == [1500, 1500, 200]


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("evenement_on", {"evenement": "retraite", "evenement_on": "2019-05-05"}),
        ("recueillies_on", {"recueillies_on": "2020-01-01"}),
        (
            "recueillies_on",
            {
                "evenement": "retraite",
                "evenement_on": today().isoformat(),
                "recueillies_on": (today() - timedelta(days=1)).isoformat(),
            },
        ),
        ("evenement", {"evenement": "retraite", "evenement_on": today().isoformat()}),
    ],
)
def test_days_that_contradict_each_other_are_told_at_their_field(
    team, dossier, client, field, changes
):
    client.force_login(team.alice)
    answer = client.post(url(dossier), sent(**changes))
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == [field]
    assert (
        "eg-note warning"
        in client.post(url(dossier, "ressources_calcul"), sent(**changes)).content.decode()
    )
    assert not Ressources.objects.exists()


def test_the_form_gives_the_last_values_again(team, dossier, client):
    client.force_login(team.alice)
    client.post(url(dossier), sent(capital_non_place="10 000"))
    form = client.get(url(dossier)).context["form"]
    assert form["demandeur_pensions_retraites"].value() == "18000,00"
    assert form["capital_non_place"].value() == "10000,00"
    assert form["source"].value() == "avis"


def test_new_resources_on_an_open_right_call_for_a_revision(team, client):
    dossier = opened(team.nord, since=today() - timedelta(days=90), by=team.chloe)
    client.force_login(team.alice)
    link = reverse("apa_ash:acte_decision", args=[dossier.pk, "revision"])
    client.post(url(dossier), sent())
    assert link not in client.get(url(dossier)).content.decode()
    client.post(url(dossier), sent(demandeur_pensions_retraites="24 000"))
    assert link in client.get(url(dossier)).content.decode()


def test_a_replayed_form_records_once(team, dossier, entering):
    jeton, other = uuid.uuid4(), factories.dossier(team.nord, nom="Morel")
    with entering(team.alice, INSTRUCTION) as passage:
        record(passage, dossier, jeton=jeton)
        record(passage, dossier, jeton=jeton)
        with pytest.raises(Refused):
            record(passage, other, jeton=jeton)
    assert Ressources.objects.get().en_vigueur


@pytest.mark.parametrize("name", ["bruno", "chloe", "paul", "carole", "edith", "victor"])
def test_nobody_else_records_resources(team, dossier, entering, name):
    with entering(team.agents[name], INSTRUCTION) as passage, pytest.raises(Refused):
        record(passage, dossier)
    assert not Ressources.objects.exists()


def test_the_medical_team_records_no_resources(team, dossier, entering):
    with entering(team.chloe, EVALUATION) as passage, pytest.raises(Refused):
        record(passage, dossier)


def url(dossier, name="ressources"):
    return reverse(f"apa_ash:{name}", args=[dossier.pk])


def sent(**changes):
    return {
        "jeton": str(uuid.uuid4()),
        "source": "avis",
        "recueillies_on": today().isoformat(),
        "demandeur_pensions_retraites": "18 000,00",
    } | changes


def test_the_screen_records_amounts_typed_in_french(team, dossier, client):
    client.force_login(team.alice)
    assert client.post(url(dossier), sent()).status_code == 302
    assert Ressources.objects.get().ressources_mensuelles == Decimal("1500.00")
    page = client.get(url(dossier)).content.decode()
    assert "1\u202f500,00\u00a0€" in page
    year = services.compute_foyer(foyer(), demande_on=Demande.objects.get().recue_on).annee
    assert f"<b>{year}</b>" in page


def test_the_total_is_counted_live_and_nothing_is_recorded(team, dossier, client):
    client.force_login(team.alice)
    answer = client.post(url(dossier, "ressources_calcul"), sent(source=""))
    assert "1\u202f500,00\u00a0€" in answer.content.decode()
    answer = client.post(url(dossier, "ressources_calcul"), sent(demandeur_pensions_retraites="-1"))
    assert "€" not in answer.content.decode()
    assert not Ressources.objects.exists()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("demandeur_pensions_retraites", "-1"),
        ("demandeur_pensions_retraites", "100000000"),
        ("demandeur_pensions_retraites", "beaucoup"),
        ("demandeur_pensions_retraites", "1,234"),
        ("demandeur_pensions_retraites", "NaN"),
        ("demandeur_pensions_retraites", "1e5000"),
        ("conjoint_pensions_retraites", "10"),
        ("capital_non_place", "Infinity"),
        ("recueillies_on", "2999-01-01"),
        ("source", "rumeur"),
        ("evenement", "mariage"),
        ("jeton", "x"),
    ],
)
def test_a_wrong_amount_is_told_at_its_field(team, dossier, client, field, value):
    client.force_login(team.alice)
    answer = client.post(url(dossier), sent(**{field: value}))
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == [field]
    assert not Ressources.objects.exists()


@pytest.mark.parametrize("name", ["ressources", "ressources_calcul"])
def test_another_service_sees_no_resources(team, dossier, client, name):
    client.force_login(team.bruno)
    assert client.post(url(dossier, name), sent()).status_code == 404
    client.force_login(team.chloe)
    assert client.post(url(dossier, name), sent()).status_code == 404


@pytest.mark.parametrize("evenement", ["deces", "divorce", "separation"])
def test_no_couple_ends_where_the_file_knows_a_person_alone(
    team, dossier, entering, client, evenement
):
    event = services.Neutralisation(evenement=evenement, on=today())
    with entering(team.alice, INSTRUCTION) as passage:
        record(passage, dossier)
        with pytest.raises(services.EvenementSansConjoint, match="personne seule"):
            record(passage, dossier, neutralisation=event)
        record(
            passage,
            dossier,
            neutralisation=services.Neutralisation(evenement="chomage", on=today()),
        )
    client.force_login(team.alice)
    typed = sent(evenement=evenement, evenement_on=today().isoformat())
    answer = client.post(url(dossier), typed)
    assert (answer.status_code, list(answer.context["form"].errors)) == (422, ["evenement"])
    assert Ressources.objects.count() == 2


def test_a_couple_that_the_resources_before_knew_may_end_and_be_corrected(team, dossier, entering):
    """No spouse is named in the file: its former resources say that there was one."""
    event = services.Neutralisation(evenement="deces", on=today())
    with entering(team.alice, INSTRUCTION) as passage:
        record(passage, dossier, couple=True)
        record(passage, dossier, neutralisation=event)
        corrected = record(
            passage, dossier, neutralisation=event, demandeur={"plus_values": Decimal(1200)}
        )
    assert (corrected.couple, corrected.ressources_mensuelles) == (False, 100)
