"""Coordination on the map of provinces: first, middle and last year in the same classes.

Belongs here: what the maps say. Does not belong here: classes and drawing (models_py/figures).
"""

import altair as alt
import pandas as pd

from catalog.base import Text
from models_py.figures.chart_page import chart_page
from models_py.figures.map_classes import TILES, MapData, polygons_of, quantile_classes
from models_py.figures.province_map import TILES_NOTE, WIDTH, polygon_map, tile_map
from models_py.figures.show import Figure, Lang, said
from models_py.figures.style import source_note
from models_py.figures.text import number
from models_py.panel import ENTITY, Panel
from models_py.parts.coupling.texts import GENERATED, Scale, levels_in_words, shown_years

_MEASURE = Text(zh="耦合协调度D", en="Coordination degree D")


def coordination_map(
    coupling: pd.DataFrame,
    year: int,
    classes: int,
    scale: Scale,
    panel: Panel,
    data_kind: str,
    boundary: pd.DataFrame | None = None,
) -> Figure:
    """D of one year in quantile classes of the years shown together, so that their maps can be laid side by side.

    `coupling`: rows of table coupling of the 31 provinces, one variant; `boundary` as in `polygons_of`. Raises
    FigureError as `quantile_classes`, `tile_map` and `polygons_of`.
    """
    shown = shown_years(coupling)
    of = {
        one: coupling[coupling["year"] == one].set_index(ENTITY)["coordination_degree"].reindex(list(TILES))
        for one in shown
    }
    cuts = quantile_classes(pd.concat(of.values()).to_numpy(dtype="float64"), classes)
    values = of[year].to_numpy(dtype="float64")
    rows = pd.DataFrame(
        {"province_code": list(TILES), "period": year, "value": values, "class": cuts.index_of(values.tolist())}
    )
    data = MapData(rows, year, {year: Text(zh=f"{year}年", en=str(year))}, cuts)
    polygons = None if boundary is None else polygons_of(boundary)
    title = Text(en=f"Coordination degree D, {year}", zh=f"{year}年耦合协调度D")
    own = coupling[coupling["year"] == year]
    levels = levels_in_words(own, scale)
    notes = (
        Text(
            en=f"{classes} quantile classes of {', '.join(map(str, shown))} together; the same colours mean the same "
            f"values in every year. Levels in {year}: {levels.en}.",
            zh=f"按{'、'.join(map(str, shown))}年数值合并分为{classes}个分位数组，各年同色表示同一数值区间。"
            f"{year}年等级：{levels.zh}。",
        ),
        GENERATED,
        TILES_NOTE if polygons is None else polygons.note,
        source_note("coupling", Text(en=f"{data.present} provinces", zh=f"{data.present}个省份")),
    )
    names: dict[Lang, dict[int, str]] = {
        "zh": {e.code: e.short_zh or e.name_zh for e in panel.entities},
        "en": {e.code: e.name_en for e in panel.entities},
    }

    def chart_for(lang: Lang) -> alt.VConcatChart:
        words = (names[lang], said(_MEASURE, lang), lang)
        drawn = tile_map(data, *words) if polygons is None else polygon_map(data, polygons, *words)
        return chart_page([drawn], lang, data_kind, width=WIDTH, inside=() if polygons is None else (polygons.note,))

    return Figure(title, _said(own, year, panel), notes, data.rows, chart_for)


def mappable(panel: Panel) -> bool:
    """Whether the panel's units are the provinces of the tile map."""
    return set(panel.codes) <= set(TILES)


def _said(rows: pd.DataFrame, year: int, panel: Panel) -> Text:
    ranked = rows.sort_values("coordination_degree")
    low, high = (panel.by_code[int(ranked[ENTITY].iloc[place])] for place in (0, -1))
    ends = [number(float(ranked["coordination_degree"].iloc[place])) for place in (0, -1)]
    return Text(
        en=f"Coordination degree of {len(rows)} provinces, {year}: from {ends[0]} ({low.name_en}) to {ends[1]} "
        f"({high.name_en}).",
        zh=f"{year}年{len(rows)}个省份的耦合协调度由{ends[0]}（{low.name_zh}）至{ends[1]}（{high.name_zh}）。",
    )
