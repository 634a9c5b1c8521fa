"""Figure 4: Moran's scatter plot, and the clusters of local Moran's I on the tile map, for one year each.

Belongs here: their drawing. Does not belong here: statistics, words of the tables (table.py).
"""

from __future__ import annotations

from typing import Any

import altair as alt
import pandas as pd

from catalog.base import Text, refuse
from catalog.labels import variable_label, weights_label
from catalog.studies import Study
from models_py.figures.chart_page import HAIRLINE, LABEL, SMALL, chart_page, inline, pixels
from models_py.figures.map_classes import TILES, ink
from models_py.figures.province_map import MAP_WIDTH, PLACE, TILE, TILES_NOTE
from models_py.figures.show import Figure, Lang, said
from models_py.figures.style import BLACK, BLUE, EMPTY, GREY, ORANGE, RED, SKY, FigureError, source_note
from models_py.figures.text import number
from models_py.figures.text import width as ems_of
from models_py.panel import ENTITY, Panel
from models_py.parts.moran.table import clusters_in_words

_SIDE, _WIDE, _NAME = 520, 680, SMALL - 2
CLASSES: dict[str, tuple[str, Text]] = {
    "HH": (RED, Text(zh="高—高", en="high, high around")),
    "LL": (BLUE, Text(zh="低—低", en="low, low around")),
    "HL": (ORANGE, Text(zh="高—低", en="high, low around")),
    "LH": (SKY, Text(zh="低—高", en="low, high around")),
    "": (EMPTY, Text(zh="不显著", en="not significant")),
}
_Z = Text(zh="标准化值z", en="z of the place")
_LAG = Text(zh="相邻地区z的加权和", en="Weighted sum of the neighbours' z")


def scatter(rows: pd.DataFrame, year: int, study: Study, panel: Panel, data_kind: str) -> Figure:
    """z of each place against that of its neighbours; the slope is Moran's I where rows of the weights sum to 1.

    `rows`: moran_local. Raises FigureError for a year without rows.
    """
    own = _of_year(rows, year)
    variable, weights = variable_label(study, str(own["variable"].iloc[0])), weights_label(str(own["weights"].iloc[0]))
    slope = float((own["z"] * own["lag"]).sum() / (own["z"] ** 2).sum())
    title = Text(
        en=f"Moran's scatter plot: {variable.en}, {year}, {weights.en}",
        zh=f"莫兰散点图：{variable.zh}，{year}年（{weights.zh}）",
    )
    across, up = (1.08 * float(own[name].abs().max()) for name in ("z", "lag"))
    ends = min(across, up / abs(slope)) if slope else across
    line = pd.DataFrame({"z": [-ends, ends], "lag": [-slope * ends, slope * ends]})

    def chart_for(lang: Lang) -> alt.VConcatChart:
        names = _names(panel, lang)
        points = own.assign(name=own[ENTITY].map(names), kind=[_kind(one, lang) for one in own["cluster"]])
        points = points.assign(label=_labels(points, across, up))
        x = alt.X("z:Q", title=said(_Z, lang), scale=alt.Scale(domain=[-across, across], nice=False))
        y = alt.Y("lag:Q", title=said(_LAG, lang), scale=alt.Scale(domain=[-up, up], nice=False))
        base = alt.Chart(inline(points[["name", "label", "kind", "z", "lag"]]))
        dots = base.mark_circle(size=60, opacity=1, stroke=GREY, strokeWidth=0.5).encode(
            x=x, y=y, color=_colour(lang), tooltip=["name:N", "kind:N", alt.Tooltip("z:Q", format=".3f")]
        )
        labels = (
            base.transform_filter("isValid(datum.label)")
            .mark_text(fontSize=_NAME, dy=-9, color=BLACK)
            .encode(x=x, y=y, text="label:N")
        )
        sloped = alt.Chart(inline(line)).mark_line(color=BLACK, strokeWidth=1.2).encode(x=x, y=y)
        axes = [
            alt.Chart(inline(pd.DataFrame({"at": [0.0]}))).mark_rule(color=HAIRLINE).encode(**{channel: "at:Q"})
            for channel in ("x", "y")
        ]
        drawn = alt.layer(*axes, sloped, dots, labels).properties(width=_WIDE, height=_SIDE)
        return chart_page([drawn], lang, data_kind, width=_WIDE)

    notes = (
        Text(
            en=f"Slope {number(slope, 4)}: Moran's I, where rows of the weights sum to 1. In colour: significant "
            "at 5 %.",
            zh=f"斜率{number(slope, 4)}，行标准化时即莫兰指数；着色者在5%水平显著。",
        ),
        clusters_in_words(own),
        Text(en="Names that would cover others are left out.", zh="相互遮盖的名称从略。"),
        source_note("moran_local", Text(en=panel.count(len(own)), zh=f"{len(own)}个{panel.unit.one.zh}")),
    )
    return Figure(title, _said(title, own), notes, own, chart_for)


def _labels(points: pd.DataFrame, across: float, up: float) -> list[str]:
    """The names that fit: clusters first, then what lies furthest out; one that would cover another is left out."""
    places = [
        (_WIDE / 2 * (1 + z / across), _SIDE / 2 * (1 - lag / up), ems_of(name) * _NAME / 2)
        for z, lag, name in zip(points["z"], points["lag"], points["name"], strict=True)
    ]
    far = points["z"].abs() + points["lag"].abs() + 100 * (points["cluster"] != "")
    kept: list[int] = []
    for one in far.to_numpy().argsort()[::-1]:
        x, y, half = places[one]
        clear = all(abs(y - places[o][1]) > _NAME + 4 or abs(x - places[o][0]) > half + places[o][2] for o in kept)
        if clear and half < x < _WIDE - half:
            kept.append(int(one))
    return [name if at in set(kept) else "" for at, name in enumerate(points["name"])]


def cluster_map(rows: pd.DataFrame, year: int, study: Study, panel: Panel, data_kind: str) -> Figure:
    """Clusters of one year, one tile for each province. Raises FigureError for a year without rows."""
    own = _of_year(rows, year)
    variable, weights = variable_label(study, str(own["variable"].iloc[0])), weights_label(str(own["weights"].iloc[0]))
    title = Text(
        en=f"Clusters of local Moran's I: {variable.en}, {year}, {weights.en}",
        zh=f"局部莫兰集聚：{variable.zh}，{year}年（{weights.zh}）",
    )

    def chart_for(lang: Lang) -> alt.VConcatChart:
        return chart_page([_tiles(own, panel, lang)], lang, data_kind, width=MAP_WIDTH + 190)

    notes = (
        clusters_in_words(own),
        Text(
            en="A dot: kept at a false discovery rate of 5 % over the provinces.",
            zh="圆点：控制错误发现率5%后仍显著。",
        ),
        TILES_NOTE,
        source_note("moran_local", Text(en=panel.count(len(own)), zh=f"{len(own)}个{panel.unit.one.zh}")),
    )
    return Figure(title, _said(title, own), notes, own, chart_for)


def _tiles(own: pd.DataFrame, panel: Panel, lang: Lang) -> Any:
    names, gap = _names(panel, lang), 4
    at = own[ENTITY].map(TILES)
    x, y = at.map(lambda place: (place[1] - 1) * TILE), at.map(lambda place: place[0] * TILE)
    frame = pd.DataFrame(
        {
            "name": own[ENTITY].map(names),
            "kind": [_kind(one, lang) for one in own["cluster"]],
            "i": own["i"],
            "shown": [number(value, 2) for value in own["i"]],
            "kept": own["significant_fdr"].astype(bool).astype(int),
            "light": [int(ink(CLASSES[one][0]) != BLACK) for one in own["cluster"]],
            "x": x, "x2": x + TILE - gap, "y": y, "y2": y + TILE - gap,
            "middle": x + (TILE - gap) / 2, "centre": y + (TILE - gap) / 2,
        }
    )  # fmt: skip
    base = alt.Chart(inline(frame))
    tips = [alt.Tooltip("name:N", title=said(PLACE, lang)), "kind:N", alt.Tooltip("i:Q", format=".3f", title="I")]
    square = base.mark_rect(stroke=GREY, strokeWidth=0.6).encode(
        x=pixels("x", "X"), x2="x2:Q", y=pixels("y", "Y"), y2="y2:Q", fill=_colour(lang, fill=True), tooltip=tips
    )
    on = alt.condition("datum.light == 1", alt.value("#FFFFFF"), alt.value(BLACK))
    where: dict[str, Any] = {"x": pixels("middle", "X"), "y": pixels("centre", "Y"), "color": on}
    name = base.mark_text(fontSize=11 if lang == "en" else 15, dy=-8, baseline="middle").encode(text="name:N", **where)
    value = base.mark_text(fontSize=SMALL, dy=13, baseline="middle").encode(text="shown:N", **where)
    dot = base.transform_filter("datum.kept == 1").mark_circle(size=30, dx=0, yOffset=-28, opacity=1).encode(**where)
    return alt.layer(square, name, value, dot).properties(width=MAP_WIDTH, height=8 * TILE)


def _colour(lang: Lang, fill: bool = False) -> Any:
    kinds = [said(text, lang) for _, text in CLASSES.values()]
    scale = alt.Scale(domain=kinds, range=[colour for colour, _ in CLASSES.values()])
    kind = alt.Fill if fill else alt.Color
    return kind("kind:N", scale=scale, legend=alt.Legend(orient="right", labelFontSize=LABEL, symbolType="square"))


def _kind(cluster: str, lang: Lang) -> str:
    return said(CLASSES[cluster][1], lang)


def _names(panel: Panel, lang: Lang) -> dict[int, str]:
    return {e.code: (e.short_zh or e.name_zh) if lang == "zh" else e.name_en for e in panel.entities}


def _of_year(rows: pd.DataFrame, year: int) -> pd.DataFrame:
    own = rows[rows["year"] == year]
    refuse((own.empty, f"no local statistics of {year}"), error=FigureError)
    return own.reset_index(drop=True)


def _said(title: Text, own: pd.DataFrame) -> Text:
    clusters = clusters_in_words(own)
    return Text(en=f"{title.en}. {clusters.en}", zh=f"{title.zh}。{clusters.zh}")
