"""One set of inputs: the formulas written out, identities, directions, what is refused."""

from __future__ import annotations

from dataclasses import asdict, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models_py.scenario import ScenarioError, TriageInputs, triage
from tests.models_py.scenario.made_up import ANY, PLAIN


def test_the_formulas_written_out() -> None:
    found = triage(PLAIN)
    # 1000 x 0.4 x 0.5 = 200 are offered; 80 of 100 routine ones are diverted, and 10 of 100 serious ones.
    assert found.diverted == pytest.approx(90)
    assert found.missed_serious == pytest.approx(10)
    assert found.missed_per_10000 == pytest.approx(10_000 / 9)
    # 2000 x 0.4 = 800 are read at primary: of 760 routine ones 152 are sent up, of 40 serious ones 36.
    assert found.up_referred == pytest.approx(188)
    assert found.visits_high == pytest.approx(1098)
    assert found.visits_primary == pytest.approx(1902)
    assert found.high_share == pytest.approx(0.366)
    assert found.occupancy_high == pytest.approx(80 * (1 + 0.3 * 98 / 1000))
    assert found.occupancy_primary == pytest.approx(50 * (1 - 0.3 * 98 / 2000))
    assert found.occupancy_gap == pytest.approx(found.occupancy_high - found.occupancy_primary)
    assert found.imbalance_change == pytest.approx(found.occupancy_gap - 30)


def test_missed_cases_that_return_relieve_nobody() -> None:
    plain, back = triage(PLAIN), triage(replace(PLAIN, returning=1.0))
    assert back.visits_high - plain.visits_high == pytest.approx(plain.missed_serious)
    assert (back.missed_serious, back.diverted) == (plain.missed_serious, plain.diverted)


@given(ANY)
def test_zero_adoption_returns_the_baseline_to_the_last_bit(inputs: TriageInputs) -> None:
    found = triage(replace(inputs, adoption=0.0))
    names = ("visits_high", "visits_primary", "occupancy_high", "occupancy_primary")
    assert [getattr(found, name) for name in names] == [getattr(inputs, name) for name in names]
    assert found.occupancy_gap == inputs.occupancy_high - inputs.occupancy_primary
    assert (found.imbalance_change, found.diverted, found.missed_serious, found.up_referred) == (0, 0, 0, 0)
    assert found.missed_per_10000 is None


@given(ANY)
def test_visits_are_conserved_and_figures_possible(inputs: TriageInputs) -> None:
    found, total = triage(inputs), inputs.visits_high + inputs.visits_primary
    assert found.visits_high + found.visits_primary == pytest.approx(total, rel=1e-12)
    assert found.high_share + found.primary_share == pytest.approx(1, abs=1e-12)
    assert 0 <= found.missed_serious <= found.diverted <= inputs.visits_high
    assert min(found.visits_high, found.visits_primary) >= -1e-9 * total
    assert 0 <= found.occupancy_high <= 100
    assert 0 <= found.occupancy_primary <= 100


@given(ANY, st.floats(0, 1))
def test_directions(inputs: TriageInputs, other: float) -> None:
    """More adoption diverts and misses more; a better device misses fewer, or diverts more of the routine."""

    def pair(name: str) -> tuple[float, float]:
        low, high = sorted((getattr(inputs, name), other))
        return low, high

    for name, metric, sign in (
        ("adoption", "diverted", 1),
        ("adoption", "missed_serious", 1),
        ("acceptance", "visits_high", -1 if inputs.returning < 1 else 0),
        ("sensitivity", "missed_serious", -1),
        ("sensitivity", "up_referred", 1),
        ("specificity", "visits_high", -1),
        ("specificity", "up_referred", -1),
        ("routine_share", "missed_serious", -1),
        ("returning", "visits_high", 1),
    ):
        low, high = (getattr(triage(replace(inputs, **{name: value})), metric) for value in pair(name))
        assert sign * (high - low) >= -1e-9 * inputs.visits_high, (name, metric)


def test_the_cap_binds_and_says_so() -> None:
    crowded = replace(PLAIN, occupancy_high=99.0)
    found = triage(crowded)
    assert (found.occupancy_high, found.high_capped, found.primary_capped) == (100, True, False)
    assert not triage(PLAIN).high_capped
    relieved = triage(replace(PLAIN, specificity=1.0, sensitivity=0.0, occupancy_primary=99.5))
    assert (relieved.occupancy_primary, relieved.primary_capped) == (100, True)


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("adoption", 1.2, "a share from 0 to 1"),
        ("sensitivity", -0.1, "a share from 0 to 1"),
        ("returning", float("nan"), "a share from 0 to 1"),
        ("visits_high", 0, "visits above 0"),
        ("visits_primary", float("inf"), "visits above 0"),
        ("occupancy_high", 102.9, "at most 100"),
        ("occupancy_primary", 0, "% above 0"),
        ("specificity", "0.9", "a share from 0 to 1"),
        ("adoption", True, "a share from 0 to 1"),
    ],
)
def test_an_impossible_input_is_named(name: str, value: object, expected: str) -> None:
    with pytest.raises(ScenarioError, match=f"{name} is {value}; expected .*{expected}"):
        TriageInputs(**{**asdict(PLAIN), name: value})
