"""Columns and values of a list of online doctors. No message repeats what a cell holds."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from typing import Any

from ingestion.places import place_or_problem
from ingestion.problems import Problem
from ingestion.vocabulary.headers import FIRST_YEAR, LAST_YEAR, squeeze
from ingestion.vocabulary.names import AmbiguousNameError, UnknownNameError, match_region
from ingestion.vocabulary.numbers import parse_number

ALIASES: dict[str, tuple[str, ...]] = {
    "doctor_id": ("医生编号", "医生id"),
    "title": ("职称",),
    "department": ("科室",),
    "hospital": ("医院", "医院名称"),
    "hospital_grade": ("医院等级", "等级"),
    "city": ("城市", "地级市"),
    "province": ("省份", "省"),
    "online_consultations": ("在线问诊量", "问诊量"),
    "price": ("价格", "问诊价格"),
    "rating": ("评分",),
    "joined_date": ("入驻日期", "开通日期"),
}
REQUIRED = ("doctor_id", "title", "hospital_grade", "city", "province")
# Any two of these make a table a list of doctors, which then must not be read, or refused row by row, as another one.
TELLING = frozenset({"doctor_id", "title", "hospital", "hospital_grade", "department", "online_consultations"})
TITLES = {
    "主任医师": "主任医师",
    "副主任医师": "副主任医师",
    "主治医师": "主治医师",
    "主治医生": "主治医师",
    "医师": "医师",
    "住院医师": "医师",
    "执业医师": "医师",
}
_UNKNOWN_GRADES = frozenset({"", "unknown", "未知", "未定级", "未评级", "无", "其他", "-"})
_GRADE = re.compile("([三二一])级?([甲乙丙特])?等?(?:医院)?")
_HASH = re.compile("[0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{56}|[0-9a-f]{64}|[0-9a-f]{96}|[0-9a-f]{128}")
# Beyond these a figure is something else, for example a telephone number.
_HIGHEST = {"online_consultations": 10_000_000, "price": 100_000, "rating": 100}
_BY_NAME = {squeeze(name).lower(): field for field, names in ALIASES.items() for name in (field, *names)}


class DoctorError(ValueError):
    """A field that is not valid: its name and what was expected; what stands there is not told."""

    def __init__(self, field: str, expected: str) -> None:
        super().__init__(field)
        self.field, self.expected = field, expected


def field_of(header: str) -> str | None:
    """The field printed under this header, or None."""
    return _BY_NAME.get(squeeze(header).lower())


def is_hash(text: str) -> bool:
    """Whether an identifier is a hash; digits alone would be a number somebody gave."""
    return _HASH.fullmatch(text.lower()) is not None and not text.isdigit()


def doctor_of(fields: Mapping[str, str]) -> dict[str, Any]:
    """One row of the lake table `doctor`, but for its row number. Raises DoctorError."""
    province, city = _places(fields)
    return {
        "doctor_id": fields["doctor_id"].lower(),
        "title": _title(fields["title"]),
        "department": fields["department"] or None,
        "hospital": fields["hospital"] or None,
        "hospital_grade": grade_of(fields["hospital_grade"]),
        "city_code": city,
        "province_code": province,
        **{name: _number(fields, name) for name in _HIGHEST},
        "joined_on": _date(fields["joined_date"]),
    }


def _title(text: str) -> str | None:
    plain = squeeze(text)
    if plain and plain not in TITLES:
        raise DoctorError("title", "one of " + ", ".join(TITLES) + ", or nothing")
    return TITLES.get(plain)


def grade_of(text: str) -> str:
    """三级甲等, 三级, 二级, 一级 or unknown; 三甲 is 三级甲等. Raises DoctorError."""
    plain = squeeze(text).lower()
    if plain in _UNKNOWN_GRADES:
        return "unknown"
    match = _GRADE.fullmatch(plain)
    if not match:
        raise DoctorError("hospital_grade", "三级甲等 (三甲), 三级, 二级, 一级 or unknown")
    return "三级甲等" if match.groups() == ("三", "甲") else f"{match.group(1)}级"


def _places(fields: Mapping[str, str]) -> tuple[int, int]:
    try:
        region = match_region(fields["province"])
    except (UnknownNameError, AmbiguousNameError):
        raise DoctorError("province", "the Chinese name of a province") from None
    if region.level != "province" or region.code is None:
        raise DoctorError("province", "the Chinese name of a province")
    place = place_or_problem(fields["city"], province=region.code, level="prefecture") if fields["city"] else None
    if place is None or isinstance(place, Problem):
        raise DoctorError("city", f"a prefecture-level unit of {region.code}, by name or code")
    return region.code, place.city_code or place.code


def _number(fields: Mapping[str, str], name: str) -> float | None:
    expected = f"a number from 0 to {_HIGHEST[name]:,}, or nothing"
    try:
        number = parse_number(fields[name])
    except ValueError:
        raise DoctorError(name, expected) from None
    if number is not None and not 0 <= number <= _HIGHEST[name]:
        raise DoctorError(name, expected)
    return None if number is None else float(number)


def _date(text: str) -> dt.date | None:
    plain = text.removesuffix(" 00:00:00")
    if not plain:
        return None
    try:
        date = dt.date.fromisoformat(plain)
    except ValueError:
        date = None
    if date is None or date.isoformat() != plain or not FIRST_YEAR <= date.year <= LAST_YEAR:
        raise DoctorError("joined_date", "a date such as 2019-03-15, or nothing")
    return date
