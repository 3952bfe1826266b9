"""What a decision makes overpaid: told before it is signed, in its letter, then to the control."""

import uuid
from datetime import date
from decimal import Decimal

import pytest
from django.urls import reverse

from egide.kernel import notation
from egide.systems.apa_ash import models as m
from egide.systems.apa_ash.purposes import CONTROLE
from egide.systems.apa_ash.queries.decision import load_situation
from egide.systems.apa_ash.queries.hors_droit import find_beyond_right
from egide.systems.apa_ash.services import arrets, projets
from egide.systems.apa_ash.services.trop_verses import beyond_end, paid_from
from tests.systems.apa_ash import situations
from tests.systems.apa_ash.test_decision_screens import acte, fixed_day  # noqa: F401
from tests.systems.apa_ash.test_letters import squeeze, text_of
from tests.systems.apa_ash.test_mise_en_demeure import RECEIVED, SENT, notify
from tests.systems.apa_ash.test_suites_decision import APA, DAY, SINCE, reopen

NOVEMBRE, DECEMBRE = date(2026, 11, 1), date(2026, 12, 1)
SENTENCE = squeeze("Des sommes ont déjà été versées au-delà de ce qui reste dû")
TOLD = "Déjà versé au-delà"


@pytest.fixture
def sign_in(client, team):
    def enter(name):
        client.force_login(team.agents[name], "egide.kernel.access.backends.AgentBackend")
        return client

    return enter


@pytest.fixture
def dossier(team, on_day):
    opened = situations.opened(team.nord, since=SINCE, by=team.chloe)
    with on_day(team.alice, SENT) as passage:
        notify(passage, opened)
    situations.posted(opened, on=SENT, by=team.alice)
    return opened


def pay(team, dossier, *months):
    for mois in months:
        lot = m.LotPaiement.objects.create(
            service=team.nord,
            mois=mois,
            etat="emis",
            prepare_par=team.paul,
            prepare_on=NOVEMBRE,
            valide_par=team.remi,
            valide_on=NOVEMBRE,
        )
        m.Paiement.objects.create(
            service=team.nord,
            lot=lot,
            dossier=dossier,
            droit=dossier.droits.get(),
            mois_du=mois,
            montant_brut=APA,
            verse_on=NOVEMBRE,
        )


def end(passage, dossier):
    return arrets.propose_fin(
        passage, jeton=uuid.uuid4(), dossier_id=dossier.pk, code="renonciation", fin_on=DAY
    )


def stop(passage, dossier):
    return arrets.propose_suspension(
        passage, jeton=uuid.uuid4(), dossier_id=dossier.pk, recue_on=RECEIVED, code="qualite"
    )


def revise(passage, dossier):
    reopen(passage, dossier)
    return projets.propose_accord(
        passage,
        jeton=uuid.uuid4(),
        dossier_id=dossier.pk,
        effet_on=DAY,
        revision_on=date(2029, 11, 20),
        motif="",
    )


# What is proposed, the means by then, the months paid, the day on which the control looks, and what
# it finds. Ten days of November, the whole of December, eleven days of November at 710,91 €.
SCENES = [
    (end, 1500, [NOVEMBRE], DAY, "282.73"),
    (stop, 1500, [NOVEMBRE, DECEMBRE], date(2026, 12, 2), "848.20"),
    (revise, 2000, [NOVEMBRE], DAY, "50.34"),
    (end, 1500, [], DAY, 0),
    (stop, 1500, [NOVEMBRE], date(2026, 12, 2), 0),
    (revise, 2000, [], DAY, 0),
    (revise, 900, [NOVEMBRE], DAY, 0),
]


def means(dossier, montant):
    m.Ressources.objects.filter(dossier=dossier).update(ressources_mensuelles=Decimal(montant))


@pytest.mark.parametrize("scene", SCENES)
def test_what_is_told_to_who_signs_is_what_the_control_finds(team, dossier, on_day, sign_in, scene):
    propose, ressources, paid, looked_on, beyond = scene
    means(dossier, ressources)
    pay(team, dossier, *paid)
    with on_day(team.alice, DAY) as passage:
        projet = propose(passage, dossier)
    page = sign_in("remi").get(reverse("apa_ash:projet", args=[projet.pk])).content.decode()
    with on_day(team.remi, DAY) as passage:
        decision = projets.sign_projet(passage, projet_id=projet.pk)
    with on_day(team.carole, looked_on, purpose=CONTROLE) as passage:
        lines = find_beyond_right(passage)
    found = sum(line.reste for line in lines)
    assert found == Decimal(beyond)
    assert (TOLD in page) is bool(found)
    assert not found or f": {notation.euros(found)}, que le contrôle" in page.replace(
        "\u00a0:", ":"
    )
    letter = text_of(bytes(m.Courrier.objects.get(decision=decision).pdf))
    assert (SENTENCE in letter) is bool(found)


@pytest.mark.parametrize("paid", [True, False])
def test_whoever_proposes_is_told_the_sum_at_once(team, dossier, on_day, sign_in, paid):
    if paid:
        pay(team, dossier, NOVEMBRE, DECEMBRE)
    client = sign_in("alice")
    assert (TOLD in client.get(acte(dossier, "suspension")).content.decode()) is paid
    said = {"jeton": uuid.uuid4(), "code": "renonciation", "fin_on": DAY.isoformat()}
    answer = client.post(acte(dossier, "fin"), said, follow=True).content.decode()
    assert m.ProjetDecision.objects.filter(dossier=dossier).exists()
    # The ten last days of November, and December.
    assert ("1\u202f130,93" in answer) is (TOLD in answer) is paid
    m.ProjetDecision.objects.all().delete()
    means(dossier, 2000)
    with on_day(team.alice, DAY) as passage:
        reopen(passage, dossier)
    assert (TOLD in client.get(acte(dossier, "accord")).content.decode()) is paid


def test_what_exceeds_already_is_no_decision_s_doing(team, dossier, on_day):
    pay(team, dossier, NOVEMBRE)
    m.Interruption.objects.create(
        service=team.nord,
        dossier=dossier,
        nature="suspension",
        periode=(NOVEMBRE, None),
        motif="Justificatifs.",
    )
    with on_day(team.alice, DAY) as passage:
        situation = load_situation(passage, pk=dossier.pk)
        assert beyond_end(paid_from(passage, situation), situation, fin_on=DAY) == 0
