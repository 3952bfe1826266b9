"""Follow debts to their end: the list of one's services, and the repayments of one debt."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse

from egide.kernel.access.pages import read_page
from egide.kernel.access.views import AgentRequest, view
from egide.kernel.refus import ActeRefuse
from egide.systems.apa_ash.forms.indus import RemboursementForm, SuiviForm
from egide.systems.apa_ash.forms.recherche import address
from egide.systems.apa_ash.presentation import dossier_context
from egide.systems.apa_ash.presentation.controle import debtor
from egide.systems.apa_ash.presentation.indus import (
    DEBT_COLUMNS,
    REMBOURSEMENT_COLUMNS,
    debt_rows,
    is_awaited,
    remboursement_rows,
)
from egide.systems.apa_ash.purposes import CONTROLE
from egide.systems.apa_ash.queries import indus as queries
from egide.systems.apa_ash.queries.dossier import open_dossier
from egide.systems.apa_ash.services.remboursements import record_remboursement


@view("GET", purpose=CONTROLE, verb="lire les indus de ses services")
def indus(request: AgentRequest) -> HttpResponse:
    """List debts, the first to be prescribed first, and say on top what time is about to bar."""
    passage = request.passage
    form = SuiviForm(request.GET)
    suivi = form.cleaned_data["etat"] if form.is_valid() else ""
    page = read_page(request.GET.get("page"))
    rows, more = queries.list_debts(passage, suivi=suivi, page=page)
    following = {"etat": suivi, "page": str(page + 1)}
    context = {
        "crumbs": [("Contrôle", reverse("apa_ash:controle")), ("Indus", "")],
        "form": SuiviForm(initial={"etat": suivi}),
        "alerte": queries.count_prescribing(passage),
        "columns": DEBT_COLUMNS,
        "rows": debt_rows(rows, on=passage.on),
        "next_url": address("", following) if more else "",
    }
    return render(request, "apa_ash/controle/indus.html", context)


@view("GET", "POST", purpose=CONTROLE, verb="enregistrer un remboursement")
def remboursement(request: AgentRequest, pk: UUID, indu: UUID) -> HttpResponse:
    """Show what was repaid of a debt, and record what comes."""
    passage = request.passage
    dossier = open_dossier(passage, pk)
    debt = queries.open_indu(passage, dossier_id=pk, pk=indu)
    reste = debt.reste
    form = RemboursementForm(request.POST or None, reste=reste, on=passage.on)
    if request.method == "POST" and form.is_valid():
        try:
            record_remboursement(
                passage,
                jeton=form.cleaned_data["jeton"],
                dossier_id=pk,
                indu_id=indu,
                recu=form.recu,
            )
        except ActeRefuse as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "Remboursement enregistré.")
            return redirect("apa_ash:remboursement", pk, indu)
    context = dossier_context(passage, dossier, tab="situation") | {
        "form": form,
        "indu": debt,
        "reste": reste,
        "debiteur": debtor(debt, dead=dossier.identite.deces_on is not None),
        "attendu": is_awaited(debt),
        "columns": REMBOURSEMENT_COLUMNS,
        "rows": remboursement_rows(queries.list_remboursements(passage, indu=debt)),
    }
    status = 422 if form.errors else 200
    return render(request, "apa_ash/controle/remboursement.html", context, status=status)


urlpatterns = [
    path("controle/indus", indus, name="indus"),
    path(
        "controle/dossiers/<uuid:pk>/indus/<uuid:indu>/remboursements",
        remboursement,
        name="remboursement",
    ),
]
