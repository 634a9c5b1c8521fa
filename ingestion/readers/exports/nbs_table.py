"""The figures of one table of a statistics-bureau export, whatever runs down and across.

What rows and columns stand for: nbs_axes.py; layouts and files of several tables: nbs_export.py.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from catalog import Source
from ingestion.checks.alignment import misaligned
from ingestion.formats.grid import Sheet
from ingestion.problems import Problem
from ingestion.readers.base import raw_row
from ingestion.readers.exports.nbs_axes import (
    Meaning,
    axis_indicators,
    axis_places,
    axis_regions,
    axis_years,
    one_indicator,
)
from ingestion.readers.exports.nbs_preamble import Block, check_period, header_texts, refuse_parts_of_years
from ingestion.row_account import Column, Tally
from ingestion.vocabulary.names import RegionName
from ingestion.vocabulary.numbers import MISSING_MARKS
from ingestion.vocabulary.regions import NOTES


@dataclass(frozen=True)
class _Table:
    """A table understood: row or column -> year, region and indicator; key 0 holds what is one for the table."""

    sheet: Sheet
    block: Block
    years: Mapping[int, int]
    regions: Mapping[int, RegionName]
    meanings: Mapping[int, Meaning]

    def at(self, row: int, column: int) -> tuple[int, RegionName, Meaning] | None:
        """Year, region and indicator of a cell, or None for one that is set aside or refused with its header."""
        keys = {self.block.down: row, self.block.across: column, self.block.fixed: 0}
        year, region = self.years.get(keys["year"]), self.regions.get(keys["region"])
        meaning = self.meanings.get(keys["indicator"])
        return None if year is None or region is None or meaning is None else (year, region, meaning)


def read_block(sheet: Sheet, block: Block, source: Source, tally: Tally) -> None:
    """Report every row of the table. Raises Refusal before any row is accounted for."""
    refuse_parts_of_years(sheet, block)
    years = axis_years(sheet, block, source)
    check_period(sheet, block, years.values())
    # Names come before the indicator: a table of cities is no province table with an unknown header.
    regions = axis_regions(sheet, block, source, max(years.values()))
    problems: dict[int, Problem] = {}
    if block.fixed == "indicator":
        meanings = {0: one_indicator(sheet, block, source, sorted(years.values()), tally)}
    else:
        filled = _filled_years(sheet, block, years)
        meanings, problems = axis_indicators(sheet, block, source, filled, tally)
    table = _Table(sheet, block, years, regions, meanings)
    items = axis_places(sheet, block, block.down)
    shifted = misaligned(sheet, sheet.rows[block.header - 1], _readable(table, items))
    if block.across == "indicator":
        for column, problem in problems.items():
            tally.reject(problem, sheet.cell(block.header, column))
    for row in range(block.first, block.last + 1):
        if row in shifted:
            tally.reject_row(shifted[row], raw_row(sheet.rows[row - 1]))
        elif block.down == "indicator" and row in problems:
            tally.reject_row(problems[row], raw_row(sheet.rows[row - 1]))
        elif row in items and _readable(table, [row]):
            _read_row(table, row, tally)
        else:
            tally.fate(sheet.name, row, "set_aside")


def _readable(table: _Table, rows: Sequence[int] | Mapping[int, object]) -> list[int]:
    """The rows that stand for something to be read, not for a subtotal or an indicator set aside."""
    down: Mapping[int, object] = {"year": table.years, "region": table.regions, "indicator": table.meanings}[
        table.block.down
    ]
    found = []
    for row in rows:
        item = down.get(row)
        if item is not None and not (isinstance(item, RegionName) and item.code is None):
            found.append(row)
    return found


def _filled_years(sheet: Sheet, block: Block, years: Mapping[int, int]) -> dict[int, list[int]]:
    """Row or column of an indicator -> the data years it has figures for."""
    filled: dict[int, list[int]] = {}
    for key in axis_places(sheet, block, "indicator"):
        found = []
        for other, year in years.items():
            if block.fixed == "year":
                found.append(year)
                continue
            row, column = (key, other) if block.down == "indicator" else (other, key)
            if sheet.cell(row, column) not in MISSING_MARKS:
                found.append(year)
        filled[key] = sorted(found)
    return filled


def _read_row(table: _Table, row: int, tally: Tally) -> None:
    sheet, block = table.sheet, table.block
    tally.fate(sheet.name, row, "loaded")
    headed = header_texts(sheet, block.header)
    for column in range(2, len(sheet.rows[row - 1]) + 1):
        text = sheet.cell(row, column)
        if column not in headed:
            if text and not text.startswith(NOTES):
                problem = sheet.problem("value_without_header", row, column, text)
                tally.reject(problem, text)
            continue
        found = table.at(row, column)
        if found is None:
            continue
        year, region, meaning = found
        if region.code is None or (text in MISSING_MARKS and meaning.name and not meaning.in_use(year, tally)):
            # Where the indicator carried another name, an empty cell is no missing figure.
            continue
        header = " | ".join(filter(None, [meaning.name, _printed(table, row, column, meaning)]))
        meant = Column(column, year, meaning.indicator, meaning.unit, header)
        tally.value(sheet, row, meant, region.code, region.level)


def _printed(table: _Table, row: int, column: int, meaning: Meaning) -> str:
    """The header of a cell besides its indicator."""
    if table.block.across == "indicator":
        return table.sheet.cell(row, 1) if table.block.down == "year" else ""
    return table.sheet.cell(table.block.header, column)
