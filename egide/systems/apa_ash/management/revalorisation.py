"""`egide revalorisation run`: lead a campaign to its end from a terminal, under an agent's name."""

import argparse
from collections.abc import Callable
from typing import TypeVar

from django.db import connection
from django.utils import timezone

from egide.kernel.access.models import Agent
from egide.kernel.access.passage import Passage, Refused, enter, openings_of
from egide.kernel.refus import ActeRefuse
from egide.systems.apa_ash.models.campagne import EtatCampagne
from egide.systems.apa_ash.purposes import REVALORISATION
from egide.systems.apa_ash.queries.campagne import open_campagne
from egide.systems.apa_ash.services import campagnes as acts

R = TypeVar("R")


class AgentInconnu(Exception):
    """No active agent bears this name."""


def run(args: argparse.Namespace, *, tell: Callable[[str], object]) -> int:
    """Launch the campaign if need be, then apply batch after batch; each is a passage of its own.

    The same habilitation, role, purpose and trail as on the screen: the terminal opens nothing.
    """
    try:
        agent = _find_agent(args.agent)
        campagne = _step(agent, lambda passage: open_campagne(passage, pk=args.campagne))
        if campagne.etat == EtatCampagne.SIMULEE:
            campagne = _step(
                agent, lambda passage: acts.launch_campagne(passage, campagne_id=args.campagne)
            )
        while campagne.etat == EtatCampagne.EN_COURS:
            campagne = _step(
                agent, lambda passage: acts.apply_batch(passage, campagne_id=args.campagne)
            )
            tell(f"{campagne.traites} droits traités sur {campagne.total}")
    except AgentInconnu:
        tell(f"Aucun agent actif ne porte l’identifiant « {args.agent} ».")
        return 1
    except Refused:
        tell("Campagne introuvable, ou hors des habilitations de cet agent.")
        return 1
    except ActeRefuse as refused:
        tell(str(refused))
        return 1
    tell(f"Campagne {EtatCampagne(campagne.etat).label.lower()}.")
    return 0 if campagne.etat == EtatCampagne.TERMINEE else 1


def _find_agent(identifiant: str) -> Agent:
    agent = Agent.objects.filter(identifiant=identifiant, is_active=True).first()
    if agent is None:
        raise AgentInconnu(identifiant)
    return agent


def _step(agent: Agent, work: Callable[[Passage], R]) -> R:
    """Do one step in one transaction, as one request would."""
    on = timezone.localdate()
    openings = openings_of(agent, on=on)
    session = f"commande {connection.settings_dict['NAME']}"
    with enter(agent, purpose=REVALORISATION, openings=openings, session=session, on=on) as passage:
        found = work(passage)
        passage.flush("lire une revalorisation")
        return found
