"""The files whose time has passed, as one condition of SQL: the declarations, compiled."""

from dataclasses import dataclass
from datetime import date

from django.apps import apps
from django.db import connection
from django.db.models import Q
from django.db.models.sql import Query
from psycopg import sql

from egide.kernel.retention.clocks import Among, Condition, Dating, Delay, Keep
from egide.kernel.retention.declarations import Schedule

UNITS = {"jours": "days", "mois": "months", "ans": "years"}


@dataclass(frozen=True, slots=True)
class Due:
    """The files of one clock that fall due on a day; `d` is the subject's row."""

    schedule: Schedule
    clock: Keep
    on: date

    @property
    def table(self) -> sql.Identifier:
        """Name the table of the subject."""
        return table_of(self.schedule.subject)

    @property
    def expired(self) -> sql.Composed:
        """Compare the last day that the clock gives with the day of the run."""
        return sql.SQL("{} < {}").format(last_day(self.schedule, self.clock), sql.Literal(self.on))

    @property
    def left(self) -> sql.Composed:
        """Say which files are left although their time has passed."""
        found = [self._met(condition) for condition in self.clock.unless]
        return sql.SQL("({})").format(sql.SQL(" OR ").join([sql.SQL("false"), *found]))

    @property
    def condition(self) -> sql.Composed:
        """Say which files fall due."""
        return sql.SQL("{} AND NOT {}").format(self.expired, self.left)

    def _met(self, condition: Condition) -> sql.Composed:
        met = condition.met(self.on)
        if isinstance(condition, Among):
            return _compiled(self.schedule.subject, met, alias="d")
        return sql.SQL("EXISTS (SELECT FROM {} x WHERE {} = d.id AND {})").format(
            table_of(condition.model),
            sql.Identifier("x", self.schedule.link(condition.model)),
            _compiled(condition.model, met, alias="x"),
        )


def last_day(schedule: Schedule, clock: Keep) -> sql.Composed:
    """Give the last day on which a clock keeps the row `d`: the declaration, compiled."""
    return ending(_start(schedule.days[clock.after]), clock.for_)


def _start(dating: Dating) -> sql.Composed:
    parts = (sql.Identifier("d", p) if isinstance(p, str) else _start(p) for p in dating.columns)
    return sql.SQL(dating.sql + "({})").format(sql.SQL(", ").join(parts))


def ending(day: sql.Composed, delay: Delay) -> sql.Composed:
    """Give the last day of a delay: a month too short ends at its own last day."""
    return sql.SQL("({} + make_interval({} => {}))::date").format(
        day, sql.SQL(UNITS[delay.forme]), sql.Literal(delay.nombre)
    )


def elapsed(day: sql.Composed, delay: Delay, *, on: date) -> sql.Composed:
    """Compare the last day of a delay with a day."""
    return sql.SQL("{} < {}").format(ending(day, delay), sql.Literal(on))


def table_of(label: str) -> sql.Identifier:
    """Name the table of a model."""
    return sql.Identifier(apps.get_model(label)._meta.db_table)


def _compiled(label: str, met: Q, *, alias: str) -> sql.Composed:
    """Compile a condition on the rows of a model, as Django would, under an alias."""
    model = apps.get_model(label)
    query = Query(model)
    query.add_q(met)
    where = query.where.relabeled_clone({model._meta.db_table: alias})
    text, values = query.get_compiler(connection=connection).compile(where)
    first, *rest = text.split("%s")
    parts: list[sql.Composable] = [sql.SQL(first)]
    for value, piece in zip(values, rest, strict=True):
        parts += [sql.Literal(value), sql.SQL(piece)]
    return sql.Composed(parts)
