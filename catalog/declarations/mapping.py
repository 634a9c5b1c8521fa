"""Mapping files: what stands where in a table, written down, so that a new layout needs no code.

A mapping says where each table begins, where its regions, years and indicators are printed, and what each header
means in which data years; one mapping then serves every edition. Finding the files: mapping_files.py; reading
by them: ingestion/readers/mappings/mapped.py.
"""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from catalog.base import Strict
from catalog.indicators import load_registry


def compiled(pattern: str) -> re.Pattern[str]:
    """The regular expression. Raises ValueError naming it."""
    try:
        return re.compile(pattern)
    except re.error as error:
        raise ValueError(f"{pattern!r} is no regular expression: {error}") from None


Pattern = Annotated[str, AfterValidator(lambda pattern: compiled(pattern).pattern)]


class Axis(Strict):
    """Where a region, year or indicator is printed; exactly one of the keys.

    down    in a column: its header (a regular expression) or its number, from 1
    across  in the header: a regular expression over the header texts of a column, joined by " | ", with one group
    title   in the lines above the header: a regular expression with one group
    entry   nowhere: the entry of sources.yaml says it (`year`)
    """

    down: str | int | None = None
    across: str | None = None
    title: str | None = None
    entry: bool = False

    @model_validator(mode="after")
    def _one(self) -> Axis:
        given = [name for name in ("down", "across", "title") if getattr(self, name) is not None]
        if len(given) + self.entry != 1:
            raise ValueError("give exactly one of down, across, title, entry")
        if isinstance(self.down, str):
            compiled(self.down)
        for pattern in (self.across, self.title):
            if pattern is not None and compiled(pattern).groups != 1:
                raise ValueError(f"{pattern!r} needs exactly one group, around what is to be read")
        return self


class Heading(Strict):
    """The header: `start` (a regular expression for one of its first row's cells) and its number of rows.

    Without `start` it is the first row below the title with two filled cells. `rows: until_regions` for editions whose
    headers differ in height: it ends above the first region of the column `regions: {down: number}`. `fill_right`: a
    group is printed once, above its first column, in cells that are not merged.
    """

    start: Pattern | None = None
    rows: Annotated[int, Field(ge=1, le=6)] | Literal["until_regions"] = 1
    fill_right: bool = False


class MappedColumn(Strict):
    """What a header means, in the data years `first` to `last` (without them: always).

    header    a regular expression for the whole header text; without it every figure is meant
    optional  the table may lack it
    """

    header: Pattern | None = None
    indicator: str
    unit: str | None = None
    first: int | None = Field(default=None, ge=1949, le=2100)
    last: int | None = Field(default=None, ge=1949, le=2100)
    optional: bool = False

    @model_validator(mode="after")
    def _known(self) -> MappedColumn:
        registry = load_registry()
        indicator = registry.indicators.get(self.indicator)
        if indicator is None or indicator.formula is not None:
            raise ValueError(f"{self.indicator!r} is no reported indicator")
        if self.unit is not None:
            if self.unit not in registry.units:
                raise ValueError(f"unknown unit {self.unit!r}; known: {', '.join(registry.units)}")
            registry.conversion(self.unit, self.indicator)
        if self.first is not None and self.last is not None and self.first > self.last:
            raise ValueError(f"{self.indicator}: first {self.first} is after last {self.last}")
        return self

    def in_use(self, year: int) -> bool:
        """Whether the header has this meaning in a data year."""
        return (self.first or year) <= year <= (self.last or year)


class MappedTable(Strict):
    """One table, or with `several` each of the tables with a title of this kind.

    title      a regular expression for a line above it; the table ends where the next title of the mapping begins.
               Without it the sheet is one table
    sheet      a regular expression for the whole name of the sheet
    regions, years, indicators   where they are printed; `indicators` without it: across, in the headers
    columns    what the headers (or, with `indicators: {down: ...}`, the labels of the rows) mean
    set_aside_columns, set_aside_rows   regular expressions for headers and row labels to leave out
    all_provinces   the table must name each of the 31 provinces
    optional   files may lack the table
    """

    title: Pattern | None = None
    several: bool = False
    sheet: Pattern | None = None
    header: Heading = Heading()
    regions: Axis
    years: Axis
    indicators: Axis | None = None
    columns: tuple[MappedColumn, ...] = Field(min_length=1)
    set_aside_columns: tuple[Pattern, ...] = ()
    set_aside_rows: tuple[Pattern, ...] = ()
    all_provinces: bool = True
    optional: bool = False

    @model_validator(mode="after")
    def _consistent(self) -> MappedTable:
        if self.regions.entry:
            raise ValueError("regions: no entry of sources.yaml says whose figures a table holds")
        if self.indicators is not None and self.indicators.down is None:
            raise ValueError("indicators: say `down`, or leave the key out for headers")
        if self.header.rows == "until_regions" and not isinstance(self.regions.down, int):
            raise ValueError("header: rows until_regions needs the number of the region column, as in {down: 1}")
        if self.several and self.title is None:
            raise ValueError("several: such tables are told by their title")
        return self


class Mapping(Strict):
    """A mapping file. `name` is the file's, for messages."""

    name: str = ""
    entity_level: Literal["province", "city"] = "province"
    note: str | None = None
    tables: tuple[MappedTable, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _told_apart(self) -> Mapping:
        untitled = [table.sheet for table in self.tables if table.title is None]
        if len(set(untitled)) < len(untitled):
            raise ValueError("tables: two of them without a title are on the same sheets, so nothing tells them apart")
        if self.entity_level == "city" and any("all_provinces" in t.model_fields_set for t in self.tables):
            raise ValueError("all_provinces is of tables of provinces")
        return self
