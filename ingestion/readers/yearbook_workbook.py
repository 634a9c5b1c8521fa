"""Tables of the health statistics yearbook (.xlsx): one year, regions down, indicators across, one table a sheet.

Titles and headers are bilingual and merged; names are spaced; a unit line, subtotals and notes surround the figures.
The data year is the one in the title, never the one in the file's name (an edition prints the year before).
"""

from __future__ import annotations

import re

from catalog import Registry, Source
from ingestion.grid import Grid, Sheet, address
from ingestion.headers import (
    find_indicator,
    require_in_use,
    settle_indicator,
    settle_unit,
    split_unit,
    squeeze,
    unit_symbol,
)
from ingestion.problems import Problem, Refusal
from ingestion.readers.base import Layout, refuse_sheet
from ingestion.regions import match_rows
from ingestion.tally import Column, Tally

_TITLE_YEAR = re.compile(r"(?<!\d)((?:19|20)\d{2})\s*年")
_UNIT_LINE = re.compile(r"单位\s*[:：]\s*(\S+)")
_CHINESE = re.compile(r"[\u4e00-\u9fff]")
_NOTES = ("注", "数据来源", "资料来源", "Note", "Source", "a)", "①", "*")
_HEADER_DEPTH = 12


def _header_top(sheet: Sheet) -> int | None:
    """First header row: the one whose first cell reads 地区, in either language or both."""
    for row in range(1, min(len(sheet.rows), _HEADER_DEPTH) + 1):
        if squeeze(sheet.cell(row, 1)).lower() in {"地区", "地区region", "region"}:
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
    return grid.encoding is None and any(_header_top(sheet) is not None for sheet in grid.sheets)


def _data_year(sheet: Sheet, header_top: int, source: Source) -> int:
    for row in range(1, header_top):
        found = {int(year) for year in _TITLE_YEAR.findall(sheet.cell(row, 1))}
        if len(found) > 1:
            raise Refusal(Problem("no_year", sheet.cell(row, 1), sheet=sheet.name, row=row, cell=address(row, 1)))
        if found:
            year = found.pop()
            if source.year is not None and source.year != year:
                expected = f"{source.year} (sources.yaml)"
                cell = address(row, 1)
                raise Refusal(Problem("contradicting_year", str(year), expected, "", sheet.name, row, cell))
            return year
    if source.year is None:
        raise Refusal(Problem("no_year", sheet.cell(1, 1), sheet=sheet.name, row=1, cell="A1"))
    return source.year


def _unit_line(sheet: Sheet, header_top: int, registry: Registry) -> tuple[str | None, str | None]:
    """(catalogued unit, unknown unit) of the line 单位：…, which speaks for every column without a unit of its own."""
    for row in range(1, header_top):
        for text in sheet.rows[row - 1]:
            match = _UNIT_LINE.search(text)
            if match:
                unit = unit_symbol(match.group(1), registry)
                return (unit, None) if unit else (None, match.group(1))
    return None, None


def _chinese_texts(sheet: Sheet, column: int, top: int, bottom: int) -> list[tuple[int, str]]:
    """(row, text) of the Chinese header cells above a column, from the group down to the leaf."""
    texts: list[tuple[int, str]] = []
    for row in range(top, bottom):
        text = sheet.spread(row, column)
        # A bilingual cell holds both languages in two lines; the Chinese line is the name.
        for line in text.splitlines() or [text]:
            if _CHINESE.search(line) and (not texts or texts[-1][1] != line.strip()):
                texts.append((row, line.strip()))
    return texts


class _ColumnSetAside(Exception):
    """The column is declared in set_aside_columns or holds no figures at all."""


def _meaning(sheet: Sheet, column: int, top: int, bottom: int, year: int, source: Source, tally: Tally) -> Column:
    """What a column holds. Raises Refusal, or _ColumnSetAside."""
    registry = tally.registry
    texts = _chinese_texts(sheet, column, top, bottom)
    if not texts:
        if any(re.search(r"\d", sheet.cell(row, column)) for row in range(bottom, len(sheet.rows) + 1)):
            at = Problem("no_indicator", sheet=sheet.name, row=top, cell=address(top, column))
            raise Refusal(at)
        raise _ColumnSetAside
    row, leaf = texts[-1]
    at = Problem("", sheet=sheet.name, row=row, cell=address(row, column))
    name, unit, unknown = split_unit(leaf, registry)
    if any(re.fullmatch(pattern, name) for pattern in source.set_aside_columns):
        raise _ColumnSetAside
    if find_indicator(name, registry) is None and len(texts) > 1:
        group, group_unit, _ = split_unit(texts[-2][1], registry)
        if find_indicator(group + name, registry) is not None:
            name, unit = group + name, unit or group_unit
    if find_indicator(name, registry) is None:
        # Says which cell; settle_indicator words the refusal. A pattern's `indicator` never covers a printed name.
        settle_indicator(name, [year], source, registry, at)
    indicator = str(find_indicator(name, registry))
    require_in_use(name, indicator, [year], registry, at)
    if unit is None and unknown is None:
        unit, unknown = _unit_line(sheet, top, registry)
    unit = settle_unit(unit, unknown, indicator, source, registry, at)
    return Column(column, year, indicator, unit, " | ".join(text for _, text in texts))


def _columns(sheet: Sheet, top: int, bottom: int, source: Source, tally: Tally) -> dict[int, Column]:
    """Column number -> meaning; columns refused one by one are reported with all their cells."""
    year = _data_year(sheet, top, source)
    columns: dict[int, Column] = {}
    for column in range(2, sheet.width + 1):
        try:
            columns[column] = _meaning(sheet, column, top, bottom, year, source, tally)
        except _ColumnSetAside:
            continue
        except Refusal as refusal:
            _refuse_column(sheet, column, bottom, refusal.problems[0], tally)
    by_indicator: dict[str, list[int]] = {}
    for number, meaning in columns.items():
        by_indicator.setdefault(meaning.indicator, []).append(number)
    for indicator, numbers in by_indicator.items():
        if len(numbers) > 1:
            for number in numbers:
                cell = address(top, number)
                problem = Problem("repeated_indicator", indicator, sheet=sheet.name, row=top, cell=cell)
                _refuse_column(sheet, number, bottom, problem, tally)
                del columns[number]
    return columns


def _refuse_column(sheet: Sheet, column: int, bottom: int, problem: Problem, tally: Tally) -> None:
    tally.reject(problem, sheet.cell(problem.row, column))
    for row in range(bottom, len(sheet.rows) + 1):
        text = sheet.cell(row, column)
        if text and not sheet.cell(row, 1).startswith(_NOTES):
            at = Problem(
                "table_refused",
                "",
                f"see {problem.cell}",
                sheet=sheet.name,
                row=row,
                cell=address(row, column),
            )
            tally.reject(at, text)


def _read_sheet(sheet: Sheet, source: Source, tally: Tally) -> None:
    top = _header_top(sheet)
    if top is None:
        raise Refusal(Problem("no_table", sheet.cell(1, 1), sheet=sheet.name))
    bottom = _first_data_row(sheet, top)
    names = {
        row: sheet.cell(row, 1)
        for row in range(bottom, len(sheet.rows) + 1)
        if any(sheet.rows[row - 1]) and not sheet.cell(row, 1).startswith(_NOTES)
    }
    regions = match_rows(sheet.name, names)
    columns = _columns(sheet, top, bottom, source, tally)
    if not columns:
        raise Refusal(Problem("no_indicator", sheet=sheet.name, row=top, cell=address(top, 2)))
    for number in range(1, len(sheet.rows) + 1):
        region = regions.get(number)
        if region is None or region.code is None:
            tally.fate(sheet.name, number, "set_aside")
            continue
        tally.fate(sheet.name, number, "loaded")
        for column in columns.values():
            text = sheet.cell(number, column.column)
            tally.value(sheet.name, number, column, text, region.code, region.level)


def _read(grid: Grid, source: Source, tally: Tally) -> None:
    for sheet in grid.sheets:
        before = len(tally.rejected)
        try:
            _read_sheet(sheet, source, tally)
        except Refusal as refusal:
            # One wrong table does not take the workbook's other tables with it.
            del tally.rejected[before:]
            refuse_sheet(sheet, refusal, tally)


WORKBOOK = Layout(
    "yearbook_workbook",
    "Health yearbook tables (.xlsx)",
    "卫生健康统计年鉴表格（.xlsx）",
    _is_yearbook,
    _read,
)
