"""What became of every row and cell of one file: read = loaded + rejected + set aside, always.

Readers report here; the tally builds the records and refuses to close while a row is unaccounted for.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Literal

from catalog import Registry
from ingestion.grid import NO_CACHED_VALUE, address
from ingestion.numbers import parse_number
from ingestion.problems import Problem

RowFate = Literal["loaded", "rejected", "set_aside"]


@dataclass(frozen=True)
class Column:
    """One column of figures: where it stands and what it means."""

    column: int
    year: int
    indicator: str
    raw_unit: str
    header: str


@dataclass
class Tally:
    """Collects observations, missing cells, refusals and pilots of one file."""

    path: str
    file_id: str
    vintage: str
    registry: Registry
    observations: list[dict[str, Any]] = field(default_factory=list)
    missing: list[dict[str, Any]] = field(default_factory=list)
    rejected: list[dict[str, Any]] = field(default_factory=list)
    pilots: list[dict[str, Any]] = field(default_factory=list)
    fates: dict[tuple[str, int], RowFate] = field(default_factory=dict)

    def fate(self, sheet: str, row: int, fate: RowFate) -> None:
        """Record once what became of a row."""
        if (sheet, row) in self.fates:
            raise RuntimeError(f"{self.path} {sheet} row {row}: accounted for twice")
        self.fates[sheet, row] = fate

    def reject(self, problem: Problem, raw: str) -> None:
        """Record a refusal of a cell, or of a whole row when the problem names no cell."""
        self.rejected.append(
            {
                "file_id": self.file_id,
                "sheet": problem.sheet,
                "row": problem.row,
                "cell": problem.cell,
                "code": problem.code,
                "reason": problem.english(self.path),
                "reason_zh": problem.chinese(self.path),
                "raw": raw,
            }
        )

    def reject_row(self, problem: Problem, raw: str) -> None:
        """Refuse a whole row; the reason keeps the cell that caused it."""
        self.fate(problem.sheet, problem.row, "rejected")
        self.reject(problem, raw)
        self.rejected[-1]["cell"] = ""

    def value(self, sheet: str, row: int, column: Column, text: str, code: int, level: str) -> None:
        """Take in one cell of figures: an observation, a missing cell or a refused cell."""
        cell = address(row, column.column)
        record = {
            "file_id": self.file_id,
            "sheet": sheet,
            "row": row,
            "cell": cell,
            "entity_code": code,
            "entity_level": level,
            "year": column.year,
            "indicator": column.indicator,
            "vintage": self.vintage,
            "unit": self.registry.indicators[column.indicator].unit,
            "raw": text,
            "raw_unit": column.raw_unit,
            "header": column.header,
        }
        if text == NO_CACHED_VALUE:
            self.reject(Problem("no_cached_value", sheet=sheet, row=row, cell=cell), "")
            return
        try:
            number = parse_number(text)
        except ValueError:
            self.reject(Problem("not_a_number", found=text, sheet=sheet, row=row, cell=cell), text)
            return
        if number is None:
            self.missing.append(record)
            return
        # Exact decimal arithmetic: 7.05 亿 is 70500 万, not 70500.00000000001.
        exact: Decimal = number * self.registry.conversion(column.raw_unit, column.indicator)
        self.observations.append({**record, "value": float(exact)})

    def counts(self, rows_read: int) -> dict[str, int]:
        """Row and cell counts. Raises RuntimeError when a row is unaccounted for: a fault of the reader."""
        if len(self.fates) != rows_read:
            raise RuntimeError(f"{self.path}: {rows_read} rows read, {len(self.fates)} accounted for")
        fates = list(self.fates.values())
        return {
            "rows_read": rows_read,
            "rows_loaded": fates.count("loaded"),
            "rows_rejected": fates.count("rejected"),
            "rows_set_aside": fates.count("set_aside"),
            "cells_loaded": len(self.observations),
            "cells_missing": len(self.missing),
            "cells_rejected": sum(1 for record in self.rejected if record["cell"]),
        }
