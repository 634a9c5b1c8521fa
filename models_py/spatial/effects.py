"""Direct, indirect and total effects of a spatial model, averages and place by place.

Belongs here: S_k = (I - rho W)^-1 (beta_k I + theta_k W), its averages, their variance by simulation and by the delta
method. Does not belong here: estimation.

Source: LeSage and Pace (2009), Introduction to Spatial Econometrics, section 2.7: direct is the mean of the diagonal
of S_k, total the mean of its row sums, indirect the difference. The value is that at the estimate; simulation gives
error and interval only. Averages need no inverse: with G = W (I - rho W)^-1, tr (I - rho W)^-1 = N + rho tr G and
tr (I - rho W)^-1 W = tr G.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from models_py.spatial.log_determinant import LogDeterminant
from models_py.spatial.weights import Weights

KINDS = ("direct", "indirect", "total")
# Points at which what has no closed form is computed, for a polynomial through the draws.
_NODES = 25


@dataclass(frozen=True)
class Averages:
    """What each effect is made of at values of rho (m): means of diagonal and row sums of (I - rho W)^-1 (`diagonal`,
    `row`) and of (I - rho W)^-1 W (`diagonal_w`, `row_w`).
    """

    diagonal: np.ndarray
    diagonal_w: np.ndarray
    row: np.ndarray
    row_w: np.ndarray

    def effects(self, beta: np.ndarray, theta: np.ndarray) -> np.ndarray:
        """Direct, indirect, total (3 x m) of coefficients beta and theta (m)."""
        direct = beta * self.diagonal + theta * self.diagonal_w
        total = beta * self.row + theta * self.row_w
        return np.stack([direct, total - direct, total])


def averages(weights: Weights, determinant: LogDeterminant, rho: np.ndarray) -> Averages:
    """The averages at values of rho (m) within the interval."""
    trace = _along(determinant.trace, rho) / weights.n
    row, row_w = _rows(weights, rho)
    return Averages(1 + rho * trace, trace, row, row_w)


def slopes(weights: Weights, determinant: LogDeterminant, rho: float) -> Averages:
    """Their derivatives with respect to rho."""
    at = np.array([rho])
    trace, squared = float(determinant.trace(at)[0]) / weights.n, determinant.trace_squared(rho) / weights.n
    row, row_w = _row_slopes(weights, rho)
    return Averages(*(np.array([one]) for one in (trace + rho * squared, squared, row, row_w)))


def _rows(weights: Weights, rho: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    equal = weights.equal_sums
    if equal is not None:
        row = 1 / (1 - rho * equal)
        return row, equal * row

    def solved(values: np.ndarray) -> np.ndarray:
        one, identity = np.ones(weights.n), np.eye(weights.n)
        return np.array([np.linalg.solve(identity - value * weights.matrix, one).mean() for value in values])

    def lagged(values: np.ndarray) -> np.ndarray:
        sums, identity = weights.row_sums, np.eye(weights.n)
        return np.array([np.linalg.solve(identity - value * weights.matrix, sums).mean() for value in values])

    return _along(solved, rho), _along(lagged, rho)


def _row_slopes(weights: Weights, rho: float) -> tuple[float, float]:
    """d/d rho of the means of row sums: 1'A^-1 W A^-1 1 / n, and the same with W 1 for the last 1."""
    equal = weights.equal_sums
    if equal is not None:
        return equal / (1 - rho * equal) ** 2, equal**2 / (1 - rho * equal) ** 2
    a, one = np.eye(weights.n) - rho * weights.matrix, np.ones(weights.n)
    left = np.linalg.solve(a.T, one) @ weights.matrix / weights.n
    return float(left @ np.linalg.solve(a, one)), float(left @ np.linalg.solve(a, weights.row_sums))


def _along(function: Callable[[np.ndarray], np.ndarray], rho: np.ndarray) -> np.ndarray:
    """A function at many values: itself for few, else the polynomial through its values at Chebyshev's points."""
    if rho.size <= _NODES:
        return np.asarray(function(rho))
    low, high = float(rho.min()), float(rho.max())
    if low == high:
        return np.full(rho.shape, function(rho[:1])[0])
    found = np.polynomial.Chebyshev.interpolate(function, _NODES - 1, domain=[low, high])
    return np.asarray(found(rho))


@dataclass(frozen=True)
class Draws:
    """Parameters drawn from their normal distribution (m x parameters), `redrawn` of them for a rho out of bounds."""

    values: np.ndarray
    redrawn: int


def draw(
    mean: np.ndarray, covariance: np.ndarray, rho: int | None, interval: tuple[float, float], draws: int, seed: int
) -> Draws:
    """Draws of the parameters; `rho`: the place of rho among them, which must lie within the interval."""
    random, factor = np.random.default_rng(seed), _root(covariance)
    kept, redrawn = np.empty((0, len(mean))), 0
    while len(kept) < draws:
        made = mean + random.standard_normal((draws - len(kept), len(mean))) @ factor.T
        fine = np.ones(len(made), dtype=bool) if rho is None else _within(made[:, rho], interval)
        redrawn += int((~fine).sum())
        kept = np.vstack([kept, made[fine]])
    return Draws(kept, redrawn)


def _within(values: np.ndarray, interval: tuple[float, float]) -> np.ndarray:
    return np.asarray((values > interval[0]) & (values < interval[1]))


def _root(covariance: np.ndarray) -> np.ndarray:
    """A matrix whose product with its transpose is the covariance; scaled first, so that units do not matter."""
    scale = np.sqrt(np.diag(covariance))
    values, vectors = np.linalg.eigh(covariance / np.outer(scale, scale))
    return np.asarray(scale[:, None] * vectors * np.sqrt(np.clip(values, 0, None)))


def by_delta(at: Averages, slope: Averages, beta: float, theta: float | None, covariance: np.ndarray) -> np.ndarray:
    """Standard errors of direct, indirect, total (3); `covariance` of (beta, theta if there is one, rho)."""
    zero, one = np.zeros(1), np.ones(1)
    gradient = [at.effects(one, zero)[:, 0]]
    if theta is not None:
        gradient.append(at.effects(zero, one)[:, 0])
    if len(covariance) > len(gradient):
        gradient.append(slope.effects(np.array([beta]), np.array([theta or 0.0]))[:, 0])
    made = np.stack(gradient, axis=1)
    return np.asarray(np.sqrt(np.einsum("ij,jk,ik->i", made, covariance, made)))


def unit_effects(weights: Weights, rho: float, beta: float, theta: float) -> np.ndarray:
    """S (n x n): what a unit more of the regressor in the column's place adds to the outcome in the row's place."""
    one = np.eye(weights.n)
    return np.asarray(np.linalg.solve(one - rho * weights.matrix, beta * one + theta * weights.matrix))
