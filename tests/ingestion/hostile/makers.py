"""Hostile files, made in the test: archives of chosen members, workbooks with one part replaced."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Mapping

from tests.ingestion.conftest import workbook_bytes

SHEET = "xl/worksheets/sheet1.xml"
WORKBOOK = "xl/workbook.xml"
STYLES = "xl/styles.xml"
RELATIONS = "xl/_rels/workbook.xml.rels"


def archive(members: Mapping[str, bytes]) -> bytes:
    """A zip archive of these members."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as target:
        for name, content in members.items():
            target.writestr(name, content)
    return stream.getvalue()


def members(content: bytes) -> dict[str, bytes]:
    """The members of an archive."""
    with zipfile.ZipFile(io.BytesIO(content)) as source:
        return {name: source.read(name) for name in source.namelist()}


def altered(part: str, change: Callable[[bytes], bytes], content: bytes | None = None) -> bytes:
    """A valid yearbook workbook with one of its parts changed."""
    parts = members(workbook_bytes() if content is None else content)
    before = parts.get(part, b"")
    parts[part] = change(before)
    assert parts[part] != before, f"{part} is as it was"
    return archive(parts)


def with_part(name: str, content: bytes) -> bytes:
    """A valid yearbook workbook with one more member."""
    return archive({**members(workbook_bytes()), name: content})


def with_texts(texts: bytes) -> bytes:
    """A valid yearbook workbook with a list of shared texts."""
    parts = members(workbook_bytes())
    relation = (
        b'<Relationship Id="rId99" Target="sharedStrings.xml" '
        b'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings"/>'
    )
    parts[RELATIONS] = parts[RELATIONS].replace(b"</Relationships>", relation + b"</Relationships>")
    parts["xl/sharedStrings.xml"] = b"<sst>" + texts + b"</sst>"
    return archive(parts)


def more_rows(rows: bytes) -> Callable[[bytes], bytes]:
    """Puts rows of XML after those of a sheet."""
    return lambda part: part.replace(b"</sheetData>", rows + b"</sheetData>")
