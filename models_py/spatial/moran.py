"""Moran's I of values on a set of weights, with its analytic and permutation tests.

Belongs here: the statistic, its moments, which weights it accepts.
Does not belong here: what is tested with it, and whose neighbours the weights are.
"""

import math
from collections.abc import Sequence

import numpy as np
import pandas as pd

from catalog.base import refuse
from models_py.econometrics.result import EstimationError
from models_py.spatial.weights import check_weights as usable

# |I* - E| and |I - E| closer than this (relative to the larger) are a tie.
_TIE = 1e-12


class MoranError(EstimationError):
    """Values or weights on which Moran's I is not defined; the message names the entity at fault."""


def check_weights(weights: pd.DataFrame) -> None:
    """Raise MoranError unless square with equal labels that stand once, finite, not negative, zero on the diagonal."""
    refuse(
        (
            list(weights.index) != list(weights.columns),
            "the weights must be square with the same entities, in one order, as index and columns",
        ),
        error=MoranError,
    )
    usable(weights, MoranError)


def moran(
    values: pd.Series, weights: pd.DataFrame, permutations: int = 999, seed: int | Sequence[int] = 0
) -> dict[str, float]:
    """Moran's I of `values` (indexed by entity) on `weights` (square, the same entities, used as given).

    Returns i, expected_i, z_norm, p_norm, z_rand, p_rand, p_sim, p_sim_greater, permutations. Moments under normality
    and under randomisation: Cliff and Ord (1981), Spatial Processes, chapters 1 and 2; p_norm and p_rand two-sided.
    p_sim, two-sided, is (1 + permutations at least as far from the expectation as I) / (1 + permutations);
    p_sim_greater counts those with I at least as large.

    Raises MoranError for fewer than 4 entities, entities that differ, an empty or constant series, an entity without
    neighbours and weights `check_weights` refuses.
    """
    check_weights(weights)
    differ = sorted(map(str, set(values.index) ^ set(weights.index)))
    same = not values.index.has_duplicates and not differ
    refuse(
        (not same, f"values and weights are not of the same entities: {', '.join(differ[:5]) or 'one twice'}"),
        error=MoranError,
    )
    x = values.reindex(weights.index).to_numpy(dtype="float64")
    w, n = weights.to_numpy(dtype="float64"), len(x)
    refuse(
        (weights.index[~np.isfinite(x)].tolist()[:1], "no finite value for {}"),
        (n < 4, f"{n} entities; the moments need at least 4"),
        (weights.index[np.flatnonzero(~w.any(axis=1))].tolist()[:1], "{} has no neighbour in the weights"),
        error=MoranError,
    )
    refuse((x.max() == x.min(), f"all values are {float(x[0])!r}"), error=MoranError)
    z = x - x.mean()
    s0, squares = float(w.sum()), float(z @ z)
    observed = n / s0 * float(z @ w @ z) / squares
    expected = -1 / (n - 1)
    z_norm, z_rand = ((observed - expected) / math.sqrt(v) for v in _variances(w, z, s0))
    shuffled = np.random.default_rng(seed).permuted(np.tile(z, (permutations, 1)), axis=1)
    drawn = n / s0 * np.sum(shuffled * (shuffled @ w.T), axis=1) / squares
    p_sim, p_greater = permutation_p(observed, drawn, expected)
    return {
        "i": observed,
        "expected_i": expected,
        "z_norm": z_norm,
        "p_norm": math.erfc(abs(z_norm) / math.sqrt(2)),
        "z_rand": z_rand,
        "p_rand": math.erfc(abs(z_rand) / math.sqrt(2)),
        "p_sim": p_sim,
        "p_sim_greater": p_greater,
        "permutations": permutations,
    }


def permutation_p(observed: float, drawn: np.ndarray, expected: float) -> tuple[float, float]:
    """Two-sided and upper permutation p-values, the sample itself counted among the draws; ties count as exceeding."""
    gap, gaps = abs(observed - expected), np.abs(drawn - expected)
    tie = _TIE * max(gap, float(gaps.max(initial=0.0)))
    far, above = int((gaps >= gap - tie).sum()), int((drawn >= observed - tie).sum())
    return (1 + far) / (1 + len(drawn)), (1 + above) / (1 + len(drawn))


def _variances(w: np.ndarray, z: np.ndarray, s0: float) -> tuple[float, float]:
    """Variance of I under normality and under randomisation."""
    n = len(z)
    s1 = float(np.sum((w + w.T) ** 2)) / 2
    s2 = float(np.sum((w.sum(axis=0) + w.sum(axis=1)) ** 2))
    square = 1 / (n - 1) ** 2
    normal = (n**2 * s1 - n * s2 + 3 * s0**2) / ((n**2 - 1) * s0**2) - square
    kurtosis = float(np.mean(z**4) / np.mean(z**2) ** 2)
    first = n * ((n**2 - 3 * n + 3) * s1 - n * s2 + 3 * s0**2)
    second = kurtosis * ((n**2 - n) * s1 - 2 * n * s2 + 6 * s0**2)
    return normal, (first - second) / ((n - 1) * (n - 2) * (n - 3) * s0**2) - square
