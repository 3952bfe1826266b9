"""One sentence per model gives the list, the single row, the columns and the test matrix."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import Enum, StrEnum
from typing import Any, Generic, TypeVar
from uuid import UUID

from django.db import IntegrityError, models, transaction
from django.db.models import Q

from egide.kernel.access.passage import Passage, Refused
from egide.kernel.access.rows import Traced
from egide.kernel.catalogue.declarations import Catalogue, Purpose, Volet
from egide.kernel.refus import is_id_taken


class Action(Enum):
    """What is asked of a row."""

    READ = "lire"
    WRITE = "écrire"


READ = frozenset({Action.READ})
WRITE = frozenset({Action.WRITE})
READ_WRITE = frozenset({Action.READ, Action.WRITE})

M = TypeVar("M", bound=models.Model)
Condition = Callable[[Passage, frozenset[str]], Q]


def same_service(passage: Passage, roles: frozenset[str]) -> Q:
    """Keep the rows of the services where the agent plays one of the roles."""
    return Q(service_id__in=passage.services(roles))


def same_organisme(passage: Passage, roles: frozenset[str]) -> Q:
    """Keep the rows of the agent's own organisme, wherever the agent plays one of the roles."""
    if not passage.services(roles):
        return Q(pk__in=[])
    return Q(organisme_id=passage.agent.organisme_id)


@dataclass(frozen=True, slots=True)
class Allow:
    """A role may do these actions for this purpose, on the rows that the condition keeps."""

    role: StrEnum
    actions: frozenset[Action]
    purpose: Purpose
    when: Condition = same_service


class Policy(Generic[M]):
    """The only door to the rows of one model."""

    def __init__(self, model: type[M], catalogue: Catalogue, *allows: Allow) -> None:
        """Bind the sentences to the model; they are also what the database compiles."""
        self.model = model
        self.catalogue = catalogue
        self.allows = allows
        POLICIES.append(self)

    @property
    def volet(self) -> Volet:
        """Give the volet of the model in its catalogue."""
        return self.catalogue.volet(self.model._meta.label)

    def condition(self, passage: Passage, action: Action = Action.READ) -> Q | None:
        """Give the filter that this passage obeys, or None when nothing is allowed."""
        found: Q | None = None
        by_condition: dict[Condition, set[str]] = {}
        for allow in self.allows:
            if allow.purpose == passage.purpose and action in allow.actions:
                by_condition.setdefault(allow.when, set()).add(str(allow.role))
        for when, roles in by_condition.items():
            playing = frozenset(roles & {o.role for o in passage.openings})
            if playing:
                q = when(passage, playing)
                found = q if found is None else found | q
        only = self.volet.only.get(passage.purpose)
        if found is not None and only is not None:
            found &= Q(**{f"{only.column}__in": only.words})
        return found

    def roles(self, purpose: Purpose, action: Action) -> frozenset[str]:
        """Give the roles that may do this for a purpose: the database compiles them too."""
        return frozenset(
            str(a.role) for a in self.allows if a.purpose == purpose and action in a.actions
        )

    def allowed(self, passage: Passage, action: Action) -> bool:
        """Tell whether the passage may do this on at least some rows."""
        return self.condition(passage, action) is not None

    def rows(
        self, passage: Passage, *, action: Action = Action.READ, **join: "Policy[Any]"
    ) -> Traced[M]:
        """Give the rows that this passage may read, with the columns of its purpose only.

        `join` adds to-one relations in the same statement: `identite=IDENTITES`.
        """
        condition = self.condition(passage, action)
        rows: Traced[M] = Traced(self.model)
        rows.passage = passage
        rows.subject = self.volet.subject
        columns = self._columns(passage.purpose)
        names = list(columns)
        noted = [f"{self.model.__name__}.{name}" for name in columns]
        for relation, policy in join.items():
            joined = policy._columns(passage.purpose)  # noqa: SLF001 -- another policy
            names += [f"{relation}__{name}" for name in joined]
            noted += [f"{policy.model.__name__}.{name}" for name in joined]
        rows.noted_fields = tuple(noted)
        if condition is None:
            return rows.none()
        rows = rows.filter(condition).only(*names)
        rows.joined = frozenset(join)
        return rows.select_related(*join) if join else rows

    def get(
        self, passage: Passage, *, action: Action = Action.READ, lock: bool = False, **by: Any
    ) -> M:
        """Give one row, or refuse as if it did not exist; `lock` holds it until the end."""
        join = {k: v for k, v in by.items() if isinstance(v, Policy)}
        where = {k: v for k, v in by.items() if k not in join}
        rows = self.rows(passage, action=action, **join).filter(**where)
        if lock:
            rows = rows.select_for_update(of=("self",))
        row = rows.first() if rows.query.order_by else rows.order_by("pk").first()
        if row is None:
            raise Refused(
                f"{action.value} {self.model._meta.label}", targets=map(str, where.values())
            )
        return row

    def update(self, passage: Passage, row: models.Model, **values: Any) -> None:
        """Change some columns of one row that was obtained for writing."""
        condition = self.condition(passage, Action.WRITE)
        if condition is None:
            raise Refused(f"écrire {self.model._meta.label}", targets=[str(row.pk)])
        for name, value in values.items():
            setattr(row, name, value)
        row.save(update_fields=list(values))

    def delete(self, passage: Passage, row: models.Model) -> None:
        """Delete one row that was obtained for writing; the object given keeps its key."""
        if self.condition(passage, Action.WRITE) is None:
            raise Refused(f"supprimer {self.model._meta.label}", targets=[str(row.pk)])
        self.model._default_manager.filter(pk=row.pk).delete()

    def create(self, passage: Passage, **values: Any) -> M:
        """Insert one row, if the passage may write in the service it names."""
        self._may_insert(passage, values.get("service_id"))
        row = self.model(**values)
        if {"id", "pk"}.isdisjoint(values):
            row.save(force_insert=True)
            return row
        try:
            with transaction.atomic():
                row.save(force_insert=True)
        except IntegrityError as error:
            if not is_id_taken(error):
                raise
            # The form chose this id, and it names a row that the agent does not see: said as if
            # there were none. One's own replay was answered before, by who looked for its row.
            verb = f"créer {self.model._meta.label}"
            raise Refused(verb, targets=[str(row.pk)]) from error
        return row

    def create_many(self, passage: Passage, rows: Iterable[M]) -> list[M]:
        """Insert many rows in one statement."""
        batch = list(rows)
        for service in {getattr(row, "service_id", None) for row in batch}:
            self._may_insert(passage, service)
        return self.model._default_manager.bulk_create(batch, batch_size=1_000)

    def _may_insert(self, passage: Passage, service: UUID | None) -> None:
        services = passage.services(self.roles(passage.purpose, Action.WRITE))
        if not services or (service is not None and service not in services):
            raise Refused(f"créer {self.model._meta.label}", targets=[str(service or "")])

    def _columns(self, purpose: Purpose) -> list[str]:
        return sorted(self.volet.readable(purpose))


POLICIES: list[Policy[Any]] = []


def declared_roles(volet: Volet, purpose: Purpose, action: Action) -> list[str]:
    """Give the roles that some policy lets do this on the rows of a volet, in a stable order."""
    return sorted(
        {
            role
            for policy in POLICIES
            if policy.volet is volet
            for role in policy.roles(purpose, action)
        }
    )


def role_purposes() -> Iterator[tuple[str, str, Purpose]]:
    """Yield (system, role, purpose) for all that the policies allow."""
    seen = set()
    for policy in POLICIES:
        for allow in policy.allows:
            row = (policy.catalogue.system, str(allow.role), allow.purpose)
            if row not in seen:
                seen.add(row)
                yield row
