"""Lorenz curves, and where two of them cross.

Belongs here: the points of a curve. Does not belong here: measures (measures.py), drawing (parts/inequality).
"""

from itertools import pairwise

import numpy as np
import pandas as pd

from models_py.inequality.shares import Groups, Values, shares

_ROUNDING = 1e-12


def lorenz_curve(resource: Values, basis: Values | None = None, groups: Groups | None = None) -> pd.DataFrame:
    """Points of the Lorenz curve, from (0, 0) to (1, 1): units by resource per basis, lowest first.

    Columns: rank (0, 1 ... n), unit (its label, absent at rank 0), cumulative_basis, cumulative_resource (shares, 0 to
    1). Units of one ratio keep their order. `groups` as in `gini`. Raises InequalityError as `shares`.
    """
    held = shares(resource, basis, groups)
    order = np.argsort(held.ratio, kind="stable")
    sums = [np.minimum(np.cumsum(share[order]), 1.0) for share in (held.basis, held.resource)]
    cumulative = [np.concatenate([[0.0], along]) for along in sums]
    for along in cumulative:
        along[-1] = 1.0
    return pd.DataFrame(
        {
            "rank": np.arange(len(order) + 1),
            "unit": [None, *held.units[order]],
            "cumulative_basis": cumulative[0],
            "cumulative_resource": cumulative[1],
        }
    )


def lorenz_crossings(one: pd.DataFrame, other: pd.DataFrame) -> list[float]:
    """Shares of the basis at which two Lorenz curves cross, lowest first; none where one lies nowhere below the other.

    Both curves are straight between their points, so crossings are exact. Curves that only touch do not cross.
    Where curves cross, measures may disagree on which is more equal (Atkinson 1970).
    """
    knots = np.union1d(one["cumulative_basis"], other["cumulative_basis"])
    gap = _height(one, knots) - _height(other, knots)
    apart = np.flatnonzero(np.abs(gap) > _ROUNDING)
    turns = [(a, b) for a, b in pairwise(apart) if gap[a] * gap[b] < 0]
    return [_zero(knots[a : b + 1], gap[a : b + 1]) for a, b in turns]


def _height(curve: pd.DataFrame, at: np.ndarray) -> np.ndarray:
    return np.interp(at, curve["cumulative_basis"], curve["cumulative_resource"])


def _zero(knots: np.ndarray, gap: np.ndarray) -> float:
    """Where the difference is zero between two knots of opposite sign; the middle of a stretch on which it is."""
    if len(knots) > 2:
        return float((knots[1] + knots[-2]) / 2)
    return float(knots[0] + (knots[1] - knots[0]) * gap[0] / (gap[0] - gap[1]))
