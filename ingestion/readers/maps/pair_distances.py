"""Distances of pairs of cities without a header: two names and kilometres in a row, each pair once.

Loaded as links of kind `distance`, both ways round. A straight distance beside the one that is read is held against the
places' coordinates: it tells a name that means another city. Weights matrices: weights.py.
"""

import csv
import io
from itertools import permutations

from catalog.declarations.misc import PairColumns
from ingestion.checks.plausibility import TOLERANCE_KM, distance_km, reference_point
from ingestion.formats.grid import address, decode
from ingestion.formats.limits import TEXT_BYTES, require_bytes
from ingestion.places import Place, place_or_problem
from ingestion.readers.base import FileLayout, Probe, Problem, Source, Tally, refuse_for, require
from ingestion.readers.flows.table import find_delimiter
from ingestion.readers.maps.weights import add_links
from ingestion.vocabulary.claims import name_meant
from ingestion.vocabulary.numbers import number_or_none

# Both ends of a line may be this far from the reference, and the Earth is no sphere.
_SLACK_KM, _SLACK = 2 * TOLERANCE_KM, 0.01


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
    for number, cells in rows:
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
    tally.count_rows(len(rows), len(pairs), len(rows) - len(pairs), 0)


def _rows(probe: Probe, source: Source) -> list[tuple[int, list[str]]]:
    require_bytes(probe.size, TEXT_BYTES)
    text, _ = decode(probe.content, source.encoding)
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=find_delimiter(text[: text.find("\n") + 1 or None]))
    rows = [(n, [cell.strip() for cell in cells]) for n, cells in enumerate(lines, start=1)]
    return [(n, cells) for n, cells in rows if any(cells)]


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
    frozenset({".csv", ".txt", ".tsv", ".distance"}),
    lambda probe, source: source.weights is not None and source.weights.pairs is not None,
    _read,
    asked=10,
    entry_key="weights",
)
