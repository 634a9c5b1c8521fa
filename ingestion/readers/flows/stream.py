"""The fast pass over a large table: batches of rows into arrays of sums and of what has been seen, and from them the
tables `whole` and `listed` (what they hold: flow_edges.py).

Places are numbered as they come, so a pair is a place in an array. A byte for each pair and period says that it was
seen: as many bytes set as there are rows proves that no pair repeats. A file is read in four parts, each in its own
order, so that sums come out the same to the last digit on any machine.

Tables that do not fit this (too many places and periods, ends in several columns, empty cells) are flow_edges.py's.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from catalog.declarations.flow import FlowSpec
from ingestion.readers.base import given, require
from ingestion.readers.flows.batches import Batches, numbers_of, parts_of
from ingestion.readers.flows.declared import Roles
from ingestion.readers.flows.engine import create
from ingestion.readers.flows.meanings import Calendar, Period
from ingestion.readers.flows.table import BigTable, UnfitError, UnsoundError

Integers = NDArray[np.int64]
# Bytes for pairs and periods: 3,100 places in one month of days, or 1,000 in three years.
SEEN_BYTES = 10**9
# Room for the prefecture-level units and counties of any year; more names begin the pass again with more room.
ROOM = {"prefecture": 400, "county": 3200}
_CODES = 1_000_000
_BATCH = 2**18


class _MorePlacesError(Exception):
    """More places than room was made for; begin again with room for more."""


class Places:
    """Numbers for the names or codes of places, in the order of their coming; shared by the parts of a file."""

    def __init__(self, room: int) -> None:
        self.room = room
        self.texts: list[str] = []
        self._numbers: dict[str, int] = {}
        self._codes = np.full(_CODES, -1, np.int64)
        self._lock = threading.Lock()

    def write(self, column: pa.Array, numbers: Integers) -> None:
        """The number of each cell. Raises UnfitError for empty cells and for anything but texts and codes."""
        require(not column.null_count, UnfitError("a row without a place"))
        if pa.types.is_integer(column.type):
            self._write_codes(column.to_numpy(), numbers)
            return
        coded = column if pa.types.is_dictionary(column.type) else column.dictionary_encode()
        known = np.array([self._number(str(text).strip()) for text in coded.dictionary.to_pylist()], np.int64)
        np.take(known, coded.indices.to_numpy(), out=numbers, mode="clip")

    def _write_codes(self, codes: NDArray[Any], numbers: Integers) -> None:
        require(codes.min() >= 0 and codes.max() < _CODES, UnfitError("a code of another kind"))
        np.take(self._codes, codes, out=numbers, mode="clip")
        if numbers.min() < 0:
            for code in np.unique(codes[numbers < 0]).tolist():
                self._codes[code] = self._number(str(code))
            np.take(self._codes, codes, out=numbers, mode="clip")

    def _number(self, text: str) -> int:
        with self._lock:
            number = self._numbers.setdefault(text, len(self.texts))
            if number == len(self.texts):
                self.texts.append(text)
            if number >= self.room:
                raise _MorePlacesError
            return number


# What one part of a file, or all of it, adds up to by year and pair: totals, bad and, only where asked, rows, zeros and
# least. `count` holds one number, that of all rows.
Sums = dict[str, NDArray[Any]]


class Stream:
    """One pass over a file and everything it found. A pair is origin number * room + destination number.

    seen: by period, then pair. sums: by year, then pair. Raises UnfitError where that would be too much.
    """

    def __init__(self, spec: FlowSpec, calendar: Calendar, numbers: range, room: int, counting: bool) -> None:
        require(
            numbers and len(numbers) * room**2 <= SEEN_BYTES, UnfitError(f"{room} places and {len(numbers)} periods")
        )
        self.spec, self.numbers, self.counting, self.lists = spec, numbers, counting, spec.direction != "both"
        self.places, self.room, self.cells = Places(room), room, room**2
        self.periods = [calendar.period(number) for number in numbers]
        years = [period.year if period is not None else 0 for period in self.periods]
        self.years = sorted({*years} - {0} or {0}) if spec.network.endswith("{year}") else [0]
        order = {year: place for place, year in enumerate(self.years)}
        self.year_of = np.array([order.get(year, 0) for year in years], np.int64)
        self.seen = np.zeros((len(numbers), self.cells), np.uint8)
        self.sums = self._nothing()

    def _nothing(self) -> Sums:
        size = self.cells * len(self.years)
        listed = size if self.lists else 0
        return {
            "totals": np.zeros(size),
            "bad": np.zeros(size, np.bool_),
            "rows": np.zeros(size if self.counting else 0, np.int64),
            "zeros": np.zeros(listed, np.int64),
            "least": np.full(listed, np.inf),
            "count": np.zeros(1, np.int64),
        }

    def read(self, parts: Sequence[Batches]) -> None:
        """Add up every part, several at once; in the order of the parts, so that the sums are the same every time."""
        with ThreadPoolExecutor(max_workers=max(1, min(os.cpu_count() or 1, len(parts)))) as pool:
            for found in pool.map(self._part, parts):
                for name, own in self.sums.items():
                    (np.minimum if name == "least" else np.add)(own, found[name], out=own)

    def _part(self, batches: Batches) -> Sums:
        """One part of the file, in its order."""
        sums = self._nothing()
        # Adding a batch costs as much as the arrays are long, so batches are no shorter; and new arrays for every
        # batch would cost more than the adding.
        rows = max(_BATCH, len(sums["totals"]))
        work = [np.zeros(rows, np.int64) for _ in range(3)]
        for batch in batches(rows):
            if batch.num_rows:
                self._add(batch, sums, [array[: batch.num_rows] for array in work])
        return sums

    def _add(self, batch: pa.RecordBatch, sums: Sums, work: Sequence[Integers]) -> None:
        key, other, place = work
        self.places.write(batch.column("o"), key)
        self.places.write(batch.column("d"), other)
        key *= self.room
        key += other
        if "p" in batch.schema.names:
            self._write_periods(batch.column("p"), other)
            np.multiply(other, self.cells, out=place)
            place += key
            if len(self.years) > 1:
                key += self.year_of[other] * self.cells
        else:
            place[:] = key
        self.seen.reshape(-1)[place] = 1
        sums["count"] += batch.num_rows
        self._add_figures(batch.column("w"), key, sums)

    def _write_periods(self, column: pa.Array, periods: Integers) -> None:
        """Numbers of the periods, from 0."""
        require(not column.null_count, UnfitError("a row without a period"))
        numbers = (column.cast(pa.int32()) if pa.types.is_date32(column.type) else column).to_numpy()
        np.subtract(numbers, self.numbers.start, out=periods, dtype=np.int64, casting="unsafe")
        announced = periods.min() >= 0 and periods.max() < len(self.numbers)
        require(announced, UnfitError("a period outside the range the file announced"))

    def _add_figures(self, column: pa.Array, key: Integers, sums: Sums) -> None:
        size = len(sums["totals"])
        figures = np.asarray(column.cast(pa.float64()).to_numpy(zero_copy_only=False), np.float64)
        if self.counting:
            sums["rows"] += np.bincount(key, minlength=size)
        if not (figures.min() >= 0 and figures.max() <= self.spec.limit):  # also where one is NaN or missing
            usable = (figures >= 0) & (figures <= self.spec.limit)
            sums["bad"][key[~usable]] = True
            figures, key = figures[usable], key[usable]
        sums["totals"] += np.bincount(key, figures, size)
        if self.lists:
            np.minimum.at(sums["least"], key, figures)
            sums["zeros"] += np.bincount(key[figures == 0], minlength=size)


def sum_by_stream(
    con: duckdb.DuckDBPyConnection, table: BigTable, spec: FlowSpec, roles: Roles, calendar: Calendar
) -> list[Period]:
    """Make `whole` and `listed`, as the query of flow_edges.py does; the periods of the file.

    Raises UnfitError for a table flow_edges.py must read, UnsoundError for one whose rows must be looked at one by one.
    """
    require(all(others == [None, None] for _, *others in roles.ends.values()), UnfitError("ends in several columns"))
    return _tables(con, _add_up(spec, calendar, numbers_of(table, roles, calendar), parts_of(table, roles)))


def _add_up(spec: FlowSpec, calendar: Calendar, numbers: range, parts: Sequence[Batches]) -> Stream:
    """Read every part; again with more room when there are more places than expected, and, to count the rows of each
    pair, when a pair repeats. Raises UnfitError."""
    room, counting = ROOM[spec.level], spec.repeated == "add"
    while True:
        stream = Stream(spec, calendar, numbers, room, counting)
        try:
            stream.read(parts)
        except _MorePlacesError:
            room *= 2
            continue
        if counting or stream.sums["count"] == np.count_nonzero(stream.seen):
            return stream
        counting = True


def _tables(con: duckdb.DuckDBPyConnection, stream: Stream) -> list[Period]:
    spec, room, sums, years = stream.spec, stream.room, stream.sums, np.array(stream.years)
    seen = np.zeros((len(years), stream.cells), np.int64)
    lists, full = (np.zeros((len(years), room), np.int64) for _ in range(2))
    periods = []
    for marks, number, period, year in zip(stream.seen, stream.numbers, stream.periods, stream.year_of, strict=True):
        if not marks.any():
            continue
        periods.append(given(period, UnfitError(f"{number} is no period")))
        seen[year] += marks
        if stream.lists:
            lengths = marks.reshape(room, room).sum(axis=0 if spec.direction == "in" else 1, dtype=np.int64)
            require(lengths.max() <= spec.longest, UnsoundError(f"a list of {lengths.max()} places"))
            lists[year] += lengths > 0
            full[year] += lengths >= (spec.top or room + 1)
    filled = np.flatnonzero(seen)
    texts = np.array(stream.places.texts, dtype=object)
    pair = filled % stream.cells
    whole = {
        "o": pa.array(texts[pair // room], pa.string()),
        "d": pa.array(texts[pair % room], pa.string()),
        "y": years[filled // stream.cells],
        "n": (sums["rows"] if stream.counting else seen.reshape(-1))[filled],
        "flow": sums["totals"][filled],
        "sound": ~sums["bad"][filled],
        "seen": seen.reshape(-1)[filled],
    }
    of_lists = {"zeros": sums["zeros"][filled], "least": sums["least"][filled]} if stream.lists else {}
    create(con, "whole", pa.table(whole | of_lists))
    at, place = np.nonzero(lists[:, : len(texts)])
    listed = {"text": pa.array(texts[place], pa.string()), "y": years[at]}
    create(con, "listed", pa.table(listed | {"lists": lists[at, place], "full_lists": full[at, place]}))
    return periods
