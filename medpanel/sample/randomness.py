"""Bounded random numbers, so that no simulated rate can leave its range and nothing ever needs clipping.

Belongs here: building blocks of the simulation. Does not belong here: anything that knows an indicator.
"""

from __future__ import annotations

from functools import cache
from statistics import NormalDist

import numpy as np

BOUND = 6.0


def bounded_normal(rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    """Nearly normal draws, mean 0 and variance 1, that cannot leave [-6, 6]: 12 uniforms added, less 6."""
    return rng.random((12, *shape)).sum(axis=0) - BOUND


@cache
def _quantiles(n: int) -> np.ndarray:
    scores = np.array([NormalDist().inv_cdf((i + 0.5) / n) for i in range(n)])
    scores /= scores.std(ddof=1)
    scores.flags.writeable = False
    return scores


def normal_scores(rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    """Along the last axis a random order of fixed normal quantiles with mean 0 and variance (n - 1) of 1.

    Used for what differs between provinces: every seed then has the same spread, so tables look alike.
    """
    return rng.permuted(np.broadcast_to(_quantiles(shape[-1]), shape), axis=-1)


def scores_in_order_of(values: np.ndarray) -> np.ndarray:
    """The same normal quantiles in the order of `values`, a vector."""
    return _quantiles(len(values))[np.argsort(np.argsort(values))]


def autoregressive(rng: np.random.Generator, shape: tuple[int, ...], rho: float, sd: float) -> np.ndarray:
    """Stationary first-order autoregression along the last axis with standard deviation `sd`."""
    steps = bounded_normal(rng, shape)
    path = np.empty(shape)
    path[..., 0] = steps[..., 0]
    for t in range(1, shape[-1]):
        path[..., t] = rho * path[..., t - 1] + np.sqrt(1 - rho**2) * steps[..., t]
    return sd * path
