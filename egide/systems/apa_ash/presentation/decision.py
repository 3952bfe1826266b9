"""What the Décision tab shows: what can be done, what was decided, what each month gives."""

from collections.abc import Collection, Iterable
from datetime import date
from decimal import Decimal
from typing import Any

from egide.kernel import notation
from egide.rules.apa.feuille import FeuilleDeCalcul
from egide.systems.apa_ash.calculs.chiffrage import partager_feuille, retenu_du_droit
from egide.systems.apa_ash.models import Decision, Droit, Identite, Interruption
from egide.systems.apa_ash.models.droit import NatureDecision, NatureInterruption
from egide.systems.apa_ash.models.personne import Sexe
from egide.systems.apa_ash.models.signature import Ordre
from egide.systems.apa_ash.presentation import partage_sums, revision_due
from egide.systems.apa_ash.presentation.mois import (
    BAR_STEP,
    BAR_WIDTH,
    CHART_HEIGHT,
    list_months,
)
from egide.systems.apa_ash.queries.annulation import deces_a_annuler
from egide.systems.apa_ash.queries.decision import (
    Situation,
    is_open,
    stored_lines,
)
from egide.systems.apa_ash.services.desistements import is_withdrawable
from egide.systems.apa_ash.services.droit_en_cours import droit_continue
from egide.systems.apa_ash.services.forfaits import urgence_possible
from egide.systems.apa_ash.services.nouvelles_demandes import is_renewable
from egide.systems.apa_ash.services.silence import is_late, tacite_effet

COLUMNS_DECISIONS = [
    ("Prise le", False),
    ("Décision", False),
    ("À effet du", False),
    ("Motif", False),
]
# Most files have none: the column would cut the others on a tablet.
COLUMN_DEJA_VERSE = ("Déjà versé", True)
# A fact to weigh with what follows: nothing follows a refusal.
DEJA_VERSE = {
    NatureDecision.ACCORD: "au titre de l’avance",
    NatureDecision.FIN: "au-delà du droit",
}
COLUMNS_DROITS = [
    ("Du", False),
    ("Au", False),
    ("GIR", True),
    ("Plan accepté", True),
    ("Plan retenu", True),
    ("Participation", True),
    ("APA", True),
]
COLUMNS_MOIS = [("Mois", False), ("Jours dus", True), ("Montant dû", True)]

ON_THE_REQUEST = frozenset({Ordre.DEMANDE, Ordre.SILENCE})
TONES = {
    NatureDecision.ACCORD: "ok",
    NatureDecision.REPRISE: "ok",
    NatureDecision.MAINTIEN: "ok",
    NatureDecision.REJET: "stop",
    NatureDecision.SUSPENSION: "stop",
}


def decision_context(
    situation: Situation, *, on: date, heads: bool, proposed: Collection[Ordre], warned: bool
) -> dict[str, Any]:
    """Give the tab its acts, its history and its months.

    Who `heads` the service undoes a death; while a decision is `proposed`, no other one of its
    order is; a person who is `warned` is not warned again, but may have put things right.
    """
    months = list_months(situation, on=on)
    return {
        "actes": list(list_actes(situation, on=on, proposed=proposed, warned=warned)),
        "annulable": heads and deces_a_annuler(situation) is not None,
        "calm": not ON_THE_REQUEST.isdisjoint(proposed)
        or (not situation.en_instruction and not revision_due(situation.dossier, on=on)),
        "decisions": [
            {
                "titre": f"{d.get_nature_display()}, {notation.jour(d.prise_on)}",
                "feuille": stored_lines(d),
            }
            for d in situation.decisions
            if d.feuille
        ],
        **_decision_table(situation.decisions),
        "droit_columns": COLUMNS_DROITS,
        "droit_rows": [_droit_row(d) for d in situation.droits],
        "months": months,
        "month_columns": COLUMNS_MOIS,
        "month_rows": [(m.libelle, str(m.jours), notation.euros(m.montant)) for m in months],
        "chart_width": len(months) * BAR_STEP,
        "chart_height": CHART_HEIGHT,
        "bar_width": BAR_WIDTH,
        "sejours": [_sejour(item) for item in situation.interruptions],
    }


def feuille_sums(feuille: FeuilleDeCalcul) -> list[dict[str, str]]:
    """Tell who would pay the plan of a feuille."""
    return partage_sums(
        partager_feuille(feuille), plan="Plan demandé", taux=feuille.taux_participation
    )


def deces_consequences(
    situation: Situation, *, deces_on: date, excess: Decimal, silence: date | None
) -> dict[str, Any]:
    """Tell who is said dead, so that it is checked, and what the file becomes.

    `silence` is the day since when a lump sum that nobody recorded is due.
    """
    dossier = situation.dossier
    droit = situation.droit_on(deces_on) or situation.droit_ouvert()
    consequences = [
        f"Le dossier n° {dossier.numero} est clos, et plus aucune échéance n’y court.",
        "Aucun courrier n’est plus adressé à la personne.",
    ]
    if droit is not None:
        consequences.insert(
            0,
            f"Le droit de {notation.euros(droit.apa)} par mois s’achève au "
            f"{notation.jour_long(deces_on)} inclus (CASF R. 232-32).",
        )
    if silence is not None:
        consequences.insert(
            0,
            f"Le forfait tacite dû depuis le {notation.jour_long(silence)} est ouvert, et s’achève "
            f"au {notation.jour_long(deces_on)} inclus : il reste dû à la succession "
            "(CASF L. 232-14).",
        )
    if excess:
        consequences.append(
            f"{notation.euros(excess)} déjà versés au-delà sont signalés au contrôle "
            "(CASF L. 232-25)."
        )
    return {
        "facts": [
            ("Personne", dossier.identite.nom_complet),
            (_born(dossier.identite), notation.jour_long(dossier.identite.naissance_on)),
            ("Dossier", f"n° {dossier.numero}"),
            ("Décès survenu le", notation.jour_long(deces_on)),
        ],
        "consequences": [notation.insecable(line) for line in consequences],
    }


def _born(identite: Identite) -> str:
    return "Née le" if identite.sexe == Sexe.FEMININ else "Né le"


def list_actes(
    situation: Situation, *, on: date, proposed: Collection[Ordre] = (), warned: bool = False
) -> Iterable[tuple[str, str]]:
    """Give the acts that the state of the file allows, the expected one first."""
    tacite = tacite_effet(situation)
    droit = situation.droit_en_cours(on)
    if tacite is not None and tacite <= on and not droit and Ordre.SILENCE not in proposed:
        yield from _silence(situation, on=on)
    if situation.en_instruction and ON_THE_REQUEST.isdisjoint(proposed):
        yield from _in_procedure(situation)
    if droit is not None and not droit.forfait:
        if not situation.en_instruction:
            yield "revision", "Ouvrir une révision"
        yield from _on_payment(situation, proposed=proposed, warned=warned)
    if droit is not None and Ordre.DROIT not in proposed:
        yield "fin", "Proposer la fin du droit"
        if situation.dossier.fin_droit_on is not None:
            yield "maintien", "Proposer le maintien du droit"
    yield from _of_the_living(situation, on=on)


def _of_the_living(situation: Situation, *, on: date) -> Iterable[tuple[str, str]]:
    """Offer what a person gives up, what she asks once her file is over, or that she died."""
    if is_withdrawable(situation, on=on):
        yield "desistement", "Enregistrer un désistement"
    if is_renewable(situation.dossier):
        yield "nouvelle-demande", "Enregistrer une nouvelle demande"
    if situation.dossier.identite.deces_on is None:
        yield "deces", "Enregistrer un décès"


def _silence(situation: Situation, *, on: date) -> Iterable[tuple[str, str]]:
    """Offer to record what silence granted, or to propose it when it is told late.

    A decision that waits is signed after it: it is offered all the same.
    """
    if is_late(situation, on=on):
        yield "forfait-tardif", "Proposer le forfait tacite"
    else:
        yield "forfait", "Constater le forfait tacite"


def _in_procedure(situation: Situation) -> Iterable[tuple[str, str]]:
    yield "accord", "Proposer un accord"
    yield "rejet", "Proposer un rejet"
    if urgence_possible(situation):
        yield "urgence", "Proposer l’urgence"


def _on_payment(
    situation: Situation, *, proposed: Collection[Ordre], warned: bool
) -> Iterable[tuple[str, str]]:
    yield "hospitalisation", "Enregistrer une hospitalisation"
    if situation.suspension is not None:
        yield "reprise", "Rétablir le versement"
    elif droit_continue(situation.dossier):
        if warned:
            yield "regularisation", "Constater la régularisation"
        else:
            yield "mise-en-demeure", "Mettre en demeure"
        if Ordre.DROIT not in proposed:
            yield "suspension", "Proposer la suspension"


def _decision_table(decisions: list[Decision]) -> dict[str, Any]:
    """Give the decisions, with what was paid before each if something was."""
    told = {NatureDecision(d.nature) for d in decisions if d.deja_verse and d.nature in DEJA_VERSE}
    columns = [*COLUMNS_DECISIONS, COLUMN_DEJA_VERSE] if told else COLUMNS_DECISIONS
    rows = [_decision_row(d) for d in decisions]
    return {
        "avance_a_imputer": NatureDecision.ACCORD in told,
        "decision_columns": columns,
        "decision_rows": rows if told else [row[:-1] for row in rows],
    }


def _decision_row(decision: Decision) -> tuple[object, ...]:
    nature = NatureDecision(decision.nature)
    return (
        notation.jour(decision.prise_on),
        {"text": nature.label, "state": TONES.get(nature, "info")},
        notation.jour(decision.effet_on),
        notation.insecable(decision.motif) or "—",
        _deja_verse(decision),
    )


def _deja_verse(decision: Decision) -> str:
    """Say what was paid before a decision, and as what."""
    told = DEJA_VERSE.get(NatureDecision(decision.nature))
    return f"{notation.euros(decision.deja_verse)} {told}" if told and decision.deja_verse else "—"


def _droit_row(droit: Droit) -> tuple[object, ...]:
    empty = droit.periode.isempty
    amounts = (
        str(droit.gir) if not droit.forfait else "forfait",
        notation.euros(droit.plan_mensuel),
        "—" if empty else notation.euros(retenu_du_droit(droit, on=droit.periode.lower)),
        notation.euros(droit.participation),
        notation.euros(droit.apa),
    )
    if empty:
        return ("annulé avant effet", "—", *amounts)
    return (notation.jour(droit.periode.lower), _last_day(droit.periode.upper), *amounts)


def _last_day(upper: date | None) -> str:
    """Write the last day of a range whose end is the day after it."""
    return notation.jour(date.fromordinal(upper.toordinal() - 1)) if upper else "en cours"


def _sejour(item: Interruption) -> dict[str, Any]:
    """Tell one interruption; a stay still open offers to record the discharge."""
    nature = NatureInterruption(item.nature)
    if item.periode.isempty:
        texte = "levée avant d’avoir pris effet"
    elif item.periode.upper is None:
        texte = f"depuis le {notation.jour(item.periode.lower)}"
    else:
        texte = notation.du_au(item.periode.lower, item.periode.upper)
    return {
        "pk": item.pk,
        "libelle": nature.label,
        "texte": texte,
        "sortie": nature != NatureInterruption.SUSPENSION and is_open(item),
    }
