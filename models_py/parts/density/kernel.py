"""Kernel densities on a grid of [0, 1]: bandwidth, density, peaks, area.

Belongs here: formulas. Does not belong here: years, regions, tables.

Bandwidth: Silverman (1986), Density Estimation for Statistics and Data Analysis, equation 3.31; reflection: section
2.10.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from catalog.base import refuse

Kernel = Literal["gaussian", "epanechnikov"]
Boundary = Literal["reflect", "none"]


class DensityError(ValueError):
    """Values that have no density on [0, 1]; the message says why."""


@dataclass(frozen=True)
class Density:
    """`values` on `grid`; highest peak, number of modes (ends included), area by the trapezoidal rule."""

    grid: np.ndarray
    values: np.ndarray
    bandwidth: float

    @property
    def peak(self) -> tuple[float, float]:
        """Height and place of the highest peak."""
        at = int(np.argmax(self.values))
        return float(self.values[at]), float(self.grid[at])

    @property
    def modes(self) -> int:
        """How often the density rises and then falls, on its way from nothing on the left to nothing on the right."""
        slopes = np.sign(np.diff(np.concatenate([[0.0], self.values, [0.0]])))
        slopes = slopes[slopes != 0]
        return int(((slopes[:-1] > 0) & (slopes[1:] < 0)).sum())

    @property
    def area(self) -> float:
        """Area under the density between the ends of the grid."""
        return float(np.trapezoid(self.values, self.grid))


def silverman(x: Sequence[float] | np.ndarray) -> float:
    """0.9 min(sd, IQR / 1.34) n^(-1/5); sd alone where the quartiles are the same. 0 for values that do not vary."""
    values = np.asarray(x, dtype="float64")
    if len(values) < 2 or values.min() == values.max():
        return 0.0
    sd = float(values.std(ddof=1))
    low, high = np.quantile(values, [0.25, 0.75])
    spread = min(sd, (high - low) / 1.34) if high > low else sd
    return 0.9 * spread * len(values) ** -0.2


def kernel_density(
    x: Sequence[float] | np.ndarray,
    kernel: Kernel = "gaussian",
    boundary: Boundary = "reflect",
    points: int = 200,
    bandwidth: float | None = None,
) -> Density:
    """f(g) = (1 / (n h)) sum K((g - x_i) / h) on `points` equal steps from 0 to 1; h by `silverman` if not given.

    `boundary`: reflect adds the density of the values mirrored at 0 and at 1, so that nothing lies outside; none leaves
    out what does. Raises DensityError for values outside [0, 1], empty ones, and no bandwidth above zero.
    """
    values = np.asarray(x, dtype="float64")
    outside = ~np.isfinite(values) | (values < 0) | (values > 1)
    refuse(
        ([str(value) for value in values[outside][:3]], "a density on [0, 1] needs values in it, found {}"),
        error=DensityError,
    )
    h = silverman(values) if bandwidth is None else bandwidth
    refuse((not h > 0, f"the {len(values)} values do not vary, so that they have no bandwidth"), error=DensityError)
    grid = np.linspace(0, 1, points)
    mirrored = np.concatenate([values, -values, 2 - values]) if boundary == "reflect" else values
    u = (grid[:, None] - mirrored[None, :]) / h
    if kernel == "gaussian":
        weights = np.exp(-0.5 * u**2) / np.sqrt(2 * np.pi)
    else:
        weights = 0.75 * np.clip(1 - u**2, 0, None)
    return Density(grid, weights.sum(axis=1) / (len(values) * h), h)
