"""Bounds and confidence intervals when trends depart from parallel by a bounded amount (Rambachan and Roth 2023).

Belongs here: the two restrictions, the sets they identify, the interval under relative magnitudes.
Does not belong here: the interval under smoothness (flci.py); event studies, tables and words (honest.py).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

import numpy as np

Restriction = Literal["relative_magnitudes", "smoothness"]


@dataclass(frozen=True)
class Interval:
    """`estimate` of the target, its standard error, the interval's ends and the bias allowed for."""

    estimate: float
    std_error: float
    low: float
    high: float
    bias: float

    @property
    def contains_zero(self) -> bool:
        """Zero lies inside, ends included."""
        return self.low <= 0 <= self.high


@dataclass(frozen=True)
class Path:
    """Event-study coefficients at consecutive years around the reference year.

    `pre` (K >= 1, the last one the year before the reference), `post` (L >= 1, the first one the year after it), `cov`
    their covariance (K + L square, in that order), `weights` (L) of the target, sum of weights x post effects; `df`
    of the t distribution (infinite: normal, as in the paper); `level` of the intervals.
    """

    pre: np.ndarray
    post: np.ndarray
    cov: np.ndarray
    weights: np.ndarray
    df: float = math.inf
    level: float = 0.95
    # Estimators of flci.py by their trade-off: the same for every bound.
    solutions: dict[float, tuple[float, np.ndarray]] = field(default_factory=dict, repr=False, compare=False)

    @property
    def target(self) -> float:
        """The weighted post coefficients, unbiased when trends are parallel."""
        return float(self.weights @ self.post)

    def std_error(self, loads: np.ndarray) -> float:
        """Standard error of loads x pre + weights x post."""
        both = np.concatenate([loads, self.weights])
        return math.sqrt(max(float(both @ self.cov @ both), 0.0))

    @cached_property
    def drift(self) -> float:
        """Largest bias of the target when the difference in trends moves by at most one from year to year.

        delta_t = sum of moves up to t, so weights x delta = sum over j of move_j x (sum of weights from j on).
        """
        return float(np.abs(np.cumsum(self.weights[::-1])).sum())

    @cached_property
    def curvature(self) -> float:
        """Largest bias of the target, less the extrapolated line, when slopes change by at most one a year."""
        horizons = np.arange(1, len(self.post) + 1)
        return float(sum(abs(self.weights @ np.maximum(horizons - j, 0)) for j in range(len(self.post))))


def identified_set(path: Path, restriction: Restriction, bound: float) -> tuple[float, float]:
    """Values of the target compatible with the coefficients taken as exact, by linear programming.

    relative_magnitudes: consecutive post differences of the trend gap are at most `bound` x the largest pre one.
    smoothness: its second differences, through the reference year, are at most `bound` in size. (NaN, NaN) when the
    pre coefficients themselves violate it. Rambachan and Roth (2023), sections 2.3 and 2.4.
    """
    from scipy.optimize import linprog

    k, n = len(path.pre), len(path.post)
    # Known part of the gap (pre years and the zero of the reference year), unknown part (post years).
    known = np.concatenate([path.pre, [0.0]])
    order = 1 if restriction == "relative_magnitudes" else 2
    steps = np.diff(np.eye(k + 1 + n), n=order, axis=0)
    limit = bound * float(np.abs(np.diff(known)).max()) if order == 1 else bound
    past = ~steps[:, k + 1 :].any(axis=1)
    # Relative magnitudes hold in the past by construction.
    if order == 2 and (np.abs(steps[past, : k + 1] @ known) > limit * (1 + 1e-9)).any():
        return math.nan, math.nan
    rows, offset = steps[~past][:, k + 1 :], steps[~past][:, : k + 1] @ known
    a, b = np.vstack([rows, -rows]), np.concatenate([limit - offset, limit + offset])
    ends = []
    for sign in (1.0, -1.0):
        solution = linprog(sign * path.weights, A_ub=a, b_ub=b, bounds=(None, None), method="highs")
        if not solution.success:
            raise ArithmeticError(f"linear programme of the identified set: {solution.message}")
        ends.append(sign * float(solution.fun))
    return path.target - ends[1], path.target - ends[0]


def relative_magnitudes_interval(path: Path, bound: float) -> Interval:
    """A conservative interval under relative magnitudes: the union over where the largest pre step may be.

    The target lies within target +- bound x drift x max_s |step_s|, so its upper end is the largest of 2K linear
    functions of the coefficients. For whichever of them is largest in truth, its own one-sided bound fails with
    probability (1 - level)/2, and the largest of all the one-sided bounds lies above it; likewise below. Coverage is
    therefore at least `level` for normal coefficients, exactly that at bound 0, and more where several steps are near
    the largest. (The paper's conditional tests are shorter because they use which step is largest.)
    """
    point = quantile(path, 0.5 + path.level / 2)
    steps = np.diff(np.eye(len(path.pre) + 1)[:, :-1], axis=0)
    lows, highs = [], []
    for step in np.vstack([steps, -steps]):
        loads = bound * path.drift * step
        centre, half = path.target + float(loads @ path.pre), point * path.std_error(loads)
        lows.append(centre - half)
        highs.append(centre + half)
    bias = bound * path.drift * float(np.abs(steps @ path.pre).max())
    return Interval(path.target, path.std_error(np.zeros(len(path.pre))), min(lows), max(highs), bias)


def quantile(path: Path, probability: float) -> float:
    """Of the t distribution with the path's degrees of freedom, or the normal."""
    from scipy.special import ndtri, stdtrit

    return float(ndtri(probability) if math.isinf(path.df) else stdtrit(path.df, probability))
