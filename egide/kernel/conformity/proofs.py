"""The proofs: tests that carry a clause, as recorded by a run or as read in their source."""

import ast
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from egide.kernel.conformity.clauses import HERE, ROOT

FORMAT = 1
NOT_RUN = "non exécutée ici"
PASSED = "passed"
FAILED = "failed"


class UnreadableProofs(Exception):
    """A file of proofs that is not one, or that another version wrote."""


@dataclass(frozen=True, slots=True)
class Proof:
    """One test, the clauses it carries, and its last outcome (with its instant when it ran)."""

    test: str
    clauses: tuple[str, ...]
    outcome: str
    at: str = ""

    @property
    def function(self) -> str:
        """The test without its parameters."""
        return self.test.partition("[")[0]


def state_path() -> Path:
    """Return the file where a test run records its proofs."""
    return Path(os.environ.get("EGIDE_PROOFS") or ROOT / ".egide" / "proofs.json")


def recorded_path() -> Path | None:
    """Return the file to report from: this machine's run, else the release's, else nothing."""
    for path in (state_path(), HERE / "proofs.json"):
        if path.is_file():
            return path
    return None


def read(path: Path) -> list[Proof]:
    """Read the proofs of a file."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        if content["format"] != FORMAT:
            raise UnreadableProofs(f"{path} : format {content['format']}, {FORMAT} attendu")
        return [
            Proof(test, tuple(line["clauses"]), line["outcome"], line["at"])
            for test, line in content["tests"].items()
        ]
    except (ValueError, KeyError, TypeError, AttributeError, UnicodeDecodeError) as error:
        raise UnreadableProofs(f"{path} : ce n'est pas un fichier de preuves") from error


def write(path: Path, ran: Mapping[str, Proof], *, complete: bool) -> None:
    """Record the proofs of a run; a partial run replaces its own tests only."""
    kept: dict[str, Proof] = {}
    if not complete and path.is_file():
        kept = {proof.test: proof for proof in read(path)}
    kept.update(ran)
    lines = {
        test: {"clauses": list(proof.clauses), "outcome": proof.outcome, "at": proof.at}
        for test, proof in sorted(kept.items())
        # A test that ran and lost its mark proves nothing any more.
        if proof.clauses
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(f".{os.getpid()}.tmp")
    draft.write_text(
        json.dumps({"format": FORMAT, "tests": lines}, ensure_ascii=False, indent=1) + "\n",
        encoding="utf-8",
    )
    draft.replace(path)


def declared(root: Path) -> list[Proof]:
    """Read the tests of a source tree and return those that carry a clause, without running."""
    return [Proof(test, marks, NOT_RUN) for test, marks in _written(root) if marks]


def functions(root: Path) -> frozenset[str]:
    """Name every test function of a source tree, marked or not."""
    return frozenset(test for test, _ in _written(root))


def _written(root: Path) -> Iterator[tuple[str, tuple[str, ...]]]:
    for path in sorted((root / "tests").rglob("test_*.py")):
        name, stamp = path.relative_to(root).as_posix(), path.stat()
        for test, marks in _parsed(path, stamp.st_mtime_ns, stamp.st_size):
            yield f"{name}::{test}", marks


@lru_cache(maxsize=2_048)
def _parsed(
    path: Path,
    *stamp: int,  # noqa: ARG001 -- the key of the cache
) -> tuple[tuple[str, tuple[str, ...]], ...]:
    # Any agent may ask for the page: a file that did not change is parsed once.
    return tuple(_marked(ast.parse(path.read_text(encoding="utf-8"))))


def _marked(tree: ast.Module) -> Iterator[tuple[str, tuple[str, ...]]]:
    shared = [
        id_
        for node in tree.body
        if isinstance(node, ast.Assign)
        and any(isinstance(t, ast.Name) and t.id == "pytestmark" for t in node.targets)
        for id_ in _ids(node.value)
    ]
    yield from _tests(tree.body, "", shared)


def _tests(
    body: list[ast.stmt], prefix: str, shared: list[str]
) -> Iterator[tuple[str, tuple[str, ...]]]:
    for node in body:
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            continue
        own = shared + [id_ for mark in node.decorator_list for id_ in _ids(mark)]
        if isinstance(node, ast.ClassDef):
            yield from _tests(node.body, f"{prefix}{node.name}::", own)
        elif node.name.startswith("test"):
            yield f"{prefix}{node.name}", tuple(sorted(set(own)))


def _ids(expression: ast.AST) -> Iterator[str]:
    for node in ast.walk(expression):
        if isinstance(node, ast.Call) and _is_clause_mark(node.func):
            for argument in node.args:
                if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                    yield argument.value


def _is_clause_mark(function: ast.expr) -> bool:
    return (
        isinstance(function, ast.Attribute)
        and function.attr == "clause"
        and isinstance(function.value, ast.Attribute)
        and function.value.attr == "mark"
    )
