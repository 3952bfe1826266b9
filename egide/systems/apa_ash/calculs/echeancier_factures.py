"""Compose the lines of a run that pay invoices beside the months: no database, no clock."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from egide.rules.apa.ponctuel import facture_la_plus_haute
from egide.systems.apa_ash.calculs.anomalies_du_lot import Anomalie
from egide.systems.apa_ash.calculs.echeancier import Ligne, Situation, anomalies_of
from egide.systems.apa_ash.calculs.parts_du_mois import Beneficiaire

OF_THE_PERSON = frozenset({Anomalie.COMPTE_ABSENT, Anomalie.COMPTE_MODIFIE})
OF_THE_FILE = frozenset({Anomalie.COMPTE_PARTAGE, Anomalie.DOUBLE_DOSSIER})


@dataclass(frozen=True, slots=True)
class FactureDue:
    """An invoice that no standing run pays yet."""

    id: UUID
    droit_id: UUID
    prestataire_id: Beneficiaire
    a_verser: Decimal
    depense_on: date


def compose_factures(
    situation: Situation, *, factures: Iterable[FactureDue], mois: date
) -> list[Ligne]:
    """Give one line for each invoice: paid whole, withheld nothing, apart from what months owe.

    An expense is reimbursed: nothing is withheld on it (CASF D. 232-31 speaks of the allowance).
    """
    above = frozenset({Anomalie.AU_DESSUS_DU_PLAFOND})
    common = situation.signalements & (OF_THE_PERSON | OF_THE_FILE)
    if situation.deces_on:
        common |= {Anomalie.DECES}
    return [
        Ligne(
            dossier_id=situation.dossier_id,
            droit_id=facture.droit_id,
            prestataire_id=facture.prestataire_id,
            titulaire=situation.compte_of(facture.prestataire_id).titulaire,
            iban=situation.compte_of(facture.prestataire_id).iban,
            saisi_par_id=situation.compte_of(facture.prestataire_id).saisi_par_id,
            mois_du=mois,
            montant_brut=facture.a_verser,
            retenue=Decimal(0),
            anomalie=" ".join(
                sorted(
                    anomalies_of(
                        situation,
                        facture.prestataire_id,
                        common | above if _is_above(facture) else common,
                    )
                )
            ),
            facture_id=facture.id,
        )
        for facture in factures
        if facture.a_verser
    ]


def _is_above(facture: FactureDue) -> bool:
    """Tell whether an invoice alone passes what the law allows for the day of the expense."""
    return facture.a_verser > facture_la_plus_haute(facture.depense_on)
