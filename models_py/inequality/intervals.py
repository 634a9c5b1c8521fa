"""Jackknife and bootstrap intervals of a measure, over units.

Belongs here: how much a figure hangs on which units are in it. Where the units are all there are (31 provinces), that
is no sampling error, and whoever prints an interval says so. Does not belong here: the measures (measures.py).

Sources: Efron and Tibshirani 1993, An Introduction to the Bootstrap, chapters 11 and 13.
"""

from dataclasses import dataclass

import numpy as np

from catalog.base import refuse
from models_py.inequality.measures import Formula
from models_py.inequality.shares import InequalityError


@dataclass(frozen=True)
class Interval:
    """`value`; the jackknife's `low`, `high` (t, n - 1 degrees of freedom) and `std_error`; the bootstrap's interval
    (percentiles of draws of whole units), which covers less (benchmarks/coverage_inequality.py).
    """

    value: float
    low: float
    high: float
    std_error: float
    low_bootstrap: float
    high_bootstrap: float


def draws_of(n: int, draws: int, seed: int) -> np.ndarray:
    """How often each of n units is drawn, `draws` x n, with replacement. Every draw holds two different units.

    Raises InequalityError for fewer than two units.
    """
    refuse((n < 2, f"draws need at least two units, found {n}"), error=InequalityError)
    rng = np.random.default_rng(seed)
    found = rng.multinomial(n, np.full(n, 1 / n), size=draws)
    while len(bad := np.flatnonzero((found > 0).sum(axis=1) < 2)):
        found[bad] = rng.multinomial(n, np.full(n, 1 / n), size=len(bad))
    return found


def intervals(of: Formula, drawn: np.ndarray, level: float = 0.95) -> Interval:
    """Intervals of a measure, or of what is made from several of the same units: a difference between two years.

    `of`: from how often each unit counts (draws x units) to a value for each draw. `drawn`: as `draws_of` gives them.
    Where some draw, or all units but one, have no value (none of them holds any), ends and error that hang on it are
    NaN: leaving such draws out would make the interval too short.
    Raises InequalityError for fewer than three units, which leave no spread.
    """
    from scipy.special import stdtrit

    n = drawn.shape[1]
    refuse((n < 3, f"an interval needs at least three units, found {n}"), error=InequalityError)
    with np.errstate(divide="ignore", invalid="ignore"):
        value, left_out, found = float(of(np.ones(n))), of(1 - np.eye(n)), of(drawn)
    std_error = float(np.sqrt((n - 1) / n * ((left_out - left_out.mean()) ** 2).sum()))
    half = float(stdtrit(n - 1, (1 + level) / 2)) * std_error
    low, high = map(float, np.quantile(found, [(1 - level) / 2, (1 + level) / 2]))
    return Interval(value, value - half, value + half, std_error, low, high)
