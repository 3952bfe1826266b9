"""A few letters as they left: rendering a thousand would make the first start too long."""

import hashlib
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import date

from egide.rules.apa import delais
from egide.systems.apa_ash import models as m
from egide.systems.apa_ash.demo.cases import Stage
from egide.systems.apa_ash.demo.files import File
from egide.systems.apa_ash.demo.rights import Rights
from egide.systems.apa_ash.letters import content, render
from egide.systems.apa_ash.models.demande import CodePiece
from egide.systems.apa_ash.models.dossier import Etat
from egide.systems.apa_ash.purposes import Role

OF_A_KIND = 12


class Post:
    """Write the first letters of each kind."""

    def __init__(self, *, on: date) -> None:
        self._on = on
        self._written: Counter[str] = Counter()

    def write(self, rights: Rights) -> None:
        """Send a file the letter of its state, unless enough of the kind were sent."""
        writer = WRITERS.get(Etat(rights.file.case.etat))
        if writer is None or self._written[rights.file.case.etat] >= OF_A_KIND:
            return
        self._written[rights.file.case.etat] += 1
        day, contenu = writer(rights.file)
        rights.file.world.rows.add(_courrier(rights, contenu, on=day))


def _missing(file: File) -> tuple[date, content.Contenu]:
    piece = content.Piece(
        CodePiece.IMPOSITION.label,
        "Il établit les ressources dont dépend votre participation.",
    )
    day = file.days[Stage.RECLAME]
    return day, content.PiecesManquantes(recue_on=file.days[Stage.RECU], pieces=(piece,))


def _acknowledged(file: File) -> tuple[date, content.Contenu]:
    day = file.days[Stage.COMPLET]
    return day, content.AccuseReception(
        recue_on=file.days[Stage.RECU],
        complet_on=day,
        decision_avant_on=delais.decision_avant(day),
    )


WRITERS: Mapping[Etat, Callable[[File], tuple[date, content.Contenu]]] = {
    Etat.INCOMPLET: _missing,
    Etat.COMPLET: _acknowledged,
    Etat.VISITE: _acknowledged,
    Etat.EVALUE: _acknowledged,
}


def _courrier(rights: Rights, contenu: content.Contenu, *, on: date) -> m.Courrier:
    file = rights.file
    organisme, agent = (
        file.world.team.organisme,
        file.world.team.of(file.service, role=Role.INSTRUCTEUR),
    )
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
            destinataire=content.Destinataire(
                nom=file.identite.nom_complet, adresse=(file.identite.naissance_lieu,)
            ),
            signataire=content.Signataire(
                nom=agent.nom_complet,
                qualite=f"Pour le président du conseil départemental, {agent.fonction}",
            ),
            dossier=file.dossier.numero,
            lieu="Saint-Aubin-les-Prés",
            envoyee_on=on,
            contenu=contenu,
            instructeur=agent.nom_complet,
        )
    )
    return m.Courrier(
        id=file.world.chance.uuid(),
        **file.keys,
        nature=contenu.gabarit,
        cree_on=on,
        empreinte=hashlib.sha256(pdf).hexdigest(),
        pdf=pdf,
    )
