"""The likelihood of a spatial panel model, concentrated to rho and lambda, and its maximum over the whole interval.

Belongs here: residual sums of squares as functions of rho and lambda, what a correction makes of the likelihood, the
search. Does not belong here: variances (information.py), effects (effects.py).

    (I - rho W) y = X beta + u,   (I - lambda W) u = e ~ N(0, sigma2),   after the effects,
    ln L = m [ln |I - rho W| + ln |I - lambda W| (- ln(1 - rho r) - ln(1 - lambda r))] - n/2 [1 + ln(2 pi S / n)]

with S the sum of squares of e. Without a correction n = N T and m = T (Ord 1975; Elhorst 2014, section 3.3). By the
orthonormal transformation of Lee and Yu (2010), J. Econometrics 154(2), n and m are what the effects leave, (N-1)(T-1)
and T-1 for both, and where time effects are removed the terms in brackets with r, the row sum of W, take the
eigenvalue away that they remove.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
from scipy.optimize import brentq, minimize_scalar

from catalog.base import refuse
from models_py.econometrics.result import EstimationError
from models_py.spatial.log_determinant import LogDeterminant, log_determinant
from models_py.spatial.panel_data import SpatialPanel

Model = Literal["sar", "sem", "sdm", "slx", "sac"]
Correction = Literal["transformation", "lee_yu", "none"]
MODELS = ("sar", "sem", "sdm", "slx", "sac")
# The interval is searched on a grid of this many points, then refined; without a bound it is searched this far, in
# units of the reciprocal of the largest modulus of an eigenvalue.
_GRID, _FAR = 201, 10.0
# How close to the ends of the interval, as a share of it, rho is sought.
_EDGE = 1e-7


@dataclass(frozen=True)
class Counted:
    """What a likelihood counts: `n` observations, `m` log-determinants, each less ln(1 - rho `r`) unless r is None."""

    n: int
    m: int
    r: float | None


def counted(panel: SpatialPanel, correction: Correction) -> Counted:
    """What the likelihood of a panel counts. Raises EstimationError for a transformation that is not defined."""
    t, n = panel.shape
    if correction != "transformation":
        return Counted(n * t, t, None)
    entity, time = panel.effects in ("two-way", "entity"), panel.effects in ("two-way", "time")
    r = panel.weights.equal_sums if time else None
    refuse(
        (
            time and r is None,
            "the transformation needs equal row sums of the weights where there are time effects; standardise the "
            'rows, or take bias_correction="none"',
        ),
        error=EstimationError,
    )
    return Counted((n - time) * (t - entity), t - entity, r)


@dataclass(frozen=True)
class Optimum:
    """The maximum: `beta` (K), `rho`, `lam` (0 where the model has none), `sigma2`, `log_likelihood`; `residuals` e
    (T x n) after the effects.
    """

    beta: np.ndarray
    rho: float
    lam: float
    sigma2: float
    log_likelihood: float
    residuals: np.ndarray


@dataclass(frozen=True)
class Likelihood:
    """The concentrated likelihood of `model` on a panel."""

    panel: SpatialPanel
    model: Model
    counts: Counted

    @cached_property
    def determinant(self) -> LogDeterminant:
        """ln |I - rho W| as a function of rho."""
        return log_determinant(self.panel.weights)

    @property
    def searched(self) -> tuple[float, float]:
        """The interval of rho, or lambda, that is searched: the feasible one, cut where it has no bound."""
        (low, high), far = self.panel.weights.interval, _FAR / self.panel.weights.radius
        return max(low, -far), min(high, far)

    def jacobian(self, rho: np.ndarray) -> np.ndarray:
        """m [ln |I - rho W| - ln(1 - rho r)] at values of rho, or lambda."""
        less = 0.0 if self.counts.r is None else np.log(1 - rho * self.counts.r)
        return np.asarray(self.counts.m * (self.determinant.value(rho) - less))

    def slope(self, rho: float) -> float:
        """Its derivative."""
        less = 0.0 if self.counts.r is None else self.counts.r / (1 - rho * self.counts.r)
        return self.counts.m * (less - float(self.determinant.trace(np.asarray(rho))))

    @cached_property
    def _moments(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Cross products of (y, Wy, X) with themselves, with their lags (both ways), and of the lags."""
        panel = self.panel
        own = np.column_stack([panel.y_free.ravel(), panel.wy_free.ravel(), panel.x_free])
        lag = panel.free(panel.weights.lag(np.concatenate([np.stack([panel.y, panel.wy], axis=2), panel.x], axis=2)))
        lags = lag.reshape(len(own), -1)
        cross = own.T @ lags
        return own.T @ own, cross + cross.T, lags.T @ lags

    @cached_property
    def _plain(self) -> tuple[np.ndarray, np.ndarray]:
        """`_solved` without lambda, from residuals rather than cross products, which lose digits in a close fit."""
        panel, x = self.panel, self.panel.x_free
        both = np.column_stack([panel.y_free.ravel(), panel.wy_free.ravel()])
        scale = np.linalg.norm(x, axis=0)
        basis, triangle = np.linalg.qr(x / scale)
        inside = basis.T @ both
        left = both - basis @ inside
        return left.T @ left, np.linalg.solve(triangle, inside) / scale[:, None]

    def _solved(self, lam: float) -> tuple[np.ndarray, np.ndarray]:
        """At lambda: what is left of y and Wy after X as a 2 x 2 matrix, and their coefficients on X (K x 2)."""
        if lam == 0:
            return self._plain
        zero, one, two = self._moments
        moments = zero - lam * one + lam**2 * two
        square, mixed = moments[2:, 2:], moments[2:, :2]
        scale = np.sqrt(np.diag(square))
        solved = np.linalg.solve(square / np.outer(scale, scale), mixed / scale[:, None]) / scale[:, None]
        return moments[:2, :2] - mixed.T @ solved, solved

    def _value(self, sum_of_squares: np.ndarray) -> np.ndarray:
        n = self.counts.n
        return np.asarray(-n / 2 * (1 + np.log(2 * math.pi * sum_of_squares / n)))

    def best_rho(self, lam: float) -> tuple[float, float]:
        """rho of the highest likelihood at a lambda, and that likelihood without lambda's Jacobian."""
        left, _ = self._solved(lam)

        def squares(rho: np.ndarray) -> np.ndarray:
            return np.asarray(left[0, 0] - 2 * rho * left[0, 1] + rho**2 * left[1, 1])

        def value(rho: np.ndarray) -> np.ndarray:
            return self.jacobian(rho) + self._value(squares(rho))

        def slope(rho: float) -> float:
            ratio = (rho * left[1, 1] - left[0, 1]) / float(squares(np.asarray(rho)))
            return self.slope(rho) - self.counts.n * ratio

        return highest(value, slope, self.searched)

    def best_lambda(self) -> float:
        """lambda of the highest likelihood of a model without rho."""

        def squares(lam: float) -> float:
            return float(self._solved(lam)[0][0, 0])

        def value(lam: np.ndarray) -> np.ndarray:
            return self.jacobian(lam) + self._value(np.asarray([squares(float(one)) for one in np.atleast_1d(lam)]))

        def slope(lam: float) -> float:
            _, solved = self._solved(lam)
            _, one, two = self._moments
            v = np.concatenate([[1.0, 0.0], -solved[:, 0]])
            return self.slope(lam) - self.counts.n / 2 * float(v @ (2 * lam * two - one) @ v) / squares(lam)

        return highest(value, slope, self.searched)[0]

    def best_both(self) -> tuple[float, float]:
        """rho and lambda of the highest likelihood of a model with both."""

        def value(lam: float) -> float:
            return self.best_rho(lam)[1] + float(self.jacobian(np.asarray(lam)))

        low, high = self.searched
        grid = np.linspace(low, high, 43)[1:-1]
        best = int(np.argmax([value(float(lam)) for lam in grid]))
        bounds = float(grid[max(best - 1, 0)]), float(grid[min(best + 1, len(grid) - 1)])
        found = minimize_scalar(lambda lam: -value(lam), bounds=bounds, method="bounded", options={"xatol": 1e-10})
        return self.best_rho(float(found.x))[0], float(found.x)

    def optimum(self) -> Optimum:
        """The maximum over the whole interval."""
        rho = lam = 0.0
        if self.model in ("sar", "sdm"):
            rho = self.best_rho(0.0)[0]
        elif self.model == "sem":
            lam = self.best_lambda()
        elif self.model == "sac":
            rho, lam = self.best_both()
        return self.at(rho, lam)

    def at(self, rho: float, lam: float) -> Optimum:
        """The maximum for given rho and lambda."""
        panel = self.panel
        left, solved = self._solved(lam)
        beta = solved[:, 0] - rho * solved[:, 1]
        total = float(left[0, 0] - 2 * rho * left[0, 1] + rho**2 * left[1, 1])
        own = panel.y_free - rho * panel.wy_free - (panel.x_free @ beta).reshape(panel.shape)
        if lam:
            rest = panel.y - rho * panel.wy - panel.x @ beta
            own = own - lam * panel.free(panel.weights.lag(rest))
        jacobian = float(self.jacobian(np.asarray(rho)) + (self.jacobian(np.asarray(lam)) if lam else 0.0))
        likelihood = jacobian + float(self._value(np.asarray(total)))
        return Optimum(beta, rho, lam, total / self.counts.n, likelihood, own)


def highest(
    value: Callable[[np.ndarray], np.ndarray], slope: Callable[[float], float], interval: tuple[float, float]
) -> tuple[float, float]:
    """Where a function on an open interval is highest, and how high: a grid, then the root of its derivative there."""
    low, high = interval
    gap = _EDGE * (high - low)
    # Denser towards the ends, where the log-determinant bends.
    points = low + gap + (high - low - 2 * gap) * (1 - np.cos(np.linspace(0, math.pi, _GRID))) / 2
    best = int(np.argmax(value(points)))
    left, right = float(points[max(best - 1, 0)]), float(points[min(best + 1, _GRID - 1)])
    at = float(points[best])
    if slope(left) > 0 > slope(right):
        at = float(brentq(slope, left, right, xtol=1e-15, rtol=8.9e-16))
    return at, float(value(np.asarray([at]))[0])
