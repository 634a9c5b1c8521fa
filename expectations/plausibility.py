"""What a plausible figure looks like, as arithmetic: jumps, magnitudes, ranks and sums.

Belongs here: pure functions on numbers, and the limits that hold for every indicator.
Does not belong here: plausible ranges, units and the limits of single quantities and indicators
(catalog/indicators.yaml), checks and tables (the suites).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from catalog.indicators import Indicator, load_registry
from expectations import Series

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

_SUM_TOLERANCE = 0.05
# Share of the places that have a figure of their own where figures are printed finely enough to tell years apart.
_DISTINCT = 0.8


def jump_factor(indicator: Indicator) -> float:
    """Largest year-on-year factor of a province that needs no look."""
    return indicator.jump or load_registry().quantity(indicator).jump


def city_jump_factor(indicator: Indicator) -> float:
    """The same for prefecture-level units, which are smaller and exchange counties: never less than a province's."""
    return max(load_registry().quantity(indicator).city_jump, jump_factor(indicator))


def change_factor(now: npt.NDArray[Any], before: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
    """Factor between two figures, at least 1 whichever is larger.

    Infinite from or to zero and across a change of sign; NaN where either is absent.
    """
    import numpy as np

    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = now / before
        factor = np.maximum(ratio, 1 / ratio)
        factor = np.where(now * before <= 0, np.inf, factor)
    factor = np.where(now == before, 1.0, factor)
    return np.where(np.isnan(now) | np.isnan(before), np.nan, factor)


def units_of(indicator: Indicator) -> tuple[str, ...]:
    """The catalogued units for the indicator's quantity, the canonical one first."""
    return load_registry().units_of(indicator)


def units_differ(indicator: Indicator) -> bool:
    """Whether its units differ in size: 件 and 个 name the same one, so no figure could tell them apart."""
    return len({load_registry().units[symbol].factor for symbol in units_of(indicator)}) > 1


def middle(indicator: Indicator) -> float:
    """Geometric middle of the plausible range, in the canonical unit, from the lowest figure usually met."""
    return math.sqrt(load_registry().usual_low(indicator) * indicator.range[1])


def fitting_unit(indicator: Indicator, unit: str, value: float) -> str:
    """The unit under which the printed figure lies nearest to the middle of the range, by factor.

    `value` is the figure in the canonical unit, converted from `unit`, the one it was read in. `unit` itself
    where no other is nearer, and for a figure of zero or less, which has no magnitude.
    """
    if value <= 0:
        return unit
    units, centre = load_registry().units, middle(indicator)

    def distance(candidate: str) -> float:
        return abs(math.log(value * float(units[candidate].factor / units[unit].factor) / centre))

    return min(dict.fromkeys([unit, *units_of(indicator)]), key=distance)


def rank_moves(now: Series, before: Series, groups: Sequence[Series]) -> Series:
    """Places each figure moved in rank within its group since the year before, among those with both figures.

    Equal figures share their mean rank. NaN where either figure is absent.
    """
    both = now.notna() & before.notna()
    ranks = [figures.where(both).groupby(list(groups)).rank() for figures in (now, before)]
    return (ranks[0] - ranks[1]).abs()


def repeated_shares(now: Series, before: Series, groups: Sequence[Series], fewest: int) -> Series:
    """The share of the figures of a group that equal those of the year before, in the group's first row.

    NULL in other rows, and where fewer than `fewest` have both figures or all are zero. Figures printed so coarsely
    that many places share one, such as 0.05 %, tell nothing unless all are those of the year before.
    """
    both = now.notna() & before.notna() & ((now != 0) | (before != 0))
    same, figures = ((now == before).astype(float).where(both), now.where(both))
    of_group, values = same.groupby(list(groups)), figures.groupby(list(groups))
    shares = of_group.transform("mean").where(of_group.transform("count") >= fewest)
    coarse = values.transform("nunique") < _DISTINCT * of_group.transform("count")
    return shares.where(~coarse | (shares == 1)).where(of_group.cumcount() == 0)


def sum_tolerance(indicator: Indicator) -> float | None:
    """Largest share by which the provinces' sum may miss the national figure; None where they do not add up."""
    return (indicator.sum_tolerance or _SUM_TOLERANCE) if load_registry().quantity(indicator).additive else None
