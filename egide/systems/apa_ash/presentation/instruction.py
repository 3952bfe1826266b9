"""How instruction shows a file: words of its state, next act, way covered, sums."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django.urls import reverse

from egide.kernel import notation
from egide.rules.apa import delais
from egide.systems.apa_ash.calculs.chiffrage import Partage, retenu_du_droit
from egide.systems.apa_ash.forms.secours import is_elsewhere
from egide.systems.apa_ash.models import Demande, LignePlan, Nir, Piece
from egide.systems.apa_ash.models.demande import Canal, CodePiece, NatureDemande
from egide.systems.apa_ash.models.dossier import FINIS
from egide.systems.apa_ash.models.droit import NatureDecision
from egide.systems.apa_ash.models.personne import Mesure, SourceNir, StatutNir
from egide.systems.apa_ash.models.plan import EtatPlan, NatureAide, Unite
from egide.systems.apa_ash.models.ressources import SourceRessources
from egide.systems.apa_ash.presentation import APA_VERSEE, partage_sums
from egide.systems.apa_ash.presentation.arrets import arrets_of
from egide.systems.apa_ash.queries.courriers import name_of
from egide.systems.apa_ash.queries.parcours import Fait, Parcours
from egide.systems.apa_ash.queries.situation import Situation

FORFAIT = "forfait provisoire, non évalué"
PLAN_COLUMNS = [
    ("Aide", False),
    ("Service", False),
    ("Volume mensuel", True),
    ("Tarif", True),
    ("Montant", True),
]
PIECE_COLUMNS = [("Pièce", False), ("État", False), ("Reçue le", False)]
NIR_TONES = {
    StatutNir.CERTIFIE: "ok",
    StatutNir.REJETE: "stop",
    StatutNir.DECLARE: "wait",
    StatutNir.COHERENT: "wait",
    StatutNir.ATTENTE: "wait",
    StatutNir.ABSENT: "wait",
}


def situation_context(situation: Situation, *, on: date) -> dict[str, Any]:
    """Give the cards of the first screen."""
    droit, protection = situation.droit, situation.protection
    return {
        "situation": situation,
        "nir_label": StatutNir(situation.nir.statut).label,
        "nir_tone": NIR_TONES[StatutNir(situation.nir.statut)],
        "mesure": Mesure(protection.mesure).label if protection else "",
        "gir": _gir(situation.parcours),
        "adresse_ailleurs": is_elsewhere(
            situation.coordonnees.code_postal, departement=situation.dossier.departement_secours
        ),
        "droit_when": f"depuis le {notation.jour(droit.periode.lower)}" if droit else "",
        "droit_sums": _sums(situation, on=on) if droit else [],
        "plan_state": EtatPlan(situation.plan.etat).label if situation.plan else "",
        "plan_rows": [_plan_row(ligne) for ligne in situation.lignes],
        "plan_columns": PLAN_COLUMNS,
        "plan_total": [
            "Total du plan",
            *("", "", ""),
            notation.euros(sum((x.montant_mensuel for x in situation.lignes), start=Decimal(0))),
        ],
        "letters": [
            {
                "name": name_of(row),
                "on": row.cree_on,
                "url": reverse("apa_ash:courrier", args=[row.pk]),
            }
            for row in situation.courriers
        ],
    }


def _gir(parcours: Parcours) -> Fait | None:
    return parcours.last("evaluation")


def _apa(situation: Situation, *, on: date) -> tuple[str, str]:
    """Name the allowance: a payment that a stay or a suspension stops is not said paid."""
    arrets = arrets_of(situation.dossier, situation.interruptions, on=on)
    stopped = [a.non_verse_des for a in arrets if a.non_verse_des and a.stops(on)]
    if not stopped:
        return APA_VERSEE
    return f"APA du droit, non versée depuis le {notation.jour(min(stopped))}", "big"


def _sums(situation: Situation, *, on: date) -> list[dict[str, str]]:
    droit, apa = situation.droit, _apa(situation, on=on)
    if droit is None:
        return []
    if droit.forfait:
        # Nobody has been assessed: the group of the row only gave the amount (CASF R. 232-29).
        return [
            {"label": "GIR", "value": FORFAIT, "weight": ""},
            {"label": apa[0], "value": notation.euros(droit.apa), "weight": apa[1]},
        ]
    partage = Partage(
        plan=droit.plan_mensuel,
        retenu=retenu_du_droit(droit, on=droit.periode.lower),
        participation=droit.participation,
        apa=droit.apa,
    )
    gir = {"label": "GIR", "value": str(droit.gir), "weight": ""}
    taux = droit.taux_participation
    return [gir, *partage_sums(partage, plan="Plan accepté", taux=taux, apa=apa)]


def _plan_row(ligne: LignePlan) -> list[str]:
    volume = (
        notation.heures(ligne.volume_mensuel)
        if ligne.unite == Unite.HEURE
        else f"{notation.nombre(ligne.volume_mensuel)}{notation.NO_BREAK}{Unite(ligne.unite).label}"
    )
    return [
        str(NatureAide(ligne.nature).label),
        ligne.prestataire.nom if ligne.prestataire else "—",
        volume,
        notation.euros(ligne.tarif),
        notation.euros(ligne.montant_mensuel),
    ]


def parcours_steps(situation: Situation, *, on: date) -> list[dict[str, str]]:
    """Give the steps of a file, from request to first payment; those of a revision stop before.

    What the procedure before it did would read as done beside what the revision still asks.
    """
    parcours, revision = situation.parcours, bool(situation.dossier.etat_droit)
    if revision and (asked := parcours.last("recue")):
        parcours = parcours.since(asked.on)
    complete = parcours.last("complete")
    due = {
        "Dossier complet": _due("recue", parcours, delais.accuse_avant),
        "Visite et évaluation": delais.proposition_avant(complete.on) if complete else None,
        "Proposition": delais.proposition_avant(complete.on) if complete else None,
        "Décision": delais.decision_avant(complete.on) if complete else None,
    }
    deciding = parcours.deciding()
    # What an earlier procedure paid is not the first payment of this one.
    paid = parcours.since(deciding.on).first("paiement") if deciding else None
    done = (
        ("Révision demandée" if revision else "Demande reçue", parcours.last("recue"), ""),
        ("Dossier complet", complete, _acknowledged(parcours)),
        ("Visite et évaluation", parcours.last("evaluation"), _graded(parcours)),
        ("Proposition", parcours.last("proposition"), _answered(parcours)),
        ("Décision", deciding, _decided(parcours)),
        *([] if revision else [("Premier paiement", paid, "")]),
    )
    closed = situation.dossier.etat in FINIS
    steps, current = [], not closed
    for label, fait, word in done:
        if fait is not None:
            detail = notation.jour(fait.on) + (f" · {word}" if word else "")
            steps.append({"label": label, "detail": detail, "state": "done", "stopped_by": ""})
            continue
        day = due.get(label)
        late = current and day is not None and day < on
        state = ("late" if late else "now") if current else "todo"
        detail = f"avant le {notation.jour(day)}" if day and not closed else ""
        if label == "Décision" and situation.droit and situation.droit.forfait:
            detail += " · forfait versé en attendant"
        steps.append({"label": label, "detail": detail, "state": state, "stopped_by": ""})
        current = False
    return steps


def _due(kind: str, parcours: Parcours, delay: Any) -> date | None:  # noqa: ANN401 -- a function
    fait = parcours.last(kind)
    day: date | None = delay(fait.on) if fait else None
    return day


def _acknowledged(parcours: Parcours) -> str:
    accuse = parcours.last("accuse")
    return f"accusé le {notation.jour(accuse.on)}" if accuse else ""


def _graded(parcours: Parcours) -> str:
    evaluation = parcours.last("evaluation")
    return f"GIR{notation.NO_BREAK}{evaluation.detail}" if evaluation else ""


def _answered(parcours: Parcours) -> str:
    reponse = parcours.last("reponse")
    if reponse is None:
        return "réponse attendue"
    return f"{EtatPlan(reponse.detail).label.lower()} le {notation.jour(reponse.on)}"


def _decided(parcours: Parcours) -> str:
    decision = parcours.deciding()
    return str(NatureDecision(decision.detail).label).lower() if decision else ""


def demande_context(demande: Demande, pieces: Sequence[Piece]) -> dict[str, Any]:
    """Give the request with its pieces and its clock."""
    return {
        "demande": demande,
        "nature_label": NatureDemande(demande.nature).label,
        "canal_label": Canal(demande.canal).label,
        "accuse_avant": delais.accuse_avant(demande.recue_on),
        "decision_avant": (
            delais.decision_avant(demande.complete_on) if demande.complete_on else None
        ),
        "piece_columns": PIECE_COLUMNS,
        "piece_rows": [_piece_row(piece) for piece in pieces],
    }


def _piece_row(piece: Piece) -> list[Any]:
    if piece.recue_on:
        state = {"text": "Reçue", "state": "ok"}
    elif piece.dispensee_on:
        said = notation.jour(piece.dispensee_on)
        state = {"text": f"Non demandée\u00a0: aucun bien foncier, dit le {said}", "state": "ok"}
    elif piece.reclamee_on:
        state = {"text": f"Réclamée le {notation.jour(piece.reclamee_on)}", "state": "wait"}
    else:
        state = {"text": "Attendue", "state": "wait"}
    return [
        str(CodePiece(piece.code).label),
        state,
        notation.jour(piece.recue_on) if piece.recue_on else "—",
    ]


def nir_context(nir: Nir) -> dict[str, Any]:
    """Give the status of a number, with the source and the day of its verification."""
    source = SourceNir(nir.verifie_aupres).label
    return {
        "nir_label": StatutNir(nir.statut).label,
        "nir_tone": NIR_TONES[StatutNir(nir.statut)],
        "nir_verified": (
            f"auprès de : {source}, le {notation.jour(nir.verifie_on)}" if nir.verifie_on else ""
        ),
        "nir_former": len(nir.anciens),
        "nir_present": bool(nir.nir),
    }


def source_label(source: str) -> str:
    """Give the words of a source of resources."""
    return str(SourceRessources(source).label)
