"""What the screens of remissions and withdrawals say: what is asked, of which debt, decided."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django.urls import reverse

from egide.kernel import notation
from egide.kernel.access.passage import Passage
from egide.systems.apa_ash.models import Indu
from egide.systems.apa_ash.models.remise import EtatRemise, NatureRemise, OrigineRemise
from egide.systems.apa_ash.presentation.controle import debtor
from egide.systems.apa_ash.services.remises import RemiseDeSaMain, check_hand

COLUMNS = (
    ("Demandée le", False),
    ("Par", False),
    ("Motif", False),
    ("Décision", False),
)
DEMANDER = {
    NatureRemise.REMISE: "Demander la remise",
    NatureRemise.RETRAIT: "Demander le retrait",
}
# No text suspends the withholding: what was asked says so, with what it rests on.
TEXTES = {
    NatureRemise.REMISE: "CASF D.\u00a0232-31",
    NatureRemise.RETRAIT: "CASF L.\u00a0134-2\u00a0; à la différence du revenu de solidarité "
    "active, L.\u00a0262-46",
}
PAGES = {
    NatureRemise.REMISE: "apa_ash:remise_decision",
    NatureRemise.RETRAIT: "apa_ash:retrait_decision",
}
TONES = {EtatRemise.DEMANDEE: "wait", EtatRemise.ACCORDEE: "ok", EtatRemise.REFUSEE: "stop"}


Facts = list[tuple[str, str]]


def remise_rows(remises: Iterable[Any]) -> list[list[object]]:
    """Give the requests of a debt and what was decided of each."""
    return [
        [
            notation.jour(row.demandee_on),
            f"{row.par}, {tell_origin(row)}",
            row.motif,
            {"text": _decision(row), "state": TONES[EtatRemise(row.etat)]},
        ]
        for row in remises
    ]


def tell_origin(row: Any) -> str:  # noqa: ANN401 -- a request, with who asked
    """Say who asked for a remission, or on what ground a debt is withdrawn."""
    if row.nature == NatureRemise.RETRAIT:
        return str(row.get_fondement_display()).lower()
    asked = row.origine == OrigineRemise.DEBITEUR
    return "demande du débiteur" if asked else "proposition du contrôle"


def _decision(row: Any) -> str:  # noqa: ANN401 -- a request, with who decided
    if row.etat == EtatRemise.DEMANDEE:
        return "à décider"
    e = "" if row.nature == NatureRemise.RETRAIT else "e"
    granted = f"accordé{e}, {notation.euros(row.montant)}" if row.montant else f"refusé{e}"
    day = notation.jour(row.decidee_on)
    return f"{granted}, le {day} par {row.decidee}\u00a0: {row.motif_decision}"


def demandee_rows(passage: Passage, remises: Iterable[Any]) -> list[dict[str, Any]]:
    """Tell each request that waits; what one found or asked is another's to decide."""
    return [
        {
            "remise": row,
            "url": reverse(PAGES[NatureRemise(row.nature)], args=[row.pk]),
            "nature": row.get_nature_display(),
            "dossier": row.dossier,
            "mois": notation.mois_court(row.indu.mois),
            "debiteur": debtor(row.indu, dead=row.dossier.identite.deces_on is not None),
            "service": passage.service_name(row.service_id),
            "reste": notation.euros(row.indu.reste),
            "mine": is_own(passage, row),
        }
        for row in remises
    ]


def is_own(passage: Passage, remise: Any) -> bool:  # noqa: ANN401 -- a request with its debt
    """Tell whether the agent found the debt, or asked its remission."""
    try:
        check_hand(passage, remise, indu=remise.indu)
    except RemiseDeSaMain:
        return True
    return False


def nature_context(nature: NatureRemise) -> dict[str, object]:
    """Give what the pages of a remission and of a withdrawal say differently."""
    return {
        "nature": nature.label,
        "retrait": nature == NatureRemise.RETRAIT,
        "demander": DEMANDER[nature],
        "texte": TEXTES[nature],
    }


def remission_facts(indu: Indu, *, retenue: Decimal | None = None) -> Facts:
    """Give a debt from what was paid in excess to what is left, and what recovers it."""
    facts = [
        ("Versé à tort", notation.euros(indu.montant)),
        ("Recouvré, retenues comprises", notation.euros(indu.recouvre)),
        ("Déjà remis", notation.euros(indu.remis)),
        ("Déjà retiré", notation.euros(indu.retire)),
        ("Reste", notation.euros(indu.reste)),
    ]
    if retenue is not None:
        facts.append(("Retenue par versement, au plus", notation.euros(retenue)))
    return facts


def withdrawal_facts(indu: Indu, *, verse: Decimal, du: Decimal) -> Facts:
    """Give a debt from what was paid to what a withdrawal would leave of it."""
    left = du - indu.recouvre - indu.remis
    facts = [
        ("Versé au débiteur pour le mois", notation.euros(verse)),
        ("Trop-versé réclamé", notation.euros(indu.du)),
        ("Trop-versé, calculé à nouveau", notation.euros(du)),
        ("À retirer", notation.euros(indu.du - du)),
        ("Recouvré, retenues comprises", notation.euros(indu.recouvre)),
        ("Remis", notation.euros(indu.remis)),
        ("Reste après retrait", notation.euros(max(left, Decimal(0)))),
    ]
    if left < 0 and indu.recouvre:
        facts.append(("À rendre par le comptable", notation.euros(min(-left, indu.recouvre))))
    return facts


def is_asked(remises: Iterable[Any]) -> bool:
    """Tell whether a request waits for its decision."""
    return any(row.etat == EtatRemise.DEMANDEE for row in remises)
