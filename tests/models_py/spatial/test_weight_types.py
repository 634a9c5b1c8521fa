"""Weights from borders, coordinates and series: their cells against the definition, and what is refused."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from catalog.provinces import load_adjacency, load_provinces
from catalog.spatial_weights import weights_name
from models_py.spatial.weight_types import (
    among,
    contiguity,
    distances_km,
    economic,
    from_pairs,
    inverse_distance,
    knn,
    nested,
    row_standardised,
)
from models_py.spatial.weights import WeightsError, weights_of

LINE = ["a", "b", "c", "d"]
BORDERS = {("a", "b"), ("b", "c"), ("d", "c")}
KM = pd.DataFrame([[0.0, 1, 3, 7], [1, 0, 2, 6], [3, 2, 0, 4], [7, 6, 4, 0]], index=LINE, columns=LINE)
CODES = [province.province_code for province in load_provinces()]
PLACES = pd.DataFrame([(p.lon, p.lat) for p in load_provinces()], index=CODES, columns=["lon", "lat"])


def test_contiguity_is_symmetric_and_reaches_as_many_borders_as_asked() -> None:
    one, two = contiguity(LINE, BORDERS), contiguity(LINE, BORDERS, order=2)
    assert one.to_numpy().tolist() == [[0, 1, 0, 0], [1, 0, 1, 0], [0, 1, 0, 1], [0, 0, 1, 0]]
    assert two.to_numpy().tolist() == [[0, 1, 1, 0], [1, 0, 1, 1], [1, 1, 0, 1], [0, 1, 1, 0]]
    with pytest.raises(WeightsError, match="not given: e"):
        contiguity(LINE, {("a", "e")})


def test_the_contiguity_of_provinces_has_the_recorded_bounds_of_rho() -> None:
    made = row_standardised(contiguity(CODES, load_adjacency()))
    assert made.to_numpy().astype(bool).sum() == 2 * 69
    low, high = weights_of(made, CODES).interval
    assert (round(low, 3), round(high, 9)) == (-1.613, 1)
    low, _ = weights_of(row_standardised(inverse_distance(distances_km(PLACES))), CODES).interval
    assert round(low, 3) == -4.705


def test_inverse_distance_nearest_and_economic_are_their_definitions() -> None:
    assert inverse_distance(KM).loc["a"].tolist() == [0, 1, 1 / 3, 1 / 7]
    assert inverse_distance(KM, power=2, within=6).loc["d"].tolist() == [0, 1 / 36, 1 / 16, 0]
    assert knn(KM, 2).to_numpy().tolist() == [[0, 1, 1, 0], [1, 0, 1, 0], [1, 1, 0, 0], [0, 1, 1, 0]]
    series = pd.Series([1.0, 2.0, 4.0, 8.0], index=LINE)
    assert economic(series).loc["c"].tolist() == [1 / 3, 1 / 2, 0, 1 / 4]
    mixed = nested(inverse_distance(KM), economic(series), 0.25)
    by_hand = 0.25 * row_standardised(inverse_distance(KM)) + 0.75 * row_standardised(economic(series))
    assert mixed.equals(by_hand) and np.allclose(mixed.sum(axis=1), 1)


def test_great_circles_between_provinces() -> None:
    distance = distances_km(PLACES)
    assert distance.loc[110000, 310000] == pytest.approx(1068, abs=5)  # Beijing to Shanghai
    assert np.allclose(distance, distance.T) and (np.diag(distance) == 0).all()


def test_rows_are_brought_to_one_and_again_among_some() -> None:
    made = row_standardised(contiguity(LINE, BORDERS))
    assert made.loc["b"].tolist() == [0.5, 0, 0.5, 0]
    assert among(made, ["a", "b", "c"]).loc["c"].tolist() == [0, 1, 0]
    with pytest.raises(WeightsError, match="sum 1: d"):
        among(made, ["a", "b", "d"])


def test_what_cannot_be_made_is_refused_by_name() -> None:
    same = KM.copy()
    same.loc["a", "c"] = same.loc["c", "a"] = 0.0
    with pytest.raises(WeightsError, match="a and c lie at the same point"):
        inverse_distance(same)
    with pytest.raises(WeightsError, match="from 1 to 3"):
        knn(KM, 4)
    with pytest.raises(WeightsError, match="b and d have the same value"):
        economic(pd.Series([1.0, 2.0, 3.0, 2.0], index=LINE))
    with pytest.raises(WeightsError, match="none of b"):
        economic(pd.Series([1.0, np.nan, 3.0, 2.0], index=LINE))
    with pytest.raises(WeightsError, match="between 0 and 1"):
        nested(KM, KM, 1.0)
    with pytest.raises(WeightsError, match="in one order"):
        nested(KM, KM.loc[LINE[::-1], LINE[::-1]])


PAIRS = pd.DataFrame(
    [("a", "b", 1.0), ("b", "a", 0.5), ("b", "c", 0.5), ("c", "b", 1.0), ("d", None, None)],
    columns=["code", "neighbour_code", "weight"],
)


def test_a_matrix_of_a_user_is_taken_as_given() -> None:
    made = from_pairs(PAIRS, LINE)
    assert made.loc["b"].tolist() == [0.5, 0, 0.5, 0] and made.loc["d"].sum() == 0


@pytest.mark.parametrize(
    ("pairs", "message"),
    [
        (PAIRS[PAIRS["code"] != "d"], "no row of d"),
        (PAIRS.replace({"neighbour_code": {"c": "z"}}), "outside the panel: z"),
        (pd.concat([PAIRS, PAIRS.head(1)]), "pair a b twice"),
        (PAIRS.replace({"weight": {0.5: -0.5}}), "negative"),
        (PAIRS.assign(neighbour_code=PAIRS["neighbour_code"].mask(PAIRS["code"] == "a", "a")), "its own neighbour"),
    ],
)
def test_a_wrong_matrix_of_a_user_is_refused(pairs: pd.DataFrame, message: str) -> None:
    with pytest.raises(WeightsError, match=message):
        from_pairs(pairs, LINE)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("contiguity", ("contiguity", 1, 1.0, None, 4, 50)),
        ("contiguity_2", ("contiguity", 2, 1.0, None, 4, 50)),
        ("contiguity_binary", ("contiguity_binary", 1, 1.0, None, 4, 50)),
        ("inverse_distance_1.5_800km", ("inverse_distance", 1, 1.5, 800.0, 4, 50)),
        ("inverse_distance_1000km", ("inverse_distance", 1, 1.0, 1000.0, 4, 50)),
        ("knn_6", ("knn", 1, 1.0, None, 6, 50)),
        ("nested_75", ("nested", 1, 1.0, None, 4, 75)),
    ],
)
def test_names_say_what_is_asked(name: str, expected: tuple) -> None:
    found = weights_name(name)
    assert found is not None
    assert (found.kind, found.order, found.power, found.km, found.nearest, found.percent) == expected


@pytest.mark.parametrize("name", ["rail", "knn_0", "inverse_distance_", "nested_100", "contiguity_9", "Contiguity"])
def test_any_other_name_is_that_of_a_users_matrix(name: str) -> None:
    assert weights_name(name) is None
