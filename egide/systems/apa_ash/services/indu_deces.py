"""Claim what was paid for the time after a death: one act, one letter to sign for each payee."""

from collections import defaultdict
from decimal import Decimal
from uuid import UUID

from egide.kernel.access.passage import Passage
from egide.kernel.access.views import act
from egide.rules.apa.indu import is_recouvrable, prescription
from egide.systems.apa_ash.calculs.parts_du_mois import Beneficiaire
from egide.systems.apa_ash.models import Indu
from egide.systems.apa_ash.models.controle import MOTIF_DECES, EtatIndu
from egide.systems.apa_ash.policy import INDUS
from egide.systems.apa_ash.queries.apres_deces import ApresDeces, find_after_death
from egide.systems.apa_ash.queries.controle import hold_indus, list_indus
from egide.systems.apa_ash.queries.dossier import open_dossier
from egide.systems.apa_ash.queries.indus_a_signer import weigh_indus
from egide.systems.apa_ash.services.indu import (
    NothingUndue,
    TropPercu,
    check_motif,
    submit_indus,
)


@act("réclamer ce qui a été versé après un décès")
def claim_after_death(passage: Passage, *, dossier_id: UUID) -> list[Indu]:
    """Record the debts of the estate and of each service; those above the threshold are to sign.

    What was due up to the death stays acquired: the estate repays what followed it alone, for the
    APA itself is never recovered from it (CASF L. 232-19). Below three hourly SMIC for one payee,
    nothing is recovered and its debts are closed (D. 232-31).
    """
    dossier = open_dossier(passage, dossier_id)
    hold_indus(dossier)
    known = list_indus(passage, dossier=dossier)
    by_payee: dict[Beneficiaire, list[ApresDeces]] = defaultdict(list)
    for line in find_after_death(passage, dossier_id=dossier.pk):
        if line.reste:
            by_payee[line.prestataire_id].append(line)
    if not by_payee:
        raise NothingUndue
    # What is left beside a first claim has a reason of its own, which only an agent can write.
    check_motif(
        known,
        dus=[TropPercu(x.mois, x.prestataire_id) for lines in by_payee.values() for x in lines],
        motif=MOTIF_DECES,
    )
    found = []
    for payee, lines in by_payee.items():
        looked = [(line.mois, passage.on) for line in lines]
        total = sum((line.reste for line in lines), Decimal(0))
        total += weigh_indus(known, prestataire_id=payee, found=looked)
        owed = is_recouvrable(total, on=passage.on)
        etat = EtatIndu.CONSTATE if owed else EtatIndu.NON_RECOUVRE
        indus = [_record(passage, line, etat=etat) for line in lines]
        if owed:
            submit_indus(passage, dossier=dossier, found=indus)
        found += indus
    return found


def _record(passage: Passage, line: ApresDeces, *, etat: EtatIndu) -> Indu:
    return INDUS.create(
        passage,
        service_id=line.dossier.service_id,
        dossier_id=line.dossier.pk,
        prestataire_id=line.prestataire_id,
        mois=line.mois,
        motif=MOTIF_DECES,
        montant=line.reste,
        constate_on=passage.on,
        constate_par_id=passage.agent.pk,
        prescrit_on=prescription(line.verse_on),
        etat=etat,
    )
