"""Screens of what the control must look at: after a death, beyond the right, outside the plan."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse

from egide.kernel import notation
from egide.kernel.access.pages import read_page
from egide.kernel.access.views import AgentRequest, view
from egide.kernel.refus import ActeRefuse
from egide.rules.apa.controle import facteur_releves_excessifs, sous_consommation
from egide.systems.apa_ash.presentation.anomalies import (
    DUE_AGAIN_COLUMNS,
    EXCESSIVE_COLUMNS,
    IN_HOSPITAL_COLUMNS,
    REPORTED_COLUMNS,
    UNDERUSED_COLUMNS,
    after_death_files,
    beyond_right_files,
    due_again_rows,
    excessive_rows,
    in_hospital_rows,
    reported_rows,
    underused_rows,
)
from egide.systems.apa_ash.purposes import CONTROLE
from egide.systems.apa_ash.queries import hors_plan as queries
from egide.systems.apa_ash.queries.apres_deces import find_after_death
from egide.systems.apa_ash.queries.hors_droit import find_beyond_right
from egide.systems.apa_ash.queries.redevenus_dus import find_due_again
from egide.systems.apa_ash.services.indu_deces import claim_after_death
from egide.systems.apa_ash.services.reclamations import claim_beyond_right

FILES = 50
TO_CLAIM = {"deces": "apres_deces", "hors_droit": "hors_droit"}


def _crumbs() -> list[tuple[str, str]]:
    return [("Contrôle", reverse("apa_ash:controle")), ("Anomalies", "")]


@view("GET", purpose=CONTROLE, verb="lire les versements après décès")
def apres_deces(request: AgentRequest) -> HttpResponse:
    """List what was paid for the time after a death and is not claimed yet."""
    return _to_claim(request, after_death_files(find_after_death(request.passage)), tab="deces")


@view("GET", purpose=CONTROLE, verb="lire les versements au-delà du droit")
def hors_droit(request: AgentRequest) -> HttpResponse:
    """List what was paid to the living beyond their right and is not claimed yet."""
    files = beyond_right_files(find_beyond_right(request.passage))
    return _to_claim(request, files, tab="hors_droit")


def _to_claim(request: AgentRequest, files: list[dict[str, Any]], *, tab: str) -> HttpResponse:
    page = read_page(request.GET.get("page"))
    start = (page - 1) * FILES
    context = {
        "crumbs": _crumbs(),
        "tab": tab,
        "files": files[start : start + FILES],
        "total": notation.euros(sum(row["total"] for row in files)),
        "count": len(files),
        "next_url": f"?page={page + 1}" if len(files) > start + FILES else "",
    }
    return render(request, f"apa_ash/controle/{TO_CLAIM[tab]}.html", context)


@view("POST", purpose=CONTROLE, verb="réclamer ce qui a été versé après un décès")
def reclamation(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Claim it from the estate and from the services, by letter."""
    return _claim(request, pk, claim_after_death)


@view("POST", purpose=CONTROLE, verb="réclamer ce qui a été versé au-delà du droit")
def reclamation_hors_droit(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Claim it from the person and from the services, by letter."""
    return _claim(request, pk, claim_beyond_right)


def _claim(request: AgentRequest, pk: UUID, perform: Callable[..., list[Any]]) -> HttpResponse:
    try:
        found = perform(request.passage, dossier_id=pk)
    except ActeRefuse as refused:
        messages.error(request, str(refused))
    else:
        proposed = sum(indu.etat == "propose" for indu in found)
        parts = (
            (proposed, "proposé", "à la signature"),
            (len(found) - proposed, "classé", "sous le seuil"),
        )
        told = [f"{notation.nombre_de(n, f'indu {done}')} {where}" for n, done, where in parts if n]
        messages.success(request, f"{', '.join(told)}.")
    return redirect("apa_ash:controle_dossier", pk)


@view("GET", purpose=CONTROLE, verb="lire les indus redevenus dus")
def redevenus_dus(request: AgentRequest) -> HttpResponse:
    """List what was claimed beyond a right that gives it back since."""
    lines = find_due_again(request.passage)
    page = read_page(request.GET.get("page"))
    start = (page - 1) * FILES
    context = {
        "crumbs": _crumbs(),
        "tab": "redevenus_dus",
        "columns": DUE_AGAIN_COLUMNS,
        "rows": due_again_rows(lines[start : start + FILES]),
        "next_url": f"?page={page + 1}" if len(lines) > start + FILES else "",
    }
    return render(request, "apa_ash/controle/anomalies.html", context)


@view("GET", purpose=CONTROLE, verb="lire les heures hors du plan")
def hors_plan(request: AgentRequest) -> HttpResponse:
    """List what services report for persons whose plan does not name them."""
    page = read_page(request.GET.get("page"))
    rows, more = queries.list_unplanned(request.passage, since=request.passage.on, page=page)
    context = {
        "crumbs": _crumbs(),
        "tab": "hors_plan",
        "columns": REPORTED_COLUMNS,
        "rows": reported_rows(rows),
        "next_url": f"?page={page + 1}" if more else "",
    }
    return render(request, "apa_ash/controle/anomalies.html", context)


@view("GET", purpose=CONTROLE, verb="lire les heures et les factures très au-delà du plan")
def releves_excessifs(request: AgentRequest) -> HttpResponse:
    """List what services report far above the plan, in hours or in euros."""
    passage = request.passage
    facteur = facteur_releves_excessifs(passage.on)
    page = read_page(request.GET.get("page"))
    rows, more = queries.list_excessive(passage, since=passage.on, facteur=facteur, page=page)
    context = {
        "crumbs": _crumbs(),
        "tab": "excessives",
        "columns": EXCESSIVE_COLUMNS,
        "rows": excessive_rows(rows, facteur=facteur),
        "next_url": f"?page={page + 1}" if more else "",
        "facteur": notation.nombre(facteur),
    }
    return render(request, "apa_ash/controle/anomalies.html", context)


@view("GET", purpose=CONTROLE, verb="lire les heures pendant une hospitalisation")
def hospitalisations(request: AgentRequest) -> HttpResponse:
    """List what services report for a month that the person spent in hospital."""
    page = read_page(request.GET.get("page"))
    rows, more = queries.list_in_hospital(request.passage, since=request.passage.on, page=page)
    context = {
        "crumbs": _crumbs(),
        "tab": "hospitalisations",
        "columns": IN_HOSPITAL_COLUMNS,
        "rows": in_hospital_rows(rows),
        "next_url": f"?page={page + 1}" if more else "",
    }
    return render(request, "apa_ash/controle/anomalies.html", context)


@view("GET", purpose=CONTROLE, verb="lire les dossiers sous-consommés")
def sous_consommes(request: AgentRequest) -> HttpResponse:
    """List the files below their plan for several months in a row."""
    passage = request.passage
    fenetre = queries.window(sous_consommation(passage.on), until=passage.on)
    page = read_page(request.GET.get("page"))
    rows, more = queries.list_underused(passage, fenetre, page=page)
    context = {
        "crumbs": _crumbs(),
        "tab": "sous_consommes",
        "columns": UNDERUSED_COLUMNS,
        "rows": underused_rows(rows),
        "next_url": f"?page={page + 1}" if more else "",
        "mois": len(fenetre.mois),
        "debut": notation.mois_court(fenetre.mois[-1]),
        "fin": notation.mois_court(fenetre.mois[0]),
        "part": notation.pour_cent(fenetre.part),
    }
    return render(request, "apa_ash/controle/anomalies.html", context)


urlpatterns = [
    path("controle/apres-deces", apres_deces, name="apres_deces"),
    path("controle/dossiers/<uuid:pk>/apres-deces", reclamation, name="apres_deces_reclamation"),
    path("controle/au-dela-du-droit", hors_droit, name="hors_droit"),
    path(
        "controle/dossiers/<uuid:pk>/au-dela-du-droit",
        reclamation_hors_droit,
        name="hors_droit_reclamation",
    ),
    path("controle/redevenus-dus", redevenus_dus, name="redevenus_dus"),
    path("controle/hors-plan", hors_plan, name="hors_plan"),
    path("controle/releves-excessifs", releves_excessifs, name="releves_excessifs"),
    path("controle/hospitalisations", hospitalisations, name="hospitalisations"),
    path("controle/sous-consommes", sous_consommes, name="sous_consommes"),
]
