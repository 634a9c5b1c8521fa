"""Centrality of places: degrees, shares of all flows, betweenness, PageRank, communities.

Belongs here: the measures. Does not belong here: which flows are ties (dichotomise.py), what may be published.
"""

import numpy as np
import pandas as pd

MEASURES = (
    "in_degree", "out_degree", "in_degree_std", "in_share", "in_max", "in_strength", "out_strength", "betweenness",
    "pagerank", "community",
)  # fmt: skip
DAMPING = 0.85


def centrality(flows: pd.DataFrame, ties: pd.DataFrame, nodes: list[int], seed: int = 0) -> pd.DataFrame:
    """MEASURES of every node, in their order. `flows`: origin, destination, flow; `ties`: origin, destination.

    Of ties: in_degree and out_degree, in_degree_std (in-degree divided by n - 1), betweenness (shares of shortest
    directed paths, normalised). Of flows: in_strength and out_strength, in_share (inflow divided by that of all nodes,
    mean 1/n), in_max (inflow divided by the largest), pagerank, and community (Louvain; numbered from the one with most
    inflow). in_share and in_max are NaN where nothing flows.
    """
    into, out_of = (
        flows.groupby(end)["flow"].sum().reindex(nodes, fill_value=0.0) for end in ("destination", "origin")
    )
    arriving, leaving = (ties.groupby(end).size().reindex(nodes, fill_value=0) for end in ("destination", "origin"))
    total, most = float(into.sum()), float(into.max()) if len(nodes) else 0.0
    made = pd.DataFrame(
        {
            "in_degree": arriving,
            "out_degree": leaving,
            "in_degree_std": arriving / max(len(nodes) - 1, 1),
            "in_share": into / total if total > 0 else np.nan,
            "in_max": into / most if most > 0 else np.nan,
            "in_strength": into,
            "out_strength": out_of,
            **_of_graphs(flows, ties, nodes, into, seed),
        },
        index=pd.Index(nodes),
    )
    return made[list(MEASURES)]


def _of_graphs(
    flows: pd.DataFrame, ties: pd.DataFrame, nodes: list[int], into: pd.Series, seed: int
) -> dict[str, pd.Series]:
    import networkx as nx

    valued, binary = nx.DiGraph(), nx.DiGraph()
    for graph in (valued, binary):
        graph.add_nodes_from(nodes)
    # In one order: communities depend on it.
    moving = flows[flows["flow"] > 0].sort_values(["origin", "destination"])
    valued.add_weighted_edges_from(moving[["origin", "destination", "flow"]].itertuples(index=False, name=None))
    binary.add_edges_from(ties[["origin", "destination"]].itertuples(index=False, name=None))
    found = nx.community.louvain_communities(valued, weight="weight", seed=seed) if len(moving) else []
    found = sorted(found, key=lambda one: (-float(into[list(one)].sum()), min(one)))
    member = {code: number for number, one in enumerate(found, start=1) for code in one}
    return {
        "betweenness": pd.Series(nx.betweenness_centrality(binary), dtype="float64").reindex(nodes),
        "pagerank": pd.Series(nx.pagerank(valued, alpha=DAMPING), dtype="float64").reindex(nodes),
        "community": pd.Series(member, dtype="float64").reindex(nodes),
    }
