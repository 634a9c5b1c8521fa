"""Every check of city_year passes on good data and fails on data that breaks only its rule."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

import expectations.city_year as suite
from catalog.indicators import load_registry
from expectations.finder import TableSuite
from expectations.suite import run_checks
from ingestion.places.records import place_records

SUITE = TableSuite(suite.TABLE, suite)
PLACES = pd.DataFrame(place_records())
CITIES = (110000, 130100, 429004, 540500)
YEARS = (2016, 2017)
INDICATORS = load_registry().of_cities
NAMES = [indicator.id for indicator in INDICATORS]
CHECKS = {check.name: check for check in suite.checks()}
Break = Callable[[pd.DataFrame], pd.DataFrame]


@pytest.fixture(scope="module")
def good() -> pd.DataFrame:
    """A city, a municipality and a county directly under its province, two years; one figure missing."""
    rows = []
    for year in YEARS:
        for rank, code in enumerate(CITIES):
            row: dict[str, float] = {"city_code": code, "year": year}
            for indicator in INDICATORS:
                low, high = indicator.city_range or (0, 0)
                row[indicator.id] = low + (0.2 if indicator.id != "gdp_urban_districts" else 0.1) * (high - low)
                row[indicator.id] *= 1 + 0.01 * rank
            rows.append(row)
    df = pd.DataFrame(rows)
    df.loc[1, NAMES[1:]] = np.nan
    return df


def first_row(**values: float) -> Break:
    def change(df: pd.DataFrame) -> pd.DataFrame:
        df = df.copy()
        for name, value in values.items():
            df.loc[0, name] = value
        return df

    return change


def all_alike(name: str) -> Break:
    return lambda df: df.assign(**{name: df[name].mask(df["year"] == 2017, df[name].max())})


VIOLATIONS: dict[str, Break] = {
    "key_complete": first_row(year=np.nan),
    "key_unique": lambda df: pd.concat([df, df.iloc[[3]]], ignore_index=True),
    "city_codes_known": first_row(city_code=130000),
    "rows_not_empty": lambda df: df.assign(**{name: df[name].mask(df.index == 0) for name in NAMES}),
    "part_within_whole": first_row(gdp=1000, gdp_urban_districts=1030),
    "parts_mostly_within_whole": first_row(gdp=1000, gdp_urban_districts=1030),
}
for _indicator in INDICATORS:
    _low, _high = _indicator.city_range or (0, 0)
    VIOLATIONS[f"range_{_indicator.id}"] = first_row(**{_indicator.id: _high * 1.001})
    VIOLATIONS[f"differs_{_indicator.id}"] = all_alike(_indicator.id)


def failed(df: pd.DataFrame, names: list[str]) -> set[str]:
    result = run_checks(
        [CHECKS[name] for name in names], suite.prepare(df, places=PLACES), may_be_empty=suite.MAY_BE_EMPTY
    )
    return set(result.loc[~result["passed"], "check_name"])


def test_good_data_passes_every_check(good: pd.DataFrame) -> None:
    result = SUITE.run(good, places=PLACES)
    assert result.loc[~result["passed"]].to_dict("records") == []
    assert set(VIOLATIONS) == set(CHECKS), "a check without a violation that proves it"


@pytest.mark.parametrize("name", VIOLATIONS)
def test_each_check_fails_on_its_violation(good: pd.DataFrame, name: str) -> None:
    others = ["key_unique", "city_codes_known", "part_within_whole", name]
    larger_part = name in {"range_gdp_urban_districts", "parts_mostly_within_whole"}
    expected = {name} | ({"part_within_whole"} if larger_part else set())
    assert failed(VIOLATIONS[name](good), list(dict.fromkeys(others))) == expected


def test_a_whole_that_was_revised_alone_is_a_warning_and_many_are_critical(good: pd.DataFrame) -> None:
    names = ["part_within_whole", "parts_mostly_within_whole"]
    severities = [CHECKS[name].severity for name in names]
    many = pd.concat([good] * 10, ignore_index=True)
    assert severities == ["warning", "critical"]
    assert failed(first_row(gdp=1000, gdp_urban_districts=1170)(many), names) == {"part_within_whole"}
    assert failed(many.assign(gdp_urban_districts=many["gdp"] * 1.1), names) == set(names)


@pytest.mark.parametrize("code", [130000, 130102, 429000, 710000, 990100])
def test_codes_that_are_no_citys(good: pd.DataFrame, code: int) -> None:
    assert failed(first_row(city_code=code)(good), ["city_codes_known"]) == {"city_codes_known"}


@pytest.mark.parametrize("code", [460003, 460036, 511400, 540500, 542200, 469003, 659001, 500000])
def test_every_code_the_crosswalk_gives_a_city_is_one(good: pd.DataFrame, code: int) -> None:
    """The units directly under 海南 had no 90 in their codes before 2001."""
    assert failed(first_row(city_code=code)(good), ["city_codes_known"]) == set()


def test_without_cities_the_table_may_be_empty(good: pd.DataFrame) -> None:
    assert SUITE.run(good.iloc[:0], places=PLACES)["passed"].all()
