"""The texts that install the service: whole paths, quoted as systemd and cron read them."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path

import pytest

from catalog.base import PROJECT_DIR
from medpanel.runs.refreshing import Pace
from medpanel.runs.units import crontab_line, how_to_install, systemd_unit
from medpanel.runs.workspace import Workspace

NAMES = ["data", "my data", "数据 卫生", 'it\'s 100% "mine"', "a\\b", "$HOME"]


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MEDPANEL_REAL_DATA", "/srv/真 data")


def as_systemd_reads(line: str) -> list[str]:
    """Words of a line of a unit: its quoting is that of a POSIX shell, then $$ and %% stand for themselves."""
    return [word.replace("%%", "%").replace("$$", "$") for word in shlex.split(line)]


@pytest.mark.parametrize("name", NAMES)
def test_the_unit_starts_the_service_of_this_workspace(tmp_path: Path, name: str) -> None:
    workspace = Workspace.at(tmp_path / name)
    lines = dict(line.split("=", 1) for line in systemd_unit(workspace, Pace(5, 20)).splitlines() if "=" in line)
    assert lines["WorkingDirectory"] == str(PROJECT_DIR).replace("%", "%%")
    assert as_systemd_reads(lines["ExecStart"]) == [
        *(sys.executable, "-m", "medpanel", "watch", "--data", str(workspace.root)),
        *("--sources", str(workspace.sources_path), "--settle", "5", "--retry-after", "20"),
    ]
    assert "MEDPANEL_REAL_DATA=/srv/真 data" in as_systemd_reads(lines["Environment"])


@pytest.mark.parametrize("name", NAMES)
def test_the_line_for_cron_looks_once(tmp_path: Path, name: str) -> None:
    workspace = Workspace.at(tmp_path / name)
    line = crontab_line(workspace, Pace())
    assert "\n" not in line
    times, command = line.split(" cd ", 1)
    assert times == "*/15 * * * *"
    assert "%" not in command.replace(r"\%", "")
    words = shlex.split(command.replace(r"\%", "%"))
    assert words[:2] == [str(PROJECT_DIR), "&&"]
    assert "MEDPANEL_REAL_DATA=/srv/真 data" in words
    assert words[-9:] == [
        *(sys.executable, "-m", "medpanel", "watch", "--data", str(workspace.root)),
        *("--sources", str(workspace.sources_path), "--once"),
    ]


def test_how_to_install_is_said_in_both_languages() -> None:
    text = how_to_install()
    for word in ("systemctl --user enable", "enable-linger", "crontab -e", "二者选一", "stop medpanel"):
        assert word in text or word in text.replace("enable --now", "enable")
