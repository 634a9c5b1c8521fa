"""Tables of the health statistics yearbook (workbooks): one year, regions down, indicators across, one table a sheet.

Titles and headers are bilingual and merged; names are spaced; a unit line, subtotals and notes surround the figures.
The data year is the one in the title, never the one in the file's name (an edition prints the year before). What a
column means: yearbook_headers.py.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from catalog import Source
from ingestion.grid import Grid, Sheet
from ingestion.headers import FIRST_YEAR, LAST_YEAR, squeeze
from ingestion.names import AmbiguousNameError, RegionName, UnknownNameError, match_region
from ingestion.problems import Problem, Refusal
from ingestion.readers.base import Layout, raw_row, read_each
from ingestion.readers.yearbook_headers import ColumnSetAside, column_meaning
from ingestion.regions import is_figure, match_rows
from ingestion.tally import Column, Tally

# 2024年鉴 is an edition, not a data year.
_TITLE_YEAR = re.compile(r"(?<![0-9])([0-9]{4})\s*年(?!鉴)")
_YEAR_RANGE = re.compile(r"(?<![0-9])[0-9]{4}\s*年?\s*[-—–－~～至到]\s*[0-9]{4}\s*年(?!鉴)")
_NOTES = ("注", "数据来源", "资料来源", "Note", "Source", "a)", "①", "*")
_REGION_HEADERS = frozenset({"地区", "地区region"})
_HEADER_DEPTH = 12


def _header_top(sheet: Sheet) -> int | None:
    """First header row: the one whose first cell reads 地区, in either language or both."""
    for row in range(1, min(len(sheet.rows), _HEADER_DEPTH) + 1):
        if squeeze(sheet.cell(row, 1)).lower() in {*_REGION_HEADERS, "region"}:
            return row
    return None


def _first_data_row(sheet: Sheet, header_top: int) -> int:
    for row in range(header_top + 1, len(sheet.rows) + 1):
        name = sheet.cell(row, 1)
        if not name or ((row, 1) in sheet.merged and sheet.merged[row, 1] != (row, 1)):
            continue
        if squeeze(name).lower() == "region":
            continue
        return row
    return len(sheet.rows) + 1


def _is_yearbook(grid: Grid) -> bool:
    return grid.kind == "workbook" and any(_header_top(sheet) is not None for sheet in grid.sheets)


def _data_year(sheet: Sheet, header_top: int, source: Source) -> int:
    """The one year the titles name; a range or a second year is refused, editions are passed over."""
    found: dict[int, tuple[int, int]] = {}
    for row in range(1, header_top):
        for column, text in enumerate(sheet.rows[row - 1], start=1):
            if "年鉴" in text:
                continue
            years = {int(year) for year in _TITLE_YEAR.findall(text)}
            if _YEAR_RANGE.search(text) or any(not FIRST_YEAR <= year <= LAST_YEAR for year in years):
                raise Refusal(sheet.problem("no_year", row, column, text))
            for year in years:
                found.setdefault(year, (row, column))
    if len(found) > 1:
        row, column = list(found.values())[1]
        raise Refusal(sheet.problem("no_year", row, column, ", ".join(str(year) for year in sorted(found))))
    if not found:
        if source.year is None:
            raise Refusal(sheet.problem("no_year", 1, 1, sheet.cell(1, 1)))
        return source.year
    year, (row, column) = next(iter(found.items()))
    if source.year is not None and source.year != year:
        raise Refusal(sheet.problem("contradicting_year", row, column, str(year), f"{source.year} (sources.yaml)"))
    return year


def _columns(sheet: Sheet, top: int, bottom: int, source: Source, tally: Tally) -> dict[int, Column]:
    """Column number -> meaning; columns refused one by one are reported with all their cells.

    Raises Refusal when no column is left.
    """
    year = _data_year(sheet, top, source)
    columns: dict[int, Column] = {}
    refused: dict[int, Problem] = {}
    for column in range(2, sheet.width + 1):
        try:
            columns[column] = column_meaning(sheet, column, top, bottom, year, source, tally)
        except ColumnSetAside:
            continue
        except Refusal as refusal:
            refused[column] = refusal.problems[0]
    by_indicator: dict[str, list[int]] = {}
    for number, meaning in columns.items():
        by_indicator.setdefault(meaning.indicator, []).append(number)
    for indicator, numbers in by_indicator.items():
        if len(numbers) > 1:
            for number in numbers:
                refused[number] = sheet.problem("repeated_indicator", top, number, indicator)
                del columns[number]
    if not columns:
        raise Refusal(*(refused.values() or (sheet.problem("no_indicator", top, 2),)))
    for number, problem in refused.items():
        _refuse_column(sheet, number, bottom, problem, tally)
    return columns


def _refuse_column(sheet: Sheet, column: int, bottom: int, problem: Problem, tally: Tally) -> None:
    tally.reject(problem, sheet.cell(problem.row, column))
    for row in range(bottom, len(sheet.rows) + 1):
        text = sheet.cell(row, column)
        if text and not sheet.cell(row, 1).startswith(_NOTES):
            tally.reject(sheet.problem("table_refused", row, column, "", f"see {problem.cell}"), text)


def _check_other_names(sheet: Sheet, top: int, bottom: int, regions: Mapping[int, RegionName]) -> None:
    """Refuse a second region column, and English names that contradict the Chinese ones. Raises Refusal."""
    for column in range(2, sheet.width + 1):
        headers = {squeeze(sheet.cell(row, column)).lower() for row in range(top, bottom)}
        if headers & _REGION_HEADERS:
            raise Refusal(sheet.problem("second_region_column", top, column, sheet.cell(top, column)))
        if "region" not in headers:
            continue
        for row, region in regions.items():
            name = sheet.cell(row, column)
            if name and not _agrees(name, region):
                raise Refusal(sheet.problem("contradicting_name", row, column, name, sheet.cell(row, 1)))


def _agrees(name: str, region: RegionName) -> bool:
    """Whether a name can mean the region; names nobody knows contradict nothing."""
    try:
        other = match_region(name)
    except AmbiguousNameError as error:
        return any(choice.endswith(str(region.code)) for choice in error.choices)
    except UnknownNameError:
        return True
    return (other.level, other.code) == (region.level, region.code)


def _refuse_nameless(sheet: Sheet, top: int, bottom: int, tally: Tally) -> None:
    """Refuse rows between the header and the first name that hold figures of nobody."""
    for row in range(top + 1, bottom):
        covered = sheet.merged.get((row, 1), (row, 1)) != (row, 1)
        if not sheet.cell(row, 1) and not covered and any(is_figure(text) for text in sheet.rows[row - 1][1:]):
            tally.reject_row(sheet.problem("unknown_province", row, 1), raw_row(sheet.rows[row - 1]))


def _read_sheet(sheet: Sheet, source: Source, tally: Tally) -> None:
    top = _header_top(sheet)
    if top is None:
        raise Refusal(Problem("no_table", sheet.cell(1, 1), sheet=sheet.name))
    bottom = _first_data_row(sheet, top)
    named = [
        row
        for row in range(bottom, len(sheet.rows) + 1)
        if any(sheet.rows[row - 1]) and not sheet.cell(row, 1).startswith(_NOTES)
    ]
    regions = match_rows(sheet, named)
    _check_other_names(sheet, top, bottom, regions)
    columns = _columns(sheet, top, bottom, source, tally)
    _refuse_nameless(sheet, top, bottom, tally)
    for number in range(1, len(sheet.rows) + 1):
        region = regions.get(number)
        if region is None or region.code is None:
            if (sheet.name, number) not in tally.fates:
                tally.fate(sheet.name, number, "set_aside")
            continue
        tally.fate(sheet.name, number, "loaded")
        for column in columns.values():
            tally.value(sheet, number, column, region.code, region.level)


def _read(grid: Grid, source: Source, tally: Tally) -> None:
    read_each(grid, tally, lambda sheet: _read_sheet(sheet, source, tally))


WORKBOOK = Layout(
    "yearbook_workbook",
    "Health yearbook tables (.xlsx, .xls)",
    "卫生健康统计年鉴表格（.xlsx、.xls）",
    _is_yearbook,
    _read,
)
