"""The commands of docs/en/office.md run as printed, on a small workspace; the others say why they are not run."""

from __future__ import annotations

import os
import re
import shlex
from pathlib import Path

import pytest
from typer.testing import CliRunner

from catalog.base import PROJECT_DIR
from medpanel.cli import app
from medpanel.runs.variables import READ
from tests.medpanel.commands.test_publications import DECLARED, RUNS, published

PAGE = (PROJECT_DIR / "docs" / "en" / "office.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"(<!-- not run: [^>]+ -->\n)?```sh\n(.*?)```", PAGE, re.DOTALL)
RUN = [line for why, block in BLOCKS if not why for line in block.splitlines()]


def test_what_is_not_run_needs_more_than_this_program() -> None:
    assert len(RUN) == 6
    left = [line for why, block in BLOCKS if why for line in block.splitlines()]
    assert [line for line in left if line.startswith("medpanel ")] == []


def test_every_command_runs_in_the_order_of_the_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = tmp_path / "srv" / "medpanel" / "data"
    (root / "raw").mkdir(parents=True)
    (root / "raw" / "sources.yaml").write_text(DECLARED, encoding="utf-8")
    for name in ("a.csv", "b.csv"):
        (root / "raw" / name).write_bytes(b"1\n")
    published(root, 3, RUNS[0])
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("medpanel.health.facts._OLDEST_DAYS", 10**6)
    before = dict(os.environ)
    for line in RUN:
        program, *words = shlex.split(line.replace("/srv/", f"{tmp_path}/srv/"))
        assert program == "medpanel"
        result = CliRunner().invoke(app, words, catch_exceptions=False)
        assert result.exit_code == 0, f"{line}\n{result.output}"
    os.environ.clear()
    os.environ.update(before)
    assert (tmp_path / "units" / "medpanel-backup.timer").is_file() and (root / "health.html").is_file()
    assert (tmp_path / "srv" / "medpanel" / "again" / "raw" / "a.csv").read_bytes() == b"1\n"


def test_every_variable_an_office_sets_is_told() -> None:
    set_by_the_program = {"EVENT_LOG", "WAREHOUSE", "SETTLE_SECONDS", "RETRY_SECONDS"}
    assert set(re.findall(r"^\| `(\w+)`", PAGE, re.MULTILINE)) >= READ - {f"MEDPANEL_{n}" for n in set_by_the_program}
