"""Tables of flows of any size: one pass that sums each pair and proves it sound, a second one for suspect pairs only.

The pass keeps, for each pair and block of 64 periods, the sum, the number of rows and a bit for each period seen. A
pair none of whose periods repeats has as many rows as bits, so a second look is needed only where the two differ, at
pairs with unreadable or negative figures and at unknown names; those rows go the way of small files (fates.py).
"""

from __future__ import annotations

import duckdb
import pyarrow as pa

from catalog.source_flow import FlowSpec
from ingestion.flows.ends import Ends
from ingestion.flows.engine import literal, quote, reading_file
from ingestion.flows.fates import STACKED, assign_fates
from ingestion.flows.periods import Period, parse_period
from ingestion.flows.report import Settled
from ingestion.flows.rows import Roles, end_of, period_of, text_of
from ingestion.flows.sums import network_name
from ingestion.flows.table import BigTable

# Sums must not depend on which thread comes first. So a figure is split into a multiple of 2**-20 and a rest that is a
# multiple of 2**-47: sums of such parts are exact, in any order, while figures are below 2**31, a pair's sum below
# 2**33 (or all its figures whole) and its rows below 2**27. Pairs beyond that are summed in the order of the file.
COARSE, FINE = 20, 47
_FIGURE_LIMIT, _SUM_LIMIT, _ROWS_LIMIT = 2.0**31, 2.0**33, 2**27
_EPOCH = "DATE '1900-01-01'"
# How many suspect pairs are looked at before a file that is all contradictions is read in full.
_PROBED = 200


class UnsoundError(Exception):
    """The table cannot be read in one pass; read row by row it shows why, or turns out sound."""


def sum_table(
    con: duckdb.DuckDBPyConnection, table: BigTable, spec: FlowSpec, roles: Roles, by_name: bool
) -> tuple[Ends, Settled]:
    """Make `settled` (flows of the clean pairs, columns of lake table flow) and `fate` (rows of suspect pairs).

    Raises UnsoundError, and Refusal as assign_fates.
    """
    try:
        _sum_blocks(con, table, spec, roles)
    except duckdb.Error as error:
        raise UnsoundError(str(error)) from error
    periods = _periods(con, table, spec, roles)
    ends = Ends(spec.level, sorted({period.year for period in periods.values()}), by_name)
    _judge_pairs(con, spec, ends, dated=roles.period is not None)
    [(repeated, rows)] = con.execute("SELECT sum(n - seen) FILTER (repeats), sum(n) FROM pair").fetchall()
    if (repeated or 0) > STACKED * (rows or 0):
        _fill_suspects(con, table, roles, f"(FROM suspect ORDER BY o, d LIMIT {_PROBED})")
        assign_fates(con, spec, by_name)
    _fill_suspects(con, table, roles, "suspect")
    [(found,)] = con.execute("SELECT count(*) FROM raw").fetchall()
    [(expected,)] = con.execute("SELECT coalesce(sum(n), 0) FROM suspect").fetchall()
    if found != expected:
        raise UnsoundError(f"{found} rows of suspect pairs, {expected} counted")
    assign_fates(con, spec, by_name)
    _settle(con, spec)
    return ends, Settled(*con.execute(
        """SELECT coalesce(sum(n) FILTER (fate = 'good'), 0), coalesce(sum(n) FILTER (fate = 'aside'), 0) FROM pair"""
    ).fetchall()[0])


def _sum_blocks(con: duckdb.DuckDBPyConnection, table: BigTable, spec: FlowSpec, roles: Roles) -> None:
    """Table `block`: one row for each pair, year (where the network's name has one) and block of 64 periods."""
    weight = quote(roles.weight) if table.types[roles.weight] != "VARCHAR" else f"TRY_CAST({text_of(roles.weight)} AS DOUBLE)"
    index = _index(table, roles)
    coarse, fine = (repr(1.5 * 2.0 ** (52 - places)) for places in (COARSE, FINE))
    year = _year(table, roles) if spec.network.endswith("{year}") else "0"
    con.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE block AS
        SELECT o, d, y, k, count(*) AS n, count(w) AS figures, min(w) AS low, max(w) AS high,
               sum(h) AS coarse, sum(((w - h) + {fine}) - {fine}) AS fine, bit_or(b) AS bits
        FROM (SELECT *, (w + {coarse}) - {coarse} AS h FROM (
            SELECT {_end(table, roles, "o")} AS o, {_end(table, roles, "d")} AS d, {year} AS y,
                   CAST({weight} AS DOUBLE) AS w,
                   {f"({index} >> 6)" if index else "0"} AS k,
                   {f"1::UBIGINT << ({index} & 63)::UBIGINT" if index else "1::UBIGINT"} AS b
            FROM {table.typed}))
        GROUP BY o, d, y, k
        """
    )


def _end(table: BigTable, roles: Roles, role: str) -> str:
    """SQL of an end: the bare column where that is a text or a whole number, which is fastest."""
    if role in roles.fixed:
        return literal(roles.fixed[role])
    name, code, province = roles.ends[role]
    alone = name if name is not None and code is None and province is None else None
    return quote(alone) if alone is not None and (table.is_whole(alone) or table.types[alone] == "VARCHAR") else end_of(roles, role)


def _index(table: BigTable, roles: Roles) -> str | None:
    """SQL of a whole number for each period; None when the file is of one."""
    if roles.period is None:
        return None
    column, kind = quote(roles.period), table.types[roles.period]
    if kind == "DATE":
        return f"({column} - {_EPOCH})"
    if table.is_whole(roles.period):
        return f"CAST({column} AS BIGINT)"
    return f"(CAST({text_of(roles.period)} AS DATE) - {_EPOCH})"


def _year(table: BigTable, roles: Roles) -> str:
    if roles.period is None:
        period = parse_period(roles.fixed["p"])
        return str(period.year if period else 0)
    return f"CAST(left(CAST({quote(roles.period)} AS VARCHAR), 4) AS INTEGER)"


def _periods(con: duckdb.DuckDBPyConnection, table: BigTable, spec: FlowSpec, roles: Roles) -> dict[int, Period]:
    """Table `seen_period` (index, label): every period of the file. Raises UnsoundError for one that is none."""
    found: dict[int, Period | None] = {}
    if roles.period is None:
        found[0] = parse_period(roles.fixed["p"])
    else:
        blocks = con.execute("SELECT k, bit_or(bits) FROM block WHERE k IS NOT NULL GROUP BY k ORDER BY k").fetchall()
        whole = table.is_whole(roles.period)
        for block, bits in blocks:
            for number in (int(block) * 64 + bit for bit in range(64) if int(bits) >> bit & 1):
                text = str(number) if whole else str(con.execute(f"SELECT {_EPOCH} + {number}::INTEGER").fetchall()[0][0])
                found[number] = parse_period(text)
    known = {number: period for number, period in found.items() if period is not None}
    if len(known) < len(found) or len({period.kind for period in known.values()}) != 1:
        raise UnsoundError("a period that is none, or periods of different length")
    con.register(
        "incoming",
        pa.table(
            {
                "number": pa.array(known, pa.int64()),
                "label": pa.array([period.label for period in known.values()], pa.string()),
            }
        ),
    )
    con.execute("CREATE OR REPLACE TEMP TABLE seen_period AS FROM incoming")
    con.unregister("incoming")
    return known


def _judge_pairs(con: duckdb.DuckDBPyConnection, spec: FlowSpec, ends: Ends, dated: bool) -> None:
    """Tables `pair` (with its fate: good, aside or suspect) and `suspect`."""
    texts = con.execute("SELECT DISTINCT CAST(o AS VARCHAR) FROM block UNION SELECT DISTINCT CAST(d AS VARCHAR) FROM block")
    found = [ends.find(str(text or "")) for (text,) in sorted(texts.fetchall(), key=lambda row: row[0] or "")]
    con.register(
        "incoming",
        pa.table(
            {
                "text": pa.array([end.text for end in found], pa.string()),
                "code": pa.array([end.code for end in found], pa.int32()),
                "kind": pa.array([end.kind for end in found], pa.string()),
            }
        ),
    )
    con.execute("CREATE OR REPLACE TEMP TABLE place AS FROM incoming")
    con.unregister("incoming")
    repeats = "n <> seen" if spec.repeated == "reject" else "false"
    con.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE pair AS
        WITH whole AS (
            SELECT coalesce(CAST(o AS VARCHAR), '') AS o, coalesce(CAST(d AS VARCHAR), '') AS d, y,
                   sum(n) AS n, sum(figures) AS figures, min(low) AS low, max(high) AS high,
                   sum(coarse ORDER BY k) AS coarse, sum(fine ORDER BY k) AS fine, max(n) AS most,
                   coalesce(sum(bit_count(bits)), 0) AS seen, bool_or(k IS NULL) AS undated,
                   min(k) AS first_block, max(k) AS last_block,
                   arg_min(bits, k) AS first_bits, arg_max(bits, k) AS last_bits
            FROM block GROUP BY ALL
        ), coded AS (
            SELECT whole.*, a.code AS oc, b.code AS dc, a.kind AS ok, b.kind AS dk, {repeats} AS repeats,
                   count(*) OVER (PARTITION BY a.code, b.code, y) AS spellings
            FROM whole JOIN place a ON a.text = o JOIN place b ON b.text = d
        )
        SELECT *, CASE
            WHEN ok IN ('unknown', 'empty') OR dk IN ('unknown', 'empty') THEN 'suspect'
            WHEN ok <> 'place' OR dk <> 'place' THEN 'aside'
            WHEN undated OR figures < n OR NOT isfinite(low) OR NOT isfinite(high) OR low < 0 OR high > $limit
                OR repeats OR spellings > 1 THEN 'suspect'
            WHEN oc = dc THEN 'aside'
            WHEN high >= {_FIGURE_LIMIT} OR most >= {_ROWS_LIMIT} OR (coarse >= {_SUM_LIMIT} AND fine <> 0)
                THEN 'suspect'
            ELSE 'good' END AS fate
        FROM coded
        """,
        {"limit": spec.limit},
    )
    con.execute("CREATE OR REPLACE TEMP TABLE suspect AS SELECT o, d, sum(n) AS n FROM pair WHERE fate = 'suspect' GROUP BY ALL")
    # A pair with one suspect year is looked at whole.
    con.execute("UPDATE pair SET fate = 'suspect' FROM suspect WHERE pair.o = suspect.o AND pair.d = suspect.d")
    con.execute("CREATE OR REPLACE TEMP TABLE suspect AS SELECT o, d, sum(n) AS n FROM pair WHERE fate = 'suspect' GROUP BY ALL")


def _fill_suspects(con: duckdb.DuckDBPyConnection, table: BigTable, roles: Roles, suspects: str) -> None:
    """`raw` with the rows of these pairs, as texts, with their places in the file."""
    [(any_suspect,)] = con.execute("SELECT count(*) FROM suspect").fetchall()
    fill_texts(con, table, roles, f"SEMI JOIN {suspects} AS wanted USING (o, d)" if any_suspect else "WHERE false")


def fill_texts(con: duckdb.DuckDBPyConnection, table: BigTable, roles: Roles, only: str = "") -> None:
    """`raw` out of every row of the table (or those `only` leaves), all cells as text."""
    with reading_file():
        con.execute(
            f"""
            CREATE OR REPLACE TEMP TABLE raw AS
            SELECT row AS seq, row, '' AS cell, o, d, w, p FROM (
                SELECT row, {end_of(roles, "o")} AS o, {end_of(roles, "d")} AS d, {text_of(roles.weight)} AS w,
                       {period_of(roles)} AS p
                FROM {table.texts})
            {only} ORDER BY row
            """
        )


def _settle(con: duckdb.DuckDBPyConnection, spec: FlowSpec) -> None:
    """Table `settled`: the clean pairs as rows of lake table flow; a pair of one row keeps its figure as it stands."""
    con.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE settled AS
        WITH spans AS (
            SELECT *, first_block * 64 + bit_count(xor(first_bits, first_bits - 1::UBIGINT)) - 1 AS first_number,
                   last_block * 64 + 63 - instr(CAST(CAST(last_bits AS BIT) AS VARCHAR), '1') + 1 AS last_number
            FROM pair WHERE fate = 'good'
        )
        SELECT {network_name(spec, "y")} AS network, {literal(spec.direction)} AS direction, a.label AS period_first,
               b.label AS period_last, CAST(seen AS BIGINT) AS periods, {spec.precedence} AS precedence,
               {literal(spec.unit)} AS unit, oc AS origin_code, dc AS destination_code,
               CASE WHEN n = 1 THEN low ELSE coarse + fine END AS flow, CAST(n AS BIGINT) AS rows,
               CAST(NULL AS BIGINT) AS first_row
        FROM spans JOIN seen_period a ON a.number = first_number JOIN seen_period b ON b.number = last_number
        """
    )
