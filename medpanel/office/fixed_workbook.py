"""Office files as bytes without a trace of when and where they were written: same content, same bytes."""

import datetime as dt
import io
import zipfile

from openpyxl import Workbook
from openpyxl.writer.excel import ExcelWriter

FIXED_TIME = dt.datetime(2026, 1, 1)


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
