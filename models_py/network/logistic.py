"""The likelihood of dyads that do not depend on each other: a logistic regression, exact and never simulated.

    ln L = sum over dyads of y eta - ln(1 + e^eta),     eta = x'theta

Also the pseudo-likelihood, when the columns are change statistics that depend on the other ties.
Source: Handcock and others (2008), J Stat Software 24(3). Belongs here: that likelihood, its maximum and why there may
be none. Does not belong here: the columns (design.py).
"""

from collections.abc import Sequence

import numpy as np

from catalog.base import refuse
from models_py.network.design import Design
from models_py.network.graph import NetworkError
from models_py.network.newton import Height, NoMaximumError, maximise

# A dyad this far on the wrong side of a plane, as a share of the farthest, is on the wrong side.
_WRONG = 1e-6


def log_likelihood(design: Design, b: np.ndarray) -> Height:
    """At coefficients inside."""
    value, gradient, information = 0.0, np.zeros(design.k), np.zeros((design.k, design.k))
    for block in design.blocks():
        eta = b @ block.x + block.offset
        # ln(1 + e^eta) and the probability without overflow.
        small = np.exp(-np.abs(eta))
        value += float(block.y @ eta - np.maximum(eta, 0).sum() - np.log1p(small).sum())
        p = np.where(eta >= 0, 1.0, small) / (1 + small)
        gradient += block.x @ (block.y - p)
        information += (block.x * (small / (1 + small) ** 2)) @ block.x.T
    return Height(value, gradient, information)


def start_of(design: Design) -> np.ndarray:
    """Coefficients inside to start from: the log-odds of a tie, if there is the term, and zero."""
    start, density = np.zeros(design.k), design.network.density
    if design.scaling.edges is not None:
        start[design.scaling.edges] = np.log(density / (1 - density)) - _mean_shift(design)
    return start


def _mean_shift(design: Design) -> float:
    if design.shift is None:
        return 0.0
    return float(sum(block.offset.sum() for block in design.blocks())) / design.network.n_dyads


def fit_logistic(design: Design) -> tuple[np.ndarray, Height]:
    """The maximum, inside. Raises NetworkError naming the terms that tell ties and others apart."""
    try:
        return maximise(lambda b: log_likelihood(design, b), start_of(design))
    except NoMaximumError as error:
        raise NetworkError(_why(design, error.directions)) from None


def separates(design: Design, direction: np.ndarray) -> bool:
    """Whether every tie lies on one side of a plane, or on it, and every other dyad on the other."""
    ties, others, far = np.inf, -np.inf, 0.0
    for block in design.blocks():
        along, tie = direction @ block.x, block.y > 0
        ties = min(ties, float(along[tie].min(initial=np.inf)))
        others = max(others, float(along[~tie].max(initial=-np.inf)))
        far = max(far, float(np.abs(along).max(initial=0.0)))
    # The plane may lie off zero where edges is a term; then it is part of the direction already.
    return ties >= -_WRONG * far and others <= _WRONG * far


def _why(design: Design, directions: Sequence[np.ndarray]) -> str:
    for direction in directions:
        if separates(design, direction):
            return unbounded(design.names, direction)
    return "the likelihood has no maximum that could be found; scale or leave out terms that are nearly collinear"


def unbounded(names: tuple[str, ...], direction: np.ndarray) -> str:
    """A message about a likelihood that grows for ever along a direction of the coefficients inside."""
    size = np.abs(direction) / np.abs(direction).max()
    named = [name for name, share in zip(names, size, strict=True) if share > 0.05]
    blamed = [name for name in named if name != "edges"] or named
    return (
        f"separation: {', '.join(blamed)} tell ties and other dyads apart without error on one side, so that the "
        "coefficients have no finite estimate; leave a term out or join groups"
    )


def tie_probabilities(design: Design, b: np.ndarray) -> np.ndarray:
    """Probability of a tie by coefficients inside (n x n), zero for dyads that do not count."""
    found = np.zeros((design.network.n, design.network.n))
    for block in design.blocks():
        found[block.rows, block.columns] = 1 / (1 + np.exp(-(b @ block.x + block.offset)))
    return found


def refuse_empty(design: Design) -> None:
    """Raise NetworkError for a network, or the observed part of it, without ties or with all of them."""
    network = design.network
    ties, dyads = network.n_ties, network.n_dyads
    refuse(
        (ties == 0, f"the network is empty: 0 of {dyads} observed dyads are ties; no coefficient exists"),
        (ties == dyads, f"the network is complete: all {dyads} observed dyads are ties; no coefficient exists"),
        error=NetworkError,
    )
