"""The order in which rights are examined: the APA first, then the ASH (CASF L. 232-11)."""

from decimal import Decimal

from egide.rules.apa.domicile import AGE_INSUFFISANT
from egide.rules.apa.etablissement import FORFAIT_GLOBAL, ApaEtablissement


class ApaNonExaminee(ValueError):
    """Raised when an ASH is asked before the right to the APA was examined."""


def ticket_moderateur(apa: ApaEtablissement | None) -> Decimal:
    """Give what the dependence tariff leaves to the resident once the APA was examined.

    With an APA, or where the single forfait replaces it, this is her participation. A resident in
    GIR 5 or 6, or whose APA is too small to be paid, pays the whole of her tariff. One too young
    for the APA pays no dependence tariff that this computation knows.
    """
    if apa is None or apa.motif == AGE_INSUFFISANT:
        raise ApaNonExaminee("le droit à l’APA s’examine avant l’aide sociale à l’hébergement")
    if not apa.motif or apa.motif == FORFAIT_GLOBAL:
        return apa.participation
    return apa.tarif
