"""The letters of some files, as they left: rendering all would make the first start too long."""

import hashlib
from datetime import date

from egide.kernel.access.models import Agent
from egide.systems.apa_ash import models as m
from egide.systems.apa_ash.demo.chance import Chance
from egide.systems.apa_ash.demo.decisions import Rights, author_of
from egide.systems.apa_ash.demo.posting import PROPOSITION, posted_on
from egide.systems.apa_ash.demo.writings import Written, letters_of
from egide.systems.apa_ash.letters import content, render
from egide.systems.apa_ash.models.dossier import Etat
from egide.systems.apa_ash.models.droit import NatureDecision
from egide.systems.apa_ash.purposes import Role
from egide.systems.apa_ash.services.courriers import AUTORITE, address, represents


class Post:
    """Write all the letters of a first file of each state in each service, and of each decision.

    Of the other files whose proposal left, that one alone: what they wait for runs from its post.
    """

    def __init__(self, *, on: date) -> None:
        self._on = on
        self._met: set[str] = set()

    def write(self, rights: Rights) -> None:
        """Send a file its letters, if nothing alike was written before."""
        file = rights.file
        # A closed file is alike another by what ended it, wherever it is.
        place = file.case.story if file.case.etat == Etat.CLOS else file.service.pk
        kinds = {f"{file.case.etat} {place}", *(d.nature for d in rights.decisions)}
        whole = not kinds <= self._met
        if not whole and file.case.etat != Etat.PROPOSE:
            return
        self._met |= kinds
        file.world.rows.extend(
            write_letter(rights, written, chance=file.world.chance)
            for written in letters_of(rights)
            if written.on <= self._on and (whole or written.contenu.gabarit == PROPOSITION)
        )


def _posted(written: Written, *, on: date, by: Agent) -> dict[str, object]:
    """Give the post of a letter."""
    day = posted_on(written.on, nature=written.contenu.gabarit, on=on)
    return {"poste_on": day, "poste_constate_on": day, "poste_par_id": by.pk} if day else {}


def write_letter(rights: Rights, written: Written, *, chance: Chance) -> m.Courrier:
    """Render a letter of a file, posted but for the last days."""
    file, person = rights.file, rights.file.person
    organisme, agent = (
        file.world.team.organisme,
        file.world.team.of(file.service, role=Role.INSTRUCTEUR),
    )
    taken = written.decision
    signs = file.world.team.of(
        file.service,
        role=author_of(NatureDecision(taken.nature)) if taken else written.role,
    )
    destinataire = address(person.identite, person.coordonnees, person.protection)
    pdf = render.render(
        content.Letter(
            organisme=content.Organisme(
                nom=organisme.nom,
                adresse=tuple(organisme.adresse.splitlines()),
                service=file.service.nom,
                telephone=organisme.telephone,
                courriel=organisme.courriel,
                dpo=f"{organisme.delegue_protection_donnees}, {organisme.courriel_delegue}",
                tribunal=organisme.tribunal,
            ),
            destinataire=destinataire,
            signataire=content.Signataire(
                nom=signs.nom_complet,
                qualite=f"Pour {AUTORITE}, {signs.fonction[:1].lower()}{signs.fonction[1:]}",
            ),
            dossier=file.dossier.numero,
            lieu="Saint-Aubin-les-Prés",
            envoyee_on=written.on,
            contenu=written.contenu,
            concerne=person.identite.nom_complet if represents(person.protection) else "",
            instructeur=agent.nom_complet,
        )
    )
    return m.Courrier(
        id=chance.uuid(),
        **file.keys,
        nature=written.contenu.gabarit,
        nom_destinataire=destinataire.nom,
        motif=written.motif,
        decision_id=written.decision.pk if written.decision else None,
        cree_on=written.on,
        **_posted(written, on=file.world.on, by=agent),
        empreinte=hashlib.sha256(pdf).hexdigest(),
        pdf=pdf,
    )
