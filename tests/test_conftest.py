"""The fixtures for data outside the project: found, skipped with the reason, failed where a skip hides it; and the
watch over connections, which fails a test that makes one."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
TEST = """
def test_uses_it({fixture}):
    assert ({fixture} / "marker").is_file()
"""


def outcome(folder: Path, fixture: str, environment: dict[str, str], test: str = TEST) -> str:
    """Closing lines of pytest on a one-test project in `folder` that uses `fixture`."""
    tests = folder / "tests"
    tests.mkdir(parents=True)
    shutil.copy(HERE / "conftest.py", tests)
    shutil.copytree(HERE / "no_network", tests / "no_network")
    shutil.copy(HERE.parent / "bootstrap.py", folder)
    (tests / "test_it.py").write_text(test.format(fixture=fixture), encoding="utf-8")
    ours = ("CI", "MEDPANEL_REAL_DATA", "MEDPANEL_REFERENCE", "PYTEST_ADDOPTS", "PYTHONPATH")
    clean = {name: value for name, value in os.environ.items() if name not in ours}
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-rs", "-p", "no:cacheprovider", "tests"],
        cwd=folder,
        env={**clean, **environment},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    return ran.stdout


CASES = [("real_data", "MEDPANEL_REAL_DATA", "data"), ("reference", "MEDPANEL_REFERENCE", "reference")]


@pytest.mark.parametrize(("fixture", "variable", "name"), CASES)
def test_default_folder_beside_the_project(tmp_path: Path, fixture: str, variable: str, name: str) -> None:
    default = tmp_path / "shared" / name
    default.mkdir(parents=True)
    (default / "marker").touch()
    assert "1 passed" in outcome(tmp_path / "project", fixture, {"CI": "true"})


@pytest.mark.parametrize(("fixture", "variable", "name"), CASES)
def test_folder_named_by_the_environment(tmp_path: Path, fixture: str, variable: str, name: str) -> None:
    named = tmp_path / "elsewhere"
    named.mkdir()
    (named / "marker").touch()
    assert "1 passed" in outcome(tmp_path / "project", fixture, {variable: str(named)})


@pytest.mark.parametrize(("fixture", "variable", "name"), CASES)
@pytest.mark.parametrize("ci", [{}, {"CI": "true"}])
def test_absent_everywhere_skips_with_the_reason(
    tmp_path: Path, fixture: str, variable: str, name: str, ci: dict[str, str]
) -> None:
    shown = outcome(tmp_path / "project", fixture, ci)
    assert "1 skipped" in shown and f"set {variable} to where it lies" in shown


@pytest.mark.parametrize(("fixture", "variable", "name"), CASES)
def test_absent_in_ci_beside_a_shared_folder_fails(tmp_path: Path, fixture: str, variable: str, name: str) -> None:
    (tmp_path / "shared").mkdir()
    shown = outcome(tmp_path / "project", fixture, {"CI": "true"})
    assert "1 error" in shown and "not skipped: CI is set" in shown


# Addresses reserved for documentation: no machine has them.
CONNECTING = [
    "socket.create_connection(('192.0.2.1', 80), 5)",
    "socket.socket(socket.AF_INET6).connect(('2001:db8::1', 80))",
    "socket.getaddrinfo('example.invalid', 443)",
    "socket.socket(type=socket.SOCK_DGRAM).sendto(b'x', ('192.0.2.1', 53))",
    "__import__('urllib.request').request.urlopen('https://example.invalid/')",
]
HERE_ONLY = [
    "socket.create_connection(socket.create_server(('127.0.0.1', 0)).getsockname(), 5)",
    "socket.getaddrinfo('localhost', 80)",
    "socket.socket(socket.AF_UNIX).connect('/nonexistent')",
]
IGNORED = """
import inspect, socket, subprocess, sys
import pytest

def ignored(made):
    try:
        eval(made)
    except OSError:
        pass

ELSEWHERE = "import socket, sys\\n" + inspect.getsource(ignored) + "ignored(sys.argv[1])"

@pytest.mark.parametrize("made", MADE)
def test_itself(made):
    ignored(made)

@pytest.mark.parametrize("made", MADE)
def test_a_program_it_starts(made):
    subprocess.run([sys.executable, "-c", ELSEWHERE, made], check=True)
"""


def ways(folder: Path, made: list[str]) -> str:
    """What pytest says of tests that connect in these ways, themselves and in programs they start."""
    text = IGNORED.replace("MADE", repr(made))
    return outcome(folder, "", {}, text.replace("{", "{{").replace("}", "}}"))


def test_a_test_that_connects_fails_even_if_it_ignores_the_refusal(tmp_path: Path) -> None:
    shown = ways(tmp_path, CONNECTING)
    assert f"{2 * len(CONNECTING)} passed, {2 * len(CONNECTING)} errors" in shown
    assert shown.count("Failed: tried to connect beyond this machine") == 2 * len(CONNECTING)


def test_connections_within_this_machine_are_free(tmp_path: Path) -> None:
    shown = ways(tmp_path, HERE_ONLY)
    assert f"{2 * len(HERE_ONLY)} passed in" in shown
