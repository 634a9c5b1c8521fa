"""The event study: coefficients by years since first exposure, with intervals.

Belongs here: its drawing. Does not belong here: estimating it (models_py/econometrics).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

import pandas as pd

from catalog.base import Text
from catalog.labels import method_label, model_label
from models_py.figures.style import (
    BLACK,
    BLUE,
    GREEN,
    GREY,
    ORANGE,
    RED,
    SKY,
    SMALL,
    FigureError,
    house_style,
    name_axes,
    sheet,
    source_note,
)

if TYPE_CHECKING:
    from matplotlib.figure import Figure

TERM = re.compile(r"event_(-?\d+)")
_SERIES = ((BLUE, "o"), (ORANGE, "s"), (GREEN, "^"), (RED, "D"), (SKY, "v"), (BLACK, "P"))


def event_study(
    rows: pd.DataFrame,
    outcome: Text,
    data_kind: str,
    *,
    reference: int | None = -1,
    ends: tuple[int, int] | None = None,
    counts: Mapping[int, int] | None = None,
    n_obs: int | None = None,
    tests: Text | None = None,
    staggered: bool = False,
) -> Figure:
    """Coefficients against years since first exposure, one series for each model and method, at most six.

    `rows`: rows of `estimate` whose terms are event_<k>, k in years (model, method, term, estimate, ci_low, ci_high,
    ci_level). `reference`: the year left out, drawn at zero; None where the estimators leave none out. `ends`: first
    and last k, which hold all earlier and later years. `counts`: provinces seen at each k, printed below the axis.
    `tests`: joint tests in words, for the notes. `staggered`: the series are estimators for staggered exposure. Raises
    FigureError when no term is an event's or more than six series stand in the rows.
    """
    found = rows["term"].str.fullmatch(TERM)
    points = rows[found].assign(k=rows.loc[found, "term"].str.extract(TERM, expand=False).astype(int))
    if points.empty:
        raise FigureError("no row of an event study: terms are event_<years since first exposure>")
    series = list(points.groupby(["model", "method"], sort=False))
    if len(series) > len(_SERIES):
        raise FigureError(f"{len(series)} series in one event study; at most {len(_SERIES)} can be told apart")
    one_method = points["method"].nunique() == 1
    by = method_label(str(points["method"].iloc[0])) if one_method else None
    axis = sorted({*points["k"], *([] if reference is None else [reference])})
    level = points["ci_level"].dropna()
    share = f"{level.iloc[0]:.0%}" if len(level) else "95%"
    title = Text(
        zh=f"事件研究：首次暴露前后的{outcome.zh}", en=f"Event study: {outcome.en} around first smart-city exposure"
    )
    if staggered:
        title = Text(
            zh=f"分批暴露的估计方法：首次暴露后的{outcome.zh}", en=f"Estimators for staggered exposure: {outcome.en}"
        )
    base = binned = Text(zh="", en="")
    if reference is not None:
        base = Text(
            zh=f"系数为相对首次暴露前{-reference}年之差（空心点，定为0）。",
            en=f"Coefficients relative to {-reference} year before first exposure (hollow, zero by definition). ",
        )
    if ends is not None:
        binned = Text(zh="两端各含更早、更晚年份。", en="The end points hold all earlier and later years. ")
    notes = [
        Text(
            zh=f"{base.zh}竖线为{share}置信区间{f'（{by.zh}）' if by else ''}，"
            f"无竖线者只涉及一个省，不给出标准误。{binned.zh}关联，非因果效应。",
            en=f"{base.en}Bars: {share} intervals{f' ({by.en})' if by else ''}; none where a point, or what it is "
            f"compared with, is a single province. {binned.en}An association, not an effect.",
        )
    ]
    notes += [tests] if tests is not None else []
    unit = Text(zh="未注明", en="not given")
    if n_obs is not None:
        unit = Text(
            zh=f"{n_obs}个省年，其中样本首年即已暴露的省份不参与比较",
            en=f"{n_obs} province-years, provinces already exposed in the first year left out of the comparison",
        )
    notes.append(source_note("estimate", unit))
    with house_style():
        page = sheet(
            title,
            notes,
            data_kind,
            height=4.4,
            above=0.45 + (0.0 if one_method else 0.3),
            below=0.6 if counts is None else 0.8,
        )
        axes = page.figure.add_subplot(page.grid(1, 1, left=0.1)[0, 0])
        axes.axhline(0, color=GREY, linewidth=0.8)
        axes.axvline(-0.5, color=GREY, linewidth=0.8, linestyle=(0, (4, 3)))
        for position, ((model, method), part) in enumerate(series):
            colour, marker = _SERIES[position]
            shift = 0.16 * (position - (len(series) - 1) / 2)
            axes.vlines(part["k"] + shift, part["ci_low"], part["ci_high"], color=colour, linewidth=2)
            name = method_label(str(method))
            words = model_label(str(model))
            label = f"{words.zh}\n{words.en}" if words.zh != words.en else words.zh
            if not one_method:
                label += f"\n{name.en}"
            axes.plot(part["k"] + shift, part["estimate"], marker, color=colour, markersize=7, label=label)
        if reference is not None:
            axes.plot(reference, 0, "o", markersize=8, markerfacecolor="white", markeredgecolor=BLACK)
        axes.set_xticks(axis, [_tick(k, ends, counts) for k in axis], fontsize=SMALL, linespacing=1.4)
        below = "" if counts is None else "；下行为可观测省数"
        below_en = "" if counts is None else "; below: provinces seen"
        name_axes(
            axes,
            Text(zh=f"距首次暴露年数{below}", en=f"Years since first exposure{below_en}"),
            Text(zh="系数（标准差）", en="Coefficient (SD)"),
        )
        axes.legend(
            frameon=False,
            fontsize=SMALL,
            loc="lower left",
            bbox_to_anchor=(0, 1),
            borderaxespad=0.2,
            labelspacing=0.8,
            ncols=len(series),
        )
    return page.figure


def _tick(k: int, ends: tuple[int, int] | None, counts: Mapping[int, int] | None) -> str:
    mark = f"{k}".replace("-", "−")
    if ends is not None and k in ends:
        mark = f"≤ {mark}" if k == ends[0] else f"≥ {mark}"
    return mark if counts is None else f"{mark}\n{counts.get(k, 0)}"
