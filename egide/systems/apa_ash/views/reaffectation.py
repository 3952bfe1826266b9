"""« Réaffecter des dossiers »: who follows what, and give one file or many to someone else."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.http import urlencode

from egide.kernel.access.passage import Refused
from egide.kernel.access.people import names_of
from egide.kernel.access.views import AgentRequest, view
from egide.kernel.refus import ActeRefuse
from egide.systems.apa_ash.forms.reaffectation import ReaffectationForm
from egide.systems.apa_ash.forms.recherche import read_key
from egide.systems.apa_ash.presentation import etat_label, etat_tone
from egide.systems.apa_ash.purposes import INSTRUCTION, Role
from egide.systems.apa_ash.queries import reaffectation as queries
from egide.systems.apa_ash.services.reaffectation import reassign_dossiers


@view("GET", "POST", purpose=INSTRUCTION, verb="préparer une réaffectation")
def reaffectation(request: AgentRequest) -> HttpResponse:
    """Choose files, someone and a reason; the head of the service alone."""
    passage = request.passage
    headed = passage.services((Role.RESPONSABLE,))
    if not headed:
        raise Refused("préparer une réaffectation")
    choix = _choix(request)
    rows, after = queries.list_suivis(passage, choix=choix)
    services = {row.service_id for row in rows}
    # Of files of several services, the act itself says who may not take which.
    people = queries.instructeurs(passage, service_ids=services if len(services) == 1 else ())
    form = ReaffectationForm(request.POST or None, dossiers=rows, instructeurs=people)
    if request.method == "POST" and form.is_valid():
        done = _reassign(request, form, choix=choix)
        if done is not None:
            return done
    here = reverse("apa_ash:reaffectation")
    suivis = queries.count_suivis(passage)
    context = {
        "form": form,
        "rows": _rows(request, rows, form=form),
        "several": len(headed) > 1,
        "one": choix.dossier is not None,
        "tabs": _tabs(here, suivis, choix=choix),
        "first_url": _address(here, choix) if choix.after else "",
        "next_url": _address(here, choix, apres=str(after)) if after else "",
        "crumbs": [("Dossiers", reverse("apa_ash:dossiers")), ("Réaffecter", "")],
    }
    status = 422 if form.errors else 200
    return render(request, "apa_ash/dossiers/reaffectation.html", context, status=status)


def _choix(request: AgentRequest) -> queries.Choix:
    asked = request.GET.get("de", "")
    key = read_key(asked)
    return queries.Choix(
        instructeur=asked if asked == queries.SANS_INSTRUCTEUR else str(key or ""),
        dossier=read_key(request.GET.get("dossier")),
        after=read_key(request.GET.get("apres")),
    )


def _reassign(
    request: AgentRequest, form: ReaffectationForm, *, choix: queries.Choix
) -> HttpResponse | None:
    data = form.cleaned_data
    try:
        moved = reassign_dossiers(
            request.passage,
            dossier_ids=[UUID(pk) for pk in data["dossiers"]],
            instructeur_id=UUID(data["instructeur"]),
            motif=data["motif"],
        )
    except ActeRefuse as refusal:
        form.add_error(None, str(refusal))
        return None
    plural = "s" if len(moved) > 1 else ""
    messages.success(request, f"{len(moved)} dossier{plural} réaffecté{plural}.")
    if choix.dossier:
        return redirect("apa_ash:dossier", pk=choix.dossier)
    return redirect(_address(reverse("apa_ash:reaffectation"), choix))


def _rows(
    request: AgentRequest, rows: list[Any], *, form: ReaffectationForm
) -> list[dict[str, Any]]:
    names = names_of(row.instructeur_id for row in rows)
    chosen = set(form.chosen())
    only = len(rows) == 1
    return [
        {
            "dossier": row,
            "instructeur": names.get(row.instructeur_id, "—"),
            "service": request.passage.service_name(row.service_id),
            "etat": etat_label(row.etat, etat_droit=row.etat_droit, fin_on=row.fin_droit_on),
            "tone": etat_tone(row.etat, etat_droit=row.etat_droit),
            "ticked": only or str(row.pk) in chosen,
        }
        for row in rows
    ]


def _tabs(
    here: str, suivis: list[tuple[str, str, int]], *, choix: queries.Choix
) -> list[tuple[str, str, bool]]:
    if choix.dossier:
        return []
    everyone = ("Tous", here, not choix.instructeur)
    return [
        everyone,
        *(
            (f"{nom} ({files})", f"{here}?de={key}", choix.instructeur == key)
            for key, nom, files in suivis
        ),
    ]


def _address(here: str, choix: queries.Choix, **more: str) -> str:
    query = urlencode({k: v for k, v in {"de": choix.instructeur, **more}.items() if v})
    return f"{here}?{query}" if query else here


urlpatterns = [path("instruction/reaffectation", reaffectation, name="reaffectation")]
