"""The columns of a two-way fixed-effects regression after absorption.

Belongs here: which entity trends, outcome and regressors are identified. Does not belong here: estimation.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from models_py.econometrics.absorption import TwoWayEffects, independent_columns, trend_columns
from models_py.econometrics.result import EstimationError
from models_py.econometrics.sample import Sample


def kept_trends(sample: Sample, time: str, effects: TwoWayEffects) -> np.ndarray:
    """The entity trends that are independent of the effects and of each other, before absorption."""
    values = sample.keys[time]
    if not pd.api.types.is_numeric_dtype(values):
        raise EstimationError(f"trends need a numeric time column; {time!r} is {values.dtype}")
    columns = trend_columns(sample.entity, values.to_numpy(dtype="float64"))
    kept, _ = independent_columns(effects.residuals(columns), columns - columns.mean(axis=0))
    if not kept:
        raise EstimationError("no entity trend is identified: the panel is too short")
    return columns[:, kept]


def absorbed_trends(sample: Sample, time: str, effects: TwoWayEffects) -> np.ndarray:
    """The kept trends after absorption, each of unit mean square (n x number kept)."""
    residuals = effects.residuals(kept_trends(sample, time, effects))
    return residuals / np.sqrt(np.mean(residuals**2, axis=0))


def absorbed_outcome(sample: Sample, outcome: str, effects: TwoWayEffects) -> np.ndarray:
    """The outcome after absorption (n); refuses one without variation."""
    y = sample.outcome
    if y.max() == y.min():
        raise EstimationError(f"the outcome {outcome!r} is constant at {float(y[0])!r}")
    residual = effects.residuals(y[:, None])[:, 0]
    if np.linalg.norm(residual) <= 1e-9 * np.linalg.norm(y - y.mean()):
        raise EstimationError(f"the outcome {outcome!r} has no variation left after the entity and time effects")
    return residual


def absorbed_regressors(
    sample: Sample, names: list[str], effects: TwoWayEffects, trend: np.ndarray, trends: bool
) -> np.ndarray:
    """The regressors after absorption (n x K); refuses, by name, one without variation or a collinear one."""
    raw = sample.regressors
    absorbed = "entity and time effects" + (" and the entity trends" if trends else "")
    residuals = effects.residuals(raw)
    centred = raw - raw.mean(axis=0)
    for position, name in enumerate(names):
        column = raw[:, position]
        if column.max() == column.min():
            raise EstimationError(f"the regressor {name!r} is constant at {float(column[0])!r}")
        alone, _ = independent_columns(
            np.column_stack([trend, residuals[:, position]]), np.column_stack([trend, centred[:, position]])
        )
        if trend.shape[1] not in alone:
            raise EstimationError(f"the regressor {name!r} has no variation left after the {absorbed}")
    stacked = np.column_stack([trend, residuals])
    kept, _ = independent_columns(stacked, stacked)
    for position, name in enumerate(names):
        if trend.shape[1] + position not in kept:
            earlier = stacked[:, : trend.shape[1] + position]
            scale = np.linalg.norm(earlier, axis=0)
            weights = np.linalg.lstsq(earlier / scale, residuals[:, position], rcond=None)[0][trend.shape[1] :]
            large = np.abs(weights) > 1e-6 * np.abs(weights).max()
            others = [repr(other) for other, used in zip(names[:position], large, strict=True) if used]
            raise EstimationError(f"the regressor {name!r} is collinear with {', '.join(others)} after the {absorbed}")
    return residuals
