"""The account of every row and cell of one file: read = loaded + rejected + set aside, always.

Readers report here; the tally builds the records and refuses to close while a row is unaccounted for.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any, Literal

import pyarrow as pa

from catalog import Registry
from ingestion.formats.grid import NO_CACHED_VALUE, Sheet
from ingestion.formats.limits import RECORDS, beyond
from ingestion.problems import Problem
from ingestion.schemas import SCHEMAS
from ingestion.vocabulary.numbers import parse_number, wrong_figure

RowFate = Literal["loaded", "rejected", "set_aside"]


@dataclass(frozen=True)
class Column:
    """One column of figures: where it stands and what it means."""

    column: int
    year: int
    indicator: str
    raw_unit: str
    header: str


def convert(number: Decimal, unit: str, indicator: str, registry: Registry) -> float:
    """`number` of `unit` in the canonical unit of the indicator.

    Exact decimal arithmetic: 7.05 亿 is 70500 万, not 70500.00000000001.
    """
    return float(number * registry.conversion(unit, indicator))


def rejection(problem: Problem, raw: str, path: str, file_id: str) -> dict[str, Any]:
    """One record of rejected_row; with it, in memory only, what was found."""
    return {
        "file_id": file_id,
        "sheet": problem.sheet,
        "row": problem.row,
        "cell": problem.cell,
        "code": problem.code,
        "reason": problem.english(path),
        "reason_zh": problem.chinese(path),
        "raw": raw,
        "found": problem.found,
    }


@dataclass
class Tally:
    """Collects observations, missing cells, refusals and pilots of one file.

    refused: what each refused cell of figures would have been, for the corrections that name it.
    absent: (province, year) pairs the file has no usable row for, in years it has for others.
    tables: what is no figure of a place and year (flows, polygons, weights), by lake table.
    """

    path: str
    file_id: str
    vintage: str
    registry: Registry
    observations: list[dict[str, Any]] = field(default_factory=list)
    missing: list[dict[str, Any]] = field(default_factory=list)
    rejected: list[dict[str, Any]] = field(default_factory=list)
    refused: list[dict[str, Any]] = field(default_factory=list)
    pilots: list[dict[str, Any]] = field(default_factory=list)
    absent: int = 0
    tables: dict[str, pa.Table] = field(default_factory=dict)
    fates: dict[tuple[str, int], RowFate] = field(default_factory=dict)
    bulk: dict[str, int] = field(default_factory=dict)

    def fate(self, sheet: str, row: int, fate: RowFate) -> None:
        """Record the fate of a row, once."""
        if (sheet, row) in self.fates:
            raise RuntimeError(f"{self.path} {sheet} row {row}: accounted for twice")
        self.fates[sheet, row] = fate

    def count_rows(self, read: int, loaded: int, rejected: int, set_aside: int) -> None:
        """Account for the rows of a large table at once. Raises RuntimeError when one is unaccounted for."""
        if read != loaded + rejected + set_aside:
            raise RuntimeError(f"{self.path}: {read} rows read, {loaded} + {rejected} + {set_aside} accounted for")
        self.bulk = {"rows_read": read, "rows_loaded": loaded, "rows_rejected": rejected, "rows_set_aside": set_aside}

    def add_table(self, name: str, table: pa.Table) -> None:
        """Take in rows of a lake table but for its column file_id, in the order they are to keep."""
        ids = pa.array([self.file_id] * len(table), pa.string())
        self.tables[name] = table.add_column(0, "file_id", ids).select(SCHEMAS[name].names).cast(SCHEMAS[name])

    def add_records(self, name: str, records: Iterable[dict[str, Any]]) -> None:
        """Take in rows of a lake table, each with all columns but file_id, in the order they are to keep."""
        columns = pa.schema([column for column in SCHEMAS[name] if column.name != "file_id"])
        self.add_table(name, pa.Table.from_pylist(list(records), schema=columns))

    def _require_room(self) -> None:
        if len(self.observations) + len(self.missing) + len(self.rejected) >= RECORDS:
            raise beyond("records", RECORDS)

    def reject(self, problem: Problem, raw: str) -> None:
        """Record a refusal of a cell, or of a whole row when the problem names no cell. Raises Refusal for too many."""
        self._require_room()
        self.rejected.append(rejection(problem, raw, self.path, self.file_id))

    def reject_row(self, problem: Problem, raw: str) -> None:
        """Refuse a whole row; the reason keeps the cell that caused it."""
        self.fate(problem.sheet, problem.row, "rejected")
        self.reject(problem, raw)
        self.rejected[-1]["cell"] = ""

    def refuse_cell(self, problem: Problem, record: dict[str, Any]) -> None:
        """Refuse a cell of figures whose region, year and indicator are known."""
        self.reject(problem, record["raw"])
        self.refused.append({name: value for name, value in record.items() if name not in {"value", "status"}})

    def withdraw(self, doomed: Sequence[tuple[dict[str, Any], Problem]]) -> None:
        """Refuse figures and empty cells taken in before, each for its problem, told at its own cell."""
        gone = {id(record) for record, _ in doomed}
        self.observations = [record for record in self.observations if id(record) not in gone]
        self.missing = [record for record in self.missing if id(record) not in gone]
        for record, problem in doomed:
            self.refuse_cell(replace(problem, sheet=record["sheet"], row=record["row"], cell=record["cell"]), record)

    def value(self, sheet: Sheet, row: int, column: Column, code: int, level: str) -> None:
        """Take in one cell of figures: observation, missing or refused cell. Raises Refusal for too many."""
        self._require_room()
        text, cell = sheet.cell(row, column.column), sheet.locate(row, column.column)
        record = {
            "file_id": self.file_id,
            "sheet": sheet.name,
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
            self.refuse_cell(sheet.problem("no_cached_value", row, column.column), {**record, "raw": ""})
            return
        if column.column in sheet.coded:
            self.refuse_cell(replace(sheet.coded[column.column], row=row, cell=cell), record)
            return
        spread = sheet.spread(row, column.column) if (row, column.column) in sheet.merged else ""
        if spread:
            self.refuse_cell(
                sheet.problem("merged_cell", row, column.column, spread, sheet.area(row, column.column)), record
            )
            return
        try:
            # The sign of a percentage is part of the number only where the column is in percent.
            number = parse_number(text, column.raw_unit.endswith("%"), sheet.marks)
        except ValueError:
            self.refuse_cell(sheet.problem(wrong_figure(text), row, column.column, text), record)
            return
        if number is None:
            self.missing.append(record)
            return
        value = convert(number, column.raw_unit, column.indicator, self.registry)
        self.observations.append({**record, "value": value, "status": "reported"})

    def counts(self, rows_read: int) -> dict[str, int]:
        """Counts of rows. Raises RuntimeError when one is unaccounted for: a fault of the reader."""
        if self.bulk:
            return self.bulk
        if len(self.fates) != rows_read:
            raise RuntimeError(f"{self.path}: {rows_read} rows read, {len(self.fates)} accounted for")
        fates = list(self.fates.values())
        return {
            "rows_read": rows_read,
            "rows_loaded": fates.count("loaded"),
            "rows_rejected": fates.count("rejected"),
            "rows_set_aside": fates.count("set_aside"),
        }
