"""`egide compute apa-domicile` against OpenFisca-France: same cases, same machine, one run.

OpenFisca-France pins other versions of our libraries, so it lives in an environment of its own,
that `make bench` makes from requirements/bench.txt. Two ways of using it are timed, and said:
- its documented input, one situation per case, on a sample, scaled per row;
- its arrays, one simulation per month, on every row: the best case of someone who knows it well.
Times are those of the work on the rows: neither side counts its start (both are printed).
"""

import argparse
import csv
import json
import random
import subprocess
import sys
import tempfile
import time
from datetime import date
from decimal import Decimal
from pathlib import Path

from egide.rules.apa import montants
from egide.rules.apa.domicile import MONTANT_NON_VERSE
from egide.rules.apa.montants import seuil_versement
from egide.rules.money import CENTIME
from egide.rules.parameters import Bareme
from egide.site.compute import RULES, compute

HERE = Path(__file__).parent
OPENFISCA = HERE.parent / ".venv" / "openfisca" / "bin" / "python"
MONTHS = [date(year, month, 1) for year in range(2017, 2027) for month in range(1, 13)]
HEADER = ("date", "age", "gir", "couple", "ressources_mensuelles", "plan_mensuel")


def write_cases(path: Path, *, rows: int) -> None:
    """Write cases drawn with a fixed seed, spread over ten years and every branch of the rule."""
    draw = random.Random(2026)
    with path.open("w", encoding="utf-8", newline="") as target:
        writer = csv.writer(target, lineterminator="\n")
        writer.writerow(HEADER)
        for _ in range(rows):
            day = draw.choice(MONTHS)
            gir = draw.choices(range(1, 7), weights=[2, 17, 21, 55, 3, 2])[0]
            ressources = f"{draw.randint(50_000, 450_000) / 100:.2f}"
            plan = f"{draw.randint(3_000, 220_000) / 100:.2f}"
            couple = int(draw.random() < 0.3)
            writer.writerow([day, draw.randint(58, 100), gir, couple, ressources, plan])


def official_months(figures: dict[str, dict[str, float]]) -> dict[str, set[int]]:
    """Give, for each month, the GIR for which OpenFisca has the figures of the texts."""
    official = {}
    for month in MONTHS:
        theirs = figures[month.isoformat()]
        bareme = Bareme(month, montants.DOMICILE)
        same = abs(theirs["mtp"] - float(montants.montant_s(month).valeur)) < 1e-6
        same = same and abs(theirs["smic"] - float(montants.smic_horaire(month).valeur)) < 1e-6
        girs = {
            gir
            for gir in range(1, 5)
            if abs(theirs[f"plafond_gir_{gir}"] - float(bareme[f"plafond_gir_{gir}"])) < 1e-9
        }
        official[month.isoformat()] = girs | {5, 6} if same else set()
    return official


def compare(ours: Path, theirs: Path, *, official: dict[str, set[int]]) -> dict[str, int]:
    """Count the rows where OpenFisca has the official figures, and those equal to the cent."""
    counts = {"official": 0, "equal": 0, "ceiling": 0, "threshold": 0, "other": 0}
    with ours.open(encoding="utf-8") as left, theirs.open(encoding="utf-8") as right:
        for mine, other in zip(csv.DictReader(left), csv.reader(right), strict=True):
            if int(mine["gir"]) not in official[mine["date"]]:
                continue
            counts["official"] += 1
            gap = abs(Decimal(mine["apa"]) - Decimal(other[0]))
            counts[_class_of(gap, mine=mine, theirs=Decimal(other[0]))] += 1
    return counts


def _class_of(gap: Decimal, *, mine: dict[str, str], theirs: Decimal) -> str:
    # OpenFisca does not round and counts in 32-bit floats: an amount is the same when rounding
    # what it gives, to within the error of such a float, may give ours. It does not round the
    # ceiling either, which published amounts do: there one cent may differ. At three times the
    # hourly SMIC it pays, the text does not.
    if gap <= Decimal("0.0052"):
        return "equal"
    if mine["motif"] == MONTANT_NON_VERSE and theirs < seuil_versement(_day(mine)) + CENTIME:
        return "threshold"
    capped = Decimal(mine["plan_retenu"]) < Decimal(mine["plan_mensuel"])
    return "ceiling" if capped and gap <= Decimal("0.0152") else "other"


def _day(mine: dict[str, str]) -> date:
    return date.fromisoformat(mine["date"])


def show(report: dict[str, float], *, rows: int, mine: float, counts: dict[str, int]) -> None:
    """Print the times, the ratios and the counts of this run."""
    scaled = report["situations_seconds"] / report["situations"] * rows
    lines = {
        "rows": f"{rows}",
        "egide, CSV in to CSV out": f"{mine:.2f} s",
        f"OpenFisca, situations ({report['situations']} rows, scaled)": f"{scaled:.0f} s",
        "OpenFisca, arrays by month, no CSV": f"{report['arrays_seconds']:.2f} s",
        "OpenFisca, arrays by month, CSV in and out": f"{report['csv_seconds']:.2f} s",
        "OpenFisca, load of the system (not counted)": f"{report['load_seconds']:.2f} s",
        "ratio, situations / egide": f"{scaled / mine:.0f}",
        "ratio, arrays without CSV / egide": f"{report['arrays_seconds'] / mine:.2f}",
        "ratio, arrays with CSV / egide": f"{report['csv_seconds'] / mine:.2f}",
        "rows where OpenFisca has the official figures": f"{counts['official']}",
        "  the same to the cent": f"{counts['equal']}",
        "  one cent apart, at a ceiling it does not round": f"{counts['ceiling']}",
        "  equal to 3 SMIC, which it pays": f"{counts['threshold']}",
        "  otherwise different": f"{counts['other']}",
    }
    for label, value in lines.items():
        print(f"{label:50} {value:>12}")


def main() -> int:
    """Run both sides once and print the ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--openfisca", default=OPENFISCA, help="python of its own environment")
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--situations", type=int, default=200)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        cases, ours, theirs = (Path(scratch) / name for name in ("in.csv", "out.csv", "fisca.csv"))
        write_cases(cases, rows=args.rows)
        start = time.perf_counter()
        compute(RULES["apa-domicile"], source=cases, output=ours)
        mine = time.perf_counter() - start
        command = [args.openfisca, str(HERE / "openfisca_apa.py"), str(cases), str(theirs)]
        done = subprocess.run(
            [*command, str(args.situations)], check=True, capture_output=True, text=True
        )
        report = json.loads(done.stdout)
        counts = compare(ours, theirs, official=official_months(report["figures"]))
    show(report, rows=args.rows, mine=mine, counts=counts)
    return 0


if __name__ == "__main__":
    sys.exit(main())
