"""What a panel tells more than once, held against itself and against the place.

Belongs here: figures repeated in every row of a unit, coordinates, figures beside what the same row prints as derived
from them (GDP and people against GDP per head).
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, cast

import numpy as np
import pandas as pd

from catalog import Source
from catalog.declarations.panel import Panel, PrintedDerived
from ingestion.checks.plausibility import Point, wrong_coordinates
from ingestion.formats.grid import Sheet
from ingestion.problems import Problem
from ingestion.readers.panels.panel_columns import Roles
from ingestion.readers.panels.panel_units import Unit
from ingestion.row_account import Column, Tally, convert
from ingestion.vocabulary.numbers import number_or_none, parse_number


def first_rows(units: dict[int, Unit]) -> set[int]:
    """The first row of each unit."""
    return set({unit.code: row for row, unit in reversed(units.items())}.values())


def read_constants(
    sheet: Sheet, units: Mapping[int, Unit], columns: list[Column], source: Source, tally: Tally
) -> None:
    """Read figures that every row of a unit repeats, from its first row.

    A figure that is not the same in all of them is refused at the first row that differs.
    """
    rows_of: dict[Unit, list[int]] = defaultdict(list)
    for row, unit in units.items():
        rows_of[unit].append(row)
    for unit, (first, *others) in rows_of.items():
        for column in columns:
            own = sheet.cell(first, column.column)
            varying = next((r for r in others if not _same_figure(own, sheet.cell(r, column.column))), None)
            before = (len(tally.observations), len(tally.missing))
            tally.value(sheet, first, replace(column, year=source.year or 0), unit.code or 0, unit.level)
            if varying is not None:
                found = sheet.problem("varying_constant", varying, column.column, sheet.cell(varying, column.column))
                _refuse_last(tally, before, replace(found, expected=f"{own} ({sheet.locate(first, column.column)})"))


def _same_figure(one: str, other: str) -> bool:
    try:
        return one == other or parse_number(one) == parse_number(other)
    except ValueError:
        return False


def _refuse_last(tally: Tally, before: tuple[int, int], problem: Problem) -> None:
    """Refuse the figure just taken in, if it was, for a problem found in another cell."""
    for records, length in zip((tally.observations, tally.missing), before, strict=True):
        if len(records) > length:
            tally.refuse_cell(problem, records.pop())


def check_coordinates(sheet: Sheet, units: Mapping[int, Unit], roles: Roles, panel: Panel, tally: Tally) -> None:
    """Refuse the coordinates that are not those of their city; the others are left out: the place has its own."""
    if panel.latitude_column is None or panel.longitude_column is None:
        return
    columns = roles.column(panel.latitude_column), roles.column(panel.longitude_column)
    first: dict[tuple[int | None, str, str], int] = {}
    for row, unit in units.items():
        first.setdefault((unit.code, sheet.cell(row, columns[0]), sheet.cell(row, columns[1])), row)
    points = [
        Point(
            code or 0, sheet.cell(row, roles.entity), latitude, longitude, sheet.name, row,
            sheet.locate(row, columns[0]), sheet.locate(row, columns[1]),
        )
        for (code, latitude, longitude), row in first.items()
    ]  # fmt: skip
    for problem, text in wrong_coordinates(points):
        tally.reject(problem, text)


def refuse_contradicted(sheet: Sheet, roles: Roles, printed: PrintedDerived, tally: Tally) -> None:
    """Refuse the inputs of a row that do not give the figure it prints; nothing tells which of them is wrong.

    Rows without all inputs or without a printed number are left alone. Changes the tally in place.
    """
    column = roles.column(printed.header)
    indicator = tally.registry.indicators[printed.indicator]
    rows: dict[int, dict[str, dict[str, Any]]] = defaultdict(dict)
    for record in tally.observations:
        if record["sheet"] == sheet.name and record["indicator"] in indicator.inputs:
            rows[record["row"]][record["indicator"]] = record
    figures = {row: _number(sheet.cell(row, column), printed, tally) for row in rows}
    told = [row for row, inputs in rows.items() if figures[row] is not None and len(inputs) == len(indicator.inputs)]
    values = [{name: record["value"] for name, record in rows[row].items()} for row in told]
    table = pd.DataFrame(values, columns=list(indicator.inputs))
    derived = cast(pd.Series, table.eval(indicator.formula or "", engine="python"))
    doomed: dict[int, Problem] = {}
    for row, number in zip(told, derived, strict=True):
        if not 1 / printed.factor <= number / figures[row] <= printed.factor:
            shown = f"{number:.6g}" if np.isfinite(number) else "-"
            found = ", ".join(f"{name} {record['raw']} {record['raw_unit']}" for name, record in rows[row].items())
            expected = f"{sheet.cell(row, column)} ({sheet.locate(row, column)}), {shown}, {printed.factor:g}"
            problem = Problem("contradicting_derived", found, expected, printed.indicator)
            doomed |= dict.fromkeys(map(id, rows[row].values()), problem)
    tally.withdraw([(record, doomed[id(record)]) for record in tally.observations if id(record) in doomed])


def _number(text: str, printed: PrintedDerived, tally: Tally) -> float | None:
    """The printed figure in the unit of its indicator; None where there is none, or a zero."""
    number = number_or_none(text)
    unit = printed.unit or tally.registry.indicators[printed.indicator].unit
    return convert(number, unit, printed.indicator, tally.registry) if number else None
