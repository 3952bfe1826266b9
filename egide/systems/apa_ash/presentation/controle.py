"""What the screens of the control say and draw: rows of tables, bars of a plot."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.urls import reverse

from egide.kernel import notation
from egide.rules.apa.indu import is_recouvrable
from egide.systems.apa_ash.calculs.effectivite import Mois, PartMois
from egide.systems.apa_ash.models import Indu, ReglementPrestataire
from egide.systems.apa_ash.models.controle import EtatIndu
from egide.systems.apa_ash.models.remise import EtatRemise, NatureRemise
from egide.systems.apa_ash.queries.indus_a_signer import A_RETIRER, weigh_indus
from egide.systems.apa_ash.queries.remises import RETIRABLES

ABSENT = "—"
GAP_COLUMNS = (
    ("Personne", False),
    ("Dossier", False),
    ("Heures prévues", True),
    ("Réalisées", True),
    ("Prévu", True),
    ("Facturé", True),
    ("Versé", True),
    ("Non utilisé", True),
)
MONTH_COLUMNS = (
    ("Mois", False),
    ("Heures prévues", True),
    ("Réalisées", True),
    ("Facturé", True),
    ("Utilisé du plan", True),
    ("APA due", True),
    ("APA versée", True),
    ("Trop-versé à constater", True),
)
INDU_TONES = {
    EtatIndu.CONSTATE: "wait",
    EtatIndu.PROPOSE: "wait",
    EtatIndu.NOTIFIE: "info",
    EtatIndu.RECOUVRE: "ok",
    EtatIndu.NON_RECOUVRE: "ok",
    EtatIndu.REMIS: "ok",
    EtatIndu.RETIRE: "quiet",
}
REGLEMENT_COLUMNS = (("À partir de", False), ("Mode de règlement", False), ("", False))
HEIGHT, STEP, BAR, BASE = 120, 56, 18, 140


def _hours(value: Decimal | None) -> str:
    return ABSENT if value is None else notation.heures(value)


def _euros(value: Decimal | None) -> str:
    return ABSENT if value is None else notation.euros(value)


def reglement_rows(rows: Iterable[ReglementPrestataire], *, on: date) -> list[list[object]]:
    """Give the choices made for a service, the last one first, and say which one is in force."""
    found: list[list[object]] = []
    in_force = False
    for row in rows:
        state = {"text": "à venir", "state": "wait"}
        if row.depuis <= on:
            state = {"text": "terminé", "state": "quiet"}
            if not in_force:
                state, in_force = {"text": "en vigueur", "state": "ok"}, True
        name = f"{notation.MOIS[row.depuis.month - 1]} {row.depuis.year}"
        found.append([name, row.get_mode_display(), state])
    return found


def gap_rows(dossiers: Iterable[Any]) -> list[list[object]]:
    """Give the rows of the ranked list."""
    return [
        [
            {
                "text": d.identite.nom_complet,
                "url": reverse("apa_ash:controle_dossier", args=[d.pk]),
            },
            {"text": d.numero, "ref": True},
            _hours(d.heures_prevues),
            _hours(d.heures_realisees),
            _euros(d.prevu),
            _euros(d.facture),
            _euros(d.verse),
            "Aucun relevé" if d.ecart is None else _part(d.ecart, d.prevu),
        ]
        for d in dossiers
    ]


def _part(ecart: Decimal, prevu: Decimal | None) -> str:
    return f"{notation.euros(ecart)} ({notation.pour_cent(ecart / prevu)})" if prevu else ABSENT


def month_rows(
    months: Sequence[Mois], *, constates_dus: Mapping[date, Decimal]
) -> list[list[object]]:
    """Give the rows of a file's months, the last one first."""
    return [
        [
            f"{name_of(month)} (hospitalisation)" if month.hospitalise else name_of(month),
            _hours(month.heures_prevues),
            _hours(month.heures_realisees),
            _euros(month.facture),
            _used(month),
            notation.euros(month.justifie),
            notation.euros(month.verse),
            _excess(month, du=constates_dus.get(month.mois, Decimal(0))),
        ]
        for month in reversed(months)
    ]


def contradictions(months: Iterable[Mois]) -> list[str]:
    """Say which months a service reports help for, that the person spent in hospital."""
    return [
        f"{name_of(m)} : {_hours(m.heures_realisees)} réalisées, {_euros(m.facture)} facturés"
        for m in months
        if m.contradiction
    ]


def _excess(month: Mois, *, du: Decimal) -> object:
    left = notation.euros(month.ecart) if month.ecart else ABSENT
    if not month.constate:
        return left
    told = f"{left} (déjà constaté\u00a0: {notation.euros(month.constate)})"
    if not du:
        return told
    return {"text": f"{told}, constaté mais dû\u00a0: {notation.euros(du)}", "state": "wait"}


def not_owed(constates_dus: Mapping[date, Decimal]) -> list[str]:
    """Say which months were recorded as an excess and are due since: what to withdraw."""
    return [
        f"{notation.mois_court(mois)}\u00a0: {notation.euros(du)}"
        for mois, du in sorted(constates_dus.items())
        if du
    ]


def _used(month: Mois) -> str:
    if not month.prevu:
        return ABSENT
    return "Aucun relevé" if month.sans_releve else notation.euros(month.utilise)


def name_of(month: Mois) -> str:
    """Name a month: « nov. 2026 »."""
    return notation.mois_court(month.mois)


def plot(months: Sequence[Mois]) -> dict[str, Any]:
    """Place the bars of planned and delivered hours, on one scale."""
    tallest = max(
        (max(m.heures_prevues, m.heures_realisees or Decimal(0)) for m in months),
        default=Decimal(0),
    )
    return {
        "width": STEP * len(months),
        "bars": [
            {
                "label": notation.MOIS_COURTS[m.mois.month - 1],
                "middle": STEP * n + STEP // 2,
                "planned": _bar(m.heures_prevues, tallest, x=STEP * n + 8),
                "delivered": _bar(m.heures_realisees or Decimal(0), tallest, x=STEP * n + 8 + BAR),
            }
            for n, m in enumerate(months)
        ],
    }


def _bar(value: Decimal, tallest: Decimal, *, x: int) -> dict[str, object]:
    height = value * HEIGHT / tallest if tallest else Decimal(0)
    return {"x": x, "y": f"{BASE - height:.1f}", "height": f"{height:.1f}"}


def indu_rows(indus: Iterable[Any], *, dead: bool) -> list[dict[str, Any]]:
    """Give what the page of a file says of each debt, and who owes it."""
    return [
        {
            "indu": indu,
            "mois": f"{notation.MOIS[indu.mois.month - 1]} {indu.mois.year}",
            "debiteur": debtor(indu, dead=dead),
            "tone": INDU_TONES[EtatIndu(indu.etat)],
            "notified": indu.etat == EtatIndu.NOTIFIE,
            "retirable": indu.etat in RETIRABLES,
            "abandonnable": indu.etat in A_RETIRER,
            "remise": _told_of(indu.remise),
            "remise_demandee": bool(indu.remise) and indu.remise["nature"] == NatureRemise.REMISE,
        }
        for indu in indus
    ]


def _told_of(remise: Mapping[str, Any] | None) -> str:
    """Tell the last request of a debt in a line: asked, granted or refused, when and why."""
    if remise is None:
        return ""
    withdrawal = remise["nature"] == NatureRemise.RETRAIT
    name, e = ("Retrait", "") if withdrawal else ("Remise", "e")
    if remise["etat"] == EtatRemise.DEMANDEE:
        day = notation.jour(date.fromisoformat(remise["demandee_on"]))
        return f"{name} demandé{e} le {day}, à décider\u00a0: {remise['motif']}"
    day = notation.jour(date.fromisoformat(remise["decidee_on"]))
    if remise["etat"] == EtatRemise.REFUSEE:
        return f"{name} refusé{e} le {day}\u00a0: {remise['motif_decision']}"
    granted = notation.euros(Decimal(remise["montant"]))
    return f"{name} de {granted} le {day}\u00a0: {remise['motif_decision']}"


def debtor(indu: Indu, *, dead: bool) -> str:
    """Name whoever was paid, and owes."""
    if indu.prestataire is not None:
        return indu.prestataire.nom
    return "La succession" if dead else "La personne"


def to_notify(indus: Sequence[Indu], *, dead: bool, on: date) -> list[dict[str, Any]]:
    """Give each payee whose debts wait, with their total, and whether it may be claimed."""
    waiting: dict[UUID | None, list[Indu]] = {}
    for indu in indus:
        if indu.etat == EtatIndu.CONSTATE:
            waiting.setdefault(indu.prestataire_id, []).append(indu)
    return [
        {
            "prestataire": str(payee or ""),
            "nom": debtor(found[0], dead=dead),
            "total": notation.euros(sum(indu.reste for indu in found)),
            "recouvrable": is_recouvrable(
                weigh_indus(
                    indus,
                    prestataire_id=payee,
                    found=[(indu.mois, indu.constate_on) for indu in found],
                ),
                on=on,
            ),
        }
        for payee, found in waiting.items()
    ]


def undue_months(
    months: Iterable[Mois], names: Mapping[UUID, str], *, dead: bool
) -> list[tuple[str, str]]:
    """Give what each payee was paid in excess and is left to record, as choices of a form."""
    return [
        (_value(m, part), f"{name_of(m)}, {_payee(part, names, dead=dead)} : {_detail(part)}")
        for m in months
        for part in m.parts
        if part.ecart
    ]


def _value(month: Mois, part: PartMois) -> str:
    payee = f"/{part.beneficiaire}" if part.beneficiaire else ""
    return f"{month.mois:%Y-%m}{payee}"


def _payee(part: PartMois, names: Mapping[UUID, str], *, dead: bool) -> str:
    if part.beneficiaire:
        return f"versé à {names[part.beneficiaire]}"
    return "versé à la personne, dû par la succession" if dead else "versé à la personne"


def _detail(part: PartMois) -> str:
    told = []
    if part.apres_deces:
        told.append(f"dont {notation.euros(part.apres_deces)} après le décès")
    if part.hors_droit:
        told.append(f"dont {notation.euros(part.hors_droit)} au-delà du droit")
    if part.constate:
        told.append(f"{notation.euros(part.constate)} déjà constatés en sont déduits")
    detail = f" ({', '.join(told)})" if told else ""
    return notation.euros(part.ecart) + detail
