"""Backups as an office takes and needs them: whole beside a run, small the second time, refused where damaged."""

from __future__ import annotations

import errno
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from contextlib import closing
from pathlib import Path

import pytest
from typer.testing import CliRunner

from catalog.base import PROJECT_DIR
from medpanel.backup import BackupError, check, restore, take, taking
from medpanel.backup.record import RECORD, backups, read
from medpanel.cli import app
from medpanel.publishing import folders, links, resolve_current
from medpanel.runs import run_lock

# What tells a workspace that lies within another.
NESTED = ("real/lake", "real/work")
PERSONS = "lake/private/survey/2017.parquet"


def publish(root: Path, name: str, content: bytes = b"database") -> Path:
    """A sealed publication, made current."""
    building = folders.start(root, name)
    (building / "parquet").mkdir()
    (building / "medpanel.duckdb").write_bytes(content)
    (building / "parquet" / "estimate.parquet").write_bytes(b"table" * 1000)
    final = folders.finish(building)
    links.switch(root, final.name)
    return final


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A workspace with what one has: input, private records, Dagster's databases, files with several names."""
    root = tmp_path / "数据 office" / "data"
    for name, content in {
        "raw/sources.yaml": b"data_kind: synthetic\n",
        "raw/a.csv": b"1\n",
        PERSONS: b"person",
        "lake/observation.parquet": b"long" * 5000,
        "work/run.lock": b"{}",
        "work/half.json.tmp": b"{",
        **{f"{folder}/x": b"1" for folder in NESTED},
    }.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(content)
    (root / PERSONS).chmod(0o600)
    (root / PERSONS).parent.chmod(0o700)
    publish(root, "20260102T000000Z-synthetic-aaaa1111")
    publication = publish(root, "20260103T000000Z-synthetic-bbbb2222")
    (root / "cache").mkdir()
    (root / "cache" / "estimate.parquet").hardlink_to(publication / "parquet" / "estimate.parquet")
    database = root / "dagster" / "history" / "runs.db"
    database.parent.mkdir(parents=True)
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("CREATE TABLE runs AS SELECT 1 AS run")
        connection.commit()
    yield root
    folders._open_folders(tmp_path)


def told(line: object) -> None:
    """Where a backup says what it waits for."""


def facts(folder: Path) -> dict[str, tuple[object, ...]]:
    """Everything below a folder: kind, permissions, and content or target."""
    found: dict[str, tuple[object, ...]] = {}
    for path in sorted(folder.rglob("*")):
        mode = path.lstat().st_mode
        content = path.readlink().as_posix() if path.is_symlink() else path.read_bytes() if path.is_file() else ""
        found[path.relative_to(folder).as_posix()] = (oct(mode), content)
    return found


def test_what_is_restored_is_what_was_backed_up(root: Path, tmp_path: Path) -> None:
    before = facts(root)
    taken = take(root, tmp_path / "backups", told)
    locks = {"work/run.lock", "dagster/history/runs.db-wal", "dagster/history/runs.db-shm"}
    after = {name: one for name, one in facts(root).items() if name not in locks}
    assert after == {name: one for name, one in before.items() if name not in locks}, "nothing in it is changed"
    target = tmp_path / "new" / "data"
    restore(taken.folder, target)
    left_out = {"work/run.lock", "work/half.json.tmp", "real", *NESTED, *(f"{folder}/x" for folder in NESTED)}
    expected = {name: one for name, one in before.items() if name not in left_out and ".db" not in name}
    assert {name: one for name, one in facts(target).items() if ".db" not in name} == expected
    assert taken.other == ("real",)
    assert expected[PERSONS][0] == oct(0o100600) and expected["publications/" + taken.record.current][0] == oct(0o40555)
    assert resolve_current(target).name == taken.record.current
    first, second = target / "cache/estimate.parquet", resolve_current(target) / "parquet/estimate.parquet"
    assert first.samefile(second), "one file with two names stays one"
    with closing(sqlite3.connect(target / "dagster/history/runs.db")) as connection:
        assert connection.execute("SELECT run FROM runs").fetchall() == [(1,)]


def test_dagsters_databases_are_whole_while_the_service_writes(root: Path, tmp_path: Path) -> None:
    with closing(sqlite3.connect(root / "dagster/history/runs.db")) as service:
        service.execute("INSERT INTO runs VALUES (2)")
        service.commit()  # in the write-ahead log, which is left out
        service.execute("BEGIN IMMEDIATE")
        service.execute("INSERT INTO runs VALUES (3)")
        taken = take(root, tmp_path / "backups", told)
        service.rollback()
    with closing(sqlite3.connect(taken.folder / "data/dagster/history/runs.db")) as connection:
        assert connection.execute("SELECT run FROM runs ORDER BY run").fetchall() == [(1,), (2,)]


def test_the_second_backup_copies_what_changed_alone(root: Path, tmp_path: Path) -> None:
    first = take(root, tmp_path / "backups", told)
    (root / "raw" / "a.csv").write_bytes(b"22\n")
    second = take(root, tmp_path / "backups", told)
    assert second.copied == len(b"22\n")
    assert (first.folder / "data/raw/a.csv").read_bytes() == b"1\n", "the backup before is as it was"
    assert (first.folder / "data/lake/observation.parquet").samefile(second.folder / "data/lake/observation.parquet")
    assert check(first.folder) == first.record and check(second.folder) == second.record


def test_a_backup_waits_for_a_run_and_has_its_publication(root: Path, tmp_path: Path) -> None:
    holder = subprocess.Popen(
        [sys.executable, "-c", "import sys, pathlib; from medpanel.runs import run_lock; "
         "run_lock.hold(pathlib.Path(sys.argv[1]), print); print('held', flush=True); sys.stdin.read()", str(root)],
        cwd=PROJECT_DIR, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert holder.stdout is not None and holder.stdout.readline() == "held\n"
    taken: list[taking.Taken] = []
    thread = threading.Thread(target=lambda: taken.append(take(root, tmp_path / "backups", told)))
    thread.start()
    partial = tmp_path / "backups"
    while not list(partial.glob("*.partial/data/publications/*bbbb2222/parquet/*")):
        time.sleep(0.02)
    time.sleep(0.3)
    assert taken == [] and not list(partial.glob("*.partial/data/lake")), "the rest is copied under the lock"
    # What the run does meanwhile: a new publication, and the oldest pruned.
    new = publish(root, "20260104T000000Z-synthetic-cccc3333", b"newer")
    folders.prune(root, 2)
    holder.communicate("")
    thread.join(timeout=60)
    (one,) = taken
    assert one.record.current == new.name
    kept = {path.name for path in (one.folder / "data" / "publications").iterdir()}
    assert kept == {new.name, "20260103T000000Z-synthetic-bbbb2222"}
    check(one.folder)


@pytest.mark.parametrize("spoil", ["garbled", "truncated", "removed", "link"])
def test_a_spoilt_backup_names_the_file_and_writes_nothing(root: Path, tmp_path: Path, spoil: str) -> None:
    taken = take(root, tmp_path / "backups", told)
    path = taken.folder / "data" / "lake" / "observation.parquet"
    content = path.read_bytes()
    path.unlink()
    if spoil == "garbled":
        path.write_bytes(b"!" + content[1:])
    elif spoil == "truncated":
        path.write_bytes(content[:-1])
    elif spoil == "link":
        path.symlink_to(root / "lake" / "observation.parquet")
    for act in (lambda: check(taken.folder), lambda: restore(taken.folder, tmp_path / "new")):
        with pytest.raises(BackupError, match=r"1 files .*lake/observation\.parquet.*未写入"):
            act()
    assert [path.name for path in tmp_path.iterdir() if "new" in path.name] == []


def test_a_file_spoilt_in_the_last_backup_is_copied_again(root: Path, tmp_path: Path) -> None:
    first = take(root, tmp_path / "backups", told)
    path = first.folder / "data" / "lake" / "observation.parquet"
    path.write_bytes(b"!" + path.read_bytes()[1:])
    second = take(root, tmp_path / "backups", told)
    assert check(second.folder) == second.record


@pytest.mark.parametrize("how", ["empty", "cut", "changed"])
def test_a_spoilt_record_is_named(root: Path, tmp_path: Path, how: str) -> None:
    taken = take(root, tmp_path / "backups", told)
    path = taken.folder / RECORD
    text = path.read_text(encoding="utf-8")
    path.write_text({"empty": "", "cut": text[:-9], "changed": text.replace("a.csv", "b.csv")}[how], encoding="utf-8")
    with pytest.raises(BackupError, match=rf"{RECORD}.*damaged"):
        restore(tmp_path / "backups", tmp_path / "new")
    assert not (tmp_path / "new").exists()


def test_a_record_that_leads_outside_is_refused(root: Path, tmp_path: Path) -> None:
    from dataclasses import replace

    from medpanel.backup.record import Entry, write

    taken = take(root, tmp_path / "backups", told)
    write(taken.folder, replace(taken.record, entries=(Entry("../outside", "file", 0o600),)))
    with pytest.raises(BackupError, match="outside the workspace"):
        restore(taken.folder, tmp_path / "new")


def test_a_target_with_anything_in_it_is_refused(root: Path, tmp_path: Path) -> None:
    taken = take(root, tmp_path / "backups", told)
    target = tmp_path / "new"
    target.mkdir()
    (target / "mine.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(BackupError, match="not empty"):
        restore(taken.folder, target)
    assert facts(target).keys() == {"mine.txt"}
    (target / "mine.txt").unlink()
    restore(taken.folder, target)
    with pytest.raises(BackupError, match="apart from the backup"):
        restore(taken.folder, taken.folder / "data" / "new")


@pytest.mark.parametrize("where", ["data/backups", "."])
def test_a_backup_inside_its_workspace_or_around_it_is_refused(root: Path, where: str) -> None:
    with pytest.raises(BackupError, match="outside the workspace"):
        take(root, root.parent / where, told)


def test_a_folder_that_is_no_workspace_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BackupError, match="no workspace"):
        take(tmp_path / "nothing", tmp_path / "backups", told)
    assert not (tmp_path / "backups").exists()


def test_without_room_the_backups_before_stay_and_nothing_half_made(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = take(root, tmp_path / "backups", told)
    (root / "raw" / "b.csv").write_bytes(b"3")

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(shutil, "copyfile", full)
    with pytest.raises(BackupError, match="no room"):
        take(root, tmp_path / "backups", told)
    with pytest.raises(BackupError, match="no room"):
        restore(first.folder, tmp_path / "new")
    monkeypatch.undo()
    assert backups(tmp_path / "backups") == [first.folder] and not list((tmp_path / "backups").glob("*.partial"))
    assert not (tmp_path / "new").exists() and not list(tmp_path.glob(".new*"))
    check(first.folder)


def test_a_killed_backup_is_cleared_away_by_the_next(root: Path, tmp_path: Path) -> None:
    to = tmp_path / "backups"
    first = take(root, to, told)
    run_lock.hold(root, told)  # so that it waits after the publications
    try:
        process = subprocess.Popen(
            [sys.executable, "-m", "medpanel", "backup", "--data", str(root), "--to", str(to)], cwd=PROJECT_DIR
        )
        while not list(to.glob("*.partial/data/publications/*")):
            assert process.poll() is None
            time.sleep(0.05)
        process.send_signal(signal.SIGKILL)
        process.wait()
    finally:
        run_lock.release(root)
    assert list(to.glob("*.partial"))
    second = take(root, to, told)
    assert backups(to) == [first.folder, second.folder] and not list(to.glob("*.partial"))
    check(first.folder)


def test_two_backups_at_once_are_refused(root: Path, tmp_path: Path) -> None:
    handle = run_lock.take(tmp_path / "backups" / taking.LOCK)
    assert handle is not None
    with pytest.raises(BackupError, match="another backup"):
        take(root, tmp_path / "backups", told)
    os.close(handle)


def test_a_file_written_while_it_is_copied_is_not_taken_for_whole(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy, busy = shutil.copyfile, root / "raw" / "a.csv"

    def copyfile(source: Path, target: Path) -> None:
        copy(source, target)
        if source == busy:
            with busy.open("ab") as stream:
                stream.write(b"more\n")

    monkeypatch.setattr(shutil, "copyfile", copyfile)
    monkeypatch.setattr(taking, "_TRY_SECONDS", 0)
    with pytest.raises(BackupError, match=r"a\.csv: changes while it is copied"):
        take(root, tmp_path / "backups", told)
    assert backups(tmp_path / "backups") == []


def invoke(*words: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, list(words), catch_exceptions=False)
    return result.exit_code, result.output


def test_the_commands_say_what_they_did_and_what_is_not_in_it(root: Path, tmp_path: Path) -> None:
    to = tmp_path / "backups"
    code, text = invoke("backup", "--data", str(root), "--to", str(to))
    assert code == 0 and "files" in text and "real: another workspace" in text and "备份" in text
    code, text = invoke("backup", "--data", str(root), "--to", str(to), "--keep", "1")
    assert code == 0 and "1 older backups removed" in text
    (one,) = backups(to)
    assert read(one).workspace == str(root.resolve())
    assert invoke("restore", str(to), "--check")[0] == 0
    code, text = invoke("restore", str(to), "--to", str(tmp_path / "new"))
    assert code == 0 and f"medpanel status --data {tmp_path / 'new'}" in text
    assert invoke("restore", str(to))[0] == 1
    code, text = invoke("restore", str(tmp_path / "elsewhere"), "--check")
    assert code == 1 and "no backup here" in text
