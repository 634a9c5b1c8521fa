"""Dagster's queue as medpanel health asks for it."""

from __future__ import annotations

import sys
from pathlib import Path

import dagster as dg
from dagster._core.code_pointer import ModuleCodePointer
from dagster._core.origin import JobPythonOrigin, RepositoryPythonOrigin
from dagster._core.remote_origin import RegisteredCodeLocationOrigin, RemoteJobOrigin, RemoteRepositoryOrigin

from dagster_project.queue import counted, queue_of
from medpanel.health import Queue
from medpanel.runs.workspace import Workspace


def test_runs_that_wait_and_that_run_are_counted_and_ended_ones_are_not(tmp_path: Path) -> None:
    @dg.job
    def everything() -> None: ...

    status = dg.DagsterRunStatus
    origin = RemoteJobOrigin(RemoteRepositoryOrigin(RegisteredCodeLocationOrigin("here"), "all"), "everything")
    made = JobPythonOrigin("everything", RepositoryPythonOrigin(sys.executable, ModuleCodePointer("m", "f")))
    with dg.DagsterInstance.local_temp(str(tmp_path)) as instance:
        for one in (status.QUEUED, status.QUEUED, status.STARTED, status.SUCCESS, status.FAILURE):
            instance.create_run_for_job(everything, status=one, remote_job_origin=origin, job_code_origin=made)
        assert counted(instance) == Queue(waiting=2, running=1)


def test_a_workspace_without_runs_is_not_asked(tmp_path: Path) -> None:
    assert queue_of(Workspace.at(tmp_path)) is None
    assert list(tmp_path.iterdir()) == []
