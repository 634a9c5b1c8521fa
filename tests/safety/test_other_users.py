"""What other users of the machine can read of a workspace; and persons, who are found in its private part alone."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest

from benchmarks.kill_harness import ANSWER, PERSON

NOBODY = 65534
OTHERS = 0o077


@pytest.fixture(scope="module")
def entered(good: Path) -> Iterator[Path]:
    """The workspace where everybody may enter its folder, as on a shared disk."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        root = Path(name) / "data"
        shutil.copytree(good, root, symlinks=True)
        root.chmod(0o755)
        # What the owner put there is open, whatever mask the tests before have left.
        for path in (root / "raw", *(root / "raw").rglob("*")):
            path.chmod(0o755 if path.is_dir() else 0o644)
        yield root
        for folder, _, _ in os.walk(root):
            Path(folder).chmod(0o755)


def as_nobody(*command: str) -> subprocess.CompletedProcess[str]:
    """Run a command as the user nobody, who is in no group."""
    return subprocess.run(
        command, user=NOBODY, group=NOBODY, extra_groups=[], capture_output=True, text=True, check=False
    )


def readable(root: Path) -> set[str]:
    """The top folders below `root` in which the user nobody can open a file."""
    found = as_nobody("find", f"{root}/", "-type", "f", "-readable").stdout.splitlines()
    return {Path(path).relative_to(root).parts[0] for path in found}


def test_a_run_leaves_nothing_that_others_may_open(good: Path) -> None:
    made = [path for path in good.iterdir() if path.name != "raw" and not path.is_symlink()]
    assert {"lake", "work", "cache", "dagster", "publications"} <= {path.name for path in made}
    assert [path.name for path in made if path.stat().st_mode & OTHERS] == []
    sealed = good / "publications"
    inside = [path for path in good.rglob("*") if (good / "raw") not in (path, *path.parents) and not path.is_symlink()]
    # A publication is closed to writing, and its folder decides who may enter.
    loose = [path for path in inside if path.stat().st_mode & OTHERS and sealed not in path.parents]
    # What the store shares with publications is the same file on disk.
    assert [path for path in loose if path.is_dir() or path.stat().st_nlink == 1] == []


@pytest.mark.parametrize("place", ["private/respondent.parquet", "private/refused_respondent.parquet"])
def test_records_of_persons_are_the_owners_alone(good: Path, entered: Path, place: str) -> None:
    path = good / "lake" / place
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    if os.getuid() == 0:  # only root can become somebody else
        other = entered / "lake" / place
        assert "Permission denied" in as_nobody("cat", str(other)).stderr
        # As a control: the same user reads what is open.
        assert as_nobody("cat", str(entered / "raw" / "sources.yaml")).returncode == 0


def test_another_user_finds_only_the_files_the_owner_put_there(entered: Path) -> None:
    if os.getuid() == 0:
        assert readable(entered) == {"raw"}
        # As a control: what is opened is found.
        (entered / "lake").chmod(0o755)
        (entered / "lake" / "observation.parquet").chmod(0o644)
        assert readable(entered) == {"raw", "lake"}
        (entered / "lake").chmod(0o700)


def said_in(path: Path) -> str:
    """Everything a file holds, unpacked where it is packed."""
    if path.suffix == ".parquet":
        return pq.read_table(path).to_pandas().to_csv()
    if path.suffix == ".duckdb":
        with duckdb.connect(str(path), read_only=True) as connection:
            named = connection.execute("SELECT schema_name, table_name FROM duckdb_tables()").fetchall()
            return "".join(connection.execute(f'FROM "{s}"."{t}"').df().to_csv() for s, t in named)
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as packed:
            return "".join(packed.read(name).decode("utf-8", "replace") for name in packed.namelist())
    return path.read_bytes().decode("utf-8", "replace")


def test_no_person_is_found_outside_the_private_part(good: Path) -> None:
    files = [path for path in good.rglob("*") if path.is_file() and not path.is_symlink()]
    holding = {path.relative_to(good) for path in files for word in (PERSON, ANSWER) if word in said_in(path)}
    outside = {path for path in holding if path.parts[0] != "raw" and path.parts[:2] != ("lake", "private")}
    assert outside == set()
    # As a control: the search finds them where they are.
    assert Path("lake/private/respondent.parquet") in holding and Path("raw/persons.dta") in holding
    searched = {path.relative_to(good).parts[0] for path in files}
    assert {"cache", "dagster", "work", "publications", "lake"} <= searched
