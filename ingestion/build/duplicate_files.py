"""Files received twice: the same bytes under two names, found once every file is read. Never counted twice.

The same figure in two different files: conflicts.py.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from ingestion.problems import Problem
from ingestion.reading import FileReading, Record, recount
from ingestion.row_account import rejection


def refuse_repeated_files(readings: list[FileReading]) -> None:
    """Refuse every file but the first, in path order, of those with the same bytes. Changes the readings in place.

    Where their entries make other figures of the same bytes (another indicator, unit, year or vintage), at least one
    entry is wrong, nothing tells which, and all of them are refused. Lists of divisions may be the same in two years.
    """
    by_bytes: dict[str, list[FileReading]] = defaultdict(list)
    for reading in sorted(readings, key=lambda reading: str(reading.source_file["path"])):
        if reading.source_file["status"] == "loaded":
            by_bytes[reading.source_file["sha256"]].append(reading)
    for same in by_bytes.values():
        if len(same) == 1:
            continue
        first, *others = same
        if all(_content(other) == _content(first) for other in others):
            for other in others:
                _refuse(other, Problem("repeated_file", "", first.source_file["path"]))
            continue
        for reading in same if all(reading.observation for reading in same) else ():
            paths = "; ".join(r.source_file["path"] for r in same if r is not reading)
            _refuse(reading, Problem("contradicting_repeat", _meaning(reading), paths))


def _content(reading: FileReading) -> tuple[Any, ...]:
    """What was made of a file: all records but for the file's own name."""
    records = (reading.observation, reading.missing_cell, reading.pilot)
    lists = tuple([{k: v for k, v in r.items() if k != "file_id"} for r in part] for part in records)
    tables = {name: table.drop_columns(["file_id"]) for name, table in sorted(reading.tables.items())}
    return reading.source_file["vintage"], lists, tables


def _meaning(reading: FileReading) -> str:
    indicators = sorted({record["indicator"] for record in reading.observation})
    return ", ".join([*indicators, *sorted(reading.tables), f"vintage {reading.source_file['vintage']}"])


def _refuse(reading: FileReading, problem: Problem) -> None:
    """Turn a loaded file into a refused one: every loaded row is rejected, with a pointer at the file's problem."""
    counts = reading.source_file
    path, file_id = counts["path"], counts["file_id"]
    records: list[Record] = [*reading.observation, *reading.missing_cell, *reading.refused_cell]
    rows = sorted({(r["sheet"], r["row"]) for r in records})
    rows += [("", r["row"]) for r in reading.pilot]
    dead = {(r["sheet"], r["row"]) for r in reading.rejected_row if r["code"] == "row_refused"}
    pointer = f"see the file's problem: {problem.code}"
    reading.rejected_row.append(rejection(problem, "", path, file_id))
    for sheet, row in rows:
        if (sheet, row) not in dead:
            at = Problem("table_refused", "", pointer, sheet=sheet, row=row)
            reading.rejected_row.append(rejection(at, "", path, file_id))
    for part in (reading.observation, reading.missing_cell, reading.refused_cell, reading.pilot):
        part.clear()
    reading.tables.clear()
    counts["rows_rejected"] += counts["rows_loaded"]
    counts["rows_loaded"] = 0
    recount(reading)
