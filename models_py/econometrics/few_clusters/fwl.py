"""A regression reduced to one of its regressors: effects, trends and all the others removed once.

Belongs here: the reduction (Frisch, Waugh and Lovell) that the bootstrap and the re-assignments start from.
Does not belong here: inference (wild_bootstrap.py, randomisation.py).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from models_py.econometrics.absorption import TwoWayEffects
from models_py.econometrics.design import absorbed_outcome, absorbed_regressors, absorbed_trends
from models_py.econometrics.model_data import ENTITY, ModelData
from models_py.econometrics.result import EstimationError
from models_py.econometrics.sample import Sample, build_sample

# A residual this small beside what it is the residual of is rounding (share of the sum of squares).
ROUNDING = 1e-20


class IdentityError(EstimationError):
    """The regressors reproduce the outcome exactly, so there is no residual to infer anything from."""


@dataclass(frozen=True)
class Partialled:
    """`outcome` (n) and `regressor` (n) of one term after everything else in the model, rows as in `sample`.

    `basis` (n x q): orthonormal, what trends and the other regressors add to `effects`. `cluster` (n): codes
    0..G-1 of the clusters.
    """

    sample: Sample
    effects: TwoWayEffects
    basis: np.ndarray
    outcome: np.ndarray
    regressor: np.ndarray

    @property
    def cluster(self) -> np.ndarray:
        """Codes 0..G-1 of the clusters, one per row."""
        return next(iter(self.sample.clusters.values()))

    @property
    def n_clusters(self) -> int:
        """G."""
        return int(self.cluster.max()) + 1

    @property
    def estimate(self) -> float:
        """The coefficient: d'y / d'd of the residuals, the one of the whole model (Frisch and Waugh 1933)."""
        return float(self.regressor @ self.outcome) / float(self.regressor @ self.regressor)

    def residuals(self, values: np.ndarray) -> np.ndarray:
        """Columns of `values` (n x m) after the effects, the trends and the other regressors."""
        return after(self.basis, self.effects.residuals(values))

    def by_cluster(self, values: np.ndarray) -> np.ndarray:
        """Sums of each column of `values` (n x m) within the clusters, G x m."""
        members = np.zeros((self.n_clusters, len(values)))
        members[self.cluster, np.arange(len(values))] = 1.0
        return members @ values


def after(basis: np.ndarray, values: np.ndarray) -> np.ndarray:
    """`values` less their projection on the orthonormal `basis`; the second pass removes rounding."""
    for _ in range(2):
        values = values - basis @ (basis.T @ values)
    return values


def partial_out(data: ModelData, term: str) -> Partialled:
    """Reduce the model to `term`: residuals after effects, trends and the other regressors.

    Raises EstimationError as the model's own fit does (naming study, table and model), for a term the model does not
    have and for fewer than two clusters; IdentityError when nothing but rounding is left of the outcome.
    """
    try:
        return _partial_out(data, term)
    except EstimationError as error:
        raise type(error)(f"{data.identity.place}: {error}") from error


def _partial_out(data: ModelData, term: str) -> Partialled:
    names = list(data.regressors)
    if term not in names:
        raise EstimationError(f"no regressor {term!r} in the model; it has {', '.join(map(repr, names))}")
    sample = build_sample(data.frame, data.outcome, names, ENTITY, data.time, [data.cluster])
    if sample.clusters[data.cluster].max() < 1:
        raise EstimationError(f"clustering by {data.cluster!r} needs at least 2 clusters, found 1")
    effects = TwoWayEffects(sample.entity, sample.time)
    trend = absorbed_trends(sample, data.time, effects) if data.trends else np.empty((len(sample.outcome), 0))
    y = absorbed_outcome(sample, data.outcome, effects)
    x = absorbed_regressors(sample, names, effects, trend, data.trends)
    others = np.column_stack([trend, np.delete(x, names.index(term), axis=1)])
    basis = np.linalg.qr(others / np.linalg.norm(others, axis=0))[0] if others.shape[1] else others
    outcome = after(basis, y)
    regressor = after(basis, x[:, names.index(term)])
    left = outcome - regressor * (regressor @ outcome) / (regressor @ regressor)
    if left @ left <= ROUNDING * (y @ y):
        raise IdentityError(f"the regressors reproduce {data.outcome!r} exactly: an identity leaves no residual")
    return Partialled(sample, effects, basis, outcome, regressor)
