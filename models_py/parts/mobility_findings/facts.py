"""Figures of the mobility paper that stand in no cell: parameters, deviances, which model is best (catalog/papers).

Belongs here: one function for each. Does not belong here: what is odd in the printed figures (paper_texts.py).
"""

import math
from collections.abc import Mapping
from typing import Any

import pandas as pd

from models_py.parts.comparison.comparison import Fact, Own, Place, Results

MODELS = ("Model 1", "Model 2", "Model 3")
# Sets results of ergm apart from others of the same table and name.
ESTIMATOR = "ergm"


def criteria(fits: pd.DataFrame | None, table_no: str) -> pd.DataFrame:
    """Rows of model_fit of the models the paper prints of one table, by model; empty where any is absent.

    `fits`: model_fit of a study, or None.
    """
    if fits is None or fits.empty:
        return pd.DataFrame()
    own = fits[(fits["table_no"] == table_no) & (fits["estimator"] == ESTIMATOR) & (fits["variant"] == "")]
    own = own.set_index("model")
    return own.loc[list(MODELS)] if set(MODELS) <= set(own.index) else pd.DataFrame()


def parameters_of(row: Mapping[Any, Any]) -> float:
    """The number of parameters behind AIC and BIC: BIC - AIC = k (ln n - 2)."""
    return float((row["bic"] - row["aic"]) / (math.log(row["n_obs"]) - 2))


def _lowest(table_no: str) -> Fact:
    def fact(results: Results, place: Place) -> Own:
        rows = criteria(results.tables.get("model_fit"), table_no)
        if rows.empty:
            return Own()
        return Own(float(all(rows[name].idxmin() == MODELS[-1] for name in ("aic", "bic"))))

    return fact


def _of_model(model: str, value: str) -> Fact:
    def fact(results: Results, place: Place) -> Own:
        rows = criteria(results.tables.get("model_fit"), "Table 4")
        if rows.empty:
            return Own()
        row: Mapping[Any, Any] = rows.loc[[model]].to_dict("records")[0]
        return Own(parameters_of(row) if value == "parameters" else -2 * float(row["log_likelihood"]))

    return fact


FACTS: Mapping[str, Fact] = {
    "lowest_in_table_3": _lowest("Table 3"),
    "lowest_in_table_4": _lowest("Table 4"),
    **{
        f"{value}_of_model_{number}": _of_model(model, value)
        for number, model in enumerate(MODELS, start=1)
        for value in ("parameters", "deviance")
    },
}
