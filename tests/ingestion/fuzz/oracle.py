"""What may become of a spoilt file: the same figures, or a refusal that names the place; never another figure.

A figure is (region, year, indicator, value). Each one of the valid file is loaded, or refused or missing on record.
"""

from __future__ import annotations

import random
import tempfile
from functools import cache
from pathlib import Path
from typing import Literal

from catalog import load_registry
from ingestion import FileReading, read_file
from tests.ingestion.conftest import declared
from tests.ingestion.fuzz.families import FAMILIES, Table
from tests.ingestion.fuzz.mutations import MUTATIONS

Figure = tuple[int, int, str, float]
_OF_PILOTS = ("programme", "unit_name", "city_code", "province_code", "level", "status", "announced_on")
Outcome = Literal["same", "partly refused", "refused"]


class SilentChangeError(AssertionError):
    """A figure changed, or vanished, without a word."""


def read(table: Table) -> FileReading:
    """Write the table into a file and read it."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"a.{table.suffix}"
        path.write_bytes(table.write(table))
        return read_file(path.parent, path, declared(**table.keys), load_registry())


def figures(reading: FileReading) -> set[Figure]:
    """What was loaded: figures, and of pilots the place, year and kind with the batch as their figure."""
    found = {(r["entity_code"], r["year"], r["indicator"], r["value"]) for r in reading.observation}
    for r in reading.pilot:
        kind = " ".join(str(r[name]) for name in _OF_PILOTS)
        found.add((r["unit_code"], r["label_year"], kind, float(r["batch"])))
    return found


@cache
def valid(family: str) -> frozenset[Figure]:
    """The figures of the valid file. Raises AssertionError when it is not valid."""
    reading = read(FAMILIES[family]())
    assert not reading.rejected_row and figures(reading), reading.rejected_row[:3]
    return frozenset(figures(reading))


def judge(original: frozenset[Figure], reading: FileReading) -> Outcome:
    """The outcome. Raises SilentChangeError."""
    counts = reading.source_file
    assert counts["rows_read"] == counts["rows_loaded"] + counts["rows_rejected"] + counts["rows_set_aside"]
    loaded = figures(reading)
    if loaded - original:
        raise SilentChangeError(f"other figures: {sorted(loaded - original)[:5]}")
    if len(loaded) != len(reading.observation) + len(reading.pilot):
        raise SilentChangeError("a figure twice")
    lost = original - loaded
    if lost and not reading.rejected_row:
        known = {(r["entity_code"], r["year"], r["indicator"]) for r in reading.missing_cell}
        unknown = {figure for figure in lost if figure[:3] not in known}
        if len(unknown) > reading.absent * len({figure[2] for figure in original}):
            raise SilentChangeError(f"figures gone without a word: {sorted(unknown)[:5]}")
    for record in reading.rejected_row:
        if record["code"] == "reader_fault":
            raise SilentChangeError(record["reason"])
        placed = record["row"] > 0 or record["cell"] or record["sheet"] or counts["status"] == "refused"
        if not placed or not record["reason"].startswith("a."):
            raise SilentChangeError(f"a refusal without its place: {record['reason']}")
    if not lost:
        return "same"
    return "partly refused" if loaded else "refused"


def run(family: str, kinds: list[str], seed: int) -> Outcome | None:
    """Spoil a file of the family by the mutations named, in order; None when none of them applies to it."""
    original = valid(family)
    chance = random.Random(seed)
    table, changed = FAMILIES[family]().copy(), False
    for kind in kinds:
        mutated = MUTATIONS[kind](table.copy(), chance)
        if mutated is not None:
            table, changed = mutated.copy(), True
    return judge(original, read(table)) if changed else None
