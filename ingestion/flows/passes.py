"""The one pass over a large table: the sum and the periods of each pair, the same to the last digit every time.

It makes two tables. `whole` has a row for each pair: o, d, y (year, where the network's name has one), n (rows), coarse
and fine (parts of the sum), most (rows of one block), sound (no unusable figure that `seen` does not show), seen (bits
set, one for each period; a row with an unusable figure sets none) and undated (a row without a period). `seen_block`
has the periods of the file, as bits of blocks of 64.

The threads of one query add in no fixed order, which would show in the last digits. A CSV file is read by one query, so
a figure is split into a multiple of 2**-20 and a rest rounded to a multiple of 2**-54; sums of such parts are exact in
any order while figures are below 2**31, a pair's sum below 2**33 (or all figures whole) and its rows below 2**20. Of a
Parquet file each run of rows is summed by a thread of its own, and the runs in their order.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from math import ceil

import duckdb
import pyarrow as pa

from catalog.source_flow import FlowSpec
from ingestion.flows.engine import literal, quote
from ingestion.flows.periods import parse_period
from ingestion.flows.rows import Roles, end_of, text_of
from ingestion.flows.table import BigTable

COARSE, FINE = 20, 54
FIGURE_LIMIT, SUM_LIMIT, ROWS_LIMIT = 2.0**31, 2.0**33, 2**20
EPOCH = "DATE '1900-01-01'"
# Runs of rows of a Parquet file: their number depends on the file alone, never on the machine.
_RUN_ROWS, _RUNS = 2_000_000, 12
# Fixed too: how a sum is split on its way through memory must not depend on the machine.
_WORKERS, _WORKER_MEMORY = 4, "500MB"


@dataclass(frozen=True)
class _Terms:
    """SQL of the columns the pass needs."""

    o: str
    d: str
    year: str
    weight: str
    usable: str
    index: str | None


def _terms(table: BigTable, spec: FlowSpec, roles: Roles) -> _Terms:
    text = table.types[roles.weight] == "VARCHAR"
    weight = f"TRY_CAST({text_of(roles.weight)} AS DOUBLE)" if text else f"CAST({quote(roles.weight)} AS DOUBLE)"
    limit = min(spec.limit, FIGURE_LIMIT)
    year = _year(roles) if spec.network.endswith("{year}") else "0"
    o, d = (_end(table, roles, role) for role in "od")
    return _Terms(o, d, year, weight, f"coalesce(w BETWEEN 0 AND {limit!r}, false)", _index(table, roles))


def _end(table: BigTable, roles: Roles, role: str) -> str:
    """A bare column where that is a text or a whole number, which is fastest."""
    if role in roles.fixed:
        return literal(roles.fixed[role])
    name, code, province = roles.ends[role]
    if name is None or code is not None or province is not None:
        return end_of(roles, role)
    return quote(name) if table.is_whole(name) or table.types[name] == "VARCHAR" else end_of(roles, role)


def _index(table: BigTable, roles: Roles) -> str | None:
    """A whole number for each period; None when the file is of one."""
    if roles.period is None:
        return None
    if table.types[roles.period] == "DATE":
        return f"({quote(roles.period)} - {EPOCH})"
    if table.is_whole(roles.period):
        return f"CAST({quote(roles.period)} AS BIGINT)"
    return f"(CAST({text_of(roles.period)} AS DATE) - {EPOCH})"


def _year(roles: Roles) -> str:
    if roles.period is not None:
        return f"CAST(left(CAST({quote(roles.period)} AS VARCHAR), 4) AS INTEGER)"
    period = parse_period(roles.fixed["p"])
    return str(period.year if period is not None else 0)


def sum_csv(con: duckdb.DuckDBPyConnection, table: BigTable, spec: FlowSpec, roles: Roles) -> None:
    """`whole` of a CSV file, by one query. Raises duckdb.Error when a cell does not fit its column's type."""
    terms = _terms(table, spec, roles)
    coarse, fine = (repr(1.5 * 2.0 ** (52 - places)) for places in (COARSE, FINE))
    bit = f"1::UBIGINT << ({terms.index} & 63)::UBIGINT" if terms.index else "1::UBIGINT"
    sound = "bool_and(usable)" if spec.repeated == "add" else "true"
    con.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE block AS
        SELECT o, d, y, k, count(*) AS n, sum(h) AS coarse, sum(((w - h) + {fine}) - {fine}) AS fine,
               bit_or(CASE WHEN usable THEN b ELSE 0::UBIGINT END) AS bits, {sound} AS sound
        FROM (SELECT *, (w + {coarse}) - {coarse} AS h, {terms.usable} AS usable FROM (
            SELECT {terms.o} AS o, {terms.d} AS d, {terms.year} AS y, {terms.weight} AS w,
                   {f"({terms.index} >> 6)" if terms.index else "0"} AS k, {bit} AS b
            FROM {table.typed}))
        GROUP BY o, d, y, k;
        CREATE OR REPLACE TEMP TABLE total AS
        SELECT o, d, y, sum(n) AS n, sum(coarse) AS coarse, sum(fine) AS fine, max(n) AS most, bool_and(sound) AS sound
        FROM block GROUP BY o, d, y
        """
    )
    _whole(con)


@dataclass(frozen=True)
class _Run:
    """A run of rows, and the lowest and highest index of their periods where the file's statistics tell."""

    first: int
    last: int
    low: int | None
    high: int | None


def _runs(con: duckdb.DuckDBPyConnection, table: BigTable, spec: FlowSpec, roles: Roles) -> tuple[list[_Run], bool]:
    """Runs of whole row groups, and whether the statistics vouch for every figure."""

    def column(name: str) -> list[tuple[int, str | None, str | None, int | None]]:
        found = con.execute(
            "SELECT row_group_num_rows, stats_min_value, stats_max_value, stats_null_count "
            f"FROM parquet_metadata({literal(table.path)}) WHERE path_in_schema = $name ORDER BY row_group_id",
            {"name": name},
        ).fetchall()
        return [(int(row[0]), row[1], row[2], row[3]) for row in found]

    weights = column(roles.weight)
    vouched = all(
        nulls == 0
        and (low := _number(least)) is not None
        and (high := _number(most)) is not None
        and low >= 0
        and high <= min(spec.limit, FIGURE_LIMIT)
        for _, least, most, nulls in weights
    )
    dates = column(roles.period) if roles.period is not None else [(0, None, None, None)] * len(weights)
    total = sum(row[0] for row in weights)
    size = max(_RUN_ROWS, ceil(total / _RUNS))
    runs: list[_Run] = []
    first = last = 0
    bounds: list[int | None] = []
    for number, ((rows, *_), (_, least, most, _)) in enumerate(zip(weights, dates, strict=True), start=1):
        last += rows
        bounds += [_ordinal(con, least), _ordinal(con, most)]
        if last - first >= size or number == len(weights):
            known = [bound for bound in bounds if bound is not None]
            span = (min(known), max(known)) if len(known) == len(bounds) else (None, None)
            runs.append(_Run(first, last - 1, *span))
            first, bounds = last, []
    return runs, vouched and table.types[roles.weight] != "VARCHAR"


def _number(text: str | None) -> float | None:
    try:
        return float(text) if text is not None else None
    except ValueError:
        return None


def _ordinal(con: duckdb.DuckDBPyConnection, text: str | None) -> int | None:
    """The index (see _index) of a period as statistics print it; None when they do not tell."""
    if text is None:
        return None
    if text.isdigit():
        return int(text)
    [(days,)] = con.execute(f"SELECT TRY_CAST($text AS DATE) - {EPOCH}", {"text": text}).fetchall()
    return int(days) if days is not None else None


def sum_parquet(con: duckdb.DuckDBPyConnection, table: BigTable, spec: FlowSpec, roles: Roles) -> None:
    """`whole` of a Parquet file, by a query for each run of its rows. Raises duckdb.Error."""
    terms = _terms(table, spec, roles)
    runs, vouched = _runs(con, table, spec, roles)
    # Where every row must set a bit of its own, the rows are counted by the bits, and checked against their number.
    counted = not (vouched and terms.index is not None and spec.repeated == "reject")
    queries = [_run_query(table, terms, run, vouched, counted) for run in runs]
    parts = _in_parallel(con, queries)
    if not counted and sum(_bits_of(con, part) for part in parts) < sum(run.last - run.first + 1 for run in runs):
        parts = _in_parallel(con, [_run_query(table, terms, run, vouched, True) for run in runs])
    _join(con, parts)


def _run_query(table: BigTable, terms: _Terms, run: _Run, vouched: bool, counted: bool) -> str:
    base = run.low if run.low is not None and run.high is not None and run.high - run.low < 64 else None
    if terms.index is None:
        block, bit, key = "0", "1::UBIGINT", ""
    elif base is not None:
        block, bit, key = str(base), f"1::UBIGINT << ({terms.index} - {base})::UBIGINT", ""
    else:
        block, bit, key = "k << 6", f"1::UBIGINT << ({terms.index} & 63)::UBIGINT", "k"
    bits = "bit_or(b)" if vouched else "bit_or(CASE WHEN usable THEN b ELSE 0::UBIGINT END)"
    usable = "true" if vouched else terms.usable
    keys = ", ".join(["o", "d", *(["y"] if terms.year != "0" else []), *([key] if key else [])])
    return f"""
        SELECT o, d, {"y" if terms.year != "0" else "0"} AS y, {block} AS base, {bits} AS bits,
               {"count(*)" if counted else "0"} AS n, sum(w) AS total,
               {"true" if vouched else "bool_and(usable)"} AS sound
        FROM (SELECT *, {usable} AS usable FROM (
            SELECT {terms.o} AS o, {terms.d} AS d, {terms.weight} AS w, {bit} AS b, {terms.year} AS y
                   {f", ({terms.index} >> 6) AS k" if key else ""}
            FROM read_parquet({literal(table.path)}, file_row_number = true)
            WHERE file_row_number BETWEEN {run.first} AND {run.last}))
        GROUP BY {keys}
    """


def _in_parallel(con: duckdb.DuckDBPyConnection, queries: Sequence[str]) -> list[pa.Table]:
    """Each query on one thread, so that it adds in the order of the file; as many at a time as there are cores."""

    [(folder,)] = con.execute("SELECT current_setting('temp_directory')").fetchall()

    def answer(query: str) -> pa.Table:
        config: dict[str, str | bool | int | float | list[str]] = {
            "threads": 1,
            "memory_limit": _WORKER_MEMORY,
            "temp_directory": str(folder),
            "autoload_known_extensions": False,
        }
        with duckdb.connect(":memory:", config=config) as worker:
            return worker.execute(query).to_arrow_table()

    with ThreadPoolExecutor(max_workers=min(os.cpu_count() or 1, _WORKERS)) as pool:
        return list(pool.map(answer, queries))


def _bits_of(con: duckdb.DuckDBPyConnection, part: pa.Table) -> int:
    con.register("part", part)
    [(bits,)] = con.execute("SELECT coalesce(sum(bit_count(bits)), 0) FROM part").fetchall()
    con.unregister("part")
    return int(bits)


def _join(con: duckdb.DuckDBPyConnection, parts: Sequence[pa.Table]) -> None:
    """`whole` and `seen_block` out of the runs, summed in their order by one thread.

    The bits of a run begin at its own first period; they are moved to blocks that begin at multiples of 64, so that a
    period seen in two runs is one bit in both.
    """
    con.register("parts", pa.concat_tables(parts, promote_options="permissive"))
    con.execute("CREATE OR REPLACE TEMP TABLE part AS FROM parts")
    con.unregister("parts")
    con.execute(
        """
        CREATE OR REPLACE TEMP TABLE block AS
        WITH moved AS (
            SELECT o, d, y, base >> 6 AS k, bits::UHUGEINT << (base & 63)::UHUGEINT AS wide FROM part
        ), halves AS (
            SELECT o, d, y, k, (wide & 18446744073709551615::UHUGEINT)::UBIGINT AS bits FROM moved
            UNION ALL
            SELECT o, d, y, k + 1, (wide >> 64::UHUGEINT)::UBIGINT FROM moved WHERE wide >> 64::UHUGEINT > 0
        )
        SELECT o, d, y, k, bit_or(bits) AS bits FROM halves GROUP BY o, d, y, k
        """
    )
    [(threads,)] = con.execute("SELECT current_setting('threads')").fetchall()
    con.execute("SET threads = 1")
    con.execute(
        """
        CREATE OR REPLACE TEMP TABLE total AS
        SELECT o, d, y, sum(CASE WHEN n = 0 THEN bit_count(bits) ELSE n END) AS n, sum(total) AS coarse, 0.0 AS fine,
               0 AS most, bool_and(sound) AS sound
        FROM part GROUP BY o, d, y
        """
    )
    con.execute(f"SET threads = {int(threads)}")
    con.execute("DROP TABLE part")
    _whole(con)


def _whole(con: duckdb.DuckDBPyConnection) -> None:
    """Tables `whole` (one row for each pair) and `seen_block` (periods of all) out of `total` and `block`."""
    con.execute(
        """
        CREATE OR REPLACE TEMP TABLE whole AS
        SELECT total.*, seen, undated
        FROM total JOIN (
            SELECT o, d, y, coalesce(sum(bit_count(bits)), 0) AS seen, bool_or(k IS NULL) AS undated
            FROM block GROUP BY o, d, y
        ) AS bits ON total.o IS NOT DISTINCT FROM bits.o AND total.d IS NOT DISTINCT FROM bits.d AND total.y = bits.y;
        CREATE OR REPLACE TEMP TABLE seen_block AS
        SELECT k, bit_or(bits) AS bits FROM block WHERE k IS NOT NULL GROUP BY k;
        DROP TABLE total;
        DROP TABLE block
        """
    )
