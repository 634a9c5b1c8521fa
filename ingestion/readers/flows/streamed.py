"""From a large file to the fast pass (stream.py), and from its arrays to the tables the judgement of pairs needs.

Belongs here: the range of periods, the tables `whole` and `listed` (what they hold: passes.py).
"""

from __future__ import annotations

import datetime as dt

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from catalog.declarations.flow import FlowSpec
from ingestion.readers.flows.batches import parts_of
from ingestion.readers.flows.declared import Roles
from ingestion.readers.flows.engine import create
from ingestion.readers.flows.periods import EPOCH, Calendar, Period, parse_period
from ingestion.readers.flows.stream import Stream, add_up
from ingestion.readers.flows.table import BigTable, UnfitError, UnsoundError


def sum_by_stream(
    con: duckdb.DuckDBPyConnection, table: BigTable, spec: FlowSpec, roles: Roles, calendar: Calendar
) -> list[Period]:
    """Make `whole` and `listed`, as passes.py does; the periods of the file.

    Raises UnfitError for a table passes.py must read, UnsoundError for one whose rows must be looked at one by one.
    """
    if any(others != [None, None] for _, *others in roles.ends.values()):
        raise UnfitError("ends in several columns")
    numbers = range(1)
    if roles.period is not None:
        if not calendar.whole and table.types[roles.period] != "DATE":
            raise UnfitError("periods as text")
        numbers = _csv_range(table, calendar) if table.header else _parquet_range(table, roles.period, calendar)
    stream = add_up(spec, calendar, numbers, parts_of(table, roles))
    return _tables(con, stream)


def _parquet_range(table: BigTable, header: str, calendar: Calendar) -> range:
    file = pq.ParquetFile(table.path)
    at = file.schema_arrow.get_field_index(header)
    found = [file.metadata.row_group(group).column(at).statistics for group in range(file.num_row_groups)]
    if not all(statistics is not None and statistics.has_min_max for statistics in found):
        raise UnfitError("no statistics of the periods")
    bounds = [bound for statistics in found for bound in (statistics.min, statistics.max)]
    numbers = [int(bound) if calendar.whole else (bound - EPOCH).days for bound in bounds]
    return range(min(numbers), max(numbers) + 1) if numbers else range(0)


def _csv_range(table: BigTable, calendar: Calendar) -> range:
    """Whole years around what stands at the beginning and the end of the file."""
    found = [period for text in table.edges if (period := parse_period(text)) is not None]
    if not found:
        raise UnfitError("no period at the beginning")
    first, last = min(each.year for each in found), max(each.year for each in found)
    if not calendar.whole:
        return range((dt.date(first, 1, 1) - EPOCH).days, (dt.date(last, 12, 31) - EPOCH).days + 1)
    scale, low, high = {"year": (1, 0, 0), "month": (100, 1, 12), "day": (10000, 101, 1231)}[found[0].kind]
    return range(first * scale + low, last * scale + high + 1)


def _tables(con: duckdb.DuckDBPyConnection, stream: Stream) -> list[Period]:
    spec, room, sums, years = stream.spec, stream.room, stream.sums, np.array(stream.years)
    seen = np.zeros((len(years), stream.cells), np.int64)
    lists, full = (np.zeros((len(years), room), np.int64) for _ in range(2))
    periods = []
    for marks, number, period, year in zip(stream.seen, stream.numbers, stream.periods, stream.year_of, strict=True):
        if not marks.any():
            continue
        if period is None:
            raise UnfitError(f"{number} is no period")
        periods.append(period)
        seen[year] += marks
        if stream.lists:
            lengths = marks.reshape(room, room).sum(axis=0 if spec.direction == "in" else 1, dtype=np.int64)
            if lengths.max() > spec.longest:
                raise UnsoundError(f"a list of {lengths.max()} places")
            lists[year] += lengths > 0
            full[year] += lengths >= (spec.top or room + 1)
    filled = np.flatnonzero(seen)
    texts = np.array(stream.places.texts, dtype=object)
    pair = filled % stream.cells
    whole = {
        "o": pa.array(texts[pair // room], pa.string()),
        "d": pa.array(texts[pair % room], pa.string()),
        "y": years[filled // stream.cells],
        "n": (sums.rows if stream.counting else seen.reshape(-1))[filled],
        "flow": sums.totals[filled],
        "sound": ~sums.bad[filled],
        "seen": seen.reshape(-1)[filled],
    }
    of_lists = {"zeros": sums.zeros[filled], "least": sums.least[filled]} if stream.lists else {}
    create(con, "whole", pa.table(whole | of_lists))
    at, place = np.nonzero(lists[:, : len(texts)])
    listed = {"text": pa.array(texts[place], pa.string()), "y": years[at]}
    create(con, "listed", pa.table(listed | {"lists": lists[at, place], "full_lists": full[at, place]}))
    return periods
