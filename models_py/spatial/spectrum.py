"""Eigenvalues of a matrix of spatial weights: all of them, or only those that bound rho.

Belongs here: which way is taken to them. Does not belong here: what they are for (weights.py, log_determinant.py).
"""

import math
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import breadth_first_order
from scipy.sparse.linalg import ArpackNoConvergence, eigs, eigsh

# Beyond this many places all eigenvalues cost more than the few that are needed.
DENSE = 4_000
# An eigenvalue whose imaginary part is this small beside its modulus is real, but for rounding.
_REAL = 1e-9
# Eigenvalues sought at each end of a matrix that is not symmetric: the outermost may be complex.
_SOUGHT = 8


@dataclass(frozen=True)
class Ends:
    """Smallest and largest real eigenvalue (0 without one on that side) and the largest modulus of all."""

    low: float
    high: float
    radius: float


def eigenvalues(matrix: np.ndarray) -> np.ndarray:
    """All eigenvalues (n), real where the matrix is similar to a symmetric one, else complex."""
    symmetric = symmetrised(matrix)
    if symmetric is not None:
        return np.asarray(np.linalg.eigvalsh(symmetric))
    return np.asarray(np.linalg.eigvals(matrix))


def ends_of(values: np.ndarray) -> Ends:
    """The ends of all eigenvalues."""
    real = _real(values, float(np.abs(values).max()))
    return Ends(float(real.min(initial=0.0)), float(real.max(initial=0.0)), float(np.abs(values).max()))


def sparse_ends(matrix: np.ndarray) -> Ends | None:
    """The same from a few eigenvalues at each end, by implicitly restarted Lanczos and Arnoldi iterations (ARPACK).

    None where the iterations do not settle, or all eigenvalues found at an end are complex: then all are needed.
    """
    symmetric = symmetrised(matrix)
    start = np.ones(len(matrix))
    try:
        if symmetric is not None:
            sparse = csr_array(symmetric)
            low, high = (float(eigsh(sparse, 1, which=end, v0=start)[0][0]) for end in ("SA", "LA"))
            return Ends(min(low, 0.0), max(high, 0.0), max(-low, high))
        sparse = csr_array(matrix)
        left, right, largest = (eigs(sparse, _SOUGHT, which=end, v0=start)[0] for end in ("SR", "LR", "LM"))
    except ArpackNoConvergence:
        return None
    radius = float(np.abs(largest).max())
    first, last = _real(left, radius), _real(right, radius)
    return Ends(min(first.min(), 0.0), max(last.max(), 0.0), radius) if len(first) and len(last) else None


def _real(values: np.ndarray, radius: float) -> np.ndarray:
    return np.asarray(values.real[np.abs(values.imag) <= _REAL * radius])


def symmetrised(matrix: np.ndarray) -> np.ndarray | None:
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
    log_d, graph = np.full(len(matrix), np.nan), csr_array(matrix != 0)
    while np.isnan(log_d).any():
        start = int(np.flatnonzero(np.isnan(log_d))[0])
        log_d[start] = 0.0
        order, before = breadth_first_order(graph, start, directed=False)
        for place in order[1:]:
            near = before[place]
            log_d[place] = log_d[near] + math.log(matrix[near, place] / matrix[place, near])
    return log_d
