"""The line above a table that gives its unit: 单位：万人次, or Unit: 10 000 visits.

Belongs here: finding and reading that line. Units in headers: headers.py.
"""

import re
from collections.abc import Iterable

from catalog import Registry
from ingestion.formats.grid import Sheet
from ingestion.problems import Refusal, require
from ingestion.vocabulary.headers import unit_symbol

_UNIT_LINE = re.compile(r"单位\s*[:：]\s*(\S+)")
_ENGLISH_UNIT_LINE = re.compile(r"\bUnits?\s*[:：]\s*([^)）\n]+)", re.IGNORECASE)
_THOUSANDS = (("100000000", "100 million"), ("10000", "10 thousand"), ("1000", "1 thousand"))


def unit_line(sheet: Sheet, rows: Iterable[int], registry: Registry) -> tuple[str | None, str | None]:
    """(catalogued unit, unknown unit) of the line 单位：… among rows above a header; it speaks for every column without
    a unit of its own.

    Raises Refusal when two such lines, or the line and its translation (Unit: 10 000 persons), contradict one another.
    """
    known: dict[str, tuple[int, int]] = {}
    unknown: str | None = None
    english: list[tuple[str, int, int]] = []
    for row, column, text in sheet.texts(rows):
        if match := _UNIT_LINE.search(text):
            unit = unit_symbol(match.group(1).rstrip(")）"), registry)
            if unit is None:
                unknown = match.group(1)
            else:
                known.setdefault(unit, (row, column))
        if (match := _ENGLISH_UNIT_LINE.search(text)) and (meant := _english_unit(match.group(1), registry)):
            english.append((meant, row, column))
    if len(known) > 1 or (known and unknown is not None):
        raise Refusal(
            sheet.problem("several_units", *list(known.values())[-1], ", ".join(filter(None, [*known, unknown])))
        )
    unit = next(iter(known), None)
    for meant, row, column in english:
        require(
            unit in {None, meant},
            sheet.problem("contradicting_unit_lines", row, column, sheet.cell(row, column), unit or ""),
        )
    return unit, unknown


def _english_unit(text: str, registry: Registry) -> str | None:
    """The catalogued unit an English unit line means: 10 000 persons is 万人; None where it is not told for certain."""
    words = re.sub(r"(?<=\d)[ ,](?=\d{3})", "", " ".join(text.lower().split())).strip(" .")
    for digits, spoken in _THOUSANDS:
        words = re.sub(rf"\b{digits}\b", spoken, words)
    words = re.sub(r"\bperson[- ]times?\b", "visits", words)
    found = [symbol for symbol, unit in registry.units.items() if words in (unit.en.lower(), symbol.lower())]
    return found[0] if len(found) == 1 else None
