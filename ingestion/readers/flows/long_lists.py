"""How long each place's list is, and whether one mixes two places, in a table too large to keep its rows.

Of other tables: sums.py and mixed_lists.py.

Table `listed` (text, y, lists, full_lists) comes from the fast pass, or from a query of its own here.
"""

from __future__ import annotations

import duckdb
import pyarrow as pa

from catalog.declarations.flow import FlowSpec
from ingestion.readers.flows.engine import literal, reading_file
from ingestion.readers.flows.fates import focal_end
from ingestion.readers.flows.mixed_lists import CONSTANT, focal_ends
from ingestion.readers.flows.rows import Roles, end_of, period_of, text_of
from ingestion.readers.flows.stream import UnsoundError
from ingestion.readers.flows.sums import network_name
from ingestion.readers.flows.table import BigTable


def count_lists(con: duckdb.DuckDBPyConnection, table: BigTable, spec: FlowSpec, roles: Roles) -> None:
    """Table `listed`, and the columns zeros and least of `whole`, by queries; nothing when the file has no lists.

    Raises UnsoundError for a list longer than `top`.
    """
    con.execute("ALTER TABLE whole ADD COLUMN zeros BIGINT; ALTER TABLE whole ADD COLUMN least DOUBLE")
    if spec.direction == "both":
        return
    role, other = ("d", "o") if focal_end(spec) == "dc" else ("o", "d")
    year = f"CAST(left({period_of(roles)}, 4) AS INTEGER)" if spec.network.endswith("{year}") else "0"
    con.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE listed AS
        SELECT text, y, count(*) AS lists, count(*) FILTER (n >= {spec.longest}) AS full_lists, max(n) AS longest FROM (
            SELECT {end_of(roles, role)} AS text, {year} AS y, {period_of(roles)} AS p,
                   count(DISTINCT {end_of(roles, other)}) AS n
            FROM {table.typed} GROUP BY ALL
        ) GROUP BY text, y;
        UPDATE whole SET zeros = z, least = l FROM (
            SELECT {end_of(roles, "o")} AS oo, {end_of(roles, "d")} AS dd, {year} AS yy,
                   count(*) FILTER (w = 0) AS z, min(w) AS l
            FROM (SELECT *, TRY_CAST({text_of(roles.weight)} AS DOUBLE) AS w FROM {table.typed}) GROUP BY ALL
        ) WHERE CAST(o AS VARCHAR) = oo AND CAST(d AS VARCHAR) = dd AND y = yy
        """
    )
    [(longest,)] = con.execute("SELECT max(longest) FROM listed").fetchall()
    if longest is not None and longest > spec.longest:
        raise UnsoundError(f"a list of {longest} places")


def has_mixed_list(con: duckdb.DuckDBPyConnection, texts: str, spec: FlowSpec, roles: Roles) -> bool:
    """Whether a table too large for `fate` seems to hold such a list, by the names as they are written."""
    ends = {"o": end_of(roles, "o"), "d": end_of(roles, "d")}
    for focal, other in (("d", "o") if end == "dc" else ("o", "d") for end in focal_ends(spec)):
        with reading_file():
            found = con.execute(
                f"""
                WITH figure AS (
                    SELECT {ends[focal]} AS place, {period_of(roles)} AS pi, {ends[other]} AS partner,
                           count(DISTINCT v) AS figures, min(v) / nullif(max(v), 0) AS ratio
                    FROM (SELECT *, TRY_CAST({text_of(roles.weight)} AS DOUBLE) AS v FROM {texts})
                    GROUP BY ALL HAVING figures = 2
                ), typical AS (SELECT place, pi, median(ratio) AS middle FROM figure GROUP BY ALL)
                SELECT 1 FROM figure JOIN typical USING (place, pi) GROUP BY place, pi
                HAVING {CONSTANT} LIMIT 1
                """
            ).fetchall()
        if found:
            return True
    return False


def long_list_table(con: duckdb.DuckDBPyConnection, spec: FlowSpec) -> pa.Table:
    """Lake table `flow_list` but for file_id, from `listed`, `pair` and `fate`."""
    own = focal_end(spec)
    other = "oc" if own == "dc" else "dc"
    return con.execute(
        f"""
        WITH lists AS (
            SELECT {network_name(spec, "y")} AS network, code, max(lists) AS lists, max(full_lists) AS full_lists
            FROM listed JOIN whole_place USING (text) WHERE code IS NOT NULL GROUP BY ALL
        ), parts AS (
            SELECT {network_name(spec, "y")} AS network, {own} AS code, {other} AS partner, fate = 'good' AS good,
                   coalesce(zeros, 0) AS zeros, CASE WHEN oc = dc THEN n ELSE 0 END AS self_loops, 0 AS repeats,
                   CASE WHEN fate = 'aside' AND oc IS DISTINCT FROM dc THEN n ELSE 0 END AS not_loaded, least
            FROM pair WHERE fate <> 'suspect'
            UNION ALL
            SELECT {network_name(spec, "py")}, {own}, {other}, kind = 'good', CAST(v = 0 AS INTEGER),
                   CAST(kind = 'self_loop' AS INTEGER), CAST(kind = 'repeat' AS INTEGER),
                   CAST(kind NOT IN ('good', 'self_loop', 'repeat') AS INTEGER), v
            FROM fate
        ), sums AS (
            SELECT network, code, count(DISTINCT partner) FILTER (good) AS partners,
                   coalesce(sum(zeros) FILTER (good), 0) AS zeros, sum(self_loops) AS self_loops,
                   sum(repeats) AS repeats, sum(not_loaded) AS not_loaded, min(least) FILTER (good) AS smallest_flow
            FROM parts WHERE code IS NOT NULL GROUP BY ALL
        )
        SELECT network, {literal(spec.direction)} AS direction, code AS city_code, lists, full_lists, partners,
               CAST(zeros AS BIGINT) AS zeros, CAST(self_loops AS BIGINT) AS self_loops,
               CAST(repeats AS BIGINT) AS repeats, CAST(not_loaded AS BIGINT) AS not_loaded,
               full_lists > 0 AS censored, smallest_flow
        FROM lists JOIN sums USING (network, code) ORDER BY 1, 3
        """
    ).to_arrow_table()
