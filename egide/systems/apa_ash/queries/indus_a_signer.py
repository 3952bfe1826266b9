"""Debts whose notification waits for a signature: by file and payee, as their letter tells them."""

from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import Min, Q

from egide.kernel.access.passage import Passage, Refused
from egide.kernel.access.people import NameOf
from egide.kernel.access.rows import Traced
from egide.systems.apa_ash.calculs.parts_du_mois import Beneficiaire
from egide.systems.apa_ash.models import Indu
from egide.systems.apa_ash.models.controle import EtatIndu
from egide.systems.apa_ash.policy import DOSSIERS, IDENTITES, INDUS, PRESTATAIRES, SIGNATAIRES

PAGE = 50
LETTER = ("dossier_id", "prestataire_id")
# What nobody was told of yet.
A_RETIRER = (EtatIndu.CONSTATE, EtatIndu.PROPOSE)
# Midnight may overtake an act.
SAME_ACT = timedelta(days=1)


def owed_by(prestataire_id: Beneficiaire) -> Q:
    """Give the debts of one payee; none is the person."""
    return Q(prestataire_id=prestataire_id) if prestataire_id else Q(prestataire__isnull=True)


def weigh_indus(
    indus: Iterable[Indu], *, prestataire_id: Beneficiaire, found: Iterable[tuple[date, date]]
) -> Decimal:
    """Add what D. 232-31 compares with its threshold: all that one payee is found to owe.

    `found` gives the month and the day of what is looked at. What was given up of these months, or
    on these days, counts with it: no debt is hidden in slices. PostgreSQL adds the same.
    """
    looked = list(found)

    def counts(indu: Indu) -> bool:
        if indu.etat != EtatIndu.NON_RECOUVRE:
            return indu.etat in A_RETIRER
        return any(
            indu.mois == mois or abs(indu.constate_on - on) <= SAME_ACT for mois, on in looked
        )

    of_payee = [indu for indu in indus if indu.prestataire_id == prestataire_id]
    return sum((indu.reste for indu in of_payee if counts(indu)), Decimal(0))


def signable_indus(passage: Passage) -> Traced[Indu]:
    """Give the debts that wait for a signature in the services where the agent signs."""
    rows = INDUS.rows(
        passage, dossier=DOSSIERS, dossier__identite=IDENTITES, prestataire=PRESTATAIRES
    )
    return rows.filter(etat=EtatIndu.PROPOSE, service_id__in=passage.services(SIGNATAIRES))


def list_indus_a_signer(passage: Passage) -> tuple[list[list[Any]], bool]:
    """List the notifications that wait, the first proposed first; tell whether others follow.

    A page is so many letters, each of them whole.
    """
    waiting = signable_indus(passage)
    letters = waiting.order_by().values_list(*LETTER)
    ordered = letters.annotate(depuis=Min("propose_on")).order_by("depuis", *LETTER)
    keys = [(dossier, payee) for dossier, payee, _ in ordered[: PAGE + 1]]
    found: dict[tuple[UUID, Beneficiaire], list[Any]] = {key: [] for key in keys[:PAGE]}
    named = waiting.filter(dossier__in={dossier for dossier, _ in found})
    for indu in named.annotate(par=NameOf("propose_par")).order_by("mois", "pk"):
        found.get((indu.dossier_id, indu.prestataire_id), []).append(indu)
    return list(found.values()), len(keys) > PAGE


class Notification(NamedTuple):
    """The debts that one letter would tell, and all those of the file, read at once."""

    indus: list[Any]
    du_dossier: list[Any]


def find_indus_a_signer(passage: Passage, *, pk: UUID) -> Notification:
    """Give one notification by a debt of it; refused as absent to who does not sign."""
    asked = signable_indus(passage).filter(pk=pk).order_by()
    rows = INDUS.rows(
        passage, dossier=DOSSIERS, dossier__identite=IDENTITES, prestataire=PRESTATAIRES
    ).filter(dossier_id__in=asked.values("dossier_id"))
    named = rows.annotate(par=NameOf("propose_par"), constate=NameOf("constate_par"))
    found: list[Any] = [*named.order_by("mois", "pk")]
    payees = {indu.prestataire_id for indu in found if indu.pk == pk}
    if not payees:
        raise Refused("lire une notification d’indus à signer", targets=[str(pk)])
    told = [i for i in found if i.etat == EtatIndu.PROPOSE and i.prestataire_id in payees]
    return Notification(told, found)


def count_indus_a_signer(passage: Passage) -> int:
    """Count the debts that wait for this agent's signature: not what the agent found."""
    others = signable_indus(passage).exclude(propose_par=passage.agent.pk)
    return others.exclude(constate_par=passage.agent.pk).order_by().count()
