"""A file before it is read: whether it may be opened, its suffix, size and first bytes, and its content.

Does not belong here: what the bytes mean (ingestion/readers) and how they become cells (grid.py and its siblings).
"""

import hashlib
import stat
from dataclasses import dataclass
from functools import cached_property
from io import BufferedReader
from pathlib import Path

from ingestion.formats.limits import CONTENT_BYTES
from ingestion.problems import Problem, Refusal, require

HEAD_BYTES = 65536
# What is held in memory as a whole. Flow files are read in passes and may be of any size.
CONTENT_LIMIT = CONTENT_BYTES
_KINDS = {
    stat.S_IFDIR: "folder",
    stat.S_IFIFO: "pipe",
    stat.S_IFSOCK: "socket",
    stat.S_IFCHR: "device",
    stat.S_IFBLK: "device",
}


@dataclass(frozen=True)
class Probe:
    """One file, opened only as far as needed; `root` is the input folder it must not lead out of."""

    path: Path
    root: Path | None = None

    @property
    def suffix(self) -> str:
        """The suffix in lower case, with its dot."""
        return self.path.suffix.lower()

    @cached_property
    def obstacle(self) -> Problem | None:
        """Why the file must not be opened, or cannot be: a link out of the folder, a pipe, a device, a folder."""
        try:
            real = self.path.resolve(strict=True)
            if self.root is not None and not real.is_relative_to(self.root.resolve()):
                return Problem("link_outside", str(real))
            # Opening a pipe would wait for somebody to write to it.
            kind = stat.S_IFMT(real.stat().st_mode)
            if kind != stat.S_IFREG:
                return Problem("no_regular_file", _KINDS.get(kind, "other_entry"))
            with real.open("rb"):
                return None
        except RuntimeError:  # how pathlib reports a circle of links
            return Problem("no_regular_file", "link_to_itself")
        except OSError as error:
            return Problem("no_regular_file", error.strerror or type(error).__name__)

    @cached_property
    def _state(self) -> tuple[int, int, int]:
        return self._now()

    def _now(self) -> tuple[int, int, int]:
        status = self.path.stat()
        return status.st_size, status.st_mtime_ns, status.st_ino

    def require_unchanged(self) -> None:
        """Raise Refusal if the file is no longer the one that was first looked at."""
        try:
            require(self._now() == self._state, Problem("file_changed"))
        except OSError as error:
            raise Refusal(Problem("file_changed", error.strerror or type(error).__name__)) from None

    @property
    def size(self) -> int:
        """Size in bytes; 0 for what must not be opened."""
        return 0 if self.obstacle else self._state[0]

    @cached_property
    def head(self) -> bytes:
        """The first 64 KiB."""
        with self._open() as stream:
            return stream.read(HEAD_BYTES)

    @cached_property
    def content(self) -> bytes:
        """All bytes. Raises Refusal above the limit."""
        if self.size > CONTENT_LIMIT:
            found, limit = f"{self.size / 2**20:.0f} MiB", f"{CONTENT_LIMIT // 2**20} MiB"
            raise Refusal(Problem("too_large", found, limit))
        with self._open() as stream:
            # One byte more, so that a file that grows meanwhile is not read to its end, which may never come.
            content = stream.read(self.size + 1)
        require(len(content) == self.size, Problem("file_changed", f"{self.size:,} → {len(content):,} B"))
        return content

    @cached_property
    def sha256(self) -> str:
        """SHA-256 of the bytes, read in pieces; of no bytes for what must not be opened."""
        if self.obstacle:
            return hashlib.sha256(b"").hexdigest()
        with self._open() as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()

    def _open(self) -> BufferedReader:
        if self.obstacle:
            raise Refusal(self.obstacle)
        _ = self._state  # remembered before the first byte is read
        return self.path.open("rb")
