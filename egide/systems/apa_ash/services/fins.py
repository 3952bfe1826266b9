"""End a right: death, renunciation, move, another benefit, autonomy that opens it no more."""

from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

from egide.kernel import notation
from egide.kernel.access.passage import Passage
from egide.kernel.access.policy import Action
from egide.kernel.access.views import act
from egide.kernel.refus import ActeRefuse
from egide.rules.apa.delais import echeance
from egide.rules.apa.domicile import GIR_NON_ELIGIBLE, motif_refus
from egide.rules.apa.versement import VERSEMENT
from egide.rules.parameters import Bareme
from egide.systems.apa_ash.letters import content
from egide.systems.apa_ash.models import Decision, Dossier, ProjetDecision
from egide.systems.apa_ash.models.dossier import Etat
from egide.systems.apa_ash.models.droit import NatureDecision
from egide.systems.apa_ash.policy import DOSSIERS
from egide.systems.apa_ash.queries.decision import (
    Situation,
    dus_of,
    load_situation,
)
from egide.systems.apa_ash.queries.verses import paid_since
from egide.systems.apa_ash.services.courriers import send_letter
from egide.systems.apa_ash.services.droit_en_cours import (
    UNDER_A_RIGHT,
    back_to_droit,
    next_revision,
)
from egide.systems.apa_ash.services.droits import (
    ONE_DAY,
    check_closable,
    close_droits,
    find_taken,
    take_decision,
)
from egide.systems.apa_ash.services.forfaits import open_silence
from egide.systems.apa_ash.services.motifs_fin import DECES, DEPART, ETABLISSEMENT, GIR, MOTIFS
from egide.systems.apa_ash.services.rejets import MotifContredit
from egide.systems.apa_ash.services.revisions import JourFutur
from egide.systems.apa_ash.services.silence import check_silence, is_late
from egide.systems.apa_ash.services.trop_verses import beyond_end, paid_from


class AucunDroitAFermer(ActeRefuse):
    """No right runs or will run."""

    message = "Aucun droit n’est ouvert : il n’y a rien à fermer."


class DecesDejaConnu(ActeRefuse):
    """The death is recorded already, on another day."""

    message = "Le décès est déjà enregistré."


class DecesAvantNaissance(ActeRefuse):
    """A death follows the birth."""

    message = "Le décès ne peut pas précéder la naissance."


class FinPassee(ActeRefuse):
    """A decision that takes rights away does not go back in time."""

    message = (
        "Le dernier jour du droit ne peut pas être passé à la signature\u00a0: hors décès, la fin "
        "ne remonte pas avant sa notification."
    )


class FinDejaSignee(ActeRefuse):
    """A signed end is brought forward by another one; a later day is a withdrawal first."""

    def __init__(self, fin_on: date) -> None:
        """Say the last day that is signed."""
        super().__init__(
            f"La fin du droit est déjà signée, au {notation.jour_long(fin_on)} inclus\u00a0: une "
            "autre ne peut que l’avancer. Pour la reporter, proposez d’abord le maintien du droit."
        )


class DepartementInconnu(ActeRefuse):
    """A move changes the domicile de secours towards another département."""

    message = "Indiquez le nouveau département : deux ou trois caractères, différent du nôtre."


@act("enregistrer un décès")
def record_deces(passage: Passage, *, jeton: UUID, dossier_id: UUID, deces_on: date) -> Decision:
    """Close the file at the death; what was paid beyond is told to the control of payments.

    What silence had granted to the person until then is recorded first: it is owed to the estate.
    """
    situation = load_situation(passage, pk=dossier_id, action=Action.WRITE, lock=True)
    dossier = situation.dossier
    if taken := find_taken(passage, jeton=jeton, dossier=dossier):
        return taken
    check_deces(situation, deces_on=deces_on, on=passage.on)
    until = due_until(deces_on)
    situation = open_silence(passage, situation=situation, jeton=jeton, until=until) or situation
    excess = trop_verse(passage, situation=situation, deces_on=deces_on)
    # The decision first: PostgreSQL keeps in it what the file and its rights still are, and writes
    # the death that it tells.
    decision = take_decision(
        passage,
        jeton=jeton,
        dossier=dossier,
        nature=NatureDecision.FIN,
        effet_on=deces_on,
        motif=DECES,
        deja_verse=excess,
        avant={},
    )
    close_droits(passage, situation=situation, on=until, annul_later=True)
    _close(passage, decision=decision, dossier=dossier)
    return decision


def check_deces(situation: Situation, *, deces_on: date, on: date) -> None:
    """Refuse a death that cannot be, that is known already, or that comes over a late silence.

    A silence told late rests on two hands, death or not: the lump sum is signed before.
    """
    identite = situation.dossier.identite
    if deces_on > on:
        raise JourFutur
    if deces_on < identite.naissance_on:
        raise DecesAvantNaissance
    if identite.deces_on is not None:
        raise DecesDejaConnu
    if is_late(situation, on=on):
        check_silence(situation, effet_on=due_until(deces_on), on=on)


def due_until(deces_on: date) -> date:
    """Give the first day that a death leaves without allowance."""
    return deces_on + timedelta(days=int(Bareme(deces_on, VERSEMENT)["jour_du_deces_du"]))


def trop_verse(passage: Passage, *, situation: Situation, deces_on: date) -> Decimal:
    """Count what was paid for the month of the death and after, beyond what was due."""
    paid = paid_since(passage, dossier=situation.dossier, since=deces_on)
    return dus_of(situation, deces_on=deces_on).beyond(paid)


def secours_acquis_on(arrivee_on: date) -> date:
    """Give the day a new domicile de secours is acquired: three months after the arrival."""
    return echeance("acquisition_domicile_secours", arrivee_on)


def contestation_avant(notifiee_on: date) -> date:
    """Give the last day to pass the file to the other département (CASF L. 122-4)."""
    return echeance("domicile_secours", notifiee_on)


def dernier_jour(code: str, *, fin_on: date) -> date:
    """Give the last day that is due; for a move, `fin_on` is the arrival in the other département.

    The right is due here until the eve of the day on which the new domicile de secours is acquired.
    """
    return secours_acquis_on(fin_on) - ONE_DAY if code == DEPART else fin_on


def check_fin(passage: Passage, *, situation: Situation, projet: ProjetDecision) -> date:
    """Refuse an end that the file does not allow, or whose last day is past; give that day."""
    if situation.droit_en_cours(passage.on) is None:
        raise AucunDroitAFermer
    if projet.code == GIR and not lost_autonomy_is_gone(situation, on=passage.on):
        raise MotifContredit
    if projet.code == DEPART:
        _check_departement(passage, projet.departement)
    if projet.effet_on is None or projet.effet_on < passage.on:
        raise FinPassee
    known = situation.dossier.fin_droit_on
    if known is not None and projet.effet_on >= known:
        raise FinDejaSignee(known)
    check_closable(situation, on=projet.effet_on + ONE_DAY)
    return projet.effet_on


def end_droit(passage: Passage, *, situation: Situation, projet: ProjetDecision) -> Decision:
    """End the right as it was proposed; until its last day is past, the file stays open."""
    dossier = situation.dossier
    fin_on = check_fin(passage, situation=situation, projet=projet)
    # Before the rights are closed: what they leave is compared with what they gave.
    beyond = beyond_end(paid_from(passage, situation), situation, fin_on=fin_on)
    moves = projet.code == DEPART
    decision = take_decision(
        passage,
        jeton=projet.pk,
        dossier=dossier,
        nature=NatureDecision.FIN,
        effet_on=fin_on,
        motif=projet.motif,
    )
    close_droits(passage, situation=situation, on=fin_on + ONE_DAY)
    if moves:
        DOSSIERS.update(passage, dossier, departement_secours=projet.departement)
    _end(passage, decision=decision, dossier=dossier, studied=moves)
    evaluation = situation.evaluation
    send_letter(
        passage,
        dossier=dossier,
        decision=decision,
        prepare_par=projet.propose_par_id,
        contenu=content.FinDroit(
            decidee_on=passage.on,
            fin_on=fin_on,
            motifs=(content.Motif(projet.motif, MOTIFS[projet.code].source),),
            gir=evaluation.gir if evaluation and projet.code == GIR else None,
            secours_on=fin_on + ONE_DAY if moves else None,
            departement=projet.departement,
            etablissement=projet.code == ETABLISSEMENT,
            deja_verse=bool(beyond),
        ),
    )
    return decision


def lost_autonomy_is_gone(situation: Situation, *, on: date) -> bool:
    """Tell whether the last evaluation closes the right."""
    evaluation = situation.evaluation
    if evaluation is None:
        return False
    return motif_refus(on, age=100, gir=evaluation.gir) == GIR_NON_ELIGIBLE


def _check_departement(passage: Passage, departement: str) -> None:
    if not departement or departement == passage.agent.organisme.departement:
        raise DepartementInconnu


def _end(passage: Passage, *, decision: Decision, dossier: Dossier, studied: bool) -> None:
    """Tell the last day of a file that goes on until then; its day closes it.

    A revision still `studied` may raise what is due until then; otherwise the end answers it.
    """
    dossier.fin_droit_on = decision.effet_on
    changes = next_revision(dossier)
    if Etat(dossier.etat) not in UNDER_A_RIGHT:
        # A lump sum runs beside its request, which ends with it.
        changes = back_to_droit(dossier) if dossier.etat_droit else changes | {"etat": Etat.OUVERT}
    if studied and dossier.etat_droit:
        changes = {}
    DOSSIERS.update(
        passage,
        dossier,
        fin_droit_on=decision.effet_on,
        motif_fin=decision.motif,
        **changes,
    )


def _close(passage: Passage, *, decision: Decision, dossier: Dossier) -> None:
    """Close the file of a dead person at once: PostgreSQL compares the end with its rights."""
    DOSSIERS.update(
        passage,
        dossier,
        etat=Etat.CLOS,
        etat_droit="",
        echeance="",
        echeance_on=None,
        revision_on=None,
        fin_droit_on=max(decision.effet_on, dossier.ouvert_on),
        motif_fin=decision.motif,
    )
