"""Probabilities of ties, and how much they differ with a covariate, averaged over the observed dyads.

Belongs here: these averages with their errors, by the delta method. Does not belong here: estimation.

A probability is that of a tie given all other ties as they are: where dyads are independent it is the model's own.
Coefficients and odds ratios of two models or networks do not compare, since the scale of a logit depends on what it leaves
unexplained; averages of probabilities do (Mood 2010, European Sociological Review 26(1); Duxbury 2023, Sociological
Methods and Research 52(1), for ERGM).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import expit, logit, ndtri

from catalog.base import refuse
from models_py.econometrics.result import CI_LEVEL
from models_py.network.ergm import ErgmFit
from models_py.network.graph import NetworkError

COLUMNS = ("quantity", "term", "estimate", "std_error", "ci_low", "ci_high", "at")
OBSERVED = "observed"
# Quantiles of a covariate over the dyads at which all of them are put.
_QUANTILES = {"p10": 0.1, "p50": 0.5, "p90": 0.9}


@dataclass(frozen=True)
class Dyads:
    """Observed dyads: columns (k x m) in the order of the free coefficients, fixed part of the log-odds (m)."""

    theta: np.ndarray
    cov: np.ndarray
    x: np.ndarray
    fixed: np.ndarray

    @property
    def eta(self) -> np.ndarray:
        """Log-odds of a tie given the others."""
        return self.theta @ self.x + self.fixed

    def mean(self, eta: np.ndarray, x: np.ndarray) -> tuple[float, np.ndarray]:
        """The mean probability at log-odds with columns `x`, and its gradient."""
        p = expit(eta)
        return float(p.mean()), x @ (p * (1 - p)) / len(p)

    def put(self, at: int, value: float) -> tuple[np.ndarray, np.ndarray]:
        """Log-odds and columns with one covariate at one value for all."""
        x = self.x.copy()
        x[at] = value
        return self.eta + self.theta[at] * (value - self.x[at]), x

    def slope(self, at: int) -> tuple[float, np.ndarray]:
        """The mean derivative of the probability by a covariate, and its gradient."""
        p = expit(self.eta)
        steep = p * (1 - p)
        gradient = self.theta[at] * (self.x @ (steep * (1 - 2 * p))) / len(p)
        gradient[at] += steep.mean()
        return float(self.theta[at] * steep.mean()), gradient

    def difference(self, at: int) -> tuple[float, np.ndarray]:
        """The mean difference of the probability with a covariate of zeros and ones at one and at zero."""
        (high, up), (low, down) = (self.mean(*self.put(at, value)) for value in (1.0, 0.0))
        return high - low, up - down


def tie_probability(fit: ErgmFit) -> pd.DataFrame:
    """Rows of `tie_probability` of a fit, without study, network and model.

    `quantity`: average, the mean probability; average_marginal, the mean difference in probability per unit of a
    covariate (between one and zero if it has no other values); average_marginal_sd, the same per standard deviation
    over the dyads; probability_p10, _p50, _p90, the mean probability with every dyad at that quantile of the covariate
    (`at`: its value), not of covariates of zeros and ones. Covariates are terms whose dyads are independent, and mutual.

    Raises NetworkError for a fit without covariance.
    """
    refuse(
        (fit.solution.cov is None, "a fit of the pseudo-likelihood has no covariance, hence no error of probabilities"),
        error=NetworkError,
    )
    return pd.DataFrame(list(_rows(fit, dyads_of(fit))), columns=list(COLUMNS))


def dyads_of(fit: ErgmFit) -> Dyads:
    """The observed dyads of a fit, in memory."""
    blocks = list(fit.model.design.raw())
    assert fit.solution.cov is not None
    return Dyads(
        fit.theta,
        fit.solution.cov,
        np.concatenate([block.x for block in blocks], axis=1),
        np.concatenate([block.offset for block in blocks]),
    )


def _rows(fit: ErgmFit, dyads: Dyads) -> Iterator[dict[str, Any]]:
    yield _row(dyads, "average", "", dyads.mean(dyads.eta, dyads.x), OBSERVED, share=True)
    for at, one in enumerate(fit.model.free):
        if one.name == "edges" or one.tables:
            continue
        values = dyads.x[at]
        if np.isin(values, (0.0, 1.0)).all():
            yield _row(dyads, "average_marginal", one.name, dyads.difference(at), "1 - 0")
            continue
        value, gradient = dyads.slope(at)
        spread = float(values.std())
        yield _row(dyads, "average_marginal", one.name, (value, gradient), OBSERVED)
        yield _row(dyads, "average_marginal_sd", one.name, (spread * value, spread * gradient), OBSERVED)
        for name, share in _QUANTILES.items():
            level = float(np.quantile(values, share))
            yield _row(dyads, f"probability_{name}", one.name, dyads.mean(*dyads.put(at, level)), f"{level:.6g}",
                       share=True)  # fmt: skip


def _row(
    dyads: Dyads, quantity: str, term: str, found: tuple[float, np.ndarray], at: str, *, share: bool = False
) -> dict[str, Any]:
    """`share`: a probability, whose interval is made on the scale of log-odds so that it stays between 0 and 1."""
    value, gradient = found
    error = float(np.sqrt(gradient @ dyads.cov @ gradient))
    wide = float(ndtri((1 + CI_LEVEL) / 2)) * error
    if share and 0 < value < 1:
        reach = wide / (value * (1 - value))
        low, high = (float(expit(logit(value) + side * reach)) for side in (-1, 1))
    else:
        low, high = value - wide, value + wide
    return dict(zip(COLUMNS, (quantity, term, value, error, low, high, at), strict=True))
