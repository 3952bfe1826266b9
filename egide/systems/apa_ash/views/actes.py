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
from egide.systems.apa_ash.queries.dossier import open_dossier

F = TypeVar("F", bound=ActeForm)


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
    )
    return context | {"form": form}


def take_step(
    request: AgentRequest,
    form: Form,
    act: Callable[..., Any],
    *,
    done: str,
    page: str,
    pk: UUID,
    invalid: str = "",
    **of: UUID,
) -> HttpResponse:
    """Do one act with what a small form says, and tell it on the page of the file.

    `invalid` is said of a form that lacks something; without it, the form says what.
    """
    if not form.is_valid():
        open_dossier(request.passage, pk)  # whoever may not write is not told what is missing
        said = " ".join(str(e) for errors in form.errors.values() for e in errors)
        messages.error(request, invalid or said)
        return redirect(page, pk=pk)
    try:
        act(request.passage, **of, **form.cleaned_data)
    except ActeRefuse as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, done)
    return redirect(page, pk=pk)
