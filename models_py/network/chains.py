"""Chains of networks: started, advanced in threads, judged by effective sample size and by how far they agree.

Belongs here: simulation from given coefficients. Does not belong here: finding coefficients (monte_carlo.py).

A chain has its own generator, seeded by its number; which thread runs it makes no difference.
Sources: Geyer (1992), Statistical Science 7(4), initial positive sequence; Vehtari and others (2021), Bayesian Analysis
16(2), split R-hat.
"""

import logging
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any

import numpy as np

from catalog.base import refuse
from models_py.network.graph import Network, NetworkError
from models_py.network.terms import COUNTED, Coefficient

LOG = logging.getLogger(__name__)
# Two-paths are counted in 16 bits.
MOST_PLACES = 20_000
_CLOSING, _ANSWERING = 0.1, 0.25
# Entries of the list of dyads to propose, for each dyad.
_SLOTS = 4
_BURN = 0.25
_KEPT, _CHUNK = 1024, 64
# Seconds between two remarks on progress.
_TELL = 5.0


@dataclass(frozen=True)
class Engine:
    """What the compiled sampler needs of a model: its coefficients, in their order, on a network's places; `likely`:
    roughly how likely each dyad is a tie (n x n), which changes how fast chains move and nothing else.
    """

    network: Network
    coefficients: tuple[Coefficient, ...]
    likely: np.ndarray | None = None

    @cached_property
    def dyads(self) -> tuple[np.ndarray, np.ndarray]:
        """Dyads to propose, each as often as it is likely to be a tie (`likely`, n x n; None: all alike), once at
        least; and one over its share of the list.
        """
        n = self.network.n
        every = ~np.eye(n, dtype=bool) if self.network.directed else np.triu(np.ones((n, n), dtype=bool), 1)
        codes = np.flatnonzero(every.ravel())
        weight = np.ones(len(codes)) if self.likely is None else self.likely[every]
        times = np.maximum(np.rint(_SLOTS * len(codes) * weight / weight.sum()), 1).astype(np.int64)
        rarity = np.ones((n, n))
        rarity[every] = times.sum() / times
        return np.repeat(codes, times).astype(np.int32), rarity

    @cached_property
    def columns(self) -> np.ndarray:
        """x_ij of the coefficients of dyads (n x n x k)."""
        every = np.arange(self.network.n)
        made = [one.values(every, every) for one in self.coefficients if one.values is not None]
        return np.ascontiguousarray(np.stack(made, axis=2)) if made else np.zeros((self.network.n, self.network.n, 0))

    @cached_property
    def of_dyads(self) -> np.ndarray:
        """Places of the coefficients of dyads."""
        return np.flatnonzero([one.values is not None for one in self.coefficients])

    @cached_property
    def _tables(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Rows of tables: which statistic each adds to (dyads first), of which kind, and the tables."""
        from models_py.network.sampler import KINDS

        order = {at: place for place, at in enumerate(self._order)}
        rows: list[tuple[int, int, np.ndarray]] = []
        for at, one in enumerate(self.coefficients):
            if one.mutual:
                rows.append((order[at], KINDS["mutual"], np.zeros(1)))
            rows += [(order[at], KINDS[name], table) for name, table in one.tables.items()]
        tables = np.zeros((len(rows), 2 * self.network.n))
        for place, (_, _, table) in enumerate(rows):
            tables[place, : len(table)] = table
        return np.array([r[0] for r in rows], dtype=np.int64), np.array([r[1] for r in rows], dtype=np.int64), tables

    @cached_property
    def _order(self) -> list[int]:
        """Places of the coefficients in the sampler's order: those of dyads first."""
        return sorted(range(len(self.coefficients)), key=lambda at: self.coefficients[at].values is None)

    @property
    def shared(self) -> bool:
        """Whether shared partners matter."""
        return any(name in one.tables for one in self.coefficients for name in ("otp", "itp"))

    @cached_property
    def shares(self) -> np.ndarray:
        """Shares of proposals (in 2^-31), cumulative: closing triads, answering ties."""
        closing = _CLOSING if self.shared else 0.0
        answering = _ANSWERING if any(one.mutual for one in self.coefficients) else 0.0
        return (np.array([closing, closing + answering]) * 2**31).astype(np.int64)

    def weights(self, theta: np.ndarray) -> tuple[Any, ...]:
        """Sums over coefficients, so that a proposal costs the same however many there are."""
        size = 2 * self.network.n + 1
        summed = {name: np.zeros(size) for name in COUNTED}
        mutual, has = 0.0, dict.fromkeys(("mutual", *COUNTED), False)
        for value, one in zip(theta, self.coefficients, strict=True):
            has["mutual"] |= one.mutual
            mutual += float(value) * one.mutual
            for name, table in one.tables.items():
                has[name] = True
                summed[name][: len(table)] += value * table
                summed[name][len(table) :] += value * table[-1]
        eta = np.ascontiguousarray(self.columns @ theta[self.of_dyads])
        step = {name: np.diff(table, append=table[-1]) for name, table in summed.items()}
        return (
            np.array(list(has.values()), dtype=np.bool_), eta, mutual, step["in"], step["out"], step["degree"],
            summed["otp"], step["otp"], summed["itp"], step["itp"],
        )  # fmt: skip

    def start(self, ties: np.ndarray) -> tuple[Any, ...]:
        """The state of the sampler at a network's ties."""
        n, directed = self.network.n, self.network.directed
        refuse((n > MOST_PLACES, f"simulation takes at most {MOST_PLACES} places, found {n}"), error=NetworkError)
        tails, heads = np.nonzero(ties if directed else np.triu(ties))
        most, size = n * (n - 1) // (1 if directed else 2), len(tails)
        position = np.full((n, n), -1, dtype=np.int32)
        position[tails, heads] = np.arange(size)
        lists = [np.zeros(most, dtype=np.int32) for _ in range(2)]
        lists[0][:size], lists[1][:size] = tails, heads
        if not directed:
            position[heads, tails] = np.arange(size)
        out = ties.sum(axis=1).astype(np.int64)
        into = ties.sum(axis=0).astype(np.int64) if directed else np.zeros(n, dtype=np.int64)
        if self.shared:
            bits = [_bits(ties), _bits(ties.T)]
            paths = np.rint(ties.astype(float) @ ties.astype(float)).astype(np.int16)
            np.fill_diagonal(paths, 0)
        else:
            bits, paths = [np.zeros((1, 1), dtype=np.uint64)] * 2, np.zeros((1, 1), dtype=np.int16)
        return (directed, self.shared, n, position, *lists, np.array([size]), into, out, *bits, paths)

    def sample(self, chain: "Chain", weights: tuple[Any, ...], draws: int, interval: int) -> np.ndarray:
        """Statistics (draws x k) of a chain, `interval` proposals apart."""
        from models_py.network.sampler import sample

        found = np.empty((draws, len(self.coefficients)))
        sample(
            chain.state, weights, self.dyads, chain.random, self.shares, interval, self.columns, *self._tables, found
        )
        return found[:, np.argsort(self._order)]


def _bits(ties: np.ndarray) -> np.ndarray:
    """Rows of bits, 64 to a word."""
    n = len(ties)
    padded = np.zeros((n, -(-n // 64) * 64), dtype=np.uint8)
    padded[:, :n] = ties
    return np.ascontiguousarray(np.packbits(padded, axis=1, bitorder="little")).view("<u8").astype(np.uint64)


@dataclass
class Chain:
    """A network being changed, and its generator. `state`: arrays of sampler.py."""

    state: tuple[Any, ...]
    random: np.ndarray

    def ties(self) -> np.ndarray:
        """The network as it stands (n x n, bool)."""
        return np.asarray(self.state[3] >= 0)


def chains_of(engine: Engine, ties: np.ndarray, count: int, seed: int) -> list[Chain]:
    """Chains that start at a network, each with a generator of its own."""
    words = [one.generate_state(4, np.uint64) for one in np.random.SeedSequence(seed).spawn(count)]
    return [Chain(engine.start(ties), np.array(word, dtype=np.uint64)) for word in words]


@dataclass(frozen=True)
class Sample:
    """Statistics of networks (chains x draws x k), `interval` proposals apart; `proposals` made in all; effective
    draws of each statistic.
    """

    statistics: np.ndarray
    interval: int
    proposals: int
    ess: np.ndarray

    @property
    def flat(self) -> np.ndarray:
        """All draws (m x k)."""
        return self.statistics.reshape(-1, self.statistics.shape[2])

    @cached_property
    def rhat(self) -> np.ndarray:
        """Split R-hat of each statistic."""
        return np.array([split_rhat(self.statistics[:, :, at]) for at in range(self.statistics.shape[2])])


def draw(
    engine: Engine,
    chains: Sequence[Chain],
    theta: np.ndarray,
    project: np.ndarray,
    wanted: float,
    interval: int,
    most: int,
    stop: Callable[[Sequence[Chain]], bool] = lambda _: False,
) -> Sample:
    """Sample statistics times `project` (k x m) until each has `wanted` effective draws, or `most` proposals were
    made, or `stop` says so of the chains.

    The first quarter is left out as the way from where the chains were. Draws that are too many to keep are thinned,
    and the interval doubled.
    """
    weights, total, first = engine.weights(theta), 0, True
    made: list[np.ndarray] = []
    began = told = time.perf_counter()
    with ThreadPoolExecutor(max_workers=len(chains)) as threads:
        while True:
            ahead = partial(engine.sample, weights=weights, draws=_CHUNK, interval=interval)
            new = [found @ project for found in threads.map(ahead, chains)]
            made = new if first else [np.concatenate(pair) for pair in zip(made, new, strict=True)]
            first, total = False, total + _CHUNK * interval * len(chains)
            held = np.stack(made)
            kept = held[:, int(_BURN * held.shape[1]) :]
            ess = effective(kept)
            if ess.min() >= wanted or total >= most or stop(chains):
                return Sample(kept, interval, total, ess)
            told = _progress(told, began, ess.min() / wanted)
            if held.shape[1] >= _KEPT:
                made, interval = [one[1::2] for one in made], 2 * interval


def _progress(told: float, began: float, share: float) -> float:
    """Say every few seconds how far sampling is and how long it may take; returns when it was last said."""
    now = time.perf_counter()
    if now - told < _TELL:
        return told
    left = (now - began) * (1 / max(share, 1e-3) - 1)
    LOG.info("%.0f %% of the effective draws wanted; about %.0f s left", 100 * share, left)
    return now


def networks(
    engine: Engine, theta: np.ndarray, ties: np.ndarray, count: int, interval: int, burn: int, seed: int
) -> list[np.ndarray]:
    """Ties of `count` networks from one chain, `interval` proposals apart after `burn`."""
    (chain,) = chains_of(engine, ties, 1, seed)
    weights, found = engine.weights(theta), []
    engine.sample(chain, weights, 1, burn)
    for _ in range(count):
        engine.sample(chain, weights, 1, interval)
        found.append(chain.ties().copy())
    return found


def effective(draws: np.ndarray) -> np.ndarray:
    """Effective number of draws (chains x draws x k) for the mean of each statistic; constant ones count in full."""
    _, m, k = draws.shape
    return np.array([_effective(draws[:, :, at]) if m > 3 else 0.0 for at in range(k)])


def _effective(draws: np.ndarray) -> float:
    chains, m = draws.shape
    centred = draws - draws.mean(axis=1, keepdims=True)
    size = 1 << (2 * m - 1).bit_length()
    spectrum = np.abs(np.fft.rfft(centred, size, axis=1)) ** 2
    auto = np.fft.irfft(spectrum, size, axis=1)[:, :m].mean(axis=0) / m
    between = float(draws.mean(axis=1).var(ddof=1)) if chains > 1 else 0.0
    total = auto[0] * m / (m - 1) + between - auto[0] / (m - 1)
    scale = float(np.abs(draws).max())
    if total <= (1e-12 * scale) ** 2:
        return float(chains * m)
    rho = 1 - (auto[0] - auto) / total
    pairs = rho[0 : 2 * (m // 2) : 2] + rho[1 : 2 * (m // 2) : 2]
    stop = int(np.argmax(pairs < 0)) if (pairs < 0).any() else len(pairs)
    tau = max(-1 + 2 * float(np.minimum.accumulate(pairs[:stop]).sum()), 1 / np.log10(max(chains * m, 10)))
    return min(chains * m / tau, float(chains * m))


def split_rhat(draws: np.ndarray) -> float:
    """Split R-hat of one statistic (chains x draws): 1 when halves of chains agree; 1 for a constant."""
    half = draws.shape[1] // 2
    parts = np.concatenate([draws[:, :half], draws[:, -half:]])
    within, between = float(parts.var(axis=1, ddof=1).mean()), float(parts.mean(axis=1).var(ddof=1))
    if within <= 0:
        return 1.0 if between <= 0 else float("inf")
    return float(np.sqrt((half - 1) / half + between / within))


def prepare() -> None:
    """Load the compiled sampler, or compile it, which happens once on a machine, and say so in the log."""
    began = time.perf_counter()
    from models_py.network import sampler

    if sampler.sample.signatures:
        return
    LOG.info("loading the compiled sampler; the first time on a machine it is compiled, which takes some seconds")
    import pandas as pd

    tiny = Network((0, 1, 2), True, np.zeros((3, 3), dtype=bool), pd.DataFrame(index=range(3)))
    engine = Engine(tiny, (Coefficient("edges", lambda i, j: np.ones((len(i), len(j)))),))
    (chain,) = chains_of(engine, tiny.ties, 1, 0)
    engine.sample(chain, engine.weights(np.zeros(1)), 1, 1)
    fresh = sum(sampler.sample.stats.cache_misses.values())
    how = "compiled and cached" if fresh else "loaded from the cache"
    LOG.info("sampler %s in %.1f s", how, time.perf_counter() - began)
