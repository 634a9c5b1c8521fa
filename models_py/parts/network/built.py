"""The networks of a study, from flows, lists and surveys: tables network_node, network_tie,
network_summary, node_list_gap.

Belongs here: which places are nodes, which flows and lists are theirs, what must be said of them. Does not belong here:
thresholds and bounds (models_py/network), the official list (official.py), printed tables.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from catalog.base import Text, refuse
from catalog.parts.network import NetworkSpec, Options, threshold_of
from models_py.network.censoring import UNBOUNDED, Dyads, dyads, list_bounds, unlisted_bounds
from models_py.network.dichotomise import least_flows
from models_py.panel import ENTITY
from models_py.parts.frame import Tables
from models_py.parts.network.official import (
    ABSENT,
    EXTRA,
    LEFT_OUT,
    NO_FIGURES,
    NO_FLOW,
    Gaps,
    NetworkError,
    called,
    gaps_of,
)
from models_py.parts.rows import as_table, note, together, typed

_ENDS = ("origin_code", "destination_code")
COMPLETE, NO_LIST = "complete", "none"
DIRECTIONS = ("out", "in")


@dataclass(frozen=True)
class Network:
    """One network before any threshold.

    `nodes`: codes in order; `pairs`: origin_code, destination_code, flow, persons, partial, shown of listed pairs of
    nodes; `bounds`: of unlisted flows, by pair; `lists`: which lists each node has; `small_cells`: the limit of a
    survey, None for other flows; `said`: what must be known of it; `gaps`: nodes beside the official list, if any.
    """

    id: str
    nodes: tuple[int, ...]
    pairs: pd.DataFrame
    bounds: np.ndarray
    lists: tuple[str, ...]
    unit: str
    small_cells: int | None
    said: tuple[Text, ...]
    gaps: Gaps | None

    @cached_property
    def flows(self) -> np.ndarray:
        """Flows of all pairs of nodes, NaN where unlisted."""
        return self._square("flow", np.nan)

    @cached_property
    def partial(self) -> np.ndarray:
        """Pairs whose flow is known for some periods only."""
        return self._square("partial", 0.0).astype(bool)

    def _square(self, column: str, absent: float) -> np.ndarray:
        made = np.full((len(self.nodes), len(self.nodes)), absent)
        rows, columns = (pd.Index(self.nodes).get_indexer(pd.Index(self.pairs[end])) for end in _ENDS)
        made[rows, columns] = self.pairs[column].astype(float)
        return made

    def under(self, threshold: str) -> tuple[Dyads, np.ndarray]:
        """The state of all pairs under a threshold, and the flow that makes a tie."""
        least = least_flows(self.flows, *threshold_of(threshold))
        return dyads(self.flows, least, self.bounds, self.partial), least


def networks_of(tables: Tables, options: Options) -> list[Network]:
    """The networks in the order of the options.

    `tables`: city_pair and survey_edge (network, codes of both ends ...), flow_list (network, entity_code ...), figures
    and county_year (entity_code, year, indicators), city (entity_code, name_zh, name_en). Raises NetworkError for a
    network without flows, a place left out that it does not have, and fewer than three nodes.
    """
    return [_network(name, spec, tables) for name, spec in options.networks.items()]


def _network(name: str, spec: NetworkSpec, tables: Tables) -> Network:
    source = spec.flows or name
    counted = _of(tables.get("survey_edge"), source)
    survey = len(counted) > 0
    found = counted.assign(partial=False, unit="persons") if survey else _listed(tables["city_pair"], source)
    known = sorted(set(tables["city_pair"]["network"]))
    refuse(
        (found.empty, f"{name}: no flows of the network {source}; networks with flows: {', '.join(known) or '-'}"),
        error=NetworkError,
    )
    ends = {int(code) for end in _ENDS for code in found[end]}
    nodes, said = _nodes(name, spec, ends, tables)
    within = found[found[list(_ENDS)].isin(nodes).all(axis=1)].sort_values(list(_ENDS), ignore_index=True)
    lists, periods = _of(tables.get("flow_list"), source).rename(columns={ENTITY: "city_code"}), _periods(found)
    own, bounds = _lists(lists, nodes, periods, survey)
    limit = int(counted["small_cells"].max()) if survey else None
    gaps = gaps_of(name, spec, nodes, ends, tables["city"])
    said += [_on_lists(own, nodes, tables["city"], periods, survey)]
    said += [gaps.said(tables["city"])] if gaps else []
    columns = [*_ENDS, "flow", "persons", "partial", "shown"]
    return Network(name, nodes, within[columns], bounds, own, str(found["unit"].iloc[0]), limit, tuple(said), gaps)


def _of(frame: pd.DataFrame | None, network: str) -> pd.DataFrame:
    return pd.DataFrame() if frame is None or frame.empty else frame[frame["network"] == network]


def _listed(pairs: pd.DataFrame, network: str) -> pd.DataFrame:
    own = pairs[pairs["network"] == network]
    return own.assign(partial=own["censored"].fillna(False).astype(bool), persons=np.nan, shown=True)


def _periods(found: pd.DataFrame) -> int:
    """Periods the network has flows of; a survey is one."""
    return int(found["periods"].max()) if "periods" in found else 1


def _nodes(name: str, spec: NetworkSpec, ends: set[int], tables: Tables) -> tuple[tuple[int, ...], list[Text]]:
    """The nodes, and what is said of the places that are none."""
    given = {one.place for one in spec.left_out}
    refuse((sorted(given - ends), f"{name}: left_out names {{}}, which the flows do not"), error=NetworkError)
    lacking = ends - given - _having(spec, tables) if spec.having else set()
    nodes = tuple(sorted(ends - given - lacking))
    refuse(
        (
            len(nodes) < 3,
            f"{name}: {len(nodes)} of {len(ends)} places with flows have figures of {', '.join(spec.having)} in "
            f"{spec.year}; a network needs three nodes",
        ),
        error=NetworkError,
    )
    said = [
        Text(en=f"Left out: {names.en}, {one.reason.en}.", zh=f"剔除{names.zh}：{one.reason.zh}。")
        for one in spec.left_out
        for names in [called([one.place], tables["city"])]
    ]
    if lacking:
        names = called(lacking, tables["city"])
        said.append(
            Text(
                en=f"No node for want of figures: {len(lacking)} places ({names.en}).",
                zh=f"因缺少数据未列为节点者{len(lacking)}个（{names.zh}）。",
            )
        )
    return nodes, said


def _having(spec: NetworkSpec, tables: Tables) -> set[int]:
    """Cities and counties with a figure of every indicator in the year."""
    found = set()
    for name in ("figures", "county_year"):
        rows = tables[name][tables[name]["year"] == spec.year] if name in tables else pd.DataFrame()
        if len(rows):
            found |= {int(code) for code in rows.loc[rows[list(spec.having)].notna().all(axis=1), ENTITY]}
    return found


def _lists(
    lists: pd.DataFrame, nodes: tuple[int, ...], periods: int, survey: bool
) -> tuple[tuple[str, ...], np.ndarray]:
    """Which lists each node has, and the bounds of unlisted pairs."""
    size = (len(nodes), len(nodes))
    if survey:
        return (COMPLETE,) * len(nodes), np.zeros(size)
    if lists.empty:
        return (NO_LIST,) * len(nodes), np.full(size, UNBOUNDED)
    read = lists[lists["partners"] > 0]
    owners = {direction: set(read.loc[read["direction"] == direction, "city_code"]) for direction in DIRECTIONS}
    own = tuple("+".join(d for d in ("in", "out") if code in owners[d]) or NO_LIST for code in nodes)
    departures, arrivals = (list_bounds(lists, direction, nodes, periods) for direction in DIRECTIONS)
    return own, unlisted_bounds(departures, arrivals)


def _on_lists(own: tuple[str, ...], nodes: tuple[int, ...], city: pd.DataFrame, periods: int, survey: bool) -> Text:
    """What is known of pairs that are not listed."""
    if survey:
        return Text(
            en="Respondents of a survey: a pair without any is no flow of the sample. The origin is where somebody is "
            "registered, which need not be the last place lived in.",
            zh="为抽样调查受访者：无受访者即样本中无流动。起点为户籍地，未必是上一居住地。",
        )
    without = [code for code, lists in zip(nodes, own, strict=True) if lists == NO_LIST]
    if len(without) == len(nodes):
        return Text(
            en="No lists are known: nothing bounds flows that are not listed.",
            zh="无名单信息：未列出的流量没有上限可依。",
        )
    more = Text(
        en=" Several periods: only lists that were never full bound a flow." if periods > 1 else "",
        zh="含多个时期：仅从未满员的名单可提供上限。" if periods > 1 else "",
    )
    if not without:
        return Text(en=f"Every node has a list of its own.{more.en}", zh=f"各节点均有自己的名单。{more.zh}")
    names = called(without, city)
    return Text(
        en=f"{len(without)} nodes have no list of their own ({names.en}).{more.en}",
        zh=f"{len(without)}个节点没有自己的名单（{names.zh}）。{more.zh}",
    )


def node_rows(networks: list[Network], study: str) -> pd.DataFrame:
    """The table network_node."""
    rows = [
        {"study": study, "network": one.id, "city_code": code, "lists": lists}
        for one in networks
        for code, lists in zip(one.nodes, one.lists, strict=True)
    ]
    return as_table(rows, "network_node")


def gap_rows(networks: list[Network], study: str) -> pd.DataFrame:
    """The table node_list_gap."""
    rows = [
        {"study": study, "network": one.id, "city_code": code, "gap": gap, "reason": reason, "year": one.gaps.year}
        for one in networks
        if one.gaps is not None
        for gap, found in ((ABSENT, one.gaps.absent), (EXTRA, one.gaps.extra))
        for code, reason in found.items()
    ]
    return as_table(rows, "node_list_gap")


def _beside_list(gaps: Gaps | None) -> dict[str, Any]:
    """The columns of network_summary on the official list."""
    if gaps is None:
        return {}
    reasons = {f"absent_{reason}": gaps.because(reason) for reason in (NO_FLOW, LEFT_OUT, NO_FIGURES)}
    return {"official_year": gaps.year, "official_units": gaps.size, **reasons, "extra_nodes": len(gaps.extra)}


def tie_rows(networks: list[Network], options: Options, study: str) -> pd.DataFrame:
    """The table network_tie."""
    frames = [_ties(one, options.networks[one.id].threshold) for one in networks]
    return typed(pd.concat(frames, ignore_index=True).assign(study=study), "network_tie")


def _ties(network: Network, threshold: str) -> pd.DataFrame:
    found, _ = network.under(threshold)
    rows, columns = np.nonzero(found.listed | found.unknown)
    codes = np.array(network.nodes)
    tie = pd.array(found.tie[rows, columns], dtype="boolean")
    tie[found.unknown[rows, columns]] = pd.NA
    made = pd.DataFrame(
        {
            "network": network.id,
            "origin_code": codes[rows],
            "destination_code": codes[columns],
            "flow": network.flows[rows, columns],
            "listed": found.listed[rows, columns],
            "tie": tie,
        }
    )
    return made.merge(network.pairs[[*_ENDS, "persons", "shown"]], on=list(_ENDS), how="left")


def summary_rows(networks: list[Network], options: Options, study: str) -> pd.DataFrame:
    """The table network_summary."""
    rows = [
        {"study": study, "own": place == 0, **_summary(one, threshold)}
        for one in networks
        for place, threshold in enumerate(options.compared(one.id))
    ]
    return as_table(rows, "network_summary")


def _summary(network: Network, threshold: str) -> dict[str, Any]:
    found, least = network.under(threshold)
    nodes, ties, listed = len(network.nodes), int(found.tie.sum()), int(found.listed.sum())
    # Both in one order, so that all of the flow is exactly all of it.
    kept, total = (float(network.flows[which].sum()) for which in (found.tie, found.listed))
    one = least.flat[0] if np.ptp(least[np.isfinite(least)]) == 0 and np.isfinite(least).all() else np.nan
    said = together(network.said)
    return {
        "network": network.id,
        "threshold": threshold,
        "n_nodes": nodes,
        "n_ties": ties,
        "density": ties / found.observed if found.observed else np.nan,
        "mean_degree": ties / nodes,
        "isolates": int((~(found.tie.any(axis=0) | found.tie.any(axis=1))).sum()),
        "flow_kept": kept / total if total > 0 else np.nan,
        "least_flow": float(one) if threshold != "any" else np.nan,
        "unit": network.unit,
        "dyads": found.pairs,
        "listed": listed,
        "known_non_ties": found.pairs - listed - int((found.unknown & ~found.listed).sum()),
        "unknown": int(found.unknown.sum()),
        "density_all_zero": ties / found.pairs,
        "density_listed_only": ties / listed if listed else np.nan,
        "small_cells": network.small_cells,
        **_beside_list(network.gaps),
        **note(said.en, said.zh),
    }
