"""A report as files to look into: those beside the page, and those of its archive."""

from __future__ import annotations

import zipfile
from dataclasses import dataclass
from pathlib import Path

from medpanel.report.writing import ReportFile


@dataclass(frozen=True)
class Made:
    """A file of a report, and where it lies unpacked."""

    file: ReportFile
    path: Path


def unpacked(folder: Path, files: list[ReportFile]) -> dict[str, Made]:
    """Every file by its name, those of the archive unpacked beside the report; the list must name exactly these."""
    inside = folder.with_name(f"{folder.name}_archive")
    inside.mkdir()
    for archive in folder.glob("*.zip"):
        with zipfile.ZipFile(archive) as opened:
            opened.extractall(inside)
    made = {file.name: Made(file, (inside if file.archived else folder) / file.name) for file in files}
    there = {
        path.relative_to(root).as_posix() for root in (folder, inside) for path in root.rglob("*") if path.is_file()
    }
    assert len(made) == len(files) and set(made) == there
    return made
