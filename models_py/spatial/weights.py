"""Spatial weights as they are given: which place each row and column is, and what follows for a spatial model.

Belongs here: matching places by label, islands, components, eigenvalues, the interval of rho. Does not belong here:
making weights, and log-determinants (log_determinant.py).

Weights are used as given: nothing standardises them again.
"""

import math
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
import pandas as pd
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from catalog.base import refuse
from models_py.econometrics.result import EstimationError
from models_py.panel import first_few, with_nearest

Islands = Literal["error", "zero"]
# An eigenvalue whose imaginary part is this small beside its modulus is real, but for rounding.
_REAL = 1e-9
# Row sums that differ by less than this share are equal.
_EQUAL = 1e-10


class WeightsError(EstimationError):
    """Weights that cannot be used; the message names the place at fault."""


@dataclass(frozen=True)
class Weights:
    """A square matrix W (n x n) of places `names`, row i being what place i receives from the others."""

    names: tuple[Hashable, ...]
    matrix: np.ndarray

    @property
    def n(self) -> int:
        """Number of places."""
        return len(self.names)

    @cached_property
    def row_sums(self) -> np.ndarray:
        """Sums of the rows (n)."""
        return np.asarray(self.matrix.sum(axis=1))

    @property
    def equal_sums(self) -> float | None:
        """The sum all rows have; None if they differ."""
        low, high = float(self.row_sums.min()), float(self.row_sums.max())
        return high if high - low <= _EQUAL * abs(high) else None

    @property
    def islands(self) -> tuple[Hashable, ...]:
        """Places without neighbours."""
        return tuple(self.names[place] for place in np.flatnonzero(~self.matrix.any(axis=1)))

    @cached_property
    def components(self) -> int:
        """Groups of places that no weight connects with each other."""
        return int(connected_components(csr_array(self.matrix), directed=True, connection="weak")[0])

    @cached_property
    def eigenvalues(self) -> np.ndarray:
        """Eigenvalues of W (n), real where W is similar to a symmetric matrix, else complex."""
        symmetric = _symmetrised(self.matrix)
        if symmetric is not None:
            return np.asarray(np.linalg.eigvalsh(symmetric))
        return np.asarray(np.linalg.eigvals(self.matrix))

    @cached_property
    def interval(self) -> tuple[float, float]:
        """The open interval around 0 on which I - rho W has an inverse: between the reciprocals of the smallest and
        the largest real eigenvalue. Without a negative (positive) one there is no bound on that side.

        Source: LeSage and Pace (2009), Introduction to Spatial Econometrics, section 4.3.2.
        """
        values = self.eigenvalues
        real = values.real[np.abs(values.imag) <= _REAL * np.abs(values).max()]
        low, high = float(real.min(initial=0.0)), float(real.max(initial=0.0))
        return (1 / low if low < 0 else -math.inf), (1 / high if high > 0 else math.inf)

    @property
    def radius(self) -> float:
        """The largest modulus of an eigenvalue: below its reciprocal the series I + rho W + ... converges."""
        return float(np.abs(self.eigenvalues).max())

    def lag(self, values: np.ndarray) -> np.ndarray:
        """W times `values` (T x n x ...) along the places."""
        return np.einsum("ij,tj...->ti...", self.matrix, values, optimize=True)


def weights_of(weights: pd.DataFrame, places: Sequence[Hashable], islands: Islands = "error") -> Weights:
    """The weights of `places`, in their order, matched by label.

    Raises WeightsError for a frame that is not square with the same labels, weights that are not finite or negative, a
    place that is its own neighbour, labels without a partner (naming the nearest), and an island unless `islands` is
    "zero".
    """
    check_labels(weights, places)
    check_weights(weights, WeightsError)
    matrix = weights.loc[list(places), list(places)].to_numpy(dtype="float64")
    found = Weights(tuple(places), matrix)
    refuse(
        (not matrix.any(), "all weights are zero"),
        (
            list(map(str, found.islands)) if islands == "error" else [],
            'no neighbours for {}; give them some, leave them out, or say islands="zero"',
        ),
        error=WeightsError,
    )
    return found


def check_labels(weights: pd.DataFrame, places: Sequence[Hashable]) -> None:
    """Raise WeightsError for labels of weights and panel without a partner, each with the nearest one."""
    have, wanted = list(weights.index), list(places)
    spare = [name for name in have if name not in set(wanted)]
    lacking = [with_nearest(name, spare or have) for name in wanted if name not in set(have)]
    refuse(
        (lacking, f"the weights lack {first_few(lacking)}"),
        (spare, f"the panel lacks {first_few([with_nearest(name, wanted) for name in spare])}"),
        error=WeightsError,
    )


def check_weights(weights: pd.DataFrame, error: type[EstimationError]) -> None:
    """Raise `error` unless square with equal labels that stand once, finite, not negative, zero on the diagonal."""
    matrix, names = weights.to_numpy(dtype="float64"), weights.index
    refuse(
        (
            sorted(map(str, names)) != sorted(map(str, weights.columns)),
            "the weights must be square, with the same entities as index and columns",
        ),
        (names[names.duplicated()].tolist()[:1], "the weights name {} twice"),
        error=error,
    )
    matrix = weights[list(names)].to_numpy(dtype="float64")
    wrong = {
        what: [f"{names[j]} for {names[i]}" for i, j in np.argwhere(cells)[:1]]
        for what, cells in (("not finite", ~np.isfinite(matrix)), ("negative", matrix < 0))
    }
    refuse(
        *((cells, f"the weight of {{}} is {what}") for what, cells in wrong.items()),
        (names[np.flatnonzero(np.diag(matrix))].tolist()[:1], "{} is its own neighbour in the weights"),
        error=error,
    )


def _symmetrised(matrix: np.ndarray) -> np.ndarray | None:
    """D^(1/2) W D^(-1/2) if some diagonal D makes it symmetric, as for a row-standardised symmetric matrix; else None.

    With W = D^-1 A, A symmetric, d_i w_ij = d_j w_ji: ratios along a tree of neighbours give D, the rest must agree.
    """
    if np.array_equal(matrix != 0, (matrix != 0).T):
        log_d = _log_scale(matrix)
        scaled = matrix * np.exp((log_d[:, None] - log_d[None, :]) / 2)
        if np.allclose(scaled, scaled.T, rtol=1e-12, atol=1e-14 * np.abs(scaled).max()):
            return np.asarray((scaled + scaled.T) / 2)
    return None


def _log_scale(matrix: np.ndarray) -> np.ndarray:
    from scipy.sparse.csgraph import breadth_first_order

    log_d, graph = np.full(len(matrix), np.nan), csr_array(matrix != 0)
    while np.isnan(log_d).any():
        start = int(np.flatnonzero(np.isnan(log_d))[0])
        log_d[start] = 0.0
        order, before = breadth_first_order(graph, start, directed=False)
        for place in order[1:]:
            near = before[place]
            log_d[place] = log_d[near] + math.log(matrix[near, place] / matrix[place, near])
    return log_d
