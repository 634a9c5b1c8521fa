"""Monte Carlo maximum likelihood where dyads depend on each other beyond pairs.

Belongs here: how coefficients are found from simulated networks, and when the search is given up, in words. Does not
belong here: simulation (chains.py), the log-likelihood (path.py).

At coefficients theta_0 networks are simulated. The gradient of ln L is g(observed) - E g, its curvature -Cov g, both by
the simulated statistics. While the observed statistics lie outside the hull of the simulated ones, a step aims at the
farthest point towards them inside it (Hummel, Hunter and Handcock 2012, J Comput Graph Stat 21(4)). At the end theta
solves E_theta g = g(observed) with the draws weighted by exp((theta - theta_0)'g) (Geyer and Thompson 1992, JRSS B
54(3)). Standard errors are those of the inverse covariance of g plus the error of simulation.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from models_py.network.chains import Chain, Engine, Sample, chains_of, draw, prepare
from models_py.network.graph import DegenerateError, NetworkError
from models_py.network.logistic import fit_logistic, tie_probabilities
from models_py.network.model import Model, of_dyads
from models_py.network.path import path_log_likelihood

LOG = logging.getLogger(__name__)
_ROUNDS, _FALLS, _FINALS = 40, 6, 8
# A search whose last round was this much nearer than its worst was on its way when it was given up.
_NEARER = 0.8
# Draws weighted to other coefficients count for this share at least, or new ones are made there.
_WEIGHT = 0.3
_AGREE = 1.1


@dataclass(frozen=True)
class Sampling:
    """How much is simulated. `effective`: effective draws at the end, of every statistic, whose square root is how many
    times larger a standard error is than its error of simulation; `early`: on the way. `chains` decide the result;
    threads do not. `error`: wanted standard error of the simulated log-likelihood. `approach`: proposals, beside
    2,000 a tie, after which a search that has not come near the observed network is given up.
    """

    chains: int = 4
    effective: float = 1000.0
    early: float = 120.0
    error: float = 0.1
    approach: int = 30_000_000
    bridges: int = 12


@dataclass(frozen=True)
class MonteCarlo:
    """What simulation found: `theta`, `cov` (with the error of simulation in it), `mc_error` of theta, log-likelihood
    and its standard error of simulation, statistics at theta (`sample`, in the order of `names`), rounds taken.
    """

    names: tuple[str, ...]
    observed: np.ndarray
    theta: np.ndarray
    cov: np.ndarray
    mc_error: np.ndarray
    log_likelihood: float
    log_likelihood_error: float
    exact_part: float
    sample: Sample
    rounds: int
    proposals: int

    @cached_property
    def diagnostics(self) -> pd.DataFrame:
        """By term: observed statistic, simulated mean and sd, effective draws, split R-hat, error of simulation."""
        return pd.DataFrame(
            {
                "term": self.names,
                "observed": self.observed,
                "simulated_mean": self.sample.flat.mean(axis=0),
                "simulated_sd": self.sample.flat.std(axis=0, ddof=1),
                "ess": self.sample.ess,
                "rhat": self.sample.rhat,
                "mc_error": self.mc_error,
            }
        )

    @cached_property
    def trace(self) -> pd.DataFrame:
        """Statistics of the last sample: chain, draw, a column a term."""
        chains, draws, _ = self.sample.statistics.shape
        index = pd.MultiIndex.from_product([range(chains), range(draws)], names=["chain", "draw"])
        return pd.DataFrame(self.sample.flat, index=index, columns=list(self.names)).reset_index()

    def record(self) -> dict[str, Any]:
        """For the evidence of a fit."""
        chains, draws, _ = self.sample.statistics.shape
        notes = []
        if self.log_likelihood < self.exact_part - 2 * self.log_likelihood_error:
            notes.append("the log-likelihood is below that of a smaller model, by more than its error of simulation")
        return {
            "chains": chains,
            "draws": chains * draws,
            "interval": self.sample.interval,
            "effective_draws": float(self.sample.ess.min()),
            "rhat": float(self.sample.rhat.max()),
            "rounds": self.rounds,
            "proposals": self.proposals,
            "log_likelihood_by": "path sampling from the exact part of the model",
            "log_likelihood_error": self.log_likelihood_error,
            "exact_part_log_likelihood": self.exact_part,
            "notes": tuple(notes),
        }


@dataclass
class _Search:
    """The state of a search: coefficients inside (`place`), those that last behaved (`good`), and what was spent."""

    model: Model
    engine: Engine
    chains: list[Chain]
    sampling: Sampling
    seed: int
    project: np.ndarray
    goal: np.ndarray
    place: np.ndarray
    interval: int
    good: np.ndarray | None = None
    seen: Sample | None = None
    rounds: int = 0
    falls: int = 0
    proposals: int = 0

    def theta(self, place: np.ndarray) -> np.ndarray:
        """All coefficients in units of the user, offsets last."""
        return np.concatenate([self.project[: len(place)] @ place, np.array(self.model.fixed)])

    def simulate(self, wanted: float, most: int) -> Sample:
        """Draw at the place, in inside statistics."""
        found = draw(
            self.engine, self.chains, self.theta(self.place), self.project, wanted, self.interval, most, self.fallen
        )
        self.interval, self.rounds, self.proposals = found.interval, self.rounds + 1, self.proposals + found.proposals
        return found

    def fallen(self, chains: Sequence[Chain]) -> bool:
        """Whether a chain has left for networks that are nearly empty, or half way to complete."""
        network = self.model.network
        counts, ties = [int(chain.state[6][0]) for chain in chains], network.n_ties
        # Small networks reach both by chance alone.
        chance = 6 * np.sqrt(ties * (1 - network.density))
        high, low = max((ties + network.n_dyads) / 2, 1.5 * ties, ties + chance), min(0.1 * ties, ties - chance)
        return max(counts) > high or min(counts) < low

    def restart(self) -> None:
        """Chains back to the observed network."""
        self.chains = chains_of(
            self.engine, self.model.network.ties, self.sampling.chains, self.seed + 1000 * (self.falls + 1)
        )


def fit_by_simulation(
    model: Model,
    start: np.ndarray | None,
    anchor: np.ndarray,
    known: float,
    sampling: Sampling,
    seed: int,
) -> MonteCarlo:
    """Maximum likelihood by simulation. `start`: coefficients to begin at, None for `anchor`, the exact maximum of the
    part of the model whose likelihood is known, with log-likelihood `known`.

    Raises DegenerateError, within the budget of proposals, when simulated networks stay unlike the observed one.
    """
    prepare()
    back, k = _back(model), len(model.free)
    engine = engine_of(model)
    project = np.concatenate([back, np.zeros((len(model.offsets), k))])
    inside = np.linalg.inv(back)
    search = _Search(
        model, engine, chains_of(engine, model.network.ties, sampling.chains, seed), sampling, seed, project,
        back.T @ model.statistics, inside @ (anchor if start is None else start), max(model.network.n_ties, 256),
    )  # fmt: skip
    _approach(search, inside @ anchor, tried_anchor=start is None)
    place, sample, information, noise = _finish(search)
    inverse = np.linalg.inv(information)
    mc = inverse @ noise @ inverse
    theta = back @ place
    outer = sample.statistics @ np.linalg.inv(back)
    LOG.info("coefficients found after %d rounds and %d proposals; now the log-likelihood", search.rounds,
             search.proposals)  # fmt: skip
    path = path_log_likelihood(
        engine, search.chains, model, search.theta(place), _anchor(model, anchor), sampling.bridges, sampling.error,
        max(search.interval // 8, 128),
    )  # fmt: skip
    return MonteCarlo(
        model.names, model.statistics, theta, back @ (inverse + mc) @ back.T, np.sqrt(np.diag(back @ mc @ back.T)),
        known + path.value, path.error, known, Sample(outer, sample.interval, sample.proposals, _ess(outer)),
        search.rounds, search.proposals + path.proposals,
    )  # fmt: skip


def _ess(draws: np.ndarray) -> np.ndarray:
    from models_py.network.chains import effective

    return effective(draws)


def engine_of(model: Model) -> Engine:
    """The sampler of a model, offsets last; it proposes dyads as likely as the terms of dyads alone make them."""
    alone, network = model.part(of_dyads), model.network
    everything = (*model.free, *model.offsets)
    if not alone.free or not 0 < network.n_ties < network.n_dyads:
        return Engine(network, everything)
    try:
        return Engine(network, everything, tie_probabilities(alone.design, fit_logistic(alone.design)[0]))
    except NetworkError:  # no maximum: any proposal will do
        return Engine(network, everything)


def _back(model: Model) -> np.ndarray:
    """L of the coefficients whose dyads are independent; the others are as they are."""
    alone, back = np.flatnonzero([of_dyads(one) for one in model.free]), np.eye(len(model.free))
    if len(alone):
        back[np.ix_(alone, alone)] = model.part(of_dyads).design.scaling.back
    return back


def _anchor(model: Model, anchor: np.ndarray) -> np.ndarray:
    """Where the path to the likelihood begins: offsets of degrees and shared partners at zero there."""
    fixed = [0.0 if one.tables else value for one, value in zip(model.offsets, model.fixed, strict=True)]
    return np.concatenate([anchor, np.array(fixed)])


def _approach(search: _Search, anchor: np.ndarray, tried_anchor: bool) -> None:
    """Move until the observed statistics lie well inside what is simulated."""
    budget, off = search.sampling.approach + 2000 * search.model.network.n_ties, [np.inf]
    while search.rounds < _ROUNDS and search.proposals < budget:
        sample = search.simulate(search.sampling.early, budget // 4)
        search.seen = sample
        if search.fallen(search.chains):
            search.falls += 1
            if search.falls > _FALLS:
                break
            back_to = anchor if search.good is None else search.good
            LOG.info("round %d: simulated networks left for empty or complete ones; going back", search.rounds)
            if search.good is None and tried_anchor:
                break
            tried_anchor = tried_anchor or search.good is None
            search.place = anchor if search.good is None else (back_to + search.place) / 2
            search.restart()
            continue
        search.good = search.place
        share = hull_share(sample.flat, search.goal)
        step, distance = _newton(sample.flat, search.goal, share)
        LOG.info("round %d: %.0f %% of the way inside what is simulated, %.2g sd off", search.rounds, 100 * share,
                 distance)  # fmt: skip
        search.place = search.place + step
        if share >= 1 and distance < 1:
            return
        off.append(distance)
    raise _given_up(search, off) if search.falls == 0 and off[-1] < _NEARER * max(off[1:]) else _degenerate(search)


def hull_share(draws: np.ndarray, goal: np.ndarray, margin: float = 1.05) -> float:
    """How far from the mean of the draws (m x k) towards the goal the hull of the draws reaches, 1 being there with a
    margin (Hummel, Hunter and Handcock 2012); by a linear program.
    """
    from scipy.optimize import linprog

    points = draws[:: max(1, len(draws) // 400)]
    scale = np.maximum(points.std(axis=0), 1e-12 * np.maximum(np.abs(points).max(axis=0), 1))
    mean = points.mean(axis=0)
    away, centred = (goal - mean) / scale, (points - mean) / scale
    m = len(points)
    equal = np.vstack([np.column_stack([centred.T, -away]), np.append(np.ones(m), 0.0)])
    found = linprog(
        np.append(np.zeros(m), -1.0),
        A_eq=equal,
        b_eq=np.append(np.zeros(len(away)), 1.0),
        bounds=[(0, None)] * m + [(0, 1.2)],
    )
    return min(float(found.x[-1]) / margin, 1.0) if found.status == 0 else 0.0


def _newton(draws: np.ndarray, goal: np.ndarray, share: float) -> tuple[np.ndarray, float]:
    """The step towards a share of the way to the goal, at most three sd long, and how many sd the goal is off."""
    away, cov = goal - draws.mean(axis=0), np.cov(draws.T).reshape(len(goal), -1)
    scale = np.sqrt(np.diag(cov)).clip(1e-12)
    inverse = np.linalg.pinv(cov / np.outer(scale, scale), rcond=1e-10, hermitian=True) / np.outer(scale, scale)
    step = inverse @ (share * away)
    length = float(np.sqrt(max(away @ inverse @ away, 0.0)))
    long = float(np.sqrt(max(step @ cov @ step, 0.0)))
    return step * min(1.0, 3.0 / max(long, 1e-12)), length


def _finish(search: _Search) -> tuple[np.ndarray, Sample, np.ndarray, np.ndarray]:
    """The maximum by weighted draws: place, draws, information, error of the mean."""
    wanted = search.sampling.effective
    for _ in range(_FINALS):
        sample = search.simulate(wanted, 400_000_000)
        search.seen = sample
        if search.fallen(search.chains) or sample.rhat.max() > _AGREE:
            break
        found = weighted_maximum(sample, search.goal)
        if found is not None:
            step, information, noise = found
            moved = float(np.sqrt(step @ information @ step))
            place = search.place + step
            if moved < 0.3:
                return place, sample, information, noise
            search.place = place
        else:
            share = hull_share(sample.flat, search.goal)
            search.place = search.place + _newton(sample.flat, search.goal, share)[0]
    raise _degenerate(search)


def weighted_maximum(sample: Sample, goal: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray] | None:
    """The step d with the mean of the draws, weighted by exp(d'g), at the goal; information and the covariance of that
    mean there. None where the weights leave too few draws.
    """
    draws, k = sample.flat, len(goal)
    centred, step = draws - goal, np.zeros(k)
    for _ in range(50):
        logs = centred @ step
        weights = np.exp(logs - logs.max())
        weights /= weights.sum()
        if 1 / float(weights @ weights) < _WEIGHT * len(draws):
            return None
        mean = weights @ centred
        cov = (centred - mean).T @ ((centred - mean) * weights[:, None])
        change = np.linalg.lstsq(cov, -mean, rcond=1e-12)[0]
        step = step + change
        if float(change @ cov @ change) < 1e-16:
            break
    shape = sample.statistics.shape
    noise = _batches((centred * weights[:, None] * len(draws)).reshape(shape))
    return step, cov, noise


def _batches(values: np.ndarray) -> np.ndarray:
    """Covariance of the mean of correlated draws (chains x draws x k), by means of batches."""
    chains, draws, k = values.shape
    size = max(1, int(np.sqrt(draws * chains) / 2))
    number = draws // size
    means = values[:, draws - number * size :].reshape(chains * number, size, k).mean(axis=1)
    return np.cov(means.T).reshape(k, k) / (chains * number)


def _given_up(search: _Search, off: Sequence[float]) -> NetworkError:
    """A search that came nearer round by round and was not there when its proposals were spent."""
    return NetworkError(
        f"not found within {search.proposals / 1e6:.0f} million proposals: round by round simulated networks came "
        f"nearer the observed one, from {max(off[1:]):.2g} to {off[-1]:.2g} standard deviations off, so that the model "
        "is not shown to be degenerate, but its chains move slowly. Allow more with Sampling(approach=...), or leave "
        "out the term that moves slowly"
    )


def _degenerate(search: _Search) -> DegenerateError:
    """What was observed and simulated, and what may be tried, in words."""
    assert search.seen is not None
    back = search.project[: len(search.place)]
    draws = search.seen.flat @ np.linalg.inv(back)
    table = pd.DataFrame(
        {
            "term": search.model.names,
            "observed": search.model.statistics,
            "simulated_mean": draws.mean(axis=0),
            "simulated_low": np.quantile(draws, 0.025, axis=0),
            "simulated_high": np.quantile(draws, 0.975, axis=0),
        }
    )
    rows: list[Mapping[str, Any]] = table.to_dict("records")  # type: ignore[assignment]
    told = "; ".join(
        f"{row['term']}: {row['observed']:,.6g} observed, {row['simulated_mean']:,.6g} simulated "
        f"({row['simulated_low']:,.6g} to {row['simulated_high']:,.6g})"
        for row in rows
    )
    return DegenerateError(
        "the model is degenerate, or nearly so: no coefficients were found at which simulated networks are like the "
        f"observed one. Last tried: {told}. Models with triangle, ttriad or counts of degrees often have networks that "
        "are nearly empty or nearly complete and none between. Try gwesp(0.25, fixed=True) in place of triangles, "
        "gwidegree, gwodegree or gwdegree in place of counts of degrees, or terms for what groups the places "
        "(nodematch, edgecov)",
        table,
    )
