"""One small workspace, run once for all tests of this folder, and copies of it."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import dagster as dg
import pytest

from benchmarks.kill_harness import Run, current, write_inputs
from catalog.base import PROJECT_DIR
from dagster_project.console_log import root_cause
from medpanel.runs import run_lock
from medpanel.runs.workspace import Workspace

if sys.platform == "win32":
    pytest.skip("processes are killed, limited and unprivileged as POSIX systems do it", allow_module_level=True)


# A workspace may lie anywhere: spaces, quotes, what shells, SQL, YAML, URLs and databases read something into, 中文.
ANYWHERE = '数据 #1 100% $(touch pwned) `id` it\'s "q" {b} year=2024; & é\nx'


@pytest.fixture(scope="session")
def good(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with one publication, at a path nobody would choose; copied, never run again."""
    root = tmp_path_factory.mktemp("safety") / ANYWHERE / "data"
    write_inputs(root, seed=0)
    run = Run(root, root.with_name("first.log"))
    assert run.finish() == 0, run.output
    assert not (PROJECT_DIR / "pwned").exists() and "Traceback" not in run.output
    current(root)
    return root


@pytest.fixture(scope="session")
def copy_of(good: Path) -> Callable[[Path], Path]:
    """Copy the workspace to a folder and return it."""

    def copy(target: Path) -> Path:
        shutil.copytree(good, target, symlinks=True)
        return target

    return copy


@pytest.fixture
def workspace(copy_of: Callable[[Path], Path], tmp_path: Path) -> Iterator[Workspace]:
    """A copy to materialise assets of in this process; lock and environment are given back."""
    before = dict(os.environ)
    root = copy_of(tmp_path / "data")
    yield Workspace.at(root)
    run_lock.release(root)
    os.environ.clear()
    os.environ.update(before)


def materialise(workspace: Workspace, *assets: str) -> list[str]:
    """Materialise assets and nothing else; messages of the steps that failed."""
    from dagster_project.definitions import build_defs

    job = build_defs(workspace).resolve_implicit_global_asset_job_def()
    keys = [dg.AssetKey.from_user_string(name) for name in assets]
    with dg.DagsterInstance.ephemeral() as instance:
        result = job.execute_in_process(asset_selection=keys, instance=instance, raise_on_error=False)
    failed = [event.step_failure_data.error for event in result.all_events if event.is_step_failure]
    messages = [root_cause(error) for error in failed if error is not None]
    assert result.success == (not messages)
    return messages
