"""What is decided of lists of doctors once all are read: a doctor on two of them counts once, and how many there are.

Belongs here: repeats across files, counts from which no person can be told. Does not belong here: reading one list
(online_doctors.py).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from ingestion.problems import Problem

if TYPE_CHECKING:
    from ingestion.reading import FileReading

DOCTOR = "doctor"
# Refused rows listed for each file; the rest are counted.
LISTED = 100
UNKNOWN = "unknown"
_REPEATED = "repeated_doctor"
_CELL = ("year", "province_code", "city_code", "title", "hospital_grade")


def settle(readings: Sequence[FileReading]) -> dict[str, list[dict[str, Any]]]:
    """Refuse doctors listed before, and count the others: the rows of `doctor_count`. Changes the readings in place.

    Lists of different years are apart: a doctor counts once in each.
    """
    lists = [reading for reading in readings if DOCTOR in reading.tables]
    # The preferred edition first.
    lists.sort(key=lambda reading: (reading.source_file["vintage_rank"], reading.source_file["path"]))
    first: dict[tuple[int, str], tuple[int, int]] = {}
    for number, reading in enumerate(lists):
        _refuse_repeats(number, reading, lists, first)
    doctors = Counter(
        tuple(row[name] or UNKNOWN for name in _CELL)
        for reading in lists
        for row in reading.tables[DOCTOR].select(_CELL).to_pylist()
    )
    return {"doctor_count": [dict(zip(_CELL, cell, strict=True), doctors=n) for cell, n in doctors.items()]}


def _refuse_repeats(
    number: int, reading: FileReading, lists: Sequence[FileReading], first: dict[tuple[int, str], tuple[int, int]]
) -> None:
    """Refuse the rows of one list whose doctor is in `first`, (year, hash) -> (list, row), and add the others to it."""
    table = reading.tables[DOCTOR]
    keys = zip(*(table[name].to_pylist() for name in ("year", "doctor_id", "row")), strict=True)
    places = [((number, row), first.setdefault((year, doctor), (number, row))) for year, doctor, row in keys]
    repeats = [(row, before) for (own, row), before in places if before != (own, row)]
    for row, (other, other_row) in repeats[:LISTED]:
        place = f"{lists[other].source_file['path']} row {other_row}"
        reading.reject(Problem(_REPEATED, expected=place, row=row), "")
    more = len(repeats) - LISTED
    if more > 0:
        reading.reject(Problem("more_rows_rejected", f"{more:,}", hint=_REPEATED), str(more))
    reading.tables[DOCTOR] = table.filter(pa.array([own == before for own, before in places], pa.bool_()))
    reading.source_file["rows_loaded"] -= len(repeats)
    reading.source_file["rows_rejected"] += len(repeats)
