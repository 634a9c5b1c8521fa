"""Cells of an .xlsx sheet as texts, row by row, each sheet read once and never held as a tree.

Belongs here: stored values, formats, dates, merged areas. Does not belong here: the archive (xlsx_package.py), what is
kept of a sheet (workbooks.py).
"""

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from openpyxl.styles.numbers import BUILTIN_FORMATS, is_date_format, is_timedelta_format
from openpyxl.utils.cell import column_index_from_string, range_boundaries
from openpyxl.utils.datetime import MAC_EPOCH, WINDOWS_EPOCH, from_excel, from_ISO8601

from ingestion.formats.grid import NO_CACHED_VALUE, address, cell_text
from ingestion.formats.limits import CHARACTERS, COLUMNS, MERGED, SHEET_ROWS, STYLES, TEXTS_BYTES, beyond, require_bytes
from ingestion.formats.xlsx_package import Package, Path, Workbook
from ingestion.problems import Problem, Refusal, require

Area = tuple[int, int, int, int]  # first row, last row, first column, last column, from 1

_REFERENCE = re.compile(r"([A-Z]{1,3})([1-9][0-9]{0,6})")
# Text in quotes or behind a backslash is printed as it stands and formats nothing.
_LITERAL = re.compile(r'"[^"]*"|\\.')


def text_of(value: object, number_format: str) -> str:
    """The shortest exact text of a value; 0.9147 formatted as a percentage is 91.47%, as everybody sees it."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return cell_text(str(value))
    number = Decimal(repr(value))
    if "%" in number_format and "%" in _LITERAL.sub("", number_format):
        number *= 100
        return f"{format(number.normalize(), 'f')}%"
    return format(number.normalize(), "f")


def read_texts(package: Package, part: str | None) -> list[str]:
    """The shared texts, without phonetic guides. Raises Refusal."""
    texts: list[str] = []
    if part is None or part not in package:
        return texts
    require_bytes(package.members[part.lower()].file_size, TEXTS_BYTES, part)
    pieces: list[str] = []

    def end(path: Path) -> None:
        if path[-1] == "si":
            # Programs write _x005F_ where a text itself holds something like _x000D_.
            texts.append("".join(pieces).replace("x005F_", ""))
            pieces.clear()

    def text(path: Path, data: str) -> None:
        if _is_text(path):
            pieces.append(data)

    for _ in package.pieces(part, lambda path, attributes: None, end, text):
        pass
    return texts


def _is_text(path: Path) -> bool:
    """Whether the element contains text rather than a phonetic guide to it."""
    return path[-1] == "t" and "rPh" not in path


class Formats:
    """Number formats by the index of a cell's style."""

    def __init__(self, package: Package, part: str | None) -> None:
        own: dict[int, str] = {}
        numbers: list[int] = []
        for path, attributes in package.starts(part) if part is not None else ():
            if len(path) == 3 and path[-1] == "numFmt":
                own[int(attributes["numFmtId"])] = attributes.get("formatCode", "")
            elif path[1:] == ("cellXfs", "xf"):
                numbers.append(int(attributes.get("numFmtId", 0)))
            require(max(len(own), len(numbers)) <= STYLES, beyond("formats", STYLES))
        codes = [own.get(number) or BUILTIN_FORMATS.get(number, "General") for number in numbers]
        self.codes = codes or ["General"]
        self.dates = {n for n, code in enumerate(self.codes) if is_date_format(code)}
        self.durations = {n for n in self.dates if is_timedelta_format(self.codes[n])}


class SheetReader:
    """One pass over one sheet; `areas` holds its merged areas once rows() is exhausted; `epoch`: day 0 of its days."""

    def __init__(self, package: Package, book: Workbook, sheet: tuple[str, str], texts: list[str], formats: Formats):
        self._package, self._part, self._name = package, sheet[1], sheet[0]
        self._texts, self._formats = texts, formats
        self._epoch = MAC_EPOCH if book.since_1904 else WINDOWS_EPOCH
        self.epoch = self._epoch.date()
        self.areas: list[Area] = []
        self._ready: list[tuple[int, dict[int, str]]] = []
        self._row: dict[int, str] = {}
        self._rows = self._column = self._length = 0
        self._formula = False
        self._kind = self._style = ""
        self._pieces: list[str] = []

    def rows(self) -> Iterator[tuple[int, dict[int, str]]]:
        """Number and texts by column of each row that is stored, in order. Raises Refusal."""
        for _ in self._package.pieces(self._part, self._start, self._end, self._text):
            yield from self._ready
            self._ready.clear()

    def _wrong(self, found: str, expected: str, column: int = 0) -> Refusal:
        # Always a cell: no row of a file that is refused before it has any can be counted.
        cell = address(self._rows, max(column, 1)) if self._rows else ""
        return Refusal(Problem("unsafe_package", found, expected, sheet=self._name, row=self._rows, cell=cell))

    def _start(self, path: Path, attributes: dict[str, str]) -> None:
        match path:
            case [_, "sheetData", "row"]:
                self._begin_row(attributes)
            case [_, "sheetData", _, "c"]:
                self._begin_cell(attributes)
            case [_, "sheetData", _, "c", *_, "f"]:
                self._formula = True
            case [_, _, "mergeCell"]:
                self._merge(attributes.get("ref", ""))

    def _end(self, path: Path) -> None:
        match path:
            case [_, "sheetData", "row"]:
                self._ready.append((self._rows, self._row))
                self._row = {}
            case [_, "sheetData", _, "c"]:
                self._end_cell()

    def _text(self, path: Path, data: str) -> None:
        if _is_text(path) if self._kind == "inlineStr" else path[-1] == "v" and path[1:4:2] == ["sheetData", "c"]:
            self._pieces.append(data)
            self._length += len(data)
            if self._length > CHARACTERS:
                raise beyond("characters", CHARACTERS, sheet=self._name)

    def _begin_row(self, attributes: dict[str, str]) -> None:
        number = int(attributes["r"]) if "r" in attributes else self._rows + 1
        if number <= self._rows:
            raise self._wrong(f"row {number} after row {self._rows}", "every row once, in their order")
        if number > SHEET_ROWS:
            raise beyond("rows", SHEET_ROWS, number, self._name)
        self._rows, self._column = number, 0

    def _begin_cell(self, attributes: dict[str, str]) -> None:
        self._column += 1
        reference = attributes.get("r")
        if reference is not None:
            match = _REFERENCE.fullmatch(reference)
            if match is None or int(match.group(2)) != self._rows:
                raise self._wrong(f"a cell {reference[:20]} in row {self._rows}", "cells of their own row")
            self._column = column_index_from_string(match.group(1))
        if self._column > COLUMNS:
            raise beyond("columns", COLUMNS, sheet=self._name)
        if self._column in self._row:
            raise self._wrong("the cell occurs twice", "every cell once", self._column)
        self._kind, self._style = attributes.get("t", "n"), attributes.get("s", "0")
        self._formula, self._pieces, self._length = False, [], 0

    def _end_cell(self) -> None:
        stored = "".join(self._pieces)
        # An empty cell too is remembered, so that a second one in its place is noticed.
        self._row[self._column] = self._shown(stored) if stored else NO_CACHED_VALUE if self._formula else ""

    def _shown(self, stored: str) -> str:
        try:
            match self._kind:
                case "s":
                    return cell_text(self._texts[_index(stored)])
                case "n":
                    return self._number(stored)
                case "b":
                    return str(bool(int(stored)))
            return str(from_ISO8601(stored)) if self._kind == "d" else cell_text(stored)
        except (ValueError, IndexError, OverflowError):
            raise self._wrong(
                f"{stored[:40]!r} stored as {self._kind!r}", "a value of its kind", self._column
            ) from None

    def _number(self, stored: str) -> str:
        style = _index(self._style)
        # Plain whole numbers are most of what tables hold.
        value: Any = float(stored) if any(mark in stored for mark in ".eE") else int(stored)
        code = self._formats.codes[style]
        if style in self._formats.dates:
            try:
                value = from_excel(value, self._epoch, timedelta=style in self._formats.durations)
            except (OverflowError, ValueError):
                return "#VALUE!"
        return text_of(value, code)

    def _merge(self, reference: str) -> None:
        try:
            left, top, right, bottom = (int(number or 0) for number in range_boundaries(reference))
        except (ValueError, TypeError):
            raise self._wrong(f"a merged area {reference[:40]!r}", "an area such as A1:B2") from None
        require(len(self.areas) < MERGED, beyond("merged_areas", MERGED, sheet=self._name))
        self.areas.append((top, bottom, left, right))


def _index(text: str) -> int:
    """A number counted from 0: a negative index would count from the end."""
    if not text.isascii() or not text.strip().isdigit():
        raise ValueError(text)
    return int(text)
