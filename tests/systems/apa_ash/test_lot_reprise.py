"""A run is finished whatever happens meanwhile: only the lines that moved are looked at again."""

import uuid
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.urls import reverse

from egide.kernel.access.passage import Refused
from egide.rules.apa.arrieres import previous_month
from egide.systems.apa_ash import models as m
from egide.systems.apa_ash.calculs.anomalies_du_lot import Anomalie, covered_by
from egide.systems.apa_ash.models.plan import ModeAide
from egide.systems.apa_ash.purposes import CONTROLE, PAIEMENT, Role
from egide.systems.apa_ash.queries import lot_reprise
from egide.systems.apa_ash.queries.ecritures import insert_paiements
from egide.systems.apa_ash.services import emission, factures, lot_examens, lot_refus
from egide.systems.apa_ash.services import lot as acts
from tests import factories
from tests.personas import grant, today
from tests.systems.apa_ash.paiement_rows import droit, payable, prestataire


@pytest.fixture
def mois():
    return today().replace(day=1)


@pytest.fixture
def do(team, entering):
    """Drive one act as an agent, Paul unless told."""

    def act(perform, agent=None, **said):
        with entering(agent or team.paul, PAIEMENT) as passage:
            return perform(passage, **said)

    return act


@pytest.fixture
def run(team, mois, do):
    """Prepare three files, one of them twice in the books, and keep what is to be examined."""
    moved = payable(team.nord, start=mois, nom="Touche")
    others = [payable(team.nord, start=mois, nom="Double") for _ in range(2)]
    lot = do(acts.prepare_lot, lot_id=uuid.uuid4(), service_id=team.nord.pk, mois=mois)
    do(acts.keep_anomalies, lot_id=lot.pk, anomalie=Anomalie.DOUBLE_DOSSIER, motif="Vérifié")
    return lot, moved, others


def hospital(dossier, mois):
    m.Interruption.objects.create(
        service=dossier.service,
        dossier=dossier,
        nature="hospitalisation",
        periode=DateRange(previous_month(mois, back=2), None),
    )


@pytest.mark.clause("APA-05")
@pytest.mark.parametrize("validated", [False, True])
def test_a_run_that_moved_is_computed_again_and_keeps_its_examinations(
    team, mois, do, run, validated
):
    lot, moved, others = run
    if validated:
        do(acts.validate_lot, team.remi, lot_id=lot.pk)
    hospital(moved, mois)
    jeton = uuid.uuid4()
    for _ in range(2):
        again = do(acts.recompute_lot, team.remi, lot_id=lot.pk, nouveau_id=jeton)
    lot.refresh_from_db()
    assert (lot.etat, again.etat, again.pk, again.prepare_par) == (
        "abandonne",
        "prepare",
        jeton,
        team.remi,
    )
    lines = {line.dossier: line for line in again.paiements.all()}
    assert set(lines) == set(others)
    assert {(x.examen, x.examine_par) for x in lines.values()} == {("Vérifié", team.paul)}
    with pytest.raises(lot_refus.SameAgent):
        do(acts.validate_lot, team.remi, lot_id=again.pk)
    with pytest.raises(lot_refus.ExaminedBySame):
        do(acts.validate_lot, lot_id=again.pk)
    grant(team.nora, Role.AGENT_PAIEMENT, team.nord, by=team.admin)
    do(acts.validate_lot, team.nora, lot_id=again.pk)
    do(emission.issue_lot, lot_id=again.pk, iban_debiteur="", execution_on=today())


def test_a_line_that_changed_is_looked_at_again(team, mois, do, run):
    lot, _, (first, second) = run
    m.Droit.objects.filter(dossier=first).update(apa=Decimal("700.00"), participation=300)
    again = do(acts.recompute_lot, lot_id=lot.pk, nouveau_id=uuid.uuid4())
    assert again.paiements.get(dossier=first).examen == ""
    assert again.paiements.get(dossier=second).examen == "Vérifié"


def test_a_month_prepared_anew_carries_over_what_was_said(team, mois, do, run):
    lot, _, others = run
    do(acts.abandon_lot, lot_id=lot.pk, motif="essai")
    again = do(acts.prepare_lot, lot_id=uuid.uuid4(), service_id=team.nord.pk, mois=mois)
    assert again.paiements.filter(examen="Vérifié").count() == len(others)
    assert again.paiements.filter(examine_par=team.paul).count() == len(others)


def test_what_was_said_of_a_line_in_the_run_of_another_month_is_not_carried_over(mois, do, run):
    lot, _, (first, _) = run
    do(acts.abandon_lot, lot_id=lot.pk, motif="essai")
    m.LotPaiement.objects.filter(pk=lot.pk).update(mois=previous_month(mois))
    again = do(acts.prepare_lot, lot_id=uuid.uuid4(), service_id=lot.service_id, mois=mois)
    assert again.paiements.get(dossier=first).examen == ""


def test_whoever_is_set_aside_without_an_anomaly_is_brought_back_by_another(team, mois, do):
    """One hand keeps nobody unpaid: the run given up, the line waits for nobody."""
    dossier = payable(team.nord, start=mois)
    said = {"service_id": team.nord.pk, "mois": mois}
    lot = do(acts.prepare_lot, lot_id=uuid.uuid4(), **said)
    do(lot_examens.examine_dossier, lot_id=lot.pk, dossier_id=dossier.pk, ecarter=True, motif="x")
    grant(team.nora, Role.AGENT_PAIEMENT, team.nord, by=team.admin)
    do(acts.abandon_lot, team.nora, lot_id=lot.pk, motif="essai")
    again = do(acts.prepare_lot, team.nora, lot_id=uuid.uuid4(), **said)
    line = again.paiements.get()
    assert (line.ecarte, line.examen, line.examine_par) == (False, "", None)


def test_two_runs_that_disagree_say_nothing(team, mois, do, run):
    lot, _, (first, second) = run
    again = do(acts.recompute_lot, lot_id=lot.pk, nouveau_id=uuid.uuid4())
    line = again.paiements.get(dossier=first)
    do(acts.examine_paiement, paiement_id=line.pk, ecarter=True, motif="Doute")
    third = do(acts.recompute_lot, lot_id=again.pk, nouveau_id=uuid.uuid4())
    assert third.paiements.get(dossier=first).examen == ""
    assert third.paiements.get(dossier=second).examen == "Vérifié"


def test_a_validated_run_that_did_not_move_is_not_computed_again(team, do, run):
    lot, _, _ = run
    do(acts.validate_lot, team.remi, lot_id=lot.pk)
    with pytest.raises(lot_refus.WrongState):
        do(acts.recompute_lot, lot_id=lot.pk, nouveau_id=uuid.uuid4())


@pytest.mark.clause("APA-05")
def test_the_files_that_moved_are_set_aside_and_the_others_paid_at_once(team, mois, do, run):
    lot, moved, others = run
    with pytest.raises(lot_refus.NothingTouched):
        do(lot_examens.set_aside_touched, lot_id=lot.pk, motif="Plus tard")
    hospital(moved, mois)
    with pytest.raises(lot_refus.DuesChanged):
        do(acts.validate_lot, team.remi, lot_id=lot.pk)
    do(lot_examens.set_aside_touched, lot_id=lot.pk, motif="Plus tard")
    do(acts.validate_lot, team.remi, lot_id=lot.pk)
    do(emission.issue_lot, team.remi, lot_id=lot.pk, iban_debiteur="", execution_on=today())
    paid = {p.dossier for p in m.Paiement.objects.filter(verse_on__isnull=False)}
    assert paid == set(others)
    assert lot.paiements.get(dossier=moved).examen == "Plus tard"


@pytest.mark.parametrize("name", ["alice", "carole", "denis", "nora"])
def test_others_neither_compute_again_nor_set_aside(team, mois, do, run, name):
    lot, moved, _ = run
    hospital(moved, mois)
    agent = team.agents[name]
    with pytest.raises(Refused):
        do(acts.recompute_lot, agent, lot_id=lot.pk, nouveau_id=uuid.uuid4())
    with pytest.raises(Refused):
        do(lot_examens.set_aside_touched, agent, lot_id=lot.pk, motif="x")
    assert m.LotPaiement.objects.get().etat == "prepare"


COPY = (
    "INSERT INTO apa_ash_paiement (id, service_id, lot_id, dossier_id, droit_id, titulaire, iban,"
    " mois_du, montant_brut, retenue, anomalie, ecarte, examen, examine_par_id)"
    " SELECT gen_random_uuid(), service_id, %s, dossier_id, droit_id, titulaire, iban, mois_du,"
    " montant_brut, retenue, anomalie, ecarte, {examen}, {agent} FROM apa_ash_paiement"
    " WHERE lot_id = %s AND examen <> ''"
)


@pytest.mark.clause("APA-05")
@pytest.mark.parametrize("forged", [("'Vu'", "examine_par_id"), ("examen", "access.agent()")])
def test_postgresql_takes_no_examination_that_nobody_made(team, mois, entering, do, run, forged):
    lot, _, others = run
    do(acts.abandon_lot, lot_id=lot.pk, motif="essai")
    with entering(team.remi, PAIEMENT) as passage:
        new = m.LotPaiement.objects.create(
            id=uuid.uuid4(),
            service=team.nord,
            mois=mois,
            etat="prepare",
            prepare_par=team.remi,
            prepare_on=passage.on,
        )
        with (
            pytest.raises(IntegrityError, match="carried over"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(COPY.format(examen=forged[0], agent=forged[1]), [new.pk, lot.pk])
        with connection.cursor() as cursor:
            cursor.execute(COPY.format(examen="examen", agent="examine_par_id"), [new.pk, lot.pk])
    assert new.paiements.count() == len(others)


# Of the columns of a line: what makes it another line, what was said of it, and what is its own.
OWN = {"id", "service_id", "lot_id", "saisi_par_id", "verse_on", "relu_on", "montant"}


def test_every_column_of_a_line_counts_or_is_its_own():
    columns = {field.attname for field in m.Paiement._meta.concrete_fields}
    assert columns == OWN | {*lot_reprise.LINE, *lot_reprise.SAID}


@pytest.fixture
def said(team, mois, do, entering):
    """A line that pays an invoice to a service, looked at in a run given up, and its likes."""
    service = prestataire(team.departement)
    dossier, other = (payable(team.nord, start=mois, nom=nom) for nom in ("Facture", "Autre"))
    aide = m.AidePonctuelle.objects.create(
        service=team.nord, dossier=dossier, plan=m.PlanAide.objects.get(dossier=dossier),
        nature="repit", objet="Garde", prestataire=service, montant=400,
    )  # fmt: skip
    with entering(team.carole, CONTROLE) as passage:
        _, twin = (
            factures.record_facture(
                passage,
                dossier_id=dossier.pk,
                jeton=uuid.uuid4(),
                cible_id=aide.pk,
                depense=factures.Depense(reference, passage.on, Decimal(100), a_la_personne=False),
            )
            for reference in ("F-1", "F-2")
        )
    lot = do(acts.prepare_lot, lot_id=uuid.uuid4(), service_id=team.nord.pk, mois=mois)
    line = lot.paiements.exclude(facture=None).exclude(facture=twin)
    line.update(examen="Vu", examine_par=team.paul, anomalie="deces")
    do(acts.abandon_lot, lot_id=lot.pk, motif="essai")
    return line.get(), {
        "dossier_id": other.pk,
        "droit_id": m.Droit.objects.get(dossier=other).pk,
        "prestataire_id": None,
        "facture_id": twin.pk,
        "titulaire": "x",
        "iban": "FR00",
        "mois_du": previous_month(mois),
        "montant_brut": Decimal("87.62"),
        "retenue": Decimal("0.01"),
        "anomalie": "hausse",
    }


@pytest.mark.clause("APA-05")
@pytest.mark.parametrize("column", [*lot_reprise.LINE, "", "hours", "quiet"])
def test_both_doors_carry_over_the_very_same_line_only(team, mois, entering, said, column):
    line, other = said
    if (of_line := {"hours": "hausse heures_au_dela", "quiet": ""}.get(column)) is not None:
        line.anomalie = of_line
        line.save()
    row = {name: getattr(line, name) for name in lot_reprise.LINE}
    if column in other:
        row[column] = other[column]
    with entering(team.paul, PAIEMENT) as passage:
        new = m.LotPaiement.objects.create(
            service=team.nord, mois=mois, etat="prepare", prepare_par=team.paul,
            prepare_on=passage.on,
        )  # fmt: skip
        (carried,) = lot_reprise.carry_over(passage, new, lignes=[row])
        assert carried.get("examen") == (None if column else "Vu")
        forged = row | {"saisi_par_id": None, "ecarte": False, "examen": "Vu"}
        with transaction.atomic():
            try:
                insert_paiements(new, [forged | {"examine_par_id": team.paul.pk}])
            except IntegrityError as refused:
                found = refused.__cause__.diag.constraint_name
                transaction.set_rollback(True)
            else:
                found = ""
    assert found == ("paiement_examined_by_oneself" if column else "")


def test_the_screen_computes_again_and_sets_aside(team, mois, client, run):
    lot, moved, _ = run
    address = reverse("apa_ash:lot", args=[lot.pk])
    client.force_login(team.remi)
    assert "Recalculer les lignes touchées" not in client.get(address).content.decode()
    hospital(moved, mois)
    page = client.get(address)
    assert "Recalculer les lignes touchées" in page.content.decode()
    aside = reverse("apa_ash:lot_ecart", args=[lot.pk, "changes"])
    client.post(aside, {"motif": ""})
    assert not lot.paiements.filter(ecarte=True).exists()
    client.post(aside, {"motif": "Hôpital"})
    assert lot.paiements.get(ecarte=True).dossier == moved
    again = reverse("apa_ash:lot_recalcul", args=[lot.pk])
    assert client.post(again, {"jeton": "x"}).status_code == 404
    answer = client.post(again, {"jeton": page.context["jeton"]})
    assert answer["Location"] == reverse("apa_ash:lot", args=[page.context["jeton"]])


# --- several lines at once


def test_one_reason_serves_all_the_lines_of_a_person(team, mois, do, client):
    start = previous_month(mois, back=1)
    dossier, other = (payable(team.nord, start=start, nom="Double") for _ in range(2))
    lot = do(acts.prepare_lot, lot_id=uuid.uuid4(), service_id=team.nord.pk, mois=mois)
    line = lot.paiements.filter(dossier=dossier).first()
    client.force_login(team.paul)
    address = reverse("apa_ash:paiement_ligne", args=[line.pk])
    assert client.get(address).context["autres"] == 1
    client.post(address, {"suite": "maintenir", "dossier": "on", "motif": "Homonymes"})
    assert {x.examen for x in lot.paiements.filter(dossier=dossier)} == {"Homonymes"}
    assert {x.examen for x in lot.paiements.filter(dossier=other)} == {""}
    client.post(address, {"suite": "ecarter", "dossier": "on", "motif": "Doute"})
    assert {x.ecarte for x in lot.paiements.filter(dossier=dossier)} == {True}
    with pytest.raises(lot_refus.NothingLeft):
        do(
            lot_examens.examine_dossier,
            lot_id=lot.pk,
            dossier_id=uuid.uuid4(),
            ecarter=True,
            motif="x",
        )


def test_lines_without_account_are_set_aside_at_once_and_never_kept(team, mois, do, client):
    bare = [factories.dossier(team.nord, etat="ouvert") for _ in range(2)]
    for dossier in bare:
        droit(dossier, start=mois)
    payable(team.nord, start=mois, nom="Autre")
    lot = do(acts.prepare_lot, lot_id=uuid.uuid4(), service_id=team.nord.pk, mois=mois)
    with pytest.raises(lot_refus.NowhereToPay):
        do(
            lot_examens.examine_dossier,
            lot_id=lot.pk,
            dossier_id=bare[0].pk,
            ecarter=False,
            motif="x",
        )
    client.force_login(team.paul)
    address = reverse("apa_ash:lot", args=[lot.pk])
    assert "Écarter 2 lignes sans compte" in client.get(address).content.decode()
    client.post(reverse("apa_ash:lot_ecart", args=[lot.pk, "sans-compte"]), {"motif": "RIB"})
    assert {p.dossier for p in lot.paiements.filter(ecarte=True)} == set(bare)
    with pytest.raises(lot_refus.NothingLeft):
        do(lot_examens.set_aside_without_account, lot_id=lot.pk, motif="RIB")


def test_a_payee_set_aside_is_paid_by_the_next_run_and_nobody_twice(team, mois, do):
    aide = prestataire(team.departement, iban="")
    lines = [(ModeAide.PRESTATAIRE, aide, 20, 25), (ModeAide.GRE_A_GRE, None, 20, 25)]
    before = previous_month(mois)
    dossier = payable(team.nord, start=before, lines=lines)
    lot = do(acts.prepare_lot, lot_id=uuid.uuid4(), service_id=team.nord.pk, mois=before)
    do(lot_examens.set_aside_without_account, lot_id=lot.pk, motif="RIB attendu")
    do(acts.validate_lot, team.remi, lot_id=lot.pk)
    do(emission.issue_lot, team.remi, lot_id=lot.pk, iban_debiteur="", execution_on=today())
    m.Prestataire.objects.filter(pk=aide.pk).update(iban="FR7630006000011234567890189")
    following = do(acts.prepare_lot, lot_id=uuid.uuid4(), service_id=team.nord.pk, mois=mois)
    found = {(p.mois_du, p.prestataire) for p in following.paiements.all()}
    assert found == {(before, aide), (mois, aide), (mois, None)}
    # A stay makes the file be computed again: what the first run paid is not asked of this one.
    m.Interruption.objects.create(
        service=dossier.service, dossier=dossier, nature="had", periode=DateRange(mois, None)
    )
    do(acts.keep_anomalies, lot_id=following.pk, anomalie=Anomalie.HAUSSE, motif="Part reportée")
    do(acts.validate_lot, team.remi, lot_id=following.pk)


@pytest.mark.parametrize(
    ("anomalie", "carried", "covered"),
    [
        (Anomalie.DECES, "deces droit_fini rappel", True),
        (Anomalie.DECES, "deces hausse", False),
        (Anomalie.RAPPEL, "hausse rappel", True),
        (Anomalie.RAPPEL, "compte_modifie rappel", False),
        (Anomalie.COMPTE_MODIFIE, "compte_modifie", True),
        (Anomalie.COMPTE_MODIFIE, "compte_modifie deces", False),
    ],
)
def test_one_reason_covers_an_anomaly_and_what_it_brings(anomalie, carried, covered):
    assert (carried in covered_by(anomalie)) is covered
