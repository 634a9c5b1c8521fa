"""Tables of one indicator, declared with its unit, for such files name neither: years down and provinces across, or, in
HTML and Markdown, often scanned, regions down and years across.

sources.yaml says which tables of a document make up the one table, and gives the header where the scan spoilt it.
"""

from __future__ import annotations

from catalog import Source
from ingestion.checks.alignment import misaligned
from ingestion.formats.grid import Grid, Sheet
from ingestion.problems import Problem, Refusal
from ingestion.readers.base import Layout, read_each
from ingestion.readers.tables import Table, declared_meaning, report
from ingestion.row_account import Tally
from ingestion.vocabulary.headers import squeeze
from ingestion.vocabulary.names import RegionName
from ingestion.vocabulary.regions import match_cells, match_rows, region_or_problem, region_rows, starts_note
from ingestion.vocabulary.years import years_across, years_down

_YEAR_HEADERS = frozenset({"year", "年份", "年", "时间", "年度"})


def _is_across(grid: Grid) -> bool:
    if grid.kind not in {"csv", "workbook"} or not grid.filled:
        return False
    sheet = grid.filled[0]
    second = sheet.cell(1, 2)
    return squeeze(sheet.cell(1, 1)).lower() in _YEAR_HEADERS and isinstance(region_or_problem(second), RegionName)


def _filled_columns(sheet: Sheet, first: int) -> set[int]:
    """The columns of figures that hold anything from the row `first` on."""
    return {
        column for row in sheet.rows[first - 1 :] for column, text in enumerate(row, start=1) if column > 1 and text
    }


def _read_across(sheet: Sheet, source: Source, tally: Tally) -> None:
    header = sheet.rows[0]
    filled = _filled_columns(sheet, 1)
    regions = match_cells(sheet, {column: (1, column) for column in range(2, len(header) + 1) if column in filled})
    rows = range(1, len(sheet.rows) + 1)
    dated = [row for row in rows[1:] if any(sheet.rows[row - 1]) and not starts_note(sheet.rows[row - 1])]
    years = years_down(sheet, dated, 1, source.years_absent)
    meaning = declared_meaning(sheet.problem("", 1, 1), years, source, tally)
    headers = {column: sheet.cell(1, column) for column in regions}
    table = Table(sheet, rows, ("year",), "region", headers, years, regions, {0: meaning})
    report(table, misaligned(sheet, header, list(years)), tally)


def _declared_header(sheet: Sheet, source: Source) -> tuple[str, ...]:
    """The declared header, or the first row. Raises Refusal when the declared one has another length."""
    printed = sheet.rows[0]
    if source.header and len(source.header) != len(printed):
        raise Refusal(sheet.problem("header_width", 1, 1, f"{len(source.header)} texts", str(len(printed))))
    return source.header or printed


def _read_document(sheet: Sheet, source: Source, tally: Tally) -> None:
    if sheet.merged:
        raise Refusal(*(sheet.problem("spanned_cell", *place, sheet.cell(*place)) for place in sheet.merged))
    header = _declared_header(sheet, source)
    # A column without a header is left out only where it is empty.
    filled = _filled_columns(sheet, 2)
    headers = {c: text for c, text in enumerate(header, start=1) if c > 1 and (text or c in filled)}
    years = years_across(sheet, 1, headers, source.years_absent)
    meaning = declared_meaning(Problem("", sheet=sheet.name), years, source, tally)
    # A table that goes on over a page may repeat its header.
    named = [row for row in region_rows(sheet, 2, years) if sheet.rows[row - 1] not in (sheet.rows[0], header)]
    regions = match_rows(sheet, named)
    table = Table(sheet, range(1, len(sheet.rows) + 1), ("region",), "year", headers, years, regions, {0: meaning})
    # Where a scan lost a cell, every figure after it stands below another year.
    widths = {row: len(sheet.rows[row - 1]) for row in regions if table.readable(row)}
    shifted = {
        row: sheet.problem("row_width", row, 1, str(width), str(len(header)))
        for row, width in widths.items()
        if width != len(header)
    }
    report(table, shifted, tally)


def _read_provinces_across(grid: Grid, source: Source, tally: Tally) -> None:
    read_each(grid, tally, lambda sheet: _read_across(sheet, source, tally))


def _read_tables(grid: Grid, source: Source, tally: Tally) -> None:
    read_each(grid, tally, lambda sheet: _read_document(sheet, source, tally))


ACROSS = Layout(
    "provinces_across",
    "Years down, provinces across, one indicator (CSV or workbook)",
    "年份纵排、省份横排的单指标表（CSV 或工作簿）",
    _is_across,
    _read_provinces_across,
    asked=80,
)
TABLES = Layout(
    "html_tables",
    "Tables in HTML or Markdown, regions down, years across (.md, .html)",
    "HTML 或 Markdown 中的表格，地区纵排、年份横排（.md、.html）",
    lambda grid: grid.kind == "document" and bool(grid.filled),
    _read_tables,
    declared_only=True,
    asked=120,
)
