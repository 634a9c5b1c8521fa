"""Figures another table flags as filled in: taken out of the observations, cell by cell, and counted.

The table is a panel with the same identifying columns as the file it speaks of; which one is declared
(catalog/declarations/panel.py). Runs after the file itself is read.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from catalog import Source
from catalog.declarations.panel import FilledFlags, Panel
from ingestion.companions import companion_path
from ingestion.formats.grid import Grid, Sheet
from ingestion.formats.probe import Probe
from ingestion.problems import Problem, Refusal
from ingestion.readers.panels.city_names import city_or_problem
from ingestion.readers.panels.panel_columns import column_of, find_roles
from ingestion.row_account import Tally
from ingestion.vocabulary.headers import squeeze
from ingestion.vocabulary.names import RegionName
from ingestion.vocabulary.regions import region_or_problem
from ingestion.vocabulary.years import parse_year_cell

Read = Callable[[bytes, str, Source], Grid]


def refuse_filled(tally: Tally, root: Path, source: Source, read: Read) -> None:
    """Move the observations flagged as filled from the tally's figures to its refusals; `read` makes cells of bytes.

    Raises Refusal when the flags cannot be read, miss a figure's column, place or year, or hold another text than
    the two declared: without a flag nobody knows whether a figure is a reported one.
    """
    flags = source.panel.filled_flags if source.panel is not None else None
    if flags is None:
        return
    sheet = _sheet(companion_path(root, flags.file), source, flags, read)
    rows, columns = _index(sheet, source, flags)
    kept = []
    for record in tally.observations:
        header = squeeze(f"{record['header']}{flags.suffix}")
        row, column = rows.get((record["entity_code"], record["year"])), columns.get(header)
        if column is None:
            raise Refusal(_missing(flags, f"{record['header']}{flags.suffix}", "a column for every figure read"))
        if row is None:
            found = f"{record['entity_code']} {record['year']}"
            raise Refusal(_missing(flags, found, "a row for every place and year read"))
        text = sheet.cell(row, column)
        if text not in (flags.filled, flags.as_received):
            found = f"{flags.file} {sheet.locate(row, column)}: {text}"
            raise Refusal(_missing(flags, found, f"{flags.filled} or {flags.as_received}"))
        if text == flags.as_received:
            kept.append(record)
            continue
        place = f"{flags.file} {sheet.locate(row, column)}"
        found = f"{record['raw']} {record['raw_unit']}"
        tally.refuse_cell(
            Problem("filled_cell", found, place, "", record["sheet"], record["row"], record["cell"]), record
        )
    tally.observations = kept


def _missing(flags: FilledFlags, found: str, expected: str) -> Problem:
    return Problem("flags_missing", found, f"{flags.file}: {expected}")


def _sheet(path: Path, source: Source, flags: FilledFlags, read: Read) -> Sheet:
    grid = read(Probe(path).content, path.suffix.lower(), source)
    if len(grid.filled) != 1:
        raise Refusal(_missing(flags, f"{len(grid.filled)} tables", "one table"))
    return grid.filled[0]


def _index(sheet: Sheet, source: Source, flags: FilledFlags) -> tuple[dict[tuple[int, int], int], dict[str, int]]:
    """(place, year) -> row, and squeezed header -> column. Raises Refusal for a place and year in two rows."""
    assert source.panel is not None
    bare = Panel(entity_level=source.panel.entity_level)
    roles = find_roles(sheet, source.model_copy(update={"columns": {}, "code_column": None, "panel": bare}))
    if not roles.year or source.panel.order:
        raise Refusal(_missing(flags, "rows without names or years", "columns of both"))
    rows: dict[tuple[int, int], int] = {}
    for row in range(roles.header_row + 1, len(sheet.rows) + 1):
        year = parse_year_cell(sheet.cell(row, roles.year))
        code = _code(sheet.cell(row, roles.entity), source, year)
        if code is None or year is None:
            continue
        if (code, year) in rows:
            raise Refusal(_missing(flags, f"{code} {year}, twice", "each place and year once"))
        rows[code, year] = row
    columns = {squeeze(text): n for n, text in enumerate(roles.headers, start=1) if column_of(roles.headers, text) == n}
    return rows, columns


def _code(name: str, source: Source, year: int | None) -> int | None:
    if source.panel is not None and source.panel.entity_level == "city":
        place = city_or_problem(name, None, source.panel.code_year or year)
        return None if isinstance(place, Problem) else place.code
    region = region_or_problem(name)
    return region.code if isinstance(region, RegionName) else None
