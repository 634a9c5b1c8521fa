"""Every command of the documents that can run on the published sample runs on it."""

from __future__ import annotations

import os
import shlex
from pathlib import Path

import pytest
from typer.testing import CliRunner

import medpanel.cli
from medpanel.runs.workspace import Workspace
from tests.documented_commands import on_sample, to_run
from tests.pipeline.conftest import environment

COMMANDS = to_run()


def run(line: str, root: Path) -> tuple[int, str]:
    """The code and the output of a command, which does not see the environment it leaves."""
    with environment():
        os.environ["COLUMNS"] = "120"
        arguments = on_sample(shlex.split(line, comments=True)[1:], root)
        done = CliRunner().invoke(medpanel.cli.app, arguments)
    return done.exit_code, f"{done.output}\n{done.exception or ''}"


def test_commands_are_run() -> None:
    assert len(COMMANDS) >= 15


@pytest.mark.parametrize("line", COMMANDS)
def test_a_documented_command_runs(demo: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, line: str) -> None:
    monkeypatch.chdir(tmp_path)
    code, printed = run(line, demo.root)
    # One file of the sample is there to be refused.
    refused = line.endswith(("inspect data/raw", "_refuse.csv"))
    assert code == (1 if refused else 0), printed
    assert printed.strip()


def test_a_query_of_a_column_that_is_gone_fails(demo: Workspace) -> None:
    code, printed = run('.venv/bin/medpanel query "SELECT no_such_column FROM estimate"', demo.root)
    assert code == 1 and "no_such_column" in printed
