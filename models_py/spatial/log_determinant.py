"""ln |I - rho W| and the trace of G = W (I - rho W)^-1, for every rho of the feasible interval.

Belongs here: the two ways to them, by eigenvalues and by sparse factorisation. Does not belong here: likelihoods.

By eigenvalues w_i (Ord 1975): ln |I - rho W| = sum ln |1 - rho w_i|, tr G = sum w_i / (1 - rho w_i). Complex ones
come in pairs, so that both sums are real. The sparse way factorises I - rho W at each rho and takes tr G, which is
-d ln |I - rho W| / d rho, by a complex step (Squire and Trapp 1998): exact to rounding.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np
from scipy.sparse import csc_array, eye_array
from scipy.sparse.linalg import SuperLU, splu

from models_py.spatial import spectrum
from models_py.spatial.weights import Weights

_STEP = 1e-20


class LogDeterminant(Protocol):
    """Both quantities at the values `rho` (m)."""

    def value(self, rho: np.ndarray) -> np.ndarray:
        """ln |I - rho W| (m)."""
        ...

    def trace(self, rho: np.ndarray) -> np.ndarray:
        """tr G (m)."""
        ...

    def trace_squared(self, rho: float) -> float:
        """tr GG, which is d tr G / d rho."""
        ...


@dataclass(frozen=True)
class ByEigenvalues:
    """`values`: eigenvalues of W (n)."""

    values: np.ndarray

    def value(self, rho: np.ndarray) -> np.ndarray:
        """ln |I - rho W| (m)."""
        return np.asarray(np.log(np.abs(1 - np.multiply.outer(rho, self.values))).sum(axis=-1))

    def trace(self, rho: np.ndarray) -> np.ndarray:
        """tr G (m)."""
        return np.asarray((self.values / (1 - np.multiply.outer(rho, self.values))).sum(axis=-1).real)

    def trace_squared(self, rho: float) -> float:
        """tr GG."""
        return float(((self.values / (1 - rho * self.values)) ** 2).sum().real)


@dataclass(frozen=True)
class BySparse:
    """`matrix`: W (n x n), sparse."""

    matrix: csc_array

    @cached_property
    def _identity(self) -> csc_array:
        return csc_array(eye_array(self.matrix.shape[0], format="csc"))

    def _factor(self, rho: complex) -> SuperLU:
        return splu(csc_array(self._identity - rho * self.matrix))

    def value(self, rho: np.ndarray) -> np.ndarray:
        """ln |I - rho W| (m)."""
        flat = np.atleast_1d(rho)
        found = [float(np.log(np.abs(self._factor(float(one)).U.diagonal())).sum()) for one in flat]
        return np.reshape(found, np.shape(rho))

    def trace(self, rho: np.ndarray) -> np.ndarray:
        """tr G (m)."""
        found = []
        for one in np.atleast_1d(rho):
            pivots = self._factor(complex(float(one), _STEP)).U.diagonal()
            # The angle of the square does not depend on the sign of a pivot.
            found.append(-float(np.angle((pivots / np.abs(pivots)) ** 2).sum()) / 2 / _STEP)
        return np.reshape(found, np.shape(rho))

    def trace_squared(self, rho: float) -> float:
        """tr GG, in blocks of columns of the inverse."""
        factor, n, total = self._factor(rho), self.matrix.shape[0], 0.0
        dense = self._identity
        for first in range(0, n, 512):
            block = slice(first, min(first + 512, n))
            column = self.matrix @ factor.solve(dense[:, block].toarray())
            row = factor.solve(self.matrix[block].T.toarray(), trans="T")
            total += float(np.sum(column * row))
        return total


def log_determinant(weights: Weights) -> LogDeterminant:
    """By eigenvalues for up to `spectrum.DENSE` places, by sparse factorisation for more."""
    if weights.n <= spectrum.DENSE:
        return ByEigenvalues(weights.eigenvalues)
    return BySparse(csc_array(weights.matrix))
