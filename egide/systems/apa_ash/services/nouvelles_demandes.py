"""Receive a new request of a person whose file is over: it begins again, its past stays."""

from datetime import date, timedelta
from uuid import UUID

from django.db.backends.postgresql.psycopg_any import DateRange

from egide.kernel import notation
from egide.kernel.access.passage import Passage
from egide.kernel.access.policy import Action
from egide.kernel.access.views import act
from egide.kernel.refus import ActeRefuse
from egide.systems.apa_ash.models import Demande, Dossier
from egide.systems.apa_ash.models.dossier import FINIS
from egide.systems.apa_ash.models.droit import NatureDecision
from egide.systems.apa_ash.policy import DEMANDES, DOSSIERS, INTERRUPTIONS, RESSOURCES
from egide.systems.apa_ash.queries.decision import Situation, load_situation
from egide.systems.apa_ash.saisie import DemandeSaisie
from egide.systems.apa_ash.services.desistements import put_aside
from egide.systems.apa_ash.services.ouvertures import begins, demande_of, insert_demandes
from egide.systems.apa_ash.services.revisions import JourFutur

ONE_DAY = timedelta(days=1)


class DossierEnCours(ActeRefuse):
    """A request is studied, or a right runs: what the person asks belongs there."""

    message = (
        "Ce dossier est en cours\u00a0: une demande y est étudiée, ou un droit y court. Ce que la "
        "personne demande s’y enregistre, par une révision si un droit est ouvert."
    )


class PersonneDecedee(ActeRefuse):
    """The dead ask for nothing."""

    message = "Un décès est enregistré\u00a0: aucune demande ne s’ajoute à ce dossier."


class DemandeAnterieure(ActeRefuse):
    """What came before the former request was over belongs to it."""

    def __init__(self, first: date) -> None:
        """Say the first day on which another request could be received."""
        super().__init__(
            "La demande précédente n’était pas terminée ce jour-là. Une nouvelle demande a été "
            f"reçue le {notation.jour_long(first)} au plus tôt\u00a0: vérifiez la date."
        )


@act("enregistrer une nouvelle demande")
def renew_demande(
    passage: Passage, *, jeton: UUID, dossier_id: UUID, saisie: DemandeSaisie
) -> Demande:
    """Open a new procedure on a rejected or closed file; rights, letters and debts stay there.

    Nothing of the former procedure counts in it: the person is visited and assessed again, on the
    resources of the day. A replayed `jeton` gives back the request that it made.
    """
    situation = load_situation(passage, pk=dossier_id, action=Action.WRITE, lock=True)
    dossier = situation.dossier
    known = DEMANDES.rows(passage).filter(pk=jeton, dossier=dossier).order_by("pk").first()
    if known is not None:
        return known
    check_renewable(situation, recue_on=saisie.recue_on, on=passage.on)
    _leave_behind(passage, situation=situation)
    row = demande_of(saisie, service_id=dossier.service_id, dossier_id=dossier.pk)
    row.pk = jeton
    (demande,) = insert_demandes(passage, [(row, saisie.pieces)])
    # The request first: PostgreSQL asks which one gives up the end that was signed.
    DOSSIERS.update(
        passage,
        dossier,
        etat_droit="",
        revision_on=None,
        fin_droit_on=None,
        motif_fin="",
        dernier_contact_on=max(dossier.dernier_contact_on, saisie.recue_on),
        **begins(passage, recue_on=saisie.recue_on),
    )
    return demande


def is_over(dossier: Dossier) -> bool:
    """Tell whether nothing is studied nor due any more on a file read as of the day."""
    return dossier.etat in FINIS


def is_renewable(dossier: Dossier) -> bool:
    """Tell whether a person who asks again does so on this file, opened with its `identite`."""
    return is_over(dossier) and dossier.identite.deces_on is None


def empechement(dossier: Dossier) -> str:
    """Say why no new request may be entered on a file, whatever its day; nothing if one may."""
    if dossier.identite.deces_on is not None:
        return PersonneDecedee.message
    return "" if is_renewable(dossier) else DossierEnCours.message


def check_renewable(situation: Situation, *, recue_on: date, on: date) -> None:
    """Refuse a request to a file that goes on, of the dead, or of a day that the former covers."""
    if situation.dossier.identite.deces_on is not None:
        raise PersonneDecedee
    if not is_renewable(situation.dossier):
        raise DossierEnCours
    if recue_on > on:
        raise JourFutur
    if recue_on < (first := first_day(situation)):
        raise DemandeAnterieure(first)


def first_day(situation: Situation) -> date:
    """Give the first day of a new request: after what the former did, from its answer on.

    An end that is signed ahead answers on its signature: whoever asks again before the last day of
    the right asks for what follows it.
    """
    dossier, evaluation = situation.dossier, situation.evaluation
    made = [demande.recue_on for demande in situation.demandes]
    made += [plan.envoye_on for plan in situation.plans if plan.envoye_on]
    made += [evaluation.faite_on] if evaluation else []
    answered = [d.prise_on for d in situation.decisions if d.nature == NatureDecision.REJET]
    if dossier.fin_droit_on is not None:
        answered.append(min(dossier.fin_droit_on, dossier.fin_constatee_on or date.max))
    return max([*(day + ONE_DAY for day in made), *answered], default=date.min)


def _leave_behind(passage: Passage, *, situation: Situation) -> None:
    """Set aside what the former procedure left open: its proposals, plan, resources, suspension."""
    dossier = situation.dossier
    put_aside(passage, dossier=dossier, ordres=None)
    for row in situation.etablies:
        if row.en_vigueur:
            RESSOURCES.update(passage, row, en_vigueur=False)
    stopped, fin_on = situation.suspension, dossier.fin_droit_on
    if stopped is not None and fin_on is not None:
        # It stopped a right that is over; a stay in hospital goes on until its discharge.
        end = max(fin_on + ONE_DAY, stopped.periode.lower)
        INTERRUPTIONS.update(passage, stopped, periode=DateRange(stopped.periode.lower, end))
