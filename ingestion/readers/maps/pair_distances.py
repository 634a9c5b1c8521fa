"""Distances of pairs of cities without a header: two names and kilometres in a row, each pair once.

Loaded as links of kind `distance`, both ways round. A straight distance beside the one that is read is held against the
places' coordinates: it tells a name that means another city. Weights matrices: weights.py.
"""

import csv
import io
from itertools import permutations

from catalog.declarations.misc import PairColumns
from ingestion.checks.plausibility import TOLERANCE_KM, distance_km, reference_point
from ingestion.formats.any_grid import read_any_grid
from ingestion.formats.grid import Sheet, address, read_text
from ingestion.formats.limits import TEXT_BYTES, require_bytes
from ingestion.places import Place, place_or_problem
from ingestion.readers.base import FileLayout, Probe, Problem, Source, Tally, refuse_for, require
from ingestion.readers.flows.table import find_delimiter
from ingestion.readers.maps.weights import add_links
from ingestion.vocabulary.claims import name_meant
from ingestion.vocabulary.numbers import number_or_none
from ingestion.vocabulary.regions import is_figure

# Both ends of a line may be this far from the reference, and the Earth is no sphere.
_SLACK_KM, _SLACK = 2 * TOLERANCE_KM, 0.01


_TEXTS = frozenset({".csv", ".txt", ".tsv", ".distance"})
# One usable row: codes of its ends, kilometres, and their cell.
_Pair = tuple[frozenset[int], float, str]


def _read(probe: Probe, source: Source, tally: Tally) -> None:
    spec = source.weights
    assert spec is not None and spec.pairs is not None, "recognised by it"
    rows = _rows(probe, source)
    printed = {cells[c - 1] for _, cells in rows for c in (spec.pairs.first, spec.pairs.second) if c <= len(cells)}
    absent = (name for name in source.names if name.printed not in printed)
    refuse_for(Problem("spelt_name_absent", name.printed, name.means) for name in absent)
    pairs: dict[frozenset[int], _Pair] = {}
    header = _is_header(rows[0][1], spec.pairs, source) if rows else False
    for number, cells in rows[header:]:
        pair = _pair(number, cells, spec.pairs, source)
        if not isinstance(pair, Problem) and pair[0] in pairs:
            pair = Problem("pair_repeated", " ".join(cells)[:60], row=number)
        if isinstance(pair, Problem):
            tally.reject_row(pair, " | ".join(cells))
        else:
            pairs[pair[0]] = pair
    require(pairs, Problem("pair_none", "rows", hint=str(len(rows))))
    both = [(one, other, km, cell) for ends, km, cell in pairs.values() for one, other in permutations(ends)]
    add_links(tally, spec, sorted(both), standardised=False)
    tally.count_rows(len(rows), len(pairs), len(rows) - len(pairs) - header, int(header))


def _is_header(cells: list[str], columns: PairColumns, source: Source) -> bool:
    """Whether the first row names the columns: neither a place nor a number of kilometres."""
    names = (cells[column - 1] for column in (columns.first, columns.second) if column <= len(cells))
    places = (place_or_problem(name_meant(name, source), level="prefecture") for name in names)
    unknown = all(isinstance(place, Problem) and place.code == "unknown_place" for place in places)
    return unknown and not (columns.value <= len(cells) and is_figure(cells[columns.value - 1]))


def _rows(probe: Probe, source: Source) -> list[tuple[int, list[str]]]:
    """The filled rows; in a workbook, a place merged over several of them is that of each."""
    if probe.suffix not in _TEXTS:
        sheets = read_any_grid(probe.content, probe.suffix, source.encoding).filled
        require(len(sheets) == 1, Problem("weights_shape", "sheets", "one_sheet", str(len(sheets))))
        return [(n, _cells(sheets[0], n, source)) for n, cells in enumerate(sheets[0].rows, start=1) if any(cells)]
    require_bytes(probe.size, TEXT_BYTES)
    text, _ = read_text(probe.content, source.encoding)
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=find_delimiter(text[: text.find("\n") + 1 or None]))
    rows = [(n, [cell.strip() for cell in cells]) for n, cells in enumerate(lines, start=1)]
    return [(n, cells) for n, cells in rows if any(cells)]


def _cells(sheet: Sheet, row: int, source: Source) -> list[str]:
    pairs = source.weights.pairs if source.weights is not None else None
    ends = (pairs.first, pairs.second) if pairs is not None else ()
    return [sheet.spread(row, n) if n in ends else sheet.cell(row, n) for n in range(1, sheet.width + 1)]


def _pair(number: int, cells: list[str], columns: PairColumns, source: Source) -> _Pair | Problem:
    """The pair a row holds, or what is wrong with it."""
    if len(cells) != columns.width:
        return Problem("flow_row_width", str(len(cells)), str(columns.width), row=number)
    ends: list[Place] = []
    for column in (columns.first, columns.second):
        place = place_or_problem(name_meant(cells[column - 1], source), level="prefecture")
        if isinstance(place, Problem):
            return Problem(place.code, cells[column - 1], place.expected, row=number, cell=address(number, column))
        ends.append(place)
    if ends[0].code == ends[1].code:
        return Problem("pair_of_one", cells[columns.first - 1], row=number)
    for column in (columns.value, columns.straight or columns.value):
        if _km(cells[column - 1]) is None:
            return Problem("pair_distance", cells[column - 1], row=number, cell=address(number, column))
    km = _km(cells[columns.value - 1]) or 0.0
    pair = (frozenset(end.code for end in ends), km, address(number, columns.value))
    return _check_straight(number, cells, columns, ends, km) or pair


def _km(text: str) -> float | None:
    number = number_or_none(text)
    return float(number) if number is not None and number > 0 else None


def _check_straight(
    number: int, cells: list[str], columns: PairColumns, ends: list[Place], km: float
) -> Problem | None:
    """Refuse a straight distance that is not that of the two places, and one longer than the route."""
    one, other = (reference_point(end.code) for end in ends)
    if columns.straight is None or one is None or other is None:
        return None
    text = cells[columns.straight - 1]
    printed, true = _km(text) or 0.0, distance_km(*one, *other)
    if abs(printed - true) > _SLACK_KM + _SLACK * true or printed > km + _SLACK_KM:
        names = ", ".join(f"{end.name_zh} {end.code}" for end in ends) + f": {true:.0f} km"
        place = address(number, columns.straight)
        return Problem("pair_straight", f"{text} km", names, f"{km:g}", row=number, cell=place)
    return None


DISTANCES = FileLayout(
    "pair_distances",
    "Distances of pairs of cities, a pair in a row without a header, declared by `weights: {pairs: …}`",
    "城市间距离，每行一对、无表头，以 weights: {pairs: …} 声明",
    _TEXTS | frozenset({".xlsx", ".xls", ".dta", ".sav", ".zsav"}),
    lambda probe, source: source.weights is not None and source.weights.pairs is not None,
    _read,
    asked=10,
    uses=frozenset({"weights", "names"}),
    entry_key="weights",
)
