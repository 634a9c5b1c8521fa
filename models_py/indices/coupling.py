"""Two systems of indicators, an index of each, and how far they are coupled and coordinated.

Belongs here: min-max values, weights of indicators, the index of a system, coupling C, coordination T and D, levels.
Does not belong here: which indicators make up a system (catalog/studies), gaps of the panel (panel.py).

Entropy weights: standardised.py. C, T and D: domain section 5.3; with the standard form D = (U1 U2)^(1/4).
"""

import warnings
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from catalog.base import Text, refuse
from models_py.indices.standardised import IndexDataError, entropy_weights, first_component_weights

Weighting = Literal["entropy", "equal", "first_component", "critic"]
Rescale = Literal["none", "minmax", "max"]
Form = Literal["standard", "half", "power", "wang"]
# Exponent of the form `power`.
POWER = 2


@dataclass(frozen=True)
class Level:
    """A class of coordination: from `low` (included) to the next one's; `id` in tables."""

    low: float
    id: str
    name: Text


def _levels(*rows: tuple[float, str, str, str]) -> tuple[Level, ...]:
    return tuple(Level(low, name, Text(en=en, zh=zh)) for low, name, en, zh in rows)


LEVELS: Mapping[Literal["ten", "four"], tuple[Level, ...]] = {
    "ten": _levels(
        (0.0, "extreme_disorder", "extreme disorder", "极度失调"),
        (0.1, "serious_disorder", "serious disorder", "严重失调"),
        (0.2, "moderate_disorder", "moderate disorder", "中度失调"),
        (0.3, "mild_disorder", "mild disorder", "轻度失调"),
        (0.4, "near_disorder", "near disorder", "濒临失调"),
        (0.5, "bare_coordination", "bare coordination", "勉强协调"),
        (0.6, "primary_coordination", "primary coordination", "初级协调"),
        (0.7, "intermediate_coordination", "intermediate coordination", "中级协调"),
        (0.8, "good_coordination", "good coordination", "良好协调"),
        (0.9, "quality_coordination", "quality coordination", "优质协调"),
    ),
    "four": _levels(
        (0.0, "low", "low", "低度协调"),
        (0.3, "primary", "primary", "初级协调"),
        (0.5, "medium", "medium", "中度协调"),
        (0.8, "high", "high", "高度协调"),
    ),
}


def year_ranks(data: pd.DataFrame, indicators: Collection[str], year: str = "year") -> pd.DataFrame:
    """`data` with each of the indicators as its rank among the rows of its year, from 0, smallest, to 1, largest.

    Equal values share the mean of their ranks; where all rows of a year are equal they are 0.5, and one row alone is
    too. Raises IndexDataError for a value that is empty.
    """
    ranked = {}
    for name in indicators:
        refuse((data[name].isna().any(), f"the indicator {name!r} has empty values"), error=IndexDataError)
        groups = data[name].groupby(data[year])
        last = groups.transform("size") - 1
        ranked[name] = ((groups.rank() - 1) / last.where(last > 0)).fillna(0.5)
    return data.assign(**ranked)


def min_max(data: pd.DataFrame, directions: Mapping[str, int]) -> pd.DataFrame:
    """Each indicator from 0, worst, to 1, best, over all rows; a constant one is 0.

    `directions`: +1 where more is better, -1 where less is. Raises IndexDataError for an indicator without a direction
    or with a value that is not finite.
    """
    made = {}
    for indicator, direction in directions.items():
        refuse((indicator not in data.columns, f"the data have no column {indicator!r}"), error=IndexDataError)
        values = data[indicator].to_numpy(dtype="float64", na_value=np.nan)
        refuse(
            (direction not in (1, -1), f"the direction of {indicator!r} must be +1 or -1, found {direction!r}"),
            (not np.isfinite(values).all(), f"the indicator {indicator!r} has values that are empty or infinite"),
            error=IndexDataError,
        )
        low, high = float(values.min()), float(values.max())
        scaled = np.zeros(len(values)) if low == high else (values - low) / (high - low)
        made[indicator] = scaled if direction > 0 or low == high else 1 - scaled
    return pd.DataFrame(made, index=data.index)


def indicator_weights(
    data: pd.DataFrame, directions: Mapping[str, int], weighting: Weighting = "entropy", shift: float = 1e-4
) -> pd.DataFrame:
    """indicator, entropy, divergence, weight of the indicators of one system; weights sum to 1.

    entropy: `entropy_weights`. equal: 1/K. first_component: sizes of the loadings of the first principal component of
    the z-scores. critic: standard deviation of the min-max values times the sum of (1 - r) with the others
    (Diakoulaki, Mavrotas and Papayannakis 1995). Entropy and divergence are those of the data in every case.

    Raises as `entropy_weights` and `min_max`; IndexDataError where the weighting is not defined for a constant column.
    """
    table = entropy_weights(data, directions, shift=shift)
    if weighting == "entropy":
        return table
    scaled = min_max(data, directions)
    if weighting == "equal":
        return table.assign(weight=1 / len(table))
    constant = [str(name) for name in scaled.columns if scaled[name].nunique() < 2]
    refuse((constant, f"{weighting} weights are not defined for constant indicators: {{}}"), error=IndexDataError)
    if weighting == "critic":
        correlation = np.atleast_2d(np.corrcoef(scaled.to_numpy(), rowvar=False))
        content = scaled.std(ddof=1).to_numpy() * (1 - correlation).sum(axis=0)
        refuse(
            (content.sum() <= 1e-12, "all indicators are the same: critic weights are not defined"),
            error=IndexDataError,
        )
        return table.assign(weight=content / content.sum())
    scores = (scaled - scaled.mean()) / scaled.std(ddof=1)
    loadings = first_component_weights(scores.to_numpy(), list(scaled.columns))
    return table.assign(weight=[abs(loadings[name]) for name in table["indicator"]])


def system_index(
    data: pd.DataFrame, directions: Mapping[str, int], weights: pd.DataFrame, rescale: Rescale = "none"
) -> pd.Series:
    """U of one system, from 0 to 1: the weighted sum of its min-max values.

    `rescale`: stretched to [0, 1] over the rows (minmax), or divided by the largest (max).
    """
    share = weights.set_index("indicator")["weight"]
    values = min_max(data, directions)[list(share.index)].to_numpy() @ share.to_numpy()
    return pd.Series(rescaled(values, rescale), index=data.index)


def rescaled(values: np.ndarray, rescale: Rescale) -> np.ndarray:
    """Values stretched to [0, 1] (minmax) or divided by the largest (max), each column by itself; none: as they are.

    Raises IndexDataError for a column that does not vary.
    """
    if rescale == "none":
        return values
    low = values.min(axis=0) if rescale == "minmax" else 0.0
    spread = values.max(axis=0) - low
    refuse((bool(np.any(spread <= 0)), "the index does not vary, so that it cannot be rescaled"), error=IndexDataError)
    return (values - low) / spread


def coupling_coordination(
    first: pd.Series, second: pd.Series, form: Form = "standard", levels: Literal["ten", "four"] = "ten"
) -> pd.DataFrame:
    """coupling_degree C, coordination_index T, coordination_degree D and level of two indices U1 and U2 in [0, 1].

    T = (U1 + U2) / 2, D = sqrt(C T); C = 2 sqrt(U1 U2) / (U1 + U2) (standard), half of it (half), its square to the
    power of `POWER` (power), or sqrt((1 - |U1 - U2|) min / max) (wang). Where both are 0, C is not defined and taken as
    0. Levels begin at their lower bound.

    Raises IndexDataError for indices outside [0, 1], empty ones and different rows.
    """
    refuse((not first.index.equals(second.index), "both indices must have the same rows"), error=IndexDataError)
    one, other = first.to_numpy(dtype="float64"), second.to_numpy(dtype="float64")
    for values, what in ((one, "first"), (other, "second")):
        inside = np.isfinite(values) & (values >= -1e-12) & (values <= 1 + 1e-12)
        refuse(
            (not inside.all(), f"the {what} index has values that are empty or outside [0, 1]"), error=IndexDataError
        )
    one, other = np.clip(one, 0, 1), np.clip(other, 0, 1)
    if form == "half":
        warnings.warn("form 'half' keeps D below 0.707: its upper levels cannot be reached", stacklevel=2)
    total = one + other
    with np.errstate(divide="ignore", invalid="ignore"):
        standard = 2 * np.sqrt(one * other) / total
        made = {
            "standard": standard,
            "half": standard / 2,
            "power": standard ** (2 * POWER),
            "wang": np.sqrt((1 - np.abs(one - other)) * np.minimum(one, other) / np.maximum(one, other)),
        }[form]
    degree = np.where(total > 0, made, 0.0)
    coordinated = np.sqrt(degree * total / 2)
    columns = {
        "coupling_degree": degree,
        "coordination_index": total / 2,
        "coordination_degree": coordinated,
        "level": level_of(coordinated, levels),
    }
    return pd.DataFrame(columns, index=first.index)


def level_of(degree: Sequence[float] | np.ndarray, scale: Literal["ten", "four"] = "ten") -> list[str]:
    """The level of each D, by id; bounds belong to the level above."""
    known = LEVELS[scale]
    lows = np.array([level.low for level in known])
    # A bound reached but for rounding is reached.
    places = np.searchsorted(lows, np.asarray(degree) + 1e-12, side="right") - 1
    return [known[int(place)].id for place in places]
