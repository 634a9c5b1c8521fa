"""Tables with one figure in a row, of any size: edge lists, the two-header mode files, Amap's yearly file, one city's
Baidu list, and a city's index by period (Baidu's in- and out-migration scale).

The header says nothing about direction: what each column means is declared under `flow:`. An index is a series of one
place, no flow between two; percentages of a city's list become flows by it (`scale:` under `flow:`).

A large table is read in two passes: one that sums each pair and proves it sound, a second one for suspect pairs only.
The first counts, for each pair, its rows and the periods they are of. A pair none of whose periods repeats has as many
of one as of the other, so a second look is needed only where the two differ, at pairs with unreadable or negative
figures and at unknown names; those rows go the way of small files (fates.py).

The fast pass (stream.py) and the slower one here, for any number of places and periods, make the same two tables.
`whole` has a row for each pair: o, d, y (year, where the network's name has one), n (rows), flow, sound (no figure or
period unusable, and the sum exact), seen (its periods), and of lists zeros and least (the smallest figure). `listed`
has, for each place and year, how many lists there are and how many are full.

The threads of a query add in no fixed order, which would show in the last digits. So a figure is split into a multiple
of 2**-20 and a rest rounded to a multiple of 2**-54; sums of such parts are exact in any order while figures are below
2**31, a pair's sum below 2**33 (or all figures whole) and its rows below 2**20.
"""

import tempfile
from dataclasses import replace
from functools import partial
from pathlib import Path

import duckdb
import pyarrow as pa

from catalog.declarations.flow import FlowPartner, FlowSpec
from ingestion.formats.limits import TEXT_BYTES
from ingestion.readers.base import FileLayout, Probe, Problem, Source, Tally, given, require
from ingestion.readers.flows.declared import (
    SUFFIXES,
    TEXT_SUFFIXES,
    EndHeaders,
    FlowFile,
    Roles,
    edge_roles,
    flow_file,
    focal_end,
    focal_ends,
    network_name,
    other_end,
    text_of,
)
from ingestion.readers.flows.engine import create_from_rows, engine, literal, quote, reading_file
from ingestion.readers.flows.fates import CONSTANT, STACKED, assign_fates
from ingestion.readers.flows.loading import account, add_tables, check_partner, load_raw
from ingestion.readers.flows.meanings import EPOCH, Calendar, Ends, Period, name_places, parse_period
from ingestion.readers.flows.stream import sum_by_stream
from ingestion.readers.flows.table import (
    BigTable,
    Shape,
    UnfitError,
    UnsoundError,
    fill_texts,
    open_csv,
    open_parquet,
    take_rows,
)
from ingestion.vocabulary.claims import unused_keys

# A Parquet file of this size has some hundred thousand rows, which the other way reads as fast.
PARQUET_BYTES = 2**21
# How many suspect pairs are looked at before a file that is all contradictions is read in full.
_PROBED = 200
COARSE, FINE = 20, 54
FIGURE_LIMIT, SUM_LIMIT, ROWS_LIMIT = 2.0**31, 2.0**33, 2**20


def is_large(probe: Probe) -> bool:
    """Whether the file is read in passes."""
    limits = dict.fromkeys(TEXT_SUFFIXES, TEXT_BYTES) | {".parquet": PARQUET_BYTES}
    return probe.suffix in limits and probe.size > limits[probe.suffix]


def read_large(con: duckdb.DuckDBPyConnection, file: FlowFile, roles: Roles, tally: Tally) -> Ends:
    """Read the table into the tally, all but the check against a partner. Raises Refusal."""
    with tempfile.TemporaryDirectory(prefix="medpanel-text-") as folder:
        table = (
            open_parquet(con, file.probe, roles)
            if file.probe.suffix == ".parquet"
            else open_csv(file, roles, Path(folder))
        )
        loaded = aside = 0
        try:
            ends, loaded, aside = _sum_table(con, table, file, roles)
        except UnsoundError:
            fill_texts(con, table, roles)
            ends = assign_fates(con, file)
        account(con, file.spec, ends, Shape("", table.columns, (1 if table.header else 0) + aside, loaded), tally)
        add_tables(con, file.spec, tally)
    return ends


def _sum_table(con: duckdb.DuckDBPyConnection, table: BigTable, file: FlowFile, roles: Roles) -> tuple[Ends, int, int]:
    """Make `settled` (flows of the clean pairs, columns of lake table flow) and `fate` (rows of suspect pairs).

    With the ends: how many rows were loaded, and set aside, without being looked at one by one.
    Raises UnsoundError, and Refusal as assign_fates.
    """
    spec = file.spec
    periods = _sum_pairs(con, table, spec, roles)
    require(len({period.kind for period in periods}) == 1, UnsoundError("no period, or periods of different length"))
    _span(con, spec, periods)
    ends = Ends(spec.level, sorted({period.year for period in periods}), file.source.key == "name")
    _judge_pairs(con, spec, ends)
    [(repeated, rows)] = con.execute("SELECT sum(n - seen) FILTER (repeats), sum(n) FROM pair").fetchall()
    if (repeated or 0) > STACKED * (rows or 0):
        fill_texts(con, table, roles, f"SEMI JOIN (FROM suspect ORDER BY o, d LIMIT {_PROBED}) AS wanted USING (o, d)")
        assign_fates(con, file)
    [(expected,)] = con.execute("SELECT coalesce(sum(n), 0) FROM suspect").fetchall()
    fill_texts(con, table, roles, "SEMI JOIN suspect USING (o, d)" if expected else "WHERE false")
    [(found,)] = con.execute("SELECT count(*) FROM raw").fetchall()
    require(found == expected, UnsoundError(f"{found} rows of suspect pairs, {expected} counted"))
    assign_fates(con, file)
    _settle(con, spec)
    counts = "SELECT coalesce(sum(n) FILTER (fate = 'good'), 0), coalesce(sum(n) FILTER (fate = 'aside'), 0) FROM pair"
    [(loaded, aside)] = con.execute(counts).fetchall()
    return ends, loaded, aside


def _sum_pairs(con: duckdb.DuckDBPyConnection, table: BigTable, spec: FlowSpec, roles: Roles) -> list[Period]:
    """Make `whole` and `listed` by the fast pass or the slower one; the periods of the file. Raises UnsoundError."""
    shares = spec.unit == "percent" and spec.direction != "both"
    require(not shares, UnsoundError("shares of lists, whose sums are those of single rows"))
    require(not spec.left_out, UnsoundError("lists to be left out, all of whose rows are looked at"))
    mixed = spec.repeated == "add" and _has_mixed_list(con, table.texts, spec, roles)
    require(not mixed, UnsoundError("a list that mixes two places, whose figures are no parts of a sum"))
    calendar = _calendar(table, roles)
    try:
        try:
            return sum_by_stream(con, table, spec, roles, calendar)
        except UnfitError:
            return _sum_by_query(con, table, spec, roles, calendar)
    except duckdb.Error as error:
        raise UnsoundError(str(error)) from error


def _calendar(table: BigTable, roles: Roles) -> Calendar:
    if roles.period is not None:
        return Calendar(whole=table.is_whole(roles.period))
    return Calendar(fixed=given(parse_period(roles.fixed["p"]), UnsoundError("a period that is none")))


def _span(con: duckdb.DuckDBPyConnection, spec: FlowSpec, periods: list[Period]) -> None:
    """Table `span`: first and last period of each network."""
    create_from_rows(
        con,
        "spanned",
        {"network": pa.string(), "ordinal": pa.int64(), "label": pa.string()},
        [(spec.network.replace("{year}", str(each.year)), each.ordinal, each.label) for each in periods],
    )
    con.execute(
        """
        CREATE OR REPLACE TEMP TABLE span AS
        SELECT network, arg_min(label, ordinal) AS first, arg_max(label, ordinal) AS last FROM spanned GROUP BY network
        """
    )


def _judge_pairs(con: duckdb.DuckDBPyConnection, spec: FlowSpec, ends: Ends) -> None:
    """Tables `pair` (with its fate: good, aside or suspect) and `suspect`; one suspect year makes the whole pair it."""
    texts = " UNION ".join(f"SELECT coalesce(CAST({end} AS VARCHAR), '') FROM whole" for end in ("o", "d"))
    codes = [end.code for end in name_places(con, ends, "whole_place", texts) if end.code is not None]
    two_names = UnsoundError("a place under two names: its lists cannot be told from the counts of each name")
    require(spec.direction == "both" or len(set(codes)) == len(codes), two_names)
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
        SELECT * EXCLUDE (own), CASE
            WHEN bool_or(own = 'suspect') OVER (PARTITION BY o, d) THEN 'suspect' ELSE own END AS fate
        FROM (SELECT *, CASE
            WHEN ok IN ('unknown', 'empty') OR dk IN ('unknown', 'empty') THEN 'suspect'
            WHEN ok <> 'place' OR dk <> 'place' THEN 'aside'
            WHEN NOT sound OR repeats OR spellings > 1 THEN 'suspect'
            WHEN oc = dc THEN 'aside'
            ELSE 'good' END AS own
        FROM coded);
        CREATE OR REPLACE TEMP TABLE suspect AS
        SELECT o, d, sum(n) AS n FROM pair WHERE fate = 'suspect' GROUP BY ALL
        """
    )


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


def _sum_by_query(
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
    return [given(calendar.period(number), UnsoundError("a period that is none")) for (number,) in numbers]


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
    require((longest or 0) <= spec.longest, UnsoundError(f"a list of {longest} places"))


def _has_mixed_list(con: duckdb.DuckDBPyConnection, texts: str, spec: FlowSpec, roles: Roles) -> bool:
    """Whether a table too large for `fate` seems to hold such a list, by the names as they are written."""
    queries = (
        f"""(
        WITH figure AS (
            SELECT place, pi, partner, count(DISTINCT v) AS figures, min(v) / nullif(max(v), 0) AS ratio FROM (
                SELECT {roles.end(focal)} AS place, {roles.when} AS pi, {roles.end(other_end(focal))} AS partner,
                       TRY_CAST({text_of(roles.weight)} AS DOUBLE) AS v
                FROM {texts})
            GROUP BY ALL HAVING figures = 2
        ), typical AS (SELECT place, pi, median(ratio) AS middle FROM figure GROUP BY ALL)
        SELECT 1 FROM figure JOIN typical USING (place, pi) GROUP BY place, pi
        HAVING {CONSTANT} LIMIT 1)
        """
        for focal in (end[0] for end in focal_ends(spec))
    )
    with reading_file():
        return bool(con.execute(" UNION ALL ".join(queries)).fetchall())


# Headers of Amap's yearly file. Of its two indices the actual one is used unless `weight` says otherwise.
_AMAP = {
    "origin": "始发城市",
    "origin_province": "始发城市所属省份",
    "origin_code": "始发城市代码",
    "destination": "终点城市",
    "destination_province": "终点城市所属省份",
    "destination_code": "终点城市代码",
    "weight": "年度实际迁徙指数",
    "period_column": "年份",
}


def _read_edges(file: FlowFile, tally: Tally) -> None:
    roles = edge_roles(file)
    cells = file.probe.suffix != ".parquet" and not is_large(file.probe)
    require(cells or not file.source.fill_down, unused_keys(["fill_down"], "flow_edges", ["flow", "key"]))
    with engine() as con:
        take = partial(_take_partner, con, roles)
        if is_large(file.probe) and file.spec.scale is None:
            check_partner(con, file, take, read_large(con, file, roles, tally))
        else:
            load_raw(con, file, take_rows(con, file, roles), tally, take)


def _take_partner(con: duckdb.DuckDBPyConnection, own: Roles, other: FlowFile, partner: FlowPartner) -> None:
    ends: dict[str, EndHeaders] = {}
    for role, word, header in (
        ("o", "partner: origin", partner.origin),
        ("d", "partner: destination", partner.destination),
    ):
        # An end that stands in the name of this file has no header that could be the partner's too.
        name = header or own.ends.get(role, (None, None, None))[0]
        ends[role] = (given(name, Problem("flow_not_declared", "", "header", word)), None, None)
    take_rows(con, other, replace(own, ends=ends, weight=partner.weight or own.weight))


def _read_amap(probe: Probe, source: Source, tally: Tally) -> None:
    file = flow_file(probe, source)
    _read_edges(file.with_spec(**{name: getattr(file.spec, name) or header for name, header in _AMAP.items()}), tally)


def _read_scale(probe: Probe, source: Source, tally: Tally) -> None:
    file = flow_file(probe, source)
    spec = file.spec
    undeclared = Problem("flow_not_declared", expected="scale")
    require(spec.direction != "both", undeclared)
    place = (given(spec.place, undeclared), spec.place_code, spec.place_province)
    fixed = {} if spec.period_column else {"p": file.period}
    roles = Roles({"o": place, "d": place}, given(spec.weight, undeclared), spec.period_column, fixed)
    # Series are no lists: every row stands for itself, and both its ends are the place.
    series = file.with_spec(direction="both", top=None)
    with engine() as con:
        shape = take_rows(con, series, roles)
        account(con, series.spec, assign_fates(con, series, loops=True), shape, tally)
        rows = con.execute(
            """
            SELECT $network AS network, $direction AS direction, $unit AS unit, oc AS city_code, pl AS period,
                   v AS value, row
            FROM fate WHERE kind = 'good' ORDER BY oc, pi, seq
            """,
            spec.model_dump(include={"network", "direction", "unit"}),
        )
        tally.add_table("flow_scale", rows.to_arrow_table())


EDGES = FileLayout(
    "flow_edges",
    "Edge list of flows: origin, destination, weight, period",
    "流量边列表：起点、终点、数值、时期",
    SUFFIXES,
    lambda probe, source: source.flow is not None,
    lambda probe, source, tally: _read_edges(flow_file(probe, source), tally),
    declared_only=True,
    asked=90,
    uses=frozenset({"flow", "key", "fill_down", "missing_marks"}),
    entry_key="flow",
)
AMAP_YEAR = FileLayout(
    "flow_amap_year",
    "Amap yearly migration file (年份, 始发城市, 终点城市, 年度实际迁徙指数)",
    "高德年度迁徙明细（年份、始发城市、终点城市、年度实际迁徙指数）",
    SUFFIXES,
    lambda probe, source: source.flow is not None,
    _read_amap,
    declared_only=True,
    asked=100,
    uses=frozenset({"flow", "key", "fill_down", "missing_marks"}),
    entry_key="flow",
)
SCALE = FileLayout(
    "flow_scale",
    "Migration scale index of cities by period",
    "城市迁徙规模指数（按时期）",
    SUFFIXES,
    lambda probe, source: source.flow is not None,
    _read_scale,
    declared_only=True,
    asked=140,
    uses=frozenset({"flow", "key", "fill_down", "missing_marks"}),
    entry_key="flow",
)
