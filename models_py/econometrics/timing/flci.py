"""The fixed-length confidence interval (FLCI) when the slope of the gap in trends may change by a bounded amount.

Belongs here: the optimal affine estimator and its interval. Does not belong here: the other restriction and what the
restrictions mean (parallel_trends.py), tables and words (honest.py).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from models_py.econometrics.timing.parallel_trends import Interval, Path, quantile


@dataclass(frozen=True)
class Estimator:
    """target + `loads` x pre: its standard error, worst bias and the half-length of its interval."""

    loads: np.ndarray
    std_error: float
    bias: float
    half: float


def smoothness_interval(path: Path, bound: float) -> Interval:
    """The fixed-length confidence interval (FLCI) under smoothness, the shortest around an affine estimator.

    Slopes of the gap in trends change by at most `bound` (units of the outcome a year) from year to year.
    """
    best = shortest(path, bound)
    centre = path.target + float(best.loads @ path.pre)
    return Interval(centre, best.std_error, centre - best.half, centre + best.half, best.bias)


def shortest(path: Path, bound: float) -> Estimator:
    """The affine estimator with the shortest valid interval; it depends on the covariance, not on the coefficients.

    Free of bias under any linear trend. With c_j = sum over t < j of loads_t (j - t) the worst bias is bound x
    (curvature + sum |c_j|) and the variance is quadratic in c, so that the trade-off between both is a lasso path; the
    half-length is sd x the `level` quantile of |T + bias / sd|, T standard normal or t. Rambachan and Roth (2023),
    section 4.1; Armstrong and Kolesar (2018, 2020).
    """
    from scipy.optimize import minimize_scalar

    def at(share: float) -> Estimator:
        size, loads = _estimator(path, share)
        se, bias = path.std_error(loads), bound * (path.curvature + size)
        return Estimator(loads, se, bias, folded_quantile(path, bias / se) * se)

    shares = [0.0, 1.0]
    if len(path.pre) > 1 and bound > 0:
        shares = [0.0, *(1 / (1 + np.exp(-np.linspace(-12, 12, 49)))).tolist(), 1.0]
    found = [at(share) for share in shares]
    best = min(range(len(shares)), key=lambda i: found[i].half)
    if len(shares) == 2:
        return found[best]
    inside = (shares[max(best - 1, 0)], shares[min(best + 1, len(shares) - 1)])
    finer = minimize_scalar(lambda s: at(float(s)).half, bounds=inside, method="bounded", options={"xatol": 1e-9})
    return min(found[best], at(float(finer.x)), key=lambda estimator: estimator.half)


def _estimator(path: Path, share: float) -> tuple[float, np.ndarray]:
    """sum |c| and loads minimising share x variance + (1 - share) x scaled sum |c|; share 0 is c = 0."""
    if share not in path.solutions:
        k = len(path.pre)
        slope = float(path.weights @ np.arange(1, len(path.post) + 1))
        # loads_t = c_(t+1) - 2 c_t + c_(t-1) for t = -K .. -1, with c = 0 up to -K and c_0 = slope.
        second = np.eye(k) - 2 * np.eye(k, k=-1) + np.eye(k, k=-2)
        free, fixed = second[:, : k - 1], second[:, k - 1] * slope
        pre, cross = path.cov[:k, :k], path.cov[:k, k:] @ path.weights
        quadratic, linear = free.T @ pre @ free, free.T @ (pre @ fixed + cross)
        c = np.zeros(k - 1)
        if k > 1 and share > 0:
            # The scale makes `share` free of units: at share 1/2 the penalty just about reaches c = 0.
            scale = float(np.abs(linear).max()) or 1.0
            c = _lasso(quadratic, linear, scale * (1 - share) / share)
        path.solutions[share] = float(np.abs(c).sum()), free @ c + fixed
    return path.solutions[share]


def _lasso(quadratic: np.ndarray, linear: np.ndarray, penalty: float) -> np.ndarray:
    """argmin 1/2 c'Qc + linear'c + penalty sum |c|, by coordinate descent (Q positive semi-definite)."""
    if penalty == 0:
        return -np.asarray(np.linalg.lstsq(quadratic, linear, rcond=None)[0])
    c = np.zeros(len(linear))
    diagonal = np.diag(quadratic)
    for _ in range(20000):
        before = c.copy()
        for i in range(len(c)):
            if diagonal[i] > 0:
                pull = linear[i] + quadratic[i] @ c - diagonal[i] * c[i]
                c[i] = -math.copysign(max(abs(pull) - penalty, 0.0), pull) / diagonal[i]
        if np.abs(c - before).max() <= 1e-13 * max(float(np.abs(c).max()), 1e-300):
            break
    return c


def folded_quantile(path: Path, bias: float) -> float:
    """The `level` quantile of |T + bias|, T standard normal (df infinite) or t."""
    from scipy.optimize import brentq
    from scipy.special import ndtr, stdtr

    if not math.isfinite(bias):
        return math.inf
    low, high = bias + quantile(path, path.level), bias + quantile(path, 0.5 + path.level / 2)

    def excess(c: float) -> float:
        if math.isinf(path.df):
            return float(ndtr(c - bias) - ndtr(-c - bias)) - path.level
        return float(stdtr(path.df, c - bias) - stdtr(path.df, -c - bias)) - path.level

    # At the ends the mass is level less nothing (far bias) or exactly level (no bias): rounding may cross zero.
    if excess(low) >= 0:
        return low
    return high if excess(high) <= 0 else float(brentq(excess, low, high, xtol=1e-14))
