"""Every check of series_vintage passes on good data and fails on data that breaks only its rule."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest

import expectations.series_vintage as suite
from expectations.finder import TableSuite
from expectations.suite import NOTHING

SUITE = TableSuite(suite.TABLE, suite)

CHECKS = {check.name: check for check in suite.checks()}
Break = Callable[[pd.DataFrame], pd.DataFrame]


@pytest.fixture
def good() -> pd.DataFrame:
    """A series of one vintage, one of two that are spliced, and a vintage withheld that has no year of its own."""
    columns = [
        "indicator", "entity_level", "vintage", "role", "first_year", "last_year", "figures", "chosen", "withheld",
    ]  # fmt: skip
    rows: list[tuple[Any, ...]] = [
        ("gdp", "nation", "new", "kept", 2011, 2020, 10, 10, 0),
        ("gdp", "province", "new", "kept", 2011, 2020, 310, 310, 0),
        ("gdp", "province", "old", "withheld", 2012, 2015, 124, 0, 0),
        ("land_area", "province", "new", "kept", 2011, 2020, 310, 310, 0),
        ("land_area", "province", "old", "spliced", 2000, 2015, 496, 341, 0),
    ]
    told = {"reason": "declared / 声明", "downloads": 1, "revised": 0}
    refused = {"refused_vintage": None, "refused_because": None, "fallback": None}
    return pd.DataFrame(rows, columns=columns).assign(**told, **refused)


def setting(column: str, value: Any, row: int) -> Break:
    return lambda df: df.assign(**{column: df[column].mask(df.index == row, value)})


VIOLATIONS: dict[str, Break] = {
    "required_complete": setting("reason", None, 3),
    "key_unique": lambda df: pd.concat([df, df.iloc[[2]]], ignore_index=True),
    "indicators_known": lambda df: df.assign(indicator=df["indicator"].replace("gdp", "gdp_per_capita")),
    "roles_known": setting("role", "mixed", 4),
    "one_kept": setting("role", "kept", 4),
    "withheld_unused": setting("chosen", 3, 2),
    "nothing_left_out": setting("withheld", 31, 2),
    "no_fallback": lambda df: refused(df, "refuse"),
    "downloads_not_spliced": lambda df: setting("downloads", 2, 1)(setting("revised", 3, 1)(df)),
}


def refused(df: pd.DataFrame, fallback: str) -> pd.DataFrame:
    why = {"refused_vintage": "newest", "refused_because": "pop.csv, cell B7: not plausible", "fallback": fallback}
    for column, value in why.items():
        df = setting(column, value, 1)(df)
    return df


def failed(df: pd.DataFrame) -> dict[str, str]:
    result = SUITE.run(df)
    return dict(result.loc[~result["passed"], ["check_name", "observed"]].itertuples(index=False))


def test_good_data_passes_every_check(good: pd.DataFrame) -> None:
    assert SUITE.run(good)["check_name"].tolist() == list(CHECKS)
    assert failed(good) == {}


def test_every_check_has_a_violation_and_every_violation_a_check() -> None:
    assert set(VIOLATIONS) == set(CHECKS)
    assert {name for name, check in CHECKS.items() if check.severity == "warning"} == {
        "nothing_left_out",
        "downloads_not_spliced",
    }


@pytest.mark.parametrize("name", CHECKS)
def test_a_violation_fails_exactly_its_check(good: pd.DataFrame, name: str) -> None:
    assert set(failed(VIOLATIONS[name](good))) == {name}


def test_a_series_without_a_kept_vintage_fails(good: pd.DataFrame) -> None:
    assert "one_kept" in failed(setting("role", "spliced", 0)(good))


def test_what_was_left_out_is_named(good: pd.DataFrame) -> None:
    text = failed(VIOLATIONS["nothing_left_out"](good))["nothing_left_out"]
    assert "31 figures of 2012-2015 at indicator gdp, entity_level province, vintage old" in text


def test_a_fallback_names_its_cause_first_and_may_be_allowed(good: pd.DataFrame) -> None:
    text = failed(refused(good, "refuse"))["no_fallback"]
    assert "pop.csv, cell B7: not plausible -> gdp (province) would come from new instead of newest" in text
    assert failed(refused(good, "allow")) == {}


def test_revisions_alone_and_several_downloads_alone_are_no_splice(good: pd.DataFrame) -> None:
    assert failed(setting("downloads", 2, 1)(good)) == {}
    assert failed(setting("revised", 9, 1)(good)) == {}


def test_no_series_at_all_is_nothing_to_check(good: pd.DataFrame) -> None:
    result = SUITE.run(good.iloc[:0])
    assert result["passed"].all()
    assert set(result["observed"]) == {NOTHING}
