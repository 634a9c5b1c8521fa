"""Probabilities of ties, and how much they change with a covariate.

Belongs here: probabilities and average marginal effects with intervals by the delta method. Does not belong here:
estimation.

Odds ratios of two models do not compare, since each is scaled by what its model leaves unexplained; average marginal
effects do (Mood 2010, European Sociological Review 26(1); for ERGMs Duxbury 2021, Sociological Methods & Research).
With p the probability of a dyad and theta_k a coefficient, the effect of a number is the mean of p (1 - p) theta_k,
that of a term of zeros and ones the mean of p with one less p with zero.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from catalog.base import refuse
from models_py.econometrics.result import CI_LEVEL
from models_py.network.design import Block
from models_py.network.ergm import ErgmFit
from models_py.network.graph import ENDS, NetworkError, positions

TIE_COLUMNS = ("quantity", "term", "estimate", "std_error", "ci_low", "ci_high", "at")


@dataclass(frozen=True)
class _Averaged:
    """A quantity that is a mean over dyads: its value and its gradient by the coefficients inside."""

    quantity: str
    term: str
    value: float
    gradient: np.ndarray


def tie_probability(fit: ErgmFit, pairs: pd.DataFrame | None = None) -> pd.DataFrame:
    """Probabilities and average marginal effects over the observed dyads, with delta intervals (95 %).

    `quantity`: `mean_probability`; `marginal_effect` of a unit more of a term (edges left out), of zeros and ones the
    difference between them; `marginal_effect_sd` of a standard deviation more; with `pairs` (columns origin,
    destination) also `tie`, the probability of each, named `origin -> destination`, with an interval made on the scale
    of log-odds. `at`: `covariates as observed`; where dyads depend on each other probabilities are conditional,
    `other ties as observed`. Raises NetworkError for a fit without covariance and labels that are no node.
    """
    refuse(
        (fit.solution.cov is None, "a fit of the pseudo-likelihood has no covariance, hence no intervals"),
        error=NetworkError,
    )
    assert fit.solution.cov is not None
    at = "covariates as observed" if fit.model.level == "dyads" else "other ties as observed"
    inside = np.linalg.inv(fit.model.design.scaling.back)
    b, cov = inside @ fit.theta, inside @ fit.solution.cov @ inside.T
    rows: list[tuple[object, ...]] = []
    for one in _averages(fit, b):
        error = float(np.sqrt(one.gradient @ cov @ one.gradient))
        rows.append((one.quantity, one.term, one.value, error, *_interval(one.value, error), at))
    if pairs is not None:
        rows += [(*row, at) for row in _ties(fit, b, cov, pairs)]
    return pd.DataFrame(rows, columns=list(TIE_COLUMNS))


def _interval(value: float, error: float) -> tuple[float, float]:
    from scipy.special import ndtri

    half = float(ndtri(0.5 + CI_LEVEL / 2)) * error
    return value - half, value + half


def _chance(eta: np.ndarray) -> np.ndarray:
    return np.exp(-np.logaddexp(0, -eta))


def _averages(fit: ErgmFit, b: np.ndarray) -> Iterator[_Averaged]:
    """Mean probability and, of every term but edges, its marginal effect per unit and per standard deviation."""
    design, k = fit.model.design, len(b)
    n, spread, moments = fit.model.network.n_dyads, design.scaling.spread, design.moments
    mean, slope = 0.0, np.zeros(k)
    effects, gradients = np.zeros(k), np.zeros((k, k))
    steps = [one.mutual or (one.cell is not None and moments.high[at] == 1) for at, one in enumerate(fit.model.free)]
    for block in design.blocks():
        p = _chance(b @ block.x + block.offset)
        mean, slope = mean + float(p.sum()), slope + block.x @ (p * (1 - p))
        for at in range(k):
            made = _step if steps[at] else _slope
            effect, gradient = made(block, p, b, at, design.scaling.centre[at], spread[at])
            effects[at] += effect
            gradients[at] += gradient
    yield _Averaged("mean_probability", "", mean / n, slope / n)
    for at, name in enumerate(fit.model.names):
        if name != "edges":
            value, gradient = effects[at] / n, gradients[at] / n
            yield _Averaged("marginal_effect", name, value, gradient)
            sd = float(moments.sd[at])
            yield _Averaged("marginal_effect_sd", name, value * sd, gradient * sd)


def _slope(
    block: Block, p: np.ndarray, b: np.ndarray, at: int, _centre: float, spread: float
) -> tuple[float, np.ndarray]:
    """Sums over a block of p (1 - p) theta_k, and its gradient."""
    weight = p * (1 - p)
    gradient = block.x @ (weight * (1 - 2 * p)) * b[at] / spread
    gradient[at] += weight.sum() / spread
    return float(weight.sum() * b[at] / spread), gradient


def _step(
    block: Block, p: np.ndarray, b: np.ndarray, at: int, centre: float, spread: float
) -> tuple[float, np.ndarray]:
    """Sums over a block of p with the term at one less p with it at zero, and its gradient."""
    eta = b @ block.x + block.offset
    value, gradient = 0.0, np.zeros(len(b))
    for sign, x in ((1, (1 - centre) / spread), (-1, -centre / spread)):
        chance = _chance(eta + b[at] * (x - block.x[at]))
        weight = chance * (1 - chance)
        value += sign * float(chance.sum())
        part = block.x @ weight
        part[at] = x * weight.sum()
        gradient += sign * part
    return value, gradient


def _ties(fit: ErgmFit, b: np.ndarray, cov: np.ndarray, pairs: pd.DataFrame) -> list[tuple[object, ...]]:
    """Probabilities of single dyads."""
    network, design = fit.model.network, fit.model.design
    rows, columns = positions(pairs, pd.Index(network.names), "pairs")
    loops = [str(name) for name in pairs[ENDS[0]][rows == columns]]
    refuse((loops, "the pairs join a place with itself: {}"), error=NetworkError)
    found: list[tuple[object, ...]] = []
    for i, j in zip(rows, columns, strict=True):
        x = np.array([float(value(np.array([i]), np.array([j]))[0, 0]) for value in design.values])
        x = (x - design.scaling.centre) / design.scaling.spread
        shift = 0.0 if design.shift is None else float(design.shift(np.array([i]), np.array([j]))[0, 0])
        eta, error = float(b @ x) + shift, float(np.sqrt(x @ cov @ x))
        p = float(_chance(np.array(eta)))
        low, high = (float(_chance(np.array(end))) for end in _interval(eta, error))
        found.append(("tie", f"{network.names[i]} -> {network.names[j]}", p, p * (1 - p) * error, low, high))
    return found
