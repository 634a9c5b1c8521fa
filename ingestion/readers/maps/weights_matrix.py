"""Spatial weights matrices, declared by `weights:` in sources.yaml, checked whole: one wrong cell refuses the matrix.

Remarks that do not refuse it (islands, borders unlike the reference) stand beside the refusals, for the whole file.
The formats: weights_files.py.
"""

from __future__ import annotations

from collections import Counter, defaultdict

import pyarrow as pa

from catalog import Source, load_provinces
from catalog.adjacency import load_adjacency
from catalog.declarations.misc import WeightsSpec
from ingestion.formats.probe import Probe
from ingestion.places import place_or_problem
from ingestion.problems import Problem, Refusal
from ingestion.readers.base import FileLayout
from ingestion.readers.maps.weights_files import MATRIX_SUFFIXES, SUFFIXES, Entry, RawWeights, read_weights_file
from ingestion.row_account import Tally
from ingestion.vocabulary.regions import region_or_problem

# Weights are printed with seven digits or more; 31 of them rounded sum to one within this.
_ROW_SUM_TOLERANCE = 1e-5
_NAMED = 12


def _read(probe: Probe, source: Source, tally: Tally) -> None:
    if source.weights is None:
        raise Refusal(Problem("weights_undeclared"))
    spec = source.weights
    raw = read_weights_file(probe, source.encoding)
    codes = _codes(raw, spec)
    _check_entries(raw, codes, spec)
    standardised = _check_sums(raw, spec)
    entries = sorted(((codes[e.unit], codes[e.neighbour], e.weight, e.cell) for e in raw.entries), key=lambda e: e[:2])
    linked = {code for code, *_ in entries}
    islands = sorted(set(codes.values()) - linked)
    _remark(tally, "weights_island", [_name(code) for code in islands])
    if spec.kind == "contiguity":
        _remark_borders(tally, {(code, neighbour) for code, neighbour, *_ in entries}, set(codes.values()))
    cells = {codes[unit]: cell for unit, cell in raw.units if unit in codes}
    # A unit without neighbours keeps a row, or nothing would tell it from one the matrix does not cover.
    rows = entries + [(code, None, None, cells.get(code, "")) for code in islands]
    names = ("code", "neighbour_code", "weight", "cell")
    columns = {name: [row[i] for row in rows] for i, name in enumerate(names)}
    constants = {"name": spec.name, "kind": spec.kind, "row_standardised": standardised}
    tally.add_table("spatial_weight", pa.table(columns | {k: [v] * len(rows) for k, v in constants.items()}))
    tally.count_rows(raw.rows, raw.rows - raw.set_aside, 0, raw.set_aside)


def _codes(raw: RawWeights, spec: WeightsSpec) -> dict[str, int]:
    """Id -> code of every unit. Raises Refusal for unknown, repeated and absent ids."""
    counts = Counter(unit for unit, _ in raw.units)
    problems = [Problem("weights_repeated", unit, cell=cell) for unit, cell in raw.units if counts[unit] > 1]
    if problems:
        raise Refusal(*problems)
    if spec.order == "codes":
        found = _named_units(raw)
    else:
        order = [p.province_code for p in load_provinces()] if spec.order == "provinces" else list(spec.order)
        found = {str(number): code for number, code in enumerate(order, start=1)}
        expected = f"a number from 1 to {len(order)}"
        problems = [Problem("weights_id", unit, expected, cell=cell) for unit, cell in raw.units if unit not in found]
        absent = sorted(found.keys() - counts.keys(), key=int)
        if absent and not problems and raw.names_all:
            problems.append(Problem("weights_shape", f"no unit {', '.join(absent)[:60]}", f"{len(order)} units"))
        if problems:
            raise Refusal(*problems)
    if raw.declared_units and raw.declared_units != len(found):
        expected = f"the {raw.declared_units} units its header states"
        raise Refusal(Problem("weights_shape", f"{len(found)} units", expected))
    for entry in raw.entries:
        if entry.neighbour not in found:
            problems.append(Problem("weights_id", entry.neighbour, "the id of a unit of this file", cell=entry.cell))
    if problems:
        raise Refusal(*problems)
    return found


def _named_units(raw: RawWeights) -> dict[str, int]:
    found: dict[str, int] = {}
    first: dict[int, str] = {}
    problems = []
    for unit, cell in raw.units:
        region = region_or_problem(unit)
        if not isinstance(region, Problem) and region.level == "province" and region.code is not None:
            code = region.code
        else:
            place = place_or_problem(unit)
            if isinstance(place, Problem):
                problems.append(Problem(place.code, place.found, place.expected, place.hint, cell=cell))
                continue
            code = place.code
        if code in first:
            problems.append(Problem("weights_repeated", f"{unit}, {first[code]}", cell=cell))
        first.setdefault(code, unit)
        found[unit] = code
    if problems:
        raise Refusal(*problems)
    return found


def _check_entries(raw: RawWeights, codes: dict[str, int], spec: WeightsSpec) -> None:
    """Raise Refusal for weights on the diagonal, pairs given twice and, of contiguity, pairs given one way only."""
    pairs: dict[tuple[str, str], Entry] = {}
    problems = []
    for entry in raw.entries:
        if entry.unit == entry.neighbour:
            problems.append(Problem("weights_diagonal", f"{entry.weight:g}", cell=entry.cell))
        if (entry.unit, entry.neighbour) in pairs:
            first = pairs[entry.unit, entry.neighbour].cell
            problems.append(Problem("weights_repeated", f"{entry.unit} {entry.neighbour}, {first}", cell=entry.cell))
        pairs[entry.unit, entry.neighbour] = entry
    if spec.kind == "contiguity":
        for (unit, neighbour), entry in pairs.items():
            if (neighbour, unit) not in pairs:
                found = f"{_name(codes[unit])} → {_name(codes[neighbour])}"
                problems.append(Problem("weights_one_way", found, cell=entry.cell))
    if problems:
        raise Refusal(*problems)


def _check_sums(raw: RawWeights, spec: WeightsSpec) -> bool:
    """Whether every row that has weights sums to one. Raises Refusal where the declaration says otherwise."""
    sums: defaultdict[str, float] = defaultdict(float)
    cells: dict[str, str] = {}
    for entry in raw.entries:
        sums[entry.unit] += entry.weight
        cells.setdefault(entry.unit, entry.cell)
    off = {unit: total for unit, total in sums.items() if abs(total - 1) > _ROW_SUM_TOLERANCE}
    if spec.standardised == "row" and off:
        raise Refusal(*(Problem("weights_sum", f"{unit}: {s:.7g}", "1", cell=cells[unit]) for unit, s in off.items()))
    if spec.standardised == "none" and sums and not off:
        raise Refusal(Problem("weights_sum", "every row sums to 1", "`standardised: row`, or weights as they were"))
    return bool(sums) and not off


def _remark_borders(tally: Tally, pairs: set[tuple[int, int]], units: set[int]) -> None:
    """Say which borders of provinces the matrix and the reference do not share; nothing for other units."""
    if not units <= {p.province_code for p in load_provinces()}:
        return
    known = {(a, b) for a, b in load_adjacency() if a in units and b in units}
    for code, extra in (("weights_border_extra", pairs - known), ("weights_border_missing", known - pairs)):
        _remark(tally, code, [f"{_name(a)}-{_name(b)}" for a, b in sorted(extra) if a < b])


def _remark(tally: Tally, code: str, names: list[str]) -> None:
    if names:
        more = "" if len(names) <= _NAMED else f" … ({len(names)})"
        tally.reject(Problem(code, "、".join(names[:_NAMED]) + more), "")


def _name(code: int) -> str:
    province = next((p for p in load_provinces() if p.province_code == code), None)
    return province.short_zh if province else str(code)


MATRIX = FileLayout(
    "spatial_weights",
    "Spatial weights matrix (CSV, workbook, .gal or .gwt), declared by `weights:`",
    "空间权重矩阵（CSV、工作簿、.gal 或 .gwt），以 weights: 声明",
    SUFFIXES,
    lambda probe, source: source.weights is not None or probe.suffix not in MATRIX_SUFFIXES,
    _read,
    asked=20,
)
