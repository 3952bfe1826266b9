"""A stay in hospital: its consequence is read before it is recorded, and its discharge."""

from dataclasses import replace
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path

from egide.kernel.access.passage import Passage
from egide.kernel.access.views import AgentRequest, view
from egide.kernel.refus import ActeRefuse
from egide.rules.apa.arrets import list_arrets
from egide.rules.apa.versement import Interruption, Nature, Periode
from egide.systems.apa_ash.forms.decision import SEJOURS, HospitalisationForm, SortieForm
from egide.systems.apa_ash.policy import INTERRUPTIONS
from egide.systems.apa_ash.presentation.arrets import sejour_consequences
from egide.systems.apa_ash.presentation.signature_arret import write_claims
from egide.systems.apa_ash.purposes import INSTRUCTION
from egide.systems.apa_ash.queries.decision import Situation, dus_of, load_situation
from egide.systems.apa_ash.queries.dossier import check_of_file
from egide.systems.apa_ash.queries.redevenus_dus import claims_since
from egide.systems.apa_ash.queries.verses import paid_since
from egide.systems.apa_ash.services import interruptions
from egide.systems.apa_ash.views.actes import acte_context, open_acte


@view("GET", "POST", purpose=INSTRUCTION, verb="enregistrer une hospitalisation")
def hospitalisation(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Ask the stay, show what it stops and what was paid beyond, record it once confirmed."""
    passage = request.passage
    situation, form, context = open_acte(request, pk, HospitalisationForm)
    if form.is_bound and form.is_valid():
        try:
            if not form.cleaned_data["confirme"]:
                interruptions.check_sejour(situation, on=passage.on, **form.sejour)
                context |= _consequences(passage, situation, form)
                return render(request, "apa_ash/decision/sejour.html", context)
            jeton = form.cleaned_data["jeton"]
            interruptions.enter_hospital(passage, jeton=jeton, dossier_id=pk, **form.sejour)
        except ActeRefuse as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "Séjour enregistré.")
            return redirect("apa_ash:decision", pk=pk)
    context |= {
        "titre": "Enregistrer une hospitalisation",
        "bouton": "Continuer",
        "explication": "Trente jours restent dus, puis le versement s’interrompt ; une "
        "hospitalisation à domicile ne change rien (CASF R. 232-32). Vous relirez avant de "
        "confirmer.",
    }
    status = 422 if form.errors else 200
    return render(request, "apa_ash/decision/acte.html", context, status=status)


def _consequences(
    passage: Passage, situation: Situation, form: HospitalisationForm
) -> dict[str, object]:
    """Suppose the stay: the one that goes on with it, what is due then, what was paid."""
    stay = Interruption(Nature(form.sejour["nature"]), Periode(form.sejour["entree_on"]))
    known = dus_of(situation)
    dus = replace(known, interruptions=[*known.interruptions, stay])
    arret = next(
        a for a in list_arrets(dus.interruptions, on=passage.on) if a.nature == stay.nature
    )
    paid = {}
    if arret.non_verse_des is not None:
        paid = paid_since(passage, dossier=situation.dossier, since=arret.non_verse_des)
    told = sejour_consequences(arret, dus=dus, verses=paid, on=passage.on)
    return told | {"libelle": dict(SEJOURS)[form.sejour["nature"]]}


@view("GET", "POST", purpose=INSTRUCTION, verb="enregistrer une sortie d’hôpital")
def sortie(request: AgentRequest, pk: UUID, sejour: UUID) -> HttpResponse:
    """Record the discharge of one stay."""
    passage = request.passage
    situation = load_situation(passage, pk=pk)
    check_of_file(passage, INTERRUPTIONS, pk=sejour, dossier_id=pk)
    posted = request.POST if request.method == "POST" else None
    form = SortieForm(posted)
    if posted is not None and form.is_valid():
        try:
            interruptions.leave_hospital(
                passage,
                dossier_id=pk,
                interruption_id=sejour,
                sortie_on=form.cleaned_data["sortie_on"],
            )
        except ActeRefuse as refusal:
            form.add_error("sortie_on", str(refusal))
        else:
            messages.success(request, "Sortie enregistrée : le versement reprend de lui-même.")
            claims = claims_since(passage, dossier=pk, since=form.cleaned_data["sortie_on"])
            if told := write_claims(claims):
                messages.warning(request, told)
            return redirect("apa_ash:decision", pk=pk)
    context = acte_context(request, situation, form)
    context |= {
        "titre": "Enregistrer la sortie",
        "explication": "Le versement reprend au 1er du mois de la sortie, sans nouvelle demande.",
    }
    return render(
        request, "apa_ash/decision/acte.html", context, status=422 if form.errors else 200
    )


urlpatterns = [
    path(
        "instruction/dossiers/<uuid:pk>/decision/hospitalisation",
        hospitalisation,
        name="hospitalisation",
    ),
    path(
        "instruction/dossiers/<uuid:pk>/hospitalisations/<uuid:sejour>/sortie",
        sortie,
        name="sortie_hospitalisation",
    ),
]
