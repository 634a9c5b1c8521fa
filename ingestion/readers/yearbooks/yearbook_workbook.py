"""Tables of the health statistics yearbook (workbooks): one year, regions down, indicators across.

Titles and headers are bilingual and merged; names are spaced; a unit line, subtotals and notes surround the figures.
The data year is the one in the title, never the one in the file's name (an edition prints the year before). What
stands above the figures: yearbook_headers.py.
"""

import re
from collections.abc import Mapping
from dataclasses import replace

from ingestion.checks.no_data import rows_without_data
from ingestion.readers.base import (
    Layout,
    Problem,
    Refusal,
    Sheet,
    Source,
    Tally,
    by_sheets,
    refuse_tables,
    refused_tables,
    require,
)
from ingestion.readers.tables import Table, report, settle_each
from ingestion.readers.yearbooks.yearbook_headers import (
    REGION_HEADERS,
    Section,
    column_meaning,
    header_rows,
    is_yearbook_note,
    sections,
)
from ingestion.vocabulary.headers import FIRST_YEAR, LAST_YEAR, squeeze
from ingestion.vocabulary.names import RegionName, region_or_problem
from ingestion.vocabulary.regions import is_figure, match_rows
from ingestion.vocabulary.unit_lines import unit_line

# Keys of an entry it takes account of.
_USES = frozenset(
    {
        "indicator", "unit", "year", "columns", "set_aside_columns", "neutral_groups", "provinces_absent",
        "missing_marks",
    }
)  # fmt: skip
_UNKNOWN = "unknown_province"
# 2024年鉴 is an edition, not a data year.
_TITLE_YEAR = re.compile(r"(?<![0-9])([0-9]{4})\s*年(?!鉴)")
_YEAR_RANGE = re.compile(r"(?<![0-9])[0-9]{4}\s*年?\s*[-—–－~～至到]\s*[0-9]{4}\s*年(?!鉴)")


def _first_data_row(sheet: Sheet, header_top: int) -> int:
    end = len(sheet.rows) + 1
    named = (row for row in range(header_top + 1, end) if sheet.cell(row, 1) and sheet.anchor(row, 1) == (row, 1))
    return next((row for row in named if squeeze(sheet.cell(row, 1)).lower() != "region"), end)


def _data_year(sheet: Sheet, header_top: int, source: Source) -> int:
    """The one year the titles name; a range or a second year is refused, editions are passed over."""
    found: dict[int, tuple[int, int]] = {}
    for row, column, text in sheet.texts(range(1, header_top)):
        if "年鉴" in text:
            continue
        years = {int(year) for year in _TITLE_YEAR.findall(text)}
        require(not _YEAR_RANGE.search(text), sheet.problem("several_years", row, column, text))
        require(
            all(FIRST_YEAR <= year <= LAST_YEAR for year in years), sheet.problem("no_year_of_data", row, column, text)
        )
        for year in years:
            found.setdefault(year, (row, column))
    if len(found) > 1:
        raise Refusal(sheet.problem("several_years", *list(found.values())[1], ", ".join(map(str, sorted(found)))))
    require(found or source.year is not None, sheet.problem("no_year", 1, 1, sheet.cell(1, 1)))
    for year, place in found.items():
        require(
            source.year in {None, year},
            sheet.problem("contradicting_year", *place, str(year), f"{source.year} (sources.yaml)"),
        )
    return next(iter(found), source.year or 0)


def _refuse_column(sheet: Sheet, column: int, bottom: int, problem: Problem, tally: Tally) -> None:
    tally.reject(problem, sheet.cell(problem.row, column))
    for row in range(bottom, len(sheet.rows) + 1):
        text = sheet.cell(row, column)
        if text and not is_yearbook_note(sheet.cell(row, 1)):
            pointer = sheet.problem("column_refused", row, column, expected="see_cell")
            tally.reject(replace(pointer, hint=problem.cell), text)


def _nameless(sheet: Sheet, top: int, bottom: int) -> dict[int, Problem]:
    """Rows between the header and the first name that have figures but no name."""
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
        require(
            not headers & REGION_HEADERS, sheet.problem("second_region_column", top, column, sheet.cell(top, column))
        )
        for row, region in regions.items() if "region" in headers else ():
            name = sheet.cell(row, column)
            agrees = _agrees(name, region) if name else True
            problem = sheet.problem("unknown_other_name", row, column, name, sheet.cell(row, 1))
            require(agrees is not False, replace(problem, code="contradicting_name"))
            if agrees is None:
                unknown.append((problem, name))
    return unknown


def _agrees(name: str, region: RegionName) -> bool | None:
    """Whether a name can mean the region; None for a name nobody knows."""
    other = region_or_problem(name)
    if isinstance(other, Problem):
        return str(region.code) in other.expected if other.code == "ambiguous_province" else None
    return (other.level, other.code) == (region.level, region.code)


def _read_section(section: Section, source: Source, tally: Tally) -> None:
    """Read one table. Raises Refusal before it accounts for any of its rows."""
    sheet, top, rows = section
    bottom = _first_data_row(sheet, top)
    named = _named_rows(sheet, rows, bottom)
    says = {1: lambda text: not isinstance(found := region_or_problem(text), Problem) or found.code != _UNKNOWN}
    stray = rows_without_data(sheet, named, says, range(2, sheet.width + 1), range(top, bottom))
    regions = match_rows(sheet, named, source.absent_codes, stray)
    unknown_names = check_other_names(sheet, top, bottom, regions)
    unit_line(sheet, range(1, top), tally.registry)
    year = _data_year(sheet, top, source)
    meanings, refused = settle_each(
        range(2, sheet.width + 1),
        lambda column: column_meaning(sheet, column, top, bottom, year, source, tally),
        lambda meaning: meaning.indicator,
        lambda column, meaning: sheet.problem("repeated_indicator", top, column, meaning.indicator),
        sheet.problem("no_indicator", top, 2),
    )
    for column, problem in refused.items():
        _refuse_column(sheet, column, bottom, problem, tally)
    for problem, name in unknown_names:
        tally.reject(problem, name)
    headers = dict.fromkeys(range(2, sheet.width + 1), "")
    table = Table(sheet, rows, ("region",), "indicator", headers, {0: year}, regions, meanings)
    report(table, {**_nameless(sheet, top, bottom), **stray}, tally)


def _named_rows(sheet: Sheet, rows: range, bottom: int) -> list[int]:
    """Rows that should name a region; lines without figures below a note go on with it."""
    named, noted = [], False
    for row in range(bottom, rows.stop):
        cells = sheet.rows[row - 1]
        if any(cells) and is_yearbook_note(cells[0]):
            noted = True
        elif any(cells) and (not noted or any(is_figure(text) for text in cells[1:] if text)):
            named.append(row)
    return named


def _read_sheet(sheet: Sheet, source: Source, tally: Tally) -> None:
    tables = sections(sheet)
    require(tables, Problem("no_table", sheet.cell(1, 1), sheet=sheet.name))
    wrong = refused_tables(tables, lambda section: _read_section(section, source, tally), tally)
    refused = [(rows, cause) for (*_, rows), cause in wrong]
    refuse_tables(sheet, refused, tally, every=len(refused) == len(tables))


WORKBOOK = Layout(
    "yearbook_workbook",
    "Health yearbook tables (.xlsx, .xls)",
    "卫生健康统计年鉴表格（.xlsx、.xls）",
    lambda grid, _: grid.kind == "workbook" and any(header_rows(sheet) for sheet in grid.sheets),
    by_sheets(_read_sheet),
    asked=70,
    uses=_USES,
)
