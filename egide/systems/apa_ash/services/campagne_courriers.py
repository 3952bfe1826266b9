"""Notify the new amounts of a campaign that was applied: a letter for each right, by batches."""

from datetime import date
from uuid import UUID

from egide.kernel.access.passage import Passage
from egide.kernel.access.policy import Action
from egide.kernel.access.views import act
from egide.kernel.refus import ActeRefuse
from egide.rules.apa.montants import plafond_mensuel
from egide.systems.apa_ash.calculs.chiffrage import retenu_du_droit
from egide.systems.apa_ash.letters import content
from egide.systems.apa_ash.models import Campagne, Courrier
from egide.systems.apa_ash.models.campagne import EtatCampagne
from egide.systems.apa_ash.policy import CAMPAGNES, COURRIERS
from egide.systems.apa_ash.queries.a_poster import mark_posted
from egide.systems.apa_ash.queries.campagne_courriers import Matiere, hold_part, take_matieres
from egide.systems.apa_ash.queries.campagne_feuille import read_feuille
from egide.systems.apa_ash.services.a_poster import check_day
from egide.systems.apa_ash.services.campagnes import CampagneFermee
from egide.systems.apa_ash.services.courriers import compose_letter, print_letter
from egide.systems.apa_ash.services.lettres_decision import write_feuille

# Rendering is what costs: an answer every few seconds, so that the progress is seen to move.
BATCH = 50


class PartieDejaPostee(ActeRefuse):
    """Nothing of a part is left to post."""

    message = "Tous les courriers de cette partie sont déjà notés postés."


@act("écrire un lot de courriers de revalorisation")
def write_batch(passage: Passage, *, campagne_id: UUID, size: int = BATCH) -> Campagne:
    """Write the letters of the next lines, and flag them: all of the batch or none of it.

    A letter bears the id of its line and of its decision: written twice, it breaks a primary key.
    """
    campagne = CAMPAGNES.get(passage, pk=campagne_id, action=Action.WRITE, lock=True)
    if campagne.etat != EtatCampagne.TERMINEE:
        raise CampagneFermee("Les courriers partent une fois la revalorisation appliquée.")
    taken = take_matieres(passage, campagne=campagne, size=size)
    if taken:
        letters = [_letter(passage, matiere, campagne=campagne) for matiere in taken]
        COURRIERS.create_many(passage, letters)
        CAMPAGNES.update(passage, campagne, notifies=campagne.notifies + len(taken))
    return campagne


@act("noter postés les courriers d’une revalorisation")
def record_posted_part(
    passage: Passage, *, campagne_id: UUID, part: int, poste_on: date
) -> list[Courrier]:
    """Say that the letters of one file to print left on a day, those that had not left before."""
    campagne = CAMPAGNES.get(passage, pk=campagne_id, action=Action.WRITE, lock=True)
    held = hold_part(passage, campagne=campagne, part=part)
    if not held:
        raise PartieDejaPostee
    check_day(passage, poste_on=poste_on, since=max(c.cree_on for c in held))
    mark_posted(
        passage,
        courriers=[c.pk for c in held],
        poste_on=poste_on,
        poste_par=passage.agent.pk,
    )
    return held


def _letter(passage: Passage, matiere: Matiere, *, campagne: Campagne) -> Courrier:
    dossier = matiere.ligne.dossier
    letter = compose_letter(
        passage,
        dossier=dossier,
        contenu=_contenu(matiere, campagne=campagne),
        coordonnees=matiere.coordonnees,
        protection=matiere.protection,
    )
    pk = matiere.ligne.pk
    return Courrier(id=pk, decision_id=pk, **print_letter(letter, dossier=dossier))


def _contenu(matiere: Matiere, *, campagne: Campagne) -> content.Revalorisation:
    ligne, droit = matiere.ligne, matiere.ligne.droit
    debut = droit.periode.lower
    feuille = read_feuille(ligne, on=campagne.effet_on)
    return content.Revalorisation(
        decidee_on=matiere.decidee_on,
        effet_on=campagne.effet_on,
        avant=content.Montants(
            plan=retenu_du_droit(droit, on=debut),
            plafond=plafond_mensuel(debut, gir=droit.gir),
            taux=droit.taux_participation,
            participation=droit.participation,
            apa=droit.apa,
        ),
        apres=content.Montants(
            plan=ligne.plan_apres,
            plafond=feuille.plafond,
            taux=ligne.taux_apres,
            participation=ligne.participation_apres,
            apa=ligne.apa_apres,
        ),
        feuille=write_feuille(feuille.lines()),
        non_versee=not ligne.apa_apres,
    )
