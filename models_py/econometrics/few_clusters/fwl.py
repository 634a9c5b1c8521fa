"""A regression reduced to one of its regressors: effects, trends and all the others removed once.

Belongs here: the reduction (Frisch, Waugh and Lovell) that the bootstrap and the re-assignments start from.
Does not belong here: inference (wild_bootstrap.py, randomisation.py).
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from models_py.econometrics.absorption import Groups
from models_py.econometrics.least_squares import LeastSquares
from models_py.econometrics.model_data import ModelData
from models_py.econometrics.result import EstimationError


@dataclass(frozen=True)
class Partialled:
    """`outcome` (n) and `regressor` (n) of one term after everything else in the model, rows as in `fit.sample`."""

    fit: LeastSquares
    outcome: np.ndarray
    regressor: np.ndarray

    @property
    def cluster(self) -> np.ndarray:
        """Codes 0..G-1 of the clusters, one per row."""
        return next(iter(self.fit.sample.clusters.values()))

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
        d = self.regressor[:, None] / np.linalg.norm(self.regressor)
        return self.fit.effects.residuals(values, self.fit.basis) + d @ (d.T @ values)

    def by_cluster(self, values: np.ndarray) -> np.ndarray:
        """Sums of each column of `values` (n x m) within the clusters, G x m."""
        return self._clusters.sums(values)

    @cached_property
    def _clusters(self) -> Groups:
        return Groups(self.cluster)


def partial_out(data: ModelData, term: str) -> Partialled:
    """Reduce the model to `term`: residuals after effects, trends and the other regressors.

    Raises EstimationError as the model's own fit does (naming study, table and model), for a term the model does not
    have and for fewer than two clusters; IdentityError when nothing but rounding is left of the outcome.
    """
    if term not in data.regressors:
        names = ", ".join(map(repr, data.regressors))
        raise EstimationError(f"{data.identity.place}: no regressor {term!r} in the model; it has {names}")
    fit, place = data.solved, data.regressors.index(term)
    regressor = fit.alone(place)
    return Partialled(fit, fit.residuals + fit.beta[place] * regressor, regressor)
