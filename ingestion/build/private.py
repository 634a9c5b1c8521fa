"""The part of the lake about persons: where it lies, open to its owner alone.

Belongs here: folders and permissions. Does not belong here: which tables are about persons (catalog/lake.yaml), what is
in them. The folder is closed before the first file is written, so no file is open even for a moment.
"""

import stat
from pathlib import Path

from ingestion.schemas import PRIVATE

FOLDER = "private"


def folder_of(name: str, lake: Path) -> Path:
    """The folder of a lake table, made if absent: of records of persons one that nobody else may enter."""
    if name not in PRIVATE:
        lake.mkdir(parents=True, exist_ok=True)
        return lake
    folder = lake / FOLDER
    folder.mkdir(mode=stat.S_IRWXU, parents=True, exist_ok=True)
    folder.chmod(stat.S_IRWXU)
    return folder


def kept_share(name: str, lake: Path, file_id: str) -> Path:
    """The file in which one input file's share of a table is kept for reuse; its folder is there."""
    folder = folder_of(name, lake) / "files"
    folder.mkdir(parents=True, exist_ok=True)
    return folder / f"{file_id}.{name}.parquet"


def close(name: str, path: Path) -> None:
    """Let nobody else read a file of this table, if it is about persons."""
    if name in PRIVATE:
        path.chmod(stat.S_IRUSR | stat.S_IWUSR)


def clear_out(lake: Path) -> None:
    """Remove records of persons that an earlier version kept among what it kept of every file."""
    for name in PRIVATE:
        for path in (lake / "files").glob(f"*.{name}.parquet"):
            path.unlink()
