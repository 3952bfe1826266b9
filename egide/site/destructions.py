"""« Destructions »: the reports of what came to its term, for the data protection officer."""

from datetime import date, timedelta
from typing import Any

from django.apps import apps
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.timezone import localtime

from egide.kernel import notation
from egide.kernel.access.catalogue import PROTEGER
from egide.kernel.access.views import AgentRequest, view
from egide.kernel.audit.runs import LastRun, last_runs
from egide.kernel.catalogue.declarations import REGISTRY
from egide.kernel.offers import Job
from egide.kernel.retention.archiving import ANONYMOUS, ARCHIVED
from egide.kernel.retention.reports import Report, list_reports
from egide.site.jobs import every

COLUMNS = [("Données", False), ("Lignes", True)]
JOB_COLUMNS = [("Travail", False), ("Dernière réussite", False), ("État", False)]
# Every job runs at least once a night: after two, somebody should look.
LATE = timedelta(days=2)
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
    runs = last_runs()
    context = {
        "jobs": [_job(job, runs.get(job.name), on=request.passage.on) for job in every()],
        "job_columns": JOB_COLUMNS,
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
        "rows": [[_counted(what), notation.nombre(rows)] for what, rows in report.counts.items()],
        "subjects": report.subjects,
    }


def _job(job: Job, last: LastRun | None, *, on: date) -> list[str]:
    """Say when a job last succeeded, and whether somebody should look at it."""
    if last is None or last.done_at is None:
        return [job.label, "jamais", "à lancer\u00a0: «\u00a0egide jobs\u00a0»"]
    at = localtime(last.done_at)
    late = on - at.date() > LATE
    done = f"{notation.jour(at.date())} à {at:%H:%M}"
    if last.failing:
        return [job.label, done, "a échoué depuis\u00a0: à regarder"]
    return [
        job.label,
        done,
        "en retard\u00a0: à regarder" if late else "à jour",
    ]


def _counted(what: str) -> str:
    """Say what a count of a report is about: a model, or the archive."""
    if what in OF_THE_ARCHIVE:
        return OF_THE_ARCHIVE[what]
    return str(apps.get_model(what)._meta.verbose_name).capitalize()
