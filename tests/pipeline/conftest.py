"""Whole runs, made once for all tests of this folder: the sample twice, and the real files; copies of the project."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from catalog.base import PROJECT_DIR
from medpanel.publishing import resolve_current
from medpanel.runs.dbt_project import ensure_manifest
from medpanel.runs.workspace import REAL_SOURCES, Workspace
from medpanel.sample import write_sample

# What the project needs to run, and what programs leave in it.
NEEDED = ("catalog", "ingestion", "models_py", "expectations", "medpanel", "dagster_project", "dbt")
_LEFT = shutil.ignore_patterns("__pycache__", "target", "logs", ".user.yml", "_build")


def copy_project(folder: Path, *more: str) -> None:
    """Copy the project as far as a run needs it, and `more` of its folders, into an existing folder."""
    for name in (*NEEDED, *more):
        shutil.copytree(PROJECT_DIR / name, folder / name, ignore=_LEFT)
    for name in ("pyproject.toml", "bootstrap.py", "workspace.yaml"):
        shutil.copy(PROJECT_DIR / name, folder / name)


@contextmanager
def environment() -> Iterator[None]:
    """Whatever a run sets in the environment is gone afterwards."""
    before = dict(os.environ)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def run(workspace: Workspace, *, fresh: bool = False, accept_loss: str = "") -> tuple[bool, tuple[str, ...]]:
    """Run everything, `fresh` without what earlier runs kept; (success, failures)."""
    from dagster_project.run import run_job

    with environment():
        workspace.work.mkdir(parents=True, exist_ok=True)
        os.environ.update(workspace.to_environment())
        ensure_manifest()
        outcome = run_job(workspace, fresh=fresh, accept_loss=accept_loss)
    return outcome.success, outcome.failures


def rows(workspace: Workspace, sql: str, parameters: list[object] | None = None) -> pd.DataFrame:
    """Rows of a query on the current publication."""
    with duckdb.connect(str(resolve_current(workspace.root) / "medpanel.duckdb"), read_only=True) as connection:
        return connection.execute(sql, parameters or []).df()


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """The sample, run once."""
    workspace = Workspace.at(tmp_path_factory.mktemp("合成 data"))
    write_sample(workspace.root / "raw")
    success, failures = run(workspace)
    assert success, failures
    return workspace


# Most of a run's time is four studies of the sample; `make soak` compares whole fresh runs.
QUICK = ("inequality", "imbalance")


@pytest.fixture(scope="session")
def demo_again(demo: Workspace, tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A copy of the sample's workspace in another folder, run anew, nothing reused; the quick studies alone."""
    root = tmp_path_factory.mktemp("again") / "data"
    shutil.copytree(demo.root, root, symlinks=True)
    declared = root / "raw" / "sources.yaml"
    text = declared.read_text(encoding="utf-8")
    every = f"studies: [{', '.join(demo.studies())}]"
    assert every in text
    declared.write_text(text.replace(every, f"studies: [{', '.join(QUICK)}]"), encoding="utf-8")
    workspace = Workspace.at(root)
    success, failures = run(workspace, fresh=True, accept_loss="the quick studies alone")
    assert success, failures
    return workspace


@pytest.fixture(scope="session")
def real(real_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """The real files, run once; reports in one language, since the sample's are in both."""
    os.environ["MEDPANEL_REAL_DATA"] = str(real_data.resolve())
    declared = tmp_path_factory.mktemp("inputs") / "inputs"
    shutil.copytree(REAL_SOURCES.parent, declared)
    sources = declared / REAL_SOURCES.name
    sources.write_text(f"language: zh\n{sources.read_text(encoding='utf-8')}", encoding="utf-8")
    workspace = Workspace.at(tmp_path_factory.mktemp("real"), sources)
    success, failures = run(workspace)
    assert success, failures
    return workspace
