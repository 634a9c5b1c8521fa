"""Contradictions between files, and figures that stand twice: found once every file is read, refused, never decided.

Within one file: ingestion/readers. Between vintages, which may differ: dbt/.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from ingestion.problems import Problem
from ingestion.reading import FileReading, Record, recount
from ingestion.row_account import rejection

# Other places a message names; all of them for each of them would grow with the square.
NAMED = 10


def refuse_conflicts(readings: list[FileReading]) -> None:
    """Refuse every cell of a figure that stands with different values in one vintage; nothing decides between them.

    A figure repeated with the same value inside one file keeps its first cell. Changes the readings in place.
    """
    by_figure: dict[tuple[Any, ...], list[tuple[FileReading, Record]]] = defaultdict(list)
    for reading in readings:
        for record in reading.observation:
            # A municipality is a province and, among cities, a city: two figures under one code.
            unit = record["entity_level"], record["entity_code"]
            key = (*unit, record["year"], record["indicator"], record["vintage"])
            by_figure[key].append((reading, record))
    doomed: set[int] = set()
    for entries in by_figure.values():
        if len(entries) == 1:
            continue
        entries.sort(key=lambda entry: (entry[0].source_file["path"], entry[1]["sheet"], entry[1]["row"]))
        places = [_place(reading, record) for reading, record in entries]
        if len({record["value"] for _, record in entries}) > 1:
            for number, (reading, record) in enumerate(entries):
                others = "; ".join([p for i, p in enumerate(places) if i != number][:NAMED])
                _refuse_cell(reading, record, "conflict", f"one value; elsewhere: {others}")
                doomed.add(id(record))
            continue
        first: dict[str, str] = {}
        for (reading, record), place in zip(entries, places, strict=True):
            if record["file_id"] in first:
                _refuse_cell(reading, record, "repeated_figure", first[record["file_id"]])
                doomed.add(id(record))
            first.setdefault(record["file_id"], place)
    for reading in readings:
        reading.observation[:] = [record for record in reading.observation if id(record) not in doomed]
    _refuse_repeated_pilots(readings)
    for reading in readings:
        recount(reading)


def _place(reading: FileReading, record: Record) -> str:
    sheet = f" {record['sheet']}" if record["sheet"] else ""
    return f"{reading.source_file['path']}{sheet} {record['cell']} = {record['raw']}"


def _refuse_cell(reading: FileReading, record: Record, code: str, expected: str) -> None:
    found = f"{record['raw']} {record['raw_unit']}"
    problem = Problem(code, found, expected, "", record["sheet"], record["row"], record["cell"])
    counts = reading.source_file
    reading.rejected_row.append(rejection(problem, record["raw"], counts["path"], counts["file_id"]))
    reading.refused_cell.append({name: value for name, value in record.items() if name not in {"value", "status"}})


def _refuse_repeated_pilots(readings: list[FileReading]) -> None:
    """Refuse a pilot the lists of two files hold: the later one where both say the same, both where they differ."""
    by_pilot: dict[tuple[Any, ...], list[tuple[FileReading, Record]]] = defaultdict(list)
    for reading in sorted(readings, key=lambda reading: reading.source_file["path"]):
        for record in reading.pilot:
            by_pilot[record["programme"], record["batch"], record["unit_code"]].append((reading, record))
    for entries in by_pilot.values():
        if len(entries) == 1:
            continue
        contents = [{k: v for k, v in record.items() if k not in {"file_id", "row"}} for _, record in entries]
        same = all(content == contents[0] for content in contents)
        places = [f"{reading.source_file['path']}, row {record['row']}" for reading, record in entries]
        for number, (reading, record) in enumerate(entries):
            if same and number == 0:
                continue
            others = places[0] if same else "; ".join(p for i, p in enumerate(places) if i != number)
            code = "repeated_pilot" if same else "pilot_conflict"
            problem = Problem(code, record["unit_name"], others, row=record["row"])
            counts = reading.source_file
            reading.rejected_row.append(rejection(problem, record["unit_name"], counts["path"], counts["file_id"]))
            reading.pilot.remove(record)
            counts["rows_loaded"] -= 1
            counts["rows_rejected"] += 1
