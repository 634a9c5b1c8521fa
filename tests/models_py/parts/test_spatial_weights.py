"""The weights a study names: made for its panel's places, and refused by name where something is lacking."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from models_py.panel import ENTITY, panel_of
from models_py.parts.spatial_weights import made
from models_py.spatial.weights import WeightsError
from tests.models_py.parts.spatial_durbin.made_up_space import PANEL, figures

TABLES = {"figures": figures()}
CITIES = pd.DataFrame({ENTITY: [1, 2, 3], "name_zh": list("甲乙丙"), "name_en": list("abc")})


@pytest.mark.parametrize("name", ["contiguity", "contiguity_2", "inverse_distance", "knn_6", "economic", "nested"])
def test_rows_sum_to_one_over_the_panel_s_places(name: str) -> None:
    matrix = made(name, PANEL, TABLES, "gdp_per_capita")
    assert list(matrix.index) == list(matrix.columns) == list(PANEL.codes)
    assert np.allclose(matrix.sum(axis=1), 1) and (np.diag(matrix) == 0).all()


def test_binary_contiguity_is_the_one_that_is_not_standardised() -> None:
    assert set(np.unique(made("contiguity_binary", PANEL, TABLES, ""))) == {0.0, 1.0}


def test_economic_weights_are_of_means_over_the_years() -> None:
    means = figures().groupby(ENTITY)["gdp_per_capita"].mean()
    raw = 1 / abs(means[110000] - means.drop(110000))
    row = made("economic", PANEL, TABLES, "gdp_per_capita").loc[110000].drop(110000)
    assert np.allclose(row, raw / raw.sum())


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("contiguity", "weights contiguity: which cities border on each other is not declared"),
        ("knn", "weights knn: the panel gives no coordinates of 甲 a"),
        ("rail", "weights rail: no file supplies a matrix of this name; supplied: none"),
    ],
)
def test_what_another_unit_lacks_is_named(name: str, message: str) -> None:
    with pytest.raises(WeightsError, match=message):
        made(name, panel_of("city", CITIES, (2015, 2016)), {}, "")


def test_a_place_beyond_every_distance_is_named() -> None:
    with pytest.raises(WeightsError, match=r"weights inverse_distance_500km: rows without a weight .*650000"):
        made("inverse_distance_500km", PANEL, TABLES, "")


def test_a_missing_figure_is_named() -> None:
    data = figures()
    data.loc[data[ENTITY] == 110000, "gdp_per_capita"] = np.nan
    with pytest.raises(WeightsError, match="no figure of gdp_per_capita for 北京市"):
        made("economic", PANEL, {"figures": data}, "gdp_per_capita")
