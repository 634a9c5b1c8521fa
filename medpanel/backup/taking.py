"""Taking a backup: what has not changed since the last one is linked to it, the rest copied; beside a run that writes.

Belongs here: the order of copying, and what is left out. Publications are sealed, so they are copied while a run may
write; everything else under the run lock. Bringing one back: restoring.py.
"""

from __future__ import annotations

import datetime as dt
import os
import re
import shutil
import sqlite3
import stat
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path

from medpanel.backup.record import DATA, BackupError, Entry, Record, backups, read, sha256, write
from medpanel.publishing import folders
from medpanel.publishing.links import PUBLICATIONS, current_name
from medpanel.publishing.room import no_room
from medpanel.runs import run_lock

LOCK = "backup.lock"
_PARTIAL = ".partial"
_TRIES = 3
_TRY_SECONDS = 0.5
# Locks, half-made files and folders, and what SQLite's own copy already holds.
_LEFT_OUT = re.compile(r"(run|service)\.lock|.+\.(building|pruned|tmp|link)|.+\.db-(wal|shm|journal)|\.current\..+")


@dataclass(frozen=True)
class Taken:
    """A backup that was taken. `other`: workspaces inside this one, which are not in it; `copied`: bytes not linked."""

    folder: Path
    record: Record
    copied: int
    other: tuple[str, ...]


@dataclass
class _Copying:
    """A backup under way: the workspace, the folder it is copied to, and the backup before."""

    root: Path
    data: Path
    before: Path | None
    known: dict[str, Entry] = field(default_factory=dict)
    entries: dict[str, Entry] = field(default_factory=dict)
    # Names of one file of the workspace stay names of one file.
    copies: dict[tuple[int, int], str] = field(default_factory=dict)
    copied: int = 0


def take(root: Path, to: Path, say: Callable[[str], None]) -> Taken:
    """Back the workspace `root` up into a new folder below `to`.

    Waits for a run to end, once its publications are copied. Raises BackupError, and RunLockError as run_lock.held.
    """
    root, to = root.resolve(), to.resolve()
    _refuse_places(root, to)
    to.mkdir(parents=True, exist_ok=True)
    handle = run_lock.take(to / LOCK)
    if handle is None:
        raise BackupError(f"{to}: another backup is being taken here; wait for it / 此处正有另一备份在进行，请稍候")
    try:
        return _take(root, to, say)
    finally:
        os.close(handle)


def forget(to: Path, keep: int) -> list[Path]:
    """Remove all but the newest `keep` backups of a folder; return what was removed."""
    doomed = backups(to)[:-keep]
    for path in doomed:
        folders.remove(path.rename(path.with_name(f"{path.name}{_PARTIAL}")))
    return doomed


def _take(root: Path, to: Path, say: Callable[[str], None]) -> Taken:
    for left in to.glob(f"*{_PARTIAL}"):  # of a backup that was killed; ours is the only one
        folders.remove(left)
    name = _free_name(to)
    partial = to / f"{name}{_PARTIAL}"
    copying = _Copying(root, partial / DATA, max(backups(to), default=None))
    copying.known = _known(copying.before, say)
    try:
        copying.data.mkdir(parents=True)
        for publication in folders.finished(root):
            _copy_all(copying, publication, say)
        with run_lock.held(root, say):
            _drop_pruned(copying)
            other = _copy_all(copying, root, say)
            current = current_name(root) or ""
        record = Record(dt.datetime.now(dt.UTC).isoformat(timespec="seconds"), str(root), current, _in_order(copying))
        write(partial, record)
        if hasattr(os, "sync"):
            os.sync()
        partial.rename(to / name)
    except BaseException as error:
        if partial.exists():
            folders.remove(partial)
        if isinstance(error, OSError) and no_room(error):
            raise BackupError(
                f"{to}: no room for the backup ({shutil.disk_usage(to).free / 1e6:.0f} MB free); what was begun is "
                "removed, earlier backups are whole. Free some room or choose another disk / 空间不足，"
                "未完成的备份已清除，此前的备份完好；请腾出空间或换盘"
            ) from None
        raise
    return Taken(to / name, record, copying.copied, tuple(other))


def _refuse_places(root: Path, to: Path) -> None:
    if not (root / PUBLICATIONS).is_dir() and not (root / "raw").is_dir():
        raise BackupError(f"{root}: no workspace to back up (neither publications nor raw) / 不是工作区")
    if to.is_relative_to(root) or root.is_relative_to(to):
        raise BackupError(
            f"{to}: a backup must lie outside the workspace {root}, best on another disk / "
            "备份须放在工作区之外，最好在另一磁盘"
        )


def _free_name(to: Path) -> str:
    while True:
        name = dt.datetime.now(dt.UTC).strftime("%Y%m%dT%H%M%SZ")
        if not (to / name).exists():
            return name
        time.sleep(0.2)


def _known(before: Path | None, say: Callable[[str], None]) -> dict[str, Entry]:
    """Files of the backup before, by their path; none if its record is damaged: then everything is copied."""
    if before is None:
        return {}
    try:
        return {entry.path: entry for entry in read(before).files}
    except BackupError as error:
        say(str(error))
        return {}


def _copy_all(copying: _Copying, folder: Path, say: Callable[[str], None]) -> list[str]:
    """Copy a folder with all below it, unless that is done; names of workspaces inside, which are left out."""
    other: list[str] = []
    for path in _below(folder, copying.root, other):
        name = path.relative_to(copying.root).as_posix()
        try:
            if name not in copying.entries:
                copying.entries[name] = _copied(copying, path, name, say)
        except FileNotFoundError:
            continue  # removed since it was listed
    return other


def _below(folder: Path, root: Path, other: list[str]) -> Iterator[Path]:
    """A folder of the workspace and everything below it, without what is left out."""
    if folder != root:
        yield folder
    for path in sorted(folder.iterdir()):
        if _LEFT_OUT.fullmatch(path.name):
            continue
        if path.is_symlink() or path.is_file():
            yield path
        elif path.is_dir() and path.parent == root and (path / "work").is_dir() and (path / "lake").is_dir():
            other.append(path.name)
        elif path.is_dir():
            yield from _below(path, root, other)


def _copied(copying: _Copying, path: Path, name: str, say: Callable[[str], None]) -> Entry:
    found = path.lstat()
    mode = stat.S_IMODE(found.st_mode)
    target = copying.data / name
    target.parent.mkdir(parents=True, exist_ok=True)
    if stat.S_ISLNK(found.st_mode):
        return Entry(name, "link", target=path.readlink().as_posix())
    if stat.S_ISDIR(found.st_mode):
        target.mkdir(exist_ok=True)
        return Entry(name, "folder", mode)
    if _is_sqlite(path, copying.root):
        return _copied_database(copying, path, target, Entry(name, "file", mode, changed_ns=found.st_mtime_ns), say)
    first = copying.copies.setdefault((found.st_dev, found.st_ino), name) if found.st_nlink > 1 else name
    same = copying.entries.get(first)
    if same is not None and same.changed_ns == found.st_mtime_ns and _linked(copying.data / first, target):
        return Entry(name, "file", mode, same.size, same.changed_ns, same.sha256)
    return _copied_file(copying, path, target, name)


def _copied_file(copying: _Copying, path: Path, target: Path, name: str) -> Entry:
    """Copy a file, or link it to the same in the backup before. Raises BackupError if it is being written to."""
    for _ in range(_TRIES):
        before = path.stat()
        entry = Entry(name, "file", stat.S_IMODE(before.st_mode), before.st_size, before.st_mtime_ns, sha256(path))
        linked = _link_to_last(copying, entry, target)
        if not linked:
            shutil.copyfile(path, target)
            target.chmod(entry.mode)
            copying.copied += entry.size
        after = path.stat()
        same = (before.st_size, before.st_mtime_ns) == (after.st_size, after.st_mtime_ns)
        if same and (linked or sha256(target) == entry.sha256):
            return entry
        target.unlink()
        time.sleep(_TRY_SECONDS)
    raise BackupError(
        f"{path}: changes while it is copied; take the backup when it is complete / "
        "复制时文件仍在变化，请待其写完后再备份"
    )


def _link_to_last(copying: _Copying, entry: Entry, target: Path) -> bool:
    """Link to the backup before, if it has the same content and permissions."""
    known = copying.known.get(entry.path)
    if copying.before is None or known is None or (known.sha256, known.mode) != (entry.sha256, entry.mode):
        return False
    last = copying.before / DATA / entry.path
    # A file spoilt since must not be handed on.
    if not last.is_file() or last.stat().st_size != entry.size or sha256(last) != entry.sha256:
        return False
    return _linked(last, target)


def _linked(source: Path, target: Path) -> bool:
    try:
        target.hardlink_to(source)
    except OSError:  # a disk without links: copied
        return False
    return True


def _is_sqlite(path: Path, root: Path) -> bool:
    if path.suffix != ".db" or not path.is_relative_to(root / "dagster"):
        return False
    with path.open("rb") as stream:
        return stream.read(16) == b"SQLite format 3\0"


def _copied_database(copying: _Copying, path: Path, target: Path, entry: Entry, say: Callable[[str], None]) -> Entry:
    """Copy one of Dagster's databases whole, also while the service writes to it."""
    try:
        with (
            closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True, timeout=30)) as source,
            closing(sqlite3.connect(target)) as made_of,
        ):
            source.backup(made_of)
    except sqlite3.DatabaseError as error:
        say(f"{path}: damaged ({error}), copied as it is / 已损坏，按原样复制")
        shutil.copyfile(path, target)
    target.chmod(entry.mode)
    made = replace(entry, size=target.stat().st_size, sha256=sha256(target))
    copy = target.rename(target.with_name(f"{target.name}.copy"))
    if _link_to_last(copying, made, target):
        copy.unlink()
    else:
        copy.rename(target)
        copying.copied += made.size
    return made


def _drop_pruned(copying: _Copying) -> None:
    """Take publications out of the backup that were removed while others were copied."""
    kept = {folder.relative_to(copying.root).as_posix() for folder in folders.finished(copying.root)}
    copied = {"/".join(name.split("/")[:2]) for name in copying.entries}
    for gone in copied - kept:
        copying.entries = {name: one for name, one in copying.entries.items() if not f"{name}/".startswith(f"{gone}/")}
        copying.copies = {key: name for key, name in copying.copies.items() if not name.startswith(f"{gone}/")}
        folders.remove(copying.data / gone)


def _in_order(copying: _Copying) -> tuple[Entry, ...]:
    return tuple(copying.entries[name] for name in sorted(copying.entries))
