"""Gini coefficients over time and Lorenz curves: a small panel for each resource.

Belongs here: their drawing. Does not belong here: densities (figure_density.py), words (texts.py).
"""

from collections.abc import Callable
from typing import Any

import altair as alt
import pandas as pd

from catalog.base import Text, refuse
from models_py.figures.chart_page import HAIRLINE, SMALL, chart_page, independent, inline
from models_py.figures.show import Figure, Lang, said
from models_py.figures.style import BLUE, GREY, ORANGE, FigureError, source_note
from models_py.figures.text import number
from models_py.panel import Panel
from models_py.parts.inequality.texts import PER, description_note, interval_note, resource_name, steps_of
from models_py.parts.rows import together

# Pixels of one small panel and of the whole.
_PANEL, _HEIGHT, _ACROSS, _LEFT = 212, 150, 3, 40
WIDTH = _ACROSS * _PANEL + (_ACROSS - 1) * (_LEFT + 20)
_BAND = "#B3D4E8"
_SHARE = {
    "population": Text(en="share of residents", zh="人口累计比重"),
    "area": Text(en="share of land", zh="面积累计比重"),
}
_YEAR, _GINI = Text(en="Year", zh="年份"), Text(en="Gini", zh="基尼系数")


def gini_over_time(inequality: pd.DataFrame, measure: pd.DataFrame, basis: str, panel: Panel, data_kind: str) -> Figure:
    """The Gini coefficient of each resource with its interval, year by year, all panels on one scale.

    `inequality`: resource, basis, year, gini; `measure`: rows of inequality_measure. Raises FigureError for no row.
    """
    rows = inequality[inequality["basis"] == basis].dropna(subset=["gini"])
    refuse((rows.empty, f"no Gini coefficient {PER[basis].en}"), error=FigureError)
    of = measure[(measure["basis"] == basis) & (measure["measure"] == "gini")]
    rows = rows[["resource", "year", "gini"]].merge(of[["resource", "year", "low", "high"]], on=["resource", "year"])
    title = Text(en=f"Gini coefficients over time, {PER[basis].en}", zh=f"基尼系数逐年变化（{PER[basis].zh}）")
    notes = (
        _steps(rows),
        interval_note(panel),
        description_note(panel),
        source_note("inequality, inequality_measure", _counted(rows)),
    )
    # Zero is part of the scale, so that small differences look small.
    scale = alt.Scale(domain=[0, float(rows[["gini", "high"]].max().max()) * 1.02], nice=False)

    def draw(resource: str, lang: Lang) -> Any:
        base = alt.Chart(inline(rows[rows["resource"] == resource].drop(columns="resource")))
        x = alt.X("year:O", title=None, axis=alt.Axis(labelAngle=-45, labelFontSize=9.5))
        y = alt.Y("gini:Q", title=None, scale=scale, axis=alt.Axis(tickCount=4, grid=True, gridColor=HAIRLINE))
        band = base.mark_area(color=_BAND, clip=True).encode(
            x=x, y=alt.Y("low:Q", title=None, scale=scale), y2="high:Q"
        )
        tips = [
            alt.Tooltip("year:O", title=said(_YEAR, lang)),
            alt.Tooltip("gini:Q", title=said(_GINI, lang), format=".4f"),
        ]
        return alt.layer(
            band,
            base.mark_line(color=BLUE, strokeWidth=2).encode(x=x, y=y),
            base.mark_circle(color=BLUE, size=26, opacity=1).encode(x=x, y=y, tooltip=tips),
        )

    return _small_panels(rows, title, _said(rows, basis), notes, draw, data_kind)


def lorenz_curves(lorenz: pd.DataFrame, measure: pd.DataFrame, basis: str, panel: Panel, data_kind: str) -> Figure:
    """Lorenz curves of the first and the last year of each resource, with the line of equality.

    `lorenz`: its table; `measure`: rows of inequality_measure, for the crossings. Raises FigureError for no row.
    """
    rows = lorenz[lorenz["basis"] == basis]
    refuse((rows.empty, f"no Lorenz curve {PER[basis].en}"), error=FigureError)
    first, last = int(rows["year"].min()), int(rows["year"].max())
    rows = rows[rows["year"].isin([first, last])]
    rows = rows[["resource", "year", "rank", "cumulative_basis", "cumulative_resource"]]
    pairs = measure[
        (measure["basis"] == basis) & (measure["measure"] == "lorenz_crossings") & (measure["year"] == last)
    ]
    compared = pairs[pairs["since"] == first].set_index("resource")["value"]
    years = list(dict.fromkeys((first, last)))
    title = Text(
        en=f"Lorenz curves {PER[basis].en}, {' and '.join(map(str, years))}",
        zh=f"洛伦兹曲线（{PER[basis].zh}），{'与'.join(f'{year}年' for year in years)}",
    )
    crossing = _crossing_note(list(dict.fromkeys(rows["resource"])), compared, first, last)
    notes = (crossing, description_note(panel), source_note("lorenz", _counted(rows)))
    diagonal = pd.DataFrame({"cumulative_basis": [0, 1], "cumulative_resource": [0, 1]})

    def draw(resource: str, lang: Lang) -> Any:
        x = alt.X("cumulative_basis:Q", title=said(_SHARE[basis], lang), axis=alt.Axis(tickCount=3, format="%"))
        y = alt.Y("cumulative_resource:Q", title=None, axis=alt.Axis(tickCount=3, format="%"))
        colour = alt.Color(
            "year:N",
            scale=alt.Scale(domain=[str(year) for year in years], range=[ORANGE, BLUE][-len(years) :]),
            legend=alt.Legend(orient="top-left", title=None, labelFontSize=SMALL),
        )
        own = rows[rows["resource"] == resource].drop(columns="resource").astype({"year": "str"})
        curve = alt.Chart(inline(own)).mark_line(strokeWidth=1.8).encode(x=x, y=y, color=colour, order="rank:Q")
        equal = alt.Chart(inline(diagonal)).mark_line(color=GREY, strokeWidth=0.8, strokeDash=[4, 3]).encode(x=x, y=y)
        return alt.layer(equal, curve)

    alternative = Text(
        en=f"Lorenz curves of {rows['resource'].nunique()} resources {PER[basis].en}. {notes[0].en}",
        zh=f"{rows['resource'].nunique()}种资源的洛伦兹曲线（{PER[basis].zh}）。{notes[0].zh}",
    )
    return _small_panels(rows, title, alternative, notes, draw, data_kind)


def _small_panels(
    rows: pd.DataFrame,
    title: Text,
    alternative: Text,
    notes: tuple[Text, ...],
    draw: Callable[[str, Lang], Any],
    data_kind: str,
) -> Figure:
    """One panel for each resource, in their order, several to a line."""
    resources = list(dict.fromkeys(rows["resource"]))

    def chart_for(lang: Lang) -> alt.VConcatChart:
        drawn = [
            draw(name, lang).properties(width=_PANEL, height=_HEIGHT, title=said(resource_name(name), lang))
            for name in resources
        ]
        # Each panel keeps its own legend and axes.
        own = independent("color", "y")
        lines = [alt.hconcat(*drawn[i : i + _ACROSS], spacing=20, resolve=own) for i in range(0, len(drawn), _ACROSS)]
        return chart_page(lines, lang, data_kind, width=WIDTH)

    return Figure(title, alternative, notes, rows.reset_index(drop=True), chart_for)


def _counted(rows: pd.DataFrame) -> Text:
    years = f"{int(rows['year'].min())}-{int(rows['year'].max())}"
    return Text(
        en=f"{rows['resource'].nunique()} resources, {years}", zh=f"{rows['resource'].nunique()}种资源，{years}年"
    )


def _steps(rows: pd.DataFrame) -> Text:
    """How steady each series is: what a straight line from the first to the last year leaves out."""
    found = {name: steps_of(own) for name, own in rows.groupby("resource", sort=False)}
    english = ", ".join(f"{resource_name(str(name)).en} {falls} of {steps}" for name, (falls, steps) in found.items())
    chinese = "，".join(f"{resource_name(str(name)).zh}{falls}/{steps}" for name, (falls, steps) in found.items())
    return Text(
        en=f"Year-to-year steps that fall: {english}. "
        '"Falling since" compares two years and says nothing of those between.',
        zh=f"逐年下降的次数：{chinese}。“自某年以来下降”只比较两个年份，不说明其间各年。",
    )


def _said(rows: pd.DataFrame, basis: str) -> Text:
    parts = []
    for name, own in rows.groupby("resource", sort=False):
        ends = own.sort_values("year")["gini"].iloc[[0, -1]]
        label, (first, last) = resource_name(str(name)), (number(float(end), 3) for end in ends)
        parts.append(Text(en=f"{label.en} {first} to {last}", zh=f"{label.zh}由{first}至{last}"))
    return Text(
        en=f"Gini coefficients {PER[basis].en}: {'; '.join(part.en for part in parts)}.",
        zh=f"基尼系数（{PER[basis].zh}）：{'；'.join(part.zh for part in parts)}。",
    )


def _crossing_note(resources: list[str], compared: pd.Series, first: int, last: int) -> Text:
    """Which pairs of curves cross, and which could not be compared. `compared`: crossings by resource."""
    if first == last:
        return Text(en=f"{first} alone has curves, so none are compared.", zh=f"仅{first}年有曲线，不作比较。")
    names = {name: resource_name(name) for name in resources}
    crossed = [names[name] for name in resources if compared.get(name, 0) > 0]
    apart = [names[name] for name in resources if name not in compared.index]
    found = Text(
        en=f"No pair of curves crosses: every usual measure agrees on which of {first} and {last} is more equal.",
        zh=f"两年曲线均不相交：{first}年与{last}年何者更均等，各常用指标结论一致。",
    )
    if crossed:
        found = Text(
            en=f"The curves of {first} and {last} cross for {', '.join(text.en for text in crossed)}: which year is "
            "more equal there depends on the measure.",
            zh=f"{'、'.join(text.zh for text in crossed)}两年曲线相交：何年更均等取决于所用指标。",
        )
    if not apart:
        return found
    rest = Text(
        en=f"Not compared, for want of the same units in both years: {', '.join(text.en for text in apart)}.",
        zh=f"两年单位不同，未作比较：{'、'.join(text.zh for text in apart)}。",
    )
    return rest if len(apart) == len(resources) else together([found, rest])
