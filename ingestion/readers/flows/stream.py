"""The fast pass over a large table: batches of rows into arrays of sums and of what has been seen.

Places are numbered as they come, so a pair is a place in an array. A byte for each pair and period says that it was
seen: as many bytes set as there are rows proves that no pair repeats. A Parquet file is read in four parts, a CSV file
in one, each in its own order, so that sums come out the same to the last digit on any machine.

Tables that do not fit this (too many places and periods, ends in several columns, empty cells) are passes.py's.
"""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from catalog.declarations.flow import FlowSpec
from ingestion.readers.flows.periods import Period, parse_period

Integers = NDArray[np.int64]
# Bytes for pairs and periods: 3,100 places in one month of days, or 1,000 in three years.
SEEN_BYTES = 10**9
_CODES = 1_000_000
_BATCH = 2**18
_EPOCH = dt.date(1970, 1, 1)


class UnsoundError(Exception):
    """The table cannot be read in one pass; read row by row it shows why, or turns out sound."""


class UnfitError(Exception):
    """The table does not fit the arrays; passes.py reads it."""


class _MorePlacesError(Exception):
    """More places than room was made for; begin again with room for more."""


@dataclass(frozen=True)
class Calendar:
    """Periods as the file numbers them: days since 1970, or the whole numbers it holds. `fixed`: one for the file."""

    first: int
    last: int
    whole: bool = False
    fixed: Period | None = None

    def period(self, number: int) -> Period | None:
        """The period of a number; None where there is none, such as 20201301."""
        if self.fixed is not None:
            return self.fixed
        return parse_period(str(number) if self.whole else (_EPOCH + dt.timedelta(days=number)).isoformat())


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
        if column.null_count:
            raise UnfitError("a row without a place")
        if pa.types.is_integer(column.type):
            self._write_codes(column.to_numpy(), numbers)
            return
        coded = column if pa.types.is_dictionary(column.type) else column.dictionary_encode()
        known = np.array([self._number(str(text).strip()) for text in coded.dictionary.to_pylist()], np.int64)
        np.take(known, coded.indices.to_numpy(), out=numbers, mode="clip")

    def _write_codes(self, codes: NDArray[Any], numbers: Integers) -> None:
        if codes.min() < 0 or codes.max() >= _CODES:
            raise UnfitError("a code of another kind")
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


@dataclass
class Sums:
    """What one part of a file adds up to, by pair (origin number * room + destination number) and year."""

    totals: NDArray[np.float64]
    rows: Integers | None
    bad: NDArray[np.bool_]
    zeros: Integers
    least: NDArray[np.float64] | None
    count: int = 0


@dataclass
class Stream:
    """Everything the pass found. `seen` is by period, then as Sums."""

    places: Places
    calendar: Calendar
    years: Sequence[int]
    seen: NDArray[np.uint8]
    parts: list[Sums] = field(default_factory=list)


# Batches of at most so many rows.
Batches = Callable[[int], Iterator[pa.RecordBatch]]


class Adder:
    """Adds batches (columns o, d, w and, where dated, p) into sums."""

    def __init__(self, spec: FlowSpec, stream: Stream, counting: bool) -> None:
        self.spec, self.stream, self.counting = spec, stream, counting
        self.cells = stream.places.room**2
        calendar = stream.calendar
        numbers = range(calendar.first, calendar.last + 1)
        periods = [calendar.period(number) for number in numbers]
        order = {year: place for place, year in enumerate(stream.years)}
        self.year_of = np.array([order.get(each.year, 0) if each else 0 for each in periods], np.int64)

    def part(self, batches: Batches) -> Sums:
        """One part of the file, in its order."""
        size = self.cells * len(self.stream.years)
        lists = self.spec.direction != "both"
        sums = Sums(
            np.zeros(size),
            np.zeros(size, np.int64) if self.counting else None,
            np.zeros(size, np.bool_),
            np.zeros(size, np.int64),
            np.full(size, np.inf) if lists else None,
        )
        # Adding a batch costs as much as the arrays are long, so batches are no shorter; and new arrays for every
        # batch would cost more than the adding.
        rows = max(_BATCH, size)
        work = [np.zeros(rows, np.int64) for _ in range(3)]
        for batch in batches(rows):
            if batch.num_rows:
                self._add(batch, sums, [array[: batch.num_rows] for array in work])
        return sums

    def _add(self, batch: pa.RecordBatch, sums: Sums, work: Sequence[Integers]) -> None:
        key, other, place = work
        self.stream.places.write(batch.column("o"), key)
        self.stream.places.write(batch.column("d"), other)
        key *= self.stream.places.room
        key += other
        if "p" in batch.schema.names:
            self._write_days(batch.column("p"), other)
            np.multiply(other, self.cells, out=place)
            place += key
            if len(self.stream.years) > 1:
                key += self.year_of[other] * self.cells
        else:
            place[:] = key
        self.stream.seen[place] = 1
        sums.count += batch.num_rows
        self._add_figures(batch.column("w"), key, sums)

    def _write_days(self, column: pa.Array, days: Integers) -> None:
        """Numbers of the periods, from 0."""
        if column.null_count:
            raise UnfitError("a row without a period")
        calendar = self.stream.calendar
        numbers = (column.cast(pa.int32()) if pa.types.is_date32(column.type) else column).to_numpy()
        np.subtract(numbers, calendar.first, out=days, dtype=np.int64, casting="unsafe")
        if days.min() < 0 or days.max() > calendar.last - calendar.first:
            raise UnfitError("a period outside the range the file announced")

    def _add_figures(self, column: pa.Array, key: Integers, sums: Sums) -> None:
        figures = np.asarray(column.cast(pa.float64()).to_numpy(zero_copy_only=False), np.float64)
        if sums.rows is not None:
            sums.rows += np.bincount(key, minlength=len(sums.totals))
        if not (figures.min() >= 0 and figures.max() <= self.spec.limit):  # also where one is NaN or missing
            usable = (figures >= 0) & (figures <= self.spec.limit)
            sums.bad[key[~usable]] = True
            figures, key = figures[usable], key[usable]
        sums.totals += np.bincount(key, figures, len(sums.totals))
        if sums.least is not None:
            np.minimum.at(sums.least, key, figures)
            zero = figures == 0
            if zero.any():
                sums.zeros += np.bincount(key[zero], minlength=len(sums.totals))


def add_up(
    spec: FlowSpec, calendar: Calendar, parts: Sequence[Batches], threads: int, counting: bool, room: int
) -> Stream:
    """Read every part. Raises UnfitError; begins again with more room when places turn out to be more."""
    if calendar.first > calendar.last:
        raise UnfitError("no periods")
    while True:
        periods = calendar.last - calendar.first + 1
        if periods * room**2 > SEEN_BYTES:
            raise UnfitError(f"{room} places and {periods} periods")
        years = _years(calendar) if spec.network.endswith("{year}") else (0,)
        stream = Stream(Places(room), calendar, years, np.zeros(periods * room**2, np.uint8))
        adder = Adder(spec, stream, counting)
        try:
            with ThreadPoolExecutor(max_workers=threads) as pool:
                stream.parts = list(pool.map(adder.part, parts))
            return stream
        except _MorePlacesError:
            room *= 2


def _years(calendar: Calendar) -> tuple[int, ...]:
    periods = (calendar.period(number) for number in range(calendar.first, calendar.last + 1))
    return tuple(sorted({period.year for period in periods if period is not None}))
