"""Figures somebody filled in, moved to the refusals cell by cell, whatever it is that tells them.

A column beside the figures may repeat them with its blanks filled in; another table may flag them; or the entry may
name them (`filled:`). The last two run after the file itself is read.
"""

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

from catalog import Source
from catalog.declarations.claims import FilledCells, FilledColumn
from catalog.declarations.panel import FilledFlags, Panel
from ingestion.companions import companion_path
from ingestion.formats.grid import Grid, Sheet
from ingestion.formats.probe import Probe
from ingestion.problems import Problem, Refusal
from ingestion.readers.base import require
from ingestion.readers.panels.panel_columns import Roles, column_of, find_roles
from ingestion.readers.panels.panel_units import city_or_problem
from ingestion.row_account import Tally
from ingestion.vocabulary.headers import squeeze
from ingestion.vocabulary.names import RegionName
from ingestion.vocabulary.numbers import MISSING_MARKS, number_or_none
from ingestion.vocabulary.regions import region_or_problem
from ingestion.vocabulary.years import parse_year_cell

# Two columns of one figure differ by rounding up to this share.
ROUNDING = Decimal("1e-4")
Read = Callable[[bytes, str, Source], Grid]


def refuse_filled_beside(sheet: Sheet, roles: Roles, filled: FilledColumn, tally: Tally) -> None:
    """Tell every blank of the original that is filled beside it, and refuse figures that are replaced there.

    Changes the tally in place. Raises Refusal when the original is no column that is read.
    """
    column = roles.column(filled.column)
    own = [record for record in (*tally.observations, *tally.missing) if _is_of(record, sheet, filled)]
    require(own, Problem("column_missing", filled.original, ", ".join(filter(None, roles.headers))))
    found = (_problem(r, sheet.cell(r["row"], column), sheet.locate(r["row"], column)) for r in own)
    tally.withdraw([(record, problem) for record, problem in zip(own, found, strict=True) if problem])


def _problem(record: dict[str, Any], beside: str, place: str) -> Problem | None:
    if record["raw"] in MISSING_MARKS:
        return Problem("filled_cell", f"{beside} {record['raw_unit']}", place) if beside not in MISSING_MARKS else None
    return Problem("filled_over", record["raw"], f"{beside} ({place})") if _replaced(record, beside) else None


def _is_of(record: dict[str, Any], sheet: Sheet, filled: FilledColumn) -> bool:
    return record["sheet"] == sheet.name and squeeze(record["header"]) == squeeze(filled.original)


def _replaced(record: dict[str, Any], beside: str) -> bool:
    """Whether the column beside holds another figure, beyond rounding."""
    one, two = number_or_none(record["raw"]), number_or_none(beside)
    return one is None or two is None or abs(one - two) > ROUNDING * abs(one)


def refuse_declared_filled(tally: Tally, source: Source) -> None:
    """Move the figures declared to be filled in to the refusals. Raises Refusal for a declaration that hits none."""
    for filled in source.panel.filled if source.panel is not None else ():
        hit = [record for record in tally.observations if _is_hit(record, filled)]
        require(hit, Problem("filled_none", f"{', '.join(filled.columns)}; {', '.join(filled.places)}"))
        tally.withdraw([(r, Problem("filled_declared", _figure(r), filled.reason)) for r in hit])


def _figure(record: dict[str, Any]) -> str:
    return f"{record['raw']} {record['raw_unit']}"


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
    sheet = _sheet(companion_path(root, flags.file), source, flags, read)
    rows, columns = _index(sheet, source, flags)
    filled = []
    for record in tally.observations:
        header = f"{record['header']}{flags.suffix}"
        row, column = rows.get((record["entity_code"], record["year"])), columns.get(squeeze(header))
        if column is None:
            raise _missing(flags, header, "a column for every figure read")
        if row is None:
            raise _missing(flags, f"{record['entity_code']} {record['year']}", "a row for every place and year read")
        text, place = sheet.cell(row, column), f"{flags.file} {sheet.locate(row, column)}"
        if text not in (flags.filled, flags.as_received):
            raise _missing(flags, f"{place}: {text}", f"{flags.filled} or {flags.as_received}")
        if text == flags.filled:
            filled.append((record, Problem("filled_cell", _figure(record), place)))
    tally.withdraw(filled)


def _missing(flags: FilledFlags, found: str, expected: str) -> Refusal:
    return Refusal(Problem("flags_missing", found, f"{flags.file}: {expected}"))


def _sheet(path: Path, source: Source, flags: FilledFlags, read: Read) -> Sheet:
    grid = read(Probe(path).content, path.suffix.lower(), source)
    if len(grid.filled) != 1:
        raise _missing(flags, f"{len(grid.filled)} tables", "one table")
    return grid.filled[0]


def _index(sheet: Sheet, source: Source, flags: FilledFlags) -> tuple[dict[tuple[int, int], int], dict[str, int]]:
    """(place, year) -> row, and squeezed header -> column. Raises Refusal for a place and year in two rows."""
    assert source.panel is not None
    bare = Panel(entity_level=source.panel.entity_level)
    roles = find_roles(sheet, source.model_copy(update={"columns": {}, "code_column": None, "panel": bare}))
    if not roles.year or source.panel.order:
        raise _missing(flags, "rows without names or years", "columns of both")
    rows: dict[tuple[int, int], int] = {}
    for row in range(roles.header_row + 1, len(sheet.rows) + 1):
        year = parse_year_cell(sheet.cell(row, roles.year))
        code = _code(sheet.cell(row, roles.entity), source, year)
        if code is None or year is None:
            continue
        if (code, year) in rows:
            raise _missing(flags, f"{code} {year}, twice", "each place and year once")
        rows[code, year] = row
    columns = {squeeze(text): n for n, text in enumerate(roles.headers, start=1) if column_of(roles.headers, text) == n}
    return rows, columns


def _code(name: str, source: Source, year: int | None) -> int | None:
    if source.panel is not None and source.panel.entity_level == "city":
        place = city_or_problem(name, None, source.panel.code_year or year)
        return None if isinstance(place, Problem) else place.code
    region = region_or_problem(name)
    return region.code if isinstance(region, RegionName) else None
