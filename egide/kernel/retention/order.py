"""The tables of a destruction, in the order of their references: those that refer go first."""

from collections.abc import Iterable
from graphlib import TopologicalSorter

from django.apps import apps
from django.db.models import ForeignKey, Model

from egide.kernel.retention.declarations import FallsWith, Schedule


def falling_order(schedule: Schedule) -> list[FallsWith]:
    """List what falls with the subject, so that no row refers to one already destroyed."""
    rules = {rule.model: rule for rule in schedule.falling()}
    graph = TopologicalSorter({label: _before(label, rules) for label in sorted(rules)})
    return [rules[label] for label in graph.static_order()]


def _before(label: str, rules: dict[str, FallsWith]) -> set[str]:
    """Name what is destroyed before a model: what refers to it, and what finds its rows by it."""
    named_by = {rule.model for rule in rules.values() if rule.parent == label}
    return named_by | (set(_referring(label, rules)) - {label})


def _referring(label: str, among: Iterable[str]) -> list[str]:
    target = apps.get_model(label)
    return [other for other in among if target in _targets(apps.get_model(other))]


def _targets(model: type[Model]) -> set[type[Model]]:
    return {
        field.related_model
        for field in model._meta.concrete_fields
        if isinstance(field, ForeignKey) and not isinstance(field.related_model, str)
    }
