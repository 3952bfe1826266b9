"""Propose what stops a right that runs, or gives its end up; another hand signs."""

from datetime import date
from uuid import UUID

from egide.kernel.access.passage import Passage
from egide.kernel.access.views import act
from egide.systems.apa_ash.models import ProjetDecision
from egide.systems.apa_ash.models.droit import NatureDecision
from egide.systems.apa_ash.queries.dossier import open_dossier
from egide.systems.apa_ash.services import fins, motifs_fin
from egide.systems.apa_ash.services.mises_en_demeure import write_motif
from egide.systems.apa_ash.services.projets import propose_decision


@act("proposer une suspension")
def propose_suspension(
    passage: Passage,
    *,
    jeton: UUID,
    dossier_id: UUID,
    recue_on: date,
    code: str,
    precisions: str = "",
) -> ProjetDecision:
    """Propose to suspend the payment, once the month that a formal notice leaves has passed."""
    dossier = open_dossier(passage, dossier_id)
    return propose_decision(
        passage,
        jeton=jeton,
        dossier_id=dossier_id,
        nature=NatureDecision.SUSPENSION,
        fait_on=recue_on,
        code=code,
        motif=write_motif(passage, dossier, code=code, precisions=precisions.strip()),
    )


@act("proposer la fin d’un droit")
def propose_fin(
    passage: Passage,
    *,
    jeton: UUID,
    dossier_id: UUID,
    code: str,
    fin_on: date,
    departement: str = "",
    precisions: str = "",
) -> ProjetDecision:
    """Propose to end the right after a day: for a move, `fin_on` is the day of arrival there."""
    moves = code == motifs_fin.DEPART
    return propose_decision(
        passage,
        jeton=jeton,
        dossier_id=dossier_id,
        nature=NatureDecision.FIN,
        effet_on=fins.dernier_jour(code, fin_on=fin_on),
        fait_on=fin_on if moves else None,
        departement=departement if moves else "",
        code=code,
        motif=motifs_fin.write_motif(code, precisions=precisions),
    )


@act("proposer le maintien d’un droit")
def propose_maintien(passage: Passage, *, jeton: UUID, dossier_id: UUID) -> ProjetDecision:
    """Propose to give up an end that is signed and still ahead; its ground is that of the end."""
    return propose_decision(
        passage, jeton=jeton, dossier_id=dossier_id, nature=NatureDecision.MAINTIEN
    )
