"""What does not change over the rows of a unit in a panel: figures repeated in every row, and coordinates."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace

from catalog import Source
from catalog.declarations.panel import Panel
from ingestion.checks.plausibility_cities import Point, wrong_coordinates
from ingestion.formats.grid import Sheet
from ingestion.problems import Problem
from ingestion.readers.panels.panel_columns import Roles, column_of
from ingestion.readers.panels.panel_units import Unit
from ingestion.row_account import Column, Tally
from ingestion.vocabulary.numbers import parse_number


def _same_figure(one: str, other: str) -> bool:
    try:
        return one == other or parse_number(one) == parse_number(other)
    except ValueError:
        return False


def read_constants(
    sheet: Sheet, units: Mapping[int, Unit], columns: list[Column], source: Source, tally: Tally
) -> None:
    """Read figures that every row of a unit repeats: its first row carries them, the others are set aside.

    A figure that is not the same in all of them is refused at the first row that differs.
    """
    rows_of: dict[int, list[int]] = defaultdict(list)
    for row, unit in units.items():
        if unit.code is not None:
            rows_of[unit.code].append(row)
    for code, rows in rows_of.items():
        first, *others = rows
        tally.fate(sheet.name, first, "loaded")
        for column in columns:
            own = sheet.cell(first, column.column)
            varying = next((r for r in others if not _same_figure(own, sheet.cell(r, column.column))), None)
            before = (len(tally.observations), len(tally.missing))
            tally.value(sheet, first, replace(column, year=source.year or 0), code, units[first].level)
            if varying is not None:
                found = sheet.problem("varying_constant", varying, column.column, sheet.cell(varying, column.column))
                _refuse_last(tally, before, replace(found, expected=f"{own} ({sheet.locate(first, column.column)})"))


def _refuse_last(tally: Tally, before: tuple[int, int], problem: Problem) -> None:
    """Refuse the figure just taken in, if it was, for a problem found in another cell."""
    for records, length in zip((tally.observations, tally.missing), before, strict=True):
        if len(records) > length:
            tally.refuse_cell(problem, records.pop())


def check_coordinates(sheet: Sheet, units: Mapping[int, Unit], roles: Roles, panel: Panel, tally: Tally) -> None:
    """Refuse the coordinates that are not those of their city; the others are left out: the place has its own."""
    if panel.latitude_column is None or panel.longitude_column is None:
        return
    latitude, longitude = (column_of(roles.headers, text) for text in (panel.latitude_column, panel.longitude_column))
    assert latitude is not None and longitude is not None, "find_roles refuses a panel without a declared column"
    points, seen = [], set()
    for row, unit in units.items():
        cells = sheet.cell(row, latitude), sheet.cell(row, longitude)
        if unit.code is None or (unit.code, *cells) in seen:
            continue
        seen.add((unit.code, *cells))
        places = sheet.locate(row, latitude), sheet.locate(row, longitude)
        points.append(Point(unit.code, sheet.cell(row, roles.entity), *cells, sheet.name, row, *places))
    for problem, text in wrong_coordinates(points):
        tally.reject(problem, text)
