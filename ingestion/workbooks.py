"""Workbooks as grids: .xlsx (openpyxl) and .xls (BIFF, xlrd). The bytes decide which, never the name of the file."""

from __future__ import annotations

import io
import re
import warnings
import zipfile
from collections.abc import Iterable, Iterator
from decimal import Decimal
from types import MappingProxyType
from typing import Any

import openpyxl
import xlrd  # type: ignore[import-untyped]
from openpyxl.utils import range_boundaries

from ingestion.grid import NO_CACHED_VALUE, Grid, Sheet
from ingestion.problems import Problem, Refusal

_OLE = bytes.fromhex("d0cf11e0a1b11ae1")
_EXPECTED = "an .xlsx or .xls workbook without password"
_MERGE = re.compile(rb'<(?:\w+:)?mergeCell\s[^>]*?ref="([A-Z]+[0-9]+:[A-Z]+[0-9]+)"')
_FORMULA = re.compile(rb"<(?:\w+:)?f[\s>/]")
# Text in quotes or behind a backslash is printed as it stands and formats nothing.
_LITERAL = re.compile(r'"[^"]*"|\\.')

Area = tuple[int, int, int, int]  # first row, last row, first column, last column, from 1


def read_workbook_grid(content: bytes) -> Grid:
    """A workbook; numbers become their shortest exact text, those shown as percentages with their sign.

    Raises Refusal.
    """
    reader = _read_xls if content.startswith(_OLE) else _read_xlsx
    if reader is _read_xlsx and not zipfile.is_zipfile(io.BytesIO(content)):
        raise Refusal(Problem("unreadable", found="bytes that are no workbook", expected=_EXPECTED))
    try:
        return Grid(reader(content), kind="workbook")
    except Exception as error:  # damaged files raise many kinds in both libraries; all of them refuse the file
        raise Refusal(Problem("unreadable", found=f"{type(error).__name__}: {error}", expected=_EXPECTED)) from error


def _read_xlsx(content: bytes) -> tuple[Sheet, ...]:
    # Streaming: a sheet formatted down to its last row must not be held in memory cell by cell.
    with warnings.catch_warnings(), zipfile.ZipFile(io.BytesIO(content)) as archive:
        # openpyxl warns of styles and extensions it drops; none of them carries a figure.
        warnings.simplefilter("ignore")
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=False)
        stored = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        sheets = []
        for sheet, results in zip(book.worksheets, stored.worksheets, strict=True):
            part = archive.read(getattr(sheet, "_worksheet_path"))  # noqa: B009 (streaming offers no merged areas)
            areas = [_area(match.decode()) for match in _MERGE.findall(part)]
            rows = _xlsx_rows(sheet, results if _FORMULA.search(part) else None)
            sheets.append(_finished(sheet.title, rows, areas))
        return tuple(sheets)


def _area(reference: str) -> Area:
    left, top, right, bottom = (int(number or 0) for number in range_boundaries(reference))
    return top, bottom, left, right


def _xlsx_rows(sheet: Any, results: Any | None) -> Iterator[list[str]]:
    """Texts row by row; `results` is the same sheet with the stored results of its formulas."""
    # The size a file states for itself may be wrong, and would cut the sheet short.
    sheet.reset_dimensions()
    if results is None:
        for row in sheet.iter_rows():
            yield [_xlsx_text(cell, cell.value) for cell in row]
        return
    results.reset_dimensions()
    for row, stored in zip(sheet.iter_rows(), results.iter_rows(), strict=True):
        yield [_xlsx_text(cell, result.value) for cell, result in zip(row, stored, strict=True)]


def _xlsx_text(cell: Any, value: Any) -> str:
    if cell.value is None:
        return ""
    if value is None:
        return NO_CACHED_VALUE
    return _text(value, cell.number_format)


def _read_xls(content: bytes) -> tuple[Sheet, ...]:
    # xlrd prints its remarks to standard output unless given a file; merged areas need formatting_info.
    book = xlrd.open_workbook(file_contents=content, logfile=io.StringIO(), formatting_info=True)
    sheets = []
    for sheet in book.sheets():
        rows = ([_xls_text(cell, book) for cell in sheet.row(number)] for number in range(sheet.nrows))
        areas = [(top + 1, bottom, left + 1, right) for top, bottom, left, right in sheet.merged_cells]
        sheets.append(_finished(sheet.name, rows, areas))
    return tuple(sheets)


def _xls_text(cell: Any, book: Any) -> str:
    if cell.ctype == xlrd.XL_CELL_NUMBER:
        key = book.xf_list[cell.xf_index].format_key
        return _text(float(cell.value), book.format_map[key].format_str)
    if cell.ctype == xlrd.XL_CELL_DATE:
        return str(xlrd.xldate_as_datetime(cell.value, book.datemode))
    if cell.ctype == xlrd.XL_CELL_BOOLEAN:
        return str(bool(cell.value))
    if cell.ctype == xlrd.XL_CELL_ERROR:
        return str(xlrd.error_text_from_code.get(cell.value, "#ERROR"))
    return str(cell.value).strip()


def _text(value: object, number_format: str) -> str:
    """The shortest exact text of a value; 0.9147 formatted as a percentage is 91.47%, as everybody sees it."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value).strip()
    number = Decimal(repr(value))
    if "%" in _LITERAL.sub("", number_format):
        return f"{_plain(number * 100)}%"
    return _plain(number)


def _plain(number: Decimal) -> str:
    return format(number.normalize(), "f")


def _finished(name: str, rows: Iterable[list[str]], areas: Iterable[Area]) -> Sheet:
    """The sheet up to its last cell that holds anything; merged areas are cut to that size."""
    kept: list[list[str]] = []
    empty = 0
    for row in rows:
        while row and not row[-1]:
            row.pop()
        if row:
            kept += [[] for _ in range(empty)]
            kept.append(row)
            empty = 0
        else:
            empty += 1
    width = max((len(row) for row in kept), default=0)
    padded = [row + [""] * (width - len(row)) for row in kept]
    merged = {
        (row, column): (top, left)
        for top, bottom, left, right in areas
        for row in range(top, min(bottom, len(padded)) + 1)
        for column in range(left, min(right, width) + 1)
    }
    for place, anchor in merged.items():
        if place != anchor:
            # What an office program left below a merged area is not shown to anybody.
            padded[place[0] - 1][place[1] - 1] = ""
    return Sheet(name, tuple(tuple(row) for row in padded), MappingProxyType(merged))
