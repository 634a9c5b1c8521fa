"""The adoption from which the occupancy gap is no wider than a chosen value: in closed form.

Belongs here: that one question; "cannot be reached" is an answer to it. Does not belong here: other results
(triage.py).

With n visits moved from the high tier to primary care, net, the gap is

    min(100, O_h (1 - eps n / V_h)) - min(100, O_p (1 + eps n / V_p)),

which falls in n, with a kink where either cap begins to bind. n itself is adoption times the visits moved with every
facility equipped.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Literal

from catalog.base import refuse
from models_py.scenario.triage import FULL, ScenarioError, TriageInputs, TriageResult, triage

Outcome = Literal["reached", "already", "out_of_reach", "wrong_way", "no_effect"]


@dataclass(frozen=True)
class BreakEven:
    """`adoption` (share) at which the gap has come down to `target_gap` (percentage points), and what holds there; both
    None if there is none.

    `outcome`: reached; already (the baseline's gap is no wider, so no adoption is needed); out_of_reach (not even with
    every facility equipped); wrong_way (adoption widens the gap); no_effect (adoption does not move it).
    `gap_fully_equipped`: the gap with every facility equipped.
    """

    target_gap: float
    outcome: Outcome
    adoption: float | None
    result: TriageResult | None
    gap_fully_equipped: float


def break_even(inputs: TriageInputs, target_gap: float) -> BreakEven:
    """The least adoption that brings the gap down to `target_gap`, whatever the adoption of `inputs`.

    Raises ScenarioError for a target outside -100 to 100 percentage points.
    """
    valid = math.isfinite(target_gap) and -FULL <= target_gap <= FULL
    expected = f"expected percentage points from {-FULL:g} to {FULL:g}"
    refuse((not valid, f"target_gap is {target_gap}; {expected}"), error=ScenarioError)
    at_full = triage(replace(inputs, adoption=1.0)).occupancy_gap
    if inputs.gap <= target_gap:
        return BreakEven(target_gap, "already", 0.0, triage(replace(inputs, adoption=0.0)), at_full)
    if at_full == inputs.gap:
        return BreakEven(target_gap, "no_effect", None, None, at_full)
    adoption = _visits_to_move(inputs, target_gap) / inputs.moved_fully_equipped
    if not 0 <= adoption <= 1:
        return BreakEven(target_gap, "wrong_way" if adoption < 0 else "out_of_reach", None, None, at_full)
    return BreakEven(target_gap, "reached", adoption, triage(replace(inputs, adoption=adoption)), at_full)


def _visits_to_move(inputs: TriageInputs, target: float) -> float:
    """n at which the gap is `target`, on the piece of the line that holds there."""
    eps = inputs.occupancy_response
    per_high, per_primary = (
        eps * inputs.occupancy_high / inputs.visits_high,
        eps * inputs.occupancy_primary / inputs.visits_primary,
    )
    free = (inputs.gap - target) / (per_high + per_primary)
    if inputs.occupancy_high - per_high * free > FULL:
        return (FULL - inputs.occupancy_primary - target) / per_primary
    if inputs.occupancy_primary + per_primary * free > FULL:
        return (inputs.occupancy_high - FULL - target) / per_high
    return free
