"""A map of places without boundaries: a point at each seat, in quantile classes.

Belongs here: the drawing; polygons of cities and counties are not shipped. Does not belong here: classes
(map_classes.py), what the values mean.
"""

from typing import Any

import altair as alt
import pandas as pd

from catalog.base import Text, refuse
from models_py.figures.chart_page import LABEL, MUTED, SMALL, inline, pixels
from models_py.figures.map_classes import MapData, QuantileClasses, albers, class_colours, legend_rows, quantile_classes
from models_py.figures.show import Lang, said
from models_py.figures.style import BLACK, EMPTY, GREY, FigureError
from models_py.figures.text import number
from models_py.figures.text import width as ems_of
from models_py.panel import lacking

# Pixels: the plane of the points, the whole with its legend.
SIDE, _MARGIN = 640, 16
LEGEND_AT, WIDTH = SIDE + 2 * _MARGIN + 16, SIDE + 2 * _MARGIN + 230
_STEP, _LABELLED, _LEAST, _MOST = 30, 8, 40, 160
# Pixels from a place to its name, and between the lines of two names.
_BESIDE, _LINE = 8, 14
_NOTHING = Text(zh="无数据", en="no figure")
_IN_BRACKETS = Text(zh="括号内为地点数", en="( ) number of places")
_PLACE = Text(zh="地点", en="Place")
POINTS_NOTE = Text(
    zh="圆点为各地驻地，不绘边界；投影：阿尔伯斯等积（25°、47°，105°E）。",
    en="A point at each seat, no boundary is drawn. Albers equal-area projection (25, 47 N; 105 E).",
)


def placed(places: pd.DataFrame) -> pd.DataFrame:
    """`places` (lon, lat in degrees) with x and y in pixels, north up; those without coordinates are left out.

    Raises FigureError for an absent column and if no place has coordinates.
    """
    refuse((lacking(places, ["lon", "lat"]), "the places lack the columns {}"), error=FigureError)
    found = places.dropna(subset=["lon", "lat"]).reset_index(drop=True)
    refuse((found.empty, "no place has coordinates"), error=FigureError)
    plane = albers(found[["lon", "lat"]].to_numpy())
    low, high = plane.min(axis=0), plane.max(axis=0)
    scale = SIDE / max(float((high - low).max()), 1.0)
    return found.assign(x=_MARGIN + (plane[:, 0] - low[0]) * scale, y=_MARGIN + (high[1] - plane[:, 1]) * scale)


def height_of(points: pd.DataFrame) -> float:
    """Pixels the plane is high."""
    return float(points["y"].max()) + _MARGIN


def classed(points: pd.DataFrame, asked: int) -> tuple[pd.DataFrame, QuantileClasses]:
    """Points with the class of their `value`, and the classes. Raises FigureError as `quantile_classes`."""
    classes = quantile_classes(points["value"].to_list(), asked)
    return points.assign(**{"class": classes.index}), classes


def point_map(points: pd.DataFrame, classes: QuantileClasses, measure: str, decimals: int, lang: Lang) -> Any:
    """`points`: name (in the language), value, class, x, y; larger and darker the higher the class."""
    top = max(len(classes.bounds) - 1, 1)
    rows = points.assign(
        shown=[number(value, decimals) for value in points["value"]],
        size=_LEAST + (_MOST - _LEAST) * points["class"].clip(lower=0) / top,
    ).sort_values("class", kind="stable")
    rows = rows[["name", "shown", "value", "class", "x", "y", "size"]]
    where: dict[str, Any] = {"x": pixels("x", "X"), "y": pixels("y", "Y")}
    tips = [alt.Tooltip("name:N", title=said(_PLACE, lang)), alt.Tooltip("shown:N", title=measure)]
    colours = [EMPTY, *class_colours(len(classes.bounds))]
    fill = alt.Fill("class:O", scale=alt.Scale(domain=list(range(-1, len(colours) - 1)), range=colours), legend=None)
    base = alt.Chart(inline(rows))
    circle = base.mark_circle(stroke=GREY, strokeWidth=0.6, opacity=1)
    circle = circle.encode(**where, fill=fill, size=alt.Size("size:Q", scale=None, legend=None), tooltip=tips)
    word = alt.Chart(inline(_named(rows))).mark_text(align="left", baseline="middle", fontSize=SMALL, color=BLACK)
    word = word.encode(x=pixels("left", "X"), y=pixels("y", "Y"), text="name:N")
    halo = word.mark_text(
        align="left", baseline="middle", fontSize=SMALL, color="white", stroke="white", strokeWidth=3, opacity=0.85
    )
    legend = _legend(points, classes, measure, decimals, fill, lang)
    high = max(height_of(points), 60 + _STEP * (len(classes.bounds) + 3))
    return alt.layer(circle, halo, word, *legend).properties(width=WIDTH, height=high)


def _named(rows: pd.DataFrame) -> pd.DataFrame:
    """The largest places whose names do not lie on each other, with where a name begins, `left`."""
    chosen: list[tuple[int, float, float, float]] = []
    ordered = rows.dropna(subset=["value"]).sort_values("value", ascending=False, kind="stable")
    for place, row in enumerate(ordered.to_dict("records")):
        left, y = row["x"] + _BESIDE, row["y"]
        right = left + SMALL * ems_of(row["name"])
        free = all(right < x0 or left > x1 or abs(y - at) > _LINE for _, x0, x1, at in chosen)
        if free and len(chosen) < _LABELLED:
            chosen.append((place, left, right, y))
    named = ordered.iloc[[place for place, *_ in chosen]]
    return named.assign(left=named["x"] + _BESIDE)


def _legend(
    points: pd.DataFrame, classes: QuantileClasses, measure: str, decimals: int, fill: Any, lang: Lang
) -> list[Any]:
    data = MapData(points.assign(period=0)[["period", "value", "class"]], 0, {0: _NOTHING}, classes)
    rows = legend_rows(data, said(_NOTHING, lang), decimals)
    rows = rows.assign(y=40 + rows["place"] * _STEP)
    base = alt.Chart(inline(rows))
    key = base.mark_circle(stroke=GREY, strokeWidth=0.6, opacity=1, size=_MOST)
    key = key.encode(x=alt.value(LEGEND_AT + 8), y=pixels("y", "Y"), fill=fill)
    label = base.mark_text(align="left", baseline="middle", fontSize=LABEL, color=BLACK)
    label = label.encode(x=alt.value(LEGEND_AT + 26), y=pixels("y", "Y"), text="label:N")
    below = 40 + _STEP * (int(rows["place"].max()) + 1)
    words = pd.DataFrame({"text": [measure, said(_IN_BRACKETS, lang)], "y": [14.0, float(below)]})
    told = alt.Chart(inline(words)).mark_text(align="left", baseline="middle", fontSize=SMALL, color=MUTED)
    return [key, label, told.encode(x=alt.value(LEGEND_AT), y=pixels("y", "Y"), text="text:N")]
