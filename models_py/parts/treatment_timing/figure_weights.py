"""Weights behind the two-way fixed-effects coefficient, province by year, negative ones set apart.

Belongs here: their drawing. Does not belong here: computing them (models_py/parts/treatment_timing/weights.py).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from catalog.base import Text
from catalog.labels import inner
from models_py.figures.style import LABEL, FigureError, house_style, sheet, source_note
from models_py.figures.text import number
from models_py.parts.exposure.figure_heat import heat_panel, provinces_in_order

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def twfe_weights(rows: pd.DataFrame, term: Text, data_kind: str) -> Figure:
    """Heat map of `twfe_weight` rows of one model (province_code, year, weight): orange negative, blue positive.

    Cells without exposure have no weight and stay grey. Raises FigureError when no row is there, or more than one
    model.
    """
    if rows.empty:
        raise FigureError("no row of weights")
    if len(rows[["table_no", "model"]].drop_duplicates()) > 1:
        raise FigureError("weights of more than one model; choose one")
    weight = rows["weight"].to_numpy(dtype="float64")
    negative = weight < 0
    name = f"{rows['table_no'].iloc[0]} {rows['model'].iloc[0]}"
    below, above = number(weight[negative].sum()), number(weight[~negative].sum())
    title = Text(
        zh=f"双向固定效应权重：{negative.sum()}/{len(rows)}个为负，合计 {below}",
        en=f"Two-way fixed-effects weights: {negative.sum()} of {len(rows)} negative, summing to {below}",
    )
    notes = [
        Text(
            zh=f"{name}。在共同趋势下，{term.zh}的系数是各省年效应按这些权重之和"
            f"（de Chaisemartin、D'Haultfoeuille 2020）；负权重合计 {below}，正权重合计 {above}。"
            "灰色：未暴露，无权重。",
            en=f"{name}. Under common trends the coefficient of {inner(term.en)} is the sum of province-year effects "
            "with these weights (de Chaisemartin and D'Haultfoeuille 2020); negative weights sum to "
            f"{below}, positive ones to {above}. Grey: not exposed, no weight.",
        ),
        source_note("twfe_weight", Text(zh=f"{len(rows)}个受暴露省年", en=f"{len(rows)} exposed province-years")),
    ]
    wide = rows.pivot(index="province_code", columns="year", values="weight")
    wide = wide.reindex(index=provinces_in_order(), columns=range(int(wide.columns.min()), int(wide.columns.max()) + 1))
    limit = float(np.abs(weight).max()) or 1.0
    with house_style():
        page = sheet(title, notes, data_kind, height=7.6)
        axes = page.figure.add_subplot(page.grid(1, 1, left=0.165, right=0.915)[0, 0])
        bar = heat_panel(axes, wide, low=-limit, high=limit, diverging=True)
        bar.set_label("权重 Weight", fontsize=LABEL)
    return page.figure
