"""Every check of network models passes on what the parts make and fails on data that breaks its rule."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest

import expectations.goodness_of_fit
import expectations.tie_probability
from catalog import Study
from expectations.finder import TableSuite
from models_py.parts.registry import run_study
from tests.models_py.parts.ergm.made_up_flows import inputs, panel, study

SUITES = {
    module.TABLE: TableSuite(module.TABLE, module)
    for module in (expectations.tie_probability, expectations.goodness_of_fit)
}
Break = Callable[[pd.DataFrame], pd.DataFrame]


@pytest.fixture(scope="module")
def declared(tmp_path_factory: pytest.TempPathFactory) -> Study:
    return study(tmp_path_factory.mktemp("tied"))


@pytest.fixture(scope="module")
def tables(declared: Study) -> dict[str, pd.DataFrame]:
    return run_study(declared, panel(), inputs(), "synthetic")


def put(column: str, value: Any, row: int = 1) -> Break:
    return lambda df: df.assign(**{column: df[column].mask(df.index == row, value)})


def twice(df: pd.DataFrame) -> pd.DataFrame:
    return pd.concat([df, df.iloc[[1]]], ignore_index=True)


def average(df: pd.DataFrame) -> pd.DataFrame:
    """A mean probability above one, its interval with it."""
    own = df["quantity"] == "average"
    return df.assign(**{name: df[name] + own * 1.0 for name in ("estimate", "ci_low", "ci_high")})


def more_pairs(df: pd.DataFrame) -> pd.DataFrame:
    own = (df["statistic"] == "dyads") & (df["value"] == "none")
    return df.assign(simulated_mean=df["simulated_mean"] + own * 3.0)


# Table and check: how its rule is broken, and the checks that must notice too.
VIOLATIONS: dict[tuple[str, str], tuple[Break, set[str]]] = {
    ("tie_probability", "required_complete"): (put("at", None), set()),
    ("tie_probability", "key_unique"): (twice, set()),
    ("tie_probability", "quantities_known"): (put("quantity", "effect"), set()),
    ("tie_probability", "probability_is_a_share"): (average, set()),
    ("tie_probability", "difference_at_most_one"): (put("estimate", -1.5), {"interval_from_below"}),
    ("tie_probability", "error_not_negative"): (put("std_error", -0.1), set()),
    ("tie_probability", "interval_from_below"): (put("ci_low", 0.9), set()),
    ("tie_probability", "interval_to_above"): (put("ci_high", -0.9), set()),
    ("goodness_of_fit", "required_complete"): (put("simulated_high", None), set()),
    ("goodness_of_fit", "key_unique"): (twice, set()),
    ("goodness_of_fit", "statistics_known"): (put("statistic", "triad_census"), set()),
    ("goodness_of_fit", "range_in_order"): (put("simulated_low", 1e6), set()),
    ("goodness_of_fit", "not_negative"): (
        lambda df: df.assign(observed=df["observed"].mask(df["statistic"] == "shared_partners", -1.0)), set(),
    ),
    ("goodness_of_fit", "same_total"): (more_pairs, set()),
    ("goodness_of_fit", "networks_simulated"): (put("networks", 10), set()),
}  # fmt: skip


def failed(suite: TableSuite, rows: pd.DataFrame, declared: Study) -> set[str]:
    made = suite.run(rows, study=declared, data_kind="synthetic")
    return {str(name).removeprefix(f"{declared.id}_") for name in made.loc[~made["passed"].astype(bool), "check_name"]}


@pytest.mark.parametrize("table", list(SUITES))
def test_what_the_parts_make_passes(tables: dict[str, pd.DataFrame], declared: Study, table: str) -> None:
    assert failed(SUITES[table], tables[table], declared) == set()


def test_every_check_has_a_violation(declared: Study) -> None:
    named = [
        (table, check.name.removeprefix(f"{declared.id}_"))
        for table, suite in SUITES.items()
        for check in suite.checks(declared)
    ]
    assert named == list(VIOLATIONS)


@pytest.mark.parametrize(("table", "check"), list(VIOLATIONS))
def test_a_broken_rule_is_noticed(tables: dict[str, pd.DataFrame], declared: Study, table: str, check: str) -> None:
    violate, others = VIOLATIONS[table, check]
    assert failed(SUITES[table], violate(tables[table]), declared) == {check} | others
