"""Kept publications: listed, damaged ones too; found by name; one of them made current again."""

from __future__ import annotations

import shutil
import stat
from pathlib import Path

import duckdb
import pytest

from medpanel import diff
from medpanel.publishing import folders, history, links, resolve_current
from medpanel.publishing.history import HistoryError
from medpanel.runs.warehouse import literal


def made(root: Path, hour: int, run: str) -> Path:
    """A tiny publication of that hour, now current."""
    parent = links.current_name(root) or ""
    building = folders.start(root, f"20260102T{hour:02d}0000Z-synthetic-{run}")
    for name in ("parquet", "report"):
        (building / name).mkdir()
    with duckdb.connect(str(building / "medpanel.duckdb")) as connection:
        connection.execute("CREATE TABLE run_manifest AS SELECT ? AS run_id, 'li' AS person", [run])
        connection.execute("ALTER TABLE run_manifest ADD COLUMN parent_publication VARCHAR")
        connection.execute("UPDATE run_manifest SET parent_publication = ?", [parent])
        connection.execute(f"COPY run_manifest TO {literal(str(building / 'parquet' / 'run_manifest.parquet'))}")
        connection.execute("CREATE TABLE check_result AS SELECT unnest([true, false, NULL]) AS passed")
    final = folders.finish(building)
    links.switch(root, final.name)
    folders.unseal(root)
    return final


@pytest.fixture
def three(tmp_path: Path) -> list[Path]:
    return [made(tmp_path, hour, run) for hour, run in enumerate(("aaaa1111", "aaaa2222", "bbbb3333"))]


def test_all_are_listed_and_damaged_ones_named(tmp_path: Path, three: list[Path]) -> None:
    (three[0] / "medpanel.duckdb").unlink()
    (three[1] / "medpanel.duckdb").chmod(0o644)
    (three[1] / "medpanel.duckdb").write_bytes(b"cut off")
    first, second, third = history.kept(tmp_path)
    assert first.problem == "medpanel.duckdb is missing / 缺失"
    assert "medpanel.duckdb" in second.problem
    assert (third.problem, third.current, third.checks, third.failed) == ("", True, 3, 2)
    assert (third.said("person"), third.said("trigger")) == ("li", "")
    assert [one.name for one in (first, second, third)] == [folder.name for folder in three]
    assert third.size == third.alone > 0


@pytest.mark.parametrize(
    ("wanted", "place"),
    [("current", 2), ("previous", 1), ("bbbb", 2), ("aaaa2222", 1), ("20260102T00", 0)],
)
def test_one_is_found_by_id_head_or_place(tmp_path: Path, three: list[Path], wanted: str, place: int) -> None:
    assert history.find(tmp_path, wanted).folder == three[place]


def test_a_clock_set_back_makes_no_publication_an_old_one(tmp_path: Path) -> None:
    first, second, late = (made(tmp_path, hour, run) for hour, run in ((7, "aaaa1111"), (8, "bbbb2222"), (1, "cccc")))
    assert folders.finished(tmp_path) == [first, second, late]
    assert history.find(tmp_path, "previous").folder == diff.find(tmp_path, "previous") == second
    assert folders.prune(tmp_path, 2) == [first]
    newest = made(tmp_path, 2, "dddd")
    assert folders.prune(tmp_path, 1) == [second, late]
    assert folders.finished(tmp_path) == [newest]


@pytest.mark.parametrize(
    ("wanted", "said"), [("aaaa", "2 publications begin so"), ("cccc", "kept are"), ("", "no such")]
)
def test_none_or_several_are_refused(tmp_path: Path, three: list[Path], wanted: str, said: str) -> None:
    with pytest.raises(HistoryError, match=said):
        history.find(tmp_path, wanted)


def test_a_rollback_is_logged_protected_and_ends_with_the_next_publication(tmp_path: Path, three: list[Path]) -> None:
    one = history.rollback(tmp_path, "aaaa1111", "wrong file 错文件")
    assert (one.folder, one.current, resolve_current(tmp_path)) == (three[0], True, three[0])
    assert (tmp_path / "medpanel.duckdb").resolve().parent == three[0]
    last = history.last_rollback(tmp_path)
    assert last is not None
    assert (last["from"], last["to"], last["reason"]) == (three[2].name, three[0].name, "wrong file 错文件")
    assert last["person"] and last["host"] and last["at"]
    assert history.find(tmp_path, "current").folder == three[0]
    assert folders.prune(tmp_path, 1) == [three[1]]
    history.rollback(tmp_path, three[2].name, "mended")
    assert history.last_rollback(tmp_path) is None, "the newest is current again"
    made(tmp_path, 5, "cccc4444")
    assert [entry["to"] for entry in history.rollbacks(tmp_path)] == [three[0].name, three[2].name]


@pytest.mark.parametrize(
    ("wanted", "reason", "said"),
    [("current", "why", "current already"), ("previous", " ", "--reason"), ("aaaa1111", "why", "damaged")],
)
def test_a_rollback_that_cannot_be_changes_nothing(
    tmp_path: Path, three: list[Path], wanted: str, reason: str, said: str
) -> None:
    (three[0] / "medpanel.duckdb").unlink()
    with pytest.raises(HistoryError, match=said):
        history.rollback(tmp_path, wanted, reason)
    assert resolve_current(tmp_path) == three[2]
    assert history.rollbacks(tmp_path) == []


def test_a_rollback_on_a_full_disk_leaves_link_and_log(
    tmp_path: Path, three: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    history.rollback(tmp_path, "aaaa2222", "first")

    def full(root: Path, name: str) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(links, "switch", full)
    with pytest.raises(history.PublishError, match="medpanel prune --keep 1"):
        history.rollback(tmp_path, "aaaa1111", "second")
    assert resolve_current(tmp_path) == three[1]
    assert [entry["reason"] for entry in history.rollbacks(tmp_path)] == ["first"]


def test_old_ones_can_be_removed_by_their_owner_and_the_current_one_takes_no_file(
    tmp_path: Path, three: list[Path]
) -> None:
    def modes(folder: Path) -> tuple[set[int], set[int]]:
        found = [folder, *folder.rglob("*")]
        at = {path: stat.S_IMODE(path.stat().st_mode) for path in found}
        return {at[path] for path in found if path.is_dir()}, {at[path] for path in found if path.is_file()}

    old, current = ({0o755}, {0o444}), ({0o555}, {0o444})
    assert [modes(folder) for folder in three] == [old, old, current]
    history.rollback(tmp_path, "aaaa1111", "why")
    assert [modes(folder) for folder in three] == [current, old, old]
    shutil.rmtree(three[1])  # as its owner would; root could in any case
    assert [one.folder for one in history.kept(tmp_path)] == [three[0], three[2]]
