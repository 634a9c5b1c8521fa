"""Measures of inequality: closed forms, worked examples, and what must hold for any units."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models_py.inequality import (
    InequalityError,
    atkinson,
    concentration_index,
    gini,
    theil,
    theil_by_group,
)

Measure = Callable[..., float]
MEASURES: dict[str, Measure] = {
    "gini": gini,
    "theil_l": lambda r, b=None: theil(r, b)["total"],
    "theil_t": lambda r, b=None: theil(r, b, index="T")["total"],
    "atkinson_0.5": lambda r, b=None: atkinson(r, b),
    "atkinson_1": lambda r, b=None: atkinson(r, b, epsilon=1),
    "atkinson_3": lambda r, b=None: atkinson(r, b, epsilon=3),
}
UNITS = st.lists(st.tuples(st.floats(0.01, 100), st.floats(0.01, 100)), min_size=2, max_size=12)
Units = list[tuple[float, float]]


def split(units: Units) -> tuple[np.ndarray, np.ndarray]:
    """Resource and basis of drawn units."""
    resource, basis = np.array(units).T
    return resource, basis


# Closed forms


def test_equal_shares_are_exactly_equal() -> None:
    assert gini([5.0] * 7) == 0.0
    assert gini([2.0, 4.0, 8.0], [1.0, 2.0, 4.0]) == 0.0
    for name, measure in MEASURES.items():
        assert 0 <= measure([5.0] * 7) < 1e-15, name
        assert 0 <= measure([0.3, 0.6, 0.7], [3, 6, 7]) < 1e-15, name


def test_one_holder_has_one_less_its_share_of_the_basis() -> None:
    assert gini([0, 0, 0, 9]) == pytest.approx(3 / 4, abs=1e-15)
    assert gini([0, 7, 0], [0.5, 0.2, 0.3]) == pytest.approx(0.8, abs=1e-15)


def test_one_to_four_by_hand() -> None:
    assert gini([1, 2, 3, 4]) == pytest.approx(0.25, abs=1e-15)
    assert gini([4, 1, 3, 2]) == pytest.approx(0.25, abs=1e-15)
    assert gini([1, 2, 3, 4], corrected=True) == pytest.approx(1 / 3, abs=1e-15)
    assert gini([1, 2, 3, 4] * 5) == pytest.approx(0.25, abs=1e-15)
    assert gini([10, 20, 30, 40], [10, 10, 10, 10]) == pytest.approx(0.25, abs=1e-15)


def test_unequal_bases_by_hand() -> None:
    """Shares of the basis .6 .1 .3, of the resource .5 .2 .3: by resource per basis .6 .3 .1, P .6 .9 1, Q .5 .8 1."""
    assert gini([0.5, 0.2, 0.3], [0.6, 0.1, 0.3]) == pytest.approx(0.13, abs=1e-15)


def test_groups_are_added_up_first() -> None:
    resource, basis, groups = [1, 2, 3, 4], [1, 1, 2, 3], ["a", "b", "a", "b"]
    assert gini(resource, basis, groups) == pytest.approx(gini([4, 6], [3, 4]), abs=1e-15)
    assert gini(resource, basis, groups, corrected=True) == pytest.approx(2 * gini([4, 6], [3, 4]))


def test_theil_by_hand_and_its_base() -> None:
    p, q = np.array([0.6, 0.1, 0.3]), np.array([0.5, 0.2, 0.3])
    l_index, t_index = float((p * np.log(p / q)).sum()), float((q * np.log(q / p)).sum())
    for index, by_hand in (("L", l_index), ("T", t_index)):
        natural, tens = (theil(q, p, index=index, base=base)["total"] for base in ("e", "10"))
        assert natural == pytest.approx(by_hand, rel=1e-13)
        assert tens == pytest.approx(natural / math.log(10), rel=1e-15)
        assert theil(q, p, index=index, base=10)["total"] == tens


@pytest.mark.parametrize("base", ["e", "10"])
@pytest.mark.parametrize("index", ["L", "T"])
@given(UNITS, st.data())
@settings(max_examples=12, deadline=None)
def test_theil_is_within_and_between(index: Any, base: Any, units: Units, data: st.DataObject) -> None:
    resource, basis = split(units)
    groups = data.draw(st.lists(st.sampled_from("abc"), min_size=len(units), max_size=len(units)))
    parts = theil(resource, basis, groups, index=index, base=base)
    rows = theil_by_group(resource, basis, groups, index=index, base=base)
    assert parts["total"] == pytest.approx(theil(resource, basis, index=index, base=base)["total"], abs=1e-15)
    assert parts["within"] + parts["between"] == pytest.approx(parts["total"], abs=1e-15)
    assert min(parts.values()) >= 0
    assert rows["within"].sum() == pytest.approx(parts["within"], abs=1e-12)
    assert rows["between"].sum() == pytest.approx(parts["between"], abs=1e-12)
    # Each group's index times its share, from the definition.
    for name, row in rows.iterrows():
        mine = np.array(groups) == name
        assert row["n"] == mine.sum()
        inside = theil(resource[mine], basis[mine], index=index, base=base)["total"] if mine.sum() > 1 else 0
        share = (basis if index == "L" else resource)[mine].sum() / (basis if index == "L" else resource).sum()
        assert row["within"] == pytest.approx(share * inside, abs=1e-12)


def test_groups_alike_within_have_nothing_within_and_never_below() -> None:
    rng = np.random.default_rng(0)
    for _ in range(60):
        basis, density = rng.lognormal(size=6), rng.lognormal(size=2).repeat(3)
        parts = theil(basis * density, basis, list("aaabbb"))
        assert 0 <= parts["within"] < 1e-15 and parts["between"] == pytest.approx(parts["total"])


def test_one_group_is_all_within() -> None:
    parts = theil([1, 2, 3], None, ["x"] * 3)
    assert parts["between"] == 0 and parts["within"] == parts["total"] > 0


def test_a_unit_without_leaves_theil_t_alone_defined() -> None:
    resource = pd.Series([0.0, 2.0, 3.0, 0.0], index=["north", "south", "east", "west"])
    with pytest.raises(InequalityError, match=r"not defined where a unit has none: north, west; T is"):
        theil(resource)
    with pytest.raises(InequalityError, match=r"a unit has none: north"):
        theil_by_group(resource, None, list("aabb"))
    q = np.array([0.4, 0.6])
    assert theil(resource, index="T")["total"] == pytest.approx(float((q * np.log(q / 0.25)).sum()))
    rows = theil_by_group(resource, None, list("abba"), index="T")
    assert rows.loc["a", ["resource_share", "theil", "within", "between"]].tolist() == [0, 0, 0, 0]


@given(UNITS)
@settings(max_examples=12, deadline=None)
def test_atkinson_from_its_definition(units: Units) -> None:
    resource, basis = split(units)
    assert atkinson(resource, basis, epsilon=1) == pytest.approx(
        1 - math.exp(-theil(resource, basis)["total"]), abs=1e-13
    )
    p, q = basis / basis.sum(), resource / resource.sum()
    for e in (0.5, 2, 3.5):
        by_hand = 1 - (p * (q / p) ** (1 - e)).sum() ** (1 / (1 - e))
        assert atkinson(resource, basis, epsilon=e) == pytest.approx(max(by_hand, 0), rel=1e-11, abs=1e-12)


def test_atkinson_with_a_unit_that_has_none() -> None:
    assert [atkinson([0, 1, 2], epsilon=e) for e in (1, 1.5, 2, 3000)] == [1, 1, 1, 1]
    assert atkinson([0, 1, 3], epsilon=0.5) == pytest.approx(1 - (1 + 3**0.5) ** 2 / 9 / (4 / 3))


def test_a_boundless_aversion_looks_at_the_poorest_alone() -> None:
    """In the limit 1 less the lowest ratio over the mean; powers of the ratios themselves would overflow."""
    assert atkinson([1, 2, 9], epsilon=5000) == pytest.approx(1 - 1 / 4, rel=1e-3)


@pytest.mark.parametrize("epsilon", [0, -1, math.inf, math.nan])
def test_an_aversion_that_is_none_is_refused(epsilon: float) -> None:
    with pytest.raises(InequalityError, match="epsilon must be above zero, found"):
        atkinson([1, 2], epsilon=epsilon)


def test_concentration_by_hand_with_a_tie() -> None:
    """Basis .2 .3 .1 .4, ranks low, tie, tie, high: middles .1 .4 .4 .8; shares .4 .1 .2 .3."""
    index = concentration_index([4, 1, 2, 3], [2, 3, 1, 4], [10, 20, 20, 90])
    assert index == pytest.approx(2 * (0.4 * 0.1 + 0.3 * 0.4 + 0.3 * 0.8) - 1, abs=1e-15)
    assert concentration_index([4, 1, 2, 3], [2, 3, 1, 4], [7, 7, 7, 7]) == pytest.approx(0, abs=1e-15)


@given(UNITS)
@settings(max_examples=12, deadline=None)
def test_concentration_over_the_own_ratio_is_gini(units: Units) -> None:
    resource, basis = split(units)
    own = resource / resource.sum() / (basis / basis.sum())
    assert concentration_index(resource, basis, own) == pytest.approx(gini(resource, basis), abs=1e-12)
    assert concentration_index(resource, basis, -own) == pytest.approx(-gini(resource, basis), abs=1e-12)


# What must hold for any units


@given(UNITS)
@settings(max_examples=12, deadline=None)
def test_gini_is_the_area_and_the_mean_difference(units: Units) -> None:
    resource, basis = split(units)
    p, q = basis / basis.sum(), resource / resource.sum()
    order = np.argsort(q / p, kind="stable")
    big_p, big_q = (np.concatenate([[0], np.cumsum(share[order])]) for share in (p, q))
    area = 1 - sum((big_q[i] + big_q[i - 1]) * (big_p[i] - big_p[i - 1]) for i in range(1, len(big_p)))
    gaps = sum(p[i] * p[j] * abs(q[i] / p[i] - q[j] / p[j]) for i in range(len(p)) for j in range(len(p))) / 2
    found = gini(resource, basis)
    assert found == pytest.approx(area, abs=1e-13) and found == pytest.approx(gaps, abs=1e-13)
    assert 0 <= found <= 1 - p.min() + 1e-15


@given(UNITS, st.floats(1e-6, 1e6), st.floats(1e-6, 1e6), st.randoms(use_true_random=False))
@settings(max_examples=12, deadline=None)
def test_scale_order_and_replication_change_nothing(units: Units, one: float, other: float, random: Any) -> None:
    resource, basis = split(units)
    shuffled = list(range(len(units)))
    random.shuffle(shuffled)
    for measure in MEASURES.values():
        value = measure(resource, basis)
        assert measure(resource * one, basis * other) == pytest.approx(value, abs=1e-12)
        assert measure(resource[shuffled], basis[shuffled]) == pytest.approx(value, abs=1e-12)
        assert measure(np.tile(resource, 3), np.tile(basis, 3)) == pytest.approx(value, abs=1e-12)


@given(UNITS, st.floats(0.05, 1), st.data())
@settings(max_examples=12, deadline=None)
def test_giving_to_a_poorer_unit_lowers_inequality(units: Units, share: float, data: st.DataObject) -> None:
    """Pigou and Dalton: of a richer unit to a poorer one, at most until both have the same per basis."""
    resource, basis = split(units)
    ratio = resource / basis
    rich, poor = data.draw(st.permutations(range(len(units))))[:2]
    if ratio[rich] < ratio[poor]:
        rich, poor = poor, rich
    if ratio[rich] < 1.01 * ratio[poor]:
        return
    given_away = share * (ratio[rich] - ratio[poor]) / (1 / basis[rich] + 1 / basis[poor])
    after = resource.copy()
    after[rich], after[poor] = after[rich] - given_away, after[poor] + given_away
    for name, measure in MEASURES.items():
        assert measure(after, basis) < measure(resource, basis) + 1e-15, name
    if len(units) == 2:
        assert gini(after, basis) < gini(resource, basis)


@given(UNITS, st.sampled_from([1e-300, 1e-150, 1.0, 1e150, 1e300]), st.sampled_from([1e-300, 1.0, 1e300]))
@settings(max_examples=12, deadline=None)
def test_huge_and_tiny_magnitudes_are_measured_alike(units: Units, one: float, other: float) -> None:
    resource, basis = split(units)
    for measure in MEASURES.values():
        assert measure(resource * one, basis * other) == pytest.approx(measure(resource, basis), abs=1e-11)
    groups = ["a", *["b"] * (len(units) - 1)]
    assert gini(resource * one, basis * other, groups) == pytest.approx(gini(resource, basis, groups), abs=1e-11)


def test_sums_of_groups_do_not_overflow() -> None:
    huge = [1.5e308, 1.5e308, 1.0e308]
    assert gini(huge, huge, list("aab")) == pytest.approx(0, abs=1e-15)
    assert gini(huge, None, list("aab")) == pytest.approx(gini([3, 1], [2, 1]), abs=1e-15)


# What has no measure


BAD: dict[str, tuple[dict[str, Any], str]] = {
    "negative": ({"resource": [1, -2, 3]}, r"resource below zero: b \(-2\.0\)"),
    "all zero": ({"resource": [0, 0, 0]}, "the resource is zero everywhere"),
    "absent": ({"resource": [1, math.nan, 3]}, r"resource absent: b \(nan\)"),
    "infinite": ({"resource": [1, 2, math.inf]}, r"resource infinite: c \(inf\)"),
    "basis zero": ({"basis": [1, 0, 3]}, r"basis zero or below: b \(0\.0\)"),
    "basis negative": ({"basis": [1, 2, -3]}, r"basis zero or below: c \(-3\.0\)"),
    "basis absent": ({"basis": [math.nan, 2, 3]}, r"basis absent: a \(nan\)"),
    "basis infinite": ({"basis": [math.inf, 2, 3]}, r"basis infinite: a \(inf\)"),
    "group absent": ({"groups": ["x", None, "y"]}, "groups absent: b"),
    "one group": ({"groups": ["x", "x", "x"]}, "at least two units, found 1"),
    "text": ({"resource": ["many", "few", "none"]}, "resource: not numbers but"),
    "too far apart": ({"resource": [1e-300, 1, 1e300]}, r"resource too small beside the largest: a \(1e-300\), b"),
    "basis too far apart": ({"basis": [1e-300, 1, 1]}, "basis too small beside the largest: a"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_values_are_refused_with_their_unit(case: str) -> None:
    changes, words = BAD[case]
    values = {"resource": [1.0, 2.0, 3.0], "basis": [1.0, 1.0, 2.0], **changes}
    held = {name: pd.Series(own, index=list("abc")) for name, own in values.items()}
    with pytest.raises(InequalityError, match=words):
        gini(held["resource"], held["basis"], held.get("groups"))


def test_one_unit_and_none_are_refused() -> None:
    for units in ([], [3.0]):
        with pytest.raises(InequalityError, match=f"at least two units, found {len(units)}"):
            gini(units)


def test_labels_are_matched_and_those_without_a_partner_named() -> None:
    resource, basis = pd.Series([1.0, 5.0], ["a", "b"]), pd.Series([3.0, 1.0], ["b", "a"])
    assert gini(resource, basis) == gini([1, 5], [1, 3])
    assert concentration_index(resource, basis, pd.Series([1, 2], ["b", "a"])) == pytest.approx(
        concentration_index([1, 5], [1, 3], [2, 1])
    )
    with pytest.raises(InequalityError, match="basis: units without a partner: b, c"):
        gini(resource, basis.rename({"b": "c"}))
    with pytest.raises(InequalityError, match="basis: a label occurs twice"):
        gini(resource, pd.Series([3.0, 1.0, 1.0], ["b", "a", "a"]))
    with pytest.raises(InequalityError, match="basis: 3 values for 2 units"):
        gini(resource, [1, 2, 3])
    with pytest.raises(InequalityError, match="ranked_by: 1 values for 2 units"):
        concentration_index(resource, basis, [1])
    with pytest.raises(InequalityError, match=r"ranked_by absent: a \(nan\)"):
        concentration_index(resource, basis, [math.nan, 1])


def test_unknown_forms_and_bases_are_refused() -> None:
    with pytest.raises(InequalityError, match="index must be L or T, found 'X'"):
        theil([1, 2], index="X")  # type: ignore[arg-type]
    with pytest.raises(InequalityError, match="base must be e or 10, found 2"):
        theil([1, 2], base=2)
