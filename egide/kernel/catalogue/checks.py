"""Stop the server when a column has no line, a line no column, or a refused datum comes back."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from typing import Any

from django.apps import AppConfig, apps
from django.core.checks import CheckMessage, Error
from django.db.models import Model

from egide.kernel.catalogue.declarations import REGISTRY, Catalogue, Volet


def check_columns(
    app_configs: Sequence[AppConfig] | None,  # noqa: ARG001 -- Django's signature
    **_: Any,
) -> list[CheckMessage]:
    """Compare every model of every registered system with its catalogue."""
    return [message for catalogue in REGISTRY for message in check_catalogue(catalogue)]


def check_catalogue(catalogue: Catalogue) -> Iterator[CheckMessage]:
    """Yield one error per gap between the models of one system and its catalogue."""
    models = {m._meta.label: m for m in apps.get_app_config(catalogue.system).get_models()}
    for label in sorted(models.keys() - catalogue.by_model.keys()):
        yield Error(f"{label} has no volet in the catalogue.", id="catalogue.E001")
    for label in sorted(catalogue.by_model.keys() - models.keys()):
        yield Error(f"The catalogue declares {label}, which does not exist.", id="catalogue.E002")
    if catalogue.subject is not None and catalogue.subject not in models:
        yield Error(f"The subject {catalogue.subject} does not exist.", id="catalogue.E009")
    for label in sorted(models.keys() & catalogue.by_model.keys()):
        yield from _check_volet(models[label], catalogue.by_model[label])
        yield from _check_forbidden(models[label], catalogue)
    yield from _check_purposes(catalogue)


def _check_volet(model: type[Model], volet: Volet) -> Iterator[CheckMessage]:
    columns = {f.attname for f in model._meta.concrete_fields}
    for name in sorted(columns - volet.lines.keys()):
        yield Error(f"{volet.model}.{name} has no line in the catalogue.", id="catalogue.E003")
    for name in sorted(volet.lines.keys() - columns):
        yield Error(f"{volet.model}.{name} has a line and no column.", id="catalogue.E004")
    for name, line in sorted(volet.lines.items()):
        if not line.source.strip():
            yield Error(f"{volet.model}.{name} has no legal source.", id="catalogue.E005")
    for purpose, only in volet.only.items():
        if only.column not in columns or not only.words or purpose not in volet.purposes():
            yield Error(
                f"{volet.model} is narrowed on {only.column} for {purpose.code}: by no word of a"
                " column, or for a purpose that does not reach it.",
                id="catalogue.E010",
            )
    if volet.subject and volet.subject not in columns:
        yield Error(f"{volet.model}: no column {volet.subject}.", id="catalogue.E006")


def _check_forbidden(model: type[Model], catalogue: Catalogue) -> Iterator[CheckMessage]:
    for column in (f.attname for f in model._meta.concrete_fields):
        for refused in catalogue.forbidden:
            if any(word in words_of(column) for word in refused.words):
                yield Error(
                    f"{model._meta.label}.{column} is refused: {refused.reason}"
                    f" ({refused.source}).",
                    id="catalogue.E007",
                )


def _check_purposes(catalogue: Catalogue) -> Iterator[CheckMessage]:
    declared = set(catalogue.purposes)
    for volet in catalogue.volets:
        for purpose in sorted(volet.purposes() - declared, key=lambda p: p.key):
            yield Error(f"{volet.model} cites {purpose.key}, undeclared.", id="catalogue.E008")


def words_of(identifier: str) -> list[str]:
    """Split an identifier or label into lower-case words without accents."""
    plain = unicodedata.normalize("NFKD", identifier).encode("ascii", "ignore").decode()
    return re.findall(r"[a-z0-9]+", plain.lower())
