"""Text of a cell to an exact number. Knows missing marks, footnote marks and separators; guesses nothing."""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal

MISSING_MARKS = frozenset({"", "-", "--", "—", "——", "–", "…", "……", "...", "......", "空"})
# Circled digits, asterisks, daggers and superscripts are footnote signs in yearbooks, never part of a number.
_FOOTNOTES = "①②③④⑤⑥⑦⑧⑨⑩*†‡¹²³⁴⁵⁶⁷⁸⁹"
_NUMBER = re.compile(r"[+-]?(\d{1,3}(,\d{3})+|\d+)(\.\d+)?([eE][+-]?\d+)?")


def parse_number(text: str) -> Decimal | None:
    """The number in `text`, exactly as printed, or None for a missing mark.

    Accepts thousands separators in groups of three, full-width digits, surrounding or grouping blanks and
    trailing footnote marks. Raises ValueError for anything else.
    """
    stripped = text.strip().strip("\u3000\u00a0").strip()
    if stripped in MISSING_MARKS:
        return None
    body = stripped.rstrip(_FOOTNOTES).strip()
    body = unicodedata.normalize("NFKC", body).replace("\u2212", "-")
    body = re.sub(r"(?<=\d)[ \u00a0](?=\d{3}(\D|$))", "", body)
    if not _NUMBER.fullmatch(body):
        raise ValueError(f"not a number: {text!r}")
    return Decimal(body.replace(",", ""))
