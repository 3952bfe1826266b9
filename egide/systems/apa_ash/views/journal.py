"""« Journal » : who consulted a file, and why one may see it oneself."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils.timezone import localtime

from egide.kernel import notation
from egide.kernel.access.views import AgentRequest, view
from egide.kernel.catalogue.declarations import REGISTRY
from egide.systems.apa_ash.presentation import dossier_context
from egide.systems.apa_ash.purposes import INSTRUCTION, ROLE_LABELS, Role
from egide.systems.apa_ash.queries.dossier import open_dossier
from egide.systems.apa_ash.queries.journal import list_readings, reasons

COLUMNS = [("Qui", False), ("Quand", False), ("Ce qui a été fait", False), ("Finalité", False)]


@view("GET", purpose=INSTRUCTION, verb="lire le journal du dossier")
def journal(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Show both."""
    dossier = open_dossier(request.passage, pk)
    context = dossier_context(request.passage, dossier, tab="journal")
    labels = {purpose.key: purpose.label for c in REGISTRY for purpose in c.purposes}
    rows = []
    for reading in list_readings(request.passage, dossier=dossier):
        at = localtime(reading.at)
        label = next((v for k, v in labels.items() if reading.purpose.endswith(k)), "—")
        rows.append([reading.agent, f"{notation.jour(at.date())}, {at:%H:%M}", reading.verb, label])
    context |= {
        "reasons": [
            {
                "role": ROLE_LABELS[Role(reason.role)],
                "service": reason.service,
                "start": reason.start,
                "end": reason.end,
                "granted_by": reason.granted_by,
                "motif": reason.motif,
            }
            for reason in reasons(request.passage, dossier=dossier)
        ],
        "rows": rows,
        "columns": COLUMNS,
    }
    return render(request, "apa_ash/journal/journal.html", context)


urlpatterns = [path("instruction/dossiers/<uuid:pk>/journal", journal, name="journal")]
