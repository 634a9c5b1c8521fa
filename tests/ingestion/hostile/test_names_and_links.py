"""File names and folder entries with tricks, characters nobody can see, and files that change while they are read."""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from catalog import load_registry
from ingestion import FileReading, read_file
from ingestion.build.lake import build_lake, input_files
from ingestion.formats.probe import Probe
from tests.ingestion.conftest import PROVINCES, codes, declared, nbs_text, workbook_bytes

Read = Callable[..., FileReading]
UNSEEN = ["\u202e", "\u200b", "\u200f", "\ufeff", "\x07", "\x1b[31m", "\n", "\u2028"]
posix_only = pytest.mark.skipif(sys.platform == "win32", reason="such entries cannot exist there")
TEXT = nbs_text().encode("gb18030")


def lake(root: Path, out: Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    """source_file by path and rejected_row of a run."""
    out.mkdir(exist_ok=True)
    build_lake(root, declared(), out, lambda _: None)
    source = pd.read_parquet(out / "source_file.parquet").set_index("path")
    return source, pd.read_parquet(out / "rejected_row.parquet")


@posix_only
@pytest.mark.parametrize("mark", UNSEEN)
def test_file_names_with_unseen_characters_are_refused_and_shown(read: Read, mark: str) -> None:
    reading = read(TEXT, f"a{mark}vsc.csv")
    assert codes(reading) == {"hidden_in_name"}
    for text in (reading.source_file["path"], reading.source_file["problem"], reading.rejected_row[0]["reason_zh"]):
        assert text.isprintable() and mark not in text
        assert f"\\u{ord(mark[0]):04x}" in text


@posix_only
def test_a_folder_name_counts_too(tmp_path: Path) -> None:
    folder = tmp_path / "raw" / "x\u202ey"
    folder.mkdir(parents=True)
    (folder / "a.csv").write_bytes(TEXT)
    reading = read_file(tmp_path / "raw", folder / "a.csv", declared(), load_registry())
    assert codes(reading) == {"hidden_in_name"}


@pytest.mark.parametrize("mark", [*UNSEEN[:4], "\u2066"])
def test_characters_without_width_in_cells_do_not_matter(read: Read, mark: str) -> None:
    names = [f"{PROVINCES[0]}{mark}", *PROVINCES[1:]]
    reading = read(nbs_text(names=names), encoding="gb18030")
    assert codes(reading) == set() and len(reading.observation) == 62


@pytest.mark.parametrize("mark", ["\x07", "\x01"])
def test_control_characters_in_cells_are_refused_and_shown(read: Read, mark: str) -> None:
    names = [f"{PROVINCES[0]}{mark}", *PROVINCES[1:]]
    reading = read(nbs_text(names=names), encoding="gb18030")
    assert codes(reading) == {"unknown_province"}
    wrong = next(record for record in reading.rejected_row if record["code"] == "unknown_province")
    for text in (wrong["reason"], wrong["reason_zh"]):
        assert mark not in text and f"{ord(mark):02x}" in text
    number = read(nbs_text(cells={(0, 0): f"10{mark}00.5"}))
    assert codes(number) == {"not_a_number"}
    assert number.rejected_row[0]["cell"] == "B5"
    assert len(number.observation) == 61
    assert codes(read(nbs_text(years=(f"2014年{mark}", "2013年")))) == {"header_cell"}
    assert "unknown_indicator" in codes(read(nbs_text(f"地区生产总值{mark}(亿元)")))


def test_zero_bytes_are_refused_in_text(read: Read) -> None:
    assert codes(read(TEXT.replace(b"1000.5", b"10\x0000.5"))) == {"encoding"}
    assert codes(read(nbs_text().replace("1000.5", "10\x0000.5").encode("utf-16"))) == {"encoding"}
    assert codes(read(workbook_bytes().replace(b"PK\x03\x04", b"PK\x00\x04", 1), "a.xlsx")) <= {"unreadable"}


@posix_only
def test_every_entry_of_the_folder_is_accounted_for(tmp_path: Path) -> None:
    root, outside = tmp_path / "raw", tmp_path / "outside"
    (root / "folder").mkdir(parents=True)
    outside.mkdir()
    (root / "a.csv").write_bytes(TEXT)
    (outside / "secret.csv").write_bytes(TEXT)
    (root / "leaves.csv").symlink_to(outside / "secret.csv")
    (root / "device.csv").symlink_to("/dev/zero")
    (root / "linked").symlink_to(outside)
    (root / "circle.csv").symlink_to(root / "circle.csv")
    (root / "folder" / "up").symlink_to(root)
    (root / ".kept").mkdir()
    (root / ".kept" / "b.csv").write_bytes(nbs_text("年末常住人口(万人)").encode("gb18030"))
    (root / "stays.csv").symlink_to(root / ".kept" / "b.csv")
    os.mkfifo(root / "pipe.csv")
    with socket.socket(socket.AF_UNIX) as listener:
        before = Path.cwd()
        os.chdir(root)  # the path of a socket may only be short
        listener.bind("s.csv")
        os.chdir(before)
        source, rejected = lake(root, tmp_path / "lake")
    by_path = dict(zip(source["file_id"], source.index, strict=True))
    found = {by_path[file]: code for file, code in zip(rejected["file_id"], rejected["code"], strict=True)}
    assert found == {
        "leaves.csv": "link_outside",
        "device.csv": "link_outside",
        "linked": "link_outside",
        "circle.csv": "no_regular_file",
        "folder/up": "no_regular_file",
        "pipe.csv": "no_regular_file",
        "s.csv": "no_regular_file",
    }
    assert source.loc[["a.csv", "stays.csv"], "status"].tolist() == ["loaded", "loaded"]
    assert source["sha256"].str.fullmatch("[0-9a-f]{64}").all()


@posix_only
def test_a_folder_that_cannot_be_looked_into_is_not_forgotten(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = tmp_path / "raw"
    (root / "closed").mkdir(parents=True)
    (root / "a.csv").write_bytes(TEXT)
    scandir = os.scandir

    def scan(path: str) -> object:
        if Path(path).name == "closed":
            raise PermissionError(13, "Permission denied", str(path))
        return scandir(path)

    monkeypatch.setattr("os.scandir", scan)
    assert [path.name for path in input_files(root, declared())] == ["a.csv", "closed"]
    source, rejected = lake(root, tmp_path / "lake")
    assert source["status"].to_dict() == {"a.csv": "loaded", "closed": "refused"}
    assert set(rejected["code"]) == {"no_regular_file"}


def test_a_file_that_changes_while_it_is_read_is_refused_and_not_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = tmp_path / "raw"
    root.mkdir()
    path = root / "a.csv"
    path.write_bytes(TEXT)

    def changing(self: Probe) -> None:
        path.write_bytes(TEXT + b"\n")
        os.utime(path, ns=(1, 1))
        unchanged(self)

    def here(work: Any, tasks: Any, processes: int, done: Any, *_: object) -> dict[Any, Any]:
        for task in tasks:
            done(task, work.make(work.shared, task))
        return {}

    unchanged = Probe.require_unchanged
    with monkeypatch.context() as patch:
        # In this process, whose Probe is the one that changes the file.
        patch.setattr("ingestion.build.worker_pool.make_bounded", here)
        patch.setattr(Probe, "require_unchanged", changing)
        source, rejected = lake(root, tmp_path / "lake")
    assert source["status"].to_dict() == {"a.csv": "refused"}
    assert set(rejected["code"]) == {"file_changed", "file_refused"}
    path.write_bytes(TEXT)
    source, _ = lake(root, tmp_path / "lake")
    assert source["status"].to_dict() == {"a.csv": "loaded"}, "the file is read again, also with its first content"


def test_a_file_that_is_gone_or_shorter_when_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(TEXT)
    probe = Probe(path, tmp_path)
    assert probe.size == len(TEXT)
    path.write_bytes(TEXT[:100])
    with pytest.raises(Exception, match="file_changed"):
        _ = probe.content
    path.unlink()
    with pytest.raises(Exception, match="file_changed"):
        probe.require_unchanged()


def test_a_reader_that_runs_out_of_depth_or_memory_refuses_the_file(
    read: Read, monkeypatch: pytest.MonkeyPatch
) -> None:
    for error, code in (
        (RecursionError(), "beyond_limits"),
        (MemoryError(), "beyond_bounds"),
        (OSError(5, "I/O error"), "unreadable"),
    ):

        def fail(*_: object, error: Exception = error) -> None:
            raise error

        monkeypatch.setattr("ingestion.reading.recognise", fail)
        reading = read(TEXT)
        assert codes(reading) == {code}
        assert reading.source_file["rows_read"] == reading.source_file["rows_rejected"]
