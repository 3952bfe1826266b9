"""Who may be lodged at the charge of the aide sociale (CASF L. 113-1, L. 231-4 and L. 231-5)."""

from datetime import date
from pathlib import Path

from egide.rules.apa.bornes import check_age
from egide.rules.apa.delais import MOIS_PAR_AN, add_months
from egide.rules.parameters import Bareme, load_parametres

DROIT = load_parametres(Path(__file__).with_name("droit.yaml"))
AGE_INSUFFISANT = "âge insuffisant"
NON_HABILITE = "établissement non habilité à l’aide sociale"


def find_motif(
    on: date, *, age: int, inapte: bool, habilite: bool, payant_depuis: date | None = None
) -> str:
    """Give the reason for which the right is closed on a day, or nothing when it is open.

    In an establishment that is not `habilite`, the right opens after years of paid stay; the aid
    is then limited to what a public establishment would have cost (L. 231-5).
    """
    bareme = Bareme(on, DROIT)
    if check_age(age) < bareme["age_minimal_inaptitude" if inapte else "age_minimal"]:
        return AGE_INSUFFISANT
    if habilite:
        return ""
    months = int(bareme["annees_payantes"]) * MOIS_PAR_AN
    waited = payant_depuis is not None and add_months(payant_depuis, months=months) <= on
    return "" if waited else NON_HABILITE
