"""A file as sheets of text cells, with addresses as a spreadsheet shows them.

Belongs here: decoding bytes, CSV and workbook parsing, merged cells. Does not belong here: meaning.
"""

from __future__ import annotations

import codecs
import csv
import io
import warnings
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from types import MappingProxyType

import openpyxl
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from ingestion.problems import Problem, Refusal

_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_TEXT_ENCODINGS = "UTF-8 (with or without BOM), GBK/GB18030, or UTF-16 with BOM"
NO_CACHED_VALUE = "\x00formula"


def address(row: int, column: int) -> str:
    """Spreadsheet address of a cell; row and column count from 1."""
    return f"{get_column_letter(column)}{row}"


@dataclass(frozen=True)
class Sheet:
    """Cells as text, stripped. `merged` maps a covered cell to the cell that holds its text, both (row, column)."""

    name: str
    rows: tuple[tuple[str, ...], ...]
    merged: Mapping[tuple[int, int], tuple[int, int]] = field(default_factory=lambda: MappingProxyType({}))

    def cell(self, row: int, column: int) -> str:
        """Text of a cell, both counted from 1; empty outside the sheet. Merged areas are not looked through."""
        if row > len(self.rows) or column > len(self.rows[row - 1]):
            return ""
        return self.rows[row - 1][column - 1]

    def spread(self, row: int, column: int) -> str:
        """Text of a cell, looking through a merged area to the cell that holds it."""
        return self.cell(*self.merged.get((row, column), (row, column)))

    @property
    def width(self) -> int:
        """Number of columns of the widest row."""
        return max((len(row) for row in self.rows), default=0)


@dataclass(frozen=True)
class Grid:
    """A whole file. `encoding` is None for workbooks; `tabbed` says that a TAB stands before each comma."""

    sheets: tuple[Sheet, ...]
    encoding: str | None = None
    tabbed: bool = False


def decode(content: bytes, declared: str | None) -> tuple[str, str]:
    """Text and encoding. A byte-order mark decides, then the declaration, then strict UTF-8, then GB18030.

    Raises Refusal: nothing is replaced or dropped to make bytes fit.
    """
    for mark, encoding in _BOMS:
        if content.startswith(mark):
            return _strictly(content, encoding), encoding
    if declared is not None:
        return _strictly(content, declared), declared
    if b"\x00" in content:
        offset = content.index(b"\x00")
        raise Refusal(Problem("encoding", found=f"a zero byte at offset {offset}", expected=_TEXT_ENCODINGS))
    try:
        return content.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        return _strictly(content, "gb18030"), "gb18030"


def _strictly(content: bytes, encoding: str) -> str:
    try:
        text = content.decode(encoding)
    except LookupError:
        raise Refusal(Problem("encoding", found=encoding, expected=_TEXT_ENCODINGS)) from None
    except UnicodeDecodeError as error:
        found = f"byte 0x{content[error.start]:02x} at offset {error.start}, not {encoding}"
        raise Refusal(Problem("encoding", found=found, expected=_TEXT_ENCODINGS)) from None
    if "\x00" in text:
        raise Refusal(Problem("encoding", found="a zero character", expected=_TEXT_ENCODINGS))
    return text


def read_csv_grid(content: bytes, declared_encoding: str | None) -> Grid:
    """A comma-separated file. Raises Refusal."""
    text, encoding = decode(content, declared_encoding)
    try:
        records = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    except csv.Error as error:
        raise Refusal(Problem("unreadable", found=str(error), expected="comma-separated text")) from None
    tabbed = any(cell.endswith("\t") for record in records for cell in record)
    rows = tuple(tuple(cell.strip() for cell in record) for record in records)
    return Grid((Sheet("", rows),), encoding, tabbed)


def read_workbook_grid(content: bytes) -> Grid:
    """An .xlsx workbook; numbers become their shortest exact text. Raises Refusal."""
    expected = "an .xlsx workbook without password"
    if not zipfile.is_zipfile(io.BytesIO(content)):
        raise Refusal(Problem("unreadable", found="bytes that are no workbook", expected=expected))
    try:
        with warnings.catch_warnings():
            # openpyxl warns of styles and extensions it drops; none of them carries a figure.
            warnings.simplefilter("ignore")
            book = openpyxl.load_workbook(io.BytesIO(content), data_only=False)
            stored = openpyxl.load_workbook(io.BytesIO(content), data_only=True) if _has_formula(book) else book
    except Exception as error:  # openpyxl raises many kinds for damaged files; all of them refuse the file
        raise Refusal(Problem("unreadable", found=f"{type(error).__name__}: {error}", expected=expected)) from error
    return Grid(tuple(_sheet(book[name], stored[name]) for name in book.sheetnames if name in stored.sheetnames))


def _has_formula(book: openpyxl.Workbook) -> bool:
    return any(cell.data_type == "f" for sheet in book.worksheets for row in sheet.iter_rows() for cell in row)


def _sheet(sheet: Worksheet, stored: Worksheet) -> Sheet:
    if not hasattr(sheet, "iter_rows"):
        return Sheet(sheet.title, ())
    rows = []
    for row in sheet.iter_rows():
        cells = []
        for cell in row:
            value = cell.value
            if cell.data_type == "f":
                value = stored[cell.coordinate].value
                value = NO_CACHED_VALUE if value is None else value
            cells.append(_text(value))
        rows.append(tuple(cells))
    while rows and not any(rows[-1]):
        rows.pop()
    merged = {
        (row, column): (area.min_row, area.min_col)
        for area in sheet.merged_cells.ranges
        for row in range(area.min_row, area.max_row + 1)
        for column in range(area.min_col, area.max_col + 1)
    }
    return Sheet(sheet.title, tuple(rows), MappingProxyType(merged))


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return format(Decimal(repr(value)).normalize(), "f")
    return str(value).strip()
