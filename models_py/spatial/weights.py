"""Spatial weights as they are given: which place each row and column is, and what follows for a spatial model.

Belongs here: matching places by label, islands, components, the interval of rho. Does not belong here: making weights,
eigenvalues (spectrum.py) and log-determinants (log_determinant.py).

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
from models_py.spatial import spectrum

Islands = Literal["error", "zero"]
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
        return spectrum.eigenvalues(self.matrix)

    @cached_property
    def _ends(self) -> spectrum.Ends:
        found = spectrum.sparse_ends(self.matrix) if self.n > spectrum.DENSE else None
        return spectrum.ends_of(self.eigenvalues) if found is None else found

    @cached_property
    def interval(self) -> tuple[float, float]:
        """The open interval around 0 on which I - rho W has an inverse: between the reciprocals of the smallest and
        the largest real eigenvalue. Without a negative (positive) one there is no bound on that side.

        Source: LeSage and Pace (2009), Introduction to Spatial Econometrics, section 4.3.2.
        """
        low, high = self._ends.low, self._ends.high
        return (1 / low if low < 0 else -math.inf), (1 / high if high > 0 else math.inf)

    @property
    def radius(self) -> float:
        """The largest modulus of an eigenvalue: below its reciprocal the series I + rho W + ... converges."""
        return self._ends.radius

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
