"""What waits for a signature in the demonstration, and what a signatory sent back."""

from datetime import date, timedelta

from egide.rules.apa.versement import next_month
from egide.systems.apa_ash import models as m
from egide.systems.apa_ash.demo.cases import Stage, Story
from egide.systems.apa_ash.demo.chance import Chance
from egide.systems.apa_ash.demo.decisions import Rights
from egide.systems.apa_ash.demo.world import File
from egide.systems.apa_ash.models.dossier import Etat
from egide.systems.apa_ash.models.droit import NatureDecision
from egide.systems.apa_ash.models.signature import EtatProjet
from egide.systems.apa_ash.purposes import Role
from egide.systems.apa_ash.services import motifs_fin
from egide.systems.apa_ash.services.rejets import MOTIFS

# One agreement in so many is proposed already; one proposal in so many was sent back.
PROPOSED, SENT_BACK = 2, 4
# One right that runs in so many is renounced.
RENOUNCED = 97
RENVOIS = (
    "La date de révision est trop lointaine pour une situation qui évolue.",
    "Le conjoint n’a pas signé : vérifiez qui reçoit le courrier.",
    "Le tarif du service ne correspond plus à sa dernière notification.",
)
REVISION = timedelta(days=900)


class Signatures:
    """Draws the proposals of files that await a decision, from a chance of their own."""

    def __init__(self, chance: Chance) -> None:
        """Keep the chance: what is drawn here moves nothing else of the demonstration."""
        self.chance = chance
        self.proposed = self.running = 0

    def add(self, rights: Rights) -> None:
        """Propose a decision on a file that awaits one, or send its proposal back."""
        file = rights.file
        world = file.world
        values = self._proposal(file)
        # Figures that nobody verified are simulated, never proposed.
        if values is None or world.on > world.anchor:
            return
        if values["nature"] == NatureDecision.ACCORD and not self.chance.one_in(PROPOSED):
            return
        propose_on = self.chance.before(world.on, low=0, high=4)
        projet = m.ProjetDecision(
            id=self.chance.uuid(),
            **file.keys,
            propose_on=max(propose_on, _since(file)),
            propose_par_id=world.team.of(file.service, role=Role.INSTRUCTEUR).pk,
            etat=EtatProjet.PROPOSE,
            **values,
        )
        self.proposed += 1
        if self.proposed % SENT_BACK == SENT_BACK // 2:
            projet.etat, projet.traite_on = EtatProjet.RENVOYE, world.on
            projet.traite_par_id = world.team.of(file.service, role=Role.RESPONSABLE).pk
            projet.renvoi = self.chance.pick(RENVOIS)
        world.rows.add(projet)

    def _proposal(self, file: File) -> dict[str, object] | None:
        if file.case.etat == Etat.ACCEPTE and file.plan is not None:
            on = file.world.on
            feuille = file.compute(plan=file.plan, on=on)
            return {
                "nature": NatureDecision.ACCORD,
                "revision_on": on + REVISION,
                "plan_id": file.plan.plan.pk,
                "apa": feuille.apa,
                "participation": feuille.participation,
            }
        if file.case.etat == Etat.EVALUE and file.case.story == Story.SANS_DROIT:
            return {"nature": NatureDecision.REJET, "code": "gir", "motif": MOTIFS["gir"].texte}
        runs = file.dossier.etat == Etat.OUVERT and file.dossier.fin_droit_on is None
        self.running += runs
        if runs and self.running % RENOUNCED == 1:
            return {
                "nature": NatureDecision.FIN,
                "code": motifs_fin.RENONCIATION,
                "motif": motifs_fin.MOTIFS[motifs_fin.RENONCIATION].texte,
                "effet_on": next_month(file.world.on) - timedelta(days=1),
            }
        return None


def _since(file: File) -> date:
    """Give the last day of the procedure: nothing is proposed before it."""
    if file.dossier.etat == Etat.OUVERT:
        return file.days[Stage.DECIDE]
    return file.days[Stage.REPONDU if file.case.etat == Etat.ACCEPTE else Stage.EVALUE]
