"""« À signer »: what waits for a signature, signed together or read, sent back, taken back."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse

from egide.kernel.access.passage import Refused
from egide.kernel.access.people import names_of
from egide.kernel.access.views import AgentRequest, view
from egide.kernel.refus import ActeRefuse
from egide.systems.apa_ash.forms.signature import RenvoiForm, SignatureForm
from egide.systems.apa_ash.policy import SIGNATAIRES
from egide.systems.apa_ash.presentation import dossier_context
from egide.systems.apa_ash.presentation.indus_a_signer import notification_rows
from egide.systems.apa_ash.presentation.remises import demandee_rows
from egide.systems.apa_ash.presentation.signature import a_signer_rows, projet_context
from egide.systems.apa_ash.purposes import INSTRUCTION
from egide.systems.apa_ash.queries import projets as queries
from egide.systems.apa_ash.queries.decision import load_situation
from egide.systems.apa_ash.queries.doublons import name_doublons
from egide.systems.apa_ash.queries.indus_a_signer import list_indus_a_signer
from egide.systems.apa_ash.queries.remises import list_demandees
from egide.systems.apa_ash.queries.silence import silence_in
from egide.systems.apa_ash.services import projets as services

PAGE = "apa_ash:a_signer"


@view("GET", "POST", purpose=INSTRUCTION, verb="lire les décisions à signer")
def a_signer(request: AgentRequest) -> HttpResponse:
    """List what waits for a signature, and sign what is ticked; the signatories alone."""
    passage = request.passage
    signs = passage.services(SIGNATAIRES)
    if not signs:
        raise Refused("lire les décisions à signer")
    rows, more = queries.list_a_signer(passage)
    remises, more_remises = list_demandees(passage)
    letters, more_letters = list_indus_a_signer(passage)
    offered = [row for row in rows if row.propose_par_id != passage.agent.pk]
    form = SignatureForm(request.POST if request.method == "POST" else None, projets=offered)
    if request.method == "POST" and form.is_valid():
        _sign_all(request, rows, chosen=set(form.cleaned_data["projets"]))
        return redirect(PAGE)
    names = names_of(row.propose_par_id for row in rows)
    ticked = request.POST.getlist("projets")
    context = {
        "form": form,
        "rows": a_signer_rows(passage, rows, names=names, ticked=ticked),
        "more": more,
        "remises": demandee_rows(passage, remises),
        "more_remises": more_remises,
        "indus": notification_rows(passage, letters),
        "more_indus": more_letters,
        "offered": bool(offered),
        "several": len(signs) > 1,
        "on": passage.on,
        "crumbs": [("Ma journée", reverse("apa_ash:journee")), ("À signer", "")],
    }
    status = 422 if form.errors else 200
    return render(request, "apa_ash/signature/a_signer.html", context, status=status)


def _sign_all(request: AgentRequest, rows: Iterable[Any], *, chosen: set[str]) -> None:
    """Sign one after the other: what prevents one holds none of the others back."""
    signed = 0
    for row in rows:
        if str(row.pk) not in chosen:
            continue
        if known := name_doublons(request.passage, row, dossier=row.dossier):
            messages.warning(
                request,
                f"Dossier n° {row.dossier.numero} non signé. Même NIR, ou même nom et même date de "
                f"naissance, que le dossier {known}. Ouvrez la ligne pour signer malgré tout.",
            )
            continue
        try:
            services.sign_projet(request.passage, projet_id=row.pk)
        except ActeRefuse as refusal:
            messages.warning(request, f"Dossier n° {row.dossier.numero} non signé. {refusal}")
        else:
            signed += 1
    if signed:
        told = "décision signée : le courrier est prêt."
        if signed > 1:
            told = "décisions signées : les courriers sont prêts."
        messages.success(request, f"{signed} {told}")


@view("GET", "POST", purpose=INSTRUCTION, verb="lire une décision à signer")
def projet(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Show what one signature would do, and sign."""
    passage = request.passage
    found = queries.find_signable(passage, pk=pk)
    if request.method == "POST":
        situation = load_situation(passage, pk=found.dossier_id)
        known = name_doublons(passage, found, dossier=situation.dossier)
        if known and request.POST.get("malgre") != "oui":
            return _projet(request, found, form=RenvoiForm(), doublons=known, status=422)
        try:
            services.sign_projet(passage, projet_id=pk)
        except ActeRefuse as refusal:
            return _projet(request, found, form=RenvoiForm(), empechement=str(refusal), status=422)
        messages.success(request, "Décision signée : le courrier est prêt.")
        return redirect(PAGE)
    return _projet(request, found, form=RenvoiForm())


@view("POST", purpose=INSTRUCTION, verb="renvoyer une décision à signer")
def projet_renvoi(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Send one back with what is to be taken up again."""
    found = queries.find_signable(request.passage, pk=pk)
    form = RenvoiForm(request.POST)
    if not form.is_valid():
        return _projet(request, found, form=form, status=422)
    try:
        services.return_projet(request.passage, projet_id=pk, motif=form.cleaned_data["motif"])
    except ActeRefuse as refusal:
        form.add_error(None, str(refusal))
        return _projet(request, found, form=form, status=422)
    messages.success(request, "Proposition renvoyée à qui l’a préparée.")
    return redirect(PAGE)


@view("POST", purpose=INSTRUCTION, verb="retirer une proposition de décision")
def projet_retrait(request: AgentRequest, pk: UUID, projet_pk: UUID) -> HttpResponse:
    """Take a proposal back, from its file."""
    try:
        services.withdraw_projet(request.passage, dossier_id=pk, projet_id=projet_pk)
    except ActeRefuse as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, "Proposition retirée.")
    return redirect("apa_ash:decision", pk=pk)


def _projet(
    request: AgentRequest,
    found: Any,  # noqa: ANN401 -- a proposal, whose model screens do not name
    *,
    form: RenvoiForm,
    empechement: str = "",
    doublons: str = "",
    status: int = 200,
) -> HttpResponse:
    passage = request.passage
    situation = load_situation(passage, pk=found.dossier_id)
    context: dict[str, Any] = dossier_context(
        passage,
        situation.dossier,
        tab="decision",
        interruptions=situation.interruptions,
        silence=silence_in(situation, on=passage.on),
    )
    context |= projet_context(passage, situation, found)
    context["form"] = form
    context["doublons"] = doublons
    context["empechement"] = empechement or context["empechement"]
    return render(request, "apa_ash/signature/projet.html", context, status=status)


urlpatterns = [
    path("instruction/a-signer", a_signer, name="a_signer"),
    path("instruction/a-signer/<uuid:pk>", projet, name="projet"),
    path("instruction/a-signer/<uuid:pk>/renvoyer", projet_renvoi, name="projet_renvoi"),
    path(
        "instruction/dossiers/<uuid:pk>/projets/<uuid:projet_pk>/retirer",
        projet_retrait,
        name="projet_retrait",
    ),
]
