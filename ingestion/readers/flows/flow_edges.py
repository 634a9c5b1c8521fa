"""Tables with one flow in a row: edge lists, the two-header mode files, Amap's yearly file, one city's Baidu list.

The header says nothing about direction: what each column means is declared under `flow:`.
"""

from __future__ import annotations

from catalog import Source
from catalog.declarations.flow import FlowSpec
from ingestion.formats.probe import Probe
from ingestion.problems import Problem, Refusal
from ingestion.readers.base import FileLayout
from ingestion.readers.flows.engine import engine
from ingestion.readers.flows.fates import assign_fates
from ingestion.readers.flows.flow_large import is_large, read_large
from ingestion.readers.flows.partner import check_partner
from ingestion.readers.flows.periods import EXPECTED, parse_period
from ingestion.readers.flows.report import account
from ingestion.readers.flows.rows import SUFFIXES, Roles, from_file_name, take_rows
from ingestion.readers.flows.scale import load_scale
from ingestion.readers.flows.sums import add_tables
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


def declared(source: Source, probe: Probe) -> FlowSpec:
    """The entry's `flow:`, with the network's name as it is for this file. Raises Refusal when there is none."""
    spec = source.flow
    if spec is None:
        raise Refusal(Problem("flow_not_declared", expected="network, direction, unit and the columns"))
    if not spec.network.endswith("{period}"):
        return spec
    text = spec.period or from_file_name(spec, probe)["period"]
    period = parse_period(text)
    if period is None:
        raise Refusal(Problem("flow_period", text, EXPECTED))
    name = spec.network.removesuffix("{period}") + period.label.replace("-", "")
    return spec.model_copy(update={"network": name})


def edge_roles(spec: FlowSpec, probe: Probe) -> Roles:
    """Which column is which end. Raises Refusal when the entry does not say."""
    fixed = from_file_name(spec, probe)
    period = {"p": spec.period or fixed.get("period", "")} if spec.period_column is None else {}
    ends: dict[str, tuple[str | None, str | None, str | None]] = {}
    named = {
        "o": (spec.origin, spec.origin_code, spec.origin_province),
        "d": (spec.destination, spec.destination_code, spec.destination_province),
    }
    focal = {"in": "d", "out": "o"}.get(spec.direction)
    for role, end in named.items():
        if end[0] is not None or end[1] is not None:
            ends[role] = end
        elif role == focal and "place" in fixed:
            period[role] = fixed["place"]
        else:
            word = "origin" if role == "o" else "destination"
            raise Refusal(Problem("flow_not_declared", expected=f"`{word}:`, the header of that column"))
    if spec.weight is None:
        raise Refusal(Problem("flow_not_declared", expected="`weight:`, the header of the figures"))
    return Roles(ends, spec.weight, spec.period_column, period)


def read_edges(probe: Probe, source: Source, tally: Tally, spec: FlowSpec) -> None:
    """Read one table of flows into the tally. Raises Refusal."""
    roles = edge_roles(spec, probe)
    with engine() as con:
        if is_large(probe) and not spec.scaled:
            ends = read_large(con, probe, source, spec, roles, tally)
            check_partner(con, probe, source, spec, roles, ends)
            return
        shape = take_rows(con, probe, source, spec, roles)
        if spec.scaled:
            load_scale(con, probe, source, spec)
        ends = assign_fates(con, spec, source.key == "name")
        check_partner(con, probe, source, spec, roles, ends)
        account(con, spec, ends, shape, tally)
        add_tables(con, spec, tally)


def _read(probe: Probe, source: Source, tally: Tally) -> None:
    read_edges(probe, source, tally, declared(source, probe))


def _read_amap(probe: Probe, source: Source, tally: Tally) -> None:
    spec = declared(source, probe)
    given = {name: getattr(spec, name) for name in _AMAP}
    read_edges(probe, source, tally, spec.model_copy(update={n: given[n] or header for n, header in _AMAP.items()}))


EDGES = FileLayout(
    "flow_edges",
    "Edge list of flows: origin, destination, weight, period",
    "流量边列表：起点、终点、数值、时期",
    SUFFIXES,
    lambda probe, source: source.flow is not None,
    _read,
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
