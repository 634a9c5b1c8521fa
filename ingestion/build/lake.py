"""A folder of files to the lake: every file read once, unchanged ones reused, contradictions between files refused.

Belongs here: walking the folder, writing Parquet. Reading one file: reading.py; several at once: worker_pool.py; what
they are together: together.py; what is kept for reuse: reading_cache.py.
"""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from catalog import Registry, Sources, Study, load_registry
from catalog.base import CatalogError, Told, repeated
from catalog.declarations.corrections import Correction
from catalog.declarations.downloads import is_ours
from catalog.declarations.splices import splice_rows
from catalog.exposure_keys import exposure_rows
from catalog.key_errors import nearest
from catalog.lake import PARTIAL, REFUSED
from catalog.yaml_text import match_of
from ingestion.build.links import require_links
from ingestion.build.offers import refused_offers
from ingestion.build.private import clear_out, close, folder_of
from ingestion.build.reading_cache import RECORD, UNSETTLED, lake_state, on_record, put_on_record, reuse_key, take_back
from ingestion.build.together import settled
from ingestion.build.worker_pool import Job, Progress, Task, read_tasks
from ingestion.formats.probe import Probe
from ingestion.paths import relative_name
from ingestion.places import using
from ingestion.places.consistency import require_consistent
from ingestion.places.records import division_counts, place_records
from ingestion.problems import Problem, require
from ingestion.reading import FEW_PERSONS, FileReading, Record, first_refusal, make_file_id
from ingestion.schemas import BULK, OF_EACH_FILE, SCHEMAS, SORT

# Codes of remarks that have in `raw` how many rows are refused that are not listed one by one.
UNLISTED = ("more_rows_rejected", "survey_refused")
# Entries that read nothing for which the file that may be meant is named.
GUESSED = 50
# Kept beside the input files, but no data.
NOT_DATA = frozenset({"sources.yaml", "truth.json", "README.md", ".DS_Store", "Thumbs.db"})
# What browsers call a download until it is whole.
UNFINISHED = (".crdownload", ".part", ".partial", ".download", ".opdownload", ".tmp")


@dataclass(frozen=True)
class LakeSummary:
    """What a run of build_lake did.

    `timings`: (path, seconds, reused) of each file; `remarks`: notes on files and corrections; `files`: the
    tables written; `unsettled`: a file changed while it was read.
    """

    rows: dict[str, int]
    timings: list[tuple[str, float, bool]] = field(default_factory=list)
    inputs_sha256: str = ""
    remarks: tuple[Told, ...] = ()
    files: tuple[Path, ...] = ()
    unsettled: bool = False

    def lasting(self) -> dict[str, Any]:
        """The facts that hold as long as the lake is unchanged."""
        paths, remarks = [path for path, _, _ in self.timings], [(line.en, line.zh) for line in self.remarks]
        return {"rows": self.rows, "paths": paths, "inputs": self.inputs_sha256, "remarks": remarks}

    @classmethod
    def again(cls, lasting: Mapping[str, Any]) -> LakeSummary:
        """The summary of a run that leaves the lake unchanged."""
        timings = [(path, 0.0, True) for path in lasting["paths"]]
        return cls(lasting["rows"], timings, lasting["inputs"], tuple(Told(*line) for line in lasting["remarks"]))

    @property
    def reused(self) -> int:
        """Number of files taken over from the run before."""
        return sum(1 for _, _, reused in self.timings if reused)


def input_files(root: Path, sources: Sources) -> list[Path]:
    """Everything to read below `root`, in path order; with `scope: declared` only what some entry matches.

    Pipes, links to folders and anything unreadable are included: reading refuses them, so that none is forgotten. Of
    kept downloads, those the register says are to be read.
    """
    files = [path for path in _all_files(root, sources) if _is_input(relative_name(path, root), sources)]
    if sources.scope == "all":
        return files
    return [path for path in files if sources.find(relative_name(path, root)) is not None]


def _is_input(name: str, sources: Sources) -> bool:
    return name not in sources.beside and (not is_ours(name) or sources.downloads.at(name) is not None)


def _all_files(root: Path, sources: Sources) -> list[Path]:
    found: list[Path] = []
    closed: list[Path] = []
    facts = sources.divisions.own if sources.divisions else None
    for folder, folders, names in os.walk(root, onerror=lambda error: closed.append(Path(error.filename))):
        folders[:] = [name for name in folders if facts is None or Path(folder, name).resolve() != facts]
        links = [name for name in folders if Path(folder, name).is_symlink()]
        found += [Path(folder, name) for name in (*names, *links) if _is_data(name)]
    # Editors and office programs leave .~lock and ~$ files beside the ones being edited.
    return sorted(
        path
        for path in [*found, *closed]
        if path != root and not any(part.startswith((".", "~$")) for part in path.relative_to(root).parts)
    )


def _is_data(name: str) -> bool:
    return name not in NOT_DATA and not name.lower().endswith(UNFINISHED)


def unused_entries(root: Path, files: Sequence[Path], sources: Sources) -> list[Problem]:
    """What is wrong with every entry that reads no file: none fits, or an earlier entry takes all that do."""
    found = {name: sources.find(name) for name in (relative_name(path, root) for path in files)}
    used = {source.match for source in found.values() if source is not None}
    silent = [name for name, source in found.items() if source is None]
    unused = [source.match for source in sources.files if source.match not in used]
    # Which file is meant is looked for only as often as somebody will read it: of many entries it takes hours.
    return [_unused(match, silent if number < GUESSED else ()) for number, match in enumerate(unused)]


def _unused(match: str, silent: Sequence[str]) -> Problem:
    """`silent`: the paths no entry speaks for, one of which may be meant."""
    cut = next((name for name in silent if name.startswith(f"{match} #")), "")
    near = cut or nearest(match, silent)
    phrase = "comment" if cut else "near" if near else "some_file"
    return Problem("unused_entry", match, phrase, match_of(near) if near else "")


def refuse_equal_names(root: Path, files: Sequence[Path]) -> None:
    """Raise CatalogError for two files whose names look the same and differ only in the encoding of accents."""
    twice = repeated(relative_name(path, root) for path in files)
    require(
        not twice,
        CatalogError(
            f"{root}: two files have the same name, written with different characters: {twice}; rename one / "
            f"{root}：两个文件名看似相同但字符不同：{twice}；请重命名其一"
        ),
    )


def _write(lake: Path, name: str, tables: Iterable[pa.Table]) -> tuple[Path, int]:
    """One lake table, from its shares in their order: its file and rows; records of persons go to lake/private."""
    folder = folder_of(name, lake)
    temporary = folder / f"{name}.parquet.tmp"
    with pq.ParquetWriter(temporary, SCHEMAS[name], compression="zstd") as writer:
        for table in tables:
            writer.write_table(table)
    close(name, temporary)
    rows = pq.read_metadata(temporary).num_rows
    return temporary.replace(folder / f"{name}.parquet"), rows


def _in_order(name: str, records: Iterable[Record]) -> list[pa.Table]:
    """Records of a lake table as its one share, sorted as the table is."""
    rows = sorted(records, key=lambda record: tuple(str(record[c]).rjust(12, "0") for c in SORT[name]))
    return [pa.Table.from_pylist(rows, schema=SCHEMAS[name])]


def _one_per_place(records: Iterable[Record]) -> list[Record]:
    """Records of rejected_row, merged per place: a whole file can have several remarks."""
    places: dict[tuple[Any, ...], Record] = {}
    for record in records:
        place = tuple(record[name] for name in SORT["rejected_row"])
        if place in places:
            first = places[place]
            joined = {"code": "+".join(dict.fromkeys([*first["code"].split("+"), record["code"]]))}
            joined |= {name: f"{first[name]}\n{record[name]}" for name in ("reason", "reason_zh")}
            counted = [int(one["raw"]) for one in (first, record) if any(code in one["code"] for code in UNLISTED)]
            joined |= {"raw": str(sum(counted))} if counted else {}
            record = {**first, **joined}
        places[place] = record
    return list(places.values())


def _read_files(
    job: Job, keys: Mapping[Path, str], say: Callable[[str], None], processes: int | None, fresh: bool
) -> tuple[list[FileReading], list[tuple[str, float, bool]]]:
    """What every file yielded, read now or kept from an earlier run, with the timings; in path order."""
    progress = Progress(len(keys), say)
    # Of each file the seconds it took, what it yielded, and whether that was kept.
    found: dict[Path, tuple[float, FileReading, bool]] = {}
    tasks: list[Task] = []
    for path, key in keys.items():
        began = time.perf_counter()
        kept = None if fresh else take_back(job.store, key, make_file_id(relative_name(path, job.root)))
        if kept is None:
            tasks.append(Task(path, key, Probe(path, job.root).size))
        else:
            found[path] = time.perf_counter() - began, kept, True
            progress.one_more()
    for task, taken, reading in read_tasks(job, tasks, progress, processes):
        found[task.path] = taken, reading, False
    ordered = [found[path] for path in sorted(keys)]
    timings = [(reading.source_file["path"], taken, reused) for taken, reading, reused in ordered]
    return [reading for _, reading, _ in ordered], timings


def build_lake(
    root: Path,
    sources: Sources,
    lake: Path,
    say: Callable[[str], None],
    registry: Registry | None = None,
    corrections: Sequence[Correction] = (),
    processes: int | None = None,
    fresh: bool = False,
    studies: Iterable[Study] = (),
    progress: Callable[[str], None] | None = None,
) -> LakeSummary:
    """Read every input file below `root` into Parquet files in `lake`; same input gives identical bytes.

    `say` receives remarks on files, `progress` (by default `say` too) how far reading is; `corrections` are those
    `sources.corrections` names; `processes` read at once (by default one for each core, and none but this one where
    there is little to read); `studies` say how pilots are counted. A lake written from the same files and declarations
    by the same code is left unchanged; `fresh`: it is rewritten, and nothing kept is used. Raises FileNotFoundError if
    the folder has no file to read and CatalogError for a correction that cannot be right, for facts about divisions
    that contradict each other, and for editions that cannot be chained as declared.
    """
    registry = registry or load_registry()
    with using(sources.divisions):
        require_consistent()
    files = input_files(root, sources)
    require(files, FileNotFoundError(f"{root}: no input files; put files and their sources.yaml there / 没有输入文件"))
    refuse_equal_names(root, files)
    for problem in unused_entries(root, files, sources):
        say(Told(problem.english("sources.yaml"), problem.chinese("sources.yaml")))
    keys = {path: reuse_key(path, root, sources) for path in files}
    counted = exposure_rows(studies)
    state = lake_state({relative_name(path, root): key for path, key in keys.items()}, sources, corrections, counted)
    before = None if fresh else on_record(lake, state)
    if before is None:
        (lake / RECORD).unlink(missing_ok=True)
        job = Job(root, sources, registry, lake / "files")
        with using(sources.divisions):
            summary = _write_lake(job, keys, lake, progress or say, corrections, counted, processes, fresh)
        if not summary.unsettled:
            put_on_record(lake, state, summary.files, summary.lasting())
    else:
        summary = LakeSummary.again(before)
    for line in summary.remarks:
        say(line)
    return summary


def _write_lake(
    job: Job,
    keys: Mapping[Path, str],
    lake: Path,
    say: Callable[[str], None],
    corrections: Sequence[Correction],
    counted: list[Record],
    processes: int | None,
    fresh: bool,
) -> LakeSummary:
    """Read or restore every file, compare all files with each other, and write the tables."""
    clear_out(lake)
    readings, timings = _read_files(job, keys, say, processes, fresh)
    readings, applied, together = settled(readings, job.sources, corrections, job.registry)
    require_links(readings, job.sources)
    records = {name: [r for reading in readings for r in getattr(reading, name)] for name in OF_EACH_FILE}
    records["rejected_row"] = _one_per_place(records["rejected_row"])
    records |= {"correction": applied, "declared_splice": splice_rows(job.sources.splices), "place": place_records()}
    records |= together | {"refused_offer": refused_offers(readings, job.sources), "division_count": division_counts()}
    records["study_exposure"] = counted
    records["source_file"] = [reading.source_file for reading in readings]
    shares = {name: _in_order(name, rows) for name, rows in records.items()}
    shares |= {name: [reading.tables[name] for reading in readings if name in reading.tables] for name in BULK}
    written = {name: _write(lake, name, tables) for name, tables in shares.items()}
    inputs = [f"{reading.source_file['path']} {reading.source_file['sha256']}\n" for reading in readings]
    inputs += [correction.model_dump_json() for correction in corrections]
    inputs += job.sources.downloads.facts()
    return LakeSummary(
        {name: rows for name, (_, rows) in written.items()},
        timings,
        hashlib.sha256("".join(inputs).encode()).hexdigest(),
        tuple(_remarks(readings, applied)),
        tuple(path for path, _ in written.values()),
        any(record["code"] in UNSETTLED for reading in readings for record in reading.rejected_row),
    )


def _problem(reading: FileReading) -> Told:
    """The first problem of a file in both languages."""
    told = first_refusal(reading.rejected_row)
    return Told(told["reason"], told["reason_zh"]) if told else Told(*(2 * [str(reading.source_file["path"])]))


def _remarks(readings: Sequence[FileReading], applied: Iterable[Record]) -> Iterator[Told]:
    """Remarks on files that show too few persons, were refused or leave something out, and on corrections that were
    not applied.
    """
    for record in (record for reading in readings for record in reading.rejected_row):
        if record["code"] == FEW_PERSONS:
            yield Told(record["reason"], record["reason_zh"])
    for reading in readings:
        path, problem = reading.source_file["path"], _problem(reading)
        if reading.source_file["status"] == REFUSED:
            yield Told(f"refused: {problem.en}", f"拒绝：{problem.zh}")
        if reading.source_file["status"] == PARTIAL:
            yield Told(f"loaded in part: {problem.en}", f"部分载入：{problem.zh}")
        if reading.absent:
            yield Told(
                f"{path}: {reading.absent} province-years have no usable row",
                f"{path}：{reading.absent}个省份年份没有可用的行",
            )
    yield from (
        Told(
            f"correction {record['state']}: {record['path']} {record['sheet']} {record['cell']}",
            f"更正未采用（{record['state']}）：{record['path']} {record['sheet']} {record['cell']}",
        )
        for record in applied
        if record["state"] != "applied"
    )
