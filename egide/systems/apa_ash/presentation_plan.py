"""What the screens of a plan show: lines in words, gauge, participation, acts that are open."""

from typing import Any

from egide.kernel import notation
from egide.kernel.access.passage import Passage
from egide.systems.apa_ash.chiffrage import partager_feuille
from egide.systems.apa_ash.forms.plan import RefusPrestataireForm
from egide.systems.apa_ash.models.plan import EtatPlan, Unite
from egide.systems.apa_ash.presentation import partage_sums
from egide.systems.apa_ash.purposes import EVALUATION
from egide.systems.apa_ash.queries.plan import Devis, LigneDevis

TONES = {
    EtatPlan.BROUILLON: "wait",
    EtatPlan.PROPOSE: "info",
    EtatPlan.ACCEPTE: "ok",
    EtatPlan.REFUSE: "stop",
    EtatPlan.SANS_SUITE: "empty",
}
MANY = 2


def panel_context(passage: Passage, *, devis: Devis | None) -> dict[str, Any]:
    """Give the panel of a plan: only the team changes a draft or sends it."""
    if devis is None:
        return {"devis": None}
    mine = passage.purpose == EVALUATION
    etat, editable = EtatPlan(devis.plan.etat), mine and devis.brouillon
    refus_on = devis.plan.refus_prestataire_on
    return {
        "on": passage.on,
        "devis": devis,
        "rows": [(line, volume(line)) for line in devis.lignes],
        "etat_label": etat.label,
        "etat_tone": TONES[etat],
        "editable": editable,
        "refus_form": RefusPrestataireForm(
            initial={"refuse": refus_on is not None, "refus_on": refus_on}
        )
        if editable and (devis.refus_requis or refus_on)
        else None,
        "answerable": etat == EtatPlan.PROPOSE,
        "reponse_url_name": "apa_ash:evaluation_reponse" if mine else "apa_ash:plan_reponse",
        **chiffrage_context(devis),
    }


def chiffrage_context(devis: Devis) -> dict[str, Any]:
    """Give the gauge and the participation of a plan."""
    chiffrage = devis.chiffrage
    return {
        "chiffrage": chiffrage,
        "under_gauge": (
            f"{chiffrage.pour_cent} % du plafond du GIR {devis.plan.gir} "
            f"({notation.euros(chiffrage.plafond)})"
        ),
        "sums": _sums(devis),
        "sheet": chiffrage.feuille.lines() if chiffrage.feuille else (),
    }


def volume(line: LigneDevis) -> str:
    """Write a volume with its unit: « 22 h », « 20 repas », « 1 »."""
    if line.unite == Unite.HEURE:
        return notation.heures(line.volume_mensuel)
    figure = notation.nombre(line.volume_mensuel)
    if line.unite == Unite.FORFAIT:
        return figure
    label = str(Unite(line.unite).label)
    plural = "s" if line.volume_mensuel >= MANY and not label.endswith("s") else ""
    return f"{figure} {label}{plural}"


def _sums(devis: Devis) -> list[dict[str, str]]:
    feuille = devis.chiffrage.feuille
    if feuille is None:
        return []
    ressources = {
        "label": "Ressources mensuelles",
        "value": notation.euros(feuille.ressources_mensuelles),
        "weight": "",
    }
    partage = partager_feuille(feuille)
    taux = feuille.taux_participation
    return [ressources, *partage_sums(partage, plan="Total du plan", taux=taux)]
