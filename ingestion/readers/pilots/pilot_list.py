"""The smart-city pilot list (pilots.csv, .xlsx): one row per place and announcement. What counts as exposure: dbt/.

Header: pilot_header.py; values: pilot_fields.py; which unit a place is: pilot_places.py.
"""

from __future__ import annotations

from typing import Any

from catalog import Source
from ingestion.formats.grid import Grid
from ingestion.problems import Problem, Refusal
from ingestion.readers.base import Layout, raw_row
from ingestion.readers.pilots.pilot_fields import (
    LEVELS,
    STATUSES,
    FieldError,
    announced_of,
    batch_of,
    label_year_of,
    level_of,
    programme_of,
    status_of,
)
from ingestion.readers.pilots.pilot_header import FIELDS, columns_of, is_pilot_header
from ingestion.readers.pilots.pilot_places import locate
from ingestion.row_account import Tally

__all__ = ["FIELDS", "LEVELS", "PILOTS", "STATUSES"]


def _record(fields: dict[str, str]) -> dict[str, Any]:
    """One pilot from one row. Raises FieldError."""
    programme, batch = programme_of(fields), batch_of(fields)
    announced = announced_of(fields)
    level = level_of(fields)
    place = locate(fields, level, announced.year)
    return {
        "programme": programme,
        "batch": batch,
        "unit_code": place.unit,
        "unit_name": fields["place"],
        "city_code": place.city,
        "province_code": place.province,
        "level": level,
        "status": status_of(fields),
        "label_year": label_year_of(fields),
        "announced_on": announced,
        "source": fields["source"] or None,
    }


def _read(grid: Grid, source: Source, tally: Tally) -> None:
    if len(grid.filled) != 1:
        names = ", ".join(sheet.name for sheet in grid.filled)
        expected = "one sheet; name the others in `set_aside_sheets:`"
        raise Refusal(Problem("pilot_header", names, expected))
    sheet = grid.filled[0]
    columns = columns_of(sheet)
    width = len(sheet.rows[0])
    tally.fate(sheet.name, 1, "set_aside")
    seen: dict[tuple[str, int, int], str] = {}
    for row in range(2, len(sheet.rows) + 1):
        cells = sheet.rows[row - 1]
        if not any(cells):
            tally.fate(sheet.name, row, "set_aside")
            continue
        fields = {name: sheet.cell(row, columns[name]) if name in columns else "" for name in FIELDS}
        try:
            if len(cells) != width:
                last = FIELDS[-1] if FIELDS[-1] in columns else max(columns, key=lambda name: columns[name])
                raise FieldError(last, f"{len(cells)} fields", f"{width} fields; quote texts with commas")
            record = _record(fields)
        except FieldError as error:
            # A field the list has no column for is missed where its place stands.
            column = columns.get(error.field, columns["place"])
            found = f"{error.field} {error.found!r}"
            tally.reject_row(sheet.problem("pilot_field", row, column, found, error.expected), raw_row(cells))
            continue
        key = (record["programme"], record["batch"], record["unit_code"])
        if key in seen:
            problem = sheet.problem("repeated_pilot", row, columns["place"], record["unit_name"], seen[key])
            tally.reject_row(problem, raw_row(cells))
            continue
        seen[key] = sheet.locate(row, columns["place"])
        tally.fate(sheet.name, row, "loaded")
        tally.pilots.append({**record, "file_id": tally.file_id, "row": row})


PILOTS = Layout(
    "pilot_list",
    "Smart-city pilot list (CSV or workbook)",
    "智慧城市试点名单（CSV 或工作簿）",
    lambda grid: bool(grid.filled) and not grid.filled[0].header and is_pilot_header(grid.filled[0].rows[0]),
    _read,
    asked=10,
)
