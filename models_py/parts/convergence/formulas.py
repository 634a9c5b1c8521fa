"""Sigma convergence, the spread between places over time, and beta convergence, growth on the initial value.

Belongs here: formulas and their intervals. Does not belong here: regions, tables, words.

Barro and Sala-i-Martin (1992), Journal of Political Economy 100(2). HC1, HC3: MacKinnon and White (1985), Journal of
Econometrics 29(3). Intervals of a spread are jackknife ones over places, as for measures of inequality.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy import stats

from catalog.base import refuse

Vcov = Literal["hc1", "hc3"]
# A regressor whose part not explained by the others is this small a share of it depends on them.
_DEPENDENT = 1e-10


class ConvergenceError(ValueError):
    """Values convergence is not defined for; the message says why."""


@dataclass(frozen=True)
class Spread:
    """A measure of spread and the ends of its interval, NaN where it is not defined."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Slope:
    """Slope of growth on the initial logarithm, a year, with its error; `df` of its t distribution."""

    estimate: float
    std_error: float
    df: int
    r2: float
    years: int

    @property
    def p_value(self) -> float:
        """Two-sided; NaN where the fit is perfect, which leaves no error."""
        if self.std_error == 0:
            return math.nan
        return float(2 * stats.t.sf(abs(self.estimate / self.std_error), self.df))

    def interval(self, level: float) -> tuple[float, float]:
        """Ends of the interval."""
        half = float(stats.t.ppf((1 + level) / 2, self.df)) * self.std_error
        return self.estimate - half, self.estimate + half

    @property
    def speed(self) -> float:
        """-ln(1 + b T) / T; NaN where a gap would be closed within the T years."""
        inside = 1 + self.estimate * self.years
        return -math.log(inside) / self.years if inside > 0 else math.nan

    @property
    def half_life(self) -> float:
        """Years until half of a gap is gone; NaN where gaps do not close."""
        return math.log(2) / self.speed if self.speed > 0 else math.nan


def standard_deviation(x: np.ndarray, level: float = 0.95) -> Spread:
    """Standard deviation (n - 1) of at least three values."""
    return _jackknife(x, lambda values: float(values.std(ddof=1)), level)


def coefficient_of_variation(x: np.ndarray, level: float = 0.95) -> Spread:
    """Standard deviation (n - 1) over the mean; NaN where that is not above zero."""
    if not x.mean() > 0:
        return Spread(math.nan, math.nan, math.nan)
    return _jackknife(x, lambda values: float(values.std(ddof=1) / values.mean()), level)


def growth_on_initial(
    first: np.ndarray, last: np.ndarray, years: int, controls: np.ndarray | None = None, vcov: Vcov = "hc3"
) -> Slope:
    """Slope b of (ln last - ln first) / years on ln first, by least squares with a constant and `controls` (n x k).

    Raises ConvergenceError for values without a logarithm, the same initial value everywhere, controls that explain it,
    fewer rows than coefficients leave degrees of freedom for, and, under hc3, a row that a coefficient rests on alone.
    """
    refuse(
        (not (np.isfinite(first).all() and np.isfinite(last).all()), "some values are empty"),
        (bool((first <= 0).any() or (last <= 0).any()), "some values are not above zero and have no logarithm"),
        error=ConvergenceError,
    )
    start = np.log(first)
    growth = (np.log(last) - start) / years
    others = np.column_stack([np.ones(len(start)), *([] if controls is None else [controls])])
    x = np.column_stack([others, start])
    df = len(x) - x.shape[1]
    residual = start - others @ np.linalg.lstsq(others, start, rcond=None)[0]
    refuse(
        (df < 1, f"{len(x)} places cannot carry {x.shape[1]} coefficients"),
        (
            float(residual @ residual) <= _DEPENDENT * max(float(start @ start), 1e-300),
            "the initial value does not vary, or the controls explain it",
        ),
        error=ConvergenceError,
    )
    inverse = np.linalg.pinv(x.T @ x)
    coefficients = inverse @ x.T @ growth
    errors = growth - x @ coefficients
    leverage = np.einsum("ij,jk,ik->i", x, inverse, x)
    alone = bool((leverage > 1 - 1e-9).any())
    refuse(
        (vcov == "hc3" and alone, "a coefficient rests on one place, which hc3 cannot weigh"), error=ConvergenceError
    )
    scaled = errors / (1 - leverage) if vcov == "hc3" else errors * math.sqrt(len(x) / df)
    meat = x * scaled[:, None]
    variance = inverse @ (meat.T @ meat) @ inverse
    total = float(((growth - growth.mean()) ** 2).sum())
    r2 = 1 - float(errors @ errors) / total if total > 0 else math.nan
    return Slope(float(coefficients[-1]), math.sqrt(float(variance[-1, -1])), df, r2, years)


def _jackknife(x: np.ndarray, measure: Callable[[np.ndarray], float], level: float) -> Spread:
    n = len(x)
    refuse((n < 3, f"an interval needs at least three places, found {n}"), error=ConvergenceError)
    left_out = np.array([measure(np.delete(x, place)) for place in range(n)])
    std_error = math.sqrt((n - 1) / n * float(((left_out - left_out.mean()) ** 2).sum()))
    half = float(stats.t.ppf((1 + level) / 2, n - 1)) * std_error
    value = measure(x)
    return Spread(value, value - half, value + half)
