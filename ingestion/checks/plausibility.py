"""Values against the registry's ranges: single cells out of range, and units that contradict most values.

Runs on the observations of one file before they are accepted. Cross-year and cross-file checks: expectations/.
"""

from collections import defaultdict
from decimal import Decimal
from statistics import median
from typing import Any

from catalog import Registry
from ingestion.problems import Problem, Refusal
from ingestion.row_account import Tally

# A wrong unit puts nearly every value of a table out of range, a typing error one or two.
MOST = 0.5
# 31 provinces, with some room for what is in the nation but in no province (不分地区).
NATION = 40


def check_plausibility(tally: Tally) -> None:
    """Move implausible observations of the tally to its refusals.

    Where more than half of one table's values of an indicator are out of range, the unit is at fault: all its cells
    are refused, empty ones too, and when the file holds nothing else a Refusal of the file is raised. So are figures of
    cities whose indicator has no range for cities: nothing could tell their unit. Provinces and cities of one table
    are judged apart.
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
    return record["sheet"], record["indicator"], record["entity_level"] == "city"


def _group_problem(group: tuple[str, str, bool], records: list[dict[str, Any]], registry: Registry) -> Problem | None:
    """What is wrong with all figures of an indicator in one table, or None. The nation's are not counted."""
    sheet, indicator, city = group
    if city and registry.indicators[indicator].city_range is None:
        known = ", ".join(i.id for i in registry.reported if i.city_range is not None)
        return Problem("no_city_range", indicator, known, sheet=sheet)
    units = [r for r in records if r["entity_level"] != "nation"]
    if sum(_implausible(r, registry) is not None for r in units) > MOST * len(units):
        return _unit_problem(sheet, indicator, units, registry)
    return None


def plausible_range(name: str, level: str, registry: Registry) -> tuple[float, float]:
    """The registry's range for a level; for the nation, what adds up over provinces may be as much as all together.

    Raises ValueError for a city when the indicator has no range for cities.
    """
    indicator = registry.indicators[name]
    if level == "city":
        if indicator.city_range is None:
            raise ValueError(f"{name} has no range for cities")
        return indicator.city_range
    low, high = indicator.range
    return (low, high * NATION) if level == "nation" and registry.quantity(indicator).additive else (low, high)


def _implausible(record: dict[str, Any], registry: Registry) -> Problem | None:
    low, high = plausible_range(record["indicator"], record["entity_level"], registry)
    if low <= float(record["value"]) <= high:
        return None
    return Problem("implausible", f"{record['raw']} {record['raw_unit']}", f"{low:g}", f"{high:g} {record['unit']}")


def _unit_problem(sheet: str, indicator: str, records: list[dict[str, Any]], registry: Registry) -> Problem:
    low, high = plausible_range(indicator, records[0]["entity_level"], registry)
    unit, raw_unit = registry.indicators[indicator].unit, records[0]["raw_unit"]
    printed = Decimal(repr(median(record["value"] for record in records))) / registry.conversion(raw_unit, indicator)
    quantity = registry.units[raw_unit].quantity
    fitting = [
        symbol
        for symbol, candidate in registry.units.items()
        if candidate.quantity == quantity and low <= float(printed * registry.conversion(symbol, indicator)) <= high
    ]
    return Problem(
        "unit_against_values",
        found=f"{indicator}: {format(printed.normalize(), 'f')} {raw_unit}",
        expected=f"{low:g} – {high:g} {unit}",
        hint=", ".join(fitting) or "none",
        sheet=sheet,
    )
