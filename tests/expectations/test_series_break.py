"""Breaks inside a study's years are reported for each indicator the study uses, and no others."""

from __future__ import annotations

import pandas as pd
import pytest

import expectations.series_break as suite
from catalog import Study, load_registry, load_studies
from expectations.finder import TableSuite

SUITE = TableSuite(suite.TABLE, suite)


@pytest.fixture
def study() -> Study:
    """Its years are 2013-2024; it uses resident population only through figures per head."""
    return load_studies()["mspi"]


@pytest.fixture
def breaks() -> pd.DataFrame:
    """series_break as dbt publishes it."""
    registry = load_registry()
    rows = [
        (name, item.year, owner, item.kind, item.levels_comparable, item.en, item.zh, item.source)
        for name in registry.indicators
        for owner, item in registry.breaks_of(name)
    ]
    columns = [
        "indicator", "year", "input_indicator", "kind", "levels_comparable", "description", "description_zh", "source",
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=columns).assign(chained=None)


def failed(df: pd.DataFrame, study: Study) -> dict[str, str]:
    result = SUITE.run(df, study)
    return dict(result.loc[~result["passed"], ["check_name", "observed"]].itertuples(index=False))


def test_each_indicator_of_the_study_has_its_notice(breaks: pd.DataFrame, study: Study) -> None:
    result = SUITE.run(breaks, study)
    assert result["check_name"].tolist() == [f"mspi_series_break_{name}" for name in study.indicators]
    assert set(result["severity"]) == {"warning"}


def test_breaks_of_inputs_inside_the_years_are_reported(breaks: pd.DataFrame, study: Study) -> None:
    found = failed(breaks, study)
    text = found["mspi_series_break_gdp_per_capita"]
    assert "Census of 2020" in text
    assert "levels not comparable" in text
    assert "year 2020, input_indicator resident_population" in text
    assert "mspi_series_break_newborn_visit_rate" not in found


@pytest.mark.parametrize(("year", "inside"), [(2013, False), (2014, True), (2024, True), (2025, False)])
def test_a_break_in_the_first_year_has_no_other_side(
    breaks: pd.DataFrame, study: Study, year: int, inside: bool
) -> None:
    one = breaks[breaks["indicator"] == "gdp_per_capita"].head(1).assign(year=year, levels_comparable=True)
    found = failed(one, study)
    assert set(found) == ({"mspi_series_break_gdp_per_capita"} if inside else set())
    assert "not comparable" not in "".join(found.values())


@pytest.mark.parametrize(
    ("chained", "silent"), [("province", True), ("nation|province", True), ("city|nation", False), (None, False)]
)
def test_a_break_the_series_of_the_unit_is_chained_over_is_none(
    breaks: pd.DataFrame, study: Study, chained: str | None, silent: bool
) -> None:
    one = breaks[(breaks["indicator"] == "gdp_per_capita") & (breaks["year"] == 2020)]
    assert failed(one, study) and bool(failed(one.assign(chained=chained), study)) is not silent


def test_breaks_of_indicators_the_study_does_not_use_are_none_of_its_business(
    breaks: pd.DataFrame, study: Study
) -> None:
    assert failed(breaks[~breaks["indicator"].isin(study.indicators)], study) == {}


def test_a_catalog_without_breaks_passes(breaks: pd.DataFrame, study: Study) -> None:
    assert failed(breaks.iloc[:0], study) == {}
