"""Networks for tests, simulated."""

import numpy as np
import pandas as pd

from models_py.network.graph import ENDS


def places(n: int = 30, seed: int = 0) -> pd.DataFrame:
    """Places p0 ... with a number `x`, yuan `gdp`, and groups `g` of three."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=n)
    names = [f"p{at}" for at in range(n)]
    return pd.DataFrame({"x": x, "gdp": 6e7 + 1e7 * rng.normal(size=n), "g": np.arange(n) % 3}, index=names)


def edges_of(ties: np.ndarray, nodes: pd.DataFrame, directed: bool = True) -> pd.DataFrame:
    """Ties as labels."""
    rows, columns = np.nonzero(ties if directed else np.triu(ties))
    return pd.DataFrame({"origin": nodes.index[rows], "destination": nodes.index[columns]}, columns=ENDS)


def drawn(nodes: pd.DataFrame, eta: np.ndarray, directed: bool = True, seed: int = 0) -> pd.DataFrame:
    """Independent dyads with log-odds eta."""
    ties = np.random.default_rng(seed).random(eta.shape) < 1 / (1 + np.exp(-eta))
    np.fill_diagonal(ties, False)
    return edges_of(ties, nodes, directed)


def distances(nodes: pd.DataFrame, seed: int = 1) -> pd.DataFrame:
    """A labelled dyad covariate that is not symmetric."""
    n = len(nodes)
    return pd.DataFrame(np.random.default_rng(seed).normal(size=(n, n)), nodes.index, nodes.index)
