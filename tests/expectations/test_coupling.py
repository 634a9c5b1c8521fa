"""Every check of weights, coupling and densities passes on what the parts make and fails where its rule is broken."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest

import expectations.coordination_rank
import expectations.coupling
import expectations.density_summary
import expectations.entropy_weight
from catalog.studies import load_studies
from expectations.finder import TableSuite, suite_for
from models_py.parts.registry import results_of
from tests.models_py.parts.coupling import two_systems

MODULES = [
    expectations.coupling,
    expectations.coordination_rank,
    expectations.entropy_weight,
    expectations.density_summary,
]
SUITES = {module.TABLE: TableSuite(module.TABLE, module) for module in MODULES}
STUDY = two_systems.study()
CHECKS = {
    table: [check.name.removeprefix("coupling_") for check in suite.checks(STUDY)] for table, suite in SUITES.items()
}
Break = Callable[[pd.DataFrame], pd.DataFrame]


def put(column: str, value: Any, *, row: int = 5) -> Break:
    """Another value in one row."""
    return lambda df: df.assign(**{column: df[column].astype("object").mask(df.index == row, value)}).astype(
        {column: "float64" if isinstance(value, float) else "object"}
    )


def add(column: str, step: float, row: int = 5) -> Break:
    return lambda df: df.assign(**{column: df[column].astype("float64").mask(df.index == row, df[column] + step)})


def twice(df: pd.DataFrame) -> pd.DataFrame:
    return pd.concat([df, df.iloc[[5]]], ignore_index=True)


def year_beyond(df: pd.DataFrame) -> pd.DataFrame:
    return df.assign(year=df["year"].mask(df["year"] == 2023, 2031))


def traded(df: pd.DataFrame) -> pd.DataFrame:
    """Weight taken from one indicator below nothing and given to the next."""
    taken = df["weight"][5] + 0.1
    return df.assign(weight=df["weight"].mask(df.index == 5, -0.1).mask(df.index == 6, df["weight"][6] + taken))


def beyond(name: str) -> Break:
    """More than 1 where the identity does not look: under another form."""

    def violate(df: pd.DataFrame) -> pd.DataFrame:
        return df.assign(**{name: df[name].mask(df["variant"] == "form=wang", 1.2)})

    return violate


VIOLATIONS: dict[str, dict[str, tuple[Break, set[str]]]] = {
    "coupling": {
        "required_complete": (lambda df: df.assign(level=df["level"].mask(df.index == 5)), set()),
        "key_unique": (twice, {"panel_complete"}),
        "years_of_study": (year_beyond, set()),
        "panel_complete": (lambda df: df.drop(index=5), set()),
        **{f"bounded_{name}": (beyond(name), set()) for name in expectations.coupling.BOUNDED},
        "identity": (add("coordination_degree", 1e-6), set()),
    },
    "coordination_rank": {
        "required_complete": (lambda df: df.assign(draws=df["draws"].astype(float).mask(df.index == 5)), set()),
        "key_unique": (twice, set()),
        "years_of_study": (year_beyond, set()),
        "ranks_from_one": (put("rank_low", 0.0), set()),
        "ranks_within_places": (put("rank_high", 32.0), set()),
        "intervals_hold_medians": (
            lambda df: df.assign(rank_median=df["rank_median"].mask(df.index == 5, df["rank_high"] + 0.5)),
            set(),
        ),
        "degree_bounded": (put("degree_high", 1.1), set()),
    },
    "entropy_weight": {
        "required_complete": (lambda df: df.assign(position=df["position"].astype(float).mask(df.index == 5)), set()),
        "key_unique": (twice, {"weights_sum_to_one"}),
        "systems_known": (lambda df: df.assign(system=df["system"].replace("digital", "digitel")), set()),
        "weights_not_negative": (traded, set()),
        "weights_sum_to_one": (add("weight", 0.01), set()),
        "entropy_is_a_share": (
            lambda df: df.assign(
                entropy=df["entropy"].mask(df.index == 5, 1.5), divergence=df["divergence"].mask(df.index == 5, -0.5)
            ),
            set(),
        ),
        "divergence_is_the_rest": (add("divergence", 0.01), set()),
    },
    "density_summary": {
        "required_complete": (lambda df: df.assign(kernel=df["kernel"].mask(df.index == 5)), set()),
        "key_unique": (twice, set()),
        "years_of_study": (year_beyond, set()),
        "area_is_one": (put("area", 0.9), set()),
        "peaks_positive": (put("peak_height", 0.0), set()),
        "peaks_inside": (put("peak_at", 1.5), set()),
        "modes_counted": (lambda df: df.assign(modes=df["modes"].mask(df.index == 5, 0)), set()),
        "missing_explained": (lambda df: df.assign(peak_height=df["peak_height"].mask(df.index == 5)), set()),
    },
}
EVERY = [(table, check) for table, checks in CHECKS.items() for check in checks]


def failed(table: str, df: pd.DataFrame) -> set[str]:
    result = SUITES[table].run(df, STUDY)
    return set(result.loc[~result["passed"], "check_name"].str.removeprefix("coupling_"))


@pytest.mark.parametrize("table", SUITES)
def test_good_data_pass_every_check(table: str) -> None:
    result = SUITES[table].run(two_systems.good()[table], STUDY)
    assert result.loc[~result["passed"], ["check_name", "observed"]].to_dict("records") == []
    assert not result["observed"].str.startswith("no values").any()
    assert set(VIOLATIONS[table]) == set(CHECKS[table])


@pytest.mark.parametrize(("table", "check"), EVERY, ids=[f"{table}-{check}" for table, check in EVERY])
def test_a_violation_fails_exactly_its_check(table: str, check: str) -> None:
    violate, companions = VIOLATIONS[table][check]
    assert failed(table, violate(two_systems.good()[table].reset_index(drop=True))) == {check} | companions


def test_suites_are_found_and_run_for_the_studies_that_make_their_table() -> None:
    for name, study in load_studies().items():
        made = set(results_of(study)) & set(SUITES)
        assert made == (set(SUITES) if name.startswith("coupling") else set()), name
    assert all(suite_for(table) == suite for table, suite in SUITES.items())
