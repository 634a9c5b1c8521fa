"""Tables with years down and provinces across, one indicator, declared with its unit: such files name neither."""

from __future__ import annotations

from catalog import Source
from ingestion.checks.alignment import misaligned
from ingestion.formats.grid import Grid, Sheet
from ingestion.readers.base import Layout, raw_row, read_each
from ingestion.row_account import Column, Tally
from ingestion.vocabulary.headers import settle_indicator, settle_unit, squeeze
from ingestion.vocabulary.names import RegionName
from ingestion.vocabulary.regions import match_cells, region_or_problem, starts_note
from ingestion.vocabulary.years import years_down

_YEAR_HEADERS = frozenset({"year", "年份", "年", "时间", "年度"})


def _recognise(grid: Grid) -> bool:
    if grid.kind not in {"csv", "workbook"} or not grid.filled:
        return False
    sheet = grid.filled[0]
    second = sheet.cell(1, 2)
    return squeeze(sheet.cell(1, 1)).lower() in _YEAR_HEADERS and isinstance(region_or_problem(second), RegionName)


def _region_columns(sheet: Sheet) -> dict[int, RegionName]:
    """Column -> region for every column of the header that holds anything. Raises Refusal."""
    places = {}
    for column in range(2, len(sheet.rows[0]) + 1):
        if any(sheet.cell(row, column) for row in range(1, len(sheet.rows) + 1)):
            places[column] = (1, column)
    return match_cells(sheet, places)


def _year_rows(sheet: Sheet, source: Source) -> dict[int, int]:
    """Row -> year for every row but the header, blank rows and notes. Raises Refusal."""
    rows = range(2, len(sheet.rows) + 1)
    figures = [row for row in rows if any(sheet.rows[row - 1]) and not starts_note(sheet.rows[row - 1])]
    return years_down(sheet, figures, 1, source.years_absent)


def _read_sheet(sheet: Sheet, source: Source, tally: Tally) -> None:
    at = sheet.problem("", 1, 1)
    regions = _region_columns(sheet)
    years = _year_rows(sheet, source)
    indicator = settle_indicator(None, sorted(years.values()), source, tally.registry, at)
    unit = settle_unit(None, None, indicator, source, tally.registry, at)
    shifted = misaligned(sheet, sheet.rows[0], list(years))
    for row, cells in enumerate(sheet.rows, start=1):
        if row not in years:
            tally.fate(sheet.name, row, "set_aside")
            continue
        if row in shifted:
            tally.reject_row(shifted[row], raw_row(cells))
            continue
        tally.fate(sheet.name, row, "loaded")
        for column, region in regions.items():
            if region.code is not None:
                meaning = Column(column, years[row], indicator, unit, sheet.cell(1, column))
                tally.value(sheet, row, meaning, region.code, region.level)


def _read(grid: Grid, source: Source, tally: Tally) -> None:
    read_each(grid, tally, lambda sheet: _read_sheet(sheet, source, tally))


ACROSS = Layout(
    "provinces_across",
    "Years down, provinces across, one indicator (CSV or workbook)",
    "年份纵排、省份横排的单指标表（CSV 或工作簿）",
    _recognise,
    _read,
    asked=80,
)
