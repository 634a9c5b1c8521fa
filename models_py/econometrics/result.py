"""What every estimator returns, and the one error they raise.

Belongs here: the shape of a result. Does not belong here: any estimation.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

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
# A term that rests on one entity fits it exactly: its clustered standard error leaves out that entity's own noise.
FEWEST_ENTITIES = 2


class EstimationError(ValueError):
    """The model cannot be estimated from these data; the message names the column, row or choice at fault."""


@dataclass(frozen=True)
class FitResult:
    """A fitted model.

    `estimates`: one row per term, the columns of table `estimate` from `term` to `df`.
    `fit`: estimator, n_obs, n_dropped, n_clusters, r2, r2_within, r2_within_entity, log_likelihood, aic, bic,
    formula; None where a figure is not defined. `tests`: as table `spec_test`, empty when none was made.
    `evidence`: sample, dropped rows, clusters, degrees of freedom, conventions, reference case, seed.
    """

    estimates: pd.DataFrame
    fit: Mapping[str, Any]
    tests: pd.DataFrame
    evidence: Mapping[str, Any]
