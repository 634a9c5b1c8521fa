"""Tables of the health statistics yearbook (workbooks): one year, regions down, indicators across.

Titles and headers are bilingual and merged; names are spaced; a unit line, subtotals and notes surround the figures.
The data year is the one in the title, never the one in the file's name (an edition prints the year before). What
stands above the figures: yearbook_headers.py.
"""

import re
from collections import Counter
from collections.abc import Mapping

from catalog import Source
from ingestion.formats.grid import Grid, Sheet
from ingestion.problems import Problem, Refusal
from ingestion.readers.base import Layout, by_sheets, refuse_tables, refused_tables
from ingestion.readers.tables import Meaning, Table, report
from ingestion.readers.yearbooks.yearbook_headers import (
    NOTES,
    REGION_HEADERS,
    Section,
    column_meaning,
    header_rows,
    sections,
    unit_line,
)
from ingestion.row_account import Tally
from ingestion.vocabulary.headers import FIRST_YEAR, LAST_YEAR, squeeze
from ingestion.vocabulary.names import AmbiguousNameError, RegionName, UnknownNameError, match_region
from ingestion.vocabulary.regions import is_figure, match_rows

# 2024年鉴 is an edition, not a data year.
_TITLE_YEAR = re.compile(r"(?<![0-9])([0-9]{4})\s*年(?!鉴)")
_YEAR_RANGE = re.compile(r"(?<![0-9])[0-9]{4}\s*年?\s*[-—–－~～至到]\s*[0-9]{4}\s*年(?!鉴)")


def _first_data_row(sheet: Sheet, header_top: int) -> int:
    end = len(sheet.rows) + 1
    named = (row for row in range(header_top + 1, end) if sheet.cell(row, 1) and sheet.anchor(row, 1) == (row, 1))
    return next((row for row in named if squeeze(sheet.cell(row, 1)).lower() != "region"), end)


def _is_yearbook(grid: Grid) -> bool:
    return grid.kind == "workbook" and any(header_rows(sheet) for sheet in grid.sheets)


def _data_year(sheet: Sheet, header_top: int, source: Source) -> int:
    """The one year the titles name; a range or a second year is refused, editions are passed over."""
    found: dict[int, tuple[int, int]] = {}
    for row, column, text in sheet.texts(range(1, header_top)):
        if "年鉴" in text:
            continue
        years = {int(year) for year in _TITLE_YEAR.findall(text)}
        if _YEAR_RANGE.search(text) or any(not FIRST_YEAR <= year <= LAST_YEAR for year in years):
            raise Refusal(sheet.problem("no_year", row, column, text))
        for year in years:
            found.setdefault(year, (row, column))
    if len(found) > 1:
        raise Refusal(sheet.problem("no_year", *list(found.values())[1], ", ".join(map(str, sorted(found)))))
    if not found and source.year is None:
        raise Refusal(sheet.problem("no_year", 1, 1, sheet.cell(1, 1)))
    for year, place in found.items():
        if source.year not in {None, year}:
            raise Refusal(sheet.problem("contradicting_year", *place, str(year), f"{source.year} (sources.yaml)"))
    return next(iter(found), source.year or 0)


def _meanings(
    sheet: Sheet, top: int, bottom: int, year: int, source: Source, tally: Tally
) -> tuple[dict[int, Meaning], dict[int, Problem]]:
    """(column -> meaning, column -> problem). Raises Refusal when no column is left."""
    meanings: dict[int, Meaning] = {}
    refused: dict[int, Problem] = {}
    for column in range(2, sheet.width + 1):
        try:
            meaning = column_meaning(sheet, column, top, bottom, year, source, tally)
        except Refusal as refusal:
            refused[column] = refusal.problems[0]
            continue
        if meaning is not None:
            meanings[column] = meaning
    counts = Counter(meaning.indicator for meaning in meanings.values())
    for column in [column for column, meaning in meanings.items() if counts[meaning.indicator] > 1]:
        refused[column] = sheet.problem("repeated_indicator", top, column, meanings.pop(column).indicator)
    if not meanings:
        raise Refusal(*(refused.values() or (sheet.problem("no_indicator", top, 2),)))
    return meanings, refused


def _refuse_column(sheet: Sheet, column: int, bottom: int, problem: Problem, tally: Tally) -> None:
    tally.reject(problem, sheet.cell(problem.row, column))
    for row in range(bottom, len(sheet.rows) + 1):
        text = sheet.cell(row, column)
        if text and not sheet.cell(row, 1).startswith(NOTES):
            tally.reject(sheet.problem("table_refused", row, column, "", f"see {problem.cell}"), text)


def _nameless(sheet: Sheet, top: int, bottom: int) -> dict[int, Problem]:
    """Rows between the header and the first name that hold figures of nobody."""
    return {
        row: sheet.problem("unknown_province", row, 1)
        for row in range(top + 1, bottom)
        if not sheet.cell(row, 1)
        and sheet.anchor(row, 1) == (row, 1)
        and any(is_figure(text) for text in sheet.rows[row - 1][1:])
    }


def check_other_names(
    sheet: Sheet, top: int, bottom: int, regions: Mapping[int, RegionName]
) -> list[tuple[Problem, str]]:
    """English names nobody knows, each with its problem: the row stands, but nothing confirms its Chinese name.

    Raises Refusal for a second region column, and for English names that contradict the Chinese ones.
    """
    unknown = []
    for column in range(2, sheet.width + 1):
        headers = {squeeze(sheet.cell(row, column)).lower() for row in range(top, bottom)}
        if headers & REGION_HEADERS:
            raise Refusal(sheet.problem("second_region_column", top, column, sheet.cell(top, column)))
        if "region" not in headers:
            continue
        for row, region in regions.items():
            name = sheet.cell(row, column)
            agrees = _agrees(name, region) if name else True
            if agrees is False:
                raise Refusal(sheet.problem("contradicting_name", row, column, name, sheet.cell(row, 1)))
            if agrees is None:
                unknown.append((sheet.problem("unknown_other_name", row, column, name, sheet.cell(row, 1)), name))
    return unknown


def _agrees(name: str, region: RegionName) -> bool | None:
    """Whether a name can mean the region; None for a name nobody knows."""
    try:
        other = match_region(name)
    except AmbiguousNameError as error:
        return any(choice.endswith(str(region.code)) for choice in error.choices)
    except UnknownNameError:
        return None
    return (other.level, other.code) == (region.level, region.code)


def _read_section(section: Section, source: Source, tally: Tally) -> None:
    """Read one table. Raises Refusal before it accounts for any of its rows."""
    sheet, top = section.sheet, section.header
    bottom = _first_data_row(sheet, top)
    regions = match_rows(sheet, _named_rows(section, bottom))
    unknown_names = check_other_names(sheet, top, bottom, regions)
    unit_line(sheet, top, tally.registry)
    year = _data_year(sheet, top, source)
    meanings, refused = _meanings(sheet, top, bottom, year, source, tally)
    for column, problem in refused.items():
        _refuse_column(sheet, column, bottom, problem, tally)
    for problem, name in unknown_names:
        tally.reject(problem, name)
    headers = dict.fromkeys(range(2, sheet.width + 1), "")
    table = Table(sheet, section.rows, ("region",), "indicator", headers, {0: year}, regions, meanings)
    report(table, _nameless(sheet, top, bottom), tally)


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
    wrong = refused_tables(tables, lambda section: _read_section(section, source, tally), tally)
    refused = [(section.rows, cause) for section, cause in wrong]
    refuse_tables(sheet, refused, tally, every=len(refused) == len(tables))


WORKBOOK = Layout(
    "yearbook_workbook",
    "Health yearbook tables (.xlsx, .xls)",
    "卫生健康统计年鉴表格（.xlsx、.xls）",
    _is_yearbook,
    by_sheets(_read_sheet),
    asked=70,
)
