"""`egide compute`: run a rule on every row of a CSV, and tell every defect by its line."""

import argparse
import sys
import tempfile
from pathlib import Path

import duckdb
import ibis

from egide.rules.engine import MACROS
from egide.site.compute.champs import FIRST_DAY
from egide.site.compute.rules import RULES, Bounds, Rule
from egide.site.compute.table import CsvRefused, Header, find_defects, read_header

# What is listed of a file with defects: beyond, the last line says how many were found.
SHOWN = 200


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Declare `compute` among the commands of `egide`."""
    parser = subparsers.add_parser(
        "compute", help="applique une règle à chaque ligne d’un fichier CSV"
    )
    parser.add_argument(
        "rule", choices=sorted(RULES), metavar="RULE", help=", ".join(sorted(RULES))
    )
    parser.add_argument("source", type=Path, metavar="IN.csv")
    parser.add_argument("-o", "--output", type=Path, metavar="OUT.csv")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Compute the file; on any defect, list them and write nothing."""
    try:
        compute(RULES[args.rule], source=args.source, output=args.output)
    except CsvRefused as refused:
        for defect in refused.defects[:SHOWN]:
            sys.stderr.write(f"{defect}\n")
        if len(refused.defects) > SHOWN:
            sys.stderr.write(f"{args.source}: {len(refused.defects)} défauts au total\n")
        return 1
    return 0


def compute(rule: Rule, *, source: Path, output: Path | None) -> None:
    """Write beside the target, then rename: a reader sees the old file or the whole new one."""
    header = read_header(source, champs=rule.champs, outputs=tuple(rule.outputs))
    folder = output.parent if output else None
    try:
        with tempfile.TemporaryDirectory(prefix=".egide-compute-", dir=folder) as scratch:
            result = Path(scratch) / "result.csv"
            _compute_into(result, rule=rule, source=source, header=header)
            if output:
                result.replace(output)
            else:
                _copy_to_stdout(result)
    except OSError as error:
        place = output or source
        raise CsvRefused([f"{place}: écriture impossible ({error.strerror})"]) from error


def _copy_to_stdout(result: Path) -> None:
    with result.open(encoding="utf-8", newline="") as lines:
        for line in lines:
            sys.stdout.write(line)


def _compute_into(result: Path, *, rule: Rule, source: Path, header: Header) -> None:
    with duckdb.connect() as engine:
        for macro in MACROS:
            engine.execute(macro)
        for nom, function in rule.functions.items():
            engine.create_function(nom, function, ["VARCHAR"], "VARCHAR[]")
        try:
            _load(engine, source=source, header=header)
        except duckdb.Error as error:
            defects = find_defects(source, champs=rule.champs, header=header)
            first_line = str(error).splitlines()[0]
            raise CsvRefused(
                defects or [f"{source}:1:-: fichier illisible ({first_line})"]
            ) from error
        table = ibis.table(dict.fromkeys(header.internals, "string"), name="entree")
        if _count_refused(engine, table=table, rule=rule, header=header):
            raise CsvRefused(find_defects(source, champs=rule.champs, header=header))
        bounds = _bounds(engine, rule=rule, header=header)
        parsed = table.mutate(**rule.parse(header.places))
        computed = rule.apply(parsed, bounds)
        columns = {nom: computed[f"c{place}"] for place, nom in enumerate(header.columns)}
        chosen = computed.select(**columns, **rule.outputs)
        _write(engine, sql=_sql(chosen), result=result, header=header)


def _sql(table: "ibis.Table") -> str:
    return str(ibis.to_sql(table, dialect="duckdb"))


def _load(engine: duckdb.DuckDBPyConnection, *, source: Path, header: Header) -> None:
    columns = ", ".join(f"'{internal}': 'VARCHAR'" for internal in header.internals)
    # The names are ours and the path is a bound value: nothing of the file enters the SQL.
    engine.execute(
        f"CREATE TEMP TABLE entree AS SELECT * FROM read_csv($path, columns={{{columns}}},"  # noqa: S608
        " header=true, auto_detect=false, delim=$delim, quote='\"', escape='\"',"
        " strict_mode=true)",
        {"path": str(source), "delim": header.delimiter},
    )


def _count_refused(
    engine: duckdb.DuckDBPyConnection, *, table: "ibis.Table", rule: Rule, header: Header
) -> bool:
    refused = ~rule.accepted(header.places)
    found = engine.execute(_sql(table.filter(refused).limit(1))).fetchone()
    return found is not None


def _bounds(engine: duckdb.DuckDBPyConnection, *, rule: Rule, header: Header) -> Bounds:
    any_day = max(champ.sorte.since or FIRST_DAY for champ in rule.champs)
    if not rule.dated_by:
        return any_day, any_day
    column = f"c{header.places[rule.dated_by]}"
    # The column name is ours; a file without rows has no day, and any day will do.
    sql = f"SELECT min({column})::DATE, max({column})::DATE FROM entree"  # noqa: S608 - see above
    first, last = engine.execute(sql).fetchall()[0]
    return first or any_day, last or any_day


def _write(engine: duckdb.DuckDBPyConnection, *, sql: str, result: Path, header: Header) -> None:
    engine.execute(
        f"COPY ({sql}) TO '{str(result).replace(chr(39), chr(39) * 2)}'"
        f" (FORMAT csv, HEADER, DELIMITER '{header.delimiter}')"
    )
