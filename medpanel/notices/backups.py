"""The record of the last backup of a workspace, for whoever asks about its health.

Belongs here: that record. Taking a backup: medpanel/backup.
"""

import json
from pathlib import Path

from medpanel.notices.outcome import replace_text
from medpanel.runs.workspace import Workspace

RECORD = "last_backup.json"


def note_backup(workspace: Workspace, folder: Path, taken_at: str) -> None:
    """Record where and when the last backup was taken."""
    replace_text(workspace.work / RECORD, json.dumps({"folder": str(folder), "taken_at": taken_at}))


def last_backup(workspace: Workspace) -> tuple[str, str] | None:
    """Folder and time of the last backup; None if none is on record."""
    try:
        noted = json.loads((workspace.work / RECORD).read_text(encoding="utf-8"))
        return str(noted["folder"]), str(noted["taken_at"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
