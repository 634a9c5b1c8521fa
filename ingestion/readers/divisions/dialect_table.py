"""Tables of dialects as cells: a place and its dialect in each row. Which rows are taken: dialect_rows.py."""

from __future__ import annotations

from collections.abc import Sequence

from catalog import Source
from catalog.declarations.places import DialectColumns
from ingestion.formats.grid import Grid, Sheet
from ingestion.problems import Problem, Refusal
from ingestion.readers.base import Layout, raw_row, read_each
from ingestion.readers.divisions.dialect_rows import Row, add_dialects, judge, require_columns
from ingestion.readers.divisions.division_list import require_one_sheet
from ingestion.row_account import Tally

PLACES = ("city_code", "city", "place", "地级市", "城市", "地区", "代码", "行政区划代码")
DIALECTS = ("dialect", "方言", "方言大区", "方言区")
SUBS = ("dialect_sub", "次方言", "方言片")
_OTHERS = frozenset({"name", "name_zh", "province", "名称", "省份", "source", "note", "来源", "备注"})


def _columns(header: Sequence[str], source: Source) -> DialectColumns | None:
    """The declared columns, or those a plain table names itself; None when it is no such table."""
    if source.dialects is not None:
        return source.dialects
    own = [[name for name in header if name.lower() in known] for known in (PLACES, DIALECTS, SUBS)]
    others = [name for name in header if name and name.lower() not in {*PLACES, *DIALECTS, *SUBS, *_OTHERS}]
    if others or len(own[0]) != 1 or len(own[1]) != 1 or len(own[2]) > 1:
        return None
    return DialectColumns(place=own[0][0], dialect=own[1][0], sub=own[2][0] if own[2] else None)


def _read_sheet(sheet: Sheet, source: Source, tally: Tally) -> None:
    header = sheet.rows[0]
    columns = _columns(header, source)
    if columns is None:
        raise Refusal(Problem("dialect_column", "", ", ".join(text for text in header if text)[:300]))
    require_columns(columns, header)
    at = {name: header.index(name) + 1 for name in (columns.place, columns.dialect, columns.sub) if name}
    rows = [
        Row(
            number,
            sheet.locate(number, at[columns.place]),
            sheet.cell(number, at[columns.place]),
            sheet.cell(number, at[columns.dialect]),
            sheet.cell(number, at[columns.sub]) if columns.sub else "",
            raw_row(cells),
        )
        for number, cells in enumerate(sheet.rows[1:], start=2)
    ]
    fates = judge(rows, columns, sheet.name)
    tally.fate(sheet.name, 1, "set_aside")
    for number in fates.aside:
        tally.fate(sheet.name, number, "set_aside")
    for number in fates.loaded:
        tally.fate(sheet.name, number, "loaded")
    for number, problem in sorted(fates.refused.items()):
        tally.reject_row(problem, raw_row(sheet.rows[number - 1]))
    add_dialects(tally, fates)


def _read_cells(grid: Grid, source: Source, tally: Tally) -> None:
    require_one_sheet(grid)
    read_each(grid, tally, lambda sheet: _read_sheet(sheet, source, tally))


def _has_dialects(grid: Grid) -> bool:
    header = grid.filled[0].rows[0] if grid.filled else ()
    names = {name.lower() for name in header if name}
    known = {*PLACES, *DIALECTS, *SUBS, *_OTHERS}
    return grid.kind in {"csv", "workbook"} and bool(names & {*DIALECTS}) and names <= known


TABLE = Layout(
    "dialect_table",
    "Table of dialects (place, dialect)",
    "方言表（地名、方言）",
    _has_dialects,
    _read_cells,
    asked=40,
)
COLUMNS = Layout(
    "dialect_columns",
    "Table of dialects with declared columns",
    "方言表（声明列名）",
    lambda grid: bool(grid.filled) and grid.filled[0].width > 1,
    _read_cells,
    declared_only=True,
    asked=50,
)
