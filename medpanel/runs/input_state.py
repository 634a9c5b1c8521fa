"""What the last run read, and whether the input files are still that.

Belongs here: looking at files, hashing those that may have changed, and the record a run leaves when it begins to read.
Does not belong here: whether to start a run (refreshing.py); reading files (ingestion).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path

from medpanel.reuse import fingerprint
from medpanel.runs.workspace import Workspace

RECORD = "inputs_read.json"
# Bytes of superseded downloads, which a run may put there itself: no news if they were read under their own name.
_KEPT = "downloads/"

Look = Mapping[str, tuple[int, int]]
Content = Mapping[str, str]


class Read:
    """What one run read: size, time and hash of each file by its name below the input folder."""

    def __init__(self, run_id: str = "", files: Mapping[str, tuple[int, int, str]] | None = None) -> None:
        self.run_id, self.files = run_id, dict(files or {})

    @property
    def look(self) -> Look:
        """Size and time of each file."""
        return {name: (size, time) for name, (size, time, _) in self.files.items()}

    @property
    def content(self) -> Content:
        """Hash of each file."""
        return {name: sha256 for name, (_, _, sha256) in self.files.items()}


def look_at(workspace: Workspace) -> Look:
    """Size and time of every input file and declaration. Raises CatalogError when there is no valid sources.yaml."""
    return {name: _stat(path) for name, path in _paths(workspace).items()}


def content_of(workspace: Workspace, look: Look, read: Read) -> Content:
    """Hash of every file looked at; only those whose size or time changed are read again."""
    paths, known = _paths(workspace), read.look
    return {
        name: read.content[name] if known.get(name) == now else _sha256(paths.get(name))
        for name, now in sorted(look.items())
    }


def news(content: Content, read: Read) -> list[str]:
    """Names of files that are new, changed or gone since they were read."""
    before = read.content
    hashes = set(before.values())
    changed = {name for name, sha256 in content.items() if before.get(name) != sha256}
    kept = {name for name in changed if name.startswith(_KEPT) and content[name] in hashes}
    return sorted(changed - kept | set(before) - set(content))


def digest(content: Content) -> str:
    """One name for the content of all files."""
    return fingerprint(content=dict(content))


def note(workspace: Workspace, run_id: str, look: Look | None = None, content: Content | None = None) -> None:
    """Record what a run is about to read: a file replaced from now on is news for the next run."""
    look = look_at(workspace) if look is None else look
    content = content_of(workspace, look, last_read(workspace)) if content is None else content
    files = {name: [*look[name], content[name]] for name in content}
    path = workspace.work / RECORD
    path.parent.mkdir(parents=True, exist_ok=True)
    path.with_suffix(".tmp").write_text(json.dumps({"run_id": run_id, "files": files}), encoding="utf-8")
    path.with_suffix(".tmp").replace(path)


def note_kept(workspace: Workspace) -> None:
    """Add to the record what the register of downloads has put among the input files since: it is no news."""
    read, look = last_read(workspace), look_at(workspace)
    kept = {name: at for name, at in look.items() if name.startswith(_KEPT) and name not in read.files}
    if kept:
        note(workspace, read.run_id, {**read.look, **kept}, {**read.content, **content_of(workspace, kept, read)})


def last_read(workspace: Workspace) -> Read:
    """What the last run read; nothing if no run is on record."""
    try:
        noted = json.loads((workspace.work / RECORD).read_text(encoding="utf-8"))
        files = {name: (int(size), int(time), str(sha256)) for name, (size, time, sha256) in noted["files"].items()}
        return Read(str(noted["run_id"]), files)
    except (FileNotFoundError, KeyError, TypeError, ValueError):
        return Read()


def _paths(workspace: Workspace) -> dict[str, Path]:
    from ingestion.build.lake import input_files

    sources, root = workspace.sources()
    declared = [workspace.sources_path]
    beside = {source.mapping.name for source in sources.files if source.mapping} | {sources.corrections or ""}
    # A mapping may be one of those that come with the product.
    declared += [path for name in sorted(beside - {""}) if (path := workspace.sources_path.parent / name).is_file()]
    if sources.divisions is not None and sources.divisions.own is not None:
        declared += sorted(sources.divisions.own.iterdir())
    # Named relative to their folder: a workspace that is moved has not changed.
    return {path.relative_to(root).as_posix(): path for path in input_files(root, sources)} | {
        f"declared: {path.name}": path for path in declared
    }


def _stat(path: Path) -> tuple[int, int]:
    try:
        found = path.lstat()  # also of links that lead nowhere, which are refused when they are read
    except OSError:
        return (-1, -1)  # gone since it was listed, or forbidden; the run says which
    return found.st_size, found.st_mtime_ns


def _sha256(path: Path | None) -> str:
    try:
        if path is None or not path.is_file():  # a pipe would be waited for
            return "no file"
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return "not readable"
