"""Ranks of the last year as points, with what they would be had indicators or weights been drawn anew as lines.

Belongs here: the drawing and its reading. Does not belong here: computing (ranks.py).
"""

from typing import Any

import altair as alt
import pandas as pd

from catalog.base import Text, refuse
from catalog.identity import variant_choices
from models_py.figures.chart_page import LABEL, SMALL, chart_page, inline
from models_py.figures.show import Figure, Lang, said
from models_py.figures.style import BLACK, BLUE, GREEN, ORANGE, FigureError, source_note
from models_py.panel import ENTITY, Panel
from models_py.parts.coupling.texts import GENERATED
from models_py.parts.coupling.titles import RANKS_TITLE
from models_py.parts.rows import together

KINDS = {
    "indicators": (Text(en="indicators", zh="指标"), BLUE),
    "weights": (Text(en="weights", zh="权重"), ORANGE),
    "both": (Text(en="both", zh="两者"), GREEN),
}
_WIDE, _ROW, _GAP = 520, 21, 0.26
_RANK = Text(en="rank by coordination degree D (1: highest)", zh="按耦合协调度D的名次（1为最高）")
_DRAWN = Text(en="drawn anew", zh="重新抽取")
_NO_CONFIDENCE = Text(
    en="Lines: 2.5 to 97.5 % of the draws, black: the study's own choice. They show how far a rank hangs on choices of "
    "its makers; they are no confidence intervals. A place whose lines are long has no rank worth telling.",
    zh="线段为各次抽取的2.5%至97.5%，黑点为本研究设定。区间反映名次对研究者选择的依赖，并非置信区间；线段长者名次不足为据。",
)


def rank_figure(ranks: pd.DataFrame, panel: Panel, data_kind: str) -> Figure:
    """A line for each place and kind of draw in the last year, the highest place first.

    `ranks`: rows of coordination_rank of one study. Raises FigureError without rows.
    """
    refuse((ranks.empty, "no ranks"), error=FigureError)
    year = int(ranks["year"].max())
    rows = ranks[ranks["year"] == year]
    rows = rows.assign(kind=[variant_choices(variant)["resampled"] for variant in rows["variant"]])
    rows = rows.sort_values(["rank", ENTITY])[[ENTITY, "kind", "rank", "rank_median", "rank_low", "rank_high"]]
    rows = rows.reset_index(drop=True)
    title = Text(en=f"{RANKS_TITLE.en}, {year}", zh=f"{RANKS_TITLE.zh}，{year}年")
    draws = int(ranks["draws"].iloc[0])
    counted = Text(
        en=f"{rows[ENTITY].nunique()} places, {draws} draws", zh=f"{rows[ENTITY].nunique()}个地区，{draws}次抽取"
    )
    reading = steadiness(rows, panel)

    def chart_for(lang: Lang) -> alt.VConcatChart:
        return chart_page([_drawn(rows, panel, lang)], lang, data_kind, width=_WIDE)

    notes = (reading, _NO_CONFIDENCE, GENERATED, source_note("coordination_rank", counted))
    return Figure(title, reading, notes, rows, chart_for)


def steadiness(rows: pd.DataFrame, panel: Panel) -> Text:
    """How wide the ranks lie when both are drawn anew, and whether the first place stays the first.

    `rows`: of one year, with a column kind.
    """
    both = rows[rows["kind"] == "both"].set_index(ENTITY)
    width = both["rank_high"] - both["rank_low"]
    first, widest, least = (int(str(code)) for code in (both["rank"].idxmin(), width.idxmax(), width.idxmin()))
    names = {code: panel.by_code[code].name for code in (first, widest, least)}

    def between(code: int) -> str:
        return "–".join(f"{float(both[end][code]):.0f}" for end in ("rank_low", "rank_high"))

    return together(
        [
            Text(
                en=f"With indicators and weights drawn anew, the ranks of half of the places span "
                f"{width.median():.0f} steps or more.",
                zh=f"指标与权重均重新抽取时，半数地区的名次区间宽度不小于{width.median():.0f}位。",
            ),
            Text(
                en=f"{names[first].en}, first here, ranks {between(first)}; steadiest is {names[least].en} "
                f"({between(least)}), least steady {names[widest].en} ({between(widest)}).",
                zh=f"居首的{names[first].zh}名次在{between(first)}之间；最稳定为{names[least].zh}（{between(least)}），"
                f"最不稳定为{names[widest].zh}（{between(widest)}）。",
            ),
        ]
    )


def _drawn(rows: pd.DataFrame, panel: Panel, lang: Lang) -> Any:
    order = {code: place for place, code in enumerate(dict.fromkeys(rows[ENTITY]))}
    names = [said(panel.by_code[int(code)].name, lang) for code in order]
    shift = {kind: (place - 1) * _GAP for place, kind in enumerate(KINDS)}
    frame = rows.assign(
        at=rows[ENTITY].map(order) + rows["kind"].map(shift),
        middle=rows[ENTITY].map(order),
        place=[names[order[code]] for code in rows[ENTITY]],
        drawn=rows["kind"].map({kind: said(text, lang) for kind, (text, _) in KINDS.items()}),
    ).drop(columns=[ENTITY, "kind"])
    tips = [
        alt.Tooltip("place:N"), alt.Tooltip("drawn:N", title=said(_DRAWN, lang)), alt.Tooltip("rank:Q"),
        alt.Tooltip("rank_low:Q"), alt.Tooltip("rank_high:Q"),
    ]  # fmt: skip
    scale = alt.Scale(domain=[-0.7, len(order) - 0.3], reverse=True, nice=False)
    listed = ", ".join(f"'{name}'" for name in names)
    axis = alt.Axis(
        values=list(range(len(order))), labelExpr=f"[{listed}][datum.value]", title=None, ticks=False, domain=False,
        labelFontSize=SMALL, grid=False, labelOverlap=False,
    )  # fmt: skip
    x_scale = alt.Scale(domain=[0.5, len(order) + 0.5], nice=False)
    x = alt.X("rank_low:Q", scale=x_scale, title=said(_RANK, lang), axis=alt.Axis(tickCount=8, format="d"))
    colours = alt.Color(
        "drawn:N",
        scale=alt.Scale(domain=[said(text, lang) for text, _ in KINDS.values()], range=[c for _, c in KINDS.values()]),
        legend=alt.Legend(title=said(_DRAWN, lang), orient="top", labelFontSize=LABEL),
    )
    base = alt.Chart(inline(frame))
    lines = base.mark_rule(strokeWidth=2.2).encode(
        y=alt.Y("at:Q", scale=scale, axis=axis, title=None), x=x, x2="rank_high:Q", color=colours, tooltip=tips
    )
    own = base.mark_circle(color=BLACK, size=30, opacity=1).encode(
        y=alt.Y("middle:Q", scale=scale, axis=axis, title=None),
        x=alt.X("rank:Q", scale=x_scale, title=said(_RANK, lang)),
    )
    return alt.layer(lines, own).properties(width=_WIDE, height=_ROW * len(order))
