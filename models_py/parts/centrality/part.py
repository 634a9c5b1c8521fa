"""Centrality of the nodes of networks as a part: the table, maps of nodes and facilities, maps of flows.

Belongs here: what the part takes, makes and shows. Does not belong here: the measures
(models_py/network/centrality.py), what may be published (measured.py), drawing (figure_*.py).
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from catalog import Study, load_registry
from catalog.base import Text
from catalog.parts import network
from catalog.parts.centrality import Options
from models_py.figures.show import Picture
from models_py.parts.centrality.titles import MEASURES
from models_py.parts.frame import Part, Seen, Show, Tables, Work

if TYPE_CHECKING:
    from models_py.figures.table import ReportTable

TABLES = ("centrality",)
TOP, MAP, FACILITIES, FLOWS, LARGEST = (
    "centrality_top", "centrality_map", "facility_map", "flow_map", "largest_flows",
)  # fmt: skip
_TITLES = {
    TOP: Text(zh="中心性最高的节点", en="The most central nodes"),
    MAP: Text(zh="中心性地图", en="Maps of centrality"),
    FACILITIES: Text(zh="医疗机构数地图", en="Maps of facilities"),
    FLOWS: Text(zh="流动地图", en="Maps of flows"),
    LARGEST: Text(zh="最大的流量", en="The largest flows"),
}


def compute(work: Work) -> Tables:
    """The table centrality."""
    from models_py.parts.centrality.measured import centrality_rows

    ties, nodes, summary = (work.tables[name] for name in ("network_tie", "network_node", "network_summary"))
    return {"centrality": centrality_rows(ties, nodes, summary, work.options.seed, work.study.id)}


def headline(study: Study, tables: Tables, options: Options) -> str:
    """The first node of each network by the study's measure."""
    rows = tables["centrality"].dropna(subset=[options.measure])
    first = rows.sort_values([options.measure, "city_code"], ascending=[False, True]).groupby("network", sort=False)
    said = [f"{name} {own['city_code'].iloc[0]} {own[options.measure].iloc[0]:.3f}" for name, own in first]
    return f"{study.id}: highest {options.measure}: {'; '.join(said) or 'none'}"


def _specs(study: Study) -> dict[str, network.NetworkSpec]:
    return study.options(network.Options).networks


def top(seen: Seen, options: Options) -> "Iterator[ReportTable]":
    """The nodes of each network with the largest measure."""
    from models_py.parts.centrality.tables import top_table

    rows = seen.rows("centrality")
    if len(rows):
        yield top_table(rows, seen.rows("city"), _specs(seen.study), options, TOP, _TITLES[TOP], seen.synthetic)


def largest(seen: Seen, options: Options) -> "Iterator[ReportTable]":
    """The 200 largest flows of each network drawn."""
    from models_py.parts.centrality.figure_flows import drawn_flows
    from models_py.parts.centrality.tables import largest_table

    for name in options.flow_maps:
        flows = drawn_flows(seen, name)
        if len(flows):
            yield largest_table(flows, seen.rows("city"), f"{LARGEST}_{name}", _largest_title(seen.study, name), seen)


def maps(seen: Seen, options: Options) -> Iterator[Picture]:
    """Every network's nodes in classes of the study's measure."""
    from models_py.parts.centrality.figure_nodes import measure_map

    rows = seen.rows("centrality")
    for name in options.maps:
        own = rows[rows["network"] == name] if len(rows) else rows
        if len(own) and own[options.measure].notna().any():
            figure = measure_map(own, options, seen, _map_title(seen.study, options, name))
            yield Picture(f"{MAP}_{name}", figure.title, figure)


def facilities(seen: Seen, options: Options) -> Iterator[Picture]:
    """Every network's nodes in classes of each indicator asked for."""
    from models_py.parts.centrality.figure_nodes import facility_map

    for name in options.maps:
        for indicator in options.facilities if _specs(seen.study)[name].year else ():
            figure = facility_map(name, indicator, options, seen, _facility_title(seen.study, name, indicator))
            if figure is not None:
                yield Picture(f"{FACILITIES}_{name}_{indicator}", figure.title, figure)


def flow_maps(seen: Seen, options: Options) -> Iterator[Picture]:
    """The largest flows of a network, and those of any place picked."""
    from models_py.parts.centrality.figure_flows import drawn_flows, flow_map

    for name in options.flow_maps:
        flows = drawn_flows(seen, name)
        if len(flows):
            figure = flow_map(flows, seen.rows("city"), _flow_title(seen.study, name), seen.data_kind)
            yield Picture(f"{FLOWS}_{name}", figure.title, figure)


def _map_title(study: Study, options: Options, name: str) -> Text:
    title, measure = _specs(study)[name].title, MEASURES[options.measure]
    return Text(zh=f"{measure.zh}：{title.zh}", en=f"{measure.en}: {title.en}")


def _facility_title(study: Study, name: str, indicator: str) -> Text:
    title, label = _specs(study)[name].title, load_registry().indicators[indicator].label
    return Text(zh=f"{label.zh}：{title.zh}", en=f"{label.en}: {title.en}")


def _flow_title(study: Study, name: str) -> Text:
    title = _specs(study)[name].title
    return Text(zh=f"流动：{title.zh}", en=f"Flows: {title.en}")


def _largest_title(study: Study, name: str) -> Text:
    title = _specs(study)[name].title
    return Text(zh=f"最大的流量：{title.zh}", en=f"The largest flows: {title.en}")


def _map_titles(study: Study, options: Options) -> list[tuple[str, Text]]:
    return [(f"{MAP}_{name}", _map_title(study, options, name)) for name in options.maps]


def _facility_titles(study: Study, options: Options) -> list[tuple[str, Text]]:
    return [
        (f"{FACILITIES}_{name}_{indicator}", _facility_title(study, name, indicator))
        for name in options.maps
        for indicator in options.facilities
    ]


def _flow_titles(study: Study, options: Options) -> list[tuple[str, Text]]:
    return [(f"{FLOWS}_{name}", _flow_title(study, name)) for name in options.flow_maps]


def _largest_titles(study: Study, options: Options) -> list[tuple[str, Text]]:
    return [(f"{LARGEST}_{name}", _largest_title(study, name)) for name in options.flow_maps]


PART = Part(
    summary=Text(
        en="Centrality of cities or counties in their networks of flows: degrees, shares, betweenness, PageRank, "
        "communities; maps of nodes, facilities and flows",
        zh="城市或县在流动网络中的中心性：度、份额、中介中心性、PageRank、社区；节点、机构与流动地图",
    ),
    needs=("network_tie", "network_node", "network_summary"),
    consults=("network",),
    makes=TABLES,
    whole=TABLES,
    compute=compute,
    headline=headline,
    shows=(
        Show(TOP, "table", _TITLES[TOP], top, needs=("city",)),
        Show(MAP, "figure", _TITLES[MAP], maps, titles=_map_titles, needs=("city",)),
        Show(
            FACILITIES,
            "figure",
            _TITLES[FACILITIES],
            facilities,
            titles=_facility_titles,
            needs=("city", "figures", "county_year"),
        ),
        Show(FLOWS, "figure", _TITLES[FLOWS], flow_maps, titles=_flow_titles, needs=("city", "city_pair")),
        Show(LARGEST, "table", _TITLES[LARGEST], largest, titles=_largest_titles, needs=("city", "city_pair")),
    ),
)
