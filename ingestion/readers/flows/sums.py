"""The lake tables out of the fates of rows: flow per pair, and how long each place's list is.

Belongs here: sums of the rows in `fate` and, of a large table, of the pairs `settled` without a look at their rows
(large.py), and the way there that all layouts share. Which rows are loaded: fates.py.
"""

from __future__ import annotations

from collections.abc import Callable

import duckdb
import pyarrow as pa

from catalog.declarations.flow import FlowSpec
from ingestion.readers.flows.beside import load_scale
from ingestion.readers.flows.declared import FlowFile, focal_end, network_name, other_end
from ingestion.readers.flows.ends import Ends
from ingestion.readers.flows.engine import has_table, literal
from ingestion.readers.flows.fates import assign_fates
from ingestion.readers.flows.report import Shape, account
from ingestion.row_account import Tally

# Sums run in the order of the file, so that the same file gives the same last digit.
_FLOWS = """
    SELECT network, {direction} AS direction, span.first AS period_first, span.last AS period_last,
           count(DISTINCT pi) AS periods, {precedence} AS precedence, {unit} AS unit,
           oc AS origin_code, dc AS destination_code, fsum({value} ORDER BY seq) AS flow, count(*) AS rows,
           min(row) AS first_row
    FROM (SELECT *, {network} AS network FROM fate WHERE kind = 'good') JOIN span USING (network) {scale}
    GROUP BY ALL {settled} ORDER BY network, origin_code, destination_code
"""
_LISTS = """
    WITH lists AS ({lists}), parts AS (
        SELECT {network} AS network, {focal} AS city, {other} AS partner, kind = 'good' AS good,
               CAST(v = 0 AS INTEGER) AS zeros, CAST(kind = 'self_loop' AS INTEGER) AS self_loops,
               CAST(kind = 'repeat' AS INTEGER) AS repeats,
               CAST(kind NOT IN ('good', 'self_loop', 'repeat') AS INTEGER) AS not_loaded, v AS least
        FROM fate WHERE kind <> 'blank' {settled}
    ), sums AS (
        SELECT network, city, count(DISTINCT partner) FILTER (good) AS partners,
               coalesce(sum(zeros) FILTER (good), 0) AS zeros, sum(self_loops) AS self_loops,
               sum(repeats) AS repeats, sum(not_loaded) AS not_loaded, min(least) FILTER (good) AS smallest_flow
        FROM parts WHERE city IS NOT NULL GROUP BY ALL
    )
    SELECT network, {direction} AS direction, city AS city_code, lists, full_lists, partners,
           CAST(zeros AS BIGINT) AS zeros, CAST(self_loops AS BIGINT) AS self_loops, CAST(repeats AS BIGINT) AS repeats,
           CAST(not_loaded AS BIGINT) AS not_loaded, full_lists > 0 AS censored, smallest_flow
    FROM lists JOIN sums USING (network, city) ORDER BY 1, 3
"""
_LENGTHS = """
    SELECT network, city, count(*) AS lists, count(*) FILTER (n >= {top}) AS full_lists FROM (
        SELECT {network} AS network, {focal} AS city, pi, count(DISTINCT {partner}) AS n
        FROM fate WHERE {focal} IS NOT NULL AND kind <> 'blank' GROUP BY ALL
    ) GROUP BY ALL
"""
_SETTLED_LENGTHS = """
    SELECT {network} AS network, code AS city, max(lists) AS lists, max(full_lists) AS full_lists
    FROM listed JOIN whole_place USING (text) WHERE code IS NOT NULL GROUP BY ALL
"""
_SETTLED_PARTS = """
    UNION ALL
    SELECT {network}, {focal}, {other}, fate = 'good', coalesce(zeros, 0), CASE WHEN oc = dc THEN n ELSE 0 END, 0,
           CASE WHEN fate = 'aside' AND oc IS DISTINCT FROM dc THEN n ELSE 0 END, least
    FROM pair WHERE fate <> 'suspect'
"""


def load_raw(
    con: duckdb.DuckDBPyConnection,
    file: FlowFile,
    shape: Shape,
    tally: Tally,
    by_name: bool,
    check: Callable[[Ends], object] | None = None,
) -> None:
    """Load the figures in `raw` into the tally, after `check` has looked at their fates. Raises Refusal."""
    if file.spec.scale is not None:
        load_scale(con, file, file.spec.scale)
    ends = assign_fates(con, file.spec, by_name)
    if check is not None:
        check(ends)
    account(con, file.spec, ends, shape, tally)
    add_tables(con, file.spec, tally)


def add_tables(con: duckdb.DuckDBPyConnection, spec: FlowSpec, tally: Tally) -> None:
    """Give the tally the lake tables of the flows counted: `flow`, and `flow_list` where the file is made of lists."""
    settled = has_table(con, "settled")
    tally.add_table("flow", _flow_table(con, spec, settled))
    if spec.direction != "both":
        tally.add_table("flow_list", _list_table(con, spec, settled))


def _flow_table(con: duckdb.DuckDBPyConnection, spec: FlowSpec, settled: bool) -> pa.Table:
    """Lake table `flow` but for file_id: the loaded rows summed over the file's periods.

    period_first and period_last are the file's (or that network's of the file); `periods` are those the pair is in.
    """
    network = network_name(spec, "py")
    if not settled:
        # Every period of the file, also one none of whose figures could be used.
        con.execute(
            f"CREATE OR REPLACE TEMP TABLE span AS SELECT {network} AS network, arg_min(pl, pi) AS first, "
            "arg_max(pl, pi) AS last FROM fate WHERE pi IS NOT NULL AND kind <> 'blank' GROUP BY 1"
        )
    scaled = spec.scale is not None
    query = _FLOWS.format(
        network=network,
        direction=literal(spec.direction),
        precedence=spec.precedence,
        unit=literal("index" if scaled else spec.unit),
        value="v / 100 * factor" if scaled else "v",
        scale=f"JOIN scale ON scale.code = {focal_end(spec)} AND scale.ordinal = pi" if scaled else "",
        settled="UNION ALL BY NAME FROM settled" if settled else "",
    )
    return con.execute(query).to_arrow_table()


def _list_table(con: duckdb.DuckDBPyConnection, spec: FlowSpec, settled: bool) -> pa.Table:
    """Lake table `flow_list` but for file_id."""
    focal = focal_end(spec)
    ends = {"focal": focal, "other": other_end(focal)}
    by_row = {"network": network_name(spec, "py"), **ends}
    by_pair = {"network": network_name(spec, "y"), **ends}
    lengths = _LENGTHS.format(**by_row, partner=other_end(focal)[0], top=spec.longest)
    query = _LISTS.format(
        **by_row,
        direction=literal(spec.direction),
        lists=_SETTLED_LENGTHS.format(**by_pair) if settled else lengths,
        settled=_SETTLED_PARTS.format(**by_pair) if settled else "",
    )
    return con.execute(query).to_arrow_table()
