"""What every screen of one file shows at its head, whatever the tab."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.urls import NoReverseMatch, reverse

from egide.kernel import notation
from egide.kernel.access.passage import Passage
from egide.rules.apa import delais
from egide.rules.apa.controle import jours_avant_revision
from egide.systems.apa_ash.calculs.chiffrage import Partage
from egide.systems.apa_ash.models import Dossier, Interruption
from egide.systems.apa_ash.models.dossier import FINIS, Echeance, Etat
from egide.systems.apa_ash.models.personne import Sexe
from egide.systems.apa_ash.presentation.arrets import arrets_of, tell_arret
from egide.systems.apa_ash.purposes import CONTROLE, EVALUATION, INSTRUCTION
from egide.systems.apa_ash.queries.decision import EN_INSTRUCTION
from egide.systems.apa_ash.queries.interruptions import list_interruptions
from egide.systems.apa_ash.queries.silence import Silence, read_silence
from egide.systems.apa_ash.retention import in_use_until

APA_VERSEE = ("APA versée", "big ok")
FORFAIT_DU = "Deux mois sans décision\u00a0: forfait tacite dû"

TABS = {
    INSTRUCTION: (
        ("situation", "Situation", "apa_ash:dossier"),
        ("demande", "Demande", "apa_ash:demande"),
        ("ressources", "Ressources", "apa_ash:ressources"),
        ("plan", "Plan d’aide", "apa_ash:plan"),
        ("decision", "Décision", "apa_ash:decision"),
        ("courriers", "Courriers", "apa_ash:courriers"),
        ("journal", "Journal", "apa_ash:journal"),
    ),
    EVALUATION: (
        ("situation", "Situation", "apa_ash:evaluation_dossier"),
        ("aggir", "Grille AGGIR", "apa_ash:aggir"),
        ("plan", "Plan d’aide", "apa_ash:evaluation_plan"),
    ),
    CONTROLE: (
        ("situation", "Effectivité", "apa_ash:controle_dossier"),
        ("factures", "Factures", "apa_ash:factures"),
        ("justificatifs", "Justificatifs et courriers", "apa_ash:justificatifs"),
    ),
}

TONES = {
    Etat.RECU: "wait",
    Etat.INCOMPLET: "wait",
    Etat.COMPLET: "wait",
    Etat.VISITE: "wait",
    Etat.EVALUE: "wait",
    Etat.PROPOSE: "wait",
    Etat.ACCEPTE: "wait",
    Etat.OUVERT: "ok",
    Etat.SUSPENDU: "stop",
    Etat.REJETE: "stop",
    Etat.RETIREE: "quiet",
    Etat.CLOS: "quiet",
}


def dossier_context(
    passage: Passage,
    dossier: Dossier,
    *,
    tab: str,
    interruptions: Sequence[Interruption] | None = None,
    silence: Silence | None = None,
) -> dict[str, Any]:
    """Give `apa_ash/dossier/base.html` its head: person, state, stays, deadline, retention, tabs.

    `interruptions` and `silence` spare the statements of a page that has read them, or has none
    left to spend.
    """
    known = list_interruptions(passage, dossier=dossier) if interruptions is None else interruptions
    journal = _reverse("apa_ash:journal", dossier) if passage.purpose == INSTRUCTION else ""
    return {
        "dossier": dossier,
        "identite": dossier.identite,
        "on": passage.on,
        "person": {
            "kind": f"APA à domicile · dossier n° {dossier.numero}",
            "name": dossier.identite.nom_complet,
            "facts": _facts(dossier, on=passage.on),
            **_state(passage, dossier),
            "stops": [
                tell_arret(arret, on=passage.on)
                for arret in arrets_of(dossier, known, on=passage.on)
            ],
            **_deadline(passage, dossier, silence),
            "kept": _kept(dossier),
            "why_url": f"{journal}#pourquoi" if journal else "",
            "who_url": f"{journal}#consultations" if journal else "",
        },
        "tabs": _tabs(passage, dossier, current=tab),
    }


def _deadline(passage: Passage, dossier: Dossier, silence: Silence | None) -> dict[str, Any]:
    """Tell what a file awaits next; what silence has granted comes first, as in the worklist."""
    if passage.purpose == INSTRUCTION and dossier.etat in EN_INSTRUCTION:
        known = silence or read_silence(passage, dossier=dossier)
        if known.complete_on and known.is_due(dossier, on=passage.on):
            due_on = delais.decision_avant(known.complete_on)
            return {"deadline": due_on, "deadline_what": FORFAIT_DU, "deadline_exact": False}
    return {
        "deadline": dossier.echeance_on,
        "deadline_what": Echeance(dossier.echeance).label if dossier.echeance else "",
        "deadline_exact": dossier.echeance == Echeance.FIN,
    }


def etat_label(etat: str, *, etat_droit: str = "", fin_on: date | None = None) -> str:
    """Give the words of a state; the right that goes on comes before the revision of it.

    `fin_on` is the last day of a right that was signed to end.
    """
    said = f"{Etat(etat_droit).label}, révision en cours" if etat_droit else str(Etat(etat).label)
    ahead = fin_on is not None and etat not in FINIS
    return f"{said}, se termine le {notation.jour(fin_on)}" if ahead and fin_on else said


def etat_tone(etat: str, *, etat_droit: str = "") -> str:
    """Give the tone of a state: that of the right while it goes on."""
    return TONES[Etat(etat_droit or etat)]


def mixes_services(passage: Passage) -> bool:
    """Tell whether the lists of this passage hold files of several services."""
    return len({o.service_id for o in passage.openings}) > 1


def revision_due(dossier: Dossier, *, on: date) -> bool:
    """Tell whether the periodic revision is near enough to be begun; earlier, nothing insists."""
    day = dossier.echeance_on
    revision = dossier.echeance == Echeance.REVISION
    return revision and day is not None and day <= on + timedelta(days=jours_avant_revision(on))


def partage_sums(
    partage: Partage, *, plan: str, taux: Decimal, apa: tuple[str, str] = APA_VERSEE
) -> list[dict[str, str]]:
    """Tell who pays a plan: what passes the ceiling is told apart from the participation."""
    rows = [
        (plan, notation.euros(partage.plan), ""),
        ("Plan retenu", notation.euros(partage.retenu), ""),
        ("Taux de participation", notation.taux(taux), ""),
    ]
    if partage.plan > partage.retenu:
        rows += [
            ("Participation au plan retenu", notation.euros(partage.participation), ""),
            ("Dépassement du plafond", notation.euros(partage.depassement), ""),
        ]
    rows += [
        ("À la charge de la personne", notation.euros(partage.reste), "big"),
        (apa[0], notation.euros(partage.apa), apa[1]),
    ]
    return [dict(zip(("label", "value", "weight"), row, strict=True)) for row in rows]


def _state(passage: Passage, dossier: Dossier) -> dict[str, str]:
    """Tell the state of the right, then where its revision stands."""
    # The catalogue gives the state of the right to these two purposes alone.
    reads = passage.purpose in {INSTRUCTION, EVALUATION}
    droit = dossier.etat_droit if reads else ""
    return {
        "state": etat_tone(dossier.etat, etat_droit=droit),
        "state_label": etat_label(dossier.etat, etat_droit=droit, fin_on=dossier.fin_droit_on),
        "procedure": f"Révision\u00a0: {str(Etat(dossier.etat).label).lower()}" if droit else "",
    }


def _facts(dossier: Dossier, *, on: date) -> list[str]:
    identite = dossier.identite
    born = "née" if identite.sexe == Sexe.FEMININ else "né"
    if identite.nom_naissance != identite.nom:
        born = f"{born} {identite.nom_naissance}"
    facts = [f"{born} le {notation.jour_long(identite.naissance_on)}"]
    if identite.deces_on:
        dead = "décédée le" if identite.sexe == Sexe.FEMININ else "décédé le"
        facts.append(f"{dead} {notation.jour_long(identite.deces_on)}")
    else:
        facts.insert(0, notation.age(identite.naissance_on, on))
    return facts


def _kept(dossier: Dossier) -> str:
    """Say until when a file that is over stays in use; its page tells what may hold it longer."""
    if dossier.etat in FINIS:
        return f"base active jusqu’au {notation.jour_long(in_use_until(dossier))}"
    return ""


def _tabs(passage: Passage, dossier: Dossier, *, current: str) -> list[tuple[str, str, bool]]:
    return [
        (label, url, code == current)
        for code, label, name in TABS.get(passage.purpose, ())
        if (url := _reverse(name, dossier))
    ]


def _reverse(name: str, dossier: Dossier) -> str:
    try:
        return reverse(name, args=[dossier.pk])
    except NoReverseMatch:
        return ""
