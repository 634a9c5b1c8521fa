"""A study's regressions, fitted: the rows of `estimate` and `model_fit`.

Belongs here: running the list of regressions. Does not belong here: the list (study_models.py), the variables
(variables.py), the estimator (fixed_effects.py) and the words about it (convention.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from catalog.parts import performance_index
from catalog.parts.performance_index import index_indicators
from models_py.econometrics.result import FitResult
from models_py.panel import ENTITY, balanced_panel
from models_py.parts.regressions.convention import configuration, convention
from models_py.parts.regressions.study_models import ModelMaker, StudyModel, study_models
from models_py.parts.rows import of_model, typed


@dataclass(frozen=True)
class StudyResult:
    """Rows of tables `estimate` and `model_fit` (all columns but data_kind), and each model with its full result.

    `fits` and `models` stand in the order of `model_fit`.
    """

    estimate: pd.DataFrame
    model_fit: pd.DataFrame
    fits: tuple[FitResult, ...]
    models: tuple[StudyModel, ...]


def fit_study(maker: ModelMaker, *, vintage: str = "") -> StudyResult:
    """All regressions of a study by two-way fixed effects, clustered by entity: associations, not effects.

    A model with a variable that has readings is run for each of them. Rows come back in the order of the study file,
    further versions of the headline (`study_models`) after them. `vintage`: the maker's figures prefer that edition;
    only the headline model is run, under its configured reading.

    Raises StudyError, PanelError and EstimationError; the message names the model.
    """
    if vintage:
        spec = maker.options.headline_model
        models = [maker.make(spec, maker.readings(spec)[0], vintage=vintage)]
    else:
        models = study_models(maker)
    return _fitted(models, maker, _carried(maker))


def _carried(maker: ModelMaker) -> int:
    """Index cells carried at the edges of the window, where a study allows it."""
    carried = 0
    for index in maker.study.all(performance_index.Options):
        if index.allow_edge_fill:
            needed = [indicator for _, indicator in index_indicators(index)]
            carried += len(balanced_panel(maker.figures, needed, maker.panel, allow_edge_fill=True)[1])
    return carried


def _fitted(models: Sequence[StudyModel], maker: ModelMaker, carried: int) -> StudyResult:
    estimates, rows, fits = [], [], []
    for model in models:
        data = model.data
        result = data.fit()
        fits.append(result)
        estimate = typed(result.estimates.assign(**data.identity.columns), "estimate")
        estimates.append(of_model(estimate, data, int(result.fit["n_obs"])))
        words = convention(result, model, carried if data.identity.reading else 0)
        rows.append(
            {
                **result.fit,
                **data.identity.columns,
                "formula": str(result.fit["formula"]).replace(ENTITY, data.panel.unit.code_column),
                "ssc_factor": result.evidence["ssc_factor"],
                "note_en": words.en,
                "note_zh": words.zh,
                "configuration": configuration(maker.study, model),
            }
        )
    return StudyResult(
        estimate=pd.concat(estimates, ignore_index=True),
        model_fit=typed(pd.DataFrame(rows), "model_fit"),
        fits=tuple(fits),
        models=tuple(models),
    )
