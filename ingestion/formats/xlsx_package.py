"""An .xlsx file as an archive: its members are checked before anything is unpacked, its XML is read in pieces.

Belongs here: what makes such an archive unsafe (bombs, disguised names, entities), and which parts are its sheets.
Does not belong here: cells and their formats (xlsx_sheets.py). No link of a workbook is ever followed.
"""

import io
import posixpath
import re
import unicodedata
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any
from xml.parsers import expat

from ingestion.formats.limits import MEMBERS, PART_BYTES, SHEETS, XML_DEPTH, beyond, require_at_most, require_bytes
from ingestion.problems import Problem, Refusal, require

_CHUNK = 2**16
# A tag longer than this is no tag of an office program; expat would have to hold it whole.
_LONGEST_TAG = 2**20
_CENTRAL_ENTRY = b"PK\x01\x02"
_UNSEEN = {"Cc", "Cf", "Cs", "Zl", "Zp"}

# Names of the open elements from the outermost on, without prefix; the last is the one that begins, ends or has text.
Path = Sequence[str]
Start = Callable[[Path, dict[str, str]], None]
End = Callable[[Path], None]
Text = Callable[[Path, str], None]


def unsafe(found: str) -> Refusal:
    """The refusal of a workbook for one of its parts."""
    return Refusal(Problem("unsafe_package", found))


@dataclass
class Package:
    """The members of an archive by name in lower case: names of parts do not differ in case alone."""

    archive: zipfile.ZipFile
    members: dict[str, zipfile.ZipInfo] = field(default_factory=dict)

    def __contains__(self, name: str) -> bool:
        return name.lower() in self.members

    def pieces(self, name: str, start: Start, end: End | None = None, text: Text | None = None) -> Iterator[None]:
        """Read a part of XML; yields after each piece of 64 KiB, so that what was found can be taken away.

        `start`, `end` and `text` get the path of the element, `start` its attributes too.
        Raises Refusal for parts that are missing, too large or hold a DTD; expat.ExpatError for damaged XML.
        """
        info = self.members.get(name.lower())
        if info is None:
            raise unsafe(f"no part {name}")
        require_bytes(info.file_size, PART_BYTES, name)
        parser = expat.ParserCreate()
        reader = _Reader(name, start, end, text)
        parser.StartElementHandler, parser.EndElementHandler = reader.start, reader.end
        parser.StartDoctypeDeclHandler = reader.doctype
        parser.CharacterDataHandler = reader.text if text is not None else None
        parser.buffer_text = True
        with self.archive.open(info) as stream:
            while piece := stream.read(_CHUNK):
                reader.silent += len(piece)
                parser.Parse(piece, False)
                require(
                    reader.silent <= _LONGEST_TAG,
                    unsafe(f"{name}: a tag or text of more than {_LONGEST_TAG // 2**20} MiB"),
                )
                yield
        parser.Parse(b"", True)
        yield

    def starts(self, name: str) -> Iterator[tuple[tuple[str, ...], dict[str, str]]]:
        """Path and attributes of each element of a part, in the order in which they begin."""
        begun: list[tuple[tuple[str, ...], dict[str, str]]] = []
        for _ in self.pieces(name, lambda path, attributes: begun.append((tuple(path), attributes))):
            yield from begun
            begun.clear()


class _Reader:
    def __init__(self, part: str, start: Start, end: End | None, text: Text | None) -> None:
        self.part, self.on_start, self.on_end, self.on_text = part, start, end, text
        self.path: list[str] = []
        self.silent = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self.path.append(name.rpartition(":")[2])
        self.silent = 0
        if len(self.path) > XML_DEPTH:
            raise unsafe(f"{self.part}: elements nested more than {XML_DEPTH} deep")
        self.on_start(self.path, attributes)

    def end(self, _: str) -> None:
        if self.on_end is not None:
            self.on_end(self.path)
        self.path.pop()

    def text(self, data: str) -> None:
        if self.on_text is not None:
            self.on_text(self.path, data)

    def doctype(self, *_: Any) -> None:
        # The format forbids it: entities could fetch files or grow without end.
        raise unsafe(f"{self.part}: a document type declaration (DTD), which may define entities")


def open_package(content: bytes) -> Package:
    """The archive, its members checked. Raises Refusal, and zipfile.BadZipFile for damaged ones."""
    # The list of members is as long as it wants to be, and reading it takes ten times its room.
    require_at_most(MEMBERS, content.count(_CENTRAL_ENTRY), "members")
    package = Package(zipfile.ZipFile(io.BytesIO(content)))
    for info in package.archive.infolist():
        name = info.filename
        require(not (info.flag_bits & 1), Problem("password", found=name))
        require(
            info.compress_type in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED},
            unsafe(f"{name}: compression method {info.compress_type}"),
        )
        parts = name.split("/")
        drive = re.match("[A-Za-z]:", name)
        unseen = any(unicodedata.category(character) in _UNSEEN for character in info.orig_filename)
        require(
            not name.startswith("/")
            and "\\" not in info.orig_filename
            and ".." not in parts
            and not drive
            and not unseen,
            unsafe(f"a member named {info.orig_filename!r}"),
        )
        require(name.lower() not in package.members, unsafe(f"two members named {name}"))
        package.members[name.lower()] = info
    return package


def relations(package: Package, part: str) -> dict[str, tuple[str, str, bool]]:
    """Identifier -> (kind, target, whether it lies outside the file), of a part; "" is the package itself."""
    folder, name = posixpath.split(part)
    path = posixpath.join(folder, "_rels", f"{name}.rels")
    found: dict[str, tuple[str, str, bool]] = {}
    for place, attributes in package.starts(path) if path in package else ():
        if place[1:] != ("Relationship",):
            continue
        require(len(found) <= MEMBERS, beyond("relations", MEMBERS))
        target, outside = attributes.get("Target", ""), attributes.get("TargetMode") == "External"
        if not outside:
            target = target[1:] if target.startswith("/") else posixpath.normpath(posixpath.join(folder, target))
        found[attributes.get("Id", "")] = (attributes.get("Type", "").rpartition("/")[2], target, outside)
    return found


@dataclass(frozen=True)
class Workbook:
    """Name of each sheet of cells with its part, the parts of shared texts and styles, and the epoch of dates.

    hidden: the names of the sheets spreadsheet programs do not show.
    """

    sheets: tuple[tuple[str, str], ...]
    texts: str | None
    styles: str | None
    since_1904: bool
    hidden: frozenset[str] = frozenset()


def read_workbook(package: Package) -> Workbook:
    """The parts of a workbook. Raises Refusal."""
    main = [target for kind, target, outside in relations(package, "").values() if kind == "officeDocument"]
    require(
        len(main) == 1 and main[0] in package and main[0].lower().endswith(".xml"),
        _no_workbook(f"an archive with {', '.join(main) or 'no document'}"),
    )
    related = relations(package, main[0])
    listed: list[dict[str, str]] = []
    since_1904 = False
    for path, attributes in package.starts(main[0]):
        require(path[0] == "workbook", _no_workbook(f"a document <{path[0]}>"))
        if path[1:] == ("workbookPr",):
            since_1904 |= attributes.get("date1904", "0") in {"1", "true"}
        if len(path) == 3 and path[-1] == "sheet":
            listed.append(attributes)
            require(len(listed) <= SHEETS, beyond("sheets", SHEETS))
    of_sheets = [(sheet.get("name", ""), _part_of(sheet, related, package)) for sheet in listed]
    hidden = {sheet.get("name", "") for sheet in listed if sheet.get("state", "visible") != "visible"}
    parts = {kind: target for kind, target, outside in related.values() if not outside and target in package}
    sheets = tuple((name, part) for name, part in of_sheets if part is not None)
    return Workbook(sheets, parts.get("sharedStrings"), parts.get("styles"), since_1904, frozenset(hidden))


def _no_workbook(found: str) -> Refusal:
    return Refusal(Problem("unreadable", found, "saved_workbook"))


def _part_of(sheet: dict[str, str], related: dict[str, tuple[str, str, bool]], package: Package) -> str | None:
    """The part with the cells of a sheet, by its attributes; None for one without cells. Raises Refusal."""
    identifier = next((value for key, value in sheet.items() if key.rpartition(":")[2] == "id"), "")
    kind, target, outside = related.get(identifier, ("", "", False))
    name = sheet.get("name", "")[:40]
    require(not outside, unsafe(f"sheet {name}: stored outside the file, at {target[:80]}"))
    if kind in {"chartsheet", "dialogsheet"}:
        return None
    require(target in package, unsafe(f"sheet {name}: no part {target[:80]}"))
    return target
