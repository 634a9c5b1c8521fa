"""The line of downloads: which file was downloaded when, and what a later download takes the place of.

Belongs here: what the register (catalog/declarations/downloads.py) says of files once they are read: their numbers,
files replaced as a whole, pilots a later list supersedes, files whose contents were exchanged. Figures are superseded
cell by cell, in dbt/. Contradictions within one download: conflicts.py.
"""

from collections.abc import Sequence

from catalog.declarations.downloads import Register
from catalog.lake import IN_USE
from ingestion.build.conflicts import refuse_file
from ingestion.problems import Problem
from ingestion.reading import FileReading, make_file_id


def put_in_line(readings: Sequence[FileReading], register: Register) -> list[FileReading]:
    """Number the files and mark what is superseded; those that remain. Changes the readings in place.

    A file replaced as a whole whose rows cannot be told apart by cells (flows, maps, lists of divisions) is not read
    beside its successor: it is refused, and left out where only its kept copy is left.
    """
    for reading in readings:
        row = register.at(reading.source_file["path"])
        later = register.superseded_by.get(reading.source_file["path"])
        reading.source_file["download"] = row.download if row is not None else register.last + 1
        reading.source_file["superseded_by"] = make_file_id(later) if later is not None else None
        _refuse_exchanged(reading, register)
    successors = _successors(readings)
    left_out = []
    for reading in readings:
        successor = successors.get(reading.source_file["file_id"])
        if successor is None or not (reading.tables or successor.tables):
            continue
        row = register.at(reading.source_file["path"])
        if row is not None and row.state != "current":
            left_out.append(id(reading))
        elif reading.source_file["status"] in IN_USE:
            refuse_file(reading, Problem("superseded_file", "", successor.source_file["path"]))
    remaining = [reading for reading in readings if id(reading) not in left_out]
    _mark_pilots(remaining, successors)
    return remaining


def _successors(readings: Sequence[FileReading]) -> dict[str, FileReading]:
    """By file, the one that replaced it as a whole: the next in line that was not refused."""
    by_id = {reading.source_file["file_id"]: reading for reading in readings}
    refused = {name for name, reading in by_id.items() if reading.source_file["status"] not in IN_USE}
    found = {}
    for name, reading in by_id.items():
        following = reading.source_file["superseded_by"]
        while following in refused:
            following = by_id[following].source_file["superseded_by"]
        if following in by_id:
            found[name] = by_id[following]
    return found


def _refuse_exchanged(reading: FileReading, register: Register) -> None:
    """Refuse a file that holds what another path is on record with, while that one holds something else."""
    path, sha256 = reading.source_file["path"], reading.source_file["sha256"]
    row = register.at(path)
    if row is None or row.state != "current" or row.sha256 == sha256:
        return
    other = next((one for one in register.readable.values() if one.state == "current" and one.sha256 == sha256), None)
    if other is not None:
        refuse_file(reading, Problem("swapped_files", "", other.path))


def _mark_pilots(readings: Sequence[FileReading], successors: dict[str, FileReading]) -> None:
    """Say of each pilot which list superseded it: the one that replaced its list, or the next with its batch."""
    lists = [reading for reading in readings if reading.pilot]
    lists.sort(key=lambda one: (one.source_file["download"], one.source_file["path"]))
    batches = {id(one): {(record["programme"], record["batch"]) for record in one.pilot} for one in lists}
    for reading in lists:
        own = reading.source_file
        later = [
            one
            for one in lists
            if one.source_file["vintage"] == own["vintage"] and one.source_file["download"] > own["download"]
        ]
        whole = successors.get(own["file_id"])
        for record in reading.pilot:
            batch = record["programme"], record["batch"]
            newer = whole or next((one for one in later if batch in batches[id(one)]), None)
            record["superseded_by"] = newer.source_file["file_id"] if newer is not None else None
