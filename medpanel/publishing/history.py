"""The publications a workspace has kept: listing them, finding one by name, making an older one current again.

Belongs here: what is known of a finished publication, and the log of rollbacks. Does not belong here: making one
(publication.py), removing one (folders.py), showing them (medpanel/commands/publications.py).
"""

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import duckdb

from catalog.base import refuse
from medpanel.publishing import folders, links
from medpanel.publishing.inputs import PublishError
from medpanel.publishing.room import explained
from medpanel.reuse import linking
from medpanel.runs import provenance

ROLLBACKS = "rollbacks.jsonl"
_FILES = ("medpanel.duckdb", "parquet", "report")


class HistoryError(PublishError):
    """No kept publication is meant, or more than one, or it cannot be made current; the message lists what there is."""


@dataclass(frozen=True)
class Kept:
    """A finished publication. `manifest`: its row of run_manifest; `problem`: why it cannot be read, '' if it can."""

    folder: Path
    current: bool
    manifest: Mapping[str, Any] = field(default_factory=dict)
    checks: int = 0
    failed: int = 0
    problem: str = ""

    @property
    def name(self) -> str:
        """Its id, the name of its folder."""
        return self.folder.name

    @property
    def database(self) -> Path:
        """Its database."""
        return self.folder / "medpanel.duckdb"

    @cached_property
    def size(self) -> int:
        """Bytes in its files."""
        return linking.size([self.folder])

    @cached_property
    def alone(self) -> int:
        """Bytes that removing it would free: files it shares with others stay."""
        return linking.alone([self.folder])

    def said(self, column: str) -> str:
        """A column of its manifest as text; '' if it was made before there was such a column."""
        value = self.manifest.get(column)
        return f"{value:%Y-%m-%d %H:%M}" if isinstance(value, dt.datetime) else str(value or "")


def kept(root: Path) -> list[Kept]:
    """Every finished publication, oldest first; one that cannot be read is among them, with its problem."""
    current = links.current_name(root)
    return [_read(folder, folder.name == current) for folder in folders.finished(root)]


def _read(folder: Path, current: bool) -> Kept:
    if absent := [name for name in _FILES if not (folder / name).exists()]:
        return Kept(folder, current, problem=f"{', '.join(absent)} is missing / 缺失")
    try:
        with duckdb.connect(str(folder / "medpanel.duckdb"), read_only=True) as connection:
            found = connection.execute("FROM run_manifest")
            columns, row = [str(column[0]) for column in found.description or ()], found.fetchone()
            tables = {str(name) for (name,) in connection.execute("SELECT table_name FROM duckdb_tables()").fetchall()}
            checks = (0, 0)
            if "check_result" in tables:
                asked = "SELECT count(*), count(*) FILTER (passed IS DISTINCT FROM true) FROM check_result"
                checks = connection.execute(asked).fetchall()[0]
    except duckdb.Error as error:
        return Kept(folder, current, problem=str(error).splitlines()[0])
    if row is None:
        return Kept(folder, current, problem="run_manifest is empty / 为空")
    return Kept(folder, current, dict(zip(columns, row, strict=True)), *checks)


def find(root: Path, wanted: str) -> Kept:
    """The publication `wanted`: `current`, `previous` (the newest before the current one), its id or a head of it.

    The head of a run's id does as well. Raises HistoryError for none and for several.
    """
    there = folders.finished(root)
    current = links.current_name(root)
    names = [folder.name for folder in there]
    before = there[: names.index(current)] if current in names else []
    if wanted in ("current", "previous"):
        found = [folder for folder in there if folder.name == current] if wanted == "current" else before[-1:]
    else:
        found = [folder for folder in there if wanted and wanted in (folder.name, _run(folder))] or [
            folder for folder in there if wanted and (folder.name.startswith(wanted) or _run(folder).startswith(wanted))
        ]
    refuse(
        (
            not found,
            f"{wanted}: no such publication in {root}; kept are {', '.join(names) or 'none'} / 没有该发布，现有如上",
        ),
        (
            len(found) > 1,
            f"{wanted}: {len(found)} publications begin so: {', '.join(folder.name for folder in found)}; "
            "give more of the id / 匹配多个发布，请写出更长的编号",
        ),
        error=HistoryError,
    )
    return _read(found[0], found[0].name == current)


def _run(folder: Path) -> str:
    """Head of the id of the run that made it."""
    return folder.name.rpartition("-")[2]


def rollback(root: Path, wanted: str, reason: str) -> Kept:
    """Make an older publication current, in one step for readers, and log who did it and why. Under the run lock.

    Raises HistoryError as `find`, for one that is current or damaged, and without a reason; nothing has changed then.
    """
    chosen, before = find(root, wanted), links.current_name(root)
    refuse(
        (chosen.current, f"{chosen.name} is current already / 已是当前发布"),
        (chosen.problem, f"{chosen.name} is damaged: {chosen.problem}. Choose another / 已损坏，请另选"),
        (not reason.strip(), "say why with --reason / 请用 --reason 写明理由"),
        error=HistoryError,
    )
    with explained(root):
        # Sealed first, so that no reader finds a current publication he could leave files in.
        folders.seal(chosen.folder)
        length = _log(root, {"from": before, "to": chosen.name, "reason": reason.strip()})
        try:
            links.switch(root, chosen.name)
        except BaseException:
            _cut(root, length)
            raise
        finally:
            folders.unseal(root)
    return _read(chosen.folder, current=True)


def rollbacks(root: Path) -> list[dict[str, str]]:
    """Every rollback of the workspace, oldest first: at (UTC), person, host, from, to, reason."""
    path = root / ROLLBACKS
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] if path.is_file() else []


def last_rollback(root: Path) -> dict[str, str] | None:
    """The rollback that made the current publication current; None if a run has published since, or there was none."""
    last = rollbacks(root)[-1:]
    newest = folders.finished(root)[-1:]
    stands = last and newest and links.current_name(root) == last[0]["to"] != newest[0].name
    return last[0] if stands else None


def _log(root: Path, what: Mapping[str, str | None]) -> int:
    """Append to the log of rollbacks; its length before. A line that could not be written whole is taken back."""
    now = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
    entry = {"at": now, "person": provenance.person(), "host": provenance.host(), **what}
    path = root / ROLLBACKS
    length = path.stat().st_size if path.is_file() else 0
    try:
        with path.open("a", encoding="utf-8", newline="\n") as stream:
            stream.write(json.dumps(entry, ensure_ascii=False) + "\n")
    except BaseException:
        _cut(root, length)
        raise
    return length


def _cut(root: Path, length: int) -> None:
    path = root / ROLLBACKS
    if length == 0:
        path.unlink(missing_ok=True)
    else:
        with path.open("r+b") as stream:
            stream.truncate(length)
