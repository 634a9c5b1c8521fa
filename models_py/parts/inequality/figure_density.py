"""Thermal map of one resource: every unit in every year, per 1,000 people and per people and land (HRDI).

Belongs here: its drawing. One colour scale holds for all years of a panel, so that colours can be compared over time.
Does not belong here: maps of provinces (models_py/figures/province_map.py), the index (models_py/inequality/places.py).
"""

from typing import Any

import altair as alt
import pandas as pd

from catalog.base import Text, refuse
from models_py.figures.chart_page import SMALL, chart_page, independent, inline
from models_py.figures.show import Figure, Lang, said
from models_py.figures.style import SEQUENCE, FigureError, source_note
from models_py.figures.text import number
from models_py.panel import ENTITY, Panel
from models_py.parts.inequality.texts import description_note, resource_name

# Pixels.
_CELL, _ROW, _LEFT, _GAP = 26, 17, 110, 40
MEASURES = {
    "per_1000": Text(en="per 1,000 residents", zh="每千人口"),
    "hrdi": Text(en="density index (HRDI)", zh="密度指数（HRDI）"),
}
_YEAR, _PLACE = Text(en="Year", zh="年份"), Text(en="Place", zh="地区")


def thermal_map(places: pd.DataFrame, resource: str, panel: Panel, data_kind: str) -> Figure:
    """Units down, years across, darker where the resource is denser, on a logarithmic scale.

    `places`: rows of inequality_place. A unit that has none in a year stays blank. Raises FigureError where no unit has
    any of the resource.
    """
    held = places.loc[places["resource"] == resource, [ENTITY, "year", *MEASURES]]
    rows = held[(held[list(MEASURES)] > 0).all(axis=1)]
    refuse((rows.empty, f"no density of {resource}"), error=FigureError)
    blank = len(held) - len(rows)
    name = resource_name(resource)
    title = Text(en=f"{name.en}: density by place and year", zh=f"{name.zh}：各地区逐年密度")
    order = panel.by_region
    notes = (
        Text(
            en="One colour scale for all years of a panel, logarithmic. HRDI: geometric mean of the amount per 1,000 "
            "residents and per square kilometre; it favours small, dense places.",
            zh="同一面板各年共用一个对数色阶。HRDI为每千人口与每平方公里资源量的几何平均，面积小而密集者偏高。",
        ),
        *([_blank_note(blank)] if blank else []),
        description_note(panel),
        source_note("inequality_place", Text(en=f"{len(rows)} figures", zh=f"{len(rows)}个数值")),
    )

    def chart_for(lang: Lang) -> alt.VConcatChart:
        names = {e.code: (e.short_zh or e.name_zh) if lang == "zh" else e.name_en for e in panel.entities}
        named = rows.assign(place=rows[ENTITY].map(names)).drop(columns=ENTITY)
        years = rows["year"].nunique()
        panels = [
            _cells(named, measure, [names[code] for code in order], first, lang).properties(
                width=_CELL * years, height=_ROW * len(order), title=said(text, lang)
            )
            for first, (measure, text) in zip((True, False), MEASURES.items(), strict=True)
        ]
        drawn = alt.hconcat(*panels, spacing=_GAP, resolve=independent("color"))
        wide = 2 * _CELL * years + _GAP + 70
        return chart_page([drawn], lang, data_kind, width=wide)

    return Figure(title, range_of(rows, panel, name), notes, rows.reset_index(drop=True), chart_for)


def _cells(rows: pd.DataFrame, measure: str, order: list[str], labelled: bool, lang: Lang) -> Any:
    scale = alt.Scale(type="log", range=list(SEQUENCE), domain=[float(rows[measure].min()), float(rows[measure].max())])
    look: dict[str, Any] = {
        "orient": "bottom",
        "gradientLength": 180,
        "labelFontSize": SMALL,
        "format": ".3~g",
        "tickCount": 3,
    }
    legend = alt.Legend(title=None, **look)
    axis = alt.Axis(labels=labelled, ticks=False, domain=False, labelLimit=_LEFT, labelFontSize=SMALL)
    return (
        alt.Chart(inline(rows[["place", "year", measure]]))
        .mark_rect(stroke="white", strokeWidth=0.8)
        .encode(
            x=alt.X("year:O", title=None, axis=alt.Axis(labelAngle=-45, ticks=False, domain=False)),
            y=alt.Y("place:N", scale=alt.Scale(domain=order), title=None, axis=axis),
            color=alt.Color(f"{measure}:Q", scale=scale, legend=legend),
            tooltip=[
                alt.Tooltip("place:N", title=said(_PLACE, lang)),
                alt.Tooltip("year:O", title=said(_YEAR, lang)),
                alt.Tooltip(f"{measure}:Q", title=said(MEASURES[measure], lang), format=".3f"),
            ],
        )
    )


def _blank_note(cells: int) -> Text:
    return Text(
        en=f"Zero, which a logarithmic scale cannot show: {cells} cells, left blank.",
        zh=f"{cells}个数值为零，对数色阶无法显示，留白。",
    )


def range_of(rows: pd.DataFrame, panel: Panel, name: Text) -> Text:
    """In words: the places with the least and the most per 1,000 residents in the last year of one resource."""
    last = rows[rows["year"] == rows["year"].max()].sort_values("per_1000")
    low, high = last.iloc[0], last.iloc[-1]
    year = int(low["year"])
    least, most = (panel.by_code[int(row[ENTITY])] for row in (low, high))
    ends = [number(float(row["per_1000"]), 2) for row in (low, high)]
    return Text(
        en=f"{name.en} per 1,000 residents, {year}: from {ends[0]} ({least.name_en}) to {ends[1]} ({most.name_en}).",
        zh=f"{year}年每千人口{name.zh}由{ends[0]}（{least.name_zh}）至{ends[1]}（{most.name_zh}）。",
    )
