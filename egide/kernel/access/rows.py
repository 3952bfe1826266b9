"""Rows that only a policy can read: a row or a column reached otherwise raises, in any passage."""

import uuid
from collections.abc import Iterable, Iterator
from typing import Any, ClassVar, Self, TypeVar

from django.db import models

from egide.kernel.access.models import Service
from egide.kernel.access.passage import CURRENT, Passage

M = TypeVar("M", bound=models.Model)


class OutOfPurpose(Exception):
    """A column was touched that the purpose of this passage may not read."""


class UnplannedRead(Exception):
    """Rows were loaded around their policy, so that nothing would have traced them."""


class Guarded(models.QuerySet[M]):
    """Refuse to load rows inside a passage; writes and counts stay possible."""

    def _fetch_all(self) -> None:
        if self._result_cache is None and CURRENT.get() is not None:
            raise UnplannedRead(self.model._meta.label)
        super()._fetch_all()

    def iterator(self, chunk_size: int | None = None) -> Iterator[M]:
        """Refuse as well what would stream."""
        if CURRENT.get() is not None:
            raise UnplannedRead(self.model._meta.label)
        return super().iterator(chunk_size)


class Traced(models.QuerySet[M]):
    """Rows of a policy: those that are loaded are noted for the trail of the passage."""

    passage: Passage
    noted_fields: tuple[str, ...] = ()
    subject: str | None = None

    def _clone(self) -> Self:
        clone: Self = super()._clone()  # type: ignore[misc]  # absent from the stubs
        clone.passage, clone.noted_fields = self.passage, self.noted_fields
        clone.subject = self.subject
        return clone

    def _fetch_all(self) -> None:
        fresh = self._result_cache is None
        super()._fetch_all()
        if fresh:
            self._note(self._result_cache or ())

    def iterator(self, chunk_size: int | None = None) -> Iterator[M]:
        """Stream rows; each is noted."""
        for row in super().iterator(chunk_size):
            self._note([row])
            yield row

    def _note(self, rows: Iterable[Any]) -> None:
        subjects = set()
        for row in rows:
            if self.subject is None:
                break
            if isinstance(row, dict):
                subjects.add(row.get(self.subject))
            elif isinstance(row, models.Model):
                subjects.add(getattr(row, self.subject))
        self.passage.note((s for s in subjects if s), self.noted_fields)


GuardedManager = models.Manager.from_queryset(Guarded)


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
