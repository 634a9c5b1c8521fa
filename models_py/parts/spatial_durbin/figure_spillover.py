"""The spillover map: what one unit more of a regressor in one province adds to the outcome in every other.

Belongs here: its drawing, with a list to pick the province from. Does not belong here: computing (fits.py).
"""

from __future__ import annotations

from typing import Any

import altair as alt
import numpy as np
import pandas as pd

from catalog.base import refuse
from catalog.identity import ALL
from models_py.figures.chart_page import LABEL, MUTED, SMALL, chart_page, inline, pixels
from models_py.figures.map_classes import TILES
from models_py.figures.province_map import MAP_WIDTH, PLACE, TILE, TILES_NOTE
from models_py.figures.show import Figure, Lang, said
from models_py.figures.style import BLACK, GREY, FigureError, source_note
from models_py.figures.text import number
from models_py.panel import Panel
from models_py.parts.findings import both
from models_py.parts.spatial_durbin.words import NOT_SHOWN, Names

_PICKED = "picked"
# Diverging, blue below zero and orange above, the same scale for every province picked.
_COLOURS = ("#2166AC", "#F7F7F7", "#B35806")
_WIDTH = MAP_WIDTH + 230
_FROM = both("Picked", "变动省份")
_ADDED = both("Added to the outcome", "因变量变动")


def spillover_map(rows: pd.DataFrame, term: str, first: int, names: Names, data_kind: str) -> Figure:
    """`rows`: spillover of one model; `first`: the province picked before a reader picks another, and in print.

    Raises FigureError for a term without rows and provinces that are not on the tile map.
    """
    panel = names.panel
    own = rows[(rows["term"] == term) & (rows["order"] == ALL)].reset_index(drop=True)
    refuse(
        (own.empty, f"no spillover of {term}"),
        (sorted(set(own["destination_code"]) - set(TILES)), "not on the map of provinces: {}"),
        error=FigureError,
    )
    step, size = names.step(term)
    shown = own.assign(effect=own["effect"] * size)[["origin_code", "destination_code", "effect"]]
    there = shown[shown["origin_code"] == first].set_index("destination_code")["effect"].drop(first)
    most = there.abs().nlargest(3)
    outcome, place = names.of_outcome, panel.by_code[first].name
    told = [(panel.by_code[int(str(code))].name, number(float(there[code]), 5)) for code in most.index]
    title = both(f"{step.en} in one province: what goes with it elsewhere", f"一省{step.zh}：与他省结果的关联")
    alternative = both(
        f"{step.en} in {place.en} goes with, in {outcome.en}: "
        + ", ".join(f"{name.en} {value}" for name, value in told)
        + " (the three largest outside it).",
        f"{place.zh}的{step.zh}，对应{outcome.zh}变动（省外最大三个）："
        + "，".join(f"{name.zh}{value}" for name, value in told)
        + "。",
    )
    notes = (
        alternative,
        NOT_SHOWN["indirect"],
        both("The province picked is outlined; its own figure includes feedback.", "粗框为所选省份，其数值含反馈。"),
        TILES_NOTE,
        source_note("spillover", both(f"{len(shown)} pairs", f"{len(shown)}对")),
    )

    def chart_for(lang: Lang) -> alt.VConcatChart:
        return chart_page([_tiles(shown, first, panel, said(outcome, lang), lang)], lang, data_kind, width=_WIDTH)

    return Figure(title, alternative, notes, own, chart_for)


def power_of(shown: pd.DataFrame) -> tuple[int, str]:
    """The power of ten in which all effects of a map are printed, and how a title says it; none for those over 0.1."""
    away = shown.loc[shown["origin_code"] != shown["destination_code"], "effect"].abs().max()
    if not np.isfinite(away) or away == 0 or away >= 0.1:
        return 0, ""
    power = int(np.floor(np.log10(away)))
    return power, f" (× {10.0**power:.{-power}f})"


def _tiles(shown: pd.DataFrame, first: int, panel: Panel, measure: str, lang: Lang) -> Any:
    named = {e.code: (e.short_zh or e.name_zh) if lang == "zh" else e.name_en for e in panel.entities}
    at = shown["destination_code"].map(TILES)
    power, said_power = power_of(shown)
    x, y = at.map(lambda place: (place[1] - 1) * TILE), at.map(lambda place: place[0] * TILE)
    frame = pd.DataFrame(
        {
            "origin": shown["origin_code"].map(named),
            "name": shown["destination_code"].map(named),
            "effect": shown["effect"] / 10.0**power,
            "shown": [number(value / 10.0**power, 2) for value in shown["effect"]],
            "own": (shown["origin_code"] == shown["destination_code"]).astype(int),
            "x": x, "y": y,
        }
    )  # fmt: skip
    side = TILE - 4
    # Scaled to what leaves the province, so that its own, much larger figure does not pale all others.
    far = float(np.abs(frame.loc[frame["own"] == 0, "effect"]).max()) or 1.0
    options = [named[code] for code in panel.by_region]
    bind = alt.binding_select(options=options, name=f"{said(_FROM, lang)} ")
    picked = alt.param(name=_PICKED, value=named[first], bind=bind)
    base = (
        alt.Chart(inline(frame))
        .transform_filter(f"datum.origin == {_PICKED}")
        .transform_calculate(
            x2=f"datum.x + {side}",
            y2=f"datum.y + {side}",
            middle=f"datum.x + {side / 2}",
            centre=f"datum.y + {side / 2}",
        )
    )
    scale = alt.Scale(domain=[-far, 0, far], range=[*_COLOURS], clamp=True)
    legend = alt.Legend(
        title=said(_ADDED, lang) + said_power, titlePadding=12, gradientLength=220, labelFontSize=LABEL, format=".2~g"
    )
    tips = [
        alt.Tooltip("name:N", title=said(PLACE, lang)),
        alt.Tooltip("effect:Q", title=measure + said_power, format=".4f"),
    ]
    square = base.mark_rect(stroke=GREY, strokeWidth=0.6).encode(
        x=pixels("x", "X"), x2="x2:Q", y=pixels("y", "Y"), y2="y2:Q",
        fill=alt.Fill("effect:Q", scale=scale, legend=legend), tooltip=tips,
    )  # fmt: skip
    edge = base.transform_filter("datum.own == 1").mark_rect(fillOpacity=0, stroke=BLACK, strokeWidth=3)
    edge = edge.encode(x=pixels("x", "X"), x2="x2:Q", y=pixels("y", "Y"), y2="y2:Q")
    on = alt.condition(f"abs(datum.effect) > {0.6 * far}", alt.value("#FFFFFF"), alt.value(BLACK))
    where = {"x": pixels("middle", "X"), "y": pixels("centre", "Y"), "color": on}
    name = base.mark_text(fontSize=11 if lang == "en" else 15, dy=-8, baseline="middle").encode(text="name:N", **where)
    value = base.mark_text(fontSize=SMALL, dy=13, baseline="middle").encode(text="shown:N", **where)
    words = pd.DataFrame({"text": [measure], "y": [8]})
    head = alt.Chart(inline(words)).mark_text(align="left", baseline="top", fontSize=SMALL, color=MUTED)
    head = head.encode(text="text:N", x=alt.value(0), y=pixels("y", "Y"))
    layered = alt.layer(square, edge, name, value, head).properties(width=MAP_WIDTH, height=8 * TILE)
    return layered.add_params(picked)
