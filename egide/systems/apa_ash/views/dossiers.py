"""« Dossiers » : the list, and the one screen that tells the situation of a file."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django_htmx.http import push_url

from egide.kernel import notation
from egide.kernel.access.passage import Passage
from egide.kernel.access.views import AgentRequest, view
from egide.systems.apa_ash.forms.recherche import (
    TERM,
    RechercheForm,
    address,
    read_key,
    read_search,
)
from egide.systems.apa_ash.presentation import (
    dossier_context,
    etat_label,
    etat_tone,
    mixes_services,
)
from egide.systems.apa_ash.presentation.instruction import parcours_steps, situation_context
from egide.systems.apa_ash.presentation.journee import next_act
from egide.systems.apa_ash.purposes import INSTRUCTION, Role
from egide.systems.apa_ash.queries.dossiers import PAGE, Page, list_dossiers
from egide.systems.apa_ash.queries.silence import Silence
from egide.systems.apa_ash.queries.situation import Situation, read_situation

SERVICE = ("Service", False)
COLUMNS = [
    ("Personne", False),
    ("Née ou né le", False),
    ("Dossier", False),
    SERVICE,
    ("État", False),
    ("Échéance", False),
]


@view("GET", "POST", purpose=INSTRUCTION, verb="chercher un dossier")
def dossiers(request: AgentRequest) -> HttpResponse:
    """List the files of one's services, as they are looked for; a name is sent, never linked."""
    asked = read_search(request)
    form = RechercheForm(asked)
    here = reverse("apa_ash:dossiers")
    kept = {k: v for k, v in asked.items() if k in form.fields and v}
    by_htmx = "HX-Request" in request.headers
    if request.method == "POST" and TERM not in kept and not by_htmx:
        return redirect(address(here, kept))
    after = read_key(asked.get("apres"))
    page = list_dossiers(request.passage, filtre=form.filtre(), after=after)
    several = mixes_services(request.passage)
    context = {
        "form": form,
        "clear_url": here,
        "columns": COLUMNS if several else [c for c in COLUMNS if c != SERVICE],
        "rows": _rows(request.passage, page, several=several),
        "supervises": bool(request.passage.services((Role.RESPONSABLE,))),
        "searching": bool(kept),
        "shown": _shown(page),
        **_pages(here, kept, page=page, after=after),
    }
    response = render(request, "apa_ash/dossiers/list.html", context)
    return push_url(response, address(here, kept)) if by_htmx else response


@view("GET", purpose=INSTRUCTION, verb="lire un dossier")
def dossier(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Show where a file stands."""
    situation = read_situation(request.passage, pk=pk)
    silence = _silence(situation)
    context = dossier_context(
        request.passage,
        situation.dossier,
        tab="situation",
        interruptions=situation.interruptions,
        silence=silence,
    )
    context |= situation_context(situation, on=request.passage.on)
    context |= {
        "steps": parcours_steps(situation, on=request.passage.on),
        "act": next_act(
            situation.dossier,
            on=request.passage.on,
            silence=silence,
            visite_a_venir=situation.parcours.visite_a_venir,
        ),
        "supervises": situation.dossier.service_id in request.passage.services((Role.RESPONSABLE,)),
    }
    return render(request, "apa_ash/dossiers/situation.html", context)


def _silence(situation: Situation) -> Silence:
    complete, droit = situation.parcours.last("complete"), situation.droit
    return Silence(
        complete_on=complete.on if complete else None,
        droit=droit is not None,
        forfait=droit is not None and droit.forfait,
    )


def _pages(here: str, kept: dict[str, str], *, page: Page, after: UUID | None) -> dict[str, object]:
    """Lead to the first and next pages: by links, or by forms that carry the term."""
    following = kept | {"apres": str(page.after)}
    if TERM in kept:
        return {
            "form_url": here,
            "first_form": kept if after else {},
            "next_form": following if page.after else {},
        }
    return {
        "first_url": address(here, kept) if after else "",
        "next_url": address(here, following) if page.after else "",
    }


def _rows(passage: Passage, page: Page, *, several: bool) -> list[list[Any]]:
    return [
        [
            {"text": _name(row), "url": reverse("apa_ash:dossier", args=[row.dossier_id])},
            notation.jour(row.naissance_on),
            {"text": row.dossier.numero, "ref": True},
            *([passage.service_name(row.dossier.service_id)] if several else []),
            _etat(row.dossier),
            notation.jour(row.dossier.echeance_on) if row.dossier.echeance_on else "—",
        ]
        for row in page.rows
    ]


def _etat(dossier: Any) -> dict[str, str]:  # noqa: ANN401 -- a row of the list
    droit = dossier.etat_droit
    return {
        "text": etat_label(dossier.etat, etat_droit=droit, fin_on=dossier.fin_droit_on),
        "state": etat_tone(dossier.etat, etat_droit=droit),
    }


def _name(row: Any) -> str:  # noqa: ANN401 -- a row of the list
    return f"{row.nom} {row.prenoms}"


def _shown(page: Page) -> str:
    count = len(page.rows)
    if page.after:
        return f"{PAGE} dossiers par page"
    return f"{count} dossier{'s' if count > 1 else ''}, fin de la liste"


urlpatterns = [
    path("instruction/dossiers", dossiers, name="dossiers"),
    path("instruction/dossiers/<uuid:pk>", dossier, name="dossier"),
]
