"""The texts that install `medpanel watch`: systemd units and a crontab line, with the paths of this installation.

Belongs here: what they say, and quoting for systemd and cron. Writing files: medpanel/commands/units.py.
"""

from __future__ import annotations

import os
import re
import shlex
import sys
from dataclasses import dataclass
from pathlib import Path

from catalog.base import PROJECT_DIR
from medpanel.runs.refreshing import Pace
from medpanel.runs.workspace import Workspace

_UNIT = """# ~/.config/systemd/user/medpanel.service
[Unit]
Description=medpanel watch

[Service]
WorkingDirectory={folder}
Environment={environment}
ExecStart={command}
Restart=on-failure
RestartSec=60
KillMode=mixed
TimeoutStopSec=120

[Install]
WantedBy=default.target
"""


# What a service of the machine may do: write into its own folders, and talk to this machine.
_OFFICE = """# {title}
[Unit]
Description={description}
{unit}
[Service]
Type={type}
User={user}
UMask=0077
WorkingDirectory={folder}
Environment={environment}
# MEDPANEL_DAGSTER_POSTGRES, SMTP_PASSWORD and the like; mode 0600, owned by root.
EnvironmentFile=-/etc/medpanel/{name}.env
CacheDirectory={name}
ExecStart={command}
{more}
NoNewPrivileges=yes
ProtectSystem=strict
ProtectHome=read-only
ReadWritePaths={writable}
PrivateTmp=yes
PrivateDevices=yes
ProtectClock=yes
ProtectControlGroups=yes
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
LockPersonality=yes
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
CapabilityBoundingSet=
SystemCallArchitectures=native
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6
{network}{install}"""
_THIS_MACHINE_ALONE = "IPAddressDeny=any\nIPAddressAllow=localhost\n"
_TIMER = """# {title}
[Unit]
Description={description}

[Timer]
OnCalendar={when}
Persistent=true

[Install]
WantedBy=timers.target
"""
_INSTALL = "\n[Install]\nWantedBy=multi-user.target\n"
_NAME = re.compile(r"[a-z][a-z0-9-]{0,40}")


@dataclass(frozen=True)
class Office:
    """How an office installs the service. `network`: it may reach other machines, as for e-mail."""

    name: str = "medpanel"
    user: str = "medpanel"
    backup_to: Path | None = None
    network: bool = False

    def __post_init__(self) -> None:
        for what, value in (("name", self.name), ("user", self.user)):
            if not _NAME.fullmatch(value):
                raise ValueError(
                    f"--{what} {value!r}: expected small letters, digits and hyphens, a letter first / "
                    "应为小写字母、数字、连字符，以字母开头"
                )
        if self.backup_to is not None and not self.backup_to.is_absolute():
            raise ValueError(f"--backup-to {self.backup_to}: expected a whole path / 应为绝对路径")


def office_units(workspace: Workspace, pace: Pace, office: Office) -> dict[str, str]:
    """Units of the whole machine by their file names: the service, its health page, and backups where asked for."""
    name, where = office.name, ["--data", str(workspace.root), "--sources", str(workspace.sources_path)]
    root = [str(workspace.root)]
    units = {
        f"{name}.service": _office_service(
            office,
            "medpanel: runs by itself when files change, every January, and after failures",
            _words(workspace, pace),
            [*root, f"-{PROJECT_DIR / 'dbt' / 'target'}"],
            more="Restart=on-failure\nRestartSec=60\nKillMode=mixed\nTimeoutStopSec=180",
            type="exec",
            unit="After=network.target postgresql.service\n",
            install=_INSTALL,
        ),
        f"{name}-health.service": _office_service(
            office,
            "medpanel: health.html, and a failed unit where something is wrong",
            [sys.executable, "-m", "medpanel", "health", *where],
            root,
        ),
        f"{name}-health.timer": _timer(office, "medpanel: health, every 15 minutes", "health", "*:0/15"),
    }
    if office.backup_to is not None:
        words = [sys.executable, "-m", "medpanel", "backup", *where, "--to", str(office.backup_to), "--keep", "30"]
        units |= {
            f"{name}-backup.service": _office_service(
                office, "medpanel: backup", words, [*root, str(office.backup_to)], more="TimeoutStartSec=6h"
            ),
            f"{name}-backup.timer": _timer(office, "medpanel: backup, every night", "backup", "*-*-* 02:30:00"),
        }
    return units


def _office_service(
    office: Office,
    description: str,
    words: list[str],
    writable: list[str],
    *,
    more: str = "TimeoutStartSec=10min",
    type: str = "oneshot",
    unit: str = "",
    install: str = "",
) -> str:
    cache = f"/var/cache/{office.name}"
    settings = _environment() | {"XDG_CACHE_HOME": cache, "NUMBA_CACHE_DIR": cache}
    return _OFFICE.format(
        title=f"/etc/systemd/system/{office.name}*.service",
        description=description,
        unit=unit,
        type=type,
        user=office.user,
        name=office.name,
        folder=str(PROJECT_DIR).replace("%", "%%"),
        environment=" ".join(_for_systemd(f"{name}={value}") for name, value in settings.items()),
        command=" ".join(_for_systemd(word).replace("$", "$$") for word in words),
        writable=" ".join(_for_systemd(path) for path in writable),
        more=more,
        network="" if office.network else _THIS_MACHINE_ALONE,
        install=install,
    )


def _timer(office: Office, description: str, what: str, when: str) -> str:
    return _TIMER.format(title=f"/etc/systemd/system/{office.name}-{what}.timer", description=description, when=when)


def how_to_install() -> str:
    """What to do with the two texts."""
    return """# Use one of the two. / 二者选一。
# A service: save the first text as ~/.config/systemd/user/medpanel.service, then
# 服务方式：将第一段文本存为 ~/.config/systemd/user/medpanel.service，然后运行
#   systemctl --user daemon-reload && systemctl --user enable --now medpanel && loginctl enable-linger
#   systemctl --user stop medpanel; journalctl --user -u medpanel        (stop, log / 停止、日志)
# Without systemd: add the last line with `crontab -e`; it looks at the files every 15 minutes.
# 无 systemd 时：用 `crontab -e` 加入最后一行，每15分钟查看一次文件。
"""


def systemd_unit(workspace: Workspace, pace: Pace) -> str:
    """A user unit that runs the service."""
    settings = [f"{name}={value}" for name, value in _environment().items()]
    return _UNIT.format(
        # A path of its own is taken as it is, but for %.
        folder=str(PROJECT_DIR).replace("%", "%%"),
        environment=" ".join(_for_systemd(setting) for setting in settings),
        command=" ".join(_for_systemd(word).replace("$", "$$") for word in _words(workspace, pace)),
    )


def crontab_line(workspace: Workspace, pace: Pace) -> str:
    """A line that looks every quarter of an hour."""
    settings = [f"{name}={shlex.quote(value)}" for name, value in _environment().items()]
    words = [*settings, *(shlex.quote(word) for word in (*_words(workspace, pace), "--once"))]
    # Cron ends a command at a bare %.
    return f"*/15 * * * * cd {shlex.quote(str(PROJECT_DIR))} && {' '.join(words)}".replace("%", r"\%")


def _words(workspace: Workspace, pace: Pace) -> list[str]:
    words = [sys.executable, "-m", "medpanel", "watch"]
    words += ["--data", str(workspace.root), "--sources", str(workspace.sources_path)]
    words += ["--settle", f"{pace.settle:g}"] if pace.settle != Pace.settle else []
    return words + (["--retry-after", f"{pace.retry:g}"] if pace.retry != Pace.retry else [])


def _environment() -> dict[str, str]:
    """Settings the service needs and a login shell would give."""
    real = os.environ.get("MEDPANEL_REAL_DATA")
    return {"PYTHONUTF8": "1", "LANG": "C.UTF-8"} | ({"MEDPANEL_REAL_DATA": real} if real else {})


def _for_systemd(word: str) -> str:
    escaped = word.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%").replace("\n", "\\n")
    return f'"{escaped}"' if any(c.isspace() or c in "\"'\\;" for c in word) else escaped
