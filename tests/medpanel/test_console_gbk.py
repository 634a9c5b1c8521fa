"""A console that knows GBK alone, a folder in 中文 with a space, and no links, as on an office's Windows."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from catalog.base import PROJECT_DIR
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


def test_commands_answer_in_gbk_where_a_pointer_names_the_publication(root: Path, tmp_path: Path) -> None:
    said = in_gbk("status", "--data", str(root))
    assert RUNS[1] in said and "当前发布" in said and "卫生 数据" in in_gbk("open", "--data", str(root))
    backups = tmp_path / "备份 盘"
    assert "已备份" in in_gbk("backup", "--data", str(root), "--to", str(backups))
    target = tmp_path / "恢复 到"
    assert "全部文件校验一致" in in_gbk("restore", str(backups), "--to", str(target))
    assert links.resolve_current(target).name == links.resolve_current(root).name
