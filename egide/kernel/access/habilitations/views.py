"""The screens of habilitations, under their own purpose."""

from datetime import timedelta
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.http import urlencode

from egide.kernel.access.catalogue import HABILITER
from egide.kernel.access.habilitations import queries, services
from egide.kernel.access.habilitations.forms import GrantForm, RevokeForm
from egide.kernel.access.habilitations.queries import Vue
from egide.kernel.access.pages import read_page
from egide.kernel.access.passage import Refused
from egide.kernel.access.views import AgentRequest, view
from egide.kernel.refus import ActeRefuse


def _crumbs(here: str) -> list[tuple[str, str]]:
    return [("Habilitations", reverse("habilitations:list")), (here, "")]


@view("GET", purpose=HABILITER, verb="lister les habilitations")
def habilitations(request: AgentRequest) -> HttpResponse:
    """List who may do what, those to confirm first."""
    only_due = request.GET.get("vue") == Vue.A_CONFIRMER
    vue, page = Vue.A_CONFIRMER if only_due else Vue.TOUTES, read_page(request.GET.get("page"))
    rows, more = queries.review(request.passage, vue=vue, page=page)
    here = reverse("habilitations:list")
    kept = {"vue": vue} if only_due else {}
    counts = queries.count(request.passage)
    context = {
        "rows": rows,
        "only_due": only_due,
        "counts": counts,
        "shown": f"{queries.PAGE} habilitations au plus par page, {counts.held} en tout",
        "first_url": f"{here}?{urlencode(kept)}" if page > 1 else "",
        "next_url": f"{here}?{urlencode(kept | {'page': str(page + 1)})}" if more else "",
    }
    return render(request, "access/habilitations.html", context)


@view("GET", "POST", purpose=HABILITER, verb="préparer une habilitation")
def grant(request: AgentRequest) -> HttpResponse:
    """Grant a habilitation."""
    form = GrantForm(
        request.POST or None, choices=queries.choices(request.passage), on=request.passage.on
    )
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        system, role = data["role"].split(":")
        wanted = services.Grant(
            agent_id=UUID(data["agent"]),
            system=system,
            role=role,
            service_ids=[UUID(pk) for pk in data["services"]],
            start=data["start"],
            end=data["end"] + timedelta(days=1),
            motif=data["motif"],
            cumul_motif=data["cumul_motif"] if data["cumul"] else "",
        )
        at = timezone.now()  # noqa: TID251 -- views read the clock
        try:
            services.grant_habilitation(request.passage, grant=wanted, at=at, motif=_motif(wanted))
        except services.OwnHabilitation as refusal:
            form.add_error("agent", str(refusal))
        except services.RolesASeparer as met:
            form.warn(met.cumuls)
        except ActeRefuse as refusal:
            form.add_error("role", str(refusal))
        else:
            messages.success(request, "L’habilitation est accordée.")
            return redirect("habilitations:list")
    status = 422 if form.errors else 200
    context = {"form": form, "crumbs": _crumbs("Accorder")}
    return render(request, "access/grant.html", context, status=status)


def _motif(grant: services.Grant) -> str:
    """Give the reason that the trail keeps, with that of the two roles held together."""
    return f"{grant.motif} — cumul : {grant.cumul_motif}" if grant.cumul_motif else grant.motif


@view("POST", purpose=HABILITER, verb="confirmer une habilitation")
def confirm(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Confirm one habilitation at a review."""
    try:
        services.confirm_habilitation(request.passage, pk=pk)
        messages.success(request, "L’habilitation est confirmée.")
    except ActeRefuse as refusal:
        messages.error(request, str(refusal))
    return redirect("habilitations:list")


@view("GET", "POST", purpose=HABILITER, verb="préparer un retrait")
def revoke(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Take one habilitation back, with a motif."""
    form = RevokeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        at = timezone.now()  # noqa: TID251 -- views read the clock
        try:
            services.revoke_habilitation(
                request.passage, pk=pk, at=at, motif=form.cleaned_data["motif"]
            )
            messages.success(request, "L’habilitation est retirée.")
        except ActeRefuse as refusal:
            messages.error(request, str(refusal))
        return redirect("habilitations:list")
    row = queries.find(request.passage, pk=pk)
    if row is None:
        raise Refused("préparer un retrait", targets=[str(pk)])
    status = 422 if form.errors else 200
    context = {"form": form, "row": row, "crumbs": _crumbs("Retirer")}
    return render(request, "access/revoke.html", context, status=status)


app_name = "habilitations"
urlpatterns = [
    path("", habilitations, name="list"),
    path("nouvelle", grant, name="grant"),
    path("<uuid:pk>/confirmer", confirm, name="confirm"),
    path("<uuid:pk>/retirer", revoke, name="revoke"),
]
