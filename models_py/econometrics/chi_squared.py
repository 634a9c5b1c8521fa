"""Tests with a chi-squared distribution, as any estimator may report them.

Belongs here: Wald's statistic and tests as rows. Does not belong here: what is tested.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from models_py.econometrics.result import TEST_COLUMNS


def wald(value: np.ndarray, covariance: np.ndarray) -> float:
    """value' covariance^-1 value, scaled first so that units do not matter."""
    scale = np.sqrt(np.diag(covariance))
    standard = value / scale
    return float(standard @ np.linalg.solve(covariance / np.outer(scale, scale), standard))


def chi_squared_rows(tests: Sequence[tuple[str, float, int]]) -> pd.DataFrame:
    """Tests as rows of `spec_test`: statistic, df and the p-value of a chi-squared distribution."""
    from scipy.special import chdtrc

    rows = [(name, statistic, df, float(chdtrc(df, statistic))) for name, statistic, df in tests]
    return pd.DataFrame(rows, columns=list(TEST_COLUMNS))
