"""Equal files share one copy on disk, which nobody can write to; anything in doubt stays a copy."""

from __future__ import annotations

import errno
import os
import stat
import sys
from pathlib import Path
from typing import Any

import pytest

from medpanel.reuse import linking

if sys.platform == "win32":
    pytest.skip("Windows keeps its copies", allow_module_level=True)


def write(path: Path, content: bytes, mode: int = 0o644) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    path.chmod(mode)
    return path


@pytest.fixture
def master(tmp_path: Path) -> Path:
    return write(tmp_path / "kept" / "图.png", b"picture", 0o444)


def test_equal_files_become_one_whatever_their_names(tmp_path: Path, master: Path) -> None:
    same = write(tmp_path / "new" / "sub" / "other.png", b"picture")
    differing = write(tmp_path / "new" / "same length.png", b"PICTURE")
    assert linking.share([tmp_path / "new"], [tmp_path / "kept"]) == len(b"picture")
    assert same.samefile(master)
    assert not differing.samefile(master)
    assert differing.read_bytes() == b"PICTURE"
    assert sorted(path.name for path in (tmp_path / "new").rglob("*.*")) == ["other.png", "same length.png"]
    assert linking.share([tmp_path / "new"], [tmp_path / "kept"]) == 0, "already shared"


def test_a_file_somebody_may_write_to_is_not_shared(tmp_path: Path) -> None:
    writable = write(tmp_path / "kept" / "a", b"x")
    copy = write(tmp_path / "new" / "a", b"x")
    assert linking.share([tmp_path / "new"], [tmp_path / "kept"]) == 0
    assert not copy.samefile(writable)


def test_where_no_links_can_be_made_the_copies_stay(
    tmp_path: Path, master: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = write(tmp_path / "new" / "a", b"picture")

    def refuse(*args: Any) -> None:
        raise OSError(errno.EXDEV, "Invalid cross-device link")

    monkeypatch.setattr(os, "link", refuse)
    assert linking.share([tmp_path / "new"], [tmp_path / "kept"]) == 0
    assert copy.read_bytes() == b"picture"
    assert [path.name for path in copy.parent.iterdir()] == ["a"]


def test_room_is_counted_once_and_freed_only_with_the_last_name(tmp_path: Path, master: Path) -> None:
    write(tmp_path / "new" / "a", b"picture")
    write(tmp_path / "new" / "own", b"own")
    linking.share([tmp_path / "new"], [tmp_path / "kept"])
    both = [tmp_path / "kept", tmp_path / "new"]
    assert linking.size(both) == len(b"picture") + len(b"own")
    assert linking.size(both[:1]) == len(b"picture")
    assert linking.alone(both[:1]) == 0
    assert linking.alone(both[1:]) == len(b"own")
    assert linking.alone(both) == linking.size(both)


def test_removing_one_name_leaves_the_other_read_only(tmp_path: Path, master: Path) -> None:
    from medpanel.publishing import folders

    write(tmp_path / "new" / "a", b"picture")
    linking.share([tmp_path / "new"], [tmp_path / "kept"])
    folders.seal(tmp_path / "new")
    folders.remove(tmp_path / "new")
    assert not (tmp_path / "new").exists()
    assert stat.S_IMODE(master.stat().st_mode) == 0o444
    assert master.read_bytes() == b"picture"
