"""Spatial weights, declared by `weights:` in sources.yaml, checked whole: one wrong cell refuses the matrix.

Belongs here: which units the ids stand for, and what must hold of a matrix. Remarks that do not refuse a
matrix (islands, borders unlike the reference) go with the refusals, for the whole file. The forms files have:
weights_forms.py; distances pair by pair: pair_distances.py.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from catalog import Source, load_provinces
from catalog.declarations.misc import WeightsSpec
from catalog.provinces import load_adjacency
from ingestion.formats.any_grid import GRID_SUFFIXES
from ingestion.readers.base import FileLayout, Probe, Problem, Tally, first_few, given, refuse_for, require
from ingestion.readers.maps.weights_forms import RawWeights, read_weights_file, unit_code

_LIST_SUFFIXES = frozenset({".gal", ".gwt"})
# Weights are printed with seven digits or more; 31 of them rounded sum to one within this.
_ROW_SUM_TOLERANCE = 1e-5
_NAMED = 12
# Codes of a unit and its neighbour, weight and cell; without neighbour and weight for a unit that has none.
Link = tuple[int, int | None, float | None, str]


def _read(probe: Probe, source: Source, tally: Tally) -> None:
    spec = given(source.weights, Problem("weights_undeclared"))
    raw = read_weights_file(probe, source, spec)
    codes = _codes(raw, spec, source.present_codes)
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
    for problem, text in raw.refused:
        tally.reject_row(problem, text)
    loaded = raw.rows - raw.set_aside - len(raw.refused)
    tally.count_rows(raw.rows, loaded, len(raw.refused), raw.set_aside)


def add_links(tally: Tally, spec: WeightsSpec, links: Iterable[Link], standardised: bool) -> None:
    """Take in the rows of the lake table `spatial_weight`."""
    names = ("code", "neighbour_code", "weight", "cell")
    matrix = {"name": spec.name, "kind": spec.kind, "row_standardised": standardised}
    tally.add_records("spatial_weight", (matrix | dict(zip(names, link, strict=True)) for link in links))


def _codes(raw: RawWeights, spec: WeightsSpec, provinces: Sequence[int]) -> dict[str, int]:
    """Id -> code of every unit; `provinces` are its own. Raises Refusal for unknown, repeated and absent ids."""
    counts = Counter(unit for unit, _ in raw.units)
    refuse_for(Problem("weights_repeated", unit, cell=cell) for unit, cell in raw.units if counts[unit] > 1)
    found = _named_units(raw) if spec.order == "codes" else _numbered_units(raw, spec.order_of(provinces))
    require(
        raw.declared_units in (0, len(found)),
        Problem("weights_shape", str(len(found)), "stated", str(raw.declared_units)),
    )
    strange = ((neighbour, cell) for _, neighbour, _, cell in raw.entries if neighbour not in found)
    refuse_for(Problem("weights_id", other, "own_id", cell=cell) for other, cell in strange)
    return found


def _numbered_units(raw: RawWeights, order: Sequence[int]) -> dict[str, int]:
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
        code = unit_code(unit)
        if isinstance(code, Problem):
            problems.append(replace(code, cell=cell))
            continue
        if code in first:
            problems.append(Problem("weights_repeated", f"{unit}, {first[code]}", cell=cell))
        first.setdefault(code, unit)
        found[unit] = code
    refuse_for(problems)
    return found


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
    "Spatial weights: a matrix or a list of pairs (any table), .gal or .gwt, declared by `weights:`",
    "空间权重：矩阵或成对列表（任意表格）、.gal 或 .gwt，以 weights: 声明",
    GRID_SUFFIXES | _LIST_SUFFIXES,
    lambda probe, source: source.weights is not None or probe.suffix in _LIST_SUFFIXES,
    _read,
    asked=20,
    uses=frozenset({"weights", "provinces_absent", "set_aside_rows", "tables"}),
    entry_key="weights",
)
