"""Hostile files, made in the test: archives of chosen members, workbooks with one part replaced."""

from __future__ import annotations

import gzip
import io
import json
import struct
import tempfile
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import pyreadstat

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


# What R writes for nothing at all, and for the end of a list.
R_NIL = struct.pack(">i", 254)


def _symbol(name: bytes) -> bytes:
    return struct.pack(">iii", 1, 0x40009, len(name)) + name


def r_reals(*values: float) -> bytes:
    """A vector of numbers, as R saves it."""
    return struct.pack(f">ii{len(values)}d", 14, len(values), *values)


def r_list(items: bytes, length: int) -> bytes:
    """A list, of items already written."""
    return struct.pack(">ii", 19, length) + items


def r_alternative(kind: bytes, state: bytes) -> bytes:
    """What R saves instead of a vector: a sequence by length, first value and step, or numbers still to be texts."""
    names = struct.pack(">i", 2) + _symbol(kind) + struct.pack(">i", 2) + _symbol(b"base")
    return struct.pack(">i", 238) + names + struct.pack(">iiii", 2, 13, 1, 13) + R_NIL + state + R_NIL


def r_sequence(length: float, kind: bytes = b"compact_intseq") -> bytes:
    """1:length, which takes the same few bytes whatever its length."""
    return r_alternative(kind, r_reals(length, 1, 1))


def r_deferred(numbers: bytes) -> bytes:
    """as.character() of numbers, which R makes texts of when somebody looks at them."""
    return r_alternative(b"deferred_string", struct.pack(">i", 2) + numbers + struct.pack(">iii", 13, 1, 0))


def r_file(value: bytes) -> bytes:
    """An R data file with one object, x."""
    head = b"RDX3\nX\n" + struct.pack(">iiii", 3, 0x40300, 0x30500, 5) + b"UTF-8"
    return gzip.compress(head + struct.pack(">i", 1026) + _symbol(b"x") + value + R_NIL, 9)


def spss(frame: pd.DataFrame, claimed: int | None = None) -> bytes:
    """A compressed SPSS file; `claimed`: how many cases it says it has, where that is not the truth."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.zsav"
        pyreadstat.write_sav(frame, path, compress=True)
        content = bytearray(path.read_bytes())
    if claimed is not None:
        struct.pack_into("<i", content, 80, claimed)
    return bytes(content)


def stata(frame: pd.DataFrame, *long: str) -> bytes:
    """A Stata file whose variables `long` hold long texts, each different one of which it keeps once."""
    stream = io.BytesIO()
    frame.to_stata(stream, write_index=False, version=118, convert_strl=list(long))
    return stream.getvalue()


def topology(features: list[Any], arc: list[list[float]]) -> bytes:
    """A TopoJSON file with one arc; `features` are the numbers of arcs of each multipolygon."""
    shapes = [{"type": "MultiPolygon", "properties": {"name": "北京市"}, "arcs": arcs} for arcs in features]
    objects = {"a": {"type": "GeometryCollection", "geometries": shapes}}
    return json.dumps({"type": "Topology", "arcs": [arc], "objects": objects}, ensure_ascii=False).encode()


def workbook_of(sheets: int, parts: int, claimed: int = 0) -> bytes:
    """A workbook of so many sheets with so many parts between them; `claimed`: their bytes by the list of members."""
    content = members(workbook_bytes())
    sheet, ending = content.pop(SHEET), b'" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/'
    names = [f"xl/worksheets/s{number}.xml" for number in range(parts)]
    related = "".join(
        f'<Relationship Id="s{number}" Target="/{names[number % parts]}{ending.decode()}worksheet"/>'
        for number in range(sheets)
    )
    listed = "".join(f'<sheet name="s{n}" sheetId="{n + 1}" r:id="s{n}"/>' for n in range(sheets))
    space = b'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
    content[RELATIONS] = b"<Relationships>" + related.encode() + b"</Relationships>"
    content[WORKBOOK] = b"<workbook " + space + b"><sheets>" + listed.encode() + b"</sheets></workbook>"
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as target:
        for name, part in {**content, **dict.fromkeys(names, sheet)}.items():
            target.writestr(name, part)
        for info in target.infolist():
            if info.filename in names and claimed:
                info.file_size = claimed
    return stream.getvalue()
