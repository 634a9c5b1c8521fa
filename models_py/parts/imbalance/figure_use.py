"""Bed occupancy and share of visits by type of facility, nation beside compared provinces (Figures 3 and 5).

Belongs here: its drawing. Does not belong here: any statistic (levels.py).
"""

from typing import Any

import altair as alt
import pandas as pd

from catalog import load_registry
from catalog.base import Text
from catalog.parts.imbalance import Options
from models_py.figures.chart_page import LABEL, SMALL, chart_page, inline
from models_py.figures.show import Figure, Lang, said
from models_py.figures.style import BLUE, GREEN, ORANGE, RED, SKY, source_note
from models_py.figures.text import number
from models_py.panel import Panel
from models_py.parts.imbalance.levels import ALL, OCCUPANCY, PAPER, divisions, type_label
from models_py.parts.imbalance.scopes import compared_rows, scope_label

# Pixels.
WIDTH, LEFT, PLOT, ROW = 640, 250, 285, 44
_MEASURES = {
    OCCUPANCY: Text(en="Bed occupancy (%)", zh="病床使用率（%）"),
    "visit_share": Text(en="Share of visits (%)", zh="诊疗人次占比（%）"),
}
_SPLITS = {
    PAPER: Text(en="As the paper defines the tiers: shares of all visits", zh="论文口径的两类：占全部诊疗人次"),
    "level": Text(en="Official levels: shares of all visits", zh="官方层级：占全部诊疗人次"),
    "grade": Text(en="Hospitals by grade: shares of hospital visits", zh="医院按等级：占医院诊疗人次"),
    "primary_type": Text(en="Primary institutions: shares of their visits", zh="基层机构按类型：占基层诊疗人次"),
}
_COLOURS = (BLUE, ORANGE, GREEN, RED, SKY)


def use_shown(rows: pd.DataFrame, options: Options) -> pd.DataFrame:
    """The rows of `imbalance` drawn: those of the year with bed occupancy or a share of visits."""
    own = compared_rows(rows, options, options.year)
    return own if own.empty else own[own[list(_MEASURES)].notna().any(axis=1) & (own["split"] != ALL)]


def use_figure(rows: pd.DataFrame, options: Options, panel: Panel, title: Text, data_kind: str) -> Figure:
    """Bars of both measures, one block for each division. `rows`: what `use_shown` gives, at least one."""
    titled = Text(en=f"{title.en}, {options.year}", zh=f"{title.zh}，{options.year}年")
    splits = [split for split in _SPLITS if (rows["split"] == split).any()]
    notes = _notes(rows, options)

    def chart_for(lang: Lang) -> alt.VConcatChart:
        panels = [_block(rows, split, panel, lang) for split in splits]
        return chart_page(panels, lang, data_kind, width=WIDTH)

    data = rows[["scope", "year", "split", "facility_type", *_MEASURES, "visits"]]
    return Figure(titled, _alternative(rows, panel), notes, data, chart_for)


def _block(rows: pd.DataFrame, split: str, panel: Panel, lang: Lang) -> Any:
    own = rows[rows["split"] == split]
    kinds = next(kinds for name, _, kinds in divisions(load_registry().facilities) if name == split)
    labels = [said(type_label(kind), lang) for kind in kinds if (own["facility_type"] == kind).any()]
    scopes = list(dict.fromkeys(rows["scope"]))
    names = [said(scope_label(scope, panel), lang) for scope in scopes]
    tidy = pd.DataFrame(
        {
            "type": [said(type_label(kind), lang) for kind in own["facility_type"]],
            "place": [said(scope_label(scope, panel), lang) for scope in own["scope"]],
            OCCUPANCY: own[OCCUPANCY].to_numpy(),
            "visit_share": own["visit_share"].to_numpy() * 100,
        }
    )
    charts = [
        _bars(tidy[["type", "place", name]].dropna(), name, labels, names, lang, left=name == OCCUPANCY)
        for name in _MEASURES
    ]
    return alt.hconcat(*charts, spacing=WIDTH - 2 * PLOT).properties(title=said(_SPLITS[split], lang))


def _bars(tidy: pd.DataFrame, name: str, labels: list[str], names: list[str], lang: Lang, *, left: bool) -> Any:
    tidy = tidy.assign(text=[number(value, 1) for value in tidy[name]])
    room: dict[str, Any] = {"minExtent": LEFT - 30, "maxExtent": LEFT - 30, "labelLimit": LEFT - 20} if left else {}
    axis = alt.Axis(labels=left, ticks=False, labelFontSize=SMALL, **room)
    scale = alt.Scale(domain=names, range=list(_COLOURS[: len(names)]))
    # Panels share a scale of colours, and with it one legend.
    shown = alt.Legend(orient="top", direction="horizontal")
    # The same scale in every block, with room for the numbers.
    x = alt.X(f"{name}:Q", title=said(_MEASURES[name], lang), scale=alt.Scale(domain=[0, 118], nice=False))
    base = alt.Chart(inline(tidy)).encode(
        y=alt.Y("type:N", sort=labels, title=None, axis=axis, scale=alt.Scale(domain=labels, paddingInner=0.3)),
        yOffset=alt.YOffset("place:N", sort=names, scale=alt.Scale(domain=names)),
        x=x,
    )
    tips = [alt.Tooltip("type:N"), alt.Tooltip("place:N"), alt.Tooltip(f"{name}:Q", format=".1f")]
    bars = base.mark_bar().encode(color=alt.Color("place:N", scale=scale, legend=shown), tooltip=tips)
    texts = base.mark_text(align="left", dx=4, fontSize=LABEL - 1).encode(text="text:N")
    return alt.layer(bars, texts).properties(width=PLOT, height=ROW * len(labels))


def _notes(rows: pd.DataFrame, options: Options) -> tuple[Text, ...]:
    high, primary = (
        Text(en=", ".join(type_label(k).en for k in kinds), zh="、".join(type_label(k).zh for k in kinds))
        for kinds in (options.high_tier, options.primary)
    )
    return (
        Text(
            en=f"High tier: {high.en}. Primary care: {primary.en}. First-level hospitals stand in the hospital "
            "tables of the yearbook; here they are primary care in the paper's division and hospitals in the others, "
            "counted once in each.",
            zh=f"高等级：{high.zh}。基层：{primary.zh}。一级医院在年鉴中列于医院表；论文口径计入基层，其余划分计入医院，各划分内只计一次。",
        ),
        Text(
            en="Bed occupancy of several types is weighted by beds. The paper's Figure 5 compares other types than its "
            "Figure 3; here both places have the same.",
            zh="多类合并的病床使用率按床位加权。论文图5与图3的机构类型不同，此处两地口径一致。",
        ),
        source_note("imbalance", Text(en=f"{len(rows)} rows", zh=f"{len(rows)}行")),
    )


def _alternative(rows: pd.DataFrame, panel: Panel) -> Text:
    known = rows.dropna(subset=[OCCUPANCY]).sort_values(OCCUPANCY)
    if known.empty:
        return Text(en="Shares of visits by type of facility.", zh="按机构类型的诊疗人次占比。")
    low, high = known.iloc[0], known.iloc[-1]
    ends = [
        (type_label(r["facility_type"]), scope_label(r["scope"], panel), number(r[OCCUPANCY], 1)) for r in (low, high)
    ]
    (low_type, low_place, low_value), (high_type, high_place, high_value) = ends
    return Text(
        en=f"Bed occupancy ranges from {low_value} % ({low_type.en}, {low_place.en}) to {high_value} % "
        f"({high_type.en}, {high_place.en}).",
        zh=f"病床使用率介于{low_value}%（{low_place.zh}{low_type.zh}）与{high_value}%（{high_place.zh}{high_type.zh}）之间。",
    )
