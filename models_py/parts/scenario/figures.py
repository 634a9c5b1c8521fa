"""The scenario as figures: what each assumption moves, and two assumptions against each other.

Belongs here: their drawing; missed serious cases stand beside every gain. Does not belong here: the numbers (rows.py).
"""

from __future__ import annotations

from typing import Any

import altair as alt
import pandas as pd

from catalog.base import Text, refuse
from catalog.parts.scenario import INPUTS, NOT_AN_ESTIMATE, RESULTS
from models_py.figures.chart_page import SMALL, chart_page, independent, inline
from models_py.figures.show import Figure, Lang, said
from models_py.figures.style import BLACK, BLUE, ORANGE, FigureError, source_note
from models_py.figures.text import number
from models_py.parts.rows import together
from models_py.parts.scenario.rows import NOT

# Pixels: a panel's plot, the names left of it, a row.
PANEL, NAMES, GAP, ROW = 285, 250, 24, 26
# The gain, and the harm beside it.
SHOWN = ("imbalance_change", "missed_per_10000")
_GRID = ("imbalance_change", "missed_serious")
_SIDES = {"low": Text(en="low end", zh="取下限"), "high": Text(en="high end", zh="取上限")}


def tornado(rows: pd.DataFrame, title: Text, start: Text, data_kind: str) -> Figure:
    """Change of the gap, and missed serious cases per 10,000 diverted, with each input at either end of its range.

    `rows`: table `scenario_result` of one scenario; `start`: its baseline in words. The input that moves the gap most
    comes first. Raises FigureError without a row of `one_way`.
    """
    moved = _swept(rows)
    central = {metric: _central(rows, metric) for metric in SHOWN}
    order = list(moved.drop_duplicates("input")["input"])
    notes = (
        together([NOT, start]),
        Text(
            en="Each bar: one assumption from the low to the high end of its range, the others at their value; "
            "vertical line: all at their value. Below zero the gap narrows.",
            zh="每条：某项假设由范围下限至上限，其余取中心值；竖线：全部取中心值。小于零表示差距缩小。",
        ),
        source_note("scenario_result", Text(zh=f"{len(order)}项假设", en=f"{len(order)} assumptions")),
    )
    first = order[0]
    span = moved[moved["input"] == first]["imbalance_change"]
    points = (number(float(span.min()), 2), number(float(span.max()), 2))
    alternative = Text(
        en=f"{NOT_AN_ESTIMATE.en}. {INPUTS[first].label.en} moves the occupancy gap most: its change lies between "
        f"{points[0]} and {points[1]} percentage points; at the central values it is "
        f"{number(central['imbalance_change'], 2)}, with {number(central['missed_per_10000'], 0)} missed serious cases "
        "per 10,000 diverted.",
        zh=f"{NOT_AN_ESTIMATE.zh}。{INPUTS[first].label.zh}对使用率差距影响最大：差距变化介于{points[0]}与{points[1]}百分点；"
        f"各假设取中心值时为{number(central['imbalance_change'], 2)}百分点，每万例分流漏判重症"
        f"{number(central['missed_per_10000'], 0)}例。",
    )

    def chart_for(lang: Lang) -> alt.VConcatChart:
        panels = [_bars(moved, metric, central[metric], order, lang, first=metric == SHOWN[0]) for metric in SHOWN]
        beside = alt.hconcat(*panels, spacing=GAP)
        return chart_page([beside], lang, data_kind, width=2 * PANEL + GAP, inside=[NOT_AN_ESTIMATE])

    return Figure(title, alternative, notes, moved, chart_for)


def _swept(rows: pd.DataFrame) -> pd.DataFrame:
    """A row for each input and end: input, side, input_value and the metrics shown; the most moving input first."""
    swept = rows[rows["kind"] == "one_way"]
    refuse((swept.empty, "no row of one_way in scenario_result"), error=FigureError)
    wide = swept.pivot(index=["input", "input_value"], columns="metric", values="value")[list(SHOWN)].reset_index()
    least = wide.groupby("input")["input_value"].transform("min")
    wide.insert(1, "side", (wide["input_value"] == least).map({True: "low", False: "high"}))
    reach = wide.groupby("input")["imbalance_change"].transform(lambda ends: ends.max() - ends.min())
    wide = wide.assign(reach=reach).sort_values(["reach", "input", "input_value"], ascending=[False, True, True])
    return wide.drop(columns="reach").reset_index(drop=True)


def _central(rows: pd.DataFrame, metric: str) -> float:
    return float(rows.loc[(rows["run"] == "central") & (rows["metric"] == metric), "value"].iloc[0])


def _bars(moved: pd.DataFrame, metric: str, central: float, order: list[str], lang: Lang, *, first: bool) -> Any:
    """Bars from the central value to either end."""
    names = [said(INPUTS[name].label, lang) for name in order]
    frame = pd.DataFrame(
        {
            "name": [said(INPUTS[name].label, lang) for name in moved["input"]],
            "side": [said(_SIDES[side], lang) for side in moved["side"]],
            "input_value": moved["input_value"],
            "value": moved[metric],
            "central": central,
        }
    ).dropna()
    axis = alt.Axis(labelLimit=NAMES - 10, labelFontSize=SMALL, labels=first, ticks=False, domain=False)
    shade = alt.Scale(domain=[said(side, lang) for side in _SIDES.values()], range=[ORANGE, BLUE])
    # Panels share a scale of colours, and with it one legend.
    legend = alt.Legend(orient="top", direction="horizontal")
    base = alt.Chart(inline(frame)).encode(y=alt.Y("name:N", sort=names, title=None, axis=axis))
    along = alt.X("value:Q", title=_axis(metric, lang), scale=alt.Scale(zero=False, padding=14))
    bars = base.mark_bar(height=ROW * 0.6).encode(
        x=along, x2="central:Q", color=alt.Color("side:N", scale=shade, legend=legend), tooltip=_tips(lang, metric)
    )
    line = alt.Chart(inline(pd.DataFrame({"x": [central]}))).mark_rule(color=BLACK).encode(x="x:Q")
    return alt.layer(bars, line).properties(width=PANEL, height=ROW * len(names))


def _tips(lang: Lang, metric: str) -> list[Any]:
    words = Text(en="assumed", zh="假设取值")
    return [
        alt.Tooltip("name:N", title=said(Text(en="assumption", zh="假设"), lang)),
        alt.Tooltip("input_value:Q", title=said(words, lang)),
        alt.Tooltip("value:Q", title=said(RESULTS[metric].label, lang), format=",.2f"),
    ]


def two_inputs(rows: pd.DataFrame, first: str, second: str, title: Text, start: Text, data_kind: str) -> Figure:
    """Change of the gap, and beside it missed serious cases, over the values of two inputs.

    `rows`, `start`: as in `tornado`. Raises FigureError without a row of these two inputs.
    """
    cells = _cells(rows, first, second)
    wider = int((cells["imbalance_change"] > 0).sum())
    notes = (
        together([NOT, start]),
        Text(
            en="The other assumptions are at their value. Left: below zero (blue) the gap narrows, above (orange) it "
            f"widens, as in {wider} of {len(cells)} cells. Right: the darker, the more serious cases are missed.",
            zh=f"其余假设取中心值。左：小于零（蓝）差距缩小，大于零（橙）差距扩大（{len(cells)}格中{wider}格）。右：颜色越深，漏判重症越多。",
        ),
        source_note("scenario_result", Text(zh=f"{len(cells)}种组合", en=f"{len(cells)} combinations")),
    )
    best = cells.sort_values("imbalance_change", kind="stable").iloc[0]
    gain, missed = number(float(best["imbalance_change"]), 2), f"{float(best['missed_serious']):,.0f}"
    alternative = Text(
        en=f"{NOT_AN_ESTIMATE.en}. In {len(cells)} combinations the lowest change of the gap is {gain} percentage "
        f"points, where {missed} x 10^4 serious cases are missed; it widens in {wider}.",
        zh=f"{NOT_AN_ESTIMATE.zh}。{len(cells)}种组合中差距变化最小为{gain}百分点，此时漏判重症{missed}万例；{wider}种组合差距扩大。",
    )

    def chart_for(lang: Lang) -> alt.VConcatChart:
        panels = [_heat(cells, metric, first, second, lang) for metric in _GRID]
        beside = alt.hconcat(*panels, spacing=GAP, resolve=independent("color"))
        return chart_page([beside], lang, data_kind, width=2 * _WIDE + GAP, inside=[NOT_AN_ESTIMATE])

    return Figure(title, alternative, notes, cells.rename(columns={"x": first, "y": second}), chart_for)


_WIDE = 385


def _cells(rows: pd.DataFrame, first: str, second: str) -> pd.DataFrame:
    """x, y and the metrics drawn, a row for each pair of values."""
    mine = rows[(rows["kind"] == "two_way") & (rows["input"] == first) & (rows["second_input"] == second)]
    refuse((mine.empty, f"no row of two_way for {first} and {second} in scenario_result"), error=FigureError)
    wide = mine.pivot(index=["input_value", "second_value"], columns="metric", values="value")[list(_GRID)]
    return wide.reset_index().rename(columns={"input_value": "x", "second_value": "y"})


def _heat(cells: pd.DataFrame, metric: str, first: str, second: str, lang: Lang) -> Any:
    """One metric as coloured cells with its values."""
    high, values = len(set(cells["y"])), cells[metric]
    decimals = 1 if float(values.abs().max()) < 100 else 0
    shown = [f"{v:,.{decimals}f}".replace("-0.0", "0.0").replace("-", "−") for v in values]
    limit = float(values.abs().max()) or 1.0
    change = metric == "imbalance_change"
    scale = (
        alt.Scale(domain=[-limit, 0, limit], range=["#2171B5", "#FFFFFF", "#E69F00"], interpolate="rgb")
        if change
        else alt.Scale(domain=[0, limit], range=["#FFFFFF", "#A63603"], interpolate="rgb")
    )
    dark = values.abs() > (0.75 if change else 0.55) * limit
    frame = cells[["x", "y"]].assign(value=values, shown=shown, ink=dark.map({True: "white", False: BLACK}))
    # Both panels have the same rows, named at the left.
    axis = alt.Axis(format="~g", ticks=False, domain=False) if change else None
    base = alt.Chart(inline(frame)).encode(
        x=alt.X("x:O", title=_name(first, lang), axis=alt.Axis(labelAngle=0, format="~g", ticks=False, domain=False)),
        y=alt.Y("y:O", title=_name(second, lang), sort="descending", axis=axis),
    )
    boxes = base.mark_rect().encode(
        color=alt.Color("value:Q", scale=scale, legend=None),
        tooltip=[
            alt.Tooltip("x:Q", title=_name(first, lang)),
            alt.Tooltip("y:Q", title=_name(second, lang)),
            alt.Tooltip("value:Q", title=_axis(metric, lang), format=",.2f"),
        ],
    )
    words = base.mark_text(fontSize=9.5).encode(text="shown:N", color=alt.Color("ink:N", scale=None))
    return (
        alt.layer(boxes, words)
        .resolve_scale(color="independent")
        .properties(title=_axis(metric, lang), width=_WIDE, height=30 * high)
    )


def _axis(metric: str, lang: Lang) -> str:
    found = RESULTS[metric]
    return f"{found.label.en} ({found.unit.en})" if lang == "en" else f"{found.label.zh}（{found.unit.zh}）"


def _name(name: str, lang: Lang) -> str:
    return said(INPUTS[name].label, lang)
