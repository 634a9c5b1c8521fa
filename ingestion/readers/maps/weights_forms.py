"""The forms a weights file comes in, each as units and the weights between them, by the ids the file writes.

A matrix   with a row and a column of ids; bare numbers, in the declared order, with or without a line of names above
A list     of pairs, two ids in a row, with or without a weight; of neighbours (.gal); of pairs with weights (.gwt)

Which units ids stand for, and what must hold of a matrix: weights.py.
"""

import math
import re
from dataclasses import dataclass, replace

from catalog import Source
from catalog.declarations.misc import WeightsSpec
from ingestion.checks.no_data import without_data
from ingestion.formats.any_grid import GRID_SUFFIXES, read_any_grid
from ingestion.formats.grid import Grid, Sheet, address, read_text
from ingestion.places import place_or_problem
from ingestion.readers.base import Probe, Problem, Refusal, given, raw_row, refuse_for, require, without_rows
from ingestion.vocabulary.headers import squeeze
from ingestion.vocabulary.names import region_or_problem

_NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")
_LABEL = re.compile(r"[A-Za-z_.]*?([0-9]+)")
# A statistical program writes whole numbers with a decimal point.
_WHOLE = re.compile(r"([0-9]+)\.0+")
# What a column of kilometres is called, which are no weights.
_DISTANCES = re.compile(r"dist(ance)?|d_?ij|km|.*(距离|公里|里程|千米).*", re.IGNORECASE)
# How many columns a list of pairs has.
_OF_PAIRS = (2, 3)
# One weight: ids of the unit and its neighbour, as the file writes them, the weight, and the cell.
Entry = tuple[str, str, float, str]


@dataclass(frozen=True)
class RawWeights:
    """A weights file: units as (id, cell) in file order, entries other than zero, and lines that hold no unit.

    declared_units  the number the header states; 0 where the format has none
    names_all       whether units without neighbours are named too; a list of pairs leaves them out
    refused         rows that hold nothing of a matrix, with their texts
    """

    units: tuple[tuple[str, str], ...]
    entries: tuple[Entry, ...]
    rows: int
    set_aside: int
    declared_units: int = 0
    names_all: bool = True
    refused: tuple[tuple[Problem, str], ...] = ()


def read_weights_file(probe: Probe, source: Source, spec: WeightsSpec) -> RawWeights:
    """The file by its suffix. Raises Refusal naming the cell; of a text file that is line and word, as in B5."""
    if probe.suffix in GRID_SUFFIXES:
        grid = read_any_grid(probe.content, probe.suffix, source.encoding, tables=source.tables)
        return _table(without_rows(grid, source), spec, source)
    text, _ = read_text(probe.content, source.encoding)
    lines = [line.split() for line in text.splitlines()]
    return _gal(lines) if probe.suffix == ".gal" else _gwt(lines)


def _table(grid: Grid, spec: WeightsSpec, source: Source) -> RawWeights:
    sheets = grid.filled
    require(len(sheets) == 1, Problem("weights_shape", "sheets", "one_sheet", str(len(sheets))))
    sheet = _of_words(sheets[0])
    filled = [row for row in range(1, len(sheet.rows) + 1) if any(sheet.rows[row - 1])]
    rows = [row for row in filled if _has_number(sheet, row) or row == filled[0]]
    refused = [(without_data(sheet, row), raw_row(sheet.rows[row - 1])) for row in filled if row not in rows]
    width = _width(sheet, filled if len(rows) < 2 else rows)
    if width in _OF_PAIRS and (len(filled) > width + 1 or _name_places(sheet, filled)):
        # Names without a weight are no rows without data.
        return _pairs(sheet, filled, width, spec)
    raw = _square(sheet, rows, width, spec, source)
    aside = len(sheet.rows) - len(raw.units) - len(refused)
    return replace(raw, rows=len(sheet.rows), set_aside=aside, refused=tuple(refused))


def _width(sheet: Sheet, rows: list[int]) -> int:
    return max((n for row in rows for n, text in enumerate(sheet.rows[row - 1], start=1) if text), default=0)


def _name_places(sheet: Sheet, rows: list[int]) -> bool:
    """Whether the first two cells of every row below the first name places."""
    cells = [sheet.spread(row, column) for row in rows[1:] for column in (1, 2)]
    return bool(cells) and all(isinstance(unit_code(text), int) for text in cells)


def _of_words(sheet: Sheet) -> Sheet:
    """The sheet; of a text in which blanks part the numbers, as MATLAB saves a matrix, with a cell for each of them."""
    if sheet.width != 1 or sheet.header:
        return sheet
    return replace(sheet, rows=tuple(tuple(cells[0].split()) if cells else () for cells in sheet.rows))


def _has_number(sheet: Sheet, row: int) -> bool:
    return any(_NUMBER.fullmatch(text) for text in sheet.rows[row - 1])


def _square(sheet: Sheet, rows: list[int], width: int, spec: WeightsSpec, source: Source) -> RawWeights:
    """A matrix with ids, or a bare one where the declared order has as many units as the table has columns."""
    top = 0 if sheet.header else rows[0]
    names = [_id(text) for text in (sheet.header or sheet.rows[top - 1])[:width]]
    names += [""] * (width - len(names))
    below = rows if sheet.header else rows[1:]
    order = spec.order_of(source.present_codes)
    if not sheet.header and len(rows) == width == len(order) and not _are_names(names):
        return _bare(sheet, rows, [], order)
    firsts = [_id(sheet.cell(row, 1)) for row in below]
    of_ids = all(_is_label(name, unit) for name, unit in zip(names[1:], firsts, strict=False))
    if len(below) == width and not of_ids and _are_names(names):
        return _bare(sheet, below, names, order)
    # A matrix of numbers alone whose size is not the declared one: its first column repeats or holds no id.
    bare = len(rows) == width and not _are_names(names) and (len({*firsts}) < len(firsts) or names[0] == "0")
    found = f"{len(rows)} × {width}" if bare else f"{len(below)} × {width - 1}"
    require(below and width == len(below) + 1 and not bare, Problem("weights_shape", found, "forms"))
    problems = [
        sheet.problem("weights_header", top, column, names[column - 1], unit)
        for column, unit in enumerate(firsts, start=2)
        if not _is_label(names[column - 1], unit)
    ]
    units = tuple((unit, sheet.locate(row, 1)) for row, unit in zip(below, firsts, strict=True))
    return RawWeights(units, _entries(sheet, below, 2, firsts, problems), 0, 0)


def _are_names(names: list[str]) -> bool:
    """Whether a line above numbers names their columns: it holds no numbers but codes of places."""
    return not any(_NUMBER.fullmatch(name) for name in names) or all(isinstance(unit_code(name), int) for name in names)


def _bare(sheet: Sheet, rows: list[int], names: list[str], order: tuple[int, ...]) -> RawWeights:
    """A matrix of numbers alone; names of places above its columns must be those of the order, or are the ids.

    Raises Refusal for another number of units and for a name out of order.
    """
    found = [unit_code(name) for name in names]
    told = bool(names) and not order and all(isinstance(code, int) for code in found)
    require(told or len(rows) == len(order), Problem("weights_shape", f"{len(rows)} × {len(rows)}", "forms"))
    top = 0 if sheet.header else rows[0] - 1
    problems = [
        sheet.problem("weights_header", top, column, names[column - 1], str(code))
        for column, (own, code) in enumerate(zip(found, order, strict=False), start=1)
        if isinstance(own, int) and own != code
    ]
    ids = names if told else [str(number) for number in range(1, len(rows) + 1)]
    units = tuple((unit, sheet.locate(row, 1)) for unit, row in zip(ids, rows, strict=True))
    return RawWeights(units, _entries(sheet, rows, 1, ids, problems), 0, 0)


def _entries(sheet: Sheet, rows: list[int], first: int, ids: list[str], problems: list[Problem]) -> tuple[Entry, ...]:
    """The weights other than zero. Raises Refusal for `problems` and for cells that hold none."""
    places = {
        (row, column): (one, other)
        for row, one in zip(rows, ids, strict=True)
        for column, other in enumerate(ids, first)
    }
    weights = {place: _weight(sheet.cell(*place)) for place in places}
    wrong = [place for place, weight in weights.items() if weight is None]
    refuse_for([*problems, *(sheet.problem("weights_cell", *place, sheet.cell(*place)) for place in wrong)])
    return tuple((*places[at], weight, sheet.locate(*at)) for at, weight in weights.items() if weight)


def _pairs(sheet: Sheet, rows: list[int], width: int, spec: WeightsSpec) -> RawWeights:
    """Two ids in a row, and a weight where there is a third column; a first row that names no unit is the header."""
    header = [sheet.header[n] if sheet.header else sheet.cell(rows[0], n + 1) for n in range(width)]
    headed = not sheet.header and not any(_names_unit(text, spec) for text in header[:2])
    if (headed or sheet.header) and width == 3 and _DISTANCES.fullmatch(squeeze(header[2])):
        raise Refusal(sheet.problem("weights_distance", 0 if sheet.header else rows[0], 3, header[2]))
    units: dict[str, str] = {}
    entries: list[Entry] = []
    refused: list[tuple[Problem, str]] = []
    for row in rows[1:] if headed else rows:
        one, other = _id(sheet.spread(row, 1)), _id(sheet.spread(row, 2))
        if not one or not other:
            refused.append((without_data(sheet, row), raw_row(sheet.rows[row - 1])))
            continue
        weight = _weight(sheet.cell(row, 3)) if width == 3 else 1.0
        weight = given(weight, sheet.problem("weights_cell", row, 3, sheet.cell(row, 3)))
        units.setdefault(one, sheet.locate(row, 1))
        units.setdefault(other, sheet.locate(row, 2))
        entries += [(one, other, weight, sheet.locate(row, width))] if weight else []
    aside = len(sheet.rows) - len(rows) + headed
    raw = RawWeights(
        tuple(units.items()), tuple(entries), len(sheet.rows), aside, names_all=False, refused=tuple(refused)
    )
    return _both_ways(raw) if spec.kind == "contiguity" else raw


def _both_ways(raw: RawWeights) -> RawWeights:
    """A list of borders that gives each once, which is one of the other side too; any other list as it is."""
    pairs = {(one, other) for one, other, *_ in raw.entries}
    if any((other, one) in pairs for one, other in pairs):
        return raw
    return replace(
        raw, entries=(*raw.entries, *((other, one, weight, cell) for one, other, weight, cell in raw.entries))
    )


def _names_unit(text: str, spec: WeightsSpec) -> bool:
    return isinstance(unit_code(text), int) if spec.order == "codes" else bool(_NUMBER.fullmatch(text))


def unit_code(unit: str) -> int | Problem:
    """The code of the place an id names, or what is wrong with it."""
    region = region_or_problem(unit)
    if not isinstance(region, Problem) and region.level == "province" and region.code is not None:
        return region.code
    place = place_or_problem(unit)
    return place if isinstance(place, Problem) else place.code


def _id(text: str) -> str:
    whole = _WHOLE.fullmatch(text)
    return whole[1] if whole else text


def _is_label(label: str, unit: str) -> bool:
    """Whether a header is that of the unit: its id, or a number behind a prefix."""
    number = _LABEL.fullmatch(label)
    return unit in {_id(label), number.group(1) if number else None}


def _weight(text: str) -> float | None:
    """The number, or None for anything else: an empty cell may be a zero or a fault, and nothing tells which."""
    number = float(text) if _NUMBER.fullmatch(text) else -1.0
    return number if math.isfinite(number) and number >= 0 else None


def _wrong_line(words: list[str], expected: str, row: int, hint: str = "") -> Problem:
    return Problem("weights_line", " ".join(words)[:60], expected, hint, cell=address(row, 1))


def _size(lines: list[list[str]], name: str) -> int:
    """The number of units in a header: alone, or second of four as in `0 31 provinces code`."""
    words = lines[0] if lines else []
    text = words[0] if len(words) == 1 else words[1] if len(words) == 4 else ""
    require(re.fullmatch("[0-9]{1,6}", text), _wrong_line(words, "file_header", 1, name))
    return int(text)


def _gal(lines: list[list[str]]) -> RawWeights:
    size = _size(lines, ".gal")
    units, entries = [], []
    numbered = enumerate(lines[1:], start=2)
    for row, words in numbered:
        if not words:
            continue
        require(len(words) == 2 and re.fullmatch("[0-9]{1,6}", words[1]), _wrong_line(words, "id_and_count", row))
        unit, count = words
        _, neighbours = next(numbered, (0, []))
        require(
            len(neighbours) == int(count),
            Problem("weights_line", str(len(neighbours)), "neighbours", f"{unit}: {count}", cell=address(row + 1, 1)),
        )
        units.append((unit, address(row, 1)))
        entries += [(unit, other, 1.0, address(row + 1, n)) for n, other in enumerate(neighbours, start=1)]
    return RawWeights(tuple(units), tuple(entries), len(lines), 1 + max(len(lines) - 1 - 2 * len(units), 0), size)


def _gwt(lines: list[list[str]]) -> RawWeights:
    size = _size(lines, ".gwt")
    units: dict[str, str] = {}
    entries = []
    filled = [(row, words) for row, words in enumerate(lines[1:], start=2) if words]
    for row, words in filled:
        weight = given(_weight(words[2]) if len(words) == 3 else None, _wrong_line(words, "two_ids", row))
        units.setdefault(words[0], address(row, 1))
        units.setdefault(words[1], address(row, 2))
        if weight:
            entries.append((words[0], words[1], weight, address(row, 3)))
    return RawWeights(tuple(units.items()), tuple(entries), len(lines), len(lines) - len(filled), size, names_all=False)
