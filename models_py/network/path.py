"""The log-likelihood of a model that is known only up to a constant, by the path from one that is known.

Belongs here: path sampling and its error. Does not belong here: finding coefficients (monte_carlo.py).

From coefficients a (where ln L is known) to b, with g the statistics and y the observed network,

    ln L(b) - ln L(a) = integral over t from 0 to 1 of (b - a)'(g(y) - E_t g),

E_t at a + t (b - a), by Gauss and Legendre's rule over simulated means. Source: Gelman and Meng (1998), Statistical
Science 13(2); Hunter and Handcock (2006), J Comput Graph Stat 15(3).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from models_py.network.chains import Chain, Engine, draw
from models_py.network.model import Model

_FIRST, _MOST = 50.0, 200_000_000


@dataclass(frozen=True)
class Path:
    """The difference of log-likelihoods, its standard error of simulation, and the proposals made."""

    value: float
    error: float
    proposals: int


def path_log_likelihood(
    engine: Engine,
    chains: Sequence[Chain],
    model: Model,
    theta: np.ndarray,
    anchor: np.ndarray,
    bridges: int,
    error: float,
    interval: int,
) -> Path:
    """ln L(theta) - ln L(anchor), all coefficients with offsets last; sampled until the error is as small as wanted.

    The chains are at theta and go back to the anchor. Places that need more draws get them in a second pass.
    """
    way = theta - anchor
    if not way.any():
        return Path(0.0, 0.0, 0)
    statistics = np.concatenate([model.statistics, [one.statistic(model.network) for one in model.offsets]])
    nodes, shares = np.polynomial.legendre.leggauss(bridges)
    places, shares = (nodes + 1) / 2, shares / 2
    wanted, proposals = np.full(bridges, _FIRST), 0
    value, spread, ess = np.zeros(bridges), np.zeros(bridges), np.zeros(bridges)
    for _ in range(3):
        for at in reversed(range(bridges)):
            if ess[at] >= wanted[at]:
                continue
            here = anchor + places[at] * way
            found = draw(engine, chains, here, way[:, None], wanted[at], interval, _MOST // bridges)
            value[at] = float(way @ statistics) - float(found.flat.mean())
            spread[at], ess[at] = float(found.flat.std(ddof=1)), float(found.ess[0])
            proposals += found.proposals
        reached = float(np.sqrt(np.sum((shares * spread) ** 2 / ess)))
        if reached <= error:
            break
        # As many draws as its share of the spread asks for (Neyman's allocation).
        wanted = np.maximum(1.1 * shares * spread * np.sum(shares * spread) / error**2, ess)
    return Path(float(shares @ value), reached, proposals)
