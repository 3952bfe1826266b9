"""What a monthly run refuses, in words that the agent can read."""

from collections.abc import Sequence
from datetime import date

from egide.kernel import notation
from egide.kernel.refus import ActeRefuse

NAMED = 5


class AlreadyPrepared(ActeRefuse):
    """The month has a run that was not abandoned."""

    message = (
        "Le paiement de ce mois est déjà préparé pour ce service. "
        "Abandonnez d’abord le lot existant pour le préparer à nouveau."
    )


class MonthOutOfReach(ActeRefuse):
    """The month is in the far future or older than what may still be paid."""

    message = "Un lot se prépare pour le mois en cours, le mois suivant ou un mois non prescrit."


class NothingDue(ActeRefuse):
    """No file of the service has anything to be paid."""

    message = "Rien n’est dû pour ce mois dans ce service : aucun lot n’est créé."


class WrongState(ActeRefuse):
    """The run is not in the state that the act needs."""

    message = "Ce lot a changé d’état entre-temps : relisez-le avant d’agir."


class SameAgent(ActeRefuse):
    """The agent who prepared the run tries to validate it."""

    message = (
        "Vous avez préparé ce lot : un autre agent de paiement ou le responsable doit le valider."
    )


class ExaminedBySame(ActeRefuse):
    """The agent who kept or set aside lines of the run tries to validate it."""

    message = (
        "Vous avez examiné des lignes de ce lot : un autre agent de paiement ou le responsable "
        "doit le valider."
    )


class ExaminedByAnother(ActeRefuse):
    """What another agent said of a line stays, unless it is to pay less."""

    message = (
        "Un autre agent a examiné cette ligne\u00a0: ce qu’il en a dit reste. "
        "Seule une ligne qu’il a maintenue peut encore être écartée."
    )


class IssuedByPreparer(ActeRefuse):
    """The agent who prepared the run tries to write its file."""

    message = (
        "Vous avez préparé ce lot : un autre agent de paiement ou le responsable émet son fichier."
    )


class PrestataireModifie(ActeRefuse):
    """The file says a SIRET that was corrected while it was being written."""

    message = (
        "La fiche d’un prestataire vient d’être corrigée\u00a0: aucun fichier n’est émis. "
        "Recommencez l’émission."
    )


class FichierAltere(ActeRefuse):
    """The bytes that are kept are not those that the lines of the run give."""

    message = (
        "Ce fichier n’est pas celui des lignes validées : il n’est pas remis. "
        "Ne le transmettez pas et alertez le responsable."
    )


class AnomaliesLeft(ActeRefuse):
    """Some anomalies were not looked at."""

    message = "Des anomalies ne sont pas examinées : maintenez ou écartez chacune d’elles."


class NothingToPay(ActeRefuse):
    """Every line was set aside."""

    message = "Toutes les lignes sont écartées : abandonnez ce lot, il ne verserait rien."


class InduChanged(ActeRefuse):
    """What is withheld no longer fits the debts."""

    message = (
        "Un indu a changé depuis la préparation et les retenues ne lui correspondent plus. "
        "Recalculez le lot : le reste garde son examen."
    )


class DeathsUnseen(ActeRefuse):
    """A death became known after the run was prepared: what is due is no longer what it says."""

    message = (
        "Un décès a été enregistré depuis la préparation. "
        "Recalculez le lot, ou écartez les dossiers touchés : le reste garde son examen."
    )


class AccountsChanged(ActeRefuse):
    """An account is not the one that was frozen, shown and validated."""

    def __init__(self, lignes: int) -> None:
        """Count the lines."""
        which = "d’une ligne" if lignes == 1 else f"de {lignes} lignes"
        super().__init__(
            f"Le compte {which} a changé depuis la préparation : "
            "recalculez le lot, ou écartez les dossiers touchés : le reste garde son examen."
        )


class NowhereToPay(ActeRefuse):
    """A line without an account cannot be kept."""

    message = (
        "Cette ligne n’a pas de compte où verser. Enregistrez-le puis relisez-le depuis le lot, ou "
        "écartez la ligne avec un motif : la somme sera proposée au lot suivant."
    )


class DuesChanged(ActeRefuse):
    """A stay, a suspension or a decision known since the preparation changes what is due."""

    def __init__(self, numeros: Sequence[str]) -> None:
        """Name the files, the first ones at least."""
        super().__init__(
            "Une hospitalisation, une suspension ou une décision enregistrée depuis la "
            f"préparation change ce qui est dû. Dossiers : {_first(numeros)}. "
            "Recalculez le lot, ou écartez-les : le reste garde son examen."
        )


class AnomaliesUntold(ActeRefuse):
    """Something is amiss with a line that does not say it: nobody was asked to look."""

    def __init__(self, numeros: Sequence[str]) -> None:
        """Name the files, the first ones at least."""
        super().__init__(
            "Des lignes ne disent pas, ou plus, ce qui est à examiner. "
            f"Dossiers\u00a0: {_first(numeros)}. "
            "Recalculez le lot, ou écartez-les\u00a0: le reste garde son examen."
        )


def _first(numeros: Sequence[str]) -> str:
    more = len(numeros) - NAMED
    return ", ".join(numeros[:NAMED]) + (f" et {more} autres" if more > 0 else "")


class FacturesWithdrawn(ActeRefuse):
    """An invoice was withdrawn since the run was prepared."""

    message = (
        "Une facture a été retirée depuis la préparation. Recalculez le lot, ou écartez sa ligne : "
        "le reste garde son examen."
    )


class OwnAccount(ActeRefuse):
    """The agent entered the account that the line pays."""

    message = (
        "Vous avez saisi ce compte : un autre agent examine l’anomalie qui le signale et "
        "valide le lot qui le paie."
    )


class NothingToRead(ActeRefuse):
    """No line without account has one by now."""

    message = "Aucun compte n’a été enregistré depuis pour les lignes qui n’en avaient pas."


class OneByOne(ActeRefuse):
    """More than the highest ceiling is not kept with the lines of others."""

    message = (
        "Un montant au-dessus du plafond s’examine ligne par ligne : ouvrez chaque ligne pour la "
        "maintenir ou l’écarter."
    )


class HoursAwaited(ActeRefuse):
    """A service paid on its hours has not reported them."""

    message = (
        "Ce service est payé au service fait et ses heures ne sont pas reçues : importez-les puis "
        "recalculez le lot, ou écartez la ligne. Elles seront payées en rappel."
    )


class ExecutionPast(ActeRefuse):
    """The bank is asked to pay yesterday."""

    message = "La date d’exécution est passée : choisissez aujourd’hui ou un jour à venir."


class ExecutionLointaine(ActeRefuse):
    """A slip of the year would make a transfer that nobody can write again."""

    def __init__(self, last: date) -> None:
        """Say the last day that is offered."""
        super().__init__(
            "La date d’exécution est trop lointaine\u00a0: choisissez un jour avant le "
            f"{notation.jour(last)} inclus."
        )


class BankClosed(ActeRefuse):
    """No bank executes a transfer on that day."""

    def __init__(self, following: date) -> None:
        """Propose the next day on which banks are open."""
        super().__init__(
            "Les banques n’exécutent aucun virement ce jour-là\u00a0: "
            f"le premier jour ouvert est le {notation.jour(following)}."
        )


class SepaAlreadyThere(ActeRefuse):
    """The run has its file of transfers."""

    message = "Le fichier de virements de ce lot existe déjà\u00a0: il ne change plus."


class NothingTouched(ActeRefuse):
    """No file of the run changed since it was prepared."""

    message = "Aucun dossier de ce lot n’a changé depuis la préparation : relisez le lot."


class NothingLeft(ActeRefuse):
    """No line waits for what the agent says of all."""

    message = "Aucune ligne n’attend cette suite : relisez le lot."
