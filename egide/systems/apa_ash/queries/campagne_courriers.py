"""The letters of a campaign: who still waits for one, and those written, ready to print."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Q

from egide.kernel.access.passage import Passage
from egide.kernel.access.policy import Action
from egide.kernel.access.rows import Traced
from egide.systems.apa_ash.models import (
    Campagne,
    Coordonnees,
    Courrier,
    LigneCampagne,
    Protection,
)
from egide.systems.apa_ash.policy import (
    COORDONNEES,
    COURRIERS,
    DECISIONS,
    DOSSIERS,
    DROITS,
    IDENTITES,
    LIGNES_CAMPAGNE,
    PROTECTIONS,
)

LIASSE = 500  # letters in one file to print: a thousand pages

# Nobody writes to the dead: what becomes of their right is told to their heirs when it ends.
REACHED = Q(dossier__identite__deces_on__isnull=True, dossier__coordonnees__isnull=False)

# Nor is what was written before posted after.
LEFT_TO_THE_DEAD = Q(poste_on__isnull=True, dossier__identite__deces_on__isnull=False)


@dataclass(frozen=True, slots=True)
class EtatCourriers:
    """How far the letters of a campaign are; `a_part` counts the lines that get none."""

    ecrits: int
    a_ecrire: int
    a_part: int
    a_poster: int = 0

    @property
    def parts(self) -> range:
        """Number the files in which the letters written are printed."""
        return range(1, -(-self.ecrits // LIASSE) + 1)


@dataclass(frozen=True, slots=True)
class Matiere:
    """All that the letter of one line says."""

    ligne: LigneCampagne
    decidee_on: date
    coordonnees: Coordonnees
    protection: Protection | None


def read_etat(passage: Passage, *, campagne: Campagne) -> EtatCourriers:
    """Count the letters written, to write and to post, and the lines without any."""
    rows = LIGNES_CAMPAGNE.rows(passage).filter(
        campagne_id=campagne.pk, service_id=campagne.service_id, applique=True
    )
    found = rows.aggregate(
        ecrits=Count("pk", filter=Q(notifie=True)),
        a_ecrire=Count("pk", filter=Q(notifie=False) & REACHED),
        lignes=Count("pk"),
    )
    apart = found["lignes"] - found["ecrits"] - found["a_ecrire"]
    written = letters_of(passage, campagne=campagne)
    left = written.filter(poste_on__isnull=True).exclude(LEFT_TO_THE_DEAD)
    return EtatCourriers(found["ecrits"], found["a_ecrire"], apart, left.count())


def take_matieres(passage: Passage, *, campagne: Campagne, size: int) -> list[Matiere]:
    """Flag the next lines as told and give what their letters say, in five statements.

    The campaign is held by whoever calls: two agents never take the same line.
    """
    lignes = list(
        LIGNES_CAMPAGNE.rows(
            passage,
            action=Action.WRITE,
            dossier=DOSSIERS,
            dossier__identite=IDENTITES,
            droit=DROITS,
        )
        .filter(
            REACHED,
            campagne_id=campagne.pk,
            service_id=campagne.service_id,
            applique=True,
            notifie=False,
        )
        .order_by("pk")[:size]
    )
    if not lignes:
        return []
    taken = [ligne.pk for ligne in lignes]
    LIGNES_CAMPAGNE.rows(passage, action=Action.WRITE).filter(pk__in=taken).update(notifie=True)
    dossiers = [ligne.dossier_id for ligne in lignes]
    homes = {c.dossier_id: c for c in COORDONNEES.rows(passage).filter(dossier_id__in=dossiers)}
    holders = {p.dossier_id: p for p in PROTECTIONS.rows(passage).filter(dossier_id__in=dossiers)}
    # The decision bears the id of its line (ADR 0009).
    decided = {
        pk: prise_on
        for pk, prise_on, _ in DECISIONS.rows(passage)
        .filter(pk__in=taken)
        .values_list("pk", "prise_on", "dossier_id")
    }
    return [
        Matiere(
            ligne=ligne,
            decidee_on=decided[ligne.pk],
            coordonnees=homes[ligne.dossier_id],
            protection=holders.get(ligne.dossier_id),
        )
        for ligne in lignes
    ]


def read_part(passage: Passage, *, campagne: Campagne, part: int) -> Sequence[bytes]:
    """Give the letters of one file to print as they were written, in the order of the files."""
    printed = part_of(letters_of(passage, campagne=campagne), part=part).values("pk")
    chosen = COURRIERS.rows(passage).filter(pk__in=printed).exclude(LEFT_TO_THE_DEAD)
    rows: list[Courrier] = list(chosen.order_by("dossier__numero", "pk"))
    return [bytes(row.pdf) for row in rows]


def hold_part(passage: Passage, *, campagne: Campagne, part: int) -> list[Courrier]:
    """Hold the letters of one file to print that nobody posted yet, without their content."""
    printed = part_of(letters_of(passage, campagne=campagne), part=part).values("pk")
    rows = COURRIERS.rows(passage, action=Action.WRITE).defer("pdf")
    left = rows.filter(pk__in=printed, poste_on__isnull=True).exclude(LEFT_TO_THE_DEAD)
    return list(left.select_for_update(of=("self",)).order_by("pk"))


def letters_of(passage: Passage, *, campagne: Campagne) -> Traced[Courrier]:
    """Give the letters of a campaign."""
    told = LIGNES_CAMPAGNE.rows(passage).filter(
        campagne_id=campagne.pk, service_id=campagne.service_id, notifie=True
    )
    rows = COURRIERS.rows(passage).filter(service_id=campagne.service_id)
    return rows.filter(pk__in=told.values("pk"))


def part_of(rows: Traced[Courrier], *, part: int) -> Traced[Courrier]:
    """Give the letters that one file to print holds."""
    return rows.order_by("dossier__numero", "pk")[(part - 1) * LIASSE : part * LIASSE]
