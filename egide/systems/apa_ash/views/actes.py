"""What the pages of several acts do alike: open the form of an act, or take one step and tell."""

from collections.abc import Callable
from typing import Any, TypeVar
from uuid import UUID

from django.contrib import messages
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import redirect

from egide.kernel.access.views import AgentRequest
from egide.kernel.refus import ActeRefuse
from egide.systems.apa_ash.forms.decision import ActeForm
from egide.systems.apa_ash.presentation import dossier_context
from egide.systems.apa_ash.queries.decision import Situation, load_situation
from egide.systems.apa_ash.queries.silence import silence_in

F = TypeVar("F", bound=ActeForm)
S = TypeVar("S", bound=Form)


def open_acte(
    request: AgentRequest, pk: UUID, form_class: type[F]
) -> tuple[Situation, F, dict[str, Any]]:
    """Give a file, the form of an act upon it, bound when posted, and what its page shows."""
    passage = request.passage
    situation = load_situation(passage, pk=pk)
    posted = request.POST if request.method == "POST" else None
    form = form_class(posted, situation=situation, on=passage.on)
    return situation, form, acte_context(request, situation, form)


def acte_context(request: AgentRequest, situation: Situation, form: Form) -> dict[str, Any]:
    """Give what the page of an act shows of its file, beside its form."""
    context = dossier_context(
        request.passage,
        situation.dossier,
        tab="decision",
        interruptions=situation.interruptions,
        silence=silence_in(situation, on=request.passage.on),
    )
    return context | {"form": form}


def take_step(
    request: AgentRequest,
    form: S,
    act: Callable[..., Any],
    *,
    show: Callable[[S], HttpResponse],
    done: str,
    page: str,
    pk: UUID,
    **of: UUID,
) -> HttpResponse:
    """Do one act with what a small form of a page says; refused, `show` gives it back as typed."""
    if form.is_valid():
        try:
            act(request.passage, **of, **form.cleaned_data)
        except ActeRefuse as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, done)
            return redirect(page, pk=pk)
    return show(form)
