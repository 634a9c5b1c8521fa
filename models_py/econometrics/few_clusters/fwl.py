"""A regression reduced to one of its regressors: effects, trends and all the others removed once.

Belongs here: the reduction (Frisch, Waugh and Lovell) that the bootstrap and the re-assignments start from.
Does not belong here: inference (wild_bootstrap.py, randomisation.py).
"""

from dataclasses import dataclass

import numpy as np

from models_py.econometrics.absorption import Groups
from models_py.econometrics.least_squares import LeastSquares
from models_py.econometrics.model_data import ModelData
from models_py.econometrics.result import EstimationError
from models_py.panel import refuse


@dataclass(frozen=True)
class Partialled:
    """`outcome` (n) and `regressor` (n) of one term after everything else in the model, rows as in `fit.sample`.

    `clusters`: sums over rows within them. `estimate`: the coefficient, d'y / d'd of the residuals, which is the one of
    the whole model (Frisch and Waugh 1933).
    """

    fit: LeastSquares
    outcome: np.ndarray
    regressor: np.ndarray
    estimate: float
    clusters: Groups

    def residuals(self, values: np.ndarray) -> np.ndarray:
        """Columns of `values` (n x m) after the effects, the trends and the other regressors."""
        d = self.regressor[:, None] / np.linalg.norm(self.regressor)
        return self.fit.effects.residuals(values, self.fit.basis) + d @ (d.T @ values)


def partial_out(data: ModelData, term: str) -> Partialled:
    """Reduce the model to `term`: residuals after effects, trends and the other regressors.

    Raises EstimationError as the model's own fit does (naming study, table and model), for a term the model does not
    have and for fewer than two clusters; IdentityError when nothing but rounding is left of the outcome.
    """
    what = f"no regressor {term!r} in the model; it has {', '.join(map(repr, data.regressors))}"
    refuse(EstimationError, (term not in data.regressors, f"{data.identity.place}: {what}"))
    fit, place = data.solved, data.regressors.index(term)
    d = fit.alone(place)
    y = fit.residuals + fit.beta[place] * d
    return Partialled(fit, y, d, float(d @ y) / float(d @ d), Groups(fit.sample.clusters[data.cluster]))
