"""Deadlines of the ASH: from a code and a day, the day on which the delay ends."""

from datetime import date
from pathlib import Path

from egide.rules.apa.delais import Delai, DelaiInconnu, load_delais

DELAIS = load_delais(Path(__file__).with_name("delais.yaml"))


def delai(code: str) -> Delai:
    """Give a deadline of the ASH by its code."""
    if code not in DELAIS:
        raise DelaiInconnu(f"délai inconnu : {code}")
    return DELAIS[code]


def echeance(code: str, from_day: date) -> date:
    """Give the last day of a delay of the ASH that starts on a day."""
    return delai(code).end(from_day)
