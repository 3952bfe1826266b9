"""Remissions and withdrawals of a debt: control asks, the head of the service decides.

A remission gives up what is owed (CASF L. 232-25), a withdrawal undoes what was not (L. 134-2).
"""

from collections.abc import Callable
from typing import Any, NamedTuple
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path

from egide.kernel.access.passage import Passage
from egide.kernel.access.views import AgentRequest, view
from egide.kernel.refus import ActeRefuse
from egide.systems.apa_ash.forms.remises import (
    DecisionRemiseForm,
    DecisionRetraitForm,
    DemandeRemiseForm,
    DemandeRetraitForm,
    Sort,
    SortRetrait,
)
from egide.systems.apa_ash.presentation import dossier_context
from egide.systems.apa_ash.presentation import remises as show
from egide.systems.apa_ash.presentation.controle import debtor
from egide.systems.apa_ash.presentation.indus import is_awaited
from egide.systems.apa_ash.presentation.indus_a_signer import calcul_context
from egide.systems.apa_ash.purposes import CONTROLE, INSTRUCTION
from egide.systems.apa_ash.queries import remises as queries
from egide.systems.apa_ash.queries.dossier import open_dossier
from egide.systems.apa_ash.queries.indus import open_indu
from egide.systems.apa_ash.queries.retraits import compute_du, open_claim, owed_again
from egide.systems.apa_ash.services import remises as remissions
from egide.systems.apa_ash.services import retraits as withdrawals
from egide.systems.apa_ash.services.lettres_indu import retenue_of


@view("GET", "POST", purpose=CONTROLE, verb="demander la remise d’un indu")
def remise(request: AgentRequest, pk: UUID, indu: UUID) -> HttpResponse:
    """Show what was asked of a debt and decided, and record a request."""
    passage = request.passage
    dossier = open_dossier(passage, pk)
    debt = open_indu(passage, dossier_id=pk, pk=indu)
    return _ask(
        request,
        DemandeRemiseForm(request.POST or None, on=passage.on),
        remissions.request_remise,
        of=(dossier, debt, queries.REMISE),
        look=lambda: (show.remission_facts(debt), is_awaited(debt)),
    )


@view("GET", "POST", purpose=CONTROLE, verb="demander le retrait d’un indu")
def retrait(request: AgentRequest, pk: UUID, indu: UUID) -> HttpResponse:
    """Show what is owed now of a debt, what was asked and decided, and record a request."""
    passage = request.passage
    debt, indus = open_claim(passage, dossier_id=pk, pk=indu)

    def look() -> tuple[show.Facts, bool]:
        calcul = compute_du(passage, dossier=debt.dossier, indu=debt, indus=indus)
        facts = show.withdrawal_facts(debt, verse=calcul.verse, du=calcul.du)
        return facts, debt.etat in queries.RETIRABLES

    return _ask(
        request,
        DemandeRetraitForm(request.POST or None, on=passage.on),
        withdrawals.request_retrait,
        of=(debt.dossier, debt, queries.RETRAIT),
        look=look,
    )


def _ask(
    request: AgentRequest,
    form: DemandeRemiseForm | DemandeRetraitForm,
    record: Callable[..., object],
    *,
    of: tuple[Any, Any, Any],
    look: Callable[[], tuple[show.Facts, bool]],
) -> HttpResponse:
    """Record what is asked, or show the debt; `look` says what of it, and whether one may ask."""
    dossier, debt, nature = of
    if request.method == "POST" and form.is_valid():
        try:
            record(
                request.passage,
                jeton=form.cleaned_data["jeton"],
                dossier_id=dossier.pk,
                indu_id=debt.pk,
                demande=form.demande,
            )
        except ActeRefuse as refusal:
            form.add_error(None, str(refusal))
        else:
            said = "Demande enregistrée\u00a0: le responsable du service la décide."
            messages.success(request, said)
            return redirect(request.path)
    facts, open_to_request = look()
    asked = queries.list_remises(request.passage, indu=debt, nature=nature)
    context = {
        "form": form,
        "facts": facts,
        "ouverte": open_to_request,
        "attendue": show.is_asked(asked),
        "columns": show.COLUMNS,
        "rows": show.remise_rows(asked),
    }
    return _page(request, "controle", of=of, context=context)


@view("GET", "POST", purpose=INSTRUCTION, verb="décider la remise d’un indu")
def remise_decision(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Show a request with the calculation of its debt, and decide it."""
    return _decide(request, pk, DecisionRemiseForm(request.POST or None), REMISE)


@view("GET", "POST", purpose=INSTRUCTION, verb="décider le retrait d’un indu")
def retrait_decision(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Show a request with its debt calculated again, and decide it."""
    return _decide(request, pk, DecisionRetraitForm(request.POST or None), RETRAIT)


class Decision(NamedTuple):
    """What is decided of a kind of request, and what is read before."""

    nature: Any
    decide: Callable[[Passage, UUID, Any], str]
    read: Callable[[Passage, Any, Any], dict[str, Any]]


def _decide_remise(passage: Passage, pk: UUID, form: DecisionRemiseForm) -> str:
    motif = form.cleaned_data["motif"]
    if form.cleaned_data["sort"] == Sort.REFUS:
        remissions.refuse_remise(passage, remise_id=pk, motif=motif)
        return "Remise refusée"
    remissions.grant_remise(passage, remise_id=pk, motif=motif, montant=form.montant_remis)
    return "Remise accordée"


def _read_remise(passage: Passage, asked: Any, _form: DecisionRemiseForm) -> dict[str, Any]:  # noqa: ANN401 -- a request with its debt, which screens do not name
    indu = asked.indu
    calcul = owed_again(passage, dossier=asked.dossier, claims=[indu])
    retenue = retenue_of([indu], calcul=calcul, on=passage.on)
    facts = show.remission_facts(indu, retenue=retenue)
    return {"facts": facts, **calcul_context([indu], calcul=calcul)}


def _decide_retrait(passage: Passage, pk: UUID, form: DecisionRetraitForm) -> str:
    data = form.cleaned_data
    if data["sort"] == SortRetrait.REFUS:
        withdrawals.refuse_retrait(passage, remise_id=pk, motif=data["motif"])
        return "Indu maintenu"
    withdrawals.grant_retrait(passage, remise_id=pk, motif=data["motif"], lu=data["lu"])
    return "Indu retiré"


def _read_retrait(passage: Passage, asked: Any, form: DecisionRetraitForm) -> dict[str, Any]:  # noqa: ANN401 -- likewise
    calcul = compute_du(passage, dossier=asked.dossier, indu=asked.indu)
    form.read_again(calcul.du)
    return {"facts": show.withdrawal_facts(asked.indu, verse=calcul.verse, du=calcul.du)}


REMISE = Decision(queries.REMISE, _decide_remise, _read_remise)
RETRAIT = Decision(queries.RETRAIT, _decide_retrait, _read_retrait)


def _decide(
    request: AgentRequest,
    pk: UUID,
    form: DecisionRemiseForm | DecisionRetraitForm,
    kind: Decision,
) -> HttpResponse:
    """Decide a request, or show it with its debt."""
    passage = request.passage
    asked = queries.find_demandee(passage, pk=pk, nature=kind.nature)
    if request.method == "POST" and form.is_valid():
        try:
            told = kind.decide(passage, pk, form)
        except ActeRefuse as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"{told}\u00a0: le courrier est prêt.")
            return redirect("apa_ash:a_signer")
    context = {
        "form": form,
        **kind.read(passage, asked, form),
        "remise": asked,
        "origine": show.tell_origin(asked),
        "mine": show.is_own(passage, asked),
    }
    return _page(request, "signature", of=(asked.dossier, asked.indu, kind.nature), context=context)


def _page(
    request: AgentRequest, folder: str, *, of: tuple[Any, Any, Any], context: dict[str, Any]
) -> HttpResponse:
    dossier, indu, nature = of
    tab = "decision" if request.purpose == INSTRUCTION else "situation"
    # A month that was calculated again leaves no statement to spend on the stays.
    stays = () if nature == queries.RETRAIT or request.purpose == INSTRUCTION else None
    shown = {
        **dossier_context(request.passage, dossier, tab=tab, interruptions=stays),
        **show.nature_context(nature),
        "indu": indu,
        "debiteur": debtor(indu, dead=dossier.identite.deces_on is not None),
    }
    status = 422 if context["form"].errors else 200
    return render(request, f"apa_ash/{folder}/remise.html", shown | context, status=status)


urlpatterns = [
    path("controle/dossiers/<uuid:pk>/indus/<uuid:indu>/remise", remise, name="remise"),
    path("controle/dossiers/<uuid:pk>/indus/<uuid:indu>/retrait", retrait, name="retrait"),
    path("instruction/remises/<uuid:pk>", remise_decision, name="remise_decision"),
    path("instruction/retraits/<uuid:pk>", retrait_decision, name="retrait_decision"),
]
