"""Panels in which provinces are first exposed at different times, for the tests on timing."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from catalog import load_provinces
from models_py.econometrics.model_data import ModelData

CODES = [province.province_code for province in load_provinces()]
YEARS = range(2013, 2025)
NEVER = 9999
CONTROLS = ("control_a", "control_b")


def staggered(
    starts: Mapping[int, int],
    years: Sequence[int] = YEARS,
    seed: int = 0,
    noise: float = 1.0,
    slope: float = 0.8,
    controls: Sequence[str] = CONTROLS,
) -> ModelData:
    """`starts`: first exposed year -> number of provinces (NEVER for none); exposure is a share that grows once.

    outcome = province + year + slope x exposure + controls + noise.
    """
    rng = np.random.default_rng(seed)
    first = np.repeat(list(starts), list(starts.values()))
    codes = CODES[: len(first)]
    frame = pd.DataFrame([(code, year) for code in codes for year in years], columns=["province_code", "year"])
    n, t = len(frame), len(years)
    since = frame["year"].to_numpy() - np.repeat(first, t)
    share = np.repeat(rng.uniform(0.1, 0.5, len(first)), t)
    frame["exposure"] = np.where(since >= 2, 1.6 * share, np.where(since >= 0, share, 0.0))
    for name in CONTROLS:
        frame[name] = rng.normal(size=n) + 0.3 * frame["exposure"]
    frame["outcome"] = (
        np.repeat(rng.normal(0, 2, len(first)), t)
        + np.tile(rng.normal(0, 1, t), len(first))
        + slope * frame["exposure"]
        + 0.5 * frame["control_a"] * ("control_a" in controls)
        - 0.2 * frame["control_b"] * ("control_b" in controls)
        + noise * rng.normal(size=n)
    )
    columns = ["province_code", "year", "outcome", "exposure", *controls]
    return ModelData("demo", "Table 2", "(2)", frame[columns], "outcome", ("exposure", *controls))


def dummies(frame: pd.DataFrame) -> np.ndarray:
    """Province and year dummies, one year left out."""
    codes, years = frame["province_code"].to_numpy(), frame["year"].to_numpy()
    units = [codes == code for code in np.unique(codes)]
    return np.column_stack([*units, *[years == year for year in np.unique(years)[1:]]]).astype(float)


def least_squares(frame: pd.DataFrame, columns: np.ndarray, outcome: str = "outcome") -> np.ndarray:
    """Coefficients of `columns` beside province and year dummies."""
    design = np.column_stack([columns, dummies(frame)])
    return np.linalg.lstsq(design, frame[outcome].to_numpy(), rcond=None)[0][: columns.shape[1]]
