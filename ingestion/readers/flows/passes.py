"""The slower pass over a large table, for any number of places and periods: one query of DuckDB.

It makes two tables. `whole` has a row for each pair: o, d, y (year, where the network's name has one), n (rows), coarse
and fine (parts of the sum), most (rows of one block), sound (no unusable figure), seen (bits set, one for each
period) and undated (a row without a period). `seen_block` has the periods of the file, as bits of blocks of 64.

The threads of a query add in no fixed order, which would show in the last digits. So a figure is split into a multiple
of 2**-20 and a rest rounded to a multiple of 2**-54; sums of such parts are exact in any order while figures are below
2**31, a pair's sum below 2**33 (or all figures whole) and its rows below 2**20. The fast pass is stream.py's.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import duckdb

from catalog.declarations.flow import FlowSpec
from ingestion.readers.flows.engine import literal, quote
from ingestion.readers.flows.periods import parse_period
from ingestion.readers.flows.rows import Roles, end_of, text_of
from ingestion.readers.flows.table import BigTable

COARSE, FINE = 20, 54
FIGURE_LIMIT, SUM_LIMIT, ROWS_LIMIT = 2.0**31, 2.0**33, 2**20
EPOCH_DAY = dt.date(1900, 1, 1)
EPOCH = f"DATE '{EPOCH_DAY.isoformat()}'"


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


def sum_by_query(con: duckdb.DuckDBPyConnection, table: BigTable, spec: FlowSpec, roles: Roles) -> None:
    """`whole` and `seen_block`, by one query. Raises duckdb.Error when a cell does not fit its column's type."""
    terms = _terms(table, spec, roles)
    coarse, fine = (repr(1.5 * 2.0 ** (52 - places)) for places in (COARSE, FINE))
    bit = f"1::UBIGINT << ({terms.index} & 63)::UBIGINT" if terms.index else "1::UBIGINT"
    con.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE block AS
        SELECT o, d, y, k, count(*) AS n, sum(h) AS coarse, sum(((w - h) + {fine}) - {fine}) AS fine,
               bit_or(b) AS bits, bool_and(usable) AS sound
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
