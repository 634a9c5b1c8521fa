"""Moran's I as tables: the global statistic as one row, the local statistics of every place.

Belongs here: local statistics with conditional permutations, classes, false discovery rate. Does not belong here: the
global statistic and its moments (moran.py).

Local, after Anselin (1995), Geographical Analysis 27(2): I_i = z_i sum_j w_ij z_j / m2, m2 = z'z / n, as spdep has it;
esda divides by z'z / (n - 1) instead. z_i is held while the others are permuted.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from models_py.spatial.moran import moran, normal_variance, permutation_p, prepared

QUADRANTS = ("HH", "LH", "LL", "HL")
LOCAL_COLUMNS = ("i", "p_sim", "quadrant", "cluster", "significant_fdr")
LEVEL = 0.05


def moran_global(
    values: pd.Series, weights: pd.DataFrame, permutations: int = 999, seed: int | Sequence[int] = 0
) -> pd.DataFrame:
    """One row: i, expected_i, z_norm, p_norm, z_rand, p_rand, p_sim, p_sim_greater, permutations. Raises as `moran`."""
    return pd.DataFrame([moran(values, weights, permutations, seed)])


def moran_local(
    values: pd.Series, weights: pd.DataFrame, permutations: int = 999, seed: int | Sequence[int] = 0
) -> pd.DataFrame:
    """One row per place, in the order of the weights: i, p_sim, quadrant, cluster, significant_fdr.

    `p_sim`: two-sided, among `permutations` of the other places (1 + those at least as far from the mean of the draws)
    / (1 + permutations). `quadrant`: HH, LH, LL, HL by the signs of the place and of its neighbours; `cluster`: that
    where p_sim is at most 0.05, else ''. `significant_fdr`: whether p_sim is among those Benjamini and Hochberg (1995)
    keep at a false discovery rate of 0.05. Raises as `moran`.
    """
    z, w = prepared(values, weights)
    n, m2 = len(z), float(z @ z) / len(z)
    lag = w @ z
    observed = z * lag / m2
    # The same permutations of the other n - 1 for every place; only as many are needed as a place has neighbours.
    most = int((w != 0).sum(axis=1).max())
    orders = np.random.default_rng(seed).permuted(np.tile(np.arange(n - 1), (permutations, 1)), axis=1)[:, :most]
    rows = []
    for place in range(n):
        others, row = np.delete(z, place), w[place][w[place] != 0]
        drawn = z[place] / m2 * (others[orders[:, : len(row)]] @ row)
        # Given z_i every arrangement of the others is as likely, so that this is the mean of I_i over all of them.
        expected = float(z[place] / m2 * row.sum() * others.mean())
        rows.append(permutation_p(float(observed[place]), drawn, expected)[0])
    p_sim = np.array(rows)
    quadrant = np.where(z > 0, np.where(lag > 0, "HH", "HL"), np.where(lag > 0, "LH", "LL"))
    found = {
        "i": observed,
        "p_sim": p_sim,
        "quadrant": quadrant,
        "cluster": np.where(p_sim <= LEVEL, quadrant, ""),
        "significant_fdr": kept_by_fdr(p_sim, LEVEL),
    }
    return pd.DataFrame(found, index=weights.index)


def kept_by_fdr(p_values: np.ndarray, level: float) -> np.ndarray:
    """Which of the p-values are rejected at a false discovery rate (Benjamini and Hochberg 1995)."""
    n, order = len(p_values), np.argsort(p_values, kind="stable")
    passed = np.flatnonzero(p_values[order] <= level * np.arange(1, n + 1) / n)
    kept = np.zeros(n, dtype=bool)
    if len(passed):
        kept[order[: passed[-1] + 1]] = True
    return kept


def z_of(i: float, weights: pd.DataFrame) -> tuple[float, float]:
    """z of a value of Moran's I under normality, and its standard deviation, for weights alone: for a printed I."""
    sd = float(np.sqrt(normal_variance(weights.to_numpy(dtype="float64"))))
    return (i + 1 / (len(weights) - 1)) / sd, sd
