"""The clauses of each system are complete, well formed, and answered by documents that exist."""

import pytest

from egide.kernel.conformity.clauses import ROOT, DefectiveClauses, clauses, known_systems, read

GOOD = """
texte: Délibération fictive
titre: Système fictif
prefixe: FIC
clauses:
  FIC-01:
    libelle: Le système tient ses promesses.
    section: finalité
    type: fonction
"""


@pytest.fixture
def written(tmp_path):
    """Write a clauses.yaml and return its path."""

    def write(content):
        path = tmp_path / "clauses.yaml"
        path.write_text(content, encoding="utf-8")
        return path

    return write


def test_the_apa_opinion_has_its_55_clauses():
    assert [clause.id for clause in clauses("apa_ash")] == [f"APA-{n:02d}" for n in range(1, 56)]


def test_no_two_clauses_say_the_same_thing():
    wordings = [clause.libelle for clause in clauses("apa_ash")]
    assert len(set(wordings)) == len(wordings)


@pytest.mark.parametrize("system", known_systems())
def test_every_document_that_answers_a_clause_exists_and_cites_it(system):
    for clause in clauses(system):
        if clause.document:
            document = (ROOT / clause.document).read_text(encoding="utf-8")
            assert clause.id in document, f"{clause.document} does not cite {clause.id}"


def test_a_good_file_is_read(written):
    assert [clause.id for clause in read(written(GOOD)).clauses] == ["FIC-01"]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("type: fonction", "type: invention"),
        ("section: finalité", "section: annexe"),
        ("FIC-01", "FIC-02"),
        ("FIC-01", "APA-01"),
        ("promesses.", "promesses"),
        ("    type: fonction", ""),
        ("type: fonction", "type: formalité"),
        ("type: fonction", "type: fonction\n    preuve: rien"),
        ("type: fonction", "type: fonction\n    type: donnée"),
    ],
    ids=[
        "unknown type", "unknown section", "hole in the numbers", "foreign prefix", "no full stop",
        "missing type", "formality without an answer", "unknown key", "repeated key",
    ],
)  # fmt: skip
def test_a_defective_file_is_refused(written, old, new):
    with pytest.raises(DefectiveClauses):
        read(written(GOOD.replace(old, new)))
