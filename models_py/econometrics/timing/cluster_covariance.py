"""The full clustered (CR1) covariance matrix of a model's coefficients.

Belongs here: coefficients and covariances between them, which `estimate` has no place for.
Does not belong here: single standard errors (fixed_effects.py) and other covariances.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from models_py.econometrics.absorption import TwoWayEffects
from models_py.econometrics.design import absorbed_outcome, absorbed_regressors, absorbed_trends
from models_py.econometrics.model_data import ENTITY, ModelData
from models_py.econometrics.result import FitResult
from models_py.econometrics.sample import Sample, build_sample


@dataclass(frozen=True)
class JointEstimate:
    """`terms` with coefficients `beta` (k), CR1 covariance `cov` (k x k), degrees of freedom `df` (clusters - 1)."""

    terms: tuple[str, ...]
    beta: np.ndarray
    cov: np.ndarray
    df: float
    fit: FitResult

    def subset(self, names: list[str]) -> tuple[np.ndarray, np.ndarray]:
        """Coefficients and covariance of `names`, in that order."""
        position = [self.terms.index(name) for name in names]
        return self.beta[position], self.cov[np.ix_(position, position)]


def model_sample(data: ModelData) -> Sample:
    """The complete rows of a model, sorted by entity and time."""
    return build_sample(data.frame, data.outcome, list(data.regressors), ENTITY, data.time, [data.cluster])


def joint_estimate(data: ModelData) -> JointEstimate:
    """Coefficients of the model's regressors and their joint CR1 covariance.

    (X'X)^-1 (sum over clusters of s_g s_g') (X'X)^-1 with s_g = X_g' e_g, X free of the effects and trends (Liang and
    Zeger 1986), times the factor of `fit_two_way_fe`, G/(G-1) x (N-1)/(N-k). Its diagonal is that estimator's squared
    standard errors. Raises EstimationError as the model's own fit does.
    """
    fit = data.fit()
    sample = model_sample(data)
    effects = TwoWayEffects(sample.entity, sample.time)
    trend = absorbed_trends(sample, data.time, effects) if data.trends else np.empty((len(sample.outcome), 0))
    y = absorbed_outcome(sample, data.outcome, effects)
    x = absorbed_regressors(sample, list(data.regressors), effects, trend, data.trends)
    scale = np.sqrt(np.mean(x**2, axis=0))
    design = np.column_stack([x / scale, trend])
    bread = np.linalg.pinv(design.T @ design)
    residual = y - design @ (bread @ (design.T @ y))
    cluster = sample.clusters[data.cluster]
    scores = np.stack([np.bincount(cluster, weights=column) for column in (design * residual[:, None]).T], axis=1)
    cov = fit.evidence["ssc_factor"] * bread @ (scores.T @ scores) @ bread
    k = x.shape[1]
    return JointEstimate(
        terms=data.regressors,
        beta=fit.estimates["estimate"].to_numpy(),
        cov=cov[:k, :k] / np.outer(scale, scale),
        df=float(fit.evidence["df"]),
        fit=fit,
    )
