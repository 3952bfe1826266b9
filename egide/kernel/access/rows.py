"""Rows that only a policy can read: a row or a column reached otherwise raises, in any passage."""

import uuid
from collections.abc import AsyncIterator, Iterable, Iterator
from typing import Any, ClassVar, Self, TypeVar

from django.db import models
from django.db.models.expressions import Col
from django.db.models.sql import Query

from egide.kernel.access.models import Service
from egide.kernel.access.passage import CURRENT, Passage

M = TypeVar("M", bound=models.Model)


class OutOfPurpose(Exception):
    """A column was touched that the purpose of this passage may not read."""


class UnplannedRead(Exception):
    """Rows were loaded around their policy, so that nothing would have traced them."""


class UntracedRead(Exception):
    """Rows came back without the file they are about, so that the trail could not name it."""


def _unless_outside(model: type[models.Model]) -> None:
    if CURRENT.get() is not None:
        raise UnplannedRead(model._meta.label)


class Guarded(models.QuerySet[M]):
    """Refuse to load rows inside a passage; writes and counts stay possible."""

    def _fetch_all(self) -> None:
        if self._result_cache is None:
            _unless_outside(self.model)
        super()._fetch_all()

    def iterator(self, chunk_size: int | None = None) -> Iterator[M]:
        """Refuse as well what would stream."""
        _unless_outside(self.model)
        return super().iterator(chunk_size)

    def aiterator(self, chunk_size: int = 2_000) -> AsyncIterator[M]:
        """Refuse as well what would stream without blocking."""
        _unless_outside(self.model)
        return super().aiterator(chunk_size)

    def aggregate(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Refuse as well the greatest NIR, or any aggregate but a count."""
        if not _only_counts([*args, *kwargs.values()]):
            _unless_outside(self.model)
        return super().aggregate(*args, **kwargs)

    def explain(self, *, format: str | None = None, **options: Any) -> str:  # noqa: A002 -- Django's
        """Refuse a plan: it counts the rows of every service."""
        _unless_outside(self.model)
        return super().explain(format=format, **options)

    def raw(self, *args: Any, **kwargs: Any) -> "models.query.RawQuerySet[Any]":
        """Refuse SQL that no policy bounds."""
        _unless_outside(self.model)
        return super().raw(*args, **kwargs)


class Traced(models.QuerySet[M]):
    """Rows of a policy: those that are loaded are noted for the trail of the passage."""

    passage: Passage
    noted_fields: tuple[str, ...] = ()
    subject: str | None = None
    known: frozenset[uuid.UUID] = frozenset()
    joined: frozenset[str] = frozenset()
    _fields: tuple[Any, ...] | None  # Django's: what values() asked for

    def _clone(self) -> Self:
        clone: Self = super()._clone()  # type: ignore[misc]  # absent from the stubs
        clone.passage, clone.noted_fields = self.passage, self.noted_fields
        clone.subject, clone.known, clone.joined = self.subject, self.known, self.joined
        return clone

    def concerning(self, *subjects: uuid.UUID) -> Self:
        """Name the files that these rows are about, when the rows themselves do not."""
        clone = self._clone()
        clone.known = self.known | set(subjects)
        return clone

    def _fetch_all(self) -> None:
        fresh = self._result_cache is None
        if fresh:
            self._plan()
        super()._fetch_all()
        if fresh:
            self._note(self._result_cache or ())

    def iterator(self, chunk_size: int | None = None) -> Iterator[M]:
        """Stream rows; each is noted."""
        self._plan()
        for row in super().iterator(chunk_size):
            self._note([row])
            yield row

    async def aiterator(self, chunk_size: int = 2_000) -> AsyncIterator[M]:
        """Stream rows without blocking; each is noted."""
        self._plan()
        async for row in super().aiterator(chunk_size):
            self._note([row])
            yield row

    def aggregate(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Aggregate rows; what is not a mere count is noted, columns by name."""
        asked = [*args, *kwargs.values()]
        if not _only_counts(asked):
            self.passage.note(self.known, (*self.noted_fields, *_named(self.query, asked)))
        return super().aggregate(*args, **kwargs)

    def explain(self, *, format: str | None = None, **options: Any) -> str:  # noqa: A002, ARG002 -- Django's
        """Refuse a plan: it counts the rows of every service."""
        raise UnplannedRead(self.model._meta.label)

    def raw(self, *args: Any, **kwargs: Any) -> "models.query.RawQuerySet[Any]":  # noqa: ARG002 -- Django's
        """Refuse SQL that no policy bounds."""
        raise UnplannedRead(self.model._meta.label)

    def _plan(self) -> None:
        """Refuse a statement whose rows could not be told, before it runs."""
        related = self.query.select_related
        if related is True or (related and set(related) - self.joined):
            raise UnplannedRead(f"{self.model._meta.label}: a relation that no policy joins")
        if self.subject is None or self.known or self._fields is None:
            return
        grouped = self.query.group_by is not None and self.query.annotation_select
        if not grouped and self._position() is None:
            raise UntracedRead(f"{self.model._meta.label}: select {self.subject} as well")

    def _position(self) -> int | None:
        """Tell where the subject stands among the selected values."""
        names = {self.subject, str(self.subject).removesuffix("_id")}
        if self.subject == self.model._meta.pk.attname:
            names.add("pk")
        return next((i for i, name in enumerate(self._selected()) if name in names), None)

    def _selected(self) -> list[str]:
        if self.query.selected is not None:
            return list(self.query.selected)
        return [*self.query.values_select, *self.query.annotation_select]

    def _note(self, rows: Iterable[Any]) -> None:
        place = self._position()
        subjects = {subject for row in rows if (subject := self._subject_of(row, place))}
        fields = (*self.noted_fields, *_named(self.query, ()))
        self.passage.note(subjects | self.known, fields)

    def _subject_of(self, row: Any, place: int | None) -> uuid.UUID | None:  # noqa: ANN401 -- whatever Django yields
        if self.subject is None:
            return None
        if isinstance(row, models.Model):
            found: uuid.UUID | None = getattr(row, self.subject)
            return found
        if place is None:
            return None
        if isinstance(row, dict):
            row = tuple(row[name] for name in self._selected())
        value: uuid.UUID | None = row[place] if isinstance(row, tuple) else row
        return value


def _only_counts(asked: Iterable[Any]) -> bool:
    return all(type(expression) is models.Count for expression in asked)


def _named(query: Query, more: Iterable[Any]) -> Iterator[str]:
    """Name the columns that a query selects, those of its annotations and sub-queries included."""
    for expression in (*query.select, *query.annotation_select.values(), *more):
        for part in expression.flatten():
            if isinstance(part, Col):
                yield f"{part.target.model.__name__}.{part.target.attname}"
            elif isinstance(part, models.F):
                name: str = vars(part)["name"]
                yield f"{query.get_meta().object_name}.{name}"
            elif isinstance(part, models.Subquery):
                yield from _named(part.query, ())


class GuardedManager(models.Manager[M]):
    """Give guarded rows; written out, for a cached type check loses a class made at run time."""

    def get_queryset(self) -> Guarded[M]:
        """Refuse whatever is loaded around a policy."""
        return Guarded(self.model, using=self._db)


class PurposeBound(models.Model):
    """A row that the catalogue holds: unguessable id, read through its policy alone."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)

    objects = GuardedManager()

    class Meta:
        abstract = True
        base_manager_name = "objects"

    def refresh_from_db(
        self,
        using: str | None = None,
        fields: Iterable[str] | None = None,
        from_queryset: models.QuerySet[Any] | None = None,
    ) -> None:
        """Refuse Django's silent loading of a deferred column inside a passage."""
        if CURRENT.get() is not None:
            names = ", ".join(fields or ["*"])
            raise OutOfPurpose(f"{self._meta.label}.{names}")
        super().refresh_from_db(using=using, fields=fields, from_queryset=from_queryset)


class ServiceBound(PurposeBound):
    """A row that belongs to one service, which is the wall that no habilitation crosses."""

    service = models.ForeignKey(Service, models.PROTECT, related_name="+")

    class Meta(PurposeBound.Meta):
        abstract = True
        indexes: ClassVar[list[models.Index]] = []
