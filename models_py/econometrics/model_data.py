"""One regression with its data: what every kind of evidence about it starts from.

Belongs here: the rows and names a model is fitted on, and fitting it. Making them: models_py/parts/regressions.
Does not belong here: any inference of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from catalog.base import Text
from catalog.identity import Identity
from models_py.econometrics.fixed_effects import fit_two_way_fe
from models_py.econometrics.result import EstimationError, FitResult
from models_py.panel import ENTITY, Panel

__all__ = ["ENTITY", "ModelData"]


@dataclass(frozen=True)
class ModelData:
    """A model under one reading, ready to be fitted.

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

    def fit(self, frame: pd.DataFrame | None = None, vcov: Mapping[str, str] | str | None = None) -> FitResult:
        """Two-way fixed effects of the model, on its own rows or on `frame`.

        Raises EstimationError naming study, table and model.
        """
        try:
            return fit_two_way_fe(
                self.frame if frame is None else frame,
                self.outcome,
                list(self.regressors),
                entity=ENTITY,
                time=self.time,
                cluster=self.cluster,
                trends=self.trends,
                vcov=vcov,
            )
        except EstimationError as error:
            raise EstimationError(f"{self.identity.place}: {error}") from error

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
        if regressor is None:
            return {"unit_en": outcome.en, "unit_zh": outcome.zh}
        return {"unit_en": f"{outcome.en} per {regressor.en}", "unit_zh": f"{outcome.zh}／{regressor.zh}"}
