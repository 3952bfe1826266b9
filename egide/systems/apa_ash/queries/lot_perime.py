"""What changed since a run was prepared: amounts due, accounts entered, and by whom."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet, Sum

from egide.kernel.access.passage import Passage
from egide.kernel.access.policy import Action
from egide.systems.apa_ash.calculs.parts_du_mois import Beneficiaire
from egide.systems.apa_ash.models import LotPaiement, Paiement
from egide.systems.apa_ash.models.paiement import EtatLot
from egide.systems.apa_ash.policy import (
    COMPTES,
    DOSSIERS,
    IDENTITES,
    PAIEMENTS,
    PRESTATAIRES,
)
from egide.systems.apa_ash.queries.lot import ACCOUNT, changed_accounts, unseen_deaths
from egide.systems.apa_ash.queries.lot_dus import DusDuLot

Dues = Mapping[tuple[UUID, date], Decimal]
Parts = dict[tuple[UUID, date], dict[Beneficiaire, Decimal]]
ZERO = Decimal(0)
NAMED = 20
"""How many lines or files a page names."""


@dataclass(frozen=True, slots=True)
class DuChange:
    """A month of a file whose amount is no longer the one that was prepared."""

    dossier_id: UUID
    ligne_id: UUID
    numero: str
    nom: str
    mois: date
    prepare: Decimal
    du: Decimal


@dataclass(frozen=True, slots=True)
class Touchees:
    """The lines that something changed since: how many, and the first of them."""

    total: int = 0
    lignes: Sequence[Paiement] = ()


@dataclass(frozen=True, slots=True)
class Perime:
    """All that makes a run out of date, and what its page proposes to the agent who looks."""

    comptes: Touchees = field(default_factory=Touchees)
    deces: Touchees = field(default_factory=Touchees)
    dues: Sequence[DuChange] = ()
    a_relire: int = 0
    own_account: bool = False

    @property
    def any(self) -> bool:
        """Tell whether the run can no longer be validated nor issued."""
        return bool(self.comptes.total or self.deces.total or self.dues)


def read_perime(passage: Passage, lot: LotPaiement) -> Perime:
    """Look at a run that is prepared or validated, in a constant number of statements."""
    a_relire = lines_to_read_again(passage, lot).count() if lot.etat == EtatLot.PREPARE else 0
    return Perime(
        # A line prepared without account is an anomaly of its own: it is read again or set aside.
        comptes=_name_lines(passage, changed_accounts(passage, lot, missing=False)),
        deces=_name_lines(passage, unseen_deaths(passage, lot)),
        dues=find_changed_dues(passage, lot),
        a_relire=a_relire,
        own_account=lot.etat == EtatLot.PREPARE and pays_own_account(passage, lot),
    )


def _name_lines(passage: Passage, lines: QuerySet[Paiement]) -> Touchees:
    """Count the lines; name the first ones by statements of their own, if there are any."""
    total = lines.count()
    if not total:
        return Touchees()
    first = [pk for pk, _ in lines.order_by("pk").values_list("pk", "dossier_id")[:NAMED]]
    rows = (
        PAIEMENTS.rows(passage, dossier=DOSSIERS, dossier__identite=IDENTITES)
        .defer(*ACCOUNT)
        .filter(pk__in=first)
    )
    return Touchees(total, list(rows.order_by("dossier__numero", "mois_du", "pk")))


def find_changed_dues(passage: Passage, lot: LotPaiement, *, every: bool = False) -> list[DuChange]:
    """Compute again what may have moved: stays, suspensions, ended rights, hours received since.

    A right that runs on without any stop owes what it owed: only the other files are computed, so
    that the page of a run of fifty thousand lines stays quick. `every` leaves out none: a line
    that no preparation computed is found before it is validated or issued. Lines set aside pay
    nothing, but they are a part of what was due.
    """
    prepared = _prepared(passage, lot)
    if not prepared:
        return []
    dus = DusDuLot(passage, lot)
    elsewhere = _paid_elsewhere(passage, lot, since=min(mois for _, mois in prepared))
    moved = {}
    for key, parts in prepared.items():
        if not (every or dus.may_move(key[0])):
            continue
        # A part set aside before is paid alone: what matters is that the month never exceeds.
        paid = elsewhere.get(key)
        left = dus.left_of(*key, paid=paid, waiting=parts.keys()) if paid else dus.of(*key)
        total = sum(parts.values(), ZERO)
        if total > left or (total < left and not paid):
            moved[key] = left
    totals = {key: sum(prepared[key].values(), ZERO) for key in moved}
    return _named(passage, lot, moved=moved, prepared=totals)


def _prepared(passage: Passage, lot: LotPaiement) -> Parts:
    """Give the lines of the months that a run pays in part or whole, those set aside as well."""
    rows = (
        PAIEMENTS.rows(passage)
        .filter(lot=lot, facture__isnull=True)
        .order_by()
        .values_list("dossier_id", "mois_du", "prestataire_id", "montant_brut", "ecarte")
    )
    found: Parts = defaultdict(dict)
    kept = set()
    for dossier_id, mois, who, montant, ecarte in rows:
        parts = found[dossier_id, mois]
        parts[who] = parts.get(who, ZERO) + montant
        if not ecarte:
            kept.add((dossier_id, mois))
    return {key: parts for key, parts in found.items() if key in kept}


def _paid_elsewhere(passage: Passage, lot: LotPaiement, *, since: date) -> Parts:
    """Total what other runs pay for the months of this one: the parts that were not set aside."""
    rows = (
        PAIEMENTS.rows(passage)
        .filter(service_id=lot.service_id, ecarte=False, facture__isnull=True, mois_du__gte=since)
        .exclude(lot__etat=EtatLot.ABANDONNE)
        .exclude(lot=lot)
        .values_list("dossier_id", "mois_du", "prestataire_id")
        .annotate(total=Sum("montant_brut"))
        .order_by()
    )
    found: Parts = defaultdict(dict)
    for dossier_id, mois, who, total in rows:
        found[dossier_id, mois][who] = total
    return found


def _named(
    passage: Passage,
    lot: LotPaiement,
    *,
    moved: Dues,
    prepared: Dues,
) -> list[DuChange]:
    if not moved:
        return []
    lines = {
        (row.dossier_id, row.mois_du): row
        for row in PAIEMENTS.rows(passage, dossier=DOSSIERS, dossier__identite=IDENTITES)
        .defer(*ACCOUNT)
        .filter(lot=lot, facture__isnull=True, dossier_id__in={k[0] for k in moved})
    }
    found = [
        DuChange(
            dossier_id=dossier_id,
            ligne_id=lines[dossier_id, mois].pk,
            numero=lines[dossier_id, mois].dossier.numero,
            nom=lines[dossier_id, mois].dossier.identite.nom_complet,
            mois=mois,
            prepare=prepared[dossier_id, mois],
            du=du,
        )
        for (dossier_id, mois), du in moved.items()
    ]
    return sorted(found, key=lambda change: (change.numero, change.mois))


def read_accounts_again(passage: Passage, lot: LotPaiement) -> int:
    """Ask PostgreSQL to copy the accounts known by now on the lines that had none; count them."""
    return lines_to_read_again(passage, lot).update(relu_on=passage.on)


def lines_to_read_again(passage: Passage, lot: LotPaiement) -> QuerySet[Paiement]:
    """Select the lines prepared without an account, whose payee has one by now."""
    personne = COMPTES.rows(passage).filter(dossier_id=OuterRef("dossier_id")).exclude(iban="")
    service = PRESTATAIRES.rows(passage).filter(pk=OuterRef("prestataire_id")).exclude(iban="")
    return (
        PAIEMENTS.rows(passage, action=Action.WRITE)
        .filter(lot=lot, iban="")
        .filter(
            Q(prestataire__isnull=True) & Exists(personne)
            | Q(prestataire__isnull=False) & Exists(service)
        )
    )


def lines_of_own_accounts(passage: Passage, lot_id: UUID) -> QuerySet[Paiement]:
    """Select the lines that pay, for the first time or twice, an account that the agent entered."""
    mine = passage.agent.pk
    personne = COMPTES.rows(passage).filter(dossier_id=OuterRef("dossier_id"), saisi_par_id=mine)
    service = PRESTATAIRES.rows(passage).filter(
        pk=OuterRef("prestataire_id"), iban_saisi_par_id=mine
    )
    return (
        PAIEMENTS.rows(passage)
        .filter(lot_id=lot_id)
        .filter(anomalie__regex="compte_(modifie|partage)")
        .filter(
            Q(saisi_par_id=mine)
            | Q(prestataire__isnull=True) & Exists(personne)
            | Q(prestataire__isnull=False) & Exists(service)
        )
    )


def pays_own_account(passage: Passage, lot: LotPaiement) -> bool:
    """Tell whether the run pays for the first time an account that the agent entered."""
    own = lines_of_own_accounts(passage, lot.pk)
    return own.filter(ecarte=False, anomalie__contains="compte_modifie").exists()
