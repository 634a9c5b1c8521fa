"""Folders and links: read-only files, one switch, readers undisturbed, leftovers swept, old ones pruned."""

from __future__ import annotations

import logging
import os
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest

from medpanel.publishing import Publication, PublishError, folders, links, prune, publish, resolve_current

Later = Callable[[Publication, int], Publication]


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def run_id(path: Path) -> str:
    """The run a database says it comes from, asked in a process of its own."""
    code = (
        "import sys, duckdb; connection = duckdb.connect(sys.argv[1], read_only=True); "
        "print(connection.execute('SELECT run_id FROM run_manifest').fetchall()[0][0])"
    )
    done = subprocess.run([sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=True)
    return done.stdout.strip()


@pytest.fixture
def no_links(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*args: Any, **kwargs: Any) -> None:
        raise OSError(1314, "A required privilege is not held by the client")

    monkeypatch.setattr(os, "symlink", refuse)


def test_everything_published_is_read_only(publication: Publication) -> None:
    folder = publish(publication)
    assert {mode(path) for path in folder.rglob("*") if path.is_file()} == {0o444}
    assert mode(folder) == mode(folder / "parquet") == 0o555


def test_a_reader_leaves_nothing_beside_the_database(publication: Publication) -> None:
    folder = publish(publication)
    before = sorted(folder.rglob("*"))
    with duckdb.connect(str(folder / "medpanel.duckdb"), read_only=True) as connection:
        assert connection.execute("SELECT count(*) FROM province").fetchall() == [(5,)]
        assert sorted(folder.rglob("*")) == before
    assert sorted(folder.rglob("*")) == before


def test_the_links_lead_to_the_current_publication(publication: Publication, later: Later) -> None:
    root = publication.root
    first = publish(publication)
    assert resolve_current(root) == first
    assert {name: str((root / name).readlink()) for name in ("current", "medpanel.duckdb", "parquet", "report")} == {
        "current": f"publications/{first.name}",
        "medpanel.duckdb": "current/medpanel.duckdb",
        "parquet": "current/parquet",
        "report": "current/report",
    }
    inodes = [(root / name).lstat().st_ino for name in ("medpanel.duckdb", "parquet")]
    second = publish(later(publication, 1))
    assert resolve_current(root) == second
    assert (root / "parquet").resolve() == (second / "parquet").resolve()
    assert inodes == [(root / name).lstat().st_ino for name in ("medpanel.duckdb", "parquet")]
    assert sorted(path.name for path in root.iterdir()) == [
        "current",
        "medpanel.duckdb",
        "parquet",
        "publications",
        "report",
        "work",
    ]


def test_a_workspace_may_be_moved(publication: Publication, tmp_path: Path) -> None:
    publish(publication)
    moved = publication.root.rename(tmp_path / "elsewhere")
    assert run_id(moved / "medpanel.duckdb") == "0123456789abcdef"


def test_an_open_reader_keeps_the_old_and_a_new_one_sees_the_new(publication: Publication, later: Later) -> None:
    publish(publication)
    database = publication.root / "medpanel.duckdb"
    with duckdb.connect(str(database), read_only=True) as reader:
        publish(later(publication, 1))
        assert reader.execute("SELECT run_id FROM run_manifest").fetchall() == [("0123456789abcdef",)]
        assert reader.execute("SELECT count(*) FROM observation").fetchall() == [(5,)]
        assert run_id(database) == "00000001-later"


_NOTEBOOK = """
import sys, duckdb
with duckdb.connect(sys.argv[1], read_only=True) as reader:
    for _ in range(3):
        print(*reader.execute("SELECT run_id, (SELECT count(*) FROM observation) FROM run_manifest").fetchall()[0])
        sys.stdout.flush()
        sys.stdin.readline()
"""


def test_a_notebook_open_all_the_time_keeps_its_answers_while_others_are_published_and_its_own_is_pruned(
    publication: Publication, later: Later
) -> None:
    first = publish(publication)
    database = publication.root / "medpanel.duckdb"
    notebook = subprocess.Popen(
        [sys.executable, "-c", _NOTEBOOK, str(database)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert notebook.stdin is not None and notebook.stdout is not None
    answers = [notebook.stdout.readline()]
    second = publish(later(publication, 1))
    notebook.stdin.write("\n")
    notebook.stdin.flush()
    answers.append(notebook.stdout.readline())
    assert folders.prune(publication.root, 1) == [first] and not first.exists()
    rest, _ = notebook.communicate("\n\n")
    assert notebook.returncode == 0
    assert answers == ["0123456789abcdef 5\n"] * 2 and rest == "0123456789abcdef 5\n"
    assert run_id(database) == "00000001-later" and resolve_current(publication.root) == second


def test_something_in_a_links_place_is_not_overwritten(publication: Publication) -> None:
    own = publication.root / "medpanel.duckdb"
    own.write_text("mine", encoding="utf-8")
    with pytest.raises(PublishError, match=r"medpanel\.duckdb is in the way"):
        publish(publication)
    assert own.read_text(encoding="utf-8") == "mine"
    assert not (publication.root / "publications").exists()


def test_without_links_a_pointer_file_names_the_publication(
    publication: Publication, later: Later, no_links: None, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        first = publish(publication)
    assert "no links can be made" in caplog.text
    root = publication.root
    assert (root / "current.txt").read_bytes() == f"{first.name}\n".encode()
    assert resolve_current(root) == first
    second = publish(later(publication, 1))
    assert resolve_current(root) == second
    assert sorted(path.name for path in root.iterdir()) == ["current.txt", "publications", "work"]


def test_where_links_cannot_be_replaced_none_is_made(
    publication: Publication, later: Later, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(links, "_LINKS_CAN_BE_REPLACED", False)
    publish(publication)
    second = publish(later(publication, 1))
    assert resolve_current(publication.root) == second
    assert not any(path.is_symlink() for path in publication.root.iterdir())


def test_losing_the_right_to_links_does_not_leave_the_old_link_in_force(
    publication: Publication, later: Later, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(publication)

    def refuse(*args: Any, **kwargs: Any) -> None:
        raise OSError("no links")

    with monkeypatch.context() as patch:
        patch.setattr(os, "symlink", refuse)
        second = publish(later(publication, 1))
        assert resolve_current(publication.root) == second
    third = publish(later(publication, 2))
    assert resolve_current(publication.root) == third
    assert not (publication.root / "current.txt").exists()


@pytest.mark.parametrize("pointed", [False, True], ids=["link", "pointer"])
def test_a_failing_switch_keeps_the_old_publication(
    publication: Publication, later: Later, monkeypatch: pytest.MonkeyPatch, pointed: bool, request: Any
) -> None:
    if pointed:
        request.getfixturevalue("no_links")
    first = publish(publication)
    before = sorted(path.name for path in publication.root.iterdir())

    def full(self: Path, target: Path) -> Path:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(PublishError, match=r"medpanel prune --keep 1(.|\n)*磁盘空间不足(.|\n)*No space left"):
        publish(later(publication, 1))
    assert resolve_current(publication.root) == first
    assert [path.name for path in (publication.root / "publications").iterdir()] == [first.name]
    assert sorted(path.name for path in publication.root.iterdir()) == before


def test_an_interruption_just_after_the_switch_keeps_the_new_publication(
    publication: Publication, later: Later, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(publication)
    switch = links.switch

    def interrupted(root: Path, name: str) -> None:
        switch(root, name)
        raise KeyboardInterrupt

    monkeypatch.setattr(links, "switch", interrupted)
    second = later(publication, 1)
    with pytest.raises(KeyboardInterrupt):
        publish(second)
    assert resolve_current(publication.root).name == second.id
    assert run_id(publication.root / "medpanel.duckdb") == "00000001-later"


def test_nothing_published_and_a_publication_gone_are_told_apart(tmp_path: Path) -> None:
    with pytest.raises(PublishError, match="nothing has been published"):
        resolve_current(tmp_path)
    (tmp_path / "current.txt").write_text("20260101T000000Z-real-abc\n", encoding="utf-8")
    with pytest.raises(PublishError, match="is not there"):
        resolve_current(tmp_path)
    (tmp_path / "current.txt").write_text("../elsewhere\n", encoding="utf-8")
    with pytest.raises(PublishError, match="expected the name of one publication"):
        resolve_current(tmp_path)


def test_what_a_dead_run_left_is_swept_and_a_living_one_is_not(publication: Publication) -> None:
    publications = publication.root / "publications"
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    dead = publications / f"20250101T000000Z-real-dead.{gone.pid}.building"
    halfway = publications / f"20250101T000000Z-real-old.{gone.pid}.pruned"
    recycled = publications / f"20250101T000000Z-real-mine.{os.getpid()}.building"
    living = publications / f"20250101T000000Z-real-alive.{os.getppid()}.building"
    finished = publications / "20250101T000000Z-real-finished"
    for folder in (dead, halfway, recycled, living, finished):
        (folder / "parquet").mkdir(parents=True)
        (folder / "parquet" / "x.parquet").write_bytes(b"x")
    folders.seal(dead)
    published = publish(publication)
    assert {path.name for path in publications.iterdir()} == {living.name, finished.name, published.name}


def test_a_link_a_dead_run_had_not_yet_put_in_place_is_swept(publication: Publication, later: Later) -> None:
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    first, root = publish(publication), publication.root
    dead, pointer = root / f".current.{gone.pid}", root / f".current.txt.{gone.pid}"
    living, other = root / f".current.{os.getppid()}", root / ".current.notes"
    for path in (dead, living):
        path.symlink_to("publications/elsewhere")
    pointer.write_text("elsewhere", encoding="utf-8")
    other.touch()
    second = publish(later(publication, 1))
    assert (resolve_current(root), first.is_dir()) == (second, True)
    hidden = {path.name for path in root.iterdir() if path.name.startswith(".")}
    assert hidden == {living.name, other.name}


def test_a_folder_this_process_is_building_is_not_swept(tmp_path: Path) -> None:
    building = folders.start(tmp_path, "20260101T000000Z-real-one")
    other = folders.start(tmp_path, "20260101T000000Z-real-two")
    assert building.is_dir()
    folders.abandon(building)
    folders.abandon(other)
    assert list((tmp_path / "publications").iterdir()) == []


def test_a_killed_run_leaves_the_last_publication_and_is_swept_by_the_next(
    publication: Publication, later: Later
) -> None:
    first = publish(publication)
    # A process that dies while it builds, as by kill -9: no clean-up of its own runs.
    code = (
        "import os, sys; from pathlib import Path; from medpanel.publishing import folders; "
        "folders.start(Path(sys.argv[1]), '20260201T000000Z-synthetic-killed'); os._exit(9)"
    )
    subprocess.run([sys.executable, "-c", code, str(publication.root)], check=False)
    names = [path.name for path in first.parent.iterdir()]
    assert len(names) == 2 and any("killed" in name for name in names)
    assert resolve_current(publication.root) == first
    second = publish(later(publication, 1))
    assert set(first.parent.iterdir()) == {first, second}


def test_pruning_keeps_the_newest_and_always_the_current(publication: Publication, later: Later) -> None:
    made = [publish(publication), *(publish(later(publication, hours)) for hours in (1, 2, 3))]
    stranger = made[0].parent / "notes"
    stranger.mkdir()
    links.switch(publication.root, made[0].name)
    assert prune(publication.root, keep=2) == [made[1]]
    assert set(stranger.parent.iterdir()) == {made[0], made[2], made[3], stranger}
    assert run_id(publication.root / "medpanel.duckdb") == "0123456789abcdef"
    assert prune(publication.root, keep=5) == []
    with pytest.raises(ValueError, match="at least 1"):
        prune(publication.root, keep=0)


def test_pruning_an_empty_workspace_does_nothing(tmp_path: Path) -> None:
    assert prune(tmp_path, keep=1) == []
