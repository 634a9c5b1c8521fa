"""The grid in one figure: rho and its interval under every matrix, by construction and model.

Belongs here: its drawing. Does not belong here: computing (grid.py), words (table.py).
"""

from __future__ import annotations

from typing import Any

import altair as alt
import pandas as pd

from catalog.base import Text, refuse
from catalog.labels import weights_label
from catalog.parts.weights_grid import Options
from models_py.figures.chart_page import HAIRLINE, LABEL, SMALL, chart_page, independent, inline
from models_py.figures.show import Figure, Lang, said
from models_py.figures.style import BLUE, GREEN, GREY, ORANGE, RED, SKY, FigureError, source_note
from models_py.panel import Panel
from models_py.parts.findings import both
from models_py.parts.weights_grid.table import construction_label, model_label, remarks, summary

_COLOURS = (BLUE, ORANGE, GREEN, RED, SKY, GREY)
_STEP, _PANEL, _NAMES = 15, 210, 190
_RHO, _SHARE = both("rho (SEM: lambda)", "ρ（SEM为λ）"), both("posterior %", "后验%")
TITLE = both("Dependence under every matrix of weights, index and model", "各权重、指数与模型下的空间相关")


def grid_figure(rows: pd.DataFrame, options: Options, panel: Panel, data_kind: str) -> Figure:
    """A panel for each model with a coefficient of dependence; a row for each matrix; colours are constructions, the
    size of a point its posterior probability. Raises FigureError without an estimate.
    """
    drawn = rows.dropna(subset=["rho"]).reset_index(drop=True)
    refuse((drawn.empty, "no estimate of rho or lambda"), error=FigureError)
    models = [model for model in options.models if (drawn["estimator"] == model).any()]
    constructions = list(dict.fromkeys(drawn["variant"]))
    width = _NAMES + len(models) * (_PANEL + 14)

    def chart_for(lang: Lang) -> alt.VConcatChart:
        labels = [said(construction_label(one), lang) for one in constructions]
        frame = drawn.assign(
            matrix=[said(weights_label(one), lang) for one in drawn["weights"]],
            construction=drawn["variant"].map(dict(zip(constructions, labels, strict=True))),
            percent=100 * drawn["posterior"],
            low=drawn["ci_low"],
            high=drawn["ci_high"],
        )
        order = [said(weights_label(one), lang) for one in options.weights if one in set(drawn["weights"])]
        panels = [
            _panel(frame[frame["estimator"] == model], said(model_label(model), lang), order, labels, at == 0, lang)
            for at, model in enumerate(models)
        ]
        # Given to hconcat itself: a method would copy all panels.
        row: Any = alt.HConcatChart(hconcat=panels, spacing=14, resolve=independent("x"))
        return chart_page([row], lang, data_kind, width=width)

    notes = (
        *summary(rows),
        *remarks(rows),
        both(
            "Lines: 95 % intervals. Larger points have more posterior probability within their index. Sizes of rho "
            "under different matrices cannot be compared, signs can.",
            "线段为95%区间；点越大，在同一指数内后验概率越高。不同权重下ρ的大小不可比，符号可比。",
        ),
        source_note("weights_grid", both(f"{len(drawn)} estimates", f"{len(drawn)}个估计")),
    )
    return Figure(TITLE, _alternative(rows), notes, drawn, chart_for)


def _panel(own: pd.DataFrame, title: str, order: list[str], labels: list[str], first: bool, lang: Lang) -> Any:
    high = _STEP * len(labels) + 8
    axis = alt.Axis(labelLimit=0, labelFontSize=SMALL, ticks=False, domain=False) if first else None
    y = alt.Y("matrix:N", sort=order, title=None, axis=axis, scale=alt.Scale(paddingInner=0.1))
    offset = alt.YOffset("construction:N", sort=labels)
    colour = alt.Color(
        "construction:N",
        scale=alt.Scale(domain=labels, range=[_COLOURS[at % len(_COLOURS)] for at in range(len(labels))]),
        legend=alt.Legend(orient="bottom", labelFontSize=LABEL, columns=1, labelLimit=0),
    )
    base = alt.Chart(inline(own[["matrix", "construction", "rho", "low", "high", "percent"]]))
    x = alt.X("low:Q", title=said(_RHO, lang), axis=alt.Axis(tickCount=5, grid=True, gridColor=HAIRLINE))
    line = base.mark_rule(strokeWidth=1.4).encode(x=x, x2="high:Q", y=y, yOffset=offset, color=colour)
    size = alt.Size("percent:Q", scale=alt.Scale(domain=[0, 100], range=[18, 170]), legend=None)
    tips = [
        "matrix:N",
        "construction:N",
        alt.Tooltip("rho:Q", format=".3f"),
        alt.Tooltip("percent:Q", format=".2f", title=said(_SHARE, lang)),
    ]
    dot = base.mark_circle(opacity=1).encode(
        x=alt.X("rho:Q", title=said(_RHO, lang)), y=y, yOffset=offset, color=colour, size=size, tooltip=tips
    )
    zero = alt.Chart(inline(pd.DataFrame({"at": [0.0]}))).mark_rule(color=GREY, strokeDash=[4, 3]).encode(x="at:Q")
    return alt.layer(zero, line, dot).properties(width=_PANEL, height=high * len(order), title=title)


def _alternative(rows: pd.DataFrame) -> Text:
    texts = summary(rows)
    return both(" ".join(one.en for one in texts), "".join(one.zh for one in texts))
