"""Edge lists too large for memory: the same meaning as flow_edges.py, read in passes.

Not a layout of its own; flow_edges.py comes here with Parquet files and with text files beyond the limit of memory.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import duckdb
import pyarrow as pa

from catalog import Source
from catalog.declarations.flow import FlowSpec
from ingestion.formats.limits import TEXT_BYTES
from ingestion.formats.probe import Probe
from ingestion.readers.flows.ends import Ends
from ingestion.readers.flows.fates import assign_fates
from ingestion.readers.flows.large import fill_texts, sum_table
from ingestion.readers.flows.long_lists import long_list_table
from ingestion.readers.flows.report import Settled, Shape, account
from ingestion.readers.flows.rows import Roles
from ingestion.readers.flows.stream import UnsoundError
from ingestion.readers.flows.sums import flow_table, list_table
from ingestion.readers.flows.table import open_csv, open_parquet
from ingestion.row_account import Tally

# A Parquet file of this size has some hundred thousand rows, which the other way reads as fast.
PARQUET_BYTES = 2**21


def is_large(probe: Probe) -> bool:
    """Whether the file is read in passes."""
    if probe.suffix == ".parquet":
        return probe.size > PARQUET_BYTES
    return probe.suffix in {".csv", ".txt", ".tsv"} and probe.size > TEXT_BYTES


def read_large(
    con: duckdb.DuckDBPyConnection, probe: Probe, source: Source, spec: FlowSpec, roles: Roles, tally: Tally
) -> Ends:
    """Read the table into the tally, all but the check against a partner. Raises Refusal."""
    with tempfile.TemporaryDirectory(prefix="medpanel-text-") as folder:
        if probe.suffix == ".parquet":
            table = open_parquet(con, probe, roles)
        else:
            table = open_csv(probe, source, roles, Path(folder))
        shape = Shape("", table.columns, table.head)
        by_name = source.key == "name"
        try:
            ends, settled = sum_table(con, table, spec, roles, by_name)
        except UnsoundError:
            fill_texts(con, table, roles)
            ends = assign_fates(con, spec, by_name)
            settled = Settled()
            con.execute("DROP TABLE IF EXISTS settled")
        account(con, spec, ends, shape, tally, settled)
        tally.add_table("flow", _flows(con, spec))
        lists = _lists(con, spec)
    if lists is not None:
        tally.add_table("flow_list", lists)
    return ends


def _has(con: duckdb.DuckDBPyConnection, name: str) -> bool:
    found = con.execute("SELECT count(*) FROM duckdb_tables() WHERE table_name = $name", {"name": name}).fetchall()
    return bool(found[0][0])


def _flows(con: duckdb.DuckDBPyConnection, spec: FlowSpec) -> pa.Table:
    settled = _has(con, "settled")
    flows = flow_table(con, spec, spans_known=settled)
    if not settled:
        return flows
    con.register("examined", flows)
    both = con.execute("FROM settled UNION ALL BY NAME FROM examined ORDER BY network, origin_code, destination_code")
    table = both.to_arrow_table()
    con.unregister("examined")
    return table


def _lists(con: duckdb.DuckDBPyConnection, spec: FlowSpec) -> pa.Table | None:
    if not _has(con, "settled"):
        return list_table(con, spec)
    return long_list_table(con, spec) if spec.direction != "both" else None
