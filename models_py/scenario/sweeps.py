"""A scenario under other assumptions: one at a time, two at a time, all at once at random.

Belongs here: which sets of inputs are tried, and the spread of their results. Does not belong here: the results of one
set (triage.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Literal

from catalog.base import refuse
from models_py.scenario.break_even import break_even
from models_py.scenario.triage import ScenarioError, TriageInputs, TriageResult, triage

if TYPE_CHECKING:
    import pandas as pd

Ranges = Mapping[str, tuple[float, float]]
Distribution = Literal["triangular", "uniform"]
BREAK_EVEN = "break_even_adoption"
LEVEL = 0.90


@dataclass(frozen=True)
class Tried:
    """Results with some inputs changed: `changed` by name."""

    changed: Mapping[str, float]
    result: TriageResult


def one_way(inputs: TriageInputs, ranges: Ranges) -> Iterator[tuple[str, Literal["low", "high"], Tried]]:
    """Every input at the low, then the high end of its range, the others as they are; none for a range of one point.

    Raises ScenarioError for an unknown input, a range that does not hold the input's value, or an impossible end.
    """
    for name, (low, high) in _checked(inputs, ranges).items():
        if low < high:
            yield name, "low", _tried(inputs, {name: low})
            yield name, "high", _tried(inputs, {name: high})


def two_way(inputs: TriageInputs, grid: Mapping[str, Sequence[float]]) -> Iterator[Tried]:
    """Every pair of values of two inputs. `grid`: their values by name. Raises ScenarioError unless there are two."""
    _refuse_unknown(grid)
    refuse((len(grid) != 2, f"a grid has two inputs; found {', '.join(grid) or 'none'}"), error=ScenarioError)
    (first, values), (second, others) = grid.items()
    for value in values:
        for other in others:
            yield _tried(inputs, {first: value, second: other})


def sampled(
    inputs: TriageInputs,
    ranges: Ranges,
    target_gap: float,
    *,
    distribution: Distribution = "triangular",
    draws: int = 10_000,
    seed: int = 0,
) -> pd.DataFrame:
    """One row per draw: results as in TriageResult, and `break_even_adoption` (infinite where it cannot be reached).

    Inputs in `ranges` are drawn independently of each other, triangular with the peak at their value or uniform; the
    others stay. Same seed, same rows, whatever the order of `ranges`. Raises ScenarioError as `one_way`, and for fewer
    than one draw.
    """
    import numpy as np
    import pandas as pd

    refuse((draws < 1, f"draws is {draws}; expected at least 1"), error=ScenarioError)
    known = ("triangular", "uniform")
    refuse((distribution not in known, f"distribution is {distribution}; expected one of {known}"), error=ScenarioError)
    rng = np.random.default_rng(seed)
    drawn = {}
    for name, (low, high) in sorted(_checked(inputs, ranges).items()):
        if low < high:
            peak = (low, getattr(inputs, name), high)
            drawn[name] = (
                rng.triangular(*peak, draws) if distribution == "triangular" else rng.uniform(low, high, draws)
            )
    rows = []
    for place in range(draws):
        one = replace(inputs, **{name: float(values[place]) for name, values in drawn.items()})
        even = break_even(one, target_gap).adoption
        rows.append({**vars(triage(one)), BREAK_EVEN: np.inf if even is None else even})
    # Without anybody diverted there is no ratio.
    return pd.DataFrame(rows).astype("float64")


def intervals(draws: pd.DataFrame, level: float = LEVEL) -> pd.DataFrame:
    """Median (`value`) and equal-tailed interval (`low`, `high`) of every column, by its name.

    Order statistics, so that draws without a finite value (a target that is not reached) count as the largest; a bound
    that falls on one is missing. A column without any value is missing altogether.
    """
    import numpy as np

    ends = [(1 - level) / 2, 0.5, (1 + level) / 2]
    found = draws.quantile(ends, interpolation="nearest").T
    found.columns = ["low", "value", "high"]
    return found.replace(np.inf, np.nan)[["value", "low", "high"]]


def _tried(inputs: TriageInputs, changed: Mapping[str, float]) -> Tried:
    return Tried(changed, triage(replace(inputs, **changed)))


def _checked(inputs: TriageInputs, ranges: Ranges) -> Ranges:
    """Ranges of known inputs, each around the value it has."""
    _refuse_unknown(ranges)
    for name, (low, high) in ranges.items():
        value = getattr(inputs, name)
        outside = f"{name} is {value}, outside its range from {low} to {high}"
        refuse((not low <= value <= high, outside), error=ScenarioError)
        replace(inputs, **{name: low}), replace(inputs, **{name: high})
    return ranges


def _refuse_unknown(names: Mapping[str, object]) -> None:
    known = [field.name for field in fields(TriageInputs)]
    unknown = [name for name in names if name not in known]
    refuse((unknown, f"unknown inputs: {{}}; known: {', '.join(known)}"), error=ScenarioError)
