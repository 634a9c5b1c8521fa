"""The folders of publications: building, sealing, sweeping up after dead runs, pruning.

Belongs here: everything that makes, protects or removes a folder under publications/.
Does not belong here: the contents of the files, and the links that say which publication is current (links.py).
"""

import os
import re
import shutil
import sys
from pathlib import Path

import psutil

from catalog.base import refuse
from medpanel.publishing.inputs import PublishError
from medpanel.publishing.links import PUBLICATIONS, current_name

_FINISHED = re.compile(r"\d{8}T\d{6}Z-(real|synthetic)-[^.]+")
# <id>.<process>.building while it is made, <id>.<process>.pruned while it is removed.
_UNFINISHED = re.compile(r".+\.(?P<pid>\d+)\.(building|pruned)")
_being_built: set[Path] = set()


def start(root: Path, publication_id: str) -> Path:
    """Make the folder a publication is built in, and remove what dead runs left behind.

    Raises PublishError if a publication with this id already exists.
    """
    publications = root / PUBLICATIONS
    publications.mkdir(parents=True, exist_ok=True)
    sweep(publications)
    refuse(
        (
            (publications / publication_id).exists(),
            f"{publications / publication_id}: this run has already been published",
        ),
        error=PublishError,
    )
    building = publications / f"{publication_id}.{os.getpid()}.building"
    building.mkdir()
    _being_built.add(building)
    return building


def finish(building: Path) -> Path:
    """Seal the folder (on disk, files 0444, folders 0555) and give it its final name, which is returned."""
    seal(building)
    final = _final(building)
    building.rename(final)
    _being_built.discard(building)
    sync_folder(final.parent)
    return final


def abandon(building: Path) -> None:
    """Remove the folder of a failed publication, even if it already has its final name."""
    _being_built.discard(building)
    for path in (building, _final(building)):
        if path.exists():
            remove(path)


def seal(folder: Path) -> None:
    """Flush every file to disk and forbid writing, so that no reader can leave a log beside them."""
    for parent, _, names in os.walk(folder, topdown=False):
        for name in names:
            path = Path(parent, name)
            # Only Windows must be able to write to a file to flush it; a file shared with others is read-only already.
            with path.open("r+b" if sys.platform == "win32" else "rb") as stream:
                os.fsync(stream.fileno())
            path.chmod(0o444)
        sync_folder(Path(parent))
        Path(parent).chmod(0o555)


def unseal(root: Path) -> None:
    """Let the owner remove every publication that is not current: folders 0755, files as read-only as before."""
    current = current_name(root)
    for folder in finished(root):
        if folder.name != current:
            _open_folders(folder)


def _open_folders(folder: Path) -> None:
    for parent, _, _ in os.walk(folder):
        Path(parent).chmod(0o755)


def finished(root: Path) -> list[Path]:
    """The folders of all publications under their final name, oldest first.

    Names begin with a time, but a clock may have been set back: none stands before the one that was current when it was
    made.
    """
    waiting = [path for path in sorted((root / PUBLICATIONS).glob("*")) if _FINISHED.fullmatch(path.name)]
    made_after = {path: path.with_name(parent) for path in waiting if (parent := _parent(path))}
    ordered: list[Path] = []
    while waiting:
        following = next((path for path in waiting if made_after.get(path) not in waiting), waiting[0])
        waiting.remove(following)
        ordered.append(following)
    return ordered


def _parent(folder: Path) -> str:
    """The publication that was current when this one was made; '' if there was none or its record is damaged."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        found = pq.read_table(folder / "parquet" / "run_manifest.parquet", columns=["parent_publication"])
        return str(found["parent_publication"][0].as_py() or "")
    except (OSError, pa.ArrowException, LookupError):
        return ""


def sync_folder(folder: Path) -> None:
    """Flush a folder's entries to disk, if the system supports that."""
    if sys.platform == "win32":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def sweep(publications: Path) -> None:
    """Remove unfinished folders of dead processes; those of running ones stay."""
    for path in sorted(publications.iterdir()):
        match = _UNFINISHED.fullmatch(path.name)
        if match is None or path in _being_built:
            continue
        pid = int(match["pid"])
        # Our own number on a folder we do not know means the number was dealt out again.
        if pid == os.getpid() or not psutil.pid_exists(pid):
            remove(path)


def beyond(root: Path, keep: int) -> list[Path]:
    """All but the newest `keep` publications, never the current one. Raises ValueError for keep < 1.

    Only folders named like publications are considered.
    """
    refuse((keep < 1, "keep must be at least 1 / 至少保留1个"))
    current = current_name(root)
    return [path for path in finished(root)[:-keep] if path.name != current]


def prune(root: Path, keep: int) -> list[Path]:
    """Remove what is `beyond` the newest `keep` publications; return what was removed. Raises as `beyond`."""
    doomed = beyond(root, keep)
    for path in doomed:
        # Renamed first: a half-removed folder must not look like a publication.
        remove(path.rename(path.with_name(f"{path.name}.{os.getpid()}.pruned")))
    return doomed


def remove(folder: Path) -> None:
    """Remove a folder, sealed or not."""
    _open_folders(folder)
    if sys.platform == "win32":
        # Windows removes no read-only file. Elsewhere this would make a file writable under its other names too.
        for path in folder.rglob("*"):
            path.chmod(0o644)
    shutil.rmtree(folder)


def _final(building: Path) -> Path:
    return building.with_name(building.name.rsplit(".", 2)[0])
