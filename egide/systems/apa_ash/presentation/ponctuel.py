"""What the screens of répit, one-off aids and relay show: granted, used, left, next step."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.forms import Form

from egide.kernel import notation
from egide.kernel.refus import ActeRefuse
from egide.systems.apa_ash.forms.champs import form_of
from egide.systems.apa_ash.forms.ponctuel import (
    AccordRelaisForm,
    JustificatifForm,
    RefusRelaisForm,
    RetraitFactureForm,
    SortieRelaisForm,
)
from egide.systems.apa_ash.models import Relais
from egide.systems.apa_ash.models.ponctuel import EtatRelais
from egide.systems.apa_ash.models.signature import EtatProjet
from egide.systems.apa_ash.presentation.signature import Propose, propose_of_relais
from egide.systems.apa_ash.queries.decision import Situation
from egide.systems.apa_ash.queries.ponctuel import Ouverte
from egide.systems.apa_ash.services.relais import share_relais

OUVERTE_COLUMNS = [
    ("Aide", False),
    ("Du", False),
    ("Au", False),
    ("Accordé", True),
    ("Utilisé", True),
    ("Reste", True),
]
TONES = {
    EtatRelais.DEMANDE: "wait",
    EtatRelais.ACCORDE: "ok",
    EtatRelais.REFUSE: "stop",
    EtatRelais.CLOS: "empty",
}


def ouverte_rows(ouvertes: Iterable[Ouverte]) -> list[tuple[object, ...]]:
    """Tell what was granted upon invoices, what is used and what is left."""
    return [
        (
            f"{o.libelle}\u00a0: {o.objet}",
            notation.jour(o.debut),
            notation.jour(_last_day(o)) if o.fin else "en cours",
            f"{notation.euros(o.accorde)}{' par an' if o.annuelle else ''}",
            notation.euros(o.utilise),
            notation.euros(o.reste),
        )
        for o in ouvertes
    ]


def _last_day(ouverte: Ouverte) -> Any:  # noqa: ANN401 -- a day, as `notation` takes it
    fin = ouverte.fin
    return fin and fin.fromordinal(fin.toordinal() - 1)


@dataclass(frozen=True, slots=True)
class LigneRelais:
    """One stay of a carer as the page shows it, with the forms of what may follow."""

    relais: Relais
    tone: str
    sums: list[dict[str, str]]
    empechement: str
    etapes: Sequence[tuple[str, str, Form]]
    projet: Propose | None


def relais_rows(
    relais: Iterable[Any], *, situation: Situation, refused: Form | None = None
) -> list[LigneRelais]:
    """Give each stay what would be retained, or what was and what is left of it.

    While a decision is proposed on it, no other one is. The step that was `refused` keeps what was
    typed.
    """
    rows = []
    for item in relais:
        sums, empechement = _sums(item, situation=situation)
        projet = propose_of_relais(item.propose)
        waits = projet is not None and projet.etat == EtatProjet.PROPOSE
        etapes = () if waits else _etapes(item, refused)
        tone = TONES[EtatRelais(item.etat)]
        rows.append(LigneRelais(item, tone, sums, empechement, etapes, projet))
    return rows


def _sums(
    relais: Any,  # noqa: ANN401 -- a relay, with what its invoices used
    *,
    situation: Situation,
) -> tuple[list[dict[str, str]], str]:
    cout = ("Coût prévu", relais.cout)
    if relais.retenu is not None and relais.plafond is not None:
        return _written(
            cout,
            ("Plafond par hospitalisation", relais.plafond),
            ("Montant retenu", relais.retenu),
            ("Utilisé", relais.utilise),
            ("Reste", relais.retenu - relais.utilise),
        ), ""
    if relais.etat != EtatRelais.DEMANDE:
        return _written(cout), ""
    try:
        _, partage = share_relais(situation, relais=relais)
    except ActeRefuse as refusal:
        return _written(cout), str(refusal)
    return _written(
        cout,
        ("Serait retenu, sous le plafond", partage.retenu),
        ("Participation de la personne", partage.participation),
        ("Versé par le département", partage.apa),
    ), ""


def _written(*rows: tuple[str, Decimal]) -> list[dict[str, str]]:
    return [{"label": label, "value": notation.euros(value), "weight": ""} for label, value in rows]


ETAPES: dict[str, tuple[str, type[Form]]] = {
    "justificatif": ("Enregistrer le justificatif", JustificatifForm),
    "accord": ("Proposer l’accord", AccordRelaisForm),
    "refus": ("Proposer le refus", RefusRelaisForm),
    "sortie": ("Enregistrer la sortie", SortieRelaisForm),
}


def _etapes(relais: Relais, refused: Form | None) -> list[tuple[str, str, Form]]:
    found = []
    for code in _next_steps(relais):
        label, form_class = ETAPES[code]
        found.append((code, label, form_of(relais.pk, form_class, refused=refused)))
    return found


def _next_steps(relais: Relais) -> tuple[str, ...]:
    if relais.etat == EtatRelais.ACCORDE:
        return ("sortie",)
    if relais.etat != EtatRelais.DEMANDE:
        return ()
    return "justificatif" if relais.justifie_on is None else "accord", "refus"


def facture_rows(
    factures: Iterable[Any], *, refused: RetraitFactureForm | None = None
) -> list[dict[str, Any]]:
    """Tell each invoice, what is retained of it, and how it may be withdrawn, `refused` or not."""
    return [
        {
            "facture": facture,
            "taux": notation.taux(facture.taux_participation),
            "a_charge": facture.montant - facture.a_verser,
            "ouverte": facture.retiree_on is None and not facture.payee_on,
            "retirer": form_of(facture.pk, RetraitFactureForm, refused=refused),
            "apres_sortie": facture.sortie_on is not None
            and facture.depense_on > facture.sortie_on,
        }
        for facture in factures
    ]
