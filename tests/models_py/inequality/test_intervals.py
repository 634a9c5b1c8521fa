"""Jackknife and bootstrap against loops over units and draws."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from scipy import stats

from models_py.inequality import InequalityError, atkinson, gini, intervals, theil
from models_py.inequality.intervals import draws_of
from models_py.inequality.measures import Formula, atkinson_formula, gini_formula, theil_formula
from models_py.inequality.shares import Shares, shares

N, DRAWS = 9, 199
RNG = np.random.default_rng(12)
RESOURCE, BASIS = RNG.lognormal(size=N), RNG.uniform(1, 9, N)
RESOURCE[3] = 2 * RESOURCE[5]
BASIS[3] = 2 * BASIS[5]
HELD = shares(RESOURCE, BASIS)
Kind = tuple[Callable[[Shares], Formula], Callable[[np.ndarray, np.ndarray], float]]
KINDS: dict[str, Kind] = {
    "gini": (gini_formula, gini),
    "theil_l": (lambda held: theil_formula(held, "L"), lambda r, b: theil(r, b)["total"]),
    "theil_t": (lambda held: theil_formula(held, "T", "10"), lambda r, b: theil(r, b, index="T", base=10)["total"]),
    "atkinson_2": (lambda held: atkinson_formula(held, 2), lambda r, b: atkinson(r, b, epsilon=2)),
}


@pytest.mark.parametrize("name", KINDS)
def test_intervals_equal_loops(name: str) -> None:
    formula, measure = KINDS[name]
    drawn = draws_of(N, DRAWS, seed=4)
    found = intervals(formula(HELD), drawn, level=0.9)
    assert found.value == pytest.approx(measure(RESOURCE, BASIS), rel=1e-12)
    left_out = np.array([measure(np.delete(RESOURCE, i), np.delete(BASIS, i)) for i in range(N)])
    error = math.sqrt((N - 1) / N * sum((value - left_out.mean()) ** 2 for value in left_out))
    assert found.std_error == pytest.approx(error, rel=1e-10)
    half = stats.t.ppf(0.95, N - 1) * error
    assert (found.low, found.high) == pytest.approx((found.value - half, found.value + half))
    redrawn = [measure(np.repeat(RESOURCE, times), np.repeat(BASIS, times)) for times in drawn]
    assert (found.low_bootstrap, found.high_bootstrap) == pytest.approx(
        tuple(np.percentile(redrawn, [5, 95])), rel=1e-10
    )


def test_draws_are_reproducible_and_of_whole_units() -> None:
    one, again, other = draws_of(31, 500, 7), draws_of(31, 500, 7), draws_of(31, 500, 8)
    assert (one == again).all() and (one != other).any()
    assert one.shape == (500, 31) and (one.sum(axis=1) == 31).all()
    assert one.mean() == pytest.approx(1) and one.var() == pytest.approx(30 / 31, rel=0.05)
    assert ((draws_of(2, 200, 0) > 0).sum(axis=1) == 2).all(), "never one unit alone"


def test_an_interval_needs_three_units_and_draws_two() -> None:
    with pytest.raises(InequalityError, match="at least three units, found 2"):
        intervals(gini_formula(shares([1, 2])), draws_of(2, 9, 0))
    for n in (0, 1):
        with pytest.raises(InequalityError, match=f"at least two units, found {n}"):
            draws_of(n, 9, 0)
    assert intervals(gini_formula(shares([1, 2, 3])), draws_of(3, 99, 0)).std_error > 0


@pytest.mark.parametrize("name", ["gini", "theil_t", "atkinson_2"])
def test_where_a_draw_may_hold_nothing_there_is_no_interval(name: str) -> None:
    """One holder of four: without it nothing is left, and leaving such draws out would flatter."""
    formula, measure = KINDS[name]
    found = intervals(formula(shares([0, 0, 0, 5])), draws_of(4, 99, 0))
    assert found.value == pytest.approx(measure(np.array([0, 0, 0, 5]), np.ones(4)))
    ends = [found.low, found.high, found.std_error, found.low_bootstrap, found.high_bootstrap]
    assert all(map(math.isnan, ends))
