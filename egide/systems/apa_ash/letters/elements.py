"""The parts that letters share: who writes, who receives, a plan, a ground, a line of a feuille."""

from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal

from egide.kernel.notation import nombre, taux


def written(notation: Callable[[Decimal], str]) -> dict[str, Callable[[Decimal], str]]:
    """Name how a Decimal field is written; an amount needs no name."""
    return {"notation": notation}


@dataclass(frozen=True, slots=True, kw_only=True)
class Organisme:
    """The controller, as every letter must name it and tell how to reach it."""

    nom: str
    adresse: tuple[str, ...]
    service: str
    telephone: str
    courriel: str
    dpo: str
    autorite: str = "le président du conseil départemental"
    tribunal: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Destinataire:
    """The person to whom the letter goes: the person herself or her legal representative."""

    nom: str
    adresse: tuple[str, ...]
    appel: str = "Madame, Monsieur"


@dataclass(frozen=True, slots=True, kw_only=True)
class Signataire:
    """The author of the act: first name, name and quality (CRPA L. 212-1)."""

    nom: str
    qualite: str


@dataclass(frozen=True, slots=True)
class LigneCalcul:
    """One row of the feuille de calcul."""

    libelle: str
    formule: str
    valeur: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LignePlan:
    """One aid of a plan: by whom, how much a month, at which tariff.

    `tarif_service` is the service's own, for hours.
    """

    aide: str
    intervenant: str
    volume: Decimal = field(metadata=written(nombre))
    unite: str
    tarif: Decimal
    montant: Decimal
    tarif_service: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Surcout:
    """What a service invoices in a month beyond the tariff of the plan: the person pays it."""

    intervenant: str
    volume: Decimal = field(metadata=written(nombre))
    tarif: Decimal
    tarif_service: Decimal
    montant: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class LignePonctuelle:
    """One aid paid upon invoices: what it is, by whom, how much, and how often.

    `participation` is what the person pays of it when it is used whole.
    """

    aide: str
    intervenant: str
    montant: Decimal
    participation: Decimal
    rythme: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A plan d'aide with its ceiling and what each side pays in a month.

    What passes the ceiling stays with the person; what is paid upon invoices is apart.
    """

    lignes: tuple[LignePlan, ...]
    total: Decimal
    plafond: Decimal
    ressources: Decimal
    retenu: Decimal
    taux: Decimal = field(metadata=written(taux))
    participation: Decimal
    depassement: Decimal
    reste: Decimal
    apa: Decimal
    plafonne: bool
    feuille: tuple[LigneCalcul, ...]
    ponctuelles: tuple[LignePonctuelle, ...] = ()
    surcouts: tuple[Surcout, ...] = ()
    surcout: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Versement:
    """Who is paid each month, how much, and what of its aids is left to the person."""

    beneficiaire: str
    apa: Decimal
    reste: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Montants:
    """What a plan comes to in a month, before or after a revaluation."""

    plan: Decimal
    plafond: Decimal
    taux: Decimal = field(metadata=written(taux))
    participation: Decimal
    apa: Decimal


@dataclass(frozen=True, slots=True)
class Motif:
    """A ground in fact, with the article it rests on."""

    texte: str
    source: str


@dataclass(frozen=True, slots=True)
class Piece:
    """A document that is missing, and why it is asked."""

    libelle: str
    raison: str
