"""The lump sums before a decision: tacit after two months, urgent at once (CASF R. 232-29)."""

from datetime import date
from uuid import UUID, uuid5

from django.db.backends.postgresql.psycopg_any import DateRange

from egide.kernel.access.passage import Passage
from egide.kernel.access.policy import Action
from egide.kernel.access.views import act
from egide.kernel.refus import ActeRefuse, BaremeProvisoire
from egide.rules.apa.delais import echeance
from egide.rules.apa.forfait import GIR_DE_REFERENCE, FeuilleForfait, compute_forfait
from egide.systems.apa_ash.letters import content
from egide.systems.apa_ash.models import Decision, ProjetDecision
from egide.systems.apa_ash.models.demande import NatureDemande
from egide.systems.apa_ash.models.droit import NatureDecision
from egide.systems.apa_ash.queries.decision import Situation, load_situation
from egide.systems.apa_ash.services.courriers import send_letter
from egide.systems.apa_ash.services.decisions import RienADecider
from egide.systems.apa_ash.services.droits import DroitDejaOuvert, find_taken, open_droit
from egide.systems.apa_ash.services.droits import take_decision as decide
from egide.systems.apa_ash.services.lettres_decision import premier_paiement, write_feuille
from egide.systems.apa_ash.services.silence import (
    ONE_DAY,
    is_late,
    silence_covered,
    silence_due,
    tacite_effet,
)

MOTIFS = {
    NatureDecision.FORFAIT_TACITE: (
        "Deux mois sans décision depuis le dossier complet (CASF L. 232-14)."
    ),
    NatureDecision.URGENCE: "Urgence attestée (CASF L. 232-12).",
}


class DelaiNonEcoule(ActeRefuse):
    """The two months since the complete file are not over (CASF L. 232-14)."""

    message = (
        "Les deux mois qui suivent le dossier complet ne sont pas écoulés : "
        "le forfait tacite n’est pas encore dû (CASF L. 232-14)."
    )


class SilenceConstateTard(ActeRefuse):
    """A silence that is told late rests on days that one agent alone may have written."""

    message = (
        "La demande a été enregistrée ou accusée tardivement, ou le forfait remonte à un mois "
        "passé : proposez-le à la signature d’un autre agent."
    )


class UrgenceNonAttestee(ActeRefuse):
    """An urgent grant rests on an attested urgency (CASF L. 232-12)."""

    message = (
        "La demande n’est pas une demande en urgence attestée : "
        "l’attribution en urgence n’est pas possible (CASF L. 232-12)."
    )


class ForfaitDejaOuvert(ActeRefuse):
    """A right is already open: no lump sum comes on top."""

    message = "Un droit est déjà ouvert pour cette période : aucun forfait ne s’y ajoute."


def urgence_periode(situation: Situation) -> DateRange | None:
    """Give the days of an urgent lump sum: from the request to the end of the two months."""
    demande = situation.demande
    if demande is None or demande.nature != NatureDemande.URGENCE or not situation.en_instruction:
        return None
    if not demande.urgence_attestee_par:
        return None
    # The two months run from the complete file; while it is not, from the request.
    limit = echeance("fin_forfait_urgence", demande.complete_on or demande.recue_on)
    return DateRange(demande.recue_on, limit + ONE_DAY)


def urgence_possible(situation: Situation) -> bool:
    """Tell whether an attested urgency gives days that no right covers yet."""
    periode = urgence_periode(situation)
    return periode is not None and not _covered(situation, periode)


@act("constater le forfait tacite")
def grant_forfait_tacite(passage: Passage, *, jeton: UUID, dossier_id: UUID) -> Decision:
    """Open the lump sum that silence has granted, until the express decision (CASF L. 232-14)."""
    situation = load_situation(passage, pk=dossier_id, action=Action.WRITE, lock=True)
    if taken := find_taken(passage, jeton=jeton, dossier=situation.dossier):
        return taken
    effet_on = check_tacite(situation, on=passage.on)
    if is_late(situation, on=passage.on):
        raise SilenceConstateTard
    return _open(
        passage,
        situation=situation,
        jeton=jeton,
        nature=NatureDecision.FORFAIT_TACITE,
        periode=DateRange(effet_on, None),
    )


def check_tacite(situation: Situation, *, on: date) -> date:
    """Refuse a lump sum that silence has not granted yet, or over a right; give its first day."""
    if not situation.en_instruction:
        raise RienADecider
    effet_on = tacite_effet(situation)
    if effet_on is None or on < effet_on:
        raise DelaiNonEcoule
    if silence_covered(situation, effet_on=effet_on):
        raise ForfaitDejaOuvert
    if compute_forfait(effet_on).provisoire:
        raise BaremeProvisoire
    return effet_on


def sign_forfait_tacite(
    passage: Passage, *, situation: Situation, projet: ProjetDecision
) -> Decision:
    """Open the lump sum of a silence that was told late, on the day that silence gave."""
    return _open(
        passage,
        situation=situation,
        jeton=projet.pk,
        nature=NatureDecision.FORFAIT_TACITE,
        periode=DateRange(check_tacite(situation, on=passage.on), None),
        prepare_par=projet.propose_par_id,
    )


def open_silence(
    passage: Passage, *, situation: Situation, jeton: UUID, until: date
) -> Situation | None:
    """Open the lump sum that silence granted before a day, in the act that closes the request.

    A death leaves no choice: what is due to its eve is owed to the estate. No letter goes to the
    dead. Gives the file as it is then, or nothing if no silence was left to record.
    """
    effet_on = silence_due(situation, effet_on=until, on=passage.on)
    if effet_on is None:
        return None
    _open(
        passage,
        situation=situation,
        jeton=uuid5(jeton, NatureDecision.FORFAIT_TACITE),
        nature=NatureDecision.FORFAIT_TACITE,
        periode=DateRange(effet_on, None),
        told=False,
    )
    return load_situation(passage, pk=situation.dossier.pk, action=Action.WRITE)


def check_urgence(situation: Situation) -> DateRange:
    """Refuse an urgent grant that nobody attested, or over a right; give its days."""
    periode = urgence_periode(situation)
    if periode is None:
        raise UrgenceNonAttestee
    if _covered(situation, periode):
        raise ForfaitDejaOuvert
    if compute_forfait(periode.lower).provisoire:
        raise BaremeProvisoire
    return periode


def _covered(situation: Situation, periode: DateRange) -> bool:
    return any(not d.periode.isempty and _meet(d.periode, periode) for d in situation.droits)


def _meet(one: DateRange, other: DateRange) -> bool:
    """Tell whether two periods share a day; the second one has an end."""
    return bool(one.lower < other.upper and (one.upper is None or one.upper > other.lower))


def grant_urgence(passage: Passage, *, situation: Situation, projet: ProjetDecision) -> Decision:
    """Open the provisional lump sum of an attested urgency, from the request (CASF L. 232-12)."""
    return _open(
        passage,
        situation=situation,
        jeton=projet.pk,
        nature=NatureDecision.URGENCE,
        periode=check_urgence(situation),
        prepare_par=projet.propose_par_id,
    )


def _open(
    passage: Passage,
    *,
    situation: Situation,
    jeton: UUID,
    nature: NatureDecision,
    periode: DateRange,
    prepare_par: UUID | None = None,
    told: bool = True,
) -> Decision:
    feuille = compute_forfait(periode.lower)
    decision = decide(
        passage,
        jeton=jeton,
        dossier=situation.dossier,
        nature=nature,
        effet_on=periode.lower,
        feuille=feuille.as_json(),
        motif=MOTIFS[nature],
    )
    try:
        open_droit(
            passage,
            decision=decision,
            periode=periode,
            gir=GIR_DE_REFERENCE,
            couple=False,
            ressources_mensuelles=0,
            plan_mensuel=feuille.montant,
            taux_participation=0,
            participation=0,
            apa=feuille.montant,
            forfait=True,
        )
    except DroitDejaOuvert as error:
        raise ForfaitDejaOuvert from error
    if told:
        send_letter(
            passage,
            dossier=situation.dossier,
            decision=decision,
            prepare_par=prepare_par,
            contenu=_contenu(situation, on=passage.on, feuille=feuille, periode=periode),
        )
    return decision


def _contenu(
    situation: Situation, *, on: date, feuille: FeuilleForfait, periode: DateRange
) -> content.Contenu:
    """Write the letter of the lump sum."""
    demande = situation.demande
    paid_on = premier_paiement(on, effet_on=periode.lower)
    lines = write_feuille(feuille.lines())
    if demande is not None and demande.complete_on is not None and periode.upper is None:
        return content.ForfaitTacite(
            complet_on=demande.complete_on,
            effet_on=periode.lower,
            premier_paiement_on=paid_on,
            montant=feuille.montant,
            feuille=lines,
        )
    return content.ForfaitUrgence(
        decidee_on=on,
        effet_on=periode.lower,
        fin_on=periode.upper - ONE_DAY,
        premier_paiement_on=paid_on,
        montant=feuille.montant,
        feuille=lines,
    )
