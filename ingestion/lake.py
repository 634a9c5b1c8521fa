"""A folder of files to the lake: every file read once, unchanged ones re-used, contradictions between files refused.

Belongs here: walking the folder, re-use, cross-file contradictions, writing Parquet. Reading one file: reading.py.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, fields
from functools import cache
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from catalog import Registry, Sources, load_registry
from catalog.base import PROJECT_DIR, CatalogError
from catalog.corrections import Correction
from ingestion.conflicts import refuse_conflicts
from ingestion.corrections import apply_corrections
from ingestion.paths import relative_name
from ingestion.probe import Probe
from ingestion.reading import FileReading, Record, make_file_id, read_file
from ingestion.schemas import BULK, OF_EACH_FILE, PRIVATE, SCHEMAS, SORT

# Kept beside the input files, but no data.
NOT_DATA = frozenset({"sources.yaml", "truth.json", "README.md", ".DS_Store", "Thumbs.db"})


@dataclass(frozen=True)
class LakeSummary:
    """What a run of build_lake did. `timings`: (path, seconds, reused) of each file."""

    rows: dict[str, int]
    timings: list[tuple[str, float, bool]] = field(default_factory=list)
    inputs_sha256: str = ""

    @property
    def reused(self) -> int:
        """Number of files taken over from the run before."""
        return sum(1 for _, _, reused in self.timings if reused)


def input_files(root: Path, sources: Sources) -> list[Path]:
    """Files to read below `root`, in path order; with `scope: declared` only those some entry matches."""
    files = sorted(
        path for path in root.rglob("*") if path.is_file() and path.name not in NOT_DATA and not _is_hidden(path, root)
    )
    if sources.scope == "all":
        return files
    return [path for path in files if sources.find(relative_name(path, root)) is not None]


def unused_entries(root: Path, files: Sequence[Path], sources: Sources) -> list[str]:
    """The `match` of every entry no file is read by: none fits, or an earlier entry takes all that do."""
    used = {source.match for path in files if (source := sources.find(relative_name(path, root))) is not None}
    return [source.match for source in sources.files if source.match not in used]


def refuse_equal_names(root: Path, files: Sequence[Path]) -> None:
    """Raise CatalogError for two files whose names look the same and differ in the encoding of accents only."""
    counts = Counter(relative_name(path, root) for path in files)
    twice = sorted(name for name, count in counts.items() if count > 1)
    if twice:
        raise CatalogError(f"{root}: two files have the same name, written with different characters: {twice}")


def _is_hidden(path: Path, root: Path) -> bool:
    # Editors and office programs leave .~lock and ~$ files beside the ones being edited.
    return any(part.startswith((".", "~$")) for part in path.relative_to(root).parts)


@cache
def _code_sha256() -> str:
    """Hash of everything that decides how a file is read: re-use ends when the code changes."""
    digest = hashlib.sha256()
    folders = (PROJECT_DIR / "ingestion", PROJECT_DIR / "catalog")
    inputs = PROJECT_DIR / "catalog" / "inputs"  # an entry is part of its file's own key; corrections come later
    paths = sorted(
        path
        for folder in folders
        for path in folder.rglob("*")
        if path.suffix in {".py", ".yaml"} and not path.is_relative_to(inputs)
    )
    for path in [*paths, PROJECT_DIR / "dbt" / "seeds" / "province.csv"]:
        digest.update(path.relative_to(PROJECT_DIR).as_posix().encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _reuse_key(path: Path, root: Path, sources: Sources) -> str:
    source = sources.find(relative_name(path, root))
    declared = source.model_dump_json() if source else ""
    rank = sources.vintages.index(source.vintage) if source else -1
    content = Probe(path).sha256
    return hashlib.sha256(f"{content} {declared} {rank} {_code_sha256()}".encode()).hexdigest()


def _kept_table(folder: Path, file_id: str, name: str) -> Path:
    return folder / f"{file_id}.{name}.parquet"


def _store(folder: Path, key: str, reading: FileReading) -> None:
    payload = {"key": key, **{part.name: getattr(reading, part.name) for part in fields(reading)}}
    payload["tables"] = sorted(reading.tables)
    folder.mkdir(parents=True, exist_ok=True)
    file_id = reading.source_file["file_id"]
    # The JSON comes last: a reading cut short leaves none, or one whose key is another.
    (folder / f"{file_id}.json").unlink(missing_ok=True)
    for name, table in reading.tables.items():
        pq.write_table(table, _kept_table(folder, file_id, name), compression="zstd")
    target = folder / f"{file_id}.json"
    temporary = target.with_suffix(".tmp")
    temporary.write_text(json.dumps(payload, ensure_ascii=False, default=str), encoding="utf-8")
    temporary.replace(target)


def _restore(folder: Path, key: str, file_id: str) -> FileReading | None:
    path = folder / f"{file_id}.json"
    if not path.exists():
        return None
    try:
        payload = json.loads(path.read_text(encoding="utf-8"))
        if payload.pop("key") != key:
            return None
        for record in [payload["source_file"], *payload["pilot"]]:
            for name in ("accessed_on", "announced_on"):
                if record.get(name):
                    record[name] = dt.date.fromisoformat(record[name])
        payload["tables"] = {
            name: pq.read_table(_kept_table(folder, file_id, name), schema=SCHEMAS[name]) for name in payload["tables"]
        }
        return FileReading(**payload)
    except (ValueError, KeyError, TypeError, AttributeError, OSError):
        # Cut short or from another version: what is kept only saves time, so the file is read again.
        return None


def _write(lake: Path, name: str, records: Iterable[Record]) -> int:
    rows = sorted(records, key=lambda record: tuple(str(record[c]).rjust(12, "0") for c in SORT[name]))
    table = pa.Table.from_pylist(rows, schema=SCHEMAS[name])
    temporary = lake / f"{name}.parquet.tmp"
    pq.write_table(table, temporary, compression="zstd")
    temporary.replace(lake / f"{name}.parquet")
    return len(rows)


def _write_bulk(lake: Path, name: str, readings: Sequence[FileReading]) -> int:
    """One lake table out of the files' shares of it, in path order; records of persons go to lake/private."""
    folder = lake / "private" if name in PRIVATE else lake
    folder.mkdir(exist_ok=True)
    temporary = folder / f"{name}.parquet.tmp"
    rows = 0
    with pq.ParquetWriter(temporary, SCHEMAS[name], compression="zstd") as writer:
        for reading in readings:
            if name in reading.tables:
                writer.write_table(reading.tables[name])
                rows += len(reading.tables[name])
    temporary.replace(folder / f"{name}.parquet")
    return rows


def build_lake(
    root: Path,
    sources: Sources,
    lake: Path,
    say: Callable[[str], None],
    registry: Registry | None = None,
    corrections: Sequence[Correction] = (),
) -> LakeSummary:
    """Read every input file below `root` into Parquet files in `lake`; same input gives identical bytes.

    `say` receives progress lines; `corrections` are those `sources.corrections` names. Raises FileNotFoundError when
    the folder holds no file to read and CatalogError for a correction that cannot be right.
    """
    registry = registry or load_registry()
    files = input_files(root, sources)
    if not files:
        raise FileNotFoundError(f"{root}: no input files; put files and their sources.yaml there")
    refuse_equal_names(root, files)
    say(f"{len(files)} files in {root}")
    for match in unused_entries(root, files, sources):
        say(f"sources.yaml: no file is read by the entry match: {match}")
    readings, timings = [], []
    last_word = time.monotonic()
    for number, path in enumerate(files, start=1):
        began = time.perf_counter()
        key = _reuse_key(path, root, sources)
        file_id = make_file_id(relative_name(path, root))
        reading = _restore(lake / "files", key, file_id)
        reused = reading is not None
        if reading is None:
            reading = read_file(root, path, sources, registry)
            _store(lake / "files", key, reading)
        readings.append(reading)
        timings.append((reading.source_file["path"], time.perf_counter() - began, reused))
        if time.monotonic() - last_word > 2:
            say(f"{number} of {len(files)} files read")
            last_word = time.monotonic()
    applied = apply_corrections(readings, corrections, registry)
    refuse_conflicts(readings)
    rows = {
        name: _write(lake, name, (r for reading in readings for r in getattr(reading, name))) for name in OF_EACH_FILE
    }
    rows |= {name: _write_bulk(lake, name, readings) for name in BULK}
    rows["correction"] = _write(lake, "correction", applied)
    rows["source_file"] = _write(lake, "source_file", (reading.source_file for reading in readings))
    for reading in readings:
        if reading.source_file["status"] == "refused":
            say(f"refused: {reading.source_file['problem']}")
        if reading.absent:
            say(f"{reading.source_file['path']}: {reading.absent} province-years have no usable row")
    for record in applied:
        if record["state"] != "applied":
            say(f"correction {record['state']}: {record['path']} {record['sheet']} {record['cell']}")
    digest = hashlib.sha256()
    for reading in readings:
        digest.update(f"{reading.source_file['path']} {reading.source_file['sha256']}\n".encode())
    for correction in corrections:
        digest.update(correction.model_dump_json().encode())
    summary = LakeSummary(rows, timings, digest.hexdigest())
    say(f"{summary.reused} of {len(files)} files unchanged and re-used, {len(files) - summary.reused} read")
    return summary
