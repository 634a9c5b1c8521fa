"""A file before it is read: its suffix, size and first bytes, and its content within the limit of memory.

Does not belong here: what the bytes mean (ingestion/readers) and how they become cells (grid.py and its siblings).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from ingestion.problems import Problem, Refusal

HEAD_BYTES = 65536
# What is held in memory as a whole. Flow files are read in passes and may be of any size.
CONTENT_LIMIT = 256 * 1024 * 1024


@dataclass(frozen=True)
class Probe:
    """One file, opened only as far as somebody asks."""

    path: Path

    @property
    def suffix(self) -> str:
        """The suffix in lower case, with its dot."""
        return self.path.suffix.lower()

    @cached_property
    def size(self) -> int:
        """Bytes."""
        return self.path.stat().st_size

    @cached_property
    def head(self) -> bytes:
        """The first 64 KiB."""
        with self.path.open("rb") as stream:
            return stream.read(HEAD_BYTES)

    @cached_property
    def content(self) -> bytes:
        """All bytes. Raises Refusal above the limit."""
        if self.size > CONTENT_LIMIT:
            found, limit = f"{self.size / 2**20:.0f} MiB", f"at most {CONTENT_LIMIT // 2**20} MiB"
            raise Refusal(Problem("too_large", found, limit))
        return self.path.read_bytes()

    @cached_property
    def sha256(self) -> str:
        """SHA-256 of the bytes, read in pieces."""
        with self.path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
