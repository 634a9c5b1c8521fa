"""Tables of texts as bytes of the formats people send. Same table, same bytes."""

import csv
import io
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from openpyxl import Workbook

from medpanel.office.fixed_workbook import workbook_bytes


def csv_bytes(
    rows: Iterable[Sequence[object]], encoding: str = "utf-8", separator: str = ",", newline: str = "\n"
) -> bytes:
    """Text with one row in a line."""
    stream = io.StringIO(newline="")
    csv.writer(stream, delimiter=separator, lineterminator=newline).writerows(rows)
    return stream.getvalue().encode(encoding)


def text_bytes(lines: Iterable[str], encoding: str = "utf-8", newline: str = "\n") -> bytes:
    """Lines, every one ended."""
    return "".join(f"{line}{newline}" for line in lines).encode(encoding)


def write_changed(path: Path, content: bytes) -> Path:
    """Write a file, or leave it untouched where its bytes would not change."""
    if not path.is_file() or path.read_bytes() != content:
        path.write_bytes(content)
    return path


def xlsx_bytes(rows: Iterable[Sequence[Any]], sheet: str = "Sheet1", merged: Sequence[str] = ()) -> bytes:
    """A workbook of one sheet; `merged` are areas as A4:A6."""
    book = Workbook()
    page = book.worksheets[0]
    page.title = sheet
    for number, row in enumerate(rows, start=1):
        for column, value in enumerate(row, start=1):
            if value not in ("", None):
                page.cell(number, column, value)
    for area in merged:
        page.merge_cells(area)
    return workbook_bytes(book)
