"""From a large file to the fast pass (stream.py), and from its arrays to the tables the judgement of pairs needs.

Belongs here: the range of periods, the tables `whole`, `seen_period`, `listed`.
"""

from __future__ import annotations

import datetime as dt
import os

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from catalog.declarations.flow import FlowSpec
from ingestion.readers.flows.batches import parts_of
from ingestion.readers.flows.periods import Period, parse_period
from ingestion.readers.flows.rows import Roles
from ingestion.readers.flows.stream import Calendar, Stream, UnfitError, UnsoundError, add_up
from ingestion.readers.flows.table import BigTable

# Room for the prefecture-level units and counties of any year; more names begin the pass again with more room.
_ROOM = {"prefecture": 400, "county": 3200}
_EPOCH = dt.date(1970, 1, 1)


def stream_pairs(con: duckdb.DuckDBPyConnection, table: BigTable, spec: FlowSpec, roles: Roles) -> dict[int, Period]:
    """Make `whole` (as passes.py does, with zeros and least) and `listed` (lengths of lists); the periods seen.

    Raises UnfitError for a table passes.py must read, UnsoundError for one whose rows must be looked at one by one.
    """
    if any(code is not None or province is not None for _, code, province in roles.ends.values()):
        raise UnfitError("ends in several columns")
    calendar = _csv_calendar(table, roles) if table.header else _parquet_calendar(table, roles)
    parts = parts_of(table, roles)
    threads = min(os.cpu_count() or 1, len(parts)) if parts else 1
    counting = spec.repeated == "add"
    stream = add_up(spec, calendar, parts, threads, counting, _ROOM[spec.level])
    if not counting and int(sum(part.count for part in stream.parts)) != _seen_rows(stream):
        stream = add_up(spec, calendar, parts, threads, True, stream.places.room)
    return _tables(con, stream, spec)


def _seen_rows(stream: Stream) -> int:
    return int(np.count_nonzero(stream.seen))


def _kind(table: BigTable, header: str) -> bool:
    """Whether periods are whole numbers (else dates). Raises UnfitError for texts."""
    if table.types[header] == "DATE":
        return False
    if table.is_whole(header):
        return True
    raise UnfitError("periods as text")


def _fixed(roles: Roles) -> Calendar:
    return Calendar(0, 0, fixed=parse_period(roles.fixed["p"]))


def _parquet_calendar(table: BigTable, roles: Roles) -> Calendar:
    if roles.period is None:
        return _fixed(roles)
    whole = _kind(table, roles.period)
    file = pq.ParquetFile(table.path)
    at = file.schema_arrow.get_field_index(roles.period)
    bounds = []
    for group in range(file.num_row_groups):
        statistics = file.metadata.row_group(group).column(at).statistics
        if statistics is None or not statistics.has_min_max:
            raise UnfitError("no statistics of the periods")
        bounds += [statistics.min, statistics.max]
    numbers = [int(bound) if whole else (bound - _EPOCH).days for bound in bounds]
    return Calendar(min(numbers), max(numbers), whole) if numbers else Calendar(1, 0)


def _csv_calendar(table: BigTable, roles: Roles) -> Calendar:
    """Whole years around what stands at the beginning and the end of the file."""
    if roles.period is None:
        return _fixed(roles)
    whole = _kind(table, roles.period)
    found = [period for text in table.edges if (period := parse_period(text)) is not None]
    if not found:
        raise UnfitError("no period at the beginning")
    first, last = min(each.year for each in found), max(each.year for each in found)
    if not whole:
        return Calendar((dt.date(first, 1, 1) - _EPOCH).days, (dt.date(last, 12, 31) - _EPOCH).days)
    low, high = {"year": (1, 1), "month": (101, 112), "day": (10101, 11231)}[found[0].kind]
    scale = {"year": 1, "month": 100, "day": 10000}[found[0].kind]
    return Calendar(first * scale + low % scale, last * scale + high % scale, whole=True)


def _tables(con: duckdb.DuckDBPyConnection, stream: Stream, spec: FlowSpec) -> dict[int, Period]:
    room, cells = stream.places.room, stream.places.room**2
    size = cells * len(stream.years)
    seen = np.zeros(size, np.int64)
    periods: dict[int, Period] = {}
    used = len(stream.places.texts)
    longest = 0
    lists, full = (np.zeros((len(stream.years), room), np.int64) for _ in range(2))
    for number in range(stream.calendar.first, stream.calendar.last + 1):
        start = (number - stream.calendar.first) * cells
        marks = stream.seen[start : start + cells]
        if not marks.any():
            continue
        period = stream.calendar.period(number)
        if period is None:
            raise UnfitError(f"{number} is no period")
        periods[number] = period
        year = stream.years.index(period.year) if len(stream.years) > 1 else 0
        seen[year * cells : (year + 1) * cells] += marks
        if spec.direction != "both":
            lengths = marks.reshape(room, room).sum(axis=0 if spec.direction == "in" else 1, dtype=np.int64)
            longest = max(longest, int(lengths.max()))
            lists[year] += lengths > 0
            full[year] += lengths >= (spec.top or room + 1)
    parts = stream.parts
    totals, rows, zeros = np.zeros(size), np.zeros(size, np.int64), np.zeros(size, np.int64)
    bad, least = np.zeros(size, np.bool_), np.full(size, np.inf)
    for part in parts:  # in their order, so that the sums are the same every time
        totals += part.totals
        rows += part.rows if part.rows is not None else 0
        zeros += part.zeros
        bad |= part.bad
        least = np.minimum(least, part.least) if part.least is not None else least
    filled = np.flatnonzero(seen)
    texts = np.array(stream.places.texts, dtype=object)
    pair, years = filled % cells, np.array(stream.years)
    table = pa.table(
        {
            "o": pa.array(texts[pair // room], pa.string()),
            "d": pa.array(texts[pair % room], pa.string()),
            "y": years[filled // cells],
            "n": (rows if rows.any() else seen)[filled],
            "coarse": totals[filled],
            "fine": np.zeros(len(filled)),
            "most": np.zeros(len(filled), np.int64),
            "sound": ~bad[filled],
            "seen": seen[filled],
            "undated": np.zeros(len(filled), np.bool_),
            "zeros": zeros[filled],
            "least": least[filled],
        }
    )
    _create(con, "whole", table)
    if longest > spec.longest:
        raise UnsoundError(f"a list of {longest} places")
    at, place = np.nonzero(lists[:, :used])
    listed = {"text": pa.array(texts[place], pa.string()), "y": years[at], "lists": lists[at, place]}
    _create(con, "listed", pa.table(listed | {"full_lists": full[at, place]}))
    return periods


def _create(con: duckdb.DuckDBPyConnection, name: str, table: pa.Table) -> None:
    con.register("incoming", table)
    con.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS FROM incoming")
    con.unregister("incoming")
