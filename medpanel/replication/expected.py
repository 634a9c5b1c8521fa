"""The numbers the scripts of a bundle must find again.

Belongs here: picking them from the study's results and their tolerance. Does not belong here: running the scripts.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from catalog.identity import COLUMNS as IDENTITY
from medpanel.replication.samples import IN_SAMPLE, BundleError, SampleFrame, ScriptModel

METHOD = "cr1"
COLUMNS = (
    "model_key",
    *IDENTITY,
    "term",
    "variable",
    "estimate",
    "std_error",
    "df",
    "n_obs",
    "scale",
)
# Share of sd(outcome) / sd(regressor) below which a standard error is rounding, as in a regression that is an identity.
_FLOOR = 1e-3


def expected_rows(
    models: list[ScriptModel], samples: list[SampleFrame], estimate: pd.DataFrame, model_fit: pd.DataFrame
) -> pd.DataFrame:
    """One row per model and regressor with the columns COLUMNS; `variable` is the regressor's name in the file.

    `scale` is what differences are measured by: the standard error, or, where larger, a thousandth of
    sd(outcome) / sd(regressor), so that no comparison depends on units and rounding is not compared with rounding.

    Raises BundleError where a result is absent, stands twice, or rests on another number of rows than the sample.
    """
    rows = []
    for model in models:
        label = model.data.identity.columns
        found = _of(estimate, label)
        found = found[(found["effect"] == "coef") & (found["method"] == METHOD)]
        terms, wanted = found["term"].tolist(), list(model.data.regressors)
        name = model.data.identity.place
        if sorted(terms) != sorted(wanted):
            raise BundleError(f"{name}: {METHOD} estimates of {wanted} are needed, found {terms}")
        fit = _of(model_fit, label)
        if fit["n_obs"].tolist() != [model.n_obs]:
            raise BundleError(f"{name}: the sample has {model.n_obs} rows, model_fit {fit['n_obs'].tolist()}")
        by_term = found.set_index("term")
        sample = samples[model.sample - 1].frame
        spread = sample[sample[IN_SAMPLE] == 1].std()
        for term, variable in zip(wanted, model.regressors, strict=True):
            numbers = [float(by_term.at[term, key]) for key in ("estimate", "std_error", "df")]  # type: ignore[arg-type]
            if not np.isfinite(numbers[:2]).all():
                raise BundleError(f"{name}: {term} has no finite estimate and standard error")
            floor = _FLOOR * float(spread[model.outcome] / spread[variable])
            row = (model.key, *label.values(), term, variable, *numbers, model.n_obs, max(numbers[1], floor))
            rows.append(dict(zip(COLUMNS, row, strict=True)))
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _of(table: pd.DataFrame, label: dict[str, str]) -> pd.DataFrame:
    chosen = pd.Series(True, index=table.index)
    for column, value in label.items():
        chosen &= table[column] == value
    return table[chosen]
