"""Runs a column form on a few rows, as `egide compute` does."""

import duckdb
import ibis

from egide.rules.engine import MACROS


def run_columns(rows, *, schema, build):
    """Give the rows that a column form returns, in their order, as dictionaries."""
    with duckdb.connect() as engine:
        engine.execute("SET threads = 1")
        for macro in MACROS:
            engine.execute(macro)
        names = ", ".join(f'"{nom}" {kind}' for nom, kind in schema.items())
        engine.execute(f"CREATE TABLE entree ({names})")
        marks = ", ".join("?" for _ in schema)
        engine.executemany(f"INSERT INTO entree VALUES ({marks})", rows)
        table = ibis.table({nom: kind.lower() for nom, kind in schema.items()}, name="entree")
        found = engine.execute(ibis.to_sql(build(table), dialect="duckdb"))
        columns = [item[0] for item in found.description]
        return [dict(zip(columns, row, strict=True)) for row in found.fetchall()]
