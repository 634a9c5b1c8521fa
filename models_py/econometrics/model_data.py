"""One regression of a study with its data: what every kind of evidence about it starts from.

Belongs here: the rows and names a model is fitted on, and fitting it. Making them: panel_study.py.
Does not belong here: any inference of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from models_py.econometrics.fixed_effects import fit_two_way_fe
from models_py.econometrics.result import EstimationError, FitResult

ENTITY = "province_code"


@dataclass(frozen=True)
class ModelData:
    """A model of a study under one reading, ready to be fitted.

    `frame`: one row per province and year with the columns province_code, year, `time`, `outcome` and `regressors`
    (units: those of the study's variables), empty cells still in it. `time` names the column whose values have the
    second set of effects: "year", or "region_year" (region x 10,000 + year) for region x year effects. `trends`:
    province-specific linear trends. `model` is the name published, with the reading where it is not the study's own.
    """

    study: str
    table_no: str
    model: str
    frame: pd.DataFrame
    outcome: str
    regressors: tuple[str, ...]
    time: str = "year"
    trends: bool = False
    cluster: str = ENTITY

    @property
    def label(self) -> dict[str, str]:
        """study, table_no and model, the first columns of the tables of results."""
        return {"study": self.study, "table_no": self.table_no, "model": self.model}

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
            raise EstimationError(f"{self.study}, {self.table_no} {self.model}: {error}") from error

    def named(self, **columns: Any) -> dict[str, Any]:
        """A row of a table of results: the label, then `columns`."""
        return {**self.label, **columns}
