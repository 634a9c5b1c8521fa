"""The region names of a table: which row or column is which province, and whether exactly the 31 are there.

Shared by all layouts. Refuses; never repairs.
"""

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from types import MappingProxyType

from catalog import load_provinces
from ingestion.formats.grid import Sheet
from ingestion.problems import Problem, refuse_for
from ingestion.vocabulary.labels import label_problem
from ingestion.vocabulary.names import RegionName, region_or_problem
from ingestion.vocabulary.numbers import number_or_none

# 注册护士, registered nurses, is an indicator.
_NOTE = re.compile("注(?!册)|数据来源|资料来源|Note|Source")

NOTHING: Mapping[int, Problem] = MappingProxyType({})


def match_rows(
    sheet: Sheet, rows: Iterable[int], absent: Collection[int] = (), left_out: Mapping[int, Problem] = NOTHING
) -> dict[int, RegionName]:
    """Row number -> region, for the first cells of `rows` not left out. Raises Refusal as match_cells does."""
    return match_cells(sheet, {row: (row, 1) for row in rows if row not in left_out}, absent, left_out)


def match_cells(
    sheet: Sheet,
    places: Mapping[int, tuple[int, int]],
    absent: Collection[int] = (),
    left_out: Mapping[int, Problem] = NOTHING,
) -> dict[int, RegionName]:
    """Key -> region, for the names at the (row, column) of each key.

    absent: the provinces declared absent; left_out: rows without data, one of which may be meant for a missing one.

    Raises Refusal with one problem per wrong cell: unknown, ambiguous or repeated names, and, when those alone do
    not explain it, the provinces missing.
    """
    regions, problems = match_each(sheet, places, region_or_problem, "repeated_province")
    codes = [region.code for region in regions.values()]
    problems += missing_provinces(codes, sheet.name, absent, left_out, len(problems))
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
        found = meaning(sheet.spread(row, column))
        if isinstance(found, Problem):
            # The cell of a header is of its column, and nothing stands above it.
            in_header = sheet.problem(found.code, row, column, sheet.spread(row, column), found.expected)
            problems.append(label_problem(sheet, row, column, found) if key == row else in_header)
            continue
        regions[key] = found
        if found.code in first_seen:
            problems.append(label_problem(sheet, row, column, Problem(repeated, expected=first_seen[found.code])))
        elif found.code is not None:
            first_seen[found.code] = sheet.locate(row, column)
    return regions, problems


def missing_provinces(
    codes: Collection[int | None],
    sheet: str,
    absent: Collection[int] = (),
    left_out: Mapping[int, Problem] = NOTHING,
    untold: int = 0,
) -> list[Problem]:
    """What is wrong with the provinces among `codes`: those missing, and those there although declared absent.

    left_out: rows that are refused, one of which may be meant for a missing province: told before it. untold: names
    that cannot be read; as many provinces may be theirs, and those of shifted rows, so that no row is to be added.
    """
    names = {province.province_code: province.short_zh for province in load_provinces()}
    missing = [name for code, name in names.items() if code not in codes and code not in absent]
    there = [name for code, name in names.items() if code in codes and code in absent]
    untold += sum(problem.code == "row_width" for problem in left_out.values())
    found = {"missing_provinces": missing if len(missing) > untold else [], "province_not_absent": there}
    told = [Problem(code, ", ".join(own), sheet=sheet) for code, own in found.items() if own]
    return [*(left_out.values() if missing else ()), *told]


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
