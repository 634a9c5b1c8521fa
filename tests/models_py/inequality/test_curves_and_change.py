"""Lorenz curves, their crossings, the change of a Gini taken apart, and densities."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models_py.inequality import InequalityError, concentration_index, gini, gini_change, lorenz_crossings, lorenz_curve
from models_py.inequality.places import agglomeration, resource_density
from models_py.inequality.shares import shares

PAIRS = st.integers(2, 9).flatmap(
    lambda n: st.tuples(*[st.lists(st.floats(0.01, 100), min_size=n, max_size=n) for _ in range(4)])
)
Pair = tuple[list[float], list[float], list[float], list[float]]


def test_points_of_the_curve_by_hand() -> None:
    curve = lorenz_curve(pd.Series([5.0, 2.0, 3.0], list("xyz")), [6, 1, 3])
    assert curve["rank"].tolist() == [0, 1, 2, 3]
    assert pd.isna(curve["unit"][0]) and curve["unit"].tolist()[1:] == ["x", "z", "y"]
    assert curve["cumulative_basis"].tolist() == pytest.approx([0, 0.6, 0.9, 1])
    assert curve["cumulative_resource"].tolist() == pytest.approx([0, 0.5, 0.8, 1])
    assert lorenz_curve([1, 1, 1])["unit"].tolist()[1:] == [0, 1, 2], "one ratio: order kept"


@given(PAIRS)
@settings(max_examples=25, deadline=None)
def test_a_curve_rises_below_the_diagonal_and_holds_the_gini(pair: Pair) -> None:
    resource, basis, _, _ = pair
    curve = lorenz_curve(resource, basis)
    x, y = curve["cumulative_basis"].to_numpy(), curve["cumulative_resource"].to_numpy()
    assert (x[0], y[0], x[-1], y[-1]) == (0, 0, 1, 1)
    assert (np.diff(x) >= 0).all() and (np.diff(y) >= 0).all() and (y <= x + 1e-12).all()
    assert 1 - 2 * np.trapezoid(y, x) == pytest.approx(gini(resource, basis), abs=1e-12)


def test_a_last_unit_too_small_for_the_sum_does_not_turn_the_curve_back() -> None:
    rng = np.random.default_rng(3)
    for _ in range(60):
        basis = np.append(rng.uniform(size=9), 1e-40)
        curve = lorenz_curve(basis * np.append(rng.uniform(size=9), 2), basis)
        assert (curve[["cumulative_basis", "cumulative_resource"]].diff().dropna() >= 0).all(axis=None)


def test_curves_of_groups_are_those_of_their_sums() -> None:
    grouped = lorenz_curve([1, 2, 3, 4], [1, 1, 2, 3], list("abab"))
    plain = lorenz_curve([4, 6], [3, 4])
    assert grouped["cumulative_resource"].tolist() == plain["cumulative_resource"].tolist()
    assert set(grouped["unit"].dropna()) == {"a", "b"}


def drawn(*points: tuple[float, float]) -> pd.DataFrame:
    return pd.DataFrame([(0.0, 0.0), *points, (1.0, 1.0)], columns=["cumulative_basis", "cumulative_resource"])


def test_a_crossing_inside_a_segment_is_exact() -> None:
    """Heights at .5 and .75: .1 and .55 against .2 and .3 + ..., straight between."""
    one, other = drawn((0.5, 0.1)), drawn((0.5, 0.2), (0.75, 0.3))
    # Between .5 and .75 the gap runs from -.1 to .55 - .3 = .25.
    assert lorenz_crossings(one, other) == pytest.approx([0.5 + 0.25 * 0.1 / 0.35])
    assert lorenz_crossings(other, one) == pytest.approx(lorenz_crossings(one, other))


def test_a_crossing_on_a_point_of_both_is_found_once() -> None:
    assert lorenz_crossings(
        drawn((0.25, 0.1), (0.5, 0.25), (0.75, 0.45)), drawn((0.25, 0.05), (0.5, 0.25), (0.75, 0.55))
    ) == [0.5]


def test_touching_is_no_crossing() -> None:
    one, other = drawn((0.25, 0.05), (0.5, 0.25), (0.75, 0.45)), drawn((0.25, 0.1), (0.5, 0.25), (0.75, 0.5))
    assert lorenz_crossings(one, other) == []
    assert lorenz_crossings(one, one) == []
    assert lorenz_crossings(drawn(), other) == []


def test_curves_that_run_together_cross_in_the_middle_of_the_stretch_or_not_at_all() -> None:
    one = drawn((0.2, 0.02), (0.4, 0.1), (0.6, 0.2), (0.8, 0.5))
    changes_sides = drawn((0.2, 0.05), (0.4, 0.1), (0.6, 0.2), (0.8, 0.4))
    stays = drawn((0.2, 0.05), (0.4, 0.1), (0.6, 0.2), (0.8, 0.6))
    assert lorenz_crossings(one, changes_sides) == pytest.approx([0.5])
    assert lorenz_crossings(one, stays) == []


def test_two_crossings_are_found_lowest_first() -> None:
    one = drawn((0.25, 0.1), (0.5, 0.2), (0.75, 0.45))
    other = drawn((0.25, 0.05), (0.5, 0.25), (0.75, 0.4))
    found = lorenz_crossings(one, other)
    assert len(found) == 2 and found == sorted(found)


# Change


def changed(pair: Pair) -> tuple[float, float]:
    resource, basis, later, later_basis = pair
    return gini(resource, basis), gini(later, later_basis)


@given(PAIRS)
@settings(max_examples=25, deadline=None)
def test_the_causes_add_up_to_the_change_and_units_to_causes(pair: Pair) -> None:
    before, after = changed(pair)
    found = gini_change(shares(*pair[:2]), shares(*pair[2:]))
    assert found.total == pytest.approx(after - before, abs=1e-12)
    assert found.reranking + found.basis + found.resource == pytest.approx(found.total, abs=1e-14)
    assert found.reranking >= -1e-13, "a Gini is the highest concentration index there is"
    # Re-ranking from its definition: the Gini less the concentration index over the earlier ranks.
    earlier = np.array(pair[0]) / np.array(pair[1])
    assert found.reranking == pytest.approx(after - concentration_index(*pair[2:], earlier), abs=1e-7)
    assert list(found.by_unit) == ["unit", "reranking", "basis", "resource"]
    for cause in ("reranking", "basis", "resource"):
        assert found.by_unit[cause].sum() == pytest.approx(getattr(found, cause), abs=1e-14)


def test_nothing_changes_where_nothing_changed_not_even_by_rounding() -> None:
    """All amounts three times as many: ratios that were equal now differ in their last digit."""
    resource, basis = np.array([0.1, 0.2, 0.3, 5.0]), np.array([1.0, 2.0, 3.0, 4.0])
    for later in (resource, resource * 3, resource * 0.7):
        found = gini_change(shares(resource, basis), shares(later, basis))
        assert np.abs(found.by_unit.drop(columns="unit")).max(axis=None) < 1e-15
        assert (found.total, found.reranking) == pytest.approx((0, 0), abs=1e-15)


def test_a_change_of_the_resource_alone_is_called_so() -> None:
    units = ["low", "middle", "high"]
    before, after = (pd.Series(values, units) for values in ([1.0, 2.0, 3.0], [0.5, 2.0, 3.5]))
    found = gini_change(shares(before), shares(after))
    rows = found.by_unit.set_index("unit")
    assert found.reranking == 0 and found.basis == 0 and found.total > 0
    assert rows["resource"].tolist() == pytest.approx([1 / 18, 0, 1 / 18])
    assert rows.index.tolist() == units


def test_a_change_of_ranks_alone_is_re_ranking() -> None:
    found = gini_change(shares([1, 2, 3]), shares([3, 2, 1]))
    assert found.total == pytest.approx(0, abs=1e-15)
    assert found.reranking == pytest.approx(2 * gini([1, 2, 3]))
    assert found.resource == pytest.approx(-found.reranking)


def test_other_units_or_another_order_are_refused() -> None:
    one = shares(pd.Series([1.0, 2.0], list("ab")))
    for other in (pd.Series([1.0, 2.0], list("ac")), pd.Series([1.0, 2.0], list("ba")), pd.Series([1.0, 2, 3])):
        with pytest.raises(InequalityError, match="the same units in one order"):
            gini_change(one, shares(other))


# Places


def test_densities_by_hand() -> None:
    resource, people, area = pd.Series([10.0, 30.0]), pd.Series([2000.0, 6000.0]), pd.Series([5.0, 5.0])
    assert agglomeration(resource, area).tolist() == [0.5, 1.5]
    assert (agglomeration(resource, area) / agglomeration(people, area)).tolist() == [1, 1]
    assert resource_density(resource, people, area).tolist() == pytest.approx([(5 * 2) ** 0.5, (5 * 6) ** 0.5])
