"""Screens of the control of effectivity: gaps of a month, one file over months, excess payments."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse

from egide.kernel.access.pages import read_page
from egide.kernel.access.passage import Refused
from egide.kernel.access.views import AgentRequest, view
from egide.kernel.refus import ActeRefuse
from egide.rules.apa.arrieres import previous_month
from egide.rules.apa.indu import seuil_recouvrement
from egide.systems.apa_ash.forms.controle import ComparaisonForm, DebiteurForm, InduForm
from egide.systems.apa_ash.forms.recherche import TERM, address, read_search
from egide.systems.apa_ash.presentation import dossier_context
from egide.systems.apa_ash.presentation.controle import (
    GAP_COLUMNS,
    MONTH_COLUMNS,
    contradictions,
    gap_rows,
    indu_rows,
    month_rows,
    not_owed,
    plot,
    to_notify,
    undue_months,
)
from egide.systems.apa_ash.presentation.droits_du_mois import SHARED_COLUMNS, shared_rows
from egide.systems.apa_ash.purposes import CONTROLE
from egide.systems.apa_ash.queries import controle as queries
from egide.systems.apa_ash.queries.dossier import open_dossier
from egide.systems.apa_ash.queries.indus import count_returned
from egide.systems.apa_ash.queries.prestataire import list_prestataires
from egide.systems.apa_ash.queries.redevenus_dus import may_be_due_again
from egide.systems.apa_ash.queries.remises import list_followed
from egide.systems.apa_ash.services import indu as acts


@view("GET", "POST", purpose=CONTROLE, verb="comparer les heures prévues et réalisées")
def controle(request: AgentRequest) -> HttpResponse:
    """Rank the files of a month by what was planned and not used."""
    passage = request.passage
    choices = [(str(p.pk), p.nom) for p in list_prestataires(passage)]
    last = previous_month(passage.on)
    asked = read_search(request)
    form = ComparaisonForm(asked or {"mois": f"{last:%Y-%m}"}, prestataires=choices)
    kept = {k: v for k, v in asked.items() if k in form.fields and v}
    here = reverse("apa_ash:controle")
    if request.method == "POST" and TERM not in kept:
        return redirect(address(here, kept))
    data = form.cleaned_data if form.is_valid() else {}
    search = queries.Search(
        mois=data.get("mois") or last,
        prestataire_id=data.get("prestataire"),
        text=data.get("q", ""),
        page=read_page(asked.get("page")),
    )
    dossiers, more, totals = queries.rank_gaps(passage, search)
    following = kept | {"page": str(search.page + 1)} if more else {}
    context = {
        "form": form,
        "mois": search.mois,
        "columns": GAP_COLUMNS,
        "rows": gap_rows(dossiers),
        "totals": totals,
        "renvoyes": count_returned(passage),
        "redevenus_dus": may_be_due_again(passage),
        "form_url": here,
        "next_form": following if TERM in kept else {},
        "next_url": address(here, following) if more and TERM not in kept else "",
    }
    return render(request, "apa_ash/controle/liste.html", context)


@view("GET", purpose=CONTROLE, verb="lire l’effectivité d’un dossier")
def controle_dossier(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Show the last twelve months of a file side by side, and its excess payments."""
    return _page(request, pk)


def _page(request: AgentRequest, pk: UUID, **forms: Any) -> HttpResponse:
    passage = request.passage
    dossier = open_dossier(passage, pk)
    indus = list_followed(passage, dossier=dossier)
    until = passage.on.replace(day=1)
    months, services, dus, shared = queries.read_months(
        passage, dossier=dossier, indus=indus, until=until
    )
    dead = dossier.identite.deces_on is not None
    undue = undue_months(months, services, dead=dead)
    context = dossier_context(passage, dossier, tab="situation", interruptions=()) | {
        "columns": MONTH_COLUMNS,
        "rows": month_rows(months, constates_dus=dus),
        "shared_columns": SHARED_COLUMNS,
        "shared_rows": shared_rows(shared, names=services),
        "plot": plot(months),
        "contradictions": contradictions(months),
        "not_owed": not_owed(dus),
        "indus": indu_rows(indus, dead=dead),
        "undue": undue,
        "to_notify": to_notify(indus, dead=dead, on=passage.on),
        "seuil": seuil_recouvrement(passage.on),
        "form": InduForm(undue=undue),
    }
    if "form" in forms:
        forms["form"].fields["quoi"].widget.choices = undue
    status = 422 if forms else 200
    return render(request, "apa_ash/controle/dossier.html", context | forms, status=status)


@view("POST", purpose=CONTROLE, verb="constater des indus")
def constat(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Record the excess payments of one or several months."""
    form = InduForm(request.POST)
    if not form.is_valid():
        return _page(request, pk, form=form)
    data = form.cleaned_data
    return _act(
        request,
        pk,
        lambda: acts.record_indus(
            request.passage,
            jeton=data["jeton"],
            dossier_id=pk,
            dus=data["quoi"],
            motif=data["motif"],
            fraude=data["fraude"],
        ),
        done="Constat enregistré. Rien ne sera retenu avant la notification.",
    )


@view("POST", purpose=CONTROLE, verb="proposer la notification d’indus")
def notification(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Propose the letter of what was found to the signature."""
    return _act(
        request,
        pk,
        lambda: acts.propose_indus(request.passage, dossier_id=pk, prestataire_id=_payee(request)),
        done="Notification proposée\u00a0: le responsable du service la signe.",
    )


@view("POST", purpose=CONTROLE, verb="classer un indu sous le seuil")
def classement(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Close what is below the threshold."""
    return _act(
        request,
        pk,
        lambda: acts.give_up_indus(request.passage, dossier_id=pk, prestataire_id=_payee(request)),
        done="Indu classé : il n’est pas recouvré.",
    )


def _payee(request: AgentRequest) -> UUID | None:
    form = DebiteurForm(request.POST)
    if not form.is_valid():
        raise Refused("proposer la notification d’indus")
    payee: UUID | None = form.cleaned_data["prestataire"]
    return payee


def _act(
    request: AgentRequest, pk: UUID, perform: Callable[[], object], *, done: str
) -> HttpResponse:
    try:
        perform()
    except ActeRefuse as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, done)
    return redirect("apa_ash:controle_dossier", pk)


urlpatterns = [
    path("controle", controle, name="controle"),
    path("controle/dossiers/<uuid:pk>", controle_dossier, name="controle_dossier"),
    path("controle/dossiers/<uuid:pk>/indus", constat, name="indu_constat"),
    path("controle/dossiers/<uuid:pk>/indus/notification", notification, name="indu_notification"),
    path("controle/dossiers/<uuid:pk>/indus/classement", classement, name="indu_classement"),
]
