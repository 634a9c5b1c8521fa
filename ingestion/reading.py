"""One file, from bytes to records: find its declaration, recognise its layout, read it, check it, account for it.

Belongs here: the steps every file goes through. The layouts themselves: ingestion/readers; many files: lake.py.
"""

from __future__ import annotations

import hashlib
import unicodedata
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from catalog import Registry, Source, Sources
from ingestion.grid import Grid, read_csv_grid, read_workbook_grid
from ingestion.plausibility import check_plausibility
from ingestion.problems import Problem, Refusal
from ingestion.readers import LAYOUTS
from ingestion.readers.base import Layout, refuse_sheet
from ingestion.tally import Tally

Record = dict[str, Any]


@dataclass(frozen=True)
class FileReading:
    """Everything one file yielded; each list holds records with the columns of the lake table of that name."""

    source_file: Record
    observation: list[Record]
    missing_cell: list[Record]
    rejected_row: list[Record]
    pilot: list[Record]


def make_file_id(relative_path: str) -> str:
    """Identifier of a file, from its path below the input folder (NFC, / as separator)."""
    path = unicodedata.normalize("NFC", relative_path)
    return "f" + hashlib.sha256(path.encode()).hexdigest()[:12]


def read_grid(content: bytes, suffix: str, encoding: str | None) -> Grid:
    """The file as text cells. Raises Refusal for empty, damaged, undecodable or unsupported files."""
    if not content.strip():
        raise Refusal(Problem("empty_file"))
    if suffix == ".xlsx":
        return read_workbook_grid(content)
    if suffix in {".csv", ".txt"}:
        return read_csv_grid(content, encoding)
    raise Refusal(Problem("unreadable", found=f"a {suffix or 'suffixless'} file", expected=".csv, .txt or .xlsx"))


def recognise(grid: Grid) -> Layout:
    """The layout whose header this is. Raises Refusal when none is."""
    for layout in LAYOUTS:
        if layout.recognise(grid):
            return layout
    sheet = grid.sheets[0] if grid.sheets else None
    first = next((cell for row in sheet.rows for cell in row if cell), "") if sheet else ""
    raise Refusal(Problem("no_layout", found=first[:60], expected="; ".join(x.title_en for x in LAYOUTS)))


def read_file(root: Path, path: Path, sources: Sources, registry: Registry) -> FileReading:
    """Read one file below `root`. Never raises for what the file holds: a refusal is part of the result."""
    relative = unicodedata.normalize("NFC", PurePosixPath(path.relative_to(root)).as_posix())
    content = path.read_bytes()
    source = sources.find(relative)
    tally = _tally(relative, source, registry)
    grid: Grid | None = None
    layout: Layout | None = None
    try:
        if source is None:
            raise Refusal(Problem("undeclared_file"))
        grid = read_grid(content, path.suffix.lower(), source.encoding)
        layout = recognise(grid)
        layout.read(grid, source, tally)
        check_plausibility(tally)
    except Refusal as refusal:
        tally = _refused(relative, source, registry, grid, refusal)
    rows_read = sum(len(sheet.rows) for sheet in grid.sheets) if grid else 0
    loaded = bool(tally.observations or tally.pilots)
    record: Record = {
        "file_id": tally.file_id,
        "path": relative,
        "sha256": hashlib.sha256(content).hexdigest(),
        "bytes": len(content),
        "layout": layout.name if layout else None,
        "encoding": grid.encoding if grid else None,
        "vintage": source.vintage if source else None,
        "publisher": source.publisher if source else None,
        "licence": source.licence if source else None,
        "accessed_on": source.accessed if source else None,
        "vintage_rank": sources.vintages.index(source.vintage) if source else None,
        "status": "loaded" if loaded else "refused",
        "problem": first_problem(tally.rejected),
        **tally.counts(rows_read),
    }
    return FileReading(record, tally.observations, tally.missing, tally.rejected, tally.pilots)


def first_problem(rejected: list[Record]) -> str | None:
    """The most telling reason: one that names a place of its own before one about the whole file or a pointer."""
    ranked = sorted(rejected, key=lambda record: (record["code"] == "table_refused", record["row"] == 0))
    return ranked[0]["reason"] if ranked else None


def _tally(relative: str, source: Source | None, registry: Registry) -> Tally:
    return Tally(relative, make_file_id(relative), source.vintage if source else "", registry)


def _refused(relative: str, source: Source | None, registry: Registry, grid: Grid | None, refusal: Refusal) -> Tally:
    tally = _tally(relative, source, registry)
    if grid is None or not grid.sheets:
        for problem in refusal.problems:
            tally.reject(problem, "")
        return tally
    for number, sheet in enumerate(grid.sheets):
        # Problems of the whole file are reported once, with its first sheet.
        mine = tuple(p for p in refusal.problems if p.sheet == sheet.name or (number == 0 and not p.sheet))
        refuse_sheet(sheet, Refusal(*mine) if mine else refusal, tally, own=bool(mine))
    return tally
