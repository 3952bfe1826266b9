"""What the pages of anomalies say of each file: rows of tables."""

from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Any

from django.urls import reverse

from egide.kernel import notation
from egide.systems.apa_ash.models import Prestation
from egide.systems.apa_ash.models.controle import EtatIndu
from egide.systems.apa_ash.presentation.controle import debtor
from egide.systems.apa_ash.queries.apres_deces import ApresDeces
from egide.systems.apa_ash.queries.hors_droit import HorsDroit
from egide.systems.apa_ash.queries.redevenus_dus import RedevenuDu
from egide.systems.apa_ash.services.motifs_hors_droit import write_causes

ABSENT = "—"
REPORTED_COLUMNS = (
    ("Personne", False),
    ("Dossier", False),
    ("Mois", False),
    ("Service", False),
    ("Heures", True),
    ("Facturé", True),
)
IN_HOSPITAL_COLUMNS = (
    *REPORTED_COLUMNS,
    ("Jours à l’hôpital", True),
    ("dont non dus", True),
)
EXCESSIVE_COLUMNS = (
    ("Personne", False),
    ("Dossier", False),
    ("Mois", False),
    ("Service", False),
    ("Heures prévues", True),
    ("Déclarées", True),
    ("Montant prévu", True),
    ("Facturé", True),
    ("Au-delà", False),
)
DUE_AGAIN_COLUMNS = (
    ("Personne", False),
    ("Dossier", False),
    ("Mois", False),
    ("Dû par", False),
    ("Réclamé", True),
    ("Encore dû", True),
    ("État", False),
    ("Suite", False),
)
UNDERUSED_COLUMNS = (
    ("Personne", False),
    ("Dossier", False),
    ("Heures prévues", True),
    ("Réalisées", True),
    ("Écart", True),
    ("Prévu", True),
    ("Facturé", True),
)


def after_death_files(lines: Iterable[ApresDeces]) -> list[dict[str, Any]]:
    """Group by file what follows a death, with the letters that will leave."""
    return _files(
        ((line, "") for line in lines),
        act="apa_ash:apres_deces_reclamation",
        detail=lambda d: f", décès le {notation.jour(d.identite.deces_on)}",
    )


def beyond_right_files(lines: Iterable[HorsDroit]) -> list[dict[str, Any]]:
    """Group by file what is beyond its right, with the reasons of each month."""
    told = ((line, write_causes(line.causes)) for line in lines)
    return _files(told, act="apa_ash:hors_droit_reclamation", detail=lambda _: "")


def _files(
    lines: Iterable[tuple[ApresDeces | HorsDroit, str]],
    *,
    act: str,
    detail: Callable[[Any], str],
) -> list[dict[str, Any]]:
    """Group by file what is left to claim, with the total and the address of the act."""
    files: dict[Any, dict[str, Any]] = {}
    for line, why in lines:
        dossier = line.dossier
        row = files.setdefault(
            dossier.pk,
            {
                "dossier": dossier,
                "identite": dossier.identite,
                "detail": detail(dossier),
                "claim_url": reverse(act, args=[dossier.pk]),
                "lines": [],
                "total": Decimal(0),
            },
        )
        row["total"] += line.reste
        row["lines"].append(
            {
                "payee": line.payee,
                "mois": notation.mois_court(line.mois),
                "pourquoi": why,
                "verse": notation.euros(line.verse),
                "du": notation.euros(line.du),
                "reste": notation.euros(line.reste),
                "constate": notation.euros(line.constate) if line.constate else "",
            }
        )
    return [row | {"span": len(row["lines"])} for row in files.values()]


def reported_rows(rows: Iterable[Prestation]) -> list[list[object]]:
    """Give the rows of hours and invoices reported for a month."""
    return [
        [
            _person(row.dossier),
            {"text": row.dossier.numero, "ref": True},
            notation.mois_court(row.mois),
            row.prestataire.nom,
            ABSENT if row.heures_realisees is None else notation.heures(row.heures_realisees),
            ABSENT if row.montant_facture is None else notation.euros(row.montant_facture),
        ]
        for row in rows
    ]


def in_hospital_rows(rows: Iterable[tuple[Prestation, int, int]]) -> list[list[object]]:
    """Give the rows of what was reported during a stay, with the days that it took and unpaid."""
    return [
        [*told, str(stayed), str(unpaid)]
        for row, stayed, unpaid in rows
        for told in reported_rows([row])
    ]


def due_again_rows(lines: Iterable[RedevenuDu]) -> list[list[object]]:
    """Give the claims that are due again, each with the page that withdraws it."""
    return [
        [
            _person(line.indu.dossier),
            {"text": line.indu.dossier.numero, "ref": True},
            notation.mois_court(line.indu.mois),
            debtor(line.indu, dead=line.indu.dossier.identite.deces_on is not None),
            notation.euros(line.indu.du),
            notation.euros(line.reste_du),
            EtatIndu(line.indu.etat).label,
            _withdrawal(line.indu),
        ]
        for line in lines
    ]


def _withdrawal(indu: Any) -> dict[str, str]:  # noqa: ANN401 -- a debt with its file
    """Give the way out: two hands once it was notified, the control alone before."""
    told = indu.etat == EtatIndu.NOTIFIE
    page = "apa_ash:retrait" if told else "apa_ash:indu_abandon"
    url = reverse(page, args=[indu.dossier_id, indu.pk])
    return {"text": "Demander son retrait" if told else "L’abandonner", "url": url}


def excessive_rows(rows: Iterable[Any], *, facteur: Decimal) -> list[list[object]]:
    """Give the rows of reports far above the plan, with what it asks for and what exceeds it."""
    return [_excessive_row(row, facteur=facteur) for row in rows]


def _excessive_row(row: Any, *, facteur: Decimal) -> list[object]:  # noqa: ANN401 -- annotated
    ((*told, heures, facture),) = reported_rows([row])
    beyond = [
        name
        for name, reported, planned in (
            ("heures", row.heures_realisees, row.prevues),
            ("montant", row.montant_facture, row.prevu),
        )
        if reported is not None and planned is not None and reported > planned * facteur
    ]
    prevues = ABSENT if row.prevues is None else notation.heures(row.prevues)
    return [*told, prevues, heures, notation.euros(row.prevu), facture, " et ".join(beyond)]


def underused_rows(dossiers: Iterable[Any]) -> list[list[object]]:
    """Give the rows of files below their plan, months added."""
    return [
        [
            _person(d),
            {"text": d.numero, "ref": True},
            notation.heures(d.prevues),
            notation.heures(d.realisees),
            f"{notation.heures(d.ecart_heures)} ({notation.pour_cent(d.ecart_heures / d.prevues)})",
            notation.euros(d.prevu),
            notation.euros(d.facture),
        ]
        for d in dossiers
    ]


def _person(dossier: Any) -> dict[str, str]:  # noqa: ANN401 -- a file with its `identite`
    url = reverse("apa_ash:controle_dossier", args=[dossier.pk])
    return {"text": dossier.identite.nom_complet, "url": url}
