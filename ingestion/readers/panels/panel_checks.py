"""What a panel states more than once, compared with itself and with the place; and figures somebody filled in.

Belongs here: figures repeated in every row of a unit, coordinates, figures beside what the same row prints as derived
from them (GDP and people against GDP per head). Figures filled in are moved to the refusals cell by cell, whatever it
is that tells them: a column beside the figures may repeat them with its blanks filled in; another table may flag them;
or the entry may name them (`filled:`). The last two run after the file itself is read.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any, cast

import numpy as np
import pandas as pd

from catalog.declarations.panel import FilledCells, FilledColumn, FilledFlags, Panel, PrintedDerived
from ingestion.checks.plausibility import Point, wrong_coordinates
from ingestion.companions import companion_path
from ingestion.places import vintage
from ingestion.readers.base import Grid, Probe, Problem, Sheet, Source, given, require
from ingestion.readers.panels.panel_columns import Roles, column_of, find_roles
from ingestion.readers.panels.panel_units import city_or_problem
from ingestion.row_account import Column, Tally, convert
from ingestion.vocabulary.headers import squeeze
from ingestion.vocabulary.names import RegionName, region_or_problem
from ingestion.vocabulary.numbers import is_missing, number_or_none, parse_number
from ingestion.vocabulary.years import parse_year_cell


def read_constants(
    sheet: Sheet, units: Mapping[int, RegionName], columns: list[Column], source: Source, tally: Tally
) -> None:
    """Read figures that every row of a unit repeats, from its first row.

    A figure that is not the same in all of them is refused at the first row that differs.
    """
    rows_of: dict[RegionName, list[int]] = defaultdict(list)
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


def check_coordinates(sheet: Sheet, units: Mapping[int, RegionName], roles: Roles, panel: Panel, tally: Tally) -> None:
    """Refuse the coordinates that are not those of their city; the others are left out: the place has its own."""
    if panel.latitude_column is None or panel.longitude_column is None:
        return
    columns = roles.column(panel.latitude_column), roles.column(panel.longitude_column)
    first: dict[tuple[int | None, str, str], int] = {}
    for row, unit in units.items():
        first.setdefault((unit.code, sheet.kept(row, columns[0]), sheet.kept(row, columns[1])), row)
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
            doomed |= dict.fromkeys(
                map(id, rows[row].values()), Problem("contradicting_derived", found, expected, printed.indicator)
            )
    tally.withdraw([(record, doomed[id(record)]) for record in tally.observations if id(record) in doomed])


def _number(text: str, printed: PrintedDerived, tally: Tally) -> float | None:
    """The printed figure in the unit of its indicator; None where there is none, or a zero."""
    number = number_or_none(text)
    unit = printed.unit or tally.registry.indicators[printed.indicator].unit
    return convert(number, unit, printed.indicator, tally.registry) if number else None


# Two columns of one figure differ by rounding up to this share.
ROUNDING = Decimal("1e-4")
Read = Callable[[bytes, str, Source], Grid]


def refuse_filled_beside(sheet: Sheet, roles: Roles, filled: FilledColumn, tally: Tally) -> None:
    """Report every blank of the original that is filled beside it, and refuse figures that are replaced there.

    Changes the tally in place. Raises Refusal when the original is no column that is read.
    """
    column, original = roles.column(filled.column), squeeze(filled.original)
    figures = (record for record in (*tally.observations, *tally.missing) if record["sheet"] == sheet.name)
    own = [record for record in figures if squeeze(record["header"]) == original]
    require(own, Problem("column_missing", filled.original, ", ".join(filter(None, roles.headers))))
    found = (_problem(r, sheet.cell(r["row"], column), sheet.locate(r["row"], column), sheet.marks) for r in own)
    tally.withdraw([(record, problem) for record, problem in zip(own, found, strict=True) if problem])


def _problem(record: dict[str, Any], beside: str, place: str, marks: Collection[str]) -> Problem | None:
    if is_missing(record["raw"], marks):
        blank = is_missing(beside, marks)
        return None if blank else Problem("filled_cell", f"{beside} {record['raw_unit']}", place)
    # Another figure, beyond rounding.
    one, two = number_or_none(record["raw"]), number_or_none(beside)
    replaced = one is None or two is None or abs(one - two) > ROUNDING * abs(one)
    return Problem("filled_over", record["raw"], f"{beside} ({place})") if replaced else None


def refuse_declared_filled(tally: Tally, source: Source) -> None:
    """Move the figures declared to be filled in to the refusals. Raises Refusal for a declaration that hits none."""
    for filled in source.panel.filled if source.panel is not None else ():
        hit = [record for record in tally.observations if _is_hit(record, filled)]
        require(hit, Problem("filled_none", f"{', '.join(filled.columns)}; {', '.join(filled.places)}"))
        tally.withdraw([(r, Problem("filled_declared", f"{r['raw']} {r['raw_unit']}", filled.reason)) for r in hit])


def _is_hit(record: dict[str, Any], filled: FilledCells) -> bool:
    first, last = filled.years or (record["year"], record["year"])
    named = any(squeeze(column) == squeeze(record["header"]) for column in filled.columns)
    return named and record["entity_code"] in filled.codes and first <= record["year"] <= last


def refuse_filled(tally: Tally, root: Path, source: Source, read: Read) -> None:
    """Move the observations flagged as filled from the tally's figures to its refusals; `read` makes cells of bytes.

    The flags stand in a panel with the same identifying columns as the file. Raises Refusal when they cannot be read,
    miss a figure's column, place or year, or hold another text than the two declared: without a flag nobody knows
    whether a figure is a reported one.
    """
    flags = source.panel.filled_flags if source.panel is not None else None
    if flags is None:
        return
    path = companion_path(root, flags.file)
    tables = read(Probe(path).content, path.suffix.lower(), source).filled
    require(len(tables) == 1, _missing(flags, f"{len(tables)} tables", "one table"))
    (sheet,) = tables
    rows, columns = _index(sheet, source, flags)
    filled = []
    for record in tally.observations:
        header = f"{record['header']}{flags.suffix}"
        row, column = rows.get((record["entity_code"], record["year"])), columns.get(squeeze(header))
        column = given(column, _missing(flags, header, "a column for every figure read"))
        figure = f"{record['entity_code']} {record['year']}"
        row = given(row, _missing(flags, figure, "a row for every place and year read"))
        text, place = sheet.cell(row, column), f"{flags.file} {sheet.locate(row, column)}"
        other = _missing(flags, f"{place}: {text}", f"{flags.filled} or {flags.as_received}")
        require(text in (flags.filled, flags.as_received), other)
        if text == flags.filled:
            filled.append((record, Problem("filled_cell", f"{record['raw']} {record['raw_unit']}", place)))
    tally.withdraw(filled)


def note_code_years(tally: Tally, source: Source) -> None:
    """Remark on a declared year of names and codes that the record of divisions does not reach."""
    last = vintage().last_year
    for year in source.code_years:
        if year > last:
            tally.reject(Problem("codes_carried", str(year), str(last)), "")


def _missing(flags: FilledFlags, found: str, expected: str) -> Problem:
    return Problem("flags_missing", found, f"{flags.file}: {expected}")


def _index(sheet: Sheet, source: Source, flags: FilledFlags) -> tuple[dict[tuple[int, int], int], dict[str, int]]:
    """(place, year) -> row, and squeezed header -> column. Raises Refusal for a place and year in two rows."""
    assert source.panel is not None
    bare = Panel(entity_level=source.panel.entity_level)
    roles = find_roles(sheet, source.model_copy(update={"columns": {}, "code_column": None, "panel": bare}))
    require(roles.year and not source.panel.order, _missing(flags, "rows without names or years", "columns of both"))
    rows: dict[tuple[int, int], int] = {}
    for row in range(roles.header_row + 1, len(sheet.rows) + 1):
        year = parse_year_cell(sheet.cell(row, roles.year))
        code = _code(sheet.cell(row, roles.entity), source, year)
        if code is None or year is None:
            continue
        require((code, year) not in rows, _missing(flags, f"{code} {year}, twice", "each place and year once"))
        rows[code, year] = row
    columns = {squeeze(text): n for n, text in enumerate(roles.headers, start=1) if column_of(roles.headers, text) == n}
    return rows, columns


def _code(name: str, source: Source, year: int | None) -> int | None:
    if source.panel is not None and source.panel.below_province:
        place = city_or_problem(name, None, source.panel.code_year or year, source.panel.place_level)
        return None if isinstance(place, Problem) else place.code
    region = region_or_problem(name)
    return region.code if isinstance(region, RegionName) else None
