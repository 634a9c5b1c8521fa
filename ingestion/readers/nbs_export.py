"""Exports of the statistics bureau's province database (分省年度数据): one indicator, regions down, years across.

Two generations differ in the preamble: the older names its indicator and unit in a line 指标：, the one in use since
2026 names neither and puts a TAB before every comma. Other arrangements of the same database are other layouts.
"""

from __future__ import annotations

from catalog import Source
from ingestion.grid import Grid, Sheet, address
from ingestion.headers import parse_year, settle_indicator, settle_unit, split_unit
from ingestion.names import RegionName
from ingestion.problems import Problem, Refusal
from ingestion.readers.base import Layout
from ingestion.regions import match_rows
from ingestion.tally import Column, Tally

_NOTES = ("注", "数据来源", "Note", "Source")
_REGION_HEADERS = frozenset({"地区", "Region"})


def _starts(sheet: Sheet, row: int, word: str) -> bool:
    return sheet.cell(row, 1).replace(":", "：").startswith(word)


def _header_row(sheet: Sheet) -> int | None:
    for row in range(1, min(len(sheet.rows), 8) + 1):
        if sheet.cell(row, 1) in _REGION_HEADERS:
            return row
    return None


def _is_export(grid: Grid) -> bool:
    sheet = grid.sheets[0]
    return (
        grid.encoding is not None
        and bool(sheet.rows)
        and _starts(sheet, 1, "数据库：")
        and _header_row(sheet) is not None
    )


def _indicator_row(sheet: Sheet) -> int | None:
    header = _header_row(sheet) or 0
    return next((row for row in range(1, header) if _starts(sheet, row, "指标：")), None)


def _columns(sheet: Sheet, header_row: int, source: Source) -> dict[int, int]:
    """Column number -> year. Raises Refusal."""
    years: dict[int, int] = {}
    problems = []
    for column in range(2, len(sheet.rows[header_row - 1]) + 1):
        text = sheet.cell(header_row, column)
        if not text:
            continue
        year = parse_year(text)
        cell = address(header_row, column)
        if year is None:
            problems.append(Problem("header_cell", text, row=header_row, cell=cell))
        elif year in years.values():
            problems.append(Problem("repeated_year", text, row=header_row, cell=cell))
        else:
            years[column] = year
    if not years and not problems:
        problems.append(Problem("header_cell", "", row=header_row, cell=address(header_row, 2)))
    if years:
        present = set(years.values()) | set(source.years_absent)
        holes = [year for year in range(min(years.values()), max(years.values())) if year not in present]
        if holes:
            found = ", ".join(str(year) for year in holes)
            problems.append(Problem("years_missing", found, row=header_row, cell=address(header_row, 1)))
    if problems:
        raise Refusal(*problems)
    return years


def _read(grid: Grid, source: Source, tally: Tally) -> None:
    sheet = grid.sheets[0]
    header_row = _header_row(sheet)
    assert header_row is not None, "recognised layouts have a header"
    years = _columns(sheet, header_row, source)
    name = printed = unknown = None
    at = Problem("")
    row = _indicator_row(sheet)
    if row is not None:
        at = Problem("", row=row, cell=address(row, 1))
        name, printed, unknown = split_unit(sheet.cell(row, 1).replace(":", "：").split("：", 1)[1], tally.registry)
    indicator = settle_indicator(name, sorted(years.values()), source, tally.registry, at)
    unit = settle_unit(printed, unknown, indicator, source, tally.registry, at)

    names = {
        row: sheet.cell(row, 1)
        for row in range(header_row + 1, len(sheet.rows) + 1)
        if any(sheet.rows[row - 1]) and not sheet.cell(row, 1).startswith(_NOTES)
    }
    regions = match_rows("", names)
    prefix = f"{name} | " if name else ""
    columns = {
        column: Column(column, year, indicator, unit, f"{prefix}{sheet.cell(header_row, column)}")
        for column, year in years.items()
    }
    for number in range(1, len(sheet.rows) + 1):
        region = regions.get(number)
        if region is None or region.code is None:
            tally.fate("", number, "set_aside")
        else:
            _read_row(sheet, number, region, columns, tally)


def _read_row(sheet: Sheet, number: int, region: RegionName, columns: dict[int, Column], tally: Tally) -> None:
    assert region.code is not None
    tally.fate("", number, "loaded")
    for column in columns.values():
        tally.value("", number, column, sheet.cell(number, column.column), region.code, region.level)
    for extra in range(2, len(sheet.rows[number - 1]) + 1):
        text = sheet.cell(number, extra)
        if extra not in columns and text:
            problem = Problem("value_without_header", text, row=number, cell=address(number, extra))
            tally.reject(problem, text)


NAMED = Layout(
    "nbs_export",
    "Statistics bureau export that names its indicator (CSV)",
    "国家统计局导出表，注明指标（CSV）",
    lambda grid: _is_export(grid) and _indicator_row(grid.sheets[0]) is not None,
    _read,
)
UNNAMED = Layout(
    "nbs_export_2026",
    "Statistics bureau export since 2026, indicator not named (CSV with TABs)",
    "国家统计局2026年新版导出表，未注明指标（CSV，含制表符）",
    lambda grid: _is_export(grid) and grid.tabbed and _indicator_row(grid.sheets[0]) is None,
    _read,
)
