"""People of the demonstration who give a request up, or ask again in a file that was over."""

from datetime import date, timedelta

from egide.rules.apa import delais
from egide.systems.apa_ash import models as m
from egide.systems.apa_ash.demo.cases import Stage, Story
from egide.systems.apa_ash.demo.chance import Chance
from egide.systems.apa_ash.demo.decisions import Rights
from egide.systems.apa_ash.models.demande import Canal, CodePiece, NatureDemande
from egide.systems.apa_ash.models.dossier import Echeance, Etat
from egide.systems.apa_ash.services.desistements import MOTIF

STORIES = frozenset({Story.SANS_DROIT, Story.REFUS, Story.DEPART, Story.RENONCIATION})
# Ago, in days: the request, at the most; and what it follows, at the least.
RECENT, FORMER = 8, timedelta(days=40)


class Withdrawals:
    """Let a person give up, once in a while, a request that is complete and not visited yet."""

    def __init__(self, chance: Chance) -> None:
        self._chance = chance
        self._met: set[object] = set()

    def add(self, rights: Rights) -> None:
        """End a request as the act does, once its former letters are written."""
        file, dossier = rights.file, rights.file.dossier
        studied = (dossier.etat, dossier.etat_droit, file.case.story) == (Etat.COMPLET, "", "")
        place = file.service.pk
        if not studied or (place in self._met and not self._chance.one_in(RECENT)):
            return
        self._met.add(place)
        # No later than the two months: what silence granted then would come first.
        last = delais.decision_avant(file.days[Stage.COMPLET])
        file.demande.desistee_on = dossier.dernier_contact_on = min(file.world.on, last)
        file.demande.desistee_par = self._chance.pick(tuple(Canal)[:3])
        dossier.etat, dossier.motif_fin = Etat.RETIREE, MOTIF
        dossier.echeance, dossier.echeance_on = "", None


class Renewals:
    """Let a person who was refused, who gave up or who moved ask again, once in a while."""

    def __init__(self, chance: Chance) -> None:
        self._chance = chance
        self._met: set[object] = set()

    def add(self, rights: Rights) -> None:
        """Begin a file anew, as the act does, once its former letters and payments are written."""
        file, dossier, on = rights.file, rights.file.dossier, rights.file.world.on
        story = file.case.story
        if story not in STORIES or dossier.etat not in {Etat.REJETE, Etat.CLOS}:
            return
        if any(decision.effet_on > on - FORMER for decision in rights.decisions):
            return
        # One of each story in each service, then some others.
        place = (story, file.service.pk)
        if place in self._met and not self._chance.one_in(RECENT):
            return
        self._met.add(place)
        recue_on = self._chance.before(on, low=1, high=RECENT)
        self._ask(rights, on=recue_on)
        dossier.etat, dossier.motif_fin, dossier.revision_on = Etat.RECU, "", None
        dossier.fin_constatee_on = dossier.fin_droit_on and recue_on
        dossier.fin_droit_on, dossier.dernier_contact_on = None, recue_on
        dossier.departement_secours = file.world.team.organisme.departement
        file.due(Echeance.ACCUSE, delais.accuse_avant(recue_on))
        if file.ressources is not None:
            file.ressources.en_vigueur = False

    def _ask(self, rights: Rights, *, on: date) -> None:
        file, came = rights.file, {CodePiece.IDENTITE, CodePiece.RIB}
        demande = m.Demande(
            id=self._chance.uuid(),
            **file.keys,
            nature=NatureDemande.PREMIERE,
            canal=self._chance.pick(tuple(Canal)[:3]),
            recue_on=on,
        )
        file.world.rows.add(demande)
        file.world.rows.extend(
            m.Piece(
                id=self._chance.uuid(),
                **file.keys,
                demande_id=demande.pk,
                code=code,
                recue_on=on if code in came else None,
            )
            for code in CodePiece
        )
