"""Exposure of the 31 provinces in quantile classes, on tiles or on the user's polygons.

Belongs here: which year's values the map shows, and what it says of exposure. Does not belong here: classing
(models_py/figures/map_classes.py) and drawing maps (models_py/figures/province_map.py).
"""

from collections.abc import Mapping

import altair as alt
import pandas as pd

from catalog.base import Text, refuse
from catalog.parts.exposure import MapSpec
from models_py.figures.chart_page import chart_page
from models_py.figures.map_classes import TILES, MapData, map_data, polygons_of
from models_py.figures.province_map import TILES_NOTE, WIDTH, polygon_map, tile_map
from models_py.figures.show import LANGS, Figure, Lang, said
from models_py.figures.style import FigureError, source_note
from models_py.figures.text import number
from models_py.panel import lacking

MEASURE = Text(zh="暴露度（占比）", en="Exposure (share)")
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
    refuse(
        (lacking(provinces, ["province_code", "short_zh", "name_en"]), "provinces lacks the columns {}"),
        error=FigureError,
    )
    data, polygons = _data(exposure, spec), None if boundary is None else polygons_of(boundary)
    names: dict[Lang, Names] = {
        "zh": dict(zip(provinces["province_code"], provinces["short_zh"], strict=True)),
        "en": dict(zip(provinces["province_code"], provinces["name_en"], strict=True)),
    }
    notes = _notes(data, TILES_NOTE if polygons is None else polygons.note)

    def chart_for(lang: Lang) -> alt.VConcatChart:
        words = (names[lang], said(MEASURE, lang), lang)
        panel = tile_map(data, *words) if polygons is None else polygon_map(data, polygons, *words)
        return chart_page([panel], lang, data_kind, width=WIDTH, inside=() if polygons is None else (polygons.note,))

    rows = data.rows.rename(columns={"period": "year", "value": "exposure"})
    for lang in LANGS:
        rows.insert(1, f"province_{lang}", rows["province_code"].map(names[lang]))
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


def values_of_year(exposure: pd.DataFrame, spec: MapSpec) -> tuple[Mapping[int, float], Text]:
    """Exposure by province in the year asked for, and that year in words.

    `exposure`: province_code, year, exposure (share). The year is that of the study's `map` option: the last one, the
    mean over all years, or a given year. Raises FigureError for a missing column, a year without rows, a province that
    occurs twice or is none of the 31, and no row at all.
    """
    refuse(
        (lacking(exposure, ["province_code", "year", "exposure"]), "exposure lacks the columns {}"), error=FigureError
    )
    refuse(
        (exposure.empty, "no row of exposure"),
        (sorted(set(exposure["province_code"]) - set(TILES)), "codes that are none of the 31 provinces: {}"),
        (exposure.duplicated(["province_code", "year"]).any(), "a province has two rows for one year"),
        error=FigureError,
    )
    first, last = int(exposure["year"].min()), int(exposure["year"].max())
    if spec.year == "mean":
        found = exposure.groupby("province_code")["exposure"].mean()
        when = Text(zh=f"{first}—{last}年平均", en=f"mean of {first}-{last}")
    else:
        year = last if spec.year == "last" else int(spec.year)
        rows = exposure[exposure["year"] == year]
        refuse((rows.empty, f"no exposure for {year}; there is {first}-{last}"), error=FigureError)
        found = rows.set_index("province_code")["exposure"]
        when = Text(zh=f"{year}年", en=str(year))
    return {int(str(code)): float(share) for code, share in found.items()}, when
