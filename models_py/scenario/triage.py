"""Digital triage between two tiers of care: what one set of assumptions implies. Arithmetic, not an estimate.

Belongs here: the inputs with their units and limits, and the results of one set of them. Does not belong here: varying
them (sweeps.py) and solving for one of them (break_even.py).

A device at a primary facility says whether a visitor needs the high tier. With visits V_h and V_p, routine share r of
high-tier visits, share a of primary facilities equipped, acceptance c, sensitivity se, specificity sp and serious share
q at primary:

    diverted    = V_h a c [r sp + (1 - r)(1 - se)]     of these missed serious = V_h a c (1 - r)(1 - se)
    up-referred = V_p a [(1 - q)(1 - sp) + q se]
    V_h'        = V_h - diverted + up-referred + returning x missed serious,   V_p' the reverse
    occupancy'  = occupancy (1 + eps dV / V), at most 100 %

What the formulas leave open, and what is done here:

- A missed serious case counts as relief of the high tier and as harm. It stays in `diverted`, as the formula has it;
  `missed_serious` is given beside, and `returning` (0 by default) takes those who come back out of the relief.
- Those diverted have just been read by the device; they are not read again. Up-referral is taken from primary's own
  visits V_p, so that nobody is both diverted and up-referred.
- Whoever is up-referred goes: no acceptance is applied. Some would have been referred without the device, so
  `up_referred` is an upper bound of what the device adds.
- The share of facilities equipped stands for the share of visitors who find one, on both sides.
- Accepted visitors whom the device sends on to the high tier count as high-tier visits alone.
- One response eps for both tiers; an occupancy that would exceed 100 % is held there, and the result says so.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, fields

from catalog.base import refuse

SHARES = (
    "routine_share",
    "adoption",
    "acceptance",
    "sensitivity",
    "specificity",
    "serious_share",
    "occupancy_response",
    "returning",
)
VISITS = ("visits_high", "visits_primary")
OCCUPANCIES = ("occupancy_high", "occupancy_primary")
FULL = 100.0
PER = 10_000


class ScenarioError(ValueError):
    """An assumption is impossible or missing; the message names it, what was found and what is expected."""


@dataclass(frozen=True)
class TriageInputs:
    """One set of assumptions.

    Visits in any one unit, above 0. Occupancies in %, above 0 and at most 100. All others are shares from 0 to 1:
    `routine_share` of high-tier visits, `adoption` (of primary facilities equipped), `acceptance`, `sensitivity` and
    `specificity` for "needs the high tier", `serious_share` of primary visits, `occupancy_response` (relative change
    of occupancy for one of visits), `returning` (of missed serious cases, to the high tier).
    Raises ScenarioError for a value that is not finite or outside its range.
    """

    visits_high: float
    visits_primary: float
    routine_share: float
    adoption: float
    acceptance: float
    sensitivity: float
    specificity: float
    serious_share: float
    occupancy_response: float
    occupancy_high: float
    occupancy_primary: float
    returning: float = 0.0

    def __post_init__(self) -> None:
        for field in fields(self):
            value, expected = getattr(self, field.name), _expected(field.name)
            refuse(
                (not _allowed(field.name, value), f"{field.name} is {value}; expected {expected}"),
                error=ScenarioError,
            )

    @property
    def gap(self) -> float:
        """Occupancy of the high tier less that of primary care, in percentage points."""
        return self.occupancy_high - self.occupancy_primary

    @property
    def moved_fully_equipped(self) -> float:
        """Visits moved from the high tier to primary care, net, with every facility equipped; may be negative."""
        diverted, missed, up_referred = _flows(self, 1.0)
        return diverted - self.returning * missed - up_referred


def _expected(name: str) -> str:
    if name in SHARES:
        return "a share from 0 to 1"
    return "visits above 0" if name in VISITS else f"% above 0 and at most {FULL:g}, where the scenario caps it"


def _allowed(name: str, value: float) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return False
    return 0 <= value <= 1 if name in SHARES else 0 < value <= (math.inf if name in VISITS else FULL)


@dataclass(frozen=True)
class TriageResult:
    """What a set of assumptions implies.

    Visits and cases in the unit of the visits given; shares of all visits; occupancies in %; `occupancy_gap` (high tier
    less primary) and `imbalance_change` (that gap less the baseline's) in percentage points.
    `missed_per_10000`: missed serious cases per 10,000 diverted visits, None if nobody is diverted.
    `high_capped`, `primary_capped`: the cap of 100 % binds.
    """

    diverted: float
    missed_serious: float
    missed_per_10000: float | None
    up_referred: float
    visits_high: float
    visits_primary: float
    high_share: float
    primary_share: float
    occupancy_high: float
    occupancy_primary: float
    occupancy_gap: float
    imbalance_change: float
    high_capped: bool
    primary_capped: bool


def triage(inputs: TriageInputs) -> TriageResult:
    """What `inputs` imply. Without adoption every figure of the baseline comes back unchanged, to the last bit."""
    diverted, missed, up_referred = _flows(inputs, inputs.adoption)
    moved = diverted - inputs.returning * missed - up_referred
    visits_high, visits_primary = inputs.visits_high - moved, inputs.visits_primary + moved
    total = visits_high + visits_primary
    high = inputs.occupancy_high * (1 - inputs.occupancy_response * moved / inputs.visits_high)
    primary = inputs.occupancy_primary * (1 + inputs.occupancy_response * moved / inputs.visits_primary)
    gap = min(high, FULL) - min(primary, FULL)
    return TriageResult(
        diverted=diverted,
        missed_serious=missed,
        missed_per_10000=PER * missed / diverted if diverted > 0 else None,
        up_referred=up_referred,
        visits_high=visits_high,
        visits_primary=visits_primary,
        high_share=visits_high / total,
        primary_share=visits_primary / total,
        occupancy_high=min(high, FULL),
        occupancy_primary=min(primary, FULL),
        occupancy_gap=gap,
        imbalance_change=gap - inputs.gap,
        high_capped=high > FULL,
        primary_capped=primary > FULL,
    )


def _flows(inputs: TriageInputs, adoption: float) -> tuple[float, float, float]:
    """Diverted visits, the serious cases missed among them, and up-referred visits."""
    offered = inputs.visits_high * adoption * inputs.acceptance
    missed = offered * (1 - inputs.routine_share) * (1 - inputs.sensitivity)
    diverted = offered * inputs.routine_share * inputs.specificity + missed
    serious, routine = inputs.serious_share, 1 - inputs.serious_share
    flagged = routine * (1 - inputs.specificity) + serious * inputs.sensitivity
    return diverted, missed, inputs.visits_primary * adoption * flagged
