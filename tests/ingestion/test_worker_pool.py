"""Many files at once: the same lake whoever reads what, and a process that dies costs one file at most."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from catalog import Source, Sources, load_registry
from ingestion.build import worker_pool as crew
from ingestion.build.lake import LakeSummary, build_lake, input_files
from ingestion.build.reading_cache import reuse_key
from ingestion.build.worker_pool import (
    CrewError,
    Job,
    Progress,
    Task,
    Work,
    make_at_once,
    read_into_store,
    worth_a_crew,
)
from ingestion.schemas import SHOWN
from tests.ingestion.conftest import declared, nbs_text, workbook_bytes

INDICATORS = ("地区生产总值(亿元)", "年末常住人口(万人)", "城镇人口(万人)", "地方财政一般公共预算支出(亿元)")


class Deadly(Sources):
    """Kills the reading process that comes to b.csv: every time, or only until the file `marker` is there."""

    marker: str = ""

    def find(self, relative_path: str) -> Source | None:
        """As every declaration does, if the process lives."""
        if relative_path == "b.csv" and multiprocessing.parent_process() is not None:
            marker = Path(self.marker)
            if not self.marker or not marker.exists():
                if self.marker:
                    marker.touch()
                os.kill(os.getpid(), signal.SIGTERM if sys.platform == "win32" else signal.SIGKILL)
        return super().find(relative_path)


class Unstartable(Sources):
    """A declaration that no other process can be given."""

    def __reduce__(self) -> tuple[Callable[..., None], tuple[int]]:
        """Unpickling ends the process."""
        return os._exit, (3,)


def as_kind(kind: type[Sources], **keys: str) -> Sources:
    return kind(**{**declared().model_dump(), **keys})


def fill(root: Path) -> None:
    """Four exports, a workbook and a file nobody can read."""
    root.mkdir()
    for name, indicator in zip("abcd", INDICATORS, strict=True):
        cells = {(i, 0): "1.1e3" for i in range(3)} if name == "a" else {(5, 1): "约3"}
        (root / f"{name}.csv").write_bytes(nbs_text(indicator, cells=cells).encode("gb18030"))
    (root / "e.xlsx").write_bytes(workbook_bytes(groups=("", ""), cells={(7, 0): 1234.56789012345}))
    (root / "f.csv").write_text("nonsense", encoding="utf-8")


def build(tmp_path: Path, lake: str, processes: int | None, sources: Sources | None = None) -> LakeSummary:
    (tmp_path / lake).mkdir(exist_ok=True)
    lines: list[str] = []
    summary = build_lake(tmp_path / "raw", sources or declared(), tmp_path / lake, lines.append, processes=processes)
    (tmp_path / lake / "said.txt").write_text("\n".join(lines), encoding="utf-8")
    return summary


def table(tmp_path: Path, lake: str, name: str) -> pd.DataFrame:
    return pd.read_parquet(tmp_path / lake / f"{name}.parquet")


def assert_same_bytes(tmp_path: Path, one: str, two: str) -> None:
    for name in SHOWN:
        assert (tmp_path / one / f"{name}.parquet").read_bytes() == (tmp_path / two / f"{name}.parquet").read_bytes(), (
            name
        )


def test_the_lake_does_not_depend_on_who_reads_or_in_which_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(tmp_path / "raw")
    alone = build(tmp_path, "alone", 1)
    two = build(tmp_path, "two", 2)
    assert (alone.rows, alone.inputs_sha256) == (two.rows, two.inputs_sha256)
    assert alone.rows["observation"] > 200
    assert_same_bytes(tmp_path, "alone", "two")
    monkeypatch.setattr("ingestion.build.lake.input_files", lambda root, sources: input_files(root, sources)[::-1])
    build(tmp_path, "three", 2)
    assert_same_bytes(tmp_path, "alone", "three")
    again = build(tmp_path, "two", 2)
    assert again.reused == 6
    assert_same_bytes(tmp_path, "alone", "two")
    assert [name for name, _, _ in again.timings] == ["a.csv", "b.csv", "c.csv", "d.csv", "e.xlsx", "f.csv"]


def test_a_process_that_dies_twice_costs_its_file_only(tmp_path: Path) -> None:
    fill(tmp_path / "raw")
    build(tmp_path, "lake", 2, as_kind(Deadly))
    source = table(tmp_path, "lake", "source_file").set_index("path")
    assert source["status"].to_dict() == {
        "a.csv": "loaded", "b.csv": "refused", "c.csv": "partial", "d.csv": "partial", "e.xlsx": "loaded",
        "f.csv": "refused",
    }  # fmt: skip
    rejected = table(tmp_path, "lake", "rejected_row").set_index("file_id")
    assert rejected.loc[source.loc["b.csv", "file_id"], "code"] == "reader_died"
    assert "b.csv: the process that read it died" in (tmp_path / "lake" / "said.txt").read_text(encoding="utf-8")
    assert not (tmp_path / "lake" / "written.json").exists(), "the lake is not taken for settled"
    assert build(tmp_path, "lake", 1).reused == 5, "what could not be read is read again"
    assert set(table(tmp_path, "lake", "source_file").set_index("path").loc[["b.csv"], "status"]) == {"partial"}


def test_a_process_that_dies_once_costs_nothing(tmp_path: Path) -> None:
    fill(tmp_path / "raw")
    build(tmp_path, "alone", 1)
    build(tmp_path, "lake", 2, as_kind(Deadly, marker=str(tmp_path / "died")))
    assert (tmp_path / "died").exists()
    assert_same_bytes(tmp_path, "alone", "lake")


def test_where_no_process_can_be_started_nothing_is_read(tmp_path: Path) -> None:
    fill(tmp_path / "raw")
    with pytest.raises(CrewError, match=r"no process that reads files can be started.*无法启动"):
        build(tmp_path, "lake", 2, as_kind(Unstartable))
    assert not (tmp_path / "lake" / "observation.parquet").exists()


def test_a_fault_that_lies_in_no_file_ends_the_run(tmp_path: Path) -> None:
    fill(tmp_path / "raw")
    sources = declared()
    blocked = tmp_path / "blocked"
    blocked.write_text("a file where the folder of the store should be", encoding="utf-8")
    job = Job(tmp_path / "raw", sources, load_registry(), blocked)
    tasks = [Task(path, reuse_key(path, job.root, sources), 1) for path in input_files(job.root, sources)]
    with pytest.raises(CrewError, match=r"FileExistsError|NotADirectoryError"):
        make_at_once(Work(read_into_store, job), tasks, 2, lambda task, seconds: None, lambda: None)
    assert multiprocessing.active_children() == []


def test_few_small_files_are_read_by_one_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crew, "cores", lambda: 4)
    small = [Task(Path(str(number)), "", 1000) for number in range(crew.FEWEST_FILES)]
    assert not worth_a_crew(small)
    assert worth_a_crew([*small, small[0]])
    large = Task(Path("large"), "", crew.FEWEST_BYTES)
    assert not worth_a_crew([large])
    assert worth_a_crew([large, large])
    monkeypatch.setattr(crew, "cores", lambda: 1)
    assert not worth_a_crew([*small, large])


def test_large_tables_are_read_one_after_another(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(tmp_path / "raw")
    wanted: list[tuple[int, int]] = []

    def noted(work: Work, tasks: Sequence[Task], processes: int, *others: Any) -> Any:
        wanted.append((len(tasks), processes))
        return make_at_once(work, tasks, processes, *others)

    monkeypatch.setattr(crew, "make_at_once", noted)
    monkeypatch.setattr(crew, "HEAVY_BYTES", (tmp_path / "raw" / "f.csv").stat().st_size)
    assert build(tmp_path, "lake", 2).rows["observation"] > 200
    assert wanted == [(1, 2), (5, 1)]


def test_progress_is_said_every_two_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr(crew.time, "monotonic", lambda: now[0])
    lines: list[Any] = []
    told = Progress(10, lines.append)
    for second in (0.5, 1.0, 2.5, 3.0, 4.4, 4.6):
        now[0] = second
        told.one_more()
    assert [line.en for line in lines] == ["3 of 10 files read, 1.2 a second", "6 of 10 files read, 1.3 a second"]


def test_numbers_come_back_from_the_store_as_they_were(tmp_path: Path) -> None:
    fill(tmp_path / "raw")
    build(tmp_path, "lake", 1)
    first = table(tmp_path, "lake", "observation")
    assert build(tmp_path, "lake", 1).reused == 6
    pd.testing.assert_frame_equal(first, table(tmp_path, "lake", "observation"), check_exact=True)
    assert 1234.56789012345 in set(first["value"])
