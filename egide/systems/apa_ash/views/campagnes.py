"""« Revalorisation » : simulate the 1 January, read the differences, apply and follow."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse

from egide.kernel.access.pages import read_page
from egide.kernel.access.views import AgentRequest, view
from egide.kernel.refus import ActeRefuse
from egide.systems.apa_ash.forms.campagne import CampagneForm
from egide.systems.apa_ash.presentation import campagne as show
from egide.systems.apa_ash.purposes import REVALORISATION
from egide.systems.apa_ash.queries import campagne as queries
from egide.systems.apa_ash.queries.campagne_courriers import read_etat
from egide.systems.apa_ash.queries.campagne_feuille import read_feuilles
from egide.systems.apa_ash.services import campagnes as acts
from egide.systems.apa_ash.views.campagne_courriers import courriers_context

LARGEST = 10


@view("GET", "POST", purpose=REVALORISATION, verb="lire les revalorisations")
def campagnes(request: AgentRequest) -> HttpResponse:
    """List the campaigns; prepare one."""
    passage = request.passage
    services = {o.service_id: o.service for o in passage.openings}
    form = CampagneForm(request.POST or None, on=passage.on, services=services)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            campagne = acts.simulate_campagne(
                passage,
                jeton=data["jeton"],
                service_id=data["service"],
                effet_on=data["effet_on"],
                hausse=form.hausse,
            )
        except ActeRefuse as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, "Simulation prête : aucun droit n’est modifié.")
            return redirect("apa_ash:campagne", campagne.pk)
    rows = [show.campagne_row(passage, c) for c in queries.list_campagnes(passage)]
    context = {"form": form, "rows": rows, "columns": show.CAMPAGNE_COLUMNS}
    status = 422 if form.errors else 200
    return render(request, "apa_ash/campagne/list.html", context, status=status)


@view("GET", purpose=REVALORISATION, verb="lire une revalorisation")
def campagne(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Show what a campaign changes, and its next act."""
    passage = request.passage
    row = queries.open_campagne(passage, pk=pk)
    bilan = queries.read_bilan(passage, campagne=row)
    tranches = queries.read_tranches(passage, campagne=row, bilan=bilan)
    changes, _ = queries.list_changes(passage, campagne=row, size=LARGEST)
    context = {
        "campagne": row,
        "crumbs": show.crumbs(row),
        "titre": show.titre(row),
        "service": passage.service_name(row.service_id),
        "tone": show.tone(row),
        "bilan": bilan,
        "sums": show.bilan_sums(bilan),
        "apart": show.apart_rows(queries.count_apart(passage, campagne=row)),
        "plot": show.plot(tranches),
        "tranche_columns": show.TRANCHE_COLUMNS,
        "tranche_rows": show.tranche_rows(tranches),
        "gir_columns": show.GIR_COLUMNS,
        "gir_rows": show.gir_rows(queries.read_by_gir(passage, campagne=row)),
        "change_columns": show.CHANGE_COLUMNS,
        "change_rows": show.change_rows(changes),
        "job": show.job(row),
    }
    if row.etat == "terminee":
        context |= courriers_context(row, read_etat(passage, campagne=row), on=passage.on)
    return render(request, "apa_ash/campagne/campagne.html", context)


@view("GET", purpose=REVALORISATION, verb="lire les droits d’une revalorisation")
def lignes(request: AgentRequest, pk: UUID) -> HttpResponse:
    """List the rights of a campaign, the largest differences first."""
    passage = request.passage
    row = queries.open_campagne(passage, pk=pk)
    asked = request.GET.get("filtre", "")
    filtre = asked if asked in queries.FILTRES else ""
    page = read_page(request.GET.get("page"))
    found, more = queries.list_changes(passage, campagne=row, filtre=filtre, page=page)
    here = reverse("apa_ash:campagne_lignes", args=[pk])
    context = {
        "campagne": row,
        "crumbs": show.crumbs(row, here="Droits"),
        "titre": show.titre(row),
        "filtres": [
            (label, f"{here}?filtre={code}", code == filtre)
            for code, label in show.FILTRE_LABELS.items()
        ],
        "columns": show.CHANGE_COLUMNS,
        "rows": show.change_rows(found),
        "shown": f"Page {page}, {queries.PAGE} droits au plus",
        "first_url": f"{here}?filtre={filtre}" if page > 1 else "",
        "next_url": f"{here}?filtre={filtre}&page={page + 1}" if more else "",
    }
    return render(request, "apa_ash/campagne/lignes.html", context)


@view("GET", purpose=REVALORISATION, verb="lire la feuille de calcul d’une revalorisation")
def ligne(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Explain one right, before and after, step by step."""
    row = queries.open_ligne(request.passage, pk=pk)
    avant, apres = read_feuilles(row)
    nom = row.dossier.identite.nom_complet
    context = {
        "crumbs": show.crumbs(row.campagne, here=nom),
        "ligne": row,
        "titre": show.titre(row.campagne),
        "nom": nom,
        "ecart": show.ecart(row.apa_apres - row.apa_avant),
        "avant": avant.lines(),
        "avant_on": avant.on,
        "apres": apres.lines(),
    }
    return render(request, "apa_ash/campagne/ligne.html", context)


@view("GET", purpose=REVALORISATION, verb="suivre une revalorisation")
def avancement(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Tell how far a campaign is; changes nothing."""
    row = queries.open_campagne(request.passage, pk=pk)
    url = reverse("apa_ash:campagne_avancement", args=[pk])
    context = {"job": show.job(row), "url": url}
    return render(request, "components/job_progress.html", context)


@view("POST", purpose=REVALORISATION, verb="lancer une revalorisation")
def lancement(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Launch a campaign; its page then asks for one batch after another."""
    return _advance(request, pk, lambda: acts.launch_campagne(request.passage, campagne_id=pk))


@view("POST", purpose=REVALORISATION, verb="appliquer un lot de revalorisation")
def lot(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Apply one batch under the agent's own passage."""
    return _advance(request, pk, lambda: acts.apply_batch(request.passage, campagne_id=pk))


def _advance(request: AgentRequest, pk: UUID, run: Callable[[], Any]) -> HttpResponse:
    """Run one step; a page with htmx goes on by itself, without it a button does."""
    home = reverse("apa_ash:campagne", args=[pk])
    try:
        row = run()
    except ActeRefuse as refused:
        messages.error(request, str(refused))
        return _go(request, home)
    if row.etat == "terminee":
        messages.success(request, "Revalorisation terminée : tous les droits sont à jour.")
        return _go(request, home)
    if not request.headers.get("HX-Request"):
        return redirect(home)
    context = {"campagne": row, "job": show.job(row), "follow": True}
    return render(request, "apa_ash/campagne/avancement.html", context)


def _go(request: AgentRequest, url: str) -> HttpResponse:
    if request.headers.get("HX-Request"):
        return HttpResponse(headers={"HX-Redirect": url})
    return redirect(url)


@view("POST", purpose=REVALORISATION, verb="recalculer une simulation de revalorisation")
def recalcul(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Compute a simulation again."""
    return _act(
        request,
        pk,
        lambda: acts.refresh_campagne(request.passage, campagne_id=pk),
        done="Simulation recalculée sur les droits d’aujourd’hui.",
    )


@view("POST", purpose=REVALORISATION, verb="abandonner une revalorisation")
def abandon(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Give up a simulation."""
    return _act(
        request,
        pk,
        lambda: acts.abandon_campagne(request.passage, campagne_id=pk),
        done="Campagne abandonnée : aucun droit n’a été modifié.",
    )


def _act(request: AgentRequest, pk: UUID, run: Callable[[], Any], *, done: str) -> HttpResponse:
    try:
        run()
    except ActeRefuse as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, done)
    return redirect("apa_ash:campagne", pk)


urlpatterns = [
    path("revalorisation/campagnes", campagnes, name="campagnes"),
    path("revalorisation/campagnes/<uuid:pk>", campagne, name="campagne"),
    path("revalorisation/campagnes/<uuid:pk>/droits", lignes, name="campagne_lignes"),
    path("revalorisation/campagnes/<uuid:pk>/avancement", avancement, name="campagne_avancement"),
    path("revalorisation/campagnes/<uuid:pk>/lancement", lancement, name="campagne_lancement"),
    path("revalorisation/campagnes/<uuid:pk>/lot", lot, name="campagne_lot"),
    path("revalorisation/campagnes/<uuid:pk>/recalcul", recalcul, name="campagne_recalcul"),
    path("revalorisation/campagnes/<uuid:pk>/abandon", abandon, name="campagne_abandon"),
    path("revalorisation/droits/<uuid:pk>", ligne, name="campagne_ligne"),
]
