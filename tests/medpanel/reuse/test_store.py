"""The store: what is kept comes back as it was, and anything else is made again."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import pytest

from medpanel.reuse import Store
from medpanel.reuse.linking import share
from medpanel.reuse.store import ENTRY

KEY = "a" * 64


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "cache")


def make(folder: Path) -> None:
    (folder / "sub").mkdir()
    (folder / "sub" / "图.svg").write_bytes(b"<svg/>")
    (folder / "rows.csv").write_bytes(b"1,2\n")


def refuse(folder: Path) -> None:
    raise AssertionError("made again though it is kept")


def contents(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def test_what_is_kept_is_taken_and_nothing_else_is_left_in_the_folder(store: Store, tmp_path: Path) -> None:
    target = tmp_path / "target"
    assert not store.fill("part", KEY, target, make)
    made = contents(target)
    (target / "of another result").write_text("")
    assert store.fill("part", KEY, target, refuse)
    assert contents(target) == made == {"rows.csv": b"1,2\n", "sub/图.svg": b"<svg/>"}


@pytest.mark.parametrize(("kind", "key"), [("check", KEY), ("part", "b" * 64)])
def test_another_kind_or_key_is_another_entry(store: Store, tmp_path: Path, kind: str, key: str) -> None:
    store.fill("part", KEY, tmp_path / "target", make)
    assert not store.fill(kind, key, tmp_path / "other", make)


def test_a_fresh_run_makes_it_again_and_keeps_that(store: Store, tmp_path: Path) -> None:
    store.fill("part", KEY, tmp_path / "target", make)
    fresh = Store(store.root, fresh=True)
    assert not fresh.fill("part", KEY, tmp_path / "target", lambda folder: (folder / "new").write_text("2"))
    assert store.fill("part", KEY, tmp_path / "target", refuse)
    assert contents(tmp_path / "target") == {"new": b"2"}


@pytest.mark.parametrize("damage", ["changed", "shorter", "gone", "added", "no head", "half a head", "no files"])
def test_a_damaged_entry_is_made_again(store: Store, tmp_path: Path, damage: str) -> None:
    store.fill("part", KEY, tmp_path / "target", make)
    entry = store.root / "part" / KEY
    file, head = entry / "files" / "rows.csv", entry / ENTRY
    {
        "changed": lambda: file.write_bytes(b"1,3\n"),
        "shorter": lambda: file.write_bytes(b"1,"),
        "gone": file.unlink,
        "added": lambda: (entry / "files" / "more.csv").write_text("of nobody"),
        "no head": head.unlink,
        "half a head": lambda: head.write_text(head.read_text()[:20]),
        "no files": lambda: head.write_text("[1]"),
    }[damage]()
    assert not store.fill("part", KEY, tmp_path / "target", make)
    assert contents(tmp_path / "target") == {"rows.csv": b"1,2\n", "sub/图.svg": b"<svg/>"}
    assert store.fill("part", KEY, tmp_path / "target", refuse)


def test_what_fails_to_be_made_is_not_kept(store: Store, tmp_path: Path) -> None:
    def fail(folder: Path) -> None:
        make(folder)
        raise RuntimeError("half made")

    with pytest.raises(RuntimeError, match="half made"):
        store.fill("part", KEY, tmp_path / "target", fail)
    assert store.entries() == []


def test_an_entry_half_kept_by_a_killed_run_is_not_taken(store: Store, tmp_path: Path) -> None:
    half = store.root / "part" / f"{KEY}.1.tmp"
    half.mkdir(parents=True)
    (half / "rows.csv").write_text("1")
    assert not store.take("part", KEY, tmp_path)
    assert [folder for _, folder, _, _ in store.entries()] == [half]


def test_the_longest_unused_go_first(store: Store, tmp_path: Path) -> None:
    now = time.time()
    for days, key in enumerate(("today", "yesterday", "before")):
        store.fill("part", key, tmp_path / "target", make)
        os.utime(store.root / "part" / key / ENTRY, (now - 86400 * days, now - 86400 * days))
    size = store.entries()[0][2]
    assert [path.name for path in store.evict(keep_bytes=2 * size + 1)] == ["before"]
    assert [path.name for path in store.evict(keep_seconds=3600)] == ["yesterday"]
    assert {folder.name for _, folder, _, _ in store.entries()} == {"today"}


def test_an_entry_that_is_taken_counts_as_used(store: Store, tmp_path: Path) -> None:
    store.fill("part", KEY, tmp_path / "target", make)
    os.utime(store.root / "part" / KEY / ENTRY, (0, 0))
    store.fill("part", KEY, tmp_path / "target", refuse)
    assert store.evict(keep_seconds=3600) == []


def test_clearing_leaves_nothing(store: Store, tmp_path: Path) -> None:
    store.fill("part", KEY, tmp_path / "target", make)
    store.clear()
    assert store.entries() == []


def test_what_the_last_run_used_stays_whatever_its_size(store: Store, tmp_path: Path) -> None:
    began = time.time() - 60
    for key, used in (("of this run", began + 30), ("before it", began - 30)):
        store.fill("part", key, tmp_path / "target", make)
        os.utime(store.root / "part" / key / ENTRY, (used, used))
    assert [path.name for path in store.evict(keep_bytes=0, since=began)] == ["before it"]
    assert [path.name for path in store.evict(keep_bytes=0)] == ["of this run"]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows keeps its copies")
def test_an_entry_whose_files_are_those_of_a_publication_takes_no_room(store: Store, tmp_path: Path) -> None:
    store.fill("report", KEY, tmp_path / "published", make)
    for path in (tmp_path / "published").rglob("*.*"):
        path.chmod(0o444)
    share([store.root], [tmp_path / "published"])
    own = (store.root / "report" / KEY / ENTRY).stat().st_size
    assert store.evict(keep_bytes=own) == []
    target = tmp_path / "target"
    assert store.fill("report", KEY, target, refuse)
    assert contents(target) == contents(tmp_path / "published")
    # What is taken is a copy of its own: writing to it must not reach the publication.
    (target / "rows.csv").write_bytes(b"3,4\n")
    assert (tmp_path / "published" / "rows.csv").read_bytes() == b"1,2\n"
    assert (target / "rows.csv").stat().st_mode & 0o200
