"""One coefficient under every method of inference, side by side.

Belongs here: its drawing. Does not belong here: the methods (models_py/econometrics).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import pandas as pd

from catalog.base import Text
from catalog.identity import COLUMNS
from catalog.labels import inner, label_of, method_label
from catalog.panels import PanelUnit
from models_py.figures.style import (
    BLACK,
    BLUE,
    GREY,
    SMALL,
    FigureError,
    house_style,
    name_axes,
    sheet,
    source_note,
)
from models_py.figures.text import number, p_text
from models_py.parts.few_clusters.table import by_label

if TYPE_CHECKING:
    from matplotlib.figure import Figure

NONE = "–"


def inference_methods(
    rows: pd.DataFrame,
    term: Text,
    unit: PanelUnit,
    data_kind: str,
    *,
    own_reading: str = "",
    n_obs: int | None = None,
    clusters: int | None = None,
) -> Figure:
    """Point and interval by method, p-values beside them.

    `rows`: rows of `estimate` of one table, model and term, one per method (estimate, ci_low, ci_high, ci_level,
    p_value; NaN where a method has no interval). `unit`: that of the panel; `own_reading` goes unsaid. Raises
    FigureError when no row is there, or more than one model, term or row of a method.
    """
    if rows.empty:
        raise FigureError("no row of estimate")
    if len(rows[[*COLUMNS, "term"]].drop_duplicates()) > 1 or rows["method"].duplicated().any():
        raise FigureError("give one row per method, of one model and term")
    rows = rows.set_index("method", drop=False).loc[by_label(rows["method"])]
    model = label_of({name: str(rows[name].iloc[0]) for name in COLUMNS}, own_reading=own_reading)
    table_no = rows["table_no"].iloc[0]
    level = rows["ci_level"].dropna()
    share = f"{level.iloc[0]:.0%}" if len(level) else ""
    title = Text(
        zh=f"{term.zh}系数的推断：不同方法下的{share}置信区间",
        en=f"Inference on the coefficient of {inner(term.en)}: {share} intervals by method",
    )
    n, g = (NONE if count is None else str(count) for count in (n_obs, clusters))
    counted = Text(zh=f"{n}个{unit.one.zh}—年份观测，{g}个聚类", en=f"{n} {unit.one.en}-years, {g} clusters")
    notes = [
        Text(
            zh=f"{table_no} {model.zh}。点为系数，横线为置信区间；无横线者该方法只给p值。关联，非因果效应。",
            en=f"{table_no} {model.en}. Dots: coefficient; bars: interval; no bar: the method gives a p-value only. An "
            "association, not an effect.",
        ),
        source_note("estimate", counted),
    ]
    with house_style():
        page = sheet(title, notes, data_kind, height=0.55 * len(rows) + 0.2)
        axes = page.figure.add_subplot(page.grid(1, 1, left=0.27, right=0.80)[0, 0])
        axes.axvline(0, color=GREY, linewidth=1)
        numbers = rows[["estimate", "ci_low", "ci_high", "p_value"]].to_numpy(dtype="float64")
        for y, (estimate, low, high, p_value) in enumerate(numbers.tolist()):
            span = f"[{NONE}]"
            if math.isfinite(low) and math.isfinite(high):
                axes.hlines(y, low, high, color=BLUE, linewidth=2.4)
                span = f"[{number(low)}, {number(high)}]"
            axes.plot(estimate, y, "o", markersize=8, color=BLUE)
            place: Any = ("axes fraction", "data")
            text = f"{p_text(p_value)}\n{span}"
            axes.annotate(text, (1.03, y), xycoords=place, va="center", fontsize=SMALL, linespacing=1.4)
        labels = [f"{method_label(m).zh}\n{method_label(m).en}" for m in rows["method"]]
        axes.set_yticks(range(len(rows)), labels, fontsize=SMALL, linespacing=1.4, color=BLACK)
        axes.set_ylim(len(rows) - 0.5, -0.5)
        axes.margins(x=0.08)
        name_axes(axes, Text(zh="系数", en="Coefficient"))
    return page.figure
