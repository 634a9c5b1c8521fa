"""Dagster's daemon in this process, for `medpanel watch` and `medpanel ui`: code servers on sockets of this machine.

Belongs here: running and ending the daemon, switching schedule and sensor, clocks set back. What they do: service.py.
The web server beside it: ui.py.
"""

import datetime as dt
import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import dagster as dg
import psutil
from dagster._core.scheduler.instigation import InstigatorStatus
from dagster._core.workspace.load_target import WorkspaceFileTarget
from dagster._daemon.controller import DagsterDaemonController, daemon_controller_from_instance

from catalog.base import PROJECT_DIR
from dagster_project.jobs import SCHEDULE
from dagster_project.queue import counted
from dagster_project.reporting import attend
from dagster_project.service import SENSOR
from medpanel.health import facts_of, write_page
from medpanel.runs import run_lock
from medpanel.runs.workspace import Workspace

_LOOK_SECONDS = 2.0
_END_SECONDS = 15.0
_CLOCK_SECONDS = 60.0
_HEALTH_SECONDS = 600.0
Say = Callable[[str], None]


class ServiceError(RuntimeError):
    """Another service runs in the workspace."""


def take_service(workspace: Workspace) -> int:
    """Be the one service of the workspace until the returned handle is closed. Raises ServiceError naming the other."""
    handle = run_lock.take(workspace.service_lock)
    if handle is None:
        english, chinese = (
            text.replace("another run", "a service").replace("另一个运行", "另一个服务")
            for text in run_lock.holder(workspace.service_lock)
        )
        raise ServiceError(
            f"{english} (`medpanel watch` or `medpanel ui`) already serves {workspace.root}; stop it first / "
            f"{chinese}已在为{workspace.root}服务，请先将其停止"
        )
    return handle


@contextmanager
def running_daemon(instance: dg.DagsterInstance) -> Iterator[DagsterDaemonController]:
    """The daemon in threads of this process, ended with every process it started."""
    target = WorkspaceFileTarget([str(PROJECT_DIR / "workspace.yaml")])
    started: list[psutil.Process] = []
    try:
        with daemon_controller_from_instance(
            instance, target, code_server_log_level="error", log_level="warning"
        ) as controller:
            try:
                yield controller
            finally:
                controller._daemon_shutdown_event.set()
                started = psutil.Process().children(recursive=True)
    finally:
        _end(started)


def serve(workspace: Workspace, stop: threading.Event, say: Say) -> None:
    """Run the daemon until `stop` is set; then end it and every process it started, and report what they leave."""
    with dg.DagsterInstance.get() as instance:
        attend(instance, workspace, say)
        while not stop.is_set():
            forget_the_future(instance)
            with running_daemon(instance) as controller:
                _until(stop, controller, instance, workspace, say)
        attend(instance, workspace, say)


def _until(
    stop: threading.Event,
    controller: DagsterDaemonController,
    instance: dg.DagsterInstance,
    workspace: Workspace,
    say: Say,
) -> None:
    """Mind the daemon until it is to stop, or to begin anew because the clock was set back."""
    declared, on, told, now = _declared(workspace), False, "", time.time()
    written = 0.0
    while not stop.wait(_LOOK_SECONDS):
        controller.check_daemon_threads()
        before, now = now, time.time()
        if now < before - _CLOCK_SECONDS:
            say("the clock was set back / 时钟被拨回")
            return
        if declared != (declared := _declared(workspace)):
            # Studies are assets, so other declarations are other definitions.
            controller.check_workspace_freshness(0)
            on = False
        on = on or switch_on(controller, instance)
        before_told, told = told, _tell_progress(instance, told, say)
        if told != before_told or now - written > _HEALTH_SECONDS:
            written = now
            _write_health(instance, workspace, say)


def switch_on(controller: DagsterDaemonController, instance: dg.DagsterInstance) -> bool:
    """Switch the yearly schedule and the sensor on; False if the definitions cannot be loaded yet."""
    context = controller._workspace_process_context.create_request_context()
    for location in context.code_locations:
        for repository in location.get_repositories().values():
            instance.start_schedule(repository.get_schedule(SCHEDULE))
            instance.start_sensor(repository.get_sensor(SENSOR))
            return True
    return False


def switch_off(instance: dg.DagsterInstance) -> list[str]:
    """Switch schedule and sensor off; names of those that were on."""
    states = [
        state for state in instance.all_instigator_state() if state.name in (SCHEDULE, SENSOR) and state.is_running
    ]
    for state in states:
        instance.update_instigator_state(state.with_status(InstigatorStatus.STOPPED))
    return sorted(state.name for state in states)


def forget_the_future(instance: dg.DagsterInstance) -> None:
    """Take times to come out of Dagster's record: set back, a clock would let it wait for them."""
    now = time.time()
    for state in instance.all_instigator_state():
        data: Any = state.instigator_data
        times = {
            name: now
            for name, value in (data._asdict() if data is not None else {}).items()
            if name.endswith("_timestamp") and value is not None and value > now + _CLOCK_SECONDS
        }
        if times:
            instance.update_instigator_state(state.with_data(type(data)(**{**data._asdict(), **times})))


def _write_health(instance: dg.DagsterInstance, workspace: Workspace, say: Say) -> None:
    """Write health.html; what keeps it from that is said and ends nothing."""
    now = dt.datetime.now(dt.UTC)
    try:
        write_page(workspace, facts_of(workspace, counted(instance), now), now)
    except Exception as error:
        say(f"health.html could not be written: {error} / 无法写出 health.html")


def _declared(workspace: Workspace) -> tuple[int, int]:
    try:
        found = workspace.sources_path.stat()
    except OSError:
        return (-1, -1)
    return found.st_size, found.st_mtime_ns


def _tell_progress(instance: dg.DagsterInstance, told: str, say: Say) -> str:
    """Say how the newest run does, when that changes."""
    for run in instance.get_runs(limit=1):
        now = f"run {run.run_id[:8]} ({run.job_name}): {run.status.value.lower()}"
        if now != told:
            say(now)
        return now
    return told


def _end(processes: list[psutil.Process]) -> None:
    """End processes, by force where asking does not help."""
    for force in (False, True):
        for process in processes:
            try:
                process.kill() if force else process.terminate()
            except psutil.NoSuchProcess:
                continue
        _, processes = psutil.wait_procs(processes, timeout=_END_SECONDS)
    if processes:
        logging.getLogger(__name__).warning("still running: %s", [process.pid for process in processes])
