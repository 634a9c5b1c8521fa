"""Codes, whole numbers and dates as people and programs write them: one reading of each, for every layout.

Belongs here: texts that mean exactly one code, number or day; whatever could mean another one is none. Does not belong
here: figures (numbers.py), years and their gaps (years.py), which unit a code stands for (ingestion/places).
"""

import datetime as dt
import re
import unicodedata
from functools import lru_cache

from catalog.characters import plain
from ingestion.vocabulary.headers import FIRST_YEAR, LAST_YEAR
from ingestion.vocabulary.numbers import number_or_none

# What spreadsheet programs put around a code so that it stays a text: '110000 and ="110000".
_KEPT_AS_TEXT = re.compile(r"""'(.+)|="(.+)\"""")
_DIGITS = re.compile(r"([1-9][0-9]*)(?:\.0+)?")
_IN_THREES = re.compile(r"[1-9][0-9]{0,2}(?:,[0-9]{3})+(?:\.0+)?")
# The shortest form of a number, as R, Stata and Python write it. A mantissa that ends in zero was written with a fixed
# number of decimals, so further digits may have been cut off.
_SHORTEST_POWER = re.compile(r"([1-9])(?:\.([0-9]*[1-9]))?[eE]\+?0?([0-9]{1,2})")
# A code of a prefecture or county; with the zeros of the whole unit behind it where towns and villages have theirs.
_SIX = re.compile(r"([1-9][0-9]{5})(?:000|000000)?")
_SHORT = re.compile(r"[1-9][0-9](?:[0-9]{2})?")
_MIDNIGHT = re.compile(r"(?<=[0-9日])[T ]\s*0{1,2}:00(?::00(?:\.0+)?)?$")
_DATE = re.compile(r"([0-9]{4})(?:([-/.])([0-9]{1,2})\2([0-9]{1,2})|年([0-9]{1,2})月([0-9]{1,2})日?)")
_EIGHT = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})(?:\.0+)?")


def _half_width(text: str) -> str:
    return unicodedata.normalize("NFKC", plain(text)).strip()


def _digits_of_code(text: str) -> str:
    """The digits of a whole number written as a code may be; empty for any other text."""
    text = _half_width(text)
    kept = _KEPT_AS_TEXT.fullmatch(text)
    text = (kept[1] or kept[2]).strip() if kept else text
    if _IN_THREES.fullmatch(text):
        text = text.replace(",", "")
    if whole := _DIGITS.fullmatch(text):
        return whole[1]
    power = _SHORTEST_POWER.fullmatch(text)
    decimals = (power[2] or "") if power else ""
    zeros = int(power[3]) - len(decimals) if power else -1
    return f"{power[1]}{decimals}{'0' * zeros}" if power and 0 <= zeros <= 12 else ""


@lru_cache(maxsize=50_000)
def read_code(text: str) -> int | None:
    """The six-digit code in a cell such as 45, 4500, 450000, 450000.0, 4.5e+05 or 450000000000, or None."""
    digits = _digits_of_code(text)
    six = _SIX.fullmatch(digits)
    if six:
        return int(six[1])
    return int(digits.ljust(6, "0")) if _SHORT.fullmatch(digits) else None


def read_full_code(text: str) -> int | None:
    """The same for a code that is written in full: 45 and 4500 could be any number, and are none."""
    return read_code(text) if len(_digits_of_code(text)) >= 6 else None


def read_whole(text: str, low: int, high: int) -> int | None:
    """The whole number in a cell such as 3, 3.0 or 1,200, if it lies within the bounds; else None."""
    number = number_or_none(text)
    return int(number) if number is not None and low <= number <= high and number == int(number) else None


def read_date(text: str, epoch: dt.date | None = None) -> dt.date | None:
    """The day in a cell such as 2013-01-29, 2013/1/29, 2013年1月29日 or 20130129; an hour of a day is none.

    epoch: day 0 of the workbook the cell is from, where a day may be stored as its number only (41303).
    """
    written = _MIDNIGHT.sub("", _half_width(text))
    written = re.sub(r"\s", "", written)
    parts = _DATE.fullmatch(written) or _EIGHT.fullmatch(written)
    number = read_whole(written, 1, 99_999) if parts is None and epoch is not None else None
    try:
        if parts is not None:
            date = dt.date(*(int(part) for part in parts.groups() if part is not None and part.isdecimal()))
        elif number is not None and epoch is not None:
            date = epoch + dt.timedelta(days=number)
        else:
            return None
    except ValueError:
        return None
    return date if FIRST_YEAR <= date.year <= LAST_YEAR else None
