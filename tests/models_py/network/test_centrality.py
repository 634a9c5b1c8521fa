"""Measures of nodes, on networks whose values are known."""

import numpy as np
import pandas as pd

from models_py.network.centrality import MEASURES, centrality


def frame(*rows: tuple[int, int, float]) -> pd.DataFrame:
    return pd.DataFrame(list(rows), columns=["origin", "destination", "flow"])


def test_degrees_and_shares_by_hand() -> None:
    flows = frame((1, 2, 3.0), (3, 2, 5.0), (2, 1, 1.0), (3, 1, 1.0))
    found = centrality(flows, flows[flows["flow"] > 2], [1, 2, 3, 4])
    assert list(found.columns) == list(MEASURES) and found.index.tolist() == [1, 2, 3, 4]
    assert found["in_degree"].tolist() == [0, 2, 0, 0] and found["out_degree"].tolist() == [1, 0, 1, 0]
    assert np.allclose(found["in_degree_std"], [0, 2 / 3, 0, 0])
    assert found["in_strength"].tolist() == [2, 8, 0, 0] and found["out_strength"].tolist() == [3, 1, 6, 0]
    assert np.allclose(found["in_share"], [0.2, 0.8, 0, 0]) and np.allclose(found["in_max"], [0.25, 1, 0, 0])


def test_the_mean_share_is_one_over_n_and_that_of_freemans_degree_is_the_density() -> None:
    rng = np.random.default_rng(1)
    pairs = [(i, j, float(rng.integers(1, 9))) for i in range(12) for j in range(12) if i != j and rng.random() < 0.4]
    flows = frame(*pairs)
    found = centrality(flows, flows, list(range(12)))
    assert np.isclose(found["in_share"].mean(), 1 / 12)
    assert np.isclose(found["in_degree_std"].mean(), len(pairs) / 132)
    assert np.isclose(found["pagerank"].sum(), 1)


def test_betweenness_of_a_directed_line_and_pagerank_of_a_circle() -> None:
    line = frame((1, 2, 1.0), (2, 3, 1.0), (3, 4, 1.0))
    found = centrality(line, line, [1, 2, 3, 4])
    # Of six ordered pairs without the node itself two pass through 2, and two through 3.
    assert np.allclose(found["betweenness"], [0, 2 / 6, 2 / 6, 0])
    circle = frame((1, 2, 7.0), (2, 3, 7.0), (3, 1, 7.0))
    assert np.allclose(centrality(circle, circle, [1, 2, 3])["pagerank"], 1 / 3)


def test_two_cliques_are_two_communities_whatever_the_order_of_rows() -> None:
    near = [(i, j, 9.0) for group in ((1, 2, 3), (4, 5, 6)) for i in group for j in group if i != j]
    flows = frame(*near, (1, 4, 0.1), (5, 4, 3.0))
    found = centrality(flows, flows, [1, 2, 3, 4, 5, 6])["community"]
    assert found.tolist() == [2, 2, 2, 1, 1, 1], "the one with most inflow is the first"
    again = centrality(flows.sample(frac=1, random_state=1), flows, [1, 2, 3, 4, 5, 6])["community"]
    assert again.tolist() == found.tolist()


def test_without_flow_there_are_no_shares() -> None:
    found = centrality(frame(), frame(), [1, 2, 3])
    assert found["in_share"].isna().all() and found["in_max"].isna().all() and found["community"].isna().all()
    assert found["in_degree"].tolist() == [0, 0, 0]
