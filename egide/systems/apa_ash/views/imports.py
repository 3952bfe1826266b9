"""Import of requests: the file, its defects, what was taken in, and the published format."""

import json
from importlib.resources import files
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import path

from egide.kernel import notation
from egide.kernel.access.views import AgentRequest, view
from egide.kernel.refus import ActeRefuse
from egide.systems.apa_ash.fichiers.defauts import FichierRefuse
from egide.systems.apa_ash.forms.imports import COLUMNS, FichierForm, read_demandes
from egide.systems.apa_ash.purposes import INSTRUCTION
from egide.systems.apa_ash.queries.imports import OF_DEMANDES, list_imports
from egide.systems.apa_ash.queries.services import instructed_services
from egide.systems.apa_ash.services.fichiers import DejaImporte
from egide.systems.apa_ash.services.imports import doubts, import_demandes

TAKEN = [
    ("Importé le", False),
    ("Service", False),
    ("Demandes", True),
    ("Empreinte du fichier", False),
]
DEFECTS = [("Ligne", True), ("Colonne", False), ("Trouvé", False), ("Attendu", False)]
DOUBTS = [("Ligne", True), ("À vérifier", False)]


@view("GET", "POST", purpose=INSTRUCTION, verb="importer des demandes")
def imports(request: AgentRequest) -> HttpResponse:
    """Take a file in, or show what to mend in it."""
    sent = request.method == "POST"
    form = FichierForm(
        request.POST if sent else None,
        request.FILES if sent else None,
        services=instructed_services(request.passage),
    )
    defects: list[list[str]] = []
    doubted: list[list[str]] = []
    if sent and form.is_valid():
        try:
            count, found = _take(request, form)
        except FichierRefuse as refused:
            form.add_error("fichier", str(refused))
            defects = [
                [str(d.ligne or "—"), d.colonne or "—", d.trouve or "—", d.message]
                for d in refused.defauts
            ]
        except DejaImporte as known:
            messages.info(request, str(known))
            return redirect("apa_ash:imports")
        except ActeRefuse as refused:
            form.add_error("fichier", str(refused))
        else:
            plural = "s" if count > 1 else ""
            messages.success(request, f"{count} demande{plural} importée{plural}.")
            if not found:
                return redirect("apa_ash:imports")
            doubted = [[str(ligne), warning] for ligne, warning in found]
    rows = [
        [
            notation.jour(row.importe_on),
            request.passage.service_name(row.service_id),
            str(row.lignes),
            {"text": row.empreinte[:12], "ref": True},
        ]
        for row in list_imports(request.passage, natures=OF_DEMANDES)
    ]
    context = {
        "form": form,
        "defects": defects,
        "defect_columns": DEFECTS,
        "doubts": doubted,
        "doubt_columns": DOUBTS,
        "rows": rows,
        "columns": TAKEN,
    }
    return render(
        request, "apa_ash/imports/imports.html", context, status=422 if form.errors else 200
    )


def _take(request: AgentRequest, form: FichierForm) -> tuple[int, list[tuple[int, str]]]:
    sent = form.cleaned_data["fichier"]
    contenu = sent.read()
    lignes = read_demandes(contenu, nom=sent.name, on=request.passage.on)
    _, dossiers = import_demandes(
        request.passage,
        service_id=UUID(form.cleaned_data["service"]),
        contenu=contenu,
        lignes=lignes,
    )
    return len(dossiers), doubts(lignes)


@view("GET", purpose=INSTRUCTION, verb="lire le format d’import")
def schema(request: AgentRequest) -> HttpResponse:  # noqa: ARG001 -- the format is the same for all
    """Give the schema of the JSON form."""
    text = files("egide.systems.apa_ash").joinpath("schema-demandes.json").read_text("utf-8")
    return JsonResponse(json.loads(text), json_dumps_params={"ensure_ascii": False, "indent": 2})


@view("GET", purpose=INSTRUCTION, verb="lire le format d’import")
def modele(request: AgentRequest) -> HttpResponse:  # noqa: ARG001 -- the format is the same for all
    """Give the header of the CSV form, as a spreadsheet opens it."""
    response = HttpResponse(
        "\ufeff" + ";".join(COLUMNS) + "\r\n", content_type="text/csv; charset=utf-8"
    )
    response["Content-Disposition"] = 'attachment; filename="modele-demandes.csv"'
    return response


urlpatterns = [
    path("instruction/imports", imports, name="imports"),
    path("instruction/imports/schema-demandes.json", schema, name="imports_schema"),
    path("instruction/imports/modele-demandes.csv", modele, name="imports_modele"),
]
