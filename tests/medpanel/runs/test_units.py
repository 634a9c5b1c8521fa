"""The texts that install the service: whole paths, quoted as systemd and cron read them."""

from __future__ import annotations

import configparser
import shlex
import sys
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from catalog.base import PROJECT_DIR
from medpanel.cli import app
from medpanel.runs.refreshing import Pace
from medpanel.runs.units import Office, crontab_line, how_to_install, office_units, systemd_unit
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


def sections(text: str) -> dict[str, dict[str, str]]:
    """A unit as systemd reads it; no key stands twice."""
    parser = configparser.RawConfigParser(strict=True, delimiters=("=",), comment_prefixes=("#",))
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read_string(text)
    return {name: dict(parser[name]) for name in parser.sections()}


# What keeps a service in its own folders, and out of everybody's reach.
HARDENED = {
    "NoNewPrivileges": "yes",
    "ProtectSystem": "strict",
    "ProtectHome": "read-only",
    "PrivateTmp": "yes",
    "PrivateDevices": "yes",
    "CapabilityBoundingSet": "",
    "RestrictSUIDSGID": "yes",
    "UMask": "0077",
    "User": "office",
    "IPAddressDeny": "any",
    "IPAddressAllow": "localhost",
}


@pytest.mark.parametrize("name", NAMES)
def test_every_unit_of_an_office_is_hardened_and_writes_into_its_folders_alone(tmp_path: Path, name: str) -> None:
    workspace = Workspace.at(tmp_path / name)
    office = Office(user="office", backup_to=tmp_path / f"备份 {name}")
    units = {file: sections(text) for file, text in office_units(workspace, Pace(), office).items()}
    services = {file: unit["Service"] for file, unit in units.items() if file.endswith(".service")}
    assert services.keys() == {f"medpanel{what}.service" for what in ("", "-health", "-backup")}
    root, target = str(workspace.root), f"-{PROJECT_DIR / 'dbt' / 'target'}"
    keeping = ["--to", str(office.backup_to), "--keep", "30"]
    writable = {"": [root, target], "-health": [root], "-backup": [root, str(office.backup_to)]}
    words = {
        "": ["watch", "--data", root, "--sources", str(workspace.sources_path)],
        "-health": ["health", "--data", root, "--sources", str(workspace.sources_path)],
        "-backup": ["backup", "--data", root, "--sources", str(workspace.sources_path), *keeping],
    }
    for what, expected in words.items():
        service = services[f"medpanel{what}.service"]
        assert HARDENED.items() <= service.items()
        assert as_systemd_reads(service["ReadWritePaths"]) == writable[what]
        assert as_systemd_reads(service["ExecStart"]) == [sys.executable, "-m", "medpanel", *expected]
        assert service["EnvironmentFile"] == "-/etc/medpanel/medpanel.env"
        assert "MEDPANEL_REAL_DATA=/srv/真 data" in as_systemd_reads(service["Environment"])
    assert units["medpanel.service"]["Install"] == {"WantedBy": "multi-user.target"}
    for what in ("health", "backup"):
        timer = units[f"medpanel-{what}.timer"]
        assert timer["Timer"]["OnCalendar"] and timer["Install"] == {"WantedBy": "timers.target"}


def test_other_machines_are_reached_only_where_that_is_asked_for(tmp_path: Path) -> None:
    asked = office_units(Workspace.at(tmp_path), Pace(), Office(network=True))
    assert not any("IPAddress" in text for text in asked.values())
    assert "medpanel-backup.timer" not in asked


@pytest.mark.parametrize(
    "wrong",
    [{"user": "root; rm"}, {"user": "-"}, {"name": "Ünit"}, {"name": "a/b"}, {"backup_to": Path("here")}, {"user": ""}],
)
def test_a_name_systemd_would_read_otherwise_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"expected .* / 应为"):
        Office(**wrong)


def test_the_command_writes_the_units_and_says_how_to_install_them(tmp_path: Path) -> None:
    words = ["units", "--out", str(tmp_path / "units"), "--data", str(tmp_path / "data"), "--name", "budget"]
    result = CliRunner().invoke(app, words)
    assert result.exit_code == 0
    files = {path.name for path in (tmp_path / "units").iterdir()}
    assert files == {"budget.service", "budget-health.service", "budget-health.timer"}
    assert "systemctl enable --now budget.service budget-health.timer" in result.output
    assert not (tmp_path / "data").exists()
    result = CliRunner().invoke(app, [*words, "--backup-to", "here"])
    assert result.exit_code == 1 and "whole path" in result.output
