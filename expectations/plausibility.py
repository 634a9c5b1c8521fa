"""What a plausible figure looks like, as arithmetic: jumps, magnitudes, ranks and sums.

Belongs here: pure functions on numbers, and the limits that several suites share.
Does not belong here: plausible ranges and units (catalog/indicators.yaml), checks and tables (the suites).
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from catalog.indicators import Indicator, load_registry

# A change from one year to the next by more than this factor, either way, asks for a look. Wide enough for
# price reforms, censuses and 2020; narrow enough for a slipped decimal point or a unit ten times too large.
_JUMP_BY_QUANTITY = {
    "money": 2.0,
    "persons": 1.5,
    "visits": 2.0,
    "area": 1.2,
    "ratio": 1.5,
    "index": 2.0,
    "visits per person": 2.0,
    "money per person": 2.0,
    "persons per area": 1.5,
}
# Case fatality rests on few deaths in small provinces; admissions fell and rebounded around 2020; the
# digital-finance index grew up to 4.2-fold from its first year, 2011, to the next.
_JUMP_BY_INDICATOR = {
    "emergency_mortality_rate": 4.0,
    "inpatient_mortality_rate": 3.0,
    "hospital_admissions": 2.0,
    "admission_rate": 2.0,
    "digital_finance_index": 5.0,
}
# Where a range starts at zero it has no geometric middle; this is the lowest figure usually met, in the
# canonical unit. A province may well report less: only the median of a table is held against the middle.
_USUAL_LOW = {"emergency_mortality_rate": 0.02, "inpatient_mortality_rate": 0.1}
# The same for shares that may reach the whole, as a part of it.
_USUAL_LOW_SHARE = 0.2
# Quantities whose provincial figures add up to the national one.
_ADDITIVE = frozenset({"money", "persons", "visits", "area"})
_SUM_TOLERANCE = 0.05
# Until 2019 provinces computed their own GDP and their sum exceeded the national figure, at times by a tenth.
_SUM_TOLERANCE_BY_INDICATOR = {"gdp": 0.15}


def jump_factor(indicator: Indicator) -> float:
    """Largest year-on-year factor that needs no look. Raises ValueError for a quantity without one."""
    if indicator.id in _JUMP_BY_INDICATOR:
        return _JUMP_BY_INDICATOR[indicator.id]
    quantity = load_registry().units[indicator.unit].quantity
    if quantity not in _JUMP_BY_QUANTITY:
        raise ValueError(f"{indicator.id}: no year-on-year factor declared for the quantity {quantity!r}")
    return _JUMP_BY_QUANTITY[quantity]


def change_factor(now: npt.NDArray[Any], before: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
    """Factor between two figures, at least 1 whichever is larger.

    Infinite from or to zero and across a change of sign; NaN where either is absent.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = now / before
        factor = np.maximum(ratio, 1 / ratio)
    factor = np.where(now * before <= 0, np.inf, factor)
    factor = np.where(now == before, 1.0, factor)
    return np.where(np.isnan(now) | np.isnan(before), np.nan, factor)


def units_of(indicator: Indicator) -> tuple[str, ...]:
    """The catalogued units that measure the indicator's quantity, its canonical one first."""
    units = load_registry().units
    quantity = units[indicator.unit].quantity
    return tuple(dict.fromkeys([indicator.unit, *(name for name, u in units.items() if u.quantity == quantity)]))


def middle(indicator: Indicator) -> float:
    """Geometric middle of the plausible range, in the canonical unit.

    Raises ValueError for a range that starts at zero or below and has no usual low declared.
    """
    low, high = indicator.range
    if low <= 0:
        unit = load_registry().units[indicator.unit]
        whole = 1 / float(unit.factor)
        if indicator.id in _USUAL_LOW:
            low = _USUAL_LOW[indicator.id]
        elif unit.quantity == "ratio" and high >= whole:
            low = _USUAL_LOW_SHARE * whole
        else:
            raise ValueError(
                f"{indicator.id}: its range starts at {low:g}, so its magnitude needs a usual low; "
                "declare one in expectations/plausibility.py"
            )
    return math.sqrt(low * high)


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


def rank_moves(values: pd.DataFrame) -> pd.DataFrame:
    """Places each column moved in rank since the row before, among the columns present in both rows.

    Rows are years, columns are provinces; the result has the same shape. Equal figures share their mean rank.
    NaN where the year before is absent or either figure is.
    """
    before = values.reindex(values.index - 1).set_axis(values.index)
    both = values.notna() & before.notna()
    now_rank = values.where(both).rank(axis=1)
    return (now_rank - before.where(both).rank(axis=1)).abs()


def sum_tolerance(indicator: Indicator) -> float | None:
    """Largest share by which the provinces' sum may miss the national figure; None where they do not add up."""
    if load_registry().units[indicator.unit].quantity not in _ADDITIVE:
        return None
    return _SUM_TOLERANCE_BY_INDICATOR.get(indicator.id, _SUM_TOLERANCE)
