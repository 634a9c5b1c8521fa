"""Disks that are full or read-only, files that may not be read, too few file handles: one sentence, no traceback, and
the last publication whole. Everything is tried through the command line, in a process that the system really refuses.
"""

from __future__ import annotations

import ctypes
import os
import re
import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from benchmarks.kill_harness import current, faults, finished, hashes, unfinished
from catalog.base import PROJECT_DIR
from medpanel.runs.trouble import trouble, trouble_of

CHINESE = re.compile("[\u4e00-\u9fff]")
_DROP, _OVERRIDE, _SEARCH = 24, 1, 2


def without_privilege() -> None:
    """Root obeys the permissions of its own files, too, once the program starts without these two capabilities."""
    if os.geteuid() == 0:
        libc = ctypes.CDLL(None, use_errno=True)
        for capability in (_OVERRIDE, _SEARCH):
            if libc.prctl(_DROP, capability, 0, 0, 0):
                raise OSError(ctypes.get_errno(), "prctl")


def limited(kind: int, most: int) -> Callable[[], None]:
    """Limit a resource of the process to be started."""
    return lambda: resource.setrlimit(kind, (most, most))


def medpanel(*words: str, before: Callable[[], None] = without_privilege, **environment: str) -> tuple[int, str]:
    """Run a command; its exit code and everything it printed."""
    done = subprocess.run(
        [sys.executable, "-m", "medpanel", *words],
        cwd=PROJECT_DIR,
        env={**os.environ, "PYTHONUTF8": "1", "PYTHONDONTWRITEBYTECODE": "1", "COLUMNS": "1000", **environment},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        preexec_fn=before,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout


def said(output: str, words: str) -> None:
    """Assert that one sentence in both languages says it, and no traceback is shown."""
    assert "Traceback" not in output and "Logging error" not in output, output
    # In one line again: the screen breaks long ones.
    text = " ".join(output.replace("│", " ").split())
    assert re.search(f"{re.escape(words)}.*? / [^/]*[\u4e00-\u9fff]", text), output


@pytest.fixture
def root(copy_of: Callable[[Path], Path], tmp_path: Path) -> Path:
    """A copy of the workspace with one publication."""
    return copy_of(tmp_path / "data")


def whole(root: Path, first: Path, before: dict[str, str]) -> None:
    """Assert that the publication is current and as it was, and nothing half-made lies beside it."""
    assert current(root) == first and finished(root) == [first] and unfinished(root) == []
    assert hashes(first) == before and faults(first) == []


def test_a_full_disk_while_a_run_publishes(root: Path) -> None:
    first = current(root)
    before, size = hashes(first), (first / "medpanel.duckdb").stat().st_size
    code, output = medpanel("run", "--data", str(root), before=limited(resource.RLIMIT_FSIZE, size // 2))
    assert code == 1
    said(output, "is full")
    assert "prune --keep 1" in output and "磁盘空间不足" in output, output
    whole(root, first, before)


def test_a_full_disk_from_the_start(root: Path) -> None:
    first = current(root)
    before = hashes(first)
    code, output = medpanel("run", "--data", str(root), before=limited(resource.RLIMIT_FSIZE, 1024))
    assert code == 1
    said(output, "The disk")
    whole(root, first, before)


@pytest.mark.parametrize("most", [8, 24])
def test_too_few_file_handles(root: Path, most: int) -> None:
    first = current(root)
    before = hashes(first)
    code, output = medpanel("run", "--data", str(root), before=limited(resource.RLIMIT_NOFILE, most))
    assert code == 1
    said(output, "ulimit -n 1024")
    whole(root, first, before)


def test_a_workspace_that_may_not_be_written_to(root: Path) -> None:
    first = current(root)
    before = hashes(first)
    folders = [root, *(path for path in root.rglob("*") if path.is_dir() and not path.is_symlink())]
    modes = {path: path.stat().st_mode for path in folders}
    files = {path: path.stat().st_mode for path in root.rglob("*") if path.is_file() and not path.is_symlink()}
    for path, mode in {**files, **modes}.items():
        path.chmod(mode & ~0o222)
    try:
        for words in (["run"], ["sample"], ["prune"], ["cache", "--clear"]):
            code, output = medpanel(*words, "--data", str(root))
            assert code == 1, output
            said(output, "may not be read or written")
        # What is published can still be asked.
        code, output = medpanel("query", "select count(*) as n from province_year", "--data", str(root))
        assert code == 0, output
    finally:
        for path, mode in {**modes, **files}.items():
            path.chmod(mode)
    whole(root, first, before)


def test_files_that_may_not_be_read(root: Path) -> None:
    declared, figures = root / "raw" / "sources.yaml", root / "raw" / "gdp.csv"
    figures.chmod(0)
    code, output = medpanel("inspect", str(figures), "--sources", str(declared))
    assert code == 1 and "Permission denied" in output and CHINESE.search(output), output
    assert "Traceback" not in output
    declared.chmod(0)
    code, output = medpanel("run", "--data", str(root))
    assert code == 1
    said(output, "may not be read or written")


def test_a_home_that_cannot_be_written_to_stops_nothing(root: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir(mode=0o555)
    first = current(root)
    code, output = medpanel("run", "--data", str(root), HOME=str(home), XDG_CACHE_HOME=str(home / "none"))
    assert code == 0, output
    assert "Traceback" not in output and current(root) != first and list(home.iterdir()) == []


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("[Errno 28] No space left on device: '/x'", "The disk is full"),
        ("IO Error: Could not write file: No space left on device", "The disk is full"),
        ("(sqlite3.OperationalError) database or disk is full\n[SQL: …]", "The disk is full"),
        ("[Errno 30] Read-only file system: '/x'", "The disk is read-only"),
        ("attempt to write a readonly database", "The disk is read-only"),
        ("[Errno 24] Too many open files: '/x'", "too few open files"),
        ("[Errno 13] Permission denied: '/x'", "may not be read or written"),
        ("unable to open database file", "A database cannot be opened"),
        ("disk I/O error", "The disk cannot be written to"),
    ],
)
def test_words_of_systems_and_databases_are_known(message: str, expected: str) -> None:
    told = trouble(message)
    assert told is not None and expected in told.en and CHINESE.search(told.zh) and "\n" not in told
    assert message.split("\n")[0] in told.en


@pytest.mark.parametrize("damage", [lambda b: b[:-1], lambda b: b[:3], lambda b: b"", lambda b: b"\0" * len(b)])
@pytest.mark.parametrize("through", ["duckdb", "arrow"])
def test_a_damaged_parquet_file_is_recognised_by_every_reader(
    tmp_path: Path, damage: Callable[[bytes], bytes], through: str
) -> None:
    path = tmp_path / "observation.parquet"
    pd.DataFrame({"value": range(100)}).to_parquet(path)
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises((OSError, ValueError, duckdb.Error)) as raised:
        duckdb.read_parquet(str(path)).fetchall() if through == "duckdb" else pd.read_parquet(path)
    told = trouble_of(raised.value)
    assert told is not None and "is damaged" in told.en and "medpanel run" in told.en and "已损坏" in told.zh


def test_a_fault_of_the_program_is_none() -> None:
    assert trouble("'NoneType' object has no attribute 'x'") is None
    assert trouble_of(KeyError("x")) is None


def test_the_first_cause_is_told() -> None:
    outer = RuntimeError("the step failed")
    outer.__cause__ = OSError(28, "No space left on device", "/x")
    assert "The disk is full" in str(trouble_of(outer))
