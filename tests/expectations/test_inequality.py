"""Every check of the tables of inequality passes on what the part makes and fails on data that breaks its rule."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

import expectations.inequality
import expectations.inequality_contribution
import expectations.inequality_measure
import expectations.inequality_place
import expectations.lorenz
from catalog.studies import load_studies
from expectations.finder import TableSuite, suite_for
from expectations.suite import NOTHING
from models_py.parts.registry import results_of
from tests.models_py.parts.inequality import resources

MODULES = [
    expectations.inequality,
    expectations.inequality_measure,
    expectations.inequality_contribution,
    expectations.inequality_place,
    expectations.lorenz,
]
SUITES = {module.TABLE: TableSuite(module.TABLE, module) for module in MODULES}
STUDY = resources.study()
CHECKS = {
    table: [check.name.removeprefix("inequality_") for check in suite.checks(STUDY)] for table, suite in SUITES.items()
}
Break = Callable[[pd.DataFrame], pd.DataFrame]


def put(column: str, value: Any, *, row: int = 5) -> Break:
    """Another value in one row."""
    return lambda df: df.assign(**{column: df[column].astype("object").mask(df.index == row, value)}).astype(
        {column: "float64" if isinstance(value, float) else "object"}
    )


def add(column: str, step: float, row: int = 5) -> Break:
    return lambda df: df.assign(**{column: df[column].mask(df.index == row, df[column] + step)})


def twice(df: pd.DataFrame) -> pd.DataFrame:
    return pd.concat([df, df.iloc[[5]]], ignore_index=True)


def year_beyond(df: pd.DataFrame) -> pd.DataFrame:
    """The last year as one more, beside those there are."""
    last = df[df["year"] == df["year"].max()]
    return pd.concat([df, last.assign(year=2031)], ignore_index=True)


def silent(df: pd.DataFrame) -> pd.DataFrame:
    """One figure less, and nothing said."""
    name = "theil" if "theil" in df else "value"
    return df.assign(**{name: df[name].mask(df.index == 5)}, note_en=df["note_en"].mask(df.index == 5, ""))


def measure(name: str, **changes: Any) -> Break:
    """Columns changed in all rows of one measure."""

    def violate(df: pd.DataFrame) -> pd.DataFrame:
        of = df["measure"] == name
        return df.assign(**{key: df[key].where(~of, value) for key, value in changes.items()})

    return violate


def swapped(df: pd.DataFrame) -> pd.DataFrame:
    gini = df["measure"] == "gini"
    return df.assign(low=df["low"].mask(gini, df["high"]), high=df["high"].mask(gini, df["low"]))


def bowed(df: pd.DataFrame) -> pd.DataFrame:
    """One curve whose fifth point lies on the line of its neighbours and a little above: rising still, not convex."""
    y = df["cumulative_resource"].copy()
    y[5] = (y[4] + y[6]) / 2 + 0.4 * (y[6] - y[4])
    return df.assign(cumulative_resource=y)


def end_short(df: pd.DataFrame) -> pd.DataFrame:
    """Shares of one curve in another measure."""
    axes = ["cumulative_basis", "cumulative_resource"]
    one = df.index < 32
    return df.assign(**{name: df[name].mask(one, df[name] * 0.9) for name in axes})


def scaled(column: str, factor: float) -> Break:
    return lambda df: df.assign(**{column: df[column].mask(df.index == 5, df[column] * factor)})


def all_changed(df: pd.DataFrame) -> pd.DataFrame:
    return df.assign(total=df["total"] + 1, from_resource=df["from_resource"] + 1)


def reranked_down(df: pd.DataFrame) -> pd.DataFrame:
    """The same total, laid to the wrong cause."""
    return df.assign(from_reranking=df["from_reranking"] - 0.1, from_basis=df["from_basis"] + 0.1)


# Table and check: how its rule is broken, and the checks that must notice too.
COMMON: dict[str, tuple[Break, set[str]]] = {"key_unique": (twice, set()), "years_of_study": (year_beyond, set())}
VIOLATIONS: dict[str, dict[str, tuple[Break, set[str]]]] = {
    "inequality": {
        **COMMON,
        "required_complete": (lambda df: df.assign(dropped=df["dropped"].astype(float).mask(df.index == 5)), set()),
        "panel_complete": (lambda df: df.drop(index=5), set()),
        "units_accounted": (add("n", -1), set()),
        "gini_bounds": (add("gini", 1.0), set()),
        "theil_not_negative": (
            lambda df: df.assign(
                theil_within=df["theil_within"].mask(df.index == 5, -0.1),
                theil_between=df["theil_between"].mask(df.index == 5, df["theil"] + 0.1),
            ),
            set(),
        ),
        "theil_is_within_and_between": (add("theil_within", 1e-9), set()),
        "missing_explained": (silent, set()),
    },
    "inequality_measure": {
        **COMMON,
        "required_complete": (lambda df: df.assign(log_base=df["log_base"].mask(df.index == 5)), set()),
        "measures_known": (measure("gini", measure="ginny"), set()),
        "values_bounded": (measure("atkinson_0.5", value=1.2, low_jackknife=1.1, high_jackknife=1.3), set()),
        "intervals_ordered": (swapped, set()),
        "errors_not_negative": (measure("theil_t", std_error=-0.1), set()),
        "jackknife_around_value": (lambda df: df.assign(high_jackknife=df["high_jackknife"] + 1e-6), set()),
        "level_is_a_share": (lambda df: df.assign(level=df["level"] * 100), set()),
        "intervals_reproducible": (lambda df: df.assign(seed=pd.array([None] * len(df), dtype="Int64")), set()),
        "since_given": (measure("gini", since=2013), set()),
        "since_before": (measure("gini_change", since=2016), set()),
        "base_given": (measure("theil_l", log_base=""), set()),
        "missing_explained": (silent, set()),
    },
    "inequality_contribution": {
        **COMMON,
        "required_complete": (lambda df: df.assign(from_basis=df["from_basis"].mask(df.index == 5)), set()),
        "causes_add_up": (add("total", 1e-9), set()),
        "change_bounded": (all_changed, set()),
        "reranking_not_negative": (reranked_down, set()),
        "since_before": (lambda df: df.assign(since=df["year"]), set()),
    },
    "inequality_place": {
        **COMMON,
        "required_complete": (lambda df: df.assign(pad=df["pad"].mask(df.index == 5)), set()),
        "entity_level_of_study": (lambda df: df.assign(entity_level="city"), set()),
        "entities_known": (add("entity_code", 1), set()),
        "densities_not_negative": (scaled("hrdi", -1), set()),
        "hrad_not_negative": (scaled("hrad", -1), {"hrad_is_relative_density"}),
        "pad_positive": (scaled("pad", 0), set()),
        "hrdi_is_the_geometric_mean": (scaled("hrdi", 1 + 1e-9), set()),
        "hrad_is_relative_density": (scaled("hrad", 1 + 1e-6), set()),
    },
    "lorenz": {
        **COMMON,
        "key_unique": (twice, {"ranks_complete"}),
        "required_complete": (lambda df: df.assign(study=df["study"].mask(df.index == 5)), set()),
        "ranks_complete": (lambda df: df.drop(index=5), set()),
        "units_named": (lambda df: df.assign(entity_code=df["entity_code"].mask(df.index == 5)), set()),
        "starts_at_zero": (
            lambda df: df.assign(cumulative_basis=df["cumulative_basis"].mask(df.index == 0, -0.5)),
            set(),
        ),
        "ends_at_one": (end_short, set()),
        "not_falling": (add("cumulative_resource", -0.5), {"convex"}),
        "convex": (bowed, set()),
    },
}
EVERY = [(table, check) for table, checks in CHECKS.items() for check in checks]


@pytest.fixture(scope="module")
def good() -> resources.Frames:
    return resources.good()


def failed(table: str, df: pd.DataFrame) -> set[str]:
    result = SUITES[table].run(df, STUDY)
    return set(result.loc[~result["passed"], "check_name"].str.removeprefix("inequality_"))


@pytest.mark.parametrize("table", SUITES)
def test_good_data_pass_every_check(good: resources.Frames, table: str) -> None:
    result = SUITES[table].run(good[table], STUDY)
    assert result.loc[~result["passed"], ["check_name", "observed"]].to_dict("records") == []
    assert not result["observed"].str.startswith("no values").any()
    assert set(VIOLATIONS[table]) == set(CHECKS[table])


@pytest.mark.parametrize(("table", "check"), EVERY, ids=[f"{table}-{check}" for table, check in EVERY])
def test_a_violation_fails_exactly_its_check(good: resources.Frames, table: str, check: str) -> None:
    violate, companions = VIOLATIONS[table][check]
    assert failed(table, violate(good[table].reset_index(drop=True))) == {check} | companions


def test_what_the_part_leaves_out_and_explains_passes() -> None:
    """Beds of one place missing in a year and of another zero; physicians known nowhere."""
    data = resources.figures()
    first, second = ((data["entity_code"] == code) & (data["year"] == 2015) for code in (540000, 110000))
    tables = resources.made(data.assign(beds=data["beds"].mask(first).mask(second, 0), physicians=np.nan))
    for table in SUITES:
        assert failed(table, tables[table]) == set(), table


def test_cities_are_counted_against_each_other() -> None:
    data = resources.figures(list(resources.CITIES["entity_code"]), (2014, 2016))
    tables = resources.made(data, resources.panel_of("city", resources.CITIES, (2014, 2016)), groups="none")
    cities = resources.with_panel(STUDY, unit="city")
    for table, suite in SUITES.items():
        result = suite.run(tables[table], cities)
        assert result["passed"].all(), result.loc[~result["passed"], ["check_name", "observed"]].to_dict("records")
    short = tables["inequality"].assign(n=tables["inequality"]["n"].mask(tables["inequality"].index == 2, 4))
    result = SUITES["inequality"].run(short, cities).set_index("check_name")["passed"]
    assert result[~result].index.tolist() == ["inequality_units_accounted"]


def test_tables_that_hang_on_resources_may_be_empty(good: resources.Frames) -> None:
    for table, suite in SUITES.items():
        result = suite.run(good[table].iloc[:0], STUDY)
        if table == "inequality":
            assert not result["passed"].any(), "the part makes its rows whatever is known"
        else:
            assert result["passed"].all() and result["observed"].eq(NOTHING).all()


def test_studies_without_the_part_are_not_judged() -> None:
    """Suites are run where a study makes their table."""
    for name, study in load_studies().items():
        made = set(results_of(study)) & set(SUITES)
        assert made == (set(SUITES) if name == "inequality" else set()), name
    assert all(suite_for(table) == suite for table, suite in SUITES.items())


def test_prepare_leaves_the_given_columns_alone(good: resources.Frames) -> None:
    for table, suite in SUITES.items():
        df = good[table].iloc[::-1]
        before = df.copy()
        given = (df, STUDY) if table == "inequality" else (df,)
        prepared = suite.module.prepare(*given)
        pd.testing.assert_frame_equal(df, before)
        pd.testing.assert_frame_equal(prepared[list(df.columns)], df)
