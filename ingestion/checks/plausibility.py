"""What figures must satisfy to be credible: the registry's ranges; for cities, coordinates of the place, GDP per head.

Belongs here: single cells out of range, units that contradict most values, faults found only in files of cities. Runs
on one file before its figures are accepted. Cross-year and cross-file checks: expectations/.
"""

import json
import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from statistics import median, quantiles
from typing import Any

from catalog import Registry
from catalog.indicators import BELOW_PROVINCE
from catalog.provinces import provinces_by_code
from catalog.yaml_text import yaml_text
from ingestion.places.units import units_by_code
from ingestion.problems import Problem, Refusal
from ingestion.row_account import Tally
from ingestion.vocabulary.numbers import number_or_none, parse_number, wrong_figure

# A wrong unit puts nearly every value of a table out of range, a typing error one or two.
MOST = 0.5
# So many places cannot all be small.
_PLACES = 8
# 31 provinces, with some room for what is in the nation but in no province (不分地区).
NATION = 40
# Two careful sources put a city into its centre, or its government, within this distance (read off 296 cities: of
# coordinates read rightly, nine in ten lie within 12 km of the reference).
TOLERANCE_KM = 20.0
# Among the cities of one year, GDP per head of the ninth decile is four to five times that of the first. Urban
# districts over people of the whole city give eighteen times.
SPREAD = 8.0
_ENOUGH = 30
_EARTH_KM = 6371.0
_PEOPLE = ("resident_population", "registered_population")


def check_plausibility(tally: Tally) -> None:
    """Move implausible observations of the tally to its refusals.

    Where more than half of one table's values of an indicator are out of range, or their median is so unusual that
    another unit must be meant, the unit is at fault: all its cells are refused, empty ones too, and when the file holds
    nothing else a Refusal of the file is raised. So are figures of cities whose indicator has no range for cities:
    nothing could tell their unit. Provinces and cities of one table are judged apart.
    """
    groups: dict[tuple[str, str, bool], list[dict[str, Any]]] = defaultdict(list)
    for record in tally.observations:
        groups[_group(record)].append(record)
    alone = len(groups) == 1 and not tally.rejected and len({sheet for sheet, _ in tally.fates}) == 1
    doomed: list[tuple[dict[str, Any], Problem]] = []
    for group, records in groups.items():
        problem = _group_problem(group, records, tally.registry)
        if problem is not None and alone:
            raise Refusal(problem)
        if problem is not None:
            empty = [record for record in tally.missing if _group(record) == group]
            doomed += [(record, problem) for record in (*records, *empty)]
        else:
            judged = [(record, _implausible(record, tally.registry)) for record in records]
            doomed += [(record, wrong) for record, wrong in judged if wrong is not None]
    tally.withdraw(doomed)


def _group(record: dict[str, Any]) -> tuple[str, str, bool]:
    return record["sheet"], record["indicator"], record["entity_level"] in BELOW_PROVINCE


def _group_problem(group: tuple[str, str, bool], records: list[dict[str, Any]], registry: Registry) -> Problem | None:
    """What is wrong with all figures of an indicator in one table, or None. National figures are not counted."""
    sheet, indicator, city = group
    if city and registry.indicators[indicator].city_range is None:
        known = ", ".join(i.id for i in registry.reported if i.city_range is not None)
        return Problem("no_city_range", indicator, known, sheet=sheet)
    units = [r for r in records if r["entity_level"] != "nation"]
    most = sum(_implausible(r, registry) is not None for r in units) > MOST * len(units)
    if most or _of_another_unit(indicator, units, registry):
        return _unit_problem(sheet, indicator, units, registry)
    return None


def _of_another_unit(indicator: str, records: list[dict[str, Any]], registry: Registry) -> bool:
    """Whether the median is lower than any usual one although it would be usual in another unit: shares declared as %.

    A range that begins at zero, or for the sake of the smallest place far below the others, holds such figures. A few
    places may all be small.
    """
    if len({record["entity_code"] for record in records}) < _PLACES:
        return False
    low, _ = registry.usual_range(registry.indicators[indicator], records[0]["entity_level"])
    middle = median(record["value"] for record in records)
    return 0 < middle < low and bool(_fitting_units(indicator, records, registry))


def _fitting_units(indicator: str, records: list[dict[str, Any]], registry: Registry) -> list[str]:
    """The units in which the median as printed would be a usual one."""
    low, high = registry.usual_range(registry.indicators[indicator], records[0]["entity_level"])
    printed = _printed_median(indicator, records, registry)
    return [
        symbol
        for symbol in registry.units_of(registry.indicators[indicator])
        if low <= float(printed * registry.conversion(symbol, indicator)) <= high
    ]


def _printed_median(indicator: str, records: list[dict[str, Any]], registry: Registry) -> Decimal:
    middle = Decimal(repr(float(median(record["value"] for record in records))))
    return middle / registry.conversion(records[0]["raw_unit"], indicator)


def plausible_range(name: str, level: str, registry: Registry) -> tuple[float, float]:
    """The registry's range for a level; for the nation, what adds up over provinces may be as much as all together.

    Raises ValueError for a city when the indicator has no range for cities.
    """
    indicator = registry.indicators[name]
    if level in BELOW_PROVINCE:
        if indicator.city_range is None:
            raise ValueError(f"{name} has no range for cities")
        return indicator.city_range
    low, high = indicator.range
    return (low, high * NATION) if level == "nation" and registry.quantity(indicator).additive else (low, high)


def _implausible(record: dict[str, Any], registry: Registry) -> Problem | None:
    low, high = plausible_range(record["indicator"], record["entity_level"], registry)
    if low <= float(record["value"]) <= high:
        return None
    # Numbers with all their digits: the nearest range of six would not hold what it refuses.
    expected = f"{low:,.12g} – {high:,.12g} {record['unit']}"
    return Problem("implausible", f"{record['raw']} {record['raw_unit']}", expected, _confirmation(record))


def _confirmation(record: dict[str, Any]) -> str:
    """The keys of a correction that confirms the figure, but for the file, the reason and the source."""
    place = "city_code" if record["entity_level"] == "city" else "province_code"
    printed = parse_number(record["raw"], percent=record["raw_unit"].endswith("%"))
    keys = {"sheet": yaml_text(record["sheet"])} if record["sheet"] else {}
    keys |= {"cell": yaml_text(record["cell"]), place: record["entity_code"], "year": record["year"]}
    keys |= {"indicator": record["indicator"], "expect": json.dumps(record["raw"], ensure_ascii=False)}
    return ", ".join(f"{key}: {value}" for key, value in (keys | {"value": printed}).items())


def _unit_problem(sheet: str, indicator: str, records: list[dict[str, Any]], registry: Registry) -> Problem:
    low, high = registry.usual_range(registry.indicators[indicator], records[0]["entity_level"])
    unit, raw_unit = registry.indicators[indicator].unit, records[0]["raw_unit"]
    printed = _printed_median(indicator, records, registry)
    fitting = _fitting_units(indicator, records, registry)
    return Problem(
        "unit_against_values",
        found=f"{indicator}: {format(printed.normalize(), 'f')} {raw_unit}",
        expected=f"{low:g} – {high:g} {unit}",
        hint=", ".join(map(yaml_text, fitting)) or "none",
        sheet=sheet,
    )


@dataclass(frozen=True)
class Point:
    """Coordinates as a file prints them, for the place `code` called `name`; the two cells' own place in the file."""

    code: int
    name: str
    latitude: str
    longitude: str
    sheet: str
    row: int
    latitude_cell: str
    longitude_cell: str


def distance_km(latitude: float, longitude: float, to_latitude: float, to_longitude: float) -> float:
    """Great-circle distance of two points given in degrees."""
    one, other = math.radians(latitude), math.radians(to_latitude)
    half = math.sin((other - one) / 2) ** 2
    half += math.cos(one) * math.cos(other) * math.sin(math.radians(to_longitude - longitude) / 2) ** 2
    return 2 * _EARTH_KM * math.asin(math.sqrt(half))


def reference_point(code: int) -> tuple[float, float] | None:
    """Latitude and longitude, in degrees, of a city, or of the capital for a province code; None where unknown."""
    known = (provinces_by_code().get(code), *reversed(units_by_code().get(code, ())))
    return next(((at.lat, at.lon) for at in known if at and at.lat is not None and at.lon is not None), None)


def wrong_coordinates(points: Sequence[Point]) -> list[tuple[Problem, str]]:
    """(problem, text of the cell) for every coordinate cell that cannot be used; two per point.

    A cell that is no number, a place without reference coordinates, and a point further than TOLERANCE_KM from its
    place are refused. Where more than half of the points are further away, the way of writing them is at fault, so
    all are refused; the reading of decimals as minutes that would explain it is named.
    """
    found: list[tuple[Problem, str]] = []
    measured: list[tuple[Point, float, float]] = []
    for point in points:
        texts = ((point.latitude, point.latitude_cell), (point.longitude, point.longitude_cell))
        numbers = [number_or_none(text) for text, _ in texts]
        reference = reference_point(point.code)
        for (text, cell), number in zip(texts, numbers, strict=True):
            if number is None:
                found.append((Problem(wrong_figure(text), text, sheet=point.sheet, row=point.row, cell=cell), text))
            elif reference is None or None in numbers:
                code = "coordinates_unknown" if reference is None else "coordinates_half"
                found.append((Problem(code, point.name, sheet=point.sheet, row=point.row, cell=cell), text))
        if reference is not None and None not in numbers:
            latitude, longitude = (float(number or 0) for number in numbers)
            as_minutes = distance_km(_minutes(latitude), _minutes(longitude), *reference)
            measured.append((point, distance_km(latitude, longitude, *reference), as_minutes))
    most = sum(distance > TOLERANCE_KM for _, distance, _ in measured) > MOST * len(measured)
    middle = median(d for _, d, _ in measured) if measured else 0.0
    minutes = median(m for _, _, m in measured) if measured else 0.0
    for point, distance, _ in measured:
        if most or distance > TOLERANCE_KM:
            found += _off(point, distance, len(measured) if most else 0, middle, minutes)
    return found


def _minutes(value: float) -> float:
    """The decimals read as minutes: 30.35 is 30 degrees 35 minutes."""
    whole = math.floor(value)
    return whole + (value - whole) * 100 / 60


def _off(point: Point, distance: float, of_all: int, middle: float, minutes: float) -> list[tuple[Problem, str]]:
    latitude, longitude = reference_point(point.code) or (0.0, 0.0)
    place = f"{point.name} {point.code}, {latitude:.2f} N {longitude:.2f} E"
    found = f"{point.latitude}, {point.longitude}: {distance:.0f} km"
    code, expected, hint = "coordinates_off", f"{TOLERANCE_KM:g} km, {place}", ""
    if of_all:
        code, hint = "coordinates_most_off", f"{middle:.0f} km, {of_all}"
        if minutes < middle / 2:
            code, hint = "coordinates_as_minutes", f"{middle:.0f} km, {of_all}, {minutes:.0f} km"
    cells = ((point.latitude_cell, point.latitude), (point.longitude_cell, point.longitude))
    return [(Problem(code, found, expected, hint, point.sheet, point.row, cell), text) for cell, text in cells]


def check_city_figures(tally: Tally) -> None:
    """Refuse GDP that does not fit the population in the same table, as of urban districts beside whole cities.

    Judged by the spread of GDP per head among at least 30 cities of a year; changes the tally in place.
    """
    by_table: dict[tuple[str, int, str], dict[int, dict[str, Any]]] = defaultdict(dict)
    for record in tally.observations:
        if record["entity_level"] == "city" and record["indicator"] in ("gdp", *_PEOPLE):
            by_table[record["sheet"], record["year"], record["indicator"]][record["entity_code"]] = record
    doomed: dict[int, Problem] = {}
    for (sheet, year, people), heads in by_table.items():
        gdp = by_table.get((sheet, year, "gdp"), {}) if people in _PEOPLE else {}
        per_head = [gdp[code]["value"] / heads[code]["value"] for code in gdp.keys() & heads.keys()]
        if len(per_head) < _ENOUGH:
            continue
        deciles = quantiles(per_head, n=10)
        if deciles[-1] > SPREAD * deciles[0]:
            found = f"{deciles[0] * 1e4:.0f}, {deciles[-1] * 1e4:.0f}"
            problem = Problem("gdp_against_people", found, f"{SPREAD:g}", people)
            doomed |= {id(record): problem for record in gdp.values()}
    tally.withdraw([(record, doomed[id(record)]) for record in tally.observations if id(record) in doomed])
