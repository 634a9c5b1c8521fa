"""The smart-city pilot list (pilots.csv): one row per place and announcement. What counts as exposure: dbt/."""

from __future__ import annotations

import datetime as dt
from typing import Any

from catalog import Source
from catalog.provinces import MUNICIPALITIES
from ingestion.grid import Grid, Sheet, address
from ingestion.names import AmbiguousNameError, UnknownNameError, match_region
from ingestion.problems import Problem
from ingestion.readers.base import Layout, raw_row
from ingestion.tally import Tally

FIELDS = (
    "programme", "batch", "label_year", "announced", "province", "prefecture", "place", "level",
    "prefecture_code", "county_code", "status", "source",
)  # fmt: skip
LEVELS = ("prefecture", "district", "county", "town", "zone")
STATUSES = ("new", "extension")


class _FieldError(ValueError):
    def __init__(self, field: str, found: str, expected: str) -> None:
        super().__init__(field)
        self.field, self.found, self.expected = field, found, expected


def _integer(fields: dict[str, str], name: str) -> int:
    try:
        return int(fields[name])
    except ValueError:
        raise _FieldError(name, fields[name], "a whole number") from None


def _date(fields: dict[str, str], name: str) -> dt.date:
    try:
        return dt.date.fromisoformat(fields[name])
    except ValueError:
        raise _FieldError(name, fields[name], "a date such as 2013-01-29") from None


def _choice(fields: dict[str, str], name: str, choices: tuple[str, ...]) -> str:
    if fields[name] not in choices:
        raise _FieldError(name, fields[name], "one of " + ", ".join(choices))
    return fields[name]


def _code(fields: dict[str, str], name: str, province: int, county: bool) -> int | None:
    if not fields[name]:
        return None
    code = _integer(fields, name)
    if code // 10000 != province // 10000 or code % 10000 == 0 or (code % 100 != 0) != county:
        kind = "a county-level code" if county else "a prefecture-level code ending 00"
        raise _FieldError(name, fields[name], f"{kind} in {province}")
    return code


def _record(fields: dict[str, str]) -> dict[str, Any]:
    """One pilot from one row. Raises _FieldError."""
    try:
        region = match_region(fields["province"])
    except (UnknownNameError, AmbiguousNameError):
        raise _FieldError("province", fields["province"], "the Chinese name of a province") from None
    if region.level != "province" or region.code is None:
        raise _FieldError("province", fields["province"], "the Chinese name of a province")
    for name in ("programme", "place"):
        if not fields[name]:
            raise _FieldError(name, "", "a text")
    level = _choice(fields, "level", LEVELS)
    city = _code(fields, "prefecture_code", region.code, county=False)
    county = _code(fields, "county_code", region.code, county=True)
    municipality = region.code in MUNICIPALITIES
    if level == "prefecture":
        if county is not None:
            raise _FieldError("county_code", fields["county_code"], "no county code for level prefecture")
        unit = city if city is not None else region.code if municipality else None
        if unit is None:
            raise _FieldError("prefecture_code", "", "a prefecture-level code")
    elif county is None:
        raise _FieldError("county_code", "", f"a county-level code for level {level}")
    else:
        unit = county
        direct = county // 100 % 100 == 90
        if city is None and not municipality and not direct:
            raise _FieldError("prefecture_code", "", f"the prefecture-level unit {county} lies in")
    return {
        "programme": fields["programme"],
        "batch": _integer(fields, "batch"),
        "unit_code": unit,
        "unit_name": fields["place"],
        "city_code": city,
        "province_code": region.code,
        "level": level,
        "status": _choice(fields, "status", STATUSES),
        "label_year": _integer(fields, "label_year"),
        "announced_on": _date(fields, "announced"),
        "source": fields["source"] or None,
    }


def _read(grid: Grid, source: Source, tally: Tally) -> None:
    sheet: Sheet = grid.sheets[0]
    tally.fate("", 1, "set_aside")
    seen: dict[tuple[str, int, int], str] = {}
    for row in range(2, len(sheet.rows) + 1):
        cells = sheet.rows[row - 1]
        if not any(cells):
            tally.fate("", row, "set_aside")
            continue
        fields = {name: sheet.cell(row, column) for column, name in enumerate(FIELDS, start=1)}
        try:
            if len(cells) > len(FIELDS):
                raise _FieldError(FIELDS[-1], cells[len(FIELDS)], f"{len(FIELDS)} fields; quote texts with commas")
            record = _record(fields)
        except _FieldError as error:
            cell = address(row, FIELDS.index(error.field) + 1)
            problem = Problem("pilot_field", f"{error.field} {error.found!r}", error.expected, row=row, cell=cell)
            tally.reject_row(problem, raw_row(cells))
            continue
        key = (record["programme"], record["batch"], record["unit_code"])
        if key in seen:
            problem = Problem("repeated_pilot", record["unit_name"], seen[key], row=row, cell=address(row, 7))
            tally.reject_row(problem, raw_row(cells))
            continue
        seen[key] = address(row, 7)
        tally.fate("", row, "loaded")
        tally.pilots.append({**record, "file_id": tally.file_id, "row": row})


PILOTS = Layout(
    "pilot_list",
    "Smart-city pilot list (CSV)",
    "智慧城市试点名单（CSV）",
    lambda grid: grid.encoding is not None and bool(grid.sheets[0].rows) and grid.sheets[0].rows[0] == FIELDS,
    _read,
)
