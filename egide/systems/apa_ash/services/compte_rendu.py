"""Send the report of a visit that no plan follows, with its advice (CASF R. 232-7, II)."""

from uuid import UUID

from egide.kernel.access.passage import Passage
from egide.kernel.access.policy import Action
from egide.kernel.access.views import act
from egide.kernel.refus import ActeRefuse
from egide.rules.apa.domicile import opens_right
from egide.systems.apa_ash.letters.content import CompteRendu
from egide.systems.apa_ash.models import EvaluationBesoins
from egide.systems.apa_ash.policy import BESOINS
from egide.systems.apa_ash.queries.dossier import open_dossier
from egide.systems.apa_ash.queries.evaluation import last_evaluation
from egide.systems.apa_ash.services.courriers import send_letter


class SansEvaluation(ActeRefuse):
    """A report tells what a visit found."""

    message = "Aucune évaluation n’est enregistrée : il n’y a pas de visite à relater."


class PlanAttendu(ActeRefuse):
    """Whoever may have the allowance is sent a plan, not a report."""

    message = "La personne relève des GIR 1 à 4 : un plan d’aide lui est proposé (CASF R. 232-7)."


class SansConseil(ActeRefuse):
    """A report without advice would be a refusal that says nothing."""

    message = "Écrivez les conseils donnés à la personne : le compte rendu les porte."


class DejaEnvoye(ActeRefuse):
    """The report of a visit leaves once."""

    message = "Le compte rendu de cette visite est déjà envoyé."


class PersonneDecedee(ActeRefuse):
    """A dead person reads no advice."""

    message = "La personne est décédée : le compte rendu ne lui est plus envoyé."


@act("envoyer le compte rendu de visite")
def send_compte_rendu(passage: Passage, *, dossier_id: UUID, conseils: str) -> EvaluationBesoins:
    """Send the advice of the last visit to the person, once; the words are kept as they left."""
    dossier = open_dossier(passage, dossier_id, action=Action.WRITE, lock=True)
    evaluation = last_evaluation(passage, dossier)
    if evaluation is None:
        raise SansEvaluation
    if opens_right(evaluation.gir, on=evaluation.faite_on):
        raise PlanAttendu
    lines = tuple(line.strip() for line in conseils.splitlines() if line.strip())
    if not lines:
        raise SansConseil
    if dossier.identite.deces_on is not None:
        raise PersonneDecedee
    besoins = BESOINS.get(passage, evaluation=evaluation, action=Action.WRITE, lock=True)
    if besoins.compte_rendu_on is not None:
        raise DejaEnvoye
    BESOINS.update(passage, besoins, conseils=conseils, compte_rendu_on=passage.on)
    send_letter(
        passage,
        dossier=dossier,
        contenu=CompteRendu(faite_on=evaluation.faite_on, gir=evaluation.gir, conseils=lines),
    )
    return besoins
