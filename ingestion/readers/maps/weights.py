"""Spatial weights matrices, declared by `weights:` in sources.yaml, checked whole: one wrong cell refuses the matrix.

Files are CSV and workbook matrices, .gal (neighbours) and .gwt (pairs with weights). Remarks that do not refuse a
matrix (islands, borders unlike the reference) go with the refusals, for the whole file. Distances pair by pair:
pair_distances.py.
"""

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from catalog import Source, load_provinces
from catalog.declarations.misc import WeightsSpec
from catalog.provinces import load_adjacency
from ingestion.formats.grid import Sheet, address, decode, read_csv_grid
from ingestion.formats.workbooks import read_workbook_grid
from ingestion.places import place_or_problem
from ingestion.readers.base import FileLayout, Probe, Problem, Tally, first_few, given, refuse_for, require
from ingestion.vocabulary.names import region_or_problem

_MATRIX_SUFFIXES = frozenset({".csv", ".txt", ".xlsx", ".xls"})
_NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")
_LABEL = re.compile(r"[A-Za-z_.]*?([0-9]+)")
# Weights are printed with seven digits or more; 31 of them rounded sum to one within this.
_ROW_SUM_TOLERANCE = 1e-5
_NAMED = 12
# Codes of a unit and its neighbour, weight and cell; without neighbour and weight for a unit that has none.
Link = tuple[int, int | None, float | None, str]


# One weight: ids of the unit and its neighbour, as the file writes them, the weight, and the cell.
Entry = tuple[str, str, float, str]


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
    if probe.suffix in _MATRIX_SUFFIXES:
        return _matrix(read_csv_grid(probe.content, encoding).filled)
    text, _ = decode(probe.content, encoding)
    lines = [line.split() for line in text.splitlines()]
    return _gal(lines) if probe.suffix == ".gal" else _gwt(lines)


def _matrix(sheets: tuple[Sheet, ...]) -> RawWeights:
    require(len(sheets) == 1, Problem("weights_shape", "sheets", "one_sheet", str(len(sheets))))
    (sheet,) = sheets
    size = len(sheet.rows) - 1
    filled = sum(any(cells) for cells in sheet.rows[1:])
    found = f"{filled} × {sheet.width - 1}"
    require(filled == size and sheet.width == size + 1, Problem("weights_shape", found, "square"))
    ids = {number: sheet.cell(number, 1) for number in range(2, size + 2)}
    problems = [
        sheet.problem("weights_header", 1, column, sheet.cell(1, column), unit)
        for column, unit in ids.items()
        if not _is_label(sheet.cell(1, column), unit)
    ]
    weights = {(row, column): _weight(sheet.cell(row, column)) for row in ids for column in ids}
    wrong = [place for place, weight in weights.items() if weight is None]
    refuse_for([*problems, *(sheet.problem("weights_cell", *place, sheet.cell(*place)) for place in wrong)])
    units = tuple((unit, address(row, 1)) for row, unit in ids.items())
    entries = ((ids[r], ids[c], weight, sheet.locate(r, c)) for (r, c), weight in weights.items() if weight)
    return RawWeights(units, tuple(entries), len(sheet.rows), 1)


def _is_label(label: str, unit: str) -> bool:
    """Whether a header is that of the unit: its id, or a number behind a prefix."""
    number = _LABEL.fullmatch(label)
    return unit in {label, number.group(1) if number else None}


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


def _read(probe: Probe, source: Source, tally: Tally) -> None:
    spec = given(source.weights, Problem("weights_undeclared"))
    raw = read_weights_file(probe, source.encoding)
    codes = _codes(raw, spec)
    refuse_for(_wrong_entries(raw, codes, spec))
    standardised = _check_sums(raw, spec)
    pairs = {(codes[one], codes[other]): (weight, cell) for one, other, weight, cell in raw.entries}
    islands = sorted(set(codes.values()) - {code for code, _ in pairs})
    _remark(tally, "weights_island", [_name(code) for code in islands])
    if spec.kind == "contiguity":
        _remark_borders(tally, set(pairs), set(codes.values()))
    cells = {codes[unit]: cell for unit, cell in raw.units if unit in codes}
    links: list[Link] = [(*pair, weight, cell) for pair, (weight, cell) in sorted(pairs.items())]
    # A unit without neighbours keeps a row, or nothing would tell it from one the matrix does not cover.
    links += [(code, None, None, cells.get(code, "")) for code in islands]
    add_links(tally, spec, links, standardised)
    tally.count_rows(raw.rows, raw.rows - raw.set_aside, 0, raw.set_aside)


def add_links(tally: Tally, spec: WeightsSpec, links: Iterable[Link], standardised: bool) -> None:
    """Take in the rows of the lake table `spatial_weight`."""
    names = ("code", "neighbour_code", "weight", "cell")
    matrix = {"name": spec.name, "kind": spec.kind, "row_standardised": standardised}
    tally.add_records("spatial_weight", (matrix | dict(zip(names, link, strict=True)) for link in links))


def _codes(raw: RawWeights, spec: WeightsSpec) -> dict[str, int]:
    """Id -> code of every unit. Raises Refusal for unknown, repeated and absent ids."""
    counts = Counter(unit for unit, _ in raw.units)
    refuse_for(Problem("weights_repeated", unit, cell=cell) for unit, cell in raw.units if counts[unit] > 1)
    found = _named_units(raw) if spec.order == "codes" else _numbered_units(raw, spec)
    require(
        raw.declared_units in (0, len(found)),
        Problem("weights_shape", str(len(found)), "stated", str(raw.declared_units)),
    )
    strange = ((neighbour, cell) for _, neighbour, _, cell in raw.entries if neighbour not in found)
    refuse_for(Problem("weights_id", other, "own_id", cell=cell) for other, cell in strange)
    return found


def _numbered_units(raw: RawWeights, spec: WeightsSpec) -> dict[str, int]:
    order = [p.province_code for p in load_provinces()] if isinstance(spec.order, str) else spec.order
    found = {str(number): code for number, code in enumerate(order, start=1)}
    strange = ((unit, cell) for unit, cell in raw.units if unit not in found)
    refuse_for(Problem("weights_id", unit, "number", str(len(order)), cell=cell) for unit, cell in strange)
    absent = sorted(found.keys() - {unit for unit, _ in raw.units}, key=int)
    require(
        not absent or not raw.names_all,
        Problem("weights_shape", "units_absent", f"1–{len(order)}", ", ".join(absent)[:60]),
    )
    return found


def _named_units(raw: RawWeights) -> dict[str, int]:
    found: dict[str, int] = {}
    first: dict[int, str] = {}
    problems = []
    for unit, cell in raw.units:
        code = _unit_code(unit)
        if isinstance(code, Problem):
            problems.append(replace(code, cell=cell))
            continue
        if code in first:
            problems.append(Problem("weights_repeated", f"{unit}, {first[code]}", cell=cell))
        first.setdefault(code, unit)
        found[unit] = code
    refuse_for(problems)
    return found


def _unit_code(unit: str) -> int | Problem:
    region = region_or_problem(unit)
    if not isinstance(region, Problem) and region.level == "province" and region.code is not None:
        return region.code
    place = place_or_problem(unit)
    return place if isinstance(place, Problem) else place.code


def _wrong_entries(raw: RawWeights, codes: dict[str, int], spec: WeightsSpec) -> Iterator[Problem]:
    """Weights on the diagonal, pairs given twice and, of contiguity, pairs given one way only."""
    pairs: dict[tuple[str, str], str] = {}
    for unit, neighbour, weight, cell in raw.entries:
        if unit == neighbour:
            yield Problem("weights_diagonal", f"{weight:g}", cell=cell)
        if (unit, neighbour) in pairs:
            yield Problem("weights_repeated", f"{unit} {neighbour}, {pairs[unit, neighbour]}", cell=cell)
        pairs[unit, neighbour] = cell
    for (unit, neighbour), cell in pairs.items():
        if spec.kind == "contiguity" and (neighbour, unit) not in pairs:
            yield Problem("weights_one_way", f"{_name(codes[unit])} → {_name(codes[neighbour])}", cell=cell)


def _check_sums(raw: RawWeights, spec: WeightsSpec) -> bool:
    """Whether every row that has weights sums to one. Raises Refusal where the declaration says otherwise."""
    sums: defaultdict[str, float] = defaultdict(float)
    for unit, _, weight, _ in raw.entries:
        sums[unit] += weight
    off = {unit: total for unit, total in sums.items() if abs(total - 1) > _ROW_SUM_TOLERANCE}
    first = {unit: cell for unit, *_, cell in reversed(raw.entries)}
    if spec.standardised == "row":
        refuse_for(Problem("weights_sum", f"{unit}: {s:.7g}", "1", cell=first[unit]) for unit, s in off.items())
    standardised = bool(sums) and not off
    require(spec.standardised != "none" or not standardised, Problem("weights_sum", "standardised", "row_or_none"))
    return standardised


def _remark_borders(tally: Tally, pairs: set[tuple[int, int]], units: set[int]) -> None:
    """Report which province borders the matrix and the reference do not share; nothing for other units."""
    if not units <= {p.province_code for p in load_provinces()}:
        return
    known = {(a, b) for a, b in load_adjacency() if a in units and b in units}
    for code, extra in (("weights_border_extra", pairs - known), ("weights_border_missing", known - pairs)):
        _remark(tally, code, [f"{_name(a)}-{_name(b)}" for a, b in sorted(extra) if a < b])


def _remark(tally: Tally, code: str, names: list[str]) -> None:
    if names:
        tally.reject(Problem(code, first_few(names, _NAMED, "、", " … ({all})")), "")


def _name(code: int) -> str:
    return next((p.short_zh for p in load_provinces() if p.province_code == code), str(code))


MATRIX = FileLayout(
    "spatial_weights",
    "Spatial weights matrix (CSV, workbook, .gal or .gwt), declared by `weights:`",
    "空间权重矩阵（CSV、工作簿、.gal 或 .gwt），以 weights: 声明",
    _MATRIX_SUFFIXES | {".gal", ".gwt"},
    lambda probe, source: source.weights is not None or probe.suffix not in _MATRIX_SUFFIXES,
    _read,
    asked=20,
    entry_key="weights",
)
