"""Years in headers and in cells: which column or row is which year, and whether any is missing in between."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from functools import lru_cache

from catalog.yaml_text import literal_pattern
from ingestion.formats.grid import Sheet
from ingestion.problems import Problem, refuse_for
from ingestion.vocabulary.headers import FIRST_YEAR, LAST_YEAR, is_part_of_year
from ingestion.vocabulary.labels import label_problem
from ingestion.vocabulary.values import read_whole


@lru_cache(maxsize=10_000)
def parse_year_cell(text: str) -> int | None:
    """The year in a cell such as 2011, 2011.0 or 2011年, or None; years outside 1949 to 2100 are none."""
    return read_whole(text.strip().removesuffix("年"), FIRST_YEAR, LAST_YEAR)


def years_in_gaps(years: Collection[int], absent: Collection[int]) -> list[int]:
    """Years missing between the first and the last, but for those declared absent."""
    known = set(years) | set(absent)
    return [year for year in range(min(years), max(years)) if year not in known] if years else []


def years_across(sheet: Sheet, row: int, texts: Mapping[int, str], absent: Collection[int]) -> dict[int, int]:
    """Column -> year, for the header `texts` of the columns. Raises Refusal naming each wrong cell."""
    cells = {column: (row, column, text) for column, text in texts.items()}
    return _years(sheet, cells, row, absent, "header_cell", sheet.problem("header_cell", row, 2))


def years_down(sheet: Sheet, rows: Iterable[int], header: int, absent: Collection[int]) -> dict[int, int]:
    """Row -> year, for the first cells of `rows`. Raises Refusal naming each wrong cell, or the cell of the header."""
    cells = {row: (row, 1, sheet.spread(row, 1)) for row in rows}
    return _years(sheet, cells, header, absent, "year_cell", sheet.problem("no_year", header, 1))


def _years(
    sheet: Sheet,
    cells: Mapping[int, tuple[int, int, str]],
    header: int,
    absent: Collection[int],
    wrong: str,
    none: Problem,
) -> dict[int, int]:
    """Key -> year, for the row, column and text of each key. Raises Refusal.

    wrong: the problem of a cell that holds no year; none: the problem where there is no cell at all. Years missing in
    between are told where no wrong cell explains them.
    """
    years: dict[int, int] = {}
    problems = []
    for key, (row, column, text) in cells.items():
        year = parse_year_cell(text)
        if year is None:
            problem = sheet.problem("not_annual" if is_part_of_year(text) else wrong, row, column, text)
            in_header = replace(problem, hint=f"set_aside_columns: [{literal_pattern(text)}]")
            problems.append(in_header if row == header else label_problem(sheet, row, column, problem))
        elif year in years.values():
            problems.append(sheet.problem("repeated_year", row, column, text))
        else:
            years[key] = year
    gaps = years_in_gaps(years.values(), absent)
    if not years and not problems:
        problems.append(none)
    elif gaps and not problems:
        problems.append(sheet.problem("years_missing", header, 1, ", ".join(map(str, gaps))))
    refuse_for(problems)
    return years
