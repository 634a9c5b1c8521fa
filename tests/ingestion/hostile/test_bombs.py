"""Files that would take more memory or time than there is: refused with a reason, within 1 GiB and in time.

Memory is that of a process of its own (bounded.py); the time allowed is generous, for computers under load.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ingestion.formats.limits import CELLS, COLUMNS, MEMBERS, ROWS, SHEET_ROWS
from tests.ingestion.biff import xls_bytes
from tests.ingestion.conftest import PROVINCES, nbs_text, workbook_bytes
from tests.ingestion.hostile.bounded import GIB, SECONDS, Reader
from tests.ingestion.hostile.makers import (
    RELATIONS,
    SHEET,
    STYLES,
    WORKBOOK,
    altered,
    archive,
    members,
    more_rows,
    with_texts,
)

MIB = 2**20
GDP = {"indicator": "gdp", "unit": "亿元"}
PANEL = {
    "layout": "long_panel",
    "entity_column": "省份",
    "year_column": "年份",
    "columns": {"a": {"indicator": "gdp", "unit": "亿元"}},
}
DOCUMENT = {"layout": "html_tables", "tables": [1], **GDP}


def full_rows(first: int, last: int, columns: str) -> bytes:
    cells = "".join(f'<c r="{column}{{0}}"><v>{{0}}.5</v></c>' for column in columns)
    row = f'<row r="{{0}}">{cells}</row>'
    return "".join(row.format(number) for number in range(first, last)).encode()


def stata_117(columns: int, rows: int) -> bytes:
    head = b"<stata_dta><header><release>117</release><byteorder>LSF</byteorder>"
    return head + b"<K>" + struct.pack("<H", columns) + b"</K><N>" + struct.pack("<I", rows) + b"</N>"


def stata_115(columns: int, rows: int) -> bytes:
    return struct.pack("<BBBBHI", 115, 2, 1, 0, columns, rows) + bytes(300)


def nested(depth: int) -> bytes:
    return b"<worksheet>" + b"<a>" * depth + b"</a>" * depth + b"</worksheet>"


BOMBS: dict[str, tuple[str, Callable[[], bytes], dict[str, Any], str]] = {
    "zeros in a sheet": ("xlsx", lambda: altered(SHEET, lambda _: b" " * 20 * MIB), {}, "unsafe_package"),
    "a part of gigabytes": ("xlsx", lambda: altered(SHEET, lambda part: part + b" " * 257 * MIB), {}, "beyond_limits"),
    "a tag without end": ("xlsx", lambda: altered(SHEET, lambda _: b"<a b='" + b"c" * 50 * MIB), {}, "unsafe_package"),
    "texts": ("xlsx", lambda: with_texts(b"<si><t>" + b"ab" * 33 * MIB + b"</t></si>"), {}, "beyond_limits"),
    "an archive of many members": (
        "xlsx",
        lambda: archive({f"xl/{number}": b"" for number in range(MEMBERS + 1)}),
        {},
        "beyond_limits",
    ),
    "an archive in an archive": ("xlsx", lambda: archive({"a.zip": archive({"b": bytes(MIB)})}), {}, "unreadable"),
    "a cell in the last column of every row": (
        "xlsx",
        lambda: altered(
            SHEET,
            more_rows(b"".join(b'<row r="%d"><c r="XFD%d"><v>1</v></c></row>' % (n, n) for n in range(100, 1100))),
        ),
        {},
        "beyond_limits",
    ),
    "a column beyond the last": (
        "xlsx",
        lambda: altered(SHEET, more_rows(b'<row r="100"><c r="ZZZ100"><v>1</v></c></row>')),
        {},
        "beyond_limits",
    ),
    "a million cells in a row": (
        "xlsx",
        lambda: altered(SHEET, more_rows(b'<row r="100">' + b"<c><v>1</v></c>" * 1_000_000 + b"</row>")),
        {},
        "beyond_limits",
    ),
    "a row beyond the last": (
        "xlsx",
        lambda: altered(SHEET, more_rows(b'<row r="%d"><c><v>1</v></c></row>' % (SHEET_ROWS + 1))),
        {},
        "beyond_limits",
    ),
    "a figure in the last row": (
        "xlsx",
        lambda: altered(SHEET, more_rows(b'<row r="%d"><c><v>1</v></c></row>' % SHEET_ROWS)),
        {},
        "beyond_limits",
    ),
    "more rows than are kept": (
        "xlsx",
        lambda: altered(SHEET, more_rows(full_rows(100, ROWS + 200, "A"))),
        {},
        "beyond_limits",
    ),
    "one long text in every row": (
        "xlsx",
        lambda: altered(
            SHEET,
            more_rows(b"".join(b'<row r="%d"><c t="s"><v>0</v></c></row>' % n for n in range(100, 3_000))),
            with_texts(b"<si><t>" + b"a" * 30_000 + b"</t></si>"),
        ),
        {},
        "beyond_limits",
    ),
    "merged areas over each other": (
        "xlsx",
        lambda: altered(
            SHEET,
            lambda part: part.replace(
                b"</worksheet>",
                b"<mergeCells>" + b'<mergeCell ref="A1:XFD1048576"/>' * 50_000 + b"</mergeCells></worksheet>",
            ),
        ),
        {},
        "beyond_limits",
    ),
    "formats": (
        "xlsx",
        lambda: altered(STYLES, lambda _: b"<s><cellXfs>" + b"<xf/>" * 2_000_000 + b"</cellXfs></s>"),
        {},
        "beyond_limits",
    ),
    "sheets": (
        "xlsx",
        lambda: altered(
            WORKBOOK,
            lambda _: b"<workbook><sheets>" + b'<sheet name="a" id="b"/>' * 500_000 + b"</sheets></workbook>",
        ),
        {},
        "beyond_limits",
    ),
    "relations": (
        "xlsx",
        lambda: altered(
            RELATIONS, lambda _: b"<a>" + b"".join(b'<Relationship Id="%d"/>' % n for n in range(200_000)) + b"</a>"
        ),
        {},
        "beyond_limits",
    ),
    "the name of a sheet": (
        "xlsx",
        lambda: altered(WORKBOOK, lambda part: part.replace(b'name="8-2-1"', b'name="' + b"a" * 500_000 + b'"')),
        {},
        "beyond_limits",
    ),
    "elements in elements": ("xlsx", lambda: altered(SHEET, lambda _: nested(1_000_000)), {}, "unsafe_package"),
    "one line": ("csv", lambda: b"a" * 30 * MIB, {}, "unreadable"),
    "one line beyond the limit": ("csv", lambda: b"a" * 65 * MIB, {}, "beyond_limits"),
    "a line of commas": ("csv", lambda: b"ab," * 10 * MIB, {}, "beyond_limits"),
    "a record of many lines": ("csv", lambda: b'"\n",' * 10 * MIB, {}, "beyond_limits"),
    "an open quote": ("csv", lambda: b'"' + b"a\n" * 20 * MIB, {}, "unreadable"),
    "empty lines": ("csv", lambda: nbs_text().encode("gb18030") + b"\n" * 20 * MIB, {}, "beyond_limits"),
    "wide rows": ("csv", lambda: (b"," * COLUMNS + b"\n") * (CELLS // COLUMNS + 1), {}, "beyond_limits"),
    "names nobody knows": (
        "csv",
        lambda: ("地区,2013年\n" + "".join(f"{n}号,{n}\n" for n in range(5_000))).encode(),
        GDP,
        "unknown_province",
    ),
    "one province and year again and again": (
        "csv",
        lambda: (
            "省份,年份,a\n" + "".join(f"{PROVINCES[n % 31]},{2000 + n // 31 % 2},{n}\n" for n in range(20_000))
        ).encode(),
        PANEL,
        "repeated_province_year",
    ),
    "rows of a document": ("html", lambda: b"<table>" + b"<tr><td>" * 300_000, DOCUMENT, "beyond_limits"),
    "cells": ("html", lambda: b"<table><tr>" + b"<td>" * 1_000_000, DOCUMENT, "beyond_limits"),
    "tables in tables": ("html", lambda: b"<table><tr><td>" * 500_000, DOCUMENT, "unreadable"),
    "a document beyond the limit": ("html", lambda: b"<p>" * 3 * MIB, DOCUMENT, "beyond_limits"),
    "rows a Stata file only claims": ("dta", lambda: stata_117(3, 2**32 - 1), PANEL, "beyond_limits"),
    "rows an old Stata file only claims": ("dta", lambda: stata_115(3, 2**31), PANEL, "beyond_limits"),
    "columns of a Stata file": ("dta", lambda: stata_117(20_000, 1), PANEL, "beyond_limits"),
    "an old workbook beyond the limit": ("xls", lambda: xls_bytes([["a"]]) + bytes(33 * MIB), {}, "beyond_limits"),
}


@pytest.mark.parametrize("bomb", BOMBS)
def test_a_bomb_is_refused_within_its_bounds(tmp_path: Path, bounded: Reader, bomb: str) -> None:
    suffix, make, keys, code = BOMBS[bomb]
    path = tmp_path / f"a.{suffix}"
    path.write_bytes(make())
    outcome = bounded.read(path, **keys)
    path.unlink()
    assert code in outcome.codes
    assert outcome.loaded == 0
    assert outcome.peak < GIB
    assert outcome.seconds < SECONDS
    assert all(reason.startswith("a.") and "to do:" in reason and len(reason) < 10_000 for reason in outcome.reasons)


@pytest.mark.parametrize("valid", ["csv", "xlsx", "rows", "formatted"])
def test_valid_files_pass_the_same_bounds(tmp_path: Path, bounded: Reader, valid: str) -> None:
    blank = b"".join(b'<row r="%d"><c r="C%d" s="0"/></row>' % (n, n) for n in range(60, 120_000))
    made = {
        "csv": lambda: nbs_text().encode("gb18030"),
        "xlsx": workbook_bytes,
        "rows": lambda: altered(SHEET, more_rows(b'<row r="1000"/>')),
        # A column formatted down to the last row is a thing of every office.
        "formatted": lambda: altered(SHEET, more_rows(blank)),
    }
    path = tmp_path / ("a.csv" if valid == "csv" else "a.xlsx")
    path.write_bytes(made[valid]())
    outcome = bounded.read(path)
    assert outcome.codes == []
    assert outcome.loaded == 62 if valid == "csv" else outcome.loaded == 64
    assert outcome.peak < GIB / 2


def test_no_member_is_left_out_of_the_valid_workbook() -> None:
    assert archive(members(workbook_bytes()))
    assert {SHEET, STYLES, WORKBOOK, RELATIONS} <= members(workbook_bytes()).keys()
