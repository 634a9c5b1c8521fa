"""The smart-city pilot list (pilots.csv, .xlsx): one row per place and announcement. What counts as exposure: dbt/.

Columns stand in any order, under English or Chinese names; so do the words for levels and states. Which unit a place
is: pilot_places.py.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from typing import Any

from catalog import Source
from ingestion.formats.grid import Grid, Sheet
from ingestion.problems import Problem
from ingestion.readers.base import Layout, refuse_for, require, settle_rows
from ingestion.readers.fields import FieldError, Fields, read_date, whole_number
from ingestion.readers.pilots.pilot_places import locate
from ingestion.row_account import Tally
from ingestion.vocabulary.headers import FIRST_YEAR, LAST_YEAR

__all__ = ["FIELDS", "LEVELS", "PILOTS", "STATUSES"]

_OPTIONAL = frozenset({"prefecture", "prefecture_code", "county_code", "source"})
_ALIASES: dict[str, tuple[str, ...]] = {
    "programme": ("项目", "试点项目"),
    "batch": ("批次",),
    "label_year": ("年份", "名义年份", "批次年份"),
    "announced": ("公布日期", "公布时间"),
    "province": ("省份", "省", "省级单位"),
    "prefecture": ("地级单位", "地级市", "所在地级单位"),
    "place": ("试点名称", "试点单位", "单位名称"),
    "level": ("级别",),
    "prefecture_code": ("地级代码", "地级单位代码"),
    "county_code": ("县级代码", "县级单位代码"),
    "status": ("状态", "新增或扩大"),
    "source": ("来源", "资料来源"),
}
FIELDS = tuple(_ALIASES)
_PILOT = Fields(_ALIASES, tuple(name for name in FIELDS if name not in _OPTIONAL))
# Without these three a table is no list of places by batch.
_TELLING = frozenset({"batch", "province", "place"})

LEVELS = ("prefecture", "district", "county", "town", "zone")
STATUSES = ("new", "extension")
_LEVELS = dict(zip(LEVELS, LEVELS, strict=True)) | {
    "地级": "prefecture", "地级市": "prefecture", "市辖区": "district", "区": "district", "县": "county",
    "县级": "county", "县级市": "county", "镇": "town", "乡镇": "town", "开发区": "zone", "新区": "zone",
}  # fmt: skip
_STATUSES = dict(zip(STATUSES, STATUSES, strict=True)) | {
    "新增": "new", "新设": "new", "扩大": "extension", "扩大范围": "extension",
}  # fmt: skip
_IDENTIFIER = re.compile("[a-z][a-z0-9_]*")
_BATCH = re.compile("第([一二三四五六七八九])批")
_CHINESE_DATE = re.compile("([0-9]{4})年([0-9]{1,2})月([0-9]{1,2})日")


def _programme(text: str) -> str | None:
    return text if _IDENTIFIER.fullmatch(text) else None


def _batch(text: str) -> int | None:
    """The number of the batch, also as 第一批."""
    match = _BATCH.fullmatch(text)
    return "一二三四五六七八九".index(match.group(1)) + 1 if match else whole_number(text, 1, 9999)


def _label_year(text: str) -> int | None:
    """The year in the title of the batch, also as 2012年."""
    return whole_number(text.removesuffix("年"), FIRST_YEAR, LAST_YEAR)


def _announced(text: str) -> dt.date | None:
    """The date, ISO, as 2013年1月29日 or as a workbook keeps it."""
    chinese = _CHINESE_DATE.fullmatch(text.removesuffix(" 00:00:00"))
    return read_date("{}-{:0>2}-{:0>2}".format(*chinese.groups()) if chinese else text)


# Field -> its value, or None for a text that is none; and what was expected.
_VALUES: dict[str, tuple[Callable[[str], Any], str]] = {
    "programme": (_programme, "a lower-case identifier such as mohurd"),
    "batch": (_batch, "a whole number from 1 to 9999"),
    "announced": (_announced, "a date such as 2013-01-29"),
    "level": (_LEVELS.get, "one of " + ", ".join(_LEVELS)),
    "status": (_STATUSES.get, "one of " + ", ".join(_STATUSES)),
    "label_year": (_label_year, f"a whole number from {FIRST_YEAR} to {LAST_YEAR}"),
}


def _value(fields: dict[str, str], name: str) -> Any:
    read, expected = _VALUES[name]
    value = read(fields[name])
    if value is None:
        raise FieldError(name, expected, fields[name])
    return value


def _record(fields: dict[str, str]) -> dict[str, Any]:
    """One pilot from one row. Raises FieldError."""
    programme, batch, announced, level = (_value(fields, n) for n in ("programme", "batch", "announced", "level"))
    place = locate(fields, level, announced.year)
    return {
        "programme": programme,
        "batch": batch,
        "unit_code": place.unit,
        "unit_name": fields["place"],
        "city_code": place.city,
        "province_code": place.province,
        "level": level,
        "status": _value(fields, "status"),
        "label_year": _value(fields, "label_year"),
        "announced_on": announced,
        "source": fields["source"] or None,
    }


def _columns(sheet: Sheet) -> dict[str, int]:
    """Field -> column, from 1. Raises Refusal for columns that are unknown, stand twice or are missing."""
    columns, others = _PILOT.columns(sheet)
    problems = []
    for column, header, field in others:
        if header or any(sheet.cell(row, column) for row in range(2, len(sheet.rows) + 1)):
            once = f"{field} once (first in {sheet.locate(1, columns[field])})" if field else ""
            expected = once or f"one of {_PILOT.told(FIELDS)}"
            problems.append(sheet.problem("pilot_header", 1, column, header, expected))
    missing = _PILOT.missing(columns)
    if missing:
        problems.append(Problem("pilot_header", "", f"also {missing}", sheet=sheet.name, row=1))
    refuse_for(problems)
    return columns


def _read(grid: Grid, source: Source, tally: Tally) -> None:
    names = ", ".join(sheet.name for sheet in grid.filled)
    one = Problem("pilot_header", names, "one sheet; name the others in `set_aside_sheets:`")
    require(len(grid.filled) == 1, one)
    (sheet,) = grid.filled
    columns = _columns(sheet)
    width = len(sheet.rows[0])
    pilots: dict[tuple[str, int, int], dict[str, Any]] = {}
    refused: dict[int, Problem] = {}
    for row, cells in enumerate(sheet.rows[1:], start=2):
        if not any(cells):
            continue
        try:
            if len(cells) != width:
                last = FIELDS[-1] if FIELDS[-1] in columns else max(columns, key=lambda name: columns[name])
                raise FieldError(last, f"{width} fields; quote texts with commas", f"{len(cells)} fields")
            record = _record(_PILOT.texts(sheet, row, columns))
        except FieldError as error:
            # A field the list has no column for is missed where its place stands.
            column = columns.get(error.field, columns["place"])
            found = f"{error.field} {error.found!r}"
            refused[row] = sheet.problem("pilot_field", row, column, found, error.expected)
            continue
        key = (record["programme"], record["batch"], record["unit_code"])
        if key in pilots:
            first = sheet.locate(pilots[key]["row"], columns["place"])
            refused[row] = sheet.problem("repeated_pilot", row, columns["place"], record["unit_name"], first)
        else:
            pilots[key] = {**record, "file_id": tally.file_id, "row": row}
    tally.pilots += pilots.values()
    settle_rows(sheet, tally, refused, {pilot["row"] for pilot in pilots.values()})


PILOTS = Layout(
    "pilot_list",
    "Smart-city pilot list (CSV or workbook)",
    "智慧城市试点名单（CSV 或工作簿）",
    lambda grid: (
        bool(grid.filled)
        and not grid.filled[0].header
        and {_PILOT.of(cell) for cell in grid.filled[0].rows[0]} >= _TELLING
    ),
    _read,
    asked=10,
)
