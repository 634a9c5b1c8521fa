"""The smart-city pilot list (pilots.csv, .xlsx): one row per place and announcement. What counts as exposure: dbt/.

Columns may be in any order, with English or Chinese names, as may the words for levels and states. Which unit a place
is: by code, by name, and both held against each other. A name no list of divisions has is no contradiction to a code:
towns and zones are in none. A name in a different place from its code is one, and a name without a code must be
known.
"""

import datetime as dt
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from catalog.provinces import MUNICIPALITIES
from ingestion.checks.no_data import without_data
from ingestion.places import Place, place_or_problem, vintage
from ingestion.places.carry import same_territory
from ingestion.readers.base import Grid, Layout, Problem, Sheet, Source, Tally, given, require, settle_rows
from ingestion.readers.fields import FieldError, Fields
from ingestion.vocabulary.headers import FIRST_YEAR, LAST_YEAR
from ingestion.vocabulary.names import normalise, province_code
from ingestion.vocabulary.values import read_code, read_date, read_whole
from ingestion.vocabulary.years import parse_year_cell

__all__ = ["FIELDS", "LEVELS", "PILOTS", "REQUIRED", "STATUSES"]

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
REQUIRED = tuple(name for name in FIELDS if name not in _OPTIONAL)
_PILOT = Fields(_ALIASES, REQUIRED)
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


def _programme(text: str) -> str | None:
    return text if _IDENTIFIER.fullmatch(text) else None


def _batch(text: str) -> int | None:
    """The number of the batch, also as 第一批."""
    match = _BATCH.fullmatch(text)
    return "一二三四五六七八九".index(match.group(1)) + 1 if match else read_whole(text, 1, 9999)


# Field -> its value, or None for a text that is none; and what was expected.
_VALUES: dict[str, tuple[Callable[[str], Any], str]] = {
    "programme": (_programme, "a lower-case identifier such as mohurd"),
    "batch": (_batch, "a whole number from 1 to 9999"),
    "level": (_LEVELS.get, "one of " + ", ".join(_LEVELS)),
    "status": (_STATUSES.get, "one of " + ", ".join(_STATUSES)),
    "label_year": (parse_year_cell, f"a whole number from {FIRST_YEAR} to {LAST_YEAR}"),
}


def _value(fields: dict[str, str], name: str) -> Any:
    read, expected = _VALUES[name]
    return given(read(fields[name]), FieldError(name, expected, fields[name]))


def _record(fields: dict[str, str], epoch: dt.date | None) -> dict[str, Any]:
    """One pilot from one row of a sheet whose days are numbered from `epoch`. Raises FieldError."""
    programme, batch, level = (_value(fields, name) for name in ("programme", "batch", "level"))
    undated = FieldError("announced", "a date such as 2013-01-29", fields["announced"])
    announced = given(read_date(fields["announced"], epoch), undated)
    return {
        **locate(fields, level, announced.year),
        "programme": programme,
        "batch": batch,
        "unit_name": fields["place"],
        "level": level,
        "status": _value(fields, "status"),
        "label_year": _value(fields, "label_year"),
        "announced_on": announced,
        "source": fields["source"] or None,
    }


def _columns(sheet: Sheet) -> dict[str, int]:
    """Field -> column, from 1. Raises Refusal for columns that are unknown, occur twice or are missing."""

    def wrong(column: int, header: str, first: int | None) -> Problem | None:
        once = f"{_PILOT.of(header)} once (first in {sheet.locate(1, first)})" if first is not None else ""
        problem = sheet.problem("pilot_header", 1, column, header, once or f"one of {_PILOT.told(FIELDS)}")
        filled = header or any(sheet.cell(row, column) for row in range(2, len(sheet.rows) + 1))
        return problem if filled else None

    return _PILOT.columns(sheet, wrong, Problem("pilot_header", sheet=sheet.name, row=1))


def _read(grid: Grid, source: Source, tally: Tally) -> None:
    require(len(grid.filled) == 1, Problem("pilot_header", ", ".join(sheet.name for sheet in grid.filled), "one_sheet"))
    (sheet,) = grid.filled
    columns = _columns(sheet)
    width = len(sheet.rows[0])
    pilots: dict[tuple[str, int, int], dict[str, Any]] = {}
    refused: dict[int, Problem] = {}
    for row, cells in enumerate(sheet.rows[1:], start=2):
        if not any(cells):
            continue
        if not _PILOT.holds_data(sheet, row, columns):
            refused[row] = without_data(sheet, row)
            continue
        try:
            last = FIELDS[-1] if FIELDS[-1] in columns else max(columns, key=lambda name: columns[name])
            require(
                len(cells) == width,
                FieldError(last, f"{width} fields; quote texts with commas", f"{len(cells)} fields"),
            )
            record = _record(_PILOT.texts(sheet, row, columns), sheet.epoch)
        except FieldError as error:
            # A field the list has no column for is missed where its place stands.
            column = columns.get(error.field, columns["place"])
            found = sheet.problem("pilot_field", row, column, f"{error.field} {error.found!r}", error.expected)
            once = not error.found and error.field in columns and not sheet.spread(row, column)
            refused[row] = replace(found, hint=str(column)) if once else found
            continue
        key = (record["programme"], record["batch"], record["unit_code"])
        if key in pilots:
            first = sheet.locate(pilots[key]["row"], columns["place"])
            refused[row] = sheet.problem("repeated_pilot", row, columns["place"], record["unit_name"], first)
        else:
            pilots[key] = {**record, "file_id": tally.file_id, "row": row}
    tally.pilots += pilots.values()
    settle_rows(sheet, tally, refused, {pilot["row"] for pilot in pilots.values()})


# What lists write for counties directly under a province.
_DIRECT = frozenset({"省直辖", "省直辖县级行政区划", "自治区直辖县级行政区划", "省直管"})
# 正定县某镇: the county-level unit a name begins with.
_COUNTY = re.compile("(.+?[县区市旗])")


def _codes(unit: int, city: int | None, province: int) -> dict[str, int | None]:
    """Codes of a pilot. unit: the place itself; city: NULL in a municipality and directly under a province."""
    return {"unit_code": unit, "city_code": city, "province_code": province}


def locate(fields: Mapping[str, str], level: str, year: int) -> dict[str, int | None]:
    """The units of one row; names mean the units of `year`. Raises FieldError for the cell to correct."""
    province = given(
        province_code(fields["province"]),
        FieldError("province", "the Chinese name of a province", fields["province"]),
    )
    year = max(year, vintage().first_year["prefecture"])
    city = _city(fields, province, year)
    county = _code(fields, "county_code", province, county=True)
    own_level = level != "prefecture" or county is None
    require(own_level, FieldError("county_code", "no county code for level prefecture", fields["county_code"]))
    require(fields["place"], FieldError("place", "a text"))
    if level == "prefecture":
        return _whole(fields, province, city, year)
    named = _named_county(fields, province, city, year)
    if isinstance(named, Problem):
        near = f"; nearest: {named.expected.strip('; ')}" if named.expected else ""
        expected = f"a county-level code for level {level}, or a place whose name is one ({named.code}{near})"
        county = given(county, FieldError("county_code", expected))
    else:
        county = named.code if county is None else county
        require(
            same_territory(named.code, county),
            FieldError("county_code", f"{named.code}, the code of {named.name_zh}", fields["county_code"]),
        )
    if province in MUNICIPALITIES:
        return _codes(county, None, province)
    known = place_or_problem(str(county), province=province)
    own = None if isinstance(known, Problem) else known.city_code
    if city is None and not fields["prefecture"] and not fields["prefecture_code"]:
        city = own
    # By its digits: a list of an early year has codes the table of places does not know.
    direct = county // 100 % 100 == 90
    require(city is not None or direct, FieldError("prefecture_code", f"the prefecture-level unit {county} lies in"))
    within = city is None or city // 100 == county // 100 or (own is not None and same_territory(own, city))
    require(within, FieldError("county_code", f"a code in the prefecture {city}", fields["county_code"] or str(county)))
    return _codes(county, city, province)


def _code(fields: Mapping[str, str], name: str, province: int, county: bool) -> int | None:
    if not fields[name]:
        return None
    code = given(read_code(fields[name]), FieldError(name, "a code such as 130100", fields[name]))
    fits = code // 10000 == province // 10000 and code % 10000 != 0 and (code % 100 != 0) == county
    kind = "a county-level code" if county else "a prefecture-level code ending 00"
    require(fits, FieldError(name, f"{kind} in {province}", fields[name]))
    return code


def _city(fields: Mapping[str, str], province: int, year: int) -> int | None:
    code = _code(fields, "prefecture_code", province, county=False)
    name = fields["prefecture"]
    if province in MUNICIPALITIES:
        # 北京市 as its own prefecture, and 市辖区 (110100), add nothing.
        nothing = not name or normalise(name) in {"市辖区", "县"} or province_code(name) == province
        require(nothing, FieldError("prefecture", "nothing in a municipality: it has no prefecture-level units", name))
        return code
    if not name or normalise(name) in _DIRECT:
        return code
    found = place_or_problem(name, province=province, level="prefecture", year=year)
    if isinstance(found, Problem):
        near = f" (nearest: {found.expected.strip('; ')})" if found.expected else ""
        expected = f"a prefecture-level code, or a prefecture whose name is one{near}"
        return given(code, FieldError("prefecture_code", expected))
    require(
        code is None or same_territory(found.code, code),
        FieldError("prefecture_code", f"{found.code}, the code of {found.name_zh}", fields["prefecture_code"]),
    )
    # A county directly under the province stands in both columns of some lists.
    return code if code is not None else found.code if found.level == "prefecture" else None


def _whole(fields: Mapping[str, str], province: int, city: int | None, year: int) -> dict[str, int | None]:
    if province in MUNICIPALITIES:
        return _codes(city or province, city, province)
    name = _rest(fields["place"], fields["province"])
    found = place_or_problem(name, province=province, level="prefecture", year=year)
    named = None if isinstance(found, Problem) or found.level != "prefecture" else found
    require(city or named, FieldError("prefecture_code", "a prefecture-level code, or a place whose name is one"))
    if city is not None and named is not None and not same_territory(named.code, city):
        raise FieldError("place", f"a place in {city}; this name is {named.code} {named.name_zh}", fields["place"])
    unit = city if city is not None else named.code if named is not None else province
    return _codes(unit, unit, province)


def _named_county(fields: Mapping[str, str], province: int, city: int | None, year: int) -> Place | Problem:
    name = _rest(fields["place"], fields["province"], fields["prefecture"])
    found = place_or_problem(name, province=province, city=city, year=year, level="county")
    match = _COUNTY.match(name)
    if isinstance(found, Problem) and match and match.group(1) != name:
        within = place_or_problem(match.group(1), province=province, city=city, year=year, level="county")
        return within if not isinstance(within, Problem) else found
    return found


def _rest(place: str, *above: str) -> str:
    """The name without those of the province and the prefecture it begins with: 河北省石家庄市正定县."""
    for name in above:
        base = re.sub("(省|市|地区|盟|壮族自治区|回族自治区|维吾尔自治区|自治区)$", "", name)
        # Longest first: 石家庄市正定县 is no 市正定县 of 石家庄.
        forms = sorted({name, f"{base}自治区", f"{base}省", f"{base}市", base} if base else (), key=len, reverse=True)
        form = next((form for form in forms if place.startswith(form) and len(place) > len(form) + 1), "")
        place = place[len(form) :]
    return place


PILOTS = Layout(
    "pilot_list",
    "Smart-city pilot list (CSV or workbook)",
    "智慧城市试点名单（CSV 或工作簿）",
    lambda grid, _: (
        bool(grid.filled)
        and not grid.filled[0].header
        and {_PILOT.of(cell) for cell in grid.filled[0].rows[0]} >= _TELLING
    ),
    _read,
    asked=10,
    uses=frozenset({"missing_marks"}),
    headers=tuple((name, *_ALIASES[name]) for name in REQUIRED),
    template="pilots",
)
