"""Rows among those of a table that hold no data: adverts, second headers, sums in columns nobody reads, cut-off lines.

Such a row names nothing and holds no figure of a column that is read. It is refused alone, at the cell that is filled,
so that nobody has to look for it; `set_aside_rows` takes it out. Only where it may be the header of other columns, with
data above and below it, is nothing below it certain. Belongs here: telling such rows. What becomes of them: readers/.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace

from catalog.yaml_text import literal_pattern
from ingestion.formats.grid import NO_CACHED_VALUE, Sheet
from ingestion.problems import Problem, refuse_for
from ingestion.vocabulary.numbers import is_missing
from ingestion.vocabulary.regions import is_figure


def rows_without_data(
    sheet: Sheet,
    rows: Sequence[int],
    labels: Mapping[int, Callable[[str], object]],
    figures: Collection[int],
    headers: Collection[int] = (),
) -> dict[int, Problem]:
    """Row -> problem of each of the filled `rows`, in their order, that holds no data.

    labels   column -> whether a text in it says what it should, such as a place or a year
    figures  the columns whose numbers are read
    headers  the rows of the header, which may stand a second time

    Raises Refusal for one between rows of data that may be another header.
    """
    found = {}
    for row in rows:
        # Figures first: looking for the nearest names of an unknown one takes long.
        if any(is_figure(sheet.cell(row, column)) for column in figures):
            continue
        if not any(says(sheet.spread(row, column)) for column, says in labels.items()):
            found[row] = without_data(sheet, row)
    _refuse_other_headers(sheet, rows, found, headers)
    return found


def without_data(sheet: Sheet, row: int) -> Problem:
    """The problem of a row without data, at its first filled cell, with the pattern that sets it aside."""
    column, text = next((c, t) for c, t in enumerate(sheet.rows[row - 1], start=1) if t)
    text = "" if text == NO_CACHED_VALUE else text
    return replace(sheet.problem("no_data_row", row, column, text), hint=f"set_aside_rows: [{literal_pattern(text)}]")


def _refuse_other_headers(
    sheet: Sheet, rows: Sequence[int], found: Mapping[int, Problem], headers: Collection[int]
) -> None:
    data = [row for row in rows if row not in found]
    first, last = (data[0], data[-1]) if data else (0, 0)
    known = {_filled(sheet, row) for row in (*headers, *(row for row in found if row < first)) if row}
    refuse_for(
        replace(problem, code="second_header")
        for row, problem in found.items()
        if first < row < last and len(_filled(sheet, row)) > 1 and _filled(sheet, row) not in known
    )


def _filled(sheet: Sheet, row: int) -> tuple[tuple[int, str], ...]:
    """Column and text of each cell that may be of a header."""
    cells = enumerate(sheet.rows[row - 1], start=1)
    return tuple((column, text) for column, text in cells if not is_missing(text, sheet.marks))
