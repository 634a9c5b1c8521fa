"""A history of division codes: one row for each code and name, with the years it was in use."""

from __future__ import annotations

import re
from dataclasses import dataclass

from catalog import Source
from catalog.provinces import load_provinces
from ingestion.formats.grid import Grid, Sheet
from ingestion.places.units import COUNTY_FIRST_YEAR, FIRST_YEAR, LAST_YEAR, load_units
from ingestion.problems import Problem, Refusal
from ingestion.readers.base import Layout, raw_row, read_each
from ingestion.readers.divisions.division_list import ABROAD, add_divisions
from ingestion.row_account import Tally

HEADER = ("代码", "一级行政区", "二级行政区", "名称", "级别", "状态", "启用时间", "变更/弃用时间", "新代码")
_LEVELS = {"省级": "province", "地级": "prefecture", "县级": "county"}
_FIRST = {"province": FIRST_YEAR, "prefecture": FIRST_YEAR, "county": COUNTY_FIRST_YEAR}
_SUCCESSORS = re.compile(r"(\d{6}(\[\d{4}\])?(;\d{6}(\[\d{4}\])?)*)?")
# Contradictions printed one by one.
_SHOWN = 20


@dataclass(frozen=True)
class _Span:
    """One row: a code under one name from the first to the last year-end."""

    code: int
    name: str
    level: str
    first: int
    last: int

    def clipped(self) -> tuple[int, str, int | None, int | None] | None:
        """As the table of facts would have it: years it does not reach are open; None where it does not reach."""
        begin = _FIRST[self.level]
        if self.last < begin or self.first > LAST_YEAR:
            return None
        first = None if self.first <= begin else self.first
        return self.code, self.name, first, None if self.last >= LAST_YEAR else self.last


class _RowError(ValueError):
    """(column, found, expected) of what is wrong with a row."""


def _span(cells: tuple[str, ...], until: int) -> _Span:
    code, _, _, name, level, state, first, end, successors = cells
    if not re.fullmatch(r"\d{6}", code):
        raise _RowError(1, code, "a code of six digits")
    if level not in _LEVELS:
        raise _RowError(5, level, ", ".join(_LEVELS))
    if not re.fullmatch(r"\d{4}", first) or not FIRST_YEAR <= int(first) <= until:
        raise _RowError(7, first, f"a year from {FIRST_YEAR} to {until}")
    if (state == "在用") != (end == ""):
        raise _RowError(8, end, "no year for 在用, a year for 变更 and 弃用")
    if end and (not re.fullmatch(r"\d{4}", end) or not int(first) < int(end) <= until):
        raise _RowError(8, end, f"a year after {first}, at most {until}")
    if not _SUCCESSORS.fullmatch(successors):
        raise _RowError(9, successors, "codes, each with its year in brackets where it differs")
    # The year of a change is the first year-end without the unit.
    return _Span(int(code), name, _LEVELS[level], int(first), int(end) - 1 if end else until)


def _contradictions(spans: list[_Span]) -> list[tuple[str, str]]:
    """(found, expected) of every unit of the facts the file has otherwise, and the other way round."""
    names = {province.province_code: province.name_zh for province in load_provinces()}
    mine = {clipped for span in spans if span.level != "province" and (clipped := span.clipped())}
    facts = {(unit.code, unit.name, unit.first_year, unit.last_year) for unit in load_units()}
    facts = {fact for fact in facts if fact[3] is None or fact[3] >= FIRST_YEAR}
    shown = {span.code: span.name for span in spans if span.level == "province"}
    found = [
        (f"{code} {shown.get(code, '')}", f"{code} {name}") for code, name in names.items() if shown.get(code) != name
    ]
    for code in sorted({fact[0] for fact in mine ^ facts}):
        sides = (sorted(_text(fact) for fact in side if fact[0] == code) for side in (mine - facts, facts - mine))
        found.append(tuple("; ".join(side) or f"no {code} of those years" for side in sides))  # type: ignore[arg-type]
    return found


def _text(fact: tuple[int, str, int | None, int | None]) -> str:
    code, name, first, last = fact
    return f"{code} {name} {first or ''}-{last or ''}"


def _read_sheet(sheet: Sheet, until: int, tally: Tally) -> None:
    spans: dict[int, _Span] = {}
    aside = [1]
    faults: dict[int, Problem] = {}
    for row, cells in enumerate(sheet.rows[1:], start=2):
        if not any(cells) or cells[0][:2] in {str(code) for code in ABROAD}:
            aside.append(row)
            continue
        try:
            if len(cells) != len(HEADER):
                raise _RowError(len(HEADER), f"{len(cells)} fields", f"{len(HEADER)} fields")
            spans[row] = _span(cells, until)
        except _RowError as error:
            column, found, expected = error.args
            faults[row] = sheet.problem("division_span", row, min(column, len(cells)), found, expected)
    problems = [
        Problem("division_history", found, expected, sheet=sheet.name)
        for found, expected in _contradictions(list(spans.values()))
    ]
    if problems:
        more = len(problems) - _SHOWN
        rest = (
            [Problem("division_history", f"{more} more units", "the table of divisions", sheet=sheet.name)]
            if more > 0
            else []
        )
        raise Refusal(*faults.values(), *problems[:_SHOWN], *rest)
    for row in aside:
        tally.fate(sheet.name, row, "set_aside")
    for row, problem in faults.items():
        tally.reject_row(problem, raw_row(sheet.rows[row - 1]))
    for row in spans:
        tally.fate(sheet.name, row, "loaded")
    years = ((year, row, span) for row, span in spans.items() for year in range(span.first, span.last + 1))
    add_divisions(tally, [(year, span.code, span.name, span.level, row) for year, row, span in years])


def _read(grid: Grid, source: Source, tally: Tally) -> None:
    if source.year is None:
        raise Refusal(Problem("division_until"))
    until = source.year
    read_each(grid, tally, lambda sheet: _read_sheet(sheet, until, tally))


HISTORY = Layout(
    "division_history",
    "History of division codes (code, name, years in use, successors)",
    "行政区划代码沿革（代码、名称、启用与弃用年份、新代码）",
    lambda grid: bool(grid.filled) and grid.filled[0].rows[0] == HEADER,
    _read,
    asked=30,
)
