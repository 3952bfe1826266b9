"""The report of conformity: each clause, what proves or answers it, and where it stands."""

import argparse
import json
import os
import sys
import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from egide.kernel.conformity import proofs
from egide.kernel.conformity.clauses import (
    ROOT,
    Clause,
    DefectiveClauses,
    clauses,
    known_systems,
    text,
)
from egide.kernel.conformity.proofs import FAILED, NOT_RUN, PASSED, Proof, UnreadableProofs

__all__ = ["Clause", "Report", "build", "clauses", "for_page", "main"]

PROVEN, ANSWERED, UNPROVEN, FAILING = "prouvée", "répondue", "non prouvée", "en échec"
STATUSES = (PROVEN, ANSWERED, UNPROVEN, FAILING)
BLANK = "[à compléter"
OUTCOMES = {
    PASSED: "réussie",
    FAILED: "en échec",
    "skipped": "non jouée",
    "xfailed": "échec attendu",
    "xpassed": "échec attendu",
    NOT_RUN: NOT_RUN,
}


@dataclass(frozen=True, slots=True)
class Line:
    """One clause with its proofs, its status, and why it has that status."""

    clause: Clause
    proofs: tuple[Proof, ...]
    status: str
    reason: str


@dataclass(frozen=True, slots=True)
class Chapter:
    """The lines of one system."""

    system: str
    texte: str
    titre: str
    lines: tuple[Line, ...]

    def count(self, status: str) -> int:
        """Count the lines of a status."""
        return sum(line.status == status for line in self.lines)


@dataclass(frozen=True, slots=True)
class Report:
    """The chapters of the systems asked for, and the file their results come from."""

    chapters: tuple[Chapter, ...]
    source: Path | None

    @property
    def conforming(self) -> bool:
        """True when every clause is proven or answered."""
        return all(
            line.status in {PROVEN, ANSWERED} for chapter in self.chapters for line in chapter.lines
        )


def build(systems: Iterable[str] | None = None, *, root: Path = ROOT) -> Report:
    """Confront the clauses of the systems (all by default) with the proofs at hand."""
    source = proofs.recorded_path()
    known = _known_proofs(source, root)
    chapters = []
    for system in sorted(systems) if systems is not None else known_systems():
        of = text(system)
        lines = tuple(
            _line(clause, [p for p in known if clause.id in p.clauses], root)
            for clause in of.clauses
        )
        chapters.append(Chapter(system, of.texte, of.titre, lines))
    return Report(tuple(chapters), source)


def _known_proofs(source: Path | None, root: Path) -> list[Proof]:
    recorded = proofs.read(source) if source else []
    if not (root / "tests").is_dir():
        return recorded
    # A recorded test that left the source proves nothing; a declared one that never ran is shown.
    present = proofs.functions(root)
    recorded = [proof for proof in recorded if proof.function in present]
    ran = {proof.function for proof in recorded}
    return recorded + [proof for proof in proofs.declared(root) if proof.function not in ran]


def _line(clause: Clause, found: Sequence[Proof], root: Path) -> Line:
    outcomes = {proof.outcome for proof in found}
    if FAILED in outcomes:
        return Line(clause, tuple(found), FAILING, "une preuve est en échec")
    if PASSED in outcomes:
        return Line(clause, tuple(found), PROVEN, "")
    status, reason = _answer(clause, root)
    if found and status != ANSWERED:
        reason = f"preuve écrite, sans réussite enregistrée\u00a0; {reason}" if reason else reason
    return Line(clause, tuple(found), status, reason)


def _answer(clause: Clause, root: Path) -> tuple[str, str]:
    if clause.attestation:
        return _attested(clause)
    if clause.porte:
        return UNPROVEN, "la porte attend la réussite de son test"
    if clause.type != "formalité":
        return UNPROVEN, "aucune preuve enregistrée"
    document = root / clause.document
    # An installed package ships no docs: the documents were checked with the release.
    if (root / "docs").is_dir() and not document.is_file():
        return UNPROVEN, f"document absent\u00a0: {clause.document}"
    return ANSWERED, clause.document


def _attested(clause: Clause) -> tuple[str, str]:
    home = Path(os.environ.get("EGIDE_HOME") or ROOT / ".egide")
    folder = os.environ.get("EGIDE_ATTESTATIONS") or home / "attestations"
    path = Path(folder) / clause.attestation
    if not path.is_file():
        return UNPROVEN, "écart déclaré\u00a0: attestation attendue de l’organisme"
    content = path.read_text(encoding="utf-8")
    if BLANK in content or not content.strip():
        return UNPROVEN, "écart déclaré\u00a0: attestation incomplète"
    return ANSWERED, f"attestation de l’organisme\u00a0: {clause.attestation}"


def for_page(systems: Iterable[str] | None = None) -> dict[str, Any]:
    """Return what the page /conformite shows, ready for a template."""
    return _page(build(systems))


def _page(report: Report) -> dict[str, Any]:
    return {
        "systemes": [
            {
                "nom": chapter.system,
                "texte": chapter.texte,
                "titre": chapter.titre,
                "nombre": len(chapter.lines),
                "totaux": [(status, chapter.count(status)) for status in STATUSES],
                "lignes": [_shown(line) for line in chapter.lines],
            }
            for chapter in report.chapters
        ],
        "conforme": report.conforming,
        "avis": "" if report.source else "aucune preuve enregistrée",
    }


def _shown(line: Line) -> dict[str, Any]:
    return {
        **asdict(line.clause),
        "statut": line.status,
        "motif": line.reason,
        "preuves": [
            {
                "test": proof.test,
                "resultat": OUTCOMES.get(proof.outcome, proof.outcome),
                "reussie": proof.outcome == PASSED,
                "le": proof.at,
            }
            for proof in line.proofs
        ],
    }


def main(args: argparse.Namespace) -> int:
    """Print the report (`egide conformity [--json]`); 1 when a clause is unproven or failing."""
    try:
        report = build()
    except (DefectiveClauses, UnreadableProofs) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    if args.json:
        sys.stdout.write(json.dumps(_page(report), ensure_ascii=False, indent=1) + "\n")
    else:
        sys.stdout.write("\n".join(_printed(report)) + "\n")
    return 0 if report.conforming else 1


def _printed(report: Report) -> Iterable[str]:
    for chapter in report.chapters:
        yield f"{chapter.titre} — {chapter.texte}"
        yield ""
        for line in chapter.lines:
            first, *rest = textwrap.wrap(line.clause.libelle, 84)
            yield f"{line.clause.id:<10} {line.status:<12} {first}"
            yield from (f"{'':<23} {more}" for more in rest)
            yield from (f"{'':<23} · {told}" for told in _evidence(line))
        totals = ", ".join(f"{chapter.count(status)} {status}" for status in STATUSES)
        yield ""
        yield f"{len(chapter.lines)} clauses\u00a0: {totals}."
    if report.source is None:
        yield "Aucune preuve enregistrée\u00a0: «\u00a0make test\u00a0» les joue et les enregistre."


def _evidence(line: Line) -> Iterable[str]:
    by_function: dict[str, list[Proof]] = {}
    for proof in line.proofs:
        by_function.setdefault(proof.function, []).append(proof)
    for function, cases in by_function.items():
        results = sorted({OUTCOMES.get(proof.outcome, proof.outcome) for proof in cases})
        day = max(proof.at for proof in cases)[:10]
        yield f"{function}\u00a0: {', '.join(results)}{f' ({day})' if day else ''}"
    if line.reason:
        yield line.reason
