"""What the screens of debts say: who owes, what is left, and until when."""

from collections.abc import Iterable
from datetime import date

from django.urls import reverse

from egide.kernel import notation
from egide.rules.apa.delais import echeance
from egide.systems.apa_ash.models import Indu, Remboursement
from egide.systems.apa_ash.models.controle import OUVERTS, EtatIndu
from egide.systems.apa_ash.presentation.controle import INDU_TONES, debtor

REMBOURSEMENT_COLUMNS = (("Reçu le", False), ("Montant", True))
DEBT_COLUMNS = (
    ("Personne", False),
    ("Dossier", False),
    ("Dû par", False),
    ("Mois", False),
    ("Montant", True),
    ("Reste", True),
    ("Prescrit le", False),
    ("État", False),
)


def debt_rows(indus: Iterable[Indu], *, on: date) -> list[list[object]]:
    """Give the rows of the list; what is prescribed, or soon, is told in words."""
    return [
        [
            {
                "text": indu.dossier.identite.nom_complet,
                "url": reverse("apa_ash:controle_dossier", args=[indu.dossier_id]),
            },
            {"text": indu.dossier.numero, "ref": True},
            debtor(indu, dead=indu.dossier.identite.deces_on is not None),
            notation.mois_court(indu.mois),
            notation.euros(indu.montant),
            notation.euros(indu.reste),
            _prescription(indu, on=on),
            {
                "text": EtatIndu(indu.etat).label,
                "state": INDU_TONES[EtatIndu(indu.etat)],
            },
        ]
        for indu in indus
    ]


def _prescription(indu: Indu, *, on: date) -> object:
    day = notation.jour(indu.prescrit_on)
    if indu.etat not in OUVERTS:
        return day
    if indu.prescrit_on <= on:
        return {"text": f"{day}, prescrit", "state": "stop"}
    if indu.prescrit_on <= echeance("alerte_prescription", on):
        return {"text": f"{day}, bientôt", "state": "wait"}
    return day


def is_awaited(indu: Indu) -> bool:
    """Tell whether a repayment is awaited: the debt was notified, and something is left."""
    return indu.etat == EtatIndu.NOTIFIE


def remboursement_rows(rows: Iterable[Remboursement]) -> list[list[object]]:
    """Give what was repaid, day by day."""
    return [[notation.jour(row.recu_on), notation.euros(row.montant)] for row in rows]
