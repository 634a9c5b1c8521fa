"""Every check of scenario_result passes on good data and fails on data that breaks its rule."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
import pytest

import expectations.scenario_result as suite
from expectations.finder import TableSuite
from models_py.parts.scenario.rows import scenario_rows
from tests.models_py.parts.scenario.declared import options, study

SUITE, STUDY = TableSuite(suite.TABLE, suite), study()
CHECKS = [check.name.removeprefix("tiers_") for check in suite.checks(STUDY)]
Break = Callable[[pd.DataFrame], pd.DataFrame]


@pytest.fixture(scope="module")
def good() -> pd.DataFrame:
    """The study's own scenario and a what-if that changes the baseline."""
    return scenario_rows("tiers", options().for_run({"visits_high": 1500, "adoption": 0.6}))


def at(run: str, of: str, **cells: object) -> Break:
    """Other cells in one row of the study's own scenario."""

    def violate(df: pd.DataFrame) -> pd.DataFrame:
        out = df.copy()
        where = (out["scenario"] == "triage") & (out["run"] == run) & (out["metric"] == of)
        assert where.sum() == 1
        for column, value in cells.items():
            out.loc[where, column] = value
        return out

    return violate


def without(**cells: str) -> Break:
    """Without the rows that have these cells in the study's own scenario."""

    def violate(df: pd.DataFrame) -> pd.DataFrame:
        gone = df["scenario"] == "triage"
        for column, value in cells.items():
            gone &= df[column] == value
        return df[~gone].reset_index(drop=True)

    return violate


VIOLATIONS: dict[str, Break] = {
    "required_complete": at("central", "diverted", unit_zh=None),
    "key_unique": lambda df: pd.concat([df, df[df["run"] == "sampled"].iloc[:1]], ignore_index=True),
    "metrics_known": at("central", "diverted", metric="benefit"),
    "kinds_known": at("two_way: adoption=0.5, specificity=1", "diverted", kind="estimate"),
    "marked_as_scenario": at("central", "diverted", note_zh="估计结果。"),
    "occupancy_bounds": at("central", "occupancy_high", value=100.4),
    "share_bounds": at("central", "high_share", value=1.02),
    "zero_adoption_is_baseline": at("zero_adoption", "occupancy_gap", value=30.000000000000004),
    "visits_conserved": at("two_way: adoption=0.5, specificity=1", "visits_high", value=999.0),
    "missed_beside_gain": without(run="central", metric="missed_serious"),
    "interval_ordered": at("sampled", "diverted", low=1e9),
    "break_even_on_target": at("break_even", "occupancy_gap", value=29.1),
    "scenario_complete": without(run="sampled"),
}


def test_good_data_passes_every_check(good: pd.DataFrame) -> None:
    result = SUITE.run(good, STUDY)
    assert result.loc[~result["passed"], ["check_name", "observed"]].to_dict("records") == []
    assert set(VIOLATIONS) == set(CHECKS)


@pytest.mark.parametrize("name", CHECKS)
def test_a_violation_fails_exactly_its_check(good: pd.DataFrame, name: str) -> None:
    result = SUITE.run(VIOLATIONS[name](good), STUDY)
    assert set(result.loc[~result["passed"], "check_name"]) == {f"tiers_{name}"}


def test_rows_of_other_studies_are_left_out(good: pd.DataFrame) -> None:
    other = good.assign(study="other", value=-1.0)
    assert SUITE.run(pd.concat([good, other]), STUDY)["passed"].all()
