"""Tables in HTML or Markdown, often scanned: regions down, years across, one indicator, declared with its unit.

sources.yaml says which tables of the document make up the one table, and gives the header where the scan spoilt it.
"""

from __future__ import annotations

from catalog import Source
from ingestion.formats.grid import Grid, Sheet
from ingestion.problems import Problem, Refusal
from ingestion.readers.base import Layout, raw_row, read_each
from ingestion.row_account import Column, Tally
from ingestion.vocabulary.headers import settle_indicator, settle_unit
from ingestion.vocabulary.regions import match_rows, region_rows
from ingestion.vocabulary.years import years_across


def _header(sheet: Sheet, source: Source) -> tuple[str, ...]:
    """The declared header, or the first row. Raises Refusal when the declared one has another length."""
    printed = sheet.rows[0]
    if source.header and len(source.header) != len(printed):
        raise Refusal(sheet.problem("header_width", 1, 1, f"{len(source.header)} texts", str(len(printed))))
    return source.header or printed


def _years(sheet: Sheet, header: tuple[str, ...], source: Source) -> dict[int, int]:
    """Column -> year; a column without a header is left out only where it is empty. Raises Refusal."""
    filled = {c for c in range(2, sheet.width + 1) if any(sheet.cell(r, c) for r in range(2, len(sheet.rows) + 1))}
    texts = {column: text for column, text in enumerate(header, start=1) if column > 1 and (text or column in filled)}
    return years_across(sheet, 1, texts, source.years_absent)


def _refuse_spans(sheet: Sheet) -> None:
    problems = [sheet.problem("spanned_cell", row, column, sheet.cell(row, column)) for row, column in sheet.merged]
    if problems:
        raise Refusal(*problems)


def _read_sheet(sheet: Sheet, source: Source, tally: Tally) -> None:
    _refuse_spans(sheet)
    header = _header(sheet, source)
    years = _years(sheet, header, source)
    at = Problem("", sheet=sheet.name)
    indicator = settle_indicator(None, sorted(years.values()), source, tally.registry, at)
    unit = settle_unit(None, None, indicator, source, tally.registry, at)
    # A table that goes on over a page may repeat its header.
    headers = (sheet.rows[0], header)
    named = [row for row in region_rows(sheet, 2, years) if sheet.rows[row - 1] not in headers]
    regions = match_rows(sheet, named)
    columns = [Column(column, year, indicator, unit, header[column - 1]) for column, year in years.items()]
    for row, cells in enumerate(sheet.rows, start=1):
        region = regions.get(row)
        if region is None or region.code is None:
            tally.fate(sheet.name, row, "set_aside")
        elif len(cells) != len(header):
            # Where a scan lost a cell, every figure after it stands below another year.
            tally.reject_row(sheet.problem("row_width", row, 1, str(len(cells)), str(len(header))), raw_row(cells))
        else:
            tally.fate(sheet.name, row, "loaded")
            for column in columns:
                tally.value(sheet, row, column, region.code, region.level)


def _read(grid: Grid, source: Source, tally: Tally) -> None:
    read_each(grid, tally, lambda sheet: _read_sheet(sheet, source, tally))


TABLES = Layout(
    "html_tables",
    "Tables in HTML or Markdown, regions down, years across (.md, .html)",
    "HTML 或 Markdown 中的表格，地区纵排、年份横排（.md、.html）",
    lambda grid: grid.kind == "document" and bool(grid.filled),
    _read,
    declared_only=True,
    asked=120,
)
