"""Rows of text files that are shifted against their header: a lost or extra comma moves every figure after it."""

from collections.abc import Sequence

from ingestion.formats.grid import Sheet
from ingestion.problems import Problem
from ingestion.vocabulary.regions import is_note


def misaligned(sheet: Sheet, header: Sequence[str], rows: Sequence[int]) -> dict[int, Problem]:
    """Row -> problem, for each of `rows` whose number of fields differs from the header's.

    Empty fields count: in 1,010.5,1011.5, the last one hides the shift. Only if all rows alike have more or fewer
    fields than the header was the file written that way, and then what is beyond the header must be empty, and no
    column before it: if one is, all figures after it may be one column too far right.
    A note at the end of a row or of the header is not a field: it is outside the table. A last column named like one,
    数据来源, is a field if rows fill it.
    """
    header = _columns(header, [sheet.rows[row - 1] for row in rows])
    cells_of = {row: _without_note(sheet.rows[row - 1], len(header)) for row in rows}
    counts = {len(cells) for cells in cells_of.values()}
    width = counts.pop() if len(counts) == 1 else len(header)
    filled = next((n for n in range(len(header), 0, -1) if header[n - 1]), 0)
    columns = range(min(filled, *map(len, cells_of.values()))) if cells_of else ()
    shifted = width > len(header) and any(not any(cells[c] for cells in cells_of.values()) for c in columns)
    problems = {}
    for row, cells in cells_of.items():
        if shifted or len(cells) != width or len(cells) < filled or any(cells[len(header) :]):
            problems[row] = sheet.problem("row_width", row, 1, str(len(cells)), str(len(header)))
    return problems


def _columns(header: Sequence[str], rows: Sequence[Sequence[str]]) -> Sequence[str]:
    """The header without a final note, unless rows have something below it."""
    bare = _without_note(header, 0)
    at = len(bare)
    filled = any(len(cells) > at and cells[at] and not is_note(cells[at]) for cells in rows)
    return header if filled else bare


def _without_note(cells: Sequence[str], width: int) -> Sequence[str]:
    """The cells before a final note beyond `width`."""
    return cells[:-1] if len(cells) > width and is_note(cells[-1]) else cells
