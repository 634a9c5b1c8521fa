"""What every estimator returns, and the one error they raise.

Belongs here: the shape of a result, and a row of one from a standard error. Does not belong here: any estimation.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

ESTIMATE_COLUMNS = (
    "term",
    "effect",
    "method",
    "estimate",
    "std_error",
    "statistic",
    "p_value",
    "ci_low",
    "ci_high",
    "ci_level",
    "df",
)
TEST_COLUMNS = ("test", "statistic", "df", "p_value")
CI_LEVEL = 0.95
# A term that rests on one entity fits it exactly: its clustered standard error leaves out that entity's own noise.
FEWEST_ENTITIES = 2


class EstimationError(ValueError):
    """The model cannot be estimated from these data; the message names the column, row or choice at fault."""


class IdentityError(EstimationError):
    """The regressors reproduce the outcome exactly, so there is no residual to infer anything from."""


@dataclass(frozen=True)
class FitResult:
    """A fitted model.

    `estimates`: one row per term, the columns of table `estimate` from `term` to `df`.
    `fit`: estimator, n_obs, n_dropped, n_clusters, r2, r2_within, r2_within_entity, log_likelihood, aic, bic,
    formula; None where a figure is not defined. `tests`: as table `spec_test`, empty when none was made.
    `evidence`: sample, dropped rows, clusters, degrees of freedom, conventions, reference case, seed. `cov`:
    covariance of the coefficients (terms x terms).
    """

    estimates: pd.DataFrame
    fit: Mapping[str, Any]
    tests: pd.DataFrame
    evidence: Mapping[str, Any]
    cov: np.ndarray

    @property
    def df(self) -> float:
        """Degrees of freedom of the t distribution."""
        return float(self.evidence["df"])

    def subset(self, names: list[str]) -> tuple[np.ndarray, np.ndarray]:
        """Coefficients and covariance of `names`, in the order given."""
        terms = self.estimates["term"].tolist()
        position = [terms.index(name) for name in names]
        return self.estimates["estimate"].to_numpy()[position], self.cov[np.ix_(position, position)]


@dataclass(frozen=True)
class TermEstimate:
    """One coefficient: `std_error` NaN where there is none; `df` of its t; the rows and entities it rests on."""

    estimate: float
    std_error: float
    df: float
    n_obs: int
    entities: int


def interval_row(
    label: Mapping[str, str], term: str, method: str, estimate: float, std_error: float, df: float, level: float
) -> dict[str, Any]:
    """A row of `estimate` with a t test of zero and a t interval; both empty if the standard error is not positive.

    `df` may be infinite (normal).
    """
    from scipy.special import ndtr, ndtri, stdtr, stdtrit

    row = {**label, "term": term, "effect": "coef", "method": method, "estimate": estimate}
    if not std_error > 0:
        return row
    t = estimate / std_error
    normal = math.isinf(df)
    quantile = float(ndtri(0.5 + level / 2) if normal else stdtrit(df, 0.5 + level / 2))
    return {
        **row,
        "std_error": std_error,
        "statistic": t,
        "p_value": 2 * float(ndtr(-abs(t)) if normal else stdtr(df, -abs(t))),
        "ci_low": estimate - quantile * std_error,
        "ci_high": estimate + quantile * std_error,
        "ci_level": level,
        "df": None if normal else df,
    }
