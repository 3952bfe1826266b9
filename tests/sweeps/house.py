"""The promises of the house about its own text, each as a finder of defects in a source tree."""

import ast
import builtins
import re
from collections.abc import Iterator
from pathlib import Path

MAX_LINES = 300
SOURCE_FOLDERS = ("egide", "tests", "benchmarks")
TEXT_FOLDERS = (*SOURCE_FOLDERS, "docs", "requirements", ".ci")
TEXT_SUFFIXES = {
    "", ".py", ".md", ".yaml", ".yml", ".toml", ".txt", ".in", ".html", ".sql", ".css", ".js",
    ".json", ".csv", ".typ", ".cfg", ".ini",
}  # fmt: skip
# Structure, not law: nothing, a cent, one, a half, a decimal base, months, a percentage.
PLAIN_NUMBERS = {"0", "0.00", "0.01", "1", "2", "10", "12", "100"}
ROW_DOORS = {"models", "services", "policy", "queries", "demo", "migrations", "management"}
SQL_ROOMS = {"queries", "migrations", "demo"}
# Written in two halves so that this file does not name what it forbids.
HOSTS = tuple(a + b for a, b in (("py", "pi.org"), ("python", "hosted.org"), ("npm", "js.org")))
MACHINE_PATHS = tuple(a + b for a, b in (("/wo", "rk/"), ("/ro", "ot/"), ("/tmp/", "wt/")))
# Where the kernel and the instance speak to PostgreSQL: each has SQL for its very matter.
SQL_MODULES = {
    "egide/kernel/access/colleagues.py", "egide/kernel/access/connections.py",
    "egide/kernel/access/passage.py", "egide/kernel/access/people.py",
    "egide/kernel/access/rows.py", "egide/site/embedded/server.py", "egide/site/jobs.py",
    "egide/site/logins.py",
}  # fmt: skip
SQL_FOLDERS = (
    "egide/kernel/access/compiler/", "egide/kernel/audit/", "egide/kernel/retention/",
    # DuckDB, in the memory of one command.
    "egide/site/compute/",
)  # fmt: skip
SQL_NAMES = {"RawSQL", "chunked_cursor", "cursor", "executemany", "extra", "raw"}
SQL = re.compile(
    r"^\s*(SELECT\s|INSERT\s+INTO\s|UPDATE\s+(ONLY\s+)?\S+\s+((AS\s+)?\w+\s+)?SET\s"
    r"|DELETE\s+FROM\s|MERGE\s+INTO\s|WITH\s+(RECURSIVE\s+)?\w+\s.*\bAS\s|LOCK\s+TABLE\s|COPY\s"
    r"|(CREATE|ALTER|DROP)\s+(TABLE|ROLE|POLICY|VIEW|FUNCTION|SCHEMA|DATABASE|INDEX)\s"
    r"|(GRANT|REVOKE)\s|SET\s+(LOCAL|ROLE)\s|TRUNCATE\s)"
)


def modules(root: Path, *folders: str) -> Iterator[Path]:
    """List the Python modules of some folders, migrations apart (Django writes them)."""
    for folder in folders or SOURCE_FOLDERS:
        for path in sorted((root / folder).rglob("*.py")):
            if "migrations" not in path.parts and "__pycache__" not in path.parts:
                yield path


def texts(root: Path) -> Iterator[Path]:
    """List every text file that people write."""
    found = [path for path in root.iterdir() if path.is_file() and not path.name.startswith(".git")]
    for folder in TEXT_FOLDERS:
        found += (root / folder).rglob("*")
    for path in sorted(found):
        if path.is_file() and path.suffix in TEXT_SUFFIXES and "__pycache__" not in path.parts:
            yield path


def templates(root: Path) -> Iterator[Path]:
    """List the page templates."""
    return iter(sorted((root / "egide").rglob("*.html")))


def long_modules(root: Path) -> list[str]:
    """Find modules of more than 300 lines; tests of one aggregate may be longer."""
    return [
        f"{_name(root, path)}: {count} lines"
        for path in modules(root)
        if "tests" not in path.relative_to(root).parts
        and (count := len(path.read_text(encoding="utf-8").splitlines())) > MAX_LINES
    ]


def grab_bags(root: Path) -> list[str]:
    """Find modules and packages called utils."""
    return [_name(root, p) for p in modules(root) if {"utils", "util"} & {p.stem, p.parent.name}]


def silent_modules(root: Path) -> list[str]:
    """Find modules that do not open with a sentence; an empty package may stay silent."""
    return [
        _name(root, path)
        for path in modules(root)
        if (tree := _tree(path)).body and not ast.get_docstring(tree)
    ]


def floats_in_rules(root: Path) -> list[str]:
    """Find binary floating point in the law: a literal, or the name float."""
    return [
        f"{_name(root, path)}:{node.lineno}"
        for path in modules(root, "egide/rules")
        for node in ast.walk(_tree(path))
        if (isinstance(node, ast.Constant) and isinstance(node.value, float))
        or (isinstance(node, ast.Name) and node.id == "float")
    ]


def figures_in_rules(root: Path) -> list[str]:
    """Find figures of law written in code: they live in the YAML beside it, with a source.

    Apart: identifiers (the lengths and keys of a NIR are its form), the bounds of an input,
    notation, the width of machine integers, and the days on which a version starts.
    """
    found = []
    for path in modules(root, "egide/rules"):
        if "identifiants" in path.parts or path.name in {"bornes.py", "money.py"}:
            continue
        tree = _tree(path)
        form = {id(part) for node in ast.walk(tree) if _is_form(node) for part in ast.walk(node)}
        for node in ast.walk(tree):
            figure = None if id(node) in form else _figure(node)
            if figure is not None and figure not in PLAIN_NUMBERS:
                found.append(f"{_name(root, path)}:{node.lineno}: {figure}")
    return found


LAW = {
    "AGE", "AGES", "ANNEE", "ANNEES", "ANS", "DAYS", "DELAI", "EFFET", "GIR", "GIRS",
    "JOUR", "JOURS", "MAXIMAL", "MAXIMALE", "MINIMAL", "MOIS", "PART", "PLAFOND", "PRESCRIPTION",
    "REVISION", "SEUIL", "SMIC", "TAUX",
}  # fmt: skip
SPANS = {"day", "days", "months", "nombre", "weeks", "years"}


def figures_in_systems(root: Path) -> list[str]:
    """Find figures of law written again in a system: the dated file beside the rule has them.

    A figure is the law's when its constant bears a word of the law, when it counts days, months or
    years in an act, or when a group or an age is compared with it.
    """
    found = []
    for path in modules(root, "egide/systems"):
        acts = {"services", "queries"} & {part.removesuffix(".py") for part in path.parts}
        if "demo" in path.parts:
            continue
        for node in ast.walk(_tree(path)):
            for value in _said_of_law(node, spans=bool(acts)):
                figure = _figure(value)
                if figure is not None and figure not in PLAIN_NUMBERS - {"2", "10"}:
                    found.append(f"{_name(root, path)}:{value.lineno}: {figure}")
    return found


def _said_of_law(node: ast.AST, *, spans: bool) -> Iterator[ast.expr]:
    if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
        name = node.targets[0].id
        if LAW & set(name.split("_")):
            yield node.value
    elif isinstance(node, ast.Compare):
        sides = [node.left, *node.comparators]
        if {"gir", "age"} & {_last_name(side) for side in sides}:
            yield from sides
    elif spans and isinstance(node, ast.keyword) and node.arg in SPANS:
        yield node.value


def _last_name(node: ast.expr) -> str:
    return getattr(node, "attr", getattr(node, "id", ""))


def _is_form(node: ast.AST) -> bool:
    if isinstance(node, ast.BinOp):
        return isinstance(node.op, ast.Pow)
    called = isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    return (isinstance(node, ast.keyword) and node.arg == "places") or (
        called and node.func.id == "date"
    )


def _figure(node: ast.AST) -> str | None:
    if isinstance(node, ast.Constant) and type(node.value) is int:
        return str(node.value)
    called = isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.args
    if (
        called
        and node.func.id in {"Decimal", "Fraction"}
        and isinstance(node.args[0], ast.Constant)
    ):
        return str(node.args[0].value)
    return None


def forbidden_names(root: Path) -> list[str]:
    """Find package hosts and paths of one machine."""
    return [
        f"{_name(root, path)}: {word}"
        for path in texts(root)
        for word in (*HOSTS, *MACHINE_PATHS)
        if word in path.read_text(encoding="utf-8")
    ]


def stray_managers(root: Path) -> list[str]:
    """Find rows of a system fetched outside its models, services, policies and queries."""
    return [
        f"{_name(root, path)}:{node.lineno}"
        for path in modules(root, "egide/systems", "egide/site")
        if not ROW_DOORS & {part.removesuffix(".py") for part in path.parts}
        for node in ast.walk(_tree(path))
        if isinstance(node, ast.Attribute)
        and node.attr in {"objects", "_default_manager", "_base_manager"}
    ]


def stray_writes(root: Path) -> list[str]:
    """Find rows that a system writes or deletes by themselves: a policy does it, and is asked."""
    return [
        f"{_name(root, path)}:{node.lineno}"
        for path in modules(root, "egide/systems")
        for node in ast.walk(_tree(path))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in {"save", "delete"}
        and not node.args
    ]


def stray_sql(root: Path) -> list[str]:
    """Find SQL written, or a cursor opened, elsewhere than where SQL lives.

    A text may be composed, or bear a form that no pattern knows: whoever runs it is found as well.
    """
    return [
        f"{_name(root, path)}:{node.lineno}"
        for path in modules(root, "egide")
        if not SQL_ROOMS & {part.removesuffix(".py") for part in path.parts}
        and (name := _name(root, path)) not in SQL_MODULES
        and not name.startswith(SQL_FOLDERS)
        for node in ast.walk(_tree(path))
        if _is_sql(node)
    ]


def _is_sql(node: ast.AST) -> bool:
    if isinstance(node, ast.Constant):
        return isinstance(node.value, str) and SQL.match(node.value) is not None
    if isinstance(node, ast.ImportFrom):
        return bool(SQL_NAMES & {alias.name for alias in node.names})
    return isinstance(node, ast.Attribute) and node.attr in SQL_NAMES


SIDES = re.compile(
    r"\b(before|after|old_rows|new_rows) \w+ .*JOIN (before|after|old_rows|new_rows)\b"
)
CLOCK = re.compile(
    r"\b(current_date|current_time(stamp)?|localtime(stamp)?|((now|timeofday)|\w+_timestamp)\(\))",
    re.IGNORECASE,
)
# Where no day of business is meant: a dated test stands elsewhere by `access.today()` alone.
INSTANTS = {
    "DEFAULT clock_timestamp()": "stamps the row",
    "NEW.ecrite_a := clock_timestamp()": "puts the decisions of one day in their order",
    "at > now() - interval": "counts back from stamps",
    "date_trunc('month', now() AT TIME ZONE 'UTC')": "cuts the stamps into partitions",
    "extract(epoch FROM clock_timestamp())": "ends a signature after some seconds",
    "h.periode @> (clock_timestamp() AT TIME ZONE": "opens a habilitation, truly",
    "o.engagement_conformite_on <= (clock_timestamp() AT TIME ZONE": "opens an organisme",
    "SELECT (clock_timestamp() AT TIME ZONE 'Europe/Paris')::date": "is that day itself",
}


def stray_clocks(root: Path) -> list[str]:
    """Find triggers and functions that ask the clock for a day of business, past its one door."""
    return [
        f"{_name(root, path)}:{number}"
        for path in sorted((root / "egide").rglob("*.sql"))
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if CLOCK.search(line.split("--")[0]) and not any(known in line for known in INSTANTS)
    ]


def days_of_another_calendar(root: Path) -> list[str]:
    """Find SQL in Python that asks the day of its connection: at night it is not that of Paris."""
    return [
        f"{_name(root, path)}:{number}"
        for path in modules(root)
        if "sweeps" not in path.parts
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if re.search(r"\bcurrent_date\b|\bdate\.today\(\)", line, re.IGNORECASE)
    ]


def sides_joined(root: Path) -> list[str]:
    """Find what joins the rows before and after a statement by a plan that a function keeps.

    Made for one row, it would compare each of thousands with all the others.
    """
    return [
        f"{_name(root, path)}:{number}"
        for path in sorted((root / "egide/systems").rglob("*.sql"))
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if SIDES.search(line) and "'" not in line
    ]


def lone_refusals(root: Path) -> list[str]:
    """Find refusals of an act outside their one family, which every view knows how to show."""
    return [
        f"{_name(root, path)}:{node.lineno}: {node.name}"
        for path in modules(root, "egide/kernel", "egide/systems")
        if "services" in {part.removesuffix(".py") for part in path.parts}
        for node in _tree(path).body
        if isinstance(node, ast.ClassDef) and any(map(_is_exception, _bases(node)))
    ]


def _bases(node: ast.ClassDef) -> set[str]:
    return {base.id for base in node.bases if isinstance(base, ast.Name)}


def _is_exception(name: str) -> bool:
    known = getattr(builtins, name, None)
    return isinstance(known, type) and issubclass(known, BaseException)


INLINE = {
    "inline script": re.compile(r"<script(?![^>]*\bsrc=)[^>]*>", re.IGNORECASE),
    "inline style": re.compile(r"<style\b|\sstyle\s*=", re.IGNORECASE),
    "inline handler": re.compile(r"<[^>]*\s(on[a-z]+|hx-on[:\w-]*)\s*=", re.IGNORECASE),
    "script address": re.compile(r"javascript:", re.IGNORECASE),
}


def inline_code(root: Path) -> list[str]:
    """Find scripts and styles that the content-security policy would refuse."""
    return [
        f"{_name(root, path)}: {what}"
        for path in templates(root)
        for what, pattern in INLINE.items()
        if pattern.search(_without_comments(path.read_text(encoding="utf-8")))
    ]


INVISIBLE = re.compile(r"<(script|style|code|pre)\b.*?</\1>|<!--.*?-->", re.DOTALL | re.IGNORECASE)
TYPOGRAPHY = re.compile(
    r"\S[ \t\n]+[:;!?»](?=\s|$)|«(?![\u00a0\u202f])|[^\W\d_][;!?](?=\s|$)"
    r"|\b(?:[LRD]|art)\.[ \t\n]+\d|n°[ \t\n]"
)


def poor_typography(root: Path) -> list[str]:
    """Find visible text without the non-breaking spaces of punctuation and of articles."""
    return [
        f"{_name(root, path)}: {match.group(0)!r}"
        for path in templates(root)
        for match in TYPOGRAPHY.finditer(_visible(path.read_text(encoding="utf-8")))
    ]


def _visible(source: str) -> str:
    text = INVISIBLE.sub("", _without_comments(source))
    text = re.sub(r"\{\{.*?\}\}", "x", text, flags=re.DOTALL)
    text = re.sub(r"\{%.*?%\}", "", text, flags=re.DOTALL)
    text = re.sub(r"<[^>]*>", "", text)
    text = re.sub(r"&(nbsp|#160|#8239|#xA0|#x202F);", "\u00a0", text, flags=re.IGNORECASE)
    return re.sub(r"&#?\w+;", "x", text)


def _without_comments(source: str) -> str:
    source = re.sub(r"\{#.*?#\}", "", source)
    return re.sub(r"\{% comment.*?endcomment %\}", "", source, flags=re.DOTALL)


def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def _name(root: Path, path: Path) -> str:
    return path.relative_to(root).as_posix()
