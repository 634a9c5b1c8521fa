"""How networks drawn from a fitted model compare with the observed one, in what the model was not fitted to.

Belongs here: distributions of a network and their simulated range. Does not belong here: the picture (a part's).
Source: Hunter, Goodreau and Handcock (2008), J Am Stat Assoc 103(481).
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from catalog.base import refuse
from models_py.network.ergm import ErgmFit
from models_py.network.graph import Network, NetworkError
from models_py.network.simulate import simulated_ties
from models_py.network.terms import COUNTED, counts

GOF_COLUMNS = ("statistic", "value", "observed", "simulated_mean", "simulated_low", "simulated_high")
# Numbers of something by (statistic, value), in the order they are shown.
Tally = dict[tuple[str, str], float]


def ergm_gof(fit: ErgmFit, simulations: int = 100, seed: int = 0) -> pd.DataFrame:
    """Observed numbers and the mean and central 95 % of `simulations` networks, a row a statistic and value.

    `statistic`: `model` (value: the term), `in_degree` and `out_degree` or `degree` (places), `distance` (ordered
    dyads, the last value `unreachable`), `shared_partners` (ties, OTP), `dyads` (pairs: none, one way, mutual). Where
    dyads are unknown, only the observed ones are compared. A model whose dyads are independent misses mutual ties and
    shared partners wherever there are any: these rows show by how much.
    Raises NetworkError for fewer than two simulations.
    """
    refuse((simulations < 2, f"simulations must be at least 2, found {simulations}"), error=NetworkError)
    model, network = fit.model, fit.model.network
    drawn = []
    for ties in simulated_ties(fit, fit.theta, simulations, seed):
        kept = ties if network.observed is None else ties & network.observed
        other = replace(network, ties=kept)
        terms = {("model", one.name): one.statistic(other) for one in model.free}
        drawn.append(terms | tally(other))
    observed = dict(zip((("model", name) for name in model.names), model.statistics.tolist(), strict=True))
    return _compared(observed | tally(network), drawn)


def tally(network: Network) -> Tally:
    """Distributions of one network."""
    names = ("in", "out") if network.directed else ("degree",)
    found = {str(name): values for name, values in counts(network, dict.fromkeys(COUNTED)).items()}
    ties = network.ties if network.directed else np.triu(network.ties)
    made: Tally = {}
    for name in names:
        made |= _numbers(f"{name}_degree" if network.directed else name, found[name])
    made |= _numbers("shared_partners", found["otp"][ties])
    made |= _distances(network)
    return made | _dyads(network) if network.directed else made


def _numbers(statistic: str, values: np.ndarray) -> Tally:
    held = np.bincount(values.astype(int)) if len(values) else np.zeros(1)
    return {(statistic, str(at)): float(number) for at, number in enumerate(held)}


def _distances(network: Network) -> Tally:
    """Ordered dyads by steps, from places reached to those one step on, all at once: far faster than path by path."""
    ties, reached = network.ties.astype(np.float32), np.eye(network.n, dtype=bool)
    new, steps, made = network.ties & ~reached, 1, {("distance", "1"): float(network.ties.sum())}
    while new.any():
        made["distance", str(steps)] = float(new.sum())
        reached, steps = reached | new, steps + 1
        new = ((new.astype(np.float32) @ ties) > 0) & ~reached
    return made | {("distance", "unreachable"): float((~reached).sum())}


def _dyads(network: Network) -> Tally:
    upper = np.triu_indices(network.n, 1)
    kinds = (network.ties.astype(int) + network.ties.T)[upper]
    names = ("none", "one way", "mutual")
    return {("dyads", name): float((kinds == number).sum()) for number, name in enumerate(names)}


def _compared(observed: Tally, drawn: Sequence[Tally]) -> pd.DataFrame:
    """A row a statistic and value that occurs anywhere; numbers in order, words after them."""
    keys = dict.fromkeys(key for one in (observed, *drawn) for key in one)
    order = {name: at for at, name in enumerate(dict.fromkeys(name for name, _ in keys))}
    first = {key: at for at, key in enumerate(keys)}

    def place(key: tuple[str, str]) -> tuple[int, int, int]:
        number = key[1].isdigit() and key[0] != "model"
        return order[key[0]], 0 if number else 1, int(key[1]) if number else first[key]

    rows = []
    for key in sorted(keys, key=place):
        values = np.array([one.get(key, 0.0) for one in drawn])
        low, high = np.quantile(values, [0.025, 0.975])
        rows.append((*key, observed.get(key, 0.0), float(values.mean()), float(low), float(high)))
    return pd.DataFrame(rows, columns=list(GOF_COLUMNS))
