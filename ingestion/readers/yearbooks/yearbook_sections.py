"""The tables of one yearbook sheet, one below another: which rows are whose, and the unit their lines speak of.

Belongs here: telling tables apart, unit lines in both languages. Names and figures: yearbook_workbook.py; headers:
yearbook_headers.py.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from itertools import pairwise
from types import MappingProxyType

from catalog import Registry
from ingestion.formats.grid import Sheet
from ingestion.problems import Refusal
from ingestion.vocabulary.headers import squeeze, unit_symbol
from ingestion.vocabulary.names import RegionName
from ingestion.vocabulary.regions import region_or_problem

NOTES = ("注", "数据来源", "资料来源", "Note", "Source", "a)", "①", "*")
REGION_HEADERS = frozenset({"地区", "地区region"})
_HEADER_DEPTH = 12
_UNIT_LINE = re.compile(r"单位\s*[:：]\s*(\S+)")
_ENGLISH_UNIT_LINE = re.compile(r"\bUnits?\s*[:：]\s*([^)）\n]+)", re.IGNORECASE)
_CONTINUED = re.compile(r"续\s*表|[(（]续[0-9]*[)）]|^续\s*[0-9]*$")
_THOUSANDS = (("100000000", "100 million"), ("10000", "10 thousand"), ("1000", "1 thousand"))


@dataclass(frozen=True)
class Section:
    """One table: a sheet in which the rows of the others are blank, its header's first row, and its own rows."""

    sheet: Sheet
    header: int
    rows: range


def header_rows(sheet: Sheet) -> list[int]:
    """The first header row of each table: their first cell reads 地区, in either language or both.

    The first of them stands near the top; `Region` below `地区` is the same header.
    """
    found: list[int] = []
    for row in range(1, len(sheet.rows) + 1):
        text = squeeze(sheet.cell(row, 1)).lower()
        if text not in REGION_HEADERS and not (text == "region" and row - 1 not in found):
            continue
        if not found and row > _HEADER_DEPTH:
            return []
        found.append(row)
    return found


def sections(sheet: Sheet) -> list[Section]:
    """The tables of a sheet in order. Titles go with the header below them; a 续表 keeps those of what it continues."""
    headers = header_rows(sheet)
    if not headers:
        return []
    starts = [1, *(_last_row_of_table(sheet, before, row) + 1 for before, row in pairwise(headers))]
    ends = [*(start - 1 for start in starts[1:]), len(sheet.rows)]
    found: list[Section] = []
    kept_titles: list[int] = []
    for header, start, end in zip(headers, starts, ends, strict=True):
        titles = list(range(start, header))
        continued = any(_CONTINUED.search(cell) for row in titles for cell in sheet.rows[row - 1])
        kept_titles = [*(kept_titles if continued else []), *titles]
        shown = {*kept_titles, *range(start, end + 1)}
        rows = tuple(row if number in shown else () for number, row in enumerate(sheet.rows, start=1))
        merged = MappingProxyType({place: anchor for place, anchor in sheet.merged.items() if place[0] in shown})
        found.append(Section(replace(sheet, rows=rows, merged=merged), header, range(start, end + 1)))
    return found


def _last_row_of_table(sheet: Sheet, header: int, below: int) -> int:
    """The last row above the next header that names a region or is a note: what follows are the next table's titles."""

    def belongs(row: int) -> bool:
        text = sheet.cell(row, 1)
        return text.startswith(NOTES) or isinstance(region_or_problem(text), RegionName)

    return max((row for row in range(header, below) if belongs(row)), default=header)


def unit_line(sheet: Sheet, header: int, registry: Registry) -> tuple[str | None, str | None]:
    """(catalogued unit, unknown unit) of the line 单位：…, which speaks for every column without a unit of its own.

    Raises Refusal when two such lines, or the line and its translation (Unit: 10 000 persons), contradict one another.
    """
    known: dict[str, tuple[int, int]] = {}
    unknown: str | None = None
    english: list[tuple[str, int, int]] = []
    for row, column, text in sheet.texts(range(1, header)):
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
        if unit is not None and meant != unit:
            raise Refusal(sheet.problem("contradicting_unit_lines", row, column, sheet.cell(row, column), unit))
    return unit, unknown


def _english_unit(text: str, registry: Registry) -> str | None:
    """The catalogued unit an English unit line means: 10 000 persons is 万人; None where it is not told for certain."""
    words = re.sub(r"(?<=\d)[ ,](?=\d{3})", "", " ".join(text.lower().split())).strip(" .")
    for digits, spoken in _THOUSANDS:
        words = re.sub(rf"\b{digits}\b", spoken, words)
    words = re.sub(r"\bperson[- ]times?\b", "visits", words)
    found = [symbol for symbol, unit in registry.units.items() if words in (unit.en.lower(), symbol.lower())]
    return found[0] if len(found) == 1 else None
