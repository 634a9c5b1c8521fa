"""Every check of province_year passes on good data and fails on data that breaks only its rule."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

import expectations.province_year as suite
from catalog.indicators import Indicator, load_registry
from catalog.provinces import load_provinces
from expectations.finder import TableSuite
from expectations.suite import NOTHING, run_checks

SUITE = TableSuite(suite.TABLE, suite)
YEARS = (2013, 2014, 2015)
CHECKS = {check.name: check for check in suite.checks()}
KINDS = ("range", "share", "differs", "jump")
STRUCTURE = tuple(list(CHECKS)[:6])
Break = Callable[[pd.DataFrame], pd.DataFrame]


@pytest.fixture(scope="module")
def good() -> pd.DataFrame:
    """31 provinces, three years; values near a fifth of each range, drifting by 1 % a year; one NULL each."""
    rows = []
    for year in YEARS:
        for rank, province in enumerate(load_provinces()):
            row: dict[str, float] = {"province_code": province.province_code, "year": year}
            for indicator in load_registry().indicators.values():
                low, high = indicator.range
                level = low + 0.2 * (high - low)
                row[indicator.id] = level * (1 + 0.002 * rank) * (1 + 0.01 * (year - YEARS[0]))
            rows.append(row)
    df = pd.DataFrame(rows)
    df.loc[40, list(load_registry().indicators)] = np.nan
    return df


def breaking(name: str, indicator: Indicator) -> tuple[Break, set[str]]:
    """A violation of one indicator's check `name`, and the other checks that must notice it too."""
    column, (low, high) = indicator.id, indicator.range
    # Of a share, in its unit: 100 %, 1000 ‰.
    everything = 1 / float(load_registry().units[indicator.unit].factor)
    kind = name.removesuffix(f"_{column}")

    def all_years_of_beijing(value: float) -> Break:
        return lambda df: df.assign(**{column: df[column].mask(df["province_code"] == 110000, value)})

    if kind == "range":
        whole = {f"share_{column}"} if f"share_{column}" in CHECKS and high >= everything else set()
        return all_years_of_beijing(high * 1.001), whole
    if kind == "share":
        return all_years_of_beijing(1.005 * everything), {f"range_{column}"}
    if kind == "differs":
        value = low + 0.2 * (high - low)
        return lambda df: df.assign(**{column: df[column].mask(df["year"] == 2014, value)}), set()
    assert kind == "jump", f"no violation is registered for the check {name}"

    def jump(df: pd.DataFrame) -> pd.DataFrame:
        # Low enough first that a step just over the factor stays inside the plausible range.
        start = max(low, 0.01 * high)
        step = start * suite.jump_factor(indicator) * 1.05
        assert step < high
        beijing = df["province_code"] == 110000
        values = df[column].mask(beijing, step).mask(beijing & (df["year"] == 2013), start)
        return df.assign(**{column: values})

    return jump, set()


def drop(df: pd.DataFrame, code: int, year: int) -> pd.DataFrame:
    return df[~((df["province_code"] == code) & (df["year"] == year))]


def without_a_province(df: pd.DataFrame) -> pd.DataFrame:
    return pd.concat([df, df.iloc[[0]].assign(province_code=np.nan)], ignore_index=True)


def with_an_unknown_province(df: pd.DataFrame) -> pd.DataFrame:
    return pd.concat([df, df.iloc[[0]].assign(province_code=710000)], ignore_index=True)


VIOLATIONS: dict[str, tuple[Break, set[str]]] = {
    "key_complete": (without_a_province, set()),
    "key_unique": (lambda df: pd.concat([df, df.iloc[[3]]], ignore_index=True), set()),
    "province_codes_known": (with_an_unknown_province, set()),
    "provinces_in_every_year": (lambda df: drop(df, 540000, 2014), {"all_provinces"}),
    "all_provinces": (lambda df: df[df["province_code"] != 540000], set()),
    "years_consecutive": (lambda df: df[df["year"] != 2014], set()),
}
for _indicator in load_registry().indicators.values():
    for _kind in KINDS:
        if f"{_kind}_{_indicator.id}" in CHECKS:
            VIOLATIONS[f"{_kind}_{_indicator.id}"] = breaking(f"{_kind}_{_indicator.id}", _indicator)


def test_good_data_passes_every_check(good: pd.DataFrame) -> None:
    result = SUITE.run(good)
    assert result["check_name"].tolist() == list(CHECKS)
    assert result.loc[~result["passed"], ["check_name", "observed"]].to_dict("records") == []
    assert not result["observed"].str.startswith("no values").any()


def test_every_check_has_a_violation_and_every_violation_a_check() -> None:
    assert set(VIOLATIONS) == set(CHECKS)
    assert len(CHECKS) == len(suite.checks()) > 60


@pytest.mark.parametrize("name", STRUCTURE)
def test_a_violation_fails_exactly_its_check(good: pd.DataFrame, name: str) -> None:
    violate, companions = VIOLATIONS[name]
    result = run_checks(list(CHECKS.values()), suite.prepare(violate(good)))
    assert set(result.loc[~result["passed"], "check_name"]) == {name} | companions


@pytest.mark.parametrize("every_other", [0, 1])
@pytest.mark.parametrize("kind", KINDS)
def test_violations_of_one_kind_fail_exactly_the_checks_of_that_kind(
    good: pd.DataFrame, kind: str, every_other: int
) -> None:
    """Every other indicator is violated, all at once: no check looks at its neighbour."""
    bad, expected = good, set()
    for name in [name for name in CHECKS if name.startswith(f"{kind}_")][every_other::2]:
        violate, companions = VIOLATIONS[name]
        bad = violate(bad)
        expected |= {name} | companions
    result = run_checks(list(CHECKS.values()), suite.prepare(bad)).set_index("check_name")
    assert expected
    assert set(result.index[~result["passed"]]) == expected
    assert result.loc[sorted(expected), "observed"].str.contains("not as expected").all()


def test_a_value_below_the_range_fails_too(good: pd.DataFrame) -> None:
    bad = good.assign(gdp=good["gdp"].mask(good["province_code"] == 110000, 19.9))
    result = run_checks([CHECKS["range_gdp"]], suite.prepare(bad))
    assert not result.loc[0, "passed"]


def test_a_column_without_data_passes_and_says_so(good: pd.DataFrame) -> None:
    result = SUITE.run(good.assign(gdp=np.nan)).set_index("check_name")
    for kind in ("range", "differs", "jump"):
        assert result.loc[f"{kind}_gdp", "passed"]
        assert result.loc[f"{kind}_gdp", "observed"] == "no values to check"


def test_an_absent_column_fails(good: pd.DataFrame) -> None:
    result = SUITE.run(good.drop(columns="gdp")).set_index("check_name")
    assert set(result.index[~result["passed"]]) == {"range_gdp", "differs_gdp", "jump_gdp"}


def test_without_figures_the_table_may_be_empty_and_says_so_of_every_check(good: pd.DataFrame) -> None:
    result = SUITE.run(good.iloc[:0])
    assert result["passed"].all()
    assert set(result["observed"]) == {NOTHING}


def test_check_names_can_name_asset_checks() -> None:
    assert all(name.isidentifier() and name.isascii() for name in CHECKS)


def test_prepare_adds_columns_and_leaves_the_rest(good: pd.DataFrame) -> None:
    before = good.copy()
    prepared = suite.prepare(good)
    assert good.equals(before)
    assert prepared[list(good.columns)].equals(good)
    assert prepared["provinces_in_year"].eq(31).all()
    assert prepared["provinces_lost"].eq(0).all()
    assert prepared.loc[prepared["year"] == 2013, "year_gap"].isna().all()
    assert prepared.loc[prepared["year"] > 2013, "year_gap"].eq(1).all()


def test_a_jump_is_measured_either_way_and_only_between_neighbouring_years() -> None:
    df = pd.DataFrame(
        {
            "province_code": 110000,
            "year": [2013, 2014, 2015, 2016, 2018, 2019, 2020],
            "gdp": [200.0, 100.0, 300.0, np.nan, 400.0, 0.0, 0.0],
        }
    )
    jumps = suite.prepare(df)["jump__gdp"].tolist()
    assert jumps == pytest.approx([np.nan, 2.0, 3.0, np.nan, np.nan, np.inf, 1.0], nan_ok=True)


def test_one_province_with_data_is_not_an_identical_value() -> None:
    df = pd.DataFrame({"province_code": [110000, 120000], "year": 2013, "gdp": [200.0, np.nan]})
    assert suite.prepare(df)["distinct__gdp"].isna().all()
