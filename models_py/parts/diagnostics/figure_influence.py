"""Influence: the coefficient with each province, and each year, left out.

Belongs here: its drawing. Does not belong here: refitting (models_py/parts/diagnostics/influence.py).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from catalog import load_provinces
from catalog.base import Text
from catalog.labels import inner
from models_py.figures.style import (
    BLACK,
    BLUE,
    GREY,
    LABEL,
    RED,
    SMALL,
    FigureError,
    house_style,
    name_axes,
    sheet,
    source_note,
)
from models_py.figures.text import number

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def influence(rows: pd.DataFrame, term: Text, data_kind: str) -> Figure:
    """Dot plot of `influence` rows of one model and term: provinces sorted by coefficient, years in order.

    `rows`: kind, left_out, estimate, std_error, p_value, change. Bars are the CR1 standard error each way; points with
    p >= 0.05 are hollow; the point whose omission moves the coefficient most is red. Raises FigureError when no row
    is there or more than one model or term.
    """
    if rows.empty:
        raise FigureError("no row of influence")
    if len(rows[["table_no", "model", "term"]].drop_duplicates()) > 1:
        raise FigureError("influence of more than one model or term; choose one")
    whole = float((rows["estimate"] - rows["change"]).iloc[0])
    provinces = rows[rows["kind"] == "province"].sort_values("estimate", kind="stable")
    years = rows[rows["kind"] == "year"].sort_values("left_out", kind="stable")
    names = {p.province_code: f"{p.short_zh} {p.name_en}" for p in load_provinces()}
    name = f"{rows['table_no'].iloc[0]} {rows['model'].iloc[0]}"
    title = Text(
        zh=f"影响分析：逐一剔除省份或年份后的{term.zh}系数",
        en=f"Influence: coefficient of {inner(term.en)} with one province, or one year, left out",
    )
    flips = int(((rows["estimate"] > 0) != (whole > 0)).sum())
    loses = int((rows["p_value"] >= 0.05).sum())
    notes = [
        Text(
            zh=f"{name}。虚线为全样本系数 {number(whole)}；横线为±1个CR1标准误；空心点 p ≥ 0.05（{loses}个）；"
            f"符号改变{flips}个；红点为影响最大的省份与年份。",
            en=f"{name}. Dashed: whole sample, {number(whole)}; bars: one CR1 standard error each way; hollow: "
            f"p ≥ 0.05 ({loses}); {flips} change sign; red: the province and the year that move it most.",
        ),
        source_note("influence", Text(zh=f"{len(rows)}次重估", en=f"{len(rows)} refits")),
    ]
    panels = [part for part in (provinces, years) if len(part)]
    with house_style():
        page = sheet(title, notes, data_kind, height=max(2.4, 0.25 * max(map(len, panels)) + 0.3), above=0.35)
        grid = page.grid(1, len(panels), left=0.165, wspace=0.28)
        for i, part in enumerate(panels):
            axes = page.figure.add_subplot(grid[0, i])
            is_province = part["kind"].iloc[0] == "province"
            labels = [names.get(int(c), str(c)) if is_province else str(int(c)) for c in part["left_out"]]
            _dots(axes, part, labels, whole)
            head = "剔除省份 Province left out" if is_province else "剔除年份 Year left out"
            axes.set_title(head, fontsize=LABEL, loc="left")
    return page.figure


def _dots(axes: Axes, part: pd.DataFrame, labels: list[str], whole: float) -> None:
    """One row per refit, the first at the top."""
    largest = part["change"].abs().idxmax()
    places = range(len(part))
    axes.axvline(whole, color=BLACK, linewidth=1, linestyle=(0, (4, 3)))
    if part["estimate"].min() - part["std_error"].max() < 0 < part["estimate"].max() + part["std_error"].max():
        axes.axvline(0, color=GREY, linewidth=0.8)
    for y, (label, row) in zip(places, part.iterrows(), strict=True):
        colour = RED if label == largest else BLUE
        axes.hlines(
            y, row["estimate"] - row["std_error"], row["estimate"] + row["std_error"], color=colour, linewidth=1.4
        )
        face = "white" if row["p_value"] >= 0.05 else colour
        axes.plot(row["estimate"], y, "o", markersize=6, markerfacecolor=face, markeredgecolor=colour)
    axes.set_yticks(list(places), labels, fontsize=SMALL)
    axes.set_ylim(len(part) - 0.5, -0.5)
    axes.margins(x=0.05)
    name_axes(axes, Text(zh="系数", en="Coefficient"))
