"""The region names of a table: which row or column is which province, and whether exactly the 31 are there.

Shared by all layouts. Refuses; never repairs.
"""

import re
from collections.abc import Callable, Collection, Iterable, Mapping

from catalog import load_provinces
from ingestion.formats.grid import Sheet
from ingestion.problems import Problem, refuse_for
from ingestion.vocabulary.names import RegionName, region_or_problem
from ingestion.vocabulary.numbers import number_or_none

# 注册护士, registered nurses, is an indicator.
_NOTE = re.compile("注(?!册)|数据来源|资料来源|Note|Source")


def match_rows(sheet: Sheet, rows: Iterable[int], column: int = 1) -> dict[int, RegionName]:
    """Row number -> region, for the names in `column` (from 1) of `rows`. Raises Refusal as match_cells does."""
    return match_cells(sheet, {row: (row, column) for row in rows})


def match_cells(sheet: Sheet, places: Mapping[int, tuple[int, int]]) -> dict[int, RegionName]:
    """Key -> region, for the names at the (row, column) of each key.

    Raises Refusal with one problem per wrong cell: unknown, ambiguous or repeated names, and, when those alone do
    not explain it, the provinces missing.
    """
    regions, problems = match_each(sheet, places, region_or_problem, "repeated_province")
    problems += missing_provinces([region.code for region in regions.values()], sheet.name, len(problems))
    refuse_for(problems)
    return regions


def match_each(
    sheet: Sheet,
    places: Mapping[int, tuple[int, int]],
    meaning: Callable[[str], RegionName | Problem],
    repeated: str,
) -> tuple[dict[int, RegionName], list[Problem]]:
    """Key -> what the name at the (row, column) of each key means, and one problem for each wrong cell.

    repeated: the problem of a place that stands a second time; several subtotals are none.
    """
    regions: dict[int, RegionName] = {}
    first_seen: dict[int, str] = {}
    problems: list[Problem] = []
    for key, (row, column) in places.items():
        name = sheet.cell(row, column)
        found = meaning(name)
        if isinstance(found, Problem):
            problems.append(sheet.problem(found.code, row, column, name, found.expected))
            continue
        regions[key] = found
        if found.code in first_seen:
            problems.append(sheet.problem(repeated, row, column, name, first_seen[found.code]))
        elif found.code is not None:
            first_seen[found.code] = sheet.locate(row, column)
    return regions, problems


def missing_provinces(codes: Collection[int | None], sheet: str, untold: int = 0) -> list[Problem]:
    """One problem naming the provinces not among `codes`, or none.

    untold: names that cannot be read, and rows that are refused: as many provinces may be theirs, so that no row is to
    be added for them.
    """
    missing = [p.short_zh for p in load_provinces() if p.province_code not in codes]
    return [Problem("missing_provinces", "、".join(missing), sheet=sheet)] if len(missing) > untold else []


def is_note(text: str) -> bool:
    """Whether a cell begins a note or a line of sources."""
    return _NOTE.match(text) is not None


def starts_note(cells: tuple[str, ...]) -> bool:
    """Whether a row is a note or a source line, wherever in the row it begins."""
    return is_note(next((cell for cell in cells if cell), ""))


def region_rows(sheet: Sheet, first: int, columns: Collection[int]) -> list[int]:
    """Rows from `first` on that should name a region; blank rows, notes and the lines a note goes on with are left out.

    A line after a note belongs to it when none of the figure `columns` holds a number: notes of several paragraphs
    do not repeat the word 注, and commas in them make cells of their own.
    """
    rows, noted = [], False
    for row in range(first, len(sheet.rows) + 1):
        cells = sheet.rows[row - 1]
        if starts_note(cells):
            noted = True
        elif any(cells) and not (noted and not any(is_figure(sheet.cell(row, column)) for column in columns)):
            rows.append(row)
    return rows


def is_figure(text: str) -> bool:
    """Whether a cell holds a number."""
    return number_or_none(text) is not None
