"""The mean of pooled z-scores and its refusals."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models_py.indices import IndexDataError, standardised_index

DIRECTIONS = {"a": 1, "b": -1, "c": 1}
DIMENSIONS = {"first": ["a", "b"], "second": ["c"]}


@pytest.fixture
def panel() -> pd.DataFrame:
    rng = np.random.default_rng(1)
    keys = [(code, year) for code in (110000, 120000, 130000) for year in (2013, 2014)]
    frame = pd.DataFrame(keys, columns=["province_code", "year"])
    return frame.assign(a=rng.normal(5, 2, 6), b=rng.normal(0, 1, 6), c=rng.normal(90, 3, 6))


def test_hand_computed_scores():
    frame = pd.DataFrame(
        {"province_code": [1, 1, 2, 2], "year": [1, 2, 1, 2], "a": [1.0, 2, 3, 4], "b": [2.0, 2, 2, 6]}
    )
    result = standardised_index(frame, {"a": 1, "b": -1}, {"d": ["a"], "e": ["b"]}, name="x")
    sd_a, sd_b = np.sqrt(5 / 3), 2.0
    z_a = (np.array([1, 2, 3, 4]) - 2.5) / sd_a
    z_b = -(np.array([2, 2, 2, 6]) - 3) / sd_b
    np.testing.assert_allclose(result.values["d"], z_a, rtol=1e-14)
    np.testing.assert_allclose(result.values["e"], z_b, rtol=1e-14)
    np.testing.assert_allclose(result.values["x"], (z_a + z_b) / 2, rtol=1e-14)
    assert list(result.values.columns) == ["province_code", "year", "x", "d", "e"]
    assert list(result.scores.columns) == [
        "index_name",
        "indicator",
        "province_code",
        "year",
        "raw",
        "score",
        "weight",
    ]
    assert set(result.scores["weight"]) == {0.5}
    assert result.scores.loc[result.scores["indicator"] == "b", "raw"].tolist() == [2, 2, 2, 6]


@pytest.mark.parametrize("ddof", [0, 1])
def test_scores_have_mean_zero_and_unit_spread(panel, ddof):
    scores = standardised_index(panel, DIRECTIONS, DIMENSIONS, ddof=ddof).scores
    for _, group in scores.groupby("indicator"):
        assert abs(group["score"].mean()) < 1e-14
        assert group["score"].std(ddof=ddof) == pytest.approx(1, abs=1e-14)


def test_index_is_the_weighted_sum_of_its_scores(panel):
    result = standardised_index(panel, DIRECTIONS, DIMENSIONS)
    scores = result.scores.assign(part=lambda f: f["score"] * f["weight"])
    total = scores.groupby(["province_code", "year"])["part"].sum().to_numpy()
    np.testing.assert_allclose(total, result.values["index"], atol=1e-14)


@settings(max_examples=30, deadline=None)
@given(st.floats(1e-3, 1e3), st.floats(-1e3, 1e3), st.permutations(range(6)))
def test_units_and_row_order_do_not_matter(scale, shift, order):
    rng = np.random.default_rng(2)
    keys = [(code, year) for code in range(3) for year in range(2)]
    frame = pd.DataFrame(keys, columns=["province_code", "year"])
    frame = frame.assign(a=rng.normal(size=6), b=rng.normal(size=6), c=rng.normal(size=6))
    other = frame.assign(b=frame["b"] * scale + shift).iloc[list(order)]
    left = standardised_index(frame, DIRECTIONS, DIMENSIONS).values
    right = standardised_index(other, DIRECTIONS, DIMENSIONS).values
    pd.testing.assert_frame_equal(left, right, atol=1e-8, rtol=1e-8)


def test_input_is_left_alone(panel):
    before = panel.copy()
    standardised_index(panel, DIRECTIONS, DIMENSIONS)
    pd.testing.assert_frame_equal(panel, before)


def test_missing_values_are_named(panel):
    panel.loc[3, "b"] = np.nan
    with pytest.raises(IndexDataError, match="missing values: 120000 2014 b"):
        standardised_index(panel, DIRECTIONS, DIMENSIONS)


def test_only_the_first_missing_cells_are_listed(panel):
    panel["b"] = np.nan
    with pytest.raises(IndexDataError, match="130000 2013 b and 1 more"):
        standardised_index(panel, DIRECTIONS, DIMENSIONS)


def test_constant_indicator(panel):
    with pytest.raises(IndexDataError, match="'c' is constant"):
        standardised_index(panel.assign(c=0.1), DIRECTIONS, DIMENSIONS)


def test_infinite_value(panel):
    panel.loc[0, "c"] = np.inf
    with pytest.raises(IndexDataError, match="'c' is infinite: 110000 2013"):
        standardised_index(panel, DIRECTIONS, DIMENSIONS)


def test_text(panel):
    with pytest.raises(IndexDataError, match="'c' is not numeric"):
        standardised_index(panel.assign(c="9"), DIRECTIONS, DIMENSIONS)


def test_duplicated_rows(panel):
    with pytest.raises(IndexDataError, match="occur twice: 110000 2014"):
        standardised_index(pd.concat([panel, panel.iloc[[1]]]), DIRECTIONS, DIMENSIONS)


def test_unbalanced_panel(panel):
    with pytest.raises(IndexDataError, match="unbalanced; missing rows: 120000 2013"):
        standardised_index(panel.drop(index=2), DIRECTIONS, DIMENSIONS)


def test_row_without_a_key(panel):
    panel["province_code"] = panel["province_code"].astype("Int64")
    panel.loc[0, "province_code"] = pd.NA
    with pytest.raises(IndexDataError, match="1 rows have no province_code"):
        standardised_index(panel, DIRECTIONS, DIMENSIONS)


def test_absent_column(panel):
    with pytest.raises(IndexDataError, match="columns absent from the data: c"):
        standardised_index(panel.drop(columns="c"), DIRECTIONS, DIMENSIONS)


def test_empty_data(panel):
    with pytest.raises(IndexDataError, match="no rows"):
        standardised_index(panel.head(0), DIRECTIONS, DIMENSIONS)


@pytest.mark.parametrize(
    ("directions", "dimensions", "message"),
    [
        (DIRECTIONS, {"first": ["a", "b"], "second": ["c", "a"]}, "'a' is in two dimensions"),
        ({"a": 1, "b": -1}, DIMENSIONS, "'c' has no direction"),
        ({"a": 1, "b": -1, "c": 2}, DIMENSIONS, r"direction of 'c' must be \+1 or -1"),
        (DIRECTIONS, {"first": ["a", "b"]}, "in no dimension: c"),
        (DIRECTIONS, {"first": []}, "at least one indicator"),
        (DIRECTIONS, {"first": "abc"}, "at least one indicator"),
        (DIRECTIONS, {"year": ["a", "b"], "second": ["c"]}, "name of another column"),
        ({}, {}, "no dimension"),
    ],
)
def test_wrong_declarations(panel, directions, dimensions, message):
    with pytest.raises(IndexDataError, match=message):
        standardised_index(panel, directions, dimensions)


def test_wrong_ddof(panel):
    with pytest.raises(IndexDataError, match="ddof"):
        standardised_index(panel, DIRECTIONS, DIMENSIONS, ddof=2)
