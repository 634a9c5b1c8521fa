"""Figures an entry declares to be filled in without a flag (`filled:`): moved to the refusals, cell by cell.

Cells another table flags: filled_flags.py; cells a column beside them tells: panel_filled.py.
"""

from __future__ import annotations

from typing import Any

from catalog import Source
from catalog.declarations.claims import FilledCells
from ingestion.problems import Problem, Refusal
from ingestion.row_account import Tally
from ingestion.vocabulary.headers import squeeze


def refuse_declared_filled(tally: Tally, source: Source) -> None:
    """Move the figures declared to be filled in to the refusals. Raises Refusal for a declaration that hits none."""
    for filled in source.panel.filled if source.panel is not None else ():
        hit = [record for record in tally.observations if _is_hit(record, filled)]
        if not hit:
            raise Refusal(Problem("filled_none", f"{', '.join(filled.columns)}; {', '.join(filled.places)}"))
        for record in hit:
            found = f"{record['raw']} {record['raw_unit']}"
            place = record["sheet"], record["row"], record["cell"]
            tally.refuse_cell(Problem("filled_declared", found, filled.reason, "", *place), record)
        doomed = {id(record) for record in hit}
        tally.observations = [record for record in tally.observations if id(record) not in doomed]


def _is_hit(record: dict[str, Any], filled: FilledCells) -> bool:
    first, last = filled.years or (record["year"], record["year"])
    named = any(squeeze(column) == squeeze(record["header"]) for column in filled.columns)
    return named and record["entity_code"] in filled.codes and first <= record["year"] <= last
