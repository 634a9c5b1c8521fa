"""Tables with one figure in a row: edge lists, the two-header mode files, Amap's yearly file, one city's Baidu list,
and a city's index by period (Baidu's in- and out-migration scale).

The header says nothing about direction: what each column means is declared under `flow:`. An index is a series of one
place, no flow between two; percentages of a city's list become flows by it (`scale:` under `flow:`).
"""

from dataclasses import replace
from functools import partial

import duckdb

from catalog import Source
from catalog.declarations.flow import FlowPartner
from ingestion.formats.probe import Probe
from ingestion.problems import Problem
from ingestion.readers.base import FileLayout, given, require
from ingestion.readers.flows.declared import SUFFIXES, FlowFile, Roles, edge_roles, flow_file
from ingestion.readers.flows.engine import engine
from ingestion.readers.flows.fates import assign_fates
from ingestion.readers.flows.large import is_large, read_large
from ingestion.readers.flows.loading import account, check_partner, load_raw
from ingestion.readers.flows.table import take_rows
from ingestion.row_account import Tally

# Headers of Amap's yearly file. Of its two indices the actual one is used unless `weight` says otherwise.
_AMAP = {
    "origin": "始发城市",
    "origin_province": "始发城市所属省份",
    "origin_code": "始发城市代码",
    "destination": "终点城市",
    "destination_province": "终点城市所属省份",
    "destination_code": "终点城市代码",
    "weight": "年度实际迁徙指数",
    "period_column": "年份",
}


def _read_edges(file: FlowFile, tally: Tally) -> None:
    roles = edge_roles(file)
    with engine() as con:
        take = partial(_take_partner, con, roles)
        if is_large(file.probe) and file.spec.scale is None:
            check_partner(con, file, take, read_large(con, file, roles, tally))
        else:
            load_raw(con, file, take_rows(con, file, roles), tally, take)


def _take_partner(con: duckdb.DuckDBPyConnection, own: Roles, other: FlowFile, partner: FlowPartner) -> None:
    origin, destination = partner.origin or own.ends["o"][0], partner.destination or own.ends["d"][0]
    ends = {"o": (origin, None, None), "d": (destination, None, None)}
    take_rows(con, other, replace(own, ends=ends, weight=partner.weight or own.weight))


def _read_amap(probe: Probe, source: Source, tally: Tally) -> None:
    file = flow_file(probe, source)
    headers = {name: getattr(file.spec, name) or header for name, header in _AMAP.items()}
    _read_edges(file.with_spec(**headers), tally)


def _read_scale(probe: Probe, source: Source, tally: Tally) -> None:
    file = flow_file(probe, source)
    spec = file.spec
    undeclared = Problem("flow_not_declared", expected="`place:`, `weight:` (headers) and direction in or out")
    require(spec.direction != "both", undeclared)
    place = (given(spec.place, undeclared), spec.place_code, spec.place_province)
    fixed = {} if spec.period_column else {"p": file.period}
    roles = Roles({"o": place, "d": place}, given(spec.weight, undeclared), spec.period_column, fixed)
    # Series are no lists: every row stands for itself, and both its ends are the place.
    series = file.with_spec(direction="both", top=None)
    with engine() as con:
        shape = take_rows(con, series, roles)
        ends = assign_fates(con, series, loops=True)
        account(con, series.spec, ends, shape, tally)
        rows = con.execute(
            """
            SELECT $network AS network, $direction AS direction, $unit AS unit, oc AS city_code, pl AS period,
                   v AS value, row
            FROM fate WHERE kind = 'good' ORDER BY oc, pi, seq
            """,
            spec.model_dump(include={"network", "direction", "unit"}),
        )
        tally.add_table("flow_scale", rows.to_arrow_table())


EDGES = FileLayout(
    "flow_edges",
    "Edge list of flows: origin, destination, weight, period",
    "流量边列表：起点、终点、数值、时期",
    SUFFIXES,
    lambda probe, source: source.flow is not None,
    lambda probe, source, tally: _read_edges(flow_file(probe, source), tally),
    declared_only=True,
    asked=90,
)
AMAP_YEAR = FileLayout(
    "flow_amap_year",
    "Amap yearly migration file (年份, 始发城市, 终点城市, 年度实际迁徙指数)",
    "高德年度迁徙明细（年份、始发城市、终点城市、年度实际迁徙指数）",
    SUFFIXES,
    lambda probe, source: source.flow is not None,
    _read_amap,
    declared_only=True,
    asked=100,
)
SCALE = FileLayout(
    "flow_scale",
    "Migration scale index of cities by period",
    "城市迁徙规模指数（按时期）",
    SUFFIXES,
    lambda probe, source: source.flow is not None,
    _read_scale,
    declared_only=True,
    asked=140,
)
