"""A decision in mid-month: who is paid, who is claimed from, and what screens and letters say."""

import uuid
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import F
from django.urls import reverse

from egide.kernel.notation import euros, heures, jour
from egide.rules.apa.arrieres import previous_month
from egide.rules.apa.versement import next_month
from egide.rules.money import round_to_cent
from egide.systems.apa_ash import models as m
from egide.systems.apa_ash.models.controle import EtatIndu
from egide.systems.apa_ash.models.plan import ModeAide
from egide.systems.apa_ash.purposes import CONTROLE, PAIEMENT
from egide.systems.apa_ash.queries.apres_deces import find_after_death
from egide.systems.apa_ash.queries.controle import list_indus, read_months
from egide.systems.apa_ash.queries.dossier import open_dossier
from egide.systems.apa_ash.queries.hors_droit import find_beyond_right
from egide.systems.apa_ash.queries.lot_perime import find_changed_dues
from egide.systems.apa_ash.queries.retraits import owed_again
from egide.systems.apa_ash.services import lot as acts
from egide.systems.apa_ash.services.indu import TropPercu, record_indus
from egide.systems.apa_ash.services.lettres_indu import write_months
from egide.systems.apa_ash.services.motifs_hors_droit import write_causes
from egide.systems.apa_ash.services.reclamations import claim_beyond_right
from tests import factories
from tests.personas import today
from tests.systems.apa_ash import signature
from tests.systems.apa_ash.paiement_rows import compte, droit, prestataire
from tests.systems.apa_ash.test_letters import squeeze, text_of

MOIS = previous_month(today())
FIN = next_month(MOIS)
DEBUT = previous_month(MOIS, back=3)
COUPE = MOIS.replace(day=23)
DAYS = (FIN - MOIS).days
APA = Decimal(900)


def days_of(apa, days):
    return round_to_cent(apa * days / DAYS)


@pytest.fixture
def services(team):
    return [prestataire(team.departement, nom=nom) for nom in ("Les Mains du Val", "Confort Nord")]


@pytest.fixture
def run(team, entering):
    """Prepare the run of a month, or pay it whole."""

    def prepare(mois, *, pay=False):
        with entering(team.paul, PAIEMENT) as passage:
            lot = acts.prepare_lot(passage, lot_id=uuid.uuid4(), service_id=team.nord.pk, mois=mois)
            assert find_changed_dues(passage, lot, every=True) == []
        if pay:
            day = mois + timedelta(days=4)
            m.Paiement.objects.filter(lot=lot).update(verse_on=day)
            m.LotPaiement.objects.filter(pk=lot.pk).update(
                etat="emis", prepare_on=day, valide_par=team.remi, valide_on=day, emis_on=day
            )
        return lot

    return prepare


def lines(lot, mois=MOIS):
    rows = m.Paiement.objects.filter(lot=lot, mois_du=mois)
    return {row.prestataire_id: row.montant_brut for row in rows}


def revise(dossier, lines, *, apa=APA, start=COUPE):
    """Open another right on a day, as a decision does: the one before it ends on its eve."""
    before = m.Droit.objects.get(dossier=dossier)
    before.periode = DateRange(before.periode.lower, start)
    before.save()
    return droit(
        dossier, start=start, apa=str(apa), plan_mensuel="1000.00", taux="0.1", lines=lines
    )


@pytest.fixture
def changed(team, services, run):
    """A file paid whole to a service, whose plan then names another from the 23rd of the month."""
    first, second = services
    dossier = factories.dossier(team.nord, etat="ouvert")
    hours = (40, 25)
    droit(
        dossier, start=MOIS, apa=str(APA), plan_mensuel="1000.00", taux="0.1",
        lines=[(ModeAide.PRESTATAIRE, first, *hours)],
    )  # fmt: skip
    compte(dossier)
    run(MOIS, pay=True)
    revise(dossier, [(ModeAide.PRESTATAIRE, second, *hours)])
    return dossier


AFTER = days_of(APA, (FIN - COUPE).days)


@pytest.mark.clause("APA-06")
def test_what_a_change_of_service_leaves_undue_is_claimed_then_paid_to_the_other(
    team, client, entering, run, changed, services
):
    """The run of the month came first: nothing is paid twice, and nobody's days are lost."""
    first, second = services
    assert lines(run(FIN)) == {}
    m.LotPaiement.objects.filter(mois=FIN).update(etat="abandonne")
    with entering(team.carole, CONTROLE) as passage:
        (line,) = find_beyond_right(passage)
        assert (line.prestataire_id, line.reste) == (first.pk, AFTER)
        assert write_causes(line.causes) == f"plan d’aide changé le {jour(COUPE)}"
        claim_beyond_right(passage, dossier_id=changed.pk)
        assert find_beyond_right(passage) == []
        signature.sign_proposed(passage, changed.pk)
    letter = text_of(bytes(m.Courrier.objects.get(dossier=changed).pdf))
    for told in (euros(APA - AFTER), euros(AFTER), f"plan d’aide changé le {jour(COUPE)}"):
        assert squeeze(told) in letter
    lot = run(FIN)
    assert lines(lot) == {second.pk: AFTER}
    # What was claimed is withdrawn: the run pays the month twice, and says so.
    m.Indu.objects.update(etat=EtatIndu.RETIRE, retire=F("montant"))
    with entering(team.paul, PAIEMENT) as passage:
        (change,) = find_changed_dues(passage, lot)
        assert (change.mois, change.prepare, change.du) == (MOIS, AFTER, 0)
    # No more than the debt of another month, or of another file, does it let the month be paid.
    elsewhere = factories.dossier(team.nord, etat="ouvert")
    for dossier, mois in ((changed, DEBUT), (elsewhere, MOIS)):
        m.Indu.objects.create(
            service=team.nord, dossier=dossier, prestataire=first, mois=mois, motif="Heures",
            montant=APA, constate_on=MOIS, constate_par=factories.finder(),
            prescrit_on=next_month(today()), etat=EtatIndu.CONSTATE,
        )  # fmt: skip
    validated = m.LotPaiement.objects.filter(pk=lot.pk)
    with (
        entering(team.remi, PAIEMENT),
        pytest.raises(IntegrityError, match="no more than the rights give"),
        transaction.atomic(),
    ):
        validated.update(etat="valide", valide_par=team.remi, valide_on=today())


def test_one_paid_for_its_own_days_is_not_listed(team, entering, run, services):
    """Near miss: the run came after the decision."""
    first, second = services
    dossier = factories.dossier(team.nord, etat="ouvert")
    lines_ = [(ModeAide.PRESTATAIRE, first, 40, 25)]
    droit(dossier, start=MOIS, apa=str(APA), plan_mensuel="1000.00", taux="0.1", lines=lines_)
    compte(dossier)
    revise(dossier, [(ModeAide.PRESTATAIRE, second, 40, 25)])
    assert lines(run(MOIS, pay=True)) == {first.pk: APA - AFTER, second.pk: AFTER}
    with entering(team.carole, CONTROLE) as passage:
        assert find_beyond_right(passage) == []
        opened = open_dossier(passage, dossier.pk)
        indus = list_indus(passage, dossier=opened)
        (month,) = [
            x
            for x in read_months(passage, dossier=opened, indus=indus, until=MOIS).months
            if x.mois == MOIS
        ]
    assert (month.ecart, month.verse, month.justifie) == (0, APA, APA)
    assert lines(run(FIN)) == {}


LUMP = Decimal("1040.17")


@pytest.fixture
def granted(team, services, run):
    """A lump sum that silence gave, then an agreement in mid-month, paid by one run."""
    dossier = factories.dossier(team.nord, etat="ouvert")
    droit(
        dossier, start=MOIS.replace(day=15), apa=str(LUMP), plan_mensuel=str(LUMP), taux="0",
        lines=(),
    )  # fmt: skip
    m.Droit.objects.filter(dossier=dossier).update(forfait=True)
    compte(dossier)
    service = services[0]
    revise(dossier, [(ModeAide.PRESTATAIRE, service, 20, 30), (ModeAide.GRE_A_GRE, None, 20, 20)])
    return dossier, run(MOIS, pay=True)


def test_a_lump_sum_then_an_agreement_pays_the_person_her_days(
    team, client, entering, granted, services
):
    dossier, lot = granted
    after = (FIN - COUPE).days
    due = round_to_cent((LUMP * 8 + APA * after) / DAYS)
    to_service = days_of(Decimal(540), after)
    assert lines(lot) == {None: due - to_service, services[0].pk: to_service}
    second = m.Droit.objects.filter(dossier=dossier).order_by("periode").last()
    assert set(lot.paiements.values_list("prestataire", "droit")) == {
        (None, second.pk),
        (services[0].pk, second.pk),
    }
    # The line of the person says what each right gives her; so does the page of the control.
    parts = (days_of(LUMP, 8), due - to_service - days_of(LUMP, 8))
    client.force_login(team.paul)
    line = lot.paiements.get(prestataire=None)
    page = client.get(reverse("apa_ash:paiement_ligne", args=[line.pk]))
    assert [row["value"] for row in page.context["droits"]] == [
        euros(parts[0]),
        euros(parts[1]),
        euros(due - to_service),
    ]
    client.force_login(team.carole)
    page = client.get(reverse("apa_ash:controle_dossier", args=[dossier.pk]))
    assert [(row[2], row[3]) for row in page.context["shared_rows"]] == [
        ("La personne", euros(parts[0])),
        ("Les Mains du Val", euros(to_service)),
        ("La personne", euros(parts[1])),
    ]
    assert page.context["undue"] == []


def test_a_death_under_the_lump_sum_leaves_nothing_to_the_service(
    team, entering, granted, services
):
    dossier, _ = granted
    on = MOIS.replace(day=20)
    m.Identite.objects.filter(dossier=dossier).update(deces_on=on)
    paid = dict(m.Paiement.objects.values_list("prestataire", "montant_brut"))
    with entering(team.carole, CONTROLE) as passage:
        owed = {line.prestataire_id: line.reste for line in find_after_death(passage)}
    assert owed == {
        None: paid[None] - days_of(LUMP, 6),
        services[0].pk: paid[services[0].pk],
    }


def test_hours_of_a_service_that_both_plans_name_are_told_on_their_mean(
    team, client, entering, run, services
):
    """Forty hours until the 22nd, ten after: what was claimed says the mean, and that it is one."""
    aide, after = services[0], (FIN - COUPE).days
    dossier = factories.dossier(team.nord, etat="ouvert")
    droit(
        dossier, start=MOIS, apa=str(APA), plan_mensuel="1000.00", taux="0.1",
        lines=[(ModeAide.PRESTATAIRE, aide, 40, 25)],
    )  # fmt: skip
    compte(dossier)
    revise(dossier, [(ModeAide.PRESTATAIRE, aide, 10, 25)], apa="225.00")
    run(MOIS, pay=True)
    m.Prestation.objects.create(
        service=team.nord, dossier=dossier, prestataire=aide, mois=MOIS, heures_realisees=5
    )
    mean = round_to_cent(Fraction(40 * 22 + 10 * after, DAYS))
    due = round_to_cent((APA * 22 + Decimal(225) * after) / DAYS)
    with entering(team.carole, CONTROLE) as passage:
        (indu,) = record_indus(
            passage,
            jeton=uuid.uuid4(),
            dossier_id=dossier.pk,
            dus=[TropPercu(MOIS, aide.pk)],
            motif="Heures non réalisées",
            fraude=False,
        )
        opened = open_dossier(passage, dossier.pk)
        (told,) = write_months([indu], calcul=owed_again(passage, dossier=opened, claims=[indu]))
    assert indu.montant == due - Decimal("112.50")  # 5 h × 25 € × 0.9
    assert told.prevu.startswith(f"{heures(mean)} ")
    assert any("moyenne" in said for said in told.precisions)
    m.ReglementPrestataire.objects.create(
        organisme=team.departement, prestataire=aide, mode="service_fait", depuis=MOIS
    )
    client.force_login(team.paul)
    line = m.Paiement.objects.get(dossier=dossier, mois_du=MOIS)
    sums = client.get(reverse("apa_ash:paiement_ligne", args=[line.pk])).context["heures"]
    assert sums[0]["label"] == "Heures prévues, moyenne des plans selon leurs jours"
    assert (sums[0]["value"], sums[-1]["value"]) == (heures(mean), euros(Decimal("112.50")))
