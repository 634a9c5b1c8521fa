"""Which entry of sources.yaml reads a new file, as the newer download of which file, and what would have to be assumed.

Every plausible entry is tried on the file itself, and what it yields is held against the figures that stand. An
assumption (a header that means an indicator, a unit other than declared) is made only where the shared cells bear it
out, and is asked about. Reading is ingestion/; asking and recording: adding.py.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path, PurePosixPath

from catalog import Registry, Source, Sources
from catalog.base import Text
from catalog.declarations.downloads import Answers, Received, Register
from catalog.declarations.misc import DeclaredColumn
from catalog.lake import IN_USE
from ingestion import FileReading
from ingestion.build.reading_cache import reuse_key, take_back
from ingestion.build.worker_pool import Reader
from ingestion.reading import make_file_id
from medpanel.downloads.comparing import Difference, agrees, differences, likeness

# Larger files are tried with the entries their name fits only.
_TRIED_BYTES = 20 * 2**20


@dataclass(frozen=True)
class Trial:
    """A new file read by one entry. `assumed`: what somebody has to confirm; `predecessor`: what it is newer than."""

    entry: Source
    row: Received
    reading: FileReading
    named: bool
    difference: Difference
    predecessor: str | None = None
    assumed: tuple[Text, ...] = ()

    @property
    def loads(self) -> bool:
        """Whether anything of the file would be loaded, and it fits what stands."""
        return self.reading.source_file["status"] in IN_USE and self.difference.plausible

    @property
    def certain(self) -> bool:
        """Whether nobody need be asked: its name is declared, or it repeats most of what stands."""
        return self.loads and not self.assumed and (self.named or self.difference.shared > 0)

    @property
    def problem(self) -> str:
        """Why it does not load."""
        if self.reading.source_file["status"] not in IN_USE:
            return str(self.reading.source_file["problem"])
        apart = self.difference.shared - self.difference.agreeing
        return f"{apart} of {self.difference.shared} shared cells are far from those there / 与现有数值相差过大"


@dataclass(frozen=True)
class Bench:
    """Where files are tried: the input folder, its declaration, the readings an earlier run kept, who reads."""

    root: Path
    sources: Sources
    registry: Registry
    store: Path
    reader: Reader
    _read: dict[str, FileReading] = field(default_factory=dict)

    def trials(self, row: Received, entry: str | None, newer_than: str | None) -> list[Trial]:
        """The file, at its place, read by each entry in question, most convincing first."""
        found = [self._tried(source, row, newer_than) for source in self._candidates(row, entry, newer_than)]
        order = {source.match: number for number, source in enumerate(self.sources.files)}
        return sorted(found, key=lambda one: (*_rank(one), order[one.entry.match]))

    def _candidates(self, row: Received, entry: str | None, newer_than: str | None) -> list[Source]:
        if entry is not None:
            return [source for source in self.sources.files if source.match == entry]
        if newer_than is not None:
            own = self.sources.find(newer_than)
            return [source for source in self.sources.files if own is not None and source.match == own.match]
        readable = [source for source in self.sources.files if source.not_read is None]
        return [source for source in readable if row.bytes <= _TRIED_BYTES or self._names(source, row.name)]

    def _names(self, source: Source, name: str) -> bool:
        """Whether the entry would read a file of this name in a folder it reads from."""
        folders = {str(PurePosixPath(path).parent) for path in self.sources.downloads.readable}
        places = {f"{folder}/{name}".removeprefix("./") for folder in folders} | {name}
        return any(found is not None and found.match == source.match for found in map(self.sources.matching, places))

    def read(self, row: Received) -> FileReading:
        """The file as the run would read it with this row on record."""
        register = Register(files=(*self.sources.downloads.files, row))
        sources = self.sources.model_copy(update={"downloads": register})
        return self.reader.read(self.root, self.root / row.path, sources, self.registry)

    def _standing_reading(self, path: str) -> FileReading:
        if path not in self._read:
            place = self.root / path
            kept = take_back(self.store, reuse_key(place, self.root, self.sources), make_file_id(path))
            self._read[path] = kept or self.reader.read(self.root, place, self.sources, self.registry)
        return self._read[path]

    @cached_property
    def _current(self) -> list[tuple[Received, Source]]:
        rows = sorted(self.sources.downloads.readable.values(), key=lambda one: (one.download, one.path))
        found = [(row, self.sources.find(row.path)) for row in rows if row.state == "current"]
        return [(row, source) for row, source in found if source is not None and source.not_read is None]

    def standing(self, vintage: str) -> list[FileReading]:
        """The files of a vintage that are in use, in the order of their downloads."""
        return [self._standing_reading(row.path) for row, source in self._current if source.vintage == vintage]

    def _tried(self, source: Source, row: Received, newer_than: str | None) -> Trial:
        row = row.model_copy(update={"entry": source.match, "newer_than": newer_than})
        standing = self.standing(source.vintage)
        reading, assumed = self.read(row), []
        for step in (self._stated_unit, self._renamed, self._other_unit):
            for better, text in step(source, row, reading, standing):
                row, reading = better, self.read(better)
                assumed += [text] if text is not None else []
        trial = Trial(
            source,
            row,
            reading,
            self._names(source, row.name),
            differences(reading, standing),
            newer_than,
            tuple(assumed),
        )
        return trial if newer_than is not None else replace(trial, predecessor=self._predecessor(trial, standing))

    def _predecessor(self, trial: Trial, standing: list[FileReading]) -> str | None:
        alike = [(likeness(trial.reading, other), number) for number, other in enumerate(standing)]
        best = max(alike, default=((0, 0), 0))
        return str(standing[best[1]].source_file["path"]) if best[0][0] else None

    def _stated_unit(
        self, source: Source, row: Received, reading: FileReading, standing: list[FileReading]
    ) -> Iterator[tuple[Received, Text | None]]:
        """The unit a file states itself wins over the declared one; nobody need be asked."""
        stated = {str(record["found"]) for record in reading.rejected_row if record["code"] == "contradicting_unit"}
        if len(stated) == 1 and row.answers.unit is None:
            yield _answered(row, unit=stated.pop()), None

    def _renamed(
        self, source: Source, row: Received, reading: FileReading, standing: list[FileReading]
    ) -> Iterator[tuple[Received, Text | None]]:
        """Headers no list knows, each as the missing indicator whose figures it has."""
        known = {record["indicator"] for record in (*reading.observation, *reading.refused_cell)}
        expected = {record["indicator"] for one in standing for record in one.observation}
        names = [str(record["found"]) for record in reading.rejected_row if record["code"] == "unknown_indicator"]
        for name in dict.fromkeys(filter(None, names)):
            for indicator in sorted((expected | source.carries) - known):
                columns = {**row.answers.columns, name: DeclaredColumn(indicator=indicator)}
                better = _answered(row, columns=columns)
                # The unit may have changed too: that is the next step's question.
                seen = [better, *(one for one, _ in self._units(source, better, indicator))]
                if any(agrees(self.read(one), standing, indicator) for one in seen):
                    row = better
                    known.add(indicator)
                    yield row, Text(en=f"the column {name} is {indicator}", zh=f"列“{name}”即{indicator}")
                    break

    def _other_unit(
        self, source: Source, row: Received, reading: FileReading, standing: list[FileReading]
    ) -> Iterator[tuple[Received, Text | None]]:
        """Indicators whose figures fit what stands in another unit only; a file that states its own refuses another."""
        declared = {column.indicator: column.unit or source.unit for column in source.columns.values()}
        declared |= {source.indicator: source.unit} if source.indicator is not None else {}
        read = {record["indicator"]: record["raw_unit"] for record in (*reading.observation, *reading.refused_cell)}
        for indicator, unit in sorted((declared | read).items()):
            if unit is None or agrees(reading, standing, indicator):
                continue
            for better, other in self._units(source, row, indicator):
                if other != unit and agrees(self.read(better), standing, indicator):
                    row = better
                    factor = self.registry.conversion(unit, indicator) / self.registry.conversion(other, indicator)
                    times = f"{float(factor):,.10g}"
                    yield (
                        row,
                        Text(
                            en=f"the figures of {indicator} are {times} times those there: in {other}, not {unit}",
                            zh=f"{indicator}的数值为现有数值的{times}倍：单位为{other}而非{unit}",
                        ),
                    )
                    break

    def _units(self, source: Source, row: Received, indicator: str) -> Iterator[tuple[Received, str]]:
        """The row with each other unit of the indicator's quantity, one of each size."""
        units, own = self.registry.units, self.registry.indicators[indicator].unit
        sizes = {unit.factor: symbol for symbol, unit in units.items() if unit.quantity == units[own].quantity}
        sizes[units[own].factor] = own
        named = [name for name, column in row.answers.columns.items() if column.indicator == indicator]
        named += [name for name, column in source.columns.items() if column.indicator == indicator]
        for symbol in sizes.values():
            if named:
                column = DeclaredColumn(indicator=indicator, unit=symbol)
                yield _answered(row, columns={**row.answers.columns, named[0]: column}), symbol
            else:
                yield _answered(row, unit=symbol), symbol


def _answered(row: Received, **answers: object) -> Received:
    content = row.answers.model_dump() | answers
    return row.model_copy(update={"answers": Answers.model_validate(content)})


def _rank(trial: Trial) -> tuple[object, ...]:
    """Most convincing first: it loads, nobody need be asked, its name is declared, most cells are as they stand."""
    difference = trial.difference
    same = difference.agreeing - difference.revised
    assumptions = len(trial.assumed)
    return not trial.loads, not trial.certain, assumptions, not trial.named, -same, -difference.shared
