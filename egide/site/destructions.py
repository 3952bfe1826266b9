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
from egide.kernel.retention.archiving import ANONYMOUS, ARCHIVED
from egide.kernel.retention.reports import Report, list_reports

COLUMNS = [("Données", False), ("Lignes", True)]
OF_THE_ARCHIVE = {
    ARCHIVED: "Dossiers sortis de l’archive",
    ANONYMOUS: "Lignes anonymes écrites",
}


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
            [_counted(what), notation.nombre(rows)] for what, rows in report.counts.items()
        ],
        "subjects": report.subjects,
    }


def _counted(what: str) -> str:
    """Say what a count of a report is about: a model, or the archive."""
    if what in OF_THE_ARCHIVE:
        return OF_THE_ARCHIVE[what]
    return str(apps.get_model(what)._meta.verbose_name).capitalize()
