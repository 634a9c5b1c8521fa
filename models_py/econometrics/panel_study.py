"""A study's regressions, fitted: the rows of `estimate` and `model_fit`.

Belongs here: running the list of regressions. Does not belong here: the list (study_models.py), the variables
(variables.py), the estimator (fixed_effects.py) and the words about it (convention.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from catalog import Study, load_tables
from catalog.studies import index_indicators
from models_py.econometrics.convention import configuration, convention
from models_py.econometrics.result import FitResult
from models_py.econometrics.study_models import ModelMaker, StudyModel, study_models
from models_py.panel import balanced_panel


@dataclass(frozen=True)
class StudyResult:
    """Rows of tables `estimate` and `model_fit` (all columns but data_kind), and each model with its full result.

    `fits` and `models` are keyed by (table_no, model).
    """

    estimate: pd.DataFrame
    model_fit: pd.DataFrame
    fits: dict[tuple[str, str], FitResult]
    models: dict[tuple[str, str], StudyModel]


def fit_study(
    province_year: pd.DataFrame,
    exposure: pd.DataFrame | None,
    index: pd.DataFrame | None,
    study: Study,
    *,
    vintage: str | None = None,
) -> StudyResult:
    """All regressions of a study by two-way fixed effects, clustered by province: associations, not effects.

    A model with an index among its variables is run for every reading: the configured one keeps the model's
    name, the others add theirs, "(1) substitution". Inputs as in `prepare_variables`; `exposure` also carries the
    years before the window where a model lags it. Rows come back in the order of the study file, further versions of
    the headline (`study_models`) after them.

    `vintage`: the inputs prefer that edition of the figures; only the headline model is run, under its configured
    reading, and named after it, "(2) vintage before_2020_census".

    Raises StudyError, PanelError and EstimationError; the message names the model.
    """
    carried = 0
    if study.index is not None and study.index.allow_edge_fill:
        needed = [indicator for _, indicator in index_indicators(study.index)]
        carried = len(balanced_panel(province_year, needed, study.years, allow_edge_fill=True)[1])
    maker = ModelMaker(province_year, exposure, index, study)
    if vintage is None:
        models = study_models(maker)
    else:
        spec = study.headline_model
        models = [maker.make(spec, maker.readings(spec)[0], name=f"{spec.model} vintage {vintage}")]
    return _fitted(models, study, carried, vintage)


def _fitted(models: Sequence[StudyModel], study: Study, carried: int, vintage: str | None) -> StudyResult:
    estimates, rows = [], []
    fits: dict[tuple[str, str], FitResult] = {}
    for model in models:
        data = model.data
        result = data.fit()
        fits[data.table_no, data.model] = result
        estimates.append(result.estimates.assign(**data.label))
        rows.append(
            {
                **data.label,
                **result.fit,
                "convention": convention(result, carried if model.reading is not None else 0, model.notes),
                "configuration": configuration(study, model, vintage),
            }
        )
    return StudyResult(
        estimate=as_table(pd.concat(estimates, ignore_index=True), "estimate"),
        model_fit=as_table(pd.DataFrame(rows), "model_fit"),
        fits=fits,
        models={(model.data.table_no, model.data.model): model for model in models},
    )


def as_table(frame: pd.DataFrame, table: str) -> pd.DataFrame:
    """Columns and integer types of a published table, data_kind left out. Raises KeyError for an absent column."""
    columns = [name for name in load_tables()[table].columns if name != "data_kind"]
    integers = [name for name in columns if load_tables()[table].columns[name].type == "INTEGER"]
    return frame[columns].astype(dict.fromkeys(integers, "Int64"))
