"""The likelihood of pairs that do not depend on each other: four states a pair, exact and never simulated.

With s the sum of x'theta over the ties of a state, and rho added where both stand,

    P(i -> j alone) = e^{x_ij'b} / Z,  P(j -> i alone) = e^{x_ji'b} / Z,  P(both) = e^{x_ij'b + x_ji'b + rho} / Z

A dyad that was not observed is summed over. Source: Holland and Leinhardt (1981), J Am Stat Assoc 76(373).
Belongs here: that likelihood and its maximum. Does not belong here: columns of dyads (design.py).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from models_py.network import design as design_module
from models_py.network.design import Design
from models_py.network.graph import NetworkError
from models_py.network.logistic import unbounded
from models_py.network.newton import Height, NoMaximumError, maximise
from models_py.network.terms import Values

_WRONG = 1e-6


@dataclass(frozen=True)
class Pairs:
    """Columns of i -> j and j -> i (k x m each), their offsets, and which states fit what was observed (4 x m): none,
    i -> j alone, j -> i alone, both.
    """

    forward: np.ndarray
    back: np.ndarray
    offset_forward: np.ndarray
    offset_back: np.ndarray
    fits: np.ndarray


@dataclass(frozen=True)
class PairDesign:
    """A design of dyads (`design`, without mutual) seen pair by pair; `shift` is a fixed coefficient of mutual."""

    design: Design
    free: bool
    shift: float = 0.0

    @cached_property
    def _kept(self) -> list[Pairs]:
        return list(self._made())

    def pairs(self) -> Iterator[Pairs]:
        """Blocks of pairs with an observed dyad."""
        small = self.design.network.n_dyads * self.design.k <= design_module.KEPT
        return iter(self._kept) if small else self._made()

    def _made(self) -> Iterator[Pairs]:
        network, scaling = self.design.network, self.design.scaling
        seen = network.eligible
        every = np.triu(seen | seen.T)
        shift = None if self.design.shift is None else _turned(self.design.shift)
        reverse = Design(network, self.design.names, tuple(_turned(one) for one in self.design.values), shift)
        for one, other in zip(self.design.raw(every), reverse.raw(every), strict=True):
            there, back = ((part.x - scaling.centre[:, None]) / scaling.spread[:, None] for part in (one, other))
            i, j = one.rows, one.columns
            known = np.stack([seen[i, j], seen[j, i]])
            tied = np.stack([network.ties[i, j], network.ties[j, i]])
            states = np.array([[False, True, False, True], [False, False, True, True]])
            fits = np.logical_and.reduce([~known[side] | (states[side][:, None] == tied[side]) for side in (0, 1)])
            yield Pairs(there, back, one.offset, other.offset, fits)

    def likelihood(self, b: np.ndarray) -> Height:
        """At coefficients inside, mutual last if it is free."""
        k, free = self.design.k, int(self.free)
        rho = float(b[k]) if self.free else self.shift
        value, gradient, information = 0.0, np.zeros(k + free), np.zeros((k + free, k + free))
        for pairs in self.pairs():
            logs = state_logits(pairs, b[:k], rho)
            top = logs.max(axis=0)
            weights = np.exp(logs - top)
            total, fitting = weights.sum(axis=0), (weights * pairs.fits).sum(axis=0)
            value += float((np.log(fitting) - np.log(total)).sum())
            model, given = _moments(weights / total), _moments(weights * pairs.fits / fitting)
            gradient += _sum(pairs, given)[: k + free] - _sum(pairs, model)[: k + free]
            spread = _covariance(pairs, model) - _covariance(pairs, given)
            information += spread[: k + free, : k + free]
        return Height(value, gradient, information)

    def fit(self, start: np.ndarray) -> tuple[np.ndarray, Height]:
        """The maximum, inside. Raises NetworkError naming the terms along which there is none."""
        try:
            return maximise(self.likelihood, start)
        except NoMaximumError as error:
            names = (*self.design.names, *(["mutual"] if self.free else []))
            for direction in error.directions:
                if self._unbounded(direction):
                    raise NetworkError(unbounded(names, direction)) from None
            raise NetworkError("the likelihood has no maximum that could be found") from None

    def _unbounded(self, direction: np.ndarray) -> bool:
        """Whether in no pair a state that was not observed gains along the direction."""
        k, worst, far = self.design.k, 0.0, 0.0
        for pairs in self.pairs():
            logs = state_logits(pairs, direction[:k], float(direction[k]) if self.free else 0.0, offsets=False)
            best = np.where(pairs.fits, logs, -np.inf).max(axis=0)
            worst = max(worst, float((logs.max(axis=0) - best).max(initial=0.0)))
            far = max(far, float(np.abs(logs).max(initial=0.0)))
        return worst <= _WRONG * far


def _turned(values: Values) -> Values:
    """The columns of the dyads the other way round."""
    return lambda i, j: values(j, i).T


def state_logits(pairs: Pairs, beta: np.ndarray, rho: float, offsets: bool = True) -> np.ndarray:
    """Log-weights of the four states (4 x m)."""
    there, back = beta @ pairs.forward, beta @ pairs.back
    if offsets:
        there, back = there + pairs.offset_forward, back + pairs.offset_back
    return np.stack([np.zeros_like(there), there, back, there + back + rho])


def _moments(p: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Probabilities of i -> j, of j -> i and of both."""
    return p[1] + p[3], p[2] + p[3], p[3]


def _sum(pairs: Pairs, moments: tuple[np.ndarray, np.ndarray, np.ndarray]) -> np.ndarray:
    """Expected statistics, mutual last."""
    there, back, both = moments
    return np.append(pairs.forward @ there + pairs.back @ back, both.sum())


def _covariance(pairs: Pairs, moments: tuple[np.ndarray, np.ndarray, np.ndarray]) -> np.ndarray:
    """Covariance of the statistics, mutual last."""
    there, back, both = moments
    f, r = pairs.forward, pairs.back
    crossed = (f * (both - there * back)) @ r.T
    block = (f * (there * (1 - there))) @ f.T + (r * (back * (1 - back))) @ r.T + crossed + crossed.T
    edge = f @ (both * (1 - there)) + r @ (both * (1 - back))
    return np.block([[block, edge[:, None]], [edge[None, :], np.array([[float((both * (1 - both)).sum())]])]])
