"""The files a reading depends on besides the file itself: they are part of what decides whether it is read again.

Belongs here: which files an entry refers to, their paths and their hash. Reading them: the readers.
"""

from __future__ import annotations

import hashlib
from pathlib import Path, PurePosixPath

from catalog import Source
from ingestion.formats.probe import Probe
from ingestion.problems import Problem, Refusal


def companion_names(source: Source) -> tuple[str, ...]:
    """The files `source` refers to, as declared: paths below the input folder."""
    flags = source.panel.filled_flags if source.panel is not None else None
    return tuple(name for name in (source.keywords, flags.file if flags is not None else None) if name is not None)


def companion_path(root: Path, name: str) -> Path:
    """The declared file below `root`. Raises Refusal when it is absent or would lie elsewhere."""
    declared = PurePosixPath(name)
    path = root / declared
    if declared.is_absolute() or ".." in declared.parts or not path.is_file():
        raise Refusal(Problem("companion_missing", name))
    if not path.resolve().is_relative_to(root.resolve()):
        raise Refusal(Problem("companion_missing", name))
    return path


def companions_key(root: Path, source: Source | None) -> str:
    """One text that changes whenever a file the entry refers to appears, vanishes or changes; empty without any."""
    parts = []
    for name in companion_names(source) if source is not None else ():
        try:
            state = Probe(companion_path(root, name)).sha256
        except Refusal:
            state = "absent"
        parts.append(f"{name} {state}")
    return hashlib.sha256("\n".join(parts).encode()).hexdigest() if parts else ""


def folder_of(probe: Probe, relative: str) -> Path:
    """The input folder, from one of its files and that file's path below it."""
    return probe.path.parents[len(PurePosixPath(relative).parts) - 1]
