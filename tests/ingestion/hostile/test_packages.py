"""Workbooks whose archive or XML is not what office programs write: refused, and nothing outside them is touched."""

from __future__ import annotations

import io
import socket
import struct
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ingestion import FileReading
from tests.ingestion.biff import xls_bytes
from tests.ingestion.conftest import codes, workbook_bytes
from tests.ingestion.hostile.makers import RELATIONS, SHEET, STYLES, WORKBOOK, altered, archive, members, with_part

Read = Callable[..., FileReading]

BILLION_LAUGHS = b'<!DOCTYPE a [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
EXTERNAL = b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
REMOTE = b'<!DOCTYPE a SYSTEM "http://example.invalid/a.dtd">'


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Opening any connection fails the test."""

    def refuse(*_: Any, **__: Any) -> None:
        raise AssertionError("a connection was opened")

    monkeypatch.setattr(socket, "socket", refuse)
    monkeypatch.setattr(socket, "create_connection", refuse)


def problem(reading: FileReading) -> str:
    """The refusal of a file of which nothing is loaded."""
    assert reading.source_file["status"] == "refused"
    assert not reading.observation
    return str(reading.source_file["problem"])


@pytest.mark.parametrize("declaration", [BILLION_LAUGHS, EXTERNAL, REMOTE])
@pytest.mark.parametrize("part", [SHEET, WORKBOOK, STYLES, RELATIONS, "_rels/.rels"])
def test_entities_are_refused_in_every_part_that_is_read(read: Read, part: str, declaration: bytes) -> None:
    reading = read(altered(part, lambda xml: declaration + xml), "a.xlsx")
    assert codes(reading) == {"unsafe_package"}
    assert part in problem(reading) and "DTD" in problem(reading)


def test_entities_are_refused_in_other_encodings_too(read: Read) -> None:
    def in_utf16(xml: bytes) -> bytes:
        return ("<?xml version='1.0' encoding='UTF-16'?>" + (EXTERNAL + xml).decode()).encode("utf-16")

    assert codes(read(altered(SHEET, in_utf16), "a.xlsx")) == {"unsafe_package"}


def test_parts_that_are_not_read_do_no_harm(read: Read) -> None:
    reading = read(with_part("docProps/custom.xml", EXTERNAL + b"<a>&x;</a>"), "a.xlsx")
    assert codes(reading) == set()


def test_links_to_elsewhere_are_not_followed(read: Read) -> None:
    relation = (
        b'<Relationship Id="rId77" TargetMode="External" Target="http://example.invalid/b.xlsx" '
        b'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/externalLink"/>'
    )
    parts = members(altered(RELATIONS, lambda xml: xml.replace(b"</Relationships>", relation + b"</Relationships>")))
    parts["xl/externalLinks/externalLink1.xml"] = b"<externalLink><externalBook/></externalLink>"
    parts["xl/connections.xml"] = b'<connections><connection url="http://example.invalid"/></connections>'
    parts["xl/worksheets/_rels/sheet1.xml.rels"] = b"<Relationships>" + relation + b"</Relationships>"
    reading = read(archive(parts), "a.xlsx")
    assert codes(reading) == set()
    assert len(reading.observation) == 64


def test_a_sheet_stored_elsewhere_is_refused(read: Read) -> None:
    outside = b'Target="http://example.invalid/sheet1.xml" TargetMode="External"'
    reading = read(
        altered(RELATIONS, lambda xml: xml.replace(b'Target="/xl/worksheets/sheet1.xml"', outside)), "a.xlsx"
    )
    assert codes(reading) == {"unsafe_package"}
    assert "stored outside the file" in problem(reading)


@pytest.mark.parametrize(
    "name",
    ["../../outside.xml", "/etc/passwd", "C:/windows/a.xml", "xl\\worksheets\\a.xml", "xl/a\u202exml", "xl/a\x07.xml"],
)
def test_members_with_tricks_in_their_names_are_refused(read: Read, tmp_path: Path, name: str) -> None:
    reading = read(with_part(name, b"x"), "a.xlsx")
    assert codes(reading) == {"unsafe_package"}
    assert "\u202e" not in problem(reading)
    assert [path.name for path in tmp_path.iterdir()] == ["a.xlsx"], "nothing is unpacked"


def test_a_member_whose_name_ends_at_a_zero_byte_is_refused(read: Read) -> None:
    content = with_part("xl/zero#.xml", b"x").replace(b"xl/zero#.xml", b"xl/zero\0.xml")
    assert codes(read(content, "a.xlsx")) == {"unsafe_package"}


@pytest.mark.parametrize("second", [SHEET, SHEET.upper()])
def test_two_members_of_one_name_are_refused(read: Read, second: str) -> None:
    stream = io.BytesIO(workbook_bytes())
    other = members(workbook_bytes(cells={(2, 0): 999999}))[SHEET]
    with warnings.catch_warnings(), zipfile.ZipFile(stream, "a") as target:
        warnings.simplefilter("ignore")
        target.writestr(second, other)
    assert codes(read(stream.getvalue(), "a.xlsx")) == {"unsafe_package"}


def test_other_compressions_are_refused(read: Read) -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_LZMA) as target:
        for name, content in members(workbook_bytes()).items():
            target.writestr(name, content)
    assert codes(read(stream.getvalue(), "a.xlsx")) == {"unsafe_package"}


def test_members_that_lie_over_one_another_are_refused(read: Read) -> None:
    """A bomb whose members share one compressed part: each of them is checked against its own name."""
    content = bytearray(workbook_bytes())
    # Names stand last in the list of contents, each behind the 46 bytes that say where its member is.
    own, other = (content.rindex(name.encode()) - 46 for name in (SHEET, "docProps/app.xml"))
    content[own + 42 : own + 46] = content[other + 42 : other + 46]
    reading = read(bytes(content), "a.xlsx")
    assert codes(reading) == {"unreadable"}
    assert "File name in directory" in problem(reading)


@pytest.mark.parametrize("flag_at", ["archive", "container", "record"])
def test_passwords_are_named(read: Read, flag_at: str) -> None:
    if flag_at == "archive":
        content = bytearray(workbook_bytes())
        for signature, offset in ((b"PK\x01\x02", 8), (b"PK\x03\x04", 6)):
            at = content.index(signature) + offset
            content[at] |= 1
        made, name = bytes(content), "a.xlsx"
    elif flag_at == "container":
        made, name = xls_bytes([["x"]], stream_name="EncryptedPackage"), "a.xlsx"
    else:
        # The record CODEPAGE becomes FILEPASS.
        made = xls_bytes([["x"]]).replace(struct.pack("<HH", 0x42, 2), struct.pack("<HH", 0x2F, 2))
        name = "a.xls"
    reading = read(made, name)
    assert codes(reading) == {"password"}
    assert "password" in problem(reading)
    assert "密码" in reading.rejected_row[0]["reason_zh"]


@pytest.mark.parametrize("second", ["8-2-1", "8-2-1 ".strip().upper()])
def test_two_sheets_of_one_name_are_refused(read: Read, second: str) -> None:
    def add(xml: bytes) -> bytes:
        return xml.replace(b"</sheets>", f'<sheet name="{second}" sheetId="9" r:id="rId1"/></sheets>'.encode())

    assert codes(read(altered(WORKBOOK, add), "a.xlsx")) == {"repeated_sheet"}


ROW = b'<row r="100"><c r="A100"><v>1</v></c></row>'


@pytest.mark.parametrize(
    ("rows", "cell"),
    [
        (ROW + ROW, "A100"),
        (b'<row r="3"><c r="A3"><v>1</v></c></row>', "row 3 after row 41"),
        (b'<row r="100"><c r="A100"><v>1</v></c><c r="A100"><v>2</v></c></row>', "A100"),
        (b'<row r="100"><c r="A7"><v>1</v></c></row>', "A7"),
        (b'<row r="100"><c r="A100" t="s"><v>-1</v></c></row>', "A100"),
        (b'<row r="100"><c r="A100" t="s"><v>7</v></c></row>', "A100"),
        (b'<row r="100"><c r="A100"><v>1 2</v></c></row>', "A100"),
        (b'<row r="100"><c r="A100" s="9999"><v>1</v></c></row>', "A100"),
        (b'<row r="100"><c r="A100"><v>' + b"9" * 5000 + b"</v></c></row>", "A100"),
        (b'<row r="100"><c r="\xc3\x841"><v>1</v></c></row>', "A100"),
    ],
)
def test_cells_that_contradict_the_format_are_refused_with_their_place(read: Read, rows: bytes, cell: str) -> None:
    reading = read(altered(SHEET, lambda xml: xml.replace(b"</sheetData>", rows + b"</sheetData>")), "a.xlsx")
    assert codes(reading) == {"unsafe_package"}
    assert "8-2-1" in problem(reading) and cell in problem(reading)


@pytest.mark.parametrize("value", ["1e400", "-1e400", "1e308", "9" * 60, "1e-320"])
def test_numbers_beyond_everything_are_refused_cells(read: Read, value: str) -> None:
    def put(xml: bytes) -> bytes:
        assert xml.count(b"<v>1002</v>") == 1
        return xml.replace(b"<v>1002</v>", f"<v>{value}</v>".encode())

    reading = read(altered(SHEET, put), "a.xlsx")
    assert codes(reading) <= {"not_a_number", "implausible"} and codes(reading)
    assert len(reading.observation) == 63


def test_a_truncated_workbook_is_refused_wherever_it_ends(read: Read) -> None:
    whole = workbook_bytes()
    for end in range(1, len(whole), 97):
        reading = read(whole[:end], "a.xlsx")
        assert codes(reading) <= {"unreadable", "unsafe_package"} and codes(reading), end
        assert problem(reading).startswith("a.xlsx")


def test_a_damaged_workbook_never_gives_other_figures(read: Read) -> None:
    whole = workbook_bytes()
    expected = {(r["cell"], r["value"]) for r in read(whole, "a.xlsx").observation}
    for position in range(0, len(whole), 41):
        damaged = bytearray(whole)
        damaged[position] ^= 0x55
        reading = read(bytes(damaged), "a.xlsx")
        assert {(r["cell"], r["value"]) for r in reading.observation} <= expected, position
