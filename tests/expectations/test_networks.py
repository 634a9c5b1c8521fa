"""Every check of the tables of networks and counties passes on what is made and fails on data that breaks its rule."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

import expectations.centrality
import expectations.county_year
import expectations.network_summary
from catalog import Study
from expectations.finder import TableSuite, suite_for
from expectations.suite import NOTHING
from models_py.parts.registry import what_parts_give
from tests.models_py.parts.network import flows

SUITES = {
    module.TABLE: TableSuite(module.TABLE, module)
    for module in (expectations.network_summary, expectations.centrality, expectations.county_year)
}
PLACES = pd.DataFrame(
    {
        "code": [330102, 330106, 330100],
        "level": ["county", "county", "prefecture"],
        "city_code": [330100, 330100, 330100],
    }
)
Break = Callable[[pd.DataFrame], pd.DataFrame]


def put(column: str, value: Any, row: int = 2) -> Break:
    """Another value in one row."""
    return lambda df: df.assign(**{column: df[column].astype("object").mask(df.index == row, value)})


def numeric(column: str, value: float, row: int = 2) -> Break:
    return lambda df: df.assign(**{column: df[column].astype("float64").mask(df.index == row, value)})


def twice(df: pd.DataFrame) -> pd.DataFrame:
    return pd.concat([df, df.iloc[[2]]], ignore_index=True)


def fewer(df: pd.DataFrame) -> pd.DataFrame:
    """Four thresholds of the first network, its own among them."""
    return df.drop(index=[3, 4]).reset_index(drop=True)


# Table and check: how its rule is broken, and the checks that must notice too.
VIOLATIONS: dict[str, dict[str, tuple[Break, set[str]]]] = {
    "network_summary": {
        "required_complete": (numeric("unknown", np.nan), set()),
        "key_unique": (twice, set()),
        "nodes_enough": (
            lambda df: df.assign(**{name: df[name].mask(df.index == 2, value) for name, value in {
                "n_nodes": 2, "dyads": 2, "listed": 1, "known_non_ties": 1, "unknown": 0, "n_ties": 1}.items()}),
            {"official_units_are_nodes_or_absent"},
        ),
        "pairs_of_nodes": (
            lambda df: df.assign(dyads=df["dyads"].mask(df.index == 2, df["dyads"] - 1)), set(),
        ),
        "pairs_add_up": (lambda df: df.assign(listed=df["listed"].mask(df.index == 0, df["listed"] - 1)), set()),
        "ties_are_listed": (lambda df: df.assign(n_ties=df["n_ties"].mask(df.index == 2, df["listed"] + 1)), set()),
        "official_units_are_nodes_or_absent": (numeric("absent_no_flow", 3.0, row=0), set()),
        "density_is_a_share": (numeric("density", 1.2), set()),
        "flow_kept_is_a_share": (numeric("flow_kept", -0.1), set()),
        "density_all_zero_is_a_share": (numeric("density_all_zero", 1.01), set()),
        "density_listed_only_is_a_share": (numeric("density_listed_only", 1.01), set()),
        "one_own_threshold": (lambda df: df.assign(own=df["own"].astype("boolean") | (df.index == 2)), set()),
        "thresholds_enough": (fewer, set()),
        "not_empty": (numeric("n_ties", 0.0), set()),
    },
    "centrality": {
        "required_complete": (numeric("betweenness", np.nan), set()),
        "key_unique": (twice, {"shares_of_a_whole", "pagerank_of_a_whole", "ties_have_two_ends"}),
        "in_degree_std_within": (numeric("in_degree_std", 1.1), set()),
        "in_share_within": (numeric("in_share", 1.1), {"shares_of_a_whole"}),
        "in_max_within": (numeric("in_max", -0.1), set()),
        "betweenness_within": (numeric("betweenness", 1.1), set()),
        "pagerank_within": (numeric("pagerank", -0.1), {"pagerank_of_a_whole"}),
        "shares_of_a_whole": (lambda df: df.assign(in_share=df["in_share"] * 0.9), set()),
        "pagerank_of_a_whole": (lambda df: df.assign(pagerank=df["pagerank"] * 0.9), set()),
        "ties_have_two_ends": (lambda df: df.assign(in_degree=df["in_degree"] + (df.index == 2)), set()),
        "in_strength_not_negative": (numeric("in_strength", -1.0), set()),
        "out_strength_not_negative": (numeric("out_strength", -1.0), set()),
    },
    "county_year": {
        "key_complete": (numeric("year", np.nan), set()),
        "key_unique": (twice, set()),
        "county_codes_known": (lambda df: df.assign(city_code=df["city_code"].mask(df.index == 2, 330100)), set()),
        "rows_not_empty": (numeric("pm25", np.nan), set()),
    },
}  # fmt: skip
CASES = [(table, check) for table, own in VIOLATIONS.items() for check in own]


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Study:
    """As suites are given it: without the options of its parts."""
    return what_parts_give(flows.study(tmp_path_factory.mktemp("moving")))


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> dict[str, pd.DataFrame]:
    """The tables as the parts make them."""
    made = flows.made(tmp_path_factory.mktemp("made"))
    counties = pd.DataFrame(
        {
            "city_code": [330102, 330102, 330106],
            "year": [2017, 2018, 2017],
            "pm25": [30.0, 31.0, 32.0],
            "data_kind": "real",
        }
    )
    return {**made, "county_year": counties}


def failed(table: str, frame: pd.DataFrame, study: Study) -> set[str]:
    """Names of the checks that fail, without the study's id."""
    outcome = SUITES[table].run(frame, study, places=PLACES)
    return {name.removeprefix("moving_") for name in outcome.loc[~outcome["passed"], "check_name"]}


def test_the_suites_are_found_by_their_tables() -> None:
    assert {table: suite_for(table) for table in SUITES} == SUITES


@pytest.mark.parametrize("table", list(SUITES))
def test_what_is_made_passes(table: str, good: dict[str, pd.DataFrame], study: Study) -> None:
    outcome = SUITES[table].run(good[table], study, places=PLACES)
    assert outcome["passed"].all() and not outcome["observed"].eq(NOTHING).any()


@pytest.mark.parametrize(("table", "check"), CASES)
def test_data_that_break_a_rule_fail_its_check(
    table: str, check: str, good: dict[str, pd.DataFrame], study: Study
) -> None:
    violate, too = VIOLATIONS[table][check]
    assert failed(table, violate(good[table]), study) == {check, *too}


def test_every_check_has_a_violation(study: Study) -> None:
    names = {
        table: {check.name.removeprefix("moving_") for check in suite.checks(study)} for table, suite in SUITES.items()
    }
    assert {table: set(own) for table, own in VIOLATIONS.items()} == names
