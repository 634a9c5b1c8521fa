"""A run whose process is gone is closed by whoever has the run lock, whoever started it; a living one is left alone."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator

import dagster as dg
import psutil
import pytest
from dagster._core.code_pointer import ModuleCodePointer
from dagster._core.events import EngineEventData
from dagster._core.origin import JobPythonOrigin, RepositoryPythonOrigin
from dagster._core.remote_origin import RegisteredCodeLocationOrigin, RemoteJobOrigin, RemoteRepositoryOrigin

from dagster_project import closing
from dagster_project.closing import close_dead_runs
from dagster_project.tags import FROM_COMMAND_LINE

Status = dg.DagsterRunStatus


@dg.job
def nothing() -> None:
    """A job without steps."""


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.ephemeral() as made:
        yield made


@pytest.fixture
def dead() -> int:
    """The number of a process that was."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def under_way(instance: dg.DagsterInstance, status: Status, pid: int | None = None, **tags: str) -> dg.DagsterRun:
    """A run as Dagster's launcher leaves it, in the process `pid`."""
    run = instance.create_run_for_job(nothing, status=status, tags=tags)
    if pid is not None:
        instance.report_engine_event(f"Started process for run (pid: {pid}).", run, EngineEventData.in_process(pid))
    return run


def status_after(instance: dg.DagsterInstance, run: dg.DagsterRun) -> Status:
    closed = close_dead_runs(instance)
    found = instance.get_run_by_id(run.run_id)
    assert found is not None
    assert (run.run_id in closed) == (found.status != run.status)
    return found.status


@pytest.mark.parametrize("status", [Status.NOT_STARTED, Status.STARTED])
def test_a_run_of_a_killed_command_line_is_closed(instance: dg.DagsterInstance, status: Status) -> None:
    assert status_after(instance, under_way(instance, status, **FROM_COMMAND_LINE)) == Status.FAILURE


@pytest.mark.parametrize(("status", "after"), [(Status.STARTED, Status.FAILURE), (Status.CANCELING, Status.CANCELED)])
def test_a_run_of_the_ui_whose_process_is_gone_is_closed(
    instance: dg.DagsterInstance, dead: int, status: Status, after: Status
) -> None:
    assert status_after(instance, under_way(instance, status, dead)) == after


def test_a_run_that_waits_for_the_lock_in_a_living_process_is_left_alone(instance: dg.DagsterInstance) -> None:
    assert status_after(instance, under_way(instance, Status.STARTED, os.getpid())) == Status.STARTED


def test_a_number_dealt_out_again_is_no_living_run(
    instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = under_way(instance, Status.STARTED, os.getpid())
    monkeypatch.setattr(psutil.Process, "create_time", lambda _: time.time() + 3600)
    assert status_after(instance, run) == Status.FAILURE


@pytest.mark.parametrize("status", [Status.NOT_STARTED, Status.STARTING, Status.STARTED])
def test_a_run_without_a_process_has_a_while_to_begin(
    instance: dg.DagsterInstance, status: Status, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = under_way(instance, status)
    assert status_after(instance, run) == status
    monkeypatch.setattr(closing, "GRACE_SECONDS", 0.0)
    assert status_after(instance, run) == Status.FAILURE


@pytest.mark.parametrize("status", [Status.SUCCESS, Status.FAILURE])
def test_ended_runs_are_left_alone(instance: dg.DagsterInstance, status: Status, dead: int) -> None:
    assert status_after(instance, under_way(instance, status, dead)) == status


def test_a_queued_run_is_left_alone(instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(closing, "GRACE_SECONDS", 0.0)
    origin = RemoteJobOrigin(RemoteRepositoryOrigin(RegisteredCodeLocationOrigin("here"), "all"), "nothing")
    made = JobPythonOrigin("nothing", RepositoryPythonOrigin(sys.executable, ModuleCodePointer("m", "f")))
    run = instance.create_run_for_job(nothing, status=Status.QUEUED, remote_job_origin=origin, job_code_origin=made)
    assert status_after(instance, run) == Status.QUEUED
