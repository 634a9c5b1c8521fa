"""Network models: exact fits beside bare numpy, 2,843 places, and the sampler beside bare compiled loops.

Belongs here: timing both in one process, turn by turn, and writing the evidence. Data are simulated.

    python -m benchmarks.ergm
"""

import resource
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median
from typing import Any

import numpy as np
import pandas as pd

from catalog.base import PROJECT_DIR
from medpanel import __version__
from models_py.network import ErgmFit, fit_ergm
from models_py.network.chains import chains_of, prepare
from models_py.network.graph import network_of
from models_py.network.model import model_of
from models_py.network.monte_carlo import engine_of
from models_py.network.simulate import simulated_ties

EVIDENCE = PROJECT_DIR / "docs" / "evidence" / "ergm.md"
ROUNDS, PLACES, MANY, PROPOSALS = 9, 288, 2843, 4_000_000
# Seconds others took on two cores for networks of this kind (README of the reference cases).
R_DYADS, PEER_DYADS, R_PAIRS, PEER_PAIRS, PEER_GWESP = 2.2, 0.09, 19.4, 15.6, 70.0
TERMS = ["edges", "nodeicov('x')", "nodeocov('x')", "edgecov('L')"]
TRUTH = np.array([0.2, 0.3, 0.2, -1.2, 1.5])
SECONDS, GIB, OF_MUTUAL, OF_GWESP = 60.0, 4.0, 0.7, 0.75


@dataclass(frozen=True)
class Data:
    """What a fit is given."""

    nodes: pd.DataFrame
    edges: pd.DataFrame
    dyads: dict[str, pd.DataFrame]

    def fit(self, terms: list[str], **options: Any) -> ErgmFit:
        """The fit of terms."""
        return fit_ergm(self.nodes, self.edges, terms, self.dyads, **options)


def data_of(n: int, terms: list[str], theta: np.ndarray, seed: int = 0) -> Data:
    """`n` places on a square, x normal, L the logarithm of their distance, a network drawn from terms and theta."""
    rng = np.random.default_rng(seed)
    points, names = rng.uniform(0, 40, size=(n, 2)), pd.RangeIndex(n)
    nodes = pd.DataFrame({"x": rng.normal(size=n), "g": rng.integers(0, 8, size=n)}, index=names)
    nodes = nodes.assign(**{f"x{at}": rng.normal(size=n) for at in range(5)})
    apart = np.hypot(*(points[:, None] - points).transpose(2, 0, 1))
    np.fill_diagonal(apart, 1)
    dyads = {"L": pd.DataFrame(np.log(apart.clip(0.1)), names, names)}
    some = pd.DataFrame({"origin": [0, 1, 1], "destination": [1, 0, 2]})
    model = model_of(network_of(nodes, some, dyads), terms)
    blank = ErgmFit(model, None, pd.DataFrame(), {}, {})  # type: ignore[arg-type]
    i, j = np.nonzero(simulated_ties(blank, theta, 1, seed)[0])
    return Data(nodes, pd.DataFrame({"origin": i, "destination": j}), dyads)


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    """Seconds the work took, and what it made."""
    began = time.perf_counter()
    made = work()
    return time.perf_counter() - began, made


def bare_logit(data: Data) -> np.ndarray:
    """The exact fit of independent dyads by hand: no checks, no labels, no scaling; eight Newton steps."""
    n = len(data.nodes)
    x, off = data.nodes["x"].to_numpy(), ~np.eye(n, dtype=bool)
    columns = np.stack([np.ones((n, n)), np.tile(x, (n, 1)), np.tile(x[:, None], n), data.dyads["L"].to_numpy()])
    columns, y = columns[:, off], np.zeros((n, n))
    y[data.edges["origin"], data.edges["destination"]] = 1
    tied, b = y[off], np.zeros(4)
    for _ in range(8):
        p = 1 / (1 + np.exp(-(b @ columns)))
        b = b + np.linalg.solve((columns * (p * (1 - p))) @ columns.T, columns @ (tied - p))
    return b


def bare_loops() -> tuple[Callable[..., int], Callable[..., int]]:
    """The same proposals written out for one model each: edges, covariates and mutual; and OTP shared partners too."""
    from numba import njit

    from models_py.network.sampler import _lowest_bit, random_word

    low, one = np.uint64(0xFFFFFFFF), np.uint64(1)

    @njit(nogil=True)
    def mutual(eta, rho, slots, rarity, position, tails, heads, ties, random, proposals):  # type: ignore[no-untyped-def]
        n = eta.shape[0]
        for _ in range(proposals):
            word = random_word(random)
            bits = word & low
            if (word >> np.uint64(33)) & one and ties > 0:
                at = np.int64((bits * np.uint64(ties)) >> np.uint64(32))
                i, j = np.int64(tails[at]), np.int64(heads[at])
            else:
                at = np.int64(slots[np.int64((bits * np.uint64(len(slots))) >> np.uint64(32))])
                i = at // n
                j = at - i * n
            tie = position[i, j] >= 0
            gain = eta[i, j] + (rho if position[j, i] >= 0 else 0.0)
            if tie:
                chance = np.exp(-gain) / (1 + rarity[i, j] / ties)
            else:
                chance = np.exp(gain) * (1 + rarity[i, j] / (ties + 1))
            if chance >= 1 or (random_word(random) >> np.uint64(11)) * 2.0**-53 < chance:
                if tie:
                    at, ties = position[i, j], ties - 1
                    a, b = tails[ties], heads[ties]
                    tails[at], heads[at], position[a, b], position[i, j] = a, b, at, -1
                else:
                    tails[ties], heads[ties], position[i, j] = i, j, ties
                    ties += 1
        return ties

    @njit(nogil=True)
    def gwesp(eta, rho, own, step, out, back, paths, slots, rarity, position, tails, heads, ties, random, proposals):  # type: ignore[no-untyped-def]
        n, words = eta.shape[0], out.shape[1]
        for _ in range(proposals):
            word = random_word(random)
            bits = word & low
            if (word >> np.uint64(33)) & one and ties > 0:
                at = np.int64((bits * np.uint64(ties)) >> np.uint64(32))
                i, j = np.int64(tails[at]), np.int64(heads[at])
            else:
                at = np.int64(slots[np.int64((bits * np.uint64(len(slots))) >> np.uint64(32))])
                i = at // n
                j = at - i * n
            tie = 1 if position[i, j] >= 0 else 0
            gain = eta[i, j] + (rho if position[j, i] >= 0 else 0.0) + own[paths[i, j]]
            for w in range(words):
                shared = out[i, w] & out[j, w]
                while shared:
                    gain += step[paths[i, w * 64 + np.int64(_lowest_bit(shared))] - tie]
                    shared &= shared - one
                shared = back[i, w] & back[j, w]
                while shared:
                    gain += step[paths[w * 64 + np.int64(_lowest_bit(shared)), j] - tie]
                    shared &= shared - one
            if tie:
                chance = np.exp(-gain) / (1 + rarity[i, j] / ties)
            else:
                chance = np.exp(gain) * (1 + rarity[i, j] / (ties + 1))
            if chance >= 1 or (random_word(random) >> np.uint64(11)) * 2.0**-53 < chance:
                if tie:
                    at, ties = position[i, j], ties - 1
                    a, b = tails[ties], heads[ties]
                    tails[at], heads[at], position[a, b], position[i, j] = a, b, at, -1
                else:
                    tails[ties], heads[ties], position[i, j] = i, j, ties
                    ties += 1
                by = 1 - 2 * tie
                out[i, j >> 6] ^= one << np.uint64(j & 63)
                back[j, i >> 6] ^= one << np.uint64(i & 63)
                for w in range(words):
                    partners = out[j, w]
                    while partners:
                        paths[i, w * 64 + np.int64(_lowest_bit(partners))] += by
                        partners &= partners - one
                    partners = back[i, w]
                    while partners:
                        paths[w * 64 + np.int64(_lowest_bit(partners)), j] += by
                        partners &= partners - one
        return ties

    return mutual, gwesp


def proposals_per_second(data: Data, theta: np.ndarray, terms: list[str]) -> list[tuple[float, float]]:
    """Of the sampler and of the bare loop, turn by turn, from the same network with the same proposals, one thread."""
    from models_py.network import sampler

    deep = len(terms) > 5
    loop, model = bare_loops()[deep], model_of(network_of(data.nodes, data.edges, data.dyads), terms)
    engine, none, found = engine_of(model), np.zeros(2, dtype=np.int64), []
    weights = engine.weights(theta)

    def ours(count: int) -> Any:
        (chain,) = chains_of(engine, model.network.ties, 1, 0)
        return timed(lambda: sampler.advance(chain.state, weights, engine.dyads, chain.random, none, count))[0]

    def bare(count: int) -> Any:
        (chain,) = chains_of(engine, model.network.ties, 1, 0)
        _, _, _, position, tails, heads, size, _, _, out, back, paths = chain.state
        extra = (weights[6], weights[7], out, back, paths) if deep else ()
        rest = (*engine.dyads, position, tails, heads, int(size[0]), chain.random, count)
        return timed(lambda: loop(weights[1], weights[2], *extra, *rest))[0]

    ours(1000), bare(1000)
    for _ in range(5):
        found.append((PROPOSALS / ours(PROPOSALS), PROPOSALS / bare(PROPOSALS)))
    return found


def exact_times() -> tuple[Data, Data, list[tuple[float, float]], list[float], float]:
    """288 places: rounds of ours and bare numpy for dyads, rounds of ours for pairs, largest difference."""
    dyads, pairs = (
        data_of(PLACES, TERMS, TRUTH[:4] + np.array([0.8, 0, 0, 0])),
        data_of(PLACES, [*TERMS, "mutual"], TRUTH),
    )
    gap = float(np.abs(dyads.fit(TERMS).theta - bare_logit(dyads)).max())
    rounds = [(timed(lambda: dyads.fit(TERMS))[0], timed(lambda: bare_logit(dyads))[0]) for _ in range(ROUNDS)]
    mutual = [timed(lambda: pairs.fit([*TERMS, "mutual"]))[0] for _ in range(ROUNDS)]
    return dyads, pairs, rounds, mutual, gap


def many_places() -> tuple[float, float, float]:
    """Seconds and peak memory (GiB) of 2,843 places and ten terms, and the largest error of a coefficient in se."""
    theta = np.array([-3.0, 0.3, 0.2, -0.8, 0.5, 0.1, -0.1, 0.2, 0.0, -0.2])
    terms = [*TERMS, "nodematch('g')", *(f"nodeicov('x{at}')" for at in range(5))]
    data = data_of(MANY, terms, theta)
    seconds, fit = timed(lambda: data.fit(terms))
    off = np.abs(fit.theta - theta) / fit.estimates["std_error"].to_numpy()
    return seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20, float(off.max())


def main() -> int:
    """Run, write the evidence; exit code 1 when a limit is passed."""
    seconds, memory, off = many_places()
    _, pairs, rounds, mutual, gap = exact_times()
    # The best round is what the work takes; others waited for the machine.
    ours, bare, of_pairs = min(o for o, _ in rounds), min(b for _, b in rounds), min(mutual)
    prepare()
    deep = [*TERMS, "mutual", "gwesp(0.5, fixed=True)"]
    start = pairs.fit(deep, estimator="pseudo").theta
    shallow = proposals_per_second(pairs, pairs.fit(deep[:5]).theta, deep[:5])
    shared = proposals_per_second(pairs, start, deep)
    share = [median(o / b for o, b in found) for found in (shallow, shared)]
    used = time.process_time()
    long, fit = timed(lambda: pairs.fit(deep))
    used = time.process_time() - used
    simulated = fit.solution.simulated
    assert simulated is not None
    limits = (
        seconds <= SECONDS, memory <= GIB, ours <= PEER_DYADS, of_pairs <= PEER_PAIRS / 50, gap < 1e-6, off < 4.5,
        share[0] >= OF_MUTUAL, share[1] >= OF_GWESP, long <= PEER_GWESP / 2,
    )  # fmt: skip
    text = f"""# Network models: time

Synthetic data only: simulated networks, not statistics. 仅为模拟数据。

- Made by `python -m benchmarks.ergm`, medpanel {__version__}. Times of R and ergmx are those recorded with the
  reference cases for networks of this kind on two cores; neither is installed here.
- {PLACES} places, four terms, from data frames to result, exact: {1000 * ours:.0f} ms
  (ergmx {1000 * PEER_DYADS:.0f} ms, R ergm {R_DYADS:.1f} s: {R_DYADS / ours:.0f} times ours);
  bare numpy without checks or scaling {1000 * bare:.0f} ms, best of {ROUNDS} rounds turn by turn.
  Coefficients differ by {gap:.1e}.
- The same with mutual, exact: {1000 * of_pairs:.0f} ms (ergmx {PEER_PAIRS:.1f} s, {PEER_PAIRS / of_pairs:.0f} times
  ours; R ergm {R_PAIRS:.1f} s).
- {MANY} places, {MANY * (MANY - 1):,} dyads, ten terms, exact: {seconds:.0f} s, {memory:.1f} GiB at most
  ({SECONDS:.0f} s and {GIB:.0f} GiB allowed); coefficients within {off:.1f} standard errors of the planted ones.
- Proposals a second, one thread, same proposals, five rounds turn by turn, against a bare compiled loop for that model:
  mutual {median(o for o, _ in shallow) / 1e6:.1f} M against {median(b for _, b in shallow) / 1e6:.1f} M, {share[0]:.2f}
  ({OF_MUTUAL} asked); with gwesp(0.5) {median(o for o, _ in shared) / 1e6:.1f} M against
  {median(b for _, b in shared) / 1e6:.1f} M, {share[1]:.2f} ({OF_GWESP} asked).
- {PLACES} places with mutual and gwesp(0.5), Monte Carlo maximum likelihood with log-likelihood: {long:.0f} s,
  {used:.0f} s of processor (ergmx {PEER_GWESP:.0f} s, R ergm 827 s);
  {float(simulated.sample.ess.min()):.0f} effective draws of every statistic or more, log-likelihood
  {simulated.log_likelihood:.2f} with a simulation error of {simulated.log_likelihood_error:.3f},
  {simulated.proposals / 1e6:.0f} M proposals.
- Verdict: {"pass" if all(limits) else "FAIL"}.
"""
    EVIDENCE.write_text(text, encoding="utf-8", newline="\n")
    sys.stdout.buffer.write(text.encode("utf-8"))
    return 0 if all(limits) else 1


if __name__ == "__main__":
    sys.exit(main())
