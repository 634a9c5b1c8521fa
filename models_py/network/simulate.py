"""Networks drawn from a model.

Belongs here: simulated networks as arrays and as labels. Does not belong here: the sampler (chains.py), what is
compared with them (gof.py).
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from catalog.base import refuse
from models_py.network.chains import networks, prepare
from models_py.network.ergm import ErgmFit
from models_py.network.graph import ENDS, NetworkError
from models_py.network.model import Model
from models_py.network.monte_carlo import engine_of

# Without a fit by simulation to learn from, so many proposals a tie lie between two networks, and before the first.
_APART, _BEFORE = 20, 20


def simulate_ergm(
    fit: ErgmFit, simulations: int = 1, seed: int = 0, coefficients: Mapping[str, float] | None = None
) -> pd.DataFrame:
    """Networks drawn from a fitted model: simulation (0 ...), origin, destination, a row a tie.

    `coefficients` replaces some of the estimates, by name. Independent dyads and pairs are drawn exactly, other models
    by one chain, `simulated.interval` proposals apart. Every dyad is drawn, also those that were not observed.
    Raises NetworkError for a name that is no coefficient and fewer than one simulation.
    """
    given, names = dict(coefficients or {}), fit.model.names
    refuse(
        ([name for name in given if name not in names], f"no coefficient {{}}; there are {', '.join(names)}"),
        (simulations < 1, f"simulations must be at least 1, found {simulations}"),
        error=NetworkError,
    )
    theta = np.array([given.get(name, value) for name, value in zip(names, fit.theta, strict=True)], dtype=float)
    labels, rows = pd.Index(fit.model.network.names), []
    for at, ties in enumerate(simulated_ties(fit, theta, simulations, seed)):
        i, j = np.nonzero(ties if fit.model.network.directed else np.triu(ties))
        rows.append(pd.DataFrame({"simulation": at, ENDS[0]: labels[i], ENDS[1]: labels[j]}))
    return pd.concat(rows, ignore_index=True)


def simulated_ties(fit: ErgmFit, theta: np.ndarray, count: int, seed: int) -> list[np.ndarray]:
    """Ties (n x n) of `count` networks at free coefficients theta."""
    model = fit.model
    if model.level != "network":
        rng = np.random.default_rng(seed)
        eta, rho = log_odds(model, theta)
        return [_pairs(rng, eta, rho, model.network.directed) for _ in range(count)]
    prepare()
    interval, ties = _APART * max(model.network.n_ties, model.network.n), model.network.ties
    if fit.solution.simulated is not None:
        sample = fit.solution.simulated.sample
        # As far apart as effective draws are.
        interval = int(sample.interval * max(sample.flat.shape[0] / sample.ess.min(), 1))
    return networks(engine_of(model), np.append(theta, model.fixed), ties, count, interval, _BEFORE * interval, seed)


def log_odds(model: Model, theta: np.ndarray) -> tuple[np.ndarray, float]:
    """Log-odds of each dyad by the terms of dyads (n x n), and the coefficient of mutual."""
    every, rho = np.arange(model.network.n), 0.0
    eta = np.zeros((model.network.n, model.network.n))
    for value, one in zip((*theta, *model.fixed), (*model.free, *model.offsets), strict=True):
        if one.values is not None:
            eta += value * one.values(every, every)
        elif one.mutual:
            rho += value
    return eta, rho


def _pairs(rng: np.random.Generator, eta: np.ndarray, rho: float, directed: bool) -> np.ndarray:
    """One network with independent pairs: i -> j by its marginal chance, then j -> i given it."""
    n = len(eta)
    i, j = np.triu_indices(n, 1)
    ties = np.zeros((n, n), dtype=bool)
    if not directed:
        ties[i, j] = rng.random(len(i)) < _chance(eta[i, j])
        return ties | ties.T
    gain = np.logaddexp(0, eta[j, i] + rho) - np.logaddexp(0, eta[j, i])
    ties[i, j] = rng.random(len(i)) < _chance(eta[i, j] + gain)
    ties[j, i] = rng.random(len(i)) < _chance(eta[j, i] + rho * ties[i, j])
    return ties


def _chance(log_odds: np.ndarray) -> np.ndarray:
    return np.exp(-np.logaddexp(0, -log_odds))
