"""Screens of payment: monthly runs, their anomalies, their validation by a second agent."""

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import path, reverse

from egide.kernel.access.passage import Passage, Refused
from egide.kernel.access.views import AgentRequest, view
from egide.kernel.refus import ActeRefuse
from egide.rules.apa.delais import paiement_avant
from egide.systems.apa_ash.calculs.anomalies_du_lot import LIBELLES, SANS_COMPTE, Anomalie
from egide.systems.apa_ash.fichiers.jours_bancaires import prochain_jour_bancaire
from egide.systems.apa_ash.forms.paiement import (
    EmissionForm,
    ExamenForm,
    JetonForm,
    LotForm,
    MotifForm,
    SepaForm,
)
from egide.systems.apa_ash.forms.recherche import read_page
from egide.systems.apa_ash.presentation import mixes_services
from egide.systems.apa_ash.presentation.paiement import (
    line_rows,
    lot_context,
    month,
    service_fait_sums,
)
from egide.systems.apa_ash.purposes import PAIEMENT
from egide.systems.apa_ash.queries import lot as queries
from egide.systems.apa_ash.queries.lot_ligne import explain_line
from egide.systems.apa_ash.queries.lot_perime import Perime, read_perime
from egide.systems.apa_ash.services import lot as acts
from egide.systems.apa_ash.services.lot_examens import (
    examine_dossier,
    set_aside_touched,
    set_aside_without_account,
    set_aside_without_hours,
)

STANDING = frozenset({"prepare", "valide"})


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
    rows = [(row, passage.service_name(row.service_id)) for row in queries.list_lots(passage)]
    # Within a month, in the order of the services, whatever the run was prepared first.
    rows.sort(key=lambda row: row[1])
    rows.sort(key=lambda row: row[0].mois, reverse=True)
    context = {"form": form, "lots": rows, "several": mixes_services(passage), "on": passage.on}
    status = 422 if form.errors else 200
    return render(request, "apa_ash/paiement/lots.html", context, status=status)


@view("GET", purpose=PAIEMENT, verb="lire un lot de paiement")
def lot(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Show a run: totals, difference, anomalies, lines, and the next act."""
    return lot_page(request, pk)


def lot_page(request: AgentRequest, pk: UUID, **forms: Any) -> HttpResponse:
    """Give the page of a run, with the forms that were refused."""
    passage = request.passage
    row = queries.open_lot(passage, pk)
    anomalie = request.GET.get("anomalie", "")
    page = read_page(request.GET.get("page"))
    lines, more = queries.list_lines(passage, row, anomalie=anomalie, page=page)
    context = lot_context(
        passage,
        row,
        totals=queries.totals(passage, row),
        before=queries.total_before(passage, row),
        anomalies=queries.count_anomalies(passage, row),
        stale=read_perime(passage, row) if row.etat in STANDING else Perime(),
    ) | {
        "crumbs": [("Paiements", reverse("apa_ash:lots")), (month(row), "")],
        "rows": line_rows(lines),
        "anomalie": anomalie,
        "page": page,
        "next_url": f"?anomalie={anomalie}&page={page + 1}" if more else "",
        "first_url": f"?anomalie={anomalie}" if page > 1 else "",
        "fichiers": queries.list_fichiers(passage, row),
        "jeton": uuid4(),
        "abandon": MotifForm(prefix="abandon"),
        "emission": (SepaForm if row.etat == "emis" else EmissionForm)(
            on=passage.on,
            initial={
                "execution_on": prochain_jour_bancaire(max(paiement_avant(row.mois), passage.on))
            },
        ),
    }
    status = 422 if forms else 200
    return render(request, "apa_ash/paiement/lot.html", context | forms, status=status)


@view("POST", purpose=PAIEMENT, verb="maintenir des anomalies de même nature")
def maintien(request: AgentRequest, pk: UUID, anomalie: str) -> HttpResponse:
    """Keep all the lines whose only anomaly is this one."""
    queries.open_lot(request.passage, pk)
    form = MotifForm(request.POST)
    if anomalie not in set(Anomalie) or not form.is_valid():
        messages.error(request, "Rien n’est changé : indiquez le motif du maintien.")
        return redirect("apa_ash:lot", pk)
    motif = form.cleaned_data["motif"]
    return act_on_lot(
        request,
        pk,
        lambda: acts.keep_anomalies(
            request.passage, lot_id=pk, anomalie=Anomalie(anomalie), motif=motif
        ),
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
    perform = {
        "sans-compte": set_aside_without_account,
        "sans-heures": set_aside_without_hours,
        "changes": set_aside_touched,
    }.get(quoi)
    queries.open_lot(request.passage, pk)
    form = MotifForm(request.POST)
    if perform is None or not form.is_valid():
        messages.error(request, "Rien n’est changé : indiquez le motif de l’écart.")
        return redirect("apa_ash:lot", pk)
    motif = form.cleaned_data["motif"]
    return act_on_lot(
        request,
        pk,
        lambda: perform(request.passage, lot_id=pk, motif=motif),
        done="Lignes écartées : elles seront proposées au lot suivant.",
    )


@view("GET", "POST", purpose=PAIEMENT, verb="examiner une ligne de paiement")
def ligne(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Look at one line with its anomalies: keep it or set it aside."""
    passage = request.passage
    row = queries.open_line(passage, pk)
    form = ExamenForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            _examine(passage, data, pk=pk, dossier=(row.lot_id, row.dossier_id))
        except ActeRefuse as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, "Suite donnée enregistrée.")
            url = reverse("apa_ash:lot", args=[row.lot_id])
            return HttpResponseRedirect(f"{url}?anomalie=toutes")
    codes = [Anomalie(code) for code in row.anomalie.split()]
    context = {
        "crumbs": [
            ("Paiements", reverse("apa_ash:lots")),
            ("Lot", reverse("apa_ash:lot", args=[row.lot_id])),
            (row.dossier.numero, ""),
        ],
        "ligne": row,
        "form": form,
        "anomalies": [LIBELLES[code] for code in codes],
        "d_un_autre": row.examine_par_id not in {None, passage.agent.pk},
        "sans_compte": bool(SANS_COMPTE & set(codes)),
        "sans_heures": Anomalie.HEURES_NON_RECUES in codes,
        "heures": service_fait_sums(explain_line(passage, row)),
        "autres": queries.count_other_lines(passage, row),
        "history": list(queries.history(passage, row)),
        "cancel_url": reverse("apa_ash:lot", args=[row.lot_id]),
    }
    status = 422 if form.errors else 200
    return render(request, "apa_ash/paiement/ligne.html", context, status=status)


def _examine(
    passage: Passage, data: Mapping[str, Any], *, pk: UUID, dossier: tuple[UUID, UUID]
) -> None:
    ecarter, motif = data["suite"] == "ecarter", data["motif"]
    if not data["dossier"]:
        acts.examine_paiement(passage, paiement_id=pk, ecarter=ecarter, motif=motif)
        return
    lot_id, dossier_id = dossier
    examine_dossier(passage, lot_id=lot_id, dossier_id=dossier_id, ecarter=ecarter, motif=motif)


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
    form = MotifForm(request.POST, prefix="abandon")
    if not form.is_valid():
        return lot_page(request, pk, abandon=form)
    motif = form.cleaned_data["motif"]
    return act_on_lot(
        request,
        pk,
        lambda: acts.abandon_lot(request.passage, lot_id=pk, motif=motif),
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


urlpatterns = [
    path("paiement/lots", lots, name="lots"),
    path("paiement/lots/<uuid:pk>", lot, name="lot"),
    path("paiement/lots/<uuid:pk>/anomalies/<slug:anomalie>", maintien, name="lot_maintien"),
    path("paiement/lots/<uuid:pk>/comptes", relecture, name="lot_relecture"),
    path("paiement/lots/<uuid:pk>/recalcul", recalcul, name="lot_recalcul"),
    path("paiement/lots/<uuid:pk>/ecart/<slug:quoi>", ecart, name="lot_ecart"),
    path("paiement/lots/<uuid:pk>/validation", validation, name="lot_validation"),
    path("paiement/lots/<uuid:pk>/abandon", abandon, name="lot_abandon"),
    path("paiement/lignes/<uuid:pk>", ligne, name="paiement_ligne"),
]
