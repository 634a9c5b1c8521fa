"""Cells that say what a row is of, where one speaks for several rows: merged over them, or printed once above them.

Belongs here: a label printed once as if its cell were merged over the rows below (`fill_down`), and what is said of a
label that is empty. What labels mean: names.py, years.py and places/.
"""

from collections.abc import Collection, Iterable
from dataclasses import replace
from types import MappingProxyType

from catalog import Source
from ingestion.formats.grid import Grid, Sheet
from ingestion.problems import Problem, refuse_for
from ingestion.vocabulary.headers import squeeze

# So far down a header stands.
_DEPTH = 20


def with_labels_below(grid: Grid, source: Source) -> Grid:
    """The grid with the labels of the columns declared under `fill_down` merged over the empty cells below them.

    Raises Refusal for a column no sheet has.
    """
    if not source.fill_down:
        return grid
    found = {sheet.name: {name: _label_column(sheet, name) for name in source.fill_down} for sheet in grid.filled}
    printed = next((", ".join(filter(None, row)) for sheet in grid.filled for row in _heads(sheet) if any(row)), "")
    refuse_for(
        Problem("column_missing", str(name), printed)
        for name in source.fill_down
        if all(columns[name] is None for columns in found.values())
    )
    return replace(
        grid, sheets=tuple(_sheet_filled(sheet, found.get(sheet.name, {}).values()) for sheet in grid.sheets)
    )


def _sheet_filled(sheet: Sheet, places: Iterable[tuple[int, int] | None]) -> Sheet:
    for place in places:
        if place is not None:
            row, column = place
            sheet = filled_down(sheet, [column], range(row + 1, len(sheet.rows) + 1))
    return sheet


def _heads(sheet: Sheet) -> tuple[tuple[str, ...], ...]:
    return (sheet.header,) if sheet.header else sheet.rows[:_DEPTH]


def _label_column(sheet: Sheet, name: str | int) -> tuple[int, int] | None:
    """(row of its header, column) of a column, by its header or its number from 1; row 0 where the number tells."""
    if isinstance(name, int):
        return (0, name) if 1 <= name <= max(sheet.width, len(sheet.header)) else None
    places = (
        (0 if sheet.header else row, column)
        for row, cells in enumerate(_heads(sheet), start=1)
        for column, text in enumerate(cells, start=1)
        if squeeze(text) == squeeze(name)
    )
    return next(places, None)


def filled_down(sheet: Sheet, columns: Collection[int], rows: Iterable[int]) -> Sheet:
    """The sheet in which each empty cell of these columns, in a row that holds anything, is covered by the last filled
    one above it among `rows`."""
    merged = dict(sheet.merged)
    last: dict[int, tuple[int, int]] = {}
    for row in rows:
        for column in columns if any(sheet.rows[row - 1]) else ():
            if sheet.spread(row, column):
                last[column] = sheet.anchor(row, column)
            elif column in last:
                merged[row, column] = last[column]
    return replace(sheet, merged=MappingProxyType(merged))


def label_problem(sheet: Sheet, row: int, column: int, problem: Problem) -> Problem:
    """A problem of what a label means, at its cell: an empty one is said to be empty, a merged one says over what."""
    at = sheet.problem(problem.code, row, column, sheet.spread(row, column), problem.expected)
    if not at.found:
        return replace(at, code="empty_label", expected="", hint=str(column))
    area = sheet.area(row, column)
    return replace(at, hint=problem.hint, found=f"{at.found} ({area})" if area else at.found)
