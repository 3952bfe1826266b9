"""Past payment runs, hours delivered and invoiced, amounts paid in excess."""

import hashlib
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

from egide.kernel.access.models import Service
from egide.rules.apa.delais import add_months
from egide.rules.apa.indu import prescription
from egide.rules.apa.repartition import split_montant
from egide.rules.apa.versement import DroitMensuel, Periode, total_du
from egide.systems.apa_ash import models as m
from egide.systems.apa_ash.demo.cases import Story
from egide.systems.apa_ash.demo.decisions import Rights
from egide.systems.apa_ash.demo.world import World
from egide.systems.apa_ash.models.controle import EtatIndu, NatureImport
from egide.systems.apa_ash.models.paiement import EtatLot

# A run is prepared, validated and issued in the first days of its month (CASF R. 232-30: the 10th).
PREPARE, VALIDE, EMIS = 3, 4, 5
CONTROLLED_MONTHS = 3
# One death in so many is known too late: what was paid meanwhile is left to the control.
DECES_TARDIFS = 2
CONNU = timedelta(days=120)
MOTIF_HEURES = "Heures payées et non réalisées"


@dataclass(slots=True)
class Ledger:
    """The runs of each service, month by month, and the files of hours received."""

    world: World
    months: list[date]
    lots: dict[tuple[object, date], m.LotPaiement]
    imports: dict[tuple[object, date], m.Import]


def open_ledger(world: World, *, debut_on: date) -> Ledger:
    """Create the runs of past months; the present month is left to prepare."""
    months, month = [], debut_on
    while month < world.on.replace(day=1):
        months.append(month)
        month = add_months(month, months=1)
    ledger = Ledger(world, months, {}, {})
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
    late, shares_of = _is_late(ledger, rights), _Shares(rights)
    for month in ledger.months:
        droit = rights.droit if late and _after_death(rights, month) else rights.droit_of(month)
        lot = _lot_of(ledger, rights, month)
        if droit is None or lot is None:
            continue
        if due := droit.apa if late and _after_death(rights, month) else _due(rights, month):
            shares = shares_of.of(droit, due)
            ledger.world.rows.extend(
                m.Paiement(
                    id=ledger.world.chance.uuid(),
                    **rights.file.keys,
                    lot_id=lot.pk,
                    droit_id=droit.pk,
                    prestataire_id=who,
                    mois_du=month,
                    montant_brut=share,
                    verse_on=lot.emis_on,
                )
                for who, share in shares.items()
                if share
            )
    _control(ledger, rights)


def _is_late(ledger: Ledger, rights: Rights) -> bool:
    """Tell whether a death of these last months is not known to the payment yet."""
    since = ledger.world.on - CONNU
    return bool(
        rights.deces_on and rights.deces_on > since and ledger.world.chance.one_in(DECES_TARDIFS)
    )


class _Shares:
    """How what is due splits between the payees of a plan: most months are alike."""

    def __init__(self, rights: Rights) -> None:
        self._rights = rights
        self._known: dict[tuple[UUID, Decimal], dict[UUID | None, Decimal]] = {}

    def of(self, droit: m.Droit, due: Decimal) -> dict[UUID | None, Decimal]:
        """Give the part of each payee."""
        found = self._known.get((droit.pk, due))
        if found is None:
            plan = self._rights.plans.get(droit.pk)
            parts: dict[UUID | None, Decimal] = plan.parts() if plan else {None: Decimal(1)}
            found = self._known[droit.pk, due] = split_montant(due, parts=parts)
        return found


def _after_death(rights: Rights, month: date) -> bool:
    """Tell whether a month was paid in full before the death was known: its own, and the next."""
    assert rights.deces_on  # noqa: S101 -- callers checked
    first = rights.deces_on.replace(day=1)
    return first <= month <= add_months(first, months=1)


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
    return total_du(
        month,
        droits=[
            DroitMensuel(Periode(d.periode.lower, d.periode.upper), d.apa) for d in rights.droits
        ],
        interruptions=rights.interruptions,
        deces_on=rights.deces_on,
    )


def _lot_of(ledger: Ledger, rights: Rights, month: date) -> m.LotPaiement | None:
    """Give the run that paid a month: its own, or the first one after the act that allowed it."""
    known = rights.known_on.get(month)
    if known and known >= month.replace(day=PREPARE):
        month = add_months(known.replace(day=1), months=1)
    return ledger.lots.get((rights.file.service.pk, month))


def _control(ledger: Ledger, rights: Rights) -> None:
    file, chance = rights.file, ledger.world.chance
    if not rights.plans:
        return
    # Half of the people use less than their plan: what control looks for.
    used = chance.whole(35, 93) if chance.one_in(2) else chance.whole(96, 100)
    for month in ledger.months[-CONTROLLED_MONTHS:]:
        droit = rights.droit_of(month)
        if droit is None or not _due(rights, month):
            continue
        received = ledger.imports[file.service.pk, month]
        for prestataire, (planned, tarif) in rights.plans[droit.pk].hours_by_prestataire().items():
            hours = Decimal(int(planned * 4 * used / 100)) / 4
            received.lignes += 1
            ledger.world.rows.add(
                m.Prestation(
                    id=chance.uuid(),
                    **file.keys,
                    prestataire_id=prestataire,
                    mois=month,
                    heures_realisees=hours,
                    montant_facture=(hours * tarif).quantize(Decimal("0.01"), "ROUND_HALF_UP"),
                    recu_dans_id=received.pk,
                )
            )
    if ledger.months and file.case.story == Story.INDU:
        _indu(ledger, rights)


def _indu(ledger: Ledger, rights: Rights) -> None:
    assert rights.droit  # noqa: S101 -- callers checked
    chance = ledger.world.chance
    if not rights.droit.apa:
        return
    month = ledger.months[-2:][0]
    montant = (rights.droit.apa * chance.whole(15, 60) / 100).quantize(Decimal("0.01"))
    etat = chance.pick(tuple(EtatIndu))
    found = min(add_months(month, months=1) + timedelta(days=11), ledger.world.on)
    ledger.world.rows.add(
        m.Indu(
            id=chance.uuid(),
            **rights.file.keys,
            prestataire_id=_helper(rights),
            mois=month,
            motif=MOTIF_HEURES,
            montant=montant,
            recouvre=montant if etat == EtatIndu.RECOUVRE else 0,
            constate_on=found,
            prescrit_on=prescription(month),
            etat=etat,
        )
    )


def _helper(rights: Rights) -> UUID | None:
    """Give the service whose hours were paid and not delivered, if the plan has one."""
    plan = rights.file.plan
    return next(iter(plan.hours_by_prestataire()), None) if plan else None
