"""What the screens of payment say of a run: words, tones, rows of tables."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from django.urls import reverse

from egide.kernel import notation
from egide.kernel.access.passage import Passage
from egide.rules.apa.delais import paiement_avant
from egide.rules.apa.montants import is_provisional
from egide.rules.money import round_to_cent
from egide.systems.apa_ash.calculs.anomalies_du_lot import BLOQUANTES, LIBELLES, UNE_A_UNE, Anomalie
from egide.systems.apa_ash.models import LotPaiement, Paiement
from egide.systems.apa_ash.models.paiement import EtatLot
from egide.systems.apa_ash.queries.lot import Totals
from egide.systems.apa_ash.queries.lot_ligne import Fait
from egide.systems.apa_ash.queries.lot_perime import NAMED, Perime, Touchees

TONES = {
    EtatLot.PREPARE: "wait",
    EtatLot.VALIDE: "info",
    EtatLot.EMIS: "ok",
    EtatLot.ABANDONNE: "stop",
}
TOTALS = {
    EtatLot.PREPARE: ("Total à verser", "big ok"),
    EtatLot.VALIDE: ("Total à verser", "big ok"),
    EtatLot.EMIS: ("Total versé", "big ok"),
    EtatLot.ABANDONNE: ("Total préparé, jamais versé", ""),
}
ABSENT = "—"
COLUMNS = (
    ("Personne", False),
    ("Dossier", False),
    ("Versé à", False),
    ("Mois dû", False),
    ("Dû", True),
    ("Retenue", True),
    ("Versé", True),
    ("À examiner", False),
)


def lot_context(
    passage: Passage,
    lot: LotPaiement,
    *,
    totals: Totals,
    before: Decimal | None,
    anomalies: Sequence[tuple[Anomalie, int, int]],
    stale: Perime,
) -> dict[str, Any]:
    """Give the page of a run all that does not depend on the lines shown."""
    return {
        "lot": lot,
        "on": passage.on,
        "mois": month(lot),
        "service": passage.service_name(lot.service_id),
        "tone": TONES[EtatLot(lot.etat)],
        "limite_on": paiement_avant(lot.mois),
        "provisoire": is_provisional(lot.mois),
        "prepared_by_me": lot.prepare_par_id == passage.agent.pk,
        "totals": totals,
        "changed": stale.any,
        "stale": stale,
        "touched": [
            _touched(label, found)
            for label, found in (
                ("Comptes changés", stale.comptes),
                ("Décès enregistrés depuis", stale.deces),
            )
            if found.total
        ],
        "dues": [
            {
                "dossier": f"{due.nom}, n°\u00a0{due.numero}",
                "url": reverse("apa_ash:paiement_ligne", args=[due.ligne_id]),
                "mois": f"{notation.MOIS_COURTS[due.mois.month - 1]} {due.mois.year}",
                "prepare": notation.euros(due.prepare),
                "du": notation.euros(due.du),
            }
            for due in stale.dues[:NAMED]
        ],
        "more_dues": max(len(stale.dues) - NAMED, 0),
        "sums": _sums(totals, etat=EtatLot(lot.etat), before=before),
        "columns": COLUMNS,
        "anomalies": [
            {
                "code": code.value,
                "label": LIBELLES[code],
                "motif_label": f"Motif du maintien\u00a0: {LIBELLES[code]}",
                "count": count,
                "alone": 0 if code in BLOQUANTES | UNE_A_UNE else alone,
            }
            for code, count, alone in anomalies
        ],
    }


def _touched(label: str, found: Touchees) -> dict[str, Any]:
    return {
        "label": label,
        "total": found.total,
        "more": found.total - len(found.lignes),
        "lines": [
            {
                "text": f"{line.dossier.identite.nom_complet}, n°\u00a0{line.dossier.numero}",
                "mois": notation.mois_court(line.mois_du),
                "url": reverse("apa_ash:paiement_ligne", args=[line.pk]),
            }
            for line in found.lignes
        ],
    }


def month(lot: LotPaiement) -> str:
    """Name the month of a run: « novembre 2026 »."""
    return f"{notation.MOIS[lot.mois.month - 1]} {lot.mois.year}"


def _sums(totals: Totals, *, etat: EtatLot, before: Decimal | None) -> list[dict[str, str]]:
    label, weight = TOTALS[etat]
    rows = [
        ("Dû", notation.euros(totals.brut), ""),
        ("dont mois antérieurs (rappels, heures reçues)", notation.euros(totals.rappels), ""),
        ("Retenues sur indus (20 % au plus)", notation.euros(-totals.retenue), ""),
        ("Versé aux personnes", notation.euros(totals.personnes), ""),
        ("Versé aux services", notation.euros(totals.services), ""),
        (label, notation.euros(totals.montant), weight),
    ]
    if before is not None:
        gap = totals.montant - before
        signed = f"+{notation.euros(gap)}" if gap > 0 else notation.euros(gap)
        rows.append(("Écart avec le mois précédent", signed, ""))
    return [{"label": label, "value": value, "weight": weight} for label, value, weight in rows]


def service_fait_sums(fait: Fait | None) -> list[dict[str, str]]:
    """Tell from which hours the line of a service comes, step by step."""
    if fait is None:
        return []
    plans, releve = fait.plans, fait.releve
    planned = "Heures prévues au plan"
    if len(plans.plans) > 1:
        planned = "Heures prévues, moyenne des plans selon leurs jours"
    rows = [
        (planned, notation.heures(plans.prevu.heures)),
        ("Heures réalisées", ABSENT if releve.heures is None else notation.heures(releve.heures)),
        ("Facturé", ABSENT if releve.facture is None else notation.euros(releve.facture)),
    ]
    if plans.is_received(releve):
        used, worth = round_to_cent(plans.utilise(releve)), notation.euros(plans.worth(releve))
        rows += [
            ("Part utilisée du plan, à ses tarifs", notation.euros(used)),
            ("Participation de la personne", notation.taux(plans.taux_participation)),
            ("Dû au service, dans la limite de sa part du mois", worth),
        ]
    return [{"label": label, "value": value, "weight": ""} for label, value in rows]


def line_rows(lines: Iterable[Paiement]) -> list[list[object]]:
    """Give the rows of the table of lines."""
    return [
        [
            {
                "text": line.dossier.identite.nom_complet,
                "url": reverse("apa_ash:paiement_ligne", args=[line.pk]),
            },
            {"text": line.dossier.numero, "ref": True},
            line.prestataire.nom if line.prestataire else "La personne",
            _month(line),
            notation.euros(line.montant_brut),
            notation.euros(line.retenue) if line.retenue else "—",
            "Écarté" if line.ecarte else notation.euros(line.montant),
            _state(line),
        ]
        for line in lines
    ]


def _month(line: Paiement) -> str:
    month = notation.mois_court(line.mois_du)
    return f"{month}, facture {line.facture.reference}" if line.facture else month


def _state(line: Paiement) -> str:
    if not line.anomalie:
        return "—"
    labels = ", ".join(LIBELLES[Anomalie(code)] for code in line.anomalie.split())
    if line.ecarte:
        return f"Écartée\u00a0: {line.examen}"
    if line.examen:
        return f"Maintenue\u00a0: {line.examen}"
    # Plain text wraps where a chip would be cut: a line may carry several anomalies.
    return f"À examiner\u00a0: {labels}"
