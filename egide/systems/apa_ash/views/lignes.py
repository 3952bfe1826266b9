"""One line of a monthly run: what makes it worth looking at, and what becomes of it."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path, reverse

from egide.kernel.access.passage import Passage
from egide.kernel.access.views import AgentRequest, view
from egide.kernel.refus import ActeRefuse
from egide.systems.apa_ash.calculs.anomalies_du_lot import LIBELLES, SANS_COMPTE, Anomalie
from egide.systems.apa_ash.forms.paiement import ExamenForm
from egide.systems.apa_ash.presentation.droits_du_mois import period_sums
from egide.systems.apa_ash.presentation.paiement import service_fait_sums
from egide.systems.apa_ash.purposes import PAIEMENT
from egide.systems.apa_ash.queries import lot as queries
from egide.systems.apa_ash.queries.lot_ligne import explain_line
from egide.systems.apa_ash.services import lot as acts
from egide.systems.apa_ash.services.lot_examens import examine_dossier


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
    why = explain_line(passage, row)
    context = {
        "crumbs": [
            ("Paiements", reverse("apa_ash:lots")),
            ("Lot", reverse("apa_ash:lot", args=[row.lot_id])),
            (row.dossier.numero, ""),
        ],
        "ligne": row,
        "form": form,
        "anomalies": [LIBELLES[code] for code in codes],
        "prepared_by_me": row.lot.prepare_par_id == passage.agent.pk,
        "d_un_autre": row.examine_par_id not in {None, passage.agent.pk},
        "sans_compte": bool(SANS_COMPTE & set(codes)),
        "sans_heures": Anomalie.HEURES_NON_RECUES in codes,
        "au_dela": Anomalie.HEURES_AU_DELA in codes,
        "droits": period_sums(why.periodes),
        "heures": service_fait_sums(why.fait),
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


urlpatterns = [path("paiement/lignes/<uuid:pk>", ligne, name="paiement_ligne")]
