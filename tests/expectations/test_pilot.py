"""The checks of the housing ministry's list pass on a list with the published counts and fail where it departs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest

import expectations.pilot as suite
from expectations.finder import TableSuite
from expectations.suite import NOTHING
from medpanel.sample.pilots import draw_pilots

SUITE = TableSuite(suite.TABLE, suite)
CHECKS = {check.name.removeprefix("mohurd_"): check for check in suite.checks()}
Break = Callable[[pd.DataFrame], pd.DataFrame]


@pytest.fixture(scope="module")
def good() -> pd.DataFrame:
    """The synthetic list, which is drawn to have every published count, as the table `pilot` holds it."""
    df = draw_pilots(7)
    unit = df["county_code"].fillna(df["prefecture_code"])
    province = unit // 10000 * 10000
    city = df["prefecture_code"]
    added = {"unit_code": unit, "city_code": city, "province_code": province, "unit_name": df["place"]}
    return df.assign(**added)


def failed(df: pd.DataFrame) -> set[str]:
    results = SUITE.run(df)
    assert set(results["severity"]) == {"warning"}
    return set(results.loc[~results["passed"], "check_name"].str.removeprefix("mohurd_"))


def test_a_complete_list_passes(good: pd.DataFrame) -> None:
    assert failed(good) == set()


def first(df: pd.DataFrame, batch: int, status: str = "new", **where: object) -> pd.Series:
    """The one row that comes first of a batch, as a mask."""
    mask = (df["programme"] == "mohurd") & (df["batch"] == batch) & (df["status"] == status)
    for column, value in where.items():
        mask &= df[column] == value
    assert mask.any()
    return pd.Series(df.index == df.index[mask][0], index=df.index)


def changed(rows: Callable[[pd.DataFrame], pd.Series], **values: Any) -> Break:
    def violate(df: pd.DataFrame) -> pd.DataFrame:
        df, mask = df.copy(), rows(df)
        for column, value in values.items():
            df.loc[mask, column] = value
        return df

    return violate


def dropped(rows: Callable[[pd.DataFrame], pd.Series]) -> Break:
    return lambda df: df[~rows(df)]


BREAKS: dict[str, Break] = {
    "list_complete": dropped(lambda df: first(df, 3)),
    "batches_known": changed(lambda df: first(df, 3, "extension"), batch=4),
    "new_1": dropped(lambda df: first(df, 1)),
    "extensions_1": changed(lambda df: first(df, 2, "extension"), batch=1),
    "new_2": dropped(lambda df: first(df, 2)),
    "extensions_2": dropped(lambda df: first(df, 2, "extension")),
    "new_3": dropped(lambda df: first(df, 3)),
    "extensions_3": dropped(lambda df: first(df, 3, "extension")),
    "prefectures_1": changed(lambda df: first(df, 1, level="prefecture"), level="county"),
    "counties_1": changed(lambda df: first(df, 1, level="district"), level="town"),
    "towns_1": changed(lambda df: first(df, 1, level="town"), level="county"),
    "shandong_2": changed(lambda df: first(df, 2, province_code=370000), province_code=130000),
    "jiangsu_2": changed(lambda df: first(df, 2, province_code=320000), province_code=130000),
    "most_2": changed(lambda df: first(df, 2, province_code=130000), province_code=320000),
    "gansu_1": changed(lambda df: first(df, 1, province_code=130000), province_code=620000),
    "gansu_prefectures_2": changed(lambda df: first(df, 2, province_code=620000), level="county"),
    "new_once": lambda df: changed(lambda d: first(d, 3), unit_code=int(df.loc[first(df, 1), "unit_code"].iloc[0]))(df),
    "extension_of_earlier": changed(lambda df: first(df, 2, "extension"), city_code=659800, unit_code=659800),
}


def test_every_check_is_broken_once() -> None:
    assert set(BREAKS) == set(CHECKS)


@pytest.mark.parametrize("name", CHECKS)
def test_a_violation_fails(good: pd.DataFrame, name: str) -> None:
    assert name in failed(BREAKS[name](good))


def test_a_partial_list_is_reported_with_its_numbers(good: pd.DataFrame) -> None:
    mohurd = good[good["programme"] == "mohurd"]
    results = SUITE.run(mohurd.head(13)).set_index("check_name")
    row = results.loc["mohurd_list_complete"]
    assert not row["passed"]
    assert "new_total = 13" in row["observed"]
    assert "277" in row["description"]


def test_of_a_partial_list_that_alone_is_said(good: pd.DataFrame) -> None:
    """The counts of batches, levels and provinces follow from it; a list short of a few places is held against them."""
    mohurd = good[(good["programme"] == "mohurd") & (good["status"] == "new")]
    assert failed(mohurd.head(13)) == failed(mohurd.iloc[::2]) == {"list_complete"}
    assert {"list_complete", "new_3"} <= failed(mohurd.iloc[:-3])
    twice = pd.concat([mohurd.head(13), mohurd.head(1)], ignore_index=True)
    assert failed(twice) == {"list_complete", "new_once"}


def test_other_programmes_are_not_counted(good: pd.DataFrame) -> None:
    results = SUITE.run(good[good["programme"] != "mohurd"])
    assert results["passed"].all()
    assert set(results["observed"]) == {NOTHING}


def test_the_frame_given_is_not_changed(good: pd.DataFrame) -> None:
    before = good.copy()
    suite.prepare(good)
    pd.testing.assert_frame_equal(good, before)
