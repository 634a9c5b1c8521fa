"""A reader who opens the published file for writing is refused and leaves nothing behind."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.kill_harness import hashes

NOBODY = 65534
# Everything is imported before the rights are given up: the interpreter may lie where nobody else can read.
OPEN = """
import json, os, sys
import duckdb
path, uid, read_only = sys.argv[1], int(sys.argv[2]), sys.argv[3] == "read"
duckdb.connect().execute("SELECT 1").fetchall()
if os.geteuid() == 0:
    os.setgroups([])
    os.setgid(uid)
    os.setuid(uid)
try:
    with duckdb.connect(path, read_only=read_only) as connection:
        if not read_only:
            connection.execute("CREATE TABLE mine AS SELECT 1 AS x")
        rows = connection.execute("SELECT count(*) FROM province_year").fetchall()[0][0]
    print(json.dumps({"rows": rows}))
except Exception as error:
    print(json.dumps({"error": f"{type(error).__name__}: {error}"}))
"""


@pytest.fixture
def owned_by_reader(good: Path) -> Iterator[Path]:
    """A copy of the published part of the workspace that belongs to the reader, who may write beside it."""
    # pytest's own folders are closed to other users.
    folder = Path(tempfile.mkdtemp(prefix="medpanel-reader-"))
    folder.chmod(0o755)
    root = folder / "data"
    root.mkdir()
    shutil.copytree(good / "publications", root / "publications", symlinks=True)
    for name in ("current", "medpanel.duckdb", "parquet"):
        (root / name).symlink_to((good / name).readlink())
    if os.geteuid() == 0:
        for path in [root, *root.rglob("*")]:
            os.chown(path, NOBODY, NOBODY, follow_symlinks=False)
    yield root
    for path in root.rglob("*"):
        if path.is_dir() and not path.is_symlink():
            path.chmod(0o755)
    shutil.rmtree(folder)


def reader(path: Path, how: str) -> dict[str, object]:
    done = subprocess.run(
        [sys.executable, "-c", OPEN, str(path), str(NOBODY), how], capture_output=True, text=True, check=True
    )
    answer: dict[str, object] = json.loads(done.stdout)
    return answer


def everything(root: Path) -> tuple[list[str], dict[str, str]]:
    return sorted(path.relative_to(root).as_posix() for path in root.rglob("*")), hashes(root)


@pytest.mark.parametrize("through", ["link", "folder"])
def test_opening_for_writing_is_refused_and_leaves_nothing(owned_by_reader: Path, through: str) -> None:
    root = owned_by_reader
    database = root / "medpanel.duckdb"
    path = database if through == "link" else database.resolve()
    before = everything(root)
    refused = reader(path, "write")
    assert "Permission denied" in str(refused["error"]), refused
    assert everything(root) == before
    # The same reader, asking properly, is answered, and leaves nothing either.
    assert reader(path, "read") == {"rows": 31 * 14}
    assert everything(root) == before


def test_a_file_that_may_be_written_would_be_changed(owned_by_reader: Path) -> None:
    database = (owned_by_reader / "medpanel.duckdb").resolve()
    database.parent.chmod(0o755)
    database.chmod(0o644)
    before = everything(owned_by_reader)
    assert reader(database, "write") == {"rows": 31 * 14}
    assert everything(owned_by_reader) != before
