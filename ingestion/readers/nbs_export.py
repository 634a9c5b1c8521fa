"""Exports of the statistics bureau's province database (分省年度数据): one indicator, regions down, years across.

Generations differ in the preamble: the older names its indicator and unit in a line 指标：, the one in use since 2026
names neither, and in files others passed on the preamble may be cut off. Each comes as CSV or as a workbook. Other
arrangements of the same database are other layouts.
"""

from __future__ import annotations

import re
from collections.abc import Collection

from catalog import Source
from ingestion.alignment import misaligned
from ingestion.grid import Grid, Sheet
from ingestion.headers import parse_year, settle_indicator, settle_unit, split_unit
from ingestion.names import RegionName
from ingestion.problems import Problem, Refusal
from ingestion.readers.base import Layout, raw_row, read_each
from ingestion.regions import match_rows, region_rows
from ingestion.tally import Column, Tally
from ingestion.years import years_across

_REGION_HEADERS = frozenset({"地区", "Region"})
_PREAMBLE_DEPTH = 20
_PERIOD = re.compile(r"时间：\s*([0-9]{4})\s*年?\s*[-—–－]\s*([0-9]{4})\s*年?")


def _starts(sheet: Sheet, row: int, word: str) -> bool:
    return sheet.cell(row, 1).replace(":", "：").startswith(word)


def _header_row(sheet: Sheet) -> int | None:
    rows = range(1, min(len(sheet.rows), _PREAMBLE_DEPTH) + 1)
    return next((row for row in rows if sheet.cell(row, 1) in _REGION_HEADERS), None)


def _is_export(sheet: Sheet) -> bool:
    return _starts(sheet, 1, "数据库：") and _header_row(sheet) is not None


def _is_cut(sheet: Sheet) -> bool:
    """Whether the first row is the header 地区 and years, and nothing else."""
    header = [cell for cell in sheet.rows[0] if cell]
    return (
        sheet.cell(1, 1) in _REGION_HEADERS
        and len(header) > 1
        and all(parse_year(cell) is not None for cell in header[1:])
    )


def _indicator_rows(sheet: Sheet) -> list[int]:
    return [row for row in range(1, _header_row(sheet) or 0) if _starts(sheet, row, "指标：")]


def _indicator_row(sheet: Sheet) -> int | None:
    """The row 指标：, or None. Raises Refusal when a second one names another indicator."""
    rows = _indicator_rows(sheet)
    for row in rows[1:]:
        if sheet.cell(row, 1) != sheet.cell(rows[0], 1):
            raise Refusal(sheet.problem("second_indicator", row, 1, sheet.cell(row, 1), sheet.cell(rows[0], 1)))
    return rows[0] if rows else None


def _check_period(sheet: Sheet, header_row: int, years: Collection[int]) -> None:
    """Raise Refusal when the line 时间： is a plain range that leaves years of the header out."""
    for row in range(1, header_row):
        match = _PERIOD.fullmatch(sheet.cell(row, 1).replace(":", "："))
        if match and not int(match.group(1)) <= min(years) <= max(years) <= int(match.group(2)):
            expected = f"{min(years)}-{max(years)}"
            raise Refusal(sheet.problem("contradicting_period", row, 1, sheet.cell(row, 1), expected))


def _first(grid: Grid) -> Sheet | None:
    return grid.filled[0] if grid.kind in {"csv", "workbook"} and grid.filled else None


def _names_indicator(grid: Grid) -> bool:
    sheet = _first(grid)
    return sheet is not None and _is_export(sheet) and bool(_indicator_rows(sheet))


def _names_none(grid: Grid) -> bool:
    sheet = _first(grid)
    return sheet is not None and _is_export(sheet) and not _indicator_rows(sheet)


def _has_no_preamble(grid: Grid) -> bool:
    sheet = _first(grid)
    return sheet is not None and _is_cut(sheet)


def _read(grid: Grid, source: Source, tally: Tally) -> None:
    read_each(grid, tally, lambda sheet: _read_sheet(sheet, source, tally))


def _read_sheet(sheet: Sheet, source: Source, tally: Tally) -> None:
    header_row = _header_row(sheet)
    if header_row is None or not (_is_export(sheet) or _is_cut(sheet)):
        raise Refusal(Problem("no_table", sheet.cell(1, 1), sheet=sheet.name))
    texts = {column: text for column, text in enumerate(sheet.rows[header_row - 1], start=1) if column > 1 and text}
    years = years_across(sheet, header_row, texts, source.years_absent)
    _check_period(sheet, header_row, years.values())
    # Names come before the indicator: a table of cities is no province table with an unknown header.
    regions = match_rows(sheet, region_rows(sheet, header_row + 1, years))
    name = printed = unknown = None
    at = Problem("", sheet=sheet.name)
    row = _indicator_row(sheet)
    if row is not None:
        at = Problem("", sheet=sheet.name, row=row, cell=sheet.locate(row, 1))
        name, printed, unknown = split_unit(sheet.cell(row, 1).replace(":", "：").split("：", 1)[1], tally.registry)
    indicator = settle_indicator(name, sorted(years.values()), source, tally.registry, at)
    unit = settle_unit(printed, unknown, indicator, source, tally.registry, at)
    prefix = f"{name} | " if name else ""
    columns = {
        column: Column(column, year, indicator, unit, f"{prefix}{sheet.cell(header_row, column)}")
        for column, year in years.items()
    }
    shifted = misaligned(sheet, sheet.rows[header_row - 1], [row for row, r in regions.items() if r.code is not None])
    for number in range(1, len(sheet.rows) + 1):
        region = regions.get(number)
        if number in shifted:
            tally.reject_row(shifted[number], raw_row(sheet.rows[number - 1]))
        elif region is None or region.code is None:
            tally.fate(sheet.name, number, "set_aside")
        else:
            _read_row(sheet, number, region, columns, tally)


def _read_row(sheet: Sheet, number: int, region: RegionName, columns: dict[int, Column], tally: Tally) -> None:
    assert region.code is not None
    tally.fate(sheet.name, number, "loaded")
    for column in columns.values():
        tally.value(sheet, number, column, region.code, region.level)
    for extra in range(2, len(sheet.rows[number - 1]) + 1):
        text = sheet.cell(number, extra)
        if extra not in columns and text:
            cell = sheet.locate(number, extra)
            tally.reject(Problem("value_without_header", text, sheet=sheet.name, row=number, cell=cell), text)


NAMED = Layout(
    "nbs_export",
    "Statistics bureau export that names its indicator (CSV or workbook)",
    "国家统计局导出表，注明指标（CSV 或工作簿）",
    _names_indicator,
    _read,
)
UNNAMED = Layout(
    "nbs_export_2026",
    "Statistics bureau export since 2026, indicator not named (CSV or workbook)",
    "国家统计局2026年新版导出表，未注明指标（CSV 或工作簿）",
    _names_none,
    _read,
)
CUT = Layout(
    "nbs_export_cut",
    "Statistics bureau export without its preamble, indicator not named (CSV or workbook)",
    "国家统计局导出表，缺少表前说明，未注明指标（CSV 或工作簿）",
    _has_no_preamble,
    _read,
)
