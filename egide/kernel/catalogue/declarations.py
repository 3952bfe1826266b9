"""The words in which a system states what it may hold, why, and under which text."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from enum import Enum, StrEnum
from typing import Final


class Category(Enum):
    """What a column tells of a person; `value` is its French label."""

    TECHNIQUE = "donnée technique"
    IDENTITE = "identité"
    NIR = "numéro de sécurité sociale"
    COORDONNEES = "coordonnées"
    VIE_PERSONNELLE = "situation familiale et entourage"
    PROTECTION = "protection juridique"
    RESSOURCES = "ressources"
    SANTE = "santé et dépendance"
    DEMANDE = "demande et procédure"
    DROIT = "droit, plan d'aide et décision"
    PAIEMENT = "paiement"
    BANCAIRE = "coordonnées bancaires"
    EFFECTIVITE = "aides réalisées et facturées"
    COURRIER = "courrier"
    PROFESSIONNEL = "identité d'un agent ou d'un organisme"
    SECURITE = "sécurité et habilitation"

    @property
    def value_in_trail(self) -> bool:
        """Tell whether the trail keeps old and new values, or only the name of the column."""
        return self in {
            Category.TECHNIQUE,
            Category.DEMANDE,
            Category.DROIT,
            Category.PAIEMENT,
            Category.EFFECTIVITE,
        }


class Scope(StrEnum):
    """Which rows of a table a purpose reaches at all; the habilitation narrows it further."""

    SERVICE = "service"
    ORGANISME = "organisme"


@dataclass(frozen=True, slots=True)
class Purpose:
    """A determined, explicit and legitimate reason to process data, with its text."""

    system: str
    code: str
    label: str
    source: str
    job: bool = False
    """Served by no screen and taken by no login of the site: the owner lends it to a job."""

    @property
    def key(self) -> str:
        """Name the purpose uniquely in the instance."""
        return f"{self.system}_{self.code}"


@dataclass(frozen=True, slots=True)
class Line:
    """One column: its category, its legal source, whether it is optional.

    `reads` and `writes` (changes of an existing row) replace the volet's; `None` follows it.
    `author` names the agent who writes the row: PostgreSQL refuses any other.
    """

    category: Category
    source: str
    optional: bool = False
    reads: tuple[Purpose, ...] | None = None
    writes: tuple[Purpose, ...] | None = None
    author: bool = False


@dataclass(frozen=True, slots=True)
class Only:
    """The rows that a purpose reaches at all: those whose column holds one of these words."""

    column: str
    words: tuple[str, ...]


# A volet that says nothing of its subject follows the subject model of its system.
OF_THE_SYSTEM: Final = ""


@dataclass(frozen=True, slots=True)
class Volet:
    """One table and the purposes that read, write or delete its rows."""

    model: str
    lines: Mapping[str, Line]
    reads: tuple[Purpose, ...]
    writes: tuple[Purpose, ...] = ()
    inserts: tuple[Purpose, ...] | None = None
    deletes: tuple[Purpose, ...] = ()
    only: Mapping[Purpose, Only] = field(default_factory=dict)
    """Purposes that read and write a part of the rows; for the others, every row is alike."""
    scope: Scope = Scope.SERVICE
    subject: str | None = OF_THE_SYSTEM
    """The column that names the subject in the trail, which the catalogue fills; None: nobody."""
    kernel: bool = False
    """A table that the doors themselves read: its owner is not held by its row policies."""
    generated: tuple[str, ...] = ()
    """Columns that PostgreSQL computes: readable, never written."""
    archived: tuple[str, ...] = ()
    """Columns that the restricted archive keeps once a file has left the active base."""

    def readable(self, purpose: Purpose) -> frozenset[str]:
        """Give the columns that `purpose` may read."""
        return frozenset(
            name
            for name, line in self.lines.items()
            if purpose in (self.reads if line.reads is None else line.reads)
        )

    def updatable(self, purpose: Purpose) -> frozenset[str]:
        """Give the columns that `purpose` may change in an existing row; keys never move."""
        return frozenset(
            name
            for name, line in self.lines.items()
            if purpose
            in (
                line.writes
                if line.writes is not None
                else (() if line.category is Category.TECHNIQUE else self.writes)
            )
        )

    def insertable(self, purpose: Purpose) -> frozenset[str]:
        """Give the columns that `purpose` may fill in a new row."""
        inserts = self.writes if self.inserts is None else self.inserts
        return frozenset(self.lines) - set(self.generated) if purpose in inserts else frozenset()

    @property
    def authors(self) -> tuple[str, ...]:
        """Give the columns that name the agent who writes the row."""
        return tuple(sorted(name for name, line in self.lines.items() if line.author))

    def purposes(self) -> frozenset[Purpose]:
        """Give every purpose that reaches the table in any way."""
        narrowed = (line.reads or () for line in self.lines.values())
        return frozenset(
            {*self.reads, *self.writes, *(self.inserts or ()), *self.deletes}.union(*narrowed)
        )


@dataclass(frozen=True, slots=True)
class Forbidden:
    """Data that the text refuses: its words are found nowhere in the code or the schema."""

    words: tuple[str, ...]
    reason: str
    source: str


@dataclass(frozen=True, slots=True)
class Figure:
    """An amount of the law from a day on, which PostgreSQL compares with what is written."""

    nom: str
    depuis: date
    valeur: Decimal


@dataclass(frozen=True, slots=True)
class Answer:
    """A function of the owner that answers one question beyond a wall, and for which purposes."""

    function: str
    purposes: tuple[Purpose, ...]
    source: str


@dataclass(frozen=True, slots=True, repr=False)
class Separation:
    """Two roles that one agent should not hold together, and why, in words for who grants."""

    roles: frozenset[str]
    reason: str
    source: str

    def __repr__(self) -> str:
        """Write the roles in order, so that the fingerprint is the same in every process."""
        return f"Separation({sorted(map(str, self.roles))}, {self.reason!r}, {self.source!r})"

    def other(self, role: str) -> str | None:
        """Give the role that this one should not meet, or None when it is not concerned."""
        return next(iter(self.roles - {role}), None) if role in self.roles else None


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All that one system may hold. Nothing written = nothing allowed."""

    system: str
    label: str
    purposes: tuple[Purpose, ...]
    volets: tuple[Volet, ...]
    subject: str | None = None
    """The model of whom or what the trail is about (`apa_ash.Dossier`); None: of nobody."""
    roles: Mapping[str, str] = field(default_factory=dict)
    forbidden: tuple[Forbidden, ...] = ()
    separations: tuple[Separation, ...] = ()
    figures: tuple[Figure, ...] = ()
    answers: tuple[Answer, ...] = ()
    by_model: dict[str, Volet] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Name the subject of each volet and index them; one model has one volet."""
        object.__setattr__(self, "volets", tuple(map(self._with_subject, self.volets)))
        index = {volet.model: volet for volet in self.volets}
        if len(index) != len(self.volets):
            message = f"{self.system}: a model has two volets"
            raise ValueError(message)
        object.__setattr__(self, "by_model", index)

    def _with_subject(self, volet: Volet) -> Volet:
        if volet.subject != OF_THE_SYSTEM:
            return volet
        named = "id" if volet.model == self.subject else self.subject_column
        return replace(volet, subject=named)

    @property
    def subject_column(self) -> str | None:
        """Name the column by which a row refers to the subject of the system."""
        if self.subject is None:
            return None
        words = re.findall(r"[A-Z][a-z0-9]*", self.subject.split(".")[1])
        return "_".join(words).lower() + "_id"

    def volet(self, label: str) -> Volet:
        """Give the volet of a model label such as `apa_ash.Demande`."""
        return self.by_model[label]


class Registry:
    """The catalogues of the systems that this instance activates."""

    def __init__(self) -> None:
        """Start empty; each system registers its own when its application is ready."""
        self._by_system: dict[str, Catalogue] = {}

    def register(self, catalogue: Catalogue) -> None:
        """Add the catalogue of a system; a second one under the same name is a mistake."""
        known = self._by_system.get(catalogue.system)
        if known is not None and known is not catalogue:
            message = f"Two catalogues for {catalogue.system}"
            raise ValueError(message)
        self._by_system[catalogue.system] = catalogue

    def __iter__(self) -> Iterator[Catalogue]:
        """Walk the catalogues in a stable order."""
        return iter(sorted(self._by_system.values(), key=lambda c: c.system))

    def volet(self, label: str) -> Volet:
        """Give the volet of a model, whichever system holds it."""
        for catalogue in self:
            if label in catalogue.by_model:
                return catalogue.by_model[label]
        raise KeyError(label)

    def subjects(self) -> Iterator[tuple[str, Volet]]:
        """Walk the systems that are about somebody, each with the volet of its subject model."""
        for catalogue in self:
            if catalogue.subject is not None:
                yield catalogue.system, catalogue.volet(catalogue.subject)

    def of(self, volet: Volet) -> Catalogue:
        """Give the catalogue that holds a volet."""
        return next(c for c in self if c.by_model.get(volet.model) is volet)

    def separations(self, system: str) -> tuple[Separation, ...]:
        """Give the couples of roles that a system keeps apart."""
        return self._by_system[system].separations if system in self._by_system else ()

    def purpose(self, key: str) -> Purpose:
        """Give a purpose by its unique key."""
        return next(p for c in self for p in c.purposes if p.key == key)


def lines(
    category: Category, source: str, names: str | Iterable[str], *, optional: bool = False
) -> dict[str, Line]:
    """Declare several columns that share a category and a source."""
    columns = names.split() if isinstance(names, str) else names
    return {name: Line(category, source, optional=optional) for name in columns}


REGISTRY = Registry()
