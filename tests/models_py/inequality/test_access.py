"""Location quotients and catchments: closed forms by hand, what they keep, and what they refuse."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models_py.inequality.access import (
    Decay,
    catchment_weights,
    location_quotient,
    two_step_floating_catchment,
)
from models_py.inequality.shares import InequalityError

DECAYS: tuple[Decay, ...] = ("none", "gaussian")
EDGE = math.exp(-0.5)


def series(**values: float) -> pd.Series:
    return pd.Series(values, dtype="float64")


def km(rows: list[list[float]], supply: str = "s", demand: str = "ab") -> pd.DataFrame:
    return pd.DataFrame(rows, index=list(supply), columns=list(demand), dtype="float64")


def test_two_cities_and_one_supply() -> None:
    found = two_step_floating_catchment(series(s=30), series(a=10, b=5), km([[0, 90]]), 100)
    # 30 doctors for 15 people; both cities reach them.
    assert found.access.to_dict() == {"a": 2.0, "b": 2.0}
    assert found.reached.to_dict() == {"s": True}


def test_beyond_the_radius_nothing_is_reached() -> None:
    found = two_step_floating_catchment(series(s=30), series(a=10, b=5), km([[0, 101]]), 100)
    assert found.access.to_dict() == {"a": 3.0, "b": 0.0}
    none = two_step_floating_catchment(series(s=30), series(a=10, b=5), km([[101, 102]]), 100)
    assert none.access.eq(0).all() and not none.reached.any()


def test_gaussian_decay_by_hand() -> None:
    near = (math.exp(-0.5 * 0.25) - EDGE) / (1 - EDGE)
    found = two_step_floating_catchment(series(s=30), series(a=10, b=5), km([[0, 50]]), 100, "gaussian")
    ratio = 30 / (10 + 5 * near)
    assert found.access.to_dict() == pytest.approx({"a": ratio, "b": ratio * near}, rel=1e-15)
    weights = catchment_weights(km([[0, 100]]), 100, "gaussian")
    assert weights.iloc[0].tolist() == [1.0, 0.0]


def test_two_supplies_share_a_city() -> None:
    distance = km([[0, 200], [80, 20]], supply="st")
    found = two_step_floating_catchment(series(s=4, t=6), series(a=2, b=1), distance, 100)
    # s serves a alone: 4 / 2; t serves both: 6 / 3.
    assert found.access.to_dict() == {"a": 4.0, "b": 2.0}


@pytest.mark.parametrize("decay", DECAYS)
@settings(max_examples=60, deadline=None, derandomize=True)
@given(data=st.data())
def test_access_times_demand_is_the_supply_reached(decay: Decay, data: Any) -> None:
    n, m = data.draw(st.integers(1, 8)), data.draw(st.integers(1, 8))
    number = st.floats(0, 1e6, allow_subnormal=False)
    supply = pd.Series(data.draw(st.lists(number, min_size=n, max_size=n)), range(n))
    demand = pd.Series(data.draw(st.lists(st.floats(0.5, 3000), min_size=m, max_size=m)), range(100, 100 + m))
    cells = data.draw(st.lists(st.floats(0, 1000), min_size=n * m, max_size=n * m))
    distance = pd.DataFrame(np.reshape(cells, (n, m)), supply.index, demand.index)
    found = two_step_floating_catchment(supply, demand, distance, 300, decay)
    assert float((found.access * demand).sum()) == pytest.approx(
        float(supply[found.reached].sum()), rel=1e-12, abs=1e-9
    )
    # Everything is matched by label, so the order of rows changes nothing.
    turned = two_step_floating_catchment(supply[::-1], demand[::-1], distance.iloc[::-1, ::-1], 300, decay)
    assert turned.access[demand.index].to_numpy() == pytest.approx(found.access.to_numpy(), rel=1e-12)


def test_a_wider_catchment_reaches_no_less() -> None:
    rng = np.random.default_rng(3)
    supply, demand = pd.Series(rng.integers(1, 99, 6)), pd.Series(rng.uniform(1, 9, 5))
    distance = pd.DataFrame(rng.uniform(0, 500, (6, 5)))
    reached = [
        int(two_step_floating_catchment(supply, demand, distance, radius).reached.sum())
        for radius in (1, 100, 300, 500)
    ]
    assert reached == sorted(reached) and reached[0] < reached[-1] == 6


def test_location_quotient_by_hand() -> None:
    found = location_quotient(series(a=30, b=10), series(a=100, b=300))
    assert found.to_dict() == {"a": 3.0, "b": pytest.approx(1 / 3)}


@settings(max_examples=60, deadline=None, derandomize=True)
@given(
    st.lists(st.tuples(st.floats(0, 1e6, allow_subnormal=False), st.floats(0.01, 1e6)), min_size=1, max_size=31).filter(
        lambda pairs: sum(part for part, _ in pairs) > 0
    )
)
def test_its_weighted_mean_is_one_and_shares_alike_give_one(pairs: list[tuple[float, float]]) -> None:
    part, whole = (pd.Series([pair[i] for pair in pairs]) for i in (0, 1))
    assert float((location_quotient(part, whole) * whole / whole.sum()).sum()) == pytest.approx(1, rel=1e-12)
    assert location_quotient(whole * 7, whole).to_numpy() == pytest.approx(1.0, rel=1e-12)


@pytest.mark.parametrize(
    ("part", "whole", "message"),
    [
        (series(a=1), series(b=1), "same labels"),
        (series(a=1, b=-1), series(a=1, b=1), "negative for b"),
        (series(a=1, b=math.nan), series(a=1, b=1), "absent.* for b"),
        (series(a=1, b=1), series(a=1, b=0), "nothing of the whole in b"),
        (series(a=0, b=0), series(a=1, b=1), "zero everywhere"),
        (pd.Series([1, 2], ["a", "a"]), series(a=1), "occurs twice"),
    ],
)
def test_quotients_that_cannot_be(part: pd.Series, whole: pd.Series, message: str) -> None:
    with pytest.raises(InequalityError, match=message):
        location_quotient(part, whole)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"supply": series(t=1)}, "supply and the rows"),
        ({"demand": series(a=1)}, "demand and the columns"),
        ({"demand": series(a=1, b=math.inf)}, "infinite.* for b"),
        ({"distance_km": km([[0, math.nan]])}, "negative or absent"),
        ({"distance_km": km([[0, -1]])}, "negative or absent"),
        ({"radius_km": 0}, "above 0 km"),
        ({"decay": "linear"}, "not offered"),
    ],
)
def test_catchments_that_cannot_be(changed: dict[str, Any], message: str) -> None:
    good = {"supply": series(s=1), "demand": series(a=1, b=1), "distance_km": km([[0, 9]]), "radius_km": 10}
    with pytest.raises(InequalityError, match=message):
        two_step_floating_catchment(**(good | changed))
