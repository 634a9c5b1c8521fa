"""Duplicates of figures, pilots or whole files: found once every file is read, and refused, never decided between.

Within one file: ingestion/readers. Between downloads, of which the later one wins: supersession.py. Between vintages,
which may differ: dbt/.
"""

from collections import defaultdict
from operator import itemgetter
from typing import Any

from catalog.lake import IN_USE
from ingestion.formats.grid import address
from ingestion.problems import Problem
from ingestion.reading import FileReading, Record, recount

# Other places a message names; all of them for each of them would grow with the square.
NAMED = 10
# A municipality is a province and, among cities, a city: two figures under one code, so the level is part of it.
FIGURE = ("entity_level", "entity_code", "year", "indicator", "vintage")
PILOT = ("programme", "batch", "unit_code")


def refuse_conflicts(readings: list[FileReading]) -> None:
    """Refuse every cell of a figure with different values in one download of a vintage; nothing decides between them.

    A later download supersedes an earlier one (supersession.py): that is a revision, no contradiction. A figure
    repeated with the same value inside one file keeps its first cell. Changes the readings in place.
    """
    doomed: set[int] = set()
    for entries in _repeated(readings, "observation", FIGURE):
        entries.sort(key=lambda entry: (entry[0].source_file["path"], entry[1]["sheet"], entry[1]["row"]))
        places = [_place(reading, record) for reading, record in entries]
        differ = len({record["value"] for _, record in entries}) > 1
        first: dict[str, int] = {}
        for number, (reading, record) in enumerate(entries):
            before = first.setdefault(record["file_id"], number)
            others = [p for i, p in enumerate(places) if i != number][:NAMED] if differ else [places[before]]
            if differ or before != number:
                _refuse_cell(reading, record, "conflict" if differ else "repeated_figure", "; ".join(others))
                doomed.add(id(record))
    _refuse_repeated_pilots(readings)
    for reading in readings:
        reading.observation[:] = [record for record in reading.observation if id(record) not in doomed]
        recount(reading)


def _repeated(readings: list[FileReading], part: str, keys: tuple[str, ...]) -> list[list[tuple[FileReading, Record]]]:
    """The records of a list that stand beside others of the same `keys`, grouped, each with its file."""
    groups: dict[tuple[Any, ...], list[tuple[FileReading, Record]]] = defaultdict(list)
    key = itemgetter(*keys)
    for reading in readings:
        download = reading.source_file.get("download"), reading.source_file.get("superseded_by") is not None
        for record in getattr(reading, part):
            if part != "pilot":
                groups[*key(record), *download].append((reading, record))
            elif record.get("superseded_by") is None:
                groups[key(record)].append((reading, record))
    return [entries for entries in groups.values() if len(entries) > 1]


def _place(reading: FileReading, record: Record) -> str:
    sheet = f" {record['sheet']}" if record["sheet"] else ""
    return f"{reading.source_file['path']}{sheet} {record['cell']} = {record['raw']}"


def _refuse_cell(reading: FileReading, record: Record, code: str, expected: str) -> None:
    found = f"{record['raw']} {record['raw_unit']}"
    problem = Problem(code, found, expected, "", record["sheet"], record["row"], record["cell"])
    reading.reject(problem, record["raw"])
    reading.refused_cell.append({name: value for name, value in record.items() if name not in {"value", "status"}})


def _refuse_repeated_pilots(readings: list[FileReading]) -> None:
    """Refuse a pilot two lists name that both stand: the later one if both say the same, both if they differ."""
    in_order = sorted(readings, key=lambda reading: reading.source_file["path"])
    for entries in _repeated(in_order, "pilot", PILOT):
        contents = [{k: v for k, v in record.items() if k not in {"file_id", "row"}} for _, record in entries]
        same = contents.count(contents[0]) == len(contents)
        places = [f"{reading.source_file['path']} {address(record['row'], 1)}" for reading, record in entries]
        for number, (reading, record) in list(enumerate(entries))[1 if same else 0 :]:
            others = places[0] if same else "; ".join(p for i, p in enumerate(places) if i != number)
            code = "repeated_pilot" if same else "pilot_conflict"
            reading.reject(Problem(code, record["unit_name"], others, row=record["row"]), record["unit_name"])
            reading.pilot.remove(record)
            reading.source_file["rows_loaded"] -= 1
            reading.source_file["rows_rejected"] += 1


def refuse_repeated_files(readings: list[FileReading]) -> None:
    """Refuse every file but the first, in path order, of those with the same bytes. Changes the readings in place.

    If their entries make different figures of the same bytes (another indicator, unit, year or vintage), at least one
    entry is wrong, nothing tells which, and all of them are refused. Lists of divisions may be the same in two years.
    """
    by_bytes: dict[str, list[FileReading]] = defaultdict(list)
    loaded = (reading for reading in readings if reading.source_file["status"] in IN_USE)
    for reading in sorted(loaded, key=lambda reading: str(reading.source_file["path"])):
        by_bytes[reading.source_file["sha256"]].append(reading)
    for same in by_bytes.values():
        if len(same) == 1:
            continue
        first, *others = same
        if all(_content(other) == _content(first) for other in others):
            for other in others:
                refuse_file(other, Problem("repeated_file", "", first.source_file["path"]))
            continue
        for reading in same if all(reading.observation for reading in same) else ():
            paths = "; ".join(r.source_file["path"] for r in same if r is not reading)
            refuse_file(reading, Problem("contradicting_repeat", _meaning(reading), paths))


def _content(reading: FileReading) -> tuple[Any, ...]:
    """Everything made from a file: all records except for the file's own name."""
    records = (reading.observation, reading.missing_cell, reading.pilot)
    lists = tuple([{k: v for k, v in r.items() if k != "file_id"} for r in part] for part in records)
    tables = {name: table.drop_columns(["file_id"]) for name, table in sorted(reading.tables.items())}
    return reading.source_file["vintage"], lists, tables


def _meaning(reading: FileReading) -> str:
    indicators = sorted({record["indicator"] for record in reading.observation})
    return ", ".join([*indicators, *sorted(reading.tables), f"vintage: {reading.source_file['vintage']}"])


def refuse_file(reading: FileReading, problem: Problem) -> None:
    """Turn a loaded file into a refused one: every loaded row is rejected, with a pointer at the file's problem."""
    counts = reading.source_file
    records: list[Record] = [*reading.observation, *reading.missing_cell, *reading.refused_cell]
    rows = sorted({(r["sheet"], r["row"]) for r in records})
    rows += [("", r["row"]) for r in reading.pilot]
    dead = {(r["sheet"], r["row"]) for r in reading.rejected_row if r["code"] == "row_refused"}
    reading.reject(problem, "")
    for sheet, row in (place for place in rows if place not in dead):
        reading.reject(Problem("file_refused", "", "see_file", problem.code, sheet, row), "")
    # Rows of large tables have no records to name them one by one.
    unlisted = counts["rows_loaded"] - len(set(rows) - dead)
    if unlisted > 0:
        reading.reject(Problem("more_rows_rejected", f"{unlisted:,}", hint=problem.code), str(unlisted))
    for part in (reading.observation, reading.missing_cell, reading.refused_cell, reading.pilot):
        part.clear()
    reading.tables.clear()
    counts["rows_rejected"] += counts["rows_loaded"]
    counts["rows_loaded"] = 0
    recount(reading)
