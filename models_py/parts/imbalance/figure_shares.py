"""Shares as stacked bars: equipment by band of value (Figure 8), institutions and beds by level and place.

Belongs here: their drawing. Does not belong here: any statistic (levels.py, equipment.py).
"""

from collections.abc import Sequence
from typing import Any

import altair as alt
import pandas as pd

from catalog import load_registry
from catalog.base import Text
from catalog.parts.imbalance import BANDS, NATION, Options
from models_py.figures.chart_page import SMALL, chart_page, inline
from models_py.figures.show import Figure, Lang, said
from models_py.figures.style import BLACK, BLUE, GREY, ORANGE, source_note
from models_py.figures.text import number
from models_py.panel import Panel
from models_py.parts.imbalance.levels import ALL, type_label
from models_py.parts.imbalance.scopes import compared_rows, scope_label
from models_py.parts.imbalance.summary import known_of

WIDTH, LEFT, ROW = 640, 150, 26
_PLOT = 310
_COLOURS = (BLUE, ORANGE, GREY)
_BANDS = {
    "equipment_below_500k": Text(en="< 500,000 yuan", zh="50万元以下"),
    "equipment_500k_990k": Text(en="500,000-990,000", zh="50万—99万元"),
    "equipment_from_1m": Text(en=">= 1,000,000 yuan", zh="100万元及以上"),
}
_CAPACITY = {
    "institution_share": Text(en="Share of institutions (%)", zh="机构数占比（%）"),
    "bed_share": Text(en="Share of beds (%)", zh="床位数占比（%）"),
}
_PRIMARY = "primary_institutions"


def equipment_shown(rows: pd.DataFrame, options: Options) -> pd.DataFrame:
    """Rows of `equipment_band` with a share, in the year of the figure."""
    return compared_rows(rows, options, options.equipment_year).dropna(subset=["share"]) if len(rows) else rows


def equipment_figure(rows: pd.DataFrame, options: Options, panel: Panel, title: Text, data_kind: str) -> Figure:
    """Each type's share of equipment in each band, a block for each place. `rows`: what `equipment_shown` gives."""
    titled = Text(en=f"{title.en}, {options.equipment_year}", zh=f"{title.zh}，{options.equipment_year}年")
    notes = (
        Text(
            en="Equipment above 10,000 yuan, in the yearbook's bands of value. Primary institutions are those of "
            "official statistics: without first-level hospitals. Numbers: their share.",
            zh="万元以上设备，按年鉴价值分档。基层为官方统计口径，不含一级医院；图中数字为其占比。",
        ),
        source_note("equipment_band", Text(en=f"{len(rows)} rows", zh=f"{len(rows)}行")),
    )
    scopes = list(dict.fromkeys(rows["scope"]))

    def chart_for(lang: Lang) -> alt.VConcatChart:
        panels = []
        for scope in scopes:
            own = rows[rows["scope"] == scope].assign(share=lambda frame: frame["share"] * 100)
            labels = {band: said(_BANDS[band], lang) for band in BANDS}
            tidy = _tidy(own, own["band"].map(labels), "share", lang)
            words = Text(en="Share of pieces (%)", zh="占设备台数（%）")
            chart = _stacked(tidy, list(labels.values()), said(words, lang), WIDTH, lang)
            panels.append(chart.properties(title=said(scope_label(scope, panel), lang)))
        return chart_page(panels, lang, data_kind, width=WIDTH)

    own = rows[(rows["scope"] == scopes[0]) & (rows["facility_type"] == _PRIMARY)].set_index("band")["share"] * 100
    shares = ", ".join(number(float(own[band]), 1) for band in BANDS if band in own)
    place = scope_label(scopes[0], panel)
    alternative = Text(
        en=f"{place.en}: primary institutions have {shares} % of equipment, from the lowest band to the highest.",
        zh=f"{place.zh}：由低档至高档，基层占设备的{shares}%。",
    )
    return Figure(
        titled, alternative, notes, rows[["scope", "year", "band", "facility_type", "pieces", "share"]], chart_for
    )


def capacity_shown(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows of `imbalance` by level, of the places whose share of beds in primary institutions is known in the last year
    in which it is known of any.
    """
    if rows.empty:
        return rows
    own = rows[rows["split"] == "level"]
    known = own[(own["facility_type"] == _PRIMARY) & own["bed_share"].notna()]
    last = known[known["year"] == known["year"].max()]
    return own[own["scope"].isin(last["scope"]) & (own["year"] == known["year"].max())]


def capacity_figure(rows: pd.DataFrame, known: pd.DataFrame, panel: Panel, title: Text, data_kind: str) -> Figure:
    """Shares of institutions and of beds at each level, a row for each place, most primary beds first.

    `rows`: what `capacity_shown` gives; `known`: all rows of `imbalance`, for what the data lack.
    """
    year = int(rows["year"].iloc[0])
    titled = Text(en=f"{title.en}, {year}", zh=f"{title.zh}，{year}年")
    said_first = known_of(known)
    notes = (
        Text(en=f"{said_first.en[:1].upper()}{said_first.en[1:]}.", zh=f"{said_first.zh}。"),
        Text(
            en="Levels of official statistics: first-level hospitals are hospitals. Other institutions are reported, "
            "or what hospitals and primary institutions leave of the whole. Numbers: share of primary institutions.",
            zh="官方统计层级，一级医院属医院。其他机构为报告值，或合计减去医院与基层。图中数字为基层占比。",
        ),
        source_note("imbalance", Text(en=f"{rows['scope'].nunique()} places", zh=f"{rows['scope'].nunique()}个地区")),
    )
    beds = rows[rows["facility_type"] == _PRIMARY].sort_values("bed_share", ascending=False, kind="stable")
    scopes = [NATION] * (NATION in set(beds["scope"])) + [scope for scope in beds["scope"] if scope != NATION]

    def chart_for(lang: Lang) -> alt.VConcatChart:
        names = {scope: said(scope_label(scope, panel), lang) for scope in scopes}
        charts = []
        for name, words in _CAPACITY.items():
            own = rows.assign(**{name: rows[name] * 100})
            tidy, left = _tidy(own, own["scope"].map(names), name, lang), name == "institution_share"
            charts.append(_stacked(tidy, list(names.values()), said(words, lang), _PLOT, lang, left=left))
        return chart_page([alt.hconcat(*charts, spacing=WIDTH - 2 * _PLOT)], lang, data_kind, width=WIDTH)

    provinces = beds[beds["scope"] != NATION]
    ends = provinces if len(provinces) else beds
    first, last = (scope_label(ends["scope"].iloc[at], panel) for at in (0, -1))
    most, least = (number(float(ends["bed_share"].iloc[at]) * 100, 1) for at in (0, -1))
    alternative = Text(
        en=f"The share of beds in primary institutions ranges from {least} % ({last.en}) to {most} % ({first.en}).",
        zh=f"基层床位占比介于{least}%（{last.zh}）与{most}%（{first.zh}）之间。",
    )
    data = rows[["scope", "year", "facility_type", "institutions", "beds", *_CAPACITY]]
    return Figure(titled, alternative, notes, data, chart_for)


def _tidy(rows: pd.DataFrame, labels: "pd.Series[str]", share: str, lang: Lang) -> pd.DataFrame:
    """label, type, share in %, where its bar begins, and the text on it; types in the order of the registry."""
    kinds = load_registry().facilities.parts_of(ALL)
    tidy = pd.DataFrame({"label": labels, "kind": rows["facility_type"], "share": rows[share]}).dropna()
    tidy["order"] = tidy["kind"].map(kinds.index)
    tidy = tidy.sort_values(["label", "order"])
    tidy["from"] = tidy.groupby("label")["share"].cumsum() - tidy["share"]
    tidy["to"], tidy["middle"] = tidy["from"] + tidy["share"], tidy["from"] + tidy["share"] / 2
    tidy["type"] = [said(type_label(kind), lang) for kind in tidy["kind"]]
    tidy["text"] = [number(value, 1) for value in tidy["share"]]
    return tidy


def _stacked(
    tidy: pd.DataFrame, labels: Sequence[str], words: str, width: float, lang: Lang, *, left: bool = True
) -> Any:
    types = [said(type_label(kind), lang) for kind in load_registry().facilities.parts_of(ALL)]
    room: dict[str, Any] = {"minExtent": LEFT - 30, "maxExtent": LEFT - 30, "labelLimit": LEFT - 20} if left else {}
    axis = alt.Axis(labels=left, ticks=False, labelFontSize=SMALL, **room)
    # Panels share a scale of colours, and with it one legend.
    shown = alt.Legend(orient="top", direction="horizontal", columns=1)
    base = alt.Chart(inline(tidy)).encode(
        y=alt.Y("label:N", sort=list(labels), title=None, axis=axis, scale=alt.Scale(domain=list(labels)))
    )
    x = alt.X("from:Q", title=words, scale=alt.Scale(domain=[0, 100], nice=False), axis=alt.Axis(tickCount=5))
    colour = alt.Color("type:N", scale=alt.Scale(domain=types, range=list(_COLOURS)), legend=shown)
    tips = [alt.Tooltip("label:N"), alt.Tooltip("type:N"), alt.Tooltip("share:Q", format=".1f")]
    bars = base.mark_bar().encode(x=x, x2="to:Q", color=colour, tooltip=tips)
    # A share too small for its number keeps it all the same, in dark type over the edge.
    numbers = base.properties(data=inline(tidy[tidy["kind"] == _PRIMARY]))
    texts = numbers.mark_text(fontSize=SMALL, color=BLACK).encode(x="middle:Q", text="text:N")
    return alt.layer(bars, texts).properties(width=width, height=ROW * len(labels))
