"""What the screens of a campaign say: sums, tables, and the plot of its differences."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.urls import reverse

from egide.kernel import notation
from egide.kernel.access.passage import Passage
from egide.systems.apa_ash.models import Campagne, LigneCampagne
from egide.systems.apa_ash.models.campagne import EtatCampagne
from egide.systems.apa_ash.queries.campagne import Bilan, HorsCampagne, ParGir, Tranche
from egide.systems.apa_ash.queries.campagne_courriers import EtatCourriers

TONES = {
    EtatCampagne.SIMULEE: "wait",
    EtatCampagne.EN_COURS: "info",
    EtatCampagne.TERMINEE: "ok",
    EtatCampagne.ABANDONNEE: "",
}
FILTRE_LABELS = {
    "": "Tous les droits",
    "hausses": "En hausse",
    "baisses": "En baisse",
    "plafonnes": "Plan ramené au plafond",
    "non-versees": "Non versées (3 SMIC horaires au plus)",
    "a-traiter": "À traiter",
}
CHANGE_COLUMNS = (
    ("Personne", False),
    ("Dossier", False),
    ("GIR", True),
    ("Plan retenu", True),
    ("Participation", True),
    ("APA avant", True),
    ("APA après", True),
    ("Différence", True),
    ("Feuille", False),
)
TRANCHE_COLUMNS = (("Différence mensuelle", False), ("Droits", True))
GIR_COLUMNS = (
    ("GIR", False),
    ("Droits", True),
    ("Avant", True),
    ("Après", True),
    ("Différence", True),
)

WIDTH, HEIGHT, FOOT, HEAD = 640, 200, 24, 18
MOST_LABELS = 8


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar of the plot, in the units of its drawing."""

    x: str
    y: str
    width: str
    height: str
    middle: str
    label: str
    title: str
    loss: bool


def ecart(value: Decimal) -> str:
    """Write a difference with its sign."""
    return f"+{notation.euros(value)}" if value > 0 else notation.euros(value)


def bilan_sums(bilan: Bilan) -> list[dict[str, str]]:
    """Give the totals, the monthly cost last."""
    rows = [
        ("Droits concernés", notation.nombre(bilan.nombre), ""),
        ("En hausse", notation.nombre(bilan.hausses), ""),
        ("En baisse", notation.nombre(bilan.baisses), ""),
        ("Inchangés", notation.nombre(bilan.inchanges), ""),
        ("Plans ramenés au plafond", notation.nombre(bilan.plafonnes), ""),
        ("Non versées (3 SMIC horaires au plus)", notation.nombre(bilan.non_versees), ""),
        ("dont versées jusqu’ici", notation.nombre(bilan.devenues_non_versees), ""),
        ("APA mensuelle avant", notation.euros(bilan.avant), ""),
        ("APA mensuelle après", notation.euros(bilan.apres), ""),
        ("Différence mensuelle", ecart(bilan.apres - bilan.avant), "big"),
    ]
    return [{"label": label, "value": value, "weight": weight} for label, value, weight in rows]


def apart_rows(apart: HorsCampagne) -> list[str]:
    """Say which rights in force are left apart, and why."""
    said = []
    if apart.forfaits:
        said.append(
            f"{notation.nombre_de(apart.forfaits, 'forfait provisoire')}\u00a0: le montant sera "
            "fixé par la décision qui suit l’évaluation."
        )
    if apart.deces:
        said.append(
            f"{notation.nombre_de(apart.deces, 'droit')} à fermer pour décès\u00a0: la "
            "revalorisation ne les concerne pas."
        )
    return said


def gir_rows(rows: Iterable[ParGir]) -> list[list[str]]:
    """Give the table by GIR."""
    return [
        [
            f"GIR\u00a0{row.gir}",
            notation.nombre(row.nombre),
            notation.euros(row.avant),
            notation.euros(row.apres),
            ecart(row.apres - row.avant),
        ]
        for row in rows
    ]


def tranche_rows(tranches: Iterable[Tranche]) -> list[list[str]]:
    """Give the table that stands beside the plot, without its empty slices."""
    return [[_slice(t), notation.nombre(t.nombre)] for t in tranches if t.nombre]


def _slice(tranche: Tranche) -> str:
    return f"de {_whole(tranche.debut)} à moins de {_whole(tranche.fin)}\u00a0€"


def _whole(value: int) -> str:
    return f"+{notation.nombre(value)}" if value > 0 else notation.nombre(value)


def plot(tranches: Sequence[Tranche]) -> dict[str, Any]:
    """Place the bars of the differences; losses are told apart from gains."""
    if not tranches:
        return {}
    step = Decimal(WIDTH) / len(tranches)
    tallest = max(tranche.nombre for tranche in tranches)
    every = -(-len(tranches) // MOST_LABELS)
    bars = []
    for place, tranche in enumerate(tranches):
        height = Decimal(HEIGHT) * tranche.nombre / tallest
        bars.append(
            Bar(
                x=f"{step * place + 1:.1f}",
                y=f"{HEAD + HEIGHT - height:.1f}",
                width=f"{step - 2:.1f}",
                height=f"{height:.1f}",
                middle=f"{step * place:.1f}",
                label=_whole(tranche.debut) if place % every == 0 else "",
                title=f"{_slice(tranche)}\u00a0: {notation.nombre(tranche.nombre)}",
                loss=tranche.debut < 0,
            )
        )
    return {
        "bars": bars,
        "width": WIDTH,
        "total_height": HEAD + HEIGHT + FOOT,
        "base": HEAD + HEIGHT,
        "foot": HEAD + HEIGHT + FOOT - 6,
        "tallest": notation.nombre(tallest),
    }


def change_rows(lignes: Iterable[LigneCampagne]) -> list[list[Any]]:
    """Give the rows of a table of changes; the amount after opens its feuille de calcul."""
    return [
        [
            ligne.dossier.identite.nom_complet,
            {"text": ligne.dossier.numero, "ref": True},
            str(ligne.droit.gir),
            notation.euros(ligne.plan_apres),
            notation.euros(ligne.participation_apres),
            notation.euros(ligne.apa_avant),
            {
                "text": notation.euros(ligne.apa_apres),
                "url": reverse("apa_ash:campagne_ligne", args=[ligne.pk]),
            },
            ecart(ligne.apa_apres - ligne.apa_avant),
            {"text": "Non versée", "state": "stop"} if not ligne.apa_apres else "",
        ]
        for ligne in lignes
    ]


def job(campagne: Campagne) -> dict[str, Any]:
    """Tell the progress of a campaign to its component."""
    running = campagne.etat == EtatCampagne.EN_COURS
    left = campagne.total - campagne.traites
    done = notation.nombre_de(campagne.traites, "droit traité")
    rest = f", {notation.nombre_de(left, 'restant')}" if left else ""
    return {
        "id": campagne.pk,
        "label": "Application de la revalorisation",
        "done": campagne.traites,
        "total": campagne.total or 1,
        "state": "running" if running else "finished",
        "detail": f"{done} sur {notation.nombre(campagne.total)}{rest}",
    }


def job_courriers(campagne: Campagne, etat: EtatCourriers) -> dict[str, Any]:
    """Tell the progress of the letters to its component."""
    done = notation.nombre_de(etat.ecrits, "courrier écrit")
    total = notation.nombre(etat.ecrits + etat.a_ecrire)
    waiting = "interrupted" if etat.ecrits else "waiting"
    return {
        "id": f"courriers-{campagne.pk}",
        "label": "Courriers de notification",
        "done": etat.ecrits,
        "total": etat.ecrits + etat.a_ecrire or 1,
        "state": waiting if etat.a_ecrire else "finished",
        "detail": f"{done} sur {total}",
    }


def titre(campagne: Campagne) -> str:
    """Name a campaign by its day."""
    return f"Revalorisation au {notation.jour_long(campagne.effet_on)}"


def crumbs(campagne: Campagne, *, here: str = "") -> list[tuple[str, str]]:
    """Lead to a campaign, or from it to one of its pages."""
    way = [("Revalorisation", reverse("apa_ash:campagnes"))]
    if not here:
        return [*way, (titre(campagne), "")]
    return [*way, (titre(campagne), reverse("apa_ash:campagne", args=[campagne.pk])), (here, "")]


def tone(campagne: Campagne) -> str:
    """Give the tone of the state of a campaign."""
    return TONES[EtatCampagne(campagne.etat)]


def campagne_row(passage: Passage, campagne: Campagne) -> list[Any]:
    """Give one row of the list of campaigns."""
    etat = EtatCampagne(campagne.etat)
    return [
        {
            "text": _nom(campagne),
            "url": reverse("apa_ash:campagne", args=[campagne.pk]),
        },
        passage.service_name(campagne.service_id),
        notation.jour(campagne.lancee_on),
        notation.nombre(campagne.total),
        notation.nombre(campagne.traites),
        _chiffres(campagne),
        {"text": etat.label, "state": TONES[etat]} if TONES[etat] else etat.label,
    ]


def _nom(campagne: Campagne) -> str:
    day = notation.jour_long(campagne.effet_on)
    return f"Au {day}" if campagne.hypothese_s is None else f"Hypothèse au {day}"


def _chiffres(campagne: Campagne) -> dict[str, str] | str:
    if campagne.hypothese_s is not None:
        return {"text": f"S = {notation.euros(campagne.hypothese_s)}", "state": "wait"}
    return {"text": "Barème provisoire", "state": "stop"} if campagne.provisoire else "Vérifié"


CAMPAGNE_COLUMNS = (
    ("Campagne", False),
    ("Service", False),
    ("Préparée le", False),
    ("Droits", True),
    ("Traités", True),
    ("Chiffres", False),
    ("État", False),
)
