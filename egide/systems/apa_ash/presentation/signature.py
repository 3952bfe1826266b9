"""What the screens of signature show: what waits, what one signature would do, what came back."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from egide.kernel import notation
from egide.kernel.access.passage import Passage
from egide.kernel.refus import ActeRefuse
from egide.rules.apa.feuille import FeuilleDeCalcul
from egide.systems.apa_ash.models import ProjetDecision
from egide.systems.apa_ash.models.droit import NatureDecision
from egide.systems.apa_ash.models.signature import ORDRES, EtatProjet, Ordre
from egide.systems.apa_ash.presentation.decision import feuille_sums
from egide.systems.apa_ash.presentation.ressources import tell_old_ressources
from egide.systems.apa_ash.presentation.signature_arret import (
    stop_facts,
    tell_beyond,
    tell_stop,
)
from egide.systems.apa_ash.presentation.signature_fondement import ground_facts
from egide.systems.apa_ash.queries.decision import Situation, list_lignes
from egide.systems.apa_ash.queries.projets import last_day, rappel
from egide.systems.apa_ash.queries.verses import read_paid
from egide.systems.apa_ash.services import decisions, droits
from egide.systems.apa_ash.services.effet import effet_signe, previous_droit
from egide.systems.apa_ash.services.lettre_accord import read_revision, suspendu_on
from egide.systems.apa_ash.services.projets import check_unchanged
from egide.systems.apa_ash.services.trop_verses import beyond_revision

TONES = {
    NatureDecision.ACCORD: "ok",
    NatureDecision.RELAIS: "ok",
    NatureDecision.URGENCE: "wait",
    NatureDecision.FORFAIT_TACITE: "wait",
    NatureDecision.REJET: "stop",
    NatureDecision.REFUS_RELAIS: "stop",
    NatureDecision.SUSPENSION: "stop",
    NatureDecision.FIN: "stop",
    NatureDecision.MAINTIEN: "ok",
}
LAST_DAYS = {NatureDecision.FIN, NatureDecision.MAINTIEN}
JOUR_DE_SIGNATURE = "à la signature"
COLUMNS_REVISION = [("Par mois", False), ("Jusqu’alors", True), ("Désormais", True)]
REVISION = (
    ("Ressources retenues", "ressources", notation.euros),
    ("Plan d’aide", "plan", notation.euros),
    ("Plafond du plan", "plafond", notation.euros),
    ("Plan d’aide retenu", "retenu", notation.euros),
    ("Taux de participation", "taux", notation.taux),
    ("Participation", "participation", notation.euros),
    ("APA", "apa", notation.euros),
)
EFFETS = {
    NatureDecision.URGENCE: "depuis la demande",
    NatureDecision.FORFAIT_TACITE: "deux mois après le dossier complet",
    NatureDecision.SUSPENSION: "le 1er du mois qui suit la signature",
}


def effet_of(projet: ProjetDecision) -> str:
    """Say from when a proposal would take effect."""
    if projet.nature == NatureDecision.ACCORD:
        return notation.jour(projet.effet_on) if projet.effet_on else JOUR_DE_SIGNATURE
    if projet.nature == NatureDecision.FIN and projet.effet_on:
        return f"dernier jour, {notation.jour(projet.effet_on)}"
    if projet.nature == NatureDecision.MAINTIEN and projet.effet_on:
        return f"depuis le {notation.jour(projet.effet_on)}, sans interruption"
    return EFFETS.get(NatureDecision(projet.nature), "—")


def a_signer_rows(
    passage: Passage,
    projets: Iterable[Any],
    *,
    names: Mapping[UUID, str],
    ticked: Iterable[str],
) -> list[dict[str, Any]]:
    """Tell each proposal; one's own is not offered to be signed."""
    chosen = set(ticked)
    return [
        {
            "projet": projet,
            "dossier": projet.dossier,
            "nature": projet.get_nature_display(),
            "tone": TONES[NatureDecision(projet.nature)],
            "apa": notation.euros(projet.apa) if projet.apa is not None else "—",
            "effet": effet_of(projet),
            "prepare_par": names.get(projet.propose_par_id, "—"),
            "mine": projet.propose_par_id == passage.agent.pk,
            "ticked": str(projet.pk) in chosen,
            "service": passage.service_name(projet.service_id),
            "avant": projet.utile_on,
            "avant_quoi": _why_then(projet),
            "exact": projet.nature in LAST_DAYS,
        }
        for projet in projets
    ]


def _why_then(projet: ProjetDecision) -> str:
    """Say what the last useful day of a signature is: past it, no end is signed any more."""
    if projet.nature in LAST_DAYS:
        return "dernier jour"
    if projet.nature == NatureDecision.SUSPENSION:
        return "effet au 1er suivant"
    return "deux mois"


def projet_context(
    passage: Passage,
    situation: Situation,
    projet: Any,  # noqa: ANN401 -- a proposal, with who made it
) -> dict[str, Any]:
    """Show what a signature would do now, or why it cannot be given."""
    mine = projet.propose_par_id == passage.agent.pk
    return {
        "projet": projet,
        "nature": projet.get_nature_display(),
        "facts": [
            *_facts(projet),
            *ground_facts(situation, projet),
            *stop_facts(situation, projet, on=passage.on),
        ],
        "arret": tell_stop(passage, situation, projet),
        "mine": mine,
        "empechement": _impediment(passage, situation, projet),
        **_sheet(passage, situation, projet),
    }


def _facts(projet: Any) -> list[tuple[str, str]]:  # noqa: ANN401 -- the same
    facts = [
        ("Préparée par", f"{projet.par}, le {notation.jour_long(projet.propose_on)}"),
        ("À effet", effet_of(projet)),
        ("APA", f"{notation.euros(projet.apa)}" if projet.apa is not None else "—"),
        ("Révision au plus tard", notation.jour(projet.revision_on) if projet.revision_on else "—"),
        ("Motif", notation.insecable(projet.motif)),
    ]
    return [(label, value) for label, value in facts if value not in {"—", ""}]


def _impediment(passage: Passage, situation: Situation, projet: ProjetDecision) -> str:
    try:
        check_unchanged(passage, situation, projet)
    except ActeRefuse as refusal:
        return str(refusal)
    return ""


def _sheet(passage: Passage, situation: Situation, projet: Any) -> dict[str, Any]:  # noqa: ANN401 -- the same
    """Give the calculation of a right; another nature has none to show."""
    if projet.nature != NatureDecision.ACCORD:
        return {"feuille": None}
    effet_on, _ = effet_signe(situation, projet=projet, on=passage.on)
    feuille: FeuilleDeCalcul
    try:
        feuille = decisions.check_accord(situation, effet_on=effet_on, on=passage.on)
    except ActeRefuse:
        return {"feuille": None}
    return {
        "feuille": feuille,
        "sums": feuille_sums(feuille),
        "sheet": feuille.lines(),
        "avance": droits.avance_versee(situation, until=effet_on),
        "anciennes": tell_old_ressources(situation, on=effet_on),
        **_revision(passage, situation, feuille=feuille, verses=read_paid(projet.verses)),
    }


def _revision(
    passage: Passage,
    situation: Situation,
    *,
    feuille: FeuilleDeCalcul,
    verses: Mapping[date, Decimal],
) -> dict[str, Any]:
    """Show the right before and after to whoever signs a revision, as its letter will."""
    if previous_droit(situation, effet_on=feuille.on) is None:
        return {"revision": None, "suspendu_on": suspendu_on(situation)}
    plan = decisions.decision_plan(situation, effet_on=feuille.on, on=passage.on)
    lignes = list_lignes(passage, plan=plan)
    revision = read_revision(passage, situation, feuille=feuille, lignes=lignes)
    beyond = beyond_revision(verses, situation, feuille=feuille)
    told: dict[str, Any] = {
        "revision": revision,
        "suspendu_on": suspendu_on(situation),
        "au_dela": tell_beyond(beyond, of="du droit abaissé"),
    }
    if revision is None:
        return told
    avant, apres = revision.avant, revision.apres
    return told | {
        "revision_columns": COLUMNS_REVISION,
        "revision_rows": [
            ("Groupe iso-ressources", f"GIR\u00a0{avant.gir}", f"GIR\u00a0{apres.gir}"),
            *(
                (label, write(getattr(avant, name)), write(getattr(apres, name)))
                for label, name, write in REVISION
            ),
        ],
        "changements": [notation.insecable(line) for line in revision.changements],
    }


@dataclass(frozen=True, slots=True)
class Propose:
    """A proposal as its file tells it."""

    pk: UUID
    etat: str
    libelle: str
    propose_on: date
    par: str
    renvoi: str
    traite_on: date | None
    traitee_par: str | None
    ordre: Ordre
    utile_on: date | None = None

    def passed(self, on: date) -> bool:
        """Tell whether the last day to sign it passed."""
        waits = self.etat == EtatProjet.PROPOSE
        return waits and self.utile_on is not None and self.utile_on < on


def pending_of(projets: Iterable[Propose], *, studied: bool, on: date) -> dict[str, list[Propose]]:
    """Tell the proposals of a file that wait, or came back if nothing of their order followed.

    One on a request comes back while it is `studied`; one that would stop a right, for a month.
    """
    told = list(projets)
    last = {projet.ordre: projet for projet in reversed(told)}.values()
    return {
        "a_signer": [p for p in told if p.etat == EtatProjet.PROPOSE and not p.passed(on)],
        "renvoyes": [p for p in last if _came_back(p, studied=studied, on=on)],
        "passes": [p for p in told if p.passed(on)],
    }


def _came_back(told: Propose, *, studied: bool, on: date) -> bool:
    if told.etat != EtatProjet.RENVOYE or told.traite_on is None:
        return False
    return told.traite_on >= rappel(on) if told.ordre == Ordre.DROIT else studied


def propose_of_relais(told: Mapping[str, Any] | None) -> Propose | None:
    """Tell the last proposal of a relay while it waits, or once it was sent back."""
    if told is None or told["etat"] not in {EtatProjet.PROPOSE, EtatProjet.RENVOYE}:
        return None
    return read_propose(told)


def read_propose(told: Mapping[str, Any]) -> Propose:
    """Read a proposal that came beside other rows."""
    traite_on, effet_on = told["traite_on"], told["effet_on"]
    effet = date.fromisoformat(effet_on) if effet_on else None
    return Propose(
        UUID(told["id"]),
        told["etat"],
        str(NatureDecision(told["nature"]).label),
        date.fromisoformat(told["propose_on"]),
        told["par"],
        told["renvoi"],
        date.fromisoformat(traite_on) if traite_on else None,
        told["traitee_par"],
        ORDRES[NatureDecision(told["nature"])],
        last_day(told["nature"], effet_on=effet),
    )


def read_preuve(told: Mapping[str, str]) -> dict[str, date]:
    """Read proofs that the person owes, which came beside other rows."""
    return {name: date.fromisoformat(day) for name, day in told.items()}
