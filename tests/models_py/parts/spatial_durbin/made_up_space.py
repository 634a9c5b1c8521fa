"""A made-up study whose outcome is a spatial Durbin model with a known truth; no figure is a statistic."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import yaml

from catalog import Study
from catalog.provinces import load_provinces
from models_py.panel import KEYS, province_panel
from models_py.parts.registry import run_study
from models_py.parts.spatial_weights import made as weights_made

YEARS = (2014, 2021)
PANEL = province_panel(YEARS)
CODES = [province.province_code for province in load_provinces()]
RHO, BETA, THETA = 0.4, (0.3, -0.2), (0.2, 0.1)
Frames = dict[str, pd.DataFrame]
_STUDY = """
id: toy_space
title: {en: Toy, zh: 例}
panel: {unit: province, years: [2014, 2021]}
variables:
  transform: log
  declared:
    outcome: {indicator: visits_per_resident}
    ln_gdp: {indicator: gdp_per_capita, log: true}
    ln_urban: {indicator: urbanization_rate, log: true}
"""


def study(parts: list[dict[str, Any]] | None = None, **header: Any) -> Study:
    """The study with these parts, its spatial model when none is given."""
    own = {"outcome": "outcome", "regressors": ["ln_gdp", "ln_urban"], "draws": 200}
    data = yaml.safe_load(_STUDY)
    return Study.model_validate({**data, "parts": parts or [{"spatial_durbin": own}], **header})


def durbin(**options: Any) -> Study:
    """The study with other options of the spatial model."""
    own = {"outcome": "outcome", "regressors": ["ln_gdp", "ln_urban"], "draws": 200, **options}
    return study([{"spatial_durbin": own}])


@cache
def _figures() -> pd.DataFrame:
    rng = np.random.default_rng(8)
    t, n = YEARS[1] - YEARS[0] + 1, len(CODES)
    w = weights_made("contiguity", PANEL, {}, "gdp_per_capita").to_numpy()
    x = 0.5 * rng.normal(size=(t, n, 2)) + rng.normal(size=(1, n, 2))
    mean = x @ np.array(BETA) + np.einsum("ij,tjk->tik", w, x) @ np.array(THETA)
    mean = mean + rng.normal(size=(1, n)) + 0.3 * rng.normal(size=(t, 1)) + 0.1 * rng.normal(size=(t, n))
    y = np.linalg.solve(np.eye(n) - RHO * w, mean.T).T
    index = pd.MultiIndex.from_product([range(YEARS[0], YEARS[1] + 1), CODES], names=["year", KEYS[0]])
    columns = {"visits_per_resident": y.ravel(), "gdp_per_capita": np.exp(x[:, :, 0].ravel() + 10)}
    columns["urbanization_rate"] = np.exp(x[:, :, 1].ravel() + 4)
    return pd.DataFrame(columns, index=index).reset_index()


def figures() -> pd.DataFrame:
    """Figures of all provinces and years; to be changed freely."""
    return _figures().copy()


def run(one: Study | None = None, data: pd.DataFrame | None = None, **inputs: pd.DataFrame) -> Frames:
    """The tables of the study."""
    given = {"figures": figures() if data is None else data, **inputs}
    return run_study(one or study(), PANEL, given, "synthetic")


@cache
def good() -> Frames:
    """The tables of the spatial model; to be copied before they are changed."""
    return run()
