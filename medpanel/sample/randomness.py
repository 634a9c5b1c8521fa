"""Bounded random numbers, so that no simulated rate can leave its range and nothing ever needs clipping.

Belongs here: building blocks of the simulation. Does not belong here: anything about a particular indicator.
"""

from collections.abc import Sequence
from functools import cache
from statistics import NormalDist
from typing import TypeVar

import numpy as np

BOUND = 6.0
Item = TypeVar("Item")
# Every part of the sample draws from a stream of its own, so that a further draw changes that part only.
STREAMS = {
    "pilots": 1,
    "panel": 2,
    "blemishes": 3,
    "flows": 4,
    "cities": 5,
    "flow_files": 6,
    "city_blemishes": 7,
    "resources": 8,
    "facilities": 9,
    "doctors": 31,
    "doctor_file": 32,
    "coupling": 33,
    "networks": 288,
    "zhejiang": 88,
    "network_flows": 289,
    "zhejiang_survey": 89,
    "survey": 2017,
}


def random_stream(seed: int, name: str) -> np.random.Generator:
    """The random numbers of one part of the sample, by its name in STREAMS."""
    return np.random.default_rng([seed, STREAMS[name]])


def shuffled(rng: np.random.Generator, items: Sequence[Item]) -> list[Item]:
    """The items in random order."""
    return [items[i] for i in rng.permutation(len(items))]


def bounded_normal(rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    """Nearly normal draws, mean 0 and variance 1, that cannot leave [-6, 6]: the sum of 12 uniforms, less 6."""
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
