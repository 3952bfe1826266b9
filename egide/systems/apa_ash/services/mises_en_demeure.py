"""The formal notice that comes before a suspension: its ground, one at a time (CASF R. 232-16)."""

from datetime import date
from uuid import UUID

from egide.kernel import notation
from egide.kernel.access.passage import Passage
from egide.kernel.access.policy import Action
from egide.kernel.access.views import act
from egide.kernel.refus import ActeRefuse
from egide.rules.apa.delais import echeance
from egide.systems.apa_ash.letters import content
from egide.systems.apa_ash.models import Courrier, Dossier
from egide.systems.apa_ash.models.dossier import Echeance, Etat
from egide.systems.apa_ash.models.droit import NatureDecision
from egide.systems.apa_ash.policy import DOSSIERS
from egide.systems.apa_ash.queries.courriers import open_notices
from egide.systems.apa_ash.queries.decision import Situation, load_situation
from egide.systems.apa_ash.queries.justificatifs import list_overdue
from egide.systems.apa_ash.services.courriers import send_letter
from egide.systems.apa_ash.services.droit_en_cours import droit_continue
from egide.systems.apa_ash.services.interruptions import AucunDroitAInterrompre
from egide.systems.apa_ash.services.motifs_suspension import JUSTIFICATIFS, MOTIFS


class MiseEnDemeureEnCours(ActeRefuse):
    """A formal notice already runs."""

    message = "Une mise en demeure court déjà : attendez son terme ou constatez la régularisation."


class MiseEnDemeureAbsente(ActeRefuse):
    """Nothing is suspended, nor put right, without a formal notice that runs."""

    message = "Aucune mise en demeure ne court sur ce dossier."


class DejaSuspendu(ActeRefuse):
    """The payment is suspended already."""

    message = "Le versement est déjà suspendu."


class JustificatifsNonDemandes(ActeRefuse):
    """Nobody is reproached with proofs that were not asked, or that came (CASF L. 232-7)."""

    message = (
        "Aucune demande de justificatifs à la personne n’est restée sans réponse au terme de son "
        "délai\u00a0: le contrôle les demande d’abord, pour une période (CASF L. 232-7)."
    )


@act("mettre en demeure")
def send_notice(passage: Passage, *, dossier_id: UUID, code: str, precisions: str = "") -> Courrier:
    """Send the registered letter that leaves one month to put things right; one at a time."""
    situation = load_situation(passage, pk=dossier_id, action=Action.WRITE, lock=True)
    dossier = situation.dossier
    if Etat.SUSPENDU in {dossier.etat, dossier.etat_droit}:
        raise DejaSuspendu
    if not droit_continue(dossier):
        raise AucunDroitAInterrompre
    if pending_notice(passage, situation=situation) is not None:
        raise MiseEnDemeureEnCours
    motif = MOTIFS[code]
    texte = write_motif(passage, dossier, code=code, precisions=precisions)
    # A revision keeps its own deadline: the file shows beside it the notice that runs.
    if not dossier.etat_droit:
        DOSSIERS.update(
            passage,
            dossier,
            echeance=Echeance.JUSTIFICATION if code == JUSTIFICATIFS else Echeance.MISE_EN_DEMEURE,
            echeance_on=echeance("mise_en_demeure", passage.on),
        )
    return send_letter(
        passage,
        dossier=dossier,
        motif=code,
        contenu=content.MiseEnDemeure(
            motifs=(content.Motif(texte, motif.source),), attendu=motif.attendu
        ),
    )


def pending_notice(passage: Passage, *, situation: Situation) -> Courrier | None:
    """Give the last formal notice that nothing has followed: decision, or what was put right."""
    notice = open_notices(passage).filter(dossier=situation.dossier).first()
    return notice if notice and is_pending(situation, cree_on=notice.cree_on) else None


def is_pending(situation: Situation, *, cree_on: date) -> bool:
    """Tell whether a notice of a day, that nobody put right, still warns a right that is paid."""
    if situation.suspension is not None or not droit_continue(situation.dossier):
        return False
    # It warned a right that ended before the last request.
    if cree_on < situation.premiere_on:
        return False
    after = {NatureDecision.SUSPENSION, NatureDecision.REPRISE}
    return not any(d.nature in after and d.prise_on >= cree_on for d in situation.decisions)


def write_motif(passage: Passage, dossier: Dossier, *, code: str, precisions: str = "") -> str:
    """Write a ground; proofs that are missing are those of one request, with its period."""
    texte = MOTIFS[code].texte
    if code == JUSTIFICATIFS:
        asked = list_overdue(passage, dossier=dossier, on=passage.on)
        if not asked:
            raise JustificatifsNonDemandes
        texte = texte.format(
            demandee=notation.jour_long(asked[0].demandee_on),
            depuis=notation.jour_long(asked[0].depuis),
            jusque=notation.jour_long(asked[0].jusqu_on),
        )
    return f"{texte} {precisions}".strip()
