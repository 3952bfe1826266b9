"""Remissions of debts in the demonstration: some wait for a decision, some were granted."""

from datetime import timedelta
from uuid import uuid5

from egide.systems.apa_ash import models as m
from egide.systems.apa_ash.demo.world import World
from egide.systems.apa_ash.models.controle import EtatIndu
from egide.systems.apa_ash.models.remise import EtatRemise, OrigineRemise

# One notified debt in so many is asked to be remitted.
ASKED = 2
DEMANDE, DECISION = timedelta(days=12), timedelta(days=10)
PERSONNE = "Retraite de réversion non encore versée, bonne foi."
SERVICE = "Deux salariées absentes, les heures ont été remplacées en partie."


def remise_of(world: World, indu: m.Indu) -> m.Remise | None:
    """Give the remission of a debt that was remitted, or a request that waits; most have none."""
    pending = indu.etat == EtatIndu.NOTIFIE and indu.pk.int % ASKED == 0
    if indu.etat != EtatIndu.REMIS and not pending:
        return None
    asked_on = min(indu.constate_on + DEMANDE, world.on)
    remise = m.Remise(
        id=uuid5(indu.pk, "remise"),
        service_id=indu.service_id,
        dossier_id=indu.dossier_id,
        indu_id=indu.pk,
        origine=OrigineRemise.DEBITEUR,
        demandee_on=asked_on,
        demandee_par=world.team.agents["carole"],
        motif=SERVICE if indu.prestataire_id else PERSONNE,
        etat=EtatRemise.DEMANDEE,
    )
    if not pending:
        remise.etat, remise.montant = EtatRemise.ACCORDEE, indu.montant
        remise.decidee_on = min(asked_on + DECISION, world.on)
        remise.decidee_par = world.team.agents["remi"]
        remise.motif_decision = "Ressources modestes, bonne foi."
    return remise
