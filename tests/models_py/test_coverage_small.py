"""Table 2 (2) recovers the planted coefficients: the small version of benchmarks/coverage_study.py."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from benchmarks.coverage_study import collect, report, summarise

PANELS = 60
CELLS = 10


@pytest.fixture(scope="module")
def results() -> pd.DataFrame:
    return collect(PANELS)


def with_standard_errors_times(results: pd.DataFrame, factor: float) -> pd.DataFrame:
    half = stats.t.ppf(0.975, 30) * results["std_error"] * factor
    return results.assign(covered=results["error"].abs() <= half)


def test_every_term_covers_as_documented(results):
    summary = summarise(results)
    assert len(summary) == CELLS
    assert set(summary["panels"]) == {PANELS}
    assert summary["passed"].all(), summary.to_string()


def test_the_planted_coefficients_are_recovered_on_average(results):
    """Mean error within its 99.9 % normal bound, Bonferroni over the cells."""
    bound = stats.norm.ppf(1 - 0.001 / CELLS / 2)
    errors = results.groupby(["term", "reading"])["error"]
    z = errors.mean() / (errors.std(ddof=1) / np.sqrt(PANELS))
    assert (z.abs() < bound).all(), z.to_string()


def test_the_intervals_are_the_published_ones(results):
    pd.testing.assert_series_equal(
        with_standard_errors_times(results, 1.0)["covered"], results["covered"], check_names=False
    )


def test_halved_standard_errors_are_judged_failing(results):
    """The study fails as a whole; with 60 panels a single cell at 0.75 cannot be told from 0.93."""
    summary = summarise(with_standard_errors_times(results, 0.5))
    assert (~summary["passed"]).sum() > CELLS / 2, summary.to_string()


def test_standard_errors_of_a_third_are_judged_failing_in_every_cell(results):
    summary = summarise(with_standard_errors_times(results, 1 / 3))
    assert not summary["passed"].any(), summary.to_string()


def test_a_wrong_estimate_is_judged_failing(results):
    """Shifted by four standard errors, no cell can pass."""
    error = results["error"] + 4 * results["std_error"]
    summary = summarise(with_standard_errors_times(results.assign(error=error), 1.0))
    assert not summary["passed"].any()


def test_the_evidence_says_what_failed(results):
    good, bad = report(summarise(results)), report(summarise(with_standard_errors_times(results, 1 / 3)))
    assert "10 of 10 cells pass" in good
    assert "FAIL" not in good
    assert "0 of 10 cells pass. Failing: exposure (volume)" in bad
    assert "Synthetic" in good
    assert f"seeds 0 to {PANELS - 1}" in good
