"""Files beside a file: found below the folder only, and part of what decides whether a file is read again."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingestion.companions import companion_names, companion_path, companions_key, folder_of
from ingestion.formats.probe import Probe
from ingestion.problems import Refusal
from tests.ingestion.conftest import declared


def test_the_key_follows_the_content(tmp_path: Path) -> None:
    plain, source = declared().files[0], declared(keywords="a/k.csv").files[0]
    assert (
        companions_key(tmp_path / "a.csv", tmp_path, None) == companions_key(tmp_path / "a.csv", tmp_path, plain) == ""
    )
    assert companion_names(source) == ("a/k.csv",)
    keys = {companions_key(tmp_path / "a.csv", tmp_path, source)}
    (tmp_path / "a").mkdir()
    for content in (b"1", b"2"):
        (tmp_path / "a" / "k.csv").write_bytes(content)
        keys.add(companions_key(tmp_path / "a.csv", tmp_path, source))
    assert len(keys) == 3
    assert companions_key(tmp_path / "a.csv", tmp_path, source) == companions_key(tmp_path / "a.csv", tmp_path, source)


def test_nothing_outside_the_folder_is_reached(tmp_path: Path) -> None:
    root = tmp_path / "input"
    root.mkdir()
    (tmp_path / "k.csv").write_bytes(b"1")
    (root / "link.csv").symlink_to(tmp_path / "k.csv")
    for name in ("../k.csv", str(tmp_path / "k.csv"), "link.csv", "absent.csv", "."):
        with pytest.raises(Refusal):
            companion_path(root, name)


def test_the_folder_of_a_file(tmp_path: Path) -> None:
    assert folder_of(Probe(tmp_path / "a" / "b" / "c.txt"), "b/c.txt") == tmp_path / "a"
