"""« Ma journée » : what to do next, by deadline, with a direct way to the act."""

from datetime import timedelta
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.http import urlencode

from egide.kernel.access.passage import Passage
from egide.kernel.access.views import AgentRequest, view
from egide.systems.apa_ash.forms.recherche import EcheanceForm, read_key
from egide.systems.apa_ash.policy import SIGNATAIRES
from egide.systems.apa_ash.presentation import etat_label, mixes_services
from egide.systems.apa_ash.presentation.journee import next_act
from egide.systems.apa_ash.purposes import INSTRUCTION, Role
from egide.systems.apa_ash.queries.a_poster import count_a_poster
from egide.systems.apa_ash.queries.indus_a_signer import count_indus_a_signer
from egide.systems.apa_ash.queries.journee import (
    REVISION,
    Travail,
    count_echeances,
    count_etats,
    list_travail,
)
from egide.systems.apa_ash.queries.justificatifs import list_silent
from egide.systems.apa_ash.queries.projets import count_a_signer, list_renvoyes
from egide.systems.apa_ash.queries.remises import count_demandees
from egide.systems.apa_ash.queries.silence import silence_of


@view("GET", purpose=INSTRUCTION, verb="lire sa journée")
def journee(request: AgentRequest) -> HttpResponse:
    """Show the worklist, one's own files or those of the service."""
    passage = request.passage
    # Whoever only heads the service follows no file: the service is what there is to see.
    follows = bool(passage.services((Role.INSTRUCTEUR,)))
    miens = request.GET.get("qui", "moi" if follows else "service") != "service"
    after = read_key(request.GET.get("apres"))
    form = EcheanceForm(request.GET)
    quoi = form.quoi_voulu
    travail = list_travail(passage, miens=miens, quoi=quoi, after=after)
    here = reverse("apa_ash:journee")
    signs = passage.services(SIGNATAIRES)
    who = {"qui": "moi" if miens else "service"} | ({"quoi": quoi} if quoi else {})
    context = {
        "on": passage.on,
        "miens": miens,
        "groups": _groups(passage, travail),
        "form": form,
        "clear_url": f"{here}?qui={who['qui']}",
        "quoi": quoi,
        "qui": who["qui"],
        "revisions_url": f"{here}?{urlencode(who | {'quoi': REVISION})}",
        "echeances": count_echeances(passage, miens=miens),
        "a_signer": count_a_signer(passage) if signs else 0,
        "a_decider": count_demandees(passage) if signs else 0,
        "a_notifier": count_indus_a_signer(passage) if signs else 0,
        "a_poster": sum(count_a_poster(passage).values()),
        "renvoyes": list_renvoyes(passage),
        "silences": list_silent(passage, miens=miens, on=passage.on),
        "etats": [
            (etat, etat_label(etat), files)
            for etat, files in count_etats(passage, miens=miens).items()
        ],
        "tabs": [
            ("Mes dossiers", f"{here}?qui=moi", miens),
            ("Tout le service", f"{here}?qui=service", not miens),
        ],
        "first_url": f"{here}?{urlencode(who)}" if after else "",
        "next_url": f"{here}?{urlencode(who | {'apres': str(travail.after)})}"
        if travail.after
        else "",
    }
    return render(request, "apa_ash/journee/journee.html", context)


def _groups(passage: Passage, travail: Travail) -> list[dict[str, Any]]:
    on = passage.on
    week = on + timedelta(days=7)
    titles = ("En retard", "Cette semaine", "Plus tard")
    groups: list[dict[str, Any]] = [{"title": title, "rows": []} for title in titles]
    for dossier in travail.rows:
        day = dossier.echeance_on
        rank = 0 if day and day < on else 1 if day and day <= week else 2
        service = passage.service_name(dossier.service_id) if mixes_services(passage) else ""
        row = {
            "dossier": dossier,
            "act": next_act(
                dossier,
                on=on,
                silence=silence_of(dossier),
                visite_a_venir=dossier.visite_a_venir,
            ),
            "service": service,
        }
        groups[rank]["rows"].append(row)
    return [group for group in groups if group["rows"]]


urlpatterns = [path("instruction/journee", journee, name="journee")]
