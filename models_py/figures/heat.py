"""A heat map of a panel's entities by years.

Belongs here: the panel of cells other figures draw on. Does not belong here: any one figure. Altair takes a second to
import: import this where it is used.
"""

from typing import Any

import altair as alt
import pandas as pd

from catalog.base import Text
from models_py.figures.chart_page import SMALL, inline
from models_py.figures.show import Lang, said
from models_py.figures.style import BLUE, EMPTY, ORANGE, SEQUENCE
from models_py.panel import Panel

YEAR = Text(zh="年份", en="Year")
# Pixels: the plot's width, and a row.
WIDTH, _ROW = 620, 19


def heat_panel(
    wide: pd.DataFrame, panel: Panel, lang: Lang, measure: str, *, low: float, high: float, diverging: bool = False
) -> Any:
    """`wide` (entity codes x years, NaN is grey) from `low` to `high`, the colours of `measure` at its right.

    `diverging`: orange below zero, white at zero, blue above it.
    """
    names = {entity.code: said(entity.name, lang) for entity in panel.entities}
    # Entities of one name would share a row.
    rows = [names[int(code)] for code in wide.index]
    rows = [f"{name} {code}" if rows.count(name) > 1 else name for name, code in zip(rows, wide.index, strict=True)]
    cells = wide.set_axis(rows).rename_axis(index="entity").reset_index()
    cells = cells.melt(id_vars="entity", var_name="year", value_name="value")
    scale = (
        alt.Scale(domain=[low, 0, high], range=[ORANGE, "#FFFFFF", BLUE], interpolate="rgb")
        if diverging
        else alt.Scale(domain=[low, high], range=list(SEQUENCE))
    )
    look: dict[str, Any] = {"titleLimit": 0, "titleFontWeight": "normal", "titleFontSize": SMALL}
    legend = alt.Legend(title=measure, gradientLength=180, tickCount=5, format="~g", **look)
    axis: dict[str, Any] = {"title": None, "ticks": False, "domain": False, "labelFontSize": SMALL}
    base = alt.Chart(inline(cells)).encode(
        x=alt.X("year:O", axis=alt.Axis(labelAngle=0, **axis)),
        y=alt.Y("entity:N", sort=rows, axis=alt.Axis(labelLimit=0, **axis)),
    )
    box: dict[str, Any] = {"stroke": "white", "strokeWidth": 0.8}
    tips = [
        alt.Tooltip("entity:N", title=said(panel.unit.one, lang)),
        alt.Tooltip("year:O", title=said(YEAR, lang)),
        alt.Tooltip("value:Q", title=measure, format=".4f"),
    ]
    # A cell without a value is left out of the second layer.
    valued = base.mark_rect(**box).encode(color=alt.Color("value:Q", scale=scale, legend=legend), tooltip=tips)
    return alt.layer(base.mark_rect(fill=EMPTY, **box), valued).properties(width=WIDTH, height=_ROW * len(rows))
