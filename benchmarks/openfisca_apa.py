"""Runs in the environment of OpenFisca-France only: the APA of a CSV, timed, and its figures."""

import csv
import json
import sys
import time
from collections import defaultdict
from pathlib import Path

import numpy as np
from openfisca_core.simulation_builder import SimulationBuilder
from openfisca_france import CountryTaxBenefitSystem

GIRS = [f"gir_{gir}" for gir in range(7)]


def read(path):
    """Read the cases as arrays grouped by month, with the place of each row."""
    groups = defaultdict(list)
    with Path(path).open(encoding="utf-8") as source:
        for place, row in enumerate(csv.DictReader(source)):
            groups[row["date"][:7]].append((place, row))
    return groups


def compute_arrays(system, month, rows):
    """Compute one month as arrays: one person per household, all variables set."""
    simulation = SimulationBuilder().build_default_simulation(system, count=len(rows))
    column = lambda nom, kind: np.array([row[nom] for _, row in rows]).astype(kind)  # noqa: E731
    simulation.set_input("age", month, column("age", int))
    gir = np.array([f"gir_{row['gir']}" for _, row in rows])
    simulation.set_input("gir", month, gir)
    simulation.set_input("en_couple", month, column("couple", int).astype(bool))
    simulation.set_input("base_ressources_apa", month, column("ressources_mensuelles", float))
    simulation.set_input("dependance_plan_aide_domicile", month, column("plan_mensuel", float))
    start = time.perf_counter()
    amounts = simulation.calculate("apa_domicile", month)
    return amounts, time.perf_counter() - start


def compute_situation(system, month, row):
    """Compute one case from a situation, as the documentation shows."""
    situation = {
        "individus": {
            "a": {
                "age": {month: int(row["age"])},
                "gir": {month: f"gir_{row['gir']}"},
                "base_ressources_apa": {month: float(row["ressources_mensuelles"])},
                "dependance_plan_aide_domicile": {month: float(row["plan_mensuel"])},
            }
        },
        "familles": {"f": {"parents": ["a"], "en_couple": {month: row["couple"] == "1"}}},
        "foyers_fiscaux": {"t": {"declarants": ["a"]}},
        "menages": {"m": {"personne_de_reference": ["a"]}},
    }
    simulation = SimulationBuilder().build_from_entities(system, situation)
    return simulation.calculate("apa_domicile", month)[0]


def figures(system, month):
    """Give the figures that OpenFisca applies in a month."""
    at = system.get_parameters_at_instant(f"{month}-01")
    root = at.prestations_sociales.prestations_etat_de_sante.perte_autonomie_personnes_agees
    ceilings = root.apa_domicile.plafond_apa_domicile_en_part_mtp
    found = {f"plafond_gir_{gir}": getattr(ceilings, f"gir_{gir}") for gir in range(1, 5)}
    smic = at.marche_travail.salaire_minimum.smic.smic_b_horaire
    return found | {"mtp": root.mtp, "smic": smic}


def main(cases, target, situations):
    """Time both uses and print what the other side needs."""
    start = time.perf_counter()
    system = CountryTaxBenefitSystem()
    load = time.perf_counter() - start
    start, arrays = time.perf_counter(), 0.0
    groups = read(cases)
    results = {}
    for month, rows in groups.items():
        amounts, spent = compute_arrays(system, month, rows)
        arrays += spent
        results.update(zip((place for place, _ in rows), amounts, strict=True))
    with Path(target).open("w", encoding="utf-8") as output:
        output.writelines(f"{results[place]:.6f}\n" for place in range(len(results)))
    with_csv = time.perf_counter() - start
    sample = [(month, row) for month, rows in groups.items() for _, row in rows[:10]][:situations]
    start = time.perf_counter()
    for month, row in sample:
        compute_situation(system, month, row)
    report = {
        "load_seconds": load,
        "arrays_seconds": arrays,
        "csv_seconds": with_csv,
        "situations": len(sample),
        "situations_seconds": time.perf_counter() - start,
        "figures": {f"{month}-01": figures(system, month) for month in groups},
    }
    print(json.dumps(report))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
