"""The near misses of a run: its month, what is kept together, its files, whoever entered what."""

import uuid
from datetime import date

import pytest

from egide.rules.apa.arrieres import MOIS_D_ARRIERE, previous_month
from egide.systems.apa_ash import models as m
from egide.systems.apa_ash.calculs.anomalies_du_lot import Anomalie
from egide.systems.apa_ash.fichiers.jours_bancaires import prochain_jour_bancaire
from egide.systems.apa_ash.models.plan import ModeAide
from egide.systems.apa_ash.purposes import PAIEMENT, Role
from egide.systems.apa_ash.services import emission, lot_refus
from egide.systems.apa_ash.services import lot as acts
from tests.personas import grant, today
from tests.systems.apa_ash.paiement_rows import payable, prestataire

MOIS = today().replace(day=1)
PAYER = "FR7630001007941234567890185"
OUVERT = prochain_jour_bancaire(today())


@pytest.fixture
def do(team, entering):
    """Take a step of the run as an agent of payments."""

    def take(act, agent, **said):
        with entering(agent, PAIEMENT) as passage:
            return act(passage, **said)

    return take


@pytest.fixture
def run(do, team):
    """Prepare the run of a month, as the agent of payments or another."""

    def prepare(mois=MOIS, *, agent=team.paul, service=team.nord):
        said = {"lot_id": uuid.uuid4(), "service_id": service.pk, "mois": mois}
        return do(acts.prepare_lot, agent, **said)

    return prepare


def entered_by(dossier, agent):
    accounts = m.CompteBancaire.objects.filter(dossier=dossier)
    accounts.update(saisi_on=today(), saisi_par=agent)


@pytest.mark.parametrize(
    ("mois", "refused"),
    [
        (previous_month(MOIS, back=MOIS_D_ARRIERE + 1), True),
        (previous_month(MOIS, back=MOIS_D_ARRIERE), False),
        (previous_month(MOIS, back=-1), False),
        (previous_month(MOIS, back=-2), True),
        (MOIS.replace(day=2), True),
    ],
    ids=["too old", "the oldest", "the next", "too far", "its second day"],
)
def test_a_run_is_of_a_month_within_reach(team, run, mois, refused):
    payable(team.nord, start=date(2020, 1, 1))
    if refused:
        with pytest.raises(acts.MonthOutOfReach):
            run(mois)
    else:
        assert run(mois).mois == mois


def test_each_service_has_its_run_of_a_month(team, run):
    for service in (team.nord, team.sud):
        payable(service, start=previous_month(MOIS))
    grant(team.nora, Role.AGENT_PAIEMENT, team.nord, team.sud, by=team.admin)
    before = run(previous_month(MOIS), agent=team.nora)
    first = run(agent=team.nora)
    second = run(agent=team.nora, service=team.sud)
    assert [lot.service for lot in (before, first, second)] == [team.nord, team.nord, team.sud]
    with pytest.raises(acts.AlreadyPrepared):
        run(agent=team.nora)


# --- what is kept together


@pytest.mark.parametrize(
    ("anomalie", "refusal"),
    [
        (Anomalie.COMPTE_ABSENT, lot_refus.NowhereToPay),
        (Anomalie.SERVICE_SANS_COMPTE, lot_refus.NowhereToPay),
        (Anomalie.HEURES_NON_RECUES, lot_refus.HoursAwaited),
        (Anomalie.AU_DESSUS_DU_PLAFOND, lot_refus.OneByOne),
    ],
)
def test_what_nobody_may_keep_is_told_by_its_reason(team, run, do, anomalie, refusal):
    payable(team.nord, start=MOIS)
    lot = run()
    with pytest.raises(refusal) as refused:
        do(acts.keep_anomalies, team.paul, lot_id=lot.pk, anomalie=anomalie, motif="Vu")
    assert type(refused.value) is refusal


def test_what_another_said_of_a_line_stays_when_all_are_kept(team, run, do):
    first, second = (payable(team.nord, start=MOIS, nom=n, iban="FR00") for n in ("Roy", "Morel"))
    lot = run()
    line = lot.paiements.get(dossier=first)
    do(acts.examine_paiement, team.remi, paiement_id=line.pk, ecarter=False, motif="Époux")
    kept = {"lot_id": lot.pk, "anomalie": Anomalie.COMPTE_PARTAGE, "motif": "Couple"}
    do(acts.keep_anomalies, team.paul, **kept)
    said = {row.dossier: (row.examen, row.examine_par) for row in lot.paiements.all()}
    assert said == {first: ("Époux", team.remi), second: ("Couple", team.paul)}


@pytest.mark.parametrize(
    ("anomalie", "seen", "refused"),
    [
        (Anomalie.COMPTE_MODIFIE, False, True),
        (Anomalie.COMPTE_MODIFIE, True, False),
        (Anomalie.DECES, False, False),
    ],
)
def test_an_account_of_one_s_own_is_told_when_it_is_what_waits(
    team, run, do, anomalie, seen, refused
):
    dossier = payable(team.nord, start=MOIS)
    entered_by(dossier, team.paul)
    lot = run()
    if seen:
        lot.paiements.update(examen="RIB vu", examine_par=team.remi)
    kept = {"lot_id": lot.pk, "anomalie": anomalie, "motif": "Vu"}
    if refused:
        with pytest.raises(lot_refus.OwnAccount):
            do(acts.keep_anomalies, team.paul, **kept)
    else:
        assert do(acts.keep_anomalies, team.paul, **kept) == lot
    assert lot.paiements.get().examen == ("RIB vu" if seen else "")


@pytest.mark.parametrize("ecarter", [True, False])
def test_an_account_of_one_s_own_is_set_aside_and_not_kept(team, run, do, ecarter):
    entered_by(payable(team.nord, start=MOIS), team.paul)
    lot = run()
    said = {"paiement_id": lot.paiements.get().pk, "ecarter": ecarter, "motif": "Doute"}
    if ecarter:
        assert do(acts.examine_paiement, team.paul, **said).ecarte
    else:
        with pytest.raises(lot_refus.OwnAccount):
            do(acts.examine_paiement, team.paul, **said)


def test_only_the_files_whose_lines_do_not_say_all_are_named(team, run, do):
    silent, told = (payable(team.nord, start=MOIS, nom=n, iban="FR00") for n in ("Roy", "Morel"))
    plain = payable(team.nord, start=MOIS, nom="Petit")
    lot = run()
    lot.paiements.filter(dossier=silent).update(anomalie="")
    lot.paiements.filter(dossier=told).update(examen="Couple", examine_par=team.paul)
    with pytest.raises(lot_refus.AnomaliesUntold) as refused:
        do(acts.validate_lot, team.remi, lot_id=lot.pk)
    assert silent.numero in str(refused.value)
    assert told.numero not in str(refused.value)
    assert plain.numero not in str(refused.value)


# --- its files


@pytest.fixture
def issued(team, run, do):
    """Pay a month, with its transfers or without."""

    def issue(mois, *, payer=""):
        lot = run(mois)
        do(acts.validate_lot, team.remi, lot_id=lot.pk)
        said = {"lot_id": lot.pk, "iban_debiteur": payer, "execution_on": OUVERT}
        return do(emission.issue_lot, team.remi, **said)

    return issue


def test_transfers_are_written_once_for_each_run(team, do, issued):
    payable(team.nord, start=previous_month(MOIS))
    first, second = issued(previous_month(MOIS), payer=PAYER), issued(MOIS)
    transfers = {"iban_debiteur": PAYER, "execution_on": OUVERT}
    with pytest.raises(lot_refus.SepaAlreadyThere):
        do(emission.issue_sepa, team.remi, lot_id=first.pk, **transfers)
    assert do(emission.issue_sepa, team.remi, lot_id=second.pk, **transfers) == second
    assert sorted(second.fichiers.values_list("forme", flat=True)) == ["csv", "sepa"]


@pytest.mark.parametrize("seal", ["", "0" * 64])
def test_a_file_whose_seal_is_another_goes_to_no_bank(team, do, issued, seal):
    payable(team.nord, start=MOIS)
    lot = issued(MOIS)
    if seal:
        lot.fichiers.update(empreinte=seal)
    fichier = lot.fichiers.get()
    if seal:
        with pytest.raises(lot_refus.FichierAltere):
            do(emission.download_fichier, team.remi, fichier_id=fichier.pk)
    else:
        assert do(emission.download_fichier, team.remi, fichier_id=fichier.pk) == fichier


@pytest.mark.parametrize(
    ("day", "refusal"),
    [
        (date(2026, 11, 19), emission.ExecutionPast),
        (date(2026, 11, 20), None),
        (date(2026, 11, 21), emission.BankClosed),  # a Saturday
        (date(2026, 11, 23), None),
        (date(2026, 12, 21), None),
        (date(2026, 12, 22), emission.ExecutionLointaine),
        (date(2062, 12, 12), emission.ExecutionLointaine),
    ],
)
def test_transfers_are_executed_on_a_day_of_banks_from_today(day, refusal):
    on = date(2026, 11, 20)
    if refusal is None:
        emission.check_execution(day, on=on)
    else:
        with pytest.raises(refusal):
            emission.check_execution(day, on=on)


@pytest.mark.parametrize(
    ("alone", "said", "rises"),
    [
        (False, "", False),  # a part waits: next month pays both, and nothing rose
        (False, "rappel", False),
        (False, "hausse", True),  # set aside because it rose: told again
        (True, "", False),
        (True, "hausse", False),  # nothing is known of the month before: nothing to compare
    ],
)
def test_a_part_set_aside_makes_no_rise_of_the_month_after(team, run, alone, said, rises):
    aide = prestataire(team.departement)
    lines = [(ModeAide.PRESTATAIRE, aide, 30, 25), (ModeAide.GRE_A_GRE, None, 10, 25)]
    payable(team.nord, start=previous_month(MOIS), lines=lines[:1] if alone else lines)
    lot = run(previous_month(MOIS))
    lot.paiements.filter(prestataire=aide).update(
        ecarte=True, examen="x", examine_par=team.paul, anomalie=said
    )
    m.LotPaiement.objects.filter(pk=lot.pk).update(
        etat="valide", valide_par=team.remi, valide_on=today()
    )
    told = run().paiements.filter(mois_du=MOIS).values_list("anomalie", flat=True)
    assert {"hausse" in anomalie.split() for anomalie in told} == {rises}
