"""A new request, and the completeness of a file (CASF R. 232-23)."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse

from egide.kernel import notation
from egide.kernel.access.passage import Passage
from egide.kernel.access.views import AgentRequest, view
from egide.kernel.refus import ActeRefuse
from egide.rules.apa import delais
from egide.systems.apa_ash import nir
from egide.systems.apa_ash.forms.demandes import (
    DemandeForm,
    NouvelleDemandeForm,
    PiecesForm,
    SansBienForm,
)
from egide.systems.apa_ash.forms.personnes import (
    AdresseForm,
    ConjointForm,
    EtatCivilForm,
    NirForm,
)
from egide.systems.apa_ash.forms.secours import is_elsewhere
from egide.systems.apa_ash.presentation import dossier_context, etat_label
from egide.systems.apa_ash.presentation.instruction import demande_context
from egide.systems.apa_ash.purposes import INSTRUCTION
from egide.systems.apa_ash.queries.decision import load_situation
from egide.systems.apa_ash.queries.demandes import current_demande, list_homonymes, list_pieces
from egide.systems.apa_ash.queries.dossier import open_dossier
from egide.systems.apa_ash.queries.doublons import Ailleurs, files_of_same_person
from egide.systems.apa_ash.saisie import DemandeSaisie
from egide.systems.apa_ash.services import demandes as services
from egide.systems.apa_ash.services import nouvelles_demandes as renewals
from egide.systems.apa_ash.views.actes import acte_context

# The person on the left, the request on the right.
SECTIONS = (
    (
        ("Identité", [*EtatCivilForm.base_fields, *NirForm.base_fields]),
        ("Adresse", [*AdresseForm.base_fields]),
    ),
    (
        (
            "Demande",
            [
                *("service", "nature", "urgence_attestee_par", "canal", "recue_on"),
                *("residence_stable", "pieces_recues", "sans_bien", "homonyme"),
            ],
        ),
        ("Conjoint", [*ConjointForm.base_fields]),
    ),
)


@view("GET", "POST", purpose=INSTRUCTION, verb="saisir une demande")
def demande_nouvelle(request: AgentRequest) -> HttpResponse:
    """Enter a new request; a namesake is shown before a second file is opened."""
    posted = request.POST if request.method == "POST" else None
    form = NouvelleDemandeForm(posted, passage=request.passage)
    namesakes: list[Any] = []
    ailleurs: list[Ailleurs] = []
    if posted is not None and form.is_valid():
        try:
            _check_same_person(request.passage, form)
            dossier = services.register_demande(
                request.passage,
                jeton=form.cleaned_data["jeton"],
                service_id=form.service_id,
                saisie=form.saisie(),
                homonyme=form.cleaned_data["homonyme"],
            )
        except services.HomonymeConnu as known:
            form.ask_about_namesakes()
            form.add_error("homonyme", str(known))
            namesakes, ailleurs = [*map(_namesake, known.dossiers)], known.ailleurs
        else:
            _tell(request, form, numero=dossier.numero)
            if form.adresse_ailleurs:
                messages.warning(
                    request,
                    "L’adresse est hors du département\u00a0: vérifiez le domicile de secours, et "
                    "contestez notre compétence s’il est ailleurs (CASF L. 122-2 et L. 122-4).",
                )
                return redirect("apa_ash:secours", pk=dossier.pk)
            return redirect("apa_ash:demande", pk=dossier.pk)
    context = {
        "form": form,
        "namesakes": namesakes,
        "ailleurs": ailleurs,
        "columns": [
            [
                (title, [form[name] for name in names if not form[name].is_hidden])
                for title, names in column
            ]
            for column in SECTIONS
        ],
        "crumbs": [("Dossiers", reverse("apa_ash:dossiers")), ("Nouvelle demande", "")],
    }
    return render(
        request, "apa_ash/demandes/nouvelle.html", context, status=422 if form.errors else 200
    )


def _namesake(dossier: Any) -> dict[str, Any]:  # noqa: ANN401 -- a file that bears the same name
    """Tell where a namesake stands, and whether a new request goes on in that file."""
    return {
        "dossier": dossier,
        "etat": etat_label(dossier.etat, etat_droit=dossier.etat_droit).lower(),
        "renouvelable": renewals.is_renewable(dossier),
    }


def _check_same_person(passage: Passage, form: NouvelleDemandeForm) -> None:
    """Look for the person in the whole organisme, unless another person was ticked.

    Out of the act, whose refusal would take the line of the trail back with it.
    """
    if form.cleaned_data["homonyme"]:
        return
    civil = form.etat_civil()
    found = files_of_same_person(
        form.cleaned_data["jeton"],
        nir=nir.read_nir(form.cleaned_data["nir"]).nir,
        noms=civil.searched(),
        naissance_on=civil.naissance_on,
    )
    if found:
        seen = list_homonymes(passage, etat_civil=civil)
        numeros = {dossier.numero for dossier in seen}
        elsewhere = [file for file in found if file.numero not in numeros]
        raise services.HomonymeConnu(seen, ailleurs=elsewhere)


@view("GET", "POST", purpose=INSTRUCTION, verb="saisir une nouvelle demande sur un dossier")
def demande_renouvelee(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Enter the new request of a person whose file is over: it goes on in the same file."""
    passage = request.passage
    situation = load_situation(passage, pk=pk)
    form = DemandeForm(request.POST if request.method == "POST" else None, on=passage.on)
    if form.is_bound and form.is_valid():
        try:
            renewals.renew_demande(
                passage,
                jeton=form.cleaned_data["jeton"],
                dossier_id=pk,
                saisie=DemandeSaisie(**form.demande()),
            )
        except ActeRefuse as refusal:
            form.add_error(None, str(refusal))
        else:
            _tell_due(request, form, numero=situation.dossier.numero, said="rouvert")
            return redirect("apa_ash:demande", pk=pk)
    context = acte_context(request, situation, form) | {
        "titre": "Enregistrer une nouvelle demande",
        "explication": (
            "La demande s’étudie dans ce dossier\u00a0: ses droits, ses décisions, ses courriers "
            "et ses sommes dues y restent. La visite, le plan et les ressources sont à faire de "
            "nouveau. Vérifiez ensuite l’adresse et le conjoint."
        ),
        "empechement": renewals.empechement(situation.dossier),
    }
    return render(
        request, "apa_ash/decision/acte.html", context, status=422 if form.errors else 200
    )


@view("GET", purpose=INSTRUCTION, verb="situer un code postal")
def code_postal(request: AgentRequest) -> HttpResponse:
    """Warn beside the field about a postcode out of the département; nothing is kept."""
    departement = request.passage.agent.organisme.departement
    typed = request.GET.get("code_postal", "").strip()
    context = {
        "ailleurs": is_elsewhere(typed, departement=departement),
        "departement": departement,
    }
    return render(request, "apa_ash/demandes/_ailleurs.html", context)


def _tell_due(request: AgentRequest, form: DemandeForm, *, numero: str, said: str) -> None:
    due = delais.accuse_avant(form.cleaned_data["recue_on"])
    messages.success(
        request,
        f"Dossier n° {numero} {said}. Accusez réception avant le {notation.jour(due)}.",
    )


def _tell(request: AgentRequest, form: NouvelleDemandeForm, *, numero: str) -> None:
    _tell_due(request, form, numero=numero, said="ouvert")
    number = nir.read_nir(form.cleaned_data["nir"]).nir
    civil = form.etat_civil()
    for warning in nir.warnings(number, sexe=civil.sexe, naissance_on=civil.naissance_on):
        messages.warning(request, f"{warning} Vérifiez avec la personne.")


@view("GET", "POST", purpose=INSTRUCTION, verb="instruire la complétude")
def demande(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Tick the pieces that come, then acknowledge or ask for the others."""
    passage = request.passage
    dossier = open_dossier(passage, pk)
    row = current_demande(passage, dossier=dossier)
    pieces = list_pieces(passage, demande=row)
    missing = [piece.code for piece in pieces if piece.reglee_on is None]
    wanted = request.POST.get("acte") if request.method == "POST" else None
    form = PiecesForm(
        request.POST if wanted == "recevoir" else None, missing=missing, on=passage.on
    )
    sans_bien = SansBienForm(request.POST if wanted == "dispenser" else None, on=passage.on)
    if request.method == "POST":
        done = _act(request, pk, form, sans_bien)
        if done is not None:
            return done
    context = dossier_context(passage, dossier, tab="demande")
    context |= demande_context(row, pieces)
    context |= {
        "form": form,
        "missing": missing,
        "sans_bien": sans_bien if form.awaits_taxe_fonciere else None,
        "finie": renewals.is_over(dossier),
        "renouvelable": renewals.is_renewable(dossier),
    }
    status = 422 if form.errors or sans_bien.errors else 200
    return render(request, "apa_ash/demandes/demande.html", context, status=status)


def _act(
    request: AgentRequest, pk: UUID, form: PiecesForm, sans_bien: SansBienForm
) -> HttpResponse | None:
    """Do what was asked, then show the file anew; None leads back to the form."""
    passage, wanted = request.passage, request.POST.get("acte")
    try:
        if wanted == "accuser":
            letter = services.acknowledge_demande(passage, dossier_id=pk)
            messages.success(
                request,
                "Dossier complet. L’accusé de réception est prêt. "
                "Pendant que la visite se prépare, saisissez les ressources.",
            )
            return redirect("apa_ash:courriers", pk=letter.dossier_id)
        if wanted == "reclamer":
            letter = services.request_pieces(passage, dossier_id=pk)
            messages.success(request, "Pièces réclamées. Le courrier est prêt.")
            return redirect("apa_ash:courriers", pk=letter.dossier_id)
        if wanted == "dispenser" and sans_bien.is_valid():
            services.waive_taxe_fonciere(
                passage, dossier_id=pk, on=sans_bien.cleaned_data["dit_on"]
            )
            messages.success(request, "Noté\u00a0: la taxe foncière n’est plus demandée.")
            return redirect("apa_ash:demande", pk=pk)
        if wanted != "recevoir" or not form.is_valid():
            return None
        data = form.cleaned_data
        received = services.receive_pieces(
            passage, dossier_id=pk, codes=data["codes"], on=data["recues_on"]
        )
    except ActeRefuse as refusal:
        messages.error(request, str(refusal))
        return redirect("apa_ash:demande", pk=pk)
    count = len(received)
    plural = "s" if count > 1 else ""
    messages.success(request, f"{count} pièce{plural} notée{plural}.")
    return redirect("apa_ash:demande", pk=pk)


urlpatterns = [
    path("instruction/demandes/code-postal", code_postal, name="code_postal"),
    path("instruction/demandes/nouvelle", demande_nouvelle, name="demande_nouvelle"),
    path("instruction/dossiers/<uuid:pk>/demande", demande, name="demande"),
    path(
        "instruction/dossiers/<uuid:pk>/decision/nouvelle-demande",
        demande_renouvelee,
        name="demande_renouvelee",
    ),
]
