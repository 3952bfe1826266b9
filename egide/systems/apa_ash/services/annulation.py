"""Undo a death recorded by mistake: what it closed is as it was, what it claimed is withdrawn."""

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from django.db.backends.postgresql.psycopg_any import DateRange

from egide.kernel.access.passage import Passage, Refused
from egide.kernel.access.policy import Action
from egide.kernel.access.views import act
from egide.kernel.refus import ActeRefuse, refusing
from egide.systems.apa_ash.models import Decision, Dossier, Droit
from egide.systems.apa_ash.models.controle import MOTIF_DECES, EtatIndu
from egide.systems.apa_ash.models.droit import NatureDecision
from egide.systems.apa_ash.policy import DOSSIERS, DROITS, INDUS
from egide.systems.apa_ash.purposes import Role
from egide.systems.apa_ash.queries.annulation import deces_a_annuler
from egide.systems.apa_ash.queries.decision import load_situation
from egide.systems.apa_ash.services.droits import DroitDejaOuvert, find_taken, take_decision

# A debt that was repaid, even in part, is settled with whoever repaid it.
RETIRABLES = (EtatIndu.CONSTATE, EtatIndu.PROPOSE, EtatIndu.NOTIFIE, EtatIndu.NON_RECOUVRE)


class AucunDeces(ActeRefuse):
    """No death can be undone: none is recorded, or what it closed was not kept."""

    message = "Aucun décès de ce dossier ne peut être annulé."


class AnnulationSansMotif(ActeRefuse):
    """A death is undone for a reason, which the decision keeps."""

    message = "Dites pourquoi le décès avait été enregistré à tort."


def _read(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


@act("annuler un décès")
def cancel_deces(passage: Passage, *, jeton: UUID, dossier_id: UUID, motif: str) -> Decision:
    """Undo the death of a file; refused as absent unless the agent heads its service."""
    situation = load_situation(passage, pk=dossier_id, action=Action.WRITE, lock=True)
    dossier = situation.dossier
    if dossier.service_id not in passage.services((Role.RESPONSABLE,)):
        raise Refused("annuler un décès", targets=[str(dossier_id)])
    if taken := find_taken(passage, jeton=jeton, dossier=dossier):
        return taken
    if not motif.strip():
        raise AnnulationSansMotif
    deces = deces_a_annuler(situation)
    if deces is None or deces.avant is None:
        raise AucunDeces
    # PostgreSQL takes the death away with it.
    decision = take_decision(
        passage,
        jeton=jeton,
        dossier=dossier,
        nature=NatureDecision.ANNULATION,
        effet_on=deces.effet_on,
        motif=motif.strip(),
        annule=deces,
    )
    _reopen(passage, dossier=dossier, droits=situation.droits, avant=deces.avant)
    _withdraw(passage, dossier=dossier, since=deces.prise_on)
    return decision


def _reopen(
    passage: Passage, *, dossier: Dossier, droits: list[Droit], avant: Mapping[str, Any]
) -> None:
    with refusing("droit_one_at_a_time", DroitDejaOuvert()):
        for droit in droits:
            if days := avant["droits"].get(str(droit.pk)):
                periode = DateRange(_read(days[0]), _read(days[1]))
                DROITS.update(passage, droit, periode=periode)
    DOSSIERS.update(
        passage,
        dossier,
        etat=avant["etat"],
        etat_droit=avant["etat_droit"],
        echeance=avant["echeance"],
        echeance_on=_read(avant["echeance_on"]),
        revision_on=_read(avant["revision_on"]),
        fin_droit_on=_read(avant["fin_droit_on"]),
        motif_fin=avant["motif_fin"],
    )


def _withdraw(passage: Passage, *, dossier: Dossier, since: date) -> None:
    """Withdraw the debts that the death opened, unless something of them was repaid."""
    rows = INDUS.rows(passage, action=Action.WRITE).filter(
        dossier=dossier,
        motif=MOTIF_DECES,
        constate_on__gte=since,
        etat__in=RETIRABLES,
        recouvre=0,
    )
    for indu in rows.order_by("pk"):
        INDUS.update(passage, indu, etat=EtatIndu.RETIRE)
