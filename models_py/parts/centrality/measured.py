"""Centrality of the nodes of every network of a study, as it may be published: the table centrality.

Belongs here: which flows and ties are used, and the limit for publication of surveys. Does not belong here: the
measures (models_py/network/centrality.py), building networks (models_py/parts/network).

Of a survey, the sum of all respondents of a place is a cell like any other: empty below the limit, else rounded. What
rests on ties or on single flows is computed from those published alone, so that nothing tells of another.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from catalog.declarations.survey import ROUNDED_TO
from models_py.network.centrality import centrality
from models_py.parts.rows import typed

_ENDS = {"origin_code": "origin", "destination_code": "destination"}


def centrality_rows(
    ties: pd.DataFrame, nodes: pd.DataFrame, summary: pd.DataFrame, seed: int, study: str
) -> pd.DataFrame:
    """The table centrality. `ties`, `nodes`, `summary`: network_tie, network_node, network_summary of the study."""
    limits = summary[summary["own"].astype(bool)].set_index("network")["small_cells"]
    frames = []
    for network, own in nodes.groupby("network", sort=False):
        pairs = ties[(ties["network"] == network) & ties["listed"].astype(bool)].rename(columns=_ENDS)
        limit = limits[network]
        codes = [int(code) for code in own["city_code"]]
        measured = (
            _protected(pairs, codes, int(limit), seed) if pd.notna(limit) and limit > 1 else _all(pairs, codes, seed)
        )
        measured = measured.rename_axis("city_code").reset_index()
        frames.append(measured.assign(network=network, study=study))
    return typed(pd.concat(frames, ignore_index=True), "centrality")


def _all(pairs: pd.DataFrame, nodes: list[int], seed: int) -> pd.DataFrame:
    return centrality(pairs, pairs[pairs["tie"].fillna(False).astype(bool)], nodes, seed)


def _protected(pairs: pd.DataFrame, nodes: list[int], limit: int, seed: int) -> pd.DataFrame:
    """Measures of published pairs; sums of all pairs, empty below the limit and else rounded."""
    measured = _all(pairs[pairs["shown"].fillna(False).astype(bool)], nodes, seed)
    into, out_of = (_published(pairs, end, nodes, limit) for end in ("destination", "origin"))
    total, most = into.sum(), into.max()
    return measured.assign(
        in_strength=into,
        out_strength=out_of,
        in_share=into / total if total > 0 else np.nan,
        in_max=into / most if most > 0 else np.nan,
    )


def _published(pairs: pd.DataFrame, end: str, nodes: list[int], limit: int) -> pd.Series:
    """The flow at each node in proportion to its rounded respondents; empty where those are fewer than the limit."""
    sums = pairs.groupby(end)[["flow", "persons"]].sum().reindex(nodes, fill_value=0.0).astype("float64")
    persons = sums["persons"]
    rounded = (persons / ROUNDED_TO + 0.5).apply(np.floor) * ROUNDED_TO
    shown = sums["flow"] * rounded / persons.where(persons > 0, 1.0)
    return shown.mask((persons > 0) & (persons < limit))
