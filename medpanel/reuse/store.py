"""Results kept on disk under their fingerprints, one folder of files per entry.

Belongs here: keeping, taking, evicting. Does not belong here: fingerprints. An entry whose files have changed since
they were kept counts as absent and is made again. All of this happens under the run lock.
"""

import hashlib
import json
import os
import shutil
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from medpanel.reuse.linking import alone

ENTRY = "entry.json"
# Beyond these, entries go, those unused for longest first (`keep_cache_mb` in sources.yaml).
KEEP_BYTES = 16 * 10**6
KEEP_SECONDS = 400 * 24 * 3600.0


@dataclass(frozen=True)
class Store:
    """The kept results of a workspace. `fresh`: kept results are ignored and replaced."""

    root: Path
    fresh: bool = False

    def fill(self, kind: str, key: str, folder: Path, make: Callable[[Path], None]) -> bool:
        """Fill `folder` with the files of an entry, or with what `make(folder)` writes, which is kept; True if taken.

        `folder` is emptied first, or created if absent.
        """
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        if self.take(kind, key, folder):
            return True
        shutil.rmtree(folder)
        folder.mkdir()
        make(folder)
        self.keep(kind, key, folder.iterdir())
        return False

    def take(self, kind: str, key: str, folder: Path) -> bool:
        """Copy the files of an entry into `folder`; False if there is none, or if it has changed since it was kept."""
        entry = self.root / kind / key
        try:
            kept = dict(json.loads((entry / ENTRY).read_text(encoding="utf-8")))
            if self.fresh or _hashes(entry / "files") != kept:
                return False
            # Without permissions: an entry that shares its files with publications is read-only, what is taken is not.
            shutil.copytree(entry / "files", folder, dirs_exist_ok=True, copy_function=shutil.copyfile)
            os.utime(entry / ENTRY)
        except (OSError, ValueError, TypeError, AttributeError):
            return False
        return True

    def keep(self, kind: str, key: str, paths: Iterable[Path]) -> None:
        """Keep a copy of files and folders as an entry, replacing an earlier one; all or nothing."""
        entry = self.root / kind / key
        fresh = entry.with_name(f"{key}.{os.getpid()}.tmp")
        shutil.rmtree(fresh, ignore_errors=True)
        (fresh / "files").mkdir(parents=True)
        for path in paths:
            (shutil.copytree if path.is_dir() else shutil.copy)(path, fresh / "files" / path.name)
        (fresh / ENTRY).write_text(json.dumps(_hashes(fresh / "files"), ensure_ascii=False), encoding="utf-8")
        shutil.rmtree(entry, ignore_errors=True)
        fresh.rename(entry)

    def entries(self) -> list[tuple[str, Path, int, float]]:
        """Kind, folder, bytes and time of last use of every entry; also of what a killed run left half-written."""
        found = []
        for folder in sorted(self.root.glob("*/*")):
            size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
            head = folder / ENTRY
            found.append((folder.parent.name, folder, size, head.stat().st_mtime if head.is_file() else 0.0))
        return found

    def evict(
        self, keep_bytes: int = KEEP_BYTES, keep_seconds: float = KEEP_SECONDS, since: float | None = None
    ) -> list[Path]:
        """Remove entries unused for longer than `keep_seconds`, and the longest unused beyond `keep_bytes`.

        What was used `since` stays, whatever its size. Files shared with publications take no room of their own.
        """
        removed, total, oldest = [], 0, time.time() - keep_seconds
        for _, folder, _, used in sorted(self.entries(), key=lambda entry: entry[3], reverse=True):
            if since is not None and used >= since:
                continue
            total += alone([folder])
            if total > keep_bytes or used < oldest:
                shutil.rmtree(folder)
                removed.append(folder)
        return removed

    def clear(self) -> None:
        """Remove everything kept."""
        shutil.rmtree(self.root, ignore_errors=True)


def _hashes(folder: Path) -> dict[str, str]:
    """SHA-256 of every file below a folder, by name."""
    found = {}
    for path in sorted(path for path in folder.rglob("*") if not path.is_dir()):
        with path.open("rb") as stream:
            found[path.relative_to(folder).as_posix()] = hashlib.file_digest(stream, "sha256").hexdigest()
    return found
