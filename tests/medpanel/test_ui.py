"""`medpanel ui` from the command line: the address it prints, a port in use, whose daemon it uses, how it ends."""

from __future__ import annotations

import os
import signal
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

import dagster as dg
import pytest
from typer.testing import CliRunner

from dagster_project import daemon
from dagster_project import ui as serving
from dagster_project.home import prepare_dagster_home
from medpanel.cli import app
from medpanel.commands import ui
from medpanel.commands.preparing import stopped_by_a_signal
from medpanel.runs.workspace import Workspace


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Workspace]:
    before, here = dict(os.environ), Path.cwd()
    made = Workspace.at(tmp_path / "data")
    made.work.mkdir(parents=True)
    monkeypatch.setattr(ui, "load_pipeline", lambda one: os.environ.update(one.to_environment()))
    monkeypatch.setattr(ui, "stopped_by_a_signal", threading.Event)
    yield made
    os.chdir(here)
    os.environ.clear()
    os.environ.update(before)


def invoke(workspace: Workspace, *words: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["ui", "--data", str(workspace.root), *words], catch_exceptions=False)
    return result.exit_code, result.output


def test_the_address_is_printed_whole_and_said_to_be_a_secret(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = "http://127.0.0.1:3000/" + "0123456789abcdef" * 8 + "/"
    monkeypatch.setattr(serving, "serve_ui", lambda *given: given[-1](address))
    code, text = invoke(workspace)
    assert code == 0
    assert f"Dagster UI: {address}\n" in text
    assert "pass it on to nobody" in text and "请勿转告他人" in text


def test_a_port_in_use_is_named_with_what_to_do(workspace: Workspace) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        code, text = invoke(workspace, "--port", str(other.getsockname()[1]))
    assert code == 1
    assert "--port" in text and "端口" in text
    os.close(daemon.take_service(workspace))


@pytest.fixture
def daemons(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was started to show the pages of: a daemon, or code servers alone. Neither is real."""
    started: list[str] = []
    os.environ.update(workspace.to_environment())
    prepare_dagster_home(workspace)

    @contextmanager
    def of_its_own(instance: dg.DagsterInstance) -> Iterator[SimpleNamespace]:
        with pytest.raises(daemon.ServiceError):
            daemon.take_service(workspace)
        started.append("daemon")
        yield SimpleNamespace(_workspace_process_context=None, check_daemon_threads=lambda: None)

    @contextmanager
    def without(*_: object, **__: object) -> Iterator[None]:
        started.append("no daemon")
        yield None

    @contextmanager
    def served(app: object, listener: socket.socket) -> Iterator[threading.Thread]:
        assert listener.getsockname()[0] == "127.0.0.1"
        yield threading.main_thread()

    monkeypatch.setattr(serving, "running_daemon", of_its_own)
    monkeypatch.setattr(serving, "WorkspaceProcessContext", without)
    monkeypatch.setattr(serving, "guarded", lambda *_: None)
    monkeypatch.setattr(serving, "serving", served)
    return started


def serve(workspace: Workspace) -> tuple[list[str], list[str]]:
    """(what it said, addresses it told) of a UI that is stopped at once."""
    stop, said, told = threading.Event(), list[str](), list[str]()
    stop.set()
    serving.serve_ui(workspace, 0, stop, said.append, told.append)
    return said, told


def test_the_ui_brings_a_daemon_of_its_own_and_is_then_the_service(workspace: Workspace, daemons: list[str]) -> None:
    said, [first] = serve(workspace)
    assert (daemons, said) == (["daemon"], [])
    _, [second] = serve(workspace)
    # Another secret each time, of 128 random bits.
    assert first.split("/")[3] != second.split("/")[3]
    assert len(bytes.fromhex(first.split("/")[3])) == 16
    os.close(daemon.take_service(workspace))


def test_the_ui_uses_the_daemon_of_a_service(workspace: Workspace, daemons: list[str]) -> None:
    handle = daemon.take_service(workspace)
    [said], _ = serve(workspace)
    os.close(handle)
    assert daemons == ["no daemon"]
    assert "a service is running" in said and "服务" in said


def test_a_server_that_ends_by_itself_ends_the_command(
    workspace: Workspace, daemons: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    @contextmanager
    def ended(*_: object) -> Iterator[threading.Thread]:
        yield threading.Thread()

    monkeypatch.setattr(serving, "serving", ended)
    monkeypatch.setattr(serving, "_LOOK_SECONDS", 0.01)
    with pytest.raises(RuntimeError, match="ended by itself"):
        serving.serve_ui(workspace, 0, threading.Event(), print, print)


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM"])
def test_a_service_started_in_the_background_ends_on_a_signal(name: str) -> None:
    """Shells let what they start in the background ignore Ctrl-C."""
    one = getattr(signal, name)
    names = [found for found in ("SIGINT", "SIGTERM", "SIGBREAK", "SIGHUP") if hasattr(signal, found)]
    before = {found: signal.getsignal(getattr(signal, found)) for found in names}
    try:
        signal.signal(one, signal.SIG_IGN)
        stop = stopped_by_a_signal()
        signal.raise_signal(one)
        assert stop.wait(5)
    finally:
        for found, handler in before.items():
            signal.signal(getattr(signal, found), handler)
