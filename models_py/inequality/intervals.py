"""Jackknife and bootstrap intervals of a measure, over units.

Belongs here: how much a figure hangs on which units are in it. Where the units are all there are (31 provinces), that is
no sampling error, and whoever prints an interval says so. Does not belong here: the measures (measures.py).

Sources: Efron and Tibshirani 1993, An Introduction to the Bootstrap, chapters 11 and 13.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from catalog.base import refuse
from models_py.inequality.measures import Formula
from models_py.inequality.shares import InequalityError, Shares


@dataclass(frozen=True)
class Interval:
    """`value` with the jackknife's `std_error` and interval (t, n - 1 degrees of freedom), and the bootstrap's interval
    (percentiles of draws of whole units); `units`: value with each unit left out less `value`.
    """

    value: float
    std_error: float
    jackknife_low: float
    jackknife_high: float
    bootstrap_low: float
    bootstrap_high: float
    units: np.ndarray


def draws_of(n: int, draws: int, seed: int) -> np.ndarray:
    """How often each of n units is drawn, `draws` x n, with replacement. Every draw holds two different units."""
    rng = np.random.default_rng(seed)
    found = rng.multinomial(n, np.full(n, 1 / n), size=draws)
    while len(bad := np.flatnonzero((found > 0).sum(axis=1) < 2)):
        found[bad] = rng.multinomial(n, np.full(n, 1 / n), size=len(bad))
    return found


def intervals(
    held: Sequence[Shares], of: Callable[..., np.ndarray], drawn: np.ndarray, level: float = 0.95
) -> Interval:
    """Intervals of one measure, or of what is made from several of the same units: a difference between two years.

    `held`: shares of the same units, once for each measure. `of`: from the shares (basis, resource, basis, resource
    ...), each draws x units, to a value for each draw; a `Formula` for a single one. `drawn`: as `draws_of` gives them.
    Raises InequalityError for fewer than three units, which leave no spread, and shares of other units.
    """
    from scipy.stats import t

    n = len(held[0].units)
    refuse(
        (n < 3, f"an interval needs at least three units, found {n}"),
        (any(not one.units.equals(held[0].units) for one in held), "intervals need the same units throughout"),
        (drawn.shape[1] != n, f"draws of {drawn.shape[1]} units for {n}"),
        error=InequalityError,
    )
    (value,), left_out, resampled = (_each(held, of, times) for times in (np.ones((1, n)), 1 - np.eye(n), drawn))
    std_error = float(np.sqrt((n - 1) / n * ((left_out - left_out.mean()) ** 2).sum()))
    half = float(t.ppf((1 + level) / 2, n - 1)) * std_error
    low, high = np.quantile(resampled, [(1 - level) / 2, (1 + level) / 2])
    return Interval(
        float(value), std_error, float(value) - half, float(value) + half, float(low), float(high), left_out - value
    )


def _each(held: Sequence[Shares], of: Callable[..., np.ndarray], times: np.ndarray) -> np.ndarray:
    """The value for each row of `times`, how often every unit counts."""
    weighted = [_shared(share * times) for one in held for share in (one.basis, one.resource)]
    return of(*weighted)


def _shared(amounts: np.ndarray) -> np.ndarray:
    total = amounts.sum(axis=-1, keepdims=True)
    # A draw of units that all have nothing is equal: it takes the place of its basis in no formula.
    return np.divide(amounts, total, out=np.zeros_like(amounts), where=total > 0)


def difference(one: Formula, other: Formula) -> Callable[..., np.ndarray]:
    """The second measure less the first, of shares given one after the other."""
    return lambda p, q, r, s: other(r, s) - one(p, q)
