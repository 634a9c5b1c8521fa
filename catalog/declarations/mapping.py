"""Mapping files: a written description of a table's arrangement, so that a new layout needs no code.

A mapping says where each table begins, where its regions, years and indicators are printed, and what each header
means in which data years; one mapping then serves every edition. Finding the files: mapping_files.py; reading
by them: ingestion/readers/mappings/mapped.py.
"""

from typing import Annotated, Literal

from pydantic import Field

from catalog.base import Pattern, Strict, compiled, refuse
from catalog.indicators import load_registry


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

    def _consistent(self) -> None:
        given = [axis for axis in (self.down, self.across, self.title) if axis is not None]
        refuse((len(given) + self.entry != 1, "give exactly one of down, across, title, entry"))
        for pattern in given:
            ungrouped = isinstance(pattern, str) and compiled(pattern).groups != 1 and pattern != self.down
            refuse((ungrouped, f"{pattern!r} needs exactly one group, around what is to be read"))


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
    """What a header means in the data years `first` to `last` (without them: always).

    header    a regular expression for the whole header text; without it every figure is meant
    optional  the table may lack it
    """

    header: Pattern | None = None
    indicator: str
    unit: str | None = None
    first: int | None = Field(default=None, ge=1949, le=2100)
    last: int | None = Field(default=None, ge=1949, le=2100)
    optional: bool = False

    def _consistent(self) -> None:
        registry = load_registry()
        refuse((not registry.is_reported(self.indicator), f"{self.indicator!r} is not a reported indicator"))
        if self.unit is not None:
            registry.conversion(self.unit, self.indicator)
        backwards = self.first is not None and self.last is not None and self.first > self.last
        refuse((backwards, f"{self.indicator}: first {self.first} is after last {self.last}"))

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

    def _consistent(self) -> None:
        refuse(
            (self.regions.entry, "regions: no entry of sources.yaml says whose figures a table holds"),
            (
                self.indicators is not None and self.indicators.down is None,
                "indicators: say `down`, or leave the key out for headers",
            ),
            (
                self.header.rows == "until_regions" and not isinstance(self.regions.down, int),
                "header: rows until_regions needs the number of the region column, as in {down: 1}",
            ),
            (self.several and self.title is None, "several: such tables are told by their title"),
        )


class Mapping(Strict):
    """A mapping file. `name` is the file's, for messages."""

    name: str = ""
    entity_level: Literal["province", "city"] = "province"
    note: str | None = None
    tables: tuple[MappedTable, ...] = Field(min_length=1)

    def _consistent(self) -> None:
        untitled = [table.sheet for table in self.tables if table.title is None]
        refuse(
            (
                len(set(untitled)) < len(untitled),
                "tables: two of them without a title are on the same sheets, so nothing tells them apart",
            ),
            (
                self.entity_level == "city" and any("all_provinces" in t.model_fields_set for t in self.tables),
                "all_provinces is of tables of provinces",
            ),
        )
