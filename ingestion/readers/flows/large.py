"""Tables of flows of any size: one pass that sums each pair and proves it sound, a second one for suspect pairs only.

The pass counts, for each pair, its rows and the periods they are of. A pair none of whose periods repeats has as many
of one as of the other, so a second look is needed only where the two differ, at pairs with unreadable or negative
figures and at unknown names; those rows go the way of small files (fates.py).
"""

from __future__ import annotations

import tempfile
from itertools import groupby
from pathlib import Path

import duckdb
import pyarrow as pa

from catalog.declarations.flow import FlowSpec
from ingestion.formats.limits import TEXT_BYTES
from ingestion.formats.probe import Probe
from ingestion.readers.flows.declared import TEXT_SUFFIXES, FlowFile, Roles, network_name
from ingestion.readers.flows.ends import Ends, name_places
from ingestion.readers.flows.engine import create_from_rows, literal
from ingestion.readers.flows.fates import STACKED, assign_fates
from ingestion.readers.flows.mixed_lists import has_mixed_list
from ingestion.readers.flows.passes import sum_by_query
from ingestion.readers.flows.periods import Calendar, Period, parse_period
from ingestion.readers.flows.report import Settled, Shape, account
from ingestion.readers.flows.streamed import sum_by_stream
from ingestion.readers.flows.sums import add_tables
from ingestion.readers.flows.table import BigTable, UnfitError, UnsoundError, fill_texts, open_csv, open_parquet
from ingestion.row_account import Tally

# A Parquet file of this size has some hundred thousand rows, which the other way reads as fast.
PARQUET_BYTES = 2**21
# How many suspect pairs are looked at before a file that is all contradictions is read in full.
_PROBED = 200
_SUSPECT = """
    CREATE OR REPLACE TEMP TABLE suspect AS
    SELECT o, d, sum(n) AS n FROM pair WHERE fate = 'suspect' GROUP BY ALL
"""


def is_large(probe: Probe) -> bool:
    """Whether the file is read in passes."""
    if probe.suffix == ".parquet":
        return probe.size > PARQUET_BYTES
    return probe.suffix in TEXT_SUFFIXES and probe.size > TEXT_BYTES


def read_large(con: duckdb.DuckDBPyConnection, file: FlowFile, roles: Roles, tally: Tally) -> Ends:
    """Read the table into the tally, all but the check against a partner. Raises Refusal."""
    with tempfile.TemporaryDirectory(prefix="medpanel-text-") as folder:
        parquet = file.probe.suffix == ".parquet"
        table = open_parquet(con, file.probe, roles) if parquet else open_csv(file, roles, Path(folder))
        try:
            ends, settled = _sum_table(con, table, file, roles)
        except UnsoundError:
            fill_texts(con, table, roles)
            ends, settled = assign_fates(con, file.spec, file.by_name), Settled()
        account(con, file.spec, ends, Shape("", table.columns, table.head), tally, settled)
        add_tables(con, file.spec, tally)
    return ends


def _sum_table(con: duckdb.DuckDBPyConnection, table: BigTable, file: FlowFile, roles: Roles) -> tuple[Ends, Settled]:
    """Make `settled` (flows of the clean pairs, columns of lake table flow) and `fate` (rows of suspect pairs).

    Raises UnsoundError, and Refusal as assign_fates.
    """
    spec = file.spec
    periods = _sum_pairs(con, table, spec, roles)
    if len({period.kind for period in periods}) != 1:
        raise UnsoundError("no period, or periods of different length")
    _span(con, spec, periods)
    ends = Ends(spec.level, sorted({period.year for period in periods}), file.by_name)
    _judge_pairs(con, spec, ends)
    [(repeated, rows)] = con.execute("SELECT sum(n - seen) FILTER (repeats), sum(n) FROM pair").fetchall()
    if (repeated or 0) > STACKED * (rows or 0):
        fill_texts(con, table, roles, f"SEMI JOIN (FROM suspect ORDER BY o, d LIMIT {_PROBED}) AS wanted USING (o, d)")
        assign_fates(con, spec, file.by_name)
    [(expected,)] = con.execute("SELECT coalesce(sum(n), 0) FROM suspect").fetchall()
    fill_texts(con, table, roles, "SEMI JOIN suspect USING (o, d)" if expected else "WHERE false")
    [(found,)] = con.execute("SELECT count(*) FROM raw").fetchall()
    if found != expected:
        raise UnsoundError(f"{found} rows of suspect pairs, {expected} counted")
    assign_fates(con, spec, file.by_name)
    _settle(con, spec)
    counts = "SELECT coalesce(sum(n) FILTER (fate = $fate), 0) FROM pair"
    return ends, Settled(*(con.execute(counts, {"fate": fate}).fetchall()[0][0] for fate in ("good", "aside")))


def _sum_pairs(con: duckdb.DuckDBPyConnection, table: BigTable, spec: FlowSpec, roles: Roles) -> list[Period]:
    """Make `whole` and `listed` by the fast pass or the slower one; the periods of the file. Raises UnsoundError."""
    if spec.unit == "percent" and spec.direction != "both":
        raise UnsoundError("shares of lists, whose sums are those of single rows")
    if spec.left_out:
        raise UnsoundError("lists to be left out, all of whose rows are looked at")
    if spec.repeated == "add" and has_mixed_list(con, table.texts, spec, roles):
        raise UnsoundError("a list that mixes two places, whose figures are no parts of a sum")
    calendar = _calendar(table, roles)
    try:
        try:
            return sum_by_stream(con, table, spec, roles, calendar)
        except UnfitError:
            return sum_by_query(con, table, spec, roles, calendar)
    except duckdb.Error as error:
        raise UnsoundError(str(error)) from error


def _calendar(table: BigTable, roles: Roles) -> Calendar:
    if roles.period is not None:
        return Calendar(whole=table.is_whole(roles.period))
    period = parse_period(roles.fixed["p"])
    if period is None:
        raise UnsoundError("a period that is none")
    return Calendar(fixed=period)


def _span(con: duckdb.DuckDBPyConnection, spec: FlowSpec, periods: list[Period]) -> None:
    """Table `span`: first and last period of each network."""
    ordered = sorted((spec.network.replace("{year}", str(each.year)), each.ordinal, each.label) for each in periods)
    spans = {network: [label for *_, label in found] for network, found in groupby(ordered, lambda each: each[0])}
    rows = [(network, labels[0], labels[-1]) for network, labels in spans.items()]
    create_from_rows(con, "span", dict.fromkeys(("network", "first", "last"), pa.string()), rows)


def _judge_pairs(con: duckdb.DuckDBPyConnection, spec: FlowSpec, ends: Ends) -> None:
    """Tables `pair` (with its fate: good, aside or suspect) and `suspect`."""
    texts = " UNION ".join(f"SELECT coalesce(CAST({end} AS VARCHAR), '') FROM whole" for end in ("o", "d"))
    codes = [end.code for end in name_places(con, ends, "whole_place", texts) if end.code is not None]
    if spec.direction != "both" and len(set(codes)) < len(codes):
        raise UnsoundError("a place under two names: its lists cannot be told from the counts of each name")
    repeats = "n <> seen" if spec.repeated == "reject" else "false"
    con.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE pair AS
        WITH coded AS (
            SELECT coalesce(CAST(o AS VARCHAR), '') AS o, coalesce(CAST(d AS VARCHAR), '') AS d,
                   whole.* EXCLUDE (o, d), a.code AS oc, b.code AS dc, a.kind AS ok, b.kind AS dk,
                   {repeats} AS repeats, count(*) OVER (PARTITION BY a.code, b.code, y) AS spellings
            FROM whole
            JOIN whole_place a ON a.text = coalesce(CAST(o AS VARCHAR), '')
            JOIN whole_place b ON b.text = coalesce(CAST(d AS VARCHAR), '')
        )
        SELECT *, CASE
            WHEN ok IN ('unknown', 'empty') OR dk IN ('unknown', 'empty') THEN 'suspect'
            WHEN ok <> 'place' OR dk <> 'place' THEN 'aside'
            WHEN NOT sound OR repeats OR spellings > 1 THEN 'suspect'
            WHEN oc = dc THEN 'aside'
            ELSE 'good' END AS fate
        FROM coded
        """
    )
    con.execute(_SUSPECT)
    # A pair with one suspect year is looked at whole.
    con.execute("UPDATE pair SET fate = 'suspect' FROM suspect WHERE pair.o = suspect.o AND pair.d = suspect.d")
    con.execute(_SUSPECT)


def _settle(con: duckdb.DuckDBPyConnection, spec: FlowSpec) -> None:
    """Table `settled`: the clean pairs as rows of lake table flow."""
    con.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE settled AS
        SELECT network, {literal(spec.direction)} AS direction, span.first AS period_first, span.last AS period_last,
               CAST(seen AS BIGINT) AS periods, {spec.precedence} AS precedence, {literal(spec.unit)} AS unit,
               oc AS origin_code, dc AS destination_code, round(flow, 15) AS flow, CAST(n AS BIGINT) AS rows,
               CAST(NULL AS BIGINT) AS first_row
        FROM (SELECT *, {network_name(spec, "y")} AS network FROM pair WHERE fate = 'good') JOIN span USING (network)
        """
    )
