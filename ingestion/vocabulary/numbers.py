"""Text of a cell to an exact number. Knows missing marks, footnote marks and separators; never guesses.

What marks a missing figure in every file is told from what only programs write: a file's entry declares those, and any
other mark, under `missing_marks:`.
"""

import re
import unicodedata
from collections.abc import Collection
from decimal import Decimal

from catalog.characters import plain

MISSING_MARKS = frozenset({"", "-", "--", "—", "——", "–", "…", "……", "...", "......", "空"})
_PROGRAMS = """
    NA N/A #N/A #NA NaN -NaN NaT NULL #NULL! None nil <NA> <null> \\N . .. .a .b .c .d .z _ / // * ** x n.a. n.d.
    missing MISSING unknown 缺失 缺失值 缺 无 无数据 暂无 暂无数据 不详 未知 未统计 未公布 空值 空白
"""
# Circled and bracketed digits, superscripts, subscripts, asterisks and daggers are footnote signs in yearbooks.
# They are marks only at the end of a number; elsewhere nothing tells a mark from a digit.
FOOTNOTES = "*†‡" + "".join(
    chr(code)
    for first, last in (
        (0x2460, 0x249B),  # ① to ⒛
        (0x24EA, 0x24FF),  # ⓪ and the other enclosed numbers
        (0x2776, 0x2793),  # ❶ to ➓
        (0x3251, 0x325F),  # ㉑ to ㉟
        (0x32B1, 0x32BF),  # ㊱ to ㊿
        (0x2070, 0x2079),
        (0x2080, 0x2089),
    )
    for code in range(first, last + 1)
) + "¹²³"  # fmt: skip
# Full-width forms are other shapes of the same text; whatever else normalisation would rewrite is no number.
_SAME_TEXT = re.compile("[\uff01-\uff5e]")
_GROUPED = re.compile(r"[+-]?[0-9]{1,3}( [0-9]{3})+(\.[0-9]+)?")
_NUMBER = re.compile(r"[+-]?([0-9]{1,3}(,[0-9]{3})+|[0-9]+)(\.[0-9]+)?([eE][+-]?[0-9]+)?")
# No statistic has more; beyond that, arithmetic would overflow.
_MAX_DIGITS, _MAX_EXPONENT = 40, 30


def mark_key(text: str) -> str:
    """The form in which marks are compared: -999.0, as statistical programs write it, is -999, and n/a is N/A."""
    key = "".join(unicodedata.normalize("NFKC", plain(text)).split()).casefold()
    match = _NUMBER.fullmatch(key)
    return format(Decimal(key.replace(",", "")).normalize(), "f") if match and len(key) <= _MAX_DIGITS else key


def is_missing(text: str, marks: Collection[str] = ()) -> bool:
    """Whether a cell says that its figure is missing; `marks`: the keys of marks the file is declared to use."""
    return plain(text).strip() in MISSING_MARKS or (bool(marks) and mark_key(text) in marks)


def wrong_figure(text: str) -> str:
    """The code of the problem of a cell that holds no number: what programs write where one is missing, or not."""
    return "undeclared_mark" if mark_key(text) in PROGRAM_MARKS else "not_a_number"


def parse_number(text: str, percent: bool = False, marks: Collection[str] = ()) -> Decimal | None:
    """The number in `text`, exactly as printed, or None for a missing mark, also one of the `marks` of the file.

    Accepts thousands separators in groups of three (commas or blanks), full-width digits, surrounding blanks,
    trailing footnote marks and, with `percent`, a percent sign. Raises ValueError for anything else.
    """
    if is_missing(text, marks):
        return None
    body = plain(text).strip().rstrip(FOOTNOTES).strip()
    if any(unicodedata.normalize("NFKC", char) != char and not _SAME_TEXT.match(char) for char in body):
        raise ValueError(f"not a number: {text!r}")
    body = unicodedata.normalize("NFKC", body).replace("\u2212", "-")
    if percent and body.endswith("%"):
        body = body[:-1].rstrip()
    if _GROUPED.fullmatch(body):
        body = body.replace(" ", "")
    match = _NUMBER.fullmatch(body)
    if not match or len(body) > _MAX_DIGITS or abs(int((match.group(4) or "e0")[1:])) > _MAX_EXPONENT:
        raise ValueError(f"not a number: {text!r}")
    return Decimal(body.replace(",", ""))


PROGRAM_MARKS = frozenset(map(mark_key, _PROGRAMS.split()))


def number_or_none(text: str) -> Decimal | None:
    """The number in `text`; None for a missing mark and for anything else that is no number."""
    try:
        return parse_number(text)
    except ValueError:
        return None
