"""Columns of a long panel that repeat another one with its blanks filled in: what they tell about the original.

The original is read; the filled column is only held against it. Cells declared or flagged as filled: filled_cells.py
and filled_flags.py.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from catalog.declarations.claims import FilledColumn
from ingestion.formats.grid import Sheet
from ingestion.problems import Problem, Refusal
from ingestion.readers.panels.panel_columns import Roles, column_of
from ingestion.row_account import Tally
from ingestion.vocabulary.headers import squeeze
from ingestion.vocabulary.numbers import MISSING_MARKS, parse_number

# Two columns of one figure differ by rounding up to this share.
ROUNDING = Decimal("1e-4")


def refuse_filled_beside(sheet: Sheet, roles: Roles, filled: FilledColumn, tally: Tally) -> None:
    """Tell every blank of the original that is filled beside it, and refuse figures that are replaced there.

    Changes the tally in place. Raises Refusal when the original is no column that is read.
    """
    column = column_of(roles.headers, filled.column)
    assert column is not None, "find_roles refuses a panel without a declared column"
    own = [record for record in (*tally.observations, *tally.missing) if _is_of(record, sheet, filled)]
    if not own:
        raise Refusal(Problem("column_missing", filled.original, ", ".join(filter(None, roles.headers))))
    doomed: set[int] = set()
    for record in own:
        problem = _problem(record, sheet.cell(record["row"], column), sheet.locate(record["row"], column))
        if problem is not None:
            tally.refuse_cell(problem, record)
            doomed.add(id(record))
    tally.observations = [record for record in tally.observations if id(record) not in doomed]
    tally.missing = [record for record in tally.missing if id(record) not in doomed]


def _problem(record: dict[str, Any], beside: str, place: str) -> Problem | None:
    at = record["sheet"], record["row"], record["cell"]
    if record["raw"] in MISSING_MARKS:
        filled = beside not in MISSING_MARKS
        return Problem("filled_cell", f"{beside} {record['raw_unit']}", place, "", *at) if filled else None
    return Problem("filled_over", record["raw"], f"{beside} ({place})", "", *at) if _replaced(record, beside) else None


def _is_of(record: dict[str, Any], sheet: Sheet, filled: FilledColumn) -> bool:
    return record["sheet"] == sheet.name and squeeze(record["header"]) == squeeze(filled.original)


def _replaced(record: dict[str, Any], beside: str) -> bool:
    """Whether the column beside holds another figure, beyond rounding."""
    try:
        one, two = parse_number(record["raw"]), parse_number(beside)
    except ValueError:
        return True
    return one is None or two is None or abs(one - two) > ROUNDING * abs(one)
