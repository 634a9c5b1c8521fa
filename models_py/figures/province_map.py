"""A map of the 31 provinces in quantile classes: tiles of equal size, or the polygons of a file the user supplies.

Belongs here: the drawing, with a slider where there are several periods. Does not belong here: classes and legend rows
the layout of tiles and polygons in kilometres (map_classes.py), what the values mean.
"""

import json
from collections.abc import Mapping
from typing import Any

import altair as alt
import pandas as pd

from catalog.base import Text, refuse
from models_py.figures.chart_page import LABEL, MUTED, SMALL, inline, pixels
from models_py.figures.map_classes import TILES, MapData, Polygons, class_colours, ink, legend_rows
from models_py.figures.show import Lang, said
from models_py.figures.style import BLACK, EMPTY, GREY, FigureError
from models_py.figures.text import number

# Pixels: a tile with its gap, the map, the whole with its legend.
TILE, _GAP = 86, 4
MAP_WIDTH, LEGEND_AT, WIDTH = 7 * TILE, 7 * TILE + 36, 7 * TILE + 220
HEIGHT = 8 * TILE
_TOP, _STEP = 96, 30
PERIOD = "period"
NOTHING = Text(zh="无数据", en="no figure")
PLACE = Text(zh="省份", en="Province")
YEAR = Text(zh="年份", en="Year")
TILES_NOTE = Text(
    zh="每个省级单位一格、大小相等；本图不是地图，不表示边界。",
    en="One tile of equal size for each province; not a map, no boundary is shown.",
)
IN_BRACKETS = Text(zh="括号内为省数", en="( ) number of provinces")


def tile_map(data: MapData, names: Mapping[int, str], measure: str, lang: Lang) -> Any:
    """One tile per province, with its name and value. `names`: by code, in the language; `measure`: what is mapped."""
    refuse(([code for code in TILES if code not in names], "no name for the provinces {}"), error=FigureError)
    base = _of_period(alt.Chart(inline(_tile_rows(data, names))), data)
    square = base.mark_rect(stroke=GREY, strokeWidth=0.6).encode(
        x=pixels("x", "X"), x2="x2:Q", y=pixels("y", "Y"), y2="y2:Q", fill=_fill(data), tooltip=_tips(measure, lang)
    )
    light = [i for i, colour in enumerate(_colours(data)[1:]) if ink(colour) != BLACK]
    on = alt.condition(f"indexof({light}, datum.class) >= 0", alt.value("#FFFFFF"), alt.value(BLACK))
    middle: dict[str, Any] = {"x": pixels("middle", "X"), "color": on}
    name = base.mark_text(fontSize=11 if lang == "en" else 15, dy=-8, baseline="middle")
    value = base.mark_text(fontSize=SMALL, dy=13, baseline="middle")
    layers = [
        square,
        name.encode(text="name:N", y=pixels("centre", "Y"), **middle),
        value.encode(text="shown:N", y=pixels("centre", "Y"), **middle),
    ]
    return _framed(layers, data, measure, lang, HEIGHT)


def polygon_map(data: MapData, polygons: Polygons, names: Mapping[int, str], measure: str, lang: Lang) -> Any:
    """The polygons of a map file, every one of them, as they are; arguments as in `tile_map`."""
    rows = data.rows.assign(
        key=data.rows["province_code"] * 10_000 + data.rows["period"],
        name=data.rows["province_code"].map(names),
        shown=[number(value, 3) for value in data.rows["value"]],
    )
    scale, move, height = polygons.fitted(MAP_WIDTH + 20)
    plane: dict[str, Any] = {"type": "identity", "reflectY": True, "scale": scale, "translate": list(move)}
    # As text: Altair would check every point of a list against its schema, for seconds.
    text = json.dumps(polygons.features, separators=(",", ":"))
    shapes = alt.Chart(alt.InlineData(values=text, format=alt.JsonDataFormat(type="json")))
    outline: dict[str, Any] = {"stroke": GREY, "strokeWidth": 0.5}
    every = shapes.mark_geoshape(fill=EMPTY, **outline).transform_filter("!datum.properties.line").project(**plane)
    lines = shapes.mark_geoshape(filled=False, stroke=GREY, strokeWidth=0.9)
    lines = lines.transform_filter("datum.properties.line").project(**plane)
    year = PERIOD if len(data.periods) > 1 else str(data.shown)
    valued = (
        shapes.transform_filter("isValid(datum.properties.code)")
        .transform_calculate(key=f"datum.properties.code * 10000 + {year}")
        .transform_lookup("key", alt.LookupData(inline(rows), "key", ["name", "shown", "class"]))
        .transform_filter("isValid(datum.name)")
        # Rows that are looked up come as text.
        .transform_calculate(**{"class": "toNumber(datum.class)"})
        .mark_geoshape(**outline)
        .encode(fill=_fill(data), tooltip=_tips(measure, lang))
        .project(**plane)
    )
    return _framed(
        [every, valued, lines], data, measure, lang, max(height, _TOP + _STEP * (len(data.classes.bounds) + 5))
    )


def _tile_rows(data: MapData, names: Mapping[int, str]) -> pd.DataFrame:
    """Pixels of every tile; x and y count from the upper left."""
    codes = data.rows["province_code"]
    row, column = (codes.map({code: place[axis] for code, place in TILES.items()}) for axis in (0, 1))
    x, y, side = (column - 1) * TILE, row * TILE, TILE - _GAP
    return data.rows.assign(
        name=codes.map(names),
        shown=[number(value, 2) for value in data.rows["value"]],
        x=x,
        x2=x + side,
        y=y,
        y2=y + side,
        middle=x + side / 2,
        centre=y + side / 2,
    )


def _framed(layers: list[Any], data: MapData, measure: str, lang: Lang, height: float) -> Any:
    """Map, period and legend in one view, with a slider if there are several periods."""
    view = alt.layer(*layers, _when(data, lang), *_legend(data, measure, lang))
    view = view.properties(width=WIDTH, height=height).resolve_scale(color="independent", fill="shared")
    if len(data.periods) == 1:
        return view
    keys, name = list(data.periods), f"{said(YEAR, lang)} "
    bind: Any = alt.binding_select(options=keys, name=name)
    if keys == list(range(keys[0], keys[-1] + 1)):
        bind = alt.binding_range(min=keys[0], max=keys[-1], step=1, name=name)
    return view.add_params(alt.param(name=PERIOD, value=data.shown, bind=bind))


def _of_period(chart: alt.Chart, data: MapData) -> alt.Chart:
    return chart if len(data.periods) == 1 else chart.transform_filter(f"datum.period == {PERIOD}")


def _when(data: MapData, lang: Lang) -> Any:
    """The period, large, over the legend."""
    frame = pd.DataFrame({"period": list(data.periods), "label": [said(p, lang) for p in data.periods.values()]})
    return (
        _of_period(alt.Chart(inline(frame)), data)
        .mark_text(align="left", baseline="top", fontSize=20, color=BLACK)
        .encode(text="label:N", x=alt.value(LEGEND_AT), y=alt.value(_TOP))
    )


def _legend(data: MapData, measure: str, lang: Lang) -> list[Any]:
    """Classes from the highest down, with their ranges and numbers of provinces."""
    top, wide = _TOP + 76, 34
    rows = legend_rows(data, said(NOTHING, lang))
    rows = rows.assign(y=top + rows["place"] * _STEP, y2=top + rows["place"] * _STEP + 20)
    base = _of_period(alt.Chart(inline(rows.assign(centre=rows["y"] + 10))), data)
    key = base.mark_rect(stroke=GREY, strokeWidth=0.6)
    key = key.encode(
        x=alt.value(LEGEND_AT), x2=alt.value(LEGEND_AT + wide), y=pixels("y", "Y"), y2="y2:Q", fill=_fill(data)
    )
    label = base.mark_text(align="left", baseline="middle", fontSize=LABEL, color=BLACK)
    label = label.encode(x=alt.value(LEGEND_AT + wide + 10), y=pixels("centre", "Y"), text="label:N")
    below = top + _STEP * (int(rows["place"].max()) + 1) + 4
    words = pd.DataFrame({"text": [measure, said(IN_BRACKETS, lang)], "y": [top - 26, below]})
    said_too = alt.Chart(inline(words)).mark_text(align="left", baseline="top", fontSize=SMALL, color=MUTED)
    return [key, label, said_too.encode(x=alt.value(LEGEND_AT), y=pixels("y", "Y"), text="text:N")]


def _colours(data: MapData) -> list[str]:
    """Of no figure, then of the classes from the lowest."""
    return [EMPTY, *class_colours(len(data.classes.bounds))]


def _fill(data: MapData) -> Any:
    colours = _colours(data)
    return alt.Fill("class:O", scale=alt.Scale(domain=list(range(-1, len(colours) - 1)), range=colours), legend=None)


def _tips(measure: str, lang: Lang) -> list[Any]:
    return [alt.Tooltip("name:N", title=said(PLACE, lang)), alt.Tooltip("shown:N", title=measure)]
