"""The days that the delays of a request lead to, and the one practice that no text sets."""

from datetime import date

from egide.rules.apa.delais import add_months, echeance

# No text gives the person a delay for missing pieces: the file comes back to the worklist after one
# month, so that nobody is forgotten.
RELANCE_PIECES_MOIS = 1


def accuse_avant(recue_on: date) -> date:
    """Give the last day to acknowledge a request or to ask for what is missing."""
    return echeance("accuse_reception", recue_on)


def proposition_avant(complete_on: date) -> date:
    """Give the last day to propose a plan; the visit comes before."""
    return echeance("proposition_plan", complete_on)


def decision_avant(complete_on: date) -> date:
    """Give the last day to notify the decision, before the lump sum is due without one."""
    return echeance("decision", complete_on)


def relance_pieces(on: date) -> date:
    """Give the day on which missing pieces come back to the worklist."""
    return add_months(on, months=RELANCE_PIECES_MOIS)
