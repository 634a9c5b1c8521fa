"""Tables of one indicator with years across whose rows name no place: read only in the order an entry declares.

The header holds years from its first column on, so nothing in the file says whose a row is. Rows of long panels without
names: panel_units.py.
"""

from catalog import Source
from ingestion.checks.alignment import misaligned
from ingestion.formats.grid import Grid, Sheet
from ingestion.problems import Problem
from ingestion.readers.base import Layout, raw_row, read_each, require
from ingestion.row_account import Column, Tally
from ingestion.vocabulary.headers import settle_indicator, settle_unit
from ingestion.vocabulary.regions import is_figure, starts_note
from ingestion.vocabulary.years import parse_year_cell, years_across

_FEWEST_YEARS = 2


def _recognise(grid: Grid) -> bool:
    """Whether the first row holds years only and the next one figures only."""
    if grid.kind not in {"csv", "workbook"} or not grid.filled:
        return False
    rows = grid.filled[0].rows
    header = [cell for cell in rows[0] if cell]
    years = len(header) >= _FEWEST_YEARS and all(parse_year_cell(cell) is not None for cell in header)
    second = [cell for cell in rows[1] if cell] if len(rows) > 1 else []
    return years and bool(rows[0][0]) and bool(second) and all(is_figure(cell) for cell in second)


def _figure_rows(sheet: Sheet) -> list[int]:
    rows = range(2, len(sheet.rows) + 1)
    return [row for row in rows if any(sheet.rows[row - 1]) and not starts_note(sheet.rows[row - 1])]


def _order(sheet: Sheet, rows: list[int], source: Source) -> dict[int, int]:
    """Row -> province code. Raises Refusal without a declared order, or for another number of rows."""
    order = source.panel.order if source.panel is not None else ()
    require(order, Problem("order_undeclared", hint=str(len(rows)), sheet=sheet.name, row=1))
    require(len(rows) == len(order), Problem("order_rows", f"{len(rows)} rows", str(len(order)), sheet=sheet.name))
    return dict(zip(rows, order, strict=True))


def _read_sheet(sheet: Sheet, source: Source, tally: Tally) -> None:
    rows = _figure_rows(sheet)
    codes = _order(sheet, rows, source)
    header = {column: text for column, text in enumerate(sheet.rows[0], start=1) if text}
    years = years_across(sheet, 1, header, source.years_absent)
    at = sheet.problem("", 1, 1)
    indicator = settle_indicator(None, sorted(years.values()), source, tally.registry, at)
    unit = settle_unit(None, None, indicator, source, tally.registry, at)
    shifted = misaligned(sheet, sheet.rows[0], rows)
    for row in range(1, len(sheet.rows) + 1):
        if row in shifted:
            tally.reject_row(shifted[row], raw_row(sheet.rows[row - 1]))
        elif row not in codes:
            tally.fate(sheet.name, row, "set_aside")
        else:
            tally.fate(sheet.name, row, "loaded")
            for column, year in years.items():
                tally.value(sheet, row, Column(column, year, indicator, unit, header[column]), codes[row], "province")


def _read(grid: Grid, source: Source, tally: Tally) -> None:
    read_each(grid, tally, lambda sheet: _read_sheet(sheet, source, tally))


ORDERED = Layout(
    "ordered_rows",
    "Years across, rows in a declared order of provinces, one indicator (CSV or workbook)",
    "年份横排、各行按声明的省份次序排列的单指标表（CSV 或工作簿）",
    _recognise,
    _read,
    asked=100,
)
