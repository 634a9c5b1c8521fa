"""Years in headers and in cells: which column or row is which year, and whether any is missing in between."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping

from ingestion.formats.grid import Sheet
from ingestion.problems import Problem, Refusal
from ingestion.vocabulary.headers import is_part_of_year, parse_year

# Statistical programs store years as floating-point numbers.
_WHOLE = re.compile(r"([0-9]{4})\.0+")


def parse_year_cell(text: str) -> int | None:
    """The year in a cell such as 2011, 2011.0 or 2011年, or None."""
    match = _WHOLE.fullmatch(text.strip())
    return parse_year(match.group(1) if match else text)


def years_in_gaps(years: Collection[int], absent: Collection[int]) -> list[int]:
    """Years missing between the first and the last, but for those declared absent."""
    known = set(years) | set(absent)
    return [year for year in range(min(years), max(years)) if year not in known] if years else []


def years_across(sheet: Sheet, row: int, texts: Mapping[int, str], absent: Collection[int]) -> dict[int, int]:
    """Column -> year, for the header `texts` of the columns. Raises Refusal naming each wrong cell."""
    years: dict[int, int] = {}
    problems = []
    for column, text in texts.items():
        year = parse_year_cell(text)
        if year is None:
            code = "not_annual" if is_part_of_year(text) else "header_cell"
            problems.append(sheet.problem(code, row, column, text))
        elif year in years.values():
            problems.append(sheet.problem("repeated_year", row, column, text))
        else:
            years[column] = year
    if not years and not problems:
        problems.append(sheet.problem("header_cell", row, 2))
    _finish(years, sheet, row, absent, problems)
    return years


def years_down(sheet: Sheet, rows: Iterable[int], header: int, absent: Collection[int]) -> dict[int, int]:
    """Row -> year, for the first cells of `rows`. Raises Refusal naming each wrong cell, or the cell of the header."""
    years: dict[int, int] = {}
    problems = []
    for row in rows:
        text = sheet.cell(row, 1)
        year = parse_year_cell(text)
        if year is None:
            code = "not_annual" if is_part_of_year(text) else "year_cell"
            problems.append(sheet.problem(code, row, 1, text))
        elif year in years.values():
            problems.append(sheet.problem("repeated_year", row, 1, text))
        else:
            years[row] = year
    if not years and not problems:
        problems.append(sheet.problem("no_year", header, 1))
    _finish(years, sheet, header, absent, problems)
    return years


def _finish(
    years: Mapping[int, int], sheet: Sheet, header: int, absent: Collection[int], problems: list[Problem]
) -> None:
    """Raise Refusal for the problems found, and for years missing in between where those do not explain it."""
    gaps = years_in_gaps(years.values(), absent)
    if gaps and not problems:
        problems.append(sheet.problem("years_missing", header, 1, ", ".join(str(year) for year in gaps)))
    if problems:
        raise Refusal(*problems)
