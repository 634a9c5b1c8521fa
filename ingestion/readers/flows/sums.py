"""The lake tables out of the fates of rows: flow per pair, and how long each place's list is.

Does not belong here: which rows are loaded (fates.py).
"""

from __future__ import annotations

import duckdb
import pyarrow as pa

from catalog.declarations.flow import FlowSpec
from ingestion.readers.flows.engine import literal
from ingestion.readers.flows.fates import focal_end
from ingestion.row_account import Tally

# Sums run in the order of the file, so that the same file gives the same last digit.
_FLOWS = """
    SELECT network, {direction} AS direction, span.first AS period_first, span.last AS period_last,
           count(DISTINCT pi) AS periods, {precedence} AS precedence, {unit} AS unit,
           oc AS origin_code, dc AS destination_code, fsum({value} ORDER BY seq) AS flow, count(*) AS rows,
           min(row) AS first_row
    FROM (SELECT *, {network} AS network FROM fate WHERE kind = 'good') JOIN span USING (network) {scale}
    GROUP BY ALL ORDER BY network, oc, dc
"""
_LISTS = """
    WITH listed AS (
        SELECT {network} AS network, {focal} AS city, pi, count(DISTINCT {partner}) AS n
        FROM fate WHERE {focal} IS NOT NULL AND kind <> 'blank' GROUP BY 1, 2, 3
    ), lengths AS (
        SELECT network, city, count(*) AS lists, count(*) FILTER (n >= {top}) AS full_lists FROM listed GROUP BY 1, 2
    ), pairs AS (
        SELECT {network} AS network, {focal} AS city, count(DISTINCT {other}) FILTER (kind = 'good') AS partners,
               count(*) FILTER (kind = 'good' AND v = 0) AS zeros, count(*) FILTER (kind = 'self_loop') AS self_loops,
               count(*) FILTER (kind = 'repeat') AS repeats,
               count(*) FILTER (kind NOT IN ('good', 'self_loop', 'repeat')) AS not_loaded,
               min(v) FILTER (kind = 'good') AS smallest_flow
        FROM fate WHERE {focal} IS NOT NULL AND kind <> 'blank' GROUP BY 1, 2
    )
    SELECT network, {direction} AS direction, city AS city_code, lists, full_lists, partners, zeros, self_loops,
           repeats, not_loaded, full_lists > 0 AS censored, smallest_flow
    FROM lengths JOIN pairs USING (network, city) ORDER BY 1, 3
"""


def network_name(spec: FlowSpec, year: str) -> str:
    """SQL of the network's name; `year` is the SQL of the year, for names that end with {year}."""
    name = spec.network.removesuffix("{year}")
    return f"{literal(name)} || CAST({year} AS VARCHAR)" if name != spec.network else literal(name)


def flow_table(con: duckdb.DuckDBPyConnection, spec: FlowSpec, spans_known: bool = False) -> pa.Table:
    """Lake table `flow` but for file_id: the loaded rows of `fate` summed over the file's periods.

    period_first and period_last are the file's (or that network's of the file); `periods` are those the pair is in.
    """
    name = network_name(spec, "py")
    if not spans_known:
        # Every period of the file, also one none of whose figures could be used.
        con.execute(
            f"CREATE OR REPLACE TEMP TABLE span AS SELECT {name} AS network, arg_min(pl, pi) AS first, "
            "arg_max(pl, pi) AS last FROM fate WHERE pi IS NOT NULL AND kind <> 'blank' GROUP BY 1"
        )
    query = _FLOWS.format(
        network=network_name(spec, "py"),
        direction=literal(spec.direction),
        precedence=spec.precedence,
        unit=literal("index" if spec.scaled else spec.unit),
        value="v / 100 * factor" if spec.scaled else "v",
        scale=f"JOIN scale ON scale.code = {focal_end(spec)} AND scale.ordinal = pi" if spec.scaled else "",
    )
    return con.execute(query).to_arrow_table()


def list_table(con: duckdb.DuckDBPyConnection, spec: FlowSpec) -> pa.Table | None:
    """Lake table `flow_list` but for file_id, or None when the file is not made of lists."""
    if spec.direction == "both":
        return None
    focal = focal_end(spec)
    query = _LISTS.format(
        network=network_name(spec, "py"),
        direction=literal(spec.direction),
        focal=focal,
        other="oc" if focal == "dc" else "dc",
        partner="o" if focal == "dc" else "d",
        top=spec.longest,
    )
    return con.execute(query).to_arrow_table()


def add_tables(con: duckdb.DuckDBPyConnection, spec: FlowSpec, tally: Tally) -> None:
    """Give the tally the lake tables of the flows counted: `flow`, and `flow_list` where the file is made of lists."""
    tally.add_table("flow", flow_table(con, spec))
    lists = list_table(con, spec)
    if lists is not None:
        tally.add_table("flow_list", lists)
