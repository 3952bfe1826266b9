"""Screens of payment: monthly runs, their anomalies, their validation by a second agent."""

from collections.abc import Callable
from functools import partial
from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse

from egide.kernel.access.pages import read_page
from egide.kernel.access.passage import Passage, Refused
from egide.kernel.access.views import AgentRequest, view
from egide.kernel.refus import ActeRefuse
from egide.rules.apa.delais import paiement_avant
from egide.systems.apa_ash.calculs.anomalies_du_lot import Anomalie
from egide.systems.apa_ash.fichiers.jours_bancaires import prochain_jour_bancaire
from egide.systems.apa_ash.forms.paiement import (
    EmissionForm,
    JetonForm,
    LotForm,
    MotifForm,
    MotifLigneForm,
    SepaForm,
)
from egide.systems.apa_ash.presentation import mixes_services
from egide.systems.apa_ash.presentation.paiement import (
    line_rows,
    lot_context,
    month,
)
from egide.systems.apa_ash.purposes import PAIEMENT
from egide.systems.apa_ash.queries import lot as queries
from egide.systems.apa_ash.queries.lot_perime import Perime, read_perime
from egide.systems.apa_ash.services import lot as acts
from egide.systems.apa_ash.services.lot_examens import (
    set_aside_touched,
    set_aside_without_account,
    set_aside_without_hours,
)

ECARTS: dict[str, Callable[..., object]] = {
    "sans-compte": set_aside_without_account,
    "sans-heures": set_aside_without_hours,
    "changes": set_aside_touched,
}


@view("GET", "POST", purpose=PAIEMENT, verb="lire les paiements mensuels")
def lots(request: AgentRequest) -> HttpResponse:
    """List the runs; prepare one."""
    passage = request.passage
    services = {o.service_id: o.service for o in passage.openings}
    initial = {"mois": passage.on.replace(day=1)}
    form = LotForm(request.POST or None, services=services, initial=initial)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            lot = acts.prepare_lot(
                passage, lot_id=data["jeton"], service_id=data["service"], mois=data["mois"]
            )
        except ActeRefuse as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, "Lot préparé : examinez les anomalies, puis faites valider.")
            return redirect("apa_ash:lot", lot.pk)
    page, here = read_page(request.GET.get("page")), reverse("apa_ash:lots")
    found, more = queries.list_lots(passage, page=page)
    rows = [(row, passage.service_name(row.service_id)) for row in found]
    # Within a month, in the order of the services, whatever the run was prepared first.
    rows.sort(key=lambda row: row[1])
    rows.sort(key=lambda row: row[0].mois, reverse=True)
    rows.sort(key=lambda row: row[0].etat not in queries.AWAITED)
    context = {
        "form": form,
        "lots": rows,
        "several": mixes_services(passage),
        "on": passage.on,
        "shown": f"{queries.LOTS_PAGE} lots au plus par page",
        "first_url": here if page > 1 else "",
        "next_url": f"{here}?page={page + 1}" if more else "",
    }
    status = 422 if form.errors else 200
    return render(request, "apa_ash/paiement/lots.html", context, status=status)


@view("GET", purpose=PAIEMENT, verb="lire un lot de paiement")
def lot(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Show a run: totals, difference, anomalies, lines, and the next act."""
    return lot_page(request, pk)


def lot_page(
    request: AgentRequest, pk: UUID, *, of: str = "", refused: Form | None = None
) -> HttpResponse:
    """Give the page of a run; the form `of` an act comes back as it was typed and refused."""
    passage = request.passage
    row = queries.open_lot(passage, pk)
    anomalie = request.GET.get("anomalie", "")
    page = read_page(request.GET.get("page"))
    forms: dict[str, Form] = _forms(passage, row)
    if refused:
        forms[of] = refused
    url = reverse("apa_ash:lot", args=[pk])
    lines, more = queries.list_lines(passage, row, anomalie=anomalie, page=page)
    context = lot_context(
        passage,
        row,
        totals=queries.totals(passage, row),
        before=queries.total_before(passage, row),
        anomalies=queries.count_anomalies(passage, row),
        stale=read_perime(passage, row) if row.etat in queries.AWAITED else Perime(),
    ) | {
        "crumbs": [("Paiements", reverse("apa_ash:lots")), (month(row), "")],
        "rows": line_rows(lines),
        "anomalie": anomalie,
        "page": page,
        "url": url,
        "next_url": f"{url}?anomalie={anomalie}&page={page + 1}" if more else "",
        "first_url": f"{url}?anomalie={anomalie}" if page > 1 else "",
        "fichiers": queries.list_fichiers(passage, row),
        "jeton": uuid4(),
        "refused": refused,
        "abandon": forms["abandon"],
        "emission": forms["emission"],
        "ecarts": {name.replace("-", "_"): forms[name] for name in ECARTS},
    }
    for anomaly in context["anomalies"]:
        anomaly["form"] = forms[anomaly["code"]]
    status = 422 if refused else 200
    return render(request, "apa_ash/paiement/lot.html", context, status=status)


def _forms(passage: Passage, row: Any) -> dict[str, Form]:  # noqa: ANN401 -- a run, whose model screens do not name
    """Give the form of each act upon a run, by its name."""
    day = prochain_jour_bancaire(max(paiement_avant(row.mois), passage.on))
    issue = SepaForm if row.etat == "emis" else EmissionForm
    return {code: MotifLigneForm(code) for code in (*Anomalie, *ECARTS)} | {
        "abandon": MotifForm(prefix="abandon"),
        "emission": issue(on=passage.on, initial={"execution_on": day}),
    }


@view("POST", purpose=PAIEMENT, verb="maintenir des anomalies de même nature")
def maintien(request: AgentRequest, pk: UUID, anomalie: str) -> HttpResponse:
    """Keep all the lines whose only anomaly is this one."""
    if anomalie not in set(Anomalie):
        raise Refused("maintenir des anomalies de même nature", targets=[str(pk)])
    return act_with_form(
        request,
        pk,
        MotifLigneForm(anomalie, request.POST),
        partial(acts.keep_anomalies, anomalie=Anomalie(anomalie)),
        of=anomalie,
        done="Lignes maintenues.",
    )


@view("POST", purpose=PAIEMENT, verb="relire les comptes absents")
def relecture(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Read again the accounts of the lines prepared without one."""
    return act_on_lot(
        request,
        pk,
        lambda: acts.read_missing_accounts(request.passage, lot_id=pk),
        done="Comptes relus : un autre agent que celui qui les a saisis examine ces lignes.",
    )


@view("POST", purpose=PAIEMENT, verb="recalculer le paiement du mois")
def recalcul(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Replace a run by what is due today; the examination of the same lines goes with it."""
    queries.open_lot(request.passage, pk)
    form = JetonForm(request.POST)
    if not form.is_valid():
        raise Refused("recalculer le paiement du mois", targets=[str(pk)])
    try:
        lot = acts.recompute_lot(request.passage, lot_id=pk, nouveau_id=form.cleaned_data["jeton"])
    except ActeRefuse as refused:
        messages.error(request, str(refused))
        return redirect("apa_ash:lot", pk)
    messages.success(
        request,
        "Lot recalculé : les lignes inchangées gardent leur examen, les autres sont à examiner. "
        "Un autre agent que vous valide.",
    )
    return redirect("apa_ash:lot", lot.pk)


@view("POST", purpose=PAIEMENT, verb="écarter plusieurs lignes de paiement")
def ecart(request: AgentRequest, pk: UUID, quoi: str) -> HttpResponse:
    """Set aside the lines without account or without hours, or the files that changed."""
    if quoi not in ECARTS:
        raise Refused("écarter plusieurs lignes de paiement", targets=[str(pk)])
    return act_with_form(
        request,
        pk,
        MotifLigneForm(quoi, request.POST),
        ECARTS[quoi],
        of=quoi,
        done="Lignes écartées : elles seront proposées au lot suivant.",
    )


@view("POST", purpose=PAIEMENT, verb="valider le paiement du mois")
def validation(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Validate a run prepared by another agent."""
    return act_on_lot(
        request,
        pk,
        lambda: acts.validate_lot(request.passage, lot_id=pk),
        done="Lot validé : son fichier peut être émis.",
    )


@view("POST", purpose=PAIEMENT, verb="abandonner le paiement du mois")
def abandon(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Give up a run, with a reason."""
    return act_with_form(
        request,
        pk,
        MotifForm(request.POST, prefix="abandon"),
        acts.abandon_lot,
        of="abandon",
        done="Lot abandonné : le mois peut être préparé à nouveau.",
    )


def act_on_lot(
    request: HttpRequest, pk: UUID, perform: Callable[[], object], *, done: str
) -> HttpResponse:
    """Perform an act on a run, and come back to its page."""
    try:
        perform()
    except ActeRefuse as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, done)
    return redirect("apa_ash:lot", pk)


def act_with_form(
    request: AgentRequest,
    pk: UUID,
    form: Form,
    perform: Callable[..., object],
    *,
    of: str,
    done: str,
) -> HttpResponse:
    """Perform an act on a run with what its form says; refused, the page keeps what was typed."""
    if form.is_valid():
        try:
            perform(request.passage, lot_id=pk, **form.cleaned_data)
        except ActeRefuse as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, done)
            return redirect("apa_ash:lot", pk)
    return lot_page(request, pk, of=of, refused=form)


urlpatterns = [
    path("paiement/lots", lots, name="lots"),
    path("paiement/lots/<uuid:pk>", lot, name="lot"),
    path("paiement/lots/<uuid:pk>/anomalies/<slug:anomalie>", maintien, name="lot_maintien"),
    path("paiement/lots/<uuid:pk>/comptes", relecture, name="lot_relecture"),
    path("paiement/lots/<uuid:pk>/recalcul", recalcul, name="lot_recalcul"),
    path("paiement/lots/<uuid:pk>/ecart/<slug:quoi>", ecart, name="lot_ecart"),
    path("paiement/lots/<uuid:pk>/validation", validation, name="lot_validation"),
    path("paiement/lots/<uuid:pk>/abandon", abandon, name="lot_abandon"),
]
