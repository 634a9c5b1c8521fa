"""Bounds and confidence intervals when trends depart from parallel by a bounded amount (Rambachan and Roth 2023).

Belongs here: the two restrictions, the sets they identify, the interval under relative magnitudes, and under smoothness
the optimal affine estimator with its fixed-length interval (FLCI). Does not belong here: event studies, tables and
words (honest.py).
"""

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
    # Affine estimators by their trade-off: the same for every bound.
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
