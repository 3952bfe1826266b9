"""Past payment runs, hours delivered and invoiced, amounts paid in excess."""

import hashlib
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

from egide.kernel.access.models import Service
from egide.rules.apa.delais import add_months
from egide.rules.apa.dus import Dus
from egide.rules.apa.effectivite import Releve
from egide.rules.apa.indu import prescription
from egide.rules.apa.service_fait import Reglement, Reglements
from egide.rules.apa.versement import DroitMensuel, Periode, month_of, next_month
from egide.systems.apa_ash import models as m
from egide.systems.apa_ash.calculs.effectivite import Faits, compare
from egide.systems.apa_ash.calculs.parts_du_mois import (
    TO_THE_PERSON,
    Droit,
    ServiceFait,
    parts_of,
)
from egide.systems.apa_ash.demo.cases import Story
from egide.systems.apa_ash.demo.chance import Chance
from egide.systems.apa_ash.demo.decisions import Rights
from egide.systems.apa_ash.demo.remises import remise_of
from egide.systems.apa_ash.demo.world import World
from egide.systems.apa_ash.models.controle import EtatIndu, NatureImport
from egide.systems.apa_ash.models.paiement import EtatLot

SEED = "argent"
# A run is prepared, validated and issued in the first days of its month (CASF R. 232-30: the 10th).
PREPARE, VALIDE, EMIS = 3, 4, 5
CONTROLLED_MONTHS = 3
# One death in so many is known too late: what was paid meanwhile is left to the control.
DECES_TARDIFS = 2
CONNU = timedelta(days=120)
# One stay that is over in so many was told after its months were paid.
SEJOURS_TARDIFS = 2
# One service paid on its hours in so many has not sent those of the last month.
HEURES_ATTENDUES = 4
REMBOURSE = timedelta(days=30)
MOTIF_HEURES = "Heures payées et non réalisées"


@dataclass(slots=True)
class Ledger:
    """The runs of each service, month by month, and the files of hours received."""

    world: World
    months: list[date]
    lots: dict[tuple[object, date], m.LotPaiement]
    imports: dict[tuple[object, date], m.Import]
    chance: Chance


def open_ledger(world: World, *, debut_on: date) -> Ledger:
    """Create the runs of past months; the present month is left to prepare."""
    months, month = [], debut_on
    while month < world.on.replace(day=1):
        months.append(month)
        month = add_months(month, months=1)
    # Money draws apart: what is paid, and how, moves nobody's file.
    ledger = Ledger(world, months, {}, {}, Chance(SEED))
    for service in world.team.services:
        for month in months:
            ledger.lots[service.pk, month] = _lot(world, service, month)
        for month in months[-CONTROLLED_MONTHS:]:
            ledger.imports[service.pk, month] = _import(world, service, month)
    world.rows.extend(ledger.lots.values())
    world.rows.extend(ledger.imports.values())
    return ledger


def _lot(world: World, service: Service, month: date) -> m.LotPaiement:
    agents = world.team.agents
    return m.LotPaiement(
        id=world.chance.uuid(),
        service_id=service.pk,
        mois=month,
        etat=EtatLot.EMIS,
        prepare_par=agents["paul"],
        prepare_on=month.replace(day=PREPARE),
        valide_par=agents["pauline"],
        valide_on=month.replace(day=VALIDE),
        emis_on=month.replace(day=EMIS),
    )


def _import(world: World, service: Service, month: date) -> m.Import:
    name = f"heures-{month:%Y-%m}-{service.nom.split()[-1].lower()}.csv"
    return m.Import(
        id=world.chance.uuid(),
        service_id=service.pk,
        nature=NatureImport.HEURES,
        empreinte=hashlib.sha256(name.encode()).hexdigest(),
        lignes=0,
        importe_on=min(add_months(month, months=1).replace(day=8), world.on),
        importe_par=world.team.agents["carole"],
    )


def pay(ledger: Ledger, rights: Rights) -> None:
    """Pay a file month by month, the first time with what was due before."""
    fait = ServiceFait(_reglements(ledger.world), _report(ledger, rights))
    unseen, known = _unseen(ledger, rights), {d.pk: _right(rights, d) for d in rights.droits}
    paid: dict[tuple[date, UUID | None], m.Paiement] = {}
    for month in ledger.months:
        unknown = month in unseen
        droit = rights.droit_of(month) or (rights.droit if unknown else None)
        due = droit.apa if droit and unknown else _due(rights, month)
        if not droit or not due:
            continue
        shared = parts_of(
            known.values(),
            mois=month,
            interruptions=rights.interruptions,
            deces_on=rights.deces_on,
            service_fait=fait,
        )
        if unknown:
            whole = [replace(known[droit.pk], periode=month_of(month))]
            shared = replace(shared, droits=whole, interruptions=(), deces_on=None)
        for who, share in shared.shares().items():
            # Hours are known, and paid, once their month is over.
            late = 1 if who in shared.on_hours else 0
            lot = _lot_of(ledger, rights, add_months(month, months=late))
            if lot and share:
                paid[month, who] = m.Paiement(
                    id=ledger.chance.uuid(),
                    **rights.file.keys,
                    lot_id=lot.pk,
                    droit_id=shared.droit_of(who).id,
                    prestataire_id=who,
                    mois_du=month,
                    montant_brut=share,
                    verse_on=lot.emis_on,
                )
    ledger.world.rows.extend(paid.values())
    if ledger.months and rights.file.case.story == Story.INDU:
        faits = Faits(
            droits=list(known.values()),
            interruptions=rights.interruptions,
            deces_on=rights.deces_on,
            releves=fait.releves,
            verses={key: line.montant_brut for key, line in paid.items()},
            derniers_versements={key: _day_of(line) for key, line in paid.items()},
            service_fait=fait,
        )
        _indu(ledger, rights, faits)


def _day_of(line: m.Paiement) -> date:
    assert line.verse_on  # noqa: S101 -- the runs of the past are issued
    return line.verse_on


def _right(rights: Rights, droit: m.Droit) -> Droit:
    plan = rights.plans.get(droit.pk)
    return Droit(
        droit.pk,
        Periode(droit.periode.lower, droit.periode.upper),
        droit.apa,
        plan.prevus() if plan else dict(TO_THE_PERSON),
        droit.taux_participation,
    )


def _reglements(world: World) -> Reglements[UUID | None]:
    chosen = world.team.reglements
    return Reglements({r.prestataire_id: [(r.depuis, Reglement(r.mode))] for r in chosen})


def _unseen(ledger: Ledger, rights: Rights) -> set[date]:
    """Give the months paid in full before a death of these last months, or a stay, was known."""
    if rights.deces_on and rights.deces_on > ledger.world.on - CONNU:
        first = rights.deces_on.replace(day=1)
        return {first, next_month(first)} if ledger.chance.one_in(DECES_TARDIFS) else set()
    # No draw: what a late stay leaves overpaid moves no other file, nor any payment of its own.
    if rights.file.case.story != Story.SORTI or rights.file.dossier.pk.int % SEJOURS_TARDIFS:
        return set()
    stays = [stop.periode for stop in rights.interruptions]
    months = (x for x in ledger.months if any(stay.within(month_of(x)) for stay in stays))
    return {month for month in months if _due(rights, month)}


def _due(rights: Rights, month: date) -> Decimal:
    droit = rights.droit_of(month)
    if droit is None:
        return Decimal(0)
    following = add_months(month, months=1)
    days = Periode(month, following)
    running = DroitMensuel(Periode(droit.periode.lower, droit.periode.upper), droit.apa)
    stopped = any(stop.periode.within(days) for stop in rights.interruptions)
    dead = rights.deces_on is not None and rights.deces_on < following
    # Most months are whole: the rule is asked for the others only.
    if running.periode.within(days) == days and not stopped and not dead:
        return droit.apa
    rights_of_file = [
        DroitMensuel(Periode(d.periode.lower, d.periode.upper), d.apa) for d in rights.droits
    ]
    return Dus(rights_of_file, rights.interruptions, rights.deces_on).of_month(month).montant


def _lot_of(ledger: Ledger, rights: Rights, month: date) -> m.LotPaiement | None:
    """Give the run that paid a month: its own, or the first one after the act that allowed it."""
    known = rights.known_on.get(month)
    if known and known >= month.replace(day=PREPARE):
        month = add_months(known.replace(day=1), months=1)
    return ledger.lots.get((rights.file.service.pk, month))


def _report(ledger: Ledger, rights: Rights) -> dict[tuple[date, UUID | None], Releve]:
    """Report the hours of the last months, record what was paid in excess; give these hours."""
    file, chance = rights.file, ledger.chance
    found: dict[tuple[date, UUID | None], Releve] = {}
    if not rights.plans:
        return found
    # Half of the people use less than their plan: what control looks for.
    wasted = file.case.story == Story.INDU or chance.one_in(2)
    used = chance.whole(35, 93) if wasted else chance.whole(96, 100)
    on_hours = _reglements(ledger.world)
    for month in ledger.months[-CONTROLLED_MONTHS:]:
        droit = rights.droit_of(month)
        if droit is None or not _due(rights, month):
            continue
        received = ledger.imports[file.service.pk, month]
        for prestataire, (planned, tarif) in rights.plans[droit.pk].hours_by_prestataire().items():
            awaited = month == ledger.months[-1] and chance.one_in(HEURES_ATTENDUES)
            if awaited and on_hours.service_fait(prestataire, mois=month):
                continue
            hours = Decimal(int(planned * 4 * used / 100)) / 4
            invoiced = (hours * tarif).quantize(Decimal("0.01"), "ROUND_HALF_UP")
            received.lignes += 1
            found[month, prestataire] = Releve(hours, invoiced)
            ledger.world.rows.add(
                m.Prestation(
                    id=chance.uuid(),
                    **file.keys,
                    prestataire_id=prestataire,
                    mois=month,
                    heures_realisees=hours,
                    montant_facture=invoiced,
                    recu_dans_id=received.pk,
                )
            )
    return found


def _indu(ledger: Ledger, rights: Rights, faits: Faits) -> None:
    """Record what one payee of the month before the last was paid in excess, if anyone was."""
    chance, month = ledger.chance, ledger.months[-2:][0]
    part = max(compare(faits, mois=month).parts, key=lambda part: part.ecart, default=None)
    if part is None or not part.ecart:
        return
    montant = part.ecart
    etat = chance.pick(tuple(EtatIndu))
    found = min(add_months(month, months=1) + timedelta(days=11), ledger.world.on)
    indu = m.Indu(
        id=chance.uuid(),
        **rights.file.keys,
        prestataire_id=part.beneficiaire,
        mois=month,
        motif=MOTIF_HEURES,
        montant=montant,
        recouvre=montant if etat == EtatIndu.RECOUVRE else 0,
        remis=montant if etat == EtatIndu.REMIS else 0,
        constate_on=found,
        constate_par=ledger.world.team.agents["carole"],
        prescrit_on=prescription(month),
        propose_on=found if etat == EtatIndu.PROPOSE else None,
        propose_par=ledger.world.team.agents["carole"] if etat == EtatIndu.PROPOSE else None,
        etat=etat,
    )
    ledger.world.rows.add(indu)
    if remise := remise_of(ledger.world, indu):
        ledger.world.rows.add(remise)
    if indu.recouvre:
        ledger.world.rows.add(
            m.Remboursement(
                id=chance.uuid(),
                **rights.file.keys,
                indu_id=indu.pk,
                montant=montant,
                recu_on=min(found + REMBOURSE, ledger.world.on),
                saisi_par=ledger.world.team.agents["carole"],
            )
        )
