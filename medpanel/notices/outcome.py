"""How a run ended: the facts everything said about it rests on, and the record of the last one.

Belongs here: those facts and their names in both languages. Finding them: dagster_project; saying them: page.py.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from catalog.base import Text
from medpanel.runs.workspace import Workspace

RECORD = "last_run.json"
TRIGGERS = {
    "command_line": Text(en="the command line", zh="命令行"),
    "ui": Text(en="the Dagster UI", zh="Dagster 界面"),
    "schedule": Text(en="the yearly schedule", zh="年度计划"),
    "input_files": Text(en="changed input files", zh="输入文件变化"),
    "retry": Text(en="another attempt after a failure", zh="失败后重试"),
    "missed": Text(en="a yearly refresh that was missed", zh="补做错过的年度更新"),
    "test": Text(en="a test", zh="测试"),
}
# Nobody watches these runs, so they are tried again.
RETRIED = frozenset({"schedule", "input_files", "retry", "missed"})
ATTEMPTS = 3
Ending = Literal["success", "failure", "refusal", "cancelled"]


@dataclass(frozen=True)
class Outcome:
    """How a run ended. Times are seconds since 1970; `inputs` names the files it was about or read.

    `causes`: root cause first. `mendable`: it may end better without anybody changing anything.
    """

    run_id: str
    job: str
    trigger: str
    outcome: Ending
    started: float
    ended: float
    causes: tuple[str, ...] = ()
    published: str = ""
    attempt: int = 1
    mendable: bool = False
    inputs: str = ""


def note_outcome(workspace: Workspace, outcome: Outcome) -> None:
    """Record how the last run ended."""
    replace_text(workspace.work / RECORD, json.dumps(asdict(outcome), ensure_ascii=False))


def last_outcome(workspace: Workspace) -> Outcome | None:
    """How the last run ended; None if none is on record."""
    try:
        noted = json.loads((workspace.work / RECORD).read_text(encoding="utf-8"))
        return Outcome(**{**noted, "causes": tuple(noted["causes"])})
    except (FileNotFoundError, KeyError, TypeError, ValueError):
        return None


def replace_text(path: Path, text: str) -> None:
    """Write a file so that whoever reads it finds the old text or the new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f"{path.name}.tmp")
    fresh.write_text(text, encoding="utf-8", newline="\n")
    fresh.replace(path)
