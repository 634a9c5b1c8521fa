"""Sweeps try what they say; draws are reproducible, within their ranges, and do not depend on the order of inputs."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from models_py.scenario import ScenarioError, intervals, one_way, sampled, triage, two_way
from models_py.scenario.sweeps import BREAK_EVEN
from tests.models_py.scenario.made_up import PLAIN

RANGES = {"specificity": (0.7, 0.95), "routine_share": (0.3, 0.8), "visits_high": (1000, 1000)}


def test_one_way_changes_one_input_at_a_time() -> None:
    tried = {(name, side): one for name, side, one in one_way(PLAIN, RANGES)}
    assert set(tried) == {(name, side) for name in ("specificity", "routine_share") for side in ("low", "high")}
    assert tried["specificity", "high"].changed == {"specificity": 0.95}
    assert tried["specificity", "high"].result == triage(replace(PLAIN, specificity=0.95))
    assert tried["routine_share", "low"].result == triage(replace(PLAIN, routine_share=0.3))


def test_two_way_tries_every_pair() -> None:
    tried = list(two_way(PLAIN, {"adoption": [0, 1], "sensitivity": [0.5, 0.9, 1]}))
    assert [tuple(one.changed.values()) for one in tried] == [(a, s) for a in (0, 1) for s in (0.5, 0.9, 1)]
    assert tried[3].result == triage(replace(PLAIN, adoption=1, sensitivity=0.5))


@pytest.mark.parametrize(("shape", "mean"), [("uniform", 0.825), ("triangular", (0.7 + 0.8 + 0.95) / 3)])
def test_draws_follow_the_declared_distribution(shape: str, mean: float) -> None:
    draws = sampled(PLAIN, {"specificity": (0.7, 0.95)}, 25.0, distribution=shape, draws=2000, seed=1)
    # Only routine visits are diverted by specificity: 1000 x 0.4 x 0.5 x 0.5 of them are offered.
    specificity = (draws["diverted"] - draws["missed_serious"]) / 100
    assert specificity.between(0.7, 0.95).all()
    assert specificity.mean() == pytest.approx(mean, abs=4 * specificity.std() / np.sqrt(2000))
    assert specificity.std() == pytest.approx(
        {"uniform": 0.25 / np.sqrt(12), "triangular": np.sqrt((0.25**2 - 0.1 * 0.15) / 18)}[shape], rel=0.06
    )
    assert draws["missed_serious"].nunique() == 1


def test_same_seed_same_rows_in_any_order_of_inputs() -> None:
    options = {"draws": 50, "seed": 3}
    first = sampled(PLAIN, RANGES, 25.0, **options)
    again = sampled(PLAIN, dict(reversed(RANGES.items())), 25.0, **options)
    pd.testing.assert_frame_equal(first, again)
    assert not first.equals(sampled(PLAIN, RANGES, 25.0, draws=50, seed=4))


def test_intervals_are_order_statistics_and_a_target_out_of_reach_counts_as_the_largest() -> None:
    draws = pd.DataFrame({"a": np.arange(101.0), BREAK_EVEN: [0.5] * 60 + [np.inf] * 41, "never": [np.inf] * 101})
    found = intervals(draws)
    assert found.loc["a"].tolist() == [50.0, 5.0, 95.0]
    assert found.loc[BREAK_EVEN, ["value", "low"]].tolist() == [0.5, 0.5]
    assert np.isnan(found.loc[BREAK_EVEN, "high"])
    assert found.loc["never"].isna().all()


def test_a_draw_carries_its_own_break_even() -> None:
    draws = sampled(replace(PLAIN, specificity=0.9), {"specificity": (0.7, 1.0)}, 29.0, draws=200, seed=0)
    assert np.isinf(draws[BREAK_EVEN]).any()
    assert (draws[BREAK_EVEN] <= 1).any()


@pytest.mark.parametrize(
    ("ranges", "message"),
    [
        ({"specifity": (0, 1)}, "unknown inputs: specifity; known: visits_high"),
        ({"specificity": (0.85, 0.95)}, "specificity is 0.8, outside its range from 0.85 to 0.95"),
        ({"specificity": (0.5, 1.5)}, "specificity is 1.5; expected a share"),
    ],
)
def test_a_wrong_range_is_named(ranges: dict[str, tuple[float, float]], message: str) -> None:
    with pytest.raises(ScenarioError, match=message):
        list(one_way(PLAIN, ranges))
    with pytest.raises(ScenarioError, match=message):
        sampled(PLAIN, ranges, 25.0, draws=10)


def test_wrong_grids_draws_and_distributions_are_named() -> None:
    with pytest.raises(ScenarioError, match="a grid has two inputs; found adoption"):
        list(two_way(PLAIN, {"adoption": [0, 1]}))
    with pytest.raises(ScenarioError, match="draws is 0"):
        sampled(PLAIN, {}, 25.0, draws=0)
    with pytest.raises(ScenarioError, match="distribution is normal"):
        sampled(PLAIN, {}, 25.0, distribution="normal")  # type: ignore[arg-type]
