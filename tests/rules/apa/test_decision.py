"""Practices around a decision: dated, called so, and never taken for the law."""

from datetime import date

import pytest

from egide.rules.apa import decision


@pytest.mark.parametrize(
    ("find", "day", "expected"),
    [
        (decision.revision_proposee, date(2026, 11, 20), date(2029, 11, 20)),
        (decision.revision_proposee, date(2024, 2, 29), date(2027, 2, 28)),
        (decision.revision_au_plus_tard, date(2026, 11, 20), date(2031, 11, 20)),
        (decision.effet_au_plus_tard, date(2026, 11, 30), date(2027, 2, 28)),
    ],
)
def test_a_practice_counts_whole_months(find, day, expected):
    assert find(day) == expected


def test_a_practice_follows_its_file_from_its_day(monkeypatch):
    usage = decision.USAGES["effet_le_plus_tardif"]
    since = date(2026, 7, 1)
    changed = usage.with_valeur(
        type(usage.valeurs[0])(since, usage.valeurs[0].valeur * 2, "délibération du département"),
        verifie_jusqu_au=usage.verifie_jusqu_au,
    )
    monkeypatch.setattr(decision, "USAGES", {**decision.USAGES, "effet_le_plus_tardif": changed})
    assert decision.effet_au_plus_tard(date(2026, 6, 30)) == date(2026, 9, 30)
    assert decision.effet_au_plus_tard(since) == date(2027, 1, 1)


def test_each_practice_says_that_no_text_fixes_it():
    for usage in decision.USAGES.values():
        assert all(v.confiance == "faible" for v in usage.valeurs)
        assert all(
            "usage retenu" in v.source or "valeur proposée" in v.source for v in usage.valeurs
        )
