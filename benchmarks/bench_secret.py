"""Statistical secrecy on an invented table of 5,550 cells: hidden cells, violations, time.

`social_5550.csv` holds the 3,000 inner cells (zeros included) of territoire × probleme × age for
20,000 invented people; with the groups of its hierarchies: 5,550 cells, 3,085 sums. Counts 1 to 4
are sensitive (1,731 cells), zeros are published, each sensitive cell of value a must keep an
interval that contains [a - 1, a + 2]. On this table R's GaussSuppression 1.2.3 hides 697 cells
more and leaves 36 violations; sdcTable 0.34 (Gauss) hides 766 and leaves 86.
"""

import time
from fractions import Fraction
from pathlib import Path

from egide.rules.secret_statistique.audit import find_intervals, find_violations
from egide.rules.secret_statistique.masque import protect
from egide.rules.secret_statistique.primaire import Protection, find_sensibles, frequency
from egide.site.protect.lecture import read_tableau

HERE = Path(__file__).parent
MOST_HIDDEN, MOST_SECONDS = 560, 60


def main() -> None:
    """Protect the table, then attack it again from what is released only."""
    tableau = read_tableau(
        HERE / "social_5550.csv",
        dimensions=("territoire", "probleme", "age"),
        value="effectif",
        hierarchy=HERE / "social_5550.hierarchies.yaml",
        outputs=(),
    )
    systeme = tableau.systeme()
    sensibles = find_sensibles(systeme, regles=[frequency(5, protection=Protection(1, 2))])
    start, used = time.perf_counter(), time.process_time()
    masque = protect(systeme, sensibles=sensibles)
    took, used = time.perf_counter() - start, time.process_time() - used
    lost, whole = masque.perte
    told = "tenu" if masque.secondaires <= MOST_HIDDEN else "MANQUÉ"
    print(f"{systeme.size} cellules, {len(systeme.equations)} sommes, {masque.primaires} primaires")
    print(f"secondaires : {masque.secondaires}, au plus {MOST_HIDDEN} : {told}")
    print(f"valeur cachée : {lost} sur {whole} ({float(Fraction(lost, whole)):.2%})")
    told = "tenu" if took < MOST_SECONDS else "MANQUÉ"
    print(f"protection : {took:.1f} s ({used:.1f} s de calcul), moins de {MOST_SECONDS} : {told}")
    start = time.perf_counter()
    found = find_violations(systeme, secretes=masque.secretes, sensibles=sensibles)
    intervals = find_intervals(systeme, secretes=masque.secretes)
    narrow = [
        rank
        for rank, interval in intervals.items()
        if sensibles.primaires[rank]
        and not (
            interval.bas <= int(systeme.valeurs[rank] - sensibles.low[rank])
            and (
                interval.haut is None
                or interval.haut >= int(systeme.valeurs[rank] + sensibles.high[rank])
            )
        )
    ]
    exact = sum(interval.bas == interval.haut for interval in intervals.values())
    told = "tenu" if not found and not narrow else "MANQUÉ"
    print(
        f"attaque de {len(intervals)} cellules : {len(found)} sans preuve, {len(narrow)} trop "
        f"étroites, {exact} connues exactement, {time.perf_counter() - start:.1f} s : {told}"
    )


if __name__ == "__main__":
    main()
