"""Tables and office files as bytes, with no trace of when and where they were written: same content, same bytes.

Belongs here too: text made safe to open in a spreadsheet program, which runs a cell that looks like a formula.
"""

import csv
import datetime as dt
import io
import unicodedata
import zipfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
from openpyxl import Workbook
from openpyxl.writer.excel import ExcelWriter

FIXED_TIME = dt.datetime(2026, 1, 1)
# Once their width is settled: the full-width signs are formulas too in programs set to Chinese or Japanese.
_STARTS_A_FORMULA = ("=", "+", "-", "@")
# Programs treat what begins with one of these as if it began with what follows.
_BREAKS = ("\t", "\r", "\n")
# Kinds of characters that are not seen before a sign: controls, formats (zero width, direction, byte order), gaps.
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zs", "Zl", "Zp"})
# Neither are these, though they count as letters and marks.
_ALSO_UNSEEN = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0") | frozenset(map(chr, range(0xFE00, 0xFE10)))


def csv_bytes(rows: Iterable[Sequence[object]], encoding: str = "utf-8", newline: str = "\n") -> bytes:
    """Text with one row per line."""
    stream = io.StringIO(newline="")
    csv.writer(stream, lineterminator=newline).writerows(rows)
    return stream.getvalue().encode(encoding)


def text_bytes(lines: Iterable[str], encoding: str = "utf-8", newline: str = "\n") -> bytes:
    """Lines, each with a line ending."""
    return "".join(f"{line}{newline}" for line in lines).encode(encoding)


def write_changed(path: Path, content: bytes) -> Path:
    """Write a file, or leave it untouched if its bytes would not change."""
    if not path.is_file() or path.read_bytes() != content:
        path.write_bytes(content)
    return path


def xlsx_bytes(rows: Iterable[Sequence[Any]], sheet: str = "Sheet1", merged: Sequence[str] = ()) -> bytes:
    """A workbook of one sheet; `merged` lists areas such as A4:A6."""
    book = Workbook()
    page = book.worksheets[0]
    page.title = sheet
    for row in rows:
        page.append([None if value == "" else value for value in row])
    for area in merged:
        page.merge_cells(area)
    return workbook_bytes(book)


def stata_bytes(frame: pd.DataFrame, **labels: Any) -> bytes:
    """A Stata file; `labels` as DataFrame.to_stata takes them."""
    stream = io.BytesIO()
    # Stata files hold the time they were written at.
    frame.to_stata(stream, write_index=False, time_stamp=FIXED_TIME, version=118, **labels)
    return stream.getvalue()


def workbook_bytes(book: Workbook) -> bytes:
    """The .xlsx file; the times in its properties and its archive are fixed."""
    book.properties.created = book.properties.modified = FIXED_TIME
    written = io.BytesIO()
    # Workbook.save would stamp the present time over `properties.modified`.
    ExcelWriter(book, zipfile.ZipFile(written, "w")).save()
    return fixed_archive(written)


def fixed_archive(written: io.BytesIO) -> bytes:
    """A zip archive, as office programs write them, with its contents in fixed order and all times FIXED_TIME."""
    result = io.BytesIO()
    # Stored, not deflated: compressed bytes differ between versions of zlib.
    with zipfile.ZipFile(written) as source, zipfile.ZipFile(result, "w", zipfile.ZIP_STORED) as target:
        # Readers of the format expect the list of contents first.
        for name in sorted(source.namelist(), key=lambda n: (n != "[Content_Types].xml", n)):
            entry = zipfile.ZipInfo(name, (FIXED_TIME.year, FIXED_TIME.month, FIXED_TIME.day, 0, 0, 0))
            entry.create_system = 3
            entry.external_attr = 0o644 << 16
            target.writestr(entry, source.read(name))
    return result.getvalue()


def neutralise(df: pd.DataFrame) -> pd.DataFrame:
    """A copy of `df` in which every text cell and header that begins like a formula has a leading apostrophe.

    Numbers (negative ones too), dates and missing cells are untouched.
    """
    out = df.copy()
    for position in range(out.shape[1]):
        column = out.iloc[:, position]
        if not pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_datetime64_any_dtype(column):
            out.isetitem(position, column.map(neutral).array)
    out.columns = [neutral(name) for name in out.columns]
    return out


def neutral(value: Any) -> Any:
    """The value, with a leading apostrophe if it is text that begins like a formula."""
    return f"'{value}" if isinstance(value, str) and _is_like_a_formula(value) else value


def _is_like_a_formula(text: str) -> bool:
    """Whether the first thing seen of a text is a sign that begins a formula."""
    if text.startswith(_BREAKS):
        return True
    seen = (c for c in text if unicodedata.category(c) not in _UNSEEN and c not in _ALSO_UNSEEN)
    return unicodedata.normalize("NFKC", next(seen, "")).startswith(_STARTS_A_FORMULA)
