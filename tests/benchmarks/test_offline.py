"""`make offline`: an attempt to get out is counted wherever it comes from, and none passes for nothing tried."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import bootstrap
from benchmarks import offline
from benchmarks.offline import Step, fault, isolated

TRIES = {
    "a connection": ("socket.create_connection(('192.0.2.1', 80), 5)", True),
    "by IPv6": ("socket.socket(socket.AF_INET6).connect(('2001:db8::1', 80))", True),
    "a datagram": ("socket.socket(type=socket.SOCK_DGRAM).sendto(b'x', ('192.0.2.1', 53))", True),
    "a name server of this machine": ("socket.socket(type=socket.SOCK_DGRAM).sendto(b'x', ('127.0.0.53', 53))", True),
    "a program that is no Python": ("subprocess.run(['bash', '-c', 'echo > /dev/tcp/192.0.2.1/80'])", True),
    "a server of this machine": (
        "socket.create_connection(socket.create_server(('127.0.0.1', 0)).getsockname(), 5)",
        False,
    ),
}
INSIDE = """
import socket, subprocess
from benchmarks.offline import attempts, loopback_up, try_to_get_out
loopback_up()
try_to_get_out()
before = attempts()
assert before > 0
try:
    {made}
except OSError:
    pass
print("counted", attempts() - before)
"""


@pytest.mark.parametrize(("made", "counts"), TRIES.values(), ids=TRIES)
def test_what_tries_to_get_out_is_counted(made: str, counts: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    # Without the watch of tests/conftest.py, which would refuse before the kernel could.
    monkeypatch.setenv("PYTHONPATH", str(bootstrap.PROJECT))
    command = isolated([sys.executable, "-c", INSIDE.format(made=made)])
    if command is None:
        pytest.skip("no network namespace can be made here (Linux with unshare)")
    ran = subprocess.run(command, capture_output=True, text=True, check=True)
    assert (int(ran.stdout.split("counted")[1]) > 0) == counts, ran.stderr


def test_a_namespace_that_reaches_something_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("socket.create_connection", lambda *_: None)
    with pytest.raises(RuntimeError, match="no namespace without routes"):
        offline.try_to_get_out()


@pytest.mark.parametrize(
    ("tries", "wrong"),
    [([1, 0, 0], None), ([2, 0, 1], "tried to get out: ui"), ([0, 0, 0], "not counted"), ([], "not counted")],
)
def test_what_is_wrong_with_the_outcome(tries: list[int], wrong: str | None) -> None:
    found = fault([Step(name, 1, count) for name, count in zip(["on purpose", "run", "ui"], tries, strict=False)])
    assert found is None if wrong is None else wrong in str(found)


def test_where_no_namespace_can_be_made_it_ends_with_3(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(shutil, "which", lambda _: None)
    assert offline.main([]) == 3
    assert "命名空间" in capsys.readouterr().out


def test_an_attempt_ends_it_with_1_and_writes_no_page(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(offline, "loopback_up", lambda: None)
    monkeypatch.setattr(offline, "REPORT", tmp_path / "offline.md")
    monkeypatch.setattr(offline, "steps", lambda _: [Step("on purpose", 0, 1), Step("run", 1, 1)])
    assert offline.main(["--inside"]) == 1
    assert not (tmp_path / "offline.md").exists()
    monkeypatch.setattr(offline, "steps", lambda _: [Step("on purpose", 0, 1), Step("run", 1, 0)])
    assert offline.main(["--inside"]) == 0
    assert "| run | 1 | 0 |" in (tmp_path / "offline.md").read_text(encoding="utf-8")
