"""A folder of files to the lake: every file read once, unchanged ones re-used, contradictions between files refused.

Belongs here: walking the folder, re-use, cross-file contradictions, writing Parquet. Reading one file: reading.py.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import time
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from catalog import Registry, Sources, load_registry
from catalog.base import PROJECT_DIR
from ingestion.problems import Problem
from ingestion.reading import FileReading, Record, first_problem, make_file_id, read_file

# Kept beside the input files, but no data.
NOT_DATA = frozenset({"sources.yaml", "truth.json", "README.md", ".DS_Store", "Thumbs.db"})

_TEXT, _INT = pa.string(), pa.int32()
_PLACE = [("file_id", _TEXT), ("sheet", _TEXT), ("row", _INT), ("cell", _TEXT)]
_FIGURE = [
    ("entity_code", _INT),
    ("entity_level", _TEXT),
    ("year", _INT),
    ("indicator", _TEXT),
    ("vintage", _TEXT),
    ("unit", _TEXT),
    ("raw", _TEXT),
    ("raw_unit", _TEXT),
    ("header", _TEXT),
]
SCHEMAS: dict[str, pa.Schema] = {
    "observation": pa.schema([*_PLACE, *_FIGURE, ("value", pa.float64())]),
    "missing_cell": pa.schema([*_PLACE, *_FIGURE]),
    "rejected_row": pa.schema([*_PLACE, ("code", _TEXT), ("reason", _TEXT), ("reason_zh", _TEXT), ("raw", _TEXT)]),
    "source_file": pa.schema(
        [
            ("file_id", _TEXT),
            ("path", _TEXT),
            ("sha256", _TEXT),
            ("bytes", pa.int64()),
            ("layout", _TEXT),
            ("encoding", _TEXT),
            ("vintage", _TEXT),
            ("vintage_rank", _INT),
            ("publisher", _TEXT),
            ("licence", _TEXT),
            ("accessed_on", pa.date32()),
            ("status", _TEXT),
            ("problem", _TEXT),
            ("rows_read", _INT),
            ("rows_loaded", _INT),
            ("rows_rejected", _INT),
            ("rows_set_aside", _INT),
            ("cells_loaded", _INT),
            ("cells_missing", _INT),
            ("cells_rejected", _INT),
        ]
    ),
    "pilot": pa.schema(
        [
            ("programme", _TEXT),
            ("batch", _INT),
            ("unit_code", _INT),
            ("unit_name", _TEXT),
            ("city_code", _INT),
            ("province_code", _INT),
            ("level", _TEXT),
            ("status", _TEXT),
            ("label_year", _INT),
            ("announced_on", pa.date32()),
            ("source", _TEXT),
            ("file_id", _TEXT),
            ("row", _INT),
        ]
    ),
}
_SORT = {
    "observation": ("entity_code", "year", "indicator", "vintage", "file_id"),
    "missing_cell": ("entity_code", "year", "indicator", "vintage", "file_id", "sheet", "row", "cell"),
    "rejected_row": ("file_id", "sheet", "row", "cell"),
    "source_file": ("path",),
    "pilot": ("programme", "batch", "unit_code", "file_id"),
}


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
    return [path for path in files if sources.find(path.relative_to(root).as_posix()) is not None]


def _is_hidden(path: Path, root: Path) -> bool:
    # Editors and office programs leave .~lock and ~$ files beside the ones being edited.
    return any(part.startswith((".", "~$")) for part in path.relative_to(root).parts)


@cache
def _code_sha256() -> str:
    """Hash of everything that decides how a file is read: re-use ends when the code changes."""
    digest = hashlib.sha256()
    folders = (PROJECT_DIR / "ingestion", PROJECT_DIR / "catalog")
    paths = sorted(path for folder in folders for path in folder.rglob("*") if path.suffix in {".py", ".yaml"})
    for path in [*paths, PROJECT_DIR / "dbt" / "seeds" / "province.csv"]:
        digest.update(path.relative_to(PROJECT_DIR).as_posix().encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _reuse_key(path: Path, root: Path, sources: Sources) -> str:
    source = sources.find(path.relative_to(root).as_posix())
    declared = source.model_dump_json() if source else ""
    rank = sources.vintages.index(source.vintage) if source else -1
    content = hashlib.sha256(path.read_bytes()).hexdigest()
    return hashlib.sha256(f"{content} {declared} {rank} {_code_sha256()}".encode()).hexdigest()


def _store(folder: Path, key: str, reading: FileReading) -> None:
    tables = {name: getattr(reading, name) for name in SCHEMAS if name != "source_file"}
    payload = {"key": key, "source_file": reading.source_file, **tables}
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / f"{reading.source_file['file_id']}.json"
    temporary = target.with_suffix(".tmp")
    temporary.write_text(json.dumps(payload, ensure_ascii=False, default=str), encoding="utf-8")
    temporary.replace(target)


def _restore(folder: Path, key: str, file_id: str) -> FileReading | None:
    path = folder / f"{file_id}.json"
    if not path.exists():
        return None
    payload = json.loads(path.read_text(encoding="utf-8"))
    if payload.pop("key") != key:
        return None
    for record in [payload["source_file"], *payload["pilot"]]:
        for name in ("accessed_on", "announced_on"):
            if record.get(name):
                record[name] = dt.date.fromisoformat(record[name])
    return FileReading(**payload)


def refuse_conflicts(readings: list[FileReading]) -> None:
    """Refuse every cell of a figure that stands with different values in one vintage; nothing decides between them.

    A figure repeated with the same value inside one file keeps its first cell. Changes the readings in place.
    """
    by_figure: dict[tuple[Any, ...], list[tuple[FileReading, Record]]] = defaultdict(list)
    for reading in readings:
        for record in reading.observation:
            key = (record["entity_code"], record["year"], record["indicator"], record["vintage"])
            by_figure[key].append((reading, record))
    doomed: set[int] = set()
    for entries in by_figure.values():
        if len(entries) == 1:
            continue
        entries.sort(key=lambda entry: (entry[0].source_file["path"], entry[1]["sheet"], entry[1]["row"]))
        places = [_place(reading, record) for reading, record in entries]
        if len({record["value"] for _, record in entries}) > 1:
            for number, (reading, record) in enumerate(entries):
                others = "; ".join(p for i, p in enumerate(places) if i != number)
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
        reading.source_file["cells_loaded"] = len(reading.observation)
        reading.source_file["cells_rejected"] = sum(1 for record in reading.rejected_row if record["cell"])
        if not reading.observation and not reading.pilot:
            reading.source_file["status"] = "refused"
        reading.source_file["problem"] = first_problem(reading.rejected_row)


def _place(reading: FileReading, record: Record) -> str:
    sheet = f" {record['sheet']}" if record["sheet"] else ""
    return f"{reading.source_file['path']}{sheet} {record['cell']} = {record['raw']}"


def _refuse_cell(reading: FileReading, record: Record, code: str, expected: str) -> None:
    found = f"{record['raw']} {record['raw_unit']}"
    problem = Problem(code, found, expected, "", record["sheet"], record["row"], record["cell"])
    path = reading.source_file["path"]
    reading.rejected_row.append(
        {
            **{name: record[name] for name in ("file_id", "sheet", "row", "cell")},
            "code": code,
            "reason": problem.english(path),
            "reason_zh": problem.chinese(path),
            "raw": record["raw"],
        }
    )


def _write(lake: Path, name: str, records: Iterable[Record]) -> int:
    rows = sorted(records, key=lambda record: tuple(str(record[c]).rjust(12, "0") for c in _SORT[name]))
    table = pa.Table.from_pylist(rows, schema=SCHEMAS[name])
    temporary = lake / f"{name}.parquet.tmp"
    pq.write_table(table, temporary, compression="zstd")
    temporary.replace(lake / f"{name}.parquet")
    return len(rows)


def build_lake(
    root: Path, sources: Sources, lake: Path, say: Callable[[str], None], registry: Registry | None = None
) -> LakeSummary:
    """Read every input file below `root` into Parquet files in `lake`; same input gives identical bytes.

    `say` receives progress lines. Raises FileNotFoundError when the folder holds no file to read.
    """
    registry = registry or load_registry()
    files = input_files(root, sources)
    if not files:
        raise FileNotFoundError(f"{root}: no input files; put files and their sources.yaml there")
    say(f"{len(files)} files in {root}")
    readings, timings = [], []
    last_word = time.monotonic()
    for number, path in enumerate(files, start=1):
        began = time.perf_counter()
        key = _reuse_key(path, root, sources)
        file_id = make_file_id(path.relative_to(root).as_posix())
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
    refuse_conflicts(readings)
    rows = {
        name: _write(lake, name, (r for reading in readings for r in getattr(reading, name)))
        for name in SCHEMAS
        if name != "source_file"
    }
    rows["source_file"] = _write(lake, "source_file", (reading.source_file for reading in readings))
    for reading in readings:
        if reading.source_file["status"] == "refused":
            say(f"refused: {reading.source_file['problem']}")
    digest = hashlib.sha256()
    for reading in readings:
        digest.update(f"{reading.source_file['path']} {reading.source_file['sha256']}\n".encode())
    summary = LakeSummary(rows, timings, digest.hexdigest())
    say(f"{summary.reused} of {len(files)} files unchanged and re-used, {len(files) - summary.reused} read")
    return summary
