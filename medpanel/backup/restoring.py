"""Bringing a backup back into an empty folder, every file compared with its hash; or only comparing.

Belongs here: reading backups. Nothing is at its final place before everything is whole. Taking one: taking.py.
"""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path

from medpanel.backup.record import DATA, RECORD, BackupError, Entry, Record, backups, listed, read, sha256
from medpanel.publishing import folders
from medpanel.publishing.links import current_name, switch
from medpanel.publishing.room import no_room


def found(source: Path) -> Path:
    """The backup `source` is or, of a folder with several, the newest. Raises BackupError if there is none."""
    if (source / RECORD).is_file():
        return source
    if there := backups(source):
        return there[-1]
    raise BackupError(f"{source}: no backup here (no {RECORD}, no folder named like 20260115T030000Z) / 此处没有备份")


def check(source: Path) -> Record:
    """Compare every file of a backup with its record. Raises BackupError naming those that are damaged."""
    folder = found(source.resolve())
    record = read(folder)
    _refuse_damage(folder, [entry.path for entry in record.files if _fault(folder, entry)])
    return record


def restore(source: Path, to: Path) -> Record:
    """Bring a backup back into the folder `to`, which must be empty or absent. Raises BackupError.

    A damaged backup, a full disk or an interruption leaves nothing there.
    """
    folder, to = found(source.resolve()), to.resolve()
    record = read(folder)
    _refuse_target(folder, to)
    staging = to.with_name(f".{to.name}.{os.getpid()}.restoring")
    to.parent.mkdir(parents=True, exist_ok=True)
    try:
        staging.mkdir(mode=0o700)
        damaged = list(_bring_back(folder, record, staging))
        _refuse_damage(folder, damaged)
        if to.exists():
            to.rmdir()
        staging.rename(to)
    except BaseException as error:
        if staging.exists():
            folders.remove(staging)
        if isinstance(error, OSError) and no_room(error):
            size = sum(entry.size for entry in record.files) / 1e6
            raise BackupError(f"{to}: no room; the backup takes up to {size:.0f} MB / 空间不足") from None
        raise
    # Where no links can be made, a pointer names the current publication.
    if record.current and current_name(to) != record.current:
        switch(to, record.current)
    return record


def _refuse_target(folder: Path, to: Path) -> None:
    if to.is_relative_to(folder) or folder.is_relative_to(to):
        raise BackupError(f"{to}: restore to a folder apart from the backup {folder} / 请恢复到备份之外的目录")
    if to.is_symlink() or (to.exists() and (not to.is_dir() or any(to.iterdir()))):
        raise BackupError(
            f"{to} is not empty, and nothing is overwritten; choose a new folder, or move that one away first / "
            "目标非空，不会覆盖；请换一个新目录，或先移走原目录"
        )


def _bring_back(folder: Path, record: Record, staging: Path) -> Iterator[str]:
    """Copy everything, permissions last; paths of damaged files."""
    copies: dict[tuple[int, int], Path] = {}
    for entry in record.entries:
        target = staging / entry.path
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        if entry.kind == "folder":
            target.mkdir(exist_ok=True, mode=0o700)
        elif entry.kind == "link":
            _link(entry, target)
        elif not _copy(folder / DATA / entry.path, entry, target, copies):
            yield entry.path
    for entry in reversed(record.entries):
        if entry.kind == "folder":
            (staging / entry.path).chmod(entry.mode)


def _copy(source: Path, entry: Entry, target: Path, copies: dict[tuple[int, int], Path]) -> bool:
    """Whether the file is whole in the backup, and now here; names of one file are names of one file again."""
    try:
        there = source.lstat()
    except FileNotFoundError:
        return False
    if not stat.S_ISREG(there.st_mode):
        return False
    first = copies.setdefault((there.st_dev, there.st_ino), target)
    if first != target and not entry.mode & 0o222:
        try:
            target.hardlink_to(first)
            return sha256(target) == entry.sha256
        except OSError:
            pass
    shutil.copyfile(source, target)
    os.utime(target, ns=(entry.changed_ns, entry.changed_ns))
    target.chmod(entry.mode)
    return sha256(target) == entry.sha256


def _link(entry: Entry, target: Path) -> None:
    try:
        os.symlink(entry.target, target, target_is_directory="." not in Path(entry.target).name)  # noqa: PTH211
    except (OSError, NotImplementedError):
        return  # Windows; what is current is told by a pointer


def _fault(folder: Path, entry: Entry) -> bool:
    path = folder / DATA / entry.path
    return path.is_symlink() or not path.is_file() or sha256(path) != entry.sha256


def _refuse_damage(folder: Path, damaged: list[str]) -> None:
    if damaged:
        older = ", ".join(path.name for path in backups(folder.parent) if path != folder) or "none / 无"
        raise BackupError(
            f"{folder}: {len(damaged)} files are missing or not as they were backed up: {listed(damaged)}. Nothing was "
            f"written. Other backups there: {older} / 备份中上述文件缺失或已损坏，未写入任何内容；其他备份见上"
        )
