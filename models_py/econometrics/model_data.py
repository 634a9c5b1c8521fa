"""One regression with its data: the starting point of every kind of evidence about it.

Belongs here: the rows and names a model is fitted on, fitting it, reducing it to one of its regressors (Frisch, Waugh
and Lovell). Making them: models_py/parts/regressions. Does not belong here: any inference of its own.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from catalog.base import Text, refuse
from catalog.identity import Identity
from models_py.econometrics.absorption import Groups
from models_py.econometrics.fixed_effects import DEFAULT_SSC, fit_result, read_vcov
from models_py.econometrics.least_squares import LeastSquares, least_squares
from models_py.econometrics.result import EstimationError, FitResult, IdentityError
from models_py.econometrics.sample import Sample, build_sample
from models_py.panel import ENTITY, Panel

# Region x year effects are coded region x 10,000 + year.
_REGION = 10_000


@dataclass(frozen=True)
class ModelData:
    """A model under one reading, ready for fitting.

    `frame`: one row per entity and year with the columns entity_code, year, `time`, `outcome` and `regressors` (units:
    `units` by variable), empty cells still in it. `time` names the column whose values have the second set of effects:
    "year", or "region_year" (region x 10,000 + year) for region x year effects. `trends`: linear trends of the
    entities. `identity`: what its results belong to. `panel`: names of the entities, and what they are called.
    """

    identity: Identity
    panel: Panel
    frame: pd.DataFrame
    outcome: str
    regressors: tuple[str, ...]
    time: str = "year"
    trends: bool = False
    cluster: str = ENTITY
    units: Mapping[str, Text] = field(default_factory=dict)

    @cached_property
    def sample(self) -> Sample:
        """The complete rows, sorted by entity and time; raises EstimationError as `build_sample`."""
        return build_sample(self.frame, self.outcome, self.regressors, ENTITY, self.time, [self.cluster])

    @property
    def years(self) -> np.ndarray:
        """The year of each row of the sample."""
        return self.sample.keys[self.time].to_numpy(dtype="int64") % _REGION

    @cached_property
    def _solved(self) -> LeastSquares:
        with self.placed():
            return least_squares(self.sample, self.trends)

    @property
    def solved(self) -> LeastSquares:
        """The model's least squares, solved once, for evidence that needs residuals, scores or many refits.

        Raises EstimationError as `fit`, IdentityError when nothing but rounding is left of the outcome.
        """
        fit = self._solved
        what = f"the regressors reproduce {self.outcome!r} exactly: an identity leaves no residual"
        refuse((fit.is_identity, f"{self.identity.place}: {what}"), error=IdentityError)
        return fit

    def fit(self, vcov: Mapping[str, str] | None = None) -> FitResult:
        """Two-way fixed effects of the model; `vcov`: CRV1 or CRV3 by its clusters.

        Raises EstimationError naming study, table and model.
        """
        solved, covariance = self._solved, read_vcov(self.cluster, vcov, ENTITY, [self.cluster])
        with self.placed():
            return fit_result(solved, covariance, DEFAULT_SSC)

    @contextmanager
    def placed(self) -> Iterator[None]:
        """Make refusals name study, table and model."""
        try:
            yield
        except EstimationError as error:
            raise type(error)(f"{self.identity.place}: {error}") from error

    def named(self, **columns: Any) -> dict[str, Any]:
        """A row of a table of results: the identity, then `columns`."""
        return {**self.identity.columns, **columns}

    def unit_of(self, term: str) -> dict[str, str | None]:
        """unit_en and unit_zh of a coefficient: the outcome's for one of the term's; the outcome's alone for a term
        that is no variable of the model (years since exposure, a bound). None where the units are not given.
        """
        outcome, regressor = self.units.get(self.outcome), self.units.get(term)
        if outcome is None:
            return {"unit_en": None, "unit_zh": None}
        per_en, per_zh = ("", "") if regressor is None else (f" per {regressor.en}", f"／{regressor.zh}")
        return {"unit_en": f"{outcome.en}{per_en}", "unit_zh": f"{outcome.zh}{per_zh}"}


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
    refuse((term not in data.regressors, f"{data.identity.place}: {what}"), error=EstimationError)
    fit, place = data.solved, data.regressors.index(term)
    d = fit.alone(place)
    y = fit.residuals + fit.beta[place] * d
    return Partialled(fit, y, d, float(d @ y) / float(d @ d), Groups(fit.sample.clusters[data.cluster]))
