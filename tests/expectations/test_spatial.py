"""Every check of Moran's I and of the grid passes on what the parts make and fails on data that breaks its rule."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest

import expectations.moran_global
import expectations.weights_grid
from expectations.finder import TableSuite
from tests.models_py.parts.spatial_durbin.made_up_space import run, study

SUITES = {
    module.TABLE: TableSuite(module.TABLE, module) for module in (expectations.moran_global, expectations.weights_grid)
}
GRID = {"outcome": "outcome", "regressors": ["ln_gdp"], "weights": ["contiguity", "knn", "inverse_distance_100km"]}
STUDY = study(
    [{"moran": {"variable": "outcome", "weights": ["contiguity", "knn"], "permutations": 99}}, {"weights_grid": GRID}]
)
CHECKS = {
    table: [check.name.removeprefix(f"{STUDY.id}_") for check in suite.checks(STUDY)] for table, suite in SUITES.items()
}
Break = Callable[[pd.DataFrame], pd.DataFrame]


@pytest.fixture(scope="module")
def tables() -> dict[str, pd.DataFrame]:
    return run(STUDY)


def put(column: str, value: Any, row: int = 1) -> Break:
    return lambda df: df.assign(**{column: df[column].mask(df.index == row, value)})


def twice(df: pd.DataFrame) -> pd.DataFrame:
    return pd.concat([df, df.iloc[[1]]], ignore_index=True)


# Table and check: how its rule is broken, and the checks that must notice too.
VIOLATIONS: dict[tuple[str, str], tuple[Break, set[str]]] = {
    ("moran_global", "required_complete"): (put("note_zh", None), set()),
    ("moran_global", "key_unique"): (twice, set()),
    ("moran_global", "years_of_study"): (put("year", 2031), set()),
    ("moran_global", "p_not_negative"): (put("p_norm", -0.1), set()),
    ("moran_global", "p_at_most_one"): (put("p_rand", 1.1), set()),
    ("moran_global", "p_of_permutations"): (put("p_sim", 0.001), set()),
    ("moran_global", "expectation"): (put("expected_i", -0.05), set()),
    ("moran_global", "z_on_the_side_of_i"): (lambda df: df.assign(z_norm=-df["z_norm"]), set()),
    ("weights_grid", "required_complete"): (put("note_en", None), set()),
    ("weights_grid", "key_unique"): (twice, {"probabilities_add_up"}),
    ("weights_grid", "probabilities_add_up"): (lambda df: df.assign(posterior=df["posterior"] * 0.9), set()),
    ("weights_grid", "probability_is_a_share"): (put("posterior", -0.5), {"probabilities_add_up"}),
    ("weights_grid", "rho_feasible"): (put("rho", 1.2), set()),
    ("weights_grid", "both_or_neither"): (put("log_marginal", None), set()),
}


def failed(suite: TableSuite, rows: pd.DataFrame) -> set[str]:
    made = suite.run(rows, study=STUDY, data_kind="synthetic")
    return {str(name).removeprefix(f"{STUDY.id}_") for name in made.loc[~made["passed"].astype(bool), "check_name"]}


@pytest.mark.parametrize("table", list(SUITES))
def test_what_the_parts_make_passes(tables: dict[str, pd.DataFrame], table: str) -> None:
    assert failed(SUITES[table], tables[table]) == set()


def test_every_check_has_a_violation() -> None:
    assert [(table, check) for table, names in CHECKS.items() for check in names] == list(VIOLATIONS)


@pytest.mark.parametrize(("table", "check"), list(VIOLATIONS))
def test_a_broken_rule_is_noticed(tables: dict[str, pd.DataFrame], table: str, check: str) -> None:
    violate, others = VIOLATIONS[table, check]
    assert failed(SUITES[table], violate(tables[table])) == {check} | others
