"""Tables of the health statistics yearbook (workbooks): one year, regions down, indicators across.

Titles and headers are bilingual and merged; names are spaced; a unit line, subtotals and notes surround the figures.
The data year is the one in the title, never the one in the file's name (an edition prints the year before). What a
column means: yearbook_headers.py; several tables on one sheet: yearbook_sections.py.
"""

from __future__ import annotations

import re

from catalog import Source
from ingestion.formats.grid import Grid, Sheet
from ingestion.problems import Problem, Refusal
from ingestion.readers.base import Layout, at_first_row, raw_row, read_each, refuse_rows
from ingestion.readers.yearbooks.yearbook_headers import ColumnSetAside, column_meaning
from ingestion.readers.yearbooks.yearbook_names import check_other_names
from ingestion.readers.yearbooks.yearbook_sections import NOTES, Section, header_rows, sections, unit_line
from ingestion.row_account import Column, Tally
from ingestion.vocabulary.headers import FIRST_YEAR, LAST_YEAR, squeeze
from ingestion.vocabulary.regions import is_figure, match_rows

# 2024年鉴 is an edition, not a data year.
_TITLE_YEAR = re.compile(r"(?<![0-9])([0-9]{4})\s*年(?!鉴)")
_YEAR_RANGE = re.compile(r"(?<![0-9])[0-9]{4}\s*年?\s*[-—–－~～至到]\s*[0-9]{4}\s*年(?!鉴)")


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
    return grid.kind == "workbook" and any(header_rows(sheet) for sheet in grid.sheets)


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
        if text and not sheet.cell(row, 1).startswith(NOTES):
            tally.reject(sheet.problem("table_refused", row, column, "", f"see {problem.cell}"), text)


def _refuse_nameless(sheet: Sheet, top: int, bottom: int, tally: Tally) -> None:
    """Refuse rows between the header and the first name that hold figures of nobody."""
    for row in range(top + 1, bottom):
        covered = sheet.merged.get((row, 1), (row, 1)) != (row, 1)
        if not sheet.cell(row, 1) and not covered and any(is_figure(text) for text in sheet.rows[row - 1][1:]):
            tally.reject_row(sheet.problem("unknown_province", row, 1), raw_row(sheet.rows[row - 1]))


def _read_section(section: Section, source: Source, tally: Tally) -> None:
    """Read one table. Raises Refusal before it accounts for any of its rows."""
    sheet, top = section.sheet, section.header
    bottom = _first_data_row(sheet, top)
    named = _named_rows(section, bottom)
    regions = match_rows(sheet, named)
    unknown_names = check_other_names(sheet, top, bottom, regions)
    unit_line(sheet, top, tally.registry)
    columns = _columns(sheet, top, bottom, source, tally)
    for problem, name in unknown_names:
        tally.reject(problem, name)
    _refuse_nameless(sheet, top, bottom, tally)
    for number in section.rows:
        region = regions.get(number)
        if region is None or region.code is None:
            if (sheet.name, number) not in tally.fates:
                tally.fate(sheet.name, number, "set_aside")
            continue
        tally.fate(sheet.name, number, "loaded")
        for column in columns.values():
            tally.value(sheet, number, column, region.code, region.level)


def _named_rows(section: Section, bottom: int) -> list[int]:
    """Rows that should name a region; lines without figures below a note go on with it."""
    rows, noted = [], False
    for row in section.rows:
        cells = section.sheet.rows[row - 1]
        if row < bottom or not any(cells):
            continue
        if cells[0].startswith(NOTES):
            noted = True
        elif not noted or any(is_figure(text) for text in cells[1:] if text):
            rows.append(row)
    return rows


def _read_sheet(sheet: Sheet, source: Source, tally: Tally) -> None:
    tables = sections(sheet)
    if not tables:
        raise Refusal(Problem("no_table", sheet.cell(1, 1), sheet=sheet.name))
    refused: list[tuple[Section, Refusal]] = []
    for section in tables:
        before = len(tally.rejected)
        try:
            _read_section(section, source, tally)
        except Refusal as refusal:
            del tally.rejected[before:]
            refused.append((section, refusal))
    if len(refused) == len(tables):
        raise Refusal(*(problem for _, cause in refused for problem in cause.problems))
    for section, cause in refused:
        refuse_rows(sheet, section.rows, at_first_row(cause, section.rows), tally)


def _read(grid: Grid, source: Source, tally: Tally) -> None:
    read_each(grid, tally, lambda sheet: _read_sheet(sheet, source, tally))


WORKBOOK = Layout(
    "yearbook_workbook",
    "Health yearbook tables (.xlsx, .xls)",
    "卫生健康统计年鉴表格（.xlsx、.xls）",
    _is_yearbook,
    _read,
    asked=70,
)
