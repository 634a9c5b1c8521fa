"""A run finds that everything stands only when all it reads and all it makes are as the last one left them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from benchmarks.kill_harness import write_inputs
from catalog.studies import load_studies
from ingestion.build.reading_cache import RECORD as SETTLED
from medpanel.reuse import code, libraries
from medpanel.runs import standing
from medpanel.runs.workspace import Workspace


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    """Two input files, and what a complete run left of them."""
    write_inputs(tmp_path, seed=0)
    made = Workspace.at(tmp_path)
    for path in (
        made.lake / SETTLED,
        made.lake / "observation.parquet",
        made.results / "study" / "estimate.parquet",
        made.warehouse,
    ):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"1")
    standing.note_complete(made, standing.ingredients(made), ["read_files"])
    return made


def stands(workspace: Workspace) -> bool:
    return standing.stands(workspace, standing.ingredients(workspace))


def test_nothing_changed(workspace: Workspace) -> None:
    assert stands(workspace)
    assert standing.complete_steps(workspace) == ["read_files"]


def test_an_unreadable_file_is_left_to_the_run_to_report(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    def locked(*_: object) -> str:
        raise PermissionError("gdp.csv")

    monkeypatch.setattr(standing, "files_sha256", locked)
    assert standing.ingredients(workspace) == ""
    (workspace.work / standing.RECORD).unlink()
    standing.note_complete(workspace, "", ["read_files"])
    assert not (workspace.work / standing.RECORD).exists()
    assert not standing.stands(workspace, "")


def test_a_file_that_changed_while_it_was_read_is_read_again(workspace: Workspace) -> None:
    (workspace.work / standing.RECORD).unlink()
    (workspace.lake / SETTLED).unlink()
    standing.note_complete(workspace, standing.ingredients(workspace), ["read_files"])
    assert not stands(workspace)


def append(path: Path) -> None:
    path.write_bytes(path.read_bytes() + b" ")


@pytest.mark.parametrize(
    "change",
    [
        lambda root: append(root / "raw/gdp.csv"),
        lambda root: append(root / "raw/sources.yaml"),
        lambda root: (root / "raw/new.csv").write_bytes(b"1"),
        lambda root: (root / "raw/gdp.csv").unlink(),
        lambda root: (root / "raw/gdp.csv").rename(root / "raw/gdp 2.csv"),
        lambda root: append(root / "lake/observation.parquet"),
        lambda root: append(root / "work/results/study/estimate.parquet"),
        lambda root: (root / "work/results/study/estimate.parquet").unlink(),
        lambda root: append(root / "work/warehouse.duckdb"),
        lambda root: (root / "work/warehouse.duckdb").unlink(),
        lambda root: (root / "work" / standing.RECORD).write_text('{"made_from": ', encoding="utf-8"),
        lambda root: (root / "work" / standing.RECORD).unlink(),
    ],
    ids=[
        "a file",
        "the declaration",
        "a new file",
        "a file gone",
        "a name",
        "the lake",
        "a result",
        "a result gone",
        "the warehouse",
        "the warehouse gone",
        "a spoilt record",
        "no record",
    ],
)
def test_any_change_is_seen(workspace: Workspace, tmp_path: Path, change: Callable[[Path], object]) -> None:
    change(tmp_path)
    assert not stands(workspace)


def test_what_a_study_says_is_seen(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    study = load_studies()["expenditure_gdp"]
    monkeypatch.setitem(load_studies(), study.id, study.model_copy(update={"paper": "another"}))
    assert not stands(workspace)


def test_a_library_is_seen(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    found = libraries._installed
    monkeypatch.setattr(libraries, "_installed", lambda name: ("99", ()) if name == "duckdb" else found(name))
    code.whole_code.cache_clear()
    assert not stands(workspace)


@pytest.mark.parametrize(
    "name",
    [
        "models_py/panel.py",
        "dbt/models/marts/province_year.sql",
        "catalog/labels.yaml",
        "models_py/parts/inequality/replication/script.R",
        "models_py/parts/inequality/replication/script.do",
    ],
)
def test_a_line_of_code_is_seen(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr(code, "PROJECT_DIR", tmp_path / "project")
    path = tmp_path / "project" / name
    path.parent.mkdir(parents=True)
    hashes = set()
    for text in ("one", "two", "two"):
        path.write_text(text, encoding="utf-8")
        monkeypatch.setattr(code, "_STARTED", path.stat().st_mtime + 1)
        code.whole_code.cache_clear()
        hashes.add(code.whole_code())
    assert len(hashes) == 2


def test_code_changed_under_a_running_process_never_stands(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(code, "_STARTED", 0.0)
    code.whole_code.cache_clear()
    standing.note_complete(workspace, standing.ingredients(workspace), [])
    code.whole_code.cache_clear()
    assert not stands(workspace)


@pytest.fixture(autouse=True)
def _no_code_remembered() -> None:
    code.whole_code.cache_clear()
