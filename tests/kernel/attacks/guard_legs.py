"""Read the legs of a guard written in SQL: those without which it would refuse less.

A guard refuses what its condition finds. There a leg of an `OR` refuses by itself; under a `NOT`,
where the condition says what is allowed, each leg of an `AND` does. Their removal is a protection
less, where that of any other leg would only refuse more.
"""

import re
from collections.abc import Iterator
from itertools import pairwise

Span = tuple[int, int]
TOKEN = re.compile(r"'[^']*'|--[^\n]*|[(),]|\w+")
BLANK = re.compile(r"(?:\s|--[^\n]*)*")
CLAUSE = ("WHERE", "JOIN", "LEFT", "CROSS", "GROUP", "ORDER", "LIMIT", "FOR")


def outer(text: str, span: Span) -> Iterator[tuple[str, int, int]]:
    """Give the words that no parenthesis and no CASE holds, and where they stand."""
    depth = 0
    for found in TOKEN.finditer(text, *span):
        word = found[0]
        depth -= word in (")", "END")
        if depth == 0:
            yield word, found.start(), found.end()
        depth += word in ("(", "CASE")


def split(text: str, span: Span, by: str) -> list[Span]:
    """Cut at each AND, OR or comma that stands outside; the AND of a BETWEEN is none."""
    spans, start, between = [], span[0], False
    for word, first, last in outer(text, span):
        if word == "BETWEEN":
            between = True
        elif word == "AND" and between:
            between = False
        elif word == by:
            spans.append((start, first))
            start = last
    return [*spans, (start, span[1])]


def legs(text: str, span: Span, *, refuses: bool = True) -> Iterator[tuple[Span, str]]:
    """Give each leg without which less is refused, with what stands for its absence."""
    for by, nothing, weakens in (("OR", "false", refuses), ("AND", "true", not refuses)):
        spans = split(text, span, by)
        if len(spans) > 1:
            for leg in spans:
                if weakens:
                    yield leg, nothing
                yield from legs(text, leg, refuses=refuses)
            return
    yield from of_one_term(text, span, refuses=refuses)


def of_one_term(text: str, span: Span, *, refuses: bool) -> Iterator[tuple[Span, str]]:
    start = BLANK.match(text, span[0]).end()
    words = list(outer(text, (start, span[1])))
    heads = [word for word, _, _ in words]
    if heads[:1] == ["NOT"]:
        yield from legs(text, (words[0][2], span[1]), refuses=not refuses)
    elif heads == ["(", ")"]:
        yield from inside(text, (words[0][2], words[1][1]), refuses=refuses)
    elif heads == ["EXISTS", "(", ")"]:
        yield from of_a_query(text, (words[1][2], words[2][1]), refuses=refuses)
    elif heads == ["coalesce", "(", ")"]:
        first = split(text, (words[1][2], words[2][1]), ",")[0]
        yield from legs(text, first, refuses=refuses)
    elif heads == ["CASE", "END"]:
        yield from of_a_case(text, (words[0][2], words[1][1]), refuses=refuses)


def inside(text: str, span: Span, *, refuses: bool) -> Iterator[tuple[Span, str]]:
    """Parentheses hold a condition, or a query that answers one."""
    words = list(outer(text, span))
    if words and words[0][0] == "SELECT":
        until = next((first for word, first, _ in words if word == "FROM"), span[1])
        span = (words[0][2], until)
    yield from legs(text, span, refuses=refuses)


def of_a_query(text: str, span: Span, *, refuses: bool) -> Iterator[tuple[Span, str]]:
    """A row that an outer join does not find is what it refuses by: there, the sense turns."""
    marks = [found for found in outer(text, span) if found[0] in (*CLAUSE, "ON")]
    aside = False
    for (word, _, last), (_, end, _) in pairwise([*marks, ("", span[1], span[1])]):
        if word == "LEFT":
            aside = True
        elif word == "ON":
            yield from legs(text, (last, end), refuses=refuses != aside)
            aside = False
        elif word == "WHERE":
            yield from legs(text, (last, end), refuses=refuses)


def of_a_case(text: str, span: Span, *, refuses: bool) -> Iterator[tuple[Span, str]]:
    marks = [found for found in outer(text, span) if found[0] in ("WHEN", "THEN", "ELSE")]
    for (word, _, last), (_, end, _) in pairwise([*marks, ("", span[1], span[1])]):
        if word != "WHEN":
            yield from legs(text, (last, end), refuses=refuses)


CONDITION = re.compile(r"\bIF (?=.*?\bTHEN\b)|\bSELECT (?=EXISTS \()", re.DOTALL)
FOUND = re.compile(r"\bPERFORM FROM [^;]*?\bWHERE\b([^;]*?)FOR SHARE;\s+IF NOT FOUND", re.DOTALL)


def without_each_leg(function: str) -> Iterator[tuple[str, str]]:
    """Give each leg of the conditions of a function, and the function without it."""
    for found in CONDITION.finditer(function):
        last = "THEN" if found[0] == "IF " else "INTO"
        words = outer(function, (found.end(), len(function)))
        span = (found.end(), next(first for word, first, _ in words if word == last))
        if "relowner" not in function[slice(*span)]:
            yield from cut(function, legs(function, span))
    for found in FOUND.finditer(function):
        yield from cut(function, legs(function, found.span(1), refuses=False))


def without_each_clause(trigger: str) -> Iterator[tuple[str, str]]:
    """Give what a trigger is called for, wholly and leg by leg, and the trigger without it."""
    words = list(outer(trigger, (0, len(trigger))))
    whens = [last for word, _, last in words if word == "WHEN"]
    for when in whens:
        opening, closing = [found for found in words if found[1] >= when and found[0] in "()"][:2]
        span = (opening[2], closing[1])
        yield from cut(trigger, [(span, "false"), *legs(trigger, span)])


def cut(
    text: str, found: Iterator[tuple[Span, str]] | list[tuple[Span, str]]
) -> list[tuple[str, str]]:
    """Write the text anew without each span that was found."""
    return [
        (" ".join(text[a:b].split()), f"{text[:a]} {nothing} {text[b:]}")
        for (a, b), nothing in found
    ]
