"""Panels in which entities are first exposed at different times, for the tests on timing."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from catalog.base import Text
from catalog.identity import Identity
from models_py.econometrics.model_data import ModelData
from models_py.panel import ENTITY, Panel, province_panel

YEARS = range(2013, 2025)
PROVINCES = province_panel((YEARS[0], YEARS[-1]))
UNITS = {"outcome": Text(en="SD", zh="标准差"), "exposure": Text(en="unit of share", zh="单位占比")}
NEVER = 9999
CONTROLS = ("control_a", "control_b")


def staggered(
    starts: Mapping[int, int],
    years: Sequence[int] = YEARS,
    seed: int = 0,
    noise: float = 1.0,
    slope: float = 0.8,
    controls: Sequence[str] = CONTROLS,
    panel: Panel = PROVINCES,
) -> ModelData:
    """`starts`: first exposed year -> number of entities (NEVER for none); exposure is a share that grows once.

    outcome = entity + year + slope x exposure + controls + noise.
    """
    rng = np.random.default_rng(seed)
    first = np.repeat(list(starts), list(starts.values()))
    codes = panel.codes[: len(first)]
    frame = pd.DataFrame([(code, year) for code in codes for year in years], columns=[ENTITY, "year"])
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
    columns = [ENTITY, "year", "outcome", "exposure", *controls]
    identity = Identity("demo", "Table 2", "(2)")
    return ModelData(identity, panel, frame[columns], "outcome", ("exposure", *controls), units=UNITS)


def dummies(frame: pd.DataFrame) -> np.ndarray:
    """Dummies of entities and years, one year left out."""
    codes, years = frame[ENTITY].to_numpy(), frame["year"].to_numpy()
    units = [codes == code for code in np.unique(codes)]
    return np.column_stack([*units, *[years == year for year in np.unique(years)[1:]]]).astype(float)


def least_squares(frame: pd.DataFrame, columns: np.ndarray, outcome: str = "outcome") -> np.ndarray:
    """Coefficients of `columns` beside dummies of entities and years."""
    design = np.column_stack([columns, dummies(frame)])
    return np.linalg.lstsq(design, frame[outcome].to_numpy(), rcond=None)[0][: columns.shape[1]]
