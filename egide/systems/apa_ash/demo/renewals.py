"""New requests of people whose file was over: one in so many of the demonstration asks again."""

from datetime import date, timedelta

from egide.rules.apa import delais
from egide.systems.apa_ash import models as m
from egide.systems.apa_ash.demo.cases import Story
from egide.systems.apa_ash.demo.chance import Chance
from egide.systems.apa_ash.demo.decisions import Rights
from egide.systems.apa_ash.models.demande import Canal, CodePiece, NatureDemande
from egide.systems.apa_ash.models.dossier import Echeance, Etat

STORIES = frozenset({Story.SANS_DROIT, Story.REFUS, Story.DEPART, Story.RENONCIATION})
# Ago, in days: the request, at the most; and what it follows, at the least.
RECENT, FORMER = 8, timedelta(days=40)


class Renewals:
    """Let a person who was refused, who gave up or who moved ask again, once in a while."""

    def __init__(self, chance: Chance) -> None:
        self._chance = chance
        self._met: set[Story] = set()

    def add(self, rights: Rights) -> None:
        """Begin a file anew, as the act does, once its former letters and payments are written."""
        file, dossier, on = rights.file, rights.file.dossier, rights.file.world.on
        story = file.case.story
        if story not in STORIES or dossier.etat not in {Etat.REJETE, Etat.CLOS}:
            return
        if any(decision.effet_on > on - FORMER for decision in rights.decisions):
            return
        # One of each story, then some others.
        if story in self._met and not self._chance.one_in(RECENT):
            return
        self._met.add(story)
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
