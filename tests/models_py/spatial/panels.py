"""Spatial panels with a known truth, and weights to make them with."""

import numpy as np
import pandas as pd


def ring(n: int, names: list | None = None) -> pd.DataFrame:
    """Row-standardised weights of places in a ring, each with the next and the one after on either side."""
    w = np.zeros((n, n))
    for step in (1, 2):
        for sign in (1, -1):
            w[np.arange(n), (np.arange(n) + sign * step) % n] = 0.25
    names = list(range(n)) if names is None else names
    return pd.DataFrame(w, index=names, columns=names)


def simulated(
    weights: pd.DataFrame, periods: int, rho: float, beta=(1.0, -0.5), theta=(0.3, 0.2), sigma=0.5, seed: int = 0
) -> pd.DataFrame:
    """place, year, y, x1, x2 of a two-way spatial Durbin model."""
    random, w, n = np.random.default_rng(seed), weights.to_numpy(), len(weights)
    x = random.normal(size=(periods, n, 2)) + random.normal(size=(1, n, 2))
    mean = x @ np.array(beta) + np.einsum("ij,tjk->tik", w, x) @ np.array(theta)
    mean = (
        mean + random.normal(size=(1, n)) + random.normal(size=(periods, 1)) + sigma * random.normal(size=(periods, n))
    )
    y = np.linalg.solve(np.eye(n) - rho * w, mean.T).T
    index = pd.MultiIndex.from_product([range(2000, 2000 + periods), weights.index], names=["year", "place"])
    columns = {"y": y.ravel(), "x1": x[:, :, 0].ravel(), "x2": x[:, :, 1].ravel()}
    return pd.DataFrame(columns, index=index).reset_index()
