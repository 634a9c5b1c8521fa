"""What a run keeps: each file reading, so that an unchanged file is not read again, and a record of the whole lake.

Belongs here: the keys that decide on reuse, writing and restoring, and the record of what the lake was last written
from, so that a run with nothing changed leaves it alone. Numbers are restored as exactly the same numbers. Records of
persons are not kept here but in the lake's private part.
"""

import datetime as dt
import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import fields
from functools import cache
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from catalog import Sources
from catalog.base import PROJECT_DIR
from catalog.declarations.corrections import Correction
from ingestion.build.private import close, kept_share
from ingestion.companions import companions_key
from ingestion.formats.probe import Probe
from ingestion.paths import relative_name
from ingestion.places.units import adcodes_path
from ingestion.reading import FileReading, Record
from ingestion.schemas import SCHEMAS

# A file that changed while it was read has no content the key could stand for; what memory or time did not suffice for
# may succeed another time.
UNSETTLED = frozenset({"file_changed", "beyond_bounds", "reader_died"})
_NOT_SETTLED = " unsettled"
_LISTS = tuple(part.name for part in fields(FileReading) if part.name not in {"source_file", "absent", "tables"})
_DATES = ("accessed_on", "announced_on")

# Beside the files of the lake: what they were written from.
RECORD = "written.json"


@cache
def code_sha256() -> str:
    """Hash of all code that decides how a file is read: reuse ends when it changes."""
    digest = hashlib.sha256()
    folders = (PROJECT_DIR / "ingestion", PROJECT_DIR / "catalog")
    inputs = PROJECT_DIR / "catalog" / "inputs"  # an entry is part of its file's own key; corrections come later
    paths = sorted(
        path
        for folder in folders
        for path in folder.rglob("*")
        if path.suffix in {".py", ".yaml", ".csv"} and not path.is_relative_to(inputs)
    )
    seeds = PROJECT_DIR / "dbt" / "seeds"
    for path in [*paths, seeds / "province.csv", seeds / "province_adjacency.csv"]:
        digest.update(path.relative_to(PROJECT_DIR).as_posix().encode() + path.read_bytes())
    digest.update(adcodes_path().read_bytes())
    return digest.hexdigest()


def reuse_key(path: Path, root: Path, sources: Sources) -> str:
    """Changes with the file's bytes, its declaration, the files it refers to, and the code that reads it."""
    source = sources.find(relative_name(path, root))
    declared = source.model_dump_json() if source else ""
    rank = sources.rank(source.vintage) if source else -1
    probe = Probe(path, root)
    content = f"{probe.sha256} {probe.obstacle}"
    companions = companions_key(path, root, source)
    facts = sources.divisions.sha256 if sources.divisions else ""
    parts = (content, declared, rank, companions, facts, sources.data_kind, code_sha256())
    return hashlib.sha256(" ".join(map(str, parts)).encode()).hexdigest()


def keep(folder: Path, key: str, reading: FileReading) -> None:
    """Keep a reading in `folder` under the identifier of its file, replacing what was kept before."""
    if any(record["code"] in UNSETTLED for record in reading.rejected_row):
        key += _NOT_SETTLED
    folder.mkdir(parents=True, exist_ok=True)
    file_id = reading.source_file["file_id"]
    target = folder / f"{file_id}.json"
    # The JSON comes last: a reading cut short leaves none, or one whose key is another.
    target.unlink(missing_ok=True)
    for name, table in reading.tables.items():
        share = kept_share(name, folder.parent, file_id)
        pq.write_table(table, share, compression="zstd")
        close(name, share)
    temporary = target.with_suffix(".tmp")
    # Line by line: as one text it would take as much memory again as the reading itself. Dates apart nothing is kept as
    # text that is none: it would come back as text and no longer be the number it was.
    with temporary.open("w", encoding="utf-8", newline="\n") as stream:
        for line in _lines(key, reading):
            stream.write(json.dumps(line, ensure_ascii=False, default=dt.date.isoformat) + "\n")
    temporary.replace(target)


def take_back(folder: Path, key: str, file_id: str, fresh: bool = False) -> FileReading | None:
    """The reading kept under this key, or None. `fresh`: also one of this run that must not be used again."""
    try:
        with (folder / f"{file_id}.json").open(encoding="utf-8") as stream:
            head = json.loads(stream.readline())
            if head["key"] not in ((key, key + _NOT_SETTLED) if fresh else (key,)):
                return None
            lists = {name: [json.loads(stream.readline()) for _ in range(head["lists"][name])] for name in _LISTS}
        for record in (*lists["pilot"], head["source_file"]):
            record |= {name: dt.date.fromisoformat(record[name]) for name in _DATES if record.get(name)}
        shares = {name: kept_share(name, folder.parent, file_id) for name in head["tables"]}
        tables = {name: pq.read_table(share, schema=SCHEMAS[name]) for name, share in shares.items()}
        return FileReading(source_file=head["source_file"], absent=head["absent"], tables=tables, **lists)
    except (ValueError, KeyError, TypeError, AttributeError, OSError):
        # Absent, cut short or from another version: what is kept only saves time, so the file is read again.
        return None


def _lines(key: str, reading: FileReading) -> Iterator[Record]:
    """The first line says what follows: so many records of each list, one a line, in this order."""
    yield {
        "key": key,
        "source_file": reading.source_file,
        "absent": reading.absent,
        "tables": sorted(reading.tables),
        "lists": {name: len(getattr(reading, name)) for name in _LISTS},
    }
    for name in _LISTS:
        yield from getattr(reading, name)


def lake_state(
    keys: Mapping[str, str], sources: Sources, corrections: Sequence[Correction], counted: Sequence[Mapping[str, Any]]
) -> str:
    """Changes with the name of every file and its own key, the declaration, the corrections, the keys pilots are
    counted by and the code that reads.
    """
    parts = [*(f"{name} {key}" for name, key in sorted(keys.items())), sources.model_dump_json(), code_sha256()]
    parts += [*(correction.model_dump_json() for correction in corrections), *sources.downloads.facts()]
    parts.append(json.dumps(counted, sort_keys=True))
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def put_on_record(lake: Path, state: str, files: Iterable[Path], summary: Mapping[str, object]) -> None:
    """Record what the lake was written from, its files with their hashes, and the remarks; call it after writing."""
    hashes = {path.relative_to(lake).as_posix(): _sha256(path) for path in files}
    content = {"state": state, "files": hashes, "summary": summary}
    temporary = lake / f"{RECORD}.tmp"
    temporary.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
    temporary.replace(lake / RECORD)


def on_record(lake: Path, state: str) -> dict[str, object] | None:
    """The summary recorded for this state; None if the lake is another one or its files are not those written."""
    try:
        content = json.loads((lake / RECORD).read_text(encoding="utf-8"))
        whole = all(_sha256(lake / name) == sha256 for name, sha256 in content["files"].items())
        return dict(content["summary"]) if whole and content["state"] == state else None
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
