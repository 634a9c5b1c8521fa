"""The texts that install `medpanel watch`: a systemd unit and a crontab line, with the paths of this installation.

Belongs here: quoting for systemd and cron. They are printed, never written anywhere.
"""

from __future__ import annotations

import os
import shlex
import sys

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
