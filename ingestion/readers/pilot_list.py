"""The smart-city pilot list (pilots.csv): one row per place and announcement. What counts as exposure: dbt/."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

from catalog import Source
from catalog.provinces import MUNICIPALITIES
from ingestion.grid import Grid, Sheet, address
from ingestion.headers import FIRST_YEAR, LAST_YEAR
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
_IDENTIFIER = re.compile("[a-z][a-z0-9_]*")


class _FieldError(ValueError):
    def __init__(self, field: str, found: str, expected: str) -> None:
        super().__init__(field)
        self.field, self.found, self.expected = field, found, expected


def _integer(fields: dict[str, str], name: str, low: int, high: int) -> int:
    # int() would also take 1_0, blanks and digits of other scripts.
    if not re.fullmatch("[0-9]{1,9}", fields[name]) or not low <= int(fields[name]) <= high:
        raise _FieldError(name, fields[name], f"a whole number from {low} to {high}")
    return int(fields[name])


def _date(fields: dict[str, str], name: str) -> dt.date:
    try:
        date = dt.datetime.strptime(fields[name], "%Y-%m-%d").date()
    except ValueError:
        date = None
    # strptime also takes 2013-1-29, fromisoformat 20130129: one spelling is enough.
    if date is None or date.isoformat() != fields[name] or not FIRST_YEAR <= date.year <= LAST_YEAR:
        raise _FieldError(name, fields[name], "a date such as 2013-01-29")
    return date


def _choice(fields: dict[str, str], name: str, choices: tuple[str, ...]) -> str:
    if fields[name] not in choices:
        raise _FieldError(name, fields[name], "one of " + ", ".join(choices))
    return fields[name]


def _code(fields: dict[str, str], name: str, province: int, county: bool) -> int | None:
    if not fields[name]:
        return None
    code = _integer(fields, name, 110000, 659999)
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
    if not _IDENTIFIER.fullmatch(fields["programme"]):
        raise _FieldError("programme", fields["programme"], "a lower-case identifier such as mohurd")
    if not fields["place"]:
        raise _FieldError("place", "", "a text")
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
        if city is not None and city // 100 != county // 100:
            raise _FieldError("county_code", fields["county_code"], f"a code in the prefecture {city}")
        if city is None and not municipality and not direct:
            raise _FieldError("prefecture_code", "", f"the prefecture-level unit {county} lies in")
    return {
        "programme": fields["programme"],
        "batch": _integer(fields, "batch", 1, 9999),
        "unit_code": unit,
        "unit_name": fields["place"],
        "city_code": city,
        "province_code": region.code,
        "level": level,
        "status": _choice(fields, "status", STATUSES),
        "label_year": _integer(fields, "label_year", FIRST_YEAR, LAST_YEAR),
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
            if len(cells) != len(FIELDS):
                found = f"{len(cells)} fields"
                raise _FieldError(FIELDS[-1], found, f"{len(FIELDS)} fields; quote texts with commas")
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
    lambda grid: grid.kind == "csv" and bool(grid.sheets[0].rows) and grid.sheets[0].rows[0] == FIELDS,
    _read,
)
