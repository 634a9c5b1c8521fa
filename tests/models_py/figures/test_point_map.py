"""Names on a map of points: the largest places have them, and none lies on another."""

import json

import pandas as pd

from models_py.figures.point_map import _named, classed, point_map

ROWS = pd.DataFrame(
    {
        "name": ["一二三市", "四五六市", "七八九市", "十市"],
        "value": [4.0, 3.0, 2.0, float("nan")],
        "x": [100.0, 110.0, 100.0, 300.0],
        "y": [50.0, 52.0, 200.0, 300.0],
    }
)


def test_a_smaller_place_beside_a_larger_one_goes_without_a_name() -> None:
    assert list(_named(ROWS)["name"]) == ["一二三市", "七八九市"]
    apart = ROWS.assign(y=[50.0, 80.0, 200.0, 300.0])
    assert list(_named(apart)["name"]) == ["一二三市", "四五六市", "七八九市"]


def test_no_more_than_eight_places_are_named() -> None:
    many = pd.DataFrame({"name": "市", "value": range(20), "x": 0.0, "y": [40.0 * n for n in range(20)]})
    assert list(_named(many)["value"]) == list(range(19, 11, -1))


def test_counts_are_printed_without_decimals_in_the_legend() -> None:
    points, classes = classed(ROWS.assign(value=[30.0, 20.0, 12.0, 11.0]), 2)
    for decimals, printed in ((0, ["20 – 30  (2)", "11 – 12  (2)"]), (2, ["20.00 – 30.00  (2)", "11.00 – 12.00  (2)"])):
        drawn = json.dumps(point_map(points, classes, "measure", decimals, "en").to_dict(), ensure_ascii=False)
        assert all(label in drawn for label in printed)
