"""Ridgelines: the density of every year, one under the other, a panel for the nation and each region.

Belongs here: their drawing. Does not belong here: formulas (kernel.py), words of the table (table.py).
"""

from typing import Any

import altair as alt
import numpy as np
import pandas as pd

from catalog.base import Text, refuse
from models_py.figures.chart_page import LABEL, MUTED, SMALL, chart_page, inline, pixels
from models_py.figures.show import Figure, Lang, said
from models_py.figures.style import BLUE, FigureError, source_note
from models_py.figures.table import number
from models_py.parts.density.texts import NAMES, settings_note, small_note

# Pixels: a panel, the step from year to year, how high the highest peak reaches, room for the years and the peaks.
_PANEL, _STEP, _REACH, _LEFT, _RIGHT = 250, 26, 62, 38, 84
WIDTH = 2 * (_PANEL + _LEFT + _RIGHT) + 24
_FILL = "#9CC7E3"
_PEAK = Text(en="peak", zh="峰值")


def ridgelines(curves: pd.DataFrame, summary: pd.DataFrame, name: Text, data_kind: str) -> Figure:
    """One panel for the nation and each region, the years from the first down; heights of a panel share one scale.

    `curves`, `summary`: rows of density_estimate and density_summary of one variable. Raises FigureError for no curve.
    """
    refuse((curves.empty, f"no density of {name.en}"), error=FigureError)
    regions = list(dict.fromkeys(curves["region"]))
    title = Text(en=f"Kernel densities of {name.en}", zh=f"{name.zh}的核密度")
    counted = Text(
        en=f"{len(curves.groupby(['region', 'year']))} densities",
        zh=f"{len(curves.groupby(['region', 'year']))}条密度曲线",
    )
    notes = (settings_note(summary), small_note(summary), source_note("density_estimate, density_summary", counted))
    drawn = curves[["region", "year", "grid", "density"]].reset_index(drop=True)

    def chart_for(lang: Lang) -> alt.VConcatChart:
        panels = [_panel(drawn, summary, region, name, lang) for region in regions]
        lines = [alt.hconcat(*panels[i : i + 2], spacing=24) for i in range(0, len(panels), 2)]
        return chart_page(lines, lang, data_kind, width=WIDTH)

    return Figure(title, _said(summary, name), notes, drawn, chart_for)


def _panel(curves: pd.DataFrame, summary: pd.DataFrame, region: str, name: Text, lang: Lang) -> Any:
    rows = curves[curves["region"] == region]
    own = summary[summary["region"] == region].dropna(subset=["peak_height"])
    years = sorted(int(year) for year in rows["year"].unique())
    base = {int(year): float(_REACH + _STEP * place) for place, year in enumerate(years)}
    scale = _REACH / float(rows["density"].max())
    floor = rows["year"].map(base).astype(float)
    frame = pd.DataFrame(
        {
            "year": rows["year"].astype(str),
            "x": _LEFT + rows["grid"] * _PANEL,
            "top": floor - rows["density"] * scale,
            "floor": floor,
        }
    )
    layers = []
    for year in years:
        # A layer a year, so that a later year stands before an earlier one.
        area = alt.Chart(inline(_thinned(frame[frame["year"] == str(year)])))
        layers.append(
            area.mark_area(color=_FILL, opacity=0.75, line={"color": BLUE, "strokeWidth": 1.1}).encode(
                x=pixels("x", "X"), y=pixels("top", "Y"), y2="floor:Q"
            )
        )
    words = _words(own, years, base, lang)
    for side, frame_of in words.items():
        mark = alt.Chart(inline(frame_of)).mark_text(
            align="right" if side == "left" else "left", baseline="bottom", fontSize=SMALL - 1, color=MUTED
        )
        layers.append(mark.encode(x=pixels("x", "X"), y=pixels("y", "Y"), text="text:N"))
    height = _REACH + _STEP * (len(years) - 1) + 34
    layers += _axis(height - 34, height, said(name, lang))
    n = sorted({int(one) for one in own["n"]})
    count = str(n[0]) if len(n) == 1 else f"{n[0]}–{n[-1]}"
    heading = alt.TitleParams(f"{said(NAMES[region], lang)}  (n = {count})", fontSize=LABEL)
    return alt.layer(*layers).properties(width=_LEFT + _PANEL + _RIGHT, height=height, title=heading)


def _thinned(frame: pd.DataFrame) -> pd.DataFrame:
    """Every other point of the tails, where nothing is seen."""
    flat = (frame["floor"] - frame["top"]) < 0.05
    return frame[~flat | (np.arange(len(frame)) % 8 == 0) | (np.arange(len(frame)) == len(frame) - 1)]


def _words(own: pd.DataFrame, years: list[int], base: dict[int, float], lang: Lang) -> dict[str, pd.DataFrame]:
    """The years at the left, the peak heights at the right."""
    y = [base[year] for year in years]
    heights = dict(zip(own["year"].astype(int), own["peak_height"].astype(float), strict=True))
    peaks = [f"{said(_PEAK, lang)} {number(heights[year], 1)}" for year in years]
    return {
        "left": pd.DataFrame({"text": [str(year) for year in years], "x": _LEFT - 6, "y": y}),
        "right": pd.DataFrame({"text": peaks, "x": _LEFT + _PANEL + 6, "y": y}),
    }


def _axis(top: float, height: float, name: str) -> list[Any]:
    """A line from 0 to 1 with its numbers, and what it is."""
    ticks = pd.DataFrame({"text": ["0", "0.25", "0.5", "0.75", "1"], "at": np.linspace(0, 1, 5)})
    ticks = ticks.assign(x=_LEFT + ticks["at"] * _PANEL, y=top + 4, word=top + 8)
    line = pd.DataFrame({"x": [_LEFT, _LEFT + _PANEL], "y": [top, top]})
    text = pd.DataFrame({"text": [name], "x": [_LEFT + _PANEL / 2], "y": [height]})
    base = alt.Chart(inline(ticks))
    small = base.mark_text(baseline="top", fontSize=SMALL - 1.5, color=MUTED)
    return [
        alt.Chart(inline(line)).mark_line(color=MUTED, strokeWidth=0.8).encode(x=pixels("x", "X"), y=pixels("y", "Y")),
        small.encode(x=pixels("x", "X"), y=pixels("word", "Y"), text="text:N"),
        alt.Chart(inline(text))
        .mark_text(baseline="bottom", fontSize=SMALL, color=MUTED)
        .encode(x=pixels("x", "X"), y=pixels("y", "Y"), text="text:N"),
    ]


def _said(summary: pd.DataFrame, name: Text) -> Text:
    parts = []
    for region, rows in summary.dropna(subset=["peak_height"]).groupby("region", sort=False):
        ends = rows.sort_values("year").iloc[[0, -1]]
        (first, last), years = (
            [number(float(one), 1) for one in ends["peak_height"]],
            [int(one) for one in ends["year"]],
        )
        label = NAMES[str(region)]
        parts.append(
            Text(
                en=f"{label.en}: highest peak {first} in {years[0]}, {last} in {years[1]}",
                zh=f"{label.zh}最高峰{years[0]}年为{first}，{years[1]}年为{last}",
            )
        )
    return Text(
        en=f"Kernel densities of {name.en}. {'; '.join(part.en for part in parts)}.",
        zh=f"{name.zh}的核密度。{'；'.join(part.zh for part in parts)}。",
    )
