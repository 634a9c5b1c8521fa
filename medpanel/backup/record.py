"""What a backup says of itself: every file with its hash and permissions; and finding the backups in a folder.

Belongs here: that record and the names of folders. Does not belong here: copying (taking.py, restoring.py).
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path, PurePosixPath
from typing import Literal

RECORD = "backup.json"
DATA = "data"
FORMAT = 1
_NAME = re.compile(r"\d{8}T\d{6}Z")
_SHOWN = 10


class BackupError(RuntimeError):
    """A backup cannot be taken, or is not whole; the message names what is wrong and what to do."""


@dataclass(frozen=True)
class Entry:
    """One file, folder or link of a workspace, by its path below it."""

    path: str
    kind: Literal["file", "folder", "link"]
    mode: int = 0
    size: int = 0
    changed_ns: int = 0
    sha256: str = ""
    target: str = ""


@dataclass(frozen=True)
class Record:
    """A whole backup. `current`: the publication that was current, '' if there was none."""

    taken_at: str
    workspace: str
    current: str
    entries: tuple[Entry, ...]

    @property
    def files(self) -> tuple[Entry, ...]:
        """Its files alone."""
        return tuple(entry for entry in self.entries if entry.kind == "file")


def write(folder: Path, record: Record) -> None:
    """Write the record of the backup in `folder`, with its own hash."""
    content = json.dumps(asdict(record), ensure_ascii=False)
    whole = {"format": FORMAT, "sha256": _hash(content), "record": content}
    (folder / RECORD).write_text(json.dumps(whole, ensure_ascii=False), encoding="utf-8")


def read(folder: Path) -> Record:
    """The record of the backup in `folder`. Raises BackupError naming the file if it is missing, spoilt or unsafe."""
    path = folder / RECORD
    try:
        whole = json.loads(path.read_text(encoding="utf-8"))
        content = str(whole["record"])
        if whole["format"] != FORMAT:
            raise BackupError(f"{path}: format {whole['format']}, expected {FORMAT}: take a newer medpanel / 格式不符")
        if whole["sha256"] != _hash(content):
            raise ValueError("its hash does not agree")
        said = json.loads(content)
        entries = tuple(Entry(**entry) for entry in said.pop("entries"))
        record = Record(**said, entries=entries)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BackupError(
            f"{path}: no record of a backup, or a damaged one ({error}); nothing was written. Use another backup of "
            f"{folder.parent} / 备份记录缺失或损坏，未写入任何内容，请改用其他备份"
        ) from None
    if outside := [entry.path for entry in record.entries if _leads_out(entry.path)]:
        raise BackupError(f"{path}: names files outside the workspace: {listed(outside)} / 记录含工作区之外的路径")
    return record


def backups(folder: Path) -> list[Path]:
    """The finished backups in a folder, oldest first."""
    return [path for path in sorted(folder.glob("*")) if _NAME.fullmatch(path.name) and path.is_dir()]


def sha256(path: Path) -> str:
    """Hash of a file's content."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def listed(names: Iterable[str]) -> str:
    """The first of many names, and how many more there are."""
    every = list(names)
    return ", ".join(every[:_SHOWN]) + (f" … + {len(every) - _SHOWN}" if len(every) > _SHOWN else "")


def _leads_out(path: str) -> bool:
    pure = PurePosixPath(path)
    return not path or pure.is_absolute() or ".." in pure.parts or "\\" in path or ":" in pure.parts[0]


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
