"""The verdict on coverage: right intervals pass, wrong ones fail."""

import numpy as np
import pytest
from scipy import stats

from benchmarks.coverage_judgement import clopper_pearson, judge


def simulated_coverage(panels: int, shrink: float) -> int:
    """t intervals for a normal mean, 31 draws each, their standard error multiplied by `shrink`."""
    draws = np.random.default_rng(0).normal(size=(panels, 31))
    half = stats.t.ppf(0.975, 30) * draws.std(axis=1, ddof=1) / np.sqrt(31) * shrink
    return int((np.abs(draws.mean(axis=1)) <= half).sum())


@pytest.mark.parametrize(("covered", "panels"), [(0, 10), (3, 10), (10, 10), (460, 500)])
def test_against_scipys_exact_interval(covered, panels):
    peer = stats.binomtest(covered, panels).proportion_ci(0.999, method="exact")
    assert clopper_pearson(covered, panels, 0.999) == pytest.approx((peer.low, peer.high), abs=1e-9)


def test_a_right_interval_passes():
    assert judge(simulated_coverage(200, 1.0), 200, cells=10).passed


def test_a_halved_standard_error_fails():
    verdict = judge(simulated_coverage(200, 0.5), 200, cells=10)
    assert verdict.share < 0.75
    assert not verdict.passed


def test_an_interval_far_too_wide_fails():
    assert not judge(simulated_coverage(500, 3.0), 500, cells=10).passed


def test_more_cells_widen_the_interval():
    one, ten = judge(180, 200, cells=1), judge(180, 200, cells=10)
    assert ten.low < one.low < one.high < ten.high


@pytest.mark.parametrize(("covered", "panels", "level"), [(-1, 5, 0.9), (6, 5, 0.9), (0, 0, 0.9), (1, 5, 1.0)])
def test_impossible_counts(covered, panels, level):
    with pytest.raises(ValueError, match="impossible"):
        clopper_pearson(covered, panels, level)


def test_cells_must_be_positive():
    with pytest.raises(ValueError, match="cells"):
        judge(1, 2, cells=0)
