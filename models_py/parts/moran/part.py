"""Moran's I of a variable, global by year and weights, local for some years, as a part.

Belongs here: what it needs, makes and shows. Does not belong here: statistics (models_py/spatial), rows (rows.py),
printing (table.py), drawing (figures.py).
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from catalog import Study
from catalog.base import Text
from catalog.parts.moran import Options
from models_py.figures.names import stem_of
from models_py.figures.show import Picture
from models_py.parts.frame import VARIABLES, Part, Seen, Show, Tables, Work
from models_py.parts.regressions.identities import rows_of_part

if TYPE_CHECKING:
    import pandas as pd

    from models_py.figures.table import ReportTable

TABLES = ("moran_global", "moran_local")
SCATTER, MAP = "moran_scatter", "moran_clusters"
_GLOBAL = Text(zh="全局莫兰指数", en="Global Moran's I")


def compute(work: Work) -> Tables:
    """Tables moran_global and moran_local."""
    from models_py.parts.moran.rows import moran_tables

    return moran_tables(work)


def says(seen: Seen, options: Options) -> "Iterator[Text]":
    """The first and last year's I under the study's own weights."""
    from catalog.labels import variable_label, weights_label

    rows = seen.rows("moran_global")
    own = rows[rows["weights"] == options.weights[0]].sort_values("year") if len(rows) else rows
    if not len(own):
        return
    ends, sure = [own.iloc[0], own.iloc[-1]], int((own["p_sim"] <= 0.05).sum())
    what, weights = variable_label(seen.study, options.variable), weights_label(options.weights[0])
    en = ", ".join(f"{row['i']:.3f} in {row['year']} (p = {row['p_sim']:.3f})" for row in ends)
    zh = "，".join(f"{row['year']}年{row['i']:.3f}（p = {row['p_sim']:.3f}）" for row in ends)
    yield Text(
        en=f"Moran's I of {what.en}, {weights.en}: {en}; p at most 0.05 in {sure} of {len(own)} years.",
        zh=f"{what.zh}的莫兰指数（{weights.zh}）：{zh}；{len(own)}年中{sure}年p不超过0.05。",
    )


def headline(study: Study, tables: Tables, options: Options) -> str:
    """The first and last year's I under the study's own weights."""
    rows = tables["moran_global"]
    own = rows[rows["weights"] == options.weights[0]].sort_values("year")
    ends = [own.iloc[0], own.iloc[-1]]
    said = ", ".join(f"{row['i']:.3f} in {row['year']} (p {row['p_sim']:.3f})" for row in ends)
    sure = int((own["p_sim"] <= 0.05).sum())
    what = f"{study.id}: Moran's I of {options.variable}, {options.weights[0]}"
    return f"{what}: {said}; p <= 0.05 in {sure} of {len(own)} years"


def tables(seen: Seen, options: Options) -> "Iterator[ReportTable]":
    """I by year and weights; a reading in words."""
    from models_py.parts.moran.table import global_table, reading_table

    rows, local = _mine(seen, "moran_global", options), _mine(seen, "moran_local", options)
    if len(rows):
        yield global_table(rows, options, seen.panel, seen.synthetic)
        yield reading_table(rows, local, options, seen.synthetic)


def table_titles(study: Study, options: Options) -> list[tuple[str, Text]]:
    """What `tables` yields."""
    return [
        (stem_of(options.table_no, options.name), _GLOBAL),
        (stem_of("moran_reading", options.name), Text(zh="莫兰指数读法", en="Moran's I in words")),
    ]


def figures(seen: Seen, options: Options) -> Iterator[Picture]:
    """For each year of the local statistics the scatter plot and, of provinces, the map of clusters."""
    from models_py.figures.map_classes import TILES
    from models_py.parts.moran.figures import cluster_map, scatter

    rows = _mine(seen, "moran_local", options)
    for year in sorted(rows["year"].unique()) if len(rows) else ():
        words = (rows, int(year), seen.study, seen.panel, seen.data_kind)
        drawn = scatter(*words)
        yield Picture(stem_of(SCATTER, options.name, str(year)), drawn.title, drawn)
        if set(seen.panel.codes) <= set(TILES):
            drawn = cluster_map(*words)
            yield Picture(stem_of(MAP, options.name, str(year)), drawn.title, drawn)


def _mine(seen: Seen, table: str, options: Options) -> "pd.DataFrame":
    return rows_of_part(seen.rows(table), options.name)


PART = Part(
    summary=Text(
        en="Moran's I of a variable: global by year under several spatial weights, local clusters with their false "
        "discovery rate; whether neighbours are alike, not why",
        zh="变量的莫兰指数：各年各权重的全局指数，局部集聚及错误发现率；只说明相邻是否相似",
    ),
    needs=("figures", VARIABLES),
    makes=TABLES,
    whole=TABLES,
    compute=compute,
    headline=headline,
    says=says,
    shows=(
        Show("moran", "table", _GLOBAL, tables, titles=table_titles),
        Show("moran_local", "figure", Text(zh="局部莫兰指数", en="Local Moran's I"), figures),
    ),
)
