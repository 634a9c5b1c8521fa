"""Which publication is current: one link switched at once, or a pointer file if links cannot be made.

Belongs here: `current`, the links `medpanel.duckdb`, `parquet` and `report` beside it, `current.txt`.
Does not belong here: making or removing publications (folders.py).
"""

import logging
import os
import sys
from pathlib import Path

import psutil

from catalog.base import refuse
from medpanel.publishing.inputs import PublishError
from medpanel.publishing.room import no_room

PUBLICATIONS = "publications"
_CURRENT = "current"
_POINTER = "current.txt"
_VIA_CURRENT = {name: f"{_CURRENT}/{name}" for name in ("medpanel.duckdb", "parquet", "report")}
# Windows replaces no link to a folder, so one that could be made the first time could never be switched.
_LINKS_CAN_BE_REPLACED = sys.platform != "win32"
log = logging.getLogger(__name__)


def resolve_current(root: Path) -> Path:
    """Folder of the current publication of the workspace `root`, however it is pointed to.

    Raises PublishError if nothing has been published, or if the folder pointed to is gone.
    """
    if (name := current_name(root)) is None:
        raise PublishError(f"{root}: nothing has been published here yet")
    folder = root / PUBLICATIONS / name
    refuse(
        (not folder.is_dir(), f"{root}: the current publication is {name}, but {folder} is not there"),
        error=PublishError,
    )
    return folder


def current_name(root: Path) -> str | None:
    """Name of the current publication, or None. Raises PublishError for a damaged pointer file."""
    link, pointer = root / _CURRENT, root / _POINTER
    if link.is_symlink():
        return link.readlink().name
    if not pointer.is_file():
        return None
    name = pointer.read_text(encoding="utf-8").strip()
    refuse(
        (not name or name != Path(name).name, f"{pointer}: expected the name of one publication, found {name!r}"),
        error=PublishError,
    )
    return name


def current_tables(root: Path) -> Path | None:
    """Folder of the current publication's Parquet files; None if there is none, or if it was removed by hand."""
    name = current_name(root)
    folder = None if name is None else root / PUBLICATIONS / name / "parquet"
    return folder if folder is not None and (folder / "run_manifest.parquet").is_file() else None


def check_root(root: Path) -> None:
    """Refuse to start if something other than a link is in a link's place. Raises PublishError."""
    paths = [root / name for name in (_CURRENT, *_VIA_CURRENT)]
    refuse(
        *(
            (path.exists() and not path.is_symlink(), f"{path} is in the way of a link of that name; move it elsewhere")
            for path in paths
        ),
        error=PublishError,
    )


def sweep(root: Path) -> None:
    """Remove links and pointers that runs killed in the middle of `switch` had not yet put in place."""
    for path in [*root.glob(f".{_CURRENT}.*"), *root.glob(f".{_POINTER}.*")]:
        pid = path.name.rpartition(".")[2]
        if pid.isdigit() and not psutil.pid_exists(int(pid)):
            path.unlink(missing_ok=True)


def switch(root: Path, name: str) -> None:
    """Make the publication `name` current in one step: readers see the old one or the new one.

    Raises OSError if the step itself fails; the old publication is then still current.
    """
    if not _LINKS_CAN_BE_REPLACED:
        _point(root, name)
        return
    fresh = root / f".{_CURRENT}.{os.getpid()}"
    fresh.unlink(missing_ok=True)
    try:
        for link, target in _VIA_CURRENT.items():
            _link_once(root / link, target)
        os.symlink(f"{PUBLICATIONS}/{name}", fresh, target_is_directory=True)  # noqa: PTH211
    except (OSError, NotImplementedError) as error:
        # A full disk says nothing about links; giving them up would take them from readers.
        if no_room(error):
            raise
        log.warning("no links can be made in %s (%s): %s names the current publication", root, error, _POINTER)
        _point(root, name)
        return
    try:
        fresh.replace(root / _CURRENT)
    finally:
        fresh.unlink(missing_ok=True)
    (root / _POINTER).unlink(missing_ok=True)


def _link_once(path: Path, target: str) -> None:
    if path.is_symlink() and path.readlink() == Path(target):
        return
    fresh = path.with_name(f".{_CURRENT}.{path.name}.{os.getpid()}")
    fresh.unlink(missing_ok=True)
    os.symlink(target, fresh, target_is_directory=path.suffix == "")  # noqa: PTH211
    fresh.replace(path)


def _point(root: Path, name: str) -> None:
    fresh = root / f".{_POINTER}.{os.getpid()}"
    try:
        with fresh.open("wb") as stream:
            stream.write(f"{name}\n".encode())
            stream.flush()
            os.fsync(stream.fileno())
        fresh.replace(root / _POINTER)
    finally:
        fresh.unlink(missing_ok=True)
    # A link made earlier would go on naming the old publication, and it is asked first.
    for stale in (_CURRENT, *_VIA_CURRENT):
        if (root / stale).is_symlink():
            (root / stale).unlink()
