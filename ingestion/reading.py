"""One file, from bytes to records: find its declaration, recognise its layout, read it, check it, account for it.

Belongs here: the steps every file goes through. The layouts themselves: ingestion/readers; many files: lake.py.
"""

import hashlib
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeVar

import pyarrow as pa

from catalog import Registry, Source, Sources, load_provinces
from catalog.declarations.survey import SMALL_CELLS
from catalog.key_errors import nearest
from catalog.lake import LOADED, NOT_READ, PARTIAL, REFUSED
from catalog.messages import pointers, remarks
from catalog.yaml_text import match_of
from ingestion.checks.plausibility import check_city_figures, check_plausibility
from ingestion.formats.any_grid import read_any_grid
from ingestion.formats.grid import Grid, with_marks
from ingestion.formats.limits import MEMORY
from ingestion.formats.probe import Probe
from ingestion.paths import is_plain, is_text, relative_name
from ingestion.places import using
from ingestion.problems import Problem, Refusal, refuse_for, require
from ingestion.readers import EVERY_LAYOUT, FILE_LAYOUTS, LAYOUTS
from ingestion.readers.base import FileLayout, Layout, note_hidden_sheets, refuse_rows, without_rows
from ingestion.readers.mismatch import file_mismatch, grid_mismatch
from ingestion.readers.panels.panel_checks import note_code_years, refuse_declared_filled, refuse_filled
from ingestion.row_account import Tally, rejection
from ingestion.vocabulary.claims import KEYS_OF_CELLS, check_unit_in_name, require_printed, require_used
from ingestion.vocabulary.labels import with_labels_below
from ingestion.vocabulary.patterns import fullmatch

Record = dict[str, Any]
L = TypeVar("L", Layout, FileLayout)


# The code of the remark on a file that gives nothing.
NOTHING_FILLED = "nothing_filled"
# The code of the remark on a file that may publish cells of very few persons.
FEW_PERSONS = "few_persons"


@dataclass(frozen=True)
class FileReading:
    """Everything one file yielded; each list holds records with the columns of the lake table of that name.

    refused_cell: what each refused cell of figures would have been (the columns of missing_cell), for corrections.
    absent: (province, year) pairs a long panel has no usable row for, in years it has for others.
    tables: what is no figure of a place and year, by lake table (schemas.BULK).
    """

    source_file: Record
    observation: list[Record]
    missing_cell: list[Record]
    rejected_row: list[Record]
    pilot: list[Record]
    refused_cell: list[Record] = field(default_factory=list)
    absent: int = 0
    tables: dict[str, pa.Table] = field(default_factory=dict)

    def reject(self, problem: Problem, raw: str) -> None:
        """Record a refusal that only became known when the file was read."""
        self.rejected_row.append(rejection(problem, raw, self.source_file["path"], self.source_file["file_id"]))


def make_file_id(relative_path: str) -> str:
    """Identifier of a file, from its path below the input folder (NFC, / as separator)."""
    return "f" + hashlib.sha256(unicodedata.normalize("NFC", relative_path).encode()).hexdigest()[:12]


def read_grid(content: bytes, suffix: str, source: Source) -> Grid:
    """The file as text cells, with the marks of missing figures its entry declares. Raises Refusal for empty, damaged,
    undecodable or unsupported files."""
    grid = read_any_grid(content, suffix, source.encoding, _name_columns(source), source.tables)
    return with_marks(grid, source.missing_marks)


def _name_columns(source: Source) -> tuple[str, ...]:
    """The declared columns that hold names of units: there, and only there, a value label is the value."""
    names = [source.entity_column]
    if source.panel is not None:
        names += [source.panel.province_column, *(other.name_column for other in source.panel.other_names)]
    if source.mapping is not None:
        names += [axis for table in source.mapping.tables if isinstance(axis := table.regions.down, str)]
    return tuple(name for name in names if name is not None)


def recognise_file(probe: Probe, source: Source) -> FileLayout | None:
    """The layout that reads the file itself, declared or recognised, or None for the layouts of cells.

    Raises Refusal when such a layout is declared and the file cannot be of it.
    """

    def fits(layout: FileLayout) -> bool:
        return probe.suffix in layout.suffixes and layout.recognise(probe, source)

    return _choose(FILE_LAYOUTS, source, fits, lambda declared: file_mismatch(declared, probe))


def recognise(grid: Grid, source: Source) -> Layout:
    """The layout declared for the file, or the one whose header this is. Raises Refusal when there is none."""
    sheet = grid.sheets[0] if grid.sheets else None
    rows = (sheet.header, *sheet.rows) if sheet else ()
    first = next((cell for row in rows for cell in row if cell), "")[:60]
    layout = _choose(
        LAYOUTS, source, lambda one: one.recognise(grid, source), lambda declared: grid_mismatch(declared, grid)
    )
    if layout is None:
        names = [known.name for known in EVERY_LAYOUT]
        code, found = ("no_layout", first) if source.layout is None else ("unknown_layout", source.layout)
        raise Refusal(Problem(code, found, ", ".join(names), nearest(source.layout or "", names)))
    return layout


def _choose(
    layouts: Iterable[L], source: Source, fits: Callable[[L], bool], mismatch: Callable[[L], Refusal]
) -> L | None:
    """The declared one of the layouts, or the first a header can tell; None where it is not among them.

    Raises the refusal `mismatch` gives for a declared one that the file does not fit.
    """
    if source.layout is None:
        return next((layout for layout in layouts if not layout.declared_only and fits(layout)), None)
    declared = next((layout for layout in layouts if layout.name == source.layout), None)
    if declared is not None and not fits(declared):
        raise mismatch(declared)
    return declared


def read_file(
    root: Path, path: Path, sources: Sources, registry: Registry, obstacle: Problem | None = None
) -> FileReading:
    """Read one file below `root`. Never raises for what the file holds: a refusal is part of the result.

    `obstacle`: why the file must not be read at all, where that is known before. Places are those of the facts about
    divisions that `sources` names.
    """
    with using(sources.divisions):
        return _read_file(root, path, sources, registry, obstacle)


def _read_file(root: Path, path: Path, sources: Sources, registry: Registry, obstacle: Problem | None) -> FileReading:
    relative = relative_name(path, root)
    probe = Probe(path, root)
    declared = sources.find(relative)
    tally = _tally(relative, declared, registry)
    grid: Grid | None = None
    layout: Layout | FileLayout | None = None
    refusal: Refusal | None = None
    try:
        source = _readable(root, path, probe, declared, obstacle)
        layout = recognise_file(probe, source)
        if layout is not None:
            require_used(source, layout.name, layout.uses)
            layout.read(probe, source, tally)
        else:
            grid = read_grid(probe.content, probe.suffix, source)
            require(grid.filled, Problem("empty_file"))
            data = with_labels_below(without_rows(_data_sheets(grid, source, tally), source), source)
            require_printed(data, source)
            layout = recognise(data, source)
            require_used(source, layout.name, layout.uses | KEYS_OF_CELLS)
            layout.read(data, source, tally)
            refuse_filled(tally, root, source, read_grid)
            refuse_declared_filled(tally, source)
            note_code_years(tally, source)
        _note_absent(tally, source)
        _note_few_persons(tally, source, sources.data_kind)
        check_unit_in_name(tally, source)
        check_plausibility(tally)
        check_city_figures(tally)
        note_hidden_sheets(grid, source, tally)
        probe.require_unchanged()
        counts = tally.counts(_rows(grid))  # raises for a row unaccounted for, which is a fault of the reader
        _note_empty(tally, counts["rows_loaded"])
    except Refusal as refused:
        refusal = refused
    except (RecursionError, MemoryError, OSError) as error:
        refusal = _unable(error)
    except Exception as error:  # one file a reader fails on must not take the others with it, nor go unseen
        # What an error says may be an answer: of a file that may be about persons its kind is enough.
        said = "" if layout is None or layout.persons else f": {error}"
        refusal = Refusal(Problem("reader_fault", f"{type(error).__name__}{said}"[:300]))
    if refusal is not None:
        tally = _refused(_tally(relative, declared, registry), grid, refusal, quoted=layout is not None)
    record: Record = {
        "file_id": tally.file_id,
        "path": relative,
        "sha256": probe.sha256,
        "bytes": probe.size,
        "layout": layout.name if layout else None,
        "encoding": grid.encoding if grid else None,
        "vintage": declared.vintage if declared else None,
        "publisher": declared.publisher if declared else None,
        "licence": declared.licence if declared else None,
        "redistribution": declared.may_be_passed_on if declared else None,
        "accessed_on": declared.accessed if declared else None,
        "vintage_rank": sources.rank(declared.vintage) if declared else None,
        "status": None,
        "problem": None,
        **tally.counts(_rows(grid)),
    }
    lists = (tally.observations, tally.missing, tally.rejected, tally.pilots, tally.refused)
    reading = FileReading(record, *lists, tally.absent, tally.tables)
    recount(reading)
    return reading


def _readable(root: Path, path: Path, probe: Probe, source: Source | None, obstacle: Problem | None) -> Source:
    """The declaration of a file that may be read. Raises Refusal for any other file."""
    require(is_text(path), Problem("file_name"))
    require(is_plain(path, root), Problem("hidden_in_name", relative_name(path, root)))
    wrong = probe.obstacle or obstacle
    if source is None or wrong is not None:
        raise Refusal(wrong or undeclared(relative_name(path, root)))
    require(source.not_read is None, Problem("not_read", source.not_read or ""))
    return source


def undeclared(relative: str) -> Problem:
    """That no entry speaks for a path; it says how one begins."""
    return Problem("undeclared_file", hint=match_of(relative))


def _note_empty(tally: Tally, rows: int) -> None:
    """Remark on a file that gives nothing and refuses nothing, such as a template nobody has filled in."""
    made = tally.observations or tally.pilots or tally.tables
    refused = any(record["code"] not in remarks() for record in tally.rejected)
    if not made and not refused and not (rows and not tally.missing):
        tally.reject(Problem(NOTHING_FILLED), "")


def _rows(grid: Grid | None) -> int:
    return sum(len(sheet.rows) for sheet in grid.sheets) if grid else 0


def _unable(error: Exception) -> Refusal:
    """The refusal of a file that took more than there is, or could not be read to its end."""
    if isinstance(error, OSError):
        return Refusal(Problem("unreadable", error.strerror or str(error), "whole_file"))
    if isinstance(error, MemoryError):
        return Refusal(Problem("beyond_bounds", "memory", hint=MEMORY))
    return Refusal(Problem("beyond_limits", "nesting", "plain_table"))


def out_of_memory(reading: FileReading) -> bool:
    """Whether the file was refused because its reader could get no more memory."""
    return any(record["code"] == "beyond_bounds" for record in reading.rejected_row)


def _data_sheets(grid: Grid, source: Source, tally: Tally) -> Grid:
    """The grid without the sheets declared to hold no data, whose rows are set aside. Raises Refusal if none is left.

    Raises Refusal also for a declared pattern that is no sheet's name: it may be misspelt, and the sheet be read.
    """
    aside = [sheet for sheet in grid.sheets if any(fullmatch(p, sheet.name) for p in source.set_aside_sheets)]
    names = ", ".join(sheet.name for sheet in grid.sheets)
    refuse_for(
        Problem("sheet_missing", pattern, names)
        for pattern in source.set_aside_sheets
        if not any(fullmatch(pattern, sheet.name) for sheet in aside)
    )
    kept = tuple(sheet for sheet in grid.sheets if sheet not in aside)
    require(any(sheet.rows for sheet in kept), Problem("empty_file"))
    for sheet in aside:
        for row in range(1, len(sheet.rows) + 1):
            tally.fate(sheet.name, row, "set_aside")
    return replace(grid, sheets=kept)


def _note_absent(tally: Tally, source: Source) -> None:
    """Remark on the provinces the entry declares absent."""
    names = [province.short_zh for province in load_provinces() if province.province_code in source.absent_codes]
    if names:
        tally.reject(Problem("provinces_absent", ", ".join(names)), "")


def _note_few_persons(tally: Tally, source: Source, data_kind: str) -> None:
    """Remark on real respondents if the entry lets cells of fewer be published than is usual."""
    if data_kind == "real" and source.survey is not None and source.survey.small_cells < SMALL_CELLS:
        tally.reject(Problem(FEW_PERSONS, str(source.survey.small_cells), str(SMALL_CELLS)), "")


def recount(reading: FileReading) -> None:
    """Bring counts, status and problem of `source_file` in line with the lists. Changes the reading in place.

    A row all of whose figures are refused is a rejected row, also when a step after reading refused the last of them;
    it is a loaded one again when a correction restores a figure.
    """
    counts = reading.source_file
    before = [record for record in reading.rejected_row if record["code"] == "row_refused"]
    reading.rejected_row[:] = [record for record in reading.rejected_row if record["code"] != "row_refused"]
    alive = {(r["sheet"], r["row"]) for r in (*reading.observation, *reading.missing_cell)}
    dead: dict[tuple[str, int], list[Record]] = defaultdict(list)
    for record in reading.refused_cell:
        if (record["sheet"], record["row"]) not in alive:
            dead[record["sheet"], record["row"]].append(record)
    for (sheet, row), records in dead.items():
        reading.reject(Problem("row_refused", sheet=sheet, row=row), " | ".join(record["raw"] for record in records))
    counts["rows_loaded"] += len(before) - len(dead)
    counts["rows_rejected"] += len(dead) - len(before)
    counts |= {
        "cells_loaded": len(reading.observation),
        "cells_missing": len(reading.missing_cell),
        "cells_rejected": sum(
            1 for record in reading.rejected_row if record["cell"] and record["code"] not in remarks()
        ),
        "status": _status(counts["rows_loaded"], {record["code"] for record in reading.rejected_row}),
        "problem": told["reason"] if (told := first_refusal(reading.rejected_row)) else None,
    }


def _status(loaded: int, codes: set[str]) -> str:
    """What became of a file with so many rows loaded and problems of these codes; a remark takes nothing away."""
    if loaded:
        return PARTIAL if codes - remarks() else LOADED
    return NOT_READ if codes == {NOT_READ} else REFUSED


def first_refusal(rejected: list[Record]) -> Record | None:
    """The most telling record: one that names a place of its own before one about the whole file, a pointer, a remark.

    First of all that the file holds another one's content: everything else wrong with it follows from that.
    """

    def rank(record: Record) -> tuple[bool, ...]:
        code = record["code"]
        return code != "swapped_files", code in remarks(), code in pointers(), record["row"] == 0

    return min(rejected, key=rank, default=None)


def _tally(relative: str, source: Source | None, registry: Registry) -> Tally:
    return Tally(relative, make_file_id(relative), source.vintage if source else "", registry)


def _refused(tally: Tally, grid: Grid | None, refusal: Refusal, quoted: bool) -> Tally:
    """The account of a file refused whole. A file that no layout knows may be about persons: not `quoted`."""
    sheets = grid.sheets if grid is not None else ()
    for problem in refusal.problems if not sheets else ():
        tally.reject(problem, "")
    for number, sheet in enumerate(sheets):
        # Problems of the whole file are reported once, with its first sheet.
        mine = tuple(p for p in refusal.problems if p.sheet == sheet.name or (number == 0 and not p.sheet))
        rows = range(1, len(sheet.rows) + 1)
        told = Refusal(*mine) if mine else refusal
        refuse_rows(sheet, rows, told, tally, "file_refused", own=bool(mine), quoted=quoted)
    return tally
