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
            with path.open("r+b") as stream:
                os.fsync(stream.fileno())
            path.chmod(0o444)
        sync_folder(Path(parent))
        Path(parent).chmod(0o555)


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


def prune(root: Path, keep: int) -> list[Path]:
    """Remove all but the newest `keep` publications, never the current one; return what was removed.

    Only folders named like publications are considered. Raises ValueError for keep < 1.
    """
    refuse((keep < 1, "keep must be at least 1"))
    current = current_name(root)
    finished = sorted(path for path in (root / PUBLICATIONS).glob("*") if _FINISHED.fullmatch(path.name))
    doomed = [path for path in finished[:-keep] if path.name != current]
    for path in doomed:
        # Renamed first: a half-removed folder must not look like a publication.
        remove(path.rename(path.with_name(f"{path.name}.{os.getpid()}.pruned")))
    return doomed


def remove(folder: Path) -> None:
    """Remove a folder, sealed or not."""
    for parent, _, names in os.walk(folder):
        Path(parent).chmod(0o755)
        for name in names:
            Path(parent, name).chmod(0o644)  # Windows removes no read-only file
    shutil.rmtree(folder)


def _final(building: Path) -> Path:
    return building.with_name(building.name.rsplit(".", 2)[0])
