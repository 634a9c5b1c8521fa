"""Influence: the coefficient with each entity, and each year, left out.

Belongs here: its drawing. Does not belong here: refitting (models_py/parts/diagnostics/influence.py).
"""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from catalog.base import Text, refuse
from catalog.identity import COLUMNS
from catalog.labels import inner, label_of
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
from models_py.panel import Panel


def influence(rows: pd.DataFrame, term: Text, panel: Panel, data_kind: str, *, own_reading: str = "") -> Figure:
    """Dot plot of `influence` rows of one model and term: entities sorted by coefficient, years in order.

    `rows`: identity, term, kind, left_out, estimate, std_error, p_value, change; `own_reading` goes unsaid. Bars are
    the CR1 standard error each way; points with p >= 0.05 are hollow; the point whose omission moves the coefficient
    most is red. Raises FigureError when no row is there or more than one model or term.
    """
    models = rows.reindex(columns=[*COLUMNS, "term"]).drop_duplicates()
    refuse(
        (rows.empty, "no row of influence"),
        (len(models) > 1, "influence of more than one model or term; choose one"),
        error=FigureError,
    )
    whole, unit = float((rows["estimate"] - rows["change"]).iloc[0]), panel.unit
    entities = rows[rows["kind"] == unit.id].sort_values("estimate", kind="stable")
    years = rows[rows["kind"] == "year"].sort_values("left_out", kind="stable")
    parts = (
        (entities, [_name(panel, int(code)) for code in entities["left_out"]], unit.one),
        (years, [str(year) for year in years["left_out"]], Text(zh="年份", en="year")),
    )
    drawn = [part for part in parts if len(part[0])]
    title = Text(
        zh=f"影响分析：逐一剔除{unit.one.zh}或年份后的{term.zh}系数",
        en=f"Influence: coefficient of {inner(term.en)} with one {unit.one.en}, or one year, left out",
    )
    notes = _notes(rows, whole, panel, own_reading)
    with house_style():
        tallest = max(len(part) for part, _, _ in drawn)
        page = sheet(title, notes, data_kind, height=max(2.4, 0.25 * tallest + 0.3), above=0.35)
        grid = page.grid(1, len(drawn), left=0.165, wspace=0.28)
        for i, (part, labels, one) in enumerate(drawn):
            axes = page.figure.add_subplot(grid[0, i])
            _dots(axes, part, labels, whole)
            axes.set_title(f"剔除{one.zh} {one.en.capitalize()} left out", fontsize=LABEL, loc="left")
    return page.figure


def _name(panel: Panel, code: int) -> str:
    """Short Chinese and English name, the code of what is none of the entities."""
    entity = panel.by_code.get(code)
    return str(code) if entity is None else f"{entity.short_zh or entity.name_zh} {entity.name_en}"


def _notes(rows: pd.DataFrame, whole: float, panel: Panel, own_reading: str) -> list[Text]:
    model = label_of({name: rows[name].iloc[0] for name in COLUMNS}, own_reading=own_reading)
    table_no, one = rows["table_no"].iloc[0], panel.unit.one
    flips = int(((rows["estimate"] > 0) != (whole > 0)).sum())
    loses = int((rows["p_value"] >= 0.05).sum())
    return [
        Text(
            zh=f"{table_no} {model.zh}。虚线为全样本系数 {number(whole)}；横线为±1个CR1标准误；"
            f"空心点 p ≥ 0.05（{loses}个）；符号改变{flips}个；红点为影响最大的{one.zh}与年份。",
            en=f"{table_no} {model.en}. Dashed: whole sample, {number(whole)}; bars: one CR1 standard error each way; "
            f"hollow: p ≥ 0.05 ({loses}); {flips} change sign; red: the {one.en} and the year that move it most.",
        ),
        source_note("influence", Text(zh=f"{len(rows)}次重估", en=f"{len(rows)} refits")),
    ]


def _dots(axes: Axes, part: pd.DataFrame, labels: list[str], whole: float) -> None:
    """One row per refit, the first at the top."""
    # Of few entities none may be left out and the model still be identified: then none moves it most.
    known = part["change"].dropna()
    largest = None if known.empty else known.abs().idxmax()
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
