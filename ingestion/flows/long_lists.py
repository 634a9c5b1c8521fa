"""How long each place's list is, in a table too large to keep its rows: counted in passes of its own (sums.py else)."""

from __future__ import annotations

import duckdb
import pyarrow as pa

from catalog.source_flow import FlowSpec
from ingestion.flows.engine import literal
from ingestion.flows.fates import focal_end
from ingestion.flows.rows import Roles, end_of, period_of, text_of
from ingestion.flows.sums import network_name
from ingestion.flows.table import BigTable


def long_list_table(con: duckdb.DuckDBPyConnection, table: BigTable, spec: FlowSpec, roles: Roles) -> pa.Table:
    """Lake table `flow_list` but for file_id, from `pair`, `fate` and counts of the file's rows by place and period."""
    own = focal_end(spec)
    other, role = ("oc", "d") if own == "dc" else ("dc", "o")
    weight = f"TRY_CAST({text_of(roles.weight)} AS DOUBLE)"
    con.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE listed AS
        SELECT {end_of(roles, role)} AS text, {period_of(roles)} AS p, count(*) AS n FROM {table.typed} GROUP BY ALL;
        CREATE OR REPLACE TEMP TABLE zero AS
        SELECT {end_of(roles, "o")} AS o, {end_of(roles, "d")} AS d,
               {f"CAST(left({period_of(roles)}, 4) AS INTEGER)" if spec.network.endswith("{year}") else "0"} AS y,
               count(*) FILTER (w = 0) AS zeros, min(w) AS least_flow
        FROM (SELECT *, {weight} AS w FROM {table.typed}) GROUP BY ALL
        """
    )
    top = spec.top if spec.top is not None else 2**62
    return con.execute(
        f"""
        WITH lengths AS (
            SELECT {network_name(spec, "left(p, 4)")} AS network, code, p, sum(n) AS n
            FROM listed JOIN whole_place USING (text) WHERE code IS NOT NULL GROUP BY ALL
        ), lists AS (
            SELECT network, code, count(*) AS lists, count(*) FILTER (n >= {top}) AS full_lists
            FROM lengths GROUP BY ALL
        ), parts AS (
            SELECT {network_name(spec, "y")} AS network, {own} AS code, {other} AS partner, fate = 'good' AS good,
                   coalesce(zeros, 0) AS zeros, CASE WHEN oc = dc THEN n ELSE 0 END AS self_loops, 0 AS repeats,
                   CASE WHEN fate = 'aside' AND oc IS DISTINCT FROM dc THEN n ELSE 0 END AS not_loaded,
                   least_flow AS low
            FROM pair LEFT JOIN zero USING (o, d, y) WHERE fate <> 'suspect'
            UNION ALL
            SELECT {network_name(spec, "py")}, {own}, {other}, kind = 'good', CAST(v = 0 AS INTEGER),
                   CAST(kind = 'self_loop' AS INTEGER), CAST(kind = 'repeat' AS INTEGER),
                   CAST(kind NOT IN ('good', 'self_loop', 'repeat') AS INTEGER), v
            FROM fate
        ), sums AS (
            SELECT network, code, count(DISTINCT partner) FILTER (good) AS partners,
                   coalesce(sum(zeros) FILTER (good), 0) AS zeros, sum(self_loops) AS self_loops,
                   sum(repeats) AS repeats, sum(not_loaded) AS not_loaded, min(low) FILTER (good) AS smallest_flow
            FROM parts WHERE code IS NOT NULL GROUP BY ALL
        )
        SELECT network, {literal(spec.direction)} AS direction, code AS city_code, lists, full_lists, partners,
               CAST(zeros AS BIGINT) AS zeros, CAST(self_loops AS BIGINT) AS self_loops,
               CAST(repeats AS BIGINT) AS repeats, CAST(not_loaded AS BIGINT) AS not_loaded,
               full_lists > 0 AS censored, smallest_flow
        FROM lists JOIN sums USING (network, code) ORDER BY 1, 3
        """
    ).to_arrow_table()
