"""« Ma journée » of the data protection officer: conformity and habilitations, no beneficiary."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse

from egide.kernel import notation
from egide.kernel.access.catalogue import PROTEGER
from egide.kernel.access.habilitations.queries import Row, Vue, count, review
from egide.kernel.access.views import AgentRequest, view
from egide.kernel.conformity.report import for_page

COLUMNS = [
    ("Agent", False),
    ("Rôle", False),
    ("Services", False),
    ("Jusqu’au", False),
    ("Confirmée le", False),
    ("À voir", False),
]


@view("GET", purpose=PROTEGER, verb="lire sa journée de délégué")
def protection(request: AgentRequest) -> HttpResponse:
    """Show what the texts still lack, and the habilitations that call for a look."""
    due, more = review(request.passage, vue=Vue.A_CONFIRMER)
    cumuls, more_cumuls = review(request.passage, vue=Vue.CUMULS)
    report = for_page()
    context = {
        "systemes": [
            {
                "titre": systeme["titre"],
                "texte": systeme["texte"],
                "totaux": [
                    (etat, nombre, f"{reverse('conformite')}?etat={etat}")
                    for etat, nombre in systeme["totaux"]
                ],
            }
            for systeme in report["systemes"]
        ],
        "avis": report["avis"],
        "columns": COLUMNS,
        "due": [_row(row) for row in due],
        "cumuls": [(row.agent, row.role, row.cumul_motif) for row in cumuls],
        "suite": more,
        "suite_cumuls": more_cumuls,
        "counts": count(request.passage),
    }
    return render(request, "protection.html", context)


def _row(row: Row) -> list[Any]:
    return [
        row.agent,
        row.role,
        row.services,
        notation.jour(row.end),
        notation.jour(row.confirmed_on),
        {"text": row.state, "state": "wait"},
    ]
