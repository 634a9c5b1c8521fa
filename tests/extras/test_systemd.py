"""The units of an office as systemd itself reads them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from medpanel.runs.refreshing import Pace
from medpanel.runs.units import Office, office_units, systemd_unit
from medpanel.runs.workspace import Workspace


def verified(systemd_analyze: Path, *files: Path, user: bool = False) -> tuple[int, str]:
    """The exit code of `systemd-analyze verify`, and what it said."""
    words = [str(systemd_analyze), *(["--user"] if user else []), "--man=no", "--recursive-errors=no", "verify"]
    done = subprocess.run([*words, *map(str, files)], capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize("name", ["data", "数据 卫生", 'it\'s 100% "mine"', "$HOME"])
@pytest.mark.parametrize("network", [False, True])
def test_systemd_accepts_every_unit(systemd_analyze: Path, tmp_path: Path, name: str, network: bool) -> None:
    workspace = Workspace.at(tmp_path / name)
    units = office_units(workspace, Pace(), Office(backup_to=tmp_path / "备份", network=network))
    files = [tmp_path / file for file in units]
    for file, text in zip(files, units.values(), strict=True):
        file.write_text(text, encoding="utf-8")
    assert verified(systemd_analyze, *files) == (0, "")


def test_systemd_accepts_the_unit_of_one_user(systemd_analyze: Path, tmp_path: Path) -> None:
    file = tmp_path / "medpanel.service"
    file.write_text(systemd_unit(Workspace.at(tmp_path / "数据 卫生"), Pace()), encoding="utf-8")
    code, said = verified(systemd_analyze, file)
    assert (code, said) == (0, "")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("ProtectSystem=strict", "ProtectSystem=strictly"),
        ("NoNewPrivileges=", "NoNewPrivilege="),
        (f"ExecStart={sys.executable}", "ExecStart=python"),
        ("ReadWritePaths=", "ReadWritePaths=here "),
    ],
)
def test_a_wrong_line_would_be_noticed(systemd_analyze: Path, tmp_path: Path, before: str, after: str) -> None:
    text = office_units(Workspace.at(tmp_path), Pace(), Office())["medpanel.service"]
    assert before in text
    file = tmp_path / "medpanel.service"
    file.write_text(text.replace(before, after), encoding="utf-8")
    code, said = verified(systemd_analyze, file)
    assert code != 0 or said
