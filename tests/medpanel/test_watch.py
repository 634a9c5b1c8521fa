"""`medpanel watch` from the command line: looking once, switching off, printing what installs it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest
from dagster._core.remote_origin import (
    RegisteredCodeLocationOrigin,
    RemoteInstigatorOrigin,
    RemoteRepositoryOrigin,
)
from dagster._core.scheduler.instigation import InstigatorState, InstigatorStatus, InstigatorType, SensorInstigatorData
from typer.testing import CliRunner

from dagster_project import daemon
from dagster_project import run as running
from dagster_project.run import RunOutcome
from medpanel.cli import app
from medpanel.commands import watch
from medpanel.runs import input_state, run_lock
from medpanel.runs.workspace import Workspace

SOURCES = """data_kind: synthetic
studies: []
vintages: [v]
files:
  - {match: '*', vintage: v, publisher: p, licence: l, accessed: 2026-01-01}
"""


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Workspace]:
    """A workspace nobody has read, and Dagster's folder for it."""
    before = dict(os.environ)
    made = Workspace.at(tmp_path / "data")
    made.sources_path.parent.mkdir(parents=True)
    made.sources_path.write_text(SOURCES, encoding="utf-8")
    (made.root / "raw" / "a.csv").write_text("1", encoding="utf-8")
    monkeypatch.setattr(watch, "refuse_stale_files", lambda: None)
    monkeypatch.setattr(watch, "load_pipeline", lambda one: os.environ.update(one.to_environment()))
    yield made
    os.environ.clear()
    os.environ.update(before)


@pytest.fixture
def runs(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> list[dict[str, str]]:
    """Tags of the runs that were started; none is really made."""
    started: list[dict[str, str]] = []

    def run_job(one: Workspace, tags: dict[str, str]) -> RunOutcome:
        assert one == workspace
        # Still locked: nobody starts one in between.
        assert run_lock.lock_path(one.root) in run_lock._held
        started.append(tags)
        input_state.note(one, f"run {len(started)}")
        return RunOutcome("0123", True, ())

    monkeypatch.setattr(running, "run_job", run_job)
    monkeypatch.setattr("dagster_project.service.begun_since", lambda *_: True)
    return started


def invoke(workspace: Workspace, *words: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["watch", "--data", str(workspace.root), *words], catch_exceptions=False)
    return result.exit_code, result.output


def test_looking_once_runs_once_for_what_is_new_and_then_ends(workspace: Workspace, runs: list[dict[str, str]]) -> None:
    code, text = invoke(workspace, "--once", "--settle", "0.1")
    assert code == 0, text
    assert "lie still" in text
    assert [one["medpanel/trigger"] for one in runs] == ["input_files"]
    code, text = invoke(workspace, "--once", "--settle", "0.1")
    assert code == 0
    assert "not changed" in text
    assert len(runs) == 1


def test_a_year_that_was_missed_is_caught_up_once(
    workspace: Workspace, runs: list[dict[str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    input_state.note(workspace, "of last year")
    monkeypatch.setattr("dagster_project.service.begun_since", lambda *_: bool(runs))
    for _ in range(2):
        assert invoke(workspace, "--once", "--settle", "0")[0] == 0
    assert [one["medpanel/trigger"] for one in runs] == ["missed"]


def test_a_run_that_fails_fails_the_command(
    workspace: Workspace, runs: list[dict[str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "run_job", lambda *_, **__: RunOutcome("0123", False, ("step: no space",)))
    code, text = invoke(workspace, "--once", "--settle", "0")
    assert code == 1
    assert "step: no space" in text


def test_a_wrong_declaration_fails_and_is_on_the_page(workspace: Workspace, runs: list[dict[str, str]]) -> None:
    workspace.sources_path.write_text("data_kind: neither\n", encoding="utf-8")
    code, text = invoke(workspace, "--once", "--settle", "0")
    assert code == 1
    assert "data_kind" in text
    assert "data_kind" in (workspace.root / "LAST_RUN.md").read_text(encoding="utf-8")
    assert runs == []


def test_a_second_service_is_refused_by_name(workspace: Workspace) -> None:
    handle = daemon.take_service(workspace)
    code, text = invoke(workspace)
    os.close(handle)
    assert code == 1
    assert f"process {os.getpid()}" in text
    assert "already serves" in text
    assert "服务" in text


def test_what_installs_it_is_printed_and_nothing_written(workspace: Workspace) -> None:
    before = sorted(workspace.root.rglob("*"))
    code, text = invoke(workspace, "--install")
    assert code == 0
    assert "ExecStart=" in text
    assert "--once" in text.splitlines()[-1]
    assert invoke(workspace, "--print-unit") == (code, text)
    assert sorted(workspace.root.rglob("*")) == before


def state(name: str, **times: float) -> InstigatorState:
    origin = RemoteInstigatorOrigin(RemoteRepositoryOrigin(RegisteredCodeLocationOrigin("here"), "all"), name)
    return InstigatorState(origin, InstigatorType.SENSOR, InstigatorStatus.RUNNING, SensorInstigatorData(**times))


def test_switching_off_leaves_what_only_reports(tmp_path: Path) -> None:
    with dg.DagsterInstance.local_temp(str(tmp_path)) as instance:
        for name in ("input_files", "last_run"):
            instance.add_instigator_state(state(name))
        assert daemon.switch_off(instance) == ["input_files"]
        assert daemon.switch_off(instance) == []
        assert {one.name: one.is_running for one in instance.all_instigator_state()} == {
            "input_files": False,
            "last_run": True,
        }


def test_times_to_come_are_forgotten_when_a_clock_was_set_back(tmp_path: Path) -> None:
    now = daemon.time.time()
    with dg.DagsterInstance.local_temp(str(tmp_path)) as instance:
        instance.add_instigator_state(state("a", last_tick_timestamp=now + 86400, last_tick_start_timestamp=now - 9))
        daemon.forget_the_future(instance)
        [found] = instance.all_instigator_state()
    data = found.instigator_data
    assert data.last_tick_timestamp < now + 60
    assert data.last_tick_start_timestamp == now - 9
