"""Least squares of a panel model after its effects and trends: the one place where a regression is solved.

Belongs here: which trends, outcome and regressors are identified, the solution and what errors are made of (bread,
meat, u_hat). Does not belong here: standard errors and their conventions (fixed_effects.py), what is published
(fixed_effects.py).
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from catalog.base import refuse
from models_py.econometrics.absorption import TwoWayEffects, independent_columns, trend_columns
from models_py.econometrics.result import EstimationError
from models_py.econometrics.sample import Sample

# A sum of squares this small beside what it is compared with is rounding.
ROUNDING = 1e-20


@dataclass(frozen=True)
class LeastSquares:
    """The solution for K regressors and q trends, effects absorbed.

    `y` (n): the outcome after the effects, in its own units. `design` (n x K + q): regressors, then trends, after the
    effects, each divided by its root mean square (`x_scale` of the regressors); `basis`: the same space, orthonormal.
    `beta`: coefficients of the regressors (K), in their own units. `u_hat` (residuals) and `bread` (inverse of
    design'design) are those of y / `y_scale` on `design`.
    """

    sample: Sample
    effects: TwoWayEffects
    y: np.ndarray
    y_scale: float
    x_scale: np.ndarray
    design: np.ndarray
    basis: np.ndarray
    beta: np.ndarray
    u_hat: np.ndarray
    bread: np.ndarray

    @property
    def terms(self) -> tuple[str, ...]:
        """Names of the regressors."""
        return self.sample.terms

    @property
    def n_trends(self) -> int:
        """Trends of entities, each a coefficient of its own."""
        return self.design.shape[1] - len(self.terms)

    @property
    def is_identity(self) -> bool:
        """Whether the regressors reproduce the outcome exactly, so that only rounding is left."""
        return bool(self.ssr <= ROUNDING * float(np.sum(self.y**2)))

    @property
    def ssr(self) -> float:
        """Sum of squared residuals, in the outcome's units."""
        return float(np.sum(self.u_hat**2)) * self.y_scale**2

    @property
    def residuals(self) -> np.ndarray:
        """Residuals of the whole regression (n), in the outcome's units."""
        return self.u_hat * self.y_scale

    @cached_property
    def weights(self) -> np.ndarray:
        """What each coefficient adds up of the outcome (n x K): beta = weights'y, in their own units."""
        return self.design @ self.bread[:, : len(self.terms)] / self.x_scale

    def alone(self, place: int) -> np.ndarray:
        """A regressor after effects, trends and the other regressors (n); Frisch and Waugh 1933."""
        weights = self.weights[:, place]
        return weights / float(weights @ weights)

    def meat(self, codes: np.ndarray) -> np.ndarray:
        """Outer products of the scores design x u_hat, summed within the groups of `codes` (0 ..)."""
        scores = self.design * self.u_hat[:, None]
        sums = np.stack([np.bincount(codes, weights=column) for column in scores.T], axis=1)
        return sums.T @ sums

    def sandwich(self, meat: np.ndarray, factor: float = 1.0) -> np.ndarray:
        """factor x bread x meat x bread of the regressors (K x K), in their own units."""
        return self.in_units(factor * (self.bread @ meat @ self.bread))

    def in_units(self, matrix: np.ndarray) -> np.ndarray:
        """A matrix like the bread, of the regressors alone (K x K) and in their own units."""
        k, unit = len(self.terms), self.y_scale / self.x_scale
        return matrix[:k, :k] * np.outer(unit, unit)

    def position(self, term: str) -> int:
        """Position of a regressor; raises EstimationError if it is not one."""
        refuse(
            (term not in self.terms, f"{term!r} is not a regressor of the model; it has {', '.join(self.terms)}"),
            error=EstimationError,
        )
        return self.terms.index(term)


def least_squares(sample: Sample, trends: bool) -> LeastSquares:
    """Solve the regression of a sample; `trends` adds one linear trend per entity, those the effects absorb left out.

    Raises EstimationError for fewer than two clusters, an outcome or regressor without variation after the effects, a
    collinear regressor (named) and when no degrees of freedom are left.
    """
    single = [repr(name) for name, codes in sample.clusters.items() if codes.max() < 1]
    refuse((single[:1], "clustering by {} needs at least 2 clusters, found 1"), error=EstimationError)
    effects = TwoWayEffects(sample.entity, sample.time)
    trend = absorbed_trends(sample, effects) if trends else np.empty((len(sample.outcome), 0))
    y = _absorbed_outcome(sample, effects)
    x = effects.residuals(sample.regressors)
    _refuse_dependent(sample, x, trend)
    n, k = len(y), x.shape[1] + trend.shape[1]
    counted = k + effects.rank
    refuse((n <= counted, f"{n} rows leave no degrees of freedom for {counted} coefficients"), error=EstimationError)
    # Columns of unit length make the solution independent of units.
    y_scale, x_scale = float(np.sqrt(np.mean(y**2))), np.sqrt(np.mean(x**2, axis=0))
    design = np.column_stack([x / x_scale, trend])
    basis, triangle = np.linalg.qr(design)
    inverse = np.linalg.inv(triangle)
    coefficients = inverse @ (basis.T @ (y / y_scale))
    u_hat = y / y_scale - design @ coefficients
    beta = coefficients[: x.shape[1]] * y_scale / x_scale
    return LeastSquares(sample, effects, y, y_scale, x_scale, design, basis, beta, u_hat, inverse @ inverse.T)


@dataclass(frozen=True)
class TermFits:
    """Regressions on one column each, as many as there are columns: `beta` (m), `u_hat` (n x m), `squares` (m): x'x,
    the inverse of the bread; `scores` (G x m): x'u_hat by cluster.
    """

    beta: np.ndarray
    u_hat: np.ndarray
    squares: np.ndarray
    scores: np.ndarray


def term_fits(x: np.ndarray, y: np.ndarray, by_cluster: Callable[[np.ndarray], np.ndarray]) -> TermFits:
    """Each column of `y` on the same column of `x` (both n x m), free of everything else in their regressions.

    By the theorem of Frisch, Waugh and Lovell coefficient and scores are those of the whole regressions. `by_cluster`
    sums rows within clusters. A column of x without any length makes figures that are not finite.
    """
    squares = np.einsum("ij,ij->j", x, x)
    with np.errstate(divide="ignore", invalid="ignore"):
        beta = np.einsum("ij,ij->j", x, y) / squares
        u_hat = y - x * beta
        return TermFits(beta, u_hat, squares, by_cluster(x * u_hat))


def kept_trends(sample: Sample, effects: TwoWayEffects) -> np.ndarray:
    """The entity trends that are independent of the effects and of each other, before absorption."""
    values = sample.keys.iloc[:, 1]
    refuse(
        (
            not pd.api.types.is_numeric_dtype(values),
            f"trends need a numeric time column; {values.name!r} is {values.dtype}",
        ),
        error=EstimationError,
    )
    columns = trend_columns(sample.entity, values.to_numpy(dtype="float64"))
    kept, _ = independent_columns(effects.residuals(columns), columns - columns.mean(axis=0))
    refuse((not kept, "no entity trend is identified: the panel is too short"), error=EstimationError)
    return columns[:, kept]


def identified_regressors(sample: Sample, trends: bool) -> set[str]:
    """Regressors that are not combinations of effects, trends and the regressors before them."""
    effects = TwoWayEffects(sample.entity, sample.time)
    trend = absorbed_trends(sample, effects) if trends else np.empty((len(sample.outcome), 0))
    return {sample.terms[place] for place in _independent(sample, effects.residuals(sample.regressors), trend)}


def absorbed_trends(sample: Sample, effects: TwoWayEffects) -> np.ndarray:
    """The kept trends after absorption, each of unit mean square (n x number kept)."""
    residuals = effects.residuals(kept_trends(sample, effects))
    return residuals / np.sqrt(np.mean(residuals**2, axis=0))


def _absorbed_outcome(sample: Sample, effects: TwoWayEffects) -> np.ndarray:
    y = sample.outcome
    residual = effects.residuals(y[:, None])[:, 0]
    none_left = np.linalg.norm(residual) <= 1e-9 * np.linalg.norm(y - y.mean())
    outcome = f"the outcome {sample.outcome_name!r}"
    refuse(
        (y.max() == y.min(), f"{outcome} is constant at {float(y[0])!r}"),
        (none_left, f"{outcome} has no variation left after the entity and time effects"),
        error=EstimationError,
    )
    return residual


def _independent(sample: Sample, x: np.ndarray, trend: np.ndarray, places: list[int] | None = None) -> list[int]:
    """Places of the regressors after the effects (`x`), all or some, that trends and earlier ones do not explain."""
    places = list(range(x.shape[1])) if places is None else places
    centred = sample.regressors - sample.regressors.mean(axis=0)
    kept, _ = independent_columns(np.column_stack([trend, x[:, places]]), np.column_stack([trend, centred[:, places]]))
    return [place for at, place in enumerate(places) if trend.shape[1] + at in kept]


def _refuse_dependent(sample: Sample, x: np.ndarray, trend: np.ndarray) -> None:
    """Raise EstimationError naming a regressor without variation, or a collinear one; `x`: those after the effects."""
    raw, names = sample.regressors, sample.terms
    kept, first = _independent(sample, x, trend), trend.shape[1]
    constant = raw.max(axis=0) == raw.min(axis=0)
    dependent = [place for place in range(len(names)) if place not in kept]
    if not dependent and not constant.any():
        return
    absorbed = "entity and time effects" + (" and the entity trends" if first else "")
    for place, name in enumerate(names):
        refuse(
            (constant[place], f"the regressor {name!r} is constant at {float(raw[0, place])!r}"),
            (
                not _independent(sample, x, trend, [place]),
                f"the regressor {name!r} has no variation left after the {absorbed}",
            ),
            error=EstimationError,
        )
    place = dependent[0]
    earlier = np.column_stack([trend, x[:, :place]])
    scale = np.linalg.norm(earlier, axis=0)
    weights = np.linalg.lstsq(earlier / scale, x[:, place], rcond=None)[0][first:]
    large = np.abs(weights) > 1e-6 * np.abs(weights).max()
    others = ", ".join(repr(other) for other, used in zip(names[:place], large, strict=True) if used)
    raise EstimationError(f"the regressor {names[place]!r} is collinear with {others} after the {absorbed}")
