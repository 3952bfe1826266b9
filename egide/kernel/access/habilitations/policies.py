"""Who manages habilitations, an administrator; who oversees them, the delegate: own organisme."""

from egide.kernel.access import models as m
from egide.kernel.access.catalogue import CATALOGUE, HABILITER, PROTEGER, Role
from egide.kernel.access.policy import READ, READ_WRITE, Allow, Policy, same_organisme

VOIT = Allow(Role.ADMINISTRATEUR, READ, HABILITER, when=same_organisme)
SURVEILLE = Allow(Role.DELEGUE, READ, PROTEGER, when=same_organisme)
HABILITE = Allow(Role.ADMINISTRATEUR, READ_WRITE, HABILITER, when=same_organisme)

AGENTS = Policy(m.Agent, CATALOGUE, VOIT, SURVEILLE)
SERVICES = Policy(m.Service, CATALOGUE, VOIT, SURVEILLE)
HABILITATIONS = Policy(m.Habilitation, CATALOGUE, HABILITE, SURVEILLE)
OUVERTURES = Policy(m.HabilitationService, CATALOGUE, HABILITE, SURVEILLE)
