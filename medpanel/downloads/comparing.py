"""What a file would bring, beside what is there: cells it shares with those, adds and revises.

Pure: readings in, counts out. Which entry a file is read by: recognising.py.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ingestion import FileReading

Figure = tuple[str, int, int, str]
# A revision seldom moves a figure by more.
_REVISED = 0.25
# So many shared cells, and so large a part of them agreeing, tell an indicator or a unit.
_FEWEST, _MOST = 5, 0.9


@dataclass(frozen=True)
class Difference:
    """Counts of cells, or of entries of pilot lists: `agreeing` are those shared cells a revision could explain."""

    shared: int = 0
    agreeing: int = 0
    added: int = 0
    revised: int = 0
    removed: int = 0

    @property
    def plausible(self) -> bool:
        """Whether most of the shared cells agree, or none are shared."""
        return self.agreeing >= 0.8 * self.shared


def figures(readings: Iterable[FileReading]) -> dict[Figure, float]:
    """Every figure by level, place, year and indicator; of later readings where several have it."""
    return {_key(record): record["value"] for reading in readings for record in reading.observation}


def pilots(readings: Iterable[FileReading]) -> dict[tuple[str, int, int], tuple[Any, ...]]:
    """Every entry of pilot lists by programme, batch and unit, with status and date; a later list has its batch."""
    found: dict[tuple[str, int, int], tuple[Any, ...]] = {}
    for reading in readings:
        batches = {(record["programme"], record["batch"]) for record in reading.pilot}
        found = {key: told for key, told in found.items() if key[:2] not in batches}
        for record in reading.pilot:
            key = record["programme"], record["batch"], record["unit_code"]
            found[key] = record["status"], record["announced_on"]
    return found


def _key(record: Mapping[str, Any]) -> Figure:
    return record["entity_level"], record["entity_code"], record["year"], record["indicator"]


def differences(reading: FileReading, standing: Iterable[FileReading]) -> Difference:
    """What a file would change of what stands in its vintage, the readings in the order of their downloads."""
    standing = list(standing)
    old, new = figures(standing), figures([reading])
    shared = [(old[key], new[key]) for key in new.keys() & old.keys()]
    listed, lists = pilots(standing), pilots([reading])
    batches = {key[:2] for key in lists}
    superseded = {key for key in listed if key[:2] in batches}
    same = lists.keys() & listed.keys()
    return Difference(
        shared=len(shared) + len(same),
        agreeing=sum(abs(b - a) <= _REVISED * abs(a) for a, b in shared) + len(same),
        added=len(new.keys() - old.keys()) + len(lists.keys() - listed.keys()),
        revised=sum(a != b for a, b in shared) + sum(listed[key] != lists[key] for key in same),
        removed=len(superseded - lists.keys()),
    )


def likeness(reading: FileReading, other: FileReading) -> tuple[int, int]:
    """How many series of places, and how many cells, two files share: what makes one the predecessor of the other."""
    mine, theirs = figures([reading]), figures([other])
    lists = {key[:2] for key in pilots([reading])} & {key[:2] for key in pilots([other])}
    series = {(k[0], k[1], k[3]) for k in mine} & {(k[0], k[1], k[3]) for k in theirs}
    return len(series) + len(lists), len(mine.keys() & theirs.keys())


def agrees(reading: FileReading, standing: Iterable[FileReading], indicator: str) -> bool | None:
    """Whether nearly all figures of an indicator are such as a revision could explain; None with too few to tell."""
    old = {key: value for key, value in figures(standing).items() if key[3] == indicator}
    new = figures([reading])
    shared = [(old[key], new[key]) for key in old.keys() & new.keys()]
    if len(shared) < _FEWEST:
        return None
    return sum(abs(b - a) <= _REVISED * abs(a) for a, b in shared) >= _MOST * len(shared)
