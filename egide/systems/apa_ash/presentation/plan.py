"""What the screens of a plan show: lines in words, gauge, participation, acts that are open."""

from decimal import Decimal
from typing import Any

from egide.kernel import notation
from egide.kernel.access.passage import Passage
from egide.rules.apa.domicile import MONTANT_NON_VERSE
from egide.systems.apa_ash.calculs.chiffrage import partager_feuille
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
    feuille = chiffrage.feuille
    # Nothing is planned yet: the threshold below which nothing is paid would read as a refusal.
    empty = feuille and not feuille.plan_mensuel and feuille.motif == MONTANT_NON_VERSE
    return {
        "chiffrage": chiffrage,
        "under_gauge": (
            f"{chiffrage.pour_cent} % du plafond du GIR {devis.plan.gir} "
            f"({notation.euros(chiffrage.plafond)})"
        ),
        "sums": _sums(devis),
        "sheet": feuille.lines() if feuille else (),
        "motif": feuille.motif if feuille and not empty else "",
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


def excess_said(retenable: Decimal) -> str:
    """Say what to do with an aid that the year does not hold."""
    if retenable:
        said = (
            f"Aide ajoutée au brouillon, mais {notation.euros(retenable)} au plus peuvent être "
            "retenus : retirez-la et ajoutez-la pour cette somme. La proposition ne peut pas "
            "partir avant ; le surplus reste à la charge de la personne."
        )
    else:
        said = (
            "Aide ajoutée au brouillon, mais l’année ne laisse rien à retenir pour elle : "
            "retirez-la. La proposition ne peut pas partir avant."
        )
    return notation.insecable(said)
