"""The service for real, on a job of one step: a run killed in the UI does not block it, one change makes one run, one
it was stopped in is made again, and SIGTERM ends it with everything it started; the same of the UI, whose pages start a
run."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import dagster as dg
import psutil
import pytest
from dagster._core.events import EngineEventData

from catalog.base import PROJECT_DIR
from dagster_project import closing
from dagster_project.daemon import take_service
from dagster_project.home import prepare_dagster_home
from medpanel.notices.outcome import last_outcome
from medpanel.runs.workspace import Workspace

DEFINITIONS = """
import time
import dagster as dg
from dagster_project import jobs, service
from medpanel.runs import input_state, run_lock
from medpanel.runs.workspace import Workspace

workspace = Workspace.from_environment()
service.SENSOR_SECONDS = 1

@dg.op
def step(context):
    run_lock.hold(workspace.root, context.log.info)
    input_state.note(workspace, context.run_id)
    # Where a test asks for it, a run that does not end by itself.
    while (workspace.root / "slow").exists():
        time.sleep(0.1)

@dg.job(name="everything")
def everything():
    step()

defs = dg.Definitions(
    jobs=[everything],
    schedules=[jobs.yearly_schedule()],
    sensors=[service.input_sensor(workspace, ()), service.report_sensor(workspace)],
    executor=dg.in_process_executor,
)
"""
SERVICE = """
import pathlib, sys
from dagster_project import daemon
from medpanel.commands import watch
from medpanel.runs.refreshing import Pace
from medpanel.runs.workspace import Workspace
daemon.PROJECT_DIR = watch.PROJECT_DIR = pathlib.Path(sys.argv[1])
watch._serve(Workspace.from_environment(), Pace(settle=0, retry=0))
"""

UI = """
import pathlib, sys
from dagster_project import daemon
from medpanel.commands import ui
daemon.PROJECT_DIR = ui.PROJECT_DIR = pathlib.Path(sys.argv[1])
ui.load_pipeline = lambda workspace: None
ui.ui(None, None, 0)
"""
LAUNCH = """mutation($selector: JobOrPipelineSelector!) {
  launchRun(executionParams: {selector: $selector, runConfigData: {}}) { __typename }
}"""


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    made = Workspace.at(tmp_path / "数据 a")
    made.sources_path.parent.mkdir(parents=True)
    made.sources_path.write_text(
        "data_kind: synthetic\nstudies: []\nvintages: [v]\nfiles:\n"
        "  - {match: '*', vintage: v, publisher: p, licence: l, accessed: 2026-01-01}\n",
        encoding="utf-8",
    )
    (made.root / "raw" / "a.csv").write_text("1", encoding="utf-8")
    (tmp_path / "toy.py").write_text(DEFINITIONS, encoding="utf-8")
    (tmp_path / "workspace.yaml").write_text("load_from:\n  - python_file: toy.py\n", encoding="utf-8")
    for name, value in {**made.to_environment(), "PYTHONUTF8": "1"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("PYTHONPATH", str(PROJECT_DIR), prepend=os.pathsep)
    prepare_dagster_home(made)
    return made


def started(code: str, folder: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", code, str(folder)],
        cwd=PROJECT_DIR,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def killed_run() -> str:
    """A run in a process as Dagster's launcher starts it for the UI, and SIGKILL."""

    @dg.job(name="everything")
    def everything() -> None: ...

    process = subprocess.Popen([sys.executable, "-S", "-c", "import time; time.sleep(600)"])
    with dg.DagsterInstance.get() as instance:
        run = instance.create_run_for_job(everything, status=dg.DagsterRunStatus.STARTED)
        said = f"Started process for run (pid: {process.pid})."
        instance.report_engine_event(said, run, EngineEventData.in_process(process.pid))
        assert closing.close_dead_runs(instance) == []
    process.kill()
    process.wait()
    return run.run_id


def statuses() -> dict[str, dg.DagsterRunStatus]:
    """Status of every run, newest first."""
    with dg.DagsterInstance.get() as instance:
        return {run.run_id: run.status for run in instance.get_runs()}


def wait_for(service: subprocess.Popen[str], reached: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 300
    while not reached():
        assert service.poll() is None, service.communicate()
        assert time.monotonic() < deadline, statuses()
        time.sleep(0.3)


def stop(service: subprocess.Popen[str]) -> str:
    """End the service as systemd does; everything it started has ended with it. What it said."""
    family = psutil.Process(service.pid).children(recursive=True)
    assert family
    service.send_signal(signal.SIGTERM)
    _, errors = service.communicate(timeout=60)
    assert service.returncode == 0, errors
    assert [process for process in family if process.is_running() and process.status() != psutil.STATUS_ZOMBIE] == []
    return errors


def test_the_service_goes_on_after_a_killed_run_and_makes_one_again_that_it_was_stopped_in(
    workspace: Workspace, tmp_path: Path
) -> None:
    killed = killed_run()
    slow = workspace.root / "slow"
    slow.touch()

    service = started(SERVICE, tmp_path)
    wait_for(service, (workspace.work / "inputs_read.json").exists)
    (begun, _), (old, closed) = statuses().items()
    assert (old, closed) == (killed, dg.DagsterRunStatus.FAILURE)
    assert f"run {killed} was closed" in stop(service)

    slow.unlink()
    service = started(SERVICE, tmp_path)
    wait_for(service, lambda: dg.DagsterRunStatus.SUCCESS in statuses().values())
    stop(service)
    found = statuses()
    assert list(found.values()) == [dg.DagsterRunStatus.SUCCESS, *[dg.DagsterRunStatus.FAILURE] * 2]
    new = next(iter(found))
    last = last_outcome(workspace)
    assert last is not None
    assert (last.run_id, last.trigger, last.outcome, last.attempt) == (new, "retry", "success", 2)
    assert {path.name for path in (workspace.work / "reported").iterdir()} == {new, begun, old}
    # Nobody else's lock is left behind.
    os.close(take_service(workspace))


def test_the_ui_runs_a_job_for_its_pages_and_ends_with_all_it_started(workspace: Workspace, tmp_path: Path) -> None:
    ui = started(UI, tmp_path)
    assert ui.stdout is not None
    address = next(line.split()[-1] for line in ui.stdout if line.startswith("Dagster UI: "))
    host, token = address.split("/")[2:4]
    for process in psutil.Process(ui.pid).children(recursive=True):
        assert token not in " ".join(process.cmdline())
    with pytest.raises(HTTPError, match="403"):
        urlopen(f"http://{host}/")
    selector = {"repositoryLocationName": "toy.py", "repositoryName": "__repository__", "jobName": "everything"}
    asked = json.dumps({"query": LAUNCH, "variables": {"selector": selector}}).encode()
    headers = {"Content-Type": "application/json", "Origin": f"http://{host}"}
    with urlopen(Request(f"{address}graphql", asked, headers)) as answer:
        assert json.load(answer) == {"data": {"launchRun": {"__typename": "LaunchRunSuccess"}}}
    deadline = time.monotonic() + 300
    while dg.DagsterRunStatus.SUCCESS not in statuses().values():
        assert ui.poll() is None, ui.communicate()
        assert time.monotonic() < deadline, statuses()
        time.sleep(0.3)
    listening = {one.laddr[0] for one in _family_connections(ui.pid) if one.status == psutil.CONN_LISTEN}
    assert listening == {"127.0.0.1"}
    family = psutil.Process(ui.pid).children(recursive=True)
    ui.send_signal(signal.SIGTERM)
    _, errors = ui.communicate(timeout=150)
    assert ui.returncode == 0, errors
    assert [process for process in family if process.is_running() and process.status() != psutil.STATUS_ZOMBIE] == []
    assert token not in errors
    assert not [path for path in workspace.root.rglob("*") if path.is_file() and token.encode() in path.read_bytes()]
    os.close(take_service(workspace))


def _family_connections(pid: int) -> list[Any]:
    """Internet sockets of a process and of all it started."""
    family = [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]
    return [one for process in family for one in process.net_connections("inet")]
