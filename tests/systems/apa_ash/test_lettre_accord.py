"""The letter of an agreement: a first grant, or a revision told by what it changes."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.db.backends.postgresql.psycopg_any import DateRange
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from egide.rules.apa.domicile import compute_apa_domicile
from egide.systems.apa_ash import models as m
from egide.systems.apa_ash.letters import render
from egide.systems.apa_ash.models.dossier import Etat
from egide.systems.apa_ash.models.plan import ModeAide, NatureAide, Unite
from egide.systems.apa_ash.services.lettre_accord import write_revision
from tests.systems.apa_ash import signature, situations
from tests.systems.apa_ash.test_decision_screens import as_agent, fixed_day  # noqa: F401
from tests.systems.apa_ash.test_letters import squeeze, text_of
from tests.systems.apa_ash.test_projets import proposed
from tests.systems.apa_ash.test_suites_decision import DAY, SINCE, reopen


@pytest.fixture
def dossier(team):
    return situations.opened(team.nord, since=SINCE, by=team.chloe)


@pytest.fixture
def letters(monkeypatch):
    kept, original = [], render.render

    def keep(letter):
        kept.append(letter.contenu)
        return original(letter)

    monkeypatch.setattr(render, "render", keep)
    return kept


def poorer_or_richer(dossier, montant):
    m.Ressources.objects.filter(dossier=dossier).update(ressources_mensuelles=Decimal(montant))


def suspended(dossier):
    m.Interruption.objects.create(
        service=dossier.service,
        dossier=dossier,
        nature="suspension",
        periode=DateRange(date(2026, 11, 1), None),
        motif="Justificatifs.",
    )
    m.Dossier.objects.filter(pk=dossier.pk).update(etat=Etat.SUSPENDU)


def revise(team, dossier, on_day):
    with on_day(team.alice, DAY) as passage:
        reopen(passage, dossier)
    with on_day(team.alice, DAY) as passage:
        return signature.accord(
            passage, dossier.pk, effet_on=DAY, revision_on=date(2029, 11, 20), motif=""
        )


def pdf_of(decision):
    return text_of(bytes(m.Courrier.objects.get(decision=decision).pdf))


def test_a_first_grant_opens_rights_and_compares_with_nothing(team, on_day, letters):
    first = situations.ready(team.nord, on=DAY, by=team.chloe)
    with on_day(team.alice, DAY) as passage:
        decision = signature.accord(
            passage, first.pk, effet_on=DAY, revision_on=date(2029, 11, 20), motif=""
        )
    assert letters[-1].revision is None
    assert letters[-1].titre == "Décision : l’APA vous est accordée"
    assert squeeze("depuis l’ouverture de vos droits") in pdf_of(decision)


def test_a_decrease_says_what_changed_and_why(team, dossier, on_day, letters):
    poorer_or_richer(dossier, "2000.00")
    decision = revise(team, dossier, on_day)
    told = letters[-1].revision
    assert letters[-1].titre == "Décision : votre APA est révisée"
    assert (told.avant.apa, told.apres.apa) == (Decimal("848.20"), decision.droits.get().apa)
    assert told.en_baisse
    (line,) = told.changements
    assert "passent de 1\u202f500,00\u00a0€ à 2\u202f000,00\u00a0€ par mois" in line
    text = pdf_of(decision)
    for words in (
        "révisée à compter du",
        "CASF R. 232-28",
        "Jusqu’alors",
        "848,20 €",
        "Votre APA baisse",
        "code des relations entre le public et l’administration, L. 211-2",
        "Le premier paiement aux nouveaux montants aura lieu le",
    ):
        assert squeeze(words) in text, words
    for words in ("vous est accordée", "ouverture de vos droits"):
        assert squeeze(words) not in text, words


def test_an_increase_is_told_without_the_words_of_a_decrease(team, dossier, on_day, letters):
    poorer_or_richer(dossier, "900.00")
    decision = revise(team, dossier, on_day)
    assert not letters[-1].revision.en_baisse
    text = pdf_of(decision)
    assert squeeze("Votre APA baisse") not in text
    assert squeeze("Ces montants tiennent compte de ce qui suit") in text


def test_nothing_is_promised_to_whoever_is_suspended(team, dossier, on_day, letters):
    suspended(dossier)
    decision = revise(team, dossier, on_day)
    assert letters[-1].suspendu_on == date(2026, 11, 1)
    text = pdf_of(decision)
    assert squeeze("Le versement de votre APA est suspendu à compter du 1er novembre 2026") in text
    assert squeeze("Rien n’est versé avant sa reprise") in text
    for words in ("premier paiement", "L’APA est versée à", "rappel"):
        assert squeeze(words) not in text, words


@pytest.mark.parametrize(
    ("change", "compared"),
    [
        ({}, True),
        ({"forfait": True}, False),  # an advance, not a right that is revised
        ({"periode": DateRange(SINCE, DAY)}, True),
        ({"periode": DateRange(SINCE, date(2026, 11, 19))}, False),  # a day without a right
        ({"periode": DateRange(empty=True)}, False),
    ],
)
def test_only_a_right_that_runs_until_the_effect_is_revised(
    team, on_day, letters, change, compared
):
    dossier = situations.opened(team.nord, since=SINCE, by=team.chloe, etat=Etat.ACCEPTE)
    m.Droit.objects.filter(dossier=dossier).update(**change)
    m.Demande.objects.filter(dossier=dossier).update(complete_on=DAY - timedelta(days=30))
    with on_day(team.alice, DAY) as passage:
        signature.accord(
            passage, dossier.pk, effet_on=DAY, revision_on=date(2029, 11, 20), motif=""
        )
    assert (letters[-1].revision is not None) == compared


def ligne(**changes):
    values = {
        "nature": NatureAide.TOILETTE,
        "mode": ModeAide.GRE_A_GRE,
        "volume_mensuel": Decimal("40.00"),
        "unite": Unite.HEURE,
        "tarif": Decimal("25.00"),
    } | changes
    return m.LignePlan(**values)


def compare(*, droit=None, avant=None, apres=None, plan="1000.00", on=DAY):
    kept = {
        "periode": DateRange(SINCE, None),
        "gir": 2,
        "couple": False,
        "ressources_mensuelles": Decimal("1500.00"),
        "plan_mensuel": Decimal("1000.00"),
        "taux_participation": Decimal("0.13619"),
        "participation": Decimal("136.19"),
        "apa": Decimal("863.81"),
    } | (droit or {})
    feuille = compute_apa_domicile(
        on=on,
        age=80,
        gir=2,
        couple=False,
        ressources_mensuelles=Decimal("1500.00"),
        plan_mensuel=Decimal(plan),
    )
    return write_revision(
        m.Droit(**kept), feuille=feuille, avant=avant or [ligne()], apres=apres or [ligne()]
    )


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({}, []),
        ({"droit": {"gir": 1}}, ["GIR\u00a01 au GIR\u00a02"]),
        ({"droit": {"couple": True}}, ["ne sont plus comptées comme celles d’un couple"]),
        ({"droit": {"ressources_mensuelles": Decimal("1499.99")}}, ["de 1\u202f499,99"]),
        ({"droit": {"periode": DateRange(date(2025, 6, 1), None)}}, ["Le montant de référence"]),
        (
            {"apres": [ligne(tarif=Decimal("24.00"))], "plan": "960.00"},
            ["de 25,00\u00a0€ à 24,00\u00a0€", "Le total de votre plan passe de 1\u202f000,00"],
        ),
        (
            {"apres": [ligne(volume_mensuel=Decimal("39.00"))], "plan": "975.00"},
            ["ou leur volume, ont changé", "à 975,00\u00a0€ par mois"],
        ),
        ({"apres": [ligne(nature=NatureAide.REPAS)]}, ["Les aides prévues par votre plan"]),
        ({"apres": [ligne(volume_mensuel=Decimal(20))] * 2}, []),  # the same aid, on two lines
    ],
)
def test_what_changed_is_compared_never_typed(changed, told):
    found = compare(**changed).changements
    assert len(found) == len(told)
    for line, words in zip(found, told, strict=True):
        assert words in line


def test_whoever_signs_sees_the_right_before_and_after(as_agent, team, dossier, on_day):  # noqa: F811
    poorer_or_richer(dossier, "2000.00")
    suspended(dossier)
    with on_day(team.alice, DAY) as passage:
        reopen(passage, dossier)
    with on_day(team.alice, DAY) as passage:
        projet = proposed(passage, dossier)
    client = as_agent("remi")
    with CaptureQueriesContext(connection) as seen:
        page = client.get(reverse("apa_ash:projet", args=[projet.pk])).content.decode()
    assert sum('FROM "apa_ash_' in query["sql"] for query in seen) <= 15
    for words in ("Avant et après", "848,20", "L’APA baisse", "2\u202f000,00", "cet accord ne le"):
        assert words in page, words
    assert "Votre groupe iso-ressources" not in page
