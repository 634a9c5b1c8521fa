"""Rows an entry declares to be no data (`set_aside_rows:`): adverts in a workbook, the rest of a footer in an export.

Belongs here: emptying those rows before a reader sees them; readers set empty rows aside and count them.
"""

import re
from dataclasses import replace

from catalog import Source
from ingestion.formats.grid import Grid, Sheet
from ingestion.problems import Problem, Refusal
from ingestion.readers.base import refuse_for
from ingestion.vocabulary.regions import is_figure


def without_rows(grid: Grid, source: Source) -> Grid:
    """The grid with the declared rows empty.

    Raises Refusal for a declared row that holds a figure, and for a pattern that is the first filled cell of no row.
    """
    if not source.set_aside_rows:
        return grid
    used: set[str] = set()
    sheets = tuple(_without(sheet, source.set_aside_rows, used) for sheet in grid.sheets)
    unused = (pattern for pattern in source.set_aside_rows if pattern not in used)
    refuse_for(Problem("set_aside_row_missing", pattern) for pattern in unused)
    return replace(grid, sheets=sheets)


def _without(sheet: Sheet, patterns: tuple[str, ...], used: set[str]) -> Sheet:
    rows = list(sheet.rows)
    for number, cells in enumerate(rows, start=1):
        first = next((cell for cell in cells if cell), "")
        matched = {pattern for pattern in patterns if first and re.fullmatch(pattern, first)}
        if not matched:
            continue
        used |= matched
        column = next((c for c, cell in enumerate(cells, start=1) if is_figure(cell)), 0)
        if column:
            raise Refusal(sheet.problem("set_aside_row_figure", number, column, sheet.cell(number, column), first))
        rows[number - 1] = tuple("" for _ in cells)
    return replace(sheet, rows=tuple(rows))
