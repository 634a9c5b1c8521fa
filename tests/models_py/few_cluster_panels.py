"""Small panels for the tests on few clusters, and their regression matrices with dummies spelt out."""

import numpy as np
import pandas as pd

from catalog.identity import Identity
from models_py.econometrics.model_data import ModelData
from models_py.panel import province_panel

CODES = (110000, 120000, 130000, 140000, 150000, 210000)
KINDS = ("balanced", "unbalanced", "trends", "region_year", "unbalanced trends")
TERMS = ("x", "a", "b")


def panel(kind: str = "balanced", seed: int = 3, codes: tuple[int, ...] = CODES, years: int = 7) -> ModelData:
    """Provinces x years; x is a path of exposure, a and b controls.

    "unbalanced": one row absent, an empty outcome, an empty control. "region_year": two regions with their own years.
    """
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame([(c, 2013 + t) for c in codes for t in range(years)], columns=["entity_code", "year"])
    n, order = len(frame), np.repeat(np.arange(len(codes)), years)
    start = rng.integers(2013, 2013 + years, len(codes))[order]
    frame["x"] = np.where(frame["year"] >= start, 0.3 + rng.random(len(codes))[order], 0.0)
    frame["a"], frame["b"] = rng.normal(size=(2, n)) + np.vstack([order, frame["year"] - 2013]) / 3
    noise = rng.normal(size=n) * (1 + order / 3)
    frame["y"] = 0.4 * frame["x"] + 0.2 * frame["a"] + order + np.sin(frame["year"]) + noise
    frame["region_year"] = np.where(order < len(codes) / 2, 10_000, 20_000) + frame["year"]
    if kind.startswith("unbalanced"):
        frame.loc[4, "y"] = np.nan
        frame.loc[years + 2, "a"] = np.nan
        frame = frame.drop(index=2 * years + 1).reset_index(drop=True)
    return ModelData(
        Identity("demo", "Table 0", "(1)"),
        province_panel((2013, 2012 + years)),
        frame,
        "y",
        TERMS,
        "region_year" if kind == "region_year" else "year",
        "trends" in kind,
    )


def with_dummies(data: ModelData) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Outcome, all columns (regressors first, then every dummy and trend) and cluster codes of the complete rows."""
    frame = data.frame.dropna(subset=[data.outcome, *data.regressors])
    entity = pd.get_dummies(frame["entity_code"]).to_numpy(float)
    columns = [frame[list(data.regressors)].to_numpy(), entity, pd.get_dummies(frame[data.time]).to_numpy(float)]
    if data.trends:
        columns.append(entity * (frame["year"] - 2013).to_numpy()[:, None])
    cluster = np.unique(frame["entity_code"], return_inverse=True)[1]
    return frame[data.outcome].to_numpy(), np.column_stack(columns), cluster


def t_by_least_squares(y: np.ndarray, columns: np.ndarray, cluster: np.ndarray, position: int, null: float) -> float:
    """t of one column from the whole regression: sandwich by cluster, no small-sample factor."""
    inverse = np.linalg.pinv(columns)
    beta = inverse @ y
    residual = y - columns @ beta
    scores = [inverse[position, cluster == g] @ residual[cluster == g] for g in np.unique(cluster)]
    return float((beta[position] - null) / np.sqrt(np.sum(np.square(scores))))
