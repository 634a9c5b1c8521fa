"""Maps of provinces: classes over several years, legend, tiles where they belong, polygons untouched."""

import json
import math
import re

import numpy as np
import pandas as pd
import pytest
import shapely

from catalog.base import Text
from models_py.figures.chart_page import chart_page
from models_py.figures.map_classes import TILES, albers, class_colours, ink, legend_rows, map_data, polygons_of
from models_py.figures.province_map import MAP_WIDTH, TILE, WIDTH, polygon_map, tile_map
from models_py.figures.style import BLACK, FigureError
from tests.medpanel.report.fabricated import squares
from tests.models_py.figures.reading import mark, rows, views

NAMES = {code: f"P{code}" for code in TILES}
TITLE = Text(zh="图", en="A map")


def named(*years):
    return {year: Text(zh=f"{year}年", en=str(year)) for year in years}


def data(years=(2013, 2014), asked=5):
    """Value of the i-th province: i in 2014, i - 1 in 2013."""
    values = {year: {code: float(i + year - 2014) for i, code in enumerate(TILES)} for year in years}
    return map_data(values, named(*years), years[-1], asked)


def spec_of(panel):
    return chart_page([panel], "en", "real", width=WIDTH).to_dict()


def drawn(spec, kind):
    return [view for view in views(spec["vconcat"][0]) if mark(view) == kind]


def test_all_years_share_the_cuts_of_the_year_shown():
    made = data()
    shown = made.first.set_index("province_code")
    earlier = made.rows[made.rows["period"] == 2013].set_index("province_code")
    for code in TILES:
        lower, same = earlier.loc[code, "class"], shown.loc[code, "class"]
        assert lower in (same, same - 1)
        equal = shown["value"] == earlier.loc[code, "value"]
        assert set(shown.loc[equal, "class"]) <= {lower}


def test_legend_counts_and_ranges_by_year():
    legend = legend_rows(data(), "none")
    shown = legend[legend["period"] == 2014]
    assert shown["label"].tolist()[0] == "25.00 – 30.00  (6)" and shown["class"].tolist() == [4, 3, 2, 1, 0]
    assert legend[legend["period"] == 2013]["label"].tolist()[0] == "25.00 – 29.00  (5)"


def test_legend_of_provinces_without_a_figure_and_of_empty_classes():
    values = {2013: dict.fromkeys(TILES, 0.0), 2014: {code: float(i) for i, code in enumerate(TILES) if i}}
    legend = legend_rows(map_data(values, named(2013, 2014), 2014, 3), "none")
    assert legend.query("period == 2014")["label"].tolist()[-1] == "none  (1)"
    assert legend.query("period == 2013")["label"].tolist() == ["–  (0)", "–  (0)", "0.00  (31)"]


def test_decimals_tell_neighbouring_classes_apart():
    codes = list(TILES)
    values = {2014: {codes[0]: 0.1, codes[1]: 0.199, codes[2]: 0.201, codes[3]: 0.4}}
    legend = legend_rows(map_data(values, named(2014), 2014, 2), "none")
    assert legend["label"].tolist()[:2] == ["0.201 – 0.400  (2)", "0.100 – 0.199  (2)"]


def test_a_year_without_values_is_refused():
    with pytest.raises(FigureError, match="no values for 2013"):
        map_data({2014: {}}, named(2013, 2014), 2014, 5)
    with pytest.raises(FigureError, match="no values for 2012"):
        map_data({2014: {}}, named(2014), 2012, 5)


def test_a_tile_for_every_province_where_the_layout_says():
    spec = spec_of(tile_map(data((2014,)), NAMES, "Value", "en"))
    tiles = rows(spec, drawn(spec, "rect")[0])
    assert len(tiles) == 31
    for code, x, y in zip(tiles["province_code"], tiles["x"], tiles["y"], strict=True):
        row, column = TILES[code]
        assert (x, y) == ((column - 1) * TILE, row * TILE)
    fill = drawn(spec, "rect")[0]["encoding"]["fill"]
    assert fill["field"] == "class" and fill["scale"]["domain"] == [-1, 0, 1, 2, 3, 4]
    assert fill["scale"]["range"][1:] == class_colours(5)
    texts = [view["encoding"]["text"]["field"] for view in drawn(spec, "text")]
    assert texts[:2] == ["name", "shown"]


def test_a_slider_where_there_are_several_years_and_none_for_one():
    spec = spec_of(tile_map(data(), NAMES, "Value", "en"))
    param = next(param for param in spec["params"] if param["name"] == "period")
    assert param["value"] == 2014
    assert param["bind"] == {"input": "range", "min": 2013, "max": 2014, "step": 1, "name": "Year "}
    filtered = [view for view in views(spec["vconcat"][0]) if "datum.period == period" in json.dumps(view)]
    assert len(filtered) == 6
    alone = spec_of(tile_map(data((2014,)), NAMES, "Value", "en"))
    assert "params" not in alone and "period ==" not in json.dumps(alone)


def test_years_with_gaps_are_chosen_from_a_list():
    spec = spec_of(tile_map(data((2013, 2015, 2016)), NAMES, "Value", "zh"))
    assert spec["params"][0]["bind"] == {"input": "select", "options": [2013, 2015, 2016], "name": "年份 "}


def test_a_province_without_a_name_is_refused():
    with pytest.raises(FigureError, match="no name for the provinces 460000"):
        tile_map(data(), {code: "x" for code in TILES if code != 460000}, "Value", "en")


def test_colours_get_darker_and_text_on_them_is_read():
    for count in range(2, 8):
        lightness = [sum(int(c[i : i + 2], 16) for i in (1, 3, 5)) for c in class_colours(count)]
        assert lightness == sorted(lightness, reverse=True) and len(set(lightness)) == count
    assert class_colours(5) == ["#EFF3FF", "#BDD7E7", "#6BAED6", "#2171B5", "#08306B"]
    assert (ink("#EFF3FF"), ink("#08306B")) == (BLACK, "#FFFFFF") and len(class_colours(1)) == 1


def test_every_feature_is_drawn_with_every_point():
    boundary = squares()
    polygons = polygons_of(boundary)
    assert len(polygons.features) == 33 and polygons.inset
    assert {f["properties"]["code"] for f in polygons.features} == {*TILES, 710000, None}
    points = sum(len(np.reshape(f["geometry"]["coordinates"], (-1, 2))) for f in polygons.features)
    assert points == sum(len(shapely.get_coordinates(shapely.from_wkb(wkb))) for wkb in boundary["wkb"])
    taiwan = next(f for f in polygons.features if f["properties"]["code"] == 710000)
    ring = taiwan["geometry"]["coordinates"][0][0]
    assert np.allclose(ring, albers(shapely.box(121, 23, 122, 24).exterior.coords), atol=0.005)


def test_the_map_fills_its_width_north_up():
    polygons = polygons_of(squares())
    scale, (dx, dy), height = polygons.fitted(MAP_WIDTH)
    left, bottom, right, top = polygons.box
    assert scale * left + dx == pytest.approx(0) and scale * right + dx == pytest.approx(MAP_WIDTH)
    assert -scale * top + dy == pytest.approx(0) and -scale * bottom + dy == pytest.approx(height)


def test_polygons_take_the_colour_of_their_province_in_the_year_shown():
    from medpanel.report.charts import chart_of
    from models_py.figures.show import Figure

    made = data()
    polygons = polygons_of(squares())

    def chart_for(lang):
        panel = polygon_map(made, polygons, NAMES, "Value", lang)
        return chart_page([panel], lang, "real", width=WIDTH)

    svg = chart_of(Figure(TITLE, TITLE, (), made.rows, chart_for), "en").svg
    drawn_shapes = svg[svg.index("mark-shape") : svg.index("mark-text", svg.index("mark-shape"))]
    shapes = re.findall(r'<path [^>]*d="M[^>]* fill="(#[0-9A-Fa-f]{6})"', drawn_shapes)
    counts = {colour: shapes.count(colour) for colour in class_colours(5)}
    assert list(counts.values()) == np.bincount(made.classes.index).tolist()


def test_approval_number_or_that_there_is_none():
    assert "审图号：GS(2026)0000号" in polygons_of(squares("GS(2026)0000号")).note.zh
    bare = polygons_of(squares(inset=False)).note
    assert "未经审核不得公开发布" in bare.zh and "no inset of the South China Sea" in bare.en


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda f: f.query("code != 110000"), "lacks 110000"),
        (lambda f: pd.concat([f, f]), "twice"),
        (lambda f: f.drop(columns="approval"), "the map lacks the columns approval"),
        (lambda f: f.assign(wkb=shapely.to_wkb(shapely.Point(100, 30))), "holds a Point"),
    ],
)
def test_refusals_of_maps(change, message):
    with pytest.raises(FigureError, match=message):
        polygons_of(change(squares()))


def test_missing_values_are_grey_and_have_no_number():
    values = {2014: {code: (math.nan if code == 540000 else 1.0 * i) for i, code in enumerate(TILES)}}
    made = map_data(values, named(2014), 2014, 5)
    spec = spec_of(tile_map(made, NAMES, "Value", "en"))
    tiles = rows(spec, drawn(spec, "rect")[0]).set_index("province_code")
    assert tiles.loc[540000, "class"] == -1 and tiles.loc[540000, "shown"] == "–" and made.present == 30
