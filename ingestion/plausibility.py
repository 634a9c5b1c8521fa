"""Values against the registry's ranges: single cells out of range, and units that contradict most values.

Runs on the observations of one file before they are accepted. Cross-year and cross-file checks: expectations/.
"""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from statistics import median
from typing import Any

from catalog import Registry
from ingestion.problems import Problem, Refusal
from ingestion.tally import Tally

# A wrong unit puts nearly every value of a table out of range, a typing error one or two.
MOST = 0.5


def check_plausibility(tally: Tally) -> None:
    """Move implausible observations of the tally to its refusals.

    Where more than half of one table's values of an indicator are out of range, the unit is at fault: all its cells
    are refused, and when the file holds nothing else a Refusal of the file is raised.
    """
    groups: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
    for record in tally.observations:
        groups[record["sheet"], record["indicator"]].append(record)
    for (sheet, indicator), records in groups.items():
        low, high = tally.registry.indicators[indicator].range
        provinces = [r for r in records if r["entity_level"] == "province"]
        outside = [r for r in provinces if not low <= r["value"] <= high]
        if not outside:
            continue
        if len(outside) > MOST * len(provinces):
            problem = _unit_problem(sheet, indicator, provinces, tally.registry)
            if len(groups) == 1:
                raise Refusal(problem)
            _refuse(tally, records, problem)
        else:
            unit = tally.registry.indicators[indicator].unit
            for record in outside:
                found = f"{record['raw']} {record['raw_unit']}"
                _refuse(tally, [record], Problem("implausible", found, f"{low:g} to {high:g} {unit}", sheet=sheet))


def _refuse(tally: Tally, records: list[dict[str, Any]], problem: Problem) -> None:
    doomed = {id(record) for record in records}
    tally.observations = [record for record in tally.observations if id(record) not in doomed]
    for record in records:
        at = Problem(
            problem.code,
            problem.found,
            problem.expected,
            problem.hint,
            record["sheet"],
            record["row"],
            record["cell"],
        )
        tally.reject(at, record["raw"])


def _unit_problem(sheet: str, indicator: str, records: list[dict[str, Any]], registry: Registry) -> Problem:
    low, high = registry.indicators[indicator].range
    unit, raw_unit = registry.indicators[indicator].unit, records[0]["raw_unit"]
    middle = median(record["value"] for record in records)
    printed = Decimal(repr(middle)) / registry.conversion(raw_unit, indicator)
    quantity = registry.units[raw_unit].quantity
    fitting = [
        symbol
        for symbol, candidate in registry.units.items()
        if candidate.quantity == quantity and low <= float(printed * registry.conversion(symbol, indicator)) <= high
    ]
    return Problem(
        "unit_against_values",
        found=f"{indicator}, median {format(printed.normalize(), 'f')} {raw_unit}",
        expected=f"{low:g} to {high:g} {unit}",
        hint=", ".join(fitting) or "no catalogued unit",
        sheet=sheet,
    )
