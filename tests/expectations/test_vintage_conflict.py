"""Every check of vintage_conflict passes on good data and fails on data that breaks only its rule."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import expectations.vintage_conflict as suite
from catalog.provinces import load_provinces
from expectations.finder import TableSuite
from expectations.suite import NOTHING

SUITE = TableSuite(suite.TABLE, suite)

CHECKS = {check.name: check for check in suite.checks()}
Break = Callable[[pd.DataFrame], pd.DataFrame]


def gaps(df: pd.DataFrame) -> pd.DataFrame:
    return df.assign(relative_gap=(df["value_other"] - df["value_kept"]) / df["value_kept"].abs())


@pytest.fixture
def good() -> pd.DataFrame:
    """Residents of three provinces in two editions, a third edition of one, and a rate revised from zero."""
    df = pd.DataFrame(
        [
            (110000, 2019, "resident_population", "older", 2190.0, 2154.0),
            (110000, 2019, "resident_population", "oldest", 2190.0, 2170.0),
            (330000, 2019, "resident_population", "older", 6375.0, 5850.0),
            (440000, 2019, "resident_population", "older", 12489.0, 11521.0),
            (540000, 2019, "emergency_mortality_rate", "older", 0.0, 0.01),
        ],
        columns=["entity_code", "year", "indicator", "vintage_other", "value_kept", "value_other"],
    )
    df = gaps(df.assign(entity_level="province", vintage_kept="census_2020", rule="declared order of vintages"))
    return df.assign(relative_gap=df["relative_gap"].mask(df["value_kept"] == 0))


def setting(column: str, value: Any, row: int = 0) -> Break:
    return lambda df: df.assign(**{column: df[column].mask(df.index == row, value)})


def other_value(value: float) -> Break:
    return lambda df: gaps(setting("value_other", value)(df.iloc[:-1]))


VIOLATIONS: dict[str, tuple[Break, set[str]]] = {
    "required_complete": (setting("rule", None), set()),
    "key_unique": (lambda df: pd.concat([df, df.iloc[[0]]], ignore_index=True), set()),
    "indicators_known": (setting("indicator", "gdp_per_capita"), set()),
    "vintages_differ": (setting("vintage_kept", "older"), set()),
    "values_differ": (other_value(2190.0), set()),
    "gap_consistent": (lambda df: df.assign(relative_gap=-df["relative_gap"]), set()),
    "gap_small": (other_value(2190 * 1.11), set()),
    "gap_within_revision": (other_value(2190 * 0.39), {"gap_small"}),
}


def failed(df: pd.DataFrame) -> dict[str, str]:
    result = SUITE.run(df)
    return dict(result.loc[~result["passed"], ["check_name", "observed"]].itertuples(index=False))


def test_good_data_passes_every_check(good: pd.DataFrame) -> None:
    assert SUITE.run(good)["check_name"].tolist() == list(CHECKS)
    assert failed(good) == {}


def test_every_check_has_a_violation_and_every_violation_a_check() -> None:
    assert set(VIOLATIONS) == set(CHECKS)
    assert len(CHECKS) == len(suite.checks()) == 8
    assert {n for n, check in CHECKS.items() if check.severity == "warning"} == {"gap_small"}


@pytest.mark.parametrize("name", CHECKS)
def test_a_violation_fails_exactly_its_check(good: pd.DataFrame, name: str) -> None:
    violate, companions = VIOLATIONS[name]
    assert set(failed(violate(good))) == {name} | companions


@pytest.mark.parametrize("column", suite._REQUIRED)
def test_an_empty_field_is_noticed(good: pd.DataFrame, column: str) -> None:
    assert "required_complete" in failed(setting(column, None)(good))


@pytest.mark.parametrize(("value", "row"), [(None, 0), (0.5, 4)])
def test_a_gap_stands_exactly_where_one_is_defined(good: pd.DataFrame, value: float | None, row: int) -> None:
    """Absent where it can be computed, or present where the value kept is zero."""
    assert "gap_consistent" in failed(setting("relative_gap", value, row)(good))


def test_another_unit_is_no_revision(good: pd.DataFrame) -> None:
    text = failed(other_value(21540000.0)(good))["gap_within_revision"]
    assert text.startswith("1 of 4 not as expected: gap_size = 9834.6")
    assert text.endswith("vintage_other older")


def test_without_a_second_vintage_there_is_nothing_to_check(good: pd.DataFrame) -> None:
    result = SUITE.run(good.iloc[:0])
    assert result["passed"].all()
    assert result["observed"].eq(NOTHING).all()


def test_prepare_leaves_the_given_columns_alone(good: pd.DataFrame) -> None:
    before = good.copy()
    prepared = suite.prepare(good.iloc[::-1])
    assert good.equals(before)
    assert prepared[list(good.columns)].equals(good.iloc[::-1])


def test_the_census_of_2020_is_a_revision_that_asks_for_a_look(real_data: Path) -> None:
    """Two real editions of residents: no critical check fails; the widest gap is Heilongjiang's in 2019."""
    codes = {p.short_zh[:2]: p.province_code for p in load_provinces()}
    older = pd.read_csv(real_data / "province/bar_chart_race_cn/人口.csv").melt(
        "year", var_name="place", value_name="value_other"
    )
    newer = pd.read_csv(
        real_data / "province/pengyunlong/population_clustering/清洗后长表.csv", encoding="utf-8-sig"
    ).rename(columns={"省份": "place", "年份": "year", "总人口": "value_kept"})
    sides = [df.assign(entity_code=df["place"].str[:2].map(codes)) for df in (older, newer)]
    df = sides[0].merge(sides[1], on=["entity_code", "year"])
    assert len(df) == 31 * 20
    df = gaps(df[df["value_kept"] != df["value_other"]]).assign(
        entity_level="province",
        indicator="resident_population",
        vintage_kept="newer",
        vintage_other="older",
        rule="declared",
    )
    columns = [
        "entity_code",
        "entity_level",
        "year",
        "indicator",
        "vintage_kept",
        "vintage_other",
        "value_kept",
        "value_other",
    ]
    found = failed(df[[*columns, "relative_gap", "rule"]])
    assert set(found) == {"gap_small"}
    assert "highest gap_size = 0.15238" in found["gap_small"]
    assert "entity_code 230000, entity_level province, year 2019" in found["gap_small"]
