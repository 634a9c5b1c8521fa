"""Weights files as ids and entries: CSV and workbook matrices, .gal (neighbours) and .gwt (pairs with weights).

Belongs here: the three formats. What the ids stand for and whether the matrix can be right: weights_matrix.py.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from ingestion.formats.grid import Sheet, address, decode, read_csv_grid
from ingestion.formats.probe import Probe
from ingestion.formats.workbooks import read_workbook_grid
from ingestion.problems import Problem, Refusal

MATRIX_SUFFIXES = frozenset({".csv", ".txt", ".xlsx", ".xls"})
SUFFIXES = MATRIX_SUFFIXES | {".gal", ".gwt"}
_NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")
_LABEL = re.compile(r"[A-Za-z_.]*?([0-9]+)")


@dataclass(frozen=True)
class Entry:
    """One weight: ids of the unit and its neighbour, as the file writes them, and the cell."""

    unit: str
    neighbour: str
    weight: float
    cell: str


@dataclass(frozen=True)
class RawWeights:
    """A weights file: units as (id, cell) in file order, entries other than zero, and lines that hold no unit.

    declared_units  the number the header states; 0 where the format has none
    names_all       whether units without neighbours are named too; a list of pairs leaves them out
    """

    units: tuple[tuple[str, str], ...]
    entries: tuple[Entry, ...]
    rows: int
    set_aside: int
    declared_units: int = 0
    names_all: bool = True


def read_weights_file(probe: Probe, encoding: str | None) -> RawWeights:
    """The file by its suffix. Raises Refusal naming the cell; of a text file that is line and word, as in B5."""
    if probe.suffix in {".xlsx", ".xls"}:
        return _matrix(read_workbook_grid(probe.content).filled)
    if probe.suffix in MATRIX_SUFFIXES:
        return _matrix(read_csv_grid(probe.content, encoding).filled)
    text, _ = decode(probe.content, encoding)
    lines = [line.split() for line in text.splitlines()]
    return _gal(lines) if probe.suffix == ".gal" else _gwt(lines)


def _matrix(sheets: tuple[Sheet, ...]) -> RawWeights:
    if len(sheets) != 1:
        raise Refusal(Problem("weights_shape", f"{len(sheets)} sheets", "one sheet with one matrix"))
    sheet = sheets[0]
    size = len(sheet.rows) - 1
    filled = [row for row in range(2, size + 2) if any(sheet.rows[row - 1])]
    if len(filled) != size or sheet.width != size + 1:
        found = f"{len(filled)} rows and {sheet.width - 1} columns of weights"
        raise Refusal(Problem("weights_shape", found, "as many rows as columns, after a row and a column of ids"))
    units = tuple((sheet.cell(row, 1), address(row, 1)) for row in filled)
    problems: list[Problem] = []
    for column, (unit, _) in enumerate(units, start=2):
        label = sheet.cell(1, column)
        number = _LABEL.fullmatch(label)
        if unit not in {label, number.group(1) if number else None}:
            problems.append(sheet.problem("weights_header", 1, column, label, unit))
    entries = []
    for row, (unit, _) in zip(filled, units, strict=True):
        for column, (neighbour, _) in enumerate(units, start=2):
            weight = _weight(sheet.cell(row, column))
            if weight is None:
                problems.append(sheet.problem("weights_cell", row, column, sheet.cell(row, column)))
            elif weight:
                entries.append(Entry(unit, neighbour, weight, sheet.locate(row, column)))
    if problems:
        raise Refusal(*problems)
    return RawWeights(units, tuple(entries), len(sheet.rows), 1)


def _weight(text: str) -> float | None:
    """The number, or None for anything else: an empty cell may be a zero or a fault, and nothing tells which."""
    if not _NUMBER.fullmatch(text):
        return None
    number = float(text)
    return number if math.isfinite(number) and number >= 0 else None


def _size(words: list[str], name: str) -> int:
    """The number of units in a header: alone, or second of four as in `0 31 provinces code`."""
    text = words[0] if len(words) == 1 else words[1] if len(words) == 4 else ""
    if not re.fullmatch("[0-9]{1,6}", text):
        raise Refusal(Problem("weights_line", " ".join(words)[:60], f"the header of a {name} file", cell="A1"))
    return int(text)


def _gal(lines: list[list[str]]) -> RawWeights:
    size = _size(lines[0] if lines else [], ".gal")
    units, entries, row = [], [], 1
    while row < len(lines):
        words = lines[row]
        row += 1
        if not words:
            continue
        if len(words) != 2 or not re.fullmatch("[0-9]{1,6}", words[1]):
            found = " ".join(words)[:60]
            raise Refusal(
                Problem("weights_line", found, "an id and the number of its neighbours", cell=address(row, 1))
            )
        units.append((words[0], address(row, 1)))
        neighbours = lines[row] if row < len(lines) else []
        if len(neighbours) != int(words[1]):
            found, expected = f"{len(neighbours)} ids", f"the {words[1]} neighbours of {words[0]}"
            raise Refusal(Problem("weights_line", found, expected, cell=address(row + 1, 1)))
        row += 1
        for place, neighbour in enumerate(neighbours, start=1):
            entries.append(Entry(words[0], neighbour, 1.0, address(row, place)))
    blank = len(lines) - 1 - 2 * len(units)
    return RawWeights(tuple(units), tuple(entries), len(lines), 1 + max(blank, 0), size)


def _gwt(lines: list[list[str]]) -> RawWeights:
    size = _size(lines[0] if lines else [], ".gwt")
    units: dict[str, str] = {}
    entries = []
    for row, words in enumerate(lines[1:], start=2):
        if not words:
            continue
        weight = _weight(words[2]) if len(words) == 3 else None
        if weight is None:
            found = " ".join(words)[:60]
            raise Refusal(Problem("weights_line", found, "two ids and a weight of zero or more", cell=address(row, 1)))
        units.setdefault(words[0], address(row, 1))
        units.setdefault(words[1], address(row, 2))
        if weight:
            entries.append(Entry(words[0], words[1], weight, address(row, 3)))
    blank = sum(1 for words in lines[1:] if not words)
    return RawWeights(tuple(units.items()), tuple(entries), len(lines), 1 + blank, size, names_all=False)
