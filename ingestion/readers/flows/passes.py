"""The slower pass over a large table, for any number of places and periods: queries of DuckDB.

It makes the tables the judgement of pairs needs (large.py), as the fast pass of stream.py does. `whole` has a row for
each pair: o, d, y (year, where the network's name has one), n (rows), flow, sound (no figure or period unusable, and
the sum exact), seen (its periods), and of lists zeros and least (the smallest figure). `listed` has, for each place and
year, how many lists there are and how many are full.

The threads of a query add in no fixed order, which would show in the last digits. So a figure is split into a multiple
of 2**-20 and a rest rounded to a multiple of 2**-54; sums of such parts are exact in any order while figures are below
2**31, a pair's sum below 2**33 (or all figures whole) and its rows below 2**20.
"""

from __future__ import annotations

import duckdb

from catalog.declarations.flow import FlowSpec
from ingestion.readers.flows.declared import Roles, focal_end, other_end, text_of
from ingestion.readers.flows.engine import quote
from ingestion.readers.flows.periods import EPOCH, Calendar, Period
from ingestion.readers.flows.table import BigTable, UnsoundError

COARSE, FINE = 20, 54
FIGURE_LIMIT, SUM_LIMIT, ROWS_LIMIT = 2.0**31, 2.0**33, 2**20


def sum_by_query(
    con: duckdb.DuckDBPyConnection, table: BigTable, spec: FlowSpec, roles: Roles, calendar: Calendar
) -> list[Period]:
    """Make `whole` and `listed`; the periods of the file.

    Raises UnsoundError for rows that must be looked at, and duckdb.Error when a cell does not fit its column's type.
    """
    text = table.types[roles.weight] == "VARCHAR"
    weight = f"TRY_CAST({text_of(roles.weight)} AS DOUBLE)" if text else f"CAST({quote(roles.weight)} AS DOUBLE)"
    coarse, fine = (repr(1.5 * 2.0 ** (52 - places)) for places in (COARSE, FINE))
    number = _number(table, roles)
    con.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE block AS
        SELECT o, d, y, k, count(*) AS n, sum(h) AS coarse, sum(((w - h) + {fine}) - {fine}) AS fine,
               bit_or(b) AS bits, bool_and(coalesce(w BETWEEN 0 AND {min(spec.limit, FIGURE_LIMIT)!r}, false)) AS sound,
               count(*) FILTER (w = 0) AS zeros, min(w) AS least
        FROM (SELECT *, (w + {coarse}) - {coarse} AS h FROM (
            SELECT {_end(table, roles, "o")} AS o, {_end(table, roles, "d")} AS d, {roles.year(spec)} AS y,
                   {weight} AS w, ({number} >> 6) AS k, 1::UBIGINT << ({number} & 63)::UBIGINT AS b
            FROM {table.typed}))
        GROUP BY o, d, y, k;
        CREATE OR REPLACE TEMP TABLE whole AS
        SELECT o, d, y, sum(n) AS n, sum(coarse) + sum(fine) AS flow,
               bool_and(sound AND k IS NOT NULL) AND max(n) < {ROWS_LIMIT}
               AND (sum(coarse) < {SUM_LIMIT} OR sum(fine) = 0) AS sound,
               coalesce(sum(bit_count(bits)), 0) AS seen, sum(zeros) AS zeros, min(least) AS least
        FROM block GROUP BY o, d, y
        """
    )
    periods = _periods(con, calendar)
    con.execute("DROP TABLE block")
    if spec.direction != "both":
        _count_lists(con, table, spec, roles)
    return periods


def _end(table: BigTable, roles: Roles, role: str) -> str:
    """A bare column where that is a text or a whole number, which is fastest."""
    name, *others = roles.ends.get(role, (None, None, None))
    bare = name is not None and others == [None, None] and (table.is_whole(name) or table.types[name] == "VARCHAR")
    return quote(name) if name is not None and bare else roles.end(role)


def _number(table: BigTable, roles: Roles) -> str:
    """SQL of the period's number in the calendar; 0 when the file is of one period."""
    if roles.period is None:
        return "0"
    if table.is_whole(roles.period):
        return f"CAST({quote(roles.period)} AS BIGINT)"
    date = quote(roles.period) if table.types[roles.period] == "DATE" else f"CAST({text_of(roles.period)} AS DATE)"
    return f"({date} - DATE '{EPOCH.isoformat()}')"


def _periods(con: duckdb.DuckDBPyConnection, calendar: Calendar) -> list[Period]:
    """The periods whose bits are set in `block`. Raises UnsoundError for one that is none."""
    numbers = con.execute(
        """
        SELECT k * 64 + bit
        FROM (SELECT k, bit_or(bits) AS bits FROM block WHERE k IS NOT NULL GROUP BY k), range(64) AS each(bit)
        WHERE (bits >> bit::UBIGINT) % 2 = 1 ORDER BY 1
        """
    ).fetchall()
    found = [calendar.period(number) for (number,) in numbers]
    if None in found:
        raise UnsoundError("a period that is none")
    return [period for period in found if period is not None]


def _count_lists(con: duckdb.DuckDBPyConnection, table: BigTable, spec: FlowSpec, roles: Roles) -> None:
    """Table `listed`. Raises UnsoundError for a list longer than `top`."""
    role = focal_end(spec)[0]
    con.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE listed AS
        SELECT text, y, count(*) AS lists, count(*) FILTER (n >= {spec.longest}) AS full_lists, max(n) AS longest FROM (
            SELECT {roles.end(role)} AS text, {roles.year(spec)} AS y, {roles.when} AS p,
                   count(DISTINCT {roles.end(other_end(role))}) AS n
            FROM {table.typed} GROUP BY ALL
        ) GROUP BY text, y
        """
    )
    [(longest,)] = con.execute("SELECT max(longest) FROM listed").fetchall()
    if longest is not None and longest > spec.longest:
        raise UnsoundError(f"a list of {longest} places")
