"""Why an act is refused to an agent who may do it: a French sentence, and nothing changed.

Apart from `Refused`, which hides that the row exists: here the agent sees the file, and is told.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import IntegrityError


class ActeRefuse(Exception):
    """An act that the state of the file, or the law, does not allow; its text is shown."""

    message = "Cet acte n’est pas possible dans l’état du dossier."

    def __init__(self, message: str = "") -> None:
        """Keep the sentence of the class, unless the case calls for a more precise one."""
        super().__init__(message or self.message)


class BaremeProvisoire(ActeRefuse):
    """Figures that nobody verified for that day are never notified nor applied."""

    message = (
        "Les montants en vigueur à cette date ne sont pas encore vérifiés : "
        "ils peuvent être simulés, jamais notifiés."
    )


def broken_constraint(error: IntegrityError) -> str:
    """Name the constraint, or the trigger's, that a statement broke; empty if it has no name."""
    diag = getattr(error.__cause__, "diag", None)
    return getattr(diag, "constraint_name", None) or ""


def is_id_taken(error: IntegrityError) -> bool:
    """Tell whether the id chosen by a form is that of another row."""
    return broken_constraint(error).endswith("_pkey")


@contextmanager
def refusing(constraint: str, refusal: Exception) -> Iterator[None]:
    """Tell in French what one constraint refuses, and nothing that another one does."""
    try:
        yield
    except IntegrityError as error:
        if broken_constraint(error) != constraint:
            raise
        raise refusal from error
