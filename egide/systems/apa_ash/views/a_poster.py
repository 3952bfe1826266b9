"""« Courriers à poster » : what nobody posted yet, printed in one go, then noted as posted."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.http import urlencode

from egide.kernel import notation
from egide.kernel.access.pages import read_page
from egide.kernel.access.passage import Passage
from egide.kernel.access.views import AgentRequest, view
from egide.kernel.refus import ActeRefuse
from egide.systems.apa_ash.forms.a_poster import NatureForm, PosteForm, read_chosen
from egide.systems.apa_ash.letters.liasse import PdfIllisible, bind
from egide.systems.apa_ash.presentation import mixes_services
from egide.systems.apa_ash.presentation.a_poster import a_poster_rows, not_to_post
from egide.systems.apa_ash.purposes import CONTROLE, INSTRUCTION
from egide.systems.apa_ash.queries import a_poster as queries
from egide.systems.apa_ash.services.a_poster import (
    IllisiblePourImprimer,
    check_all,
    record_posted,
)

# A letter weighs some 50 kB: a page of them is far under, and a run of heavy ones stays bounded.
LARGEST = 20_000_000
IMPRIMER = "imprimer des courriers à poster"


class RienDeChoisi(ActeRefuse):
    """Nothing is ticked, or more than a page."""

    message = "Cochez au moins un courrier, ou prenez toute la page."


class TropLourd(ActeRefuse):
    """The letters are more than one answer may hold."""

    message = "Ces courriers sont trop lourds pour un seul PDF\u00a0: cochez-en moins."


@dataclass(frozen=True, slots=True)
class Place:
    """Where a purpose posts its letters: its list, its PDF, and what leads there."""

    page: str
    pdf: str
    home: tuple[str, str]


AUX_DECISIONS = Place("apa_ash:a_poster", "apa_ash:a_poster_pdf", ("Ma journée", "apa_ash:journee"))
AU_CONTROLE = Place(
    "apa_ash:controle_a_poster", "apa_ash:controle_a_poster_pdf", ("Contrôle", "apa_ash:controle")
)


@view("GET", "POST", purpose=INSTRUCTION, verb="lire les courriers à poster")
def a_poster(request: AgentRequest) -> HttpResponse:
    """List the letters of the services that nobody posted, and note those that left."""
    return _serve(request, AUX_DECISIONS)


@view("POST", purpose=INSTRUCTION, verb=IMPRIMER)
def a_poster_pdf(request: AgentRequest) -> HttpResponse:
    """Give letters as one PDF; nothing keeps a copy."""
    return _print(request, AUX_DECISIONS)


@view("GET", "POST", purpose=CONTROLE, verb="lire les courriers du contrôle à poster")
def controle_a_poster(request: AgentRequest) -> HttpResponse:
    """List what the control wrote and nobody posted, and note what left."""
    return _serve(request, AU_CONTROLE)


@view("POST", purpose=CONTROLE, verb="imprimer des courriers du contrôle à poster")
def controle_a_poster_pdf(request: AgentRequest) -> HttpResponse:
    """Give letters of the control as one PDF; nothing keeps a copy."""
    return _print(request, AU_CONTROLE)


def _serve(request: AgentRequest, place: Place) -> HttpResponse:
    if request.method != "POST":
        return _page(request, place, form=PosteForm(initial={"poste_on": request.passage.on}))
    form = PosteForm(request.POST)
    chosen = read_chosen(request.POST)
    if form.is_valid() and _record(request, form, chosen=chosen):
        return redirect(_here(request, place))
    return _page(request, place, form=form, status=HTTPStatus.UNPROCESSABLE_ENTITY)


def _record(request: AgentRequest, form: PosteForm, *, chosen: list[UUID]) -> bool:
    """Note letters as posted; what prevents it is told in the form."""
    if not chosen:
        form.add_error(None, RienDeChoisi.message)
        return False
    day = form.cleaned_data["poste_on"]
    try:
        posted = record_posted(request.passage, courriers=chosen, poste_on=day)
    except ActeRefuse as refusal:
        form.add_error("poste_on", str(refusal))
        return False
    told = notation.nombre_de(len(posted), "courrier noté posté")
    messages.success(request, f"{told} le {notation.jour(day)}.")
    return True


def _print(request: AgentRequest, place: Place) -> HttpResponse:
    try:
        bound = _bind(request.passage, chosen=read_chosen(request.POST))
    except ActeRefuse as refusal:
        messages.error(request, str(refusal))
        return redirect(_here(request, place))
    response = HttpResponse(bound, content_type="application/pdf")
    name = f"courriers-a-poster-{request.passage.on.isoformat()}.pdf"
    response["Content-Disposition"] = f'inline; filename="{name}"'
    response["Cache-Control"] = "no-store"
    return response


def _bind(passage: Passage, *, chosen: list[UUID]) -> bytes:
    """Bind all that was chosen, or nothing: what is not to be posted any more is not printed."""
    if not chosen:
        raise RienDeChoisi
    found = queries.list_chosen(passage, courriers=chosen)
    check_all(passage, found, courriers=chosen, verb=IMPRIMER)
    if queries.weigh(passage, courriers=chosen) > LARGEST:
        raise TropLourd
    try:
        return bind(queries.read_contents(passage, courriers=chosen))
    except PdfIllisible as broken:
        raise IllisiblePourImprimer(found[broken.place]) from broken


def _page(
    request: AgentRequest, place: Place, *, form: PosteForm, status: int = HTTPStatus.OK
) -> HttpResponse:
    passage, page = request.passage, read_page(request.GET.get("page"))
    counts = queries.count_a_poster(passage)
    kinds = NatureForm(request.GET, counts=counts)
    quoi = kinds.quoi_voulu
    rows, more = queries.list_a_poster(passage, nature=quoi, page=page)
    here, label = reverse(place.page), place.home[0]
    kept = {"quoi": quoi} if quoi else {}
    told = a_poster_rows(passage, rows, ticked=set(request.POST.getlist("courriers")))
    context: dict[str, Any] = {
        "form": form,
        "kinds": kinds,
        "quoi": quoi,
        "rows": told,
        "recommande": any(row["envoi"] for row in told),
        "several": mixes_services(passage),
        "on": passage.on,
        "list_url": here,
        "here": _here(request, place),
        "pdf_url": f"{reverse(place.pdf)}{_kept(request)}",
        "first_url": f"{here}?{urlencode(kept)}" if page > 1 else "",
        "next_url": f"{here}?{urlencode(kept | {'page': str(page + 1)})}" if more else "",
        **not_to_post(passage),
        "crumbs": [(label, reverse(place.home[1])), ("Courriers à poster", "")],
    }
    return render(request, "apa_ash/courriers/a_poster.html", context, status=status)


def _here(request: AgentRequest, place: Place) -> str:
    return f"{reverse(place.page)}{_kept(request)}"


def _kept(request: AgentRequest) -> str:
    """Keep the kind that is looked at; what was posted leaves the page, so the first comes back."""
    quoi = request.GET.get("quoi", "")
    return f"?{urlencode({'quoi': quoi})}" if quoi else ""


urlpatterns = [
    path("instruction/courriers-a-poster", a_poster, name="a_poster"),
    path("instruction/courriers-a-poster.pdf", a_poster_pdf, name="a_poster_pdf"),
    path("controle/courriers-a-poster", controle_a_poster, name="controle_a_poster"),
    path("controle/courriers-a-poster.pdf", controle_a_poster_pdf, name="controle_a_poster_pdf"),
]
