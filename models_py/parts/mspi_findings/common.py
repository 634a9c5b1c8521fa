"""The same regressors for the index, its dimensions, and the index given its dimensions.

Belongs here: these fits, each made once. Does not belong here: what is concluded from them (identities.py, signs.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pandas as pd

from catalog import Study
from catalog.identity import Identity
from catalog.parts import exposure, performance_index, regressions
from catalog.parts.performance_index import INDEX_NAMES
from models_py.econometrics.model_data import ModelData
from models_py.econometrics.result import EstimationError, FitResult
from models_py.panel import KEYS, Panel

EXPOSURE = exposure.EXPOSURE
INDEX = "mspi"


@dataclass
class CommonFits:
    """Two-way fixed effects under one specification: the exposure and the headline model's controls, no trends.

    `variables`: by reading, what `prepare_variables` returns.
    """

    study: Study
    panel: Panel
    variables: Mapping[str, pd.DataFrame]
    _made: dict[tuple[str, str, bool], FitResult] = field(default_factory=dict)

    @property
    def dimensions(self) -> tuple[str, ...]:
        """Dimensions of the study's index, in order."""
        return tuple(self.study.options(performance_index.Options).dimensions)

    @property
    def regressors(self) -> tuple[str, ...]:
        """The exposure, where the study has one, then the headline model's controls."""
        spec = self.study.options(regressions.Options).headline_model
        first = (EXPOSURE,) if self.study.find(exposure.Options) is not None else ()
        controls = tuple(name for name in spec.regressors if name not in (EXPOSURE, *INDEX_NAMES))
        return (*first, *controls)

    def data(self, reading: str, outcome: str, given_dimensions: bool = False) -> ModelData:
        """The data of `fit`. Raises EstimationError for a reading that is not given."""
        if reading not in self.variables:
            raise EstimationError(f"{self.study.id}: the variables of the reading {reading!r} are not given")
        names = (*self.regressors, *(self.dimensions if given_dimensions else ()))
        return ModelData(
            identity=Identity(self.study.id, "common specification", outcome, reading),
            panel=self.panel,
            frame=self.variables[reading][[*KEYS, *dict.fromkeys((outcome, *names))]],
            outcome=outcome,
            regressors=names,
        )

    def fit(self, reading: str, outcome: str, *, given_dimensions: bool = False) -> FitResult:
        """`outcome` on the common regressors, with the dimensions among them where `given_dimensions`.

        Raises EstimationError naming the fit, also for a reading that is not given.
        """
        key = (reading, outcome, given_dimensions)
        if key not in self._made:
            self._made[key] = self.data(*key).fit()
        return self._made[key]

    def coefficients(self, reading: str, outcome: str, *, given_dimensions: bool = False) -> dict[str, float]:
        """Coefficients of `fit` by regressor."""
        estimates = self.fit(reading, outcome, given_dimensions=given_dimensions).estimates
        return {str(t): float(e) for t, e in zip(estimates["term"], estimates["estimate"], strict=True)}

    def p_value(self, reading: str, outcome: str, term: str) -> float:
        """Two-sided p-value of `term` in `fit` without the dimensions (cr1)."""
        estimates = self.fit(reading, outcome).estimates
        return float(estimates.loc[estimates["term"] == term, "p_value"].to_numpy()[0])
