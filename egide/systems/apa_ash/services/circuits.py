"""What a proposal of each nature must satisfy, and what its signature does."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from egide.kernel.access.passage import Passage
from egide.rules.apa.forfait import compute_forfait
from egide.systems.apa_ash.models import Decision, ProjetDecision
from egide.systems.apa_ash.models.droit import NatureDecision
from egide.systems.apa_ash.queries.decision import Situation
from egide.systems.apa_ash.services import (
    decisions,
    fins,
    forfaits,
    maintiens,
    rejets,
    relais,
    suspensions,
)
from egide.systems.apa_ash.services.droits import check_closable
from egide.systems.apa_ash.services.effet import effet_signe

Read = Mapping[str, Any]
"""What whoever prepares reads, under the names of the proposal's columns."""


def _accord(passage: Passage, situation: Situation, projet: ProjetDecision) -> Read:
    effet_on, motif = effet_signe(situation, projet=projet, on=passage.on)
    feuille = decisions.check_accord(situation, effet_on=effet_on, on=passage.on)
    if effet_on > passage.on and not motif:
        raise decisions.EffetTardifSansMotif
    decisions.check_revision(projet.revision_on, effet_on=max(effet_on, passage.on))
    check_closable(situation, on=effet_on)
    plan = decisions.decision_plan(situation, effet_on=effet_on, on=passage.on)
    read = {"plan_id": plan.pk, "apa": feuille.apa, "participation": feuille.participation}
    # Why it goes back in time is read by both hands; elsewhere a motif is what was typed.
    return read | ({"motif": motif} if effet_on < projet.propose_on else {})


def _rejet(passage: Passage, situation: Situation, projet: ProjetDecision) -> Read:
    rejets.check_rejet(situation, code=projet.code, on=passage.on)
    if projet.code == rejets.INCOMPLET:
        rejets.check_relance(passage, situation=situation)
    return {}


def _urgence(_passage: Passage, situation: Situation, _projet: ProjetDecision) -> Read:
    lump = compute_forfait(forfaits.check_urgence(situation).lower)
    return {"apa": lump.montant, "motif": forfaits.MOTIFS[NatureDecision.URGENCE]}


def _forfait_tacite(passage: Passage, situation: Situation, _projet: ProjetDecision) -> Read:
    lump = compute_forfait(forfaits.check_tacite(situation, on=passage.on))
    return {"apa": lump.montant, "motif": forfaits.MOTIFS[NatureDecision.FORFAIT_TACITE]}


def _relais(_passage: Passage, situation: Situation, projet: ProjetDecision) -> Read:
    asked = relais.check_undecided(projet.relais)
    _, partage = relais.check_relais(situation, relais=asked)
    return {"apa": partage.apa, "motif": relais.write_motif(asked)}


def _refus_relais(_passage: Passage, _situation: Situation, projet: ProjetDecision) -> Read:
    relais.check_undecided(projet.relais)
    return {}


def _suspension(passage: Passage, situation: Situation, projet: ProjetDecision) -> Read:
    suspensions.check_suspension(passage, situation=situation, projet=projet)
    return {}


def _fin(passage: Passage, situation: Situation, projet: ProjetDecision) -> Read:
    fins.check_fin(passage, situation=situation, projet=projet)
    return {}


def _maintien(passage: Passage, situation: Situation, _projet: ProjetDecision) -> Read:
    return maintiens.check_maintien(situation, on=passage.on)


@dataclass(frozen=True, slots=True)
class Circuit:
    """What a proposal of one nature must satisfy, and what its signature does."""

    check: Callable[[Passage, Situation, ProjetDecision], Read]
    sign: Callable[..., Decision]


CIRCUITS: Mapping[NatureDecision, Circuit] = {
    NatureDecision.ACCORD: Circuit(_accord, decisions.grant_apa),
    NatureDecision.REJET: Circuit(_rejet, rejets.reject_demande),
    NatureDecision.URGENCE: Circuit(_urgence, forfaits.grant_urgence),
    NatureDecision.FORFAIT_TACITE: Circuit(_forfait_tacite, forfaits.sign_forfait_tacite),
    NatureDecision.RELAIS: Circuit(_relais, relais.grant_relais),
    NatureDecision.REFUS_RELAIS: Circuit(_refus_relais, relais.refuse_relais),
    NatureDecision.SUSPENSION: Circuit(_suspension, suspensions.suspend_droit),
    NatureDecision.FIN: Circuit(_fin, fins.end_droit),
    NatureDecision.MAINTIEN: Circuit(_maintien, maintiens.maintain_droit),
}
