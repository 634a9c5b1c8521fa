"""Inequality of resources between the units of a panel, as a part.

Belongs here: what it needs, makes and shows. Does not belong here: formulas (models_py/inequality), rows (measured.py),
printed tables (tables.py), drawing (figure_*.py).
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from catalog import Study
from catalog.base import Text
from catalog.parts.inequality import Options
from models_py.figures.show import Picture
from models_py.parts.frame import Part, Replication, Seen, Show, Tables, Work
from models_py.parts.inequality.titles import GINI, TITLES

if TYPE_CHECKING:
    from models_py.figures.table import ReportTable

TABLES = (
    "inequality",
    "inequality_measure",
    "inequality_group",
    "inequality_contribution",
    "inequality_place",
    "lorenz",
)
OVER_TIME, LORENZ, DENSITY, MAP = "gini_over_time", "lorenz_curves", "density", "density_map"
_TITLES = {
    OVER_TIME: Text(zh="基尼系数逐年变化", en="Gini coefficients over time"),
    LORENZ: Text(zh="洛伦兹曲线", en="Lorenz curves"),
    DENSITY: Text(zh="资源密度热力图", en="Thermal maps of density"),
    MAP: Text(zh="资源密度地图", en="Maps of density"),
}
_TABLE_TITLES = Text(zh="资源不均等", en="Inequality of resources")


def compute(work: Work) -> Tables:
    """Tables inequality, inequality_measure, inequality_group, inequality_contribution, inequality_place, lorenz."""
    from models_py.parts.inequality.measured import inequality_tables

    return inequality_tables(work.tables["figures"], work.options, work.panel, work.study.id)


def replicated(work: Work, made: Tables) -> Replication:
    """Measures of resources and groups, for the scripts in replication/."""
    from models_py.parts.inequality.replicate import replicate

    return replicate(work, made)


def says(seen: Seen, options: Options) -> "Iterator[Text]":
    """For how many resources the Gini by the first basis is lower at the end than at the beginning."""
    from models_py.parts.inequality.texts import PER

    rows, basis = seen.rows("inequality"), next(iter(options.basis))
    own = rows[rows["basis"] == basis].dropna(subset=["gini"]).sort_values("year") if len(rows) else rows
    if not len(own):
        return
    ends = own.groupby("resource", sort=False)["gini"].agg(["first", "last"])
    start, end, fell = own["year"].min(), own["year"].max(), int((ends["last"] < ends["first"]).sum())
    said = PER[basis]
    yield Text(
        en=f"Gini {said.en}, {start} to {end}: lower at the end for {fell} of {len(ends)} resources.",
        zh=f"{said.zh}的基尼系数，{start}至{end}年：{len(ends)}种资源中{fell}种期末较低。",
    )


def headline(study: Study, tables: Tables, options: Options) -> str:
    """For how many resources the Gini by the first basis is lower in the last year than in the first, and which not."""
    rows, basis = tables["inequality"].dropna(subset=["gini"]).sort_values("year"), next(iter(options.basis))
    own = rows[rows["basis"] == basis].groupby("resource", sort=False)[["year", "gini"]]
    if not len(own):
        return f"{study.id}: no Gini by {basis}"
    first, last = own.first(), own.last()
    rest = last.index[last["gini"] >= first["gini"]]
    ends = (f"{name} {first.loc[name, 'gini']:.3f} to {last.loc[name, 'gini']:.3f}" for name in rest)
    but = f"; not: {', '.join(ends)}" if len(rest) else ""
    years, fell = f"{first['year'].min()} to {last['year'].max()}", len(first) - len(rest)
    return f"{study.id}, {years}: Gini by {basis} lower for {fell} of {len(first)} resources{but}"


def tables(seen: Seen, options: Options) -> "Iterator[ReportTable]":
    """Gini coefficients with a reading, parts of the Theil index, what moved the Gini."""
    from models_py.parts.inequality.tables import change_table, gini_table, theil_table

    inequality, group, moved = (
        seen.rows(name) for name in ("inequality", "inequality_group", "inequality_contribution")
    )
    if inequality.empty or not inequality["gini"].notna().any():
        return
    yield gini_table(inequality, seen.rows("inequality_measure"), seen.panel, seen.synthetic)
    if len(group):
        yield theil_table(group, seen.panel, seen.synthetic)
    if len(moved):
        yield change_table(moved, seen.panel, seen.synthetic)


def table_titles(study: Study, options: Options) -> list[tuple[str, Text]]:
    """What `tables` may yield."""
    return list(TITLES.items())


def over_time(seen: Seen, options: Options) -> Iterator[Picture]:
    """One figure for each basis."""
    from models_py.parts.inequality.figure_series import gini_over_time

    rows = seen.rows("inequality")
    for basis in options.basis:
        if len(rows) and rows.loc[rows["basis"] == basis, "gini"].notna().any():
            drawn = gini_over_time(rows, seen.rows("inequality_measure"), basis, seen.panel, seen.data_kind)
            yield Picture(f"{OVER_TIME}_{basis}", drawn.title, drawn)


def lorenz(seen: Seen, options: Options) -> Iterator[Picture]:
    """One figure for each basis."""
    from models_py.parts.inequality.figure_series import lorenz_curves

    rows = seen.rows("lorenz")
    for basis in options.basis:
        if len(rows) and (rows["basis"] == basis).any():
            drawn = lorenz_curves(rows, seen.rows("inequality_measure"), basis, seen.panel, seen.data_kind)
            yield Picture(f"{LORENZ}_{basis}", drawn.title, drawn)


def density(seen: Seen, options: Options) -> Iterator[Picture]:
    """One thermal map for each resource asked for."""
    from models_py.parts.inequality.figure_density import thermal_map

    rows = seen.rows("inequality_place")
    for resource in options.maps:
        if len(rows) and (rows.loc[rows["resource"] == resource, "per_1000"] > 0).any():
            drawn = thermal_map(rows, resource, seen.panel, seen.data_kind)
            yield Picture(f"{DENSITY}_{resource}", drawn.title, drawn)


def maps(seen: Seen, options: Options) -> Iterator[Picture]:
    """One map for each resource asked for, on tiles and on the user's polygons if there are any; of provinces only."""
    from models_py.parts.inequality.figure_map import density_map, mappable

    rows = seen.rows("inequality_place")
    if rows.empty or not mappable(seen.panel):
        return
    polygons = None if seen.boundary is None or seen.boundary.empty else seen.boundary
    for resource in [name for name in options.maps if (rows["resource"] == name).any()]:
        for boundary, stem in ((None, f"{MAP}_{resource}"), (polygons, f"{MAP}_{resource}_map")):
            if boundary is None and stem.endswith("_map"):
                continue
            drawn = density_map(rows, resource, options.classes, seen.panel, seen.data_kind, boundary)
            yield Picture(stem, drawn.title, drawn)


PART = Part(
    summary=Text(
        en="Inequality of resources by population and by area: Gini, Theil and its groups, Atkinson, concentration, "
        "Lorenz curves, change and who moved it, densities",
        zh="资源按人口与按面积的不均等：基尼、泰尔及分组、阿特金森、集中指数、洛伦兹曲线、变化分解与密度",
    ),
    needs=("figures",),
    makes=TABLES,
    whole=TABLES,
    compute=compute,
    replicate=replicated,
    headline=headline,
    says=says,
    shows=(
        Show(GINI, "table", _TABLE_TITLES, tables, titles=table_titles),
        Show(OVER_TIME, "figure", _TITLES[OVER_TIME], over_time),
        Show(LORENZ, "figure", _TITLES[LORENZ], lorenz),
        Show(DENSITY, "figure", _TITLES[DENSITY], density),
        Show(MAP, "figure", _TITLES[MAP], maps, needs=("boundary",)),
    ),
)
