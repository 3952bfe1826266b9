"""Give up a signed end before its last day: the right goes on, by a decision of two hands."""

from collections.abc import Mapping
from datetime import date

from django.db.backends.postgresql.psycopg_any import DateRange

from egide.kernel.access.passage import Passage
from egide.kernel.refus import ActeRefuse
from egide.systems.apa_ash.letters import content
from egide.systems.apa_ash.models import Decision, Dossier, ProjetDecision
from egide.systems.apa_ash.models.dossier import Echeance
from egide.systems.apa_ash.models.droit import NatureDecision
from egide.systems.apa_ash.policy import DOSSIERS, DROITS
from egide.systems.apa_ash.queries.decision import Situation
from egide.systems.apa_ash.services.courriers import send_letter
from egide.systems.apa_ash.services.droit_en_cours import next_revision
from egide.systems.apa_ash.services.droits import ONE_DAY, take_decision
from egide.systems.apa_ash.services.fins import lost_autonomy_is_gone
from egide.systems.apa_ash.services.motifs_fin import (
    CUMUL,
    DEPART,
    ETABLISSEMENT,
    GIR,
    MOTIFS,
    RENONCIATION,
    RESIDENCE,
)
from egide.systems.apa_ash.services.rejets import MotifContredit

# An act that creates no right is given up at any time, on any ground.
SOURCE = "CRPA L. 243-1"
RAISONS: Mapping[str, str] = {
    RENONCIATION: "Vous nous avez dit ne plus renoncer à l’APA, avant la fin de votre droit.",
    GIR: "Une nouvelle évaluation vous classe dans les groupes iso-ressources 1 à 4.",
    DEPART: "Vous n’acquérez pas de domicile de secours dans un autre département.",
    ETABLISSEMENT: "Vous n’entrez pas en établissement, ou vous rentrez chez vous.",
    CUMUL: "Vous ne recevez pas la prestation qui ne se cumule pas avec l’APA.",
    RESIDENCE: "Vous résidez en France de façon stable et régulière.",
}


class AucuneFinSignee(ActeRefuse):
    """No signed end is ahead: none was signed, its last day is past, or the person is dead."""

    message = (
        "Aucune fin signée n’est encore à venir\u00a0: passé son dernier jour, un droit ne reprend "
        "que par une nouvelle demande."
    )


def code_of_end(dossier: Dossier) -> str:
    """Name the ground of the end that a file tells."""
    told = dossier.motif_fin
    return next((code for code, fin in MOTIFS.items() if told.startswith(fin.texte)), "")


def check_maintien(situation: Situation, *, on: date) -> dict[str, object]:
    """Refuse to give up an end that is not ahead; give what the decision tells otherwise."""
    dossier, fin_on = situation.dossier, situation.dossier.fin_droit_on
    code = code_of_end(dossier)
    if fin_on is None or not code or situation.droit_en_cours(on) is None:
        raise AucuneFinSignee
    if code == GIR and lost_autonomy_is_gone(situation, on=on):
        raise MotifContredit
    return {"code": code, "motif": RAISONS[code], "effet_on": fin_on + ONE_DAY}


def maintain_droit(passage: Passage, *, situation: Situation, projet: ProjetDecision) -> Decision:
    """Let the right go on after the day that was to be its last, without a gap."""
    check_maintien(situation, on=passage.on)
    dossier, fin_on = situation.dossier, situation.dossier.fin_droit_on
    assert fin_on is not None  # noqa: S101 -- checked the line before
    decision = take_decision(
        passage,
        jeton=projet.pk,
        dossier=dossier,
        nature=NatureDecision.MAINTIEN,
        effet_on=fin_on + ONE_DAY,
        motif=projet.motif,
    )
    # The file first: PostgreSQL lets no right pass an end that stands.
    _give_up_end(passage, dossier=dossier, own=passage.agent.organisme.departement)
    droit = situation.droit_on(fin_on)
    assert droit is not None  # noqa: S101 -- the right that ends on that day was found above
    DROITS.update(passage, droit, periode=DateRange(droit.periode.lower, None))
    send_letter(
        passage,
        dossier=dossier,
        decision=decision,
        prepare_par=projet.propose_par_id,
        contenu=content.Maintien(
            decidee_on=passage.on,
            fin_on=fin_on,
            motifs=(content.Motif(projet.motif, SOURCE),),
        ),
    )
    return decision


def _give_up_end(passage: Passage, *, dossier: Dossier, own: str) -> None:
    """Take the end off the file; what else it waits for, a revision or a notice, stays.

    A move may have been signed before the end that is given up: the person is here all the same.
    """
    dossier.fin_droit_on = None
    changes = next_revision(dossier) if dossier.echeance == Echeance.FIN else {}
    DOSSIERS.update(
        passage, dossier, fin_droit_on=None, motif_fin="", departement_secours=own, **changes
    )
