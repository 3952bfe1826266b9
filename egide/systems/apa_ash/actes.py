"""What every refused act shares: a French sentence for the agent, and nothing changed."""


class ActeRefuse(Exception):
    """An act that the state of the file, or the law, does not allow; its text is shown."""

    message = "Cet acte n’est pas possible dans l’état du dossier."

    def __init__(self, message: str = "") -> None:
        """Keep the sentence of the class, unless the case calls for a more precise one."""
        super().__init__(message or self.message)
