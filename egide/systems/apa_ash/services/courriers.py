"""Send a letter: build it from the rows, render it once, keep the PDF as it left."""

import hashlib
from typing import Any
from uuid import UUID

from egide.kernel.access.models import Organisme
from egide.kernel.access.passage import Passage
from egide.kernel.access.people import names_of
from egide.systems.apa_ash.letters import content, render
from egide.systems.apa_ash.models import (
    Coordonnees,
    Courrier,
    Decision,
    Dossier,
    Identite,
    Protection,
)
from egide.systems.apa_ash.models.personne import Mesure, Sexe
from egide.systems.apa_ash.policy import COORDONNEES, COURRIERS, PROTECTIONS
from egide.systems.apa_ash.purposes import ROLE_LABELS, Role

AUTORITE = "le président du conseil départemental"

# Measures whose holder acts in the person's name; under the others the person receives her letters.
REPRESENTANTS = {
    Mesure.TUTELLE: "tuteur ou tutrice",
    Mesure.HABILITATION_FAMILIALE: "personne habilitée",
    Mesure.MANDAT: "mandataire",
}


def send_letter(
    passage: Passage,
    *,
    dossier: Dossier,
    contenu: content.Contenu,
    decision: Decision | None = None,
    destinataire: content.Destinataire | None = None,
    service: str = "",
    prepare_par: UUID | None = None,
    motif: str = "",
) -> Courrier:
    """Render a letter of a file opened with its `identite`, and keep it with its imprint.

    Called inside an act. It goes to `destinataire` when the matter is another's than the person's,
    otherwise to whoever represents her, if anybody does; `service` is the name of the one that it
    goes to: without it another is her estate. Whoever acts signs it; it names besides who prepared
    what is signed, `prepare_par`, when another did. `motif` is the ground that a formal notice
    gives. A letter that leaves is no contact *from* the person: it does not move
    `dernier_contact_on`.
    """
    letter = compose_letter(
        passage,
        dossier=dossier,
        contenu=contenu,
        coordonnees=COORDONNEES.get(passage, dossier=dossier),
        protection=PROTECTIONS.rows(passage).filter(dossier=dossier).order_by("pk").first(),
        destinataire=destinataire,
        suivi_par=names_of([prepare_par]).get(prepare_par, "") if prepare_par else "",
    )
    printed = print_letter(letter, dossier=dossier)
    return COURRIERS.create(
        passage,
        decision=decision,
        destinataire=service,
        succession=destinataire is not None and not service,
        motif=motif,
        **printed,
    )


def compose_letter(
    passage: Passage,
    *,
    dossier: Dossier,
    contenu: content.Contenu,
    coordonnees: Coordonnees,
    protection: Protection | None,
    destinataire: content.Destinataire | None = None,
    suivi_par: str = "",
) -> content.Letter:
    """Address a letter of a file opened with its `identite`; no statement is sent."""
    return content.Letter(
        organisme=_organisme(passage, dossier.service_id),
        destinataire=destinataire or address(dossier.identite, coordonnees, protection),
        signataire=_signataire(passage, dossier.service_id),
        dossier=dossier.numero,
        lieu=_lieu(passage.agent.organisme),
        envoyee_on=passage.on,
        contenu=contenu,
        concerne=dossier.identite.nom_complet if destinataire or represents(protection) else "",
        instructeur=suivi_par or passage.agent.nom_complet,
    )


def print_letter(letter: content.Letter, *, dossier: Dossier) -> dict[str, Any]:
    """Render a letter once; give the columns that keep it with its imprint."""
    pdf = render.render(letter)
    return {
        "service_id": dossier.service_id,
        "dossier_id": dossier.pk,
        "nature": letter.contenu.gabarit,
        "nom_destinataire": letter.destinataire.nom,
        "cree_on": letter.envoyee_on,
        "empreinte": hashlib.sha256(pdf).hexdigest(),
        "pdf": pdf,
    }


def represents(protection: Protection | None) -> bool:
    """Tell whether a measure lets its holder act in the name of the person."""
    return protection is not None and protection.mesure in REPRESENTANTS


def _lines(text: str) -> tuple[str, ...]:
    return tuple(line.strip() for line in text.splitlines() if line.strip())


def _organisme(passage: Passage, service_id: UUID) -> content.Organisme:
    organisme = passage.agent.organisme
    return content.Organisme(
        nom=organisme.nom,
        adresse=_lines(organisme.adresse),
        service=passage.service_name(service_id),
        telephone=organisme.telephone,
        courriel=organisme.courriel,
        dpo=f"{organisme.delegue_protection_donnees}, {organisme.courriel_delegue}",
        autorite=AUTORITE,
        tribunal=organisme.tribunal or f"tribunal administratif du ressort de : {organisme.nom}",
    )


def _lieu(organisme: Organisme) -> str:
    """Give the town at the end of the address, without its postal code."""
    lines = _lines(organisme.adresse)
    return (lines[-1] if lines else organisme.nom).lstrip("0123456789 ")


def address(
    identite: Identite, coordonnees: Coordonnees, protection: Protection | None
) -> content.Destinataire:
    """Give who receives the letters of a person: herself, or whoever acts in her name."""
    home = (coordonnees.adresse, f"{coordonnees.code_postal} {coordonnees.commune}")
    if protection is not None and represents(protection):
        quality = REPRESENTANTS[Mesure(protection.mesure)]
        return content.Destinataire(
            nom=f"{protection.nom}, {quality} de {identite.nom_complet}",
            adresse=_lines(protection.adresse) or home,
        )
    appel = "Madame" if identite.sexe == Sexe.FEMININ else "Monsieur"
    return content.Destinataire(nom=identite.nom_complet, adresse=home, appel=appel)


def _signataire(passage: Passage, service_id: UUID) -> content.Signataire:
    roles = [o.role for o in passage.openings if o.service_id == service_id]
    quality = passage.agent.fonction or (ROLE_LABELS[Role(roles[0])] if roles else "")
    # After a comma: « la directrice », « instructrice APA », but an acronym keeps its capitals.
    if not quality[:2].isupper():
        quality = quality[:1].lower() + quality[1:]
    return content.Signataire(
        nom=passage.agent.nom_complet, qualite=f"Pour {AUTORITE}, {quality}".rstrip(", ")
    )
