"""What is read before a debt is notified: who owes, which months, how much, found by whom."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.urls import reverse

from egide.kernel import notation
from egide.kernel.access.passage import Passage
from egide.systems.apa_ash.presentation.controle import debtor
from egide.systems.apa_ash.queries.retraits import Recalcul
from egide.systems.apa_ash.services.lettres_indu import write_months

NONE = "—"
COLUMNS = (
    ("Mois", False),
    ("Motif", False),
    ("Constaté", False),
    ("Prescrit le", False),
    ("Montant", True),
)

# As the letter heads them.
CALCUL = (
    ("Mois", False),
    ("Versé", True),
    ("Prévu par le plan", False),
    ("Réalisé", False),
    ("Part utilisée du plan", True),
    ("Participation", True),
    ("Dû", True),
    ("À rembourser", True),
)

PERIODES = (
    ("Mois", False),
    ("Jours du droit", False),
    ("Jours dus", True),
    ("APA par mois", True),
    ("Montant", True),
)


def notification_rows(passage: Passage, letters: Iterable[list[Any]]) -> list[dict[str, Any]]:
    """Tell each notification that waits; one's own is another's to sign."""
    return [
        {
            "url": reverse("apa_ash:indus_a_signer", args=[indus[0].pk]),
            "dossier": indus[0].dossier,
            "debiteur": debiteur(indus),
            "mois": ", ".join(notation.mois_court(indu.mois) for indu in indus),
            "total": total(indus),
            "propose_on": indus[0].propose_on,
            "par": indus[0].par,
            "service": passage.service_name(indus[0].service_id),
            "mine": is_mine(passage, indus),
        }
        for indus in letters
    ]


def claim_rows(indus: Iterable[Any]) -> list[list[object]]:
    """Give the debts that one letter would tell."""
    return [
        [
            notation.mois_court(indu.mois),
            indu.motif,
            f"le {notation.jour(indu.constate_on)} par {indu.constate}",
            notation.jour(indu.prescrit_on),
            notation.euros(indu.montant),
        ]
        for indu in indus
    ]


def calcul_context(indus: Sequence[Any], *, calcul: Recalcul) -> dict[str, Any]:
    """Give `_calcul.html` how a claim is computed, as its letter tells it."""
    return {
        "calcul_columns": CALCUL,
        "calcul": calcul_rows(indus, calcul=calcul),
        "periodes_columns": PERIODES,
        "periodes": periode_rows(indus, calcul=calcul),
        "precisions": precisions(indus, calcul=calcul),
    }


def calcul_rows(indus: Sequence[Any], *, calcul: Recalcul) -> list[list[object]]:
    """Give month by month how the claim is computed, as its letter does."""
    return [
        [
            mois.mois,
            notation.euros(mois.verse),
            mois.prevu or NONE,
            mois.realise or NONE,
            NONE if mois.utilise is None else notation.euros(mois.utilise),
            NONE if mois.taux is None else notation.taux(mois.taux),
            notation.euros(mois.du),
            notation.euros(mois.ecart),
        ]
        for mois in write_months(indus, calcul=calcul)
        if mois.droit is None
    ]


def periode_rows(indus: Sequence[Any], *, calcul: Recalcul) -> list[list[object]]:
    """Give what was paid beyond the right by periods of it, as its letter does."""
    rows: list[list[object]] = []
    for mois in write_months(indus, calcul=calcul):
        if mois.droit is None:
            continue
        rows += [
            [mois.mois, due.jours, due.dus, notation.euros(due.apa), notation.euros(due.du)]
            for due in mois.droit.periodes
        ]
        rows += [
            [mois.mois, told, "", "", notation.euros(amount)]
            for told, amount in (
                ("Dû pour le mois, pour toutes les aides", mois.droit.total),
                ("Part du bénéficiaire, selon le plan d’aide", mois.du),
                ("Versé", mois.verse),
                ("À rembourser", mois.ecart),
            )
        ]
    return rows


def precisions(indus: Sequence[Any], *, calcul: Recalcul) -> list[str]:
    """Say what the columns of the computation do not."""
    return [
        f"{mois.mois}\u00a0: {said}"
        for mois in write_months(indus, calcul=calcul)
        for said in mois.precisions
    ]


def debiteur(indus: Sequence[Any]) -> str:
    """Name whoever owes the debts of one letter."""
    return debtor(indus[0], dead=indus[0].dossier.identite.deces_on is not None)


def total(indus: Iterable[Any]) -> str:
    """Write what one letter would claim."""
    return notation.euros(sum(indu.reste for indu in indus))


def is_mine(passage: Passage, indus: Iterable[Any]) -> bool:
    """Tell whether the agent found one of the debts, or proposed to notify them."""
    return any(passage.agent.pk in {i.constate_par_id, i.propose_par_id} for i in indus)
