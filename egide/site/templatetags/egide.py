"""Template filters of French notation, and the few tags that the components need."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django import template
from django.forms import BoundField
from django.template.defaultfilters import stringfilter
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timezone import localtime

from egide.kernel import notation

register = template.Library()

ABSENT = "—"
GAUGE_WIDTH = 100
SOON_IN_DAYS = 7
WIDE = 4  # columns above which a table may scroll on a tablet


def _day(value: date | datetime) -> date:
    return localtime(value).date() if isinstance(value, datetime) else value


@register.filter
def euros(value: Decimal | int | None) -> str:
    """Write an amount to the cent, or a dash where there is none."""
    return ABSENT if value is None else notation.euros(value)


@register.filter
def euros_exact(value: Decimal | int | None) -> str:
    """Write an amount with every decimal it holds."""
    return ABSENT if value is None else notation.euros_exact(value)


@register.filter
def taux(value: Decimal | int | None) -> str:
    """Write a rate of [0, 1] in percent."""
    return ABSENT if value is None else notation.taux(value)


@register.filter
def nombre(value: Decimal | int | None) -> str:
    """Write a number in French notation, without useless zeros."""
    return ABSENT if value is None else notation.nombre(value)


@register.filter
def heures(value: Decimal | int | None) -> str:
    """Write decimal hours in hours and minutes."""
    return ABSENT if value is None else notation.heures(value)


@register.filter
def jour(value: date | None) -> str:
    """Write a day in short."""
    return ABSENT if value is None else notation.jour(_day(value))


@register.filter
def jour_long(value: date | None) -> str:
    """Write a day in full."""
    return ABSENT if value is None else notation.jour_long(_day(value))


@register.filter
def iso(value: date | None) -> str:
    """Write a day for the `datetime` attribute of a `<time>` element."""
    return "" if value is None else _day(value).isoformat()


@register.filter
def age(born: date | None, on: date) -> str:
    """Write the age reached on the given day."""
    return ABSENT if born is None else notation.age(born, _day(on))


@register.filter
def delai(day: date | None, on: date) -> str:
    """Write what separates a deadline from the given day."""
    return ABSENT if day is None else notation.delai(_day(day), _day(on))


@register.filter
def urgence(day: date | None, on: date) -> str:
    """Name the state of a deadline: « stop » once passed, « wait » within a week, else « calm »."""
    if day is None:
        return "calm"
    left = (_day(day) - _day(on)).days
    if left < 0:
        return "stop"
    return "wait" if left <= SOON_IN_DAYS else "calm"


@register.filter(is_safe=True)
@stringfilter
def insecable(value: str) -> str:
    """Bind, in a text that the code wrote, what a line must not part."""
    return notation.insecable(value)


@register.filter
@stringfilter
def de(value: str) -> str:
    """Put « de » before a month, elided before a vowel."""
    return notation.de(value)


@register.filter
def part(value: Decimal | int, whole: Decimal | int) -> str:
    """Give the width, between 0 and 100, of a gauge: a whole of zero fills nothing."""
    if not whole:
        return "0"
    share = Decimal(value) * GAUGE_WIDTH / Decimal(whole)
    return f"{min(max(share, Decimal(0)), Decimal(GAUGE_WIDTH)):.1f}"


@register.simple_tag
def control(field: BoundField) -> SafeString:
    """Render the control of a form field in the house style; Django ties it to its notes."""
    words = [str(field.field.widget.attrs.get("class", "")), _control_class(field)]
    given = " ".join(word for word in words if word)
    attrs: dict[str, Any] = {"class": given} if given else {}
    if field.form.errors:
        # The summary of a refused form takes the focus: two that ask for it get it by turns.
        attrs["autofocus"] = False
    return field.as_widget(attrs=attrs)


def _control_class(field: BoundField) -> str:
    if is_group(field):
        # Django would give the class to the group itself as well as to each box.
        return ""
    kind = getattr(field.field.widget, "input_type", "")
    base = {"checkbox": "form-check-input", "select": "form-select"}.get(kind, "form-control")
    return f"{base} is-invalid" if field.errors else base


@register.filter
def anchor(field: BoundField) -> str:
    """Give the id that a line of the error summary leads to: the first box of a group."""
    return f"{field.auto_id}_0" if is_group(field) else field.auto_id


@register.simple_block_tag
def card(content: SafeString, title: str = "", under: str = "") -> SafeString:
    """Lay a content on a card: `{% card "Plan d'aide" "à compter du…" %}…{% endcard %}`."""
    if not title:
        return format_html('<section class="card">{}</section>', content)
    small = format_html(" <small>{}</small>", notation.insecable(under)) if under else ""
    return format_html('<section class="card"><h2>{}{}</h2>{}</section>', title, small, content)


@register.inclusion_tag("components/table.html")
def data_table(
    caption: str,
    columns: Sequence[tuple[str, bool]],
    rows: Sequence[Sequence[object]],
    total: Sequence[object] = (),
    caption_hidden: bool = False,  # noqa: FBT001, FBT002  # a template tag takes plain arguments
) -> dict[str, Any]:
    """Show rows under columns (label, numeric); a cell is a text or {text, url, state, ref}.

    `ref` marks a reference, such as a number of file, which never breaks over two lines.
    """
    numeric = [is_numeric for _, is_numeric in columns]
    return {
        "caption": caption,
        "caption_hidden": caption_hidden,
        "head": [{"text": label, "numeric": number} for label, number in columns],
        "rows": [_cells(row, numeric) for row in rows],
        "total": _cells(total, numeric) if total else [],
        "scroll": len(columns) > WIDE,
    }


def _cells(row: Sequence[object], numeric: Sequence[bool]) -> list[dict[str, Any]]:
    return [
        {
            "url": "",
            "state": "",
            "ref": False,
            "numeric": number,
            **(cell if isinstance(cell, dict) else {"text": cell}),
        }
        for cell, number in zip(row, numeric, strict=True)
    ]


@register.filter
def is_group(field: BoundField) -> bool:
    """Tell whether a field is a group of boxes, which a `<fieldset>` must name."""
    return bool(field.field.widget.use_fieldset)


@register.filter
def is_box(field: BoundField) -> bool:
    """Tell whether a field is one box to tick, whose label follows it."""
    return getattr(field.field.widget, "input_type", "") == "checkbox" and not is_group(field)
