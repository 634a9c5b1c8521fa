"""Influence: the coefficient with each entity, and each year, left out.

Belongs here: its drawing. Does not belong here: refitting (models_py/parts/diagnostics/influence.py).
"""

from dataclasses import dataclass
from typing import Any

import altair as alt
import pandas as pd

from catalog.base import Text, refuse
from catalog.identity import COLUMNS
from catalog.labels import Label, inner, label_of
from models_py.figures.chart_page import LABEL, SMALL, chart_page, inline
from models_py.figures.coefficients import COEFFICIENT, with_unit
from models_py.figures.names import chinese_number
from models_py.figures.show import Figure, Lang, said
from models_py.figures.style import BLACK, BLUE, GREY, RED, FigureError, source_note
from models_py.figures.text import number
from models_py.panel import Panel

# Pixels: the plot of entities or years, the room between the two for the names of years, a row.
_PLOT, _BETWEEN, _ROW = 270, 60, 17
_YEAR = Text(zh="年份", en="year")
_COLUMNS = ["estimate", "std_error", "p_value", "change"]


@dataclass(frozen=True)
class Refits:
    """What was left out, one of `one` at a time: rows of `influence`, and the name of each."""

    rows: pd.DataFrame
    names: tuple[Text, ...]
    one: Text

    @property
    def heading(self) -> Text:
        """What stands over the panel."""
        return Text(zh=f"剔除{self.one.zh}", en=f"{self.one.en.capitalize()} left out")

    def points(self, lang: Lang) -> pd.DataFrame:
        """One row per refit, in order: name, estimate, low, high, most (1: it moves it most), look."""
        # Of few entities none may be left out and the model still be identified: then none moves it most.
        known = self.rows["change"].dropna()
        largest = None if known.empty else known.abs().idxmax()
        moves = pd.Series([at == largest for at in self.rows.index], index=self.rows.index)
        return self.rows[_COLUMNS].assign(
            name=[said(name, lang) for name in self.names],
            low=self.rows["estimate"] - self.rows["std_error"],
            high=self.rows["estimate"] + self.rows["std_error"],
            most=moves.astype(int),
            # Of the inside of the point: hollow where not significant, else its colour.
            look=moves.astype(int).where(self.rows["p_value"] < 0.05, 2),
        )


def influence(
    rows: pd.DataFrame, term: Text, panel: Panel, data_kind: str, *, label: Label = label_of, unit: Text | None = None
) -> Figure:
    """Dot plot of `influence` rows of one model and term: entities sorted by coefficient, years in order.

    `rows`: identity, term, kind, left_out, estimate, std_error, p_value, change; `label` names a row of results;
    `unit`: that of the coefficient. Bars are the CR1 standard error each way; points with p >= 0.05 are hollow; the
    point whose omission moves the coefficient most is red. Raises FigureError when no row is there or more than one
    model or term.
    """
    models = rows.reindex(columns=[*COLUMNS, "term"]).drop_duplicates()
    refuse(
        (rows.empty, "no row of influence"),
        (len(models) > 1, "influence of more than one model or term; choose one"),
        error=FigureError,
    )
    whole, one = float((rows["estimate"] - rows["change"]).iloc[0]), panel.unit.one
    drawn = [part for part in (_entities(rows, panel), _years(rows)) if len(part.rows)]
    title = Text(
        zh=f"影响分析：逐一剔除{one.zh}或年份后的{term.zh}系数",
        en=f"Influence: coefficient of {inner(term.en)} with one {one.en}, or one year, left out",
    )
    axis, limits = with_unit(COEFFICIENT, unit), _limits(rows, whole)

    def chart_for(lang: Lang) -> alt.VConcatChart:
        panels = [
            _dots(part.points(lang), whole, limits, said(axis, lang)).properties(
                title=said(part.heading, lang), width=_PLOT, height=_ROW * len(part.rows)
            )
            for part in drawn
        ]
        beside = alt.hconcat(*panels, spacing=_BETWEEN)
        return chart_page([beside], lang, data_kind, width=_PLOT * len(panels) + _BETWEEN * (len(panels) - 1))

    notes = _notes(rows, whole, panel, label)
    return Figure(title, _alternative(rows, whole, term), notes, _shown(drawn), chart_for)


def _entities(rows: pd.DataFrame, panel: Panel) -> Refits:
    own = rows[rows["kind"] == panel.unit.id].sort_values("estimate", kind="stable")
    # The code of what is none of the entities.
    unknown = [int(code) for code in own["left_out"] if int(code) not in panel.by_code]
    named = {code: entity.name for code, entity in panel.by_code.items()}
    named |= {code: Text(zh=str(code), en=str(code)) for code in unknown}
    return Refits(own, tuple(named[int(code)] for code in own["left_out"]), panel.unit.one)


def _years(rows: pd.DataFrame) -> Refits:
    own = rows[rows["kind"] == "year"].sort_values("left_out", kind="stable")
    return Refits(own, tuple(Text(zh=str(year), en=str(year)) for year in own["left_out"]), _YEAR)


def _limits(rows: pd.DataFrame, whole: float) -> list[float]:
    """The same axis in both panels: everything drawn, and zero where that is near."""
    ends = pd.concat([rows["estimate"] - rows["std_error"], rows["estimate"] + rows["std_error"], pd.Series([whole])])
    low, high = float(ends.min()), float(ends.max())
    margin = 0.05 * (high - low or abs(whole) or 1.0)
    return [low - margin, high + margin]


def _dots(points: pd.DataFrame, whole: float, limits: list[float], axis: str) -> Any:
    """One row per refit, the first at the top."""
    names = points["name"].tolist()
    base = alt.Chart(inline(points))
    y = alt.Y("name:N", sort=names, title=None, axis=alt.Axis(labelLimit=0, labelFontSize=SMALL, ticks=False))
    scale = alt.Scale(domain=limits, zero=False, nice=False)
    colour = alt.condition("datum.most == 1", alt.value(RED), alt.value(BLUE))
    tips = [
        alt.Tooltip("name:N", title=" "),
        alt.Tooltip("estimate:Q", title=axis, format=".4f"),
        alt.Tooltip("p_value:Q", title="p", format=".3f"),
    ]

    def line(at: float, **look: Any) -> alt.Chart:
        return alt.Chart(inline(pd.DataFrame({"at": [at]}))).mark_rule(**look).encode(x=alt.X("at:Q", title=axis))

    x = alt.X("low:Q", title=axis, scale=scale, axis=alt.Axis(tickCount=5, titleFontSize=LABEL))
    layers = [
        base.mark_rule(strokeWidth=1.4).encode(y=y, x=x, x2="high:Q", color=colour),
        base.mark_point(size=42, strokeWidth=1.4, opacity=1).encode(
            y=y,
            x=alt.X("estimate:Q", title=axis),
            stroke=colour,
            fill=alt.Fill("look:N", scale=alt.Scale(domain=[0, 1, 2], range=[BLUE, RED, "#FFFFFF"]), legend=None),
            tooltip=tips,
        ),
        line(whole, color=BLACK, strokeWidth=1, strokeDash=[4, 3]),
    ]
    if limits[0] < 0 < limits[1]:
        layers.insert(0, line(0, color=GREY, strokeWidth=0.8))
    return alt.layer(*layers)


def _shown(drawn: list[Refits]) -> pd.DataFrame:
    """The rows drawn, with the names of what is left out in both languages."""
    parts = [
        part.rows[["kind", "left_out", *_COLUMNS]].assign(
            name_zh=[name.zh for name in part.names], name_en=[name.en for name in part.names]
        )
        for part in drawn
    ]
    return pd.concat(parts, ignore_index=True)


def _alternative(rows: pd.DataFrame, whole: float, term: Text) -> Text:
    low, high = number(float(rows["estimate"].min())), number(float(rows["estimate"].max()))
    return Text(
        zh=f"{term.zh}的系数：全样本{number(whole)}；{len(rows)}次重估介于{low}与{high}之间。",
        en=f"Coefficient of {inner(term.en)}: {number(whole)} in the whole sample, from {low} to {high} in {len(rows)} "
        "refits.",
    )


def _notes(rows: pd.DataFrame, whole: float, panel: Panel, label: Label) -> tuple[Text, ...]:
    model = label({name: rows[name].iloc[0] for name in COLUMNS})
    table_no, one = str(rows["table_no"].iloc[0]), panel.unit.one
    flips = int(((rows["estimate"] > 0) != (whole > 0)).sum())
    loses = int((rows["p_value"] >= 0.05).sum())
    return (
        Text(
            zh=f"{chinese_number(table_no)} {model.zh}。虚线为全样本系数 {number(whole)}；横线为±1个CR1标准误；"
            f"空心点 p ≥ 0.05（{loses}个）；符号改变{flips}个；红点为影响最大的{one.zh}与年份。",
            en=f"{table_no} {model.en}. Dashed: whole sample, {number(whole)}; bars: one CR1 standard error each way; "
            f"hollow: p ≥ 0.05 ({loses}); {flips} change sign; red: the {one.en} and the year that move it most.",
        ),
        source_note("influence", Text(zh=f"{len(rows)}次重估", en=f"{len(rows)} refits")),
    )
