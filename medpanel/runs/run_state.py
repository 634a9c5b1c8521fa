"""What a run leaves for the next: which file reading each part was computed from.

Belongs here: the name of a file reading (its generation), the record of parts, refusing to mix two readings, and
discarding a working file nobody can open any more. Does not belong here: computing any part; the lock (run_lock.py).

A part here is an asset by its name, `province_year` or `<study>/estimate`, or a suite's outcomes, `checks/<suite>`. Its
record is removed before it is made and written after, so that a killed run leaves parts without a record, never parts
with a wrong one. All of this happens under the run lock.
"""

import hashlib
import json
import shutil
from collections.abc import Iterable, Sequence
from pathlib import Path

from medpanel.runs.warehouse import connect, show_lake
from medpanel.runs.workspace import Workspace

RECORD = "generations.json"
REUSED = "reused.json"
WAREHOUSE_KEY = "warehouse.sha256"


class StaleError(RuntimeError):
    """Parts of two file readings would be mixed; the message names what to materialise again."""


def begin_reading(workspace: Workspace) -> str:
    """Call before the lake is rewritten: nothing is computed from it or published until `record_reading`.

    Returns the hash of the configuration it is read under.
    """
    workspace.lake.mkdir(parents=True, exist_ok=True)
    workspace.lake_summary.unlink(missing_ok=True)
    return workspace.config_sha256()


def record_reading(
    workspace: Workspace,
    config_sha256: str,
    inputs_sha256: str,
    timings: Sequence[tuple[str, float, bool]],
    parts: Iterable[str],
) -> str:
    """Call after the lake is rewritten: attach it to the working file, record its `parts` and return its generation.

    What was computed from another generation is removed: results, and the working file with tables of that time.
    """
    generation = _generation(inputs_sha256, config_sha256)
    if set(recorded(workspace.results).values()) != {generation}:
        shutil.rmtree(workspace.results, ignore_errors=True)
        note_warehouse(workspace, None)
        _discard(workspace.warehouse)
    discard_unreadable(workspace.warehouse)
    show_lake(workspace.warehouse, workspace.lake)
    record(workspace.results, parts, generation)
    summary = {"generation": generation, "inputs_sha256": inputs_sha256, "timings": list(timings)}
    _replace(workspace.lake_summary, summary)
    return generation


def current_generation(workspace: Workspace) -> str:
    """Generation of the lake. Raises StaleError if it is incomplete or older than the configuration."""
    try:
        summary = json.loads(workspace.lake_summary.read_text(encoding="utf-8"))
        generation, inputs = str(summary["generation"]), str(summary["inputs_sha256"])
    except (FileNotFoundError, KeyError, ValueError):
        raise StaleError(
            f"the input files are not completely read into {workspace.lake}; materialise read_files and everything "
            "after it (the job everything does) / 输入文件尚未完整读入，请重新物化 read_files 及其后全部资产"
        ) from None
    if generation != _generation(inputs, workspace.config_sha256()):
        raise StaleError(
            "the catalog or sources.yaml changed since the input files were read; materialise read_files and "
            "everything after it (the job everything does) / 读取之后目录或sources.yaml已更改，请重新物化 read_files "
            "及其后全部资产"
        )
    return generation


def recorded(results: Path) -> dict[str, str]:
    """Generation of every part on record in a results folder."""
    try:
        return dict(json.loads((results / RECORD).read_text(encoding="utf-8")))
    except (FileNotFoundError, ValueError):
        return {}


def record(results: Path, parts: Iterable[str], generation: str) -> None:
    """Record that `parts` were computed from `generation`."""
    _rewrite(results, recorded(results) | dict.fromkeys(parts, generation))


def forget(results: Path, parts: Iterable[str]) -> None:
    """Take `parts` off the record, before they are remade."""
    gone = set(parts)
    _rewrite(results, {part: value for part, value in recorded(results).items() if part not in gone})


def refuse_stale(results: Path, parts: Iterable[str], generation: str) -> None:
    """Raise StaleError naming those of `parts` that were not computed, or not to the end, from `generation`."""
    found = recorded(results)
    stale = sorted({part for part in parts if found.get(part) != generation})
    if stale:
        named = ", ".join(_asset(part) for part in stale)
        raise StaleError(
            f"not computed from the input files as last read, or interrupted: {named}. Materialise them again, or run "
            "the job everything. / 并非由最近读入的文件计算，或计算曾中断；请重新物化上述资产，或运行 everything。"
        )


def note_warehouse(workspace: Workspace, key: str | None) -> None:
    """Record what the whole warehouse was built from; None before it is touched."""
    path = workspace.work / WAREHOUSE_KEY
    path.unlink(missing_ok=True)
    if key is not None:
        path.write_text(key, encoding="utf-8")


def warehouse_key(workspace: Workspace) -> str:
    """Fingerprint of what the whole warehouse was built from; '' if that is not on record."""
    path = workspace.work / WAREHOUSE_KEY
    return path.read_text(encoding="utf-8") if path.is_file() else ""


def note_reused(workspace: Workspace, run_id: str, what: str) -> None:
    """Record that a run took `what`, a step or an item of a report, from the kept results of earlier runs."""
    _replace(workspace.work / REUSED, {"run_id": run_id, "reused": sorted({what, *reused_in(workspace, run_id)})})


def reused_in(workspace: Workspace, run_id: str) -> set[str]:
    """What a run has taken from earlier ones so far."""
    try:
        noted = json.loads((workspace.work / REUSED).read_text(encoding="utf-8"))
        return set(noted["reused"]) if noted["run_id"] == run_id else set()
    except (FileNotFoundError, KeyError, ValueError):
        return set()


def discard_unreadable(warehouse: Path) -> bool:
    """Remove a working file DuckDB cannot open, as left by a run killed while creating it; True if removed.

    The next run rebuilds it from the lake. Raises duckdb.IOException if another process holds it.
    """
    import duckdb

    if not warehouse.exists():
        return False
    try:
        with connect(warehouse, read_only=False):
            return False
    except duckdb.Error as error:
        if "lock" in str(error).lower():
            raise
    _discard(warehouse)
    return True


def _discard(warehouse: Path) -> None:
    for path in (warehouse, warehouse.with_name(f"{warehouse.name}.wal")):
        path.unlink(missing_ok=True)


def _asset(part: str) -> str:
    """A part as the user finds it in Dagster."""
    suite = part.removeprefix("checks/")
    if suite == part:
        return part
    return "build_warehouse (all of it, with its tests)" if suite == "dbt" else f"the checks of {suite}"


def _generation(inputs_sha256: str, config_sha256: str) -> str:
    return hashlib.sha256(f"{inputs_sha256} {config_sha256}".encode()).hexdigest()[:16]


def _rewrite(results: Path, parts: dict[str, str]) -> None:
    results.mkdir(parents=True, exist_ok=True)
    _replace(results / RECORD, dict(sorted(parts.items())))


def _replace(path: Path, content: object) -> None:
    """Write JSON so that a killed process leaves the old file or the new one."""
    fresh = path.with_name(f"{path.name}.tmp")
    fresh.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
    fresh.replace(path)
