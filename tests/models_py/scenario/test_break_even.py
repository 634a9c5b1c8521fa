"""The break-even adoption brings the gap to the target, on every piece of the line; what is said where none is."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models_py.scenario import ScenarioError, TriageInputs, break_even, triage
from tests.models_py.scenario.made_up import ANY, PLAIN

# A device that moves visits to primary care.
RELIEF = replace(PLAIN, specificity=1.0)


def test_the_plain_case_in_closed_form() -> None:
    # With every facility equipped 250 + 25 - 90 = 185 visits move; the gap falls by 0.3 x (80/1000 + 50/2000) for each.
    found = break_even(RELIEF, 25.0)
    assert found.adoption == pytest.approx(5 / (185 * 0.3 * (80 / 1000 + 50 / 2000)))
    assert (found.outcome, found.target_gap) == ("reached", 25.0)
    assert found.result is not None
    assert found.result.occupancy_gap == pytest.approx(25.0, abs=1e-12)
    assert found.gap_fully_equipped == triage(replace(RELIEF, adoption=1.0)).occupancy_gap


@given(ANY, st.floats(-100, 100))
def test_reached_means_at_the_target_and_anything_else_that_no_adoption_gets_there(
    inputs: TriageInputs, target: float
) -> None:
    found = break_even(inputs, target)
    gaps = [triage(replace(inputs, adoption=share / 10)).occupancy_gap for share in range(11)]
    if found.outcome == "reached":
        assert found.adoption is not None and 0 <= found.adoption <= 1
        assert triage(replace(inputs, adoption=found.adoption)).occupancy_gap == pytest.approx(target, abs=1e-8)
        assert found.result == triage(replace(inputs, adoption=found.adoption))
    elif found.outcome == "already":
        assert (found.adoption, gaps[0] <= target) == (0.0, True)
    else:
        assert found.adoption is None and found.result is None
        assert min(gaps) > target - 1e-8


def test_the_gap_is_met_where_the_cap_of_primary_care_binds() -> None:
    full = replace(RELIEF, occupancy_primary=99.9, occupancy_high=99.95, occupancy_response=1.0)
    found = break_even(full, -15.0)
    assert found.result is not None
    assert found.result.primary_capped
    assert found.result.occupancy_gap == pytest.approx(-15.0, abs=1e-9)


@pytest.mark.parametrize(
    ("inputs", "target", "outcome"),
    [
        (RELIEF, 10.0, "out_of_reach"),
        (PLAIN, 25.0, "wrong_way"),
        (PLAIN, 30.0, "already"),
        (RELIEF, 40.0, "already"),
        (replace(RELIEF, occupancy_response=0.0), 25.0, "no_effect"),
        (replace(RELIEF, acceptance=0.0, serious_share=0.0), 25.0, "no_effect"),
    ],
)
def test_what_is_said_where_no_adoption_is_needed_or_none_helps(
    inputs: TriageInputs, target: float, outcome: str
) -> None:
    found = break_even(inputs, target)
    assert found.outcome == outcome
    assert found.adoption == (0.0 if outcome == "already" else None)


@pytest.mark.parametrize("target", [101.0, -100.5, float("nan")])
def test_an_impossible_target_is_named(target: float) -> None:
    with pytest.raises(ScenarioError, match=r"target_gap is .* expected percentage points from -100 to 100"):
        break_even(PLAIN, target)
