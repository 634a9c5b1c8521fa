"""The density index of one resource on the map of provinces, with a slider over the years.

Belongs here: what the map says. Does not belong here: classes and drawing (models_py/figures), the index
(models_py/inequality/places.py).
"""

import altair as alt
import pandas as pd

from catalog.base import Text
from models_py.figures.chart_page import chart_page
from models_py.figures.map_classes import TILES, map_data, polygons_of
from models_py.figures.province_map import TILES_NOTE, WIDTH, polygon_map, tile_map
from models_py.figures.show import Figure, Lang, said
from models_py.figures.style import source_note
from models_py.panel import ENTITY, Panel
from models_py.parts.inequality.figure_density import range_of
from models_py.parts.inequality.texts import description_note, resource_name

_MEASURE = Text(zh="每千人口", en="Per 1,000 residents")


def density_map(
    places: pd.DataFrame,
    resource: str,
    classes: int,
    panel: Panel,
    data_kind: str,
    boundary: pd.DataFrame | None = None,
) -> Figure:
    """Amounts per 1,000 residents in quantile classes of the last year, the same cuts in every year.

    `places`: rows of inequality_place of the 31 provinces; `boundary` as in `polygons_of`. Raises FigureError as
    `map_data`, `tile_map` and `polygons_of`.
    """
    rows = places[places["resource"] == resource]
    by_year = {
        int(str(year)): dict(zip(own[ENTITY].astype(int), own["per_1000"].astype(float), strict=True))
        for year, own in rows.groupby("year")
    }
    last, name = max(by_year), resource_name(resource)
    periods = {year: Text(zh=f"{year}年", en=str(year)) for year in by_year}
    data = map_data(by_year, periods, last, classes)
    polygons = None if boundary is None else polygons_of(boundary)
    title = Text(en=f"{name.en} per 1,000 residents", zh=f"每千人口{name.zh}")
    notes = (
        Text(
            en=f"{classes} quantile classes of {last}; the same colours mean the same amounts in every year.",
            zh=f"按{last}年数值分为{classes}个分位数组；各年同色表示同一数值区间。",
        ),
        TILES_NOTE if polygons is None else polygons.note,
        description_note(panel),
        source_note("inequality_place", Text(en=f"{data.present} provinces", zh=f"{data.present}个省份")),
    )
    names: dict[Lang, dict[int, str]] = {
        "zh": {e.code: e.short_zh or e.name_zh for e in panel.entities},
        "en": {e.code: e.name_en for e in panel.entities},
    }

    def chart_for(lang: Lang) -> alt.VConcatChart:
        words = (names[lang], said(_MEASURE, lang), lang)
        drawn = tile_map(data, *words) if polygons is None else polygon_map(data, polygons, *words)
        return chart_page([drawn], lang, data_kind, width=WIDTH, inside=() if polygons is None else (polygons.note,))

    return Figure(title, range_of(rows, panel, name), notes, data.rows, chart_for)


def mappable(panel: Panel) -> bool:
    """Whether the panel's units are the provinces of the tile map."""
    return set(panel.codes) <= set(TILES)
