"""An interpreted table, and its report to the tally: shared by the layouts whose figures are of a region, a year and an
indicator, whatever runs down and across.

What the rows and columns of a layout mean is found out by its own reader.
"""

from collections import Counter
from collections.abc import Callable, Collection, Hashable, Iterable, Mapping
from dataclasses import dataclass
from typing import Literal, TypeVar

from catalog import Registry
from ingestion.readers.base import Problem, Refusal, Sheet, Source, raw_row, refuse_for
from ingestion.row_account import Column, Tally
from ingestion.vocabulary.headers import find_indicator, require_in_use, settle_indicator, settle_unit, split_unit
from ingestion.vocabulary.names import RegionName
from ingestion.vocabulary.numbers import is_missing
from ingestion.vocabulary.patterns import fullmatch
from ingestion.vocabulary.regions import is_note

Kind = Literal["region", "indicator", "year"]
M = TypeVar("M")


@dataclass(frozen=True)
class Meaning:
    """An indicator as a table prints it: its name there (empty where only sources.yaml names it) and its unit."""

    indicator: str
    unit: str
    name: str

    def in_use(self, year: int, tally: Tally) -> bool:
        """Whether the indicator carried this name in `year`."""
        try:
            require_in_use(self.name, self.indicator, [year], tally.registry, Problem(""))
        except Refusal:
            return False
        return True


@dataclass(frozen=True)
class Table:
    """One table of a sheet.

    rows      its rows, from 1, titles and notes included
    down      what its rows stand for, `across` what its columns stand for; what is in neither is one for the table
    headers   text above each column of figures; `first` is the first column that may hold any
    aside     columns declared to be left out
    years, regions, meanings   by row, by column, or under 0 what is one for the table
    """

    sheet: Sheet
    rows: range
    down: tuple[Kind, ...]
    across: Kind
    headers: Mapping[int, str]
    years: Mapping[int, int]
    regions: Mapping[int, RegionName]
    meanings: Mapping[int, Meaning]
    first: int = 2
    aside: Collection[int] = ()

    def readable(self, row: int) -> bool:
        """Whether a row is to be read, rather than a subtotal or an indicator set aside."""
        known = {"year": self.years, "region": self.regions, "indicator": self.meanings}
        items = [known[kind].get(row) for kind in self.down]
        return all(item is not None and not (isinstance(item, RegionName) and item.code is None) for item in items)

    def at(self, row: int, column: int) -> tuple[int, RegionName, Meaning] | None:
        """Year, region and indicator of a cell, or None for one that is set aside or refused with its header."""
        keys = {**dict.fromkeys(self.down, row), self.across: column}
        year, region = self.years.get(keys.get("year", 0)), self.regions.get(keys.get("region", 0))
        meaning = self.meanings.get(keys.get("indicator", 0))
        return None if year is None or region is None or meaning is None else (year, region, meaning)

    def header(self, row: int, column: int, meaning: Meaning) -> str:
        """The name of the indicator and what else is printed for a cell."""
        beside = self.sheet.cell(row, 1) if "year" in self.down else ""
        return " | ".join(filter(None, [meaning.name, beside if self.across == "indicator" else self.headers[column]]))


def settle_meaning(
    text: str,
    years: Collection[int],
    source: Source,
    tally: Tally,
    at: Problem,
    unit_line: tuple[str, Problem] | None = None,
) -> Meaning:
    """What a printed name with its unit means in the data years it has figures for. Raises Refusal.

    Where it is empty, sources.yaml must name the one indicator of the table. unit_line: the unit in a line of its own,
    with its place; it speaks where none is printed behind the name.
    """
    name, printed, unknown = split_unit(text, tally.registry)
    indicator = find_indicator(name, tally.registry)
    if years or indicator is None:
        indicator = settle_indicator(name or None, sorted(years), source, tally.registry, at)
    if unit_line is not None and printed is None and unknown is None:
        line, at = unit_line
        _, printed, unknown = split_unit(f"({line})", tally.registry)
    return Meaning(indicator, settle_unit(printed, unknown, indicator, source, tally.registry, at), name)


def settle_each(
    keys: Iterable[int],
    settle: Callable[[int], M | None],
    same: Callable[[M], Hashable],
    repeated: Callable[[int, M], Problem],
    nothing: Problem,
) -> tuple[dict[int, M], dict[int, Problem]]:
    """(row or column -> what it means, row or column -> problem), without those that are set aside (None).

    What occurs twice, by `same`, is refused each time: nothing tells which is meant. Raises Refusal when none is left.
    """
    meanings: dict[int, M] = {}
    problems: dict[int, Problem] = {}
    for key in keys:
        try:
            if (found := settle(key)) is not None:
                meanings[key] = found
        except Refusal as refusal:
            problems[key] = refusal.problems[0]
    counts = Counter(map(same, meanings.values()))
    for key in [key for key, meaning in meanings.items() if counts[same(meaning)] > 1]:
        problems[key] = repeated(key, meanings.pop(key))
    refuse_for(() if meanings else problems.values() or (nothing,))
    return meanings, problems


def is_set_aside(text: str, source: Source, registry: Registry) -> bool:
    """Whether sources.yaml leaves out the column or the indicator printed as `text`."""
    names = (text, split_unit(text, registry)[0]) if source.set_aside_columns else ()
    return any(fullmatch(pattern, name) for pattern in source.set_aside_columns for name in names)


def report(table: Table, refused: Mapping[int, Problem], tally: Tally) -> None:
    """Report every row of the table to the tally; `refused` are the rows refused whole, with why."""
    for row in table.rows:
        if row in refused:
            tally.reject_row(refused[row], raw_row(table.sheet.rows[row - 1]))
        elif table.readable(row):
            tally.fate(table.sheet.name, row, "loaded")
            _report_figures(table, row, tally)
        else:
            tally.fate(table.sheet.name, row, "set_aside")


def _report_figures(table: Table, row: int, tally: Tally) -> None:
    sheet = table.sheet
    for column in range(table.first, len(sheet.rows[row - 1]) + 1):
        text = sheet.cell(row, column)
        if column not in table.headers:
            if column not in table.aside and text and not is_note(text):
                tally.reject(sheet.problem("value_without_header", row, column, text), text)
            continue
        found = table.at(row, column)
        if found is None:
            continue
        year, region, meaning = found
        if region.code is None or (is_missing(text, sheet.marks) and meaning.name and not meaning.in_use(year, tally)):
            # Where the indicator carried another name, an empty cell is no missing figure.
            continue
        header = table.header(row, column, meaning)
        tally.value(
            sheet, row, Column(column, year, meaning.indicator, meaning.unit, header), region.code, region.level
        )
