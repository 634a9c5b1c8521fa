"""A heat map of a panel's entities by years.

Belongs here: the panel of cells other figures draw on. Does not belong here: any one figure. Altair takes a second to
import: import this where it is used.
"""

from typing import Any

import altair as alt
import pandas as pd

from models_py.figures.chart_page import SMALL, inline
from models_py.figures.show import Lang, said
from models_py.figures.style import BLUE, EMPTY, ORANGE, SEQUENCE
from models_py.panel import Panel

# Pixels: the plot's width, a row, the names.
WIDTH, _ROW, LEFT = 620, 19, 110


def heat_panel(
    wide: pd.DataFrame, panel: Panel, lang: Lang, measure: str, *, low: float, high: float, diverging: bool = False
) -> Any:
    """`wide` (entity codes x years, NaN is grey) from `low` to `high`, the colours of `measure` at its right.

    `diverging`: orange below zero, white at zero, blue above it.
    """
    names = {entity.code: said(entity.name, lang) for entity in panel.entities}
    # Entities of one name would share a row.
    rows = [f"{names[int(code)]}" for code in wide.index]
    rows = [f"{name} {code}" if rows.count(name) > 1 else name for name, code in zip(rows, wide.index, strict=True)]
    cells = wide.set_axis(rows).rename_axis(index="entity", columns="year").stack(future_stack=True)
    scale = (
        alt.Scale(domain=[low, 0, high], range=[ORANGE, "#FFFFFF", BLUE])
        if diverging
        else alt.Scale(domain=[low, high], range=list(SEQUENCE))
    )
    legend = alt.Legend(title=measure, gradientLength=180, titleLimit=0, titleFontWeight="normal", titleFontSize=SMALL)
    colour = alt.Color("value:Q", scale=scale, legend=legend)
    axis: dict[str, Any] = {"title": None, "ticks": False, "domain": False, "labelFontSize": SMALL}
    return (
        alt.Chart(inline(cells.rename("value").reset_index()))
        .mark_rect(stroke="white", strokeWidth=0.8)
        .encode(
            x=alt.X("year:O", axis=alt.Axis(labelAngle=0, **axis)),
            y=alt.Y("entity:N", sort=rows, axis=alt.Axis(labelLimit=0, **axis)),
            color=alt.condition("isValid(datum.value)", colour, alt.value(EMPTY)),
            tooltip=[
                alt.Tooltip("entity:N", title=said(panel.unit.one, lang)),
                alt.Tooltip("year:O", title="年份" if lang == "zh" else "year"),
                alt.Tooltip("value:Q", title=measure, format=".4f"),
            ],
        )
        .properties(width=WIDTH, height=_ROW * len(rows))
    )
