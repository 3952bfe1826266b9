"""« Destructions »: the reports of what came to its term, for the data protection officer."""

from typing import Any

from django.apps import apps
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.timezone import localtime

from egide.kernel import notation
from egide.kernel.access.catalogue import PROTEGER
from egide.kernel.access.views import AgentRequest, view
from egide.kernel.catalogue.declarations import REGISTRY
from egide.kernel.retention.reports import Report, list_reports

COLUMNS = [("Données", False), ("Lignes détruites", True)]


@view("GET", purpose=PROTEGER, verb="lire les destructions")
def destructions(request: AgentRequest) -> HttpResponse:
    """Show each run: its rule, how many files, how many rows, and the pseudonyms."""
    labels = {catalogue.system: catalogue.label for catalogue in REGISTRY}
    reports = list_reports()
    request.passage.note((), ["destruction.rule", "destruction.subjects", "destruction.counts"])
    context = {
        "columns": COLUMNS,
        "reports": [_shown(report, label=labels[report.system]) for report in reports],
    }
    return render(request, "destructions.html", context)


def _shown(report: Report, *, label: str) -> dict[str, Any]:
    at = localtime(report.at)
    return {
        "title": f"{label}, {notation.jour(at.date())} à {at:%H:%M}",
        "rule": report.rule,
        "on_day": report.on_day,
        "run": report.run,
        "files": report.files,
        "rows": [
            [apps.get_model(model)._meta.verbose_name.capitalize(), notation.nombre(rows)]
            for model, rows in report.counts.items()
        ],
        "subjects": report.subjects,
    }
