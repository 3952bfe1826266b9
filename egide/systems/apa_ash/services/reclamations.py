"""Claim what a list of the control shows of a file: one act, one letter to sign a payee."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Protocol
from uuid import UUID

from egide.kernel.access.passage import Passage
from egide.kernel.access.views import act
from egide.rules.apa.indu import is_recouvrable, prescription
from egide.systems.apa_ash.calculs.parts_du_mois import Beneficiaire
from egide.systems.apa_ash.models import Dossier, Indu
from egide.systems.apa_ash.models.controle import MOTIF_HORS_DROIT, EtatIndu
from egide.systems.apa_ash.policy import INDUS
from egide.systems.apa_ash.queries.controle import hold_indus, list_indus
from egide.systems.apa_ash.queries.dossier import open_dossier
from egide.systems.apa_ash.queries.hors_droit import HorsDroit, find_beyond_right
from egide.systems.apa_ash.queries.indus_a_signer import weigh_indus
from egide.systems.apa_ash.services.indu import (
    NothingUndue,
    TropPercu,
    check_motif,
    submit_indus,
)
from egide.systems.apa_ash.services.motifs_hors_droit import write_causes

MOTIF_LONGUEUR = 200


class Ligne(Protocol):
    """What a list tells of one payee and one month."""

    @property
    def mois(self) -> date:
        """Give the month."""

    @property
    def prestataire_id(self) -> Beneficiaire:
        """Give who was paid; none is the person."""

    @property
    def verse_on(self) -> date:
        """Give the day of the last payment."""

    @property
    def reste(self) -> Decimal:
        """Give what is left to claim."""


@act("réclamer ce qui a été versé au-delà du droit")
def claim_beyond_right(passage: Passage, *, dossier_id: UUID) -> list[Indu]:
    """Record what was paid beyond the right of each month; above the threshold, it is to sign.

    The hours that were not delivered have their own reason: they are left to the page of the file.
    """
    dossier = hold_dossier(passage, dossier_id)
    lines = find_beyond_right(passage, dossier_id=dossier.pk)
    return claim_lines(passage, dossier=dossier, lines=[(x, _motif(x)) for x in lines])


def _motif(line: HorsDroit) -> str:
    told = f"{MOTIF_HORS_DROIT} : {write_causes(line.causes)}"
    return told if len(told) <= MOTIF_LONGUEUR else MOTIF_HORS_DROIT


def hold_dossier(passage: Passage, dossier_id: UUID) -> Dossier:
    """Open a file and wait for whoever is recording a debt of it."""
    dossier = open_dossier(passage, dossier_id)
    hold_indus(dossier)
    return dossier


def claim_lines(
    passage: Passage, *, dossier: Dossier, lines: Iterable[tuple[Ligne, str]]
) -> list[Indu]:
    """Record the debts of each payee, with their reasons; those above the threshold are to sign.

    Below three hourly SMIC for one payee, nothing is recovered and its debts are closed (CASF
    D. 232-31).
    """
    known = list_indus(passage, dossier=dossier)
    by_payee: dict[Beneficiaire, list[tuple[Ligne, str]]] = defaultdict(list)
    for line, motif in lines:
        # What is left beside a first claim has a reason of its own, which only an agent can write.
        check_motif(known, dus=[TropPercu(line.mois, line.prestataire_id)], motif=motif)
        by_payee[line.prestataire_id].append((line, motif))
    if not by_payee:
        raise NothingUndue
    found = []
    for payee, owed in by_payee.items():
        total = sum((line.reste for line, _ in owed), Decimal(0))
        looked = [(line.mois, passage.on) for line, _ in owed]
        total += weigh_indus(known, prestataire_id=payee, found=looked)
        recouvrable = is_recouvrable(total, on=passage.on)
        etat = EtatIndu.CONSTATE if recouvrable else EtatIndu.NON_RECOUVRE
        indus = [
            _record(passage, line, dossier=dossier, motif=motif, etat=etat) for line, motif in owed
        ]
        if recouvrable:
            submit_indus(passage, dossier=dossier, found=indus)
        found += indus
    return found


def _record(passage: Passage, line: Ligne, *, dossier: Dossier, motif: str, etat: EtatIndu) -> Indu:
    return INDUS.create(
        passage,
        service_id=dossier.service_id,
        dossier_id=dossier.pk,
        prestataire_id=line.prestataire_id,
        mois=line.mois,
        motif=motif,
        montant=line.reste,
        constate_on=passage.on,
        constate_par_id=passage.agent.pk,
        prescrit_on=prescription(line.verse_on),
        etat=etat,
    )
