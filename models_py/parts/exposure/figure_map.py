"""Exposure of the 31 provinces in quantile classes, on tiles or on the user's polygons.

Belongs here: what the map says about exposure. Does not belong here: drawing maps (models_py/figures/province_map.py),
which year's values (shown.py).
"""

import altair as alt
import pandas as pd

from catalog.base import Text
from catalog.parts.exposure import MapSpec
from models_py.figures.chart_page import chart_page
from models_py.figures.map_classes import MapData, map_data
from models_py.figures.polygons import polygons_of
from models_py.figures.province_map import WIDTH, polygon_map, tile_map
from models_py.figures.show import Figure, Lang, demand, said
from models_py.figures.style import source_note
from models_py.figures.text import number
from models_py.parts.exposure.shown import values_of_year

MEASURE = Text(zh="暴露度（占比）", en="Exposure (share)")
_TILES = Text(
    zh="每省一格、大小相等；本图不是地图，不表示边界，仅含面板所涉31个省级单位。",
    en="One tile of equal size for each of the panel's 31 provinces; not a map, no boundary is shown.",
)
Names = dict[int, str]


def exposure_map(
    exposure: pd.DataFrame,
    provinces: pd.DataFrame,
    spec: MapSpec,
    title: Text,
    data_kind: str,
    boundary: pd.DataFrame | None = None,
) -> Figure:
    """Tile map of exposure, or a map of it on the user's polygons. `exposure`: province_code, year, exposure (share);
    `provinces`: province_code, short_zh, name_en; `boundary` as in `polygons_of`, which may refuse it.

    Print shows the year of the study's `map` option; the page has a slider over all years, unless that is the mean. On
    polygons the number of approval (审图号) is printed, or that there is none. Raises FigureError as `values_of_year`,
    `map_data` and `tile_map`.
    """
    demand(provinces, ["province_code", "short_zh", "name_en"], "provinces")
    data, polygons = _data(exposure, spec), None if boundary is None else polygons_of(boundary)
    names: dict[Lang, Names] = {
        "zh": dict(zip(provinces["province_code"], provinces["short_zh"], strict=True)),
        "en": dict(zip(provinces["province_code"], provinces["name_en"], strict=True)),
    }
    notes = _notes(data, _TILES if polygons is None else polygons.note)

    def chart_for(lang: Lang) -> alt.VConcatChart:
        words = (names[lang], said(MEASURE, lang), lang)
        panel = tile_map(data, *words) if polygons is None else polygon_map(data, polygons, *words)
        return chart_page([panel], lang, title, notes, data_kind, width=WIDTH)

    rows = data.rows.rename(columns={"period": "year", "value": "exposure"})
    rows.insert(1, "province", rows["province_code"].map(names["zh"]))
    return Figure(title, _alternative(data, names), notes, rows, chart_for)


def _data(exposure: pd.DataFrame, spec: MapSpec) -> MapData:
    values, when = values_of_year(exposure, spec)
    last = int(exposure["year"].max())
    if spec.year == "mean":
        return map_data({last: values}, {last: when}, last, spec.classes)
    by_year = {
        int(str(year)): dict(zip(rows["province_code"], rows["exposure"].astype(float), strict=True))
        for year, rows in exposure.groupby("year")
    }
    periods = {year: Text(zh=f"{year}年", en=str(year)) for year in by_year}
    return map_data(by_year, periods, last if spec.year == "last" else int(spec.year), spec.classes)


def _notes(data: MapData, note: Text) -> tuple[Text, ...]:
    left, asked, when = len(data.classes.bounds), data.classes.asked, data.periods[data.shown]
    merged = "" if left == asked else f"；数值相同者同组，空组合并后余{left}组"
    merged_en = "" if left == asked else f"; equal values share a class, {left} left after merging empty ones"
    return (
        Text(
            zh=f"暴露度：省内已获批试点单位所占比例（0至1）。按{when.zh}数值分为{asked}个分位数组{merged}。",
            en=f"Exposure: share of a province's units that are, or contain, a pilot (0 to 1). {asked} quantile classes"
            f" of {when.en}{merged_en}.",
        ),
        note,
        source_note("smart_exposure", Text(zh=f"{data.present}个省份", en=f"{data.present} provinces")),
    )


def _alternative(data: MapData, names: dict[Lang, Names]) -> Text:
    rows = data.first.dropna(subset=["value"]).sort_values(["value", "province_code"])
    low, high = rows.iloc[0], rows.iloc[-1]
    least, most, middle = (number(float(v), 2) for v in (low["value"], high["value"], rows["value"].median()))
    first, last = int(low["province_code"]), int(high["province_code"])
    when = data.periods[data.shown]
    return Text(
        zh=f"{when.zh}{len(rows)}个省份的智慧城市试点暴露度介于{least}（{names['zh'][first]}）与"
        f"{most}（{names['zh'][last]}）之间，中位数{middle}。",
        en=f"Smart-city exposure of {len(rows)} provinces, {when.en}: from {least} ({names['en'][first]}) to {most} "
        f"({names['en'][last]}), median {middle}.",
    )
