"""Compose the lines of a monthly run, one file at a time: no database, no clock."""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from uuid import UUID

from egide.rules.apa.arrieres import months_due
from egide.rules.apa.controle import vigilance
from egide.rules.apa.dus import Dus
from egide.rules.apa.montants import plafond_le_plus_haut
from egide.rules.apa.repartition import share_retenue
from egide.rules.apa.versement import DroitMensuel, Interruption, month_of
from egide.systems.apa_ash.calculs.anomalies_du_lot import Anomalie
from egide.systems.apa_ash.calculs.hausse import rises
from egide.systems.apa_ash.calculs.parts_du_mois import (
    Beneficiaire,
    Droit,
    PartsDuMois,
    ServiceFait,
    left_of_month,
    parts_of,
)


@dataclass(frozen=True, slots=True)
class Compte:
    """An account as it was read: what the run freezes, and whether it is lately entered."""

    titulaire: str
    iban: str
    modifie: bool = False
    saisi_par_id: UUID | None = None


AUCUN_COMPTE = Compte("", "")


@dataclass(frozen=True, slots=True)
class Situation:
    """All that paying one file needs to know."""

    dossier_id: UUID
    droits: Sequence[Droit]
    interruptions: Sequence[Interruption] = ()
    deces_on: date | None = None
    deja_payes: Mapping[date, Mapping[Beneficiaire, Decimal]] = field(default_factory=dict)
    # What was recorded as an excess of a month pays it no more: whoever it was due to is paid.
    constates: Mapping[date, Decimal] = field(default_factory=dict)
    ecartes: Mapping[date, Set[Beneficiaire]] = field(default_factory=dict)
    reste_a_recouvrer: Mapping[Beneficiaire, Decimal] = field(default_factory=dict)
    du_mois_precedent: Decimal | None = None
    signalements: frozenset[Anomalie] = field(default_factory=frozenset)
    compte: Compte = AUCUN_COMPTE
    comptes_des_services: Mapping[UUID, Compte] = field(default_factory=dict)
    service_fait: ServiceFait = field(default_factory=ServiceFait)
    # Hours are awaited for the months that ended before this one.
    mois_en_cours: date = date.min

    @property
    def dus(self) -> Dus:
        """Give what the months of the file are due."""
        rights = [DroitMensuel(droit.periode, droit.apa) for droit in self.droits]
        return Dus(rights, self.interruptions, self.deces_on)

    @property
    def mois_soldes(self) -> frozenset[date]:
        """Give the months that left nobody waiting: a payee set aside still waits for its part."""
        return frozenset(mois for mois in self.deja_payes if not self.en_attente(mois))

    def en_attente(self, mois: date) -> Set[Beneficiaire]:
        """Give the payees of a month that was paid for, and that are still to be paid.

        Those set aside; those whose part has risen since: a right revised or revalued after the
        run of its month, a stay that was corrected; then the services paid on their hours, when
        these came since, or when more did. One whose hours are awaited is told once, and comes
        back with them.
        """
        paid = self.deja_payes.get(mois, {})
        waiting = {who for who in self.ecartes.get(mois, set()) if who not in paid}
        parts = self.parts_of(mois)
        if parts is None:
            return waiting
        # No month gives more than its best right: most are told from that alone.
        if self.paye_of(mois) < max(droit.apa for droit in parts.droits):
            shares = parts.shares().items()
            waiting |= {who for who, part in shares if part > paid.get(who, Decimal(0))}
        for who in parts.on_hours:
            waiting.discard(who)
            more = parts.at_most(who) > paid.get(who, Decimal(0))
            if more or self._awaits(parts, who):
                waiting.add(who)
        return waiting

    def awaited(self, parts: PartsDuMois) -> Set[Beneficiaire]:
        """Give the services of an ended month whose hours are missing, and were not told so."""
        return {who for who in parts.on_hours if self._awaits(parts, who)}

    def _awaits(self, parts: PartsDuMois, who: Beneficiaire) -> bool:
        mois = parts.mois
        told = self.ecartes.get(mois, set()) | self.deja_payes.get(mois, {}).keys()
        return mois < self.mois_en_cours and who not in told and not parts.receives(who)

    def paye_of(self, mois: date) -> Decimal:
        """Add what a month was paid, to whomever, less what was recorded as its excess."""
        paid = sum(self.deja_payes.get(mois, {}).values(), Decimal(0))
        return paid - self.constates.get(mois, Decimal(0))

    def sharing(self, mois: date) -> list[Droit]:
        """List the rights of a month."""
        return [d for d in self.droits if d.periode.within(month_of(mois))]

    def parts_of(self, mois: date) -> PartsDuMois | None:
        """Give what the rights of a month give to each of those that they name."""
        parts = parts_of(
            self.droits,
            mois=mois,
            interruptions=self.interruptions,
            deces_on=self.deces_on,
            service_fait=self.service_fait,
        )
        return parts if parts.droits else None

    def shares(self, mois: date) -> dict[Beneficiaire, Decimal]:
        """Share what a month is due between those it is paid to, whatever they were paid before."""
        parts = self.parts_of(mois)
        return parts.shares() if parts and parts.montant else {}

    def compte_of(self, who: Beneficiaire) -> Compte:
        """Give the account of a beneficiary, empty when there is none."""
        return self.compte if who is None else self.comptes_des_services.get(who, AUCUN_COMPTE)


@dataclass(frozen=True, slots=True)
class Ligne:
    """One payment to be made: a file, a beneficiary, the month for which it is due."""

    dossier_id: UUID
    droit_id: UUID
    prestataire_id: Beneficiaire
    titulaire: str
    iban: str
    saisi_par_id: UUID | None
    mois_du: date
    montant_brut: Decimal
    retenue: Decimal
    anomalie: str
    facture_id: UUID | None = None

    def as_row(self) -> dict[str, object]:
        """Give the columns of the line; `asdict` would copy each value of each line deeply."""
        return {name: getattr(self, name) for name in self.__slots__}


def compose_lines(situation: Situation, *, mois: date) -> list[Ligne]:
    """Give the lines of one file: what is due, to whom, less what is withheld (D. 232-31)."""
    due: list[tuple[date, Droit, Beneficiaire, Decimal]] = []
    droits = [droit.periode for droit in situation.droits]
    for month in months_due(mois, droits=droits, deja_payes=situation.mois_soldes):
        due += _due_of_month(situation, month)
    due.sort(key=lambda row: (row[2] is not None, row[0]))
    retenues = _retenues(situation, due, mois=mois)
    du_du_mois = sum((row[3] for row in due if row[0] == mois), Decimal(0))
    common = _anomalies(situation, mois=mois, du_du_mois=du_du_mois)
    rappel = {row[0] for row in due if row[0] != mois and row[3]}
    if len(rappel) > vigilance(mois).mois_de_rappel:
        common |= {Anomalie.RAPPEL}
    above = _months_above(situation, due)
    return [
        Ligne(
            dossier_id=situation.dossier_id,
            droit_id=droit.id,
            prestataire_id=who,
            titulaire=situation.compte_of(who).titulaire,
            iban=situation.compte_of(who).iban,
            saisi_par_id=situation.compte_of(who).saisi_par_id,
            mois_du=month,
            montant_brut=montant,
            retenue=retenue,
            anomalie=" ".join(
                sorted(
                    anomalies_of(
                        situation,
                        who,
                        common
                        | above.get(month, frozenset())
                        | _of_hours(situation, who, month, run=mois),
                        awaited=not montant,
                    )
                )
            ),
        )
        for (month, droit, who, montant), retenue in zip(due, retenues, strict=True)
    ]


def _months_above(
    situation: Situation, due: Sequence[tuple[date, Droit, Beneficiaire, Decimal]]
) -> dict[date, frozenset[Anomalie]]:
    """Flag each month whose lines, with what it was paid, pass the highest ceiling of the law.

    An arrear is a line of its own month: it is looked at under the ceiling of that month.
    """
    totals: dict[date, Decimal] = {}
    for month, _, _, montant in due:
        totals[month] = totals.get(month, situation.paye_of(month)) + montant
    return {
        month: frozenset({Anomalie.AU_DESSUS_DU_PLAFOND})
        for month, total in totals.items()
        if total > plafond_le_plus_haut(month)
    }


def _of_hours(
    situation: Situation, who: Beneficiaire, month: date, *, run: date
) -> frozenset[Anomalie]:
    """Flag the line of a service whose hours are far above the plan, as its import was told."""
    beyond = situation.service_fait.exceeds(
        situation.sharing(month), who, mois=month, facteur=vigilance(run).releves
    )
    return frozenset({Anomalie.HEURES_AU_DELA}) if beyond else frozenset()


def _retenues(
    situation: Situation,
    due: Sequence[tuple[date, Droit, Beneficiaire, Decimal]],
    *,
    mois: date,
) -> list[Decimal]:
    """Withhold from each payee its own debts alone: a service never repays for the person."""
    left = {
        who: iter(share_retenue(reste, montants=[row[3] for row in due if row[2] == who], on=mois))
        for who, reste in situation.reste_a_recouvrer.items()
    }
    return [next(left[row[2]]) if row[2] in left else Decimal(0) for row in due]


def _due_of_month(
    situation: Situation, month: date
) -> list[tuple[date, Droit, Beneficiaire, Decimal]]:
    parts = situation.parts_of(month)
    if parts is None or not parts.montant:
        return []
    shares, awaited = parts.shares(), situation.awaited(parts)
    if paid := situation.deja_payes.get(month):
        # Hours that were not delivered are owed to nobody: what is left is what the shares leave.
        shares = left_of_month(
            shares,
            paid=paid,
            left=parts.montant - situation.paye_of(month),
            waiting=situation.en_attente(month),
        )
    return [
        (month, parts.droit_of(who), who, share)
        for who, share in shares.items()
        if share or who in awaited
    ]


def _anomalies(situation: Situation, *, mois: date, du_du_mois: Decimal) -> frozenset[Anomalie]:
    found = set(situation.signalements)
    if situation.deces_on:
        found.add(Anomalie.DECES)
    fin_du_mois = month_of(mois).fin
    ends = [d.periode.fin for d in situation.droits]
    if None not in ends and max(e for e in ends if e) < (fin_du_mois or mois):
        found.add(Anomalie.DROIT_FINI)
    before = situation.du_mois_precedent
    if before and rises(situation.dus, mois=mois, du=du_du_mois, paye_avant=before):
        found.add(Anomalie.HAUSSE)
    return frozenset(found)


def anomalies_of(
    situation: Situation,
    who: Beneficiaire,
    common: frozenset[Anomalie],
    *,
    awaited: bool = False,
) -> frozenset[Anomalie]:
    """Give what is to be looked at on the lines of one payee: each has its own account."""
    # A line that pays nothing says that hours are awaited, and nothing of an amount nor an account;
    # a known death is said on every line, or the run would take it for one that came later.
    if awaited:
        return frozenset({Anomalie.HEURES_NON_RECUES}) | common & {Anomalie.DECES}
    of_the_person = {Anomalie.COMPTE_ABSENT, Anomalie.COMPTE_MODIFIE, Anomalie.COMPTE_PARTAGE}
    if who is None:
        return common - {Anomalie.SANS_HEURES}
    compte = situation.compte_of(who)
    of_the_service = set()
    if not compte.iban:
        of_the_service.add(Anomalie.SERVICE_SANS_COMPTE)
    elif compte.modifie:
        of_the_service.add(Anomalie.SERVICE_COMPTE_MODIFIE)
    return common - of_the_person | of_the_service
