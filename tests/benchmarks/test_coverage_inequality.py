"""The small version of the coverage study of a Gini's intervals: verdicts and words can go wrong."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from benchmarks.coverage_inequality import CELL, DOCUMENTED, UNITS, collect, known_gini, reading, report, summarise
from models_py.inequality import gini

SAMPLES, DRAWS = 40, 99


@pytest.fixture(scope="module")
def results() -> pd.DataFrame:
    return collect(SAMPLES, draws=DRAWS)


def widened(results: pd.DataFrame, factor: float) -> pd.DataFrame:
    """Every interval stretched around its value."""
    low, high = (results["value"] + factor * (results[side] - results["value"]) for side in ("low", "high"))
    below, above = high < results["truth"], low > results["truth"]
    return results.assign(low=low, high=high, below=below, above=above, covered=~(below | above))


def test_the_gini_of_a_lognormal_ratio_is_known_whatever_the_basis() -> None:
    rng = np.random.default_rng(0)
    ratio, basis = np.exp(0.8 * rng.normal(size=200_000)), np.exp(0.8 * rng.normal(size=200_000))
    assert gini(ratio) == pytest.approx(known_gini(0.8), abs=0.003)
    assert gini(ratio * basis, basis) == pytest.approx(known_gini(0.8), abs=0.006)


def test_every_cell_covers_as_documented(results: pd.DataFrame) -> None:
    summary = summarise(results)
    assert set(map(tuple, summary[CELL].to_numpy())) == set(DOCUMENTED) and len(summary) == 16
    assert set(summary["samples"]) == {SAMPLES} and summary["passed"].all(), summary.to_string()


def test_a_quarter_of_an_interval_is_judged_failing(results: pd.DataFrame) -> None:
    summary = summarise(widened(results, 0.25))
    assert (~summary["passed"]).sum() >= 12 and (summary["nominal"] == "under").sum() >= 14, summary.to_string()


def test_what_is_documented_says_that_the_bootstrap_of_31_units_under_covers() -> None:
    of = pd.Series(DOCUMENTED).rename_axis(CELL)
    assert (of["bootstrap"] < of["jackknife"]).all()
    assert (of["bootstrap"][UNITS[0]] < 0.9).all() and (of < 0.95).all()


def test_the_page_says_what_was_found(results: pd.DataFrame) -> None:
    good, bad = report(summarise(results)), report(summarise(widened(results, 0.01)))
    assert "16 of 16 cells pass." in good and "FAIL" not in good and "Synthetic" in good
    assert f"seeds 0 to {SAMPLES - 1}" in good and "neither is a sampling error" in good
    assert "bootstrap of 31 units under-covers" in bad and "| FAIL |" in bad and "Failing: jackknife 31" in bad
    wide = summarise(widened(results, 50))
    assert "bootstrap of 31 units is not told from nominal" in report(wide)
    assert [line.split(":")[0] for line in reading(wide)] == [
        "- jackknife, t(n - 1), 31 units", "- bootstrap, percentiles, 31 units",
        "- jackknife, t(n - 1), 100 units", "- bootstrap, percentiles, 100 units",
    ]  # fmt: skip


def test_seeds_are_none_left_out_and_reproducible(results: pd.DataFrame) -> None:
    again = collect(1, first=3, draws=DRAWS)
    pd.testing.assert_frame_equal(again, results[results["seed"] == 3].reset_index(drop=True))
    assert sorted(set(results["seed"])) == list(range(SAMPLES))
