"""The smallest .xls workbook (BIFF8 in a compound file) the tests need. Layout: [MS-XLS] and [MS-CFB], Microsoft."""

from __future__ import annotations

import struct

PERCENT = 10  # number of the built-in format 0.00%
_SECTOR = 512
_FREE, _END, _FAT = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD


def _record(kind: int, data: bytes) -> bytes:
    return struct.pack("<HH", kind, len(data)) + data


def _bof(kind: int) -> bytes:
    return _record(0x0809, struct.pack("<HHHHII", 0x0600, kind, 0x0DBB, 0x07CC, 0, 6))


def _stream(name: str, rows: list[list[object]], percent: set[tuple[int, int]], merged: list[tuple[int, ...]]) -> bytes:
    head = _bof(0x0005) + _record(0x0042, struct.pack("<H", 1200))
    for number_format in (0, PERCENT):
        head += _record(0x00E0, struct.pack("<HHH", 0, number_format, 0) + bytes(14))
    title = name.encode("utf-16-le")
    sheet_at = len(head) + 4 + 8 + len(title) + 4
    head += _record(0x0085, struct.pack("<IBBBB", sheet_at, 0, 0, len(name), 1) + title) + _record(0x000A, b"")
    width = max(len(row) for row in rows)
    body = _bof(0x0010) + _record(0x0200, struct.pack("<IIHHH", 0, len(rows), 0, width, 0))
    for r, row in enumerate(rows):
        for c, value in enumerate(row):
            place = struct.pack("<HHH", r, c, int((r, c) in percent))
            if isinstance(value, str) and value:
                body += _record(0x0204, place + struct.pack("<HB", len(value), 1) + value.encode("utf-16-le"))
            elif isinstance(value, int | float):
                body += _record(0x0203, place + struct.pack("<d", value))
    if merged:
        body += _record(0x00E5, struct.pack("<H", len(merged)) + b"".join(struct.pack("<HHHH", *m) for m in merged))
    return head + body + _record(0x000A, b"")


def _entry(name: str, kind: int, child: int, start: int, size: int) -> bytes:
    text = (name + "\0").encode("utf-16-le")
    return (
        text.ljust(64, b"\0") + struct.pack("<HBB", len(text), kind, 1) + struct.pack("<III", _FREE, _FREE, child)
        + bytes(36) + struct.pack("<IQ", start, size)
    )  # fmt: skip


def xls_bytes(
    rows: list[list[object]],
    name: str = "分省年度数据",
    percent: set[tuple[int, int]] | None = None,
    merged: list[tuple[int, ...]] | None = None,
    stream_name: str = "Workbook",
) -> bytes:
    """A workbook of one sheet: texts and numbers, `percent` places (row, column from 0) formatted as percentages,
    `merged` areas (first row, last row, first column, last column from 0)."""
    stream = _stream(name, rows, percent or set(), merged or [])
    # Streams below 4096 bytes would need a second allocation table.
    sectors = max(8, -(-len(stream) // _SECTOR))
    table = [_FAT, _END, *range(3, sectors + 2), _END]
    assert len(table) <= _SECTOR // 4, "one sector of allocation table"
    header = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(16)
    header += struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + bytes(6)
    header += struct.pack("<IIIIIIIIII", 0, 1, 1, 0, 4096, _END, 0, _END, 0, 0) + struct.pack("<I", _FREE) * 108
    fat = struct.pack(f"<{_SECTOR // 4}I", *table, *[_FREE] * (_SECTOR // 4 - len(table)))
    directory = _entry("Root Entry", 5, 1, _END, 0) + _entry(stream_name, 2, _FREE, 2, sectors * _SECTOR)
    return header + fat + directory.ljust(_SECTOR, b"\0") + stream.ljust(sectors * _SECTOR, b"\0")
