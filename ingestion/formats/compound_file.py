"""The container an .xls file is: locked or not, its chains whole, its records counted before xlrd reads them.

Does not belong here: cells (workbooks.py). The formats: [MS-CFB] and [MS-XLS], Microsoft.
"""

import io
import struct
from typing import Any

from xlrd.compdoc import CompDoc, CompDocError  # type: ignore[import-untyped]

from ingestion.formats.limits import CELLS, STYLES, XLS_BYTES, beyond, damage_refused, require_bytes
from ingestion.problems import Problem, Refusal, require

OLE = bytes.fromhex("d0cf11e0a1b11ae1")
_EXPECTED = "an .xls workbook without password"
# An .xlsx file with a password is such a container too, with this stream in it.
_LOCKED_STREAM = "EncryptedPackage".encode("utf-16-le")
_FILEPASS, _BOF = 0x002F, (0x0809, 0x0409, 0x0209, 0x0009)
# Records every one of which xlrd turns into objects of some kB: formats, fonts, styles, names.
_FORMATS = frozenset({0x00E0, 0x0031, 0x041E, 0x0293, 0x0018, 0x0043, 0x0243, 0x0443})
# Cell records and the bytes one cell takes at least in them: blanks and numbers come in rows of many.
_CELL_BYTES = {0x00BE: 2, 0x00BD: 6}
_CELL_RECORDS = frozenset({0x0203, 0x0204, 0x00FD, 0x027E, 0x0006, 0x0205, 0x0201, 0x00D6})


def check_xls(content: bytes) -> None:
    """Raise Refusal for a container that is locked, damaged, no workbook, or holds more than can be read."""
    require_bytes(len(content), XLS_BYTES, "an .xls workbook")
    kinds = (CompDocError, struct.error, IndexError, AssertionError, TypeError, ValueError, UnicodeDecodeError)
    with damage_refused(_EXPECTED, kinds):
        container: Any = CompDoc(content, logfile=io.StringIO())
        require(
            container.get_named_stream("EncryptedPackage") is None and _LOCKED_STREAM not in content,
            Problem("password", found="EncryptedPackage"),
        )
        stream = container.get_named_stream("Workbook") or container.get_named_stream("Book")
    require(stream is not None, Problem("unreadable", found="a document that is no workbook", expected=_EXPECTED))
    _count(stream)


def _count(stream: bytes) -> None:
    """Raise Refusal for a workbook stream with a password or with more cells or formats than can be read."""
    position, cells, formats = 0, 0, 0
    require(
        len(stream) >= 4 and struct.unpack_from("<H", stream)[0] in _BOF,
        Problem("unreadable", found="a stream that is no workbook", expected=_EXPECTED),
    )
    while position + 4 <= len(stream):
        kind, size = struct.unpack_from("<HH", stream, position)
        position += 4 + size
        if kind == _FILEPASS:
            raise Refusal(Problem("password", found="FILEPASS"))
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
            raise beyond("formats and names", STYLES)
