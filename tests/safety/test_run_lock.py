"""The run lock: one process at a time, waiting with words, free when the holder dies, shared with its children."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from medpanel.runs import run_lock
from medpanel.runs.run_lock import RunLockError

CHINESE = re.compile(r"[\u4e00-\u9fff]")
HOLD = """
import sys, time
from pathlib import Path
from medpanel.runs import run_lock
root = Path(sys.argv[1])
run_lock.hold(root, lambda text: print(text, file=sys.stderr, flush=True))
print("held", flush=True)
time.sleep(60)
"""


@pytest.fixture
def holder(tmp_path: Path) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Start a process that holds the lock of tmp_path until it is killed."""
    started = []

    def start(root: Path = tmp_path) -> subprocess.Popen[str]:
        process = subprocess.Popen([sys.executable, "-c", HOLD, str(root)], stdout=subprocess.PIPE, text=True)
        started.append(process)
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        return process

    yield start
    for process in started:
        process.kill()
        process.wait()


@pytest.fixture(autouse=True)
def let_go(tmp_path: Path) -> Iterator[None]:
    yield
    run_lock.release(tmp_path)


def silent(text: str) -> None:
    raise AssertionError(f"waited: {text}")


def test_who_has_the_lock_has_it_again(tmp_path: Path) -> None:
    assert run_lock.hold(tmp_path, silent)
    assert not run_lock.hold(tmp_path, silent)
    with run_lock.held(tmp_path, silent):
        pass
    # The inner holder did not take it from the outer one.
    assert not run_lock.hold(tmp_path, silent)
    run_lock.release(tmp_path)
    assert run_lock.hold(tmp_path, silent)


def test_one_process_may_hold_several_workspaces(tmp_path: Path, holder: Callable[..., object]) -> None:
    holder(root=tmp_path / "theirs")
    with run_lock.held(tmp_path / "one", silent), run_lock.held(tmp_path / "other", silent):
        pass


def test_a_held_lock_is_given_up_after_the_set_time(
    tmp_path: Path, holder: Callable[..., subprocess.Popen[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    process = holder()
    monkeypatch.setenv("MEDPANEL_LOCK_WAIT", "1.5")
    said: list[str] = []
    began = time.monotonic()
    with pytest.raises(RunLockError) as refused:
        run_lock.hold(tmp_path, said.append)
    assert 1.5 <= time.monotonic() - began < 10
    message = str(refused.value)
    assert f"process {process.pid}" in message
    assert str(tmp_path) in message
    assert "MEDPANEL_LOCK_WAIT" in message
    assert CHINESE.search(message)
    assert len(said) == 1
    assert re.search(rf"waiting for another run \(process {process.pid}, started \d{{4}}-\d\d-\d\dT", said[0])
    assert CHINESE.search(said[0])


def test_it_says_again_from_time_to_time_for_whom_it_waits(
    tmp_path: Path, holder: Callable[..., object], monkeypatch: pytest.MonkeyPatch
) -> None:
    holder()
    monkeypatch.setenv("MEDPANEL_LOCK_WAIT", "2.5")
    monkeypatch.setattr(run_lock, "SAY_SECONDS", 0.5)
    said: list[str] = []
    with pytest.raises(RunLockError):
        run_lock.hold(tmp_path, said.append)
    assert 2 <= len(said) <= 4


def test_a_killed_holder_lets_go(tmp_path: Path, holder: Callable[..., subprocess.Popen[str]]) -> None:
    process = holder()
    process.kill()
    process.wait()
    assert run_lock.hold(tmp_path, silent)
    signed = json.loads(run_lock.lock_path(tmp_path).read_text(encoding="utf-8"))
    assert signed["pid"] == os.getpid()


@pytest.mark.parametrize("text", ["soon", "-1", "inf", "nan"])
def test_a_waiting_time_that_is_none_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv("MEDPANEL_LOCK_WAIT", text)
    with pytest.raises(RunLockError, match="expected a number of seconds / 应为秒数"):
        run_lock.hold(tmp_path, silent)


def test_only_one_of_many_is_ever_inside(tmp_path: Path) -> None:
    code = """
import sys, time
from pathlib import Path
from medpanel.runs import run_lock
root, inside = Path(sys.argv[1]), Path(sys.argv[1], "inside")
for _ in range(10):
    with run_lock.held(root, print):
        inside.mkdir()  # fails when somebody else is inside
        time.sleep(0.005)
        inside.rmdir()
"""
    many = [subprocess.Popen([sys.executable, "-c", code, str(tmp_path)]) for _ in range(4)]
    assert [process.wait(60) for process in many] == [0, 0, 0, 0]


def test_the_lock_file_is_private(tmp_path: Path) -> None:
    run_lock.hold(tmp_path, silent)
    assert run_lock.lock_path(tmp_path).stat().st_mode & 0o777 == 0o600


def test_a_run_that_finds_the_workspace_locked_says_so_and_fails(
    tmp_path: Path, holder: Callable[..., subprocess.Popen[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    from dagster_project.run import run_job
    from medpanel.runs.workspace import Workspace

    process = holder()
    monkeypatch.setenv("MEDPANEL_LOCK_WAIT", "0")
    outcome = run_job(Workspace.at(tmp_path))
    assert not outcome.success
    assert f"another run (process {process.pid}" in outcome.failures[0]
    assert not (tmp_path / "dagster").exists()
