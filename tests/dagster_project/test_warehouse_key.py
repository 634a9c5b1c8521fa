"""The fingerprint of the warehouse: the lake, any line of SQL, any seed, the libraries."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from dagster_project.assets import warehouse
from dagster_project.assets.warehouse import warehouse_key
from medpanel.reuse import libraries
from medpanel.runs import dbt_project
from medpanel.runs.workspace import Workspace


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    """A lake of one file, and a copy of the dbt project."""
    shutil.copytree(dbt_project.DBT_DIR, tmp_path / "dbt", ignore=shutil.ignore_patterns("target", "logs"))
    monkeypatch.setattr(dbt_project, "DBT_DIR", tmp_path / "dbt")
    made = Workspace.at(tmp_path / "data")
    made.lake.mkdir(parents=True)
    (made.lake / "observation.parquet").write_bytes(b"1")
    return made


def append(path: Path, text: str) -> None:
    path.write_text(path.read_text(encoding="utf-8") + text, encoding="utf-8")


@pytest.mark.parametrize(
    "change",
    [
        lambda root: append(root / "dbt/models/marts/province_year.sql", "-- a word\n"),
        lambda root: append(root / "dbt/seeds/province.csv", "1,2\n"),
        lambda root: append(next((root / "dbt/macros").rglob("*.sql")), "-- a word\n"),
        lambda root: append(root / "dbt/dbt_project.yml", "# a word\n"),
        lambda root: (root / "data/lake/observation.parquet").write_bytes(b"2"),
        lambda root: (root / "data/lake/pilot.parquet").write_bytes(b""),
    ],
    ids=["SQL", "seed", "macro", "project", "a lake table", "another lake table"],
)
def test_any_ingredient_changes_it(workspace: Workspace, tmp_path: Path, change: Callable[[Path], object]) -> None:
    before = warehouse_key(workspace)
    assert before == warehouse_key(workspace)
    change(tmp_path)
    assert warehouse_key(workspace) != before


@pytest.mark.parametrize("library", ["duckdb", "dbt-core", "dbt-duckdb"])
def test_a_library_changes_it(workspace: Workspace, monkeypatch: pytest.MonkeyPatch, library: str) -> None:
    before, found = warehouse_key(workspace), libraries._installed
    monkeypatch.setattr(libraries, "_installed", lambda name: ("99", ()) if name == library else found(name))
    assert warehouse.warehouse_key(workspace) != before
