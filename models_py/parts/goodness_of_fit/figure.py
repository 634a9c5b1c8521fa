"""The observed network beside simulated ones, in one figure: degrees, distances, shared partners, pairs.

Belongs here: its drawing. Does not belong here: simulation, sentences (words.py).
"""

from __future__ import annotations

from typing import Any

import altair as alt
import pandas as pd

from catalog.base import Text, refuse
from models_py.figures.chart_page import HAIRLINE, LABEL, SMALL, chart_page, independent, inline
from models_py.figures.show import Figure, Lang, said
from models_py.figures.style import BLUE, ORANGE, FigureError, source_note
from models_py.parts.findings import both
from models_py.parts.goodness_of_fit.words import COUNTED, STATISTICS, VALUES, in_one

_PANEL, _HIGH = 300, 170
_SEEN, _DRAWN = both("observed", "观测"), both("simulated, central 95 %", "模拟（95%区间）")
# Every label up to so many values, then every fifth, tenth or twenty-fifth number.
_STEPS = ((12, 1), (40, 5), (90, 10), (10**6, 25))


def gof_figure(rows: pd.DataFrame, title: Text, sentences: tuple[Text, ...], data_kind: str) -> Figure:
    """A panel for each statistic. `rows`: goodness_of_fit of one model on one network; `sentences`: what they say.

    Raises FigureError without rows.
    """
    drawn = rows[rows["statistic"].isin(list(STATISTICS))].reset_index(drop=True)
    refuse((drawn.empty, "no simulated networks to draw"), error=FigureError)
    kinds = [name for name in STATISTICS if (drawn["statistic"] == name).any()]

    def chart_for(lang: Lang) -> alt.VConcatChart:
        panels = [_panel(drawn[drawn["statistic"] == kind], kind, lang) for kind in kinds]
        # Given to hconcat itself: a method would copy all panels.
        lines: list[Any] = [
            alt.HConcatChart(hconcat=panels[at : at + 2], spacing=40, resolve=independent("x", "y"))
            for at in range(0, len(panels), 2)
        ]
        return chart_page([_key(lang), *lines], lang, data_kind, width=2 * _PANEL + 90)

    networks = int(drawn["networks"].iloc[0])
    notes = (
        *sentences,
        both(
            f"Bars: from the 2.5 % to the 97.5 % quantile of {networks} simulated networks, with their mean; points: "
            "observed. Only pairs whose state is known are compared.",
            f"竖条为{networks}个模拟网络的2.5%至97.5%分位数及均值，圆点为观测值；仅比较状态已知的节点对。",
        ),
        source_note("goodness_of_fit", both(f"{len(drawn)} numbers", f"{len(drawn)}个数")),
    )
    return Figure(title, in_one(sentences), notes, drawn, chart_for)


def _place(value: str) -> int:
    """Where a value stands on its axis: numbers by size, words after them in the order of VALUES."""
    return int(value) if value.isdigit() else 10**9 + list(VALUES).index(value)


def _panel(own: pd.DataFrame, kind: str, lang: Lang) -> Any:
    own = own.sort_values("value", key=lambda values: values.map(_place))
    names = [said(VALUES[value], lang) if value in VALUES else value for value in own["value"]]
    frame = own.assign(name=names)[["name", "observed", "simulated_mean", "simulated_low", "simulated_high"]]
    step = next(step for most, step in _STEPS if len(names) <= most)
    shown = [name for name in names if not name.isdigit() or int(name) % step == 0]
    axis = alt.Axis(labelAngle=0, labelFontSize=SMALL, values=shown, ticks=False, labelOverlap=False)
    x = alt.X("name:N", sort=names, title=said(STATISTICS[kind], lang), axis=axis)
    y = alt.Y(
        "simulated_low:Q", title=said(COUNTED[kind], lang), axis=alt.Axis(tickCount=4, grid=True, gridColor=HAIRLINE)
    )
    base = alt.Chart(inline(frame))
    tips = [
        alt.Tooltip("name:N", title=said(STATISTICS[kind], lang)),
        alt.Tooltip("observed:Q", title=said(_SEEN, lang)),
        alt.Tooltip("simulated_mean:Q", title=said(both("simulated mean", "模拟均值"), lang), format=".2f"),
    ]
    wide = max(1.2, min(16.0, 0.6 * _PANEL / len(names)))
    bar = base.mark_rule(color=BLUE, strokeWidth=wide, opacity=0.45).encode(
        x=x, y=y, y2="simulated_high:Q", tooltip=tips
    )
    mean = base.mark_tick(color=BLUE, thickness=2, width=wide + 2).encode(x=x, y="simulated_mean:Q")
    size = 34 if wide > 3 else 12
    seen = base.mark_circle(color=ORANGE, size=size, opacity=1).encode(x=x, y="observed:Q", tooltip=tips)
    return alt.layer(bar, mean, seen).properties(width=_PANEL, height=_HIGH)


def _key(lang: Lang) -> Any:
    """What points and bars are."""
    frame = pd.DataFrame({"at": [0, 110], "text": [said(_SEEN, lang), said(_DRAWN, lang)], "kind": ["seen", "drawn"]})
    base = alt.Chart(inline(frame), width=2 * _PANEL, height=18)
    where = alt.X("at:Q", scale=alt.Scale(domain=[0, 2 * _PANEL], nice=False), axis=None)
    colour = alt.Color("kind:N", scale=alt.Scale(domain=["seen", "drawn"], range=[ORANGE, BLUE]), legend=None)
    mark = base.mark_point(filled=True, size=70, opacity=1).encode(x=where, y=alt.value(9), color=colour)
    text = base.mark_text(align="left", dx=8, fontSize=LABEL).encode(x=where, y=alt.value(9), text="text:N")
    return alt.layer(mark, text)
