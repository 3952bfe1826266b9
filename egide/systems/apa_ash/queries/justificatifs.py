"""Proofs that were asked: those of one file, those that a service still awaits."""

from datetime import date, timedelta

from django.db.models import Exists, OuterRef, Q

from egide.kernel.access.passage import Passage
from egide.kernel.access.rows import Traced
from egide.rules.apa.controle import jours_pour_noter_un_depot
from egide.rules.apa.delais import parti_depuis
from egide.systems.apa_ash.models import DemandeJustificatif, Dossier, Prestataire
from egide.systems.apa_ash.policy import (
    AIDES_PONCTUELLES,
    COURRIERS,
    DOSSIERS,
    IDENTITES,
    JUSTIFICATIFS,
    LIGNES_PLAN,
    PAIEMENTS,
    PRESTATAIRES,
)
from egide.systems.apa_ash.queries.plan_du_droit import agreements

PAGE = 50
LETTER = ("nature", "destinataire", "cree_on", "poste_on", "poste_constate_on")


def list_justificatifs(passage: Passage, *, dossier: Dossier) -> list[DemandeJustificatif]:
    """List what was asked about a file, the last one first."""
    rows = JUSTIFICATIFS.rows(passage, prestataire=PRESTATAIRES).filter(dossier=dossier)
    return list(rows.order_by("-demandee_on", "pk"))


def list_services(passage: Passage, *, dossier: Dossier) -> list[Prestataire]:
    """List the services that a granted plan of a file names, or that were paid for it, by name."""
    decided = agreements(passage).filter(dossier=dossier).values("plan_id")
    among = Q(pk__in=PAIEMENTS.rows(passage).filter(dossier=dossier).values("prestataire_id"))
    for lines in (LIGNES_PLAN.rows(passage), AIDES_PONCTUELLES.rows(passage)):
        named = lines.filter(dossier=dossier, plan_id__in=decided).values("prestataire_id")
        among |= Q(pk__in=named)
    return list(PRESTATAIRES.rows(passage).filter(among).order_by("nom", "pk"))


def list_awaited(passage: Passage, *, page: int = 1) -> tuple[list[DemandeJustificatif], bool]:
    """Give what is still awaited, the earliest deadline first, and whether more follows."""
    rows = JUSTIFICATIFS.rows(
        passage, prestataire=PRESTATAIRES, dossier=DOSSIERS, dossier__identite=IDENTITES
    ).filter(recue_on__isnull=True)
    start = (page - 1) * PAGE
    found = [*rows.order_by("attendue_on", "pk")[start : start + PAGE + 1]]
    return found[:PAGE], len(found) > PAGE


def list_silent(passage: Passage, *, miens: bool, on: date) -> list[DemandeJustificatif]:
    """List the files whose person let the delay pass, the oldest first: one's own, or all."""
    asked = JUSTIFICATIFS.rows(passage, dossier=DOSSIERS, dossier__identite=IDENTITES)
    rows = late(passage, asked, on=on)
    if miens:
        rows = rows.filter(dossier__instructeur=passage.agent.pk)
    return list(rows.order_by("attendue_on", "pk")[:PAGE])


def list_overdue(passage: Passage, *, dossier: Dossier, on: date) -> list[DemandeJustificatif]:
    """List what the person did not send in time: what the instruction may act upon."""
    return list(overdue(passage, dossier=dossier, on=on).order_by("attendue_on", "pk"))


def overdue(
    passage: Passage, *, dossier: Dossier | OuterRef, on: date
) -> Traced[DemandeJustificatif]:
    """Give what the person of a file, or of each, did not send in time."""
    return late(passage, JUSTIFICATIFS.rows(passage), on=on).filter(dossier=dossier)


def late(
    passage: Passage, rows: Traced[DemandeJustificatif], *, on: date
) -> Traced[DemandeJustificatif]:
    """Keep what the person did not send in time: her month begins once its letter is posted.

    A letter that stayed in the office, that left less than a month ago, or whose post was told too
    late for that, asked for nothing yet; nor did a request without a letter.
    """
    passage.note((), [f"Courrier.{name}" for name in LETTER])
    since = parti_depuis("production_justificatifs", on=on)
    asked = COURRIERS.rows(passage).filter(
        dossier=OuterRef("dossier"),
        nature="demande_justificatifs",
        destinataire="",
        cree_on=OuterRef("demandee_on"),
        poste_on__lt=since,
        poste_constate_on__lt=since + timedelta(days=jours_pour_noter_un_depot(on)),
    )
    waited = rows.filter(prestataire__isnull=True, recue_on__isnull=True, attendue_on__lt=on)
    return waited.filter(Exists(asked))
