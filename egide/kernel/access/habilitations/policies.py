"""Who manages habilitations: an administrator, for their own organisme."""

from egide.kernel.access import models as m
from egide.kernel.access.catalogue import CATALOGUE, HABILITER, Role
from egide.kernel.access.policy import READ, READ_WRITE, Allow, Policy, same_organisme

VOIT = Allow(Role.ADMINISTRATEUR, READ, HABILITER, when=same_organisme)
HABILITE = Allow(Role.ADMINISTRATEUR, READ_WRITE, HABILITER, when=same_organisme)

AGENTS = Policy(m.Agent, CATALOGUE, VOIT)
SERVICES = Policy(m.Service, CATALOGUE, VOIT)
HABILITATIONS = Policy(m.Habilitation, CATALOGUE, HABILITE)
OUVERTURES = Policy(m.HabilitationService, CATALOGUE, HABILITE)
