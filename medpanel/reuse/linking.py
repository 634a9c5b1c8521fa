"""One copy on disk of files that are the same: equal files become links to one that nobody may write to.

Belongs here: finding and linking equal files; counting what folders take. Does not belong here: which folders share.
Only for files that are replaced and never written in place. Windows keeps its copies: there a read-only file cannot be
removed without making it writable under all its names.
"""

import hashlib
import os
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

_WRITE_BITS = 0o222


def share(folders: Iterable[Path], kept: Iterable[Path]) -> int:
    """Replace files in `folders` by links to equal read-only files in `kept`; bytes saved.

    A file that cannot be linked, on another file system or one without links, stays the copy it is.
    """
    if sys.platform == "win32":
        return 0
    masters: dict[int, list[Path]] = {}
    for path in _files(kept):
        if not path.stat().st_mode & _WRITE_BITS:
            masters.setdefault(path.stat().st_size, []).append(path)
    hashes: dict[int, str] = {}
    return sum(_link(path, masters.get(path.stat().st_size, []), hashes) for path in _files(folders))


def _link(path: Path, masters: list[Path], hashes: dict[int, str]) -> int:
    """Bytes saved by making `path` a link to the first of `masters` with its content."""
    if not masters or any(path.samefile(master) for master in masters):
        return 0
    wanted = _sha256(path, hashes)
    master = next((master for master in masters if _sha256(master, hashes) == wanted), None)
    if master is None:
        return 0
    fresh = path.with_name(f"{path.name}.{os.getpid()}.link")
    try:
        fresh.hardlink_to(master)
        fresh.replace(path)
    except OSError:
        fresh.unlink(missing_ok=True)
        return 0
    return master.stat().st_size


def _sha256(path: Path, hashes: dict[int, str]) -> str:
    """Hash of a file, computed once for all its names."""
    number = path.stat().st_ino
    if number not in hashes:
        with path.open("rb") as stream:
            hashes[number] = hashlib.file_digest(stream, "sha256").hexdigest()
    return hashes[number]


def size(folders: Iterable[Path]) -> int:
    """Bytes in the files of `folders`, one that is linked counted once."""
    return sum({path.stat().st_ino: path.stat().st_size for path in _files(folders)}.values())


def alone(folders: Iterable[Path]) -> int:
    """Bytes that removing `folders` would free: of files with no further name anywhere else."""
    found = [path.stat() for path in _files(folders)]
    names = Counter(stat.st_ino for stat in found)
    freed = {stat.st_ino: stat.st_size for stat in found if names[stat.st_ino] >= stat.st_nlink}
    return sum(freed.values())


def _files(folders: Iterable[Path]) -> Iterator[Path]:
    for folder in folders:
        yield from (path for path in sorted(folder.rglob("*")) if path.is_file() and not path.is_symlink())
