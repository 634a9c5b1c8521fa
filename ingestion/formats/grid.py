"""A file as sheets of text cells, each with its address; decoding of text and CSV.

Other files: workbooks.py, statistical_grid.py (Stata, SPSS), html_grid.py.
"""

import codecs
import csv
import datetime as dt
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from types import MappingProxyType
from typing import Literal

from openpyxl.utils import get_column_letter

from catalog.characters import plain
from ingestion.formats.limits import (
    CELLS,
    CHARACTERS,
    COLUMNS,
    ROWS,
    TEXT_BYTES,
    beyond,
    require_at_most,
    require_bytes,
)
from ingestion.problems import Problem, Refusal, require
from ingestion.vocabulary.numbers import mark_key

_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
NO_CACHED_VALUE = "\x00formula"
_QUOTED = re.compile(r'"[^"\n]*"')
# A file is told by its first lines; a note of commas counts as one line of them only.
_FIRST_LINES = 200
_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")


def cell_text(text: str) -> str:
    """The text of a cell as it is kept: without characters that show nothing, and without blanks around it."""
    return plain(text).strip()


def address(row: int, column: int) -> str:
    """Spreadsheet address of a cell; row and column count from 1."""
    return f"{get_column_letter(column)}{row}"


@dataclass
class Extent:
    """Counts how much of one file is kept as cells: sheets as rectangles, with all the texts in them, `most` long."""

    rows: int = 0
    cells: int = 0
    characters: int = 0
    most: int = CHARACTERS
    _rows: int = 0
    _width: int = 0

    def add(self, sheet: str, rows: int, row: Sequence[str]) -> None:
        """Take in `rows` rows of the sheet, all but the last of them empty. Raises Refusal beyond a limit."""
        self._rows += rows
        self._width = max(self._width, len(row))
        self.characters += sum(map(len, row))
        require_at_most(COLUMNS, self._width, "columns", sheet)
        require_at_most(ROWS, self.rows + self._rows, "rows", sheet)
        require_at_most(CELLS, self.cells + self._rows * self._width, "cells", sheet)
        require_at_most(self.most, self.characters, "characters", sheet)

    def close(self) -> int:
        """Record the width of the sheet that ends here."""
        width = self._width
        self.rows += self._rows
        self.cells += self._rows * width
        self._rows = self._width = 0
        return width


@dataclass(frozen=True)
class Sheet:
    """Cells as text, stripped. `merged` maps a covered cell to the cell that holds its text, both (row, column).

    header   names of the columns where they are no row of the sheet (Stata variables); row 0 then means the header
    origins  (table, row in that table) of each row, both from 1, where several tables of a document make up the sheet
    hidden   spreadsheet programs do not show the sheet
    epoch    of a workbook, day 0 of the numbers that stand for days
    marks    what the file's entry declares to stand for a missing figure, as numbers.mark_key has it
    coded    column -> why its numbers are no figures, where value labels say what is meant (statistical_grid.py)
    """

    name: str
    rows: tuple[tuple[str, ...], ...]
    merged: Mapping[tuple[int, int], tuple[int, int]] = field(default_factory=lambda: MappingProxyType({}))
    header: tuple[str, ...] = ()
    origins: tuple[tuple[int, int], ...] = ()
    hidden: bool = False
    epoch: dt.date | None = None
    marks: frozenset[str] = frozenset()
    coded: Mapping[int, Problem] = field(default_factory=lambda: MappingProxyType({}))

    def locate(self, row: int, column: int) -> str:
        """Address of a cell: C7, `12:variable` in a panel with named variables, `table:row:column` in a document."""
        if self.header:
            return f"{row}:{self.header[column - 1]}" if row else self.header[column - 1]
        if self.origins:
            table, place = self.origins[row - 1]
            return f"{table}:{place}:{column}"
        return address(row, column)

    def cell(self, row: int, column: int) -> str:
        """Text of a cell, both counted from 1; empty outside the sheet. Merged areas are not looked through."""
        if row > len(self.rows) or column > len(self.rows[row - 1]):
            return ""
        return self.rows[row - 1][column - 1]

    def kept(self, row: int, column: int) -> str:
        """Text of a cell, empty for a declared mark of a missing one."""
        text = self.cell(row, column)
        return "" if self.marks and mark_key(text) in self.marks else text

    def spread(self, row: int, column: int) -> str:
        """Text of a cell, looking through a merged area to the cell that holds it."""
        return self.cell(*self.anchor(row, column))

    def anchor(self, row: int, column: int) -> tuple[int, int]:
        """The cell that holds the text of a cell: the cell itself, unless covered by a merged area."""
        return self.merged.get((row, column), (row, column))

    def area(self, row: int, column: int) -> str:
        """The merged area a cell lies in, such as A2:A4; empty for a cell of its own."""
        anchor = self.anchor(row, column)
        last = self._areas.get(anchor)
        return f"{self.locate(*anchor)}:{self.locate(*last)}" if last is not None else ""

    @cached_property
    def _areas(self) -> dict[tuple[int, int], tuple[int, int]]:
        """The last cell of each merged area, by the cell that holds its text."""
        found: dict[tuple[int, int], tuple[int, int]] = {}
        for place, anchor in self.merged.items():
            found[anchor] = max(place, found.get(anchor, place))
        return found

    def texts(self, rows: Iterable[int]) -> Iterator[tuple[int, int, str]]:
        """Row, column and text of every filled cell of these rows."""
        for row in rows:
            yield from ((row, column, text) for column, text in enumerate(self.rows[row - 1], start=1) if text)

    def problem(self, code: str, row: int, column: int, found: str = "", expected: str = "") -> Problem:
        """A problem at a cell of this sheet."""
        return Problem(code, found, expected, sheet=self.name, row=row, cell=self.locate(row, column))

    @property
    def width(self) -> int:
        """Number of columns of the widest row."""
        return max((len(row) for row in self.rows), default=0)


@dataclass(frozen=True)
class Grid:
    """A whole file; `encoding` is None for workbooks."""

    sheets: tuple[Sheet, ...]
    encoding: str | None = None
    kind: Literal["csv", "workbook", "stata", "spss", "document"] = "csv"

    @property
    def filled(self) -> tuple[Sheet, ...]:
        """Sheets that hold anything."""
        return tuple(sheet for sheet in self.sheets if sheet.rows)


def with_marks(grid: Grid, marks: Collection[str]) -> Grid:
    """The grid of a file declared to use these marks of missing figures."""
    keys = frozenset(map(mark_key, marks))
    return replace(grid, sheets=tuple(replace(sheet, marks=keys) for sheet in grid.sheets)) if keys else grid


def decode(content: bytes, declared: str | None) -> tuple[str, str]:
    """Text and encoding. A byte-order mark decides, then the declaration, then strict UTF-8, then GB18030.

    Raises Refusal: nothing is replaced or dropped to make bytes fit.
    """
    marked = next((encoding for mark, encoding in _BOMS if content.startswith(mark)), None)
    if marked is not None:
        return _strictly(content, marked), marked
    if declared is not None:
        return _as_declared(content, declared), declared
    if b"\x00" in content:
        raise Refusal(Problem("encoding", "zero_byte", "supported", str(content.index(b"\x00"))))
    try:
        return content.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        return _strictly(content, "gb18030"), "gb18030"


def read_text(content: bytes, declared: str | None) -> tuple[str, str]:
    """As decode, for what people are meant to read: without characters that show nothing."""
    text, encoding = decode(content, declared)
    return plain(text), encoding


def _as_declared(content: bytes, encoding: str) -> str:
    """The text in the declared encoding. Raises Refusal naming the encodings of those usual that it could be in."""
    if not _is_text(content, encoding):
        fitting = [other for other in ("utf-8", "gb18030") if _is_text(content, other)]
        raise Refusal(Problem("declared_encoding", encoding, ", ".join(fitting) or "none_fits", "".join(fitting[:1])))
    return _strictly(content, encoding)


def _is_text(content: bytes, encoding: str) -> bool:
    try:
        content.decode(encoding)
    except (LookupError, UnicodeDecodeError):
        return False
    return True


def _strictly(content: bytes, encoding: str) -> str:
    try:
        text = content.decode(encoding)
    except LookupError:
        raise Refusal(Problem("encoding", encoding, "supported")) from None
    except UnicodeDecodeError as error:
        hint = f"{error.start}: 0x{content[error.start]:02x} ({encoding})"
        raise Refusal(Problem("encoding", "strange_byte", "supported", hint)) from None
    require("\x00" not in text, Problem("encoding", "zero_character", "supported"))
    return text


def read_csv_grid(content: bytes, declared_encoding: str | None) -> Grid:
    """A file of fields with commas, or with semicolons or tabs, between them. Raises Refusal."""
    require_bytes(len(content), TEXT_BYTES)
    text, encoding = decode(content, declared_encoding)
    separator = _separator_of(text)
    lines = _Lines(text, separator)
    extent = Extent()
    rows = []
    began = 0
    try:
        for record in csv.reader(lines, delimiter=separator, strict=True):
            lines.separators, began = 0, lines.number
            rows.append(tuple(cell_text(cell) for cell in record))
            extent.add("", 1, rows[-1])
    except csv.Error as error:
        # A file cut off inside quotes: its last line is no whole row, and what is left of it is for the reader to see.
        cut = lines.number == began + 1 and lines.at_end and rows
        require(cut, Problem("unreadable", "at_line", "csv", f"{lines.number}: {error}"))
        rows.append(tuple(cell_text(cell) for cell in lines.last.split(separator)))
        extent.add("", 1, rows[-1])
    return Grid((Sheet("", tuple(rows)),), encoding)


def _separator_of(text: str) -> str:
    """The separator found in most of the first lines; the comma unless another is in more of them.

    The bureau's exports since 2026 have a tab before each comma, so they stay tables of commas.
    """
    first = text[: 200 * _FIRST_LINES].splitlines()[:_FIRST_LINES]
    lines = [_QUOTED.sub("", line).replace("\t,", ",") for line in first]
    counts = {mark: sum(mark in line for line in lines) for mark in (",", "\t", ";")}
    best = max(counts.values())
    return next(mark for mark, count in counts.items() if count == best) if best else ","


class _Lines:
    """The lines of a text with their ends, as files give them, and how many separators the record has so far."""

    def __init__(self, text: str, separator: str) -> None:
        self._text, self._separator = text, separator
        self.separators = 0
        self.number = 0
        self.last = ""
        self.at_end = False

    def __iter__(self) -> Iterator[str]:
        for match in _LINE.finditer(self._text):
            self.number += 1
            # The record would be split into all its fields before anybody could count them.
            self.separators += match.group().count(self._separator)
            if self.separators > COLUMNS:
                raise beyond("columns", COLUMNS, f"line {self.number}")
            self.last, self.at_end = match.group(), match.end() == len(self._text)
            yield match.group()
