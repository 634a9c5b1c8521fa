"""Registers of toy kites: a title with the years, a province in each row, a seal at the end."""

from __future__ import annotations

from catalog import Source
from ingestion.formats.grid import Grid
from ingestion.problems import Refusal
from ingestion.readers.base import Layout
from ingestion.row_account import Column, Tally
from ingestion.vocabulary.headers import settle_indicator, settle_unit
from ingestion.vocabulary.regions import match_rows
from ingestion.vocabulary.years import years_across

TITLE, SEAL = "风筝登记 kites", "封存 sealed"


def _recognise(grid: Grid, _: Source) -> bool:
    return bool(grid.filled) and grid.filled[0].cell(1, 1) == TITLE


def _read(grid: Grid, source: Source, tally: Tally) -> None:
    sheet = grid.filled[0]
    last = len(sheet.rows)
    if sheet.cell(last, 1) != SEAL:
        raise Refusal(sheet.problem("toy_unsealed", last, 1, sheet.cell(last, 1), SEAL))
    header = {column: text for column, text in enumerate(sheet.rows[0], start=1) if column > 1}
    years = years_across(sheet, 1, header, source.years_absent)
    at = sheet.problem("", 1, 1)
    indicator = settle_indicator("玩具风筝数", sorted(years.values()), source, tally.registry, at)
    unit = settle_unit("个", None, indicator, source, tally.registry, at)
    regions = match_rows(sheet, range(2, last))
    for row in range(1, last + 1):
        region = regions.get(row)
        if region is None or region.code is None:
            tally.fate(sheet.name, row, "set_aside")
            continue
        tally.fate(sheet.name, row, "loaded")
        for column, year in years.items():
            tally.value(sheet, row, Column(column, year, indicator, unit, header[column]), region.code, region.level)


REGISTER = Layout(
    "toy_register",
    "Register of toy kites (CSV)",
    "玩具风筝登记表（CSV）",
    _recognise,
    _read,
    uses=frozenset({"indicator", "unit", "years_absent"}),
)
