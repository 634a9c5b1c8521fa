"""The printed tables of centrality: the first nodes of each network, and its largest flows.

Belongs here: their rows, words and notes. Does not belong here: computing, what measures are called (titles.py).
"""

from collections.abc import Mapping

import pandas as pd

from catalog.base import Text
from catalog.parts.centrality import Options
from catalog.parts.network import NetworkSpec
from models_py.figures.table import Cell, ReportTable, Row, number
from models_py.panel import ENTITY
from models_py.parts.centrality.titles import MEASURES
from models_py.parts.frame import Seen

_FIRST = 10
LARGEST = 200
_DECIMALS = {"in_degree": 0, "community": 0}


def names_of(city: pd.DataFrame) -> dict[int, Text]:
    """Names by code, from rows of the table city."""
    columns = (city[name] for name in (ENTITY, "name_zh", "name_en"))
    return {int(code): Text(zh=str(zh), en=str(en)) for code, zh, en in zip(*columns, strict=True)}


def named(names: Mapping[int, Text], code: int) -> Text:
    """A place's name; its code where the table of cities does not have it."""
    return names.get(int(code), Text(zh=str(code), en=str(code)))


def top_table(
    centrality: pd.DataFrame,
    city: pd.DataFrame,
    networks: Mapping[str, NetworkSpec],
    options: Options,
    stem: str,
    title: Text,
    synthetic: bool,
) -> ReportTable:
    """The first nodes of each network by the study's measure. `centrality`: rows of that table of one study."""
    names, body = names_of(city), []
    shown = [options.measure, *(name for name in MEASURES if name != options.measure)]
    for block, (network, own) in enumerate(centrality.groupby("network", sort=False)):
        first = own.sort_values([options.measure, "city_code"], ascending=[False, True]).head(_FIRST)
        for row in first.dropna(subset=[options.measure]).to_dict("records"):
            cells: tuple[Cell, ...] = (
                networks[str(network)].title,
                *(number(row[name], _DECIMALS.get(name, 4)) if pd.notna(row[name]) else "–" for name in shown),
            )
            body.append(Row(named(names, row["city_code"]), cells, block))
    header = (Text(zh="网络", en="Network"), *(MEASURES[name] for name in shown))
    notes = (
        Text(
            zh="流入占比：该地流入除以网络内全部流入，均值为1/n；标准化入度须为二值网络，均值等于密度。"
            "社区仅为标签。调查网络中，受访者少于下限者为空，"
            "基于边的指标仅用已发布的边计算。",
            en="Share of inflow: inflow divided by all inflow of the network, mean 1/n; in-degree / (n − 1) is of "
            "ties, its mean is the density. Communities are labels. Of surveys, sums below the limit are "
            "empty, and what rests on ties is of the published ones alone.",
        ),
        Text(
            zh=f"每个网络列出前{_FIRST}位，其余见数据表 centrality。",
            en=f"The first {_FIRST} of each network; all others: table centrality.",
        ),
    )
    return ReportTable(stem, title, (header,), tuple(body), notes, synthetic, text_columns=(0,))


def largest_table(flows: pd.DataFrame, city: pd.DataFrame, stem: str, title: Text, seen: Seen) -> ReportTable:
    """The largest flows. `flows`: origin_code, destination_code, flow, unit, the largest first."""
    names = names_of(city)
    body = [
        Row(
            str(place),
            (named(names, row["origin_code"]), named(names, row["destination_code"]), number(row["flow"], 4)),
        )
        for place, row in enumerate(flows.head(LARGEST).to_dict("records"), start=1)
    ]
    header = (Text(zh="起点", en="From"), Text(zh="终点", en="To"), Text(zh="流量", en="Flow"))
    total, unit = len(flows), str(flows["unit"].iloc[0])
    notes = (
        Text(
            zh=f"共{total}条流量，单位 {unit}；全部见数据表 city_pair。",
            en=f"{len(body)} of {total} flows, in {unit}; all of them: table city_pair.",
        ),
        *seen.remarks,
    )
    return ReportTable(stem, title, (header,), tuple(body), notes, seen.synthetic, text_columns=(0, 1))
