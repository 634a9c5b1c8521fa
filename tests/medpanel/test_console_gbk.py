"""A console that knows GBK alone, a folder in 中文 with a space, and no links, as on an office's Windows."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from catalog.base import PROJECT_DIR
from medpanel.backup import restore, take
from medpanel.publishing import links
from tests.medpanel.commands.test_publications import DECLARED, RUNS, published


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A workspace whose publications are named by a pointer file."""
    monkeypatch.setattr(links, "_LINKS_CAN_BE_REPLACED", False)
    root = tmp_path / "卫生 数据 €"
    (root / "raw").mkdir(parents=True)
    (root / "raw" / "sources.yaml").write_text(DECLARED, encoding="utf-8")
    for name in ("a.csv", "b.csv"):
        (root / "raw" / name).write_bytes(b"1\n")
    published(root, 3, RUNS[0])
    published(root, 4, RUNS[1])
    assert not (root / "current").is_symlink() and (root / "current.txt").is_file()
    return root


def in_gbk(*words: str) -> str:
    """What the command printed to a console of GBK; the command must succeed."""
    switches = {"PYTHONUTF8": "0", "PYTHONIOENCODING": "gbk", "LC_ALL": "C.UTF-8"}
    done = subprocess.run(
        [sys.executable, "-m", "medpanel", *words], cwd=PROJECT_DIR, env={**os.environ, **switches}, capture_output=True
    )
    said = (done.stdout + done.stderr).decode("gbk")
    assert done.returncode == 0 and "Traceback" not in said, said
    return said


def test_a_command_answers_in_gbk_where_a_pointer_names_the_publication(root: Path) -> None:
    said = in_gbk("open", "--data", str(root))
    assert RUNS[1] in said and "数据库" in said
    # Python's GBK has no sign for the euro.
    assert "卫生 数据 ?" in said


def test_a_backup_of_a_workspace_without_links_is_restored_without_links(root: Path, tmp_path: Path) -> None:
    take(root, tmp_path / "备份 盘", print)
    target = tmp_path / "恢复 到"
    restore(tmp_path / "备份 盘", target)
    assert links.resolve_current(target).name == links.resolve_current(root).name
    assert not (target / "current").is_symlink()
