"""Rows among those of a table that hold no data: adverts, second headers, sums in columns nobody reads, cut-off lines.

Such a row names nothing and holds no figure of a column that is read. It is refused alone, at the cell that is filled,
so that nobody has to look for it; `set_aside_rows` takes it out. Belongs here: telling such rows. What becomes of rows:
the readers.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import replace

from ingestion.formats.grid import NO_CACHED_VALUE, Sheet
from ingestion.problems import Problem
from ingestion.vocabulary.headers import literal_pattern
from ingestion.vocabulary.regions import is_figure


def rows_without_data(
    sheet: Sheet, rows: Iterable[int], labels: Mapping[int, Callable[[str], object]], figures: Collection[int]
) -> dict[int, Problem]:
    """Row -> problem of each of the filled `rows` that holds no data.

    labels   column -> whether a text in it says what it should, such as a place or a year
    figures  the columns whose numbers are read
    """
    found = {}
    for row in rows:
        named = any(says(sheet.spread(row, column)) for column, says in labels.items())
        if not named and not any(is_figure(sheet.cell(row, column)) for column in figures):
            found[row] = without_data(sheet, row)
    return found


def without_data(sheet: Sheet, row: int) -> Problem:
    """The problem of a row without data, at its first filled cell, with the pattern that sets it aside."""
    column, text = next((c, t) for c, t in enumerate(sheet.rows[row - 1], start=1) if t)
    text = "" if text == NO_CACHED_VALUE else text
    return replace(sheet.problem("no_data_row", row, column, text), hint=f"set_aside_rows: [{literal_pattern(text)}]")
