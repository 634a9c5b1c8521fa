"""Weights that the two-way fixed-effects coefficient gives to each exposed entity and year.

Belongs here: the weights under a continuous treatment, with the model's controls, and what they say.
Does not belong here: a binary treatment's decomposition (bacon_decomposition.py), robust estimators (staggered.py).
"""

import math
from typing import Any

import numpy as np
import pandas as pd

from models_py.econometrics.model_data import ENTITY, ModelData
from models_py.econometrics.result import EstimationError
from models_py.parts.rows import note, of_entities


def fixed_effect_weights(data: ModelData, treatment: str) -> pd.DataFrame:
    """Rows of `twfe_weight`: one per entity and year with a treatment other than zero; the weights sum to one.

    w_pt = D_pt e_pt / sum of D e over all rows, e the residual of the treatment D on the model's effects, trends and
    other regressors. If an outcome moves by b_pt for each unit of D_pt, the coefficient is sum of w_pt b_pt exactly: a
    weight below zero turns the sign of what happens there. de Chaisemartin and D'Haultfoeuille (2020), theorem 1, in
    the form for treatments that are not binary (their web appendix on fuzzy designs) and with controls.

    Units of `treatment`: those of D. Raises EstimationError as the model's own fit does.
    """
    if treatment not in data.regressors:
        raise EstimationError(f"{data.identity.place}: the treatment {treatment!r} is not a regressor")
    fit, place = data.solved, data.regressors.index(treatment)
    residual, values = fit.alone(place), fit.sample.regressors[:, place]
    rows = fit.sample.keys.assign(treatment=values, weight=residual * values / float(residual @ values))
    if data.time != "year":
        years = data.frame[[ENTITY, data.time, "year"]].drop_duplicates()
        rows = rows.merge(years, on=[ENTITY, data.time], validate="one_to_one")
    columns = [ENTITY, "year", "treatment", "weight"]
    rows = rows.loc[rows["treatment"] != 0, columns].sort_values([ENTITY, "year"])
    return of_entities(rows.assign(**data.identity.columns), "twfe_weight", data.panel)


def weight_tests(data: ModelData, weights: pd.DataFrame, coefficient: float) -> list[dict[str, Any]]:
    """Rows of `spec_test` on the weights: how many are negative, their sum, and how different associations must be.

    Smallest standard deviation of the slopes b_pt, weighted by the treatment, with which the same coefficient is
    compatible with an average slope of zero: |coefficient| / sd of the ratios W_pt = w_pt / (D_pt / sum of D), weighted
    alike; and with which every slope can have the opposite sign. de Chaisemartin and D'Haultfoeuille (2020),
    corollary 1. NULL where a treatment is negative, and the second where no weight is.
    """
    weight, treatment = weights["weight"].to_numpy(), weights["treatment"].to_numpy()
    negative = weight < 0
    unit = data.panel.unit
    what = "Weights of the two-way fixed-effects coefficient (de Chaisemartin and D'Haultfoeuille 2020)"
    what_zh = "双向固定效应系数的权重"
    count = note(
        f"{what}: {int(negative.sum())} of {len(weight)} exposed {unit.one.en}-years weigh below zero. Controls, "
        "effects and trends of the model taken out of the exposure. Association per unit of exposure from zero. Seed: "
        "none.",
        f"{what_zh}：{len(weight)}个受暴露的{unit.one.zh}—年份中{int(negative.sum())}个权重为负；暴露度已剔除控制变量、固定效应与趋势。",
    )

    def spread(english: str, chinese: str) -> dict[str, str]:
        return note(
            f"Smallest standard deviation of slopes, over exposed {unit.one.en}-years weighted by exposure, with which "
            f"the coefficient {coefficient:.4g} is compatible with {english} (corollary 1). Small beside the "
            "coefficient: fragile.",
            f"在按暴露度加权的受暴露{unit.one.zh}—年份中，斜率标准差至少为此值时，系数{coefficient:.4g}才可能对应{chinese}；"
            "相对系数越小越脆弱。",
        )

    zero, opposite = _spreads(weight, treatment, coefficient)
    rows = {
        "negative weights": (float(negative.sum()), count),
        "share of negative weights": (float(negative.mean()), count),
        "sum of negative weights": (float(weight[negative].sum()), count),
        "sd of slopes for a zero average": (zero, spread("an average slope of zero", "平均斜率为零")),
        "sd of slopes for the opposite sign everywhere": (
            opposite,
            spread("every slope of the opposite sign", "所有斜率反号"),
        ),
    }
    return [data.named(test=test, subject="", statistic=float(value), **words) for test, (value, words) in rows.items()]


def _spreads(weight: np.ndarray, treatment: np.ndarray, coefficient: float) -> tuple[float, float]:
    if (treatment < 0).any():
        return math.nan, math.nan
    mass = treatment / treatment.sum()
    order = np.argsort(-(weight / mass), kind="stable")
    mass, ratio = mass[order], (weight / mass)[order]
    variance = float(mass @ (ratio - 1) ** 2)
    zero = abs(coefficient) / math.sqrt(variance) if variance > 1e-20 else math.inf
    if not (ratio < 0).any():
        return zero, math.nan
    # Sums from each position to the end, of mass, mass x ratio and mass x ratio squared.
    p, s, t = (np.cumsum((mass * ratio**power)[::-1])[::-1] for power in (0, 1, 2))
    with np.errstate(divide="ignore", invalid="ignore"):
        inside = ratio < -s / (1 - p)
    first = int(inside[1:].argmax()) + 1
    return zero, abs(coefficient) / math.sqrt(t[first] + s[first] ** 2 / (1 - p[first]))
