"""A spatial panel model by maximum likelihood: coefficients, and direct, indirect and total effects.

`panel`: place, year, y, x1 ...; `weights`: place, neighbour, weight.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd


def compute(data: Mapping[str, pd.DataFrame], lists: Mapping[str, Sequence[Any]]) -> pd.DataFrame:
    """Every coefficient and effect."""
    panel, names, lagged = data["panel"], list(lists["regressors"]), list(lists["lagged"])
    effects, correction = lists["effects"][0], lists["correction"][0]
    places = sorted(panel["place"].unique())
    cells = data["weights"].pivot(index="place", columns="neighbour", values="weight")
    w = cells.reindex(index=places, columns=places).fillna(0.0).to_numpy()
    wide = {name: panel.pivot(index="year", columns="place", values=name)[places].to_numpy() for name in ["y", *names]}
    t, n = wide["y"].shape
    lag = {name: wide[name] @ w.T for name in ["y", *lagged]}
    x = np.column_stack([free(wide[name], effects) for name in names] + [free(lag[name], effects) for name in lagged])
    y, wy = free(wide["y"], effects), free(lag["y"], effects)
    by_y, by_wy = np.linalg.lstsq(x, y, rcond=None)[0], np.linalg.lstsq(x, wy, rcond=None)[0]
    e, d = y - x @ by_y, wy - x @ by_wy
    rho = 0.0
    if int(lists["lag_of_outcome"][0]):
        rho = best_rho(w, e, d, *counts(n, t, effects, correction))
    beta = by_y - rho * by_wy
    terms = [*names, *(f"W_{name}" for name in lagged)]
    found = [(term, "coef", value) for term, value in zip(terms, beta, strict=True)]
    found += [("rho", "coef", rho)] if int(lists["lag_of_outcome"][0]) else []
    inverse = np.linalg.inv(np.eye(n) - rho * w)
    values = dict(zip(terms, beta, strict=True))
    for name in names:
        s = inverse @ (values[name] * np.eye(n) + values.get(f"W_{name}", 0.0) * w)
        direct, total = np.trace(s) / n, s.sum() / n
        found += [(name, "direct", direct), (name, "indirect", total - direct), (name, "total", total)]
    return pd.DataFrame(found, columns=["term", "effect", "value"])


def free(values: np.ndarray, effects: str) -> np.ndarray:
    """Years x places less the means of the effects, as one column."""
    if effects == "none":
        return (values - values.mean()).ravel()
    if effects in ("two_way", "entity"):
        values = values - values.mean(axis=0, keepdims=True)
    if effects in ("two_way", "time"):
        values = values - values.mean(axis=1, keepdims=True)
    return values.ravel()


def counts(n: int, t: int, effects: str, correction: str) -> tuple[int, int, int]:
    """Observations, log-determinants, and 1 where each is less ln(1 - rho)."""
    if correction == "none":
        return n * t, t, 0
    entity, time = effects in ("two_way", "entity"), effects in ("two_way", "time")
    return (n - time) * (t - entity), t - entity, int(time)


def best_rho(w: np.ndarray, e: np.ndarray, d: np.ndarray, n: int, m: int, r: int) -> float:
    """The maximum over the whole interval: a grid, then halving where the derivative changes sign."""
    roots = np.linalg.eigvals(w)
    real = roots.real[np.abs(roots.imag) <= 1e-9 * np.abs(roots).max()]
    far = 10 / np.abs(roots).max()
    low = max(1 / real.min(), -far) if real.min() < 0 else -far
    high = min(1 / real.max(), far) if real.max() > 0 else far
    a, b, c = e @ e, e @ d, d @ d

    def value(rho: float) -> float:
        determinant = np.log(np.abs(1 - rho * roots)).sum() - (np.log(1 - rho) if r else 0.0)
        return float(m * determinant - n / 2 * np.log(a - 2 * rho * b + rho**2 * c))

    def slope(rho: float) -> float:
        determinant = -(roots / (1 - rho * roots)).sum().real + (1 / (1 - rho) if r else 0.0)
        return float(m * determinant - n * (rho * c - b) / (a - 2 * rho * b + rho**2 * c))

    grid = low + (high - low) * (1 - np.cos(np.linspace(0.001, np.pi - 0.001, 401))) / 2
    best = int(np.argmax([value(rho) for rho in grid]))
    left, right = grid[max(best - 1, 0)], grid[min(best + 1, 400)]
    for _ in range(200):
        middle = (left + right) / 2
        left, right = (middle, right) if slope(middle) > 0 else (left, middle)
    return float((left + right) / 2)
