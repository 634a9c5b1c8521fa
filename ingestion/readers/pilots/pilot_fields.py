"""Fields of a pilot list as values: numbers, dates and the words for levels and states, in both languages."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping

from ingestion.vocabulary.headers import FIRST_YEAR, LAST_YEAR

LEVELS = ("prefecture", "district", "county", "town", "zone")
STATUSES = ("new", "extension")
_CHINESE_LEVELS = {
    "地级": "prefecture", "地级市": "prefecture", "市辖区": "district", "区": "district", "县": "county",
    "县级": "county", "县级市": "county", "镇": "town", "乡镇": "town", "开发区": "zone", "新区": "zone",
}  # fmt: skip
_CHINESE_STATUSES = {"新增": "new", "新设": "new", "扩大": "extension", "扩大范围": "extension"}
_IDENTIFIER = re.compile("[a-z][a-z0-9_]*")
_BATCH = re.compile("第([一二三四五六七八九])批")
_CHINESE_DATE = re.compile("([0-9]{4})年([0-9]{1,2})月([0-9]{1,2})日")


class FieldError(ValueError):
    """A field that is not valid: its name, what stands there and what was expected."""

    def __init__(self, field: str, found: str, expected: str) -> None:
        super().__init__(field)
        self.field, self.found, self.expected = field, found, expected


def whole_number(fields: Mapping[str, str], name: str, low: int, high: int) -> int:
    """A whole number within the bounds. Raises FieldError."""
    # int() would also take 1_0, blanks and digits of other scripts.
    if not re.fullmatch("[0-9]{1,9}", fields[name]) or not low <= int(fields[name]) <= high:
        raise FieldError(name, fields[name], f"a whole number from {low} to {high}")
    return int(fields[name])


def programme_of(fields: Mapping[str, str]) -> str:
    """The identifier of the programme. Raises FieldError."""
    if not _IDENTIFIER.fullmatch(fields["programme"]):
        raise FieldError("programme", fields["programme"], "a lower-case identifier such as mohurd")
    return fields["programme"]


def batch_of(fields: Mapping[str, str]) -> int:
    """The number of the batch, also as 第一批. Raises FieldError."""
    match = _BATCH.fullmatch(fields["batch"])
    return "一二三四五六七八九".index(match.group(1)) + 1 if match else whole_number(fields, "batch", 1, 9999)


def label_year_of(fields: Mapping[str, str]) -> int:
    """The year in the title of the batch, also as 2012年. Raises FieldError."""
    plain = {"label_year": fields["label_year"].removesuffix("年")}
    try:
        return whole_number(plain, "label_year", FIRST_YEAR, LAST_YEAR)
    except FieldError as error:
        raise FieldError("label_year", fields["label_year"], error.expected) from None


def announced_of(fields: Mapping[str, str]) -> dt.date:
    """The date, ISO, as 2013年1月29日 or as a workbook keeps it. Raises FieldError."""
    # A cell of a workbook that is formatted as a date reads 2013-01-29 00:00:00.
    text = fields["announced"].removesuffix(" 00:00:00")
    chinese = _CHINESE_DATE.fullmatch(text)
    try:
        if chinese:
            date = dt.date(*(int(part) for part in chinese.groups()))
        else:
            date = dt.datetime.strptime(text, "%Y-%m-%d").date()
    except ValueError:
        date = None
    # strptime also takes 2013-1-29, fromisoformat 20130129: each is one slip away from another date.
    if date is None or (not chinese and date.isoformat() != text) or not FIRST_YEAR <= date.year <= LAST_YEAR:
        raise FieldError("announced", fields["announced"], "a date such as 2013-01-29")
    return date


def level_of(fields: Mapping[str, str]) -> str:
    """One of LEVELS. Raises FieldError."""
    return _choice(fields, "level", LEVELS, _CHINESE_LEVELS)


def status_of(fields: Mapping[str, str]) -> str:
    """One of STATUSES. Raises FieldError."""
    return _choice(fields, "status", STATUSES, _CHINESE_STATUSES)


def _choice(fields: Mapping[str, str], name: str, choices: tuple[str, ...], chinese: Mapping[str, str]) -> str:
    found = chinese.get(fields[name], fields[name])
    if found not in choices:
        raise FieldError(name, fields[name], "one of " + ", ".join([*choices, *chinese]))
    return found
