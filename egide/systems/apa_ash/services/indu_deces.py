"""Claim what was paid for the time after a death: one act, one letter to sign for each payee."""

from uuid import UUID

from egide.kernel.access.passage import Passage
from egide.kernel.access.views import act
from egide.systems.apa_ash.models import Indu
from egide.systems.apa_ash.models.controle import MOTIF_DECES
from egide.systems.apa_ash.queries.apres_deces import find_after_death
from egide.systems.apa_ash.services.reclamations import claim_lines, hold_dossier


@act("réclamer ce qui a été versé après un décès")
def claim_after_death(passage: Passage, *, dossier_id: UUID) -> list[Indu]:
    """Record the debts of the estate and of each service; those above the threshold are to sign.

    What was due up to the death stays acquired: the estate repays what followed it alone, for the
    APA itself is never recovered from it (CASF L. 232-19).
    """
    dossier = hold_dossier(passage, dossier_id)
    lines = find_after_death(passage, dossier_id=dossier.pk)
    owed = [(line, MOTIF_DECES) for line in lines if line.reste]
    return claim_lines(passage, dossier=dossier, lines=owed)
