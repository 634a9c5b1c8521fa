"""Entropy weights: indicators that differ more between units weigh more.

Belongs here: the weights. Does not belong here: any index built with them.
"""

import warnings
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from models_py.panel import refuse

ENTROPY_COLUMNS = ["indicator", "entropy", "divergence", "weight"]


class EntropyWeightError(ValueError):
    """The data do not define entropy weights; the message names the indicator."""


def entropy_weights(data: pd.DataFrame, directions: Mapping[str, int], *, shift: float = 1e-4) -> pd.DataFrame:
    """Entropy, divergence and weight of each indicator over all rows of a pooled panel.

    `data`: one row per unit and period, one column per indicator; `directions`: +1 or -1 each. With x' the min-max
    value, p = (x' + shift) / sum(x' + shift), e = -sum(p ln p) / ln(rows), d = 1 - e, weight = d / sum(d); `shift` = 0
    takes 0 ln 0 as 0. Returns indicator, entropy, divergence, weight in the order of `directions`; weights sum to 1.
    A constant column weighs 0 and is warned of.

    Formula: the standard entropy weight method, pooled over the panel so that levels compare over years. Raises
    EntropyWeightError for absent, empty or infinite values, fewer than two rows, a direction that is not +1 or -1, and
    when no indicator varies.
    """
    refuse(
        EntropyWeightError,
        (len(data) < 2, f"entropy weights need at least two rows, found {len(data)}"),
        (shift < 0, f"shift must not be negative, found {shift}"),
    )
    rows = []
    for indicator, direction in directions.items():
        refuse(
            EntropyWeightError,
            (indicator not in data.columns, f"the data have no column {indicator!r}"),
            (direction not in (1, -1), f"the direction of {indicator!r} must be +1 or -1, found {direction!r}"),
        )
        values = data[indicator].to_numpy(dtype="float64")
        empty = int((~np.isfinite(values)).sum())
        refuse(EntropyWeightError, (empty, f"the indicator {indicator!r} has {empty} empty cells"))
        low, high = float(values.min()), float(values.max())
        if low == high:
            warnings.warn(f"the indicator {indicator!r} is constant, so its entropy weight is 0", stacklevel=2)
            rows.append((indicator, 1.0, 0.0))
            continue
        scaled = (values - low) / (high - low) if direction > 0 else (high - values) / (high - low)
        share = (scaled + shift) / (scaled + shift).sum()
        terms = np.where(share > 0, share * np.log(np.where(share > 0, share, 1.0)), 0.0)
        entropy = float(-terms.sum() / np.log(len(values)))
        rows.append((indicator, entropy, 1.0 - entropy))
    total = sum(divergence for _, _, divergence in rows)
    refuse(EntropyWeightError, (total <= 0, "no indicator varies, so there are no entropy weights"))
    return pd.DataFrame([(*row, row[2] / total) for row in rows], columns=ENTROPY_COLUMNS)


def first_component_weights(scores: np.ndarray, indicators: Sequence[str]) -> dict[str, float]:
    """Loadings of the first principal component of z-scores (rows x indicators), divided by the sum of their sizes.

    The sign is the one under which the component rises with the unweighted mean of the scores. Loadings may differ in
    sign; sizes sum to 1. Jolliffe, Principal Component Analysis, section 2.3 (correlation matrix).
    """
    loadings = np.linalg.eigh(np.corrcoef(scores, rowvar=False))[1][:, -1]
    sign = -1.0 if np.dot(scores @ loadings, scores.mean(axis=1)) < 0 else 1.0
    return dict(zip(indicators, (sign * loadings / np.abs(loadings).sum()).tolist(), strict=True))
