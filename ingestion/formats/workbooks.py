"""Workbooks as grids: .xlsx (xlsx_sheets.py) and .xls (BIFF, xlrd). The bytes decide which, never the file's name.

Belongs here: what is kept of a sheet, and its bounds; whether an .xls file's container is unlocked, its chains
whole, and its records few enough for xlrd ([MS-CFB] and [MS-XLS], Microsoft). Numbers become their shortest exact text.
"""

import datetime as dt
import io
import struct
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from types import MappingProxyType
from typing import Any
from xml.parsers import expat

import xlrd  # type: ignore[import-untyped]
from openpyxl.utils.datetime import MAC_EPOCH, WINDOWS_EPOCH
from xlrd.compdoc import CompDoc  # type: ignore[import-untyped]

from ingestion.formats.grid import Extent, Grid, Sheet, cell_text
from ingestion.formats.limits import (
    CELLS,
    MERGED,
    PARTS_BYTES,
    SHEET_NAME,
    SHEETS,
    STYLES,
    XLS_BYTES,
    beyond,
    damage_refused,
    require_at_most,
    require_bytes,
)
from ingestion.formats.xlsx_package import Package, Workbook, open_package, read_workbook, unsafe
from ingestion.formats.xlsx_sheets import Area, Formats, SheetReader, read_texts, text_of
from ingestion.problems import Problem, Refusal, require

OLE = bytes.fromhex("d0cf11e0a1b11ae1")
_XLS = "xls"
# An .xlsx file with a password is such a container too, with this stream in it.
_LOCKED_STREAM = "EncryptedPackage".encode("utf-16-le")
_FILEPASS, _BOF = 0x002F, (0x0809, 0x0409, 0x0209, 0x0009)
# Records every one of which xlrd turns into objects of some kB: formats, fonts, styles, names.
_FORMATS = frozenset({0x00E0, 0x0031, 0x041E, 0x0293, 0x0018, 0x0043, 0x0243, 0x0443})
# Cell records and the bytes one cell takes at least in them: blanks and numbers come in rows of many.
_CELL_BYTES = {0x00BE: 2, 0x00BD: 6}
_CELL_RECORDS = frozenset({0x0203, 0x0204, 0x00FD, 0x027E, 0x0006, 0x0205, 0x0201, 0x00D6})
_EXPECTED = "workbook"
# Day 0 as the book counts: of Windows, or of the Macintosh.
_XLS_EPOCHS = (WINDOWS_EPOCH.date(), MAC_EPOCH.date())
# What a damaged package raises; NotImplementedError is zipfile's for a compression it does not know.
_DAMAGE = (zipfile.BadZipFile, zlib.error, expat.ExpatError, EOFError, ValueError, KeyError, NotImplementedError)


def read_workbook_grid(content: bytes) -> Grid:
    """A workbook; numbers become their shortest exact text, those shown as percentages with their sign.

    Raises Refusal.
    """
    if content.startswith(OLE):
        return Grid(_read_xls(content), kind="workbook")
    require(zipfile.is_zipfile(io.BytesIO(content)), Problem("unreadable", "no_workbook", _EXPECTED))
    with damage_refused(_EXPECTED, _DAMAGE):
        return Grid(_read_xlsx(content), kind="workbook")


def _read_xlsx(content: bytes) -> tuple[Sheet, ...]:
    package = open_package(content)
    book = read_workbook(package)
    _check_names([name for name, _ in book.sheets])
    _check_parts(package, book)
    texts, formats = read_texts(package, book.texts), Formats(package, book.styles)
    extent = Extent()
    sheets = []
    for part in book.sheets:
        reader = SheetReader(package, book, part, texts, formats)
        rows = ((number, _list(cells)) for number, cells in reader.rows())
        # Merged areas stand behind the cells of their sheet.
        sheets.append(_finished(part[0], rows, reader.areas, extent, part[0] in book.hidden, reader.epoch))
    return tuple(sheets)


def _check_parts(package: Package, book: Workbook) -> None:
    """Raise Refusal for parts that are too much together, and for one that several sheets share, however small it is:
    a thousand sheets may have one part, and be read a thousand times."""
    owners: dict[str, str] = {}
    for name, part in book.sheets:
        other = owners.setdefault(part.lower(), name)
        require(other == name, unsafe(f"sheets {other[:40]} and {name[:40]}: one part, {part[:80]}"))
    parts = {*owners, *(part.lower() for part in (book.texts, book.styles) if part is not None)}
    size = sum(package.members[part].file_size for part in parts if part in package.members)
    require_bytes(size, PARTS_BYTES, what="workbook_parts")


def _list(cells: dict[int, str]) -> list[str]:
    width = max((column for column, text in cells.items() if text), default=0)
    return [cells.get(column, "") for column in range(1, width + 1)]


def _check_names(names: list[str]) -> None:
    """Raise Refusal for names too long to be real, and for two that are the same to spreadsheet programs."""
    seen: set[str] = set()
    for name in names:
        require_at_most(SHEET_NAME, len(name), "sheet_name")
        require(name.casefold() not in seen, Problem("repeated_sheet", name))
        seen.add(name.casefold())


def check_xls(content: bytes) -> None:
    """Raise Refusal for a container that is locked, damaged, no workbook, or holds more than can be read."""
    require_bytes(len(content), XLS_BYTES)
    with damage_refused(_XLS):
        container: Any = CompDoc(content, logfile=io.StringIO())
        require(
            container.get_named_stream("EncryptedPackage") is None and _LOCKED_STREAM not in content,
            Problem("password"),
        )
        stream = container.get_named_stream("Workbook") or container.get_named_stream("Book")
    require(stream is not None, Problem("unreadable", "no_workbook", _XLS))
    _count(stream)


def _count(stream: bytes) -> None:
    """Raise Refusal for a workbook stream with a password or with more cells or formats than can be read."""
    position, cells, formats = 0, 0, 0
    require(
        len(stream) >= 4 and struct.unpack_from("<H", stream)[0] in _BOF,
        Problem("unreadable", "no_workbook", _XLS),
    )
    while position + 4 <= len(stream):
        kind, size = struct.unpack_from("<HH", stream, position)
        position += 4 + size
        if kind == _FILEPASS:
            raise Refusal(Problem("password"))
        if kind in _CELL_RECORDS:
            cells += 1
        elif kind in _CELL_BYTES:
            cells += size // _CELL_BYTES[kind]
        elif kind in _FORMATS:
            formats += 1
        # Formatted blanks are many in files of real offices, and cost little.
        if cells > 4 * CELLS:
            raise beyond("cells", 4 * CELLS)
        if formats > STYLES:
            raise beyond("formats_and_names", STYLES)


def _read_xls(content: bytes) -> tuple[Sheet, ...]:
    check_xls(content)
    with damage_refused(_EXPECTED):
        # xlrd prints its remarks to standard output unless given a file; merged areas need formatting_info.
        book = xlrd.open_workbook(
            file_contents=content, logfile=io.StringIO(), formatting_info=True, on_demand=True, ragged_rows=True
        )
        _check_names(book.sheet_names())
        require_at_most(SHEETS, book.nsheets, "sheets")
        extent = Extent()
        sheets = []
        for number in range(book.nsheets):
            sheet = book.sheet_by_index(number)
            rows = ((row + 1, [_xls_text(cell, book) for cell in sheet.row(row)]) for row in range(sheet.nrows))
            areas = [(top + 1, bottom, left + 1, right) for top, bottom, left, right in sheet.merged_cells]
            epoch = _XLS_EPOCHS[book.datemode]
            sheets.append(_finished(sheet.name, rows, areas, extent, bool(sheet.visibility), epoch))
            book.unload_sheet(number)
    return tuple(sheets)


def _xls_text(cell: Any, book: Any) -> str:
    match cell.ctype:
        case xlrd.XL_CELL_NUMBER:
            return text_of(float(cell.value), book.format_map[book.xf_list[cell.xf_index].format_key].format_str)
        case xlrd.XL_CELL_DATE:
            return str(xlrd.xldate_as_datetime(cell.value, book.datemode))
        case xlrd.XL_CELL_BOOLEAN:
            return str(bool(cell.value))
        case xlrd.XL_CELL_ERROR:
            return str(xlrd.error_text_from_code.get(cell.value, "#ERROR"))
    return cell_text(str(cell.value))


def _finished(
    name: str,
    rows: Iterable[tuple[int, list[str]]],
    areas: list[Area],
    extent: Extent,
    hidden: bool,
    epoch: dt.date,
) -> Sheet:
    """The sheet up to its last cell that holds anything; merged areas are cut to that size. Raises Refusal.

    `rows`: number from 1 and texts, in order; `areas` may still be filled while they are read.
    """
    kept: list[list[str]] = []
    for number, row in rows:
        while row and not row[-1]:
            row.pop()
        if row:
            # Before the rows between are made: there may be a million.
            extent.add(name, number - len(kept), row)
            kept += [[] for _ in range(number - len(kept) - 1)]
            kept.append(row)
    width = extent.close()
    padded = [row + [""] * (width - len(row)) for row in kept]
    merged = dict(_covered(name, areas, len(padded), width))
    for number, column in (place for place, anchor in merged.items() if place != anchor):
        # What an office program left below a merged area is not shown to anybody.
        padded[number - 1][column - 1] = ""
    cells = tuple(tuple(row) for row in padded)
    return Sheet(cell_text(name), cells, MappingProxyType(merged), hidden=hidden, epoch=epoch)


def _covered(name: str, areas: list[Area], rows: int, width: int) -> Iterator[tuple[tuple[int, int], tuple[int, int]]]:
    """(cell, cell that holds its text) for every cell of the merged areas, cut to the size of the sheet."""
    cut = [(top, min(bottom, rows), left, min(right, width)) for top, bottom, left, right in areas]
    cells = sum(max(0, bottom - top + 1) * max(0, right - left + 1) for top, bottom, left, right in cut)
    require_at_most(MERGED, cells, "merged_cells", name)
    yield from (
        ((row, column), (top, left))
        for top, bottom, left, right in cut
        for row in range(top, bottom + 1)
        for column in range(left, right + 1)
    )
