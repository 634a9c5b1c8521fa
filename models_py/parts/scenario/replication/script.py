"""Digital triage between two tiers of care: what follows from the assumptions. A scenario, not an estimate.

`inputs`: scenario, input, value, low, high.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

HALVINGS = 60


def compute(data: Mapping[str, pd.DataFrame], lists: Mapping[str, Sequence[Any]]) -> pd.DataFrame:
    """Every result of every scenario under every set of assumptions."""
    found = []
    for scenario, rows in data["inputs"].groupby("scenario"):
        ends = rows.set_index("input")
        own = {str(name): float(value) for name, value in ends["value"].items()}
        runs = {"baseline": triage(own, 0.0), "zero_adoption": triage(own, 0.0), "central": triage(own)}
        for name in lists["inputs_swept"]:
            if ends.loc[name, "low"] < ends.loc[name, "high"]:
                for end in ("low", "high"):
                    runs[f"one_way: {name}={end}"] = triage({**own, name: ends.loc[name, end]})
        runs["break_even"] = break_even(own)
        found += [(scenario, run, *result) for run, results in runs.items() for result in results.items()]
    return pd.DataFrame(found, columns=["scenario", "run", "metric", "value"])


def triage(given: Mapping[str, float], adoption: float | None = None) -> dict[str, float]:
    """Results of one set of assumptions, at its own adoption or another."""
    a = given["adoption"] if adoption is None else adoption
    v_h, v_p, r, q = (given[name] for name in ("visits_high", "visits_primary", "routine_share", "serious_share"))
    se, sp, eps = (given[name] for name in ("sensitivity", "specificity", "occupancy_response"))
    missed = v_h * a * given["acceptance"] * (1 - r) * (1 - se)
    diverted = v_h * a * given["acceptance"] * (r * sp + (1 - r) * (1 - se))
    up = v_p * a * ((1 - q) * (1 - sp) + q * se)
    moved = diverted - given["returning"] * missed - up
    high = given["occupancy_high"] * (1 - eps * moved / v_h)
    primary = given["occupancy_primary"] * (1 + eps * moved / v_p)
    gap = min(high, 100.0) - min(primary, 100.0)
    return {
        "diverted": diverted,
        "missed_serious": missed,
        "missed_per_10000": 10_000 * missed / diverted if diverted > 0 else float("nan"),
        "up_referred": up,
        "visits_high": v_h - moved,
        "visits_primary": v_p + moved,
        "high_share": (v_h - moved) / (v_h + v_p),
        "primary_share": (v_p + moved) / (v_h + v_p),
        "occupancy_high": min(high, 100.0),
        "occupancy_primary": min(primary, 100.0),
        "occupancy_gap": gap,
        "imbalance_change": gap - (given["occupancy_high"] - given["occupancy_primary"]),
        "high_capped": float(high > 100),
        "primary_capped": float(primary > 100),
    }


def break_even(given: Mapping[str, float]) -> dict[str, float]:
    """The least adoption at which the gap is no wider than sought, by halving: the gap moves one way with adoption."""
    target = given["target_gap"]
    none, full = (triage(given, adoption)["occupancy_gap"] for adoption in (0.0, 1.0))
    low, high = 0.0, 0.0 if none <= target else 1.0
    reached = none > target and full <= target
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        low, high = (low, middle) if triage(given, middle)["occupancy_gap"] <= target else (middle, high)
    answers = {"target_gap": target, "break_even_reached": float(reached), "gap_fully_equipped": full}
    if none > target and not reached:
        return answers
    return {**triage(given, high), **answers, "break_even_adoption": high}
