"""What a file waits for, above its decisions: a signature, a notice that runs, proofs owed."""

from datetime import date
from typing import Any

from egide.kernel.access.passage import Passage
from egide.rules.apa.depots import Depot
from egide.systems.apa_ash.policy import SIGNATAIRES
from egide.systems.apa_ash.presentation.arrets import tell_notice
from egide.systems.apa_ash.presentation.signature import pending_of, read_preuve, read_propose
from egide.systems.apa_ash.queries.decision import Situation
from egide.systems.apa_ash.queries.projets import Attente, read_attente
from egide.systems.apa_ash.services.mises_en_demeure import is_pending, pending_notice


def awaited(passage: Passage, situation: Situation) -> dict[str, Any]:
    """Tell what waits: a signature, while a request is studied or a right runs; notice, proofs."""
    dossier, studied = situation.dossier, situation.en_instruction
    waits = Attente([], [], [])
    # A proposal that nobody signed in time may be left once the right is over.
    runs = situation.droit_en_cours(passage.on) is not None
    if studied or runs or dossier.fin_droit_on is not None:
        waits = read_attente(passage, dossier=dossier, on=passage.on)
    notice = _running(situation, waits)
    projets = map(read_propose, waits.projets)
    return pending_of(projets, studied=studied, on=passage.on) | {
        "signe_ici": dossier.service_id in passage.services(SIGNATAIRES),
        "justificatifs": [] if studied or notice else [*map(read_preuve, waits.preuves)],
        "mise_en_demeure": notice,
    }


def _running(situation: Situation, waits: Attente) -> dict[str, Any] | None:
    """Tell the notice that runs: a revision may have taken its place in the deadline."""
    for sent in waits.mises_en_demeure:
        cree_on = date.fromisoformat(sent["cree_on"])
        if is_pending(situation, cree_on=cree_on):
            days = [sent["poste_on"], sent["poste_constate_on"]]
            depot = Depot(*map(date.fromisoformat, days)) if all(days) else None
            return tell_notice(cree_on=cree_on, depot=depot, motif=sent["motif"])
    return None


def notice_of(passage: Passage, situation: Situation) -> dict[str, Any] | None:
    """Tell the notice that runs on the page of an act upon it."""
    notice = pending_notice(passage, situation=situation)
    if notice is None:
        return None
    left, said = notice.poste_on, notice.poste_constate_on
    depot = Depot(left, said) if left and said else None
    return tell_notice(cree_on=notice.cree_on, depot=depot, motif=notice.motif)
