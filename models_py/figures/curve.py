"""The specification curve: every estimate in order of size, and the options behind them.

Belongs here: its drawing. Does not belong here: fitting the specifications (models_py/specification).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from catalog import Study
from catalog.base import Text
from catalog.labels import load_labels, option_key, option_label
from models_py.figures.curve_text import curve_texts
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
)
from models_py.figures.text import number

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

SIGNIFICANT = 0.05
SHOWN_OPTIONS = 16
_BINS = 160


def specification_curve(
    rows: pd.DataFrame,
    choices: pd.DataFrame,
    study: Study,
    term: Text,
    data_kind: str,
    *,
    joint: Mapping[str, float] | None = None,
) -> Figure:
    """Estimates sorted by size with their intervals; below, how often each option occurs along the curve.

    `rows`: table `specification` of one study; `choices`: its `specification_choice`. Only the choices that move the
    estimate most are drawn, as many as fit in 16 options. `joint`: p-values of the joint tests by median, share and
    stouffer. Raises FigureError when no estimate is there, and unless exactly one specification is the study's own.
    """
    drawn = rows[rows["estimate"].notna()].sort_values(["estimate", "spec_id"], kind="stable").reset_index(drop=True)
    if drawn.empty:
        raise FigureError("no estimate in the specification curve")
    own = drawn[drawn["preferred"].astype(bool)]
    if len(own) != 1:
        raise FigureError(f"{len(own)} specifications are marked as the study's own; expected one")
    n = len(drawn)
    significant = drawn["p_value"] < SIGNIFICANT
    positive, negative = significant & (drawn["estimate"] > 0), significant & (drawn["estimate"] < 0)
    panels = _shown(choices)
    title, notes = curve_texts(drawn, positive, negative, len(rows) - n, choices, panels, term, joint or {})
    options = sum(len(names) for _, _, names in panels)
    with house_style():
        page = sheet(title, notes, data_kind, height=3.5 + 0.21 * options + 0.42 * len(panels))
        heights = [3.3, *[0.21 * len(names) for _, _, names in panels]]
        gap = 0.42 * len(heights) / sum(heights)
        grid = page.grid(len(heights), 1, left=0.35, right=0.975, height_ratios=heights, hspace=gap)
        top = page.figure.add_subplot(grid[0, 0])
        _curve(top, drawn, positive, negative, own.index[0])
        for i, (choice, share, names) in enumerate(panels):
            axes = page.figure.add_subplot(grid[i + 1, 0], sharex=top)
            _strip(axes, drawn, study, choice, share, names, own.index[0])
            axes.tick_params(labelbottom=i == len(panels) - 1)
        last = page.figure.axes[-1]
        name_axes(last, Text(zh="规格，按系数大小排序", en="Specifications, by size of the coefficient"))
    return page.figure


def _shown(choices: pd.DataFrame) -> list[tuple[str, float, list[str]]]:
    """(choice, share of variance, options) of the choices that move the estimate most, as many as fit."""
    panels: list[tuple[str, float, list[str]]] = []
    room = SHOWN_OPTIONS
    for _, part in choices.sort_values(["position", "choice"], kind="stable").groupby("position", sort=True):
        for choice, own in part.groupby("choice", sort=True):
            names = [option_key(option) for option in own["option"]]
            if len(names) > room:
                return panels
            room -= len(names)
            panels.append((str(choice), float(own["variance_share"].iloc[0]), names))
    return panels


def _curve(axes: Axes, drawn: pd.DataFrame, positive: pd.Series, negative: pd.Series, own: int) -> None:
    x = np.arange(len(drawn))
    estimate = drawn["estimate"].to_numpy()
    low, high = drawn["ci_low"].to_numpy(), drawn["ci_high"].to_numpy()
    # Drawn in one go, by rank: drawn class by class, thousands of points would show the last class only.
    colours = np.where(positive, BLUE, np.where(negative, RED, GREY)).tolist()
    axes.vlines(x, low, high, colors=colours, alpha=0.28, linewidth=max(0.2, 250 / len(drawn)))
    axes.scatter(x, estimate, s=3 if len(drawn) > 300 else 14, c=colours, linewidths=0, zorder=3)
    axes.axhline(0, color=BLACK, linewidth=0.8)
    # A few enormous intervals would flatten the rest; the note says that they are cut.
    ends = [np.nanquantile(low, 0.02), np.nanquantile(high, 0.98), estimate.min(), estimate.max(), 0.0]
    margin = 0.06 * (max(ends) - min(ends))
    axes.set_ylim(min(ends) - margin, max(ends) + margin)
    axes.plot(own, estimate[own], "D", color=BLACK, markersize=8, zorder=5)
    # The curve rises, so the room is above its left and below its right part.
    left = own > 0.3 * len(drawn)
    axes.annotate(
        f"本研究 own: {number(float(estimate[own]))}  ({own + 1}/{len(drawn)})",
        (own, estimate[own]),
        xytext=(-20, 46) if left else (20, -52),
        textcoords="offset points",
        ha="right" if left else "left",
        fontsize=LABEL,
        arrowprops={"arrowstyle": "-", "color": BLACK, "linewidth": 0.8},
        bbox={"boxstyle": "square,pad=0.2", "facecolor": "white", "edgecolor": "none", "alpha": 0.8},
    )
    axes.set_xlim(-0.5 - 0.005 * len(drawn), len(drawn) - 0.5 + 0.005 * len(drawn))
    axes.tick_params(labelbottom=False)
    name_axes(axes, y=Text(zh="系数", en="Coefficient"))


def _strip(
    axes: Axes, drawn: pd.DataFrame, study: Study, choice: str, share: float, names: list[str], own: int
) -> None:
    """Rows of one choice's options; each cell is the option's share of the specifications in that stretch."""
    from matplotlib.colors import LinearSegmentedColormap

    keys = drawn[choice].map(option_key).to_numpy()
    edges = np.linspace(-0.5, len(drawn) - 0.5, min(_BINS, len(drawn)) + 1)
    spot = np.clip(np.searchsorted(edges, np.arange(len(drawn)), side="right") - 1, 0, len(edges) - 2)
    sizes = np.bincount(spot, minlength=len(edges) - 1)
    cells = np.array([np.bincount(spot[keys == name], minlength=len(sizes)) / np.maximum(sizes, 1) for name in names])
    ramp = LinearSegmentedColormap.from_list("option", ("white", "#333333"))
    axes.pcolormesh(edges, np.arange(len(names) + 1), cells, cmap=ramp, vmin=0, vmax=max(1e-9, cells.max()))
    axes.plot(own, names.index(keys[own]) + 0.5, "D", color=BLACK, markeredgecolor="white", markersize=6)
    labels = [option_label(study, choice, name) for name in names]
    axes.set_yticks(
        np.arange(len(names)) + 0.5, [f"{t.zh} {t.en}" if t.zh != t.en else t.en for t in labels], fontsize=SMALL
    )
    axes.set_ylim(len(names), 0)
    axes.tick_params(length=0)
    for side in ("left", "bottom"):
        axes.spines[side].set_color("#CCCCCC")
    label = load_labels().choices[choice]
    axes.set_title(f"{label.zh} {label.en}: {share:.0%}", fontsize=LABEL, loc="left", pad=3)
