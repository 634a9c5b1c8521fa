"""Tables of flows of any size: one pass that sums each pair and proves it sound, a second one for suspect pairs only.

The pass counts, for each pair, its rows and the periods they are of. A pair none of whose periods repeats has as many
of one as of the other, so a second look is needed only where the two differ, at pairs with unreadable or negative
figures and at unknown names; those rows go the way of small files (fates.py).
"""

from __future__ import annotations

import datetime as dt

import duckdb
import pyarrow as pa

from catalog.declarations.flow import FlowSpec
from ingestion.readers.flows.ends import Ends
from ingestion.readers.flows.engine import literal, reading_file
from ingestion.readers.flows.fates import STACKED, assign_fates
from ingestion.readers.flows.long_lists import count_lists, has_mixed_list
from ingestion.readers.flows.passes import EPOCH_DAY, ROWS_LIMIT, SUM_LIMIT, sum_by_query
from ingestion.readers.flows.periods import Period, parse_period
from ingestion.readers.flows.report import Settled
from ingestion.readers.flows.rows import Roles, end_of, period_of, text_of
from ingestion.readers.flows.stream import UnfitError, UnsoundError
from ingestion.readers.flows.streamed import stream_pairs
from ingestion.readers.flows.sums import network_name
from ingestion.readers.flows.table import BigTable

# How many suspect pairs are looked at before a file that is all contradictions is read in full.
_PROBED = 200
_SUSPECT = """
    CREATE OR REPLACE TEMP TABLE suspect AS
    SELECT o, d, sum(n) AS n FROM pair WHERE fate = 'suspect' GROUP BY ALL
"""


def sum_table(
    con: duckdb.DuckDBPyConnection, table: BigTable, spec: FlowSpec, roles: Roles, by_name: bool
) -> tuple[Ends, Settled]:
    """Make `settled` (flows of the clean pairs, columns of lake table flow) and `fate` (rows of suspect pairs).

    Raises UnsoundError, and Refusal as assign_fates.
    """
    if spec.unit == "percent" and spec.direction != "both":
        raise UnsoundError("shares of lists, whose sums are those of single rows")
    if spec.left_out:
        raise UnsoundError("lists to be left out, all of whose rows are looked at")
    if spec.repeated == "add" and has_mixed_list(con, table.texts, spec, roles):
        raise UnsoundError("a list that mixes two places, whose figures are no parts of a sum")
    try:
        try:
            periods = stream_pairs(con, table, spec, roles)
        except UnfitError:
            sum_by_query(con, table, spec, roles)
            periods = _periods(con, table, roles)
            count_lists(con, table, spec, roles)
    except duckdb.Error as error:
        raise UnsoundError(str(error)) from error
    if len({period.kind for period in periods.values()}) != 1:
        raise UnsoundError("no period, or periods of different length")
    _span(con, spec, periods)
    ends = Ends(spec.level, sorted({period.year for period in periods.values()}), by_name)
    _judge_pairs(con, spec, ends)
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
    return ends, Settled(
        *con.execute(
            """
            SELECT coalesce(sum(n) FILTER (fate = 'good'), 0), coalesce(sum(n) FILTER (fate = 'aside'), 0) FROM pair
            """
        ).fetchall()[0]
    )


def _periods(con: duckdb.DuckDBPyConnection, table: BigTable, roles: Roles) -> dict[int, Period]:
    """The periods in `seen_block`. Raises UnsoundError for one that is none."""
    found: dict[int, Period | None] = {}
    if roles.period is None:
        found[0] = parse_period(roles.fixed["p"])
    else:
        whole = table.is_whole(roles.period)
        for block, bits in con.execute("FROM seen_block ORDER BY k").fetchall():
            for number in (int(block) * 64 + bit for bit in range(64) if int(bits) >> bit & 1):
                text = str(number) if whole else (EPOCH_DAY + dt.timedelta(days=number)).isoformat()
                found[number] = parse_period(text)
    if None in found.values():
        raise UnsoundError("a period that is none")
    return {number: period for number, period in found.items() if period is not None}


def _span(con: duckdb.DuckDBPyConnection, spec: FlowSpec, periods: dict[int, Period]) -> None:
    """Table `span`: first and last period of each network."""
    spans: dict[str, list[Period]] = {}
    for period in periods.values():
        spans.setdefault(spec.network.replace("{year}", str(period.year)), []).append(period)
    con.execute("CREATE OR REPLACE TEMP TABLE span (network VARCHAR, first VARCHAR, last VARCHAR)")
    for network, found in sorted(spans.items()):
        found.sort(key=lambda period: period.ordinal)
        con.execute("INSERT INTO span VALUES (?, ?, ?)", [network, found[0].label, found[-1].label])


def _judge_pairs(con: duckdb.DuckDBPyConnection, spec: FlowSpec, ends: Ends) -> None:
    """Tables `pair` (with its fate: good, aside or suspect) and `suspect`."""
    texts = con.execute("SELECT DISTINCT CAST(o AS VARCHAR) FROM whole UNION SELECT CAST(d AS VARCHAR) FROM whole")
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
    con.execute("CREATE OR REPLACE TEMP TABLE whole_place AS FROM incoming")
    con.unregister("incoming")
    codes = [end.code for end in found if end.code is not None]
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
            WHEN undated OR NOT sound OR repeats OR spellings > 1 THEN 'suspect'
            WHEN oc = dc THEN 'aside'
            WHEN most >= {ROWS_LIMIT} OR (coarse >= {SUM_LIMIT} AND fine <> 0) THEN 'suspect'
            ELSE 'good' END AS fate
        FROM coded
        """
    )
    con.execute(_SUSPECT)
    # A pair with one suspect year is looked at whole.
    con.execute("UPDATE pair SET fate = 'suspect' FROM suspect WHERE pair.o = suspect.o AND pair.d = suspect.d")
    con.execute(_SUSPECT)


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
    """Table `settled`: the clean pairs as rows of lake table flow."""
    con.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE settled AS
        SELECT network, {literal(spec.direction)} AS direction, span.first AS period_first, span.last AS period_last,
               CAST(seen AS BIGINT) AS periods, {spec.precedence} AS precedence, {literal(spec.unit)} AS unit,
               oc AS origin_code, dc AS destination_code, round(coarse + fine, 15) AS flow, CAST(n AS BIGINT) AS rows,
               CAST(NULL AS BIGINT) AS first_row
        FROM (SELECT *, {network_name(spec, "y")} AS network FROM pair WHERE fate = 'good') JOIN span USING (network)
        """
    )
