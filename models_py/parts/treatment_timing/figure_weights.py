"""Weights behind the two-way fixed-effects coefficient, entity by year, with negative ones set apart.

Belongs here: their drawing. Does not belong here: computing them (twfe_weights.py) and choosing rows (part.py).
"""

import altair as alt
import numpy as np
import pandas as pd

from catalog.base import Text, refuse
from catalog.identity import COLUMNS
from catalog.labels import Label, inner, label_of
from models_py.figures.chart_page import chart_page
from models_py.figures.heat import WIDTH, heat_panel
from models_py.figures.names import chinese_number
from models_py.figures.show import Figure, Lang, said
from models_py.figures.style import FigureError, source_note
from models_py.figures.text import number
from models_py.panel import ENTITY, Panel

MEASURE = Text(zh="权重", en="Weight")


def twfe_weights(rows: pd.DataFrame, term: Text, panel: Panel, data_kind: str, *, label: Label = label_of) -> Figure:
    """Heat map of `twfe_weight` rows of one model (entity_code, year, weight): orange negative, blue positive.

    Cells without exposure have no weight and stay grey; `label` names a row of results. Raises FigureError when
    no row is there, or more than one model.
    """
    refuse(
        (rows.empty, "no row of weights"),
        (len(rows[list(COLUMNS)].drop_duplicates()) > 1, "weights of more than one model; choose one"),
        error=FigureError,
    )
    weight = rows["weight"].to_numpy(dtype="float64")
    negative = weight < 0
    model = label({name: str(rows[name].iloc[0]) for name in COLUMNS})
    table_no, unit = str(rows["table_no"].iloc[0]), panel.unit.one
    below, above = number(weight[negative].sum()), number(weight[~negative].sum())
    title = Text(
        zh=f"双向固定效应权重：{negative.sum()}/{len(rows)}个为负，合计 {below}",
        en=f"Two-way fixed-effects weights: {negative.sum()} of {len(rows)} negative, summing to {below}",
    )
    counted = Text(zh=f"{len(rows)}个受暴露的{unit.zh}—年份", en=f"{len(rows)} exposed {unit.en}-years")
    notes = (
        Text(
            zh=f"{chinese_number(table_no)} {model.zh}。在共同趋势下，{term.zh}的系数是各{unit.zh}各年效应"
            f"按这些权重之和（de Chaisemartin、D'Haultfoeuille 2020）；负权重合计 {below}，正权重合计 {above}。"
            "灰色：未暴露，无权重。",
            en=f"{table_no} {model.en}. Under common trends the coefficient of {inner(term.en)} is the sum of "
            f"{unit.en}-year effects with these weights (de Chaisemartin and D'Haultfoeuille 2020); negative weights "
            f"sum to {below}, positive ones to {above}. Grey: not exposed, no weight.",
        ),
        source_note("twfe_weight", counted),
    )
    wide = rows.pivot(index=ENTITY, columns="year", values="weight")
    years = range(int(wide.columns.min()), int(wide.columns.max()) + 1)
    wide = wide.reindex(index=panel.by_region, columns=years)
    limit = float(np.abs(weight).max()) or 1.0

    def chart_for(lang: Lang) -> alt.VConcatChart:
        cells = heat_panel(wide, panel, lang, said(MEASURE, lang), low=-limit, high=limit, diverging=True)
        return chart_page([cells], lang, data_kind, width=WIDTH)

    alternative = Text(zh=f"各{unit.zh}逐年权重的热图。{title.zh}。", en=f"Heat map by {unit.en} and year. {title.en}.")
    shown = rows[[ENTITY, "year", "weight"]].sort_values([ENTITY, "year"], ignore_index=True)
    return Figure(title, alternative, notes, shown, chart_for)
