"""Change statistics of the dyads as columns, block of rows by block, scaled inside and scaled back.

Belongs here: what an exact likelihood or the pseudo-likelihood is made of, in memory that does not grow with the
number of dyads, and what it refuses. Does not belong here: the likelihoods (logistic.py, pairs.py).

With edges among the terms a column is (x - mean) / sd, else x / root mean square, so that neither yuan nor a mean far
from zero costs digits. Statistics are linear in the columns, hence coefficients in units of the user are L b of those
inside, and their covariance L C L'.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from catalog.base import refuse
from models_py.econometrics.absorption import independent_columns
from models_py.network.graph import Network, NetworkError
from models_py.network.terms import Coefficient, Values

# Cells of one block, and of all blocks kept from one pass to the next.
BLOCK, KEPT = 2**21, 2**27
_FLAT = 1e-12


@dataclass(frozen=True)
class Scaling:
    """Column k is (x - centre) / spread; `edges` its place, None without the term."""

    centre: np.ndarray
    spread: np.ndarray
    edges: int | None

    @property
    def back(self) -> np.ndarray:
        """L: from coefficients inside to those of the user."""
        matrix = np.diag(1 / self.spread)
        if self.edges is not None:
            matrix[self.edges] -= self.centre / self.spread
        return matrix


@dataclass(frozen=True)
class Moments:
    """Of each column over the dyads: mean, sd, root mean square, range; dyads that are not zero, and ties of those."""

    mean: np.ndarray
    sd: np.ndarray
    square: np.ndarray
    low: np.ndarray
    high: np.ndarray
    cells: np.ndarray
    tied: np.ndarray


@dataclass(frozen=True)
class Block:
    """Columns (k x m), ties (m) and offset (m) of some dyads, and where they stand (`rows`, `columns`)."""

    x: np.ndarray
    y: np.ndarray
    offset: np.ndarray
    rows: np.ndarray
    columns: np.ndarray


@dataclass(frozen=True)
class Design:
    """Columns `values` of the coefficients `names`, and what is added with a fixed coefficient (`shift`)."""

    network: Network
    names: tuple[str, ...]
    values: tuple[Values, ...]
    shift: Callable[[np.ndarray, np.ndarray], np.ndarray] | None = None

    @property
    def k(self) -> int:
        """Number of columns."""
        return len(self.names)

    def raw(self, eligible: np.ndarray | None = None) -> Iterator[Block]:
        """Blocks in units of the user, of the dyads that count or of those of `eligible` (n x n)."""
        wanted, n = self.network.eligible if eligible is None else eligible, self.network.n
        every, height = np.arange(n), max(1, BLOCK // (n * max(self.k, 1)))
        for first in range(0, n, height):
            i = every[first : first + height]
            at = np.flatnonzero(wanted[i].ravel())
            rows, columns = i[at // n], at % n
            x = np.empty((self.k, len(at)))
            for place, value in enumerate(self.values):
                x[place] = value(i, every).ravel()[at]
            offset = np.zeros(len(at)) if self.shift is None else self.shift(i, every).ravel()[at]
            yield Block(x, self.network.ties[rows, columns].astype(float), offset, rows, columns)

    @cached_property
    def moments(self) -> Moments:
        """Moments of the columns, in two passes so that a mean far from zero costs nothing."""
        n, k = self.network.n_dyads, self.k
        total, cells, tied = np.zeros(k), np.zeros(k), np.zeros(k)
        low, high = np.full(k, np.inf), np.full(k, -np.inf)
        for block in self.raw():
            total += block.x.sum(axis=1)
            cells += np.count_nonzero(block.x, axis=1)
            tied += (block.x != 0) @ block.y
            if block.x.shape[1]:
                low, high = np.minimum(low, block.x.min(axis=1)), np.maximum(high, block.x.max(axis=1))
        mean = total / n
        centred = sum((((block.x - mean[:, None]) ** 2).sum(axis=1) for block in self.raw()), np.zeros(k))
        variance = centred / n
        return Moments(mean, np.sqrt(variance), np.sqrt(variance + mean**2), low, high, cells, tied)

    @cached_property
    def scaling(self) -> Scaling:
        """How the columns are scaled. Raises NetworkError for one that does not vary."""
        found, k = self.moments, self.k
        flat = found.high - found.low <= _FLAT * np.maximum(np.abs(found.high), np.abs(found.low))
        edges = self.names.index("edges") if "edges" in self.names else None
        for at in np.flatnonzero(flat):
            same = edges is not None and at != edges
            refuse(
                (found.high[at] == 0, f"{self.names[at]} is zero for every dyad: it has no coefficient"),
                (same, f"{self.names[at]} is {found.mean[at]:g} for every dyad: the same as edges; leave it out"),
                error=NetworkError,
            )
        if edges is None:
            return Scaling(np.zeros(k), found.square, None)
        other = np.arange(k) != edges
        return Scaling(np.where(other, found.mean, 0.0), np.where(other, found.sd, 1.0), edges)

    @cached_property
    def _kept(self) -> list[Block] | None:
        if self.network.n_dyads * self.k > KEPT:
            return None
        return list(self._scaled())

    def _scaled(self) -> Iterator[Block]:
        scaling = self.scaling
        for block in self.raw():
            block.x[:] -= scaling.centre[:, None]
            block.x[:] /= scaling.spread[:, None]
            yield block

    def blocks(self) -> Iterator[Block]:
        """Scaled blocks; kept in memory where they are small."""
        return iter(self._kept) if self._kept is not None else self._scaled()

    def refuse_collinear(self) -> None:
        """Raise NetworkError naming a column that is a combination of those before it."""
        gram = sum((block.x @ block.x.T for block in self.blocks()), np.zeros((self.k, self.k)))
        values, vectors = np.linalg.eigh(gram)
        root = (vectors * np.sqrt(np.maximum(values, 0))).T
        # Rounding of the products hides what is smaller than this share of a column.
        kept, _ = independent_columns(root, root)
        spare = [at for at in range(self.k) if at not in kept]
        if not spare:
            return
        at = spare[0]
        weights = np.linalg.lstsq(root[:, :at], root[:, at], rcond=None)[0]
        others = [self.names[one] for one in range(at) if abs(weights[one]) > 1e-6 * np.abs(weights).max()]
        raise NetworkError(
            f"{self.names[at]} is a combination of {', '.join(others)}: leave one of them out "
            "(of nodemix, with levels2=-1)"
        )


def design_of(
    network: Network, free: Sequence[Coefficient], offsets: Sequence[Coefficient], fixed: Sequence[float]
) -> Design:
    """The design of coefficients; those whose dyads depend on each other enter by their change statistics."""
    values = tuple(_values_of(one, network) for one in free)
    added = [_values_of(one, network) for one in offsets]

    def shift(i: np.ndarray, j: np.ndarray) -> np.ndarray:
        total: Any = sum(value * one(i, j) for value, one in zip(fixed, added, strict=True))
        return np.asarray(total)

    return Design(network, tuple(one.name for one in free), values, shift if added else None)


def _values_of(one: Coefficient, network: Network) -> Values:
    if one.values is not None:
        return one.values
    changes = one.changes(network)
    return lambda i, j: changes[np.ix_(i, j)]
