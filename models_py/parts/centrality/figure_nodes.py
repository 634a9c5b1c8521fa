"""Nodes of a network on a map: classes of a centrality measure, or of an indicator such as its facilities.

Belongs here: what the map says. Does not belong here: drawing (models_py/figures/point_map.py), the measures.
"""

import altair as alt
import pandas as pd

from catalog import load_registry
from catalog.base import Text
from catalog.parts import network
from catalog.parts.centrality import Options
from models_py.figures.chart_page import chart_page
from models_py.figures.point_map import POINTS_NOTE, WIDTH, classed, placed, point_map
from models_py.figures.show import Figure, Lang, said
from models_py.figures.style import source_note
from models_py.figures.text import number
from models_py.panel import ENTITY
from models_py.parts.centrality.tables import named, names_of
from models_py.parts.centrality.titles import MEASURES
from models_py.parts.frame import Seen


def measure_map(rows: pd.DataFrame, options: Options, seen: Seen, title: Text) -> Figure:
    """`rows`: centrality of one network. Raises FigureError as `placed`."""
    values = rows.rename(columns={"city_code": "code", options.measure: "value"})[["code", "value"]]
    mean = 1 / len(rows)
    said_of = Text(
        zh=f"{len(rows)}个节点；若流入均等，每地流入占比为{mean:.4f}。" if options.measure == "in_share" else "",
        en=f"{len(rows)} nodes; were inflow even, each would have a share of {mean:.4f}."
        if options.measure == "in_share"
        else "",
    )
    return _figure(values, MEASURES[options.measure], 4, options.classes, seen, title, said_of, "centrality")


def facility_map(name: str, indicator: str, options: Options, seen: Seen, title: Text) -> Figure | None:
    """An indicator over the nodes of a network, in the year of its figures; None if no node has one."""
    year = seen.study.options(network.Options).networks[name].year
    nodes = seen.rows("network_node")
    codes = set(nodes.loc[nodes["network"] == name, "city_code"].astype(int))
    tables = {table: seen.rows(name) for name, table in (("figures", "city_year"), ("county_year", "county_year"))}
    source = next((table for table, rows in tables.items() if len(rows) and rows[ENTITY].isin(codes).any()), "")
    if not source:
        return None
    figures = tables[source]
    own = figures[(figures["year"] == year) & figures[ENTITY].isin(codes)]
    values = own.rename(columns={ENTITY: "code", indicator: "value"})[["code", "value"]]
    if not values["value"].notna().any():
        return None
    entry = load_registry().indicators[indicator]
    unit = load_registry().units[entry.unit]
    measure = Text(zh=f"{entry.label.zh}（{entry.unit}）", en=f"{entry.label.en} [{unit.en}]")
    return _figure(
        values,
        measure,
        0,
        options.classes,
        seen,
        title,
        Text(zh=f"{year}年数据。", en=f"Figures of {year}."),
        source,
    )


def _figure(
    values: pd.DataFrame,
    measure: Text,
    decimals: int,
    classes: int,
    seen: Seen,
    title: Text,
    said_of: Text,
    source: str,
) -> Figure:
    city = seen.rows("city")
    names = names_of(city)
    points = placed(values.merge(city[[ENTITY, "lon", "lat"]], left_on="code", right_on=ENTITY, how="left"))
    points, found = classed(points, classes)
    absent = len(values) - len(points)
    asked = Text(zh=f"按数值分为{len(found.bounds)}个分位数组。", en=f"{len(found.bounds)} quantile classes.")
    lost = Text(
        zh=f"坐标未知、未绘出者{absent}个。" if absent else "",
        en=f"Not drawn for want of coordinates: {absent}." if absent else "",
    )
    notes = tuple(text for text in (asked, said_of, lost, POINTS_NOTE) if text.en)
    present = int(points["value"].notna().sum())
    count = source_note(source, Text(zh=f"{present}个地点", en=f"{present} places"))

    def chart_for(lang: Lang) -> alt.VConcatChart:
        rows = points.assign(name=[said(named(names, code), lang) for code in points["code"]])
        drawn = point_map(rows, found, said(measure, lang), decimals, lang)
        return chart_page([drawn], lang, seen.data_kind, width=WIDTH)

    data = points[["code", "value", "class", "lon", "lat"]].rename(columns={"code": "city_code"})
    data.insert(1, "name_zh", [named(names, code).zh for code in points["code"]])
    return Figure(
        title, _alternative(points, names, measure, decimals), (*notes, count, *seen.remarks), data, chart_for
    )


def _alternative(points: pd.DataFrame, names: dict[int, Text], measure: Text, decimals: int) -> Text:
    known = points.dropna(subset=["value"]).sort_values(["value", "code"], ascending=[False, True])
    first, last = (named(names, known["code"].iloc[at]) for at in (0, -1))
    high, low = (number(float(known["value"].iloc[at]), decimals) for at in (0, -1))
    return Text(
        zh=f"{len(known)}个地点的{measure.zh}：最高{first.zh}，{high}；最低{last.zh}，{low}。",
        en=f"{measure.en} of {len(known)} places: highest {first.en}, {high}; lowest {last.en}, {low}.",
    )
