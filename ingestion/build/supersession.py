"""The line of downloads: which file was downloaded when, and what a later download takes the place of.

Belongs here: what the register (catalog/declarations/downloads.py) says of files once they are read: their numbers,
files replaced as a whole, pilots a later list supersedes, files whose contents were exchanged. Figures are superseded
cell by cell, in dbt/. Contradictions within one download: conflicts.py.
"""

from collections.abc import Sequence

from catalog.declarations.downloads import Register
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
    loaded = {one.source_file["file_id"]: one for one in readings if one.source_file["status"] == "loaded"}
    remaining = []
    for reading in readings:
        successor = loaded.get(reading.source_file["superseded_by"])
        if successor is None or not reading.tables:
            remaining.append(reading)
            continue
        row = register.at(reading.source_file["path"])
        if row is None or row.state == "current":
            refuse_file(reading, Problem("superseded_file", "", successor.source_file["path"]))
            remaining.append(reading)
    _mark_pilots(remaining)
    return remaining


def _refuse_exchanged(reading: FileReading, register: Register) -> None:
    """Refuse a file that holds what another path is on record with, while that one holds something else."""
    path, sha256 = reading.source_file["path"], reading.source_file["sha256"]
    row = register.at(path)
    if row is None or row.state != "current" or row.sha256 == sha256:
        return
    other = next((one for one in register.readable.values() if one.state == "current" and one.sha256 == sha256), None)
    if other is not None:
        refuse_file(reading, Problem("swapped_files", "", other.path))


def _mark_pilots(readings: Sequence[FileReading]) -> None:
    """Say of each pilot which list superseded it: the one that replaced its list, or the next with its batch."""
    lists = [reading for reading in readings if reading.pilot]
    lists.sort(key=lambda one: (one.source_file["download"], one.source_file["path"]))
    loaded = {one.source_file["file_id"] for one in readings if one.source_file["status"] == "loaded"}
    batches = {id(one): {(record["programme"], record["batch"]) for record in one.pilot} for one in lists}
    for reading in lists:
        own = reading.source_file
        later = [
            one
            for one in lists
            if one.source_file["vintage"] == own["vintage"] and one.source_file["download"] > own["download"]
        ]
        whole = own["superseded_by"] if own["superseded_by"] in loaded else None
        for record in reading.pilot:
            batch = record["programme"], record["batch"]
            newer = next((one.source_file["file_id"] for one in later if batch in batches[id(one)]), None)
            record["superseded_by"] = whole or newer
