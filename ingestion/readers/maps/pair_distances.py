"""Distances of pairs of cities without a header: two names and kilometres in a row, each pair once.

Loaded as links of kind `distance`, both ways round. A straight distance beside the one that is read is held against the
places' coordinates: it tells a name that means another city. Weights matrices: weights_matrix.py.
"""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass

import pyarrow as pa

from catalog import Source
from catalog.declarations.misc import PairColumns
from ingestion.checks.plausibility_cities import TOLERANCE_KM, distance_km, reference_point
from ingestion.formats.grid import address, decode
from ingestion.formats.limits import TEXT_BYTES, require_bytes
from ingestion.formats.probe import Probe
from ingestion.places import Place, place_or_problem
from ingestion.problems import Problem, Refusal
from ingestion.readers.base import FileLayout
from ingestion.readers.flows.table import find_delimiter
from ingestion.row_account import Tally
from ingestion.vocabulary.numbers import parse_number
from ingestion.vocabulary.spelt_names import name_meant

# Both ends of a line may be this far from the reference, and the Earth is no sphere.
_SLACK_KM, _SLACK = 2 * TOLERANCE_KM, 0.01


@dataclass(frozen=True)
class _Pair:
    """One row that can be used: codes of its ends, kilometres, and the cell they stand in."""

    one: int
    other: int
    km: float
    cell: str


def _read(probe: Probe, source: Source, tally: Tally) -> None:
    spec = source.weights
    assert spec is not None and spec.pairs is not None, "recognised by it"
    rows = _rows(probe, source)
    _require_names(rows, spec.pairs, source)
    found: dict[tuple[int, int], _Pair] = {}
    rejected = 0
    for number, cells in rows:
        pair = _pair(number, cells, spec.pairs, source)
        if isinstance(pair, _Pair) and (min(pair.one, pair.other), max(pair.one, pair.other)) in found:
            pair = Problem("pair_repeated", " ".join(cells)[:60], row=number)
        if isinstance(pair, Problem):
            rejected += 1
            tally.reject(pair, " | ".join(cells))
            # The whole row is refused; the reason keeps the cell that caused it.
            tally.rejected[-1]["cell"] = ""
            continue
        found[min(pair.one, pair.other), max(pair.one, pair.other)] = pair
    if not found:
        raise Refusal(Problem("pair_none", f"{len(rows)} rows"))
    _add(tally, spec.name, list(found.values()))
    tally.count_rows(len(rows), len(found), rejected, 0)


def _rows(probe: Probe, source: Source) -> list[tuple[int, list[str]]]:
    require_bytes(probe.size, TEXT_BYTES, "text")
    text, _ = decode(probe.content, source.encoding)
    delimiter = find_delimiter(text[: text.find("\n") + 1 or None])
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    rows = [(n, [cell.strip() for cell in cells]) for n, cells in enumerate(lines, start=1)]
    return [(n, cells) for n, cells in rows if any(cells)]


def _require_names(rows: list[tuple[int, list[str]]], columns: PairColumns, source: Source) -> None:
    """Raise Refusal for a name declared that no row prints."""
    printed = {cells[c - 1] for _, cells in rows for c in (columns.first, columns.second) if c <= len(cells)}
    absent = [name for name in source.names if name.printed not in printed]
    if absent:
        raise Refusal(*(Problem("spelt_name_absent", name.printed, name.means) for name in absent))


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
    km = _km(cells[columns.value - 1])
    cell = address(number, columns.value)
    if km is None:
        return Problem("pair_distance", cells[columns.value - 1], row=number, cell=cell)
    problem = _check_straight(number, cells, columns, ends, km)
    return problem or _Pair(ends[0].code, ends[1].code, km, cell)


def _km(text: str) -> float | None:
    try:
        number = parse_number(text)
    except ValueError:
        return None
    return float(number) if number is not None and number > 0 else None


def _check_straight(
    number: int, cells: list[str], columns: PairColumns, ends: list[Place], km: float
) -> Problem | None:
    """Refuse a straight distance that is not that of the two places, and one longer than the way."""
    if columns.straight is None:
        return None
    text, cell = cells[columns.straight - 1], address(number, columns.straight)
    printed = _km(text)
    points = [reference_point(end.code) for end in ends]
    if printed is None:
        return Problem("pair_distance", text, row=number, cell=cell)
    if points[0] is None or points[1] is None:
        return None
    true = distance_km(*points[0], *points[1])
    if abs(printed - true) > _SLACK_KM + _SLACK * true or printed > km + _SLACK_KM:
        names = f"{ends[0].name_zh} {ends[0].code}, {ends[1].name_zh} {ends[1].code}: {true:.0f} km"
        return Problem("pair_straight", f"{text} km", names, f"{km:g}", row=number, cell=cell)
    return None


def _add(tally: Tally, name: str, pairs: list[_Pair]) -> None:
    both = [(p.one, p.other, p.km, p.cell) for p in pairs] + [(p.other, p.one, p.km, p.cell) for p in pairs]
    both.sort(key=lambda row: row[:2])
    columns = {key: [row[i] for row in both] for i, key in enumerate(("code", "neighbour_code", "weight", "cell"))}
    constants = {"name": name, "kind": "distance", "row_standardised": False}
    tally.add_table("spatial_weight", pa.table(columns | {k: [v] * len(both) for k, v in constants.items()}))


DISTANCES = FileLayout(
    "pair_distances",
    "Distances of pairs of cities, a pair in a row without a header, declared by `weights: {pairs: …}`",
    "城市间距离，每行一对、无表头，以 weights: {pairs: …} 声明",
    frozenset({".csv", ".txt", ".tsv", ".distance"}),
    lambda probe, source: source.weights is not None and source.weights.pairs is not None,
    _read,
    asked=10,
)
