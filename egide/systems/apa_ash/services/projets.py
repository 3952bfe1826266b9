"""Propose a decision, then sign it by another hand, send it back, or take it back."""

from datetime import date
from typing import Any
from uuid import UUID

from egide.kernel.access.passage import Passage, Refused
from egide.kernel.access.policy import Action
from egide.kernel.access.views import act
from egide.kernel.refus import ActeRefuse
from egide.systems.apa_ash.models import Decision, ProjetDecision
from egide.systems.apa_ash.models.droit import NatureDecision
from egide.systems.apa_ash.models.signature import EtatProjet
from egide.systems.apa_ash.policy import PROJETS, SIGNATAIRES
from egide.systems.apa_ash.queries.decision import Situation, load_situation
from egide.systems.apa_ash.queries.projets import find_pending, hold_projet, is_past
from egide.systems.apa_ash.services import rejets, relais
from egide.systems.apa_ash.services.circuits import CIRCUITS
from egide.systems.apa_ash.services.droits import find_taken


class DejaPropose(ActeRefuse):
    """One proposal waits for its signature at a time, beside what silence granted."""

    message = (
        "Une décision est déjà proposée à la signature sur ce dossier : retirez-la avant d’en "
        "proposer une autre."
    )


class ProjetClos(ActeRefuse):
    """A proposal is signed, sent back or taken back once."""

    message = "Cette proposition a déjà été signée, renvoyée ou retirée."


class SignatureDeSonProjet(ActeRefuse):
    """Two agents make a decision."""

    message = "Vous avez préparé cette décision : quelqu’un d’autre la signe."


class CalculChange(ActeRefuse):
    """What would be signed is no longer what the preparer read."""

    message = (
        "Le calcul n’est plus celui qui a été proposé : les ressources, le plan ou les montants "
        "de référence ont changé. Renvoyez la proposition."
    )


class RenvoiSansMotif(ActeRefuse):
    """Whoever prepared is told what to take up again."""

    message = "Dites ce qui est à reprendre."


@act("proposer un accord d’APA")
def propose_accord(
    passage: Passage,
    *,
    jeton: UUID,
    dossier_id: UUID,
    effet_on: date,
    revision_on: date,
    motif: str = "",
) -> ProjetDecision:
    """Propose to grant the APA; `motif` says why it opens after its notification, and only then."""
    late = effet_on > passage.on
    return propose_decision(
        passage,
        jeton=jeton,
        dossier_id=dossier_id,
        nature=NatureDecision.ACCORD,
        effet_on=effet_on if effet_on != passage.on else None,
        revision_on=revision_on,
        motif=motif.strip() if late else "",
    )


@act("proposer un rejet")
def propose_rejet(
    passage: Passage, *, jeton: UUID, dossier_id: UUID, code: str, precisions: str = ""
) -> ProjetDecision:
    """Propose to refuse the request, on a ground that the file establishes."""
    return propose_decision(
        passage,
        jeton=jeton,
        dossier_id=dossier_id,
        nature=NatureDecision.REJET,
        code=code,
        motif=rejets.write_motif(code, precisions=precisions),
    )


@act("proposer une attribution en urgence")
def propose_urgence(passage: Passage, *, jeton: UUID, dossier_id: UUID) -> ProjetDecision:
    """Propose the lump sum of an attested urgency: due from the request, whenever it is signed."""
    return propose_decision(
        passage, jeton=jeton, dossier_id=dossier_id, nature=NatureDecision.URGENCE
    )


@act("proposer un forfait tacite")
def propose_forfait_tacite(passage: Passage, *, jeton: UUID, dossier_id: UUID) -> ProjetDecision:
    """Propose the lump sum of a silence that is told late: due from the same day."""
    return propose_decision(
        passage, jeton=jeton, dossier_id=dossier_id, nature=NatureDecision.FORFAIT_TACITE
    )


@act("proposer l’accord d’un relais")
def propose_relais(
    passage: Passage, *, jeton: UUID, dossier_id: UUID, relais_id: UUID
) -> ProjetDecision:
    """Propose to increase the plan for the stay of a carer."""
    return propose_decision(
        passage,
        jeton=jeton,
        dossier_id=dossier_id,
        nature=NatureDecision.RELAIS,
        relais_id=relais_id,
    )


@act("proposer le refus d’un relais")
def propose_refus_relais(
    passage: Passage, *, jeton: UUID, dossier_id: UUID, relais_id: UUID, motif: str
) -> ProjetDecision:
    """Propose to refuse the relay of a carer, on a ground told to the person."""
    return propose_decision(
        passage,
        jeton=jeton,
        dossier_id=dossier_id,
        nature=NatureDecision.REFUS_RELAIS,
        relais_id=relais_id,
        motif=motif.strip(),
    )


@act("signer une décision")
def sign_projet(passage: Passage, *, projet_id: UUID) -> Decision:
    """Sign what another agent proposed: the decision, its right and its letter exist from now on.

    Signed already, it gives the decision that was made.
    """
    situation, projet = _hold(passage, projet_id=projet_id, verb="signer une décision")
    if projet.etat == EtatProjet.SIGNE and (
        taken := find_taken(passage, jeton=projet.pk, dossier=situation.dossier)
    ):
        return taken
    _check_mine_to_sign(passage, projet)
    check_unchanged(passage, situation, projet)
    sign = CIRCUITS[NatureDecision(projet.nature)].sign
    decision = sign(passage, situation=situation, projet=projet)
    close_projet(passage, projet, etat=EtatProjet.SIGNE)
    return decision


@act("renvoyer une décision à signer")
def return_projet(passage: Passage, *, projet_id: UUID, motif: str) -> ProjetDecision:
    """Refuse to sign: whoever prepared reads why, and may propose again."""
    _, projet = _hold(passage, projet_id=projet_id, verb="renvoyer une décision à signer")
    _check_mine_to_sign(passage, projet)
    if not motif.strip():
        raise RenvoiSansMotif
    close_projet(passage, projet, etat=EtatProjet.RENVOYE, renvoi=motif.strip())
    return projet


@act("retirer une proposition de décision")
def withdraw_projet(passage: Passage, *, dossier_id: UUID, projet_id: UUID) -> ProjetDecision:
    """Take back a proposal that nobody signed yet; any instructeur of the service may."""
    situation = load_situation(passage, pk=dossier_id, action=Action.WRITE, lock=True)
    projet = PROJETS.get(
        passage, pk=projet_id, dossier=situation.dossier, action=Action.WRITE, lock=True
    )
    if projet.etat != EtatProjet.PROPOSE:
        raise ProjetClos
    close_projet(passage, projet, etat=EtatProjet.RETIRE)
    return projet


def _hold(passage: Passage, *, projet_id: UUID, verb: str) -> tuple[Situation, ProjetDecision]:
    """Hold the file, then its proposal; refused as absent unless the agent signs in its service."""
    found = PROJETS.get(passage, pk=projet_id, action=Action.WRITE)
    if found.service_id not in passage.services(SIGNATAIRES):
        raise Refused(verb, targets=[str(projet_id)])
    situation = load_situation(passage, pk=found.dossier_id, action=Action.WRITE, lock=True)
    return situation, hold_projet(passage, pk=projet_id)


def check_unchanged(passage: Passage, situation: Situation, projet: ProjetDecision) -> None:
    """Refuse what the file no longer allows, or no longer gives as it was read."""
    found = CIRCUITS[NatureDecision(projet.nature)].check(passage, situation, projet)
    if any(getattr(projet, name) != value for name, value in found.items()):
        raise CalculChange


def _check_mine_to_sign(passage: Passage, projet: ProjetDecision) -> None:
    if projet.etat != EtatProjet.PROPOSE:
        raise ProjetClos
    if projet.propose_par_id == passage.agent.pk:
        raise SignatureDeSonProjet


def close_projet(
    passage: Passage, projet: ProjetDecision, *, etat: EtatProjet, renvoi: str = ""
) -> None:
    """Sign, send back or take back a proposal: once, by whoever acts."""
    PROJETS.update(
        passage,
        projet,
        etat=etat,
        renvoi=renvoi,
        traite_on=passage.on,
        traite_par_id=passage.agent.pk,
    )


def propose_decision(
    passage: Passage,
    *,
    jeton: UUID,
    dossier_id: UUID,
    nature: NatureDecision,
    relais_id: UUID | None = None,
    **said: Any,
) -> ProjetDecision:
    """Keep what is proposed once all that a signature would check holds; `jeton` becomes its id."""
    situation = load_situation(passage, pk=dossier_id, action=Action.WRITE, lock=True)
    dossier = situation.dossier
    known = PROJETS.rows(passage).filter(pk=jeton, dossier=dossier).order_by("pk").first()
    if known is not None:
        return known
    pending = find_pending(passage, dossier=dossier, nature=nature, relais_id=relais_id)
    if pending is not None:
        if not is_past(pending, on=passage.on):
            raise DejaPropose
        # Nobody may sign it any more: it makes room for the one that replaces it.
        close_projet(passage, pending, etat=EtatProjet.RETIRE)
    values = {
        "pk": jeton,
        "service_id": dossier.service_id,
        "dossier_id": dossier.pk,
        "nature": nature,
        "relais": relais_id and relais.hold_relais(passage, dossier=dossier, relais_id=relais_id),
        "etat": EtatProjet.PROPOSE,
        "propose_on": passage.on,
        "propose_par_id": passage.agent.pk,
        **said,
    }
    read = CIRCUITS[nature].check(passage, situation, ProjetDecision(**values))
    return PROJETS.create(passage, **{**values, **read})
