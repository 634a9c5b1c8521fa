"""A two-way fixed-effects fit in plain linear algebra, for evidence that needs residuals, scores or many refits.

Belongs here: coefficients, residuals and CR1 of a model, the same as fit_two_way_fe's without its overhead.
Does not belong here: published estimates (fixed_effects.py) and what is made of the residuals.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

from models_py.econometrics.absorption import DEPENDENT, TwoWayEffects
from models_py.econometrics.design import absorbed_outcome, absorbed_regressors, absorbed_trends
from models_py.econometrics.few_clusters.fwl import ROUNDING, IdentityError, after
from models_py.econometrics.model_data import ENTITY, ModelData
from models_py.econometrics.result import EstimationError
from models_py.econometrics.sample import Sample, build_sample

# Region x year effects are coded region x 10,000 + year.
_REGION = 10_000


@dataclass(frozen=True)
class AbsorbedFit:
    """Least squares of a model after its effects and trends (Frisch, Waugh and Lovell).

    `x` (n x K): regressors free of effects and trends, in their own units; `residuals` (n); `beta` (K); `bread`
    (K x K): inverse of x'x; `cluster` and `year` (n); `k`: coefficients counted in the small-sample factor.
    """

    sample: Sample
    terms: tuple[str, ...]
    x: np.ndarray
    residuals: np.ndarray
    beta: np.ndarray
    bread: np.ndarray
    cluster: np.ndarray
    year: np.ndarray
    k: int

    @property
    def n_clusters(self) -> int:
        """Number of clusters."""
        return int(self.cluster.max()) + 1

    @property
    def factor(self) -> float:
        """G/(G-1) x (N-1)/(N-k), effects nested in the clusters not counted in k (Stata's and fixest's)."""
        n, groups = len(self.residuals), self.n_clusters
        return groups / (groups - 1) * (n - 1) / (n - self.k)

    def cr1(self) -> np.ndarray:
        """Cluster-robust covariance of the coefficients (K x K): Liang and Zeger 1986 with `factor`."""
        scores = self.x * self.residuals[:, None]
        sums = np.stack([np.bincount(self.cluster, weights=column) for column in scores.T], axis=1)
        return self.factor * self.bread @ (sums.T @ sums) @ self.bread

    def std_error(self, place: int) -> float:
        """CR1 standard error; raises EstimationError when the scores of every cluster are rounding (two clusters)."""
        variance = float(self.cr1()[place, place])
        spread = float(self.residuals @ self.residuals) / len(self.residuals)
        if not variance > ROUNDING * spread * float(self.bread[place, place]):
            raise EstimationError(f"the cr1 variance of {self.terms[place]} is not positive")
        return math.sqrt(variance)

    def position(self, term: str) -> int:
        """Place of a regressor; raises EstimationError when it is none."""
        if term not in self.terms:
            raise EstimationError(f"{term!r} is no regressor of the model; it has {', '.join(self.terms)}")
        return self.terms.index(term)


def absorbed_fit(data: ModelData, frame: pd.DataFrame | None = None) -> AbsorbedFit:
    """Fit the model on its own rows or on `frame`; rows with an empty cell are left out as fit_two_way_fe does.

    Raises EstimationError as the model's own fit (naming study, table and model), IdentityError when nothing but
    rounding is left of the outcome.
    """
    try:
        return _fit(data, frame)
    except EstimationError as error:
        raise type(error)(f"{data.identity.place}: {error}") from error


def _fit(data: ModelData, frame: pd.DataFrame | None) -> AbsorbedFit:
    rows = data.frame if frame is None else frame
    sample = build_sample(rows, data.outcome, list(data.regressors), ENTITY, data.time, [data.cluster])
    cluster = sample.clusters[data.cluster]
    if cluster.max() < 1:
        raise EstimationError(f"clustering by {data.cluster!r} needs at least 2 clusters, found 1")
    effects = TwoWayEffects(sample.entity, sample.time)
    n = len(sample.outcome)
    trend = absorbed_trends(sample, data.time, effects) if data.trends else np.empty((n, 0))
    y = absorbed_outcome(sample, data.outcome, effects)
    basis = np.linalg.qr(trend)[0] if trend.shape[1] else trend
    free = effects.residuals(sample.regressors)
    x = after(basis, free)
    scale = np.sqrt(np.mean(x**2, axis=0))
    orthonormal, triangle = np.linalg.qr(x / np.where(scale > 0, scale, 1.0))
    left = np.abs(np.diag(triangle)) * scale
    total = sample.regressors - sample.regressors.mean(axis=0)
    if not _independent(left, np.linalg.norm(free, axis=0), np.linalg.norm(total, axis=0)):
        # The slow check agrees and names the column at fault.
        absorbed_regressors(sample, list(data.regressors), effects, trend, data.trends)
    estimated = x.shape[1] + trend.shape[1]
    if n - estimated - effects.rank <= 0:
        raise EstimationError(f"{n} rows leave no degrees of freedom for {estimated + effects.rank} coefficients")
    y = after(basis, y)
    inverse = np.linalg.inv(triangle) / scale[:, None]
    beta = inverse @ (orthonormal.T @ y)
    residuals = y - x @ beta
    if residuals @ residuals <= ROUNDING * (y @ y):
        raise IdentityError(f"the regressors reproduce {data.outcome!r} exactly: an identity leaves no residual")
    return AbsorbedFit(
        sample=sample,
        terms=tuple(data.regressors),
        x=x,
        residuals=residuals,
        beta=beta,
        bread=inverse @ inverse.T,
        cluster=cluster,
        year=sample.keys[data.time].to_numpy(dtype="int64") % _REGION,
        k=estimated + _effects_counted(sample, cluster),
    )


def _independent(left: np.ndarray, free: np.ndarray, total: np.ndarray) -> bool:
    """Whether every column has a length beyond rounding after the effects and after all columns before it."""
    return bool((free > 1e-9 * total).all() and (left > DEPENDENT * free).all())


def _effects_counted(sample: Sample, cluster: np.ndarray) -> int:
    """Effects in k as fixest counts them: all levels less one family's constant, those nested in the clusters not."""
    levels = [int(codes.max()) + 1 for codes in (sample.entity, sample.time)]
    nested = [
        len(np.unique(codes * (cluster.max() + 1) + cluster)) == count
        for codes, count in zip((sample.entity, sample.time), levels, strict=True)
    ]
    inside = sum(count for count, yes in zip(levels, nested, strict=True) if yes)
    return sum(levels) - 1 - inside + sum(nested)
