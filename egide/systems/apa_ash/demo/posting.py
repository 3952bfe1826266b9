"""When a letter of the département was posted, if it was: the last ones still wait."""

from datetime import date, timedelta

ONE_DAY = timedelta(days=1)
RECENT = timedelta(days=14)
# A proposal leaves at once: ten days run from it.
PROPOSITION, RECENT_PROPOSAL = "proposition_plan", timedelta(days=2)


def posted_on(written_on: date, *, nature: str, on: date) -> date | None:
    """Give the day on which a letter left, the one after it was written; none: it waits."""
    recent = RECENT_PROPOSAL if nature == PROPOSITION else RECENT
    return None if written_on > on - recent else written_on + ONE_DAY
