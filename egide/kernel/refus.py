"""Why an act is refused to an agent who may do it: a French sentence, and nothing changed.

Apart from `Refused`, which hides that the row exists: here the agent sees the file, and is told.
"""


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
